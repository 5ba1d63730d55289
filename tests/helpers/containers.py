"""Tars and Parquet files as other libraries write them."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


def member(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    return info, content


def write_tar(
    path: Path,
    files: Mapping[str, bytes] | Iterable[tuple[tarfile.TarInfo, bytes]],
    mode: str = "w",
    form: int = tarfile.PAX_FORMAT,
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = (member(*entry) for entry in files.items()) if isinstance(files, Mapping) else files
    with tarfile.open(path, mode, format=form) as tar:  # type: ignore[call-overload]
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return path


def write_parquet(path: Path, columns: Mapping[str, Any], **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(dict(columns)), path, **options)
    return path


def pictures(contents: Sequence[bytes | None], paths: Sequence[str | None] | None = None) -> Any:
    """Hugging Face's image column."""
    names = [f"{number}.jpg" for number in range(len(contents))] if paths is None else paths
    return pa.array([{"bytes": data, "path": path} for data, path in zip(contents, names, strict=True)], STRUCT)
