"""The plain values that travel through an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct


class What(StrEnum):
    """What the rows of a file are."""

    MEMBERS = "members"
    PRODUCTS = "products"
    CATEGORIES = "categories"
    BRANDS = "brands"
    PLACES = "places"
    STAFF = "staff"
    EVENTS = "events"
    BALANCES = "balances"


SEQUENCED = frozenset({What.EVENTS, What.BALANCES})
"""What becomes events of members, and so is sorted by member and time."""


class FileOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """How a file is to be read, where its name does not say.

    ``columns`` names the columns of a file that has no header row.
    """

    format: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
    columns: tuple[str, ...] = ()


class RefusedRow(Struct, frozen=True, gc=False):
    """A row that does not go through: its position (1 is the first row of data), code and reason.

    ``cells`` holds what was in the file when the row cannot be split into its columns.
    """

    row: int
    code: str
    reason: str
    cells: tuple[str, ...] | None = None


class Batch(Struct):
    """Some rows, by column; ``rows[i]`` is the position of the i-th value of every column.

    ``share`` is how much of the file was read so far, from 0 to 1.
    """

    rows: Sequence[int]
    columns: Mapping[str, Sequence[Any]]
    bad: list[RefusedRow]
    share: float

    def __len__(self) -> int:
        """Return how many rows can be read, bad ones not counted."""
        return len(self.rows)
