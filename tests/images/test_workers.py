"""Workers that decode: whatever a decoder does to its process costs its image, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.workers import pool
from pytest_clipdata.images.workers.pool import WorkerError, measure_all
from pytest_clipdata.reading.blob import Blob

HERE = Path(__file__).parents[1]
ROOT = HERE.parent
LIMITS = Limits(max_pixels=1_000_000, max_bytes=1_000_000, timeout=20.0)
Measure = Callable[..., ImageFacts]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins use POSIX signals")


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Measure:
    monkeypatch.syspath_prepend(HERE)
    from helpers.standins import behave  # type: ignore[import-not-found]

    return behave  # type: ignore[no-any-return]


@pytest.fixture(autouse=True)
def small_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_PIXELS_PER_WORKER", 4)


def facts_of(
    names: list[str], measure: Measure, *, workers: int = 2, limits: Limits = LIMITS, folder: Path = Path("/nowhere")
) -> list[ImageFacts]:
    """The facts in the order of the names; every image must be answered exactly once."""
    with measure_all(
        [Blob.of(folder / name) for name in names], pixels=True, limits=limits, workers=workers, measure=measure
    ) as m:
        answers = list(m)
    assert sorted(index for index, _ in answers) == list(range(len(names)))
    return [facts for _, facts in sorted(answers, key=lambda answer: answer[0])]


def fine(name: str) -> ImageFacts:
    return ImageFacts(ImageStatus.OK, width=len(name), sharpness=0.1, signature=bytes(range(256)))


def test_facts_come_back_exactly(standin: Measure) -> None:
    names = [f"fine-{'x' * n}" for n in range(200)]
    assert facts_of(names, standin) == [fine(name) for name in names]


def test_nothing_to_measure_starts_nothing(standin: Measure, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **kwargs: pytest.fail("started"))
    assert facts_of([], standin) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("segv-1", "its decoder was ended by SIGSEGV"),
        ("kill-1", "its decoder was ended by SIGKILL"),
        ("exit-1", "its decoder ended its process with status 0"),
        ("garble-1", "its decoder was ended by SIGKILL"),
        ("raise-1", "its decoder raised ZeroDivisionError"),
        ("eat-1", "its decoder asks for more than the 272 MiB that one image may take"),
    ],
)
def test_a_decoder_that_fails_costs_its_image_alone(standin: Measure, name: str, words: str) -> None:
    names = ["fine-a"] * 13 + [name] + ["fine-b"] * 13
    expected = [fine(name) for name in names]
    expected[13] = ImageFacts(ImageStatus.CRASHED, words)
    assert facts_of(names, standin) == expected


def test_many_that_fail_among_many_that_do_not(standin: Measure) -> None:
    names = [("segv-1" if n % 7 == 3 else "fine-1") for n in range(35)]
    assert [facts.status is ImageStatus.CRASHED for facts in facts_of(names, standin)] == [
        n % 7 == 3 for n in range(35)
    ]


def test_an_image_is_blamed_only_if_it_kills_twice(standin: Measure, tmp_path: Path) -> None:
    """A worker that the system killed for memory says nothing of the image that it was at."""
    names = ["once-1", *["fine-1"] * 9]
    assert [facts.status for facts in facts_of(names, standin, folder=tmp_path)] == [ImageStatus.OK] * 10
    assert (tmp_path / "once-1.seen").exists()


@pytest.mark.parametrize("name", ["hang-1", "spin-1"])
def test_a_decoder_that_takes_too_long(standin: Measure, name: str) -> None:
    names = ["fine-a", name, *["fine-b"] * 18]
    expected = [fine(name) for name in names]
    expected[1] = ImageFacts(ImageStatus.TIMED_OUT, "its decoder took longer than 0.4 s")
    assert facts_of(names, standin, limits=Limits(1_000_000, 1_000_000, timeout=0.4)) == expected


def test_a_worker_that_its_own_clock_ended(standin: Measure) -> None:
    words = "its decoder took longer than 20 s"
    assert facts_of(["alarm-1"], standin) == [ImageFacts(ImageStatus.TIMED_OUT, words)]


def test_the_time_is_each_images_own(standin: Measure) -> None:
    """Twenty images of 0.05 s each, in batches, with 0.5 s for each."""
    limits = Limits(1_000_000, 1_000_000, timeout=0.5)
    assert {facts.status for facts in facts_of(["slow-1"] * 20, standin, workers=1, limits=limits)} == {ImageStatus.OK}


def test_a_slow_consumer_is_not_held_against_the_images(standin: Measure) -> None:
    limits = Limits(1_000_000, 1_000_000, timeout=0.4)
    with measure_all(
        [Blob.of(Path("fine-1"))] * 30, pixels=True, limits=limits, workers=2, measure=standin
    ) as measuring:
        answers = [next(measuring)]
        time.sleep(0.9)
        answers += measuring
    assert {facts.status for _, facts in answers} == {ImageStatus.OK}
    assert len(answers) == 30


def test_workers_work_before_they_are_asked(standin: Measure, tmp_path: Path) -> None:
    with measure_all([Blob.of(tmp_path / "once-1")], pixels=True, limits=LIMITS, measure=standin):
        until = time.monotonic() + 10
        while not (tmp_path / "once-1.seen").exists() and time.monotonic() < until:
            time.sleep(0.01)
        assert (tmp_path / "once-1.seen").exists()


def test_noise_goes_nowhere(standin: Measure, capfd: pytest.CaptureFixture[str]) -> None:
    names = ["noise-1", "fine-1", "noise-2"]
    assert facts_of(names, standin) == [fine(name) for name in names]
    assert capfd.readouterr() == ("", "")


def test_workers_import_only_what_measuring_takes(standin: Measure) -> None:
    assert facts_of(["modules-1"], standin) == [ImageFacts(ImageStatus.OK, error="")]


@pytest.mark.parametrize(("images", "workers", "started"), [(3, 4, 1), (5, 4, 2), (40, 2, 2), (40, 1, 1)])
def test_few_images_start_few_workers(standin: Measure, images: int, workers: int, started: int) -> None:
    pids = {facts.bytes for facts in facts_of([f"pid-{n}" for n in range(images)], standin, workers=workers)}
    assert len(pids) == started
    assert os.getpid() not in pids


def test_progress_counts_to_the_end(standin: Measure) -> None:
    seen: list[int] = []
    blobs = [Blob.of(Path("fine-1")), Blob.of(Path("segv-1")), Blob.of(Path("fine-2"))]
    with measure_all(blobs, pixels=True, limits=LIMITS, measure=standin, progress=seen.append) as measuring:
        list(measuring)
    assert seen == [1, 2, 3]


def test_a_worker_that_cannot_import_pillow_is_our_fault(standin: Measure) -> None:
    with pytest.raises(WorkerError, match="No module named 'PIL'"):
        facts_of(["fine-1", "import-1"], standin)


def test_a_measuring_function_that_cannot_be_found_or_called(standin: Measure) -> None:
    def local(path: Path) -> None: ...

    with pytest.raises(WorkerError, match="could not start"):
        facts_of(["fine-1"], local)  # type: ignore[arg-type]
    from helpers.standins import refuses

    with pytest.raises(WorkerError, match="could not be called"):
        facts_of(["fine-1"], refuses)


def test_an_interpreter_that_cannot_start(standin: Measure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    with pytest.raises(WorkerError, match="no worker process could be started"):
        facts_of(["fine-1"] * 20, standin)
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho something is missing >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(WorkerError, match=r"(?s)ended its process with status 3.*something is missing"):
        facts_of(["fine-1"] * 20, standin)


def test_no_fewer_than_one_worker(standin: Measure) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        measure_all([Blob.of(Path("fine-1"))], pixels=True, limits=LIMITS, workers=0, measure=standin)


def test_leaving_early_ends_the_workers(standin: Measure) -> None:
    with measure_all(
        [Blob.of(Path("fine-1")), *[Blob.of(Path("hang-1"))] * 20], pixels=True, limits=LIMITS, measure=standin
    ) as measuring:
        next(measuring)
        assert children()
    assert children() == []
    assert list(measuring) == []


def test_forgetting_it_ends_the_workers(standin: Measure) -> None:
    measuring = measure_all(
        [Blob.of(Path("fine-1")), *[Blob.of(Path("hang-1"))] * 20], pixels=True, limits=LIMITS, measure=standin
    )
    next(measuring)
    del measuring
    assert children() == []


PARENT = """
    import signal, sys
    from pathlib import Path
    print("imported", flush=True)
    sys.path.insert(0, {here!r})
    from helpers import standins
    from pytest_clipdata.images.facts import Limits
    from pytest_clipdata.images.workers.pool import measure_all
    from pytest_clipdata.reading.blob import Blob
    limits = Limits(timeout={timeout})
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with measure_all([Blob.of(Path("pid-1")), Blob.of(Path({second!r}))], pixels=True, limits=limits, workers=1,
                     measure=standins.behave) as measuring:
        for index, facts in measuring:
            print(facts.bytes, facts.status, flush=True)
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], int]]]:
    """Start a script that measures two images; returns it and the process id of its worker."""
    script = tmp_path / "user_main.py"
    started: list[subprocess.Popen[str]] = []

    def start(second: str, timeout: float = 30.0) -> tuple[subprocess.Popen[str], int]:
        script.write_text(textwrap.dedent(PARENT).format(here=str(HERE), second=second, timeout=timeout))
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen([sys.executable, str(script)], stdout=-1, stderr=-1, text=True, env=environment)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "imported\n"
        return process, int(process.stdout.readline().split()[0])

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_ctrl_c_ends_promptly_and_leaves_no_orphan(parent: Callable[..., tuple[subprocess.Popen[str], int]]) -> None:
    process, worker = parent("hang-1")
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=10)
    assert time.monotonic() - began < 5
    assert stderr.rstrip().endswith("KeyboardInterrupt")
    assert not alive(worker)


