"""What is remembered between runs: exactly what was measured, or nothing, whatever happens to the file."""

from __future__ import annotations

import hashlib
import math
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.local_files import locate
from pytest_clipdata.running.memory import pictures as cache_module
from pytest_clipdata.running.memory import sqlite as sqlite_module
from pytest_clipdata.running.memory import store as store_module
from pytest_clipdata.running.memory.cache import Cache

ROOT = Path(__file__).parents[2]
LIMITS = Limits()
NAME = "clipdata.sqlite3"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    return data


def image(data: Path, name: str = "a.jpg", content: bytes = b"picture", *, settled: bool = True) -> FileFacts:
    (data / name).write_bytes(content)
    return replace(locate([name], data, confine=False)[name], settled=settled)


def facts_for(content: bytes = b"picture", **changes: object) -> ImageFacts:
    measured = ImageFacts(
        ImageStatus.OK,
        bytes=len(content),
        format="jpeg",
        mode="RGB",
        width=640,
        height=480,
        orientation=6,
        sha256=hashlib.sha256(content).hexdigest(),
        pixel_digest="ab" * 16,
        transparent=False,
        phash="00ff00ff00ff00ff",
        brightness=0.1 + 0.2,
        contrast=math.nextafter(0.25, 1),
        sharpness=1e-300,
        white_point=1.0,
        tonal_range=2 / 3,
        overexposure=1e300,
        fine_detail=1 / 3,
        coarse_detail=0.0,
        signature=bytes(range(256)),
    )
    return replace(measured, **changes)  # type: ignore[arg-type]


def put(
    directory: Path | None, file: FileFacts, facts: ImageFacts, *, pixels: bool = True, limits: Limits = LIMITS
) -> None:
    with Cache(directory) as cache:
        cache.pictures.store(file, facts, pixels=pixels, limits=limits)


def named(found: dict[Path, ImageFacts]) -> dict[str, ImageFacts]:
    return {path.name: facts for path, facts in found.items()}


def look(
    directory: Path | None, *files: FileFacts, pixels: bool = True, limits: Limits = LIMITS
) -> dict[str, ImageFacts]:
    with Cache(directory) as cache:
        found = named(cache.pictures.lookup(files, pixels=pixels, limits=limits))
        assert cache.problem is None
    return found


@pytest.fixture
def no_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_sha256", lambda file: pytest.fail(f"hashed {file.path}"))


# What is remembered


@pytest.mark.usefixtures("no_hashing")
def test_facts_come_back_exactly(data: Path, tmp_path: Path) -> None:
    file = image(data)
    put(tmp_path / "cache", file, facts_for())
    assert look(tmp_path / "cache", file) == {"a.jpg": facts_for()}


@pytest.mark.parametrize("status", [s for s in ImageStatus if s not in cache_module.TRANSIENT])
@pytest.mark.usefixtures("no_hashing")
def test_facts_of_bad_files_come_back_too(data: Path, tmp_path: Path, status: ImageStatus) -> None:
    facts = ImageFacts(status, "words \u00e9 \ud800", bytes=7)  # no hash: found by path and times alone
    file = image(data)
    put(tmp_path / "cache", file, facts)
    assert look(tmp_path / "cache", file) == {"a.jpg": facts}


def test_every_fact_is_in_the_round_trip() -> None:
    assert all(getattr(facts_for(error="x"), field.name) is not None for field in fields(ImageFacts))


@pytest.mark.parametrize("status", ["timed_out", "crashed", "unreadable", "unreachable"])
def test_what_tells_of_this_run_alone_is_not_kept(data: Path, tmp_path: Path, status: str) -> None:
    file = image(data)
    put(tmp_path / "cache", file, facts_for(status=ImageStatus(status)))
    assert look(tmp_path / "cache", file) == {}


