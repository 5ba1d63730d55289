"""Writes docs/licences.md: the packages that pytest-clipdata brings along and their licences, from their metadata.

Run it where all extras are installed: ``python docs/licences.py``. tests/test_packaging.py says when it is due.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "licences.md"
#: Extras of those who work on pytest-clipdata, not of those who use it.
_OWN = {"test", "dev", "docs"}
_HEAD = """\
# Licences

pytest-clipdata is under the MIT licence. The table of CLIP's token merges that travels with it is OpenAI's, under the
MIT licence too (`pytest_clipdata/texts/clip_merges.LICENSE.txt`). Nothing else is bundled: these packages are installed
beside it, by pip, with what they themselves need. `needed by` names the extra that brings a package; the licence is
what its own metadata say.

| package | licence | needed by |
|---|---|---|
"""


def needed() -> dict[str, set[str]]:
    """The extras (``""``: always) that bring each package that is installed here, by its normalised name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"": project["dependencies"]} | {
        extra: wanted for extra, wanted in project["optional-dependencies"].items() if extra not in _OWN
    }
    found: dict[str, set[str]] = {}
    for group, wanted in groups.items():
        for name in _closure(wanted):
            found.setdefault(name, set()).add(group)
    return found


def licence(name: str) -> str:
    """What the metadata of an installed package say of its licence, in one line."""
    told = metadata.metadata(name)
    classifiers = [line.split(" :: ")[-1] for line in told.get_all("Classifier") or [] if line.startswith("License")]
    short = (told.get("License") or "").strip()
    short = short if short and "\n" not in short and len(short) < 60 else ""
    return told.get("License-Expression") or short or ", ".join(classifiers) or "not told"


def rows() -> Iterator[str]:
    """The lines of the table."""
    for name, groups in sorted(needed().items()):
        extras = "always" if "" in groups else ", ".join(f"`[{group}]`" for group in sorted(groups))
        yield f"| {name} | {licence(name)} | {extras} |"


def _closure(wanted: Iterable[str]) -> set[str]:
    """The normalised names of the installed packages that these requirements bring, and those that they bring."""
    found: set[str] = set()
    waiting = [(requirement, frozenset[str]()) for requirement in map(Requirement, wanted)]
    while waiting:
        requirement, extras = waiting.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker is not None and not any(
            requirement.marker.evaluate({"extra": extra}) for extra in extras | {""}
        ):
            continue
        if name in found:
            continue
        try:
            brings = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        found.add(name)
        waiting += [(Requirement(line), frozenset(requirement.extras)) for line in brings]
    return found


if __name__ == "__main__":
    PAGE.write_text(_HEAD + "\n".join(rows()) + "\n", encoding="utf-8")
    print(f"wrote {PAGE}")
