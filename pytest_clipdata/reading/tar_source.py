"""WebDataset: a tar, or shards of one, whose samples are the files of one key. Nothing is extracted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.containers import Container, Gathered, beside
from pytest_clipdata.reading.head import HEAD_ROWS, Head
from pytest_clipdata.reading.json_text import head_of, kind_of, parsed_json, text_of
from pytest_clipdata.reading.kinds import is_image
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.shards import missing
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.reading.strict_text import BOM, MAX_CELL, flaw_of, quoted, shown
from pytest_clipdata.reading.tar_index import Member, TarError
from pytest_clipdata.reading.tar_samples import Sample, samples

#: What the columns of a sample are called where nothing else is said: any picture, and the file ``.txt``.
PICTURE, TEXT = "image", "txt"
MAX_TEXT = 4 * MAX_CELL  #: bytes of one file of text
MAX_JSON = 1 << 20  #: bytes of one ``.json``; that of img2dataset has under a thousand


@dataclass(frozen=True, slots=True)
class TarSource:
    """One tar, or all shards that differ in a number: see `source.Source`."""

    path: Path  #: absolute
    name: str
    split: str
    files: tuple[Path, ...]
    left_out: tuple[Path, ...] = ()  #: shards that are there and not read

    def head(self) -> Head | None:
        """What is found in the first samples of the first shard that has any: endings, and the fields of ``.json``."""
        for path in self.files:
            try:
                with open_regular(path) as file:
                    found = [sample for sample in islice(samples(file), HEAD_ROWS) if isinstance(sample, Sample)]
                    if found:
                        records = [_record(sample, file) for sample in found]
                        has_text = any(TEXT in record for record in records)
                        own = {"image_path": PICTURE} | ({"text": TEXT} if has_text else {})
                        return head_of(records, own)
            except OSError:
                continue
        return None

    def rows(self, columns: Columns) -> Rows:
        gathered = Gathered()
        if columns.problem is not None:
            gathered.wrong(self.names[0], 1, None, [columns.problem])
        else:
            for path, name in zip(self.files, self.names, strict=True):
                _read(path, name, columns, gathered, several=self.path not in self.files)
                if gathered.full:
                    break
        return gathered.rows(judgeable=columns.problem is None, keyed=True, warning=missing(self.files, self.left_out))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, relative to the dataset root."""
        return beside(self.name, self.files)


def _record(sample: Sample, file: IO[bytes]) -> Mapping[str, Any]:
    """The endings of a sample without a value, and the fields of its ``.json``, as far as they can be had."""
    record: dict[str, Any] = {PICTURE: None} if sample.pictures else {}
    if (member := sample.files.get("json")) is not None:
        with suppress(_WrongError):
            record |= _json(member, file)
    return record | dict.fromkeys(ending for ending in sample.files if ending != "json")


def _read(path: Path, name: str, columns: Columns, gathered: Gathered, *, several: bool) -> None:
    """Add the samples of one file."""
    line = 0
    try:
        with open_regular(path) as file:
            container = Container.of(path, file)
            for line, sample in enumerate(samples(file), start=1):
                if isinstance(sample, TarError):
                    gathered.wrong(name, line, None, [str(sample)])
                    return
                _add(sample, file, columns, gathered, (name, line), container, f"{path.name}/" if several else "")
                if gathered.full:
                    return
    except OSError as error:
        gathered.wrong(name, line + 1, None, [f"the file cannot be read: {error.strerror or error}"])
        return
    if not line:
        gathered.wrong(name, 1, None, ["it holds no sample: no file of a key"])


def _add(
    sample: Sample,
    file: IO[bytes],
    columns: Columns,
    gathered: Gathered,
    place: tuple[str, int],
    container: Container,
    prefix: str,
) -> None:
    name, line = place
    problems = list(sample.problems)
    try:
        member = _picture(sample, columns.image_path)
        fields = _fields(sample, file, columns)
        texts = _texts(sample, file, fields, columns.text)
        label = None if columns.label is None else _value(sample, file, fields, columns.label)
    except _WrongError as error:
        problems.append(str(error))
    if problems:
        gathered.wrong(name, line, sample.key, problems)
        return
    picture = f"{prefix}{member.name}"
    gathered.within[picture] = container.picture(picture, member.start, member.size)
    for text in texts:
        gathered.add(name, line, sample.key, picture, text, "match" if columns.label is None else label)


