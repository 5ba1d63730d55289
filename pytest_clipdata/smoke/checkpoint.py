"""Loading a checkpoint of CLIP, SigLIP or SigLIP 2 so that nothing about it goes wrong in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.smoke.described import find_checkpoint, first_line, no_tokenizer, read_config
from pytest_clipdata.smoke.tokens import bounded
from pytest_clipdata.smoke.towers import PICTURE_INPUTS, Towers
from pytest_clipdata.smoke.values import SmokeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

#: Two texts that any tokenizer of a CLIP must tell apart.
_PROBE = ("a photo of a red shirt", "two blue shoes on white")


@dataclass(frozen=True)
class Checkpoint:
    """A model in float32 on the CPU, in evaluation mode, with the tokenizer and image processor it came with."""

    name: str
    kind: str  #: ``clip``, ``siglip`` or ``siglip2``
    model: Any
    tokenizer: Any
    processor: Any
    positions: int  #: longest token row, both end marks included
    side: int  #: pixels of a side of the pictures, of a square one where they may have any shape
    parameters: int
    stored_dtype: str  #: of the weights in the file, ``float32`` or what they were

    def tokens(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ids and mask, both int64 of shape (texts, tokens): cut to the context, padded to the longest.

        SigLIP was trained on rows padded to its context and looks at the last position: its rows are that long.
        """
        rows = self.tokenizer(
            [bounded(text) for text in texts],
            truncation=True,
            max_length=self.positions,
            padding="longest" if self.kind == "clip" else "max_length",
            return_attention_mask=True,
            return_tensors="np",
        )
        return rows["input_ids"].astype("int64"), rows["attention_mask"].astype("int64")

    def pixels(self, picture: Image.Image) -> dict[str, NDArray[Any]]:
        """An RGB picture through the checkpoint's own processor, by the names that the model takes.

        ``pixel_values`` is float32 of shape (3, side, side); for siglip2 (patches, numbers of a patch), the last ones
        padding, with a mask and the patches down and across.
        """
        shown = self.processor(images=picture, return_tensors="np")
        values = {name: shown[name][0] for name in PICTURE_INPUTS if name in shown}
        return values | {"pixel_values": values["pixel_values"].astype("float32", copy=False)}


def load_checkpoint(model: str, *, allow_download: bool = False) -> Checkpoint:
    """A checkpoint from a folder or a Hugging Face id: safetensors only, no remote code, float32.

    Raises:
        SmokeError: anything about it that would otherwise train or score nonsense: another kind of model, a file
            that is missing, truncated, or a Git LFS pointer, weights that are missing (they would be random) or not
            finite, a tokenizer that does not belong to the model or cannot tell two texts apart.
    """
    folder = find_checkpoint(model, allow_download=allow_download)

    def refuse(why: str, error: Exception | None = None) -> SmokeError:
        return SmokeError(
            f"the checkpoint {model} cannot be used: {why}" + (f" ({first_line(error)})" if error else "")
        )

    config = read_config(folder)
    if isinstance(config, str):
        raise refuse(config)
    stored = _weight_files(folder)
    if isinstance(stored, str):
        raise refuse(stored)
    if not (folder / "preprocessor_config.json").is_file() and not (folder / "processor_config.json").is_file():
        raise refuse("it has no preprocessor_config.json, so nobody knows how its pictures are prepared")
    if why := no_tokenizer(folder):
        raise refuse(why)

    import torch
    from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel, Siglip2Model, SiglipModel

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        kind = {"clip": CLIPModel, "siglip": SiglipModel, "siglip2": Siglip2Model}[config.kind]
        loaded, info = kind.from_pretrained(
            folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, local_files_only=True
        )
    except Exception as error:  # SafetensorError, OSError, RuntimeError for shapes, validation errors of the config
        raise refuse("its weights cannot be loaded", error) from error
    if missing := sorted(info["missing_keys"]):
        raise refuse(f"{len(missing)} weights are missing and would be random, {missing[0]} for one")
    if not all(bool(torch.isfinite(weight).all()) for weight in loaded.parameters()):
        raise refuse("its weights hold values that are not finite")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **local)
        processor = AutoImageProcessor.from_pretrained(folder, backend="pil", **local)
    except Exception as error:
        raise refuse("its tokenizer or image processor cannot be loaded", error) from error

    if config.kind != "clip" and not loaded.vision_model.use_head:
        raise refuse("its vision tower has no head, so its pictures have no embedding")
    checkpoint = Checkpoint(
        name=model,
        kind=config.kind,
        model=loaded.eval(),
        tokenizer=tokenizer,
        processor=processor,
        positions=config.positions,
        side=config.side,
        parameters=sum(weight.numel() for weight in loaded.parameters()),
        stored_dtype=stored[0],
    )
    if why := _misfit(checkpoint):
        raise refuse(why)
    return checkpoint


