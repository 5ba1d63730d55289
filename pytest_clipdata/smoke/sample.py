"""The sample as arrays, and what can be told to be wrong with it before any training."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_clipdata.smoke.pixels import Opening, is_blank, picture_of, planes
from pytest_clipdata.smoke.sampling import PER_LABEL, candidates, interleaved
from pytest_clipdata.smoke.values import Pair, SmokeFailure

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Seen = Mapping[str, NDArray[Any]]  # what a model is given of one picture, or of several
    ToPixels = Callable[[Image.Image], Seen]

#: Files tried for each row of one label before the sample is taken as it is: a folder of broken files must not be read
#: through.
_TRIES = 3
#: Decoded pixels after which no more than ``_FEWEST`` rows of a label are asked for, about a second's worth.
_PIXEL_BUDGET = 100_000_000
_FEWEST = 4
#: Two pictures whose pixels differ by less than this share of the first one's own contrast (both root mean square) are
#: one to CLIP. Copies saved again at JPEG quality 70 or more stay under 0.05; the same object in another shade of red
#: is at 0.16, in another colour at 0.5 or more (benchmarks/smoke.py, 64 pixels a side).
_ALIKE = 0.05


@dataclass(frozen=True)
class Sample:
    """Rows whose pictures could be had, labels alternating; ``pictures`` is what the model is given of them."""

    pairs: tuple[Pair, ...]
    pictures: Seen
    failures: tuple[SmokeFailure, ...]

    @property
    def pixels(self) -> NDArray[np.float32]:
        """Pixel values, row by row: (rows, 3, side, side), or (rows, patches, numbers of a patch)."""
        return self.pictures["pixel_values"]


class _Opened:
    """The pictures of the sample, each decoded once, in the order in which they are first asked for."""

    def __init__(self, paths: Sequence[Path], side: int, to_pixels: ToPixels, opening: Opening) -> None:
        distinct = list(dict.fromkeys(paths))
        self._to_pixels = to_pixels
        self._drawing = opening.pictures(distinct, side)
        self._coming = zip(distinct, self._drawing, strict=False)
        self.seen: dict[Path, Seen] = {}
        self.saturated: set[Path] = set()
        self.broken: dict[Path, str] = {}  #: why they cannot be had
        self.spent = 0  #: decoded pixels

    def shown(self, path: Path) -> Seen | None:
        """What the model is given of a picture; None if it cannot be had."""
        while path not in self.seen and path not in self.broken:
            came, drawn = next(self._coming)
            picture = picture_of(drawn)
            self.spent += drawn.decoded or 0
            if picture is None:
                self.broken[came] = str(drawn.error)
                continue
            self.seen[came] = self._to_pixels(picture)
            if drawn.saturated:
                self.saturated.add(came)
        return self.seen.get(path)

    def close(self) -> None:
        """End the workers."""
        self._drawing.close()


def load_sample(
    pairs: Sequence[Pair],
    seed: int,
    side: int,
    to_pixels: ToPixels,
    opening: Opening,
    *,
    per_label: int = PER_LABEL,
) -> Sample:
    """Draw the sample and decode it, going on to further rows where a picture cannot be had.

    Failure codes: ``unreadable``, ``saturated``, ``pixels_not_finite``, ``blank``, ``identical_pictures``.
    """
    import numpy as np

    matches, mismatches = candidates(pairs, seed)
    rows = list(interleaved(matches[: _TRIES * per_label], mismatches[: _TRIES * per_label]))
    bad: dict[str, list[Pair]] = defaultdict(list)
    kept: dict[bool, list[Pair]] = {True: [], False: []}
    with closing(_Opened([pair.image for pair in rows], side, to_pixels, opening)) as opened:
        for pair in rows:
            same_label = kept[pair.matches]
            if len(same_label) >= (per_label if opened.spent < _PIXEL_BUDGET else _FEWEST):
                continue
            shown = opened.shown(pair.image)
            if shown is None:
                bad["unreadable"].append(pair)
                continue
            if pair.image in opened.saturated:
                bad["saturated"].append(pair)
            if not np.isfinite(shown["pixel_values"]).all():
                bad["pixels_not_finite"].append(pair)
            same_label.append(pair)
    seen, broken = opened.seen, opened.broken

    chosen = tuple(interleaved(kept[True], kept[False]))
    given = [seen[pair.image] for pair in chosen] or [{"pixel_values": np.zeros((0, 3, side, side), np.float32)}]
    pictures = {name: np.stack([each[name] for each in given]) for name in given[0]}
    failures = [_picture_failure(code, rows, broken) for code, rows in bad.items()]
    if not failures and (same := _all_alike(chosen, pictures["pixel_values"])):
        failures.append(same)
    return Sample(chosen, pictures, tuple(failures))


def text_failures(sample: Sample, ids: NDArray[np.int64]) -> list[SmokeFailure]:
    """What the token rows (rows, t) show: ``identical_tokens`` and ``both_labels``.

    The same picture (by ``pair_key``, or by pixels that are alike) with the same token row is one input; with both
    labels, no model can learn it but by the noise of a second saving. Texts that differ only behind CLIP's 77 tokens
    are the same here, as they are to CLIP.
    """
    rows = tuple(sorted(pair.row for pair in sample.pairs))
    if (ids == ids[0]).all():
        words = f"all {len(rows)} texts of the sample have the same tokens, so the text tells CLIP nothing"
        return [SmokeFailure("identical_tokens", words, rows)]
    inputs = list(zip(sample.pairs, sample.pixels, ids, strict=True))
    torn: set[int] = set()
    for pair, pixels, tokens in inputs:
        for other, other_pixels, other_tokens in inputs:
            if pair.matches == other.matches:
                continue
            one_text = (tokens == other_tokens).all()
            if pair.pair_key == other.pair_key or (one_text and _alike(pixels, other_pixels)):
                torn |= {pair.row, other.row}
    if not torn:
        return []
    words = "the same picture and text are labelled both match and mismatch, which no model can learn"
    return [SmokeFailure("both_labels", words, tuple(sorted(torn)))]


def distinct_rows(sample: Sample, ids: NDArray[np.int64]) -> list[int]:
    """Which rows of the sample differ from all chosen before them in picture and in tokens (rows, t).

    In a batch whose other rows count as mismatches, a repeated caption or picture would be a wrong label.
    """
    chosen: list[int] = []
    for row, (pixels, tokens) in enumerate(zip(sample.pixels, ids, strict=True)):
        if not any((tokens == ids[other]).all() or _alike(sample.pixels[other], pixels) for other in chosen):
            chosen.append(row)
    return chosen


def _picture_failure(code: str, rows: Sequence[Pair], broken: dict[Path, str]) -> SmokeFailure:
    numbers = tuple(sorted({pair.row for pair in rows}))
    whys = "; ".join(sorted({broken[pair.image] for pair in rows if pair.image in broken}))
    causes = {
        "unreadable": f"CLIP cannot be shown these pictures: {whys}",
        "saturated": "16-bit or float samples turn into a blank picture when they are loaded as 8-bit RGB",
        "pixels_not_finite": "pixel values are not finite after the checkpoint's own preprocessing",
    }
    return SmokeFailure(code, causes[code], numbers)


def _all_alike(pairs: Sequence[Pair], pixels: NDArray[np.float32]) -> SmokeFailure | None:
    rows = tuple(sorted(pair.row for pair in pairs))
    if all(is_blank(picture) for picture in pixels):
        return SmokeFailure("blank", f"all {len(rows)} pictures of the sample are blank as CLIP sees them", rows)
    if all(_alike(pixels[0], picture) for picture in pixels[1:]):
        words = f"all {len(rows)} rows of the sample show CLIP the same picture, so the picture tells it nothing"
        return SmokeFailure("identical_pictures", words, rows)
    return None


def _alike(pixels: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    if pixels.shape != other.shape:
        return False
    contrast = planes(pixels) - planes(pixels).mean(axis=1, keepdims=True)
    return bool(((pixels - other) ** 2).mean() <= _ALIKE**2 * (contrast**2).mean())