def test_another_checkout_costs_a_hash_once(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "cache", image(data), facts_for())
    other = tmp_path / "other"
    shutil.copytree(data, other)
    moved = image(other, "renamed.jpg")
    assert look(tmp_path / "cache", moved) == {"renamed.jpg": facts_for()}
    monkeypatch.setattr(cache_module, "_sha256", lambda file: pytest.fail("hashed again"))
    assert look(tmp_path / "cache", moved) == {"renamed.jpg": facts_for()}


def test_many_files_are_hashed_in_threads(data: Path, tmp_path: Path) -> None:
    with Cache(tmp_path / "cache") as cache:
        files = [image(data, f"{n}.jpg", b"%7d" % n, settled=False) for n in range(40)]
        for n, file in enumerate(files):
            cache.pictures.store(file, facts_for(b"%7d" % n, width=n), pixels=True, limits=LIMITS)
        seen: list[int] = []
        found = named(cache.pictures.lookup(files, pixels=True, limits=LIMITS, progress=seen.append))
    assert {key: facts.width for key, facts in found.items()} == {f"{n}.jpg": n for n in range(40)}
    assert seen == list(range(1, 41))


@pytest.mark.usefixtures("no_hashing")
def test_a_file_of_a_size_never_seen_is_not_hashed(data: Path, tmp_path: Path) -> None:
    put(tmp_path / "cache", image(data), facts_for())
    assert look(tmp_path / "cache", image(data, "b.jpg", b"another picture")) == {}


@pytest.mark.parametrize("time_of", ["mtime_ns", "ctime_ns"])
def test_a_replaced_image_is_another_image(data: Path, tmp_path: Path, time_of: str) -> None:
    file = image(data)
    put(tmp_path / "cache", file, facts_for())
    replaced = image(data, content=b"PICTURE")  # of the same size, as a BMP would be
    same_times = replace(file, **{time_of: getattr(replaced, time_of) + 1})
    assert look(tmp_path / "cache", same_times) == {}


def test_a_young_file_is_hashed(data: Path, tmp_path: Path) -> None:
    """Replaced within the clock's granularity: the size and the times are the same, the bytes are not."""
    young = image(data, settled=False)
    put(tmp_path / "cache", young, facts_for())
    assert look(tmp_path / "cache", young) == {"a.jpg": facts_for()}
    (data / "a.jpg").write_bytes(b"PICTURE")
    assert look(tmp_path / "cache", young) == {}
    assert look(tmp_path / "cache", replace(young, settled=True)) == {}


def test_a_file_that_was_settled_and_is_young_again_is_hashed(data: Path, tmp_path: Path) -> None:
    file = image(data)
    put(tmp_path / "cache", file, facts_for())
    (data / "a.jpg").write_bytes(b"PICTURE")
    assert look(tmp_path / "cache", replace(file, settled=False)) == {}


def test_an_image_replaced_while_it_was_measured(data: Path, tmp_path: Path) -> None:
    file = image(data)
    put(tmp_path / "cache", file, facts_for(b"a longer picture"))
    assert look(tmp_path / "cache", file) == {}


@pytest.mark.usefixtures("no_hashing")
def test_two_datasets_may_share_a_cache(tmp_path: Path) -> None:
    """Same relative path, size and times (an archive that sets them), different pictures."""
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        file = replace(image(tmp_path / name, content=b"pixel%b" % name[:2].encode()), mtime_ns=0, ctime_ns=0)
        put(tmp_path / "cache", file, facts_for(b"pixel%b" % name[:2].encode()))
        files.append(file)
    for name, file in zip(("one", "two"), files, strict=True):
        assert look(tmp_path / "cache", file) == {"a.jpg": facts_for(b"pixel%b" % name[:2].encode())}


