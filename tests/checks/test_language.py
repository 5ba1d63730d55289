from __future__ import annotations

from collections.abc import Mapping

import pytest
from helpers.tools import RED, finds, passes, skips

from pytest_clipdata.settings.declared import SettingsError
from pytest_clipdata.texts import language


def row(text: str) -> tuple[str, str, str]:
    return ("a.jpg", text, "match")


GOOD = [row(f"{RED} and number {number}") for number in range(30)]
RUSSIAN = "Красная хлопковая футболка"
GERMAN = "Rotes Hemd aus Baumwolle mit rundem Ausschnitt"


@pytest.fixture(params=[False, True], ids=["none", "detector"])
def detector(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """No detector, or one in plain sight: a text with ``Hemd`` or ``mit`` in it is German."""

    def detect(text: str) -> Mapping[str, float]:
        return {"de": 0.9, "en": 0.01} if {"Hemd", "mit"} & {*text.split()} else {"en": 0.9}

    monkeypatch.setattr(language, "load_detector", lambda: detect if request.param else None)
    return bool(request.param)


def test_letters_of_another_script_are_found_row_by_row(detector: bool) -> None:
    said = "the text is in Cyrillic letters; the languages of the settings are en"
    finds([*GOOD, row(RUSSIAN), row("")], "language", {32: said})
    passes([*GOOD, row(RUSSIAN)], "language", 'languages=["en", "ru"]')


def test_a_language_in_latin_letters_needs_the_detector(detector: bool) -> None:
    said = "the text is in the language 'de' by its words; the languages of the settings are en"
    finds([*GOOD, row(GERMAN)], "language", {32: said} if detector else {})
    passes([*GOOD, row(GERMAN)], "language", 'languages=["en", "de"]')


def test_a_source_in_another_language_is_one_finding_with_the_line_to_paste(detector: bool) -> None:
    russian = [row(f"{RUSSIAN} {number}") for number in range(27)]
    finds(
        [*GOOD[:3], *russian],
        "language",
        {None: "90% of the texts are in none of the languages en: most in Cyrillic letters"},
    )
    german = [row(f"{GERMAN} {number}") for number in range(27)]
    said = '90% of the texts are in none of the languages en (de 27); if that is meant: languages = ["en", "de"]'
    finds([*GOOD[:3], *german], "language", {None: said} if detector else {})
    finds(
        [*GOOD[:27], *german[:3]], "language", {None: said.replace("90%", "10%").replace("27", "3")} if detector else {}
    )


def test_a_source_without_texts_is_not_judged() -> None:
    skips([row("")], "language", "no row could be judged: missing_values reports 1")


def test_a_language_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"language\.languages must be one of af, .*, not \['german'\]"):
        passes(GOOD, "language", 'languages=["german"]')
