"""``coterie programme``: check a text, say it in plain words, say what differs."""

from __future__ import annotations

from pathlib import Path

import click

from coterie.cli import casing, planning, publishing
from coterie.cli.texts import TEXT, findings_told, programme_named, published, tell

_LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True, help="Language."
)


@click.group("programme")
def programme() -> None:
    """What the brand promises."""


@programme.command("check")
@click.argument("path", type=TEXT)
def check(*, path: Path) -> None:
    """Say everything that is wrong or odd in PATH, a YAML file or a folder of them."""
    from coterie.programme.reading import read_with_warnings
    from coterie.programme.writing import canonical_text, text_sha256

    with findings_told():
        reading = read_with_warnings(path)
    tell(reading.warnings)
    found = reading.programme
    click.echo(
        f"{found.code} can be used: {len(found.rules)} rules, {len(found.currencies)} currencies, "
        f"{len(found.metrics)} metrics, {len(found.caps)} caps. "
        f"Text {text_sha256(canonical_text(found))[:12]}."
    )


@programme.command("show")
@click.argument("path", type=TEXT, required=False)
@_LANG
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
        found = published(version)
    else:
        with findings_told():
            found = read_programme(path)
    if text:
        click.echo(canonical_text(found), nl=False)
        return
    for line in plain_words(found, lang):
        click.echo(line)


@programme.command("schema")
def schema() -> None:
    """Print the JSON Schema of programmes, for editors and other programs."""
    from coterie.programme.schema import schema_text

    click.echo(schema_text(), nl=False)


@programme.command("diff")
@click.argument("before")
@click.argument("after", required=False)
@_LANG
@click.option("--json", "as_json", is_flag=True, help="Write the changes as JSON.")
def diff_command(*, before: str, after: str | None, lang: str, as_json: bool) -> None:
    """Say what changes from BEFORE to AFTER.

    Each is a file, a folder or the number of a published version; without AFTER, what is in force
    is compared with BEFORE. Ends with status 1 for a text that cannot be used.
    """
    import msgspec

    from coterie.programme.differing import diff, diff_words

    with findings_told():
        first = published(None) if after is None else programme_named(before)
        second = programme_named(before if after is None else after)
    changes = diff(first, second)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(changes), indent=2).decode())
        return
    for line in diff_words(changes, lang):
        click.echo(line)


for _command in (*publishing.COMMANDS, *casing.COMMANDS, planning.plan_command):
    programme.add_command(_command)
