"""``coterie tiers``: where a member stands, how that came to be, and deciding by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import click

from coterie.cli.showing import moment, paged, print_page, print_table

if TYPE_CHECKING:
    from coterie.app import World
    from coterie.programme.ladders.progress import NextTier
    from coterie.storage import Connection

ACTIONS = ("grant", "match", "lifetime", "pin", "unpin", "pause", "resume", "correct", "select")
_LANG = click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)


@click.group("tiers")
def tiers() -> None:
    """Where members stand on ladders."""


@tiers.command("show")
@click.argument("member_id", type=int)
@_LANG
def show(*, member_id: int, lang: str) -> None:
    """Print the member's tiers, what is missing to rise and to stay, and the projected tier."""
    from coterie.app import open_world
    from coterie.insight import progress_of

    with open_world() as world, world.reading() as db:
        found = _settled(world, db, member_id)
        programmes = world.engine.surroundings(db).programmes
        places = progress_of(db, programmes, found, world.clock.now_us())
    print_table(
        ("ladder", "tier", "since", "through", "to rise", "to stay", "projected", "score"),
        [
            (
                place.ladder,
                place.tier,
                _day(place.since_day),
                _day(place.until_day),
                _missing(place.rise, lang),
                _missing(place.keep, lang),
                place.projected,
                None
                if place.score is None
                else f"{place.score} ({', '.join(f'{k} {v}' for k, v in place.parts.items())})",
            )
            for place in places
        ],
    )


@tiers.command("changes")
@click.argument("member_id", type=int)
@click.option("--ladder", help="Of this ladder alone.")
@paged
def changes(*, member_id: int, ladder: str | None, limit: int | None, after: str | None) -> None:
    """Print the member's changes of tier with reason, version and evidence, newest first."""
    from coterie.app import open_world
    from coterie.tiers import changes_of

    with open_world() as world, world.reading() as db:
        found = _settled(world, db, member_id)
        page = changes_of(db, found, ladder=ladder, cursor=after, limit=limit)
    print_page(
        ("event", "at", "ladder", "from", "to", "through", "reason", "version", "looked at"),
        [
            (
                f"{member_id}:{c.seq}",
                moment(c.at_us),
                c.ladder,
                c.from_tier,
                c.to_tier,
                _day(c.until_day),
                c.reason,
                c.version,
                c.evidence.note or [f"{k} {v}" for k, v in c.evidence.values.items()],
            )
            for c in page.changes
        ],
        page.cursor,
    )


@tiers.command("set")
@click.argument("member_id", type=int)
@click.argument("ladder")
@click.argument("action", type=click.Choice(ACTIONS))
@click.option("--tier", help="The tier that is given.")
@click.option("--until", metavar="DAY", help="The last day on which it holds.")
@click.option("--since", metavar="DAY", help="The day on which a corrected tier was earned.")
@click.option("--reason", required=True, help="Why; it is kept with the change.")
@click.option("--key", help="The event's own key; without one, a new one.")
def set_status(
    *,
    member_id: int,
    ladder: str,
    action: str,
    tier: str | None,
    until: str | None,
    since: str | None,
    reason: str,
    key: str | None,
) -> None:
    """Grant, match, pin, pause or correct the member's tier on LADDER, with a reason.

    Prints the answer; ends with status 3 when it was refused.
    """
    import uuid

    import msgspec

    from coterie.app import open_world
    from coterie.events import MemberRef, StatusChange
    from coterie.intake.reading import read_event
    from coterie.kernel.time import format_instant

    with open_world() as world, world.reading() as db:
        now_us = world.clock.now_us()
        event = StatusChange(
            source="cli",
            key=key or f"tiers:{uuid.uuid4()}",
            occurred_at=format_instant(now_us),
            member=MemberRef(id=member_id),
            ladder=ladder,
            action=cast("Any", action),  # click has checked it
            tier=tier,
            until=until,
            since=since,
            reason=reason,
        )
        line = msgspec.json.encode(event)
        (answer,) = world.engine.submit(db, [read_event(line, source="cli", received_us=now_us)])
    click.echo(msgspec.json.encode(answer).decode())
    if answer.status != "accepted":
        raise SystemExit(3)


def _settled(world: World, db: Connection, member_id: int) -> int:
    """Return the member that an id stands for, with everything due decided up to now."""
    from coterie.events import MemberUnknown
    from coterie.members import resolve_ids

    found = resolve_ids(db, [member_id]).get(member_id)
    if found is None:
        raise MemberUnknown(f"{member_id}.")
    world.engine.settle(db, [found], world.clock.now_us())
    return found


def _missing(wanted: NextTier | None, lang: str) -> str:
    from coterie.programme.ladders.progress import missing_words

    if wanted is None:
        return ""
    done = "已达成" if lang == "zh" else "done"
    return f"{wanted.tier}: {missing_words(wanted.need, lang) or done}"


def _day(day: int | None) -> str:
    from coterie.kernel.time import format_day

    return "" if day is None else format_day(day)
