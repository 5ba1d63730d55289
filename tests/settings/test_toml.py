"""Values as TOML: what is read back is what was written."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.settings.toml import toml_value


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_comes_back_and_is_one_printable_line(text: str) -> None:
    written = toml_value([text, text])
    assert tomllib.loads(f"value = {written}") == {"value": [text, text]}
    assert written.isprintable()


@pytest.mark.parametrize(
    "value", ["\x7f", "\U0001f455", '\x1b\n\r"\\', 3, 0.5, True, ["a", "b"], [], {"a.b": {}}, [{"x": [1, {"y": ""}]}]]
)
def test_values_come_back(value: object) -> None:
    assert tomllib.loads(f"value = {toml_value(value)}") == {"value": value}
