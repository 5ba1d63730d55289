from __future__ import annotations

from helpers.tools import RED, finds, passes


def row(text: str) -> tuple[str, str, str]:
    return ("a.jpg", text, "match")


def test_each_kind_of_dirt_is_found() -> None:
    finds(
        [
            row(RED),
            row("Red\u200bshirt"),
            row("Red\x07shirt"),
            row("CafÃ© apron"),
            row("Red<br>shirt"),
            row("Red &eacute;clat"),
            row("Red\\nshirt"),
            row("Red <|endoftext|>"),
        ],
        "text_hygiene",
        {
            3: "invisible character U+200B ZERO WIDTH SPACE at character 4",
            4: "control character U+0007 at character 4",
            5: "'Ã©' at character 4 looks like 'é' read in the wrong encoding",
            6: "HTML tag '<br>' at character 4",
            7: "HTML entity '&eacute;' at character 5",
            8: "stray escape \\n at character 4",
            9: "'<|endoftext|>' at character 5 is a mark of CLIP's tokenizer",
        },
    )


def test_clean_text_of_any_script_passes() -> None:
    texts = [
        "Größe 45 – café-brown",
        "赤い綿のシャツ",
        "👨‍👩‍👧 family shirt",
        "size < 5 & > 3, 100% cotton",
        "two\nlines",
    ]
    passes([row(text) for text in texts], "text_hygiene")


def test_an_empty_text_is_not_judged() -> None:
    passes([row(""), row(RED)], "text_hygiene")