def _weight_files(folder: Path) -> tuple[str] | str:
    """The dtype in which the weights are stored, in a tuple; or why they cannot be used."""
    from safetensors import SafetensorError, safe_open

    files = sorted(folder.glob("*.safetensors"))
    if not files:
        other = next((name for name in ("pytorch_model.bin", "model.pt") if (folder / name).exists()), None)
        return "it has no *.safetensors weights" + (
            f", and {other} is not loaded because it could run code" * bool(other)
        )
    dtypes: set[str] = set()
    for path in files:
        try:
            with path.open("rb") as file:
                if file.read(42).startswith(b"version https://git-lfs.github.com/spec/"):
                    return f"{path.name} is a Git LFS pointer, not the weights (git lfs pull)"
            with safe_open(path, framework="numpy") as tensors:
                dtypes |= {tensors.get_slice(name).get_dtype() for name in tensors.keys()}  # noqa: SIM118
        except (SafetensorError, OSError, ValueError) as error:
            return f"{path.name} is truncated or not a safetensors file ({first_line(error)})"
    names = {"F16": "float16", "BF16": "bfloat16", "F64": "float64"}
    odd = sorted(names[dtype] for dtype in dtypes if dtype in names)
    return (odd[0] if odd else "float32",)


def _misfit(checkpoint: Checkpoint) -> str | None:
    """Why tokenizer, processor and model do not belong together, or None."""
    import numpy as np
    import torch
    from PIL import Image

    vocabulary = int(checkpoint.model.config.text_config.vocab_size)
    if len(checkpoint.tokenizer) < min(vocabulary, 16):
        return f"its tokenizer has {len(checkpoint.tokenizer)} tokens, the model {vocabulary}: tokenizer files missing?"
    if len(checkpoint.tokenizer) > vocabulary:
        return f"its tokenizer has {len(checkpoint.tokenizer)} tokens, but the model only {vocabulary}"
    try:
        ids, mask = checkpoint.tokens(_PROBE)
        shown = checkpoint.pixels(Image.new("RGB", (checkpoint.side + 3, checkpoint.side + 8), (128, 128, 128)))
    except Exception as error:
        return f"its tokenizer or image processor fails on a probe ({first_line(error)})"
    if ids.max() >= vocabulary or ids.min() < 0:
        return f"its tokenizer gives id {ids.max()}, but the model has {vocabulary}"
    if np.array_equal(ids[0], ids[1]):
        return "its tokenizer gives two different texts the same tokens"
    grey = shown["pixel_values"]
    needed: tuple[int, ...] = (3, checkpoint.side, checkpoint.side)
    if checkpoint.kind == "siglip2":
        needed = (grey.shape[0], 3 * int(checkpoint.model.config.vision_config.patch_size) ** 2)
        if len(shown) != len(PICTURE_INPUTS):
            return f"its image processor gives {', '.join(shown)}, but the model needs {', '.join(PICTURE_INPUTS)}"
    if grey.shape != needed or not np.isfinite(grey).all():
        return f"its image processor gives {grey.shape}, but the model needs {needed}"
    with torch.no_grad():
        towers = Towers(checkpoint.model)
        features = towers.text_features(torch.tensor(ids), torch.tensor(mask))
    if torch.equal(features[0], features[1]):
        return "its text tower gives two different texts the same features (is eos_token_id the tokenizer's?)"
    return None
