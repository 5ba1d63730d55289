from __future__ import annotations

from helpers.tools import RED, finds, passes


def row(text: str) -> tuple[str, str, str]:
    return ("a.jpg", text, "match")


def test_each_kind_of_bad_style_is_found() -> None:
    finds(
        [
            row(RED),
            row(" Red shirt"),
            row("Red  shirt"),
            row("Red shirt at www.shop.example"),
            row("Red red shirt"),
            row("BEST SHIRT EVER"),
            row("Red shirt!!"),
            row("★ Red shirt"),
        ],
        "text_style",
        {
            3: "white space at the start",
            4: "2 blanks in a row at character 4",
            5: "web or mail address 'www.shop.example' at character 14",
            6: "word 'Red' repeated at character 5",
            7: "3 of 3 longer words in capitals, first 'BEST' at character 1",
            8: "repeated marks '!!' at character 10",
            9: "emoji or decoration '★' at character 1",
        },
    )


def test_what_the_settings_allow_is_good_style() -> None:
    rows = [row("Yahoo!! cap in red"), row("Red cap ★")]
    finds(rows, "text_style", {3: "emoji or decoration '★' at character 9"}, 'allowed=["Yahoo!!"]')
    passes(rows, "text_style", 'allowed=["Yahoo!!", "★"]')


def test_it_is_no_matter_of_hygiene() -> None:
    passes([row(" Red  shirt ★ "), row("")], "text_hygiene")
