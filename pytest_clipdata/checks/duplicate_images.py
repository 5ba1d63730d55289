"""No two files hold the same picture.

A copy that was re-encoded, resized, slightly cropped, brightened, watermarked, mirrored or turned is the same
picture; a shirt of the same cut in another colour is not. The first file of each group stands, the rows of the others
are findings that name it, the grade (``bytes``, ``pixels`` or ``perceptual``) and how the copy was turned. One file
that several rows use is by design. Grey copies count with ``same_picture.grey``.

Bad::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a_copy_resized.jpg,Blue denim jeans with slim fit,mismatch

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a.jpg,Blue denim jeans with slim fit,mismatch
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, Words, rows_where, same_picture


def _message(row: Row, options: Options) -> Words:
    return same_picture(row, "duplicate")


CHECK = Check(
    id="duplicate_images",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_null", "duplicate_of", "image_path")],
    message=_message,
    judges=("image_contrast",),  # there only if the picture decodes; a broken one belongs to no group
    refers_to="duplicate_of",
    grade="duplicate",
)
