"""CLIP's byte-pair encoding: what Hugging Face's CLIPTokenizer gives, from the merges that OpenAI published.

A text is brought to NFC, put in lower case and parted into words, digits and groups of marks. The bytes of each piece
are merged pair by pair, the pair of the lowest rank first (Sennrich et al. 2016, arXiv:1508.07909), until no pair of
neighbours is in the list. OpenAI's own code repairs mojibake and HTML entities first and so now and then counts a
token less; those are findings of ``text_hygiene``. Letters that are newer than this Python's Unicode tables are taken
for marks.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Mapping
from functools import cache
from heapq import heapify, heappop, heappush
from importlib.resources import files
from itertools import groupby
from types import MappingProxyType

from pytest_clipdata.texts.unicode_forms import normal_form

START, END = 49406, 49407  #: ids of the marks that begin and end every text
MARKS = 2  #: how many tokens those are
_END_OF_WORD = "</w>"

# The marks themselves are one token each where they stand in a text as they are written here.
_MARK_IDS = {"<|startoftext|>": START, "<|endoftext|>": END}
_MARK = re.compile(r"(<\|startoftext\|>|<\|endoftext\|>)")

# Letters in a run, digits one by one, other marks in a run. ``[^\W\d_]`` also has the numerals that are no decimal
# digits (Roman ones, fractions), which `_words` takes apart. To CLIP the four separators \x1c to \x1f are marks;
# Python alone takes them for white space.
_PIECE = re.compile(r"<\|(?:startoftext|endoftext)\|>|'(?:s|t|re|ve|m|ll|d)|[^\W\d_]+|\d|(?:[^\w\s]|[_\x1c-\x1f])+")
_SURROGATE = re.compile("[\ud800-\udfff]")


@cache
def merge_ranks() -> Mapping[str, int]:
    """Rank of each pair that is merged, written ``left right``; read-only, read once in a process (about 30 ms)."""
    data = files("pytest_clipdata.texts").joinpath("clip_merges.txt.gz").read_bytes()
    pairs = gzip.decompress(data).decode().split("\n")
    return MappingProxyType(dict(zip(pairs, range(len(pairs)), strict=True)))


def _byte_names() -> tuple[list[int], dict[int, str]]:
    """The bytes in the order of their ids, and the character that stands for each byte in the list of merges.

    A printable character of Latin-1 stands for its own byte, the others for those from U+0100 on.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in printable]
    names = {byte: chr(byte) for byte in printable} | {byte: chr(0x100 + n) for n, byte in enumerate(others)}
    return printable + others, names


_BYTES, _BYTE_NAMES = _byte_names()


@cache
def token_ids() -> Mapping[str, int]:
    """Id of each token: the bytes, the bytes at the end of a word, then the merged pairs by rank; read-only."""
    single = [_BYTE_NAMES[byte] for byte in _BYTES]
    tokens = [
        *single,
        *(name + _END_OF_WORD for name in single),
        *(pair.replace(" ", "") for pair in merge_ranks()),
        *_MARK_IDS,
    ]
    return MappingProxyType({token: id_ for id_, token in enumerate(tokens)})


def words(text: str) -> list[str]:
    """The pieces that are encoded apart: no token reaches from one into the next. Marks of CLIP stand alone."""
    if not text.isascii():
        text = normal_form("NFC", _SURROGATE.sub("\ufffd", text))
    if "<|" not in text:
        return _plain_words(text)
    found: list[str] = []
    for part in _MARK.split(text):
        if part in _MARK_IDS:
            found.append(part)
            continue
        for word in _plain_words(part):
            # A mark in capitals is none, but Hugging Face's pattern parts it from what stands beside it.
            found += ["<|", word[2:-2], "|>"] if word in _MARK_IDS else [word]
    return found


def _plain_words(text: str) -> list[str]:
    if text.isascii():
        return _PIECE.findall(text.lower())
    found: list[str] = []
    # Python writes a final capital sigma as ς, CLIP's tokenizer always as σ.
    for piece in _PIECE.findall(text.replace("Σ", "σ").lower()):
        if piece[0].isalnum() and not piece.isalpha():
            found += ("".join(run) for letters, group in groupby(piece, str.isalpha) for run in _runs(letters, group))
        else:
            found.append(piece)
    return found


def _runs(letters: bool, group: Iterable[str]) -> Iterable[Iterable[str]]:
    return [group] if letters else group  # letters together, numerals one by one


def merged(word: str) -> list[str]:
    """The tokens of one word of `words`, in time n log n of its bytes."""
    if word in _MARK_IDS:
        return [word]
    symbols = list(word.encode().decode("latin-1").translate(_BYTE_NAMES))
    symbols[-1] += _END_OF_WORD
    return _merge(symbols, merge_ranks())


def _merge(symbols: list[str], ranks: Mapping[str, int]) -> list[str]:
    """Merge neighbours, of the pairs in the list the lowest rank first and of equal ones the leftmost.

    The symbols are a linked list. A pair in the heap whose symbols have been merged since is stale and passed over.
    """
    count = len(symbols)
    before, after = list(range(-1, count - 1)), list(range(1, count + 1))
    heap = [
        (rank, at) for at in range(count - 1) if (rank := ranks.get(f"{symbols[at]} {symbols[at + 1]}")) is not None
    ]
    heapify(heap)
    while heap:
        rank, left = heappop(heap)
        right = after[left]
        if right == count or not symbols[left] or ranks.get(f"{symbols[left]} {symbols[right]}") != rank:
            continue
        symbols[left] += symbols[right]
        symbols[right] = ""
        beyond = after[left] = after[right]
        if beyond < count:
            before[beyond] = left
            if (rank := ranks.get(f"{symbols[left]} {symbols[beyond]}", -1)) >= 0:
                heappush(heap, (rank, left))
        if (at := before[left]) >= 0 and (rank := ranks.get(f"{symbols[at]} {symbols[left]}", -1)) >= 0:
            heappush(heap, (rank, at))
    return [symbol for symbol in symbols if symbol]


def encode(text: str) -> list[int]:
    """Ids of the tokens of a text, both end marks included, not cut off: ints of 0..49407, at least two."""
    ids = token_ids()
    return [START, *(ids[token] for word in words(text) for token in merged(word)), END]
