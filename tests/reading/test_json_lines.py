from __future__ import annotations

import hashlib
import io
import json
import os
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_clipdata.reading import json_lines as module
from pytest_clipdata.reading.columns import Columns, Wanted, choose_columns
from pytest_clipdata.reading.json_lines import JsonLinesSource
from pytest_clipdata.reading.source import Rows

COLUMNS = Columns("image_path", "text", "label")
GOOD = '{"image_path": "a.jpg", "text": "red", "label": "match"}'
ON_ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)


def source(tmp_path, data: bytes | str) -> JsonLinesSource:
    path = tmp_path / "train.jsonl"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return JsonLinesSource(path, path.name, "train")


@pytest.fixture
def read(tmp_path):
    def read(data: bytes | str, columns: Columns | None = None) -> Rows:
        table = source(tmp_path, data)
        return table.rows(columns or choose_columns({"t": table.head()}, Wanted())["t"])

    return read


def problems_of(rows: Rows) -> tuple[tuple[int, str], ...]:
    numbers = [*rows.numbers, *(problem.row for problem in rows.problems)]
    assert sorted(numbers) == list(range(len(numbers)))
    assert list(rows.numbers) == sorted(rows.numbers)
    places = dict(zip(rows.numbers, rows.lines, strict=True)) | {problem.row: problem.line for problem in rows.problems}
    assert [places[number] for number in sorted(places)] == sorted(places.values())
    return tuple((problem.line, problem.words) for problem in rows.problems)


def table(rows: Rows) -> list[tuple[object, ...]]:
    return list(zip(rows.lines, rows.image_paths, rows.texts, rows.labels, strict=True))


def test_rows_have_their_lines_and_members_in_any_order(read):
    data = (
        '{"label": "match", "x": {"y": [1]}, "image_path": "a.jpg", "text": " NA "}\n \t\r\n' + GOOD + "\r\n\n" + GOOD
    )
    rows = read(data)
    assert table(rows) == [
        (1, "a.jpg", " NA ", "match"),
        (3, "a.jpg", "red", "match"),
        (5, "a.jpg", "red", "match"),
    ]
    assert problems_of(rows) == ()
    assert rows.judgeable
    assert rows.sha256 == hashlib.sha256(data.encode()).hexdigest()
    assert rows.image_paths[0] is rows.image_paths[1]


def test_a_list_of_captions_is_a_row_each(read):
    rows = read('{"image": "a.jpg", "captions": ["red", "blue", " "]}\n{"image": "b.jpg", "captions": []}\n')
    assert table(rows) == [
        (1, "a.jpg", "red", "match"),
        (1, "a.jpg", "blue", "match"),
        (1, "a.jpg", None, "match"),
        (2, "b.jpg", None, "match"),
    ]
    assert list(rows.numbers) == [0, 1, 2, 3]


def test_members_that_are_missing_null_or_blank_are_missing_cells(read):
    rows = read(GOOD + '\n{"text": null, "label": "\\u3000"}\n{}\n')
    assert table(rows)[1:] == [(2, None, None, None), (3, None, None, None)]
    assert problems_of(rows) == ()


