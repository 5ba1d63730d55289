"""What can be told of a table before it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

HEAD_ROWS = 100  #: rows that are looked at


@dataclass(frozen=True, slots=True)
class Head:
    """The names of a table's columns in order, and its first rows, each as long as the names.

    ``own`` names the column of a role in formats that say which it is.
    """

    names: tuple[str, ...]
    rows: Sequence[Sequence[str | None]] = ()
    own: Mapping[str, str] = field(default_factory=dict)
    _at: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # By name, not by a search: each of many columns is asked for.
        places = {name: at for at, name in reversed([*enumerate(self.names)])}
        object.__setattr__(self, "_at", places)

    def values(self, name: str) -> list[str]:
        """What stands in a column of the first rows, without what is missing."""
        at = self._at[name]
        return [cell for row in self.rows if (cell := row[at]) is not None and cell.strip()]
