"""What is to be done with pictures, and the queue from which the workers take them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from pytest_clipdata.images.workers.wire import A


@dataclass(frozen=True, slots=True)
class Task(Generic[A]):
    """What is to be done with each picture."""

    job: bytes  #: the line that tells a worker
    answers: type[A]
    timeout: float  #: seconds for one picture
    per_batch: int  #: pictures in one message; what is left of a batch may be done again
    ahead: int | None = None  #: pictures that are begun before the caller took the ones before them; None: any number


class Waiting:
    """The numbers of the pictures that nobody is at, lowest first."""

    def __init__(self, count: int, parts: int, per_batch: int, ahead: int | None) -> None:
        self._waiting = deque(range(count))
        self._parts, self._per_batch, self._ahead = parts, per_batch, ahead
        self._moved = threading.Condition()
        self._stopped = False
        #: The caller took all pictures before this one; counted only where ``Task.ahead`` asks for it.
        self.taken = 0

    @property
    def left(self) -> int:
        """How many are waiting now."""
        return len(self._waiting)

    def take(self, *, idle: bool) -> list[int]:
        """The next batch; smaller ones towards the end, so that the workers end together.

        Empty where the caller has enough at hand already, but an ``idle`` worker waits until it has not.
        """
        batch: list[int] = []
        with self._moved:
            self._moved.wait_for(lambda: not idle or self._stopped or not self._waiting or self._may_begin())
            size = max(1, min(self._per_batch, len(self._waiting) // self._parts))
            while len(batch) < size and self._waiting and self._may_begin():
                batch.append(self._waiting.popleft())
        return batch

    def put_back(self, pictures: Sequence[int]) -> None:
        """They are to be done (again) before all others."""
        with self._moved:
            self._waiting.extendleft(reversed(pictures))
            self._moved.notify_all()

    def take_note(self) -> None:
        """The caller took one more."""
        with self._moved:
            self.taken += 1
            self._moved.notify_all()

    def stop(self) -> None:
        """Nobody waits any longer."""
        with self._moved:
            self._stopped = True
            self._moved.notify_all()

    def _may_begin(self) -> bool:
        return self._ahead is None or self._waiting[0] < self.taken + self._ahead