def test_ctrl_c_is_not_the_workers_affair(parent: Callable[..., tuple[subprocess.Popen[str], int]]) -> None:
    process, worker = parent("long-1")
    assert os.getsid(worker) == worker  # a terminal's Ctrl-C goes to the session of the parent
    os.kill(worker, signal.SIGINT)
    assert process.communicate(timeout=30)[0] == "None ok\n"
    assert process.returncode == 0


@pytest.mark.parametrize(("second", "timeout"), [("long-1", 30.0), ("spin-1", 1.0)])
def test_workers_of_a_killed_parent_end_by_themselves(
    parent: Callable[..., tuple[subprocess.Popen[str], int]], second: str, timeout: float
) -> None:
    process, worker = parent(second, timeout)
    process.kill()
    process.wait()
    until = time.monotonic() + 8
    while alive(worker) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(worker)


def test_the_users_main_is_imported_once(parent: Callable[..., tuple[subprocess.Popen[str], int]]) -> None:
    process, _ = parent("slow-1")
    out, _ = process.communicate(timeout=10)
    assert "imported" not in out


def test_in_a_daemon_process(standin: Measure) -> None:
    """The children of a user's own pool may be daemons, which multiprocessing lets have no children."""
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    child = context.Process(target=measure_one, args=(str(HERE),), daemon=True)
    child.start()
    child.join(20)
    assert child.exitcode == 0


