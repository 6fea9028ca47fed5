"""``coterie wordings``: what members are asked to agree to."""

from __future__ import annotations

import click

from coterie.cli.showing import moment, print_page


@click.group("wordings")
def wordings() -> None:
    """What members are asked to agree to."""


@wordings.command("publish")
@click.argument("kind")
@click.option("--zh", required=True, help="The words in Chinese.")
@click.option("--en", required=True, help="The words in English.")
def publish_command(*, kind: str, zh: str, en: str) -> None:
    """Publish the words asked for KIND from now on, as its next version.

    Nobody joins without agreeing to `terms` and `privacy`; every other kind is a free choice.
    """
    from coterie.app import open_world
    from coterie.consent import publish_wording

    with open_world() as world, world.changing() as db:
        version = publish_wording(db, kind, zh, en, now_us=world.clock.now_us())
    click.echo(f"{kind} has version {version} now.")


@wordings.command("list")
def list_command() -> None:
    """List what would be asked today."""
    from coterie.app import open_world
    from coterie.consent import latest_wordings

    with open_world() as world, world.reading() as db:
        found = latest_wordings(db)
    print_page(
        ("kind", "version", "published", "zh", "en"),
        [(w.kind, w.version, moment(w.published_us), w.zh, w.en) for w in found],
        None,
    )
