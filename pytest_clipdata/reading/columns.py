"""Which column of a table is the picture, which the text, which the label, or that every row is a match.

All formats ask here. The answer depends on the names of the columns, on a few rows of the table, on the settings and on
the tables beside it, and on nothing else, so that it is the same when tests are collected and when rows are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pytest_clipdata.reading.guesses import guess, is_near_label
from pytest_clipdata.reading.head import Head
from pytest_clipdata.settings.declared import Settings
from pytest_clipdata.settings.labels import label_words, normalise_label
from pytest_clipdata.settings.toml import plain

#: What the column of each role may be called where the settings name none and the default is not there.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "image_path": ("filepath", "file_name", "filename", "image", "image_file", "img", "img_path", "path"),
    "text": ("caption", "title", "description", "txt", "captions"),
    "label": ("match", "is_match", "matches"),
}
#: Numbers and truth values as labels, under one of the aliases of ``label``: nothing else can be meant there.
_NUMBERS = {"1": "match", "0": "mismatch", "true": "match", "false": "mismatch"}
_SHOWN = 8  # names of columns in a message


@dataclass(frozen=True, slots=True)
class Columns:
    """The name of the column of each role; a ``label`` of None says that the source is pairs: every row is a match.

    ``problem`` says in words why a table cannot be read; its names are then those that were sought, and ``guesses``
    the columns that were probably meant, by role. ``own`` are the roles whose names are the settings' or the format's
    own, so that nobody needs to be told of them.
    """

    image_path: str
    text: str
    label: str | None
    problem: str | None = None
    own: frozenset[str] = field(default=frozenset(), compare=False)
    guesses: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that are read."""
        return tuple(name for name in (self.image_path, self.text, self.label) if name is not None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say of columns and labels: names by role, ``labels.required``, the words of the labels.

    ``labelled`` says that the settings speak of labels, so that there must be some.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    required: str = "auto"
    words: Mapping[str, str] = field(default_factory=lambda: {"match": "match", "mismatch": "mismatch"})
    labelled: bool = False


def wanted(settings: Settings) -> Wanted:
    """What the settings say of columns and labels."""
    labels = settings.checks["labels"].options
    columns = settings.checks["columns"].options
    return Wanted(
        named={role: name for role, name in columns.items() if name != role or f"columns.{role}" in settings.given},
        required=labels["required"],
        words=label_words(labels),
        labelled=any(key == "columns.label" or _of_labels(key) for key in settings.given),
    )


def _of_labels(key: str) -> bool:
    return key.startswith("labels.") and key != "labels.required"


def choose_columns(heads: Mapping[str, Head | None], want: Wanted) -> dict[str, Columns]:
    """The columns of each source of one dataset, by its name.

    The head of a source is None if nothing can be told of it; its reader will say why.
    """
    found = {name: _roles(head, want) for name, head in heads.items() if head is not None}
    labelled = {name: roles["label"] for name, roles in found.items() if isinstance(roles["label"], str)}
    sought = [want.named.get(role, role) for role in ALIASES]
    unread = Columns(sought[0], sought[1], sought[2])
    return {
        name: unread if head is None else _chosen(head, found[name], want, _other(labelled, name))
        for name, head in heads.items()
    }


def words_of_labels(labels: Sequence[str | None], columns: Columns, words: Mapping[str, str]) -> dict[str, str]:
    """``match`` or ``mismatch`` by normalised spelling, for the labels of one source.

    0 and 1 are mismatch and match under one of the aliases of ``label``, or where the settings make 1 a match, unless
    they are mixed with words.
    """
    if columns.label is None:
        return {"match": "match"}
    alias = columns.label in ALIASES["label"]
    if not (alias or words.get("1") == "match"):
        return dict(words)
    numbers = _NUMBERS if alias else {"0": "mismatch"}
    there = {normalise_label(label) for label in set(labels) if label is not None}
    mixed = any(label in words and label not in _NUMBERS for label in there)
    return dict(words) if mixed else {**numbers, **words}


def told(chosen: Mapping[str, Columns]) -> list[str]:
    """What a user should know of how the tables are read, a line for all of the sources or one for each."""
    words = {name: _told(columns) for name, columns in chosen.items() if columns.problem is None}
    if len(words) == len(chosen) and len(set(words.values())) == 1:
        return [line for line in list(words.values())[:1] if line]
    return [f"{plain(name)}: {line}" for name, line in words.items() if line]


def _told(columns: Columns) -> str:
    names = {"image_path": columns.image_path, "text": columns.text, "label": columns.label}
    other = {role: name for role, name in names.items() if name not in (role, None) and role not in columns.own}
    renamed = [f"{role} is {_quoted(name)}" for role, name in other.items()]
    pairs = ["no label column: every row is a match"] if columns.label is None else []
    return "; ".join([", ".join(renamed), *pairs] if renamed else pairs)


def _other(labelled: Mapping[str, str], name: str) -> str | None:
    """Words for another source that has labels."""
    others = (f"{plain(other)} has the column {_quoted(label)}" for other, label in labelled.items() if other != name)
    return next(others, None)


def _roles(head: Head, want: Wanted) -> dict[str, str | tuple[str, ...]]:
    """For each role the column, or those that may be it: none, or several."""
    taken = set(want.named.values())
    found: dict[str, str | tuple[str, ...]] = {}
    for role, aliases in ALIASES.items():
        name = want.named.get(role, head.own.get(role, role))
        if name in head.names:
            found[role] = name
        elif role in want.named:
            found[role] = ()
        else:
            there = tuple(alias for alias in aliases if alias in head.names and alias not in taken)
            found[role] = there[0] if len(there) == 1 else there
    return found


def _chosen(head: Head, roles: Mapping[str, str | tuple[str, ...]], want: Wanted, other: str | None) -> Columns:
    names = {role: found if isinstance(found, str) else want.named.get(role, role) for role, found in roles.items()}
    unclear = {role: found for role, found in roles.items() if not isinstance(found, str)}
    against = _against_pairs(head, names, want, other) if roles["label"] == () else None
    pairs = roles["label"] == () and against is None
    if pairs:
        del unclear["label"]
    problem, guesses = _problem(head, unclear, names, against) if unclear else (None, {})
    label = None if pairs and problem is None else names["label"]
    own = frozenset([*want.named, *(role for role, name in head.own.items() if names[role] == name)])
    return Columns(names["image_path"], names["text"], label, problem, own, guesses)


@dataclass(frozen=True, slots=True)
class _Against:
    """Why a table without a label column may have labels all the same, and the column that may hold them."""

    words: str
    column: str | None = None


def _against_pairs(head: Head, names: Mapping[str, str], want: Wanted, other: str | None) -> _Against | None:
    """What speaks against taking every row of a table without a label column for a match; None if nothing does."""
    if want.required == "false":
        return None
    left = [name for name in head.names if name not in (names["image_path"], names["text"])]
    for name in left:
        if is_near_label(name):
            return _Against(f"{_quoted(name)} may be it", name)
        if kind := _only_labels(head.values(name), want.words):
            return _Against(f"{_quoted(name)} holds nothing but {kind}", name)
    if want.required == "true":
        return _Against("labels.required is true")
    if want.labelled:
        return _Against("the settings speak of labels")
    if {"image_path", "text"} <= {*head.names} and (names["image_path"], names["text"]) == ("image_path", "text"):
        return _Against("beside image_path and text there should be one")
    return None if other is None else _Against(other)


def _only_labels(values: Sequence[str], words: Mapping[str, str]) -> str | None:
    """What kind of labels a column holds and nothing else; None if it holds other things, or rows' numbers."""
    if not values:
        return None
    there = {normalise_label(value) for value in values}
    if there <= {*words, "match", "mismatch"}:
        return "label words"
    counted = values in (["0"], ["1"], ["0", "1"])  # the running number of a table of one or two rows
    return "0 and 1" if there <= _NUMBERS.keys() and not counted else None


def _problem(
    head: Head,
    unclear: Mapping[str, tuple[str, ...]],
    names: Mapping[str, str],
    against: _Against | None,
) -> tuple[str, dict[str, str]]:
    """Why the columns of a table are not clear, what is there, what is guessed, and the settings that settle it; and
    the guesses by role."""
    taken = {name for role, name in names.items() if role not in unclear}
    said: list[str] = []
    guesses: dict[str, str] = {}
    for role, several in unclear.items():
        if several:
            meant: str | None = several[0]
            said.append(f"{' and '.join(map(_quoted, several))} may both be the column {_quoted(names[role])}")
        else:
            free = [name for name in head.names if name not in taken]
            meant = guess(role, ALIASES[role], names[role], head, free)
            if role == "label" and against is not None:
                meant = against.column or meant
            why = f": {against.words}" if role == "label" and against is not None else ""
            said.append(f"no column {_quoted(names[role])}{why or _did_you_mean(meant)}")
        if meant is not None:
            taken.add(meant)
            guesses[role] = meant
    settings = _settings({role: guesses.get(role, "...") for role in unclear}, pairs=against is not None)
    return "; ".join([*said, f"the columns are {_listed(head.names)}", settings]), guesses


def _did_you_mean(name: str | None) -> str:
    return "" if name is None else f" (did you mean {_quoted(name)}?)"


def _settings(columns: Mapping[str, str], *, pairs: bool) -> str:
    """The settings that make a table clear, as they may be pasted."""
    known = {role: name for role, name in columns.items() if role != "label" or name != "..."}
    block = ", ".join(f"{role} = {plain(json.dumps(name, ensure_ascii=False), 200)}" for role, name in known.items())
    ways = [f"columns = {{{block}}}"] if block else []
    if pairs:
        ways.append("labels.required = false if every row is a match")
    return f"say in clipdata.toml: {(', or ' if 'label' in known else ' and ').join(ways)}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(_quoted, names[:_SHOWN]))
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN:,} more"


def _quoted(name: str | None) -> str:
    return plain(repr(name))
