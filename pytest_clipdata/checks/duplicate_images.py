"""No two files hold the same picture.

A copy that was re-encoded, resized, slightly cropped, brightened, watermarked, mirrored or turned is the same
picture; a shirt of the same cut in another colour is not. The first file of each group stands, the rows of the others
are findings that name it, the grade (``bytes``, ``pixels`` or ``perceptual``) and how the copy was turned. One file
that several rows use is by design. See ``[same_picture]`` for the radius and what counts as a copy.

Bad::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a_copy_resized.jpg,Blue denim jeans with slim fit,mismatch

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a.jpg,Blue denim jeans with slim fit,mismatch

Why: Copies are drawn more often, are memorised first, and in contrastive training a copy is punished as a negative of
its own picture; about three in ten pictures of LAION-2B are copies (Webster et al. 2023, "On the De-duplication of
LAION-2B", arXiv:2303.12733).

Fix: let all rows use one file and delete the others; pictures that only look alike go into the list ``different`` of a
baseline.
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
