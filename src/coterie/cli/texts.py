"""How commands take a programme, a text or a published version, and tell what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from coterie.programme.findings import Finding
    from coterie.programme.model import Programme

TEXT = click.Path(path_type=Path)
"""A YAML file or a folder of them."""


def programme_named(name: str) -> Programme:
    """Return the programme of a file or folder, or of a published version by its number.

    Raises :class:`~coterie.programme.errors.ProgrammeInvalid` and
    :class:`~coterie.programme.errors.VersionUnknown`.
    """
    from coterie.programme.reading import read_programme

    if name.isdecimal() and not Path(name).exists():
        return published(int(name))
    return read_programme(Path(name))


def published(version: int | None) -> Programme:
    """Return a published programme by number, None: the one in force.

    Raises :class:`~coterie.programme.errors.VersionUnknown`.
    """
    from coterie.app import open_world
    from coterie.programme.errors import VersionUnknown
    from coterie.programme.versions import version_at, version_numbered

    with open_world() as world, world.reading() as db:
        if version is None:
            found = version_at(db, world.clock.now_us())
        else:
            found = version_numbered(db, version)
    if found is None:
        named = "None is in force." if version is None else f"There is no version {version}."
        raise VersionUnknown(named)
    return found.programme


@contextmanager
def findings_told() -> Iterator[None]:
    """Print findings a line each, as compilers do: editors can jump to them."""
    from coterie.programme.errors import ProgrammeInvalid

    try:
        yield
    except ProgrammeInvalid as refusal:
        tell(refusal.findings)
        click.echo(f"Refused ({refusal.code}): {refusal.title()}", err=True)
        raise SystemExit(1) from None


def tell(findings: Iterable[Finding]) -> None:
    """Print findings."""
    for finding in findings:
        click.echo(str(finding), err=True)
