from __future__ import annotations

from helpers import drawn
from helpers.drawn import encoded, photo, shirt
from helpers.tools import RED, finds, passes

WORDS = "loaders disagree about its pixels"


def rows(*paths: str) -> list[tuple[str, str, str]]:
    return [(path, RED, "match") for path in paths]


def test_what_loaders_disagree_about_is_found() -> None:
    files = {
        "plain.jpg": encoded(photo(1)),
        "alpha.png": drawn.see_through(),
        "deep.png": drawn.deep(),
        "turned.jpg": drawn.turned(),
        "colour.png": drawn.deep_colour(),
    }
    finds(
        rows(*files),
        "loader_parity",
        {
            3: f"alpha.png has transparent pixels: {WORDS}",
            4: f"deep.png holds samples of more than 8 bits (I;16): {WORDS}",
            5: f"turned.jpg is turned by its EXIF orientation 6: {WORDS}",
            6: f"colour.png holds samples of more than 8 bits (RGB;16B): {WORDS}",
        },
        files=files,
    )


def test_an_opaque_alpha_channel_and_grey_pass() -> None:
    opaque = shirt("red").convert("RGBA")
    files = {"opaque.png": encoded(opaque, "png"), "grey.jpg": encoded(photo(2).convert("L"))}
    passes(rows(*files), "loader_parity", files=files)
