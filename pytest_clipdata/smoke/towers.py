"""The two towers of CLIP, SigLIP and SigLIP 2 seen alike: features first, then a head of each that ends in one space.

CLIP ends in two projections of pooled features. SigLIP's pictures end in attention pooling over the patches and its
texts in a linear layer over the last position, so that padding is part of a text and no mask is given (Zhai et al.
2023, arXiv:2303.15343; transformers' ``SiglipModel``). SigLIP 2 also says which patches are padding.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What a processor gives of a picture that the tower takes; `pixel_values` is always there.
PICTURE_INPUTS = ("pixel_values", "pixel_attention_mask", "spatial_shapes")


class Towers:
    """The towers of a ``CLIPModel``, ``SiglipModel`` or ``Siglip2Model`` of transformers."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self._clip = model.config.model_type == "clip"

    @property
    def width(self) -> int:
        """Numbers of an embedding."""
        config = self.model.config
        return int(config.projection_dim if self._clip else config.text_config.projection_size)

    @property
    def heads(self) -> dict[str, Any]:
        """What turns features into embeddings, of each tower."""
        model = self.model
        if self._clip:
            return {"picture": model.visual_projection, "text": model.text_projection}
        return {"picture": model.vision_model.head, "text": model.text_model.head}

    @property
    def parts(self) -> dict[str, Any]:
        """All that learns, of each tower."""
        import torch

        model = self.model
        if self._clip:
            pictures, texts = [model.vision_model, model.visual_projection], [model.text_model, model.text_projection]
            return {"picture": torch.nn.ModuleList(pictures), "text": torch.nn.ModuleList(texts)}
        return {"picture": model.vision_model, "text": model.text_model}

    def picture_features(self, pictures: Mapping[str, Any]) -> Any:
        """Features of pictures before the head; ``pictures`` are tensors by the names of ``PICTURE_INPUTS``."""
        seen = self.model.vision_model(**pictures)
        return seen.pooler_output if self._clip else seen.last_hidden_state

    def text_features(self, ids: Any, mask: Any) -> Any:
        """Features of texts before the head; ``ids`` and ``mask`` are (texts, tokens)."""
        if self._clip:
            return self.model.text_model(input_ids=ids, attention_mask=mask).pooler_output
        return self.model.text_model(input_ids=ids).last_hidden_state[:, -1]

    def embedded_pictures(self, features: Any, pictures: Mapping[str, Any]) -> Any:
        """Embeddings (pictures, width) in float32, not normalised."""
        shown = pictures.get("pixel_attention_mask")
        head = self.heads["picture"]
        return (head(features) if shown is None else head(features, shown)).float()

    def embedded_texts(self, features: Any) -> Any:
        """Embeddings (texts, width) in float32, not normalised."""
        return self.heads["text"](features).float()
