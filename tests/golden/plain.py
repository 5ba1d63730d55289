"""Outputs of a run as readable text that is the same on every machine: times, versions, folders and codecs masked."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

#: Columns of the facts table with more rows than this are frozen as one digest each.
_ROWS = 120


def without_machine(project: Path) -> Callable[[str], str]:
    """A function that takes the folder in which the runs are made out of a text."""
    return lambda text: text.replace(str(project.resolve()), "PROJECT").replace(str(project), "PROJECT")


def section(name: str, text: str) -> str:
    return f"\n=== {name}\n{text}" if text.strip() else ""


def terminal(text: str) -> str:
    """Standard output without versions, durations and the figures of the smoke test's training."""
    text = re.sub(r"^platform .*$", "platform P", text, flags=re.MULTILINE)
    text = re.sub(r"^  language: texts in Latin letters are not judged.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(plugins: ).*$", r"\1P", text, flags=re.MULTILINE)
    text = re.sub(r"^(\[gw\d+\]|cachedir:).*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(.* -- ).*(python[\d.]*)$", r"\1\2", text, flags=re.MULTILINE)
    text = re.sub(r"^=+ (.*) in [\d.]+s(?: \([\d:]+\))? =+$", r"=== \1 ===", text, flags=re.MULTILINE)
    text = re.sub(r"^-+ (generated xml file: .*?) -+$", r"--- \1 ---", text, flags=re.MULTILINE)
    return _smoke(text)


def _smoke(text: str) -> str:
    """Losses depend on the processor and on the version of torch in their last digits."""
    text = re.sub(r"\d+ steps, loss .*, must fall under [\d.]+", "N steps, loss L, must fall under B", text)
    return re.sub(r"(?<=[ \"])(\d+\.\d+) (?:s|pairs/s)\b", "T", text)


def junit(path: Path) -> str:
    text = path.read_text("utf-8")
    text = re.sub(r'(time|timestamp|hostname)="[^"]*"', r'\1=""', text)
    return re.sub(r"(?=<(?:testcase|testsuite|properties|property|failure|skipped|error|system-))", "\n", text) + "\n"


def quarantine(folder: Path) -> str:
    """Every file of a quarantine, line by line, with line ends and odd characters visible."""
    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        lines = "".join(f"{line!r}\n" for line in data.decode("utf-8", "surrogateescape").splitlines(keepends=True))
        parts.append(f"=== {path.relative_to(folder).as_posix()}, {len(data)} bytes\n{lines}")
    return "".join(parts)


def partial_baseline(path: Path) -> str:
    """Two of three known findings, one that is no longer there, and the rest new."""
    record = json.loads(path.read_text("utf-8"))
    entries = record["known"]
    gone = json.loads(json.dumps(entries[0]).replace("sha256:", "sha256:0"))
    texts = {key: f"{value} that is gone" for key, value in gone.items() if key in ("message", "text", "value")}
    record["known"] = [entry for i, entry in enumerate(entries) if i % 3] + [{**gone, **texts}]
    return json.dumps(record, indent=1)


def reports(folder: Path) -> dict[str, str]:
    """The files of ``--clip-report``; suites and validation results of all CSVs of a dataset in one file each."""
    left: dict[str, str] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".parquet":
            left[f"{name}.txt"] = facts(path)
        elif path.name == "findings.sarif":
            left[f"{name}.json"] = sarif(path)
        elif path.name in ("report.html", "index.html"):
            left[name] = html(path)
        elif path.name in ("suite.json", "validation.json"):
            home = path.parent
            while not (home / "findings.json").exists():
                home = home.parent
            whole = home.relative_to(folder) / f"{path.stem}.txt"
            heading = f"=== {path.parent.relative_to(home).as_posix()}\n"
            left[whole.as_posix()] = left.get(whole.as_posix(), "") + heading + judged(path)
        else:
            left[name] = _smoke_figures(path.read_text("utf-8"))
    return left


def _smoke_figures(text: str) -> str:
    return re.sub(r'("smoke": )\{[^{}]*\}', lambda match: match[1] + _keys(match[0]), text)


def _keys(text: str) -> str:
    return "{" + ", ".join(re.findall(r'"(\w+)":', text)[1:]) + "}"


def sarif(path: Path) -> str:
    """SARIF with one line for each result; the rules' texts are the checks' own and stand there as a digest."""
    log = json.loads(path.read_bytes())
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    driver |= {name: "V" for name in ("fullName", "version", "semanticVersion") if name in driver}
    driver["rules"] = [f"{rule['id']}: {_digest(json.dumps(rule))}" for rule in driver["rules"]]
    return "".join(_leaves(log, depth=5))


