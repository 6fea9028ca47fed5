"""``coterie export``: what a world holds, as files that can be imported elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from coterie.jobs.files import Exported

_TABLES = ("members", "balances", "metrics", "tiers", "events", "movements")
_FORMAT = click.Choice(["csv", "xlsx", "parquet"])


@click.command("export")
@click.argument("what", type=click.Choice(["world", *_TABLES]))
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=_FORMAT, default="csv", show_default=True, help="Of `world`."
)
def export(*, what: str, path: Path, format_: str) -> None:
    """Write WHAT into the file PATH (.csv, .xlsx or .parquet); `world` into the folder PATH.

    One moment is shown, traffic goes on, and a file has its name only when it is whole. Members,
    balances, metrics and tiers come with a mapping, by which another world imports them.
    """
    from coterie.app import open_world
    from coterie.cli.progress import progress_shown
    from coterie.jobs.files import WORLD, export_files

    if what == "world":
        path.mkdir(parents=True, exist_ok=True)
        wanted = {name: path / f"{name}.{format_}" for name in WORLD}
    else:
        wanted = {what: path}
    begun: list[str] = []
    with open_world() as world, progress_shown() as shown:

        def told(name: str, rows: int) -> None:
            if begun[-1:] != [name]:
                begun.append(name)
                shown.begin(name, None)
            shown.reach(rows, rows)

        done = export_files(world.storage.url, wanted, world.clock.now_us(), told)
    _tell(done)


def _tell(done: Exported) -> None:
    for name, rows in done.rows.items():
        click.echo(f"{name}: {rows:,} rows")
    left = done.left
    notes = (
        (left.identities, "further identities of members are not in the file"),
        (left.held_units, "units are on hold; they count as the member's own"),
        (left.pending_units, "units are pending; where they move in they can be spent at once"),
        (left.debts, "debts are not in the file"),
        (left.uncounted, "metrics are no numbers and are not in the file"),
    )
    for count, said in notes:
        if count:
            click.echo(f"note: {count:,} {said}")
