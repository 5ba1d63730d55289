"""Trial of the check ``shortcuts``: honest data must not be told, planted shortcuts must.

    python benchmarks/shortcuts.py [--round N] [CAPTIONS ...]

Captions are drawn from a grammar; each further file holds real ones, a line each, with the picture before a tab if
several belong to one. Everything is seeded, each round
anew, so that what is tuned on one can be reported on another. Prints the tables of docs/shortcuts.md.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pytest_clipdata.shortcuts.blind import Rows, blind_baselines, message
from pytest_clipdata.shortcuts.pictures import name_metadata
from pytest_clipdata.shortcuts.told import Told

Row = tuple[int, str, bool]  # picture, text, whether it is a match
Captions = list[list[str]]  # of each picture

# fmt: off
COLOURS = ["black", "white", "blue", "navy", "red", "green", "grey", "pink", "beige", "brown", "yellow", "purple"]
THINGS = ["shirt", "dress", "jacket", "skirt", "shoe", "boot", "bag", "hat", "scarf", "sofa", "lamp", "mug", "watch"]
STUFFS = ["cotton", "leather", "linen", "wool", "denim", "silk", "canvas", "steel", "oak", "velvet"]
FEATURES = ["a round neck", "long sleeves", "two pockets", "a zip", "buttons", "floral print", "a hood", "dots"]
# fmt: on
FRAMES = (
    "{colour} {stuff} {thing} with {feature}",
    "a {thing} in {colour} {stuff} with {feature}",
    "{thing} made of {stuff} , {colour}",
    "{stuff} {thing} with {feature} , in {colour} and {other}",
    "A {colour} {thing} with {feature} and {more}.",
)  # fmt: skip


def skewed(rng: random.Random, words: list[str]) -> str:
    return words[min(int(rng.expovariate(3 / len(words))), len(words) - 1)]


def caption(rng: random.Random, thing: str | None = None) -> str:
    return rng.choice(FRAMES).format(
        colour=skewed(rng, COLOURS), other=skewed(rng, COLOURS), stuff=skewed(rng, STUFFS),
        thing=thing or skewed(rng, THINGS), feature=skewed(rng, FEATURES), more=skewed(rng, FEATURES),
    )  # fmt: skip


def drawn(rng: random.Random, pictures: int) -> Captions:
    return [[caption(rng, thing) for _ in range(5)] for thing in (skewed(rng, THINGS) for _ in range(pictures))]


def read(path: Path) -> Callable[[random.Random, int], Captions]:
    by_picture: dict[str, list[str]] = {}
    for number, line in enumerate(path.read_text("utf-8").split("\n")):
        picture, tab, text = line.rpartition("\t")
        if text.strip():
            by_picture.setdefault(picture if tab else str(number), []).append(text.strip())
    captions = list(by_picture.values())
    return lambda rng, pictures: rng.sample(captions, min(pictures, len(captions)))


# --- honest data -----------------------------------------------------------------------------------------------------


def both_labels(rng: random.Random, captions: Captions, n: int) -> list[Row]:
    """Each picture with a text of its own and one of another picture, shuffled."""
    own = [rng.choice(texts) for texts in captions[: n // 2]]
    others = rng.sample(own, len(own))
    return [row for at, text in enumerate(own) for row in ((at, text, True), (at, others[at], False))]


def one_label(rng: random.Random, captions: Captions, n: int) -> list[Row]:
    own = [rng.choice(texts) for texts in captions[:n]]
    labels = [rng.random() < 0.5 for _ in own]
    return [
        (at, text if label else rng.choice(own), label)
        for at, (text, label) in enumerate(zip(own, labels, strict=True))
    ]


def repeated(rng: random.Random, captions: Captions, n: int) -> list[Row]:
    """Few texts for many pictures, as with names of kinds."""
    few = [texts[0] for texts in captions[: max(6, n // 20)]]
    rows = [(at, rng.choice(few)) for at in range(n // 2)]
    return [row for at, text in rows for row in ((at, text, True), (at, rng.choice(few), False))]


def near_equal(rng: random.Random, captions: Captions, n: int) -> list[Row]:
    """A mismatch is its match text with one word of it put in from another text's same place in line."""
    own = [rng.choice(texts).split() for texts in captions[: n // 2]]
    rows: list[Row] = []
    for at, words in enumerate(own):
        others = [text for text in rng.sample(own, min(40, len(own))) if len(text) == len(words)]
        edited = list(words)
        place = rng.randrange(len(words))
        edited[place] = (rng.choice(others) if others else words)[place]
        pair = [words, edited] if rng.random() < 0.5 else [edited, words]
        rows += [(at, " ".join(pair[0]), True), (at, " ".join(pair[1]), False)]
    return rows


def several(rng: random.Random, captions: Captions, n: int) -> list[Row]:
    """Up to five texts a picture, and as many of other pictures of the set."""
    used = captions[: 2 + n // (2 * min(5, len(captions[0])))]
    pairs = [(at, text) for at, texts in enumerate(used) for text in texts[:5]]
    others = [rng.choice(used[(at + rng.randrange(1, len(used))) % len(used)]) for at, _ in pairs]
    return _two_a_piece(pairs, others)[:n]


def from_elsewhere(rng: random.Random, captions: Captions, n: int) -> list[Row]:
    """Up to five texts a picture, and as many of pictures that are not in the set, each once."""
    middle = len(captions) // 2
    pairs = [(at, text) for at, texts in enumerate(captions[:middle]) for text in texts[:5]]
    others = [text for texts in captions[middle:] for text in texts[:5]]
    rng.shuffle(others)
    return _two_a_piece(pairs[: len(others)], others[: len(pairs)])[:n]


def _two_a_piece(pairs: list[tuple[int, str]], others: list[str]) -> list[Row]:
    return [
        row for (at, text), other in zip(pairs, others, strict=True) for row in ((at, text, True), (at, other, False))
    ]


def unequal(rng: random.Random, captions: Captions, n: int) -> list[Row]:
    own = [rng.choice(texts) for texts in captions[:n]]
    return [(at, text, True) if rng.random() < 0.8 else (at, rng.choice(own), False) for at, text in enumerate(own)]


HONEST = (both_labels, one_label, repeated, near_equal, several, from_elsewhere, unequal)


# --- planted shortcuts -----------------------------------------------------------------------------------------------


def misspelt(rng: random.Random, text: str) -> str:
    words = text.split()
    at = max(range(len(words)), key=lambda place: (len(words[place]), rng.random()))
    letters = list(words[at])
    place = rng.randrange(max(1, len(letters) - 1))
    letters[place : place + 2] = letters[place : place + 2][::-1]
    words[at] = "".join(letters) + rng.choice("aeioubcdt")
    return " ".join(words)


FIXED = [caption(random.Random(seed)) for seed in range(20)]
PLANTED: dict[str, Callable[[random.Random, str], str]] = {
    "a misspelt word": misspelt,
    "shorter": lambda rng, text: " ".join(text.split()[: max(2, len(text.split()) // 2)]),
    "upper case": lambda rng, text: text.upper(),
    "another final mark": lambda rng, text: text.rstrip(" .") + " !",
    "twenty fixed texts": lambda rng, text: rng.choice(FIXED),
    "a negation": lambda rng, text: text + " without " + rng.choice(FEATURES),
}
PLANTED_IN_PICTURES = ("png", "half size", "own folder")


def judge(rng: random.Random, rows: list[Row], planted: str = "", strength: float = 0.0) -> list[Told]:
    """The baselines on rows, with metadata of pictures that are drawn, and a shortcut in some of them if asked for."""
    single = {at: label for at, _, label in rows}
    names, sizes, formats = {}, {}, {}
    for at, label in single.items():
        told = not label and planted in PLANTED_IN_PICTURES and rng.random() < strength
        kind = "png" if told and planted == "png" else rng.choice(["jpeg", "jpeg", "jpeg", "webp"])
        folder = (
            "generated" if told and planted == "own folder" else rng.choice(["a", "b", "images/2024", "images/2023"])
        )
        names[at], formats[at] = (
            f"{folder}/{rng.choice(['img', 'shirt', 'DSC'])}_{rng.randrange(10000):04}.{kind}",
            kind,
        )
        sizes[at] = rng.choice([600, 800, 1000, 1200]) * (0.5 if told and planted == "half size" else 1)
    order = list(single)
    metadata = {
        **name_metadata([names[at] for at in order]),
        "format": [formats[at] for at in order],
        "width": np.array([sizes[at] for at in order]),
        "bytes": np.array([sizes[at] ** 2 * rng.uniform(0.1, 0.4) for at in order]),
        "brightness": np.array([rng.gauss(0.6, 0.1) for _ in order]),
        "sharpness": np.array([rng.lognormvariate(6, 1) for _ in order]),
    }
    codes = {at: code for code, at in enumerate(order)}
    texts: dict[str, int] = {}
    text_codes = np.array([texts.setdefault(text, len(texts)) for _, text, _ in rows])
    pictures = np.array([codes[at] for at, *_ in rows])
    match = np.array([label for *_, label in rows])
    return blind_baselines(Rows(list(texts), text_codes, pictures, match, np.arange(len(rows))), metadata)


def honest_table(sources: dict[str, Callable[[random.Random, int], Captions]], seeds: int, turn: int) -> None:
    print("| honest data | rows | runs | false alarms | highest AUC style / words / picture |\n|---|---|---|---|---|")
    runs = alarms = 0
    for name, captions in sources.items():
        for kind in HONEST:
            for n in (60, 200, 1000):
                highest, false = {"style": 0.0, "words": 0.0, "picture": 0.0}, 0
                for seed in range(seeds):
                    rng = random.Random(f"{name} {kind.__name__} {n} {seed} {turn}")
                    told = judge(rng, kind(rng, captions(rng, n), n))
                    for each in told:
                        highest[each.source] = max(highest[each.source], each.auc)
                    text = message(told)
                    false += text is not None
                    if text:
                        print("FALSE:", text)
                runs, alarms = runs + seeds, alarms + false
                reached = " / ".join(f"{x:.2f}" for x in highest.values())
                print(f"| {name}, {kind.__name__} | {n} | {seeds} | {false} | {reached} |")
    print(f"\n{alarms} of {runs} honest runs\n")


def planted_table(sources: dict[str, Callable[[random.Random, int], Captions]], seeds: int, turn: int) -> None:
    print("| planted in | rows | found at 100 % | 50 % | 30 % |\n|---|---|---|---|---|")
    for planted in (*PLANTED, *PLANTED_IN_PICTURES):
        for n in (60, 200, 1000):
            found = {}
            for strength in (1.0, 0.5, 0.3):
                hits = total = 0
                for name, captions in sources.items():
                    for seed in range(seeds):
                        rng = random.Random(f"{name} {planted} {n} {seed} {turn}")
                        kind = one_label if planted in PLANTED_IN_PICTURES else rng.choice([both_labels, one_label])
                        rows = kind(rng, captions(rng, n), n)
                        if planted in PLANTED:
                            change = PLANTED[planted]
                            rows = [
                                (at, text if label or rng.random() >= strength else change(rng, text), label)
                                for at, text, label in rows
                            ]
                        hits += message(judge(rng, rows, planted, strength)) is not None
                        total += 1
                found[strength] = f"{hits}/{total}"
            print(f"| {planted} | {n} | {' | '.join(found.values())} |")


def speed() -> None:
    blind_baselines(
        Rows(["red", "blue"], np.arange(2), np.arange(2), np.arange(2) > 0, np.arange(2))
    )  # loads the merges
    for n in (1000, 10_000, 100_000, 1_000_000):
        rng = random.Random(n)
        base = both_labels(rng, drawn(rng, min(n, 50_000)), min(n, 100_000))
        texts: dict[str, int] = {}
        codes = np.array([texts.setdefault(f"{text} {at % 977}", len(texts)) for at, (_, text, _) in enumerate(base)])
        times = n // len(base)
        codes = np.concatenate([codes] * times)
        pictures = np.arange(n) // 2
        match = np.arange(n) % 2 == 0
        rows = Rows(list(texts), codes, pictures, match, np.arange(n))
        metadata = {"format": ["jpeg", "png"] * (n // 4), "width": np.arange(n // 2) % 7.0}
        start = time.perf_counter()
        blind_baselines(rows, metadata)
        print(f"{n} rows: {time.perf_counter() - start:.3f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", nargs="*", type=Path)
    parser.add_argument("--round", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    sources = {"drawn": drawn} | {path.stem: read(path) for path in options.captions}
    speed()
    honest_table(sources, options.seeds, options.round)
    planted_table(sources, 5, options.round)


if __name__ == "__main__":
    main()
