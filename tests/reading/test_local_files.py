"""Where a picture's file is: every kind of path gets its one status, at once; nothing that could block is opened."""

from __future__ import annotations

import errno
import os
import socket
import time
from pathlib import Path

import pytest

from pytest_clipdata.reading import local_files as files
from pytest_clipdata.reading.file_facts import FileFacts, PathStatus
from pytest_clipdata.reading.local_files import locate

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    (root / "images").mkdir(parents=True)
    write(root / "images/Shirt.JPG")
    write(root / "images/blue_dress.jpg")
    return root


def write(path: Path, content: bytes = b"picture") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def look(root: Path, path: str, *, confine: bool = False) -> FileFacts:
    return locate([path], root, confine=confine)[path]


def test_a_file_that_is_there(root: Path) -> None:
    facts = look(root, "images/Shirt.JPG")
    seen = (root / "images/Shirt.JPG").stat()
    assert facts.status is PathStatus.OK
    assert facts.detail is None
    assert facts.key == "images/Shirt.JPG"
    assert facts.path == root / "images/Shirt.JPG"
    assert (facts.size, facts.mtime_ns, facts.ctime_ns) == (7, seen.st_mtime_ns, seen.st_ctime_ns)


def test_one_entry_for_each_distinct_path_in_the_order_given(root: Path) -> None:
    paths = ["b", "images/Shirt.JPG", "b", "a"]
    assert list(locate(paths, root, confine=False)) == ["b", "images/Shirt.JPG", "a"]


@pytest.mark.posix
@pytest.mark.parametrize(
    "spelling", ["./images/Shirt.JPG", "images//Shirt.JPG", "images/../images/Shirt.JPG", "again/Shirt.JPG", "link.jpg"]
)
def test_two_spellings_of_one_file_are_one_picture(root: Path, spelling: str) -> None:
    (root / "again").symlink_to("images")
    (root / "link.jpg").symlink_to(root / "images/Shirt.JPG")
    facts = look(root, spelling)
    assert (facts.status, facts.key) == (PathStatus.OK, "images/Shirt.JPG")
    assert facts.path == root / "images/Shirt.JPG"


@pytest.mark.posix
def test_the_root_itself_may_be_reached_by_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    facts = look(tmp_path / "link", "images/Shirt.JPG", confine=True)
    assert (facts.status, facts.key) == (PathStatus.OK, "images/Shirt.JPG")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("images/shirt.jpg", "images/Shirt.JPG"),
        ("Images/Shirt.JPG", "images/Shirt.JPG"),
        ("images/Shirt.jpeg", "images/Shirt.JPG"),
        ("images/shirt.webp", "images/Shirt.JPG"),
        ("images/shirt", "images/Shirt.JPG"),
        ("images/Shirt.JPG ", "images/Shirt.JPG"),
        ("images/blue_dres.jpg", "images/blue_dress.jpg"),
        ("image/blue_dress.jpg", "images/blue_dress.jpg"),
        ("image\\blue_dress.jpg", "images/blue_dress.jpg"),
    ],
)
def test_a_missing_file_names_the_one_that_was_meant(root: Path, path: str, meant: str) -> None:
    assert look(root, path) == FileFacts(PathStatus.MISSING, f"did you mean {meant}?")


def test_the_same_letters_in_another_unicode_form_are_named(root: Path) -> None:
    write(root / "images/jupe\u0301.jpg")  # decomposed, as macOS stores it
    assert look(root, "images/jup\u00e9.jpg").detail == "did you mean images/jupe\u0301.jpg?"


def test_another_number_is_another_picture(root: Path) -> None:
    write(root / "images/shirt_0041.jpg")
    assert look(root, "images/shirt_0042.jpg") == FileFacts(PathStatus.MISSING)


@pytest.mark.posix
def test_nothing_outside_the_root_is_named(root: Path) -> None:
    secret = write(root.parent / "secret_salaries.csv")
    for path in ("../secret_salarie.csv", str(secret)[:-1], "../data/images/shirt.jpg"):
        assert look(root, path) == FileFacts(PathStatus.MISSING)
    (root / "out").symlink_to(root.parent)
    assert look(root, "out/secret_salarie.csv") == FileFacts(PathStatus.MISSING)


def test_many_missing_paths_get_no_guess_by_letters(root: Path) -> None:
    found = locate(
        [f"images/blue_dres{'s' * n}.jpg" for n in range(2, 103)] + ["images/shirt.jpg"], root, confine=False
    )
    assert found["images/blue_dresss" + "s.jpg"].detail is None
    assert found["images/shirt.jpg"].detail == "did you mean images/Shirt.JPG?"


def test_suggestions_do_not_depend_on_the_order(root: Path) -> None:
    paths = ["images/blue_dres.jpg", "images/shirt.jpg", "nowhere/a.jpg", "images/xyz.jpg"]
    assert locate(paths, root, confine=False) == locate(paths[::-1], root, confine=False)


