"""The text is clean: what a person reads is what the tokenizer gets.

Found are control and zero-width characters, mojibake (UTF-8 read as Latin-1), HTML tags and entities, stray escapes
such as ``\\n`` written out, and CLIP's own marks such as ``<|endoftext|>``. Each costs tokens and teaches the model an
artefact of your scraper. Blanks and shouting are a matter of ``text_style``.

Bad::

    images/a.jpg,Red caf&eacute; apron with<br>two pockets,match

Good::

    images/a.jpg,Red café apron with two pockets,match
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where


def _message(row: Row, options: Options) -> str:
    return str(row["text_problem"])


CHECK = Check(
    id="text_hygiene",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_null", "text_problem", "text")],
    message=_message,
    judges=("text",),
)
