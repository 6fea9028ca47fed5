"""Forms: declared fields, read with bounds into values and, for each field, what is wrong with it.

``FIELDS = (Text("name", most=80), Choice("state", ("open", "closed")), Whole("days", most=365))``;
``entry = ask.form.read(FIELDS)`` in the handler of a POST, ``blank(FIELDS, name=...)`` before it.
The macros of ``forms`` show an entry with its errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation, Overflow
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from multipart import MultipartError, parse_form_data

from coterie.kernel.errors import Refusal
from coterie.kernel.numbers import INT64_MAX
from coterie.kernel.time import is_day
from coterie.web.errors import FormUnreadable

FIELDS_MAX = 200
FORM_BYTES_MAX = 256 * 1024
TEXT_MAX = 200
Wrong = tuple[str, dict[str, object]]
"""A key of the catalogue and the values for it."""


class Upload(NamedTuple):
    """A file that was chosen in a form. Its name is the sender's word, for showing only."""

    name: str
    content: bytes


class Invalid(Exception):
    """A value cannot be used; carries a key of the catalogue and its values."""

    def __init__(self, key: str, **values: object) -> None:
        self.wrong: Wrong = (key, values)
        super().__init__(key)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a form. A field that may be empty reads as None then."""

    name: str = field(kw_only=False)
    required: bool = True

    def of(self, text: str) -> Any:
        """Return the value of a text that is not empty. Raises :class:`Invalid`."""
        return text


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """A line (or, with ``lines``, lines) of up to ``most`` characters, stripped at its ends."""

    least: int = 0
    most: int = TEXT_MAX
    lines: bool = False

    def of(self, text: str) -> str:
        """Return the text."""
        if len(text) > self.most:
            raise Invalid("form.too_long", most=self.most)
        if len(text) < self.least:
            raise Invalid("form.too_short", least=self.least)
        shown = text.replace("\n", " ").replace("\t", " ") if self.lines else text
        if not shown.isprintable():
            raise Invalid("form.unprintable")
        return text


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of declared values."""

    values: Sequence[str] = field(kw_only=False)

    def of(self, text: str) -> str:
        """Return the value."""
        if text not in self.values:
            raise Invalid("form.not_offered")
        return text


@dataclass(frozen=True, kw_only=True)
class Check(Field):
    """A check box: True or False; ``required``: it must be checked."""

    required: bool = False

    def of(self, text: str) -> bool:
        """Return True: an unchecked box sends nothing."""
        return text in {"1", "on", "yes", "true"}


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    """A day, as an ordinal."""

    def of(self, text: str) -> int:
        """Return the day's ordinal."""
        from datetime import date  # noqa: PLC0415 - the name would hide this class's neighbours

        if not is_day(text):
            raise Invalid("form.no_day")
        return date.fromisoformat(text).toordinal()


@dataclass(frozen=True, kw_only=True)
class Whole(Field):
    """A whole number within bounds."""

    least: int = 0
    most: int = INT64_MAX

    def of(self, text: str) -> int:
        """Return the number; groups of thousands may be written."""
        plain = text.replace(",", "").replace("，", "").replace(" ", "")
        digits = plain.removeprefix("-").removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 19):
            raise Invalid("form.no_whole")
        value = int(plain)
        if not self.least <= value <= self.most:
            raise Invalid("form.out_of_bounds", least=self.least, most=self.most)
        return value


@dataclass(frozen=True, kw_only=True)
class Amount(Field):
    """An amount with up to ``scale`` decimals, as a whole number of the smallest part."""

    scale: int = 2
    least: int = 0
    most: int = INT64_MAX

    def of(self, text: str) -> int:
        """Return the amount in its smallest part; ``12.5`` of scale 2 is 1250."""
        plain = text.replace(",", "").replace("，", "").replace(" ", "")
        try:
            exact = Decimal(plain).scaleb(self.scale)
        except (InvalidOperation, Overflow):
            raise Invalid("form.no_amount") from None
        if not exact.is_finite() or len(plain) > 24 or exact != exact.to_integral_value():
            raise Invalid("form.no_amount_of", scale=self.scale)
        if not self.least <= exact <= self.most:
            shown = [Decimal(bound).scaleb(-self.scale) for bound in (self.least, self.most)]
            raise Invalid("form.out_of_bounds", least=shown[0], most=shown[1])
        return int(exact)


