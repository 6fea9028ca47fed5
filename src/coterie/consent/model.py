"""Wordings, records, and what follows from them."""

from __future__ import annotations

from msgspec import Struct


class Wording(Struct, frozen=True):
    """What people are asked about ``kind`` (``marketing_sms``), word for word."""

    kind: str
    version: int
    zh: str
    en: str
    published_us: int


class ConsentRecord(Struct, frozen=True):
    """One yes or no: to which version, when, through which channel, taken down by whom."""

    record_no: int
    kind: str
    version: int
    granted: bool
    at_us: int
    channel: str
    actor: str


class ConsentState(Struct, frozen=True):
    """What holds of one kind: the last record, and the version that would be asked today."""

    kind: str
    granted: bool
    version: int
    latest_version: int
    at_us: int
    channel: str
    actor: str
