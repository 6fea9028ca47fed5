"""``coterie keys``: issue, list and revoke API keys."""

from __future__ import annotations

import click

from coterie.cli.showing import moment, paged, print_page


@click.group("keys")
def keys() -> None:
    """API keys: who may call, and for what."""


@keys.command("issue")
@click.argument("source")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    help="events:write, members:read, members:write, ledger:read, catalogue:read, "
    "catalogue:write, programme:read, programme:write, webhooks:read, webhooks:write, "
    "metrics:read or admin; repeatable.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Good for so many days; else for ever.")
@click.option("--note", help="What it is for.")
def issue(*, source: str, scopes: tuple[str, ...], days: int | None, note: str | None) -> None:
    """Issue a key for SOURCE, whose events it will send, and print it: this once.

    Only a digest is kept, so a lost key cannot be shown again, only replaced.
    """
    from coterie.access import issue_key
    from coterie.app import open_world
    from coterie.kernel.time import DAY_US

    with open_world() as world, world.changing() as db:
        now_us = world.clock.now_us()
        expires_us = None if days is None else now_us + days * DAY_US
        key = issue_key(db, source, scopes, now_us=now_us, expires_us=expires_us, note=note)
    click.echo(key.text)
    click.echo(f"Key {key.key_id}: keep it now, it is not shown again.", err=True)


@keys.command("list")
@paged
def list_all(*, limit: int | None, after: str | None) -> None:
    """List the keys there are and were."""
    from coterie.access import list_keys
    from coterie.app import open_world

    with open_world() as world, world.reading() as db:
        found, cursor = list_keys(db, cursor=after, limit=limit)
    rows = [
        (
            key.key_id,
            key.source,
            key.scopes,
            key.note,
            moment(key.created_us),
            moment(key.expires_us),
            moment(key.revoked_us),
            moment(key.last_used_us),
        )
        for key in found
    ]
    columns = ["key", "source", "scopes", "note", "issued", "expires", "revoked", "last used"]
    print_page(columns, rows, cursor)


@keys.command("revoke")
@click.argument("key_id")
def revoke(*, key_id: str) -> None:
    """Revoke a key; running servers heed it within seconds."""
    from coterie.access import revoke_key
    from coterie.app import open_world

    with open_world() as world, world.changing() as db:
        since_us = revoke_key(db, key_id, now_us=world.clock.now_us())
    click.echo(f"Key {key_id} is revoked since {moment(since_us)}.")
