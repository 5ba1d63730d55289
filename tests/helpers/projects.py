"""A small project on disk and the tool run in it as its users run it, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from helpers.drawn import encoded, photo

ROOT = Path(__file__).resolve().parents[2]
Row = tuple[str, str, str]
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def rows(split: str, pictures: int) -> list[Row]:
    """A match and a mismatch for each picture ``images/<split><number>.jpg``."""
    return [
        (f"images/{split}{i}.jpg", f"{kind} photo of a {NUMBERS[i]} toned landscape for {split}", label)
        for i in range(pictures)
        for kind, label in (("Wide", "match"), ("No", "mismatch"))
    ]


def csv_text(lines: list[Row]) -> str:
    return "".join(",".join(cells) + "\n" for cells in [("image_path", "text", "label"), *lines])


def write_dataset(folder: Path, train: int = 4, val: int = 2) -> Path:
    """A dataset without a critical finding: train.csv, val.csv and images/. Warnings are there: it is small."""
    (folder / "images").mkdir(parents=True)
    for number, (split, pictures) in enumerate((("train", train), ("val", val))):
        (folder / f"{split}.csv").write_text(csv_text(rows(split, pictures)), encoding="utf-8")
        for i in range(pictures):
            picture = encoded(photo(10 * number + i, (256, 256)))
            (folder / f"images/{split}{i}.jpg").write_bytes(picture)
    return folder


def settled(folder: Path) -> Path:
    """The folder when its files are 2 s old: before that the cache does not trust their times."""
    youngest = max(path.stat().st_ctime for path in folder.rglob("*"))
    time.sleep(max(0.0, youngest + 2.1 - time.time()))
    return folder


def append(csv: Path, *lines: Row) -> None:
    with csv.open("a", encoding="utf-8") as file:
        file.writelines(",".join(cells) + "\n" for cells in lines)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user with the home folder ``home``, who is not in CI."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    home.mkdir(exist_ok=True)
    return {
        **kept,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "PYTHONPATH": paths,
        "COLUMNS": "200",
        **more,
    }


Done = subprocess.CompletedProcess


def run(*command: str | Path, cwd: Path, env: Mapping[str, str] | None = None, given: str | None = None) -> Done[str]:
    """``python *command`` in ``cwd`` with ``given`` as its input; the home folder is beside it unless ``env`` says."""
    env = environment(cwd.parent / "home") if env is None else env
    arguments = [sys.executable, *map(str, command)]
    return subprocess.run(
        arguments, cwd=cwd, env=dict(env), input=given, capture_output=True, text=True, encoding="utf-8"
    )


def clipdata(*arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Done[str]:
    """The command ``clipdata``."""
    return run("-c", "import sys; from pytest_clipdata.cli import main; sys.exit(main())", *arguments, cwd=cwd, env=env)


def pytest_clip(
    *arguments: str | Path, cwd: Path, dataset: str = "datasets", env: Mapping[str, str] | None = None
) -> Done[str]:
    """``pytest --clip-dataset`` with no other plugin than xdist, and without the smoke test."""
    plugins = ("--disable-plugin-autoload", "-p", "xdist", "-p", "pytest_clipdata.plugin")
    return run("-m", "pytest", *plugins, "--clip-smoke=off", "--clip-dataset", dataset, *arguments, cwd=cwd, env=env)
