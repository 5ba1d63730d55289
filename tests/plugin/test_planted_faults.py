"""A generator plants faults into healthy datasets of many layouts, under settings that must not matter, and calls the
tool from many places: no planted fault may end with exit status 0, or in a report that calls the data ready.

``CLIPDATA_EXAMPLES=1000`` tries that many instead of the few of every day.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from helpers import damage
from helpers.drawn import animated, encoded, photo, pointer
from helpers.projects import Row, csv_text, rows
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pytest_clipdata import cli

PICTURES = {f"images/{split}{i}.jpg": encoded(photo(10 * number + i, (256, 256)))
            for number, (split, count) in enumerate((("train", 4), ("val", 3), ("test", 2)))
            for i in range(count)}  # fmt: skip


@dataclass
class Data:
    """A dataset before it is written: rows by split, files by path, and what stands in a table beside its rows."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    raw: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)  #: by split: a table as it comes to the disk
    links: dict[str, str] = field(default_factory=dict)

    @property
    def first(self) -> tuple[str, str, str]:
        return self.rows["train"][0]

    def replace(self, split: str, number: int, **cells: str) -> None:
        names = ("image_path", "text", "label")
        old = dict(zip(names, self.rows[split][number], strict=True))
        self.rows[split][number] = tuple((old | cells)[name] for name in names)  # type: ignore[assignment]


def healthy(splits: tuple[str, ...]) -> Data:
    counts = {"train": 4, "val": 3, "test": 2}
    return Data({split: rows(split, counts[split]) for split in splits}, dict(PICTURES))


# --- faults -------------------------------------------------------------------------------------------------------

Fault = Callable[[Data, str], None]  #: plants itself into one split


def picture(change: Callable[[bytes], bytes]) -> Fault:
    def plant(data: Data, split: str) -> None:
        path = data.rows[split][0][0]
        data.files[path] = change(data.files[path])

    return plant


def cell(**cells: str) -> Fault:
    return lambda data, split: data.replace(split, 0, **cells)


def table(change: Callable[[bytes], bytes]) -> Fault:
    def plant(data: Data, split: str) -> None:
        data.raw[split] = change

    return plant


def line(text: bytes) -> Fault:
    return table(lambda content: content + text)


def text_with(change: Callable[[str], str]) -> Fault:
    def plant(data: Data, split: str) -> None:
        data.replace(split, 0, text=change(data.rows[split][0][1]))

    return plant


def _gone(data: Data, split: str) -> None:
    del data.files[data.rows[split][0][0]]


def _folder(data: Data, split: str) -> None:
    path = data.rows[split][0][0]
    data.files[f"{path}/inside.txt"] = data.files.pop(path)


def _dangling(data: Data, split: str) -> None:
    path = data.rows[split][0][0]
    del data.files[path]
    data.links[path] = "nowhere.jpg"


def _copied(data: Data, split: str) -> None:
    mine, other = data.rows[split][0][0], data.rows[split][2][0]
    data.files[other] = data.files[mine]


def _contradicted(data: Data, split: str) -> None:
    path, text, _ = data.rows[split][0]
    data.rows[split].append((path, text, "mismatch"))


def _leaked(data: Data, split: str) -> None:
    """A picture of this split is one of another split."""
    other = next(name for name in data.rows if name != split)
    data.files[data.rows[split][0][0]] = data.files[data.rows[other][1][0]]


def png(data: bytes) -> bytes:
    import io

    from PIL import Image

    return encoded(Image.open(io.BytesIO(data)), "png")


