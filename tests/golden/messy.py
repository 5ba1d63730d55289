"""Two datasets with everything wrong that can be, for the golden files: drawn with whole numbers and without a codec.

The pictures are written as PNG and BMP without compression, so that their bytes are the same under every version of
Pillow and zlib. What needs a codec (JPEG, GIF, EXIF) is copied from the committed ``example_dataset_broken``.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLANTED = ROOT / "example_dataset_broken" / "images"
#: Rows of RGB pixels.
Pixels = list[bytes]
Row = Sequence[str]
GARMENTS = ("shirt", "jacket", "dress", "scarf", "coat", "skirt", "sweater", "hoodie", "polo", "vest")
COLOURS = ("red", "blue", "green", "black", "white", "teal", "olive", "brown")


def scene(seed: int, width: int = 240, height: int = 232) -> Pixels:
    """Rectangles of random place, size and colour on a ramp; every seed is another picture."""
    rng = random.Random(seed)
    base = [rng.randrange(60, 200) for _ in range(3)]
    canvas = [bytearray(bytes((base[0], base[1], (base[2] + y // 4) % 256)) * width) for y in range(height)]
    for _ in range(14):
        left, top = rng.randrange(width - 20), rng.randrange(height - 20)
        right, bottom = min(width, left + rng.randrange(20, 110)), min(height, top + rng.randrange(20, 110))
        line = bytes(rng.randrange(256) for _ in range(3)) * (right - left)
        for y in range(top, bottom):
            canvas[y][3 * left : 3 * right] = line
    return [bytes(line) for line in canvas]


def mirrored(pixels: Pixels) -> Pixels:
    return [b"".join(line[i : i + 3] for i in range(len(line) - 3, -1, -3)) for line in pixels]


def brighter(pixels: Pixels) -> Pixels:
    table = bytes(min(255, value * 21 // 20 + 3) for value in range(256))
    return [line.translate(table) for line in pixels]


def darkened(pixels: Pixels) -> Pixels:
    return [line.translate(bytes(value // 24 for value in range(256))) for line in pixels]


def png(pixels: Pixels) -> bytes:
    """A PNG whose image data are stored, not compressed."""
    data = b"".join(b"\0" + line for line in pixels)
    pieces = [data[start : start + 65535] for start in range(0, len(data), 65535)]
    stored = b"".join(
        struct.pack("<BHH", piece is pieces[-1], len(piece), len(piece) ^ 0xFFFF) + piece for piece in pieces
    )
    header = struct.pack(">IIBBBBB", len(pixels[0]) // 3, len(pixels), 8, 2, 0, 0, 0)
    body = b"\x78\x01" + stored + struct.pack(">I", zlib.adler32(data))
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in chunks
    )


def bmp(pixels: Pixels) -> bytes:
    width, height = len(pixels[0]) // 3, len(pixels)
    lines = [b"".join(line[i + 2 : i - 1 if i else None : -1] for i in range(0, len(line), 3)) for line in pixels[::-1]]
    data = b"".join(line + bytes(-len(line) % 4) for line in lines)
    return struct.pack("<2sIIIIiiHHIIiiII", b"BM", 54 + len(data), 0, 54, 40, width, height, 1, 24, 0, len(data), 2835,
                       2835, 0, 0) + data  # fmt: skip


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def _table(rows: Iterable[Row], header: Row, *, delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows([header, *rows])
    return out.getvalue()


def _good(folder: str, numbers: Iterable[int], labels: Sequence[str] = ("match", "mismatch")) -> list[Row]:
    """A match and a mismatch for each picture ``<folder><number>.png``, whose texts no other row has."""
    rows = []
    for number in numbers:
        for label in labels:
            colour = COLOURS[(number * 3 + (label == labels[1])) % len(COLOURS)]
            garment = GARMENTS[(number + 5 * (label == labels[1])) % len(GARMENTS)]
            rows.append((f"{folder}{number}.png", f"A {colour} {garment} of number {number} on a hanger", label))
    return rows


def _pictures(prefix: str, numbers: Iterable[int]) -> dict[str, bytes]:
    return {f"{prefix}{number}.png": png(scene(number)) for number in numbers}


# --- two splits ---------------------------------------------------------------------------------------------------

TWO_SETTINGS = """\
[word_count]
mostly = 0.5

