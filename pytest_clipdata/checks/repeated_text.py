"""No text is the match of many different pictures.

A caption that fits everything describes nothing: CLIP's loss then pushes apart pictures that the data calls the
same. Counted are the different pictures of the whole split for which the text is a match.

Bad::

    images/a.jpg,Elegant garment for all occasions,match         <- and five more pictures

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match

Why: In contrastive training every other picture of the batch is a negative of a text: for a text of many pictures most
of them are false ones (Chuang et al. 2020, "Debiased Contrastive Learning", arXiv:2007.00224).

Fix: write a caption for each picture, or raise ``max`` if the pictures are views of one thing.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    return f"the text is the match of {row['text_images']} different pictures, at most {options['max']} should share it"


CHECK = Check(
    id="repeated_text",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [rows_where("be_between", "text_images", "text", max_value=options["max"])],
    message=_message,
    judges=("text_images",),
    options={"max": Option(5, "different pictures", at_least=1)},
    limit="<= {max}",
)
