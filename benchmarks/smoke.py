"""The trial behind docs/smoke.md: does the smoke test pass good data and fail bad data, seed after seed, and the cost.

    python benchmarks/smoke.py [--seeds 100] [--kind NAME ...] [--cost]

Every kind of data is drawn anew for each seed, and the same number seeds the smoke test. Prints Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from PIL import Image, ImageDraw

from pytest_clipdata.smoke.pixels import clip_pixels
from pytest_clipdata.smoke.run import run_smoke
from pytest_clipdata.smoke.tiny import SIDE
from pytest_clipdata.smoke.values import Pair, SmokeResult

COLOURS = {
    "red": (200, 30, 40),
    "green": (40, 160, 60),
    "blue": (40, 60, 200),
    "yellow": (230, 210, 40),
    "black": (20, 20, 20),
    "purple": (130, 50, 160),
}
SHAPES = ("circle", "square", "triangle", "ring", "bar")
WORDS = (
    "cotton",
    "linen",
    "silk",
    "long",
    "short",
    "wide",
    "slim",
    "soft",
    "warm",
    "light",
    "formal",
    "casual",
    "plain",
)
Kind = Callable[[Path, np.random.Generator], list[Pair]]
GOOD: dict[str, Kind] = {}
BAD: dict[str, tuple[Kind, tuple[str, ...]]] = {}  #: kind -> the codes of which one must be given


def good(kind: Kind) -> Kind:
    GOOD[kind.__name__] = kind
    return kind


def bad(*codes: str) -> Callable[[Kind], Kind]:
    def register(kind: Kind) -> Kind:
        BAD[kind.__name__] = (kind, codes)
        return kind

    return register


def photo(rng: np.random.Generator, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """A soft random picture, each unlike the other."""
    return Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)


def grainy(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """As many bytes a pixel as a camera's JPEG has."""
    values = np.asarray(photo(rng, size), dtype=np.int16) + rng.integers(-12, 13, (size[1], size[0], 1), dtype=np.int16)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def product(rng: np.random.Generator, colour: str, shape: str, size: int = 160) -> Image.Image:
    """One coloured shape on white, as shops show things, at a place of its own."""
    picture = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(picture)
    r = int(rng.integers(size // 6, size // 4))
    x, y = (int(v) for v in rng.integers(r + 4, size - r - 4, 2))
    fill = COLOURS[colour]
    if shape == "circle":
        draw.ellipse((x - r, y - r, x + r, y + r), fill=fill)
    elif shape == "square":
        draw.rectangle((x - r, y - r, x + r, y + r), fill=fill)
    elif shape == "triangle":
        draw.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=fill)
    elif shape == "ring":
        draw.ellipse((x - r, y - r, x + r, y + r), outline=fill, width=max(3, r // 4))
    else:
        draw.rectangle((x - r, y - r // 4, x + r, y + r // 4), fill=fill)
    return picture


def sentence(rng: np.random.Generator, i: int) -> str:
    return f"a {' '.join(rng.choice(WORDS, 5))} item number {i}"


def jpeg(picture: Image.Image, path: Path, quality: int = 90) -> Path:
    picture.convert("RGB").save(path, "JPEG", quality=quality)
    return path


def rows(entries: Iterator[tuple[Path, str, bool]]) -> list[Pair]:
    return [Pair(i, p, text, matches, f"{p}|{text}") for i, (p, text, matches) in enumerate(entries, start=2)]


def crossed(images: list[Path], texts: list[str]) -> list[Pair]:
    """Every picture once with its own text and once with the next one's: only the two together tell the label."""
    n = len(images)
    own = [(images[i], texts[i], True) for i in range(n)]
    return rows(iter(own + [(images[i], texts[(i + 1) % n], False) for i in range(n)]))


def photos(folder: Path, rng: np.random.Generator, n: int) -> list[Path]:
    return [jpeg(photo(rng), folder / f"{i}.jpg") for i in range(n)]


def sentences(rng: np.random.Generator, n: int) -> list[str]:
    return [sentence(rng, i) for i in range(n)]


@good
def photos_and_sentences(folder: Path, rng: np.random.Generator) -> list[Pair]:
    return crossed(photos(folder, rng, 40), sentences(rng, 40))


@good
def eight_pictures_eight_texts(folder: Path, rng: np.random.Generator) -> list[Pair]:
    return crossed(photos(folder, rng, 8), sentences(rng, 8))


@good
def products_on_white(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """Pictures and texts that differ in a colour and a shape only; mismatches are one word away."""
    entries = []
    for i in range(60):
        colour, other = (str(c) for c in rng.choice(list(COLOURS), 2, replace=False))
        shape = str(rng.choice(SHAPES))
        path = jpeg(product(rng, colour, shape), folder / f"{i}.jpg")
        entries.append((path, f"a {colour if i % 2 else other} {shape} on a white background", bool(i % 2)))
    return rows(iter(entries))


@good
def eight_colours_crossed(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """One shape in six colours, every picture once right and once wrong: the hardest that is still right."""
    images = [jpeg(product(rng, colour, "circle"), folder / f"{colour}.jpg") for colour in COLOURS]
    return crossed(images, [f"a {colour} circle on a white background" for colour in COLOURS])


@good
def two_pictures(folder: Path, rng: np.random.Generator) -> list[Pair]:
    images, texts = photos(folder, rng, 2), sentences(rng, 20)
    return rows((images[(i + i // 10) % 2], texts[i], i < 10) for i in range(20))


@good
def three_rows_a_label(folder: Path, rng: np.random.Generator) -> list[Pair]:
    return crossed(photos(folder, rng, 3), sentences(rng, 3))


@good
def one_in_ten_mismatch(folder: Path, rng: np.random.Generator) -> list[Pair]:
    images, texts = photos(folder, rng, 60), sentences(rng, 60)
    return rows((images[i], texts[i if i % 10 else (i + 1) % 60], bool(i % 10)) for i in range(60))


@good
def long_texts(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """Cut at 77 tokens, but different before."""
    return crossed(photos(folder, rng, 20), [f"{s} {' '.join(rng.choice(WORDS, 120))}" for s in sentences(rng, 20)])


@bad("skipped")
def one_label(folder: Path, rng: np.random.Generator) -> list[Pair]:
    images, texts = photos(folder, rng, 20), sentences(rng, 20)
    return rows((images[i], texts[i], True) for i in range(20))


@bad("blank")
def blank_pictures(folder: Path, rng: np.random.Generator) -> list[Pair]:
    shades = rng.integers(0, 256, (20, 3))
    images = [jpeg(Image.new("RGB", (99, 80), tuple(map(int, s))), folder / f"{i}.jpg") for i, s in enumerate(shades)]
    return crossed(images, sentences(rng, 20))


@bad("saturated")
def sixteen_bit_pictures(folder: Path, rng: np.random.Generator) -> list[Pair]:
    images = []
    for i in range(20):
        images.append(folder / f"{i}.png")
        Image.fromarray(rng.integers(900, 60000, (80, 99), dtype=np.uint16)).save(images[-1])
    return crossed(images, sentences(rng, 20))


@bad("saturated")
def float_pictures(folder: Path, rng: np.random.Generator) -> list[Pair]:
    images = []
    for i in range(20):
        images.append(folder / f"{i}.tiff")
        Image.fromarray((rng.random((80, 99)) * 0.99).astype(np.float32)).save(images[-1])
    return crossed(images, sentences(rng, 20))


@bad("unreadable")
def broken_files(folder: Path, rng: np.random.Generator) -> list[Pair]:
    images = photos(folder, rng, 20)
    for path in images[::2]:
        path.write_bytes(path.read_bytes()[: int(rng.integers(0, 1500))])
    return crossed(images, sentences(rng, 20))


@bad("identical_pictures")
def one_picture_in_many_files(folder: Path, rng: np.random.Generator) -> list[Pair]:
    picture = photo(rng)
    images = [jpeg(picture, folder / f"{i}.jpg", quality=int(rng.integers(70, 96))) for i in range(20)]
    return crossed(images, sentences(rng, 20))


@bad("identical_tokens")
def one_text(folder: Path, rng: np.random.Generator) -> list[Pair]:
    images, text = photos(folder, rng, 40), sentence(rng, 0)
    return rows((images[i], text, i < 20) for i in range(40))


@bad("identical_tokens")
def texts_that_differ_behind_77_tokens(folder: Path, rng: np.random.Generator) -> list[Pair]:
    head = " ".join(rng.choice(WORDS, 90))
    return crossed(photos(folder, rng, 20), [f"{head} {text}" for text in sentences(rng, 20)])


@bad("both_labels")
def every_pair_with_both_labels(folder: Path, rng: np.random.Generator) -> list[Pair]:
    images, texts = photos(folder, rng, 40), sentences(rng, 40)
    return rows((images[i % 40], texts[i % 40], i < 40) for i in range(80))


@bad("both_labels")
def both_labels_through_exact_copies(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """The mismatch row shows a copy of the file; nobody has told the smoke test that it is one."""
    images, texts = photos(folder, rng, 8), sentences(rng, 8)
    copies = [folder / f"copy{i}.jpg" for i in range(8)]
    for image, copy in zip(images, copies, strict=True):
        copy.write_bytes(image.read_bytes())
    return rows(((images + copies)[i], texts[i % 8], i < 8) for i in range(16))


@bad("both_labels")
def both_labels_through_reencoded_copies(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """The copy was saved again, so that its bytes and pixels differ a little."""
    pictures, texts = [photo(rng) for _ in range(8)], sentences(rng, 8)
    images = [jpeg(picture, folder / f"{i}.jpg") for i, picture in enumerate(pictures)]
    images += [jpeg(picture, folder / f"copy{i}.jpg", quality=80) for i, picture in enumerate(pictures)]
    return rows((images[i], texts[i % 8], i < 8) for i in range(16))


def shuffled_labels(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """Learnable by rote: the smoke test cannot see it."""
    pairs = photos_and_sentences(folder, rng)
    labels = rng.permutation([pair.matches for pair in pairs])
    return [replace(pair, matches=bool(label)) for pair, label in zip(pairs, labels, strict=True)]


def inverted_labels(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """Learnable by rote: the smoke test cannot see it."""
    return [replace(pair, matches=not pair.matches) for pair in products_on_white(folder, rng)]


UNSEEN: tuple[Kind, ...] = (shuffled_labels, inverted_labels)


def bound_alone(seeds: int) -> None:
    """The bound with the checks of pictures and texts switched off, on inputs that carry both labels in pairs."""
    from pytest_clipdata.smoke.process import undisturbed
    from pytest_clipdata.smoke.tiny import LEARNING_RATE, tiny_model
    from pytest_clipdata.smoke.tokens import tiny_tokens
    from pytest_clipdata.smoke.train import Batch, Terms, train

    for distinct in (1, 2, 8):
        lowest, failed = [], 0
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            inputs = [clip_pixels(photo(rng), SIDE) for _ in range(distinct)]
            texts = sentences(rng, distinct)
            order = [i % distinct for i in range(8)] * 2
            ids, mask, vocabulary = tiny_tokens([texts[i] for i in order])
            labels = np.repeat(np.array([1, 0], dtype=np.float32), 8)
            batch = Batch(
                {"pixel_values": np.stack([inputs[i] for i in order])}, ids, mask, labels, tuple(range(2, 18))
            )
            with undisturbed("cpu", seed, threads=1):
                run = train(tiny_model(vocabulary), batch, Terms("cpu", None, LEARNING_RATE))
            lowest.append(min(run.losses) / run.entropy)
            failed += [failure.code for failure in run.failures] == ["not_learned"]
        print(f"| {distinct} distinct inputs | {failed}/{seeds} | {min(lowest):.4f} .. {max(lowest):.4f} |", flush=True)


def verdict(result: SmokeResult) -> str:
    if result.skipped:
        return "skipped"
    return "+".join(sorted({failure.code for failure in result.failures})) or "passed"


def trial(name: str, kind: Kind, right: tuple[str, ...], seeds: int) -> str:
    outcomes: Counter[str] = Counter()
    steps, seconds, shares = [], [], []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            pairs = kind(Path(folder), np.random.default_rng(seed))
            start = process_time()
            result = run_smoke(pairs, device="cpu", seed=seed)
            seconds.append(process_time() - start)
        outcomes[verdict(result)] += 1
        if losses := result.figures.get("losses"):
            steps.append(result.figures["steps"])
            shares.append(min(losses) / result.figures["entropy"])
    hits = sum(count for outcome, count in outcomes.items() if set(outcome.split("+")) & set(right))
    spread = f"{statistics.median(steps):.0f} / {max(steps)}" if steps else "-"
    lowest = f"{min(shares):.2f} .. {max(shares):.2f}" if shares else "-"
    said = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
    cost = f"{statistics.median(seconds):.2f} / {max(seconds):.2f}"
    return f"| {name.replace('_', ' ')} | {hits}/{seeds} | {said} | {spread} | {lowest} | {cost} |"


def cost() -> None:
    """One run on typical files: 1000x1000 JPEGs, and 12-megapixel ones."""
    for size in ((256, 256), (1000, 1000), (4000, 3000)):
        with tempfile.TemporaryDirectory() as folder:
            rng = np.random.default_rng(0)
            images = [jpeg(grainy(rng, size), Path(folder) / f"{i}.jpg") for i in range(16)]
            pairs = crossed(images, sentences(rng, 16))
            run_smoke(pairs, device="cpu")
            cpu, wall = process_time(), perf_counter()
            run_smoke(pairs, device="cpu")
            size_words = f"{size[0]}x{size[1]} JPEG, {images[0].stat().st_size // 1000} kB"
            print(f"{size_words}: {process_time() - cpu:.2f} s CPU, {perf_counter() - wall:.2f} s wall")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--kind", action="append", default=[])
    parser.add_argument("--cost", action="store_true", help="the cost alone")
    options = parser.parse_args()
    if options.cost:
        cost()
        return
    with tempfile.TemporaryDirectory() as folder:  # what is imported, and tokenizers, once
        run_smoke(photos_and_sentences(Path(folder), np.random.default_rng(0)), device="cpu")
    print("| data | right | verdicts | steps, median / most | lowest loss / H | CPU s, median / most |")
    print("|---|---|---|---|---|---|")
    kinds = {name: (kind, ("passed",)) for name, kind in GOOD.items()} | BAD
    kinds |= {kind.__name__: (kind, ("not_learned",)) for kind in UNSEEN}
    for name, (kind, right) in kinds.items():
        if not options.kind or name in options.kind:
            print(trial(name, kind, right, options.seeds), flush=True)
    if not options.kind:
        print("\n| the bound alone | failed | lowest loss / H |\n|---|---|---|")
        bound_alone(options.seeds)


if __name__ == "__main__":
    main()
