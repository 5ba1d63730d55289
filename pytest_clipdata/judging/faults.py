"""What an expectation and the facts of a row say of its fault, as values."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pytest_clipdata.checks.check import Expectation, Row
from pytest_clipdata.facts.columns import CELLS, REFERENCES, RELATIONS
from pytest_clipdata.faults import Fault, Side

#: Facts that say what a row is, or which row it is like. A baseline knows both by the contents of the rows.
_NAMING = {fact.name for fact in CELLS if fact.name != "row_problem"} | REFERENCES
#: Facts that compare rows with each other.
_SHARED = {fact.name for relation in RELATIONS for fact in relation.facts}
_LONG = 160  #: characters of a value that are kept; of a longer one the start and a digest of the whole


def fault_of(expectation: Expectation, row: Row) -> Fault:
    """The fault of a row, or of a whole source, by which it breaks an expectation.

    Where the expectation has bounds, the figure is what was measured and the side which bound it broke. Figures of
    facts that come from comparing rows are left out: what makes them worse is another row, with a finding of its own.
    """
    column = expectation.kwargs.get("column")
    kind = column if isinstance(column, str) else expectation.type
    whole = row["row"] is None
    seen = row.get("observed") if whole else row.get(kind)
    least, most = (_number(expectation.kwargs.get(name)) for name in ("min_value", "max_value"))
    number = _number(seen)
    if number is not None and (whole or kind not in _SHARED):
        if least is not None and number < least:
            return Fault(kind, figure=number, side=Side.BELOW)
        if most is not None and number > most:
            return Fault(kind, figure=number, side=Side.ABOVE)
    if seen is None or (not whole and kind in _NAMING | _SHARED):
        return Fault(kind)
    return Fault(kind, value=_short(str(seen)))


def _number(value: Any) -> float | None:
    try:
        return None if value is None or isinstance(value, (str, bytes)) else float(value)
    except (TypeError, ValueError):
        return None


def _short(text: str) -> str:
    if len(text) <= _LONG:
        return text
    return f"{text[:_LONG]} sha256:{sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
