"""What is said of a source as a whole: whether its labels can be told without looking, and in which language it is.

Such a fact has the same value in every row that was looked at, so that an expectation on its maximum judges the source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import floor
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.coded_rows import Measured, objects
from pytest_clipdata.facts.spread import as_array
from pytest_clipdata.facts.step import Context, Fact, Needs, Relation
from pytest_clipdata.settings.labels import is_strange, normalise_label

if TYPE_CHECKING:
    import numpy as np

    from pytest_clipdata.shortcuts.told import Told

LABEL_COUNTS = Relation(
    Needs.TEXT,
    (
        Fact(
            "label_counts",
            "str",
            "the source's labels with counts, in the first row whose label is unknown and no slip",
        ),
    ),
)
LANGUAGES = Relation(
    Needs.TEXT,
    (
        Fact("foreign_share", "Float64", "share of the source's texts that are in none of the settings' languages"),
        Fact("foreign_source", "str", "what those texts are, with the line that allows them; null if under a tenth"),
        Fact("foreign_text", "str", "why the text is in none of these languages; null where foreign_source is said"),
    ),
)
SHORTCUTS = Relation(
    Needs.HEADER,
    (
        Fact("shortcut_excess", "Float64", "AUC of the strongest blind model over its threshold; from 0 a shortcut"),
        Fact("shortcut", "str", "by what the label can be told without looking, or why that was not judged"),
    ),
)


#: Labels that are named, and characters of one of them.
_SHOWN, _LONG = 6, 40


def source_columns(measured: Measured, context: Context, needs: Needs) -> dict[str, Any]:
    """The columns of all that is said here, over the parsed rows of a source, as far as ``needs`` says."""
    import pandas as pd

    codes, distinct = pd.factorize(objects(measured.rows.texts))
    columns = _languages(codes, list(distinct), context) | {"label_counts": _label_counts(measured)}
    return columns | (_shortcuts(measured, codes, list(distinct), context) if needs >= SHORTCUTS.needs else {})


def _label_counts(measured: Measured) -> list[str | None]:
    labels = measured.rows.labels
    said: list[str | None] = [None] * len(labels)
    counts = Counter(label for label in labels if label is not None)
    # Said once for the source, and not of a slip: each of a thousand rows need not repeat it. They are counted in the
    # order of the rows, so the first that is strange stands first.
    strange = next((label for label in counts if is_strange(label, measured.labels)), None)
    if strange is not None:
        said[labels.index(strange)] = _counted(counts)
    return said


def _counted(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts, key=lambda label: (-counts[label], label))
    shown = ", ".join(f"{_short(label)} ({counts[label]:,})" for label in ordered[:_SHOWN])
    more = f" and {len(ordered) - _SHOWN:,} more" if len(ordered) > _SHOWN else ""
    return f"{shown}{more}"


def _short(label: str) -> str:
    return repr(label) if len(label) <= _LONG else f"{label[:_LONG]!r}..."


def _languages(codes: np.ndarray[Any, Any], texts: Sequence[str], context: Context) -> dict[str, Any]:
    from pytest_clipdata.texts.language import foreign, load_detector, source_problem

    detector = load_detector()
    answers = [foreign(text, context.languages, detector) for text in texts]
    counted = [answers[code] for code in codes.tolist() if code >= 0]
    problem = source_problem(counted, context.languages)
    share = sum(answer is not None for answer in counted) / len(counted) if counted else None
    words = [None if answer is None or problem else answer.how for answer in answers]
    return {
        "foreign_share": _where(codes >= 0, share, "Float64"),
        "foreign_source": _where(codes >= 0, problem, "str"),
        "foreign_text": objects(words[code] if code >= 0 else None for code in codes.tolist()).tolist(),
    }


def _shortcuts(
    measured: Measured, codes: np.ndarray[Any, Any], texts: Sequence[str], context: Context
) -> dict[str, Any]:
    import numpy as np
    import pandas as pd

    from pytest_clipdata.shortcuts.blind import Rows, blind_baselines

    rows = measured.rows
    label_codes, labels = pd.factorize(objects(rows.labels))
    known = [context.labels.get(normalise_label(label)) for label in labels]
    label = np.array([*({"match": 1, "mismatch": 0}.get(word or "", -1) for word in known), -1])[label_codes]
    cell_codes, cells = pd.factorize(objects(rows.image_paths))
    names = [file.key if (file := measured.files.get(cell)) and file.path is not None else None for cell in cells]
    picture_codes, pictures = pd.factorize(objects(names))
    picture = np.append(picture_codes, -1)[cell_codes]
    judged = (codes >= 0) & (label >= 0) & (picture >= 0)
    told: list[Told] = []
    if judged.any():
        chosen = Rows(texts, codes[judged], picture[judged], label[judged] == 1, np.flatnonzero(judged))
        told = blind_baselines(chosen, _metadata(measured, list(cells), picture_codes, list(pictures), context))
    excess, words = _strongest(told)
    return {"shortcut_excess": _where(judged, excess, "Float64"), "shortcut": _where(judged, words, "str")}


def _metadata(
    measured: Measured,
    cells: Sequence[str],
    codes: np.ndarray[Any, Any],
    names: Sequence[str],
    context: Context,
) -> Mapping[str, Any]:
    """What is known of each picture, by its name relative to the image root, from its file and its header."""
    import numpy as np

    from pytest_clipdata.shortcuts.pictures import name_metadata

    images = [context.images.get(path) for cell in cells if (path := getattr(measured.files.get(cell), "path", None))]
    kept = codes[codes >= 0]
    of_picture = dict(zip(kept.tolist(), images, strict=True))
    found = [of_picture[number] for number in range(len(names))]

    def numbers(field: str) -> np.ndarray[Any, Any]:
        values = [getattr(image, field, None) for image in found]
        return np.array([np.nan if value is None else value for value in values], np.float64)

    return {
        **name_metadata(names),
        "format": [getattr(image, "format", None) for image in found],
        "width": numbers("width"),
        "height": numbers("height"),
        "file size": numbers("bytes"),
    }


def _strongest(told: Sequence[Told]) -> tuple[float | None, str | None]:
    """How far the strongest baseline is above its threshold, and what is said of all; or why nothing was judged."""
    from pytest_clipdata.shortcuts.blind import message

    if not told:
        return None, "all rows that can be judged have one label"
    judged = [each for each in told if each.judged]
    if not judged:
        return None, "too few different texts and pictures of each label to tell"
    # Rounded down, so that the last digits of a processor are not part of it and its sign is that of the judgement.
    return floor(max(each.auc - each.threshold for each in judged) * 1e6) / 1e6, message(told)


def _where(chosen: np.ndarray[Any, Any], value: Any, dtype: str) -> Any:
    """``value`` in the chosen rows as a pandas array, null in the others."""
    import numpy as np

    return as_array([value], dtype).take(np.where(chosen, 0, -1), allow_fill=True)