def test_the_key_holds_what_the_facts_depend_on(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = image(data)
    put(tmp_path / "cache", file, facts_for())
    assert look(tmp_path / "cache", file, limits=Limits(timeout=1.0)) == {"a.jpg": facts_for()}
    assert look(tmp_path / "cache", file, pixels=False) == {}
    assert look(tmp_path / "cache", file, limits=Limits(max_pixels=5)) == {}
    assert look(tmp_path / "cache", file, limits=Limits(max_bytes=5)) == {}
    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "MEASURE_VERSION", 99)
        assert look(tmp_path / "cache", file) == {}
    with monkeypatch.context() as patch:
        patch.setattr(cache_module.importlib.metadata, "version", lambda name: f"99 of {name}")
        assert look(tmp_path / "cache", file) == {}
    assert look(tmp_path / "cache", file) == {"a.jpg": facts_for()}


def test_verdicts(tmp_path: Path) -> None:
    texts = {("train.csv", "labels"): '{"caption": "\u00e9 \ud800"}', ("val.csv", "labels"): ""}
    with Cache(tmp_path / "cache") as cache:
        cache.verdicts.put("d1", texts)
        assert cache.verdicts.get("d1", "val.csv", "labels") == ""
    with Cache(tmp_path / "cache") as cache:
        assert cache.verdicts.get("d1", "train.csv", "labels") == texts["train.csv", "labels"]
        for other in (("d2", "train.csv", "labels"), ("d1", "test.csv", "labels"), ("d1", "train.csv", "paths")):
            assert cache.verdicts.get(*other) is None
        assert cache.verdicts.get("d1t", "rain.csv", "labels") is None


def test_without_a_directory_it_lasts_for_the_run(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with Cache(None) as cache:
        file = image(data)
        cache.pictures.store(file, facts_for(), pixels=True, limits=LIMITS)
        cache.verdicts.put("d", {("a.csv", "labels"): "x"})
        assert named(cache.pictures.lookup([file], pixels=True, limits=LIMITS)) == {"a.jpg": facts_for()}
        assert cache.verdicts.get("d", "a.csv", "labels") == "x"
        assert cache.problem is None
    assert sorted(tmp_path.rglob("*")) == sorted([*before, data / "a.jpg"])
    assert look(None, file) == {}


def test_after_closing_nothing_is_known(data: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    cache.close()
    cache.close()
    cache.pictures.store(image(data), facts_for(), pixels=True, limits=LIMITS)
    cache.flush()
    assert named(cache.pictures.lookup([image(data)], pixels=True, limits=LIMITS)) == {}
    assert cache.verdicts.get("d", "a.csv", "labels") is None
    assert cache.problem is None


def test_the_file_is_in_wal_mode(tmp_path: Path) -> None:
    Cache(tmp_path / "cache").close()
    # Bytes 18 and 19 of the header are 2 for WAL: https://www.sqlite.org/fileformat.html
    assert (tmp_path / "cache" / NAME).read_bytes()[18:20] == b"\x02\x02"


# How much is remembered


def test_the_size_is_bounded_and_the_oldest_leave(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    today = store_module._today()
    files = [image(data, f"{n}.jpg", b"%7d" % n) for n in range(400)]
    for age, some in ((20, files[:200]), (0, files[200:])):
        monkeypatch.setattr(store_module, "_today", lambda age=age: today - age)
        with Cache(tmp_path / "cache", max_bytes=200_000) as cache:
            for file in some:
                body = (data / file.key).read_bytes() if file.key else b""
                cache.pictures.store(file, facts_for(body), pixels=True, limits=LIMITS)
    assert (tmp_path / "cache" / NAME).stat().st_size <= 220_000
    kept = look(tmp_path / "cache", *files)
    assert 50 < len(kept) < 200
    assert all(int(key.partition(".")[0]) >= 200 for key in kept)


def test_entries_not_used_for_long_leave(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    today = store_module._today()
    old, used = image(data, "old.jpg", b"1234567"), image(data, "used.jpg", b"7654321")
    with Cache(tmp_path / "cache") as cache:
        for file, content in ((old, b"1234567"), (used, b"7654321")):
            cache.pictures.store(file, facts_for(content), pixels=True, limits=LIMITS)
    monkeypatch.setattr(store_module, "_today", lambda: today + 50)
    assert look(tmp_path / "cache", used)
    monkeypatch.setattr(store_module, "_today", lambda: today + 100)
    put(tmp_path / "cache", image(data, "new.jpg", b"new"), facts_for(b"new"))
    assert set(look(tmp_path / "cache", old, used)) == {"used.jpg"}


def test_a_changed_image_takes_the_place_of_its_former_self(data: Path, tmp_path: Path) -> None:
    for n in range(5):
        file = image(data, content=b"%7d" % n)
        put(tmp_path / "cache", file, facts_for(b"%7d" % n, sha256=None))
    assert rows(tmp_path) == 1 + 5  # one place; the contents leave by age


# What can happen to the file


def rows(tmp_path: Path) -> int:
    db = sqlite3.connect(tmp_path / "cache" / NAME)
    try:
        return int(db.execute("SELECT count(*) FROM entries").fetchone()[0])
    finally:
        db.close()


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_to_nothing(path: Path) -> None:
    os.truncate(path, 0)


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def zeroed_after_the_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100] + bytes(path.stat().st_size - 100))


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(20_000))


def words(path: Path) -> None:
    path.write_text("this is no database")


def another_database(path: Path) -> None:
    path.unlink()
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE entries (x); PRAGMA user_version=1;")
    db.close()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (truncated, True),
        (cut_to_nothing, False),  # as if it were new
        (zeroed, True),
        (zeroed_after_the_header, True),
        (random_bytes, True),
        (words, True),
        (another_database, True),
    ],
)
def test_a_damaged_file_is_built_anew(data: Path, tmp_path: Path, damage: Callable[[Path], None], told: bool) -> None:
    files = [image(data, f"{n}.jpg", b"%7d" % n) for n in range(100)]
    right = {f"{n}.jpg": facts_for(b"%7d" % n, width=n) for n in range(100)}

    def fill(cache: Cache) -> None:
        for file in files:
            cache.pictures.store(file, right[file.key or ""], pixels=True, limits=LIMITS)

    with Cache(tmp_path / "cache") as cache:
        fill(cache)
    damage(tmp_path / "cache" / NAME)
    with Cache(tmp_path / "cache") as cache:
        found = named(cache.pictures.lookup(files, pixels=True, limits=LIMITS))
        assert found.items() <= right.items()
        assert (cache.problem is not None) is told
        assert cache.problem is None or "built anew" in cache.problem
        fill(cache)
        assert named(cache.pictures.lookup(files, pixels=True, limits=LIMITS)) == right
    assert look(tmp_path / "cache", *files) == right


