"""Every column of the facts table, in order. Users write expectations on them; nothing here is judged.

A value that could not be measured (the file is missing, the picture does not decode, the cell is empty) is null, and
Great Expectations leaves nulls out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pytest_clipdata.facts.copies import COPIES
from pytest_clipdata.facts.labels import LABELS
from pytest_clipdata.facts.of_pictures import FILES, HEADERS, PIXELS
from pytest_clipdata.facts.of_sources import LABEL_COUNTS, LANGUAGES, SHORTCUTS
from pytest_clipdata.facts.of_texts import TEXTS
from pytest_clipdata.facts.relations import SHARED
from pytest_clipdata.facts.step import Fact, Needs, PictureStep, Relation, Step

#: What the reader gives: the cells as they stand, and where they stand.
CELLS = (
    Fact("row", "int64", "number of the row in its source, from 0: unique, the table's index"),
    Fact("file", "str", "the file that holds the row: the source itself, or one of its shards"),
    Fact("line", "int64", "where the row starts in the file: a physical line (the header is line 1), or its number"),
    Fact("key", "str", "the row's own name, in formats that have one"),
    Fact("row_problem", "str", "why the row did not parse; such a row has no other facts"),
    Fact("image_path", "str", "the cell as it stands; null if empty or blank"),
    Fact("text", "str", "the cell as it stands; null if empty or blank"),
    Fact("label", "str", "the cell as it stands; null if empty or blank; match where there is no label column"),
    Fact("split", "str", "train, val, test, or the name of the source"),
    Fact("source_warning", "str", "what may be wrong with the source as a whole: shards that are missing; mostly null"),
)
STEPS: tuple[Step, ...] = (LABELS, FILES, HEADERS, PIXELS, TEXTS)
RELATIONS: tuple[Relation, ...] = (COPIES, SHARED, LABEL_COUNTS, LANGUAGES, SHORTCUTS)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the facts table: its pandas dtype, what it takes to measure it, what it says."""

    dtype: str
    needs: Needs
    help: str


def columns_of(steps: Iterable[Step | PictureStep]) -> dict[str, Column]:
    """The columns that ``steps`` fill, in their order."""
    return {fact.name: Column(fact.dtype, step.needs, fact.help) for step in steps for fact in step.facts}


#: Our own columns, which every table has. Those of plugins stand behind them: see `checks.registry.Registry.columns`.
COLUMNS: Mapping[str, Column] = {
    fact.name: Column(fact.dtype, needs, fact.help)
    for needs, facts in [
        (Needs.TEXT, CELLS),
        *((step.needs, step.facts) for step in STEPS),
        *((relation.needs, relation.facts) for relation in RELATIONS),
    ]
    for fact in facts
}
#: The columns that name another row.
REFERENCES = frozenset(name for relation in RELATIONS for name in relation.references)
