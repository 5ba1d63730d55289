"""WebDataset tars, written by tarfile: what is read, what is told, and that nothing is ever raised."""

from __future__ import annotations

import io
import json
import random
import tarfile
from pathlib import Path

import pytest
from helpers.containers import member, write_tar

from pytest_clipdata.reading.columns import Columns, Wanted, choose_columns
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.reading.tar_source import MAX_JSON, TarSource

GOOD = {"a.jpg": b"one", "a.txt": b"A red coat\n", "b.png": b"two", "b.txt": b"A blue hat"}


def source(*paths: Path) -> TarSource:
    path = paths[0] if len(paths) == 1 else paths[0].with_name("#.tar")
    return TarSource(path, path.name, "train", paths)


def rows(*paths: Path, want: Wanted | None = None) -> Rows:
    shards = source(*paths)
    return shards.rows(choose_columns({"x": shards.head()}, want or Wanted())["x"])


def told(found: Rows) -> dict[tuple[int, str | None], str]:
    return {(problem.line, problem.key): problem.words for problem in found.problems}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_samples_are_read_where_they_lie(tmp_path: Path, form: int) -> None:
    long = f"{'x' * 90}/{'y' * 90}/é"
    files = {"./README": b"no sample", **GOOD, f"{long}.jpg": b"three", f"{long}.txt": "Ein grüner Schal".encode()}
    if form == tarfile.USTAR_FORMAT:
        files = {name.replace("é", "e"): content for name, content in files.items()}
        long = long.replace("é", "e")
    path = write_tar(tmp_path / "00000.tar", files, form=form)
    found = rows(path)
    assert not found.problems
    assert (found.lines, found.keys) == ([1, 2, 3], ["a", "b", long])
    assert found.texts == ["A red coat", "A blue hat", "Ein grüner Schal"]
    assert found.labels == ["match"] * 3
    assert found.image_paths == ["a.jpg", "b.png", f"{long}.jpg"]
    for cell, content in zip(found.image_paths, (b"one", b"two", b"three"), strict=True):
        blob = found.within[str(cell)].blob
        assert blob is not None
        with blob.open() as file:
            assert file.read(blob.length(file)) == content


def test_shards_are_one_source(tmp_path: Path) -> None:
    paths = [write_tar(tmp_path / f"{number:05}.tar", GOOD) for number in (0, 1, 4)]
    found = rows(*paths)
    assert found.files == [f"{number:05}.tar" for number in (0, 0, 1, 1, 4, 4)]
    assert (found.numbers, found.lines) == ([0, 1, 2, 3, 4, 5], [1, 2] * 3)
    assert len(found.within) == 6
    assert found.warning == "2 shards are missing between 00000 and 00004: 00002, 00003"
    assert rows(*paths[:2]).warning is None


@pytest.mark.parametrize(
    ("fields", "text", "label", "want"),
    [
        ({"caption": "A coat", "url": "x"}, "A coat", "match", Wanted()),
        ({"caption": "A coat", "match": 0}, "A coat", "0", Wanted()),
        ({"caption": "A coat", "label": "mismatch"}, "A coat", "mismatch", Wanted()),
        ({"note": "A coat", "ok": True}, "A coat", "true", Wanted(named={"text": "note", "label": "ok"})),
        ({"caption": None}, None, "match", Wanted()),
        ({"caption": " "}, None, "match", Wanted()),
    ],
)
def test_text_and_label_come_from_the_json(
    tmp_path: Path, fields: dict[str, object], text: str | None, label: str, want: Wanted
) -> None:
    files = {"a.jpg": b"1", "a.json": json.dumps(fields).encode(), "a.cls": b"7"}
    found = rows(write_tar(tmp_path / "x.tar", files), want=want)
    assert (found.texts, found.labels, found.problems) == ([text], [label], ())


def test_a_text_file_goes_before_the_json_and_a_class_is_no_label_unless_asked_for(tmp_path: Path) -> None:
    files = {"a.jpg": b"1", "a.txt": b"A hat", "a.json": b'{"caption": "Another hat"}', "a.cls": b"1"}
    path = write_tar(tmp_path / "x.tar", files)
    assert (rows(path).texts, rows(path).labels) == (["A hat"], ["match"])
    named = rows(path, want=Wanted(named={"text": "caption", "label": "cls"}))
    assert (named.texts, named.labels) == (["Another hat"], ["1"])


def test_a_list_of_captions_gives_a_row_each(tmp_path: Path) -> None:
    files = {
        "a.jpg": b"1",
        "a.json": b'{"captions": ["One", "Two"]}',
        "b.jpg": b"2",
        "b.json": b'{"captions": ["Six"]}',
    }
    found = rows(write_tar(tmp_path / "x.tar", files))
    assert (found.numbers, found.lines, found.texts) == ([0, 1, 2], [1, 1, 2], ["One", "Two", "Six"])
    assert found.image_paths == ["a.jpg", "a.jpg", "b.jpg"]


