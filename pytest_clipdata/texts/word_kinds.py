"""Plain lists of English words for things, colours, materials and features, as captions have them.

Colours: the basic terms of Berlin and Kay (1969, "Basic Color Terms") and words of the CSS named colours (W3C, CSS
Color Module Level 4, section 6.1). Categories: the 50 kinds of clothing of DeepFashion (Liu et al. 2016, CVPR) and the
80 classes of COCO (Lin et al. 2014, arXiv:1405.0312). Materials: the fibres of Regulation (EU) No 1007/2011, Annex I,
and the classes of MINC (Bell et al. 2015, arXiv:1412.0623) that things are made of. Features: the 26 attributes of
DeepFashion. To each, words of the same kind that catalogues use were added by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WORDS = {
    "colour": """
        black white red green yellow blue brown purple pink orange grey gray
        aqua azure beige burgundy charcoal coral cream crimson cyan fuchsia gold golden indigo ivory khaki lavender
        lime magenta maroon mauve mint mustard navy olive peach plum rose rust salmon scarlet silver tan taupe teal
        turquoise violet wine
    """,
    "category": """
        anorak blazer blouse bomber button-down cardigan flannel halter henley hoodie jacket jersey parka peacoat poncho
        sweater tank tee top turtleneck capri chino culotte cutoff gaucho jeans jegging jodhpur jogger legging sarong
        shorts skirt sweatpants sweatshorts trunks caftan cape coat coverup dress jumpsuit kaftan kimono nightdress
        onesie robe romper shirtdress sundress
        shirt t-shirt tshirt polo pullover jumper sweatshirt vest suit trousers pants tights sock stocking scarf glove
        hat cap beanie sunhat belt shoe boot sneaker trainer sandal slipper heel pump loafer flip-flop bra brief boxer
        swimsuit bikini saree sari kurta kurti lehenga watch wristwatch ring necklace bracelet earring pendant
        sunglasses glasses wallet purse bag tote clutch pouch luggage
        person man woman boy girl child baby people bicycle bike car motorcycle airplane plane bus train truck boat
        light hydrant sign meter bench bird cat dog horse sheep cow elephant bear zebra giraffe backpack rucksack
        umbrella handbag tie suitcase frisbee skis snowboard ball kite bat skateboard surfboard racket bottle glass cup
        fork knife spoon bowl banana apple sandwich carrot pizza donut cake chair armchair stool couch sofa plant bed
        table toilet television tv laptop mouse remote keyboard phone microwave oven toaster sink refrigerator book
        notebook clock vase scissors teddy toothbrush lamp cushion pillow mug teapot planter pot shelf desk mirror rug
    """,
    "material": """
        alpaca angora cashmere mohair wool woollen silk silken cotton kapok flax linen hemp jute sisal ramie cupro modal
        viscose acrylic polyamide nylon polyester polypropylene elastane elastodiene spandex lycra lyocell tencel
        brick ceramic fabric leather metal metallic paper plastic stone marble tile wood wooden
        denim corduroy velvet suede satin chiffon lace knit knitted fleece tweed canvas mesh fur faux down rubber straw
        wicker bamboo rattan steel stainless iron aluminium aluminum brass copper bronze chrome porcelain concrete
        cardboard vinyl latex felt crystal diamond pearl
    """,
    "feature": """
        floral graphic striped embroidered pleated solid lattice sleeve sleeves long short sleeveless maxi mini crew
        v-neck v-neckline square neckline neck tight loose conventional
        stripe pinstriped checked check checkered plaid dotted dot polka zigzag pattern patterned print printed plain
        two-tone flower flowers quilted ribbed ruffled fringed hooded hood collar collared lapel pocket pocketed button
        buttoned zip zipper zipped buckle lace-up drawstring strap straps strapless handle lid spout sole laces cuff
        cuffs hem waistband waist fit slim regular skinny straight flared cropped high low mid wide narrow round pointed
        curved small large big little tall thick thin padded open closed front side back sleeved
        one two three four five six seven eight nine ten single double left right empty full
    """,
}

#: The kind of each word: ``colour``, ``category``, ``material`` or ``feature``.
KIND_OF: Mapping[str, str] = MappingProxyType({word: kind for kind, words in _WORDS.items() for word in words.split()})
KINDS = tuple(_WORDS)

_TELL_NOTHING = """
    a an and are as at be by for from has have in into is it its of on or over that the their this to under up while
    with without above below both some there
"""
#: Words that tell no two captions apart.
EMPTY = frozenset(_TELL_NOTHING.split())


def kind_of(word: str) -> str | None:
    """The kind of a word in lower case, in the singular or the plural; None for every other."""
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in KIND_OF:
            return KIND_OF[form]
    return None
