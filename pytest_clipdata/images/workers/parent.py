"""The parent's side of the workers: a thread for each feeds it in batches and reads a line per image; one more thread
watches the time. So the workers stay busy while the caller does something else.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import astuple
from typing import IO, Any, Generic

from pytest_clipdata.images.facts import ImageStatus
from pytest_clipdata.images.workers import wire
from pytest_clipdata.images.workers.process import WorkerError, how_it_ended, last_words, pipes_of
from pytest_clipdata.images.workers.waiting import Task, Waiting
from pytest_clipdata.images.workers.wire import A
from pytest_clipdata.reading.blob import Blob

# The first line of stdin brings the parent's sys.path: the worker imports what the parent would.
_BOOT = (
    "import sys, json; job = json.loads(sys.stdin.buffer.readline()); sys.path[:] = job['path']; "
    "from pytest_clipdata.images.workers.child import serve; serve(job); import os; os._exit(0)"
)
_START_SECONDS = 120.0  # a cold network disk may take long to import from
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class Work(Generic[A]):
    """What the threads of one call share: ``count`` workers that take pictures from one queue."""

    def __init__(self, blobs: Sequence[Blob], task: Task[A], count: int) -> None:
        self.blobs = blobs
        self.task = task
        self.waiting = Waiting(len(blobs), count, task.per_batch, task.ahead)
        self.answers: queue.SimpleQueue[tuple[int, A] | BaseException] = queue.SimpleQueue()
        self.died: set[int] = set()  #: images whose worker died once
        self.stopped = threading.Event()
        self.workers = [_Worker(self, number) for number in range(count)]
        self._threads = [
            threading.Thread(target=worker.run, name="clipdata-worker", daemon=True) for worker in self.workers
        ]
        self._threads.append(threading.Thread(target=self._watch, name="clipdata-watch", daemon=True))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self.waiting.stop()
        for worker in self.workers:
            worker.kill()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _watch(self) -> None:
        """Kill each worker whose image has had its time."""
        now = time.monotonic()
        while True:
            left = [worker.deadline - now for worker in self.workers]
            wait = max(0.01, min([*left, 1.0]))
            if self.stopped.wait(wait):
                return
            before, now = now, time.monotonic()
            late = now - before - wait
            if late > 1.0:  # the whole process was stopped or starved (Ctrl-Z, a laptop's lid): not the image's fault
                for worker in self.workers:
                    worker.deadline += late
            for worker in self.workers:
                if worker.deadline < now:
                    worker.expire()


class _Worker:
    """One worker process after another, and the images that are with it."""

    def __init__(self, work: Work[Any], number: int) -> None:
        self._work, self._number = work, number
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()  # over the process and who killed it
        self._with_it: deque[int] = deque()  # sent and not answered; the first one is being measured
        self._expired: int | None = None
        self.deadline = float("inf")

    def run(self) -> None:
        """The thread: measure until nothing is waiting."""
        try:
            while self._work.waiting.left and not self._work.stopped.is_set():
                self._serve()
        except BaseException as error:
            if not self._work.stopped.is_set():
                self._work.answers.put(error)
        finally:
            self.kill()

    def kill(self) -> None:
        with self._lock:
            if self._process is not None and self._process.returncode is None:
                self._process.kill()

    def expire(self) -> None:
        """Called by the watch: the image being measured (or the start) has had its time."""
        with self._lock:
            if self._process is not None and self.deadline < time.monotonic():
                self._expired = self._with_it[0] if self._with_it else -1
                self.deadline = float("inf")
                self._process.kill()

    def _serve(self) -> None:
        """One process from its start to its end; what it did not answer goes back to the waiting."""
        process = self._start()
        requests, answers, noise = pipes_of(process)
        self._expired = None
        try:
            self._await_ready(process)
            if self._feed(requests):
                for line in answers:
                    if not self._take_answer(line):
                        break
                    if not self._feed(requests):
                        return
        finally:
            self.deadline = float("inf")
            self.kill()
            code = process.wait()
            with self._lock:
                self._process = None
            for pipe in (requests, answers, noise):
                with contextlib.suppress(OSError):
                    pipe.close()
        if self._with_it and not self._work.stopped.is_set():
            self._blame(code)

    def _start(self) -> subprocess.Popen[bytes]:
        # An arena of malloc reserves 64 MiB of the address space that is bounded.
        environment = os.environ | dict.fromkeys(_ONE_THREAD, "1") | {"MALLOC_ARENA_MAX": "2"}
        with self._lock:
            if self._work.stopped.is_set():
                raise WorkerError("stopped")
            self.deadline = time.monotonic() + _START_SECONDS
            try:
                # -P: the current directory may be the dataset's. A session of its own: Ctrl-C is for the parent.
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-W", "ignore", "-c", _BOOT],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=environment,
                    start_new_session=True,
                )
            except OSError as error:
                raise WorkerError(f"no worker process could be started: {error}") from error
            return self._process

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        requests, answers, noise = pipes_of(process)
        with contextlib.suppress(OSError):
            requests.write(self._work.task.job + b"\n")
            requests.flush()
        line = answers.readline()
        if line == b'{"ready": true}\n':
            self.deadline = float("inf")
            return
        if line.startswith(b'{"failed"'):
            raise WorkerError(f"a worker process could not start:\n{json.loads(line)['failed']}")
        why = "took too long" if self._expired is not None else how_it_ended(process.wait())
        raise WorkerError(f"a worker process could not start: it {why}\n{last_words(noise)}".rstrip())

    def _feed(self, requests: IO[bytes]) -> bool:
        """Keep the next batch at hand while one is measured. False once nothing is left for this worker."""
        if len(self._with_it) <= self._work.task.per_batch // 2:
            batch = self._work.waiting.take(self._number, idle=not self._with_it)
            if batch:
                line = json.dumps([[index, astuple(self._work.blobs[index])] for index in batch])
                if not self._with_it:
                    self.deadline = time.monotonic() + self._work.task.timeout
                self._with_it.extend(batch)
                with contextlib.suppress(OSError):  # it died: reading says so
                    requests.write(line.encode("ascii") + b"\n")
                    requests.flush()
        return bool(self._with_it)

    def _take_answer(self, line: bytes) -> bool:
        """False for what is no answer: cut short by a death, or a decoder wrote where it should not."""
        if line.startswith(b'{"failed"'):
            raise WorkerError(f"a worker process could not do its work:\n{json.loads(line)['failed']}")
        try:
            index, text = line.decode("ascii").split(" ", 1)
            answer = int(index), wire.loads(text, self._work.task.answers)
            if answer[0] != self._with_it[0]:
                raise ValueError("not the image it was at")
        except (ValueError, TypeError):
            return False
        with self._lock:
            self._with_it.popleft()
            self.deadline = time.monotonic() + self._work.task.timeout if self._with_it else float("inf")
        self._work.answers.put(answer)
        return True

    def _blame(self, code: int) -> None:
        """The process is dead: the image it was measuring pays, the others wait again."""
        first = self._with_it.popleft()
        self._work.waiting.put_back(list(self._with_it))
        self._with_it.clear()
        answer = self._work.task.answers
        seconds = f"took longer than {self._work.task.timeout:g} s"
        late = answer(ImageStatus.TIMED_OUT, f"its decoder {seconds}")
        if self._work.blobs[first].is_remote:
            late = answer(ImageStatus.UNREACHABLE, f"is unreachable, or cannot be decoded; both together {seconds}")
        if self._expired == first:
            self._work.answers.put((first, late))
        elif self._expired is not None:  # its predecessor was answered just as its time was up
            self._work.waiting.put_back([first])
        elif first not in self._work.died:
            # Once more: the image before it may have broken the process, or the system killed it for memory.
            self._work.died.add(first)
            self._work.waiting.put_back([first])
        else:
            alarm = (
                hasattr(signal, "SIGALRM") and code == -signal.SIGALRM
            )  # the worker's own clock, when ours was starved
            crashed = answer(ImageStatus.CRASHED, f"its decoder {how_it_ended(code)}")
            self._work.answers.put((first, late if alarm else crashed))
