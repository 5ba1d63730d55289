"""Two checks of a shop's own. ``CHECKS`` is what the entry point names: the checks, and the steps that measure for
them."""

from clipdata_shop import price, text_pictures

CHECKS = (price.PRICES, price.CHECK, text_pictures.TEXT_LIKE, text_pictures.CHECK)
