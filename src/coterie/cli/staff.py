"""``coterie staff``: who signs in. Whoever reaches the machine needs no sign-in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from coterie.cli.showing import moment, paged, print_page

if TYPE_CHECKING:
    from coterie.acts import Result

_STORES = click.option("--store", "stores", multiple=True, help="Only in this store; repeatable.")


@click.group("staff")
def staff() -> None:
    """Who signs in, and what they may."""


@staff.command("add")
@click.argument("login")
@click.option("--name", help="What to call them; the login by default.")
@click.option("--role", "roles", multiple=True, required=True, help="Repeatable.")
@_STORES
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--staff-code", help="Who they are in the master data; needed for a till.")
def add(
    *,
    login: str,
    name: str | None,
    roles: tuple[str, ...],
    stores: tuple[str, ...],
    language: str,
    staff_code: str | None,
) -> None:
    """Let somebody sign in by LOGIN, and print a code by which they set a password: this once.

    Roles are owner, operator, analyst, care, clerk, auditor and one's own.
    """
    from coterie.cli.acting import act

    granted = [{"role": role, **({"stores": stores} if stores else {})} for role in roles]
    asked: dict[str, Any] = {
        "login": login,
        "name": name or login,
        "roles": granted,
        "language": language,
        "staff_code": staff_code,
    }
    done = act("staff.add", asked, reason="added by the command line")
    _tell(done)


@staff.command("list")
@paged
def list_all(*, limit: int | None, after: str | None) -> None:
    """List who can sign in, and could."""
    from coterie.app import open_world
    from coterie.staff import list_accounts

    with open_world() as world, world.reading() as db:
        found, cursor = list_accounts(db, cursor=after, limit=limit)
    rows = [
        (
            each.account_id,
            each.login,
            each.name,
            each.state,
            [
                grant.role if grant.stores is None else f"{grant.role} ({' '.join(grant.stores)})"
                for grant in each.roles
            ],
            each.second_factor,
            each.staff_code,
        )
        for each in found
    ]
    columns = ["account", "login", "name", "state", "roles", "second factor", "staff code"]
    print_page(columns, rows, cursor)


@staff.command("role")
@click.argument("account")
@click.argument("roles", nargs=-1, required=True)
@_STORES
def role(*, account: str, roles: tuple[str, ...], stores: tuple[str, ...]) -> None:
    """Give ACCOUNT (number or login) these ROLES in place of those they have."""
    from coterie.cli.acting import account_id, act

    granted = [{"role": each, **({"stores": stores} if stores else {})} for each in roles]
    asked = {"account_id": account_id(account), "roles": granted}
    act("staff.roles", asked, reason="changed by the command line")
    click.echo(f"{account} has: {', '.join(roles)}.")


@staff.command("disable")
@click.argument("account")
def disable(*, account: str) -> None:
    """Let ACCOUNT (number or login) in no more; whoever is signed in is out at once."""
    from coterie.cli.acting import account_id, act

    asked = {"account_id": account_id(account)}
    act("staff.disable", asked, reason="disabled by the command line")
    click.echo(f"{account} is disabled.")


@staff.command("enable")
@click.argument("account")
def enable(*, account: str) -> None:
    """Let ACCOUNT (number or login) in again."""
    from coterie.cli.acting import account_id, act

    asked = {"account_id": account_id(account)}
    act("staff.enable", asked, reason="enabled by the command line")
    click.echo(f"{account} is enabled.")


@staff.command("reset")
@click.argument("account")
@click.option("--second-factor", is_flag=True, help="Take the second factor away as well.")
def reset(*, account: str, second_factor: bool) -> None:
    """Print a code by which ACCOUNT (number or login) sets a new password: this once."""
    from coterie.cli.acting import account_id, act

    asked = {"account_id": account_id(account), "second_factor": second_factor}
    _tell(act("staff.reset", asked, reason="reset by the command line"))


@staff.command("sign-ins")
@click.argument("account", required=False)
@click.option("--open", "only_open", is_flag=True, help="Only those that are open.")
@paged
def sign_ins(*, account: str | None, only_open: bool, limit: int | None, after: str | None) -> None:
    """List sign-ins, the newest first: of ACCOUNT (number or login), or of all."""
    from coterie.app import open_world
    from coterie.staff import account_named, list_sign_ins

    with open_world() as world, world.reading() as db:
        account_id = None if account is None else account_named(db, account).account_id
        found, cursor = list_sign_ins(
            db,
            account_id=account_id,
            only_open=only_open,
            now_us=_machine_us(),
            cursor=after,
            limit=limit,
        )
    rows = [
        (
            each.sign_in_id,
            each.account_id,
            each.way,
            each.store,
            each.client,
            each.network,
            moment(each.created_us),
            moment(each.seen_us),
            moment(each.ended_us),
        )
        for each in found
    ]
    columns = ["sign-in", "account", "way", "store", "program", "network"]
    print_page([*columns, "since", "last seen", "ended"], rows, cursor)


@staff.command("end")
@click.argument("account")
@click.argument("sign_in_id", type=click.IntRange(1), required=False)
def end(*, account: str, sign_in_id: int | None) -> None:
    """End one sign-in of ACCOUNT (number or login), or all of them."""
    from coterie.cli.acting import account_id, act

    asked = {"account_id": account_id(account), "sign_in_id": sign_in_id}
    done = act("staff.end_sign_ins", asked, reason="ended by the command line")
    click.echo(f"Ended: {done.facts['ended']}.")


@staff.command("pin")
@click.argument("account")
def pin(*, account: str) -> None:
    """Make a new PIN for ACCOUNT (number or login) and print it: this once. It opens tills only."""
    from coterie.cli.acting import account_id, act

    asked = {"account_id": account_id(account)}
    click.echo(act("staff.pin", asked, reason="given by the command line").secret)


@staff.command("till")
@click.argument("name")
@click.option("--store", required=True, help="Where it stands: a store of the master data.")
def till(*, name: str, store: str) -> None:
    """Register a till and print the code that makes a browser this till, at /till: this once."""
    from coterie.cli.acting import act

    done = act("till.register", {"name": name, "store": store}, reason="by the command line")
    click.echo(done.secret)
    click.echo("Open /till on that machine and enter this code; it is not shown again.", err=True)


def _machine_us() -> int:
    """Return the machine's time: sign-ins do not follow a world's."""
    from coterie.kernel.clock import SystemClock

    return SystemClock().now_us()


def _tell(done: Result) -> None:
    click.echo(done.secret)
    click.echo(
        f"Open /invitation of the server before {moment(done.facts['expires_us'])} and enter "
        "this code to set a password; it is not shown again.",
        err=True,
    )
