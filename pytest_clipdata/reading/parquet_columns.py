"""The columns of a Parquet file that a dataset is made of, read a few rows at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

from pytest_clipdata.reading.strict_text import MAX_CELL, shown

_TEXT_ROWS, _PICTURE_ROWS = 1024, 16  # that are held at a time
#: Bytes of one row of a column of text, on average over a row group: a longer one holds no captions.
_AVERAGE = MAX_CELL // 2
#: Bytes of the pictures of one row group. To come to a row of it a worker reads what is before it.
MAX_GROUP = 4 << 30


class WrongColumnError(Exception):
    """A column does not hold what it should, in words."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A column of text: its name, the leaf of it that is read, whether a cell is a list, and what it may hold."""

    name: str
    leaf: str
    is_list: bool
    number: bool


_Told = tuple[str | None, bool, str | None]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The column of pictures: the leaf of the paths and that of the bytes, each None where there is none.

    ``repeated`` are the paths that several rows of the file have: only their bytes tell whether they are one picture.
    """

    name: str
    path: str | None
    bytes: str | None
    repeated: frozenset[str] = frozenset()

    def read(self, file: Any, group: int) -> Iterator[_Told]:
        """Of each row of a group the path, whether the bytes of the picture are there, and of a repeated path their
        SHA-256."""
        count = file.metadata.row_group(group).num_rows
        paths: Iterator[str | None] = self._paths(file, group) if self.path is not None else repeat(None, count)
        if self.bytes is None:
            return zip(paths, repeat(False, count), repeat(None, count), strict=True)
        if (size := _bytes_of(file, group, self.bytes)) > MAX_GROUP:
            words = f"has {size:,} bytes in one row group, the limit is {MAX_GROUP:,}: write it in smaller groups"
            raise WrongColumnError(f"the column {shown(self.name)} {words}")
        nulls = _null_count(file, group, self.bytes)
        if nulls in (0, count) and not (self.repeated and self.repeated.intersection(self._paths(file, group))):
            return zip(paths, repeat(not nulls, count), repeat(None, count), strict=True)
        return self._looked_at(paths, _values(file, group, self.bytes))

    def _paths(self, file: Any, group: int) -> Iterator[str | None]:
        return (values[0] for values in read_texts(file, group, Texts(self.name, str(self.path), False, False)))

    def _looked_at(
        self, paths: Iterator[str | None], contents: Iterator[Any]
    ) -> Iterator[tuple[str | None, bool, str | None]]:
        for path, content in zip(paths, contents, strict=True):
            again = content is not None and path in self.repeated
            yield path, content is not None, hashlib.sha256(content).hexdigest() if again else None

    def with_repeated(self, file: Any) -> Pictures:
        """The same with the paths looked through."""
        if self.path is None or self.bytes is None:
            return self
        seen: set[str] = set()
        repeated: set[str] = set()
        for group in range(file.num_row_groups):
            for path in self._paths(file, group):
                if path is not None:
                    (repeated if path in seen else seen).add(path)
        return replace(self, repeated=frozenset(repeated))


def picture_column(file: Any, name: str) -> Pictures:
    """The column of pictures. Raises WrongColumnError if it holds neither paths nor pictures."""
    import pyarrow.types as of

    kind = _kind(file, name)
    if _is_text(kind):
        return Pictures(name, name, None)
    if of.is_binary(kind) or of.is_large_binary(kind):
        return Pictures(name, None, name)
    if of.is_struct(kind):
        fields = {field.name: field.type for field in kind}
        path = "path" if "path" in fields and _is_text(fields["path"]) else None
        held = fields.get("bytes")
        if held is not None and (of.is_binary(held) or of.is_large_binary(held)):
            return Pictures(name, None if path is None else f"{name}.path", f"{name}.bytes")
        if path is not None and held is None:
            return Pictures(name, f"{name}.path", None)
    words = "neither paths nor pictures (bytes, or a struct of bytes and path)"
    raise WrongColumnError(f"the column {shown(name)} holds {shown(str(kind))}: {words}")


def text_column(file: Any, name: str, *, number: bool = False) -> Texts:
    """A column of text or of lists of texts, with ``number`` also of numbers. Raises WrongColumnError."""
    import pyarrow.types as of

    kind = _kind(file, name)
    is_list = of.is_list(kind) or of.is_large_list(kind) or of.is_fixed_size_list(kind)
    inner = kind.value_type if is_list else kind
    fits = _is_text(inner) or of.is_null(inner)
    if number and not is_list:
        fits = fits or is_scalar(inner)
    if not fits:
        wanted = "labels" if number else "text"
        raise WrongColumnError(f"the column {shown(name)} holds {shown(str(kind))}, not {wanted}")
    return Texts(name, name, is_list, number)


def read_texts(file: Any, group: int, column: Texts) -> Iterator[list[Any]]:
    """The texts of each row of a group: those of a list, or one, which may be None. Raises WrongColumnError."""
    size = _bytes_of(file, group, column.leaf)
    count = file.metadata.row_group(group).num_rows
    if size > max(count, _TEXT_ROWS) * _AVERAGE:
        raise WrongColumnError(f"the column {shown(column.name)} has {size:,} bytes in {count:,} rows")
    for batch in file.iter_batches(_TEXT_ROWS, row_groups=[group], columns=[column.leaf], use_threads=False):
        values = batch.column(0)
        while values.type.num_fields == 1 and hasattr(values, "flatten") and str(values.type).startswith("struct"):
            (values,) = values.flatten()
        for value in values.to_pylist():
            if column.is_list:
                yield [as_cell(text) for text in value or []] or [None]
            else:
                yield [as_cell(value)]


def is_scalar(kind: Any) -> bool:
    """Whether a column holds texts, numbers or truth values."""
    import pyarrow.types as of

    return _is_text(kind) or of.is_boolean(kind) or of.is_integer(kind) or of.is_floating(kind)


def as_cell(value: Any) -> str | None:
    """A value as the text of a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _is_text(kind: Any) -> bool:
    import pyarrow.types as of

    inner = kind.value_type if of.is_dictionary(kind) else kind
    return bool(of.is_string(inner) or of.is_large_string(inner) or of.is_string_view(inner))