def test_bytes_that_changed_are_never_believed(data: Path, tmp_path: Path) -> None:
    """Any byte may be another: what comes back is right or nothing, and nothing is raised."""
    files = [image(data, f"{n}.jpg", b"%7d" % n) for n in range(30)]
    right = {f"{n}.jpg": facts_for(b"%7d" % n, width=n) for n in range(30)}
    with Cache(tmp_path / "cache") as cache:
        for file in files:
            cache.pictures.store(file, right[file.key or ""], pixels=True, limits=LIMITS)
    whole = (tmp_path / "cache" / NAME).read_bytes()
    draw = random.Random(3)
    partly = again = 0
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(draw.choice((1, 10, 100))):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        (tmp_path / "cache" / NAME).write_bytes(damaged)
        with Cache(tmp_path / "cache") as cache:
            found = named(cache.pictures.lookup(files, pixels=True, limits=LIMITS))
            assert found.items() <= right.items()
            partly += 0 < len(found) < len(right)
            cache.pictures.store(files[0], right["0.jpg"], pixels=True, limits=LIMITS)
            found = named(cache.pictures.lookup(files[:1], pixels=True, limits=LIMITS))
            assert found.items() <= right.items()
            again += len(found)
    assert partly  # the seal was put to the test
    assert again > 50  # a damaged page that takes what is written to it may lose it


