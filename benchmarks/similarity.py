"""How well copies of a picture are found, and how often another picture is taken for one.

    python benchmarks/similarity.py [--images DIR ...] [--sources 400] [--drawn 200] [--catalogue 90] [--json FILE]

Every source gets each kind of copy and each kind of non-copy. Each of them is judged against its source (or against
the partner that the kind names): the same picture or not; ours by one search over all files together. Recall is per
copy kind, the false positives per non-copy kind; overall figures count every kind but grey-scale, which keeps no
colour. Blank sources (luma within ``BLANK`` levels) tell no copies of their own: figures are given with and without
them. ``--tuned`` tells on how many sources from the folders (the 1st, 3rd, 5th ...) and on the ``--drawn`` ones limits
were set; "held out" are all others. Peers run at their defaults where they
can be imported: cleanvision (near duplicates are equal hashes), imagededup's PHash (10 bits), and plain pHash.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

HERE = Path(__file__).resolve().parent
# The example's first: its ``catalogue`` is another than the one beside this file.
sys.path[:0] = [str(HERE.parent / "example_dataset"), str(HERE), str(HERE.parent)]

from catalogue.paint import COLOURS, garment  # noqa: E402
from catalogue.products import products  # noqa: E402
from drawings import SIDE, cut_out, emblem, product  # noqa: E402

REPORTED_ONLY = {"grey-scale"}
BLANK = 4.0  #: standard deviation of the luma of 32 x 32 cells, in levels

PATTERNS = ("plain", "striped", "checked", "dotted", "floral", "zigzag")

Pair = tuple[str, str, str, str]  # kind, "copy" or "other", name of one file, name of the other


def shop(number: int, colour: int = 0, pattern: int = 0) -> Image.Image:
    """A garment or thing of the example catalogue; ``colour`` and ``pattern`` count on from its own."""
    kinds, colours = sorted({each.kind for each in products("train")}), list(COLOURS)
    return garment(
        kinds[number % len(kinds)],
        colours[(5 * number + colour) % len(colours)],
        PATTERNS[(number // len(kinds) + pattern) % len(PATTERNS)],
        seed=number,
    )


def sources(
    folders: list[Path], most: int, drawn: int, catalogue: int, side: int
) -> Iterator[tuple[str, Image.Image, int | None]]:
    """(name, picture, seed of what is drawn or None)."""
    suffixes = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
    paths = sorted(p for folder in folders for p in folder.rglob("*") if p.suffix.lower() in suffixes and large(p))
    step = max(1, len(paths) / max(1, most))
    taken = [paths[int(n * step)] for n in range(min(most, len(paths)))]
    for number, path in enumerate(taken):
        with Image.open(path) as picture:
            rgba = picture.convert("RGBA")
        shown = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
        if max(shown.size) > 2 * side:
            shown.thumbnail((2 * side, 2 * side), Image.Resampling.LANCZOS)
        yield f"s{number:04d}", shown, None
    for seed in range(drawn):
        yield f"d{seed:04d}", product(seed), seed
    for number in range(catalogue):
        yield f"c{number:04d}", shop(number), number


def large(path: Path) -> bool:
    """Whether a file is a picture that there is room in for a print and an object."""
    try:
        with Image.open(path) as picture:
            return min(picture.size) >= 100
    except (OSError, Image.DecompressionBombError):
        return False


def crop(picture: Image.Image, share: float) -> Image.Image:
    x, y = round(picture.width * share), round(picture.height * share)
    return picture.crop((x, y, picture.width - x, picture.height - y))


def hue(picture: Image.Image, degrees: int) -> Image.Image:
    h, s, v = picture.convert("HSV").split()
    return Image.merge("HSV", (h.point(lambda level: (level + degrees * 256 // 360) % 256), s, v)).convert("RGB")


def watermark(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Half-transparent words over a third of the width, in one of the corners or the middle of the lower edge."""
    width, height = picture.size
    words = Image.new("RGBA", (120, 16))
    ImageDraw.Draw(words).text(
        (4, 2), "(c) example shop", fill=(255, 255, 255, 150), stroke_width=1, stroke_fill=(0, 0, 0, 150)
    )
    words = words.resize((width // 3, max(4, width * 16 // 360)))
    x = int(rng.choice([width // 50, (width - words.width) // 2, width - words.width - width // 50]))
    y = int(rng.choice([height // 50, height - words.height - height // 50]))
    out = picture.convert("RGBA")
    out.alpha_composite(words, (x, y))
    return out.convert("RGB")


def on_white(picture: Image.Image) -> Image.Image:
    """The picture with what is nearly white made transparent: shown on white it is the same."""
    rgba = picture.convert("RGBA")
    pixels = np.array(rgba)
    pixels[..., 3] = np.where(pixels[..., :3].min(axis=2) >= 253, 0, 255)
    return Image.fromarray(pixels)


def chroma_difference(a: Image.Image, b: Image.Image) -> float:
    """Mean distance of (Cb, Cr) in levels: whether a person sees another colour."""
    small = [np.asarray(p.convert("YCbCr").resize((32, 32)), dtype=np.float32)[..., 1:] for p in (a, b)]
    return float(np.hypot(*np.moveaxis(small[0] - small[1], -1, 0)).mean())


def luma_difference(a: Image.Image, b: Image.Image) -> float:
    small = [np.asarray(p.convert("RGB").resize((32, 32)), dtype=np.float32) for p in (a, b)]
    return float(np.abs(small[0] - small[1]).mean())


def build(folder: Path, args: argparse.Namespace) -> list[Pair]:
    """Writes all pictures into ``folder``; the pairs to judge."""
    pairs: list[Pair] = []
    everything = list(sources(args.images, args.sources, args.drawn, args.catalogue, SIDE))
    for number, (name, picture, seed) in enumerate(everything):
        rng = np.random.default_rng([7, number])

        def save(kind: str, image: Image.Image, *, suffix: str = ".jpg", of: str = name, **options: object) -> str:
            stem = f"{of}-{kind.replace(' ', '_').replace('+', 'p').replace('%', '')}{suffix}"
            image.save(folder / stem, **({"quality": 90} | options))
            return stem

        source = save("source", picture, quality=95)

        def copy(
            kind: str, image: Image.Image, *, source: str = source, save: Callable[..., str] = save, **options: object
        ) -> None:
            pairs.append((kind, "copy", source, save(kind, image, **options)))

        copy("jpeg q90", picture, quality=90)
        copy("jpeg q40", picture, quality=40)
        copy("half size", picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS))
        for sign, amount in (("+", 1), ("-", -1)):
            copy(f"brightness {sign}15", ImageEnhance.Brightness(picture).enhance(1 + 0.15 * amount))
            copy(f"contrast {sign}20", ImageEnhance.Contrast(picture).enhance(1 + 0.2 * amount))
            copy(f"saturation {sign}20", ImageEnhance.Color(picture).enhance(1 + 0.2 * amount))
        copy("crop 2%", crop(picture, 0.02))
        copy("crop 5%", crop(picture, 0.05))
        copy("watermark", watermark(picture, rng))
        edge = max(2, min(picture.size) // 50)
        copy("thin border", ImageOps.expand(picture, edge, fill=["black", "white", "red"][number % 3]))
        copy("mirrored", ImageOps.mirror(picture))
        copy("rotated 90", picture.transpose(Image.Transpose.ROTATE_270))
        copy("rotated 270", picture.transpose(Image.Transpose.ROTATE_90))
        copy("grey-scale", picture.convert("L"))
        copy("png to webp", picture, suffix=".webp", quality=80)
        copy("transparency", on_white(picture), suffix=".png")

        def other(
            kind: str, a: Image.Image, b: Image.Image, first: str | None, *, save: Callable[..., str] = save
        ) -> None:
            if max(chroma_difference(a, b), luma_difference(a, b)) < args.visible:
                return  # a grey picture has no hue to turn: no visible difference
            pairs.append((kind, "other", first or save(kind + " a", a), save(kind, b)))

        other("hue 90", picture, hue(picture, 90), source)
        other("hue 180", picture, hue(picture, 180), source)
        # The next picture of a folder may be a real copy: a drawing never is.
        following = everything[(number + 1) % len(everything)]
        pairs.append(("next picture", "other", source, f"{following[0]}-source.jpg"))
        if seed is not None and name.startswith("c"):
            other("another colour", picture, shop(seed, colour=1 + number % (len(COLOURS) - 1)), source)
            other("another print", picture, shop(seed, pattern=1 + number % (len(PATTERNS) - 1)), source)
        elif seed is not None:
            other("another print", picture, product(seed, mark=1), source)
            other("another object", picture, product(seed, thing=1), source)
        else:
            small = round(0.3 * min(picture.size))
            large = round(0.5 * min(picture.size))
            place = [((picture.width - s) // 2, (picture.height - s) // 2) for s in (small, large)]
            with_print = [_laid(picture, emblem(2 * number + n, small), place[0]) for n in (0, 1)]
            other("another print", *with_print, None)
            far = [everything[(number + n) % len(everything)][1] for n in (101, 202)]
            with_object = [_laid(picture, cut_out(each, large), place[1]) for each in far]
            other("another object", *with_object, None)
        colours = rng.integers(0, 256, size=(2, 3))
        if np.abs(colours[0] - colours[1]).max() >= 16:
            plain = [Image.new("RGB", (300, 300), tuple(int(v) for v in colour)) for colour in colours]
            other("solid colours", plain[0], plain[1], None)
    return pairs


def _laid(picture: Image.Image, top: Image.Image, place: tuple[int, int]) -> Image.Image:
    out = picture.convert("RGBA")
    out.alpha_composite(top, place)
    return out.convert("RGB")


def ours(folder: Path, pairs: list[Pair]) -> tuple[dict[Pair, bool], dict[str, float]]:
    """Each pair judged as a run does it: candidates of one search over all files, and looks at those that are asked."""
    from pytest_clipdata.images.facts import Limits
    from pytest_clipdata.images.measure import measure
    from pytest_clipdata.reading.blob import Blob
    from pytest_clipdata.running.engines.looks import LocalLooks
    from pytest_clipdata.running.memory.cache import Cache
    from pytest_clipdata.similarity.match import SamePicture
    from pytest_clipdata.similarity.stars import contents_of

    names = sorted({name for _, _, a, b in pairs for name in (a, b)})
    number = {name: n for n, name in enumerate(names)}
    start = time.process_time()
    facts = [measure(Blob.of(folder / name), Limits(), pixels=True) for name in names]
    measured = time.process_time()
    contents = contents_of(facts, range(len(names)))
    blobs = {str(each.sha256): Blob.of(folder / name) for name, each in zip(names, facts, strict=True)}
    with Cache(None) as cache:
        looks = LocalLooks(blobs, SamePicture(), Limits(), cache.looks, 2)
        near = {(i, j) for i, others in looks.near(facts).items() for j in others}
        searched = time.process_time()
        asked = {pair: (number[pair[2]], number[pair[3]]) for pair in pairs}
        looked = sorted({ids for ids in asked.values() if ids in near and contents[ids[0]] != contents[ids[1]]})
        said = dict(zip(looked, looks.look([(facts[i], facts[j]) for i, j in looked]), strict=True))
    judged = {pair: contents[i] == contents[j] or said.get((i, j)) is not None for pair, (i, j) in asked.items()}
    return judged, {
        "measure ms per picture": 1e3 * (measured - start) / len(names),
        "search s": searched - measured,
        "files": len(names),
        "looks": len(looked),
    }


def blank_sources(folder: Path, pairs: list[Pair]) -> set[str]:
    """The sources among the pairs that hold next to nothing."""
    blank = set()
    for name in {pair[2] for pair in pairs}:
        with Image.open(folder / name) as picture:
            luma = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.BOX), dtype=np.float32)
        if luma.std() < BLANK:
            blank.add(name)
    return blank


def plain_phash(folder: Path, pairs: list[Pair]) -> dict[Pair, int]:
    import imagehash

    hashes = {}
    for name in {name for _, _, a, b in pairs for name in (a, b)}:
        with Image.open(folder / name) as picture:
            hashes[name] = imagehash.phash(picture)
    return {pair: int(hashes[pair[2]] - hashes[pair[3]]) for pair in pairs}


def imagededup(folder: Path, pairs: list[Pair]) -> dict[Pair, bool] | None:
    try:
        from imagededup.methods import PHash
    except ImportError:
        return None
    hasher = PHash(verbose=False)
    codes = {name: hasher.encode_image(str(folder / name)) for name in {n for _, _, a, b in pairs for n in (a, b)}}
    return {pair: hasher.hamming_distance(codes[pair[2]], codes[pair[3]]) <= 10 for pair in pairs}


def cleanvision(folder: Path, pairs: list[Pair]) -> dict[Pair, bool] | None:
    try:
        from cleanvision import Imagelab
    except ImportError:
        return None
    lab = Imagelab(data_path=str(folder), verbose=False)
    lab.find_issues({"exact_duplicates": {}, "near_duplicates": {}}, n_jobs=2, verbose=False)
    group = {}
    for kind in ("exact_duplicates", "near_duplicates"):
        for number, names in enumerate(lab.info.get(kind, {}).get("sets", [])):
            for name in names:
                group[kind, Path(name).name] = number

    def together(pair: Pair) -> bool:
        return any(
            group.get((kind, pair[2])) is not None and group.get((kind, pair[2])) == group.get((kind, pair[3]))
            for kind in ("exact_duplicates", "near_duplicates")
        )

    return {pair: together(pair) for pair in pairs}


def report(judged: dict[str, dict[Pair, bool]], pairs: list[Pair]) -> dict[str, dict[str, float]]:
    """Shares of pairs called the same, per kind and method, with overall precision, recall and F1."""
    kinds = list(dict.fromkeys((kind, role) for kind, role, _, _ in pairs))
    table: dict[str, dict[str, float]] = defaultdict(dict)
    print(f"{'':22s}{'pairs':>7s}" + "".join(f"{name:>14s}" for name in judged))
    for role, title in (("copy", "copies: recall"), ("other", "others: false positives")):
        print(title)
        for kind in [k for k, r in kinds if r == role]:
            rows = [pair for pair in pairs if pair[:2] == (kind, role)]
            for name, verdicts in judged.items():
                table[name][kind] = sum(verdicts[pair] for pair in rows) / len(rows)
            print(f"  {kind:20s}{len(rows):7d}" + "".join(f"{table[name][kind]:14.4f}" for name in judged))
    counted = [pair for pair in pairs if pair[0] not in REPORTED_ONLY]
    copies = sum(pair[1] == "copy" for pair in counted)
    for name, verdicts in judged.items():
        hits = sum(verdicts[pair] for pair in counted if pair[1] == "copy")
        wrong = sum(verdicts[pair] for pair in counted if pair[1] == "other")
        precision, recall = hits / max(1, hits + wrong), hits / copies
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        table[name] |= {"precision": precision, "recall": recall, "F1": f1}
    for figure in ("precision", "recall", "F1"):
        print(f"{figure:22s}{len(counted):7d}" + "".join(f"{table[name][figure]:14.4f}" for name in judged))
    return dict(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, action="append", default=[], help="a folder of sources; repeatable")
    parser.add_argument("--sources", type=int, default=400, help="at most so many sources from the folders")
    parser.add_argument("--drawn", type=int, default=200, help="so many drawn sources")
    parser.add_argument("--catalogue", type=int, default=90, help="so many things of the example catalogue")
    parser.add_argument("--visible", type=float, default=4.0, help="levels by which a non-copy must differ to count")
    parser.add_argument("--tuned", type=int, default=0, help="every other of the first sources, so many, were tuned on")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="write the pictures here and leave them")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        pairs = build(folder, args)
        mine, used = ours(folder, pairs)
        distances = plain_phash(folder, pairs)
        judged = {"ours": mine}
        judged |= {f"pHash <= {d}": {pair: distances[pair] <= d for pair in pairs} for d in (4, 6, 10)}
        for name, peer in (("imagededup", imagededup), ("cleanvision", cleanvision)):
            if (verdicts := peer(folder, pairs)) is not None:
                judged[name] = verdicts
        blank = blank_sources(folder, pairs)
        table = report(judged, pairs)
        with_detail = [pair for pair in pairs if pair[2] not in blank or pair[1] == "other"]
        print(f"\nwithout the copies of {len({p[2] for p in pairs if p[1] == 'copy'} & blank)} blank sources")
        report(judged, with_detail)
        if args.tuned:
            tuned = {f"s{2 * n:04d}-" for n in range(args.tuned)}
            print("\nthe same, held-out sources only")
            report(judged, [pair for pair in with_detail if pair[2][:6] not in tuned and pair[2][0] != "d"])
        print(", ".join(f"{name} {value:.2f}" for name, value in used.items()))
        if args.json:
            args.json.write_text(json.dumps({"figures": table, "used": used}, indent=1))


if __name__ == "__main__":
    main()