@dataclass(frozen=True, kw_only=True)
class File(Field):
    """An uploaded file, as :class:`Upload`."""

    def of(self, text: str) -> str:
        """Refuse text where a file is wanted."""
        del text
        raise Invalid("form.no_file")


@dataclass
class Entry:
    """What stands in a form: texts as they were typed, values that were read, what is wrong."""

    raw: dict[str, str] = field(default_factory=dict)
    many: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)
    refusal: Refusal | None = None
    """What the command itself said; shown above the form."""

    @property
    def good(self) -> bool:
        """Tell whether every field could be read."""
        return not self.wrong and self.refusal is None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def refuse(self, name: str, key: str, **values: object) -> None:
        """Say what is wrong with a field, by a key of the catalogue."""
        self.wrong[name] = (key, values)


def blank(fields: Sequence[Field], **raw: object) -> Entry:
    """Return an entry nobody typed in yet, with what may stand there already."""
    known = {each.name for each in fields}
    assert set(raw) <= known, f"no such field: {set(raw) - known}"
    return Entry(raw={name: "" if value is None else str(value) for name, value in raw.items()})


class Form:
    """What was sent: texts and files by name, in order."""

    def __init__(
        self, texts: Sequence[tuple[str, str]] = (), files: Mapping[str, Upload] | None = None
    ) -> None:
        self.texts: dict[str, list[str]] = {}
        for name, value in texts:
            self.texts.setdefault(name, []).append(value)
        self.files = dict(files or {})

    def get(self, name: str) -> str:
        """Return the first text under a name, without its ends of space; empty where none is."""
        return self.texts.get(name, [""])[0].strip()

    def all(self, name: str) -> list[str]:
        """Return every text under a name, such as of check boxes that share it."""
        return [text.strip() for text in self.texts.get(name, [])]

    def read(self, fields: Sequence[Field]) -> Entry:
        """Read declared fields; fields that nobody declared are left alone."""
        entry = Entry()
        for each in fields:
            if isinstance(each, File) and each.name in self.files:
                entry.values[each.name] = self.files[each.name]
                continue
            text = self.get(each.name).replace("\r\n", "\n")
            entry.raw[each.name] = text
            entry.many[each.name] = self.all(each.name)
            if not text:
                entry.values[each.name] = False if isinstance(each, Check) else None
                if each.required:
                    entry.refuse(each.name, "form.missing")
                continue
            try:
                entry.values[each.name] = each.of(text)
            except Invalid as invalid:
                entry.wrong[each.name] = invalid.wrong
        return entry


def read_form(body: bytes, content_type: str) -> Form:
    """Return the form in a body. Raises :class:`FormUnreadable`."""
    kind = content_type.split(";", maxsplit=1)[0].strip().lower()
    try:
        if kind == "application/x-www-form-urlencoded":
            text = body.decode("utf-8")
            return Form(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX))
        if kind == "multipart/form-data":
            return _read_multipart(body, content_type)
    except (MultipartError, ValueError) as trouble:
        raise FormUnreadable from trouble
    if not body:
        return Form()
    raise FormUnreadable("It is neither urlencoded nor multipart.")


def _read_multipart(body: bytes, content_type: str) -> Form:
    told = {
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    # The body is in memory already and within its bound.
    texts, parts = parse_form_data(
        told,
        strict=True,
        part_limit=FIELDS_MAX,
        disk_limit=len(body) + 1,
        memory_limit=len(body) + 1,
        spool_limit=len(body) + 1,
    )
    files = {
        name: Upload(part.filename or "", part.raw)
        for name, part in parts.iterallitems()
        if part.filename
    }
    return Form(list(texts.iterallitems()), files)
