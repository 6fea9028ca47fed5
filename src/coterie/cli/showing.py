"""How commands print: a table for a person, lines with tabs for a program that reads on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows: as a table on a terminal, with tabs between the values elsewhere."""
    written = [[_cell(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for line in [list(columns), *written]:
            click.echo("\t".join(line))
        return
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=SIMPLE, pad_edge=False)
    for line in written:
        # As text: what members are called must not be read as markup.
        table.add_row(*(Text(value) for value in line))
    Console(highlight=False).print(table)


def print_page(
    columns: Sequence[str], rows: Iterable[Sequence[object]], cursor: str | None
) -> None:
    """Print a page, and on the error stream how to get the next one."""
    print_table(columns, rows)
    if cursor is not None:
        click.echo(f"There is more: --after {cursor}", err=True)


def paged(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a list: ``limit`` and ``after``."""
    command = click.option("--after", metavar="CURSOR", help="Where the page before ended.")(
        command
    )
    return click.option("--limit", type=click.IntRange(1, 200), help="Rows a page; 50 by default.")(
        command
    )


def moment(at_us: int | None) -> str:
    """Write an instant for a person, to the second, in UTC."""
    from coterie.kernel.time import SECOND_US, format_instant

    return "" if at_us is None else format_instant(at_us // SECOND_US * SECOND_US)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(str(each) for each in value)
    return str(value)
