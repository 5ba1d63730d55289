"""What the steps of plugins said of pictures is kept from run to run."""

from __future__ import annotations

import importlib.metadata
from dataclasses import replace

import pytest

from pytest_clipdata.facts.step import Fact, PictureStep, Plugged
from pytest_clipdata.images.facts import Limits
from pytest_clipdata.running.memory.asked import keys_of
from pytest_clipdata.running.memory.cache import Cache

STEP = PictureStep((Fact("redness", "Float64", "how red it is"),), lambda picture: [0.5])
PLUGGED = Plugged(STEP, "shop", "1.0")


def test_an_answer_comes_back_under_the_key_of_its_picture() -> None:
    keys = keys_of(PLUGGED, STEP, Limits(), ["a", "b"])
    with Cache(None) as cache:
        cache.answers.put({keys["a"]: (0.5,)})
        assert cache.answers.get(keys, 1) == {"a": (0.5,)}
        assert cache.answers.get(keys, 2) == {}
        for other in (replace(PLUGGED, version="1.1"), replace(PLUGGED, plugin="other")):
            assert cache.answers.get(keys_of(other, STEP, Limits(), ["a", "b"]), 1) == {}
        assert cache.answers.get(keys_of(PLUGGED, replace(STEP, side=64), Limits(), ["a"]), 1) == {}


def test_packages_are_asked_for_their_version_once_whatever_the_number_of_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each takes a millisecond: of a hundred thousand pictures minutes."""
    asked = []
    version = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: asked.append(name) or version(name))
    assert len(set(keys_of(PLUGGED, STEP, Limits(), map(str, range(50))).values())) == 50
    assert len(asked) == 2
