"""``coterie programme``: check a text, say it in plain words, publish it, list versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from coterie.programme.findings import Finding
    from coterie.programme.model import Programme

_PATH = click.Path(path_type=Path)


@click.group("programme")
def programme() -> None:
    """What the brand promises."""


@programme.command("check")
@click.argument("path", type=_PATH)
def check(*, path: Path) -> None:
    """Say everything that is wrong or odd in PATH, a YAML file or a folder of them."""
    from coterie.programme.reading import read_with_warnings
    from coterie.programme.writing import canonical_text, text_sha256

    with _findings_told():
        reading = read_with_warnings(path)
    _tell(reading.warnings)
    found = reading.programme
    click.echo(
        f"{found.code} can be used: {len(found.rules)} rules, {len(found.currencies)} currencies, "
        f"{len(found.metrics)} metrics, {len(found.caps)} caps. "
        f"Text {text_sha256(canonical_text(found))[:12]}."
    )


@programme.command("show")
@click.argument("path", type=_PATH, required=False)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@click.option("--version", type=click.IntRange(min=1), help="A published version.")
@click.option("--text", is_flag=True, help="The full text, every default spelt out.")
def show(*, path: Path | None, lang: str, version: int | None, text: bool) -> None:
    """Say a programme in plain words: of PATH, or else what is published and in force."""
    from coterie.programme.plain import plain_words
    from coterie.programme.reading import read_programme
    from coterie.programme.writing import canonical_text

    if path is not None and version is not None:
        message = "PATH and --version exclude each other."
        raise click.UsageError(message)
    if path is None:
        found = _published(version)
    else:
        with _findings_told():
            found = read_programme(path)
    if text:
        click.echo(canonical_text(found), nl=False)
        return
    for line in plain_words(found, lang):
        click.echo(line)


@programme.command("publish")
@click.argument("path", type=_PATH)
@click.option(
    "--at",
    help="When it begins, such as 2026-02-01T00:00:00+08:00; now, or for the first version the "
    "beginning of time.",
)
@click.option("--note", help="Why, for those who come later.")
def publish(*, path: Path, at: str | None, note: str | None) -> None:
    """Publish PATH as the next version; a published version never changes."""
    from coterie.app import open_world
    from coterie.cli.showing import moment
    from coterie.kernel.time import parse_instant
    from coterie.programme.reading import read_with_warnings
    from coterie.programme.versions import publish_programme, versions

    with _findings_told():
        reading = read_with_warnings(path)
    _tell(reading.warnings)
    at_us = None if at is None else parse_instant(at, where="at")[0]
    with open_world() as world, world.changing() as db:
        now_us = world.clock.now_us()
        if at_us is None:
            at_us = now_us if versions(db, limit=1) else 0
        version = publish_programme(db, reading.programme, at_us, now_us, note)
    begins = "the beginning" if at_us == 0 else moment(at_us)
    click.echo(f"Version {version} of {reading.programme.code} is in force from {begins} on.")


@programme.command("list")
@click.option("--limit", type=click.IntRange(1, 200), help="Rows a page; 50 by default.")
@click.option("--below", type=click.IntRange(min=2), help="Only versions below this one.")
def list_versions(*, limit: int | None, below: int | None) -> None:
    """List published versions, the newest first."""
    from coterie.app import open_world
    from coterie.cli.showing import moment, print_table
    from coterie.programme.versions import versions

    with open_world() as world, world.reading() as db:
        rows = versions(db, below=below, limit=limit)
    shown = [
        (r.version, moment(r.active_from_us), moment(r.published_us), r.sha256[:12], r.note)
        for r in rows
    ]
    print_table(["version", "in force from", "published", "text", "note"], shown)


@programme.command("schema")
def schema() -> None:
    """Print the JSON Schema of programmes, for editors and other programs."""
    from coterie.programme.schema import schema_text

    click.echo(schema_text(), nl=False)


def _published(version: int | None) -> Programme:
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
def _findings_told() -> Iterator[None]:
    """Print findings a line each, as compilers do: editors can jump to them."""
    from coterie.programme.errors import ProgrammeInvalid

    try:
        yield
    except ProgrammeInvalid as refusal:
        _tell(refusal.findings)
        click.echo(f"Refused ({refusal.code}): {refusal.title()}", err=True)
        raise SystemExit(1) from None


def _tell(findings: Iterable[Finding]) -> None:
    for finding in findings:
        click.echo(str(finding), err=True)
