"""The checks, one file each; the file's docstring is the manual page, the order is that of the reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pytest_clipdata.checks import (
    aspect_ratio,
    columns,
    contradictions,
    decodable,
    duplicate_images,
    duplicate_rows,
    label_balance,
    labels,
    language,
    leakage,
    loader_parity,
    missing_values,
    paths,
    portable_paths,
    repeated_text,
    resolution,
    row_count,
    shortcuts,
    smoke,
    split_ratio,
    suspect_labels,
    text_hygiene,
    text_leakage,
    text_style,
    token_length,
    visibility,
    word_count,
)
from pytest_clipdata.checks.check import Check
from pytest_clipdata.settings.declared import Table, suggest


class Registry(Mapping[str, Check]):
    """Checks by id, in order. Refuses a second check of one id; suggests the nearest for an unknown one."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self._checks: dict[str, Check] = {}
        for check in checks:
            if check.id in self._checks:
                raise ValueError(f"two checks have the id {check.id!r}")
            self._checks[check.id] = check

    def __getitem__(self, check_id: str) -> Check:
        try:
            return self._checks[check_id]
        except KeyError:
            raise KeyError(f"no check {check_id!r}{suggest(check_id, self._checks)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)

    @property
    def tables(self) -> dict[str, Table]:
        """The settings table of every check."""
        return {check_id: check.table for check_id, check in self._checks.items()}


REGISTRY = Registry(
    module.CHECK
    for module in (
        columns,
        missing_values,
        labels,
        paths,
        portable_paths,
        decodable,
        resolution,
        aspect_ratio,
        loader_parity,
        visibility,
        word_count,
        token_length,
        text_hygiene,
        text_style,
        language,
        duplicate_rows,
        contradictions,
        duplicate_images,
        repeated_text,
        label_balance,
        shortcuts,
        row_count,
        split_ratio,
        leakage,
        text_leakage,
        smoke,
        suspect_labels,
    )
)
