"""The settings that there are, as plain data: options with defaults and ranges, tables, what they load into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.models import MODELS, Model


class SettingsError(ValueError):
    """Settings that cannot be used; the message is one sentence that says where and what is valid."""


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a table: its default (whose type it must have), what it means, and its range."""

    default: Any
    help: str
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What one table of the settings may hold. Only the table of a check has a severity."""

    options: Mapping[str, Option]
    severity: Severity | None = None
    per_row: bool = False  #: takes ``mostly``
    summary: str = ""  #: what it is about, in a sentence without full stop


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """The settings of one check: its severity, the share of rows (0..1] that must hold, its options."""

    severity: Severity
    mostly: float
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UserExpectation:
    """A rule of the user's own: a Great Expectations expectation over the facts table."""

    id: str
    type: str
    kwargs: Mapping[str, Any]
    severity: Severity
    message: str | None = None  #: what its findings say; None: the rule in Great Expectations' words


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a dataset wants to be judged by. ``source`` is the file it came from, None for the defaults."""

    checks: Mapping[str, CheckSettings]
    general: Mapping[str, Any]
    same_picture: Mapping[str, Any]
    expectations: tuple[UserExpectation, ...] = ()
    model: Model = MODELS["clip"]  #: whose pictures and texts these are: the checkpoint's, else that of the settings
    retired: tuple[str, ...] = ()  #: keys that were given and have no effect any more
    given: tuple[str, ...] = ()  #: all keys of tables that were given, as ``table.key``
    source: Path | None = field(default=None, compare=False)
    #: Where each key that was given comes from, in words; the others are defaults.
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def place(self) -> str:
        """Where settings that do not go together stand, in words: the file in force, or the command line."""
        return "--clip-set" if self.source is None else str(self.source)


GENERAL = Table(
    {
        "model": Option(
            "clip", "sets resolution.min_side, token_length.max and whose tokens are counted", choices=tuple(MODELS)
        ),
        "exclude": Option([], "globs of sources that are left out, relative to this file"),
        "baseline": Option("", "file of the findings that are known and do not fail, relative to this file"),
        "image_root": Option("", "folder that relative image paths start from; empty: chosen by what exists"),
        "image_timeout": Option(30.0, "seconds that one picture may take to decode", at_least=0.1),
        "image_max_bytes": Option(256 * 1024 * 1024, "size of an image file in bytes that is still opened", at_least=1),
    }
)
SAME_PICTURE = Table(
    {"grey": Option(False, "a grey copy of a coloured picture is the same picture")},
    summary="When two files hold the same picture",
)
#: Keys of earlier versions that have no effect any more; they are accepted, and said, for one release.
RETIRED = frozenset(f"same_picture.{name}" for name in ("radius", "colour_tolerance", "orientations", "crops"))
REPORT = Table(
    {
        "max_findings": Option(
            10_000, "findings of one check of one source in findings.json; findings.parquet has them all", at_least=1
        )
    },
    summary="What reports hold",
)
QUARANTINE = Table(
    {"copy": Option(False, "of tars copy the shards too, without the rejected samples")},
    summary="What a quarantine holds",
)
REMOTE = Table(
    {"hosts": Option([], "hosts of URLs in cells that may be fetched from: a name of an https host, or s3://bucket")},
    summary="Pictures at URLs",
)
ENGINE = Table(
    {"master": Option("", "where --clip-engine spark starts; empty: the session that is there, else local[*]")},
    summary="What measures and judges",
)
#: Tables of settings that are of no check, by name.
FURTHER = {"report": REPORT, "quarantine": QUARANTINE, "remote": REMOTE, "engine": ENGINE}
#: Keys of the settings that can be no id of a check.
RESERVED = frozenset({*GENERAL.options, *FURTHER, "same_picture", "expectations"})
#: Keys that every check has beside its own options.
SHARED_KEYS = ("severity", "mostly")


def suggest(word: str, valid: Iterable[str]) -> str:
    """``; did you mean 'x'?`` if something close is valid, and else what is."""
    names = sorted(valid)
    close = nearest(word, names)
    return f"; valid are {', '.join(names)}" if close is None else f"; did you mean {close!r}?"


def nearest(word: str, valid: Iterable[str]) -> str | None:
    """What of ``valid`` a word is a slip of; None if nothing is close."""
    return next(iter(get_close_matches(word[:100], sorted(valid), n=1, cutoff=0.6)), None)