class _WrongError(Exception):
    """What is wrong with a sample, in words."""


def _picture(sample: Sample, column: str) -> Member:
    found = sample.pictures if column == PICTURE else [m for e, m in sample.files.items() if e == column]
    if not found:
        if sample.problems:
            raise _WrongError("there is no picture with it")
        endings = ", ".join(f".{shown(ending)}" for ending in list(sample.files)[:5])
        dotted = next((ending for ending in sample.files if "." in ending and is_image(ending)), None)
        hint = f"; the key of a name ends at its first dot, so that .{shown(dotted)} is no picture" if dotted else ""
        raise _WrongError(f"no picture, only {endings}{hint}")
    if len(found) > 1:
        raise _WrongError(f"two pictures of one key: {' and '.join(shown(member.name) for member in found[:2])}")
    return found[0]


def _fields(sample: Sample, file: IO[bytes], columns: Columns) -> Mapping[str, Any]:
    """The fields of the ``.json`` where a column is one of them; none otherwise."""
    if all(name is None or name in sample.files for name in (columns.text, columns.label)):
        return {}
    return _json(sample.files["json"], file) if "json" in sample.files else {}


def _texts(sample: Sample, file: IO[bytes], fields: Mapping[str, Any], column: str) -> list[str | None]:
    """The texts of a sample: one, or those of a list."""
    value = fields.get(column)
    if column not in sample.files and isinstance(value, list):
        return [_field(f"{column}[{at}]", text, number=False) for at, text in enumerate(value)] or [None]
    return [_value(sample, file, fields, column, number=False)]


def _value(
    sample: Sample, file: IO[bytes], fields: Mapping[str, Any], column: str, *, number: bool = True
) -> str | None:
    """What a sample has in a column that is not the picture."""
    if column in sample.files:
        data = _bytes(sample.files[column], file, MAX_TEXT)
        try:
            text = data.decode("utf-8").removeprefix(BOM)
        except UnicodeDecodeError as error:
            raise _WrongError(f".{shown(column)} is not UTF-8: byte {error.start + 1}") from None
        for end in ("\r\n", "\n"):
            if text.endswith(end):  # of the file, not of the text
                return _bounded(text.removesuffix(end), column)
        return _bounded(text, column)
    if column not in fields:
        raise _WrongError(f"no {shown(column)}, neither as a file nor as a field of a .json")
    return _field(column, fields[column], number=number)


def _field(name: str, value: Any, *, number: bool) -> str | None:
    """The text of a field of the ``.json``, which may be a number or a truth value only with ``number``."""
    text, problem = text_of(name, value)
    if not number and (kind := kind_of(value)) not in ("a text", "null"):
        problem = f"{quoted(name)} is {kind}, not a text"
    if problem is not None:
        raise _WrongError(problem)
    return text


def _bounded(text: str, column: str) -> str:
    if len(text) > MAX_CELL:
        raise _WrongError(f"{shown(column)} has {len(text):,} characters, the limit is {MAX_CELL:,}")
    return text


def _json(member: Member, file: IO[bytes]) -> Mapping[str, Any]:
    data = _bytes(member, file, MAX_JSON)
    text = data.decode("utf-8", "surrogateescape").removeprefix(BOM)
    content = flaw_of(text) or parsed_json(text)
    if isinstance(content, str):
        raise _WrongError(f"its .json: {content}")
    found: Mapping[str, Any] = content
    return found


def _bytes(member: Member, file: IO[bytes], limit: int) -> bytes:
    if member.size > limit:
        raise _WrongError(f"{shown(member.name)} has {member.size:,} bytes, the limit is {limit:,}")
    file.seek(member.start)
    return file.read(member.size)
