from __future__ import annotations

import csv
import hashlib
import io
import os

import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_clipdata.reading import csv_records as records_module
from pytest_clipdata.reading import csv_source as rows_module
from pytest_clipdata.reading.csv_source import raw_records, read_rows
from pytest_clipdata.reading.source import Rows

COLUMNS = {"image_path": "image_path", "text": "text", "label": "label"}
HEADER = b"image_path,text,label\n"
ON_ONE_FILE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)


@pytest.fixture
def read(tmp_path):
    def read(data: bytes | str, name: str = "train.csv", columns=COLUMNS) -> Rows:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return read_rows(path, columns)

    return read


def problems_of(rows: Rows) -> tuple[tuple[int, str], ...]:
    """The problems by line; each is a row of its own, numbered with the others in the order of lines."""
    lines = dict(zip(rows.numbers, rows.lines, strict=True)) | {problem.row: problem.line for problem in rows.problems}
    assert sorted(lines) == list(range(len(lines)))
    assert sorted(lines.values()) == [lines[number] for number in sorted(lines)]
    return tuple((problem.line, problem.words) for problem in rows.problems)


def table(rows: Rows) -> list[tuple[object, ...]]:
    return list(zip(rows.lines, rows.image_paths, rows.texts, rows.labels, strict=True))


def test_rows_have_their_physical_lines_and_cells_as_they_stand(read):
    data = 'image_path,text,label\na.jpg,NA,match\nb.jpg,"red, ""soft"" shirt\nwith a second line",None\n c ,null,\n'
    rows = read(data)
    assert table(rows) == [
        (2, "a.jpg", "NA", "match"),
        (3, "b.jpg", 'red, "soft" shirt\nwith a second line', "None"),
        (5, " c ", "null", None),
    ]
    assert problems_of(rows) == ()
    assert rows.judgeable
    assert rows.sha256 == hashlib.sha256(data.encode()).hexdigest()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_every_line_end_and_a_byte_order_mark(read, end, bom):
    rows = read(bom + end.join(["image_path,text,label", "a,b,c", "", "  ", 'd,"e', 'f",g', "h,i,j"]))
    assert rows.lines == [2, 5, 7]
    assert rows.texts[1] == f"e{end}f"
    assert problems_of(rows) == ()


def test_empty_and_blank_cells_are_missing(read):
    assert table(read(HEADER + ",\"\",' '\n,,\n x,\u3000,\t\n".encode())) == [
        (2, None, None, "' '"),
        (3, None, None, None),
        (4, " x", None, None),
    ]


@pytest.mark.parametrize("line", [*"\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u3000", "\u2029 "])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_a_line_of_white_space_that_pandas_takes_for_a_row_is_a_problem(read, line, delimiter):
    text = f"image_path,text,label\na,b,match\n{line}\n \nc,d,match\n".replace(",", delimiter)
    assert len(pandas.read_csv(io.StringIO(text), sep=delimiter, encoding="utf-8")) == 3
    rows = read(text.encode(), "x.tsv" if delimiter == "\t" else "x.csv")
    assert rows.lines == [2, 5]
    (problem,) = problems_of(rows)
    assert problem == (3, f"a line of nothing but {line!r}, which other readers take for a row")


def test_extra_columns_are_ignored_and_names_are_mapped(read):
    columns = {"image_path": "file", "text": "caption", "label": "y"}
    assert table(read("id,y,caption,,file\n1,match,red,,a.jpg\n", columns=columns)) == [(2, "a.jpg", "red", "match")]


def test_a_tsv_is_tab_delimited(read):
    assert table(read("image_path\ttext\tlabel\na\tb, c\td\n", "x.TSV")) == [(2, "a", "b, c", "d")]


def test_ragged_rows_say_both_numbers_and_cost_only_themselves(read):
    rows = read(HEADER + b"a,b\nc,d,e\nf\ng,h,i,j\n")
    assert rows.lines == [3]
    assert [line for line, _ in problems_of(rows)] == [2, 4, 5]
    assert problems_of(rows)[0][1] == "2 cells, but the header has 3"
    assert problems_of(rows)[1][1].startswith("1 cell, but the header has 3")
    assert problems_of(rows)[2][1].startswith("4 cells, but the header has 3")


