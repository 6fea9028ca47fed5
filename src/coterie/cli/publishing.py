"""``coterie programme publish | rollback | list``: the versions of a world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coterie.cli.showing import moment, paged, print_page
from coterie.cli.texts import TEXT, findings_told, tell

if TYPE_CHECKING:
    from coterie.app import World
    from coterie.programme.store import BackfillRow
    from coterie.storage import Connection

_NOTE = click.option("--note", help="Why, for those who come later.")


@click.command("publish")
@click.argument("path", type=TEXT)
@click.option(
    "--at",
    help="When it begins, such as 2026-02-01T00:00:00+08:00; now, or for the first version the "
    "beginning of time.",
)
@_NOTE
def publish(*, path: Path, at: str | None, note: str | None) -> None:
    """Publish PATH as the next version; a published version never changes."""
    from coterie.programme.reading import read_with_warnings
    from coterie.programme.versions import publish_programme, versions

    with findings_told():
        reading = read_with_warnings(path)
    tell(reading.warnings)

    def make(db: Connection, now_us: int, at_us: int | None) -> int:
        if at_us is None:
            at_us = now_us if versions(db, limit=1) else 0
        return publish_programme(db, reading.programme, at_us, now_us, note)

    _publish(make, at)


@click.command("rollback")
@click.argument("version", type=click.IntRange(min=1))
@click.option(
    "--at",
    help="When it begins; now, or in place of a version that has not begun yet.",
)
@_NOTE
def rollback_command(*, version: int, at: str | None, note: str | None) -> None:
    """Publish what VERSION says as the next version.

    What came since goes away; but currencies that members may hold cannot.
    """
    from coterie.programme.versions import rollback

    _publish(lambda db, now_us, at_us: rollback(db, version, at_us, now_us, note), at)


def _publish(make: Callable[[Connection, int, int | None], int], at: str | None) -> None:
    from coterie.app import open_world
    from coterie.kernel.time import parse_instant
    from coterie.programme.versions import open_backfills, version_numbered

    at_us = None if at is None else parse_instant(at, where="at")[0]
    with open_world() as world:
        with world.changing() as db:
            version = make(db, world.clock.now_us(), at_us)
            made = version_numbered(db, version)
            waits = any(row.version == version for row in open_backfills(db))
        assert made is not None, "it was published in this transaction"
        if waits:
            _count(world)
    begins = "the beginning" if made.active_from_us == 0 else moment(made.active_from_us)
    click.echo(f"Version {version} of {made.programme.code} is in force from {begins} on.")


@click.command("count")
def count() -> None:
    """Count what versions that cannot begin yet wait for; a worker does it, too.

    A version with new metrics begins when everybody's recorded events are counted in them. Events
    go on meanwhile. Stopped anywhere, it goes on there.
    """
    from coterie.app import open_world
    from coterie.programme.versions import open_backfills

    with open_world() as world:
        ready = _count(world)
        with world.reading() as db:
            left = [row.version for row in open_backfills(db)]
    if left:
        click.echo(f"Members are set aside: see coterie programme aside {left[0]}.", err=True)
    nothing = "Nothing is ready." if left else "Nothing waits."
    click.echo(f"Ready: {', '.join(map(str, ready))}." if ready else nothing)


def _count(world: World) -> list[int]:
    from coterie.cli.progress import progress_shown
    from coterie.jobs import Counting, run_backfills

    with progress_shown() as shown, world.reading() as db:
        begun: list[int] = []

        def told(counting: Counting) -> None:
            if counting.version not in begun:
                begun.append(counting.version)
                shown.begin(f"version {counting.version}", counting.members_all)
            shown.reach(counting.members, counting.members)

        return run_backfills(db, world.engine, world.clock.now_us(), on_progress=told)


@click.command("aside")
@click.argument("version", type=click.IntRange(min=1))
@click.option("--accept", is_flag=True, help="Let the version begin without them.")
@click.option("--again", is_flag=True, help="Try to count them again, also after it began.")
@paged
def aside(*, version: int, accept: bool, again: bool, limit: int | None, after: str | None) -> None:
    """List members whose past VERSION could not be counted in, and why.

    Their record cannot be decided again (`coterie verify --replay` says more); the version waits.
    With --accept it begins, and they begin its new metrics with nothing; once they are repaired,
    --again counts them.
    """
    from coterie.app import open_world
    from coterie.jobs import count_set_aside, run_backfills
    from coterie.programme.versions import accept_set_aside, set_aside_of

    with open_world() as world:
        now_us = world.clock.now_us()
        if again:
            with world.reading() as db:
                counted = count_set_aside(db, world.engine, version, now_us)
            click.echo(f"{counted} members were counted.", err=True)
        if accept:
            with world.changing() as db:
                without = accept_set_aside(db, version, now_us)
            with world.reading() as db:
                run_backfills(db, world.engine, now_us)
            click.echo(f"Version {version} begins without {without} members.", err=True)
        with world.reading() as db:
            rows, cursor = set_aside_of(db, version, cursor=after, limit=limit)
    shown = [(row.member_id, moment(row.set_aside_us), row.reason) for row in rows]
    print_page(("member", "set aside", "reason"), shown, cursor)


@click.command("list")
@click.option("--limit", type=click.IntRange(1, 200), help="Rows a page; 50 by default.")
@click.option("--below", type=click.IntRange(min=2), help="Only versions below this one.")
def list_versions(*, limit: int | None, below: int | None) -> None:
    """List published versions, the newest first."""
    from coterie.app import open_world
    from coterie.cli.showing import print_table
    from coterie.programme.versions import open_backfills, versions

    with open_world() as world, world.reading() as db:
        rows = versions(db, below=below, limit=limit)
        waits = {row.version: row for row in open_backfills(db)}
    shown = [
        (
            r.version,
            moment(r.active_from_us),
            moment(r.published_us),
            r.sha256[:12],
            r.note,
            _waits_for(waits.get(r.version)),
        )
        for r in rows
    ]
    print_table(["version", "in force from", "published", "text", "note", "waits for"], shown)


@click.command("campaigns")
@click.option("--json", "as_json", is_flag=True, help="Write everything as JSON.")
def campaigns(*, as_json: bool) -> None:
    """List the campaigns, and what their comparison groups are drawn by.

    The SHA-256 may be published before a campaign begins. When it is over, its secret is shown with
    --json: with it anybody can draw again who was in the comparison group.
    """
    import msgspec

    from coterie.app import open_world
    from coterie.cli.showing import print_table
    from coterie.programme.revealing import campaign_draws
    from coterie.programme.sections.campaigns import percent_text

    with open_world() as world, world.reading() as db:
        found = campaign_draws(db, world.clock.now_us())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    shown = [
        (
            each.code,
            each.name.en,
            each.first_day,
            each.last_day,
            percent_text(each.hold_out),
            each.secret_sha256,
        )
        for each in found
    ]
    print_table(["code", "name", "from", "to", "held out", "secret's SHA-256"], shown)


def _waits_for(row: BackfillRow | None) -> str:
    if row is None:
        return ""
    return "counting" + (f", {row.set_aside} members set aside" if row.set_aside else "")


COMMANDS = (publish, rollback_command, count, aside, list_versions, campaigns)
