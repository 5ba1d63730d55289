"""The price is a number within the shop's range.

A price of 0 or of 99999 marks a row that nobody finished: its caption and its picture are placeholders as well, and a
model that is trained on them learns that placeholders go together.

Bad::

    image_path,text,label,price
    images/a.jpg,Red cotton t-shirt with round neck,match,0

Good::

    image_path,text,label,price
    images/a.jpg,Red cotton t-shirt with round neck,match,19.90
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_clipdata.extending import Check, Context, Fact, Needs, Option, Options, Row, Step, Value, rows_where


def _measure(prices: Sequence[str], context: Context) -> Sequence[Sequence[Value]]:
    """The facts of each distinct cell of the column: what stands there, and the number that it is, if it is one."""
    return list(prices), [_number(price) for price in prices]


def _number(price: str) -> float | None:
    digits = price.strip().replace(",", ".").removesuffix(" EUR")
    return float(digits) if digits.replace(".", "", 1).isdecimal() else None


PRICES = Step(
    over="price",  # a column of the dataset's own; where it is missing, the facts are null and the check is skipped
    needs=Needs.TEXT,
    facts=(
        Fact("price", "str", "the cell as it stands"),
        Fact("price_eur", "Float64", "the same as a number of euros, null if it is none"),
    ),
    measure=_measure,
)


def _message(row: Row, options: Options) -> str:
    if row["price_eur"] is None:
        return f"{row['price']!r} is no price"
    return f"the price is {row['price_eur']:.2f}, it must be {options['min']:.2f} to {options['max']:.2f}"


CHECK = Check(
    id="price_range",
    manual=__doc__,
    expectations=lambda options: [
        rows_where("be_between", "price_eur", "price", min_value=options["min"], max_value=options["max"]),
        rows_where("match_regex", "price", regex=r"^\s*\d+([.,]\d+)?( EUR)?\s*$"),
    ],
    message=_message,
    judges=("price",),
    options={
        "min": Option(0.5, "lowest price in euros", at_least=0.0),
        "max": Option(5000.0, "highest price in euros", at_least=0.0),
    },
    limit="{min}..{max}",
)
