"""What a fact is, and what a step is that measures some of them. A fact is declared where it is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any

from pytest_clipdata.images.facts import ImageFacts
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.settings.models import MODELS, Model


class Needs(IntEnum):
    """How far a row must be measured for a fact; each step includes those before it."""

    TEXT = 1  #: the cells of the sources
    FILES = 2  #: which files exist
    HEADER = 3  #: format and size, from the first bytes of each picture
    PIXELS = 4  #: decoded pictures
    SIMILARITY = 5  #: which pictures are the same


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of the facts table: its name, its pandas dtype, what it says."""

    name: str
    dtype: str
    help: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a step may know beside the values: what the settings say of labels and texts, the files, the pictures."""

    labels: Mapping[str, str] = field(default_factory=dict)  #: ``match`` or ``mismatch`` by normalised spelling
    files: Mapping[str, FileFacts] = field(default_factory=dict)  #: by the text of the cell
    images: Mapping[Path, ImageFacts] = field(default_factory=dict)  #: by the resolved path
    allowed: Sequence[str] = ()  #: strings in which nothing is bad style
    languages: Sequence[str] = ("en",)  #: that texts may be in, as ISO 639-1 codes
    model: Model = MODELS["clip"]  #: whose tokens are counted
    most_tokens: int = MODELS["clip"].context  #: that a text may have, the marks of the model included


@dataclass(frozen=True, slots=True)
class Step:
    """Facts that one function measures together, of each distinct value of the column ``over`` once.

    ``measure`` is called with the distinct values that are there and gives the values of each of ``facts``, in that
    order and each parallel to what it was given.
    """

    over: str
    needs: Needs
    facts: tuple[Fact, ...]
    measure: Callable[[Sequence[str], Context], Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Relation:
    """Facts that take more than one row: `relations` and `copies` fill them over the whole dataset, `of_sources` over
    one source.

    A fact in ``references`` names another row of the dataset; in the table it reads ``train.csv:17``.
    """

    needs: Needs
    facts: tuple[Fact, ...]
    references: frozenset[str] = frozenset()
