"""The products of the example: what is drawn for which split. Same kind and same take: one cut in two colours."""

from __future__ import annotations

from .captions import Product, materials

#: kind, colour, pattern, second colour, take. Takes are chosen so that different pictures stay far apart (see the
#: test): at least 12 of the 64 bits of a pHash in every orientation, but for one cut in two colours.
_TRAIN = """
tshirt red plain white 6              tshirt blue plain white 6             tshirt yellow striped navy 1
tshirt black dotted white 2           polo blue striped white 0             polo green plain white 1
polo burgundy plain beige 2           sweater green pinstriped white 0      sweater grey zigzag red 1
sweater orange plain white 2          hoodie purple plain white 1           hoodie yellow checked white 0
shirt orange dotted white 0           shirt teal checked white 1            shirt pink plain white 2
dress purple floral white 0           dress red plain black 1               dress teal dotted white 2
skirt pink zigzag white 0             skirt green plain white 1             skirt black checked white 2
jeans blue plain white 0              jeans grey plain white 1              shorts brown plain white 0
shorts red floral white 1             jacket beige striped brown 0          jacket black plain white 2
coat navy pinstriped white 0          coat burgundy plain white 1           sunhat beige plain red 0
sunhat black checked white 1          beanie grey dotted red 0              beanie teal plain yellow 1
cap white dotted blue 0               cap green plain yellow 1              scarf olive zigzag white 0
scarf red checked black 1             sock burgundy plain white 0           sneaker red plain white 7
sneaker green plain white 8           sneaker purple dotted yellow 1        boot brown plain white 0
boot yellow plain white 1             pump green pinstriped white 0         pump red plain white 1
handbag brown plain white 0           handbag pink dotted white 1           tote orange dotted white 0
tote white striped navy 1             backpack purple floral white 0        backpack olive plain orange 2
umbrella pink zigzag white 0          mug brown plain white 1               mug yellow plain white 2
mug teal plain white 3                teapot beige striped brown 0          vase black checked white 0
vase blue zigzag white 1              lamp grey dotted white 0              lamp orange plain white 1
chair blue plain white 0              chair yellow dotted navy 1            armchair olive zigzag white 0
armchair burgundy plain white 2       clock red plain black 0               cushion blue striped white 0
cushion orange zigzag white 1         bowl green pinstriped white 0
"""
_VAL = """
tshirt green two-tone white 5         sweater navy dotted white 5           shirt purple pinstriped white 7
dress yellow striped white 5          jacket red plain white 7              cap navy zigzag white 2
boot black dotted red 5               sneaker orange two-tone navy 5        handbag teal checked white 5
umbrella blue checked white 5         watch brown plain white 0             watch teal plain white 1
bottle green plain white 0            bottle red striped white 2            stool yellow plain white 0
planter orange plain white 0          book red dotted black 0               teapot purple floral white 5
"""


def products(split: str) -> list[Product]:
    """The products of ``train`` or of ``val``, in the order of the CSV."""
    words = {"train": _TRAIN, "val": _VAL}[split].split()
    rows = zip(*(words[i::5] for i in range(5)), strict=True)
    return [Product(kind, colour, pattern, accent, _material(kind, colour, pattern), int(take))
            for kind, colour, pattern, accent, take in rows]  # fmt: skip


def _material(kind: str, colour: str, pattern: str) -> str:
    """The usual material, but leather where a plain brown, black or burgundy thing may well be of it."""
    leathery = pattern == "plain" and colour in {"brown", "black", "burgundy"} and kind not in {"jeans", "shorts"}
    return "leather" if leathery and "leather" in materials(kind) else materials(kind)[0]
