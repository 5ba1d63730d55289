"""What the author of a check, and of a test with ``clip_dataset``, writes: mypy --strict has nothing to say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pytest

from pytest_clipdata.extending import (
    Check,
    Context,
    Expectation,
    Fact,
    Needs,
    Option,
    Options,
    PictureStep,
    Row,
    Severity,
    Step,
    Value,
    rows_where,
)
from pytest_clipdata.facts import COLUMNS
from pytest_clipdata.items import ClipDataWarning
from pytest_clipdata.testing import finds, judged, passes

if TYPE_CHECKING:
    from PIL.Image import Image

    from pytest_clipdata.running.clip_dataset import ClipDataset


def lengths(texts: Sequence[str], context: Context) -> Sequence[Sequence[Value]]:
    return [[len(text) for text in texts]]


def wide(picture: Image) -> Sequence[Value]:
    return [picture.width > picture.height]


LENGTHS = Step("text", Needs.TEXT, (Fact("text_length", "Int64", "characters"),), lengths)
WIDE = PictureStep((Fact("image_wide", "boolean", "wider than high"),), wide)


def words(row: Row, options: Options) -> str:
    return f"{row['text_length']} characters, at most {options['most']} may be"


SHORT = Check(
    id="short_text",
    manual="The text is short.",
    expectations=lambda options: [
        rows_where("be_between", "text_length", "text", max_value=options["most"]),
        Expectation("expect_table_row_count_to_be_between", {"min_value": 1}, severity=Severity.WARNING),
    ],
    message=words,
    judges=("text_length",),
    severity=Severity.CRITICAL,
    options={"most": Option(60, "characters", at_least=1)},
)


def pytest_clipdata_checks(config: pytest.Config) -> Iterable[Check | Step | PictureStep]:
    return [LENGTHS, WIDE, SHORT]


def test_it() -> None:
    messages: list[str] = finds(SHORT, {"text": "long " * 20}, "characters", steps=[LENGTHS], most=50)
    assert messages
    passes(SHORT, [{"text": "A short one"}], steps=[LENGTHS])
    assert judged(SHORT, {}, steps=[LENGTHS]).evaluated == 1


def test_a_dataset(clip_dataset: ClipDataset) -> None:
    assert clip_dataset.facts["text"].is_unique
    assert clip_dataset.split in {"train", "val"}
    assert "word_count" in COLUMNS
    with pytest.warns(ClipDataWarning):
        pass
