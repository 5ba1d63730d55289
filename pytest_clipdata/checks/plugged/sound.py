"""Whether what a plugin gives can be used: asked before the work, and answered in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, Words
from pytest_clipdata.checks.plugged.plugin import Plugin, PluginError
from pytest_clipdata.facts.columns import Column
from pytest_clipdata.facts.step import Fact, Needs, PictureStep, Step
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import RESERVED, SHARED_KEYS, Option
from pytest_clipdata.settings.toml import plain
from pytest_clipdata.settings.valid import valid_value

#: The types that a fact of a plugin may have: all of them can be null.
DTYPES = ("str", "Int64", "Float64", "boolean")
#: What a message is told beside the facts of its row, and a column of the file of all facts: no fact has these names.
_TAKEN = frozenset({"column", "csv", "missing", "observed", "related", "unexpected"})
#: Characters of one message.
_LONGEST = 2000


class PluginFault(Exception):  # noqa: N818 - it is the plugin's fault, and our answer
    """A function of a plugin raised, or gave what it must not: an ERROR of the check, in these words."""


@dataclass(frozen=True, slots=True)
class GuardedMessage:
    """The ``message`` of a plugin's check: what it raises is told as the plugin's fault."""

    plugin: str
    message: Callable[[Row, Options], Words]

    def __call__(self, row: Row, options: Options) -> Words:
        try:
            words = self.message(row, options)
        except Exception as error:
            raise PluginFault(f"{self.plugin}: message raised {plain(f'{type(error).__name__}: {error}')}") from error
        pieces = (words,) if isinstance(words, str) else words
        if not (isinstance(pieces, tuple) and pieces and all(isinstance(piece, str) for piece in pieces)):
            raise PluginFault(f"{self.plugin}: message gave {plain(repr(words))}, which is no text")
        return words[:_LONGEST] if isinstance(words, str) else tuple(piece[:_LONGEST] for piece in words)


def refuse_step(plugin: Plugin, step: Step | PictureStep, columns: Container[str]) -> None:
    """Raise PluginError if ``step`` cannot measure new columns beside ``columns``."""
    facts = step.facts
    if not (isinstance(facts, tuple) and facts and all(isinstance(fact, Fact) for fact in facts)):
        raise PluginError(f"{plugin.name}: a step needs facts, as a tuple of Fact")
    for fact in facts:
        if not isinstance(fact.name, str) or not fact.name.isidentifier():
            raise PluginError(f"{plugin.name}: the fact {plain(repr(fact.name))} must have a name like 'price'")
        if fact.name in columns or [other.name for other in facts].count(fact.name) > 1 or fact.name in _TAKEN:
            raise PluginError(f"{plugin.name}: there is a fact {fact.name!r} already")
        if fact.dtype not in DTYPES:
            raise PluginError(f"{plugin.name}: the fact {fact.name!r} must be one of {', '.join(DTYPES)}")
    if not callable(step.measure):
        raise PluginError(f"{plugin.name}: the step of {facts[0].name!r} has nothing that measures")
    if isinstance(step, PictureStep):
        _refuse_picture_step(plugin, step)
    elif not (isinstance(step.over, str) and step.over and isinstance(step.needs, Needs)):
        raise PluginError(f"{plugin.name}: the step of {facts[0].name!r} must be over a column and say what it needs")


def _refuse_picture_step(plugin: Plugin, step: PictureStep) -> None:
    module, name = getattr(step.measure, "__module__", None), getattr(step.measure, "__qualname__", "")
    if getattr(sys.modules.get(str(module)), str(name), None) is not step.measure or module == "__main__":
        raise PluginError(
            f"{plugin.name}: what measures {step.facts[0].name!r} must be a function of a module that worker processes "
            f"can import, not {plain(name or repr(step.measure))}"
        )
    if type(step.side) is not int or not 1 <= step.side <= 4096:
        raise PluginError(f"{plugin.name}: the side of {step.facts[0].name!r} must be 1 to 4096 pixels")


def sound_check(plugin: Plugin, check: Check, columns: Mapping[str, Column], taken: Container[str]) -> Check:
    """``check`` as it is used, knowing all ``columns``. Raises PluginError if it cannot be; ``taken`` are ids."""
    if not isinstance(check.id, str) or not check.id.isidentifier():
        raise PluginError(f"{plugin.name}: the check {plain(repr(check.id))} must have an id like 'price_range'")
    where = f"{plugin.name}: the check {check.id!r}"
    if check.id in taken or check.id in RESERVED:
        raise PluginError(f"{where}: this id is already taken")
    if check.by_model:
        raise PluginError(f"{where}: only our own checks are answered by a model")
    if not (callable(check.expectations) and callable(check.message) and callable(check.wanted)):
        raise PluginError(f"{where}: expectations, message and wanted must be functions")
    if not isinstance(check.severity, Severity):
        raise PluginError(f"{where}: the severity must be a Severity, not {plain(repr(check.severity))}")
    _refuse_options(where, check)
    if isinstance(check.judges, str) or not check.judges:
        raise PluginError(f"{where}: judges must be a tuple of the columns without which a row is not judged")
    made = replace(check, columns=columns, message=GuardedMessage(plugin.name, check.message))
    asked = asked_of(made, {name: option.default for name, option in check.options.items()})
    named = [*check.judges, *(filter(None, (check.refers_to, check.said)))]
    named += [f"{check.grade}_grade"] if check.grade else []
    keys = ("column", "column_A", "column_B")
    named += [expectation.kwargs[key] for expectation in asked for key in keys if key in expectation.kwargs]
    named += [expectation.shows for expectation in asked if expectation.shows is not None]
    if unknown := [name for name in named if not isinstance(name, str) or name not in columns]:
        raise PluginError(f"{where}: the facts table has no column {plain(repr(unknown[0]))}")
    return made


def _refuse_options(where: str, check: Check) -> None:
    for name, option in check.options.items():
        if not isinstance(option, Option) or not isinstance(name, str) or not name.isidentifier():
            raise PluginError(f"{where}: the options must be names with an Option each")
        if name in SHARED_KEYS or type(option.default) not in (bool, int, float, str, list):
            raise PluginError(f"{where}: {name!r} cannot be an option with the default {plain(repr(option.default))}")
        valid_value(f"{check.id}.{name}", option.default, option, f"{where}: its default")
    try:
        check.default  # noqa: B018 - the limit in words is made of the options
    except Exception as error:
        raise PluginError(f"{where}: limit {plain(repr(check.limit))} is no format of its options") from error


def asked_of(check: Check, options: Options) -> Sequence[Expectation]:
    """The expectations of a plugin's check. Raises PluginError if it gives none, or what is none."""
    try:
        asked = list(check.expectations(options))
    except Exception as error:
        words = plain(f"{type(error).__name__}: {error}")
        raise PluginError(f"the check {check.id!r}: expectations raised {words}") from error
    wrong = [one for one in asked if not _is_expectation(one)]
    if not asked or wrong:
        raise PluginError(f"the check {check.id!r}: {plain(repr(wrong[0] if wrong else asked))} is no Expectation")
    return asked


def _is_expectation(thing: object) -> bool:
    return (
        isinstance(thing, Expectation)
        and isinstance(thing.type, str)
        and thing.type.startswith("expect_")
        and isinstance(thing.kwargs, Mapping)
        and (thing.severity is None or isinstance(thing.severity, Severity))
    )
