"""What a member can be looked up by, and what somebody who types something means. Pure.

A token is a class letter and a spelling:

====== =================================================================
``a``  the folded name, from its beginning
``b``  the same from a later character or word, for what is contained
``c``  the pinyin of the name, ``d`` from a later syllable
``e``  the initials of the pinyin, or of the words
``k``  a card number in small letters
``l``  the last four characters of a card or a phone number
``m``  an e-mail address
``n``  a phone number: digits without the country's
``t``  a tag
``x``  a trait, as ``name=value``
====== =================================================================
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import phonenumbers

from coterie.members.lookup.spelling import folded, is_hanzi, readings

EDITION = 1
"""Raised whenever tokens of members change, so that all are written anew."""
TOKENS_MAX = 80
SPELLED_MAX = 32
TERMS_MAX = 4
TEXT_MAX = 100
LATIN_MIN = 3
"""A part inside a Latin word is found from this many letters on."""
LAST = 4
EXACT, PREFIX, CONTAINS = 0, 1, 2

_END = "\U0010ffff"
_NEXT = "\x01"
"""Behind the token itself, before everything longer: tokens hold printable characters alone."""
_NUMBER = re.compile(r"[+0-9()\s.-]*[0-9][+0-9()\s.-]*", re.ASCII)
_CARD = re.compile(r"[a-z0-9._/:#*+]+", re.ASCII)


class Range(NamedTuple):
    """Tokens from ``low`` on, up to and without ``high``, and how well they match (``rank``)."""

    rank: int
    low: str
    high: str


def tokens_of(
    name: str | None,
    identities: Iterable[tuple[str, str]],
    tags: Collection[str] = (),
    traits: Collection[str] = (),
) -> frozenset[str]:
    """Return the tokens of a member; ``identities`` are its active ones, as stored.

    At most TOKENS_MAX, the most telling ones first.
    """
    found: dict[str, None] = {}
    marks = (*map(tag_token, sorted(tags)), *map(trait_token, sorted(traits)))
    for token in (*_of_identities(identities), *marks):
        found[token] = None
    if name:
        for token in _of_name(folded(name)):
            found[token] = None
    usable = (t for t in found if len(t) > 1)
    return frozenset(token for token, _ in zip(usable, range(TOKENS_MAX), strict=False))


def tag_token(tag: str) -> str:
    """Return the token of everybody who has a tag."""
    return f"t{tag.casefold()[:64]}"


def trait_token(trait: str) -> str:
    """Return the token of everybody of whom a trait (``interest=wine``) is noted."""
    return f"x{trait.casefold()[:78]}"


def _of_identities(identities: Iterable[tuple[str, str]]) -> Iterator[str]:
    for kind, value in identities:
        if kind == "phone":
            yield f"n{national(value)}"
            yield f"l{value[-LAST:]}"
        elif kind == "card":
            yield f"k{value.lower()}"
            yield f"l{value[-LAST:].lower()}"
        elif kind == "email":
            yield f"m{folded_email(value)[:64]}"


def _of_name(name: str) -> Iterator[str]:
    yield f"a{name[:SPELLED_MAX]}"
    for way in readings(name):
        yield f"c{''.join(way)[:SPELLED_MAX]}"
        if len(way) > 1:
            yield f"e{''.join(syllable[0] for syllable in way)[:SPELLED_MAX]}"
    words = name.split()
    if len(words) > 1 and not any(map(is_hanzi, name)):
        yield f"e{''.join(word[0] for word in words)[:SPELLED_MAX]}"
    for way in readings(name):
        for start in range(1, len(way)):
            yield f"d{''.join(way[start:])[:SPELLED_MAX]}"
    for start in range(1, len(name)):
        if _begins_part(name, start):
            yield f"b{name[start : start + SPELLED_MAX]}"


def _begins_part(name: str, start: int) -> bool:
    if name[start] == " ":
        return False
    if is_hanzi(name[start]) or name[start - 1] == " " or is_hanzi(name[start - 1]):
        return True
    # Inside a word: as long as the word goes on for some letters.
    return len(name[start:].split(" ", 1)[0]) >= LATIN_MIN


def national(phone: str) -> str:
    """Return the digits of an E.164 number without those of its country."""
    if phone.startswith("+86") and len(phone) == 14:
        return phone[3:]
    try:
        return str(
            phonenumbers.national_significant_number(phonenumbers.parse(phone, keep_raw_input=True))
        )
    except phonenumbers.NumberParseException:
        return phone.lstrip("+")


def folded_email(text: str) -> str:
    """Return an address as it is compared."""
    return text.strip().casefold()


def terms_of(text: str) -> tuple[tuple[Range, ...], ...]:
    """Return what a typed text asks for: for each of its terms the ranges that satisfy it.

    A number written with blanks or dashes is one term. At most TERMS_MAX; none: nothing was asked.
    """
    wanted = text.strip()[:TEXT_MAX]
    if not wanted:
        return ()
    if _NUMBER.fullmatch(wanted):
        return (_digits("".join(filter(str.isascii, filter(str.isdigit, wanted))), wanted),)
    if wanted.startswith("#") and len(wanted) > 1:
        marked = wanted[1:].strip()
        return ((_exactly(trait_token(marked) if "=" in marked else tag_token(marked)),),)
    terms = [_word(*word) for word in _words(wanted)]
    return tuple(terms[:TERMS_MAX])


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Split a text into folded words, each with what was typed: addresses keep their marks."""
    for typed in text.split():
        parts = folded(typed).split()
        if "@" in typed or len(parts) == 1:
            yield "".join(parts), typed
        else:
            yield from zip(parts, parts, strict=True)


def _word(word: str, typed: str) -> tuple[Range, ...]:
    if "@" in typed:
        return (_starting(PREFIX, f"m{folded_email(typed)[:64]}"),)
    if word.isascii() and word.isdigit():
        return _digits(word, word)
    spelled = word[:SPELLED_MAX]
    ranges = [_exactly(f"a{spelled}"), _starting(PREFIX, f"a{spelled}")]
    if spelled.isascii():
        ranges += [_exactly(f"c{spelled}"), _exactly(f"e{spelled}")]
        ranges += [_starting(PREFIX, f"{letter}{spelled}") for letter in "ce"]
        ranges.append(_starting(PREFIX, f"m{folded_email(typed)[:64]}"))
        if _CARD.fullmatch(word):
            ranges += [_exactly(f"k{word}"), _starting(PREFIX, f"k{word}"), _exactly(f"l{word}")]
        if len(spelled) > 1:
            ranges += [_starting(CONTAINS, f"{letter}{spelled}") for letter in "bd"]
    else:
        ranges.append(_starting(CONTAINS, f"b{spelled}"))
    return tuple(ranges)


def _digits(digits: str, written: str) -> tuple[Range, ...]:
    plain = digits
    if written.startswith("+"):
        plain = national(f"+{digits}")
    ranges = [_exactly(f"n{plain}"), _exactly(f"k{digits}")]
    if len(digits) == LAST:
        ranges.insert(0, _exactly(f"l{digits}"))
    ranges += [_starting(PREFIX, f"n{plain}"), _starting(PREFIX, f"k{digits}")]
    return tuple(ranges)


def _exactly(token: str) -> Range:
    return Range(EXACT, token, f"{token}{_NEXT}")


def _starting(rank: int, token: str) -> Range:
    return Range(rank, token, f"{token}{_END}")
