"""``coterie events``: send one, try one, look at one, decide about those that wait."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import IO

import click

from coterie.cli.showing import moment, paged, print_page
from coterie.cli.texts import TEXT, findings_told

LINES_MAX = 100_000
TRIED_MAX = 1_000
_BY = click.option("--by", required=True, help="Who decides.")


@click.group("events")
def events() -> None:
    """What happens to members."""


@events.command("send")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--source", default="cli", show_default=True, help="Where the events come from.")
def send(*, file: IO[bytes], source: str) -> None:
    """Send events from FILE, one JSON object a line, and print one answer a line.

    Ends with status 3 when any was refused. Sending the same lines again changes nothing.
    """
    import msgspec

    from coterie.app import open_world
    from coterie.intake.batch import refused
    from coterie.intake.reading import read_event
    from coterie.kernel.errors import Refusal

    bad = False
    with open_world() as world, world.reading() as db:
        for number, line in enumerate(file, 1):
            if number > LINES_MAX:
                raise click.ClickException(f"more than {LINES_MAX} lines: use coterie import")
            if not line.strip():
                continue
            try:
                arrival = read_event(line, source=source, received_us=world.clock.now_us())
            except Refusal as refusal:
                answer = refused(refusal)
            else:
                (answer,) = world.engine.submit(db, [arrival])
            bad = bad or answer.status in ("refused", "failed")
            click.echo(msgspec.json.encode(answer).decode())
    if bad:
        raise SystemExit(3)


@events.command("try")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--source", default="cli", show_default=True, help="Where the events come from.")
@click.option("--draft", type=TEXT, help="A programme to decide by, instead of what is in force.")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="en", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Write a JSON object for each event.")
def try_command(
    *, file: IO[bytes], source: str, draft: Path | None, lang: str, as_json: bool
) -> None:
    """Say what each event of FILE (a JSON object a line) would bring if it came now, and why.

    Each is tried by itself; nothing is written.
    """
    import msgspec

    from coterie.app import open_world
    from coterie.intake.reading import read_event
    from coterie.programme.reading import read_programme
    from coterie.replay import try_event

    with findings_told():
        programme = None if draft is None else read_programme(draft)
    with open_world() as world, world.reading() as db:
        for line in islice((line for line in file if line.strip()), TRIED_MAX):
            arrival = read_event(line, source=source, received_us=world.clock.now_us())
            around, member_id = world.engine.prepare(db, arrival)
            told = try_event(db, around, member_id, arrival, programme)
            if as_json:
                click.echo(msgspec.json.encode(told).decode())
            else:
                click.echo("\n".join(getattr(told.words, lang)))


@events.command("show")
@click.argument("event", metavar="MEMBER:SEQ")
def show(*, event: str) -> None:
    """Print a recorded event: what was sent, and what came of it."""
    import msgspec

    from coterie.app import open_world
    from coterie.events import events_by_seq
    from coterie.kernel.errors import Malformed

    member, _, seq = event.partition(":")
    if not (member.isdecimal() and seq.isdecimal()):
        raise Malformed(f"{event!r} is not an event such as 100001:7.", where="event")
    with open_world() as world, world.reading() as db:
        found = events_by_seq(db, [(int(member), int(seq))])
    if not found:
        raise click.ClickException(f"there is no event {event}")
    row = found[0]
    told = {
        "event": event,
        "kind": row.kind,
        "occurred_at": moment(row.at_us),
        "status": row.status,
        "code": row.code,
        "programme_version": row.version,
        "payload": msgspec.json.decode(row.payload),
        "outcome": msgspec.json.decode(row.outcome),
    }
    click.echo(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())


@events.command("waiting")
@click.option("--reason", help="unknown_member, late or unmatched_return.")
@paged
def waiting(*, reason: str | None, limit: int | None, after: str | None) -> None:
    """List events that wait for their member or for a person, oldest first."""
    from coterie.app import open_world
    from coterie.events import open_waiting
    from coterie.kernel.paging import decode_cursor, encode_cursor, page_size

    size = page_size(limit)
    start = int(decode_cursor(after, int)[0]) if after else 0
    with open_world() as world, world.reading() as db:
        rows = open_waiting(db, start, size + 1, reason)
    print_page(
        ("number", "waits for", "source", "key", "occurred", "arrived", "member"),
        [
            (
                row.waiting_id,
                row.reason,
                row.source,
                row.key,
                moment(row.occurred_us),
                moment(row.received_us),
                row.identity_kind and f"{row.identity_kind} {row.identity_value}",
            )
            for row in rows[:size]
        ],
        encode_cursor(rows[size - 1].waiting_id) if len(rows) > size else None,
    )


@events.command("approve")
@click.argument("number", type=int)
@_BY
def approve(*, number: int, by: str) -> None:
    """Let a waiting event through, whatever made it wait."""
    import msgspec

    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        answer = world.engine.approve(db, number, world.clock.now_us(), by)
    if answer is None:
        raise click.ClickException(f"no event {number} waits")
    click.echo(msgspec.json.encode(answer).decode())


@events.command("refuse")
@click.argument("number", type=int)
@_BY
def refuse(*, number: int, by: str) -> None:
    """Decide that a waiting event stays out."""
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        done = world.engine.refuse_waiting(db, number, world.clock.now_us(), by)
    if not done:
        raise click.ClickException(f"no event {number} waits")
    click.echo(f"refused {number}")