FAULTS: Mapping[str, Fault] = {
    "picture gone": _gone,
    "picture is a folder": _folder,
    "picture is a link to nothing": _dangling,
    "picture empty": picture(lambda _: b""),
    "picture is text": picture(lambda _: b"<html>404 Not Found</html>" * 30),
    "picture is a Git LFS pointer": picture(lambda _: pointer()),
    "picture is animated": picture(lambda _: animated()),
    "JPEG cut": picture(lambda data: damage.cut(data, 0.6)),
    "JPEG cut and closed": picture(lambda data: damage.jpeg_cut(data, 0.5)),
    "JPEG half zero": picture(lambda data: damage.jpeg_zeroed(data, 0.5)),
    "JPEG lacks an eighth": picture(lambda data: damage.jpeg_without(data, 0.4, 0.525)),
    "JPEG taller than its data": picture(lambda data: damage.jpeg_taller(data, 2)),
    "PNG cut": picture(lambda data: damage.cut(png(data), 0.7)),
    "PNG half zero": picture(lambda data: damage.zeroed(png(data), 0.5, 0.9)),
    "picture of 90 pixels": picture(lambda _: encoded(photo(77, (90, 90)))),
    "picture copied": _copied,
    "label unknown": cell(label="maybe"),
    "label empty": cell(label=""),
    "label with a unit separator": cell(label="match\x1f"),
    "label with a long s": cell(label="mi\u017fmatch"),
    "text empty": cell(text=""),
    "text of one word": cell(text="Shirt"),
    "text too long": cell(text=" ".join(["embroidered"] * 90)),
    "text with a zero-width space": text_with(lambda text: text.replace(" ", "\u200b ", 1)),
    "text with an escape sequence": text_with(lambda text: text + "\x1b[31m"),
    "text with HTML": text_with(lambda text: f"<b>{text}</b>"),
    "text in mojibake": text_with(lambda text: text + " caf\u00c3\u00a9"),
    "path empty": cell(image_path=""),
    "path of a URL": cell(image_path="https://example.com/a.jpg"),
    "path with NUL": cell(image_path="images/\0.jpg"),
    "row said twice": lambda data, split: data.rows[split].append(data.rows[split][0]),
    "row contradicted": _contradicted,
    "row with a cell too many": line(b"images/train0.jpg,One, two and three words,match\n"),
    "row with a cell too few": line(b"images/train0.jpg,One two three\n"),
    "quote not closed": line(b'images/train0.jpg,"One two three four,match\n'),
    "row not UTF-8": line("images/train0.jpg,A small caf\u00e9 in Vienna,match\n".encode("latin-1")),
    "table cut in its last row": table(lambda content: content[:-9]),
    "table empty": table(lambda _: b""),
    "table without rows": table(lambda content: content.splitlines(keepends=True)[0]),
    "table without the column text": table(lambda content: content.replace(b"text", b"prose", 1)),
    "table in UTF-16": table(lambda content: content.decode().encode("utf-16")),
}
#: These need a second split.
BETWEEN: Mapping[str, Fault] = {"picture leaked": _leaked}

# --- layouts ------------------------------------------------------------------------------------------------------

#: Where the table of a split lies in the dataset, and where the pictures lie.
LAYOUTS: Mapping[str, tuple[str, str]] = {
    "flat": ("{split}.csv", ""),
    "tabs": ("{split}.tsv", ""),
    "named": ("shop_{split}_v2.csv", ""),
    "folders": ("{split}/data.csv", ""),
    "pictures in each folder": ("{split}/data.csv", "{split}/"),
    "tables apart": ("tables/{split}.csv", ""),
}
#: Files that lie about and change nothing.
STRAY: Mapping[str, bytes] = {
    "notes.md": b"# Notes\n",
    "images/prices.csv": b"sku,price\n1,2\n",
    "images/Thumbs.db": b"\0",
}

# --- settings and calls -------------------------------------------------------------------------------------------

SETTINGS = (
    "",
    'exclude = ["old/**"]\n',
    '[visibility]\nseverity = "off"\n[row_count]\nmin = 1\n',
    '[aspect_ratio]\nmostly = 0.5\n',
    '[[expectations]]\nid = "mine"\ntype = "expect_column_values_to_not_be_null"\nkwargs = { column = "line" }\n',
)  # fmt: skip
PLACES = {"the project": ".", "the dataset": "sets/data", "above": "..", "elsewhere": "../away"}
CALLS = ("pytest", "pytest=", "absolute", "addopts", "check", "baseline", "in part")


@dataclass(frozen=True)
class Case:
    fault: str
    split: str
    splits: tuple[str, ...]
    layout: str
    stray: tuple[str, ...]
    settings: str
    settings_at: str
    place: str
    call: str


@st.composite
def cases(draw: st.DrawFn, faults: tuple[str, ...]) -> Case:
    fault = draw(st.sampled_from(faults))
    some = (("train", "val"), ("train", "val", "test"))
    splits = draw(st.sampled_from(some if fault in BETWEEN else (("train",), *some)))
    return Case(
        fault,
        draw(st.sampled_from(splits)),
        splits,
        draw(st.sampled_from(tuple(LAYOUTS))),
        draw(st.sampled_from(((), *((name,) for name in STRAY)))),
        draw(st.sampled_from(SETTINGS)),
        draw(st.sampled_from(("clipdata.toml", "sets/data/clipdata.toml"))),
        draw(st.sampled_from(tuple(PLACES))),
        draw(st.sampled_from(CALLS)),
    )


