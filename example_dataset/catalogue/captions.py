"""What a shop would write under a picture, and what it would write under another one."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace

from .clothes import CLOTHES
from .paint import COLOURS
from .patterns import PATTERNS

#: Of every kind its names, what can be seen of it in every picture ({accent} is the second colour), its materials.
_KINDS: dict[str, tuple[str, str, str]] = {
    "tshirt": ("t-shirt|tee|short-sleeved t-shirt", "a round neck|short sleeves|a ribbed collar", "cotton leather"),
    "polo": ("polo shirt|polo", "a {accent} collar|a short button placket|contrast cuffs", "cotton wool silk"),
    "sweater": ("sweater|pullover|jumper", "ribbed cuffs|a crew neck|long sleeves", "knit cotton leather"),
    "hoodie": ("hoodie|hooded top", "a front pouch pocket|a drawstring hood|long sleeves", "cotton denim silk"),
    "shirt": ("shirt|button-down shirt", "a chest pocket|a pointed collar|long sleeves", "cotton denim silk"),
    "dress": ("dress|sleeveless dress|summer dress", "a {accent} waistband|wide straps|a flared hem", "linen denim"),
    "skirt": ("skirt|pleated skirt|midi skirt", "a dark waistband|pressed pleats|a flared hem", "cotton leather"),
    "jeans": ("jeans|five-pocket jeans", "a straight leg|contrast stitching|a brass button", "denim leather corduroy"),
    "shorts": ("shorts|summer shorts", "a drawstring waist|side pockets|a loose fit", "linen denim leather"),
    "jacket": ("jacket|zip jacket", "a metal front zip|slanted pockets|a turned-down collar", "leather denim cotton"),
    "coat": ("coat|belted coat", "wide lapels|a tied belt|three dark buttons", "wool leather denim"),
    "sunhat": ("sun hat|wide-brimmed hat", "a {accent} ribbon|a wide brim|a soft crown", "straw wool leather"),
    "beanie": ("beanie|bobble hat", "a {accent} pompom|a folded cuff|a ribbed edge", "knit leather cotton"),
    "cap": ("cap|baseball cap", "a {accent} peak|stitched panels|a button on top", "cotton suede wool"),
    "scarf": ("scarf|long scarf", "fringed ends|a loose loop|long tassels", "wool silk leather"),
    "sock": ("sock|ankle sock", "a {accent} heel and toe|a {accent} top band", "wool cotton leather"),
    "sneaker": ("sneaker|trainer|running shoe", "a thick sole|a {accent} side stripe|white laces", "canvas leather"),
    "boot": ("boot|lace-up boot|ankle boot", "a black heel|pale laces|a sturdy black sole", "leather suede canvas"),
    "pump": ("pump|high-heeled shoe|court shoe", "a brass stud|a slender heel|a pointed toe", "suede leather canvas"),
    "handbag": ("handbag|top-handle bag", "a brass clasp|a folded flap|a curved handle", "leather canvas straw"),
    "tote": ("tote bag|shopping bag|tote", "{accent} handles|two long straps|an open top", "canvas leather straw"),
    "backpack": ("backpack|rucksack|day pack", "a {accent} front pocket|a metal zip|side pockets", "canvas leather"),
    "umbrella": ("umbrella|rain umbrella", "a curved wooden handle|a wide canopy|a metal tip", "cotton silk straw"),
    "watch": ("wristwatch|watch", "a white dial|a steel case|black hands", "leather steel canvas"),
    "mug": ("mug|coffee mug|tea mug", "a large handle|straight sides|a rounded rim", "ceramic glass steel"),
    "teapot": ("teapot|round teapot", "a curved spout|a brass knob|a matching lid", "ceramic glass steel"),
    "bottle": ("bottle|drinks bottle", "a metal cap|a white label|a narrow neck", "glass ceramic plastic"),
    "vase": ("vase|flower vase", "a slender neck|rounded shoulders|an open rim", "ceramic glass wood"),
    "lamp": ("table lamp|bedside lamp", "a brass stand|a {accent} trim|a slanted shade", "linen glass straw"),
    "chair": ("chair|dining chair", "wooden legs|a padded seat|an open back", "linen leather plastic"),
    "armchair": ("armchair|lounge chair", "rounded armrests|short wooden legs|a deep seat", "velvet leather linen"),
    "stool": ("stool|bar stool|kitchen stool", "wooden legs|a round padded seat|a cross bar", "leather velvet straw"),
    "clock": ("wall clock|clock", "a white face|black hands|a wide round frame", "wood steel plastic"),
    "cushion": ("cushion|throw pillow|sofa cushion", "piped sides|pointed corners|a soft feel", "linen velvet leather"),
    "bowl": ("bowl|salad bowl|serving bowl", "a small foot|a wide rim|curved sides", "ceramic glass wood"),
    "planter": ("plant pot|flower pot", "a leafy green plant|a raised rim|tapered sides", "ceramic steel wood"),
    "book": ("notebook|hardcover book", "a {accent} title label|a dark spine|pale pages", "linen leather suede"),
}  # fmt: skip

#: Kinds that one word could mean: none of them is a wrong category for another.
_ALIKE = (
    {"tshirt", "polo"}, {"sweater", "hoodie", "shirt", "jacket", "coat"}, {"sunhat", "beanie", "cap"},
    {"sneaker", "boot", "pump"}, {"handbag", "tote", "backpack"}, {"chair", "armchair", "stool"}, {"jeans", "shorts"},
    {"mug", "bowl", "teapot"}, {"vase", "bottle", "planter"},
)  # fmt: skip
_PATTERN_WORDS = {
    "plain": ("{colour}", "plain {colour}"),
    "striped": ("{colour} and {accent} striped", "{colour} with {accent} stripes"),
    "pinstriped": ("{colour} pinstriped", "{colour} with thin {accent} stripes"),
    "checked": ("{colour} and {accent} checked", "{colour} and {accent} checks"),
    "dotted": ("{colour} polka dot", "{colour} with {accent} dots"),
    "floral": ("{colour} floral", "{colour} with {accent} flowers"),
    "zigzag": ("{colour} zigzag", "{colour} with a {accent} zigzag"),
    "two-tone": ("{colour} and {accent} two-tone", "{colour} above and {accent} below"),
}
_MATERIAL_WORDS = {"knit": "knitted wool", "wood": "wooden", "steel": "stainless steel", "straw": "woven straw"}


@dataclass(frozen=True, slots=True)
class Product:
    """What is in one picture, in the words of ``paint.garment``; ``take`` is its seed."""

    kind: str
    colour: str
    pattern: str
    accent: str
    material: str
    take: int


def describe(product: Product, rng: random.Random) -> str:
    """A true caption: 5 to 20 words of ASCII."""
    nouns, details, _ = (part.split("|") for part in _KINDS[product.kind])
    noun = rng.choice(nouns)
    first, second = (text.format(accent=product.accent) for text in rng.sample(details, 2))
    material = _MATERIAL_WORDS.get(product.material, product.material)
    words = _PATTERN_WORDS[product.pattern]
    before, after = (text.format(colour=product.colour, accent=product.accent) for text in words)
    caption = rng.choice((
        f"{before} {material} {noun} with {first}",
        f"{_a(material, noun)} {noun} in {after}, with {first}",
        f"{before} {noun} with {first} and {second}, {material}",
        f"{_a(before, noun)} {noun} in {material} showing {first}",
        f"{material} {noun}, {after}, {first} and {second}",
    ))  # fmt: skip
    caption = re.sub(r"\ba (?=[aeiou])", "an ", caption)
    return caption[0].upper() + caption[1:]


def misdescribe(product: Product, wrong: str, rng: random.Random) -> str:
    """A caption that is wrong in one thing: ``colour``, ``category``, ``material`` or ``pattern``."""
    if wrong == "colour":
        seen = {product.colour, product.accent}
        far = [name for name in COLOURS if all(_apart(name, other) > 190 for other in seen)]
        other = replace(product, colour=rng.choice(far))
    elif wrong == "category":
        near = {product.kind}.union(*(group for group in _ALIKE if product.kind in group))
        same = product.kind in CLOTHES
        kind = rng.choice([kind for kind in _KINDS if kind not in near and (kind in CLOTHES) == same])
        other = replace(product, kind=kind, material=materials(kind)[0])
    elif wrong == "material":
        other = replace(product, material=rng.choice([m for m in materials(product.kind) if m != product.material]))
    else:
        two_coloured = [name for name in PATTERNS if name not in {product.pattern, "plain", "pinstriped", "striped"}]
        other = replace(product, pattern=rng.choice(two_coloured))
    return describe(other, rng)


def materials(kind: str) -> list[str]:
    """Of one kind, the materials that can be told apart at sight; the usual one first."""
    return _KINDS[kind][2].split()


def _a(words: str, noun: str) -> str:
    if noun.endswith(("jeans", "shorts")):
        return f"a pair of {words}"
    return f"a {words}"


def _apart(one: str, other: str) -> int:
    return sum(abs(a - b) for a, b in zip(COLOURS[one], COLOURS[other], strict=True))
