"""Every column of the facts table: its dtype, how far a row must be measured for it, what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


class Needs(IntEnum):
    """How far a row must be measured for a fact; each step includes those before it."""

    TEXT = 1  #: the cells of the CSVs
    FILES = 2  #: which files exist
    HEADER = 3  #: format and size, from the first bytes of each picture
    PIXELS = 4  #: decoded pictures
    SIMILARITY = 5  #: which pictures are the same


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the facts table: its pandas dtype, what it takes to measure it, what it says."""

    dtype: str
    needs: Needs
    help: str


_TEXT, _FILES, _HEADER, _PIXELS, _SIMILARITY = Needs
COLUMNS: Mapping[str, Column] = {
    "line": Column("int64", _TEXT, "physical line on which the row starts; the header is line 1"),
    "row_problem": Column("str", _TEXT, "why the row did not parse; such a row has no other facts"),
    "image_path": Column("str", _TEXT, "the cell as it stands; null if empty or blank"),
    "text": Column("str", _TEXT, "the cell as it stands; null if empty or blank"),
    "label": Column("str", _TEXT, "the cell as it stands; null if empty or blank"),
    "split": Column("str", _TEXT, "train, val, test, or the name of the CSV"),
    "label_norm": Column("str", _TEXT, "match, mismatch, or the unknown label trimmed and case-folded"),
    "is_match": Column("Int8", _TEXT, "1 for match, 0 for mismatch, null for any other label"),
    "path_status": Column("str", _FILES, "ok, or what is wrong with the path: images.facts.PathStatus"),
    "path_problem": Column("str", _FILES, "the same in words"),
    "image_key": Column("str", _FILES, "the resolved file relative to the image root; null if there is none to open"),
    "image_status": Column("str", _PIXELS, "ok, or what stopped the decoder: images.facts.ImageStatus"),
    "image_error": Column("str", _PIXELS, "the same in words"),
    "image_format": Column("str", _HEADER, "jpeg, png, webp, gif, bmp, tiff or avif"),
    "image_mode": Column("str", _HEADER, "Pillow's mode; its raw mode for samples of more than 8 bits (RGB;16B)"),
    "image_bytes": Column("Int64", _HEADER, "size of the file in bytes"),
    "image_width": Column("Int64", _HEADER, "pixels, as displayed (EXIF rotation applied)"),
    "image_height": Column("Int64", _HEADER, "pixels, as displayed"),
    "image_short_side": Column("Int64", _HEADER, "min(width, height)"),
    "image_aspect_ratio": Column("Float64", _HEADER, "long side divided by short side, >= 1"),
    "image_orientation": Column("Int8", _HEADER, "EXIF orientation 1..8; 1 is upright"),
    "image_sha256": Column("str", _PIXELS, "of the file's bytes, 64 hex digits"),
    "image_phash": Column("str", _PIXELS, "64-bit perceptual hash as of imagehash.phash, 16 hex digits"),
    "image_transparent": Column("boolean", _PIXELS, "some pixel is not opaque"),
    "image_brightness": Column("Float64", _PIXELS, "mean luma 0..1 at the 224 pixels that CLIP sees"),
    "image_contrast": Column("Float64", _PIXELS, "standard deviation of that luma, 0..0.5"),
    "image_sharpness": Column("Float64", _PIXELS, "variance of the Laplacian of that luma (in 0..255)"),
    "word_count": Column("Int64", _TEXT, "words of the text"),
    "token_count": Column(
        "Int64", _TEXT, "CLIP tokens with both end marks; a lower bound if no tokenizer is installed"
    ),
    "text_problem": Column("str", _TEXT, "what is unclean in the text, in words; null if nothing"),
    "text_images": Column("Int64", _SIMILARITY, "different pictures of the split for which the text is a match"),
    "pair_key": Column("str", _SIMILARITY, "equal for rows with the same picture and text, 16 hex digits"),
    "duplicate_row_of": Column("str", _SIMILARITY, "csv:line of the first row of the split with this pair and label"),
    "contradicts": Column("str", _SIMILARITY, "csv:line of the first row with this pair and the other label"),
    "duplicate_of": Column("str", _SIMILARITY, "csv:line of the first row of the split with the same picture"),
    "duplicate_grade": Column("str", _SIMILARITY, "bytes, pixels or perceptual"),
    "duplicate_transform": Column("str", _SIMILARITY, "how the copy is turned: mirrored, rotated 90, ..."),
    "duplicate_distance": Column("Int64", _SIMILARITY, "Hamming distance of the perceptual hashes"),
    "leaks_from": Column("str", _SIMILARITY, "csv:line of the training row with the same picture"),
    "leak_grade": Column("str", _SIMILARITY, "bytes, pixels or perceptual"),
    "leak_transform": Column("str", _SIMILARITY, "how the copy is turned"),
    "leak_distance": Column("Int64", _SIMILARITY, "Hamming distance of the perceptual hashes"),
    "text_leaks_from": Column("str", _TEXT, "csv:line of the training row with the same match text"),
    "training_share": Column("Float64", _TEXT, "share of the dataset's rows that the training split holds"),
    "label_share_gap": Column("Float64", _TEXT, "largest gap between the splits' shares of match rows"),
}
