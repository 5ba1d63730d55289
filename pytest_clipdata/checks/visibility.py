"""The picture is not blank, too dark, overexposed or too blurred.

Measured on the luma of the 224 x 224 pixels that CLIP sees: ``brightness`` is its mean and ``contrast`` its standard
deviation (both in 0..1), ``sharpness`` the variance of its Laplacian (luma in 0..255; Pech-Pacheco et al. 2000,
"Diatom autofocusing in brightfield microscopy"). The defaults were chosen so that product photos on white or black
pass and pictures in which a person sees nothing do not.

Bad::

    images/lens_cap.jpg,Red cotton t-shirt with round neck,match

Good::

    images/on_white.jpg,Red cotton t-shirt with round neck,match

Why: A picture in which nothing can be seen is a caption without a picture: blur and lost contrast are what networks
stand least (Dodge & Karam 2016, "Understanding How Image Quality Affects Deep Neural Networks", arXiv:1604.04004).

Fix: replace the picture, or delete the row; lower the limit if such pictures are what your model will meet.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    if row["image_brightness"] < options["min_brightness"]:
        cause = f"is too dark (brightness {row['image_brightness']:.3f})"
    elif row["image_brightness"] > options["max_brightness"]:
        cause = f"is overexposed (brightness {row['image_brightness']:.3f})"
    elif row["image_contrast"] < options["min_contrast"]:
        cause = f"is blank (contrast {row['image_contrast']:.3f})"
    else:
        cause = f"is blurred (sharpness {row['image_sharpness']:.1f})"
    return f"{row['image_path']} {cause} at the 224 pixels that CLIP sees"


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
    ],
    message=_message,
    judges=("image_contrast",),
    options={
        "min_contrast": Option(0.015, "standard deviation of the luma", at_least=0.0, at_most=0.5),
        "min_brightness": Option(0.05, "mean luma", at_least=0.0, at_most=1.0),
        "max_brightness": Option(0.985, "mean luma", at_least=0.0, at_most=1.0),
        "min_sharpness": Option(5.0, "variance of the Laplacian of the luma", at_least=0.0),
    },
)
