"""Loading a CLIP checkpoint so that nothing about it goes wrong in silence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.smoke.tokens import bounded
from pytest_clipdata.smoke.values import SmokeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

_FILES = ["*.json", "*.safetensors", "merges.txt", "vocab.txt"]
#: Two texts that any tokenizer of a CLIP must tell apart.
_PROBE = ("a photo of a red shirt", "two blue shoes on white")


@dataclass(frozen=True)
class Checkpoint:
    """A CLIPModel in float32 on the CPU, in evaluation mode, with the tokenizer and image processor it came with."""

    name: str
    model: Any
    tokenizer: Any
    processor: Any
    positions: int  #: longest token row, both end marks included
    side: int  #: pixels of a side of the pictures
    parameters: int
    stored_dtype: str  #: of the weights in the file, ``float32`` or what they were

    def tokens(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Ids and mask, both int64 of shape (texts, longest row): cut to the context, padded to the longest."""
        rows = self.tokenizer(
            [bounded(text) for text in texts],
            truncation=True,
            max_length=self.positions,
            padding="longest",
            return_attention_mask=True,
            return_tensors="np",
        )
        return rows["input_ids"].astype("int64"), rows["attention_mask"].astype("int64")

    def pixels(self, picture: Image.Image) -> NDArray[np.float32]:
        """An RGB picture through the checkpoint's own processor: float32 of shape (3, side, side)."""
        values: NDArray[np.float32] = self.processor(images=picture, return_tensors="np")["pixel_values"][0]
        return values.astype("float32", copy=False)


def find_checkpoint(model: str, *, allow_download: bool) -> Path:
    """The folder of a checkpoint: ``model`` itself, or the snapshot of that Hugging Face id.

    Without ``allow_download`` the local Hugging Face cache is looked at and no connection is opened.

    Raises:
        SmokeError: it is neither, or the download failed.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder
    if folder.exists() or model.startswith((".", "/", "~")) or model.count("/") > 1 or "\\" in model:
        raise SmokeError(f"the checkpoint {model} is not a folder")
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, allow_patterns=_FILES, local_files_only=not allow_download))
    except Exception as error:  # a dozen classes of the hub client, of its http client, and OSError
        if allow_download:
            raise SmokeError(f"the checkpoint {model} could not be downloaded: {_first_line(error)}") from error
        raise SmokeError(
            f"the checkpoint {model} is neither a folder nor in the local Hugging Face cache"
            " (--clip-allow-download fetches it)"
        ) from error


def fingerprint(folder: Path) -> str:
    """32 hex digits that change with the files of a checkpoint: small ones by content, weights by size and time."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".json", ".txt", ".safetensors") or not path.is_file():
            continue
        facts = path.stat()
        digest.update(f"{path.name}\0{facts.st_size}\0".encode())
        if path.suffix == ".safetensors" or facts.st_size > 16 * 2**20:
            digest.update(str(facts.st_mtime_ns).encode())
        else:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def load_checkpoint(model: str, *, allow_download: bool = False) -> Checkpoint:
    """A CLIP checkpoint from a folder or a Hugging Face id: safetensors only, no remote code, float32.

    Raises:
        SmokeError: anything about it that would otherwise train or score nonsense: another kind of model, a file
            that is missing, truncated, or a Git LFS pointer, weights that are missing (they would be random) or not
            finite, a tokenizer that does not belong to the model or cannot tell two texts apart.
    """
    folder = find_checkpoint(model, allow_download=allow_download)

    def refuse(why: str, error: Exception | None = None) -> SmokeError:
        return SmokeError(
            f"the checkpoint {model} cannot be used: {why}" + (f" ({_first_line(error)})" if error else "")
        )

    kind = _model_type(folder)
    if kind != "clip":
        raise refuse(
            "it has no config.json that can be read" if kind is None else f"it is a {kind!r} model, not 'clip'"
        )
    stored = _weight_files(folder)
    if isinstance(stored, str):
        raise refuse(stored)
    if not (folder / "preprocessor_config.json").is_file() and not (folder / "processor_config.json").is_file():
        raise refuse("it has no preprocessor_config.json, so nobody knows how its pictures are prepared")
    if not (folder / "tokenizer.json").is_file() and not (
        (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file()
    ):
        raise refuse("it has no tokenizer files (tokenizer.json, or vocab.json with merges.txt)")

    import torch
    from transformers import AutoImageProcessor, AutoTokenizer, CLIPModel

    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        clip, info = CLIPModel.from_pretrained(
            folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, local_files_only=True
        )
    except Exception as error:  # SafetensorError, OSError, RuntimeError for shapes, validation errors of the config
        raise refuse("its weights cannot be loaded", error) from error
    if missing := sorted(info["missing_keys"]):
        raise refuse(f"{len(missing)} weights are missing and would be random, {missing[0]} for one")
    if not all(bool(torch.isfinite(weight).all()) for weight in clip.parameters()):
        raise refuse("its weights hold values that are not finite")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, **local)
        processor = AutoImageProcessor.from_pretrained(folder, backend="pil", **local)
    except Exception as error:
        raise refuse("its tokenizer or image processor cannot be loaded", error) from error

    text_config = clip.config.text_config
    checkpoint = Checkpoint(
        name=model,
        model=clip.eval(),
        tokenizer=tokenizer,
        processor=processor,
        positions=int(text_config.max_position_embeddings),
        side=int(clip.config.vision_config.image_size),
        parameters=sum(weight.numel() for weight in clip.parameters()),
        stored_dtype=stored[0],
    )
    if why := _misfit(checkpoint):
        raise refuse(why)
    return checkpoint


def _model_type(folder: Path) -> str | None:
    """``model_type`` of config.json, read as plain JSON: transformers only warns about another one."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return str(config.get("model_type", "nameless")) if isinstance(config, dict) else None


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
            return f"{path.name} is truncated or not a safetensors file ({_first_line(error)})"
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
        grey = checkpoint.pixels(Image.new("RGB", (checkpoint.side + 3, checkpoint.side + 8), (128, 128, 128)))
    except Exception as error:
        return f"its tokenizer or image processor fails on a probe ({_first_line(error)})"
    if ids.max() >= vocabulary or ids.min() < 0:
        return f"its tokenizer gives id {ids.max()}, but the model has {vocabulary}"
    if np.array_equal(ids[0], ids[1]):
        return "its tokenizer gives two different texts the same tokens"
    if grey.shape != (3, checkpoint.side, checkpoint.side) or not np.isfinite(grey).all():
        return f"its image processor gives {grey.shape}, but the model needs (3, {checkpoint.side}, {checkpoint.side})"
    with torch.no_grad():
        text = checkpoint.model.text_model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask))
    if torch.equal(text.pooler_output[0], text.pooler_output[1]):
        return "its text tower gives two different texts the same features (is eos_token_id the tokenizer's?)"
    return None


def _first_line(error: BaseException | None) -> str:
    """The first line of an error's words, at most 200 characters, its class where it has none."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
