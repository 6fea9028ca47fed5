"""``coterie verify``: prove that what is recorded agrees with itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from coterie.replay import CheckResult, Offender, Progress, Report

DAMAGE_EXIT = 2


@click.command("verify")
@click.option("--replay", is_flag=True, help="Also decide every recorded event again and compare.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 16),
    help="How many checks run at once; one per processor if not said.",
)
@click.option(
    "--check", "names", multiple=True, metavar="NAME", help="Only this check; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Write the report as JSON.")
def verify_command(
    *, replay: bool, jobs: int | None, names: tuple[str, ...], as_json: bool
) -> None:
    """Check that balances, lots, holds, sums and events follow from each other.

    Runs beside live traffic, on one snapshot, and changes nothing. Exit code 0: nothing was found;
    2: damage was found, and the first offenders of each check are named.
    """
    from rich.console import Console

    from coterie.app import open_world
    from coterie.replay import verify

    log = Console(stderr=True, highlight=False)
    with open_world() as world:
        report = verify(
            world.storage.url,
            jobs=jobs,
            names=names or None,
            replayed=replay,
            on_result=lambda result: _told(log, result),
            on_progress=lambda progress: _progress(log, progress),
        )
    if as_json:
        click.echo(_json(report))
    else:
        _table(Console(highlight=False), report)
    if not report.clean:
        sys.exit(DAMAGE_EXIT)


def _progress(console: Console, progress: Progress) -> None:
    done = f"{progress.members:,} of {progress.members_all:,} members"
    console.print(f"  replay: {done}, {progress.events:,} events")


def _told(console: Console, result: CheckResult) -> None:
    told = "ok" if result.clean else f"{result.offenders_count} found"
    console.print(f"  {result.check.name:<16} {result.seconds:7.1f} s  {told}")


def _table(console: Console, report: Report) -> None:
    from rich.table import Table

    table = Table(
        title=f"{report.members:,} members, {report.events:,} events and "
        f"{report.movements:,} movements, {report.seconds:.1f} s",
        title_justify="left",
    )
    table.add_column("check", no_wrap=True)
    table.add_column("what it proves 证明什么")
    table.add_column("result", no_wrap=True)
    table.add_column("seconds", justify="right")
    for result in report.results:
        told = "[green]ok[/]" if result.clean else f"[bold red]{result.offenders_count} found[/]"
        check = result.check
        table.add_row(check.name, f"{check.en}\n{check.zh}", told, f"{result.seconds:.1f}")
    console.print(table)
    for result in report.results:
        if not result.clean:
            console.print(f"[bold red]{result.check.name}[/]: {result.check.en} {result.check.zh}")
            for offender in result.offenders:
                console.print(f"  {_line(offender)}", markup=False)
    console.print("Nothing found." if report.clean else "Damage found.")


def _line(offender: Offender) -> str:
    return f"{offender.place}: expected {offender.expected}; found {offender.found}"


def _json(report: Report) -> str:
    import msgspec

    from coterie.replay import report_as_data

    return msgspec.json.format(msgspec.json.encode(report_as_data(report)), indent=2).decode()
