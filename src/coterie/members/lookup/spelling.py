"""How names are written down for looking up: one case, no accents, pinyin beside characters."""

from __future__ import annotations

import importlib
import itertools
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

VARIANTS_MAX = 4
"""How many ways to read one name are kept."""
SILENT = frozenset("'’‘`´·•・‧.")
"""Marks inside names that people leave out when they type."""
# Characters that names really have in two readings, the one of surnames or of names beside the one
# a dictionary gives first. An agent types what was heard.
READINGS = {
    "万": "wan mo", "乐": "le yue", "乜": "mie nie", "仇": "qiu chou", "员": "yuan yun",
    "单": "shan dan", "区": "ou qu", "召": "zhao shao", "尉": "wei yu", "宓": "mi fu",
    "宿": "su xiu", "折": "zhe she", "晟": "sheng cheng", "曾": "zeng ceng", "朝": "chao zhao",
    "朴": "piao pu", "查": "zha cha", "沈": "shen chen", "洗": "xian xi", "盖": "gai ge",
    "盛": "sheng cheng", "种": "chong zhong", "秘": "bi mi", "缪": "miao mou", "翟": "zhai di",
    "茜": "qian xi", "薄": "bo bao", "行": "xing hang", "覃": "qin tan", "解": "xie jie",
    "贾": "jia gu", "重": "chong zhong", "长": "chang zhang", "隗": "wei kui", "颉": "jie xie",
}  # fmt: skip
_HANZI = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))


def is_hanzi(char: str) -> bool:
    """Tell whether a character is a Chinese one."""
    code = ord(char)
    return char == "〇" or any(first <= code <= last for first, last in _HANZI)


def folded(text: str) -> str:
    """Return a text as it is compared: full-width is half-width, no case, no accents, one blank.

    Folding twice changes nothing.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ü", "v")
    parts = unicodedata.normalize("NFD", plain)
    kept = "".join(c for c in parts if not unicodedata.combining(c) and c not in SILENT)
    written = unicodedata.normalize("NFC", kept)
    return " ".join("".join(" " if _blank(c) else c for c in written).split())


def _blank(char: str) -> bool:
    return char in "-_,，/" or char.isspace()


@cache
def _reader() -> Callable[..., list[str]]:
    # The dictionary takes a fifth of a second to load: only who reads names pays for it.
    read: Callable[..., list[str]] = importlib.import_module("pypinyin").lazy_pinyin
    return read


@lru_cache(maxsize=16_384)
def readings(name: str) -> tuple[tuple[str, ...], ...]:
    """Return how the Chinese characters of a folded name may be read, syllable by syllable.

    At most VARIANTS_MAX ways, the likeliest first; none where there are no such characters.
    """
    chars = [char for char in name if is_hanzi(char)]
    if not chars:
        return ()
    said = _reader()("".join(chars))
    if len(said) != len(chars):
        return ()
    choices = [_choices(*pair) for pair in zip(chars, said, strict=True)]
    ways = itertools.islice(itertools.product(*choices), VARIANTS_MAX)
    return tuple(tuple(way) for way in ways)


def _choices(char: str, said: str) -> list[str]:
    found = dict.fromkeys([*READINGS.get(char, said).split(), said])
    if said.startswith(("lv", "nv")):
        # Typed as on a keyboard without umlauts, or as in a passport.
        found[said[0] + "u" + said[2:]] = None
    return [syllable for syllable in found if syllable.isascii() and syllable.isalpha()]
