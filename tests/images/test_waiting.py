"""Who works on which picture: each once, and each worker on pictures that follow each other."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pytest_clipdata.images.workers.waiting import Waiting


@pytest.mark.parametrize(("count", "workers"), [(0, 1), (1, 4), (100, 1), (1000, 2), (1000, 7)])
def test_each_picture_is_given_once_and_workers_go_forwards(count: int, workers: int) -> None:
    waiting = Waiting(count, workers, 8, None)
    given: list[list[int]] = [[] for _ in range(workers)]
    while waiting.left:
        for worker in range(workers):
            for _ in range(worker + 1):  # some are faster than others
                given[worker] += waiting.take(worker, idle=True)
    assert sorted(number for numbers in given for number in numbers) == list(range(count))
    jumps = [sum(b != a + 1 for a, b in pairwise(numbers)) for numbers in given]
    assert sum(jumps) <= 5 * (workers - 1)  # of some 140 batches: one for each stretch that was taken from another


def test_what_is_put_back_comes_next() -> None:
    waiting = Waiting(100, 2, 8, None)
    batch = waiting.take(1, idle=True)
    waiting.put_back(batch[2:])
    assert waiting.take(0, idle=True) == [*batch[2:], 0, 1]


def test_in_order_nobody_goes_far_ahead() -> None:
    waiting = Waiting(100, 2, 8, 4)
    assert waiting.take(0, idle=True) + waiting.take(1, idle=False) + waiting.take(0, idle=False) == [0, 1, 2, 3]
    assert waiting.take(1, idle=False) == []
    waiting.take_note()
    assert waiting.take(1, idle=True) == [4]
