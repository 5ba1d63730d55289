"""Every file under a folder, whatever it is, as the pictures of a dataset: what becomes of each, and does Pillow agree?

    python benchmarks/corpus.py FOLDER [--list FILE] [--timeout SECONDS]

Makes a CSV that names every file, judges it as ``pytest --clip-dataset`` does, and lets Pillow decode every file
whole in worker processes of the same kind. Prints a table of statuses by format, the outcome of each check, and every
disagreement. Exit status 1 if a worker crashed, a check ended in an ERROR or a file was lost.

Our ANIMATED, TOO_LARGE and NOT_ALLOWED files are no disagreements where Pillow could open them: we refuse them before
decoding, by design. ``--list`` writes one line of JSON a file.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from pytest_clipdata.facts import Needs  # noqa: E402
from pytest_clipdata.findings import Outcome  # noqa: E402
from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits  # noqa: E402
from pytest_clipdata.reading.blob import Blob  # noqa: E402
from pytest_clipdata.reading.dataset import discover  # noqa: E402
from pytest_clipdata.running.load_settings import load_settings  # noqa: E402
from pytest_clipdata.running.run import DatasetRun  # noqa: E402
from pytest_clipdata.settings.options import RunOptions  # noqa: E402

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF")


def with_pillow(blob: Blob, limits: Limits, *, pixels: bool) -> ImageFacts:
    """What ``Image.open().load()`` says of a file: OK with the stored size, or BROKEN with the error's type."""
    from PIL import Image

    Image.init()
    Image.MAX_IMAGE_PIXELS = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(blob.url, formats=FORMATS) as picture:
                picture.load()
                width, height = picture.size
                return ImageFacts(ImageStatus.OK, format=picture.format, mode=picture.mode, width=width, height=height)
        except Exception as error:
            words = str(error).replace(blob.url, "FILE")
            return ImageFacts(ImageStatus.BROKEN, f"{type(error).__name__}: {words}"[:160])


def peers(paths: list[Path], limits: Limits) -> dict[Path, ImageFacts]:
    import corpus  # by its name, not as __main__: the workers import it

    from pytest_clipdata.images.workers.pool import measure_all

    with measure_all(
        [Blob.of(path) for path in paths], pixels=True, limits=limits, measure=corpus.with_pillow
    ) as measuring:
        return {paths[index]: facts for index, facts in measuring}


def agrees(ours: ImageFacts, theirs: ImageFacts) -> bool:
    """Whether both could or could not have the pixels; what we refuse on purpose counts as agreed."""
    refused = (ImageStatus.ANIMATED, ImageStatus.TOO_LARGE, ImageStatus.NOT_ALLOWED)
    if ours.status in refused:
        return True
    if ours.status is ImageStatus.OK and theirs.status is ImageStatus.OK:
        return sorted((ours.width or 0, ours.height or 0)) == sorted((theirs.width or 0, theirs.height or 0))
    return (ours.status is ImageStatus.OK) == (theirs.status is ImageStatus.OK)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--list", type=Path)
    parser.add_argument("--timeout", type=float, default=30.0)
    asked = parser.parse_args()
    root = asked.folder.resolve()
    paths = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        with Path(home, "train.csv").open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["image_path", "text", "label"])
            for number, path in enumerate(paths):
                rows.writerow([path.relative_to(root), f"Picture number {number} of a corpus", "match"])
        (dataset,) = discover([Path(home)])
        overrides = (f"image_root={json.dumps(str(root))}", f"image_timeout={asked.timeout}")
        options = RunOptions(top=Path(home), overrides=overrides, device="off")
        run = DatasetRun(dataset, load_settings(dataset, options), options)
        for check_id in run.check_ids():
            run.want("train.csv", check_id)
        results = [run.result("train.csv", check_id) for check_id in run.check_ids()]
        seconds = time.monotonic() - started
        images = run.engine.images(Needs.PIXELS)
        files = run.engine.files["train.csv"].values()
    limits = Limits(timeout=asked.timeout)
    theirs = peers(list(images), limits)

    formats = Counter((facts.format or "none of ours", str(facts.status)) for facts in images.values())
    statuses = sorted({status for _, status in formats})
    print(f"{len(paths):,} files, {len(images):,} opened, {seconds:.1f} s", end=", ")
    print(f"peak {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB in a worker\n")
    print("| format | " + " | ".join(statuses) + " |\n|---|" + "---|" * len(statuses))
    for kind in sorted({kind for kind, _ in formats}):
        print(f"| {kind} | " + " | ".join(str(formats[kind, status] or "") for status in statuses) + " |")
    unusable = Counter(f"{file.status}: {file.detail}" for file in files if file.path is None)
    print("\nnot opened:", dict(unusable) or "none")
    print("checks:", ", ".join(f"{result.check} {result.outcome} {result.unexpected}" for result in results))
    apart = [path for path in images if not agrees(images[path], theirs[path])]
    print(f"\nPillow says otherwise of {len(apart)}:")
    for path in apart:
        mine, other = images[path], theirs[path]
        print(f"  {path.relative_to(root)}: {mine.status} {mine.error or (mine.width, mine.height)}", end=" / ")
        print(f"{other.status} {other.error or (other.width, other.height, other.mode)}")
    if asked.list is not None:
        lines = (
            {"file": str(path.relative_to(root)), "format": mine.format, "status": mine.status, "error": mine.error,
             "pillow": theirs[path].status, "pillow_error": theirs[path].error, "pillow_format": theirs[path].format}
            for path, mine in images.items()
        )  # fmt: skip
        asked.list.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    lost = len(paths) - len(files)
    crashed = [path for path, facts in images.items() if facts.status is ImageStatus.CRASHED]
    errors = [result.check for result in results if result.outcome is Outcome.ERROR]
    print(f"\ncrashed: {[str(path.relative_to(root)) for path in crashed]}, errors: {errors}, lost: {lost}")
    return int(bool(crashed or errors or lost))


if __name__ == "__main__":
    sys.exit(main())