[[expectations]]
id = "mentions_colour"
type = "expect_column_values_to_match_regex"
kwargs = { column = "text", regex = "(?i)\\\\b(red|blue|green|black|white|teal|olive|brown)\\\\b" }
severity = "warning"

[[expectations]]
id = "no_large_files"
type = "expect_column_values_to_be_between"
kwargs = { column = "image_bytes", max_value = 190000 }
"""


def two_splits(folder: Path) -> None:
    """train.csv and val.csv in one folder, with images/, every defect that a row, a picture or a pair can have."""
    numbers = range(1, 9)
    files = {f"images/{name}": data for name, data in _pictures("", numbers).items()}
    files |= {
        "images/same_bytes.png": png(scene(1)),
        "images/same_pixels.bmp": bmp(scene(2)),
        "images/mirror.png": png(mirrored(scene(3))),
        "images/brighter.png": png(brighter(scene(4))),
        "images/leaked.png": png(scene(5)),
        "images/leaked_mirror.bmp": bmp(mirrored(scene(6))),
        "images/cut.png": png(scene(20))[:70_000],
        "images/no bytes.png": b"",
        "images/words.png": b"These are words.\n",
        "images/tiny.png": png(scene(21, 120, 150)),
        "images/wide.bmp": bmp(scene(22, 720, 226)),
        "images/dark.png": png(darkened(scene(23))),
        "images/blank.png": png([bytes((90, 120, 150)) * 230] * 230),
        "images/Upper.PNG": png(scene(24)),
        "images/caf\u00e9 \u6a21.png": png(scene(25)),
        "images/val9.png": png(scene(9)),
        "images/val10.png": png(scene(10)),
    }
    _write(folder, files)
    for name in ("animated.gif", "rotated.jpg", "transparent.png", "sixteen_bit.png", "cmyk.jpg", "truncated.jpg",
                 "lfs_pointer.jpg", "bomb.png"):  # fmt: skip
        shutil.copyfile(PLANTED / name, folder / "images" / name)
    train = _table([*_good("images/", numbers), *_odd_pictures(), *_odd_rows()], ("image_path", "text", "label"))
    lines = train.splitlines(keepends=True)
    lines.insert(4, "\n")  # a blank line: what follows must be told on its true line
    lines += ["images/1.png,A red shirt, unquoted,match\n", "images/2.png,too few cells\n", "\n", "images/3.png,Last,"]
    (folder / "train.csv").write_text("".join(lines), encoding="utf-8", newline="")
    val = [
        *_good("images/val", (9, 10)),
        ("images/leaked.png", "A leaked picture of a green coat", "match"),
        ("images/leaked_mirror.bmp", "A leaked mirrored picture of a blue coat", "match"),
        ("images/7.png", "The very file of the training split, black", "mismatch"),
        ("images/val9.png", "a BLACK  jacket of number 1 on a hanger", "match"),
    ]
    content = _table(val, ("image_path", "text", "label"), end="\r\n")
    (folder / "val.csv").write_text(content, encoding="utf-8-sig", newline="")
    (folder / "clipdata.toml").write_text(TWO_SETTINGS, encoding="utf-8")


def _odd_pictures() -> list[Row]:
    names = [
        "same_bytes.png", "same_pixels.bmp", "mirror.png", "brighter.png", "cut.png", "no bytes.png", "words.png",
        "tiny.png", "wide.bmp", "dark.png", "blank.png", "animated.gif", "rotated.jpg", "transparent.png",
        "sixteen_bit.png", "cmyk.jpg", "truncated.jpg", "lfs_pointer.jpg", "bomb.png", "missing.png", "upper.png",
        "caf\u00e9 \u6a21.png", "cafe\u0301 \u6a21.png", "3.pgn", "Upper.PNG ",
    ]  # fmt: skip
    rows = [(f"images/{name}", f"A white vest number {i} of the odd pictures", "match") for i, name in enumerate(names)]
    paths = ["images", "images\\4.png", "/nowhere/5.png", "../elsewhere/6.png", "./images/../images/7.png", "", " ",
             "https://example.org/8.png", "images/<script>alert(1)</script>.png", "::error::images/9.png"]  # fmt: skip
    return rows + [(path, f"A teal polo number {i} of the odd paths", "mismatch") for i, path in enumerate(paths)]


def _odd_rows() -> list[Row]:
    long = "A brown coat with " + "contrast topstitching, reinforced loops, copper rivets, " * 20
    texts = [
        "", "short", "NA", long, "caf\u00c3\u00a9 red shirt in linen", "A red &amp; blue shirt with dots",
        "A red shirt<br>with white dots", "A red\u200bshirt with white dots", " A red shirt with white dots",
        "A red shirt\\nwith white dots", "A red shirt <|endoftext|> with dots", "A red\ufffd shirt with white dots",
        'A "quoted" red shirt,\nover two lines,\r\nof cotton', "\u8d64\u3044\u7dbf\u306e\u30b7\u30e3\u30c4",
        "=HYPERLINK(\"x\") red shirt of cotton", "[red](https://example.org) shirt of fine cotton",
    ]  # fmt: skip
    rows = [("images/8.png", text, ("match", "mismatch")[i % 2]) for i, text in enumerate(texts)]
    rows += [("images/1.png", f"Row {i}", "match") for i in range(23)]  # more findings of a check than are shown
    labels = ["Match", "MISMATCH ", "macth", "1", "", "maybe\u202e"]
    rows += [("images/2.png", f"A green skirt number {i} of the labels", label) for i, label in enumerate(labels)]
    repeated = [(f"images/{i}.png", "An everyday white favourite for all seasons", "match") for i in range(1, 8)]
    twice = ("images/4.png", "A blue scarf that is told of twice", "match")
    against = [("images/5.png", "A blue scarf that is both", label) for label in ("match", "mismatch")]
    return [*rows, *repeated, twice, twice, *against]


# --- three splits -------------------------------------------------------------------------------------------------

THREE_SETTINGS = """\
[columns]
image_path = "filepath"
text = "caption"