def judged(path: Path) -> str:
    """A suite or a validation result with one line for each expectation, in the order of their names."""
    record = json.loads(path.read_bytes())
    for masked in ("batch_markers", "great_expectations_version"):
        if masked in record.get("meta", {}):
            record["meta"][masked] = "M"
    lines = {}
    for kind in ("expectations", "results"):
        for entry in record.pop(kind, []):
            config = entry.get("expectation_config", entry)
            if config is not entry:  # what was asked stands in the suite
                entry["expectation_config"] = _digest(json.dumps(config, sort_keys=True))
            _shorten(entry)
            lines[f"{kind} {config['meta'].get('clipdata')} "] = json.dumps(entry, sort_keys=True, ensure_ascii=False)
    head = json.dumps(record, sort_keys=True, ensure_ascii=False)
    return f"{head}\n" + "".join(f"{name}{text}\n" for name, text in sorted(lines.items()))


def _shorten(entry: dict[str, Any]) -> None:
    """Take out of a result what says nothing, and the traceback, which names files of this machine."""
    trouble = entry.get("exception_info")
    if trouble is not None:
        told = re.sub(r"'?exception_traceback'?: .*?(?='?raised_exception)", "", str(trouble), flags=re.DOTALL)
        entry["exception_info"] = re.sub(r"0x[0-9a-f]+|\"?Traceback.*", "", told, flags=re.DOTALL)
    for empty in [key for key, value in entry.items() if value in ({}, [], None)]:
        del entry[empty]


def facts(path: Path) -> str:
    """Names and dtypes of the facts' columns, then each row; floats with five digits.

    A long table is given as a digest of each column: the example's rows are not what a change is read from.
    """
    import pandas as pd

    table = pd.read_parquet(path)
    cells = {name: [_cell(value) for value in table[name]] for name in table.columns}
    head = f"{len(table)} rows\n" + "".join(f"{name}: {dtype}\n" for name, dtype in table.dtypes.items())
    if len(table) > _ROWS:
        return head + "".join(f"{name} {_digest(json.dumps(values))}\n" for name, values in cells.items())
    rows = zip(*cells.values(), strict=True)
    return head + "".join(" | ".join(row) + "\n" for row in rows)


def _cell(value: Any) -> str:
    if not isinstance(value, str) and str(value) in ("<NA>", "nan", "None"):
        return ""
    if isinstance(value, float):
        return f"{value:.5g}"
    text = value if isinstance(value, str) else str(value)
    shown = text.encode("unicode_escape").decode() if not text.isprintable() else text
    return shown if len(shown) <= 200 else f"{shown[:60]}... {_digest(shown)}"


def html(path: Path) -> str:
    """The page, a tag a line; style and script as digests, pictures as their size and four coarse colours; neither
    the version nor the command, which has other options in two workers."""
    text = path.read_text("utf-8")
    for tag in ("style", "script"):
        text = re.sub(
            rf"<{tag}>(.*?)</{tag}>", lambda match, tag=tag: f"<{tag} {_digest(match[1])}>", text, flags=re.DOTALL
        )
    text = re.sub(r"sha256-[A-Za-z0-9+/=]{40,}", "sha256-H", text)
    text = re.sub(r"data:image/webp;base64,([A-Za-z0-9+/=]+)", lambda match: _seen(base64.b64decode(match[1])), text)
    text = re.sub(r"pytest-clipdata \d[\w.+]*", "pytest-clipdata V", text)
    text = re.sub(r"((?:<dt>Command</dt><dd>|<h2>This run</h2><p>)<code>).*?(?=</code>)", r"\1C", text)
    return _smoke(
        re.sub(r"(?<=>)(?=<(?:tr|td|li|div|figure|article|section|details|p|dt|dd|rect|path|h\d)\b)", "\n", text)
    )


def _seen(data: bytes) -> str:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        corners = image.convert("RGB").resize((2, 2), Image.Resampling.BOX).tobytes()
        return f"{image.format} {image.width}x{image.height} {bytes(value >> 4 for value in corners).hex()[1::2]}"


def _digest(text: str) -> str:
    return f"sha256 {hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def _leaves(value: Any, depth: int, key: str = "", indent: int = 0) -> Iterator[str]:
    """JSON in which what lies deeper than ``depth`` stands on one line."""
    space, name = " " * indent, f"{json.dumps(key)}: " if key else ""
    if not depth or not isinstance(value, dict | list) or not value:
        yield f"{space}{name}{json.dumps(value, ensure_ascii=False)}\n"
        return
    yield f"{space}{name}{'{' if isinstance(value, dict) else '['}\n"
    for child, inner in value.items() if isinstance(value, dict) else (("", inner) for inner in value):
        yield from _leaves(inner, depth - 1, child, indent + 1)
    yield f"{space}{'}' if isinstance(value, dict) else ']'}\n"
