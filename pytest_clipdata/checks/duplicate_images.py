"""No two files hold the same picture.

The first file of each group stands, the rows of the others are findings that name it and list the rest of the group,
20 files at most. A finding's grade says why two files are one picture:

- ``bytes``: the files are equal.
- ``pixels``: what is displayed is equal, whatever lossless format holds it; of two JPEGs, what is compressed is equal
  and only metadata differ. A JPEG and a PNG made of it are ``perceptual``: programs decode one JPEG to slightly
  different pixels.
- ``perceptual``: a person would say so. A copy that was re-encoded, resized, cropped by up to 5 % a side, brightened,
  watermarked, framed, mirrored or turned; not a shirt of the same cut in another colour or with another print. Grey
  copies count with ``same_picture.grey``. ``perceptual = "warning"`` or ``"off"`` is the severity of this grade alone,
  never above the check's own.

One file that several rows use is by design.

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

from pytest_clipdata.checks.check import PERCEPTUAL, Check, Options, Row, Words, no_copies, same_picture


def _message(row: Row, options: Options) -> Words:
    return same_picture(row, "duplicate")


CHECK = Check(
    id="duplicate_images",
    manual=__doc__,
    expectations=lambda options: no_copies("duplicate", options),
    message=_message,
    judges=("image_contrast",),  # there only if the picture decodes; a broken one belongs to no group
    options={"perceptual": PERCEPTUAL},
    refers_to="duplicate_of",
    grade="duplicate",
)
