"""What the models that people fine-tune read of a picture and of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Model:
    """What a model reads: ``side`` pixels of a picture's short side, ``context`` tokens of a text, its marks included.

    ``tokens`` says whose: ``clip`` or ``siglip``; a ``checkpoint`` brings its own. ``mark`` changes with its files.
    """

    name: str
    side: int
    context: int
    tokens: str
    checkpoint: Path | None = None
    mark: str | None = None


#: Radford et al. 2021 (arXiv:2103.00020), section 2.4, for CLIP; Zhai et al. 2023 (arXiv:2303.15343), section 4, and
#: Tschannen et al. 2025 (arXiv:2502.14786), section 2, for SigLIP and SigLIP 2 (their checkpoints of 224 pixels).
MODELS: Mapping[str, Model] = MappingProxyType(
    {
        model.name: model
        for model in (
            Model("clip", 224, 77, "clip"),
            Model("clip-336", 336, 77, "clip"),
            Model("siglip", 224, 64, "siglip"),
            Model("siglip2", 224, 64, "siglip"),
        )
    }
)
#: The settings that a model sets where they are not set themselves, by table and key.
SET_BY_MODEL = MappingProxyType({("resolution", "min_side"): "side", ("token_length", "max"): "context"})
