"""The picture is not blank, too dark, overexposed, faded, blurred or enlarged from a much smaller one.

Measured on the luma of the centre square that CLIP sees, at 112 x 112 pixels. ``brightness`` is its mean and
``contrast`` its standard deviation (both in 0..1), ``sharpness`` the variance of its Laplacian (luma in 0..255;
Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy"). ``white_point`` is its 99.5th percentile,
``tonal_range`` the distance of its 0.2nd and 99.8th. ``overexposure`` is the share of the subject's channel values that
are clipped, divided by the share of the pixels in which no channel is (a tenth unless all corners are white);
it is less where something is black or what is left is flat.
``fine_detail`` and ``coarse_detail`` say how much of the edges is left from one scale to the next finer one: under
0.22 in blurred, over 0.36 in ordinary photographs at the coarse scale; under 0.20 in enlarged, over 0.23 in ordinary
ones at the fine scale. How often each damage is found, and how often a good picture is flagged, is in docs/quality.md.

Bad::

    images/lens_cap.jpg,Red cotton t-shirt with round neck,match

Good::

    images/on_white.jpg,Red cotton t-shirt with round neck,match
"""

from __future__ import annotations

import math

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option

#: Option, what is wrong, digits shown. All white takes the contrast with it, too little light or contrast the detail: a
#: later group is asked only about pictures that break no bound of an earlier one.
_WHITE = (("max_brightness", "is overexposed", 3),)
_TONE = (
    ("min_brightness", "is too dark", 3),
    ("min_contrast", "is blank", 3),
    ("min_tonal_range", "is faded", 2),
    ("min_white_point", "is too dark", 2),
    ("max_overexposure", "is overexposed", 1),
)
_DETAIL = (
    ("min_sharpness", "is blurred", 1),
    ("min_coarse_detail", "is blurred", 2),
    ("min_fine_detail", "is blurred or enlarged from a much smaller picture", 2),
)


def _message(row: Row, options: Options) -> str:
    causes = max((_WHITE, _TONE, _DETAIL), key=lambda group: max(_excess(row, each[0], options) for each in group) > 1)
    option, cause, digits = max(causes, key=lambda each: _excess(row, each[0], options))
    value, named = row[_column(option)], option.split("_", 1)[1].replace("_", " ")
    return f"{row['image_path']} {cause} ({named} {value:.{digits}f}) at the 224 pixels that CLIP sees"


def _column(option: str) -> str:
    return f"image_{option.split('_', 1)[1]}"


def _excess(row: Row, option: str, options: Options) -> float:
    """How many times a bound is broken: over 1 if it is, infinite where nothing is left of what there should be."""
    value, bound = row[_column(option)], options[option]
    larger, smaller = (bound, value) if option.startswith("min_") else (value, bound)
    return float(larger / smaller) if smaller else math.inf if larger else 0.0


CHECK = Check(
    id="visibility",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        rows_where("be_between", "image_contrast", "image_path", min_value=options["min_contrast"]),
        rows_where(
            "be_between",
            "image_brightness",
            "image_path",
            min_value=options["min_brightness"],
            max_value=options["max_brightness"],
        ),
        rows_where("be_between", "image_sharpness", "image_path", min_value=options["min_sharpness"]),
        rows_where("be_between", "image_tonal_range", "image_path", min_value=options["min_tonal_range"]),
        rows_where("be_between", "image_white_point", "image_path", min_value=options["min_white_point"]),
        rows_where("be_between", "image_overexposure", "image_path", max_value=options["max_overexposure"]),
        rows_where("be_between", "image_coarse_detail", "image_path", min_value=options["min_coarse_detail"]),
        rows_where("be_between", "image_fine_detail", "image_path", min_value=options["min_fine_detail"]),
    ],
    message=_message,
    judges=("image_contrast",),
    options={
        "min_contrast": Option(0.015, "standard deviation of the luma", at_least=0.0, at_most=0.5),
        "min_brightness": Option(0.05, "mean luma", at_least=0.0, at_most=1.0),
        "max_brightness": Option(0.99, "mean luma", at_least=0.0, at_most=1.0),
        "min_sharpness": Option(5.0, "variance of the Laplacian of the luma", at_least=0.0),
        "min_tonal_range": Option(0.15, "99.8th less 0.2nd percentile of the luma", at_least=0.0, at_most=1.0),
        "min_white_point": Option(0.32, "99.5th percentile of the luma", at_least=0.0, at_most=1.0),
        "max_overexposure": Option(
            1.8, "clipped share of the subject over the unclipped share of the picture", at_least=0.0
        ),
        "min_coarse_detail": Option(0.25, "energy of edges at 56 pixels, of that at 28", at_least=0.0),
        "min_fine_detail": Option(0.21, "energy of edges at 112 pixels, of that at 56", at_least=0.0),
    },
)
