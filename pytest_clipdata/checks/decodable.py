"""Every pixel decodes, the format is an allowed one, and the picture is still.

The whole file is read, and it must hold every pixel that it announces: many loaders show a picture that was cut off or
overwritten half-way as if it were whole, its rest grey. Other formats than those listed are never handed to a decoder.
A picture over the pixel limit is not decoded: at 4 bytes a pixel it would take half a gigabyte, and it may be a
decompression bomb. Of an animation a trainer sees one frame, and which one depends on the loader.

What a format cannot show is not found. A PNG, and a TIFF of deflate, carry checksums: nothing is missed. A JPEG has
none: cuts, lost scans and zeros are found, of 600 random bytes in its scan 99 %, of 60 about 78 %; what is missed
are a few 8x8 blocks after which the codes fall into step again. WebP and AVIF have no checksum either, but a whole
file cannot spare its last bytes, so damage is found by how much of the data is read: zeros always, random bytes in 94
to 99 % of lossy files, in half of lossless WebP; of a picture in several tiles or partitions, only in the last. GIF
and the other kinds of TIFF show codes that cannot be and rows that are missing. In a BMP or an uncompressed TIFF
zeros are black: only zeros of two rows or more that begin in the middle of a row beside nothing dark are found, and no
other changed byte is.

Bad::

    images/half_downloaded.jpg,Red cotton t-shirt with round neck,match

Good::

    images/complete.jpg,Red cotton t-shirt with round neck,match

Why: A picture that was cut off is shown with its rest grey, so the model learns that captions go with grey areas;
corrupt pictures cost accuracy out of proportion to their number (Hendrycks & Dietterich 2019, arXiv:1903.12261).

Fix: fetch or export the picture again; a still JPEG, PNG or WebP of 8 bits is read by every loader.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.images.facts import ImageStatus, Limits
from pytest_clipdata.reading.formats import FORMATS
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    if row["image_status"] == ImageStatus.OK:
        return f"{row['image_path']} is a {row['image_format']} file, allowed are {', '.join(options['formats'])}"
    if row["image_status"] == ImageStatus.UNREACHABLE:
        return f"{row['image_path']} {row['image_error']}"
    return f"{row['image_path']} does not decode: {row['image_error']}"


CHECK = Check(
    id="decodable",
    manual=__doc__,
    expectations=lambda options: [
        rows_where("be_in_set", "image_status", "image_path", value_set=[str(ImageStatus.OK)]),
        rows_where("be_in_set", "image_format", "image_path", value_set=list(options["formats"])),
    ],
    message=_message,
    judges=("image_status",),
    options={
        "formats": Option(list(FORMATS), "formats that may be used"),
        "max_pixels": Option(Limits().max_pixels, "width x height of a picture that is still decoded", at_least=1),
    },
)
