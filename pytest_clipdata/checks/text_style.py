"""The text is a caption, not a shop window.

Found are blanks at the ends or doubled, web and mail addresses, a word that stands twice, most words in capitals,
repeated marks such as ``!!``, emoji and decoration. Each costs tokens or teaches the model the habits of the shop. What
belongs to a brand is allowed letter by letter: ``allowed = ["Yahoo!!", "TEN TEN"]``.

Bad::

    images/a.jpg,★ BEST COTTON SHIRT EVER !! www.shop.example,match

Good::

    images/a.jpg,Cotton shirt with round neck,match
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    return str(row["style_problem"])


CHECK = Check(
    id="text_style",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [rows_where("be_null", "style_problem", "text")],
    message=_message,
    judges=("text",),
    options={"allowed": Option([], "strings, letter by letter, in which nothing is bad style")},
)