def written(case: Case, data: Data, project: Path) -> Path:
    """The project on disk; the dataset's folder."""
    root = project / "sets/data"
    table_at, pictures_at = LAYOUTS[case.layout]
    for split, lines in data.rows.items():
        content = csv_text(lines).encode("utf-8", "surrogatepass")
        if case.layout == "tabs":
            content = content.replace(b",", b"\t")
        path = root / table_at.format(split=split)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.raw.get(split, bytes)(content))
    folders = sorted({pictures_at.format(split=split) for split in data.rows})
    for folder in folders:
        for name, content in {**data.files, **{name: STRAY[name] for name in case.stray}}.items():
            path = root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for name, target in data.links.items():
            (root / folder / name).symlink_to(target)
    if case.settings:
        (project / case.settings_at).write_text(case.settings)
    (project / "pytest.ini").write_text("[pytest]\n")
    (project.parent / "away").mkdir()
    return root


def called(case: Case, root: Path, project: Path) -> int:
    """Run the tool as ``case`` says. The reports go to ``out`` beside the project."""
    here = (project / PLACES[case.place]).resolve()
    out = project.parent / "out"
    named = str(root) if case.call == "absolute" else os.path.relpath(root, here)
    options = ["--clip-smoke=off", f"--clip-report={out}", f"--clip-cache={project.parent / 'cache'}"]
    before = Path.cwd()
    os.chdir(here)
    try:
        if case.call == "check":
            return cli.main(["check", named, *options])
        ways = {"pytest=": [f"--clip-dataset={named}"], "addopts": []}
        arguments = [*ways.get(case.call, ["--clip-dataset", named]), *options]
        if case.call == "addopts":
            ini = here / "pytest.ini"
            ini.write_text(f"[pytest]\naddopts = --clip-dataset '{named}'\n")
        if case.call == "baseline":
            arguments.append(f"--clip-baseline={project.parent / 'known.json'}")
        if case.call == "in part":
            arguments += ["-k", "row_count"]
        return int(pytest.main(["-p", "no:cacheprovider", "-p", "no:randomly", *arguments]))
    finally:
        os.chdir(before)


def accept_another_fault(root: Path, project: Path) -> None:
    """A baseline of what is said before the fault is planted: warnings."""
    arguments = ["-p", "no:cacheprovider", "--rootdir", str(project), "--clip-smoke=off", "--clip-dataset", str(root)]
    known, cache = project.parent / "known.json", project.parent / "cache"
    pytest.main([*arguments, f"--clip-baseline={known}", "--clip-write-baseline", f"--clip-cache={cache}"])


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "")
    monkeypatch.setenv("GITHUB_ACTIONS", "")


def tried(case: Case, plant: Fault | None) -> tuple[int, str, dict[str, object]]:
    """The exit status, the page and the record of one case."""
    with tempfile.TemporaryDirectory() as name:
        project = Path(name).resolve() / "project"
        data = healthy(case.splits)
        if case.call == "baseline":
            root = written(case, data, project)
            accept_another_fault(root, project)
            shutil.rmtree(project)
            shutil.rmtree(project.parent / "away")
            data = healthy(case.splits)
        if plant is not None:
            plant(data, case.split)
        status = called(case, written(case, data, project), project)
        out = project.parent / "out"
        pages = list(out.rglob("report.html"))
        if not pages:
            return status, "", {}
        return status, pages[0].read_text("utf-8"), json.loads((pages[0].parent / "findings.json").read_bytes())


EXAMPLES = int(os.environ.get("CLIPDATA_EXAMPLES", "30"))
#: Each example is a whole run: the same ones every day, and none is shrunk.
some = settings(
    max_examples=EXAMPLES,
    derandomize=EXAMPLES == 30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


@some
@given(cases((*FAULTS, *BETWEEN)))
def test_no_planted_fault_passes_or_is_called_ready(case: Case) -> None:
    status, page, record = tried(case, {**FAULTS, **BETWEEN}[case.fault])
    if case.call == "in part":
        assert status in (0, 1)
        assert not page or "Judged in part" in page
    else:
        assert status == 1, case
        failed = [check for check in record["checks"] if check["outcome"] in ("failed", "error")]  # type: ignore[attr-defined]
        assert failed, case
    assert page, case
    assert "Ready to train" not in page, case


@settings(some, max_examples=max(6, EXAMPLES // 5))
@given(cases(("none",)))
def test_without_a_fault_the_same_data_passes(case: Case) -> None:
    """Otherwise the property above would hold of a tool that refuses everything."""
    status, page, _ = tried(case, None)
    assert status == 0, case
    # Known findings stand beside the verdict, so a baseline calls nothing ready.
    assert ("Ready to train" in page) == (case.call not in ("in part", "baseline")), case
