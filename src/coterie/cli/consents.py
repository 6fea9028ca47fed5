"""``coterie consents``: what people are asked, word for word."""

from __future__ import annotations

import click

from coterie.cli.showing import moment, print_table


@click.group("consents")
def consents() -> None:
    """What members are asked to agree to."""


@consents.command("ask")
@click.argument("kind")
@click.option("--zh", required=True, help="The words in Chinese.")
@click.option("--en", required=True, help="The words in English.")
def ask(*, kind: str, zh: str, en: str) -> None:
    """Publish the next version of what people are asked about KIND, and print its number."""
    from coterie.app import open_world
    from coterie.consent import publish_wording

    with open_world() as world, world.changing() as db:
        click.echo(publish_wording(db, kind, zh, en, now_us=world.clock.now_us()))


@consents.command("list")
def list_wordings() -> None:
    """List what would be asked today."""
    from coterie.app import open_world
    from coterie.consent import latest_wordings

    with open_world() as world, world.reading() as db:
        rows = [
            (w.kind, w.version, moment(w.published_us), w.zh, w.en) for w in latest_wordings(db)
        ]
    print_table(("kind", "version", "published", "zh", "en"), rows)
