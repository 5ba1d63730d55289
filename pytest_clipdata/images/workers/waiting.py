"""What is to be done with pictures, and the queue from which the workers take them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    """The numbers of the pictures that nobody is at.

    Each worker goes forwards through a stretch of its own: pictures that follow each other often lie in one file, which
    is best read from front to back. One that is done takes the second half of the longest stretch that is left. Where
    the caller wants them in order (``ahead``), there is one stretch for all.
    """

    def __init__(self, count: int, workers: int, per_batch: int, ahead: int | None) -> None:
        stretches = max(1, workers if ahead is None else 1)
        ends = [count * number // stretches for number in range(stretches + 1)]
        self._stretches = [range(start, end) for start, end in pairwise(ends)]
        self._again: deque[int] = deque()
        self._parts, self._per_batch, self._ahead = 4 * max(1, workers), per_batch, ahead
        self._moved = threading.Condition()
        self._stopped = False
        #: The caller took all pictures before this one; counted only where ``Task.ahead`` asks for it.
        self.taken = 0

    @property
    def left(self) -> int:
        """How many are waiting now."""
        return len(self._again) + sum(map(len, self._stretches))

    def take(self, worker: int, *, idle: bool) -> list[int]:
        """The next batch for a worker; smaller ones towards the end, so that the workers end together.

        Empty where the caller has enough at hand already, but an ``idle`` worker waits until it has not.
        """
        batch: list[int] = []
        with self._moved:
            self._moved.wait_for(lambda: not idle or self._stopped or not self.left or self._may_begin())
            size = max(1, min(self._per_batch, self.left // self._parts))
            own = self._stretch(worker)
            while len(batch) < size and (self._again or self._stretches[own]) and self._may_begin():
                if self._again:
                    batch.append(self._again.popleft())
                else:
                    batch.append(self._stretches[own][0])
                    self._stretches[own] = self._stretches[own][1:]
        return batch

    def put_back(self, pictures: Sequence[int]) -> None:
        """They are to be done (again) before all others."""
        with self._moved:
            self._again.extendleft(reversed(pictures))
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

    def _stretch(self, worker: int) -> int:
        """The number of the stretch of a worker, which gets a part of another one if its own is done."""
        if self._ahead is not None:
            return 0
        if not self._stretches[worker]:
            longest = max(range(len(self._stretches)), key=lambda number: len(self._stretches[number]))
            stretch = self._stretches[longest]
            half = len(stretch) // 2
            self._stretches[longest], self._stretches[worker] = stretch[:half], stretch[half:]
        return worker

    def _may_begin(self) -> bool:
        if self._ahead is None:
            return True
        first = self._again[0] if self._again else self._stretches[0].start
        return first < self.taken + self._ahead
