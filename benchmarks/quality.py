"""How often ``visibility`` finds a damaged picture and flags an undamaged one, beside cleanvision in the same run.

    python benchmarks/quality.py FOLDER... [--sample 200] [--half odd|even] [--cleanvision PYTHON] [--keep FOLDER]

Each folder is one kind of picture: its files are taken for good photographs. Pictures with transparency are laid on a
white square, 15 % larger than they are, as a shop shows a cut-out. Of a seeded sample each picture is damaged in the
ways of ``DAMAGES`` and saved as JPEG of quality 90; undamaged are all pictures of the folder. Found is a damaged
picture that breaks any bound of the check at its defaults, told is one whose message names that damage. ``--half``
takes the pictures whose name's SHA-256 begins with an odd or an even byte: the defaults were chosen on the even ones.

``--cleanvision`` is the Python of an environment in which cleanvision is installed; without it its columns are missing.
There found is what is flagged as dark, light, blurry or of low information, at its defaults.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageFilter, ImageOps

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from pytest_clipdata.checks.visibility import CHECK  # noqa: E402
from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits  # noqa: E402
from pytest_clipdata.images.measure import measure  # noqa: E402
from pytest_clipdata.images.visibility import visibility_of  # noqa: E402
from pytest_clipdata.reading.blob import Blob  # noqa: E402

UNDAMAGED = "undamaged"
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
OPTIONS = {name: option.default for name, option in CHECK.options.items()}
CLEANVISION = """
import json, sys
from cleanvision import Imagelab
if __name__ == "__main__":
    lab = Imagelab(data_path=sys.argv[1], verbose=False)
    kinds = ("dark", "light", "blurry", "low_information")
    lab.find_issues({kind: {} for kind in kinds}, n_jobs=1, verbose=False)
    print(json.dumps({name: [k for k in kinds if row[f"is_{k}_issue"]] for name, row in lab.issues.iterrows()}))
