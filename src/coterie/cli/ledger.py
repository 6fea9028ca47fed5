"""``coterie balances``, ``lots``, ``statement``, ``books``: what members have, and closed days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coterie.cli.showing import paged, print_page, print_table

if TYPE_CHECKING:
    from coterie.app import World
    from coterie.storage import Connection


def settled(world: World, db: Connection, member_id: int) -> int:
    """Return the member that an id stands for, with everything due decided up to now."""
    from coterie.events import MemberUnknown
    from coterie.members import resolve_ids

    found = resolve_ids(db, [member_id]).get(member_id)
    if found is None:
        raise MemberUnknown(f"{member_id}.")
    world.engine.settle(db, [found], world.clock.now_us())
    return found


def _day(day: int | None) -> str:
    from coterie.kernel.time import format_day

    return "" if day is None else format_day(day)


def _worth(world: World, db: Connection, currency: str, units: int) -> str | None:
    """Return what units are worth by the brand's word, as money."""
    from coterie.kernel.numbers import format_minor, money_exponent
    from coterie.programme.ways import worth_of

    cp = world.engine.surroundings(db).programmes.at(world.clock.now_us())
    declared = cp.currencies.get(currency)
    minor = None if declared is None else worth_of(declared, units)
    if minor is None:
        return None
    money = cp.programme.money
    return f"{money} {format_minor(minor, money_exponent(money))}"


@click.command("balances")
@click.argument("member_id", type=int)
def balances(*, member_id: int) -> None:
    """Print what the member has of each currency, and what lapses next."""
    from coterie.app import open_world
    from coterie.ledger import balances_of

    with open_world() as world, world.reading() as db:
        found = balances_of(db, settled(world, db, member_id))
        worths = {b.currency: _worth(world, db, b.currency, b.available) for b in found}
    print_table(
        ("currency", "available", "worth", "pending", "held", "owed", "lapses next", "units"),
        [
            (
                b.currency,
                b.available,
                worths[b.currency],
                b.pending,
                b.held,
                b.owed,
                _day(b.next_expiry_day),
                b.next_expiry_units or None,
            )
            for b in found
        ],
    )


@click.command("lots")
@click.argument("member_id", type=int)
@click.option("--currency", help="Of this currency alone.")
@click.option("--finished", is_flag=True, help="Also those with nothing left.")
@paged
def lots(
    *, member_id: int, currency: str | None, finished: bool, limit: int | None, after: str | None
) -> None:
    """Print the member's lots in the order they will be spent."""
    from coterie.app import open_world
    from coterie.ledger import lots_of

    with open_world() as world, world.reading() as db:
        page = lots_of(
            db,
            settled(world, db, member_id),
            currency=currency,
            finished=finished,
            cursor=after,
            limit=limit,
        )
    print_page(
        ("lot", "currency", "state", "units", "remaining", "held", "lapsed", "valid through"),
        [
            (
                lot.lot_no,
                lot.currency,
                lot.state,
                lot.units,
                lot.remaining,
                lot.held,
                lot.lapsed,
                _day(lot.expires_day),
            )
            for lot in page.lots
        ],
        page.cursor,
    )


@click.command("statement")
@click.argument("member_id", type=int)
@click.option("--currency", help="Of this currency alone.")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="Say the reasons in words.")
@paged
def statement(
    *,
    member_id: int,
    currency: str | None,
    lang: str | None,
    limit: int | None,
    after: str | None,
) -> None:
    """Print the member's movements with their reasons, newest first."""
    from coterie.app import open_world
    from coterie.ledger import statement_of
    from coterie.programme.explaining import reason_words

    with open_world() as world, world.reading() as db:
        page = statement_of(
            db, settled(world, db, member_id), currency=currency, cursor=after, limit=limit
        )
    print_page(
        (
            "event",
            "booked",
            "currency",
            "change",
            "units",
            "reason",
            "rule",
            "from",
            "to",
            "running",
        ),
        [
            (
                f"{member_id}:{line.seq}",
                _day(line.booked_day),
                line.currency,
                line.change,
                line.units,
                reason_words(line.reason, lang) if lang else line.reason,
                line.rule,
                line.debit,
                line.credit,
                line.running,
            )
            for line in page.lines
        ],
        page.cursor,
    )


@click.group("books")
def books() -> None:
    """Accounting days that are closed."""


@books.command("show")
def show() -> None:
    """Print the last closed day."""
    from coterie.app import open_world
    from coterie.ledger import closed_through

    with open_world() as world, world.reading() as db:
        day = closed_through(db)
    click.echo(f"closed through {_day(day)}" if day else "no day is closed")


@books.command("close")
@click.argument("through", metavar="DAY")
def close(*, through: str) -> None:
    """Close all days through DAY: later movements of those days are booked on the day after."""
    from coterie.app import open_world
    from coterie.kernel.time import parse_day
    from coterie.ledger import close_books

    day = parse_day(through, where="through")
    with open_world() as world, world.changing() as db:
        closed = close_books(db, day)
    if not closed:
        raise click.ClickException("later days are closed already; days do not open again")
    click.echo(f"closed through {_day(day)}")