def test_a_quote_that_never_closes_names_its_line_and_costs_one_row(read):
    rows = read(HEADER + b'a,b,c\nd,"e,f\ng,h,i\nj,k,l\n')
    assert rows.lines == [2, 4, 5]
    assert problems_of(rows) == ((3, "the quoted cell that opens here is never closed"),)


def test_a_forgotten_quote_in_a_long_file_costs_one_row(read):
    rows = read(HEADER + b'a,"b,c\n' + b"d,eeeeeeeeeeeeeeeeeeee,f\n" * 10_000)
    assert rows.lines == list(range(3, 10_003))
    assert [line for line, _ in problems_of(rows)] == [2]
    assert "not closed within" in problems_of(rows)[0][1]


def test_a_quote_that_closes_lines_later(read):
    rows = read(HEADER + b'a,"b,c\nd,e,f\ng,"h i",j\nk,l,m\n')
    assert rows.lines == [3, 4, 5]
    assert [line for line, _ in problems_of(rows)] == [2]
    assert "ends in line 4 with text after it" in problems_of(rows)[0][1]


def test_a_row_whose_second_quoted_cell_never_closes(read):
    rows = read(HEADER + b'"a\nb","c\nd,e,f\n')
    assert problems_of(rows) == ((2, "the quoted cell that opens in line 3 is never closed"),)
    assert rows.lines == [4]


def test_a_quote_within_quotes_must_be_doubled(read):
    rows = read(HEADER + b'a,"red "soft" shirt",match\nb,17" sleeve,match\n')
    assert rows.lines == [3]  # a quote within an unquoted cell is plain text, as everywhere
    assert problems_of(rows) == (
        (2, "'soft\" shirt\",match' follows the closing quote of a cell: a quote within quotes must be doubled"),
    )


def test_windows_1252_names_byte_and_letter(read):
    rows = read(HEADER + "a.jpg,plain,match\nb.jpg,café noir,match\nc.jpg,plain,match\n".encode("cp1252"))
    assert rows.lines == [2, 4]
    words = "byte 0xe9 at character 10 is not UTF-8; in Windows-1252 it is 'é': save the file as UTF-8"
    assert problems_of(rows) == ((3, words),)


def test_a_bad_byte_in_a_later_line_of_a_row(read):
    rows = read(HEADER + b'a,"b\n\xff",c\nd,e,f\n')
    assert rows.lines == [4]
    assert problems_of(rows)[0][0] == 2
    assert problems_of(rows)[0][1].startswith("line 3 of this row: byte 0xff at character 1 is not UTF-8")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_says_so(read, encoding):
    rows = read("image_path,text,label\na,b,c\n".encode(encoding))
    assert not rows.judgeable
    assert [line for line, _ in problems_of(rows)] == [1]
    assert "UTF-16" in problems_of(rows)[0][1]


def test_a_nul_costs_its_row(read):
    rows = read(HEADER + b"a,b\0,c\nd,e,f\n")
    assert rows.lines == [3]
    assert problems_of(rows) == ((2, "a NUL character at character 4"),)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"image_path;text;label\na;b;c\n", "delimited by a semicolon, not by a comma"),
        (b'"image_path";"text";"label"\n"a";"b";"c"\n', "delimited by a semicolon, not by a comma"),
        (b'\xef\xbb\xbf"image_path" ,text,label\n', "' ,text,label' follows the closing quote"),
        (b'\xef\xbb\xbf"image_path"\ttext\tlabel\n', "delimited by a tab, not by a comma"),
        (b"image_path,Text,label\na,b,c\n", "no column 'text' (did you mean 'Text'?)"),
        (b"image_paht,text,label\na,b,c\n", "no column 'image_path' (did you mean 'image_paht'?)"),
        (b"x,text\na,b\n", "no column 'image_path' and 'label', only 'x', 'text'"),
        (b"image_path,text,label,text\na,b,c,d\n", "the column 'text' is there 2 times"),
        (b'image_path,"te"xt,label\n', "follows the closing quote"),
        (b"image_path,text,l\xe9\n", "byte 0xe9"),
    ],
)
def test_a_header_that_does_not_serve(read, data, words):
    rows = read(data)
    assert not rows.judgeable
    assert rows.lines == []
    assert [line for line, _ in problems_of(rows)] == [1]
    assert words in problems_of(rows)[0][1]
    assert rows.sha256 == hashlib.sha256(data).hexdigest()


