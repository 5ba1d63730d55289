"""What a checkpoint says of itself in ``config.json``, read as plain JSON: no heavy import, no code of anybody's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Any

from pytest_clipdata.settings.models import Model
from pytest_clipdata.smoke.values import SmokeError, missing_extra

_FILES = ["*.json", "*.safetensors", "merges.txt", "vocab.txt", "*.model"]
#: The kinds of model that load and train, and what transformers takes where a config leaves it out.
KINDS: Mapping[str, Mapping[str, int]] = {
    "clip": {"image_size": 224, "max_position_embeddings": 77},
    "siglip": {"image_size": 224, "max_position_embeddings": 64},
    "siglip2": {"num_patches": 256, "patch_size": 16, "max_position_embeddings": 64},
}


@dataclass(frozen=True, slots=True)
class Config:
    """As much of ``config.json`` as is asked for: ``side`` in pixels, ``positions`` in tokens.

    A siglip2 model takes pictures of any shape as at most so many patches: its side is that of a square of them.
    """

    kind: str
    side: int
    positions: int


def described(model: str, *, allow_download: bool) -> Model:
    """What the checkpoint ``model`` reads, as the settings want it, before anything is measured.

    Raises:
        SmokeError: the packages, the checkpoint or its config cannot be had, or it is no model that trains here.
    """
    if why := missing_extra():
        raise SmokeError(f"{model} was asked for, but {why}")
    folder = find_checkpoint(model, allow_download=allow_download)
    config = read_config(folder)
    if why := no_tokenizer(folder) if isinstance(config, Config) else config:
        raise SmokeError(f"the checkpoint {model} cannot be used: {why}")
    assert isinstance(config, Config)
    return Model(config.kind, config.side, config.positions, "checkpoint", folder, fingerprint(folder))


def read_config(folder: Path) -> Config | str:
    """The config of a checkpoint, or why it cannot be used. transformers only warns about another kind of model."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        config = None
    if not isinstance(config, dict):
        return "it has no config.json that can be read"
    kind = str(config.get("model_type", "nameless"))
    defaults = KINDS.get(kind)
    if defaults is None:
        return f"it is a {kind[:100]!r} model, not {', '.join(map(repr, KINDS))}"
    parts = [part for name in ("vision_config", "text_config") if isinstance(part := config.get(name), dict)]
    given: dict[str, Any] = dict(defaults)
    for part in parts:
        given |= {name: part[name] for name in defaults if name in part}
    if not all(type(number) is int and 0 < number < 2**20 for number in given.values()):
        return f"its config.json has a {' or a '.join(defaults)} that is no size"
    side = given.get("image_size") or isqrt(given["num_patches"]) * given["patch_size"]
    return Config(kind, side, given["max_position_embeddings"])


def no_tokenizer(folder: Path) -> str | None:
    """Why the files of a checkpoint hold no tokenizer, or None."""
    files = {path.name for path in folder.iterdir()}
    if files & {"tokenizer.json", "spiece.model", "tokenizer.model"} or {"vocab.json", "merges.txt"} <= files:
        return None
    return "it has no tokenizer files (tokenizer.json, spiece.model, or vocab.json with merges.txt)"


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
            raise SmokeError(f"the checkpoint {model} could not be downloaded: {first_line(error)}") from error
        raise SmokeError(
            f"the checkpoint {model} is neither a folder nor in the local Hugging Face cache"
            " (--clip-allow-download fetches it)"
        ) from error


def fingerprint(folder: Path) -> str:
    """32 hex digits that change with the files of a checkpoint: small ones by content, weights by size and time."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".json", ".txt", ".safetensors", ".model") or not path.is_file():
            continue
        facts = path.stat()
        digest.update(f"{path.name}\0{facts.st_size}\0".encode())
        if path.suffix == ".safetensors" or facts.st_size > 16 * 2**20:
            digest.update(str(facts.st_mtime_ns).encode())
        else:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def first_line(error: BaseException | None) -> str:
    """The first line of an error's words, at most 200 characters, its class where it has none."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
