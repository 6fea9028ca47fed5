"""``coterie programme plan``: what a draft would have done with what happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from coterie.cli.texts import TEXT, findings_told

if TYPE_CHECKING:
    from coterie.replay.plan_words import Table


@click.command("plan")
@click.argument("draft", type=TEXT)
@click.option(
    "--as",
    "role",
    type=click.Choice(["draft", "rival"]),
    default="draft",
    show_default=True,
    help="A rival's programme need not follow what is in force.",
)
@click.option("--from", "begin", help="When the draft begins; it always was, if not said.")
@click.option("--to", "end", help="Until when history is looked at; now, if not said.")
@click.option(
    "--jobs", type=click.IntRange(1, 16), help="Processes; one per processor if not said."
)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the report here."
)
def plan_command(
    *,
    draft: Path,
    role: str,
    begin: str | None,
    end: str | None,
    jobs: int | None,
    lang: str,
    file: Path | None,
) -> None:
    """Replay recorded history under DRAFT and report against what is in force.

    Who gains and loses, what is issued, spent and lapses, at which cost, what is outstanding, what
    would not be covered, how tiers move. With --as rival: who would be better off there, and what
    it would cost to match. Runs beside live traffic, on one snapshot, and writes nothing.
    """
    import msgspec

    from coterie.app import open_world
    from coterie.cli.progress import progress_shown
    from coterie.kernel.time import parse_instant
    from coterie.programme.errors import VersionUnknown
    from coterie.programme.reading import read_programme
    from coterie.programme.versions import version_at
    from coterie.replay import Progress, plan, plan_tables

    with findings_told():
        programme = read_programme(draft)
    from_us = None if begin is None else parse_instant(begin, where="from")[0]
    to_us = None if end is None else parse_instant(end, where="to")[0]
    with open_world() as world, progress_shown() as shown:
        now_us = world.clock.now_us()
        with world.reading() as db:
            live = version_at(db, now_us)
        if live is None:
            raise VersionUnknown("None is in force.")
        begun: list[int] = []

        def told(progress: Progress) -> None:
            if not begun:
                begun.append(1)
                shown.begin("members", progress.members_all)
            shown.reach(progress.members, progress.events)

        report = plan(
            world.storage.url,
            live,
            programme,
            to_us=now_us if to_us is None else to_us,
            from_us=from_us,
            rival=role == "rival",
            jobs=jobs,
            on_progress=told,
        )
    if file is not None:
        file.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    zh = lang == "zh"
    click.echo(
        f"{report.members:,} 位会员，{report.events:,} 个事件，用时 {report.seconds:.1f} 秒。"
        if zh
        else f"{report.members:,} members, {report.events:,} events, {report.seconds:.1f} s."
    )
    for table in plan_tables(report, live.programme, programme, lang):
        _print(table)
    if report.same:
        click.echo("没有任何差别。" if zh else "Nothing differs.")


def _print(table: Table) -> None:
    from coterie.cli.showing import print_table

    click.echo(f"\n{table.title}")
    print_table(table.heads, table.rows)