[labels]
match = ["yes", "1"]
mismatch = ["no", "0"]

[label_balance]
severity = "critical"

[repeated_text]
severity = "off"

[leakage]
quarantine = "validation"

[[expectations]]
id = "errs"
type = "expect_column_mean_to_be_between"
kwargs = { column = "text", min_value = 3 }

[[expectations]]
id = "enough_rows"
type = "expect_table_row_count_to_be_between"
kwargs = { min_value = 10 }
"""


def three_splits(folder: Path) -> None:
    """train/, validation/ and test/pairs.* with other columns and labels; copies and leaks between all three."""
    header = ("id", "filepath", "caption", "label")
    files = _pictures("pictures/", range(31, 39))
    files |= {
        "pictures/copy31.png": png(scene(31)),
        "pictures/copy31again.png": png(scene(31)),
        "pictures/copy32.bmp": bmp(scene(32)),
        "pictures/mirror33.png": png(mirrored(scene(33))),
        "pictures/with space.png": png(scene(40)),
    }
    _write(folder, files)
    copies = {name: f"A copy in {name} of a red shirt" for name in ("copy31.png", "copy31again.png", "copy32.bmp")}
    train = _good("pictures/", range(31, 35), ("yes", "no"))
    train += [(f"pictures/{name}", text, "1") for name, text in list(copies.items())[:1]]
    train += [("pictures\\35.png", "A blue vest with a windows path", "0"), ("pictures/gone.png", "Gone", "nope")]
    validation = _good("pictures/", (35, 36), ("yes", "no"))
    validation += [(f"pictures/{name}", text, "1") for name, text in list(copies.items())[1:]]
    test = _good("pictures/", (37, 38), ("yes", "no"))
    test += [
        ("pictures/mirror33.png", "A mirrored leak of a red dress", "0"),
        ("pictures/36.png", "A file of validation, in blue, in test", "1"),
        ("pictures/copy31.png", "A file of training, in blue, in test", "1"),
        ("pictures/with space.png", train[0][1], "yes"),
        ("../outside.png", "A picture from outside, in teal", "no"),
    ]
    (folder.parent / "outside.png").write_bytes(png(scene(41)))
    for name, rows, delimiter, end in (
        ("train/pairs.csv", train, ",", "\n"),
        ("validation/pairs.tsv", validation, "\t", "\r\n"),
        ("test/pairs.csv", test, ",", "\n"),
    ):
        numbered = [(str(number), *row) for number, row in enumerate(rows)]
        (folder / name).parent.mkdir(exist_ok=True)
        content = _table(numbered, header, delimiter=delimiter, end=end)
        (folder / name).write_text(content, encoding="utf-8", newline="")
    (folder / "clipdata.toml").write_text(THREE_SETTINGS, encoding="utf-8")
