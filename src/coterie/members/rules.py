"""What an identity looks like when it is written down, and what a newcomer may bring."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import phonenumbers
from email_validator import EmailSyntaxError, validate_email
from msgspec import UNSET, UnsetType
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from coterie.events import BadMemberReference, MemberRef
from coterie.kernel.errors import nearest
from coterie.kernel.time import DAY_US, EPOCH_DAY
from coterie.members.errors import BadIdentity, BadNewcomer
from coterie.members.model import (
    IDENTITIES_MAX,
    IdentityKind,
    MemberKind,
    MemberState,
    Newcomer,
    ProfileChange,
)

DEFAULT_REGION = "CN"
VALUE_LENGTH_MAX = 200
NAME_LENGTH_MAX = 200
ATTRIBUTES_MAX = 200
ATTRIBUTE_TEXT_MAX = 500
INTEGER_MAX = 2**53
"""Larger integers lose digits in other people's JSON readers."""
LANGUAGES = ("zh-CN", "en")
STARTING_STATES = frozenset(MemberState) - {MemberState.MERGED, MemberState.ERASED}
GONE_STATES = frozenset({MemberState.MERGED, MemberState.ERASED})

_KINDS = frozenset(kind.value for kind in IdentityKind)
_REFERENCE_FIELDS = tuple(kind.value for kind in IdentityKind)
_CARD = re.compile(r"[A-Z0-9][A-Z0-9._/:#*+]{3,63}")
_CARD_NOISE = re.compile(r"[\s\u2010-\u2015\u2212-]")
_CHINESE_MOBILE = re.compile(r"(?:\+86)?1[3-9][0-9]{9}", re.ASCII)
_LETTER = re.compile(r"[^\W\d_]")
_CODE = re.compile(r"[A-Za-z0-9_.:/#-]{1,64}")
# Nobody alive was born before; a member file full of 1900-01-01 is.
_BORN_FIRST = date(1880, 1, 1)


def reference_of(reference: MemberRef, *, region: str = DEFAULT_REGION) -> tuple[str, str] | int:
    """Return the id a reference holds, or its identity's kind and normalised value.

    Raises :class:`~coterie.events.BadMemberReference` unless it names exactly one, and
    :class:`BadIdentity` for a value that cannot be one.
    """
    given = [name for name in _REFERENCE_FIELDS if getattr(reference, name) is not None]
    named = len(given) + (reference.id is not None)
    if named != 1:
        said = " and ".join([*(["id"] if reference.id is not None else []), *given])
        raise BadMemberReference(f"Given: {said or 'none'}.", where="member")
    if reference.id is not None:
        return reference.id
    kind = given[0]
    try:
        return kind, normalise_identity(kind, getattr(reference, kind), region=region)
    except BadIdentity as refusal:
        raise BadIdentity(refusal.detail, where=f"member.{kind}") from None


@lru_cache(maxsize=65_536)
def normalise_identity(kind: str, value: str, *, region: str = DEFAULT_REGION) -> str:
    """Return the one spelling under which an identity is stored and looked up.

    A phone becomes E.164 (``region`` is the country of numbers written without one), an e-mail is
    case-folded, a card loses spaces and dashes and is written in capitals, everything is trimmed.
    Normalising twice changes nothing. Raises :class:`BadIdentity`.
    """
    if kind not in _KINDS:
        raise BadIdentity(f"There is no kind {kind!r}.{nearest(kind, _KINDS)}")
    text = value.strip()
    if not text:
        raise BadIdentity(f"The {kind} is empty.")
    if len(text) > VALUE_LENGTH_MAX:
        raise BadIdentity(f"A {kind} has at most {VALUE_LENGTH_MAX} characters.")
    if not text.isprintable():
        raise BadIdentity(f"The {kind} has characters that cannot be printed.")
    if kind == "phone":
        return _phone(text, region)
    if kind == "email":
        return _email(text)
    if kind == "card":
        return _card(text)
    return text


def _phone(text: str, region: str) -> str:
    # Nine of ten numbers are Chinese mobiles, and reading one by the book takes 35 us.
    if _CHINESE_MOBILE.fullmatch(text) and (region == "CN" or text[0] == "+"):
        return f"+86{text[-11:]}"
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise BadIdentity(f"{region!r} is not a country such as CN.")
    # The library would read letters as the digits of a keypad; here they are a mistake.
    if _LETTER.search(text):
        raise BadIdentity("A phone number has no letters.")
    first = _read_phone(text, region)
    written = phonenumbers.format_number(first, PhoneNumberFormat.E164)
    # A trunk prefix behind a country code could be dropped twice; such a number is none.
    again = phonenumbers.format_number(_read_phone(written, region), PhoneNumberFormat.E164)
    if again != written:
        raise BadIdentity(f"The phone number is not possible, here or after +; in {region}.")
    return written


def _read_phone(text: str, region: str) -> PhoneNumber:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        raise BadIdentity("The phone number cannot be read; write +86 138 0013 8000.") from None
    # Possible, not valid: lists of assigned ranges age faster than member files.
    if number.extension or not phonenumbers.is_possible_number(number):
        raise BadIdentity(
            f"The phone number is not possible in {region}, nor as an international one (+...)."
        )
    return number


def _email(text: str) -> str:
    folded = _checked_email(unicodedata.normalize("NFC", _checked_email(text).casefold()))
    written = unicodedata.normalize("NFC", folded.casefold())
    if len(written) > VALUE_LENGTH_MAX:
        raise BadIdentity(f"An e-mail address has at most {VALUE_LENGTH_MAX} characters here.")
    if written != folded:
        raise BadIdentity("The e-mail address has no stable spelling.")
    return written


