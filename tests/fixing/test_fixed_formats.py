"""A record with other cells: those are changed, and every other byte stays."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.fixing.formats import Delimited, JsonLines

CELLS = st.text(
    st.characters(codec=None, exclude_characters="\x00") | st.sampled_from('",\t\n\r \u2028\x0b\udcff'), max_size=12
)


def written(cell: str, quote: bool, delimiter: str) -> str:
    if quote or any(sign in cell for sign in (delimiter, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


@given(
    st.lists(st.tuples(CELLS, st.booleans()), min_size=2, max_size=5), st.data(), st.sampled_from(",\t"),
    st.sampled_from(["\n", "\r\n", ""]),
)  # fmt: skip
def test_a_cell_of_a_table_changes_alone(
    cells: list[tuple[str, bool]], data: st.DataObject, delimiter: str, end: str
) -> None:
    parts = [written(cell, quote, delimiter) for cell, quote in cells]
    record = delimiter.join(parts) + end
    at = data.draw(st.integers(0, len(cells) - 1))
    after = data.draw(CELLS)
    made = Delimited(delimiter)
    assert made.begin(delimiter.join(f"c{i}" for i in range(len(cells))) + "\n")
    assert not made.begin(record)
    new = made.rewritten(record, {f"c{at}": (cells[at][0], after)})
    assert new is not None
    left, right = delimiter.join([*parts[:at], ""]), delimiter.join(["", *parts[at + 1 :]]) + end
    assert new.startswith(left)
    assert new.endswith(right)
    rows = list(csv.reader(io.StringIO(new, newline=""), delimiter=delimiter, strict=True))
    assert rows == [[after if i == at else cell for i, (cell, _) in enumerate(cells)]]
    assert made.rewritten(record, {f"c{at}": (cells[at][0] + "x", after)}) is None
    assert made.rewritten(record, {}) == record


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), st.text(max_size=9), st.text(max_size=9), st.booleans(),
       st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " :  ")]))  # fmt: skip
def test_a_member_of_an_object_changes_alone(
    others: dict[str, object], before: str, after: str, ascii_only: bool, separators: tuple[str, str]
) -> None:
    items = [(name, value) for name, value in others.items() if name != "text"]
    items.insert(len(items) // 2, ("text", before))
    record = "  " + json.dumps(dict(items), ensure_ascii=ascii_only, separators=separators) + " \r\n"
    made = JsonLines()
    new = made.rewritten(record, {"text": (before, after)})
    assert new is not None
    assert json.loads(new) == {**dict(items), "text": after}
    head, tail = record.split(json.dumps("text") + separators[1], 1)
    assert new.startswith(head + json.dumps("text") + separators[1])
    assert new.endswith(tail[len(json.dumps(before, ensure_ascii=ascii_only)) :])
    assert new.isascii() or not record.isascii()
    assert made.rewritten(record, {"text": (before + "x", after)}) is None
    assert made.rewritten(record, {"nowhere else": ("", after)}) is None


@pytest.mark.parametrize("record", ["", "\n", " \t\r\n"])
def test_a_blank_line_is_no_row(record: str) -> None:
    assert JsonLines().begin(record)
    assert Delimited(",").begin(record)
