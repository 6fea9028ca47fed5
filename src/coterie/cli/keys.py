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
    "metrics:read, jobs:read, jobs:write or admin; repeatable.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="Good for so many days; else for ever.")
@click.option("--note", help="What it is for.")
def issue(*, source: str, scopes: tuple[str, ...], days: int | None, note: str | None) -> None:
    """Issue a key for SOURCE, whose events it will send, and print it: this once.

    Only a digest is kept, so a lost key cannot be shown again, only replaced.
    """
    from coterie.cli.acting import act

    asked = {"source": source, "scopes": scopes, "days": days, "note": note}
    given = {name: value for name, value in asked.items() if value is not None}
    done = act("key.issue", given, reason=note or "issued by the command line")
    click.echo(done.secret)
    key_id = done.facts["key_id"]
    click.echo(f"Key {key_id}: keep it now, it is not shown again.", err=True)


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
    from coterie.cli.acting import act

    done = act("key.revoke", {"key_id": key_id}, reason="revoked by the command line")
    click.echo(f"Key {key_id} is revoked since {moment(done.facts['revoked_us'])}.")
