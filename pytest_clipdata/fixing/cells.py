"""What is right instead of a cell that is wrong, and which check asked for it. A check that is off asks for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_clipdata.findings import Severity
from pytest_clipdata.reading.local_files import portable
from pytest_clipdata.settings.declared import Settings
from pytest_clipdata.settings.labels import normalise_label
from pytest_clipdata.texts.hygiene import hygiene_problem
from pytest_clipdata.texts.mending import mend_blanks, mend_hygiene
from pytest_clipdata.texts.style import style_problem

#: Times that a text is looked at again once it was mended.
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Mend:
    """A cell put right: ``asked`` are the checks that asked for it, ``settled`` those of them that have nothing more to
    say about the cell then."""

    after: str
    asked: tuple[str, ...]
    settled: tuple[str, ...]


def is_asked(settings: Settings, check: str) -> bool:
    """Whether a check is on."""
    return settings.checks[check].severity is not Severity.OFF


def text_mender(settings: Settings, *, tags: bool) -> Callable[[str], Mend | None]:
    """What puts texts right as the settings want it."""
    hygiene, style = is_asked(settings, "text_hygiene"), is_asked(settings, "text_style")
    allowed = settings.checks["text_style"].options["allowed"]

    def mend(text: str) -> Mend | None:
        after, asked = text, dict[str, None]()
        for _ in range(_ROUNDS):  # a blank that goes may let a run of signs be read that could not be before
            clean = mend_hygiene(after, tags=tags) if hygiene else after
            asked |= {"text_hygiene": None} if clean != after else {}
            even = mend_blanks(clean, allowed) if style else clean
            asked |= {"text_style": None} if even != clean else {}
            if even == after:
                break
            after = even
        else:
            return None
        if after == text or not after.strip():  # nothing left: a person must write the text
            return None
        said: dict[str, Callable[[str], str | None]] = {
            "text_hygiene": hygiene_problem,
            "text_style": lambda words: style_problem(words, allowed),
        }
        wanted = [check for check in said if is_asked(settings, check)]
        settled = [check for check in wanted if said[check](text) and not said[check](after)]
        return Mend(after, tuple(asked), tuple(settled))

    return mend


def mended_labels(settings: Settings, labels: Iterable[str | None]) -> dict[str, Mend]:
    """By cell: the labels of one source that are a word of the settings but for case, blanks and characters that
    nobody sees, as the settings spell it.

    A spelling that the check takes is only changed where another one stands beside it.
    """
    if not is_asked(settings, "labels"):
        return {}
    options = settings.checks["labels"].options
    words = {normalise_label(word): word for word in (*options["mismatch"], *options["match"])}
    there = {label for label in labels if label is not None}
    meant = {label: word for label in there if (word := words.get(normalise_label(_bare(label)))) is not None}
    spellings: dict[str, set[str]] = {}
    for label, word in meant.items():
        spellings.setdefault(word, set()).add(label)
    return {
        label: Mend(word, ("labels",), ("labels",))
        for label, word in meant.items()
        if label != word and (normalise_label(label) not in words or len(spellings[word]) > 1)
    }


def _bare(label: str) -> str:
    """A label without what nobody sees at its ends: blanks of every kind, control and zero-width characters."""
    start, end = 0, len(label)
    while start < end and (label[start].isspace() or not label[start].isprintable()):
        start += 1
    while end > start and (label[end - 1].isspace() or not label[end - 1].isprintable()):
        end -= 1
    return label[start:end]


def mended_paths(settings: Settings, paths: Sequence[str], root: Path, missing: Mapping[str, bool]) -> dict[str, Mend]:
    """By cell: the paths that are spelled wrong, as they are on disk below ``root``. ``missing`` says of a path whether
    no file is found by it, so that ``paths`` asks, or one is found here alone, so that ``portable_paths`` does."""
    mends = {}
    for given, meant in portable(paths, root).items():
        check = "paths" if missing.get(given, True) else "portable_paths"
        if is_asked(settings, check):
            mends[given] = Mend(meant, (check,), (check,))
    return mends