BROKEN: dict[str, tuple[list[tuple[tarfile.TarInfo, bytes]], str]] = {
    "no picture": ([member("c.txt", b"x")], "no picture, only .txt"),
    "a dot in the name": (
        [member("c.v2.jpg", b"x"), member("c.txt", b"x")],
        "no picture, only .v2.jpg, .txt; the key of a name ends at its first dot, so that .v2.jpg is no picture",
    ),
    "no text": ([member("c.jpg", b"x")], "no txt, neither as a file nor as a field of a .json"),
    "two pictures": (
        [member("c.jpg", b"x"), member("c.png", b"x"), member("c.txt", b"x")],
        "two pictures of one key: c.jpg and c.png",
    ),
    "one ending twice": ([member("c.jpg"), member("c.jpg"), member("c.txt")], "two files end in .jpg"),
    "a key again": (
        [member("a.jpg", b"x"), member("a.txt", b"x")],
        "its key was there before: files of one key must stand together",
    ),
    "a nested tar": (
        [member("c.tar", b"x"), member("c.txt", b"x")],
        "c.tar is a tar within the tar, which is not read; there is no picture with it",
    ),
    "a link": (
        [member("c.jpg", kind=tarfile.SYMTYPE, link="/etc/passwd"), member("c.txt", b"x")],
        "c.jpg is a symbolic link; there is no picture with it",
    ),
    "a hard link": (
        [member("c.jpg", kind=tarfile.LNKTYPE, link="a.jpg"), member("c.txt", b"x")],
        "c.jpg is a link; there is no picture with it",
    ),
    "a device": (
        [member("c.jpg", kind=tarfile.CHRTYPE), member("c.txt", b"x")],
        "c.jpg is a device; there is no picture with it",
    ),
    "a giant json": (
        [member("c.jpg", b"x"), member("c.txt", b"x"), member("c.json", b" " * (MAX_JSON + 1))],
        "",
    ),
    "no utf-8": ([member("c.jpg", b"x"), member("c.txt", b"caf\xe9")], ".txt is not UTF-8: byte 4"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_wrong_with_a_sample_is_told_with_its_key(tmp_path: Path, name: str) -> None:
    entries, words = BROKEN[name]
    path = write_tar(tmp_path / "x.tar", [*(member(*entry) for entry in GOOD.items()), *entries])
    found = rows(path)
    key = entries[0][0].name.partition(".")[0]
    assert told(found) == ({(3, key): words} if words else {})
    assert found.lines[:2] == [1, 2]


@pytest.mark.parametrize("name", ["/etc/c.jpg", "../../c.jpg", "x/../c.jpg", "c:/c.jpg", "\x1b[2Jc.jpg"])
def test_hostile_names_are_told_and_nothing_is_unpacked(tmp_path: Path, name: str) -> None:
    text = f"{name.removesuffix('.jpg')}.txt"
    path = write_tar(tmp_path / "in/x.tar", [*(member(*entry) for entry in GOOD.items()), member(name), member(text)])
    (words,) = told(rows(path)).values()
    assert words.isprintable()
    assert any(
        part in words for part in ("is an absolute path", "climbs out of the folder", "holds a control character")
    )
    assert [file.name for file in tmp_path.rglob("*")] == ["in", "x.tar"]


def test_a_key_of_endlessly_many_files_is_told_in_a_few_words(tmp_path: Path) -> None:
    entries = [member("a.jpg", b"x"), member("a.txt", b"A hat"), *(member("c.jpg", b"x") for _ in range(2000))]
    (words,) = told(rows(write_tar(tmp_path / "x.tar", entries))).values()
    assert words.startswith("two files end in .jpg; two files")
    assert len(words) < 1000


def test_json_that_cannot_be_read_is_told_where_it_is_needed(tmp_path: Path) -> None:
    wrong = {"no JSON": b"{", "deep": b"[" * 100_000, "no object": b"[1]", "giant": b" " * (MAX_JSON + 1), "half": b'{"caption": "\\ud800"}', "number": b'{"caption": 1}', "list": b'{"caption": ["red", 1]}', "twice": b'{"caption": "A hat", "caption": "A coat"}', "none": b"{}"}  # fmt: skip
    files = {"a.jpg": b"1", "a.json": b'{"caption": "A hat"}'}
    for number, content in enumerate(wrong.values()):
        files |= {f"{number}.jpg": b"x", f"{number}.json": content}
    found = rows(write_tar(tmp_path / "x.tar", files))
    assert [problem.words for problem in found.problems] == [
        "its .json: is not JSON: Expecting property name enclosed in double quotes at character 2",
        "its .json: objects and lists are nested more than 100 deep",
        "its .json: is a list, not an object",
        f"3.json has {MAX_JSON + 1:,} bytes, the limit is {MAX_JSON:,}",
        "'caption' holds half a character: a \\u escape of a surrogate pair without the other one",
        "'caption' is a number, not a text",
        "'caption[1]' is a number, not a text",
        "its .json: the key 'caption' is there 2 times",
        "no caption, neither as a file nor as a field of a .json",
    ]
    assert found.texts == ["A hat"]


def test_fields_that_no_sample_shares_do_not_make_a_head_of_rows_times_columns(tmp_path: Path) -> None:
    files: dict[str, bytes] = {}
    for number in range(100):
        fields = {f"{number} {at}": "x" for at in range(1000)}
        files |= {f"{number}.jpg": b"1", f"{number}.json": json.dumps(fields).encode()}
    head = source(write_tar(tmp_path / "x.tar", files)).head()
    assert head is not None
    assert len(head.names) == 2 + 100 * 1000  # image, jpg
    assert sum(map(len, head.rows)) <= 2 * len(head.names)


def test_a_tar_that_cannot_be_read_to_its_end_is_told(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "x.tar", GOOD, form=tarfile.USTAR_FORMAT)
    whole = path.read_bytes()
    assert whole[512 * 6 :].startswith(b"b.txt")  # the last of four headers, each before a block of bytes
    cases = {
        b"": "it is empty",
        b"\x1f\x8b" + whole[2:]: "it is compressed (gzip), which cannot be read in place: decompress it",
        b"no tar at all" * 100: "it is no tar",
        whole[: 512 * 8]: "it ends without an end mark: it is cut off",
        whole[: 512 * 6 + 100]: "it is cut off within a header",
        whole[: 512 * 7 + 3]: "it is cut off within b.txt: 3 of 10 bytes are there",
        whole[: 512 * 6] + b"x" * 512 + whole[512 * 7 :]: "there is no header of a file at byte 3,072",
        whole + whole: "more follows the end mark, which readers do not see (tars that were joined by cat?)",
    }
    for content, words in cases.items():
        path.write_bytes(content)
        found = source(path).rows(Columns("image", "txt", None))
        assert found.problems[-1].words == words
        assert found.judgeable
    path.unlink()
    assert source(path).rows(Columns("image", "txt", None)).problems[0].words.startswith("the file cannot be read: ")


def test_sparse_members_and_extended_headers_are_bounded(tmp_path: Path) -> None:
    info, content = member("c.jpg", b"1\n0\n10\n")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "c.jpg"}
    path = write_tar(tmp_path / "x.tar", [*(member(*entry) for entry in GOOD.items()), (info, content)])
    assert told(rows(path))[3, "c"].startswith("c.jpg is a sparse file")
    info.pax_headers = {"comment": "x" * (2 << 20)}
    write_tar(path, [*(member(*entry) for entry in GOOD.items()), (info, content)])
    assert "the limit is 1,048,576" in told(rows(path))[3, None]


def test_no_damage_raises_and_none_changes_what_is_not_told(tmp_path: Path) -> None:
    path = write_tar(tmp_path / "x.tar", {**GOOD, "c.jpg": b"3", "c.json": b'{"caption": "A hat"}', "c.txt": b"A hat"})
    whole = bytearray(path.read_bytes()[: 512 * 16])
    columns = Columns("image", "txt", None)
    right = source(path).rows(columns)
    draw = random.Random(0)
    for _ in range(400):
        data = bytearray(whole)
        for _ in range(draw.choice((1, 1, 2, 20))):
            data[draw.randrange(len(data))] = draw.randrange(256)
        if draw.random() < 0.3:
            del data[draw.randrange(len(data)) :]
        path.write_bytes(data)
        source(path).head()
        found = source(path).rows(columns)
        assert found.judgeable
        assert len(found.numbers) + len(found.problems) == len({*found.numbers, *(p.row for p in found.problems)})
        if len(found.lines) < len(right.lines):
            assert found.problems


def test_tarfile_agrees_on_what_lies_in_a_tar(tmp_path: Path) -> None:
    from pytest_clipdata.reading.tar_index import members

    draw = random.Random(1)
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        names = ["/".join("ab"[draw.randrange(2)] * draw.randrange(1, 60) for _ in range(draw.randrange(1, 4))) for _ in range(40)]  # fmt: skip
        path = write_tar(
            tmp_path / "x.tar", {n: draw.randbytes(draw.choice((0, 1, 511, 512, 513))) for n in names}, form=form
        )
        with tarfile.open(path) as tar, path.open("rb") as file:
            theirs = [(info.name, info.offset_data, info.size) for info in tar]
            assert [(m.name, m.start, m.size) for m in members(file)] == theirs
            assert [m.extent[0] for m in members(io.BytesIO(path.read_bytes()))] == [info.offset for info in tar]
