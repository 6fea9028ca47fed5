"""What was measured, as rows of a table and of ``bench/latest.json``."""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table


class Row(Struct, frozen=True):
    """One number, beside what it is compared with.

    ``reference`` was measured in the same run, ``ratio`` is value by reference, ``bar`` says what
    was promised, ``holds`` whether it is kept (None: nothing was promised).
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    bar: str | None = None
    holds: bool | None = None


def at_least(name: str, value: float, unit: str, least: float) -> Row:
    """Return a row of what should be at least so much."""
    return Row(name, round(value, 2), unit, bar=f">= {least:g}", holds=value >= least)


def at_most(name: str, value: float, unit: str, most: float) -> Row:
    """Return a row of what should be at most so much."""
    return Row(name, round(value, 2), unit, bar=f"< {most:g}", holds=value < most)


def compared(
    name: str, value: float, unit: str, reference: float, least: float | None = None
) -> Row:
    """Return a row of what should be at least a share of its reference."""
    ratio = value / reference
    return Row(
        name,
        round(value, 2),
        unit,
        round(reference, 2),
        round(ratio, 3),
        None if least is None else f">= {least:g} x",
        None if least is None else ratio >= least,
    )


def told(name: str, value: float, unit: str) -> Row:
    """Return a row without a promise."""
    return Row(name, round(value, 2), unit)


class Report:
    """Rows as they come, printed at once, kept for the file."""

    def __init__(self, console: Console) -> None:
        """Start empty."""
        self.console = console
        self.prefix = ""
        """What the names of the rows begin with: the programme, unless it is the benchmark's."""
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        """Take a row."""
        row = replace(row, name=self.prefix + row.name)
        self.rows.append(row)
        ratio = "" if row.ratio is None else f" ({row.ratio:g} x {row.reference:g})"
        bar = "" if row.bar is None else f"  {row.bar}: {'holds' if row.holds else 'NOT REACHED'}"
        self.say(f"[bold]{row.name}[/] {row.value:g} {row.unit}{ratio}{bar}")

    def say(self, line: str) -> None:
        """Print a line."""
        self.console.print(line, highlight=False)

    def write(self, path: Path) -> None:
        """Write the file."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self.rows), indent=1))

    def table(self) -> None:
        """Print all rows."""
        table = Table()
        for name in ("what", "value", "unit", "reference", "ratio", "bar", "holds"):
            table.add_column(name, justify="right" if name in {"value", "reference"} else "left")
        for row in self.rows:
            table.add_row(
                row.name,
                f"{row.value:,g}" if row.value < 1000 else f"{row.value:,.0f}",
                row.unit,
                "" if row.reference is None else f"{row.reference:,.0f}",
                "" if row.ratio is None else f"{row.ratio:.2f}",
                row.bar or "",
                "" if row.holds is None else "yes" if row.holds else "NO",
            )
        self.console.print(table)
