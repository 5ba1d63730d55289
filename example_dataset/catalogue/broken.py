"""The broken twin of the example: at least one case of every check that needs no model, and a list of them."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from . import defects
from .captions import Product, describe
from .paint import garment

Save = Callable[[Path], object]
_TURN = Image.Transpose


def _picture(kind: str, colour: str, pattern: str = "plain", size: tuple[int, int] = (224, 240)) -> Image.Image:
    return garment(kind, colour, pattern, size, f"broken/{colour}")


def _jpeg(kind: str, colour: str, pattern: str = "plain", size: tuple[int, int] = (224, 240)) -> Save:
    return lambda path: defects.jpeg(_picture(kind, colour, pattern, size), path, 72)


def _copy(of: str, change: Callable[[Image.Image], Image.Image], quality: int = 60) -> Save:
    def save(path: Path) -> None:
        with Image.open(path.with_name(of)) as image:
            defects.jpeg(change(image.convert("RGB")), path, quality)

    return save


def _altered(change: Callable[[Image.Image], Image.Image], kind: str, colour: str) -> Save:
    return lambda path: defects.jpeg(change(_picture(kind, colour)), path, 72)


def _few(image: Image.Image, colours: int) -> Image.Image:
    """The picture in a palette, so that a PNG of it is small."""
    return image.quantize(colours, dither=Image.Dither.NONE)


def _pixel_copy(path: Path) -> None:
    with Image.open(path.with_name("mug_brown.png")) as image:
        image.convert("RGB").save(path, "WEBP", lossless=True)


#: Every picture, in an order in which copies come after what they copy. Each defect is one file named by it.
PICTURES: dict[str, Save] = {
    "tshirt_red.jpg": _jpeg("tshirt", "red", size=(288, 320)),
    "dress_teal_dotted.jpg": _jpeg("dress", "teal", "dotted", (240, 300)),
    "jeans_blue.jpg": _jpeg("jeans", "blue"),
    "sneaker_green.jpg": _jpeg("sneaker", "green", size=(300, 240)),
    "handbag_pink_checked.jpg": _jpeg("handbag", "pink", "checked"),
    "mug_brown.png": lambda path: _few(_picture("mug", "brown"), 32).save(path, optimize=True),
    "chair_blue.jpg": _jpeg("chair", "blue"),
    "lamp_orange.jpg": _jpeg("lamp", "orange"),
    "clock_red.jpg": _jpeg("clock", "red"),
    "cushion_navy_zigzag.jpg": _jpeg("cushion", "navy", "zigzag"),
    "copy_bytes.jpg": lambda path: shutil.copyfile(path.with_name("chair_blue.jpg"), path),
    "copy_pixels.webp": _pixel_copy,
    "copy_reencoded.jpg": _copy("handbag_pink_checked.jpg", lambda image: image, 50),
    "copy_mirrored.jpg": _copy("sneaker_green.jpg", lambda image: image.transpose(_TURN.FLIP_LEFT_RIGHT)),
    "leaked_smaller.jpg": _copy("tshirt_red.jpg", lambda image: image.resize((232, 258), Image.Resampling.LANCZOS)),
    "leaked_turned.jpg": _copy("dress_teal_dotted.jpg", lambda image: image.transpose(_TURN.ROTATE_90)),
    "truncated.jpg": lambda path: defects.truncated(defects.jpeg(_picture("coat", "burgundy"), path, 72)),
    "empty.jpg": lambda path: path.write_bytes(b""),
    "text.jpg": lambda path: path.write_text("This is not a picture.\n", encoding="ascii", newline=""),
    "lfs_pointer.jpg": defects.lfs_pointer,
    "bomb.png": defects.bomb,
    "animated.gif": lambda path: defects.animated_gif(_picture("scarf", "red"), path),
    "thumbnail.jpg": _jpeg("boot", "yellow", size=(180, 240)),
    "panorama.jpg": _jpeg("scarf", "olive", "zigzag", (768, 224)),
    "rotated.jpg": lambda path: defects.exif_rotated(_picture("umbrella", "purple"), path, 72),
    "transparent.png": lambda path: defects.palette_transparent(_picture("cap", "green"), path, 32),
    "sixteen_bit.png": lambda path: defects.png16(_few(_picture("vase", "grey"), 24), path),
    "cmyk.jpg": lambda path: defects.cmyk(_picture("skirt", "yellow"), path, 60),
    "dark.jpg": _altered(defects.dark, "tote", "orange"),
    "overexposed.jpg": _altered(defects.overexposed, "shorts", "black"),
    "blurred.jpg": _altered(defects.blurred, "backpack", "teal"),
    "blank.jpg": lambda path: defects.jpeg(Image.new("RGB", (224, 240), (200, 190, 180)), path, 60),
    "teapot_purple.jpg": _jpeg("teapot", "purple"),
    "stool_yellow.jpg": _jpeg("stool", "yellow"),
    "planter_orange.jpg": _jpeg("planter", "orange"),
    "book_red_dotted.jpg": _jpeg("book", "red", "dotted"),
}  # fmt: skip


@dataclass
class _Csv:
    """A CSV that grows row by row and knows on which physical line each row starts."""

    name: str
    text: str = "image_path,text,label\n"
    planted: list[dict[str, object]] = field(default_factory=list)

    def row(self, image_path: str, text: str, label: str, *checks: str, extra: tuple[str, ...] = ()) -> None:
        self.plant(self.text.count("\n") + 1, *checks)
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerow((image_path, text, label, *extra))
        self.text += out.getvalue()

    def plant(self, line: int | None, *checks: str) -> None:
        self.planted += [{"csv": self.name, "line": line, "check": check} for check in checks]


def _train() -> _Csv:
    table = _Csv("train.csv")
    row = table.row
    # Good rows, one of them over two lines: what follows must be reported on its true line.
    row("images/tshirt_red.jpg", "Red cotton t-shirt with a round neck", "match")
    row("images/dress_teal_dotted.jpg", 'Teal "summer" dress with white dots,\nwide straps and a flared skirt', "match")
    row("images/jeans_blue.jpg", "Blue denim jeans with contrast stitching", "match")
    row("images/sneaker_green.jpg", "Green canvas sneaker with white laces", "match")
    row("images/mug_brown.png", "Brown ceramic mug with a large handle", "match", "contradictions")
    row("images/chair_blue.jpg", "Blue dining chair with wooden legs", "match")
    row("images/clock_red.jpg", "Red wall clock with a white face", "match")
    row("images/handbag_pink_checked.jpg", "Pink and white checked handbag with a brass clasp", "match")
    row("images/cmyk.jpg", "Yellow pleated skirt with a dark waistband", "match")
    row("images/tshirt_red.jpg", "Blue denim jeans with slim fit", "mismatch")
    row("images/mug_brown.png", "Green ceramic teapot with a curved spout", "mismatch")
    # The row itself.
    row("images/lamp_orange.jpg", "Orange table lamp", "match", "columns", extra=("with a brass stand",))
    row("images/lamp_orange.jpg", "", "match", "missing_values")
    row("", "Orange table lamp with a brass stand", "match", "missing_values")
    row("images/lamp_orange.jpg", "Orange table lamp with a slanted shade", "maybe", "labels")
    row("images/no_such_picture.jpg", "Green wool sweater with ribbed cuffs", "match", "paths")
    row("images/jeans_blue.jpeg", "A pair of blue jeans with a brass button", "match", "paths")
    row("images", "White canvas tote bag with long straps", "mismatch", "paths")
    row("images/lfs_pointer.jpg", "Purple hoodie with a front pouch pocket", "match", "paths")
    row("../example_dataset/images/watch_teal.jpg", "Teal wristwatch with a white dial", "match", "portable_paths")
    # The picture.
    row("images/truncated.jpg", "Burgundy leather coat with wide lapels", "match", "decodable")
    row("images/empty.jpg", "Grey flannel trousers with a straight leg", "match", "decodable")
    row("images/text.jpg", "Black leather boots with a sturdy sole", "match", "decodable")
    row("images/bomb.png", "Black velvet cushion with pointed corners", "match", "decodable")
    row("images/animated.gif", "Red wool scarf with fringed ends", "match", "decodable")
    row("images/thumbnail.jpg", "Yellow ankle boot with pale laces", "match", "resolution")
    row("images/panorama.jpg", "Olive and white zigzag scarf with long tassels", "match", "aspect_ratio")
    row("images/rotated.jpg", "Purple umbrella with a curved wooden handle", "match", "loader_parity")
    row("images/transparent.png", "Green baseball cap with a stitched panel", "match", "loader_parity")
    row("images/sixteen_bit.png", "Grey ceramic vase with a slender neck", "match", "loader_parity")
    row("images/dark.jpg", "Orange canvas tote bag with an open top", "match", "visibility")
    row("images/overexposed.jpg", "Black linen shorts with a drawstring waist", "match", "visibility")
    row("images/blurred.jpg", "Teal canvas backpack with a metal zip", "match", "visibility")
    row("images/blank.jpg", "A cream coloured silk scarf, folded twice", "match", "visibility")
    # The text.
    row("images/chair_blue.jpg", "Blue wooden chair", "match", "word_count")
    row("images/jeans_blue.jpg", _long(70), "match", "token_length")
    row("images/jeans_blue.jpg", _long(110), "mismatch", "word_count", "token_length")
    row("images/clock_red.jpg", "Red wall clock, caf\u00c3\u00a9 style, with black hands", "match", "text_hygiene")
    row("images/clock_red.jpg", "Red clock &amp; white face, with black hands", "match", "text_hygiene")
    row("images/clock_red.jpg", "Red clock, white face<br>and black hands", "match", "text_hygiene")
    row("images/clock_red.jpg", "Red wall\u200bclock with a wide round frame", "match", "text_hygiene")
    row("images/clock_red.jpg", " Round red clock with a wide frame", "match", "text_style")
    row("images/clock_red.jpg", r"Round red clock\nwith a white face and black hands", "match", "text_hygiene")
    # Rows against rows.
    row("images/sneaker_green.jpg", "Green canvas sneaker with white laces", "match", "duplicate_rows")
    row("images/mug_brown.png", "Brown ceramic mug with a large handle", "mismatch", "contradictions")
    row("images/copy_bytes.jpg", "A dining chair in blue linen, wooden legs", "match", "duplicate_images")
    row("images/copy_pixels.webp", "Brown coffee mug with straight sides", "match", "duplicate_images")
    row("images/copy_reencoded.jpg", "Checked handbag in pink with a curved handle", "match", "duplicate_images")
    row("images/copy_mirrored.jpg", "Low-top green trainer with a thick sole", "match", "duplicate_images")
    praise = "Everyday favourite for every season and style"
    for name in ("tshirt_red.jpg", "dress_teal_dotted.jpg", "jeans_blue.jpg", "sneaker_green.jpg",
                 "handbag_pink_checked.jpg", "cushion_navy_zigzag.jpg"):  # fmt: skip
        row(f"images/{name}", praise, "match", "repeated_text")
    row("images/clock_red.jpg", "Красные настенные часы с белым циферблатом", "match", "language")
    # Mismatch texts that begin alike and end with a full stop, as no match text does.
    told = ("White wool cardigan with a shawl collar", "Silver toaster with two slots", "Navy rain boots in rubber",
            "Black office chair on five castors", "Pink ballet shoes with satin ribbons", "Yellow lamp on a desk clip",
            "Green garden hose on a steel reel", "Beige trench coat with a double row of buttons",
            "Brown leather belt with a square buckle", "Grey felt hat with a narrow brim",
            "Blue glass carafe with a cork stopper", "Purple yoga mat with a carrying strap",
            "Orange camping tent for three people", "Striped beach towel with long tassels")  # fmt: skip
    shown = ("tshirt_red.jpg", "dress_teal_dotted.jpg", "jeans_blue.jpg", "sneaker_green.jpg", "mug_brown.png",
             "chair_blue.jpg", "handbag_pink_checked.jpg", "cmyk.jpg", "lamp_orange.jpg", "clock_red.jpg",
             "tshirt_red.jpg", "jeans_blue.jpg", "cushion_navy_zigzag.jpg", "sneaker_green.jpg")  # fmt: skip
    for name, text in zip(shown, told, strict=True):
        row(f"images/{name}", f"Not in this picture: {text}.", "mismatch")
    table.plant(None, "shortcuts")
    # Twice split_ratio: training holds too small a share of the rows, and the splits' label mixes differ.
    table.plant(None, "label_balance", "row_count", "split_ratio", "split_ratio")
    return table


def _val() -> _Csv:
    table = _Csv("val.csv")
    row = table.row
    row("images/clock_red.jpg", "Wall clock in red with a wide round frame", "match", "leakage")
    row("images/leaked_smaller.jpg", "Short-sleeved red tee with a ribbed collar", "match", "leakage")
    row("images/leaked_turned.jpg", "Sleeveless teal dress with white dots, linen", "match", "leakage")
    row("images/stool_yellow.jpg", "blue denim JEANS with  contrast stitching", "match", "text_leakage", "text_style")
    goods = {
        "teapot_purple.jpg": Product("teapot", "purple", "plain", "white", "ceramic", 0),
        "stool_yellow.jpg": Product("stool", "yellow", "plain", "white", "leather", 0),
        "planter_orange.jpg": Product("planter", "orange", "plain", "white", "ceramic", 0),
        "book_red_dotted.jpg": Product("book", "red", "dotted", "white", "linen", 0),
    }
    # Enough good rows that the training split holds too small a share of all.
    rng = random.Random("broken/val")
    seen: set[str] = set()
    names = list(goods)
    for number in range(28):
        label = "match" if number < 12 else "mismatch"
        shown = names[number % 4]
        told = shown if label == "match" else names[(number + 1 + number // 4 % 3) % 4]
        text = describe(goods[told], rng)
        while text in seen:
            text = describe(goods[told], rng)
        seen.add(text)
        row(f"images/{shown}", text, label)
    return table


def _long(words: int) -> str:
    """A caption of exactly ``words`` words, most of them long enough to be several tokens."""
    phrases = ("relaxed", "stonewashed", "contrast", "topstitching,", "reinforced", "loops,", "copper", "rivets,")
    return "Blue " + " ".join(phrases[i % len(phrases)] for i in range(words - 1)).rstrip(",")


_HEADER = "image_path,text,label\n"
_GOOD = (
    "images/tshirt_red.jpg,Red cotton t-shirt with a round neck,match\n"
    "images/tshirt_red.jpg,Blue denim jeans with slim fit,mismatch\n"
)
_MORE = (
    "images/chair_blue.jpg,Blue dining chair with wooden legs,match\n"
    "images/chair_blue.jpg,Green chair with a padded seat,mismatch\n"
    "images/lamp_orange.jpg,Orange table lamp with a brass stand,match\n"
)
_MUG = "images/mug.jpg,Brown mug with a large handle,match\n"

#: CSVs that cannot be read as they stand: their bytes and the line of the fault.
_UNREADABLE: dict[str, tuple[bytes, int]] = {
    "windows_1252.csv": ((_HEADER + _GOOD + _MUG.replace("mug with", "caf\u00e9 mug with")).encode("cp1252"), 4),
    "semicolon.csv": ((_HEADER + _GOOD).replace(",", ";").encode(), 1),
    "ragged.csv": ((_HEADER + _GOOD + _MORE + _MUG.replace(" with", ", with")).encode(), 7),
    "bad_quoting.csv": ((_HEADER + _GOOD + _MUG.replace("Brown", '"Brown')).encode(), 4),
    "nul.csv": ((_HEADER + _GOOD + _MUG.replace("mug with", "m\0g with")).encode(), 4),
    "twice.csv": ((_HEADER.replace("text", "text,text") + _MUG.replace(" with", ",with")).encode(), 1),
    "no_rows.csv": (_HEADER.encode(), 1),
    "empty.csv": (b"", 1),
}


def csvs() -> tuple[dict[str, bytes], list[dict[str, object]]]:
    """The bytes of every CSV by its name, and what was planted: objects of ``csv``, ``line`` (or None), ``check``."""
    tables = [_train(), _val()]
    files = {table.name: table.text.encode() for table in tables}
    files |= {f"unreadable/{name}": data for name, (data, _) in _UNREADABLE.items()}
    planted = [entry for table in tables for entry in table.planted]
    for name, (_, line) in _UNREADABLE.items():
        planted.append({"csv": f"unreadable/{name}", "line": line, "check": "columns"})
    return files, planted


def planted_text() -> str:
    return "[\n" + ",\n".join(json.dumps(entry) for entry in csvs()[1]) + "\n]\n"


def make_broken(folder: Path) -> None:
    """Write the CSVs, the pictures and ``planted.json`` into ``folder``."""
    for name in ("images", "unreadable"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, data in csvs()[0].items():
        (folder / name).write_bytes(data)
    for name, save in PICTURES.items():
        save(folder / "images" / name)
    (folder / "planted.json").write_text(planted_text(), encoding="ascii", newline="")
