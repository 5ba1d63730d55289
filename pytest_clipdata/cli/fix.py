"""``clipdata fix``: what a machine can mend without doubt, shown first and written on request."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_clipdata.cli.words import FAILED, Commands

if TYPE_CHECKING:
    from pytest_clipdata.fixing.pictures import PictureFix
    from pytest_clipdata.fixing.plan import SourceFix
    from pytest_clipdata.running.run import DatasetRun


def add(commands: Commands) -> None:
    """Add the command's parser."""
    words = "mend what a machine can mend without doubt; shows a diff unless told to write"
    parser = commands.add_parser("fix", help=words, description=words, allow_abbrev=False)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path()], metavar="PATH", help="default: this folder")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--diff", action="store_true", help="show what would change (the default)")
    how.add_argument("--write", type=Path, metavar="DIR", help="write fixed copies of the sources to DIR")
    how.add_argument("--in-place", action="store_true", help="write the sources, and pictures, anew where they are")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        choices=("tags", "pictures"),
        help="tags: take HTML tags out of texts; pictures: save those anew that loaders see differently (repeatable)",
    )
    parser.add_argument("--clip-set", action="append", default=[], metavar="KEY=VALUE", help="override a setting")
    parser.set_defaults(command=run)


def run(asked: argparse.Namespace) -> int:
    """Show or make the fixes. Returns 0 if there is nothing to fix, 1 if there is."""
    from pytest_clipdata.fixing.diff import summary
    from pytest_clipdata.fixing.pictures import picture_fixes
    from pytest_clipdata.fixing.plan import plan
    from pytest_clipdata.reports.visible import visible

    rows: list[SourceFix] = []
    written: list[str] = []
    kept: list[str] = []
    pictures = 0
    runs = list(_runs(asked))
    for dataset in runs:
        fixes = plan(dataset, tags="tags" in asked.also)
        images = picture_fixes(dataset) if "pictures" in asked.also else []
        rows += fixes
        pictures += len(images)
        if asked.write is not None or asked.in_place:
            done, failed = _write(asked, dataset, fixes, images, several=len(runs) > 1)
            written += done
            kept += failed
            pictures -= len(failed)
        else:
            _show(fixes, images)
        dataset.cache.close()
    for path in written:
        print(f"wrote {visible(path)}")
    for path in kept:
        print(f"{visible(path)} cannot be saved anew; it stays as it is")
    if not (pictures or any(fix.changes for fix in rows)):
        print("nothing to fix" if not kept else "nothing was fixed")
        return FAILED if kept else 0
    hint = "" if written else "; --in-place or --write DIR makes these changes"
    print(f"{'fixed' if written else 'can be fixed'}: {summary(rows, pictures)}{hint}")
    return FAILED


def _runs(asked: argparse.Namespace) -> Iterator[DatasetRun]:
    from pytest_clipdata.checks.registry import installed_registry
    from pytest_clipdata.running.choice import choose
    from pytest_clipdata.running.run import DatasetRun
    from pytest_clipdata.settings.options import RunOptions

    options = RunOptions(
        top=Path.cwd(), bounded=False, here=Path.cwd(), conftests=False, overrides=tuple(asked.clip_set)
    )
    registry = installed_registry()
    for dataset, settings in choose(asked.paths, options, registry=registry).datasets:
        yield DatasetRun(dataset, settings, options, registry)


def _show(fixes: list[SourceFix], images: list[PictureFix]) -> None:
    from pytest_clipdata.fixing.diff import diff_lines
    from pytest_clipdata.reading.seen_from import seen_from
    from pytest_clipdata.reports.visible import visible

    for fix in fixes:
        for line in diff_lines(fix, seen_from(fix.source.path)):
            print(line)
    for image in images:
        print(f"{visible(seen_from(image.path))}: loader_parity: {image.why}: is saved anew")


def _write(
    asked: argparse.Namespace, run: DatasetRun, fixes: list[SourceFix], images: list[PictureFix], *, several: bool
) -> tuple[list[str], list[str]]:
    """Write the sources and pictures that change; returns their paths as the user sees them, and those of pictures that
    could not be made."""
    from pytest_clipdata.fixing.pictures import saved
    from pytest_clipdata.fixing.writing import in_folder, in_place, write_whole
    from pytest_clipdata.reading.seen_from import seen_from
    from pytest_clipdata.reports.quarantine.settings import write_settings

    root = run.dataset.root
    folder = asked.write
    if folder is not None and several:
        folder = folder / seen_from(root).replace("..", "_").replace(":", "_").lstrip("/")

    def target(path: Path, base: Path, name: str) -> Path:
        return in_place(path, base) if folder is None else in_folder(folder, root, name)

    changed = [fix for fix in fixes if fix.changes]
    if changed and folder is not None:  # the copies are a dataset of their own: what is sound goes with the rest
        changed = [fix for fix in fixes if fix.changes or fix.writable]
    # Every target is looked at, and every source read, before the first is written.
    contents = {target(fix.source.path, root, fix.source.name): fix.content() for fix in changed}
    targets = {image.path: target(image.path, Path(os.path.realpath(image.root)), image.key) for image in images}
    for path, content in contents.items():
        write_whole(path, content)
    written, failed = [*contents], []
    for image, data in saved(run, images) if images else ():
        if data is None:
            failed.append(image.path)
        else:
            write_whole(targets[image.path], data)
            written.append(targets[image.path])
    if folder is not None and contents and not os.path.lexists(folder / "clipdata.toml"):
        for line in write_settings(folder, run):
            print(line)
    return [seen_from(path) for path in written], [seen_from(path) for path in failed]