def _checked_email(text: str) -> str:
    try:
        # test_environment allows .test, which is reserved for exactly that and never delivered.
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailSyntaxError as problem:
        raise BadIdentity(f"The e-mail address cannot be right: {problem}") from None


def _card(text: str) -> str:
    # NFKC: a Chinese keyboard writes full-width digits, which look the same on the till.
    written = _CARD_NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not _CARD.fullmatch(written):
        raise BadIdentity("A card number is 4 to 64 letters and digits.")
    return written


def check_newcomer(newcomer: Newcomer, *, now_us: int, region: str) -> Newcomer:
    """Return the newcomer with everything normalised. Raises BadNewcomer or BadIdentity."""
    if len(newcomer.identities) > IDENTITIES_MAX:
        raise BadNewcomer(f"At most {IDENTITIES_MAX} identities.", where="identities")
    identities: dict[tuple[str, str], None] = {}
    for number, (kind, value) in enumerate(newcomer.identities):
        try:
            identities[kind, normalise_identity(kind, value, region=region)] = None
        except BadIdentity as refusal:
            raise BadIdentity(refusal.detail, where=f"identities[{number}]") from None
    _one_of(newcomer.kind, MemberKind, where="kind")
    _one_of(newcomer.state, STARTING_STATES, where="state")
    if newcomer.enrolled_us is not None and not 0 <= newcomer.enrolled_us <= now_us:
        raise BadNewcomer("Nobody joined before 1970 or in the future.", where="enrolled_us")
    for where in ("channel", "store", "origin"):
        code = getattr(newcomer, where)
        if code is not None and not _CODE.fullmatch(code):
            raise BadNewcomer(f"{code!r} is not a code.", where=where)
    _check_attributes(newcomer.attributes)
    return Newcomer(
        identities=tuple(identities),
        name=clean_name(newcomer.name),
        language=clean_language(newcomer.language),
        born_on=clean_birthday(newcomer.born_on, now_us=now_us),
        kind=newcomer.kind,
        state=newcomer.state,
        enrolled_us=now_us if newcomer.enrolled_us is None else newcomer.enrolled_us,
        channel=newcomer.channel,
        store=newcomer.store,
        origin=newcomer.origin,
        attributes=newcomer.attributes,
    )


def check_profile(change: ProfileChange, *, now_us: int) -> ProfileChange:
    """Return the change with everything normalised. Raises BadNewcomer."""
    return ProfileChange(
        member_id=change.member_id,
        name=UNSET if isinstance(change.name, UnsetType) else clean_name(change.name),
        language=(
            UNSET if isinstance(change.language, UnsetType) else clean_language(change.language)
        ),
        born_on=(
            UNSET
            if isinstance(change.born_on, UnsetType)
            else clean_birthday(change.born_on, now_us=now_us)
        ),
    )


def clean_name(name: str | None) -> str | None:
    """Return a name without blanks around it; an empty one is none."""
    text = (name or "").strip()
    if not text:
        return None
    if len(text) > NAME_LENGTH_MAX or not text.isprintable():
        raise BadNewcomer(f"A name is up to {NAME_LENGTH_MAX} printable characters.", where="name")
    return text


def clean_language(language: str | None) -> str | None:
    """Return a language people may be written to in, or refuse."""
    if language is not None and language not in LANGUAGES:
        raise BadNewcomer(f"{language!r} is not one of {', '.join(LANGUAGES)}.", where="language")
    return language


def clean_birthday(born_on: str | None, *, now_us: int) -> str | None:
    """Return a day of birth somebody alive can have, or refuse."""
    if not born_on:
        return None
    try:
        day = date.fromisoformat(born_on)
    except ValueError:
        raise BadNewcomer(
            f"{born_on!r} is not a date such as 1990-01-31.", where="born_on"
        ) from None
    # One day of grace: it is tomorrow already, somewhere east of Greenwich.
    if day < _BORN_FIRST or day.toordinal() > now_us // DAY_US + EPOCH_DAY + 1:
        raise BadNewcomer(f"Nobody alive was born on {day}.", where="born_on")
    return day.isoformat()


def _one_of(value: str, known: type[MemberKind] | frozenset[MemberState], *, where: str) -> None:
    names = [str(each.value) for each in known]
    if value not in names:
        raise BadNewcomer(f"{value!r} is not possible.{nearest(value, names)}", where=where)


def _check_attributes(attributes: Mapping[str, object]) -> None:
    """Check the bounds only: which attributes exist is the programme's business."""
    if len(attributes) > ATTRIBUTES_MAX:
        raise BadNewcomer(f"At most {ATTRIBUTES_MAX} attributes.", where="attributes")
    for code, value in attributes.items():
        where = f"attributes.{code}"
        if not _CODE.fullmatch(code):
            raise BadNewcomer(f"{code!r} is not a code.", where="attributes")
        if isinstance(value, str):
            if len(value) > ATTRIBUTE_TEXT_MAX or not value.isprintable():
                raise BadNewcomer(
                    f"A text has up to {ATTRIBUTE_TEXT_MAX} printable characters.", where=where
                )
        elif not isinstance(value, int) or abs(value) > INTEGER_MAX:
            raise BadNewcomer("A value is a text, an integer or a truth value.", where=where)