"""


def scaled(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: picture.point(lambda level: min(255, int(level * factor)))


def faded(picture: Image.Image) -> Image.Image:
    """A tenth of the contrast around the mean luma."""
    counts = picture.convert("L").histogram()
    mean = sum(level * count for level, count in enumerate(counts)) / sum(counts)
    return picture.point(lambda level: round(mean + (level - mean) / 10))


def blurred(sigma: float) -> Callable[[Image.Image], Image.Image]:
    """Gaussian blur of ``sigma`` pixels where the short side is 400."""
    return lambda picture: picture.filter(ImageFilter.GaussianBlur(sigma * min(picture.size) / 400))


def enlarged(picture: Image.Image) -> Image.Image:
    """Made 50 pixels small (its short side), then enlarged eight times."""
    factor = 50 / min(picture.size)
    small = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    reduced = picture.resize(small, Image.Resampling.LANCZOS)
    return reduced.resize((8 * small[0], 8 * small[1]), Image.Resampling.BICUBIC)


#: Name: how it is made, and a word of the check's message that tells it.
DAMAGES: dict[str, tuple[Callable[[Image.Image], Image.Image], str]] = {
    "brightness x0.3": (scaled(0.3), "dark"),
    "brightness x0.15": (scaled(0.15), "dark"),
    "brightness x0.05": (scaled(0.05), "dark"),
    "overexposed x5": (scaled(5), "overexposed"),
    "faded to 10 %": (faded, "faded"),
    "blur, sigma 8": (blurred(8), "blurred"),
    "blur, sigma 16": (blurred(16), "blurred"),
    "enlarged x8": (enlarged, "enlarged"),
}


def pictures(folder: Path, half: str | None) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if half is None:
        return found
    return [path for path in found if hashlib.sha256(path.name.encode()).digest()[0] % 2 == (half == "odd")]


def opened(path: Path) -> tuple[Image.Image, bool]:
    """The picture as RGB, upright; and whether it had to be laid on white."""
    with Image.open(path) as file:
        picture = ImageOps.exif_transpose(file)
        if "A" not in picture.getbands() and "transparency" not in picture.info:
            return picture.convert("RGB"), False
        cut = picture.convert("RGBA")
    side = int(max(cut.size) * 1.15)
    square = Image.new("RGBA", (side, side), "white")
    square.alpha_composite(cut, ((side - cut.width) // 2, (side - cut.height) // 2))
    return square.convert("RGB"), True


def write(folder: Path, kind: Path, half: str | None, sample: int, seed: int) -> dict[str, dict[Path, Path]]:
    """The source of each file, by what was done to it. An undamaged picture that is no cut-out keeps its bytes."""
    sources = pictures(kind, half)
    chosen = set(random.Random(seed).sample(sources, min(sample, len(sources))))
    files: dict[str, dict[Path, Path]] = defaultdict(dict)
    for number, source in enumerate(sources):
        picture, cut = opened(source)
        path = folder / f"{number:05}-0{'.jpg' if cut else source.suffix.lower()}"
        if cut:
            picture.save(path, quality=90)
        else:
            path.write_bytes(source.read_bytes())
        files[UNDAMAGED][path] = source
        for place, (name, (damage, _)) in enumerate(DAMAGES.items(), 1) if source in chosen else ():
            path = folder / f"{number:05}-{place}.jpg"
            damage(picture).save(path, quality=90)
            files[name][path] = source
    return files


def message(path: Path) -> str:
    """What the check says of a picture; empty if nothing."""
    facts = measure(Blob.of(path), Limits(), pixels=True)
    if facts.status is not ImageStatus.OK:
        raise SystemExit(f"{path} is {facts.status}: {facts.error}")
    row = {f"image_{name}": getattr(facts, name) for name in ImageFacts.__slots__} | {"image_path": path.name}
    for option, bound in OPTIONS.items():
        value = row[f"image_{option[4:]}"]
        if value < bound if option.startswith("min_") else value > bound:
            return str(CHECK.message(row, OPTIONS))
    return ""


def cleanvision(python: str, folder: Path) -> dict[str, list[str]]:
    """The issues of each file name."""
    done = subprocess.run([python, "-c", CLEANVISION, str(folder)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"cleanvision: {done.stderr[-800:]}")
    return {Path(name).name: issues for name, issues in json.loads(done.stdout.splitlines()[-1]).items()}


def share(hits: int, of: int) -> str:
    return f"{100 * hits / of:7.1f}" if of else "      -"


def report(kind: Path, files: dict[str, dict[Path, Path]], theirs: dict[str, list[str]] | None) -> None:
    damaged = len(files[next(iter(DAMAGES))])
    counts = f"{len(files[UNDAMAGED])} pictures, {damaged} of each damage"
    print(f"\n{kind}: {counts}, % found\n{'':20}   found    told" + ("  cleanvision" if theirs is not None else ""))
    for name in (*DAMAGES, UNDAMAGED):
        said = {path: message(path) for path in files[name]}
        found = sum(map(bool, said.values()))
        told = sum(DAMAGES[name][1] in words for words in said.values()) if name in DAMAGES else 0
        line = f"{name:20} {share(found, len(said))} {share(told, len(said)) if name in DAMAGES else '':>7}"
        if theirs is not None:
            line += f"      {share(sum(bool(theirs[path.name]) for path in said), len(said))}"
        print(line)
        for path, words in said.items() if name == UNDAMAGED else ():
            if words:
                print(f"    flagged: {files[name][path].relative_to(kind)}{words.removeprefix(path.name)}")


def milliseconds(files: list[Path]) -> float:
    """Median over five rounds of the CPU time that ``visibility_of`` takes for a decoded picture."""
    reduced = []
    for path in files[:100]:
        picture = opened(path)[0]
        reduced.append(picture.reduce(max(1, min(picture.size) // 112)))
    rounds = []
    for _ in range(5):
        start = time.process_time()
        for picture in reduced:
            visibility_of(picture)
        rounds.append(1e3 * (time.process_time() - start) / len(reduced))
    return sorted(rounds)[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--sample", type=int, default=200, help="at most so many pictures of a folder are damaged")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--half", choices=("odd", "even"), help="only the pictures whose name hashes so")
    parser.add_argument("--cleanvision", metavar="PYTHON", help="of an environment that has cleanvision")
    parser.add_argument("--keep", type=Path, help="write the pictures here and leave them")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for number, kind in enumerate(args.folders):
            folder = (args.keep or Path(temporary)) / str(number)
            folder.mkdir(parents=True)
            files = write(folder, kind, args.half, args.sample, args.seed)
            if not files:
                raise SystemExit(f"{kind} holds no pictures")
            report(kind, files, cleanvision(args.cleanvision, folder) if args.cleanvision else None)
            print(f"visibility: {milliseconds(list(files[UNDAMAGED])):.2f} ms a picture")


if __name__ == "__main__":
    main()