def _kind(file: Any, name: str) -> Any:
    fields = [field for field in file.schema_arrow if field.name == name]
    if len(fields) != 1:
        there = f"is there {len(fields)} times" if fields else "is not there"
        raise WrongColumnError(f"the column {shown(name)} {there}")
    return fields[0].type


def _leaves(file: Any, group: int, leaf: str) -> Iterator[Any]:
    """What the footer says of a column, or of the leaves of a list, in a row group."""
    row_group = file.metadata.row_group(group)
    for number in range(row_group.num_columns):
        column = row_group.column(number)
        if column.path_in_schema == leaf or column.path_in_schema.startswith(f"{leaf}."):
            yield column


def _bytes_of(file: Any, group: int, leaf: str) -> int:
    return sum(column.total_uncompressed_size for column in _leaves(file, group, leaf))


def _null_count(file: Any, group: int, leaf: str) -> int | None:
    """How many cells are null; None if the file does not say."""
    for column in _leaves(file, group, leaf):
        statistics = column.statistics
        return statistics.null_count if statistics is not None and statistics.has_null_count else None
    return None


def _values(file: Any, group: int, leaf: str) -> Iterator[Any]:
    """The bytes in each cell, None where there are none, a few rows at a time."""
    for batch in file.iter_batches(_PICTURE_ROWS, row_groups=[group], columns=[leaf], use_threads=False):
        values = batch.column(0)
        while str(values.type).startswith("struct"):
            (values,) = values.flatten()
        yield from values.to_pylist()