def test_a_header_that_serves_although_something_is_wrong(read):
    rows = read(b"\nimage_path,text,label,x,x,,\na,b,c,1,2,3,4\n")
    assert rows.judgeable
    assert rows.lines == [3]
    assert problems_of(rows) == ((2, "the column 'x' is there 2 times"),)


def test_a_header_without_rows(read):
    rows = read(HEADER + b"\n\n")
    assert rows.judgeable
    assert problems_of(rows) == ((1, "a header and no rows"),)


@pytest.mark.posix
def test_what_is_no_file_is_a_problem_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo.csv")
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("fifo.csv", "loop.csv", "folder.csv", "gone.csv", "nul\0.csv", "x" * 5000 + ".csv"):
        rows = read_rows(tmp_path / name, COLUMNS)
        assert [line for line, _ in problems_of(rows)] == [1]
        assert problems_of(rows)[0][1].startswith("the file cannot be read: ")
        assert (rows.sha256, rows.judgeable, rows.lines) == ("", False, [])


def test_messages_escape_what_would_reach_the_terminal(read):
    rows = read("image\x1b[31m_path,text,label\n")
    assert "\x1b" not in problems_of(rows)[0][1]
    assert "\\x1b" in problems_of(rows)[0][1]


@pytest.mark.parametrize(
    ("data", "bad_lines", "good_lines"),
    [
        (b"a," + b"x" * 200_000 + b",c\nd,e,f\n", [2], [3]),
        (b'a,"' + b"x" * 200_000 + b'",c\nd,e,f\n', [2], [3]),
        (b"d,e,f\na," + b"x" * 10_000_000 + b",c\n", [3], [2]),
        (b'a","b\n' * 100_000, [2], []),  # every line opens a quote that closes in the next
        (b"," * 100_000 + b"\nd,e,f\n", [2], [3]),
    ],
    ids=["long cell", "long quoted cell", "huge line", "one endless row", "many cells"],
)
def test_what_is_too_long_is_a_problem(read, data, bad_lines, good_lines):
    rows = read(HEADER + data)
    assert [line for line, _ in problems_of(rows)] == bad_lines
    assert rows.lines == good_lines


def test_a_row_of_many_lines_is_bounded_as_well(read, monkeypatch):
    monkeypatch.setattr(records_module, "MAX_ROW", 1000)
    rows = read(HEADER + b"a,b,c\n" + b'x","y\n' * 200 + b"d,e,f\n")
    assert rows.lines == [2]
    assert problems_of(rows) == ((3, "the row is longer than 1,000 characters: reading stops here"),)


def test_that_reading_stopped_is_said_above_all_and_the_rest_is_hashed(read, monkeypatch):
    monkeypatch.setattr(records_module, "MAX_ROW", 1000)
    data = HEADER + b'a,"\xe9\n' + b"x" * 1_000_000
    rows = read(data)
    assert problems_of(rows) == ((2, "the row is longer than 1,000 characters: reading stops here"),)
    assert rows.sha256 == hashlib.sha256(data).hexdigest()


def test_reading_stops_after_too_many_problems(read, monkeypatch):
    monkeypatch.setattr(rows_module, "MAX_PROBLEMS", 5)
    rows = read(HEADER + b"a\n" * 10 + b"a,b,c\n")
    assert [line for line, _ in problems_of(rows)] == [2, 3, 4, 5, 6]
    assert problems_of(rows)[-1][1].endswith("5 lines are wrong: reading stops here")
    assert rows.lines == []