@pytest.mark.posix
def test_kinds_that_are_no_files(root: Path) -> None:
    os.mkfifo(root / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "socket.jpg"))
        words = {
            "images": "is a directory",
            "images/": "is a directory",
            ".": "is a directory",
            "pipe.jpg": "is a named pipe",
            "socket.jpg": "is a socket",
            "/dev/null": "is a device",
            "/dev/stdin/..": "is a directory",
            "/proc/kmsg": "is one of the kernel's own files",
            "/proc/self/status": "is one of the kernel's own files",
            "/sys/kernel/uevent_seqnum": "is one of the kernel's own files",
            "/sys/fs/cgroup/cgroup.procs": "is one of the kernel's own files",  # a mount of its own
        }
        (root / "proc.jpg").symlink_to("/proc/self/environ")
        words["proc.jpg"] = "is one of the kernel's own files"
        found = locate(words, root, confine=False)
    for path, kind in words.items():
        if path.startswith("/") and not os.path.lexists(path):
            continue
        if path != "/dev/stdin/..":
            assert found[path] == FileFacts(PathStatus.NOT_A_FILE, kind), path


@pytest.mark.posix
def test_links_that_lead_nowhere(root: Path) -> None:
    (root / "dangling.jpg").symlink_to("gone.jpg")
    (root / "a.jpg").symlink_to("b.jpg")
    (root / "b.jpg").symlink_to("a.jpg")
    (root / "loop").symlink_to("loop")
    nothing, circle = "is a symbolic link to nothing", "is a symbolic link that leads round in a circle"
    found = locate(["dangling.jpg", "a.jpg", "loop/x.jpg"], root, confine=False)
    assert found["dangling.jpg"] == FileFacts(PathStatus.MISSING, nothing)
    assert found["a.jpg"] == FileFacts(PathStatus.MISSING, circle)
    assert found["loop/x.jpg"] == FileFacts(PathStatus.MISSING, circle)


def test_a_file_is_no_folder(root: Path) -> None:
    for path in ("images/Shirt.JPG/", "images/Shirt.JPG/x.jpg"):
        assert look(root, path).status is PathStatus.MISSING


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "is empty"),
        ("a\0.jpg", "holds a NUL"),
        ("a\n.jpg", "holds a line break"),
        ("a\r.jpg", "holds a line break"),
        ("x" * 5000 + ".jpg", "is too long a name"),
        ("d/" * 3000 + "a.jpg", "is too long a name"),
        ("lone \ud800 surrogate.jpg", "is no name that this system can hold"),
        ("https://example.org/a.jpg", "is remote: only local files are read"),
        ("File:///etc/passwd", "is remote: only local files are read"),
        ("s3://bucket/a.jpg", "is remote: only local files are read"),
        ("data:image/png;base64,iVBORw0", "is remote: only local files are read"),
    ],
)
def test_what_is_no_name_of_a_local_file(root: Path, path: str, why: str) -> None:
    assert look(root, path) == FileFacts(PathStatus.INVALID, why)


def test_a_git_lfs_pointer(root: Path) -> None:
    write(root / "images/pointer.jpg", POINTER)
    write(root / "images/long.jpg", POINTER + b"x" * 1024)  # no pointer: they are under 1,024 bytes
    write(root / "images/empty.jpg", b"")
    assert look(root, "images/pointer.jpg").status is PathStatus.LFS_POINTER
    assert look(root, "images/pointer.jpg").path is None
    assert look(root, "images/long.jpg").status is PathStatus.OK
    assert look(root, "images/empty.jpg").status is PathStatus.OK


def test_what_the_system_refuses(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: False)
        assert look(root, "images/Shirt.JPG") == FileFacts(PathStatus.UNREADABLE, "permission denied")
    for code, words in ((errno.EACCES, "permission denied"), (errno.EIO, os.strerror(errno.EIO))):
        with monkeypatch.context() as patch:
            patch.setattr(os, "lstat", refusing(code))
            assert look(root, "images/Shirt.JPG") == FileFacts(PathStatus.UNREADABLE, words)


def refusing(code: int):  # type: ignore[no-untyped-def]
    def lstat(path: str) -> None:
        raise OSError(code, "raised")

    return lstat


def test_an_absolute_path_is_measured_all_the_same(root: Path, tmp_path: Path) -> None:
    inside = look(root, str(root / "images/Shirt.JPG"))
    assert (inside.status, inside.key) == (PathStatus.ABSOLUTE, "images/Shirt.JPG")
    assert inside.detail == "is images/Shirt.JPG under the image root"
    other = write(tmp_path / "other.jpg")
    outside = look(root, str(other))
    assert (outside.status, outside.key, outside.path) == (PathStatus.ABSOLUTE, str(other), other)


