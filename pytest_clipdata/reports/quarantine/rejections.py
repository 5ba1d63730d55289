"""The quarantine: per CSV a copy without the rows of critical findings, and those rows with their reasons.

Rows are copied as they stand in the file, byte for byte, never parsed and written again. Pictures are not copied: the
clean CSVs name the same files, relative to the same image root.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from pytest_clipdata.findings import Finding, Outcome, Place, Report, Severity
from pytest_clipdata.reading.csv_records import delimiter_of
from pytest_clipdata.reports.visible import visible


@dataclass(frozen=True, slots=True)
class RowPicture:
    """``file`` is equal for rows that use one file, ``group`` for rows that show the same picture."""

    file: str
    group: str


class QuarantineError(ValueError):
    """The copies can't be written; its text says why."""


def rejections(
    report: Report,
    pictures: Mapping[Place, RowPicture],
    *,
    leaks: Literal["train", "validation"] = "train",
    apart: Mapping[str, Sequence[str]] | None = None,
    known: Collection[Finding] = (),
) -> dict[str, dict[tuple[str, int], list[str]]]:
    """Which rows go, and why: source, (file, line), reasons (``check: message``, sorted).

    A row goes for its own critical findings but those in ``known``. Of duplicate pictures every row of the copy goes
    and the representative stays. Of a leak every training row that shows the picture goes and the validation row
    stays; ``leaks="validation"`` turns that round. ``apart`` gives, for a split, those with which it may share no
    picture (default: the training split alone); their rows are the ones that go. ``pictures`` gives the picture of
    each row that has one.

    Raises:
        QuarantineError: a check could not judge a CSV, or a critical finding is about a whole CSV, so that no choice
            of rows would be clean.
    """
    refuse_errors(report)
    split_of = {split.source: split.split for split in report.splits}
    by_file, by_group = defaultdict(list), defaultdict(list)
    for place, picture in pictures.items():
        by_file[place.source, picture.file].append(place)
        by_group[split_of.get(place.source), picture.group].append(place)
    reasons: defaultdict[str, defaultdict[tuple[str, int], set[str]]] = defaultdict(lambda: defaultdict(set))
    known = frozenset(known)
    for finding in report.findings:
        if finding.severity is not Severity.CRITICAL or finding in known:
            continue
        if finding.place.line is None:
            raise QuarantineError(f"{visible(finding.place.source)}: {finding.check}: {visible(finding.message)}")
        rows: Iterable[Place] = [finding.place]
        own = pictures.get(finding.place)
        if finding.check == "leakage" and leaks == "train":
            others = ("train",) if apart is None else apart[split_of[finding.place.source]]
            rows = [other.place for other in finding.related]
            rows += [place for split in others for place in (by_group[split, own.group] if own else [])]
        elif finding.check in ("leakage", "duplicate_images") and own:
            rows = by_file[finding.place.source, own.file]
        for place in rows:
            if place.line is not None:
                reasons[place.source][place.file, place.line].add(f"{finding.check}: {visible(finding.message)}")
    return {name: {where: sorted(words) for where, words in sorted(rows.items())} for name, rows in reasons.items()}


def refuse_errors(report: Report) -> None:
    """Raise QuarantineError if a check could not judge its source: nobody knows which rows of it are clean."""
    for result in report.checks:
        if result.outcome is Outcome.ERROR:
            words = f"{result.check} could not be judged: {visible(result.reason or '')}"
            raise QuarantineError(f"{visible(result.source)}: {words}")


def split_csv(
    csv_path: Path, records: Iterable[tuple[int, str]], rejected: Mapping[int, Iterable[str]]
) -> tuple[bytes, bytes]:
    """The clean and the rejected copy of a CSV: rows as they stand, header, BOM and line ends kept.

    ``records`` are those of `Source.raw`, header first; ``rejected`` maps the lines of rows to their reasons.
    The rejected copy has one more column, ``reasons`` (with underscores added until the name is free).

    Raises:
        QuarantineError: a line of ``rejected`` starts no row.
    """
    delimiter = delimiter_of(csv_path)
    clean, out = io.StringIO(newline=""), io.StringIO(newline="")
    missing = set(rejected)
    header = True
    for line, text in records:
        if header:
            clean.write(text)
            out.write(_with_cell(text, _free_name(text, delimiter), delimiter))
            header = not text.strip("\ufeff\r\n")  # blank lines before the header
        elif line in missing:
            missing.discard(line)
            out.write(_with_cell(text, "; ".join(rejected[line]), delimiter))
        else:
            clean.write(text)
    if missing:
        raise QuarantineError(f"{visible(csv_path.name)}: no row starts at line {min(missing)}; did the file change?")
    return clean.getvalue().encode("utf-8", "surrogateescape"), out.getvalue().encode("utf-8", "surrogateescape")


def targets(out: Path, root: Path, name: str) -> tuple[Path, Path]:
    """Where the copies of the CSV ``name`` (relative to ``root``) go: ``out/clean/name`` and ``out/rejected/name``.

    Two folders, because the CSVs of one folder are the splits of one dataset.

    Raises:
        QuarantineError: ``out`` lies in the dataset's own folder, or ``name`` leads out of ``out``.
    """
    if out.resolve().is_relative_to(root.resolve()):
        raise QuarantineError(f"{out} is in the dataset's own folder {root}; name another")
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise QuarantineError(f"{visible(name)} is not in the dataset")
    clean, rejected = out / "clean" / name, out / "rejected" / name
    for path in (clean, rejected):
        # A link in an old quarantine may still lead back to the originals.
        if not path.resolve().is_relative_to(out.resolve()):
            raise QuarantineError(f"{path} is a link out of {out}")
    return clean, rejected


def _with_cell(text: str, cell: str, delimiter: str) -> str:
    """``text``, one row with its line end, with one more cell."""
    body = text.rstrip("\r\n")
    if not body.strip("\ufeff"):
        return text
    if any(sign in cell for sign in (delimiter, '"')):
        cell = '"' + cell.replace('"', '""') + '"'
    return f"{body}{delimiter}{cell}{text[len(body) :]}"


def _free_name(header: str, delimiter: str) -> str:
    names = {cell.strip().lower() for row in csv.reader([header.lstrip("\ufeff")], delimiter=delimiter) for cell in row}
    name = "reasons"
    while name in names:
        name += "_"
    return name