def test_in_the_workers_of_xdist(tmp_path: Path) -> None:
    test = f"""
        import sys
        from pathlib import Path
        import pytest
        sys.path.insert(0, {str(HERE)!r})
        from helpers import standins
        from pytest_clipdata.images.facts import Limits
        from pytest_clipdata.images.workers.pool import measure_all
        from pytest_clipdata.reading.blob import Blob

        @pytest.mark.parametrize("run", range(4))
        def test_measure(run):
            with measure_all([Blob.of(Path("fine-1")), Blob.of(Path("kill-1"))], pixels=True, limits=Limits(),
                             measure=standins.behave) as measuring:
                assert {{index: facts.status.value for index, facts in measuring}} == {{0: "ok", 1: "crashed"}}
    """
    (tmp_path / "test_it.py").write_text(textwrap.dedent(test))
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "pytest",
        "-p",
        "xdist",
        "-n",
        "2",
        "-p",
        "no:cacheprovider",
        "test_it.py",
    ]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout
    assert "4 passed" in run.stdout


def measure_one(folder: str) -> None:
    sys.path.insert(0, folder)
    from helpers.standins import behave

    assert facts_of(["fine-1"], behave) == [fine("fine-1")]


def children() -> list[int]:
    """Our workers that still run, by their command."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            ours = f"\nPPid:\t{os.getpid()}\n" in (entry / "status").read_text()
            if ours and b"images.worker" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