def test_a_path_with_backslashes_is_measured_all_the_same(root: Path) -> None:
    facts = look(root, "images\\Shirt.JPG")
    assert (facts.status, facts.key, facts.size) == (PathStatus.BACKSLASH, "images/Shirt.JPG", 7)
    write(root / "odd\\name.jpg")
    assert look(root, "odd\\name.jpg").status is PathStatus.BACKSLASH
    assert look(root, "C:\\photos\\a.jpg").detail == "is an absolute path of a Windows machine"


@pytest.mark.posix
def test_paths_that_leave_the_root(root: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other/a.jpg")
    (root / "out").symlink_to(tmp_path / "other")
    (root / "a.jpg").symlink_to(other)
    expected = {
        "../other/a.jpg": PathStatus.OUTSIDE,
        "images/../../other/a.jpg": PathStatus.OUTSIDE,
        "../data/images/Shirt.JPG": PathStatus.OUTSIDE,  # comes back, if the folder keeps its name
        "out/a.jpg": PathStatus.SYMLINK,
        "a.jpg": PathStatus.SYMLINK,
    }
    found = locate(expected, root, confine=False)
    assert {path: facts.status for path, facts in found.items()} == expected
    assert {found[path].key for path in expected if "Shirt" not in path} == {str(other)}
    write(root / "..odd/..a.jpg")
    assert look(root, "..odd/..a.jpg").status is PathStatus.OK


@pytest.mark.posix
def test_confined(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "other/a.jpg", POINTER)
    (root / "out").symlink_to(tmp_path / "other")
    (root / "a.jpg").symlink_to(tmp_path / "other/a.jpg")
    monkeypatch.setattr(files, "is_lfs_pointer", lambda path: pytest.fail(f"opened {path}"))
    outside = [
        "../other/a.jpg",
        str(tmp_path / "other/a.jpg"),
        "/proc/self/environ",
        "../gone.jpg",
        "out/a.jpg",
        "a.jpg",
    ]
    outside.append("..\\other\\a.jpg")
    for path, facts in locate(outside, root, confine=True).items():
        assert facts == FileFacts(PathStatus.CONFINED, "is outside the image root"), path


def test_confinement_leaves_what_is_inside(root: Path, tmp_path: Path) -> None:
    write(tmp_path / "data-other/a.jpg")  # starts like the root, and is not in it
    assert look(root, "../data-other/a.jpg", confine=True).status is PathStatus.CONFINED
    assert look(root, str(root / "images/blue_dress.jpg"), confine=True).status is PathStatus.ABSOLUTE
    assert look(root, "images/blue_dress.jpg", confine=True).status is PathStatus.OK


def test_a_case_that_only_a_case_blind_disk_forgives(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        case_blind(root, patch)
        found = locate(["images/SHIRT.jpg", "IMAGES/blue_dress.jpg", "images/Shirt.JPG"], root, confine=True)
    slip, folder_slip, right = found.values()
    assert (slip.status, slip.detail) == (PathStatus.CASE, "is images/Shirt.JPG on disk")
    assert slip.key == right.key == "images/Shirt.JPG"
    assert (folder_slip.status, folder_slip.key) == (PathStatus.CASE, "images/blue_dress.jpg")
    assert right.status is PathStatus.OK


def case_blind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the disk below ``root`` forgive case, as on macOS and Windows."""
    spelled = {str(path).lower(): str(path) for path in (root, *root.rglob("*"))}

    def forgiving(call):  # type: ignore[no-untyped-def]
        return lambda path, *rest, **named: call(spelled.get(str(path).lower(), path), *rest, **named)

    for name in ("lstat", "stat", "access", "open"):
        monkeypatch.setattr(os, name, forgiving(getattr(os, name)))


def test_young_files_are_unsettled(root: Path) -> None:
    path = root / "images/Shirt.JPG"
    assert not look(root, "images/Shirt.JPG").settled  # its ctime is now
    os.utime(path, (0, 0))
    assert not look(root, "images/Shirt.JPG").settled


@pytest.mark.parametrize(("age", "settled"), [(-60, False), (1, False), (3, True)])
def test_settled_is_older_than_the_coarsest_clock(
    root: Path, monkeypatch: pytest.MonkeyPatch, age: int, settled: bool
) -> None:
    changed = (root / "images/Shirt.JPG").stat().st_ctime_ns
    monkeypatch.setattr(time, "time_ns", lambda: changed + age * 10**9)
    assert look(root, "images/Shirt.JPG").settled is settled


def test_each_folder_is_listed_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[str] = []
    listdir = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: listed.append(path) or listdir(path))
    locate([f"images/{n}.jpg" for n in range(500)], root, confine=False)
    assert sorted(listed) == [str(root), str(root / "images")]
    listed.clear()
    locate(["images/Shirt.JPG", "images/blue_dress.jpg"], root, confine=False)
    assert listed == []