def test_a_newer_version_is_left_alone(data: Path, tmp_path: Path) -> None:
    put(tmp_path / "cache", image(data), facts_for())
    path = tmp_path / "cache" / NAME
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version=999")
    db.close()
    before = path.read_bytes()
    with Cache(tmp_path / "cache") as cache:
        assert cache.problem is not None
        assert "newer version" in cache.problem
        assert named(cache.pictures.lookup([image(data)], pixels=True, limits=LIMITS)) == {}
        cache.verdicts.put("d", {("a.csv", "labels"): "x"})
        assert cache.verdicts.get("d", "a.csv", "labels") == "x"
    assert path.read_bytes() == before


@pytest.mark.posix
def test_a_place_where_nothing_can_be_written(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for directory in (tmp_path / "file", tmp_path / "file/below", Path("/proc/cache"), Path("/dev/null")):
        with Cache(directory) as cache:
            assert cache.problem is not None
            cache.pictures.store(image(data), facts_for(), pixels=True, limits=LIMITS)
            assert named(cache.pictures.lookup([image(data)], pixels=True, limits=LIMITS)) == {"a.jpg": facts_for()}


def test_a_cache_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "cache" / NAME).mkdir(parents=True)
    with Cache(tmp_path / "cache") as cache:
        assert cache.problem is not None
        cache.verdicts.put("d", {("a.csv", "labels"): "x"})
        assert cache.verdicts.get("d", "a.csv", "labels") == "x"


@pytest.mark.posix
@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize("there", [True, False])
def test_a_cache_file_that_is_a_symbolic_link_is_not_followed(tmp_path: Path, suffix: str, there: bool) -> None:
    cache, victim = tmp_path / "cache", tmp_path / "victim"
    with Cache(cache) as made:
        made.verdicts.put("d", {("a.csv", "labels"): "x"})
    link = cache / f"{NAME}{suffix}"
    link.unlink(missing_ok=True)
    link.symlink_to(victim)
    if there:
        victim.write_bytes(b"the notes of somebody else")
    with Cache(cache) as cached:
        assert cached.problem is not None
        assert f"{NAME}{suffix} is a symbolic link" in cached.problem
        cached.verdicts.put("d", {("b.csv", "labels"): "y"})
        assert cached.verdicts.get("d", "b.csv", "labels") == "y"
    assert link.is_symlink()
    assert victim.exists() == there
    assert not there or victim.read_bytes() == b"the notes of somebody else"


def test_a_read_only_cache_is_read(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = image(data)
    put(tmp_path / "cache", file, facts_for())
    connect = sqlite3.connect

    def read_only(name: str, **named: object) -> sqlite3.Connection:
        return connect(name if "://" in name else f"file:{name}?mode=ro", **{**named, "uri": True})  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(sqlite3, "connect", read_only)
    (tmp_path / "cache" / f"{NAME}-wal").unlink(missing_ok=True)
    with Cache(tmp_path / "cache") as cache:
        cache.verdicts.put("d", {("a.csv", "labels"): "x"})
        assert named(cache.pictures.lookup([file], pixels=True, limits=LIMITS)) == {"a.jpg": facts_for()}
        assert cache.problem is not None
        assert "not written to" in cache.problem


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount = tmp_path / "disk"
    mount.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(mount)], capture_output=True
        ).returncode
    ):
        pytest.skip("mounting is not permitted")
    yield mount
    subprocess.run(["umount", str(mount)], check=True)


def test_a_full_disk(data: Path, small_disk: Path) -> None:
    with Cache(small_disk) as cache:
        for n in range(2000):
            file = image(data, content=b"%7d" % n)
            cache.pictures.store(replace(file, path=data / str(n)), facts_for(b"%7d" % n), pixels=True, limits=LIMITS)
        cache.flush()
        assert cache.problem is not None
        assert "full" in cache.problem
        assert named(cache.pictures.lookup([file], pixels=True, limits=LIMITS)) in (
            {},
            {"a.jpg": facts_for(b"%7d" % n)},
        )
        cache.verdicts.put("d", {("a.csv", "labels"): "x"})
    with Cache(small_disk) as cache:
        assert named(cache.pictures.lookup([file], pixels=True, limits=LIMITS)) in (
            {},
            {"a.jpg": facts_for(b"%7d" % n)},
        )


