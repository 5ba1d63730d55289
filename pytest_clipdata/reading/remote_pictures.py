"""The pictures that cells name by URL: how they are shown, and what their servers say of them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reading.file_facts import FileFacts, PathStatus
from pytest_clipdata.reading.remote_failures import Failure, RemoteError
from pytest_clipdata.reading.remote_files import stamp_of, version_at
from pytest_clipdata.reading.remote_urls import is_url, place_of, refusal, without_secrets
from pytest_clipdata.reading.source import Rows

_AT_A_TIME = 16  # look-ups
_GIVE_UP = 32  # pictures of one host in a row that nobody answered for: the rest is not asked for


def hide_secrets(rows: Mapping[str, Rows]) -> tuple[dict[str, Rows], dict[str, str]]:
    """The rows of the sources with every URL as it may be shown, and the whole URL for each that is shown.

    URLs that differ in what is hidden stay apart: the second and later of them end in ``#2``, ``#3``.
    """
    shown_as: dict[str, str] = {}
    whole: dict[str, str] = {}
    counts: dict[str, int] = {}
    hidden = {}
    for name, table in rows.items():
        urls = {cell for cell in table.image_paths if cell and cell not in table.within and is_url(cell)}
        for cell in table.image_paths if urls else ():
            if cell in urls and cell not in shown_as:
                plain = without_secrets(cell)
                counts[plain] = counts.get(plain, 0) + 1
                shown = plain if counts[plain] == 1 else f"{plain}#{counts[plain]}"
                shown_as[cell], whole[shown] = shown, cell
        paths = [cell and shown_as.get(cell, cell) for cell in table.image_paths] if urls else table.image_paths
        hidden[name] = replace(table, image_paths=paths) if urls else table
    return hidden, whole


def look_up(urls: Mapping[str, str], hosts: Collection[str]) -> dict[str, FileFacts]:
    """The facts of the pictures at ``urls``, which are whole URLs by how they are shown. Raises nothing.

    Nobody is contacted for a URL that `remote_urls.refusal` refuses.
    """
    found: dict[str, FileFacts] = {}
    asked: dict[str, str] = {}
    for shown, url in urls.items():
        words = refusal(url, hosts)
        if words is None:
            asked[shown] = url.strip()
        else:
            found[shown] = FileFacts(PathStatus.INVALID, words)
    silent: Counter[str] = Counter()  # look-ups in a row that a host did not answer

    def one(item: tuple[str, str]) -> FileFacts:
        shown, url = item
        place = place_of(url)
        if silent[place] >= _GIVE_UP:
            return FileFacts(PathStatus.UNREACHABLE, f"its host did not answer {_GIVE_UP} times in a row")
        try:
            facts = _facts(shown, url)
        except RemoteError as error:
            silent[place] = silent[place] + 1 if error.kind is Failure.UNREACHABLE else 0
            return FileFacts(PathStatus(str(error.kind)), error.words or None)
        silent[place] = 0
        return facts

    if asked:
        with ThreadPoolExecutor(_AT_A_TIME, "clipdata-remote") as pool:
            found |= zip(asked, pool.map(one, asked.items()), strict=True)
    return {shown: found[shown] for shown in urls}


def _facts(shown: str, url: str) -> FileFacts:
    size, version = version_at(url)
    return FileFacts(
        PathStatus.OK,
        key=shown,
        path=Path("remote", hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()),
        size=size,
        mtime_ns=stamp_of(version),  # no time, but like one it changes with the bytes
        settled=version is not None,
        inside=Blob(url, 0, size, version),
    )