def test_the_csv_module_is_left_as_it_was(read):
    before = csv.field_size_limit(5)
    try:
        assert read(HEADER + b"a,longer than five,c\n").lines == [2]
        assert csv.field_size_limit() == 5
    finally:
        csv.field_size_limit(before)


def test_equal_paths_and_labels_are_one_object(read):
    rows = read(HEADER + b"a.jpg,x,match\na.jpg,y,match\n")
    assert rows.image_paths[0] is rows.image_paths[1]
    assert rows.labels[0] is rows.labels[1]


CELL = st.text(st.sampled_from(list("ab ,;\"'\n\r\té\u3000")) | st.characters(exclude_categories=("Cs",)), max_size=12)
CELLS = st.lists(st.tuples(CELL, CELL, CELL, CELL), max_size=8)


@ON_ONE_FILE
@given(CELLS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_well_formed_rows_read_as_by_the_csv_module(tmp_path, written, quoting, end, bom):
    # (Python's writer leaves a lone carriage return unquoted if lines end in a line feed.)
    unwritable = "\0\r" if (quoting, end) == (csv.QUOTE_MINIMAL, "\n") else "\0"
    written = [tuple("".join(c for c in cell if c not in unwritable) for cell in row) for row in written]
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=quoting, lineterminator=end)
    writer.writerow(["text", "extra", "label", "image_path"])
    starts = []
    for row in written:
        before = out.getvalue()
        starts.append(len(io.StringIO(before, newline="").readlines()) + 1)
        writer.writerow(row)
    path = tmp_path / "train.csv"
    path.write_bytes(out.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    rows = read_rows(path, COLUMNS)
    expected = [
        (line, *(None if not cell.strip() else cell for cell in (row[3], row[0], row[2])))
        for line, row in zip(starts, written, strict=True)
    ]
    assert table(rows) == expected
    assert problems_of(rows) == (() if written else ((1, "a header and no rows"),))


PIECES = [b"a", b",", b'"', b'""', b"\n", b"\r", b"\r\n", b"a,b,c\n", b'"a\n', b"\0", b"\xe9", b" ", b"\t"]
BYTES = st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join) | st.binary(max_size=200)


@ON_ONE_FILE
@given(BYTES, st.booleans())
def test_any_bytes_are_read_and_no_line_is_lost(tmp_path, body, with_header):
    data = HEADER + body if with_header else body
    path = tmp_path / "train.csv"
    path.write_bytes(data)
    rows = read_rows(path, COLUMNS)
    problems = [line for line, _ in problems_of(rows)]
    assert problems == sorted(set(problems))
    assert rows.lines == sorted(set(rows.lines))
    assert not set(problems) & set(rows.lines)
    assert rows.sha256 == hashlib.sha256(data).hexdigest()
    assert rows.judgeable or problems_of(rows)
    records = list(raw_records(path))
    assert "".join(text for _, text in records).encode("utf-8", "surrogateescape") == data
    physical = io.StringIO(data.decode("utf-8", "surrogateescape"), newline="").readlines()
    line = 1
    for start, text in records:
        assert start == line
        line += len(io.StringIO(text, newline="").readlines())
    assert line == len(physical) + 1
    if rows.judgeable:  # every record is a row, a problem, the header or blank
        seen = {1, *rows.lines, *problems}
        assert all(start in seen or not text.strip(" \t\r\n") for start, text in records)


@ON_ONE_FILE
@given(BYTES)
def test_every_row_that_is_kept_reads_alone_as_it_reads_in_the_file(tmp_path, body):
    path = tmp_path / "train.csv"
    path.write_bytes(HEADER + body)
    rows = read_rows(path, COLUMNS)
    texts = dict(raw_records(path))
    clean = HEADER + "".join(texts[line].rstrip("\r\n") + "\n" for line in rows.lines).encode()
    path.write_bytes(clean)
    again = read_rows(path, COLUMNS)
    assert [row[1:] for row in table(again)] == [row[1:] for row in table(rows)]
    assert rows.lines == [] or problems_of(again) == ()
