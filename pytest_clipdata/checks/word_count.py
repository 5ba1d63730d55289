"""The text has 5 to 100 words.

Fewer words do not tell a product from its neighbours; more than about 60 do not fit CLIP's context. Words are
counted as ``texts.count_words`` says.

Bad::

    images/a.jpg,Green cotton dress,mismatch

Good::

    images/a.jpg,Green cotton dress with short sleeves,mismatch
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.findings import counted
from pytest_clipdata.reading.csv_records import quoted
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    words = f"the text has {counted(row['word_count'], 'word')}, it must have {options['min']} to {options['max']}"
    return f"{words}: {quoted(str(row['text']))}"


CHECK = Check(
    id="word_count",
    manual=__doc__,
    expectations=lambda options: [
        rows_where("be_between", "word_count", "text", min_value=options["min"], max_value=options["max"])
    ],
    message=_message,
    judges=("word_count",),
    options={
        "min": Option(5, "fewest words", at_least=0),
        "max": Option(100, "most words", at_least=1),
    },
    limit="{min}..{max}",
)
