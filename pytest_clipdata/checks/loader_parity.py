"""Every loader shows the model the same pixels.

Trainers treat three things differently, silently: transparent pixels (transformers 5 puts them on white, plain
``convert("RGB")`` drops the alpha channel and shows whatever lies below), samples of 16 bits or floating point
(``convert`` saturates them to white or black), and EXIF rotation (some loaders turn the picture upright, transformers
does not). Store upright, opaque, 8-bit pictures and all of them agree.

Bad::

    images/cutout_with_alpha.png, images/scan_16bit.tif, images/phone_rotated.jpg

Good::

    images/on_white.jpg
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.findings import Severity

#: Pillow's modes of more than 8 bits a sample: I, F, I;16 and raw modes such as RGB;16B.
DEEP = r"^(I|F)(;.*)?$|;16"


def _message(row: Row, options: Options) -> str:
    causes = []
    if row["image_transparent"] is True:
        causes.append("has transparent pixels")
    if row["image_orientation"] not in (None, 1):
        causes.append(f"is turned by its EXIF orientation {row['image_orientation']}")
    if not causes or row["column"] == "image_mode":
        causes.append(f"holds samples of more than 8 bits ({row['image_mode']})")
    return f"{row['image_path']} {' and '.join(causes)}: loaders disagree about its pixels"


CHECK = Check(
    id="loader_parity",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        rows_where("not_match_regex", "image_mode", "image_path", regex=DEEP),
        rows_where("be_in_set", "image_orientation", "image_path", value_set=[1]),
        rows_where("be_in_set", "image_transparent", "image_path", value_set=[False]),
    ],
    message=_message,
    judges=("image_mode",),
)
