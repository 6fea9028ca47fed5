"""``coterie``: the root of all commands, and what becomes of everything they raise."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from coterie import __version__
from coterie.cli.registry import COMMANDS
from coterie.kernel.errors import Refusal

REFUSED_EXIT = 1
INTERRUPTED_EXIT = 130
"""What shells expect of a program that Ctrl-C ended."""
LOST = "The connection to the database broke. What was done is kept; run the same again."


class Root(click.Group):
    """A group that imports a command when it is called, and turns refusals into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that are there."""
        del ctx
        return sorted(name for name, (target, _) in COMMANDS.items() if _is_there(target))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        del ctx
        target = COMMANDS.get(cmd_name, ("", ""))[0]
        if not target or not _is_there(target):
            return None
        module, _, function = target.partition(":")
        command = getattr(import_module(module), function)
        assert isinstance(command, click.Command), f"{target} is not a command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by what the registry says, without importing them."""
        rows = [(name, COMMANDS[name][1]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run; a refusal is one line and exit code 1, an interruption exit code 130."""
        try:
            return super().invoke(ctx)
        except Refusal as refusal:
            told = " ".join(refusal.message.split())
            click.echo(f"Refused ({refusal.code}): {told}", err=True)
            ctx.exit(REFUSED_EXIT)
        except (KeyboardInterrupt, click.Abort):
            # The terminal has written ^C: the prompt shall stand on a line of its own.
            click.echo(err=True)
            ctx.exit(INTERRUPTED_EXIT)
        except Exception as trouble:
            if not _lost_the_database(trouble):
                raise
            told = " ".join(str(trouble).split())
            click.echo(f"Refused (storage_unavailable): {LOST} PostgreSQL says: {told}", err=True)
            ctx.exit(REFUSED_EXIT)


def _lost_the_database(trouble: Exception) -> bool:
    # A command that never loaded the driver cannot have lost what it connects to.
    driver = sys.modules.get("psycopg")
    return driver is not None and isinstance(trouble, driver.OperationalError)


def _is_there(target: str) -> bool:
    return find_spec(target.partition(":")[0]) is not None


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="coterie")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Data folder of the built-in database; otherwise COTERIE_HOME.",
)
@click.option(
    "--database-url",
    metavar="URL",
    help="A PostgreSQL of your own; otherwise COTERIE_DATABASE_URL.",
)
@click.pass_context
def main(ctx: click.Context, home: Path | None, database_url: str | None) -> None:
    """Coterie: membership and loyalty on PostgreSQL.

    Without a database of your own, Coterie keeps one in its data folder and starts it when needed.
    """
    if home is not None and database_url is not None:
        message = "--home and --database-url exclude each other."
        raise click.UsageError(message)
    # Said in the environment, because commands start processes that have to use the same world.
    given: dict[str, str] = {}
    if home is not None:
        given = {"COTERIE_HOME": str(home.absolute()), "COTERIE_DATABASE_URL": ""}
    if database_url is not None:
        given = {"COTERIE_DATABASE_URL": database_url}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    ctx.call_on_close(lambda: _restore(before))


def _restore(before: dict[str, str | None]) -> None:
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
