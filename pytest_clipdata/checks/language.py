"""The text is in a language of the settings.

A text with more than 30 % letters of another script is found always. Among languages in Latin letters a detector is
needed (``pip install 'pytest-clipdata[language]'``); without it they are not judged, and the header says so. Texts of
fewer than five words are not judged by it. Where a tenth of the texts or more is in another language, one finding on
the whole source gives the line to paste. CLIP was trained on English; other languages need a model that knows them.

Bad::

    images/a.jpg,Rotes Hemd aus Baumwolle mit rundem Ausschnitt,match

Good::

    images/a.jpg,Red cotton shirt with round neck,match
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option
from pytest_clipdata.texts.language import CODES, MAIN


def _message(row: Row, options: Options) -> str:
    if row["row"] is None:
        return str(row["foreign_source"])
    return f"the text is {row['foreign_text']}; the languages of the settings are {', '.join(options['languages'])}"


CHECK = Check(
    id="language",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        rows_where("be_null", "foreign_text", "text"),
        Expectation(
            "expect_column_max_to_be_between", {"column": "foreign_share", "max_value": MAIN, "strict_max": True}
        ),
    ],
    message=_message,
    judges=("text",),
    options={"languages": Option(["en"], "ISO 639 codes of the languages that texts may be in", choices=CODES)},
    limit="in {languages[0]}",
    per_row=False,
    said="foreign_source",
)
