"""``coterie webhooks``: who is told what, and what became of it."""

from __future__ import annotations

import secrets

import click

from coterie.cli.showing import moment, paged, print_page, print_table

STATES = click.Choice(["waiting", "delivered", "dead"])


def _now_us() -> int:
    """Return the machine's time: receivers live in it, whatever the world's is."""
    from coterie.kernel.clock import SystemClock

    return SystemClock().now_us()


@click.group("webhooks")
def webhooks() -> None:
    """Who is told what happened, and what became of it."""


@webhooks.command("facts")
def facts() -> None:
    """List the kinds of facts there are."""
    from coterie.webhooks import FACTS

    print_table(["kind", "meaning", "含义"], [(each.kind, each.en, each.zh) for each in FACTS])


@webhooks.command("add")
@click.argument("url")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    default=("*",),
    show_default="everything",
    help="A fact such as tier.changed, or a group such as units.*; repeatable.",
)
@click.option("--description", default="", help="What it is for.")
def add(*, url: str, kinds: tuple[str, ...], description: str) -> None:
    """Tell URL what happens, and print the secret that signs: this once."""
    from coterie.app import open_world
    from coterie.webhooks import Wish, subscribe, write_secret

    wish = Wish(url, kinds, description)
    with open_world() as world, world.changing() as db:
        key = secrets.token_hex(16)
        made, secret, _ = subscribe(db, wish, source="cli", key=key, now_us=_now_us())
    click.echo(write_secret(secret))
    number = made.subscription_id
    click.echo(f"Webhook {number}: keep its secret now, it is not shown again.", err=True)


@webhooks.command("list")
@paged
def list_all(*, limit: int | None, after: str | None) -> None:
    """List the webhooks there are."""
    from coterie.app import open_world
    from coterie.webhooks import list_subscriptions

    with open_world() as world, world.reading() as db:
        found, cursor = list_subscriptions(db, cursor=after, limit=limit)
    rows = [
        (
            each.subscription_id,
            each.url,
            each.kinds,
            "active" if each.active else f"paused ({each.paused})",
            each.description,
            moment(each.created_us),
        )
        for each in found
    ]
    print_page(["webhook", "url", "kinds", "state", "description", "since"], rows, cursor)


@webhooks.command("pause")
@click.argument("webhook", type=int)
def pause(*, webhook: int) -> None:
    """Tell WEBHOOK nothing of what happens from now on."""
    _activate(webhook, active=False)
    click.echo(f"Webhook {webhook} is paused.")


@webhooks.command("resume")
@click.argument("webhook", type=int)
def resume(*, webhook: int) -> None:
    """Tell WEBHOOK again what happens, and try at once what waits for it."""
    _activate(webhook, active=True)
    click.echo(f"Webhook {webhook} is active.")


def _activate(webhook: int, *, active: bool) -> None:
    from coterie.app import open_world
    from coterie.webhooks import Change, change_subscription

    with open_world() as world, world.changing() as db:
        change_subscription(db, webhook, Change(active=active), now_us=_now_us())


@webhooks.command("remove")
@click.argument("webhook", type=int)
def remove(*, webhook: int) -> None:
    """Remove WEBHOOK, what waits for it and its log."""
    from coterie.app import open_world
    from coterie.webhooks import remove_subscription

    with open_world() as world, world.changing() as db:
        remove_subscription(db, webhook)
    click.echo(f"Webhook {webhook} is removed.")


@webhooks.command("rotate")
@click.argument("webhook", type=int)
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 168),
    default=24,
    show_default=True,
    help="How long the secrets before sign as well.",
)
def rotate(*, webhook: int, overlap_hours: int) -> None:
    """Sign messages to WEBHOOK by a new secret, and print it: this once."""
    from coterie.app import open_world
    from coterie.webhooks import rotate_secret, write_secret

    with open_world() as world, world.changing() as db:
        key = f"cli/{secrets.token_hex(16)}"
        secret, _ = rotate_secret(
            db, webhook, key=key, now_us=_now_us(), overlap_hours=overlap_hours
        )
    click.echo(write_secret(secret))


@webhooks.command("ping")
@click.argument("webhook", type=int)
def ping_command(*, webhook: int) -> None:
    """Let the worker send WEBHOOK a test message, and print the message's name."""
    from coterie.app import open_world
    from coterie.webhooks import ping

    with open_world() as world, world.changing() as db:
        click.echo(ping(db, webhook, now_us=_now_us()))


@webhooks.command("deliveries")
@click.argument("webhook", type=int)
@click.option("--state", type=STATES, help="Only these.")
@paged
def deliveries(*, webhook: int, state: str | None, limit: int | None, after: str | None) -> None:
    """List what was sent to WEBHOOK, the newest first."""
    from coterie.app import open_world
    from coterie.webhooks import list_deliveries, message_id

    with open_world() as world, world.reading() as db:
        found, cursor = list_deliveries(db, webhook, state=state, cursor=after, limit=limit)
    rows = [
        (
            message_id(each.member_id, each.seq, each.n),
            each.kind,
            each.state,
            each.tries,
            moment(each.recorded_us),
            moment(each.settled_us),
        )
        for each in found
    ]
    print_page(["message", "kind", "state", "tries", "recorded", "settled"], rows, cursor)


@webhooks.command("attempts")
@click.argument("webhook", type=int)
@click.argument("message")
def attempts(*, webhook: int, message: str) -> None:
    """List the tries to send MESSAGE to WEBHOOK, the newest first."""
    from coterie.app import open_world
    from coterie.webhooks import attempts_of, read_delivery

    with open_world() as world, world.reading() as db:
        tries = attempts_of(db, read_delivery(db, webhook, message))
    rows = [
        (moment(each.at_us), each.status, f"{each.latency_ms} ms", each.error or each.answer)
        for each in tries
    ]
    print_table(["at", "status", "took", "answer"], rows)


@webhooks.command("replay")
@click.argument("webhook", type=int)
@click.argument("message", required=False)
@click.option("--since", help="Everything recorded from this instant on ...")
@click.option("--until", help="... up to before this one.")
@click.option("--all", "everything", is_flag=True, help="Also what arrived; else what is dead.")
def replay_command(
    *, webhook: int, message: str | None, since: str | None, until: str | None, everything: bool
) -> None:
    """Send MESSAGE to WEBHOOK again, or everything of a time.

    A message keeps its name, by which its receiver knows it.
    """
    from coterie.app import open_world
    from coterie.kernel.time import parse_instant
    from coterie.webhooks import replay, replay_between

    if (message is None) == (since is None or until is None):
        raise click.UsageError("Name a message, or --since and --until.")
    if message is not None:
        with open_world() as world, world.changing() as db:
            replay(db, webhook, message)
        click.echo(f"{message} is sent again.")
        return
    from_us = parse_instant(since or "", where="--since")[0]
    to_us = parse_instant(until or "", where="--until")[0]
    total = found = 0
    with open_world() as world:
        # What is sent again leaves the dead; of what arrived, one piece a call is enough.
        while True:
            with world.changing() as db:
                found = replay_between(db, webhook, from_us, to_us, dead_only=not everything)
            total += found
            if not found or everything:
                break
    click.echo(f"{total} are sent again.")
