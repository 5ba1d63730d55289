"""What somebody who watches sees of the progress, and that a log has none of it."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_clipdata.plugin import progress


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def config(**more: Any) -> Any:
    from contextlib import nullcontext

    capture = SimpleNamespace(global_and_fixture_disabled=nullcontext)
    manager = SimpleNamespace(get_plugin=lambda name: capture)
    return SimpleNamespace(pluginmanager=manager, get_verbosity=lambda: 0, **more)


def told(monkeypatch: pytest.MonkeyPatch, screen: io.StringIO, asked: Any) -> str:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(progress, "_SECONDS", 0.0)
    for name in ("stderr", "__stderr__"):
        monkeypatch.setattr(sys, name, screen)
    with progress.progress_bar(asked, 1000, "scoring") as done:
        done(250)
        done(500)
    return screen.getvalue()


def test_a_worker_says_lines_and_a_session_of_its_own_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = config(workerinput={"workerid": "gw1"})
    lines = told(monkeypatch, Screen(), worker).replace("\r", "").splitlines()
    assert lines == ["[gw1] scoring: 250 of 1,000 images (25%)", "[gw1] scoring: 750 of 1,000 images (75%)"]
    assert "scoring:" in told(monkeypatch, Screen(), config())


@pytest.mark.parametrize("asked", [config(), config(workerinput={"workerid": "gw1"})])
def test_a_log_has_none_of_it(monkeypatch: pytest.MonkeyPatch, asked: Any) -> None:
    assert told(monkeypatch, io.StringIO(), asked) == ""
