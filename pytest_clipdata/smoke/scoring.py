"""Scoring every pair of a CSV once with a named checkpoint, for ``suspect_labels``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.smoke.pixels import Opening, picture_of
from pytest_clipdata.smoke.suspicion import LabelSuspicion, PairScore, judge
from pytest_clipdata.smoke.towers import Towers
from pytest_clipdata.smoke.values import Pair, SmokeError, missing_extra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_clipdata.smoke.checkpoint import Checkpoint

_BATCH = 32  #: pictures or texts in one forward pass; halved once if memory runs out
_VERSION = 1  #: of what a cached score means


@dataclass(frozen=True, slots=True)
class LabelScores:
    """What a checkpoint says about the labels of one CSV.

    ``scores`` in row order, without the rows whose picture could not be read (``unreadable``, their numbers);
    ``suspects`` with rank 1 first; ``auc`` None if a label has no row; ``warning`` about the whole CSV, or None;
    ``skipped`` why nothing was scored.
    """

    scores: tuple[PairScore, ...] = ()
    suspects: tuple[LabelSuspicion, ...] = ()
    auc: float | None = None
    warning: str | None = None
    unreadable: tuple[int, ...] = ()
    skipped: str | None = None


def score_labels(
    pairs: Sequence[Pair],
    *,
    model: str,
    device: str = "auto",
    allow_download: bool = False,
    opening: Opening | None = None,
    cache_get: Callable[[str], float | None] | None = None,
    cache_put: Callable[[str, float], None] | None = None,
) -> LabelScores:
    """Score each pair with a checkpoint and name the rows whose label its score contradicts.

    Every distinct picture (by its bytes) and text goes through the model once; ``opening`` says how pictures are
    decoded. ``cache_get`` and ``cache_put`` look
    up and keep a score under a key of 64 hex digits made of checkpoint, picture bytes and text; when every score is
    there, torch is not imported. bfloat16 autocast on CUDA with hardware for it and on CPUs with AMX tiles, where it
    is several times faster and moves a cosine in the third digit; float32 elsewhere. The process is left as it was.

    Raises:
        SmokeError: torch, the checkpoint or the device cannot be had, or memory ran out twice.
    """
    if why := missing_extra():
        raise SmokeError(f"scores of {model} were asked for, but {why}")
    from pytest_clipdata.smoke.described import find_checkpoint, fingerprint

    mark = fingerprint(find_checkpoint(model, allow_download=allow_download))
    if not pairs:
        return LabelScores(skipped="no row to score")
    digests = {path: _digest(path) for path in dict.fromkeys(pair.image for pair in pairs)}
    keys = {pair: _key(mark, digest, pair.text) for pair in pairs if (digest := digests[pair.image]) is not None}
    known: dict[str, float | None] = {key: cache_get(key) if cache_get else None for key in set(keys.values())}
    asked = {key: pair for pair, key in keys.items() if known[key] is None}
    if asked:
        for key, score in _score(asked, digests, model, device, allow_download, opening or Opening()).items():
            known[key] = score
            if cache_put is not None and score is not None:
                cache_put(key, score)

    scores, unreadable = [], []
    for pair in pairs:
        value = known[keys[pair]] if pair in keys else None
        if value is None:
            unreadable.append(pair.row)
        else:
            scores.append(PairScore(pair.row, pair.matches, value))
    suspects, area, warning = judge(scores)
    return LabelScores(tuple(scores), suspects, area, warning, tuple(unreadable))


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _key(mark: str, picture: str, text: str) -> str:
    """64 hex digits; the text is last, so that no text can pose as another key."""
    words = f"{_VERSION}\0{mark}\0{picture}\0{text}"
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def _score(
    asked: dict[str, Pair],
    digests: dict[Path, str | None],
    model: str,
    device: str,
    allow_download: bool,
    opening: Opening,
) -> dict[str, float | None]:
    """A score for each key, None where the picture cannot be decoded."""
    from pytest_clipdata.smoke.checkpoint import load_checkpoint
    from pytest_clipdata.smoke.process import free_memory, memory_words, out_of_memory, pick_device, undisturbed

    chosen = pick_device(device)
    try:
        with undisturbed(chosen, seed=0, threads=None):
            checkpoint = load_checkpoint(model, allow_download=allow_download)
            for size in (_BATCH, _BATCH // 2):
                try:
                    checkpoint.model.to(chosen)
                    return _scored(asked, digests, checkpoint, chosen, size, opening)
                except (RuntimeError, MemoryError) as error:
                    if not out_of_memory(error):
                        raise SmokeError(f"scoring on {chosen} failed: {str(error).splitlines()[0][:200]}") from error
                free_memory(chosen)
            raise SmokeError(f"{chosen} ran out of memory with {_BATCH // 2} pictures{memory_words(chosen)}")
    finally:
        free_memory(chosen)


def _scored(
    asked: dict[str, Pair],
    digests: dict[Path, str | None],
    checkpoint: Checkpoint,
    device: str,
    size: int,
    opening: Opening,
) -> dict[str, float | None]:
    import numpy as np
    import torch

    mixed, towers = _scoring_dtype(device), Towers(checkpoint.model)
    files: dict[str, Path] = {str(digests[pair.image]): pair.image for pair in asked.values()}
    texts = sorted({pair.text for pair in asked.values()}, key=lambda text: (len(text), text))  # little padding
    pictures: dict[str, NDArray[np.float32]] = {}
    words: dict[str, NDArray[np.float32]] = {}
    drawing = opening.pictures(list(files.values()), checkpoint.side)
    casting = nullcontext() if mixed is None else torch.autocast(device, dtype=mixed)
    with opening.progress(len(files), "scoring") as progress, closing(drawing), torch.no_grad(), casting:
        for chunk in _chunks(texts, size):
            ids, mask = (torch.tensor(part, device=device) for part in checkpoint.tokens(chunk))
            words |= zip(chunk, _unit(towers.embedded_texts(towers.text_features(ids, mask))), strict=True)
        for names in _chunks(list(files), size):
            drawn_names = ((name, picture_of(drawn)) for name, drawn in zip(names, drawing, strict=False))
            decoded = {name: checkpoint.pixels(picture) for name, picture in drawn_names if picture is not None}
            if decoded:
                first = next(iter(decoded.values()))
                stacked = {key: np.stack([given[key] for given in decoded.values()]) for key in first}
                shown = {key: torch.tensor(values, device=device) for key, values in stacked.items()}
                features = towers.embedded_pictures(towers.picture_features(shown), shown)
                pictures |= zip(decoded, _unit(features), strict=True)
            progress(len(names))
    scores: dict[str, float | None] = {}
    for key, pair in asked.items():
        picture = pictures.get(str(digests[pair.image]))
        if picture is not None and not np.isfinite(cosine := float(picture @ words[pair.text])):
            raise SmokeError(f"the checkpoint {checkpoint.name} gives a score that is not finite (row {pair.row})")
        scores[key] = None if picture is None else round(cosine, 4)
    return scores


def _unit(features: Any) -> NDArray[np.float32]:
    import torch

    unit: NDArray[np.float32] = torch.nn.functional.normalize(features.float(), dim=-1).cpu().numpy()
    return unit


def _scoring_dtype(device: str) -> Any | None:
    import torch

    from pytest_clipdata.smoke.process import autocast_dtype

    if device == "cpu" and torch.cpu.get_capabilities().get("amx_bf16"):
        return torch.bfloat16
    return autocast_dtype(device)


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
