"""What an item tells the session: one value that crosses from an xdist worker to its controller."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from pytest_clipdata.findings import CheckResult, SplitSummary
from pytest_clipdata.plugin.failure import Crash


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """How one item ended: its dataset with what its splits hold, its result, what it took, and how it failed."""

    dataset: str
    splits: tuple[SplitSummary, ...]
    result: CheckResult
    effort: str
    crash: Crash | None = None

    def dumps(self) -> str:
        """The value as JSON text."""
        record = {
            "dataset": self.dataset,
            "splits": [asdict(split) for split in self.splits],
            "result": self.result.dumps(),
            "effort": self.effort,
            "crash": None if self.crash is None else asdict(self.crash),
        }
        return json.dumps(record)

    @classmethod
    def loads(cls, text: str) -> ItemOutcome:
        record = json.loads(text)
        return cls(
            dataset=record["dataset"],
            splits=tuple(SplitSummary(**split) for split in record["splits"]),
            result=CheckResult.loads(record["result"]),
            effort=record["effort"],
            crash=None if record["crash"] is None else Crash(**record["crash"]),
        )