WRITER = """
    import hashlib, sys
    from pathlib import Path
    from pytest_clipdata.running.memory.cache import Cache
    from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
    from pytest_clipdata.reading.file_facts import FileFacts, PathStatus

    directory, first, count = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    with Cache(directory) as cache:
        print("open", flush=True)
        for n in range(first, first + count):
            file = FileFacts(PathStatus.OK, None, str(n), Path(f"/nowhere/{n}"), 7, 1, 1, True)
            facts = ImageFacts(ImageStatus.OK, bytes=7, width=n, sha256=hashlib.sha256(b"%d" % n).hexdigest())
            cache.pictures.store(file, facts, pixels=True, limits=Limits())
            if n % 50 == 49:
                cache.flush()
                print(n, flush=True)
        assert cache.problem is None, cache.problem
"""


def write_in_process(tmp_path: Path, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path / "cache"), str(first), str(count)]
    return subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})


def written(tmp_path: Path, count: int) -> dict[str, ImageFacts]:
    files = locate([], tmp_path, confine=False)
    assert files == {}
    from pytest_clipdata.reading.file_facts import PathStatus

    wanted = [FileFacts(PathStatus.OK, None, str(n), Path(f"/nowhere/{n}"), 7, 1, 1, True) for n in range(count)]
    return look(tmp_path / "cache", *wanted)


def test_four_processes_at_once(tmp_path: Path) -> None:
    writers = [write_in_process(tmp_path, 300 * n, 500) for n in range(4)]  # they overlap
    for writer in writers:
        _, errors = writer.communicate(timeout=60)
        assert writer.returncode == 0, errors
    found = written(tmp_path, 1400)
    assert {key: facts.width for key, facts in found.items()} == {str(n): n for n in range(1400)}


@pytest.mark.posix
def test_killed_in_the_middle_of_writing(tmp_path: Path) -> None:
    for lines in (2, 5, 11):
        writer = write_in_process(tmp_path, 0, 100_000)
        assert writer.stdout is not None
        last = [writer.stdout.readline() for _ in range(lines)][-1]
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        found = written(tmp_path, int(last) + 1)
        assert {key: facts.width for key, facts in found.items()} == {str(n): n for n in range(int(last) + 1)}


def test_another_process_that_writes_for_long_is_not_waited_for_for_ever(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_module, "BUSY_SECONDS", 0.05)
    file = image(data)
    put(tmp_path / "cache", image(data, "b.jpg", b"other"), facts_for(b"other"))
    other = sqlite3.connect(tmp_path / "cache" / NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Cache(tmp_path / "cache") as cache:
        cache.pictures.store(file, facts_for(), pixels=True, limits=LIMITS)
        cache.flush()
        assert cache.problem is None
        other.execute("ROLLBACK")
        other.close()
    assert look(tmp_path / "cache", file) == {"a.jpg": facts_for()}


def test_threads_may_share_it(data: Path, tmp_path: Path) -> None:
    files = [image(data, f"{n}.jpg", b"%7d" % n) for n in range(80)]
    with Cache(tmp_path / "cache") as cache:

        def work(some: list[FileFacts]) -> None:
            for file in some:
                cache.pictures.store(file, facts_for((data / str(file.key)).read_bytes()), pixels=True, limits=LIMITS)
                named(cache.pictures.lookup([file], pixels=True, limits=LIMITS))

        threads = [threading.Thread(target=work, args=(files[n::4],)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(named(cache.pictures.lookup(files, pixels=True, limits=LIMITS))) == 80
        assert cache.problem is None
