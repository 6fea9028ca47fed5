"""``coterie audit``: what staff, keys and this command line did."""

from __future__ import annotations

import click

from coterie.cli.showing import moment, paged, print_page


@click.group("audit")
def audit() -> None:
    """What staff and keys did, in a chain that proves itself."""


@audit.command("list")
@click.option("--actor", help="Such as person:3, key:0a1b2c3d4e5f or shell:lin.")
@click.option("--act", help="Such as units.adjust.")
@click.option("--target", help="Such as member:17, account:3 or version:4.")
@click.option("--outcome", help="done, asked, approved, refused, failed, withdrawn or lapsed.")
@paged
def list_all(
    *,
    actor: str | None,
    act: str | None,
    target: str | None,
    outcome: str | None,
    limit: int | None,
    after: str | None,
) -> None:
    """List entries, the newest first."""
    from coterie.app import open_world
    from coterie.audit import list_entries

    kind, _, name = (actor or "").partition(":")
    with open_world() as world, world.reading() as db:
        found, cursor = list_entries(
            db,
            actor_kind=kind or None,
            actor=name or None,
            act=act,
            target=target,
            outcome=outcome,
            cursor=after,
            limit=limit,
        )
    rows = [
        (
            each.n,
            moment(each.at_us),
            f"{each.actor_kind}:{each.actor}",
            each.act,
            each.target,
            each.outcome,
            "(forgotten)" if each.forgotten else each.reason,
        )
        for each in found
    ]
    print_page(["entry", "at", "who", "act", "target", "outcome", "reason"], rows, cursor)


@audit.command("show")
@click.argument("entry", type=click.IntRange(1))
def show(*, entry: int) -> None:
    """Show one entry with what was before and after, as JSON."""
    import msgspec

    from coterie.app import open_world
    from coterie.audit import read_entry

    with open_world() as world, world.reading() as db:
        found = read_entry(db, entry)
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())


@audit.command("export")
def export() -> None:
    """Write every entry as a JSON object a line, the newest first."""
    import msgspec

    from coterie.app import open_world
    from coterie.audit import list_entries

    with open_world() as world, world.reading() as db:
        cursor: str | None = None
        while True:
            found, cursor = list_entries(db, cursor=cursor, limit=200)
            for each in found:
                click.echo(msgspec.json.encode(each).decode())
            if cursor is None:
                return


@audit.command("head")
def head() -> None:
    """Print where the chain ends: keep it elsewhere, and ask `coterie audit check --head` by it."""
    from coterie.app import open_world
    from coterie.audit import head as read_head

    with open_world() as world, world.reading() as db:
        n, digest = read_head(db)
    click.echo(f"{n}:{digest.hex()}")


@audit.command("check")
@click.option("--head", "kept", metavar="N:DIGEST", help="A head that was kept elsewhere.")
def check(*, kept: str | None) -> None:
    """Prove the chain, and that it still holds a head that was kept; ends with 4 where not."""
    from coterie.app import open_world
    from coterie.audit import Head, check_chain

    known = None
    if kept is not None:
        n, _, digest = kept.partition(":")
        try:
            known = Head(int(n), bytes.fromhex(digest))
        except ValueError:
            raise click.BadParameter(f"{kept!r} is not N:DIGEST.", param_hint="--head") from None
    with open_world() as world, world.reading() as db:
        flaws = check_chain(db, known)
    for flaw in flaws:
        click.echo(f"entry {flaw.n}: expected {flaw.expected}; found {flaw.found}")
    click.echo("Damage found." if flaws else "The audit trail holds.")
    if flaws:
        raise SystemExit(4)