def test_numbers_and_truth_values_are_texts_as_they_are_written(read):
    big = "9" * 5000
    rows = read(f'{{"image_path": 1.50, "text": {big}, "label": true}}\n', COLUMNS)
    assert table(rows) == [(1, "1.50", big, "true")]
    rows = read('{"image": "a", "text": "b", "is_match": 1}\n{"image": "a", "text": "b", "is_match": false}')
    assert rows.labels == ["1", "false"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes at character 2"),
        (GOOD + GOOD, f"is not JSON: Extra data at character {len(GOOD) + 1}"),
        ("{'text': 1}", "is not JSON: Expecting property name enclosed in double quotes at character 2"),
        ('{"text": "a\tb"}', "is not JSON: Invalid control character at at character 12"),
        ("[1, 2]", "is a list, not an object"),
        ('"text"', "is a text, not an object"),
        ("7", "is a number, not an object"),
        ("null", "is null, not an object"),
        ("true", "is true or false, not an object"),
        ('{"text": NaN}', "NaN is not JSON"),
        ('{"x": [-Infinity]}', "-Infinity is not JSON"),
        ('{"text": "a", "text": "b"}', "the key 'text' is there 2 times"),
        ('{"x": {"y\\u001b": 1, "y\\u001b": 1}}', "the key 'y\\x1b' is there 2 times"),
        ('{"text": {"en": "a"}}', "'text' is an object, not a text"),
        ('{"text": ["a", ["b"]]}', "'text[1]' is a list, not a text"),
        ('{"image_path": ["a.jpg"]}', "'image_path' is a list, not a text"),
        ('{"label": ["match"]}', "'label' is a list, not a text"),
        (
            '{"text": "\\ud83d"}',
            "'text' holds half a character: a \\u escape of a surrogate pair without the other one",
        ),
        ('{"text": "' + "x" * 131_073 + '"}', "'text' is longer than 131,072 characters"),
        ("[" * 100_000, "objects and lists are nested more than 100 deep"),
        ('{"x":' + "[" * 100 + "]" * 100 + "}", "objects and lists are nested more than 100 deep"),
        ("{}\0", "a NUL character at character 3"),
    ],
)
def test_a_line_that_is_no_row_costs_itself_alone(read, line, words):
    rows = read(f"{GOOD}\n{line}\n{GOOD}\n")
    assert rows.lines == [1, 3]
    assert problems_of(rows) == ((2, words),)


def test_brackets_in_texts_nest_nothing(read):
    rows = read(json.dumps({"image_path": "a", "text": '\\"' + "[{" * 500, "label": "match", "x": [[]] * 500}))
    assert problems_of(rows) == ()


def test_bytes_that_are_not_utf_8(read):
    rows = read(GOOD.encode() + b'\n{"text": "caf\xe9"}\n' + GOOD.encode())
    assert rows.lines == [1, 3]
    words = "byte 0xe9 at character 14 is not UTF-8; in Windows-1252 it is '\xe9': save the file as UTF-8"
    assert problems_of(rows) == ((2, words),)


def test_a_byte_order_mark_is_told_and_costs_its_line(read):
    rows = read(b"\xef\xbb\xbf" + f"{GOOD}\n{GOOD}\n".encode())
    assert rows.lines == [2]
    assert problems_of(rows) == (
        (1, "the file begins with a byte order mark, which JSON does not have: save it without"),
    )


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (f"{GOOD}\n{GOOD}\n".encode("utf-16"), "the file looks like UTF-16, save it as UTF-8"),
        (f"[\n{GOOD},\n{GOOD}\n]".encode(), "the file is one JSON list, not an object in each line"),
        (f"[{GOOD},\n{GOOD}]".encode(), "the file is one JSON list, not an object in each line"),
        (b'{"a": "x"}\n', "no column 'image_path'; no column 'text'"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_one_problem(read, data, words):
    rows = read(data)
    ((line, said),) = problems_of(rows)
    assert (line, rows.lines) == (1, [])
    assert words in said
    assert rows.sha256 == hashlib.sha256(data).hexdigest()


def test_a_line_of_50_mb_is_bounded(tmp_path, read):
    data = f'{GOOD}\n{{"text": "{"x" * 50_000_000}"}}\n{GOOD}\n'.encode()
    table = source(tmp_path, data)
    del data
    tracemalloc.start()
    rows = table.rows(COLUMNS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows.lines == [1, 3]
    assert problems_of(rows) == ((2, "the line is longer than 8,388,608 bytes"),)
    assert peak < 30_000_000
    assert table.head() is not None


def test_reading_stops_after_too_many_problems(read, monkeypatch):
    monkeypatch.setattr(module, "MAX_PROBLEMS", 5)
    rows = read(GOOD + "\n" + "x\n" * 10 + GOOD)
    assert [line for line, _ in problems_of(rows)] == [2, 3, 4, 5, 6]
    assert problems_of(rows)[-1][1].endswith("5 lines are wrong: reading stops here")
    assert rows.lines == [1]


def test_what_is_no_file_is_a_problem_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    for name in ("fifo.jsonl", "folder.jsonl", "gone.jsonl", "nul\0.jsonl"):
        table = JsonLinesSource(tmp_path / name, name, "train")
        rows = table.rows(COLUMNS)
        assert table.head() is None
        assert problems_of(rows)[0][1].startswith("the file cannot be read: ")
        assert (rows.sha256, rows.judgeable, rows.lines) == ("", False, [])


def test_the_head_is_of_the_lines_that_can_be_read(tmp_path):
    data = "x\n" * 50 + '{"b": 1}\n{"a": ["u", "v"], "b": {}}\n' + '{"c": 0}\n' * 200
    head = source(tmp_path, data).head()
    assert head is not None
    assert head.names == ("b", "a", "c")
    assert len(head.rows) == 100
    assert head.values("a") == ["u"]
    assert head.values("b") == ["1"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
TEXT = st.text(max_size=12) | st.none()
ROWS = st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=3) | TEXT, TEXT, JSON), max_size=6)


