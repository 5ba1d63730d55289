from __future__ import annotations

import pytest
from helpers.tools import BLUE, RED, finds, judge, passes

HEADER = "image_path,text,label\n"


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        ("", 1, "the file is empty"),
        (HEADER, 1, "a header and no rows"),
        (
            HEADER + f"a.jpg,{RED},match\nb.jpg,Red shirt, round neck,match\n",
            3,
            "4 cells, but the header has 3: a text that holds the delimiter must be in quotes",
        ),
        (HEADER + f"a.jpg,{RED},match\nb.jpg,{BLUE}\n", 3, "2 cells, but the header has 3"),
        (
            "image_path;text;label\na.jpg;b;match\n",
            1,
            "the columns are delimited by a semicolon, not by a comma or a tab",
        ),
        (
            "image_path,caption,lable\na.jpg,b,match\n",
            1,
            (
                "no column 'label': 'lable' may be it; the columns are 'image_path', 'caption', 'lable'; say in clipdata.toml:"
                ' columns = {label = "lable"}, or labels.required = false if every row is a match'
            ),
        ),
        (f"image_path,text,label,text\na.jpg,{RED},match,{RED}\n", 1, "the column 'text' is there 2 times"),
        (
            HEADER.encode() + b"a.jpg,caf\xe9 au lait in a cup,match\n",
            2,
            "byte 0xe9 at character 10 is not UTF-8; in Windows-1252 it is '\xe9': save the file as UTF-8",
        ),
        (HEADER + "a.jpg,red\0shirt,match\n", 2, "a NUL character at character 10"),
        (HEADER + 'a.jpg,"never closed,match\n', 2, "the quoted cell that opens here is never closed"),
    ],
)
def test_what_does_not_parse_is_found_at_its_line(data: str | bytes, line: int, message: str) -> None:
    finds(data, "columns", {line: message})


@pytest.mark.parametrize(
    "data",
    [
        [("a.jpg", RED, "match")],
        "\ufeff" + HEADER + f"a.jpg,{RED},match\n",
        f"source,image_path,text,label,price\r\nshop,a.jpg,{RED},match,3\r\n",
        HEADER + '\na.jpg,"Red shirt, ""soft""\nand wide",match\n\n',
    ],
)
def test_what_parses_passes(data: str) -> None:
    passes(data, "columns")


def test_columns_can_have_other_names() -> None:
    data = "foto,text,label\na.jpg,one,match\n"
    passes(data, "columns", "image_path=foto")
    words = (
        "no column 'image_path' (did you mean 'foto'?); the columns are 'foto', 'text', 'label'; say in clipdata.toml:"
    )
    finds(data, "columns", {1: f'{words} columns = {{image_path = "foto"}}'})
    passes(data.replace("foto", "filepath"), "columns")


def test_a_row_that_does_not_parse_is_no_finding_of_another_check() -> None:
    data = HEADER + f"a.jpg,{RED},match\nb.jpg,two\n,{BLUE},mismatch\n"
    finds(data, "columns", {3: "2 cells, but the header has 3"})
    finds(data, "missing_values", {4: "image_path is empty"})
    passes(data, "word_count")


def test_mostly_tolerates_a_share_and_still_reports() -> None:
    data = HEADER + f"a.jpg,{RED},match\n" * 9 + "b.jpg,two\n"
    result = judge(data, "columns", "mostly=0.9")["train.csv"]
    assert (str(result.outcome), result.unexpected, result.evaluated) == ("passed", 1, 10)
    result = judge(data, "columns", "mostly=0.95")["train.csv"]
    assert (str(result.outcome), result.unexpected, result.evaluated) == ("failed", 1, 10)
