"""The facts table as judging and reports see it: everything measured about a row is a column, nothing is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from pytest_clipdata.findings import Related


class Table(Protocol):
    """The facts of one source. A row is known by its number in the source, from 0; missing values are None."""

    def __len__(self) -> int:
        """Rows, those that did not parse included."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The names of all columns, in order."""
        ...

    @property
    def result_format(self) -> str:
        """How much Great Expectations is to say of each expectation, in its words."""
        ...

    def batch(self, context: Any, columns: Sequence[str]) -> Any:
        """A Great Expectations batch of ``context`` (a data context) that holds ``columns``."""
        ...

    def release(self) -> None:
        """Let go of what the last batch held beside the table itself."""
        ...

    def judged(self, columns: Sequence[str]) -> int:
        """How many rows have a value in each of ``columns``."""
        ...

    def unexpected(self, result: Mapping[str, Any], wrong: Callable[[], Any]) -> list[int]:
        """The numbers of the rows that are wrong by a result of Great Expectations, complete and in ascending order.

        ``wrong`` gives these rows of the last batch, as a frame of the engine that judged it.
        """
        ...

    def rows(self, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
        """Each of these rows as a mapping from column to value, in the order given."""
        ...

    def columns(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """The values of these columns, a tuple for each row."""
        ...

    def related(self, reference: str, number: int) -> Related | None:
        """The other row that the column ``reference`` names in a row."""
        ...

    def group(self, reference: str, number: int) -> Sequence[Related]:
        """Further rows that show the same picture as a row, the first few, without the one that ``related`` names."""
        ...
