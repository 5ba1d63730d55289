"""What the steps of plugins say of pictures: remembered from an earlier run, or asked now in worker processes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from pytest_clipdata.facts.plugged import Pictures
from pytest_clipdata.facts.step import PictureStep, Plugged
from pytest_clipdata.images.facts import Asked, ImageFacts, ImageStatus, Limits, Value
from pytest_clipdata.images.workers.process import WorkerError
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.seen_from import seen_from
from pytest_clipdata.running.memory.asked import Answers, keys_of
from pytest_clipdata.settings.options import RunOptions

#: Pictures that a function may fail at before the others are no longer asked.
_ENOUGH = 20


def ask_pictures(
    plugged: Plugged,
    files: Mapping[Path, FileFacts],
    images: Mapping[Path, ImageFacts],
    limits: Limits,
    options: RunOptions,
    remembered: Answers,
) -> Pictures:
    """The values that a step gives for every picture that decodes; or, in words, why it has none for one of them.

    Pictures of the same bytes are asked about once.
    """
    step = plugged.step
    assert isinstance(step, PictureStep)
    hashes = {path: str(image.sha256) for path, image in images.items() if image.status is ImageStatus.OK}
    blobs: dict[str, Blob] = {}
    paths: dict[str, Path] = {}
    for path, sha256 in hashes.items():
        blob = files[path].blob
        if blob is not None and sha256 not in blobs:
            blobs[sha256], paths[sha256] = blob, path
    keys = keys_of(plugged, step, limits, blobs)
    known = remembered.get(keys, len(step.facts)) if plugged.version is not None else {}
    asked, failed = _ask(step, {sha256: blob for sha256, blob in blobs.items() if sha256 not in known}, limits, options)
    if plugged.version is not None:
        remembered.put({keys[sha256]: values for sha256, values in asked.items()})
    if failed is not None:
        picture, words = failed
        return words if picture is None else f"{words}, of {seen_from(paths[picture])}"
    said = {**known, **asked}
    return {path: said[sha256] for path, sha256 in hashes.items() if sha256 in said}


def _ask(
    step: PictureStep, blobs: Mapping[str, Blob], limits: Limits, options: RunOptions
) -> tuple[dict[str, tuple[Value, ...]], tuple[str | None, str] | None]:
    """The values by picture; and the first picture, with words, for which the function failed."""
    if not blobs:
        return {}, None
    from pytest_clipdata.images.workers.pool import ask_all

    names = list(blobs)
    module = step.measure.__module__
    function = (module, step.measure.__qualname__, str(getattr(sys.modules[module], "__file__", "") or ""))
    asked: dict[str, tuple[Value, ...]] = {}
    failures: dict[int, str] = {}
    try:
        with (
            options.progress(len(names), "measuring") as progress,
            ask_all(
                list(blobs.values()),
                function,
                count=len(step.facts),
                side=step.side,
                limits=limits,
                workers=options.workers,
            ) as answers,
        ):
            for index, answer in answers:
                progress(1)
                if answer.values is not None:
                    asked[names[index]] = answer.values
                    continue
                failures[index] = _words(answer, limits)
                if len(failures) == _ENOUGH:
                    break
    except WorkerError as error:
        last = str(error).strip().splitlines()[-1:]
        return asked, (None, f"cannot be called in a worker process: {''.join(last)}")
    return asked, (names[min(failures)], failures[min(failures)]) if failures else None


def _words(answer: Asked, limits: Limits) -> str:
    if answer.status is ImageStatus.TIMED_OUT:
        return f"took longer than image_timeout, {limits.timeout:g} s"
    return answer.error or str(answer.status)
