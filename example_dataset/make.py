"""Draw example_dataset and example_dataset_broken anew, the same bytes each time: python example_dataset/make.py"""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

from catalogue.broken import make_broken
from catalogue.captions import Product, describe, misdescribe
from catalogue.paint import garment
from catalogue.products import products
from PIL import Image

HERE = Path(__file__).resolve().parent
_SIZES = ((256, 256), (240, 300), (256, 320), (300, 240), (272, 272), (224, 280), (320, 256), (240, 288))
_WRONG = ("colour", "category", "material", "pattern")


def picture_path(product: Product) -> str:
    """Where the picture lies, relative to the CSV: most are JPEG, some WebP, a few PNG, as in a grown catalogue."""
    words = [product.kind, product.colour] + ([] if product.pattern == "plain" else [product.pattern])
    name = "_".join(words).replace("-", "_")
    kind = random.Random(f"format/{name}").choices(("jpg", "webp", "png"), (80, 15, 5))[0]
    return f"images/{name}.{kind}"


def rows(split: str) -> list[tuple[str, str, str]]:
    """The rows (image_path, text, label) of ``train`` or ``val``; no caption twice."""
    table: list[tuple[str, str, str]] = []
    written: set[str] = set()
    for number, product in enumerate(products(split)):
        rng = random.Random(f"{split}/{product}")
        wanted = ["match", "mismatch"] + (["match"] if number % 6 == 1 else ["mismatch"] if number % 6 == 4 else [])
        for place, label in enumerate(wanted):
            wrong = _WRONG[(number + place) % len(_WRONG)]
            text = describe(product, rng) if label == "match" else misdescribe(product, wrong, rng)
            while text in written:
                text = describe(product, rng) if label == "match" else misdescribe(product, wrong, rng)
            written.add(text)
            table.append((picture_path(product), text, label))
    return table


def csv_text(split: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("image_path", "text", "label"), *rows(split)])
    return out.getvalue()


def draw(product: Product, path: Path) -> None:
    """One picture of the example, in the format that its name says."""
    size = random.Random(f"size/{product}").choice(_SIZES)
    picture = garment(product.kind, product.colour, product.pattern, size, product.take,
                      accent=product.accent, material=product.material)  # fmt: skip
    if path.suffix == ".png":
        picture.quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
    else:
        picture.save(path, quality=82)


def main() -> None:
    (HERE / "images").mkdir(exist_ok=True)
    for split in ("train", "val"):
        (HERE / f"{split}.csv").write_text(csv_text(split), encoding="utf-8", newline="")
        for product in products(split):
            draw(product, HERE / picture_path(product))
    make_broken(HERE.parent / "example_dataset_broken")


if __name__ == "__main__":
    main()
