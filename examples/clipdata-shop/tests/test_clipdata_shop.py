"""The checks find what they are there for, and leave the rest alone."""

from __future__ import annotations

import pytest
from clipdata_shop import price, text_pictures
from PIL import Image, ImageDraw, ImageFont

from pytest_clipdata.testing import finds, passes


@pytest.mark.parametrize("cell", ["0", "99999", "free", "-3"])
def test_a_price_out_of_range(cell: str):
    finds(price.CHECK, {"price": cell}, steps=[price.PRICES])


@pytest.mark.parametrize("cell", ["19.90", "19,90 EUR", "20"])
def test_a_price(cell: str):
    passes(price.CHECK, {"price": cell}, steps=[price.PRICES])


def test_the_range_is_a_setting():
    (words,) = finds(price.CHECK, {"price": "20"}, steps=[price.PRICES], max=10.0)
    assert words == "the price is 20.00, it must be 0.50 to 10.00"


def test_a_banner_is_no_photo():
    banner = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(banner)
    for y in range(10, 580, 26):
        pen.text((10, y), "Machine washable at 30 degrees, cotton", "black", ImageFont.load_default(20))
    finds(text_pictures.CHECK, {"image_path": banner}, "% text", steps=[text_pictures.TEXT_LIKE])


def test_a_photo_is():
    passes(text_pictures.CHECK, {}, steps=[text_pictures.TEXT_LIKE])
