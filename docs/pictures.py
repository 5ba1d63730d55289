"""Makes docs/images/: the terminal and the report of a run over the broken example, as a browser shows them.

``python docs/pictures.py`` needs Chromium (or the browser that ``CHROMIUM`` names) and the extra ``docs``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
_COLUMNS = 110
#: Lines of the terminal that are shown: the first tests and the closing words.
_FIRST, _LAST = 16, 26
_PAGE = """<!DOCTYPE html><meta charset="utf-8"><style>
body {{ margin: 0; background: #1b1f27; color: #d8dee9; font: 14px/1.35 "DejaVu Sans Mono", monospace; }}
pre {{ margin: 20px 24px; font: inherit; }}
</style><pre>{content}</pre>"""


def main() -> None:
    """Run, show, and say what was written."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "example_dataset_broken/images", folder / "datasets/images")
        for table in ("train.csv", "val.csv"):
            shutil.copy(ROOT / "example_dataset_broken" / table, folder / "datasets")
        told = _run(folder)
        lines = told.replace(str(folder), "~/project").splitlines()
        shown = ["$ pytest --clip-dataset datasets/ --clip-report=clip-report", *lines[:_FIRST], "...", *lines[-_LAST:]]
        (folder / "terminal.html").write_text(_as_html("\n".join(shown)), "utf-8")
        _picture(folder / "terminal.html", IMAGES / "terminal.png", 980, 19 * len(shown) + 44)
        _picture(folder / "clip-report/report.html", IMAGES / "report.png", 1280, 900)


def _run(folder: Path) -> str:
    """What pytest says, with its colours."""
    command = [sys.executable, "-m", "pytest", "--clip-dataset", "datasets", "--clip-smoke=off", "--color=yes"]
    command += ["--clip-report=clip-report", "-p", "no:cacheprovider", "-p", "pytest_clipdata.plugin"]
    # No more of the environment than it takes: where pytest sees that it runs in CI, it cuts no line.
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR")}
    env |= {"COLUMNS": str(_COLUMNS), "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False).stdout


def _as_html(ansi: str) -> str:
    console = Console(record=True, width=_COLUMNS + 2, file=StringIO())
    for line in ansi.splitlines():
        text = Text.from_ansi(line)
        text.truncate(_COLUMNS, overflow="ellipsis")
        console.print(text, soft_wrap=True)
    return console.export_html(theme=MONOKAI, inline_styles=True, code_format=_PAGE.replace("{content}", "{code}"))


def _picture(page: Path, target: Path, width: int, height: int) -> None:
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium-browser"
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--window-size={width},{height}", f"--screenshot={target}", page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    print(f"wrote {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
