"""Which URLs may be fetched, and how they are shown."""

from __future__ import annotations

import importlib.util

import pytest

from pytest_clipdata.reading.remote_pictures import hide_secrets, look_up
from pytest_clipdata.reading.remote_urls import is_url, refusal, without_secrets
from pytest_clipdata.reading.source import Rows

HOSTS = ["images.example.com", "localhost:8443", "s3://bucket", "https://cdn.example.com/ours", "169.254.169.254"]


@pytest.mark.parametrize(
    "url",
    [
        "https://images.example.com/a.jpg",
        "HTTPS://user:pw@Images.Example.COM/a.jpg?X-Sig=1",
        "https://localhost:8443/a.jpg",
        "s3://bucket/deep/a.jpg",
        "https://cdn.example.com/ours/a.jpg",
        " https://images.example.com/a.jpg",
    ],
)
def test_named_is_fetched(url: str) -> None:
    assert refusal(url, HOSTS) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://images.example.com/a.jpg", "over http"),
        ("file:///etc/passwd", "over file"),
        ("ftp://images.example.com/a.jpg", "over ftp"),
        ("data:image/png;base64,AAAA", "over data"),
        ("simplecache::https://images.example.com/a.jpg", "chains"),
        ("zip://a.jpg::https://images.example.com/a.zip", "chains"),
        ("https://evil.example.com/a.jpg", "does not name evil.example.com"),
        ("https://images.example.com:444/a.jpg", "does not name images.example.com:444"),
        ("https://images.example.com.evil.com/a.jpg", "does not name"),
        ("https://images.example.com@evil.com/a.jpg", "does not name evil.com"),
        ("https://cdn.example.com/oursandmore/a.jpg", "does not name"),
        ("https://cdn.example.com/ours/../theirs/a.jpg", "climbs"),
        ("https://cdn.example.com/ours/%2e%2e/theirs/a.jpg", "climbs"),
        ("s3://bucket2/a.jpg", "does not name s3://bucket2"),
        ("s3://images.example.com/a.jpg", "does not name s3://images.example.com"),
        ("https:///a.jpg", "names no host"),
        ("https://images.example.com\\@evil.com/a.jpg", "backslash"),
        ("https://images.example.com\n.evil.com/a.jpg", "control character"),
        ("https://[::1/a.jpg", "no URL"),
        ("https://169.254.169.254/latest/meta-data", "link-local"),
        ("https://2852039166/latest", "link-local"),
        ("https://0xa9fea9fe/latest", "link-local"),
        ("https://[fe80::1%25eth0]/x", "link-local"),
        ("https://[::ffff:169.254.169.254]/x", "link-local"),
    ],
)
def test_refused(url: str, words: str) -> None:
    assert is_url(url)
    assert words in (refusal(url, HOSTS) or "")


@pytest.mark.parametrize(
    "url",
    [
        "https://SECRET:SECRET@host/a.jpg?k=SECRET#SECRET",
        "https://SECRET:p?SECRET@host/a.jpg",
        "https://u:#SECRET@host/a.jpg",
        "simplecache::https://SECRET@host/a.jpg?SECRET",
        "zip://a::https://SECRET@host/a?b=SECRET",
        "http://host?SECRET",
    ],
)
def test_secrets_are_cut(url: str) -> None:
    assert is_url(url)
    assert "SECRET" not in without_secrets(url)


@pytest.mark.parametrize(
    "path",
    [
        "images/a.jpg",
        "C:/pictures/a.jpg",
        "C:\\pictures\\a.jpg",
        "a: b.jpg",
        "ab::c.jpg",
        "train.csv::labels",
        "10:30.jpg",
    ],
)
def test_paths_are_no_urls(path: str) -> None:
    assert not is_url(path)


def test_urls_that_differ_in_their_query_stay_apart() -> None:
    cells = ["https://h/i?id=1", "https://h/i?id=2", "https://h/i?id=1", "a.jpg", None]
    rows = Rows(range(5), range(5), cells, cells, cells, (), "", True)
    hidden, whole = hide_secrets({"train.csv": rows})
    assert hidden["train.csv"].image_paths == ["https://h/i", "https://h/i#2", "https://h/i", "a.jpg", None]
    assert whole == {"https://h/i": "https://h/i?id=1", "https://h/i#2": "https://h/i?id=2"}


@pytest.mark.parametrize(
    ("there", "words"), [((), "pip install 'pytest-clipdata[remote]'"), (("fsspec",), "pip install s3fs")]
)
def test_what_to_install_is_said(there: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_clipdata.reading import remote_files

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in there else None)
    remote_files._filesystem.cache_clear()
    facts = look_up({"s3://bucket/a.jpg": "s3://bucket/a.jpg"}, ["s3://bucket"])["s3://bucket/a.jpg"]
    assert facts.status == "unreachable"
    assert not facts.status.usable
    assert words in (facts.problem or "")