@ON_ONE_FILE
@given(ROWS, st.booleans(), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_what_the_json_module_writes_is_read_as_it_reads_it(tmp_path, written, ascii_only, end):
    lines = [
        json.dumps({"text": text, "extra": extra, "label": label, "image_path": path}, ensure_ascii=ascii_only)
        for path, text, label, extra in written
    ]
    rows = source(tmp_path, "".join(line + end for line in lines)).rows(COLUMNS)
    expected = []
    for number, line in enumerate(lines):
        found = json.loads(line)
        if "NaN" in json.dumps(found["extra"]) or "Infinity" in json.dumps(found["extra"]):
            continue
        texts = found["text"] if isinstance(found["text"], list) else [found["text"]]
        for text in texts:
            cells = [found["image_path"], text, found["label"]]
            place = 1 + number * (2 if end == "\n\n" else 1)
            expected.append((place, *(None if cell is None or not cell.strip() else cell for cell in cells)))
    strings = [json.dumps(row[3]) for row in written]
    if not any("NaN" in string or "Infinity" in string for string in strings):
        assert table(rows) == expected
        assert problems_of(rows) == (() if written else ((1, "the file is empty"),))


def test_brackets_behind_a_text_without_an_end_are_counted_once(read):
    rows = read("{" + "[]" * 101 + '"' + '\\"' * 1_000_000 + "\n" + GOOD)
    assert [line for line, _ in problems_of(rows)] == [1]


def test_members_that_no_object_shares_do_not_make_a_head_of_rows_times_columns(tmp_path):
    lines = [json.dumps({f"{number} {at}": "x" for at in range(1000)}) for number in range(100)]
    head = source(tmp_path, "\n".join(lines)).head()
    assert head is not None
    assert len(head.names) == 100 * 1000
    assert sum(map(len, head.rows)) <= len(head.names)


PIECES = [
    GOOD.encode(),
    b"{}",
    b"{",
    b"}",
    b"[",
    b'"',
    b"\n",
    b"\r\n",
    b"\0",
    b"\xe9",
    b" ",
    b",",
    b"\\",
    b"NaN",
    b"\xef\xbb\xbf",
]
BYTES = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join) | st.binary(max_size=200)


@ON_ONE_FILE
@given(BYTES)
def test_any_bytes_are_read_and_no_line_is_lost(tmp_path, data):
    table = source(tmp_path, data)
    rows = table.rows(choose_columns({"t": table.head()}, Wanted())["t"])
    problems = [line for line, _ in problems_of(rows)]
    assert problems == sorted(set(problems))
    assert not set(problems) & set(rows.lines)
    assert rows.sha256 == hashlib.sha256(data).hexdigest()
    assert rows.lines or problems
    records = list(table.raw())
    assert "".join(text for _, text in records).encode("utf-8", "surrogateescape") == data
    assert [line for line, _ in records] == list(range(1, len(io.BytesIO(data).readlines()) + 1))
    stopped = not rows.judgeable or any(
        "is one JSON list" in problem.words or "UTF-16" in problem.words for problem in rows.problems
    )
    if not stopped:  # every line is a row, a problem or blank
        seen = {*rows.lines, *problems}
        assert all(line in seen or not text.strip(" \t\r\n") for line, text in records)
