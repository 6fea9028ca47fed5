"""``coterie settings``: the brand as pages show it, and the names they answer under."""

from __future__ import annotations

from pathlib import Path

import click

from coterie.cli.showing import print_table

_REASON = "set by the command line"


@click.group("settings")
def settings() -> None:
    """How the pages look, and where they answer."""


@settings.command("show")
def show() -> None:
    """Print all settings."""
    from coterie.app import open_world
    from coterie.settings import read_brand, read_hosts

    with open_world() as world, world.reading() as db:
        brand, hosts = read_brand(db), read_hosts(db)
    rows = [
        ("name (zh)", brand.name_zh or "the programme's"),
        ("name (en)", brand.name_en or "the programme's"),
        ("colour", brand.colour),
        ("card colour", brand.card_colour),
        ("language", brand.language or "the browser's"),
        ("hosts", sorted(hosts)),
        *(
            (f"image {each.slot}", f"{each.media_type} {each.width}x{each.height}")
            for each in brand.images
        ),
    ]
    print_table(("setting", "value"), rows)


@settings.command("brand")
@click.option("--name-zh", help="Name in Chinese; '' for the programme's.")
@click.option("--name-en", help="Name in English; '' for the programme's.")
@click.option("--colour", metavar="#RRGGBB", help="Buttons and links; readable on white.")
@click.option("--card-colour", metavar="#RRGGBB", help="Members' cards without an image.")
@click.option("--language", help="zh or en where a browser asks for neither; '' for en.")
def brand(
    *,
    name_zh: str | None,
    name_en: str | None,
    colour: str | None,
    card_colour: str | None,
    language: str | None,
) -> None:
    """Change the brand's name, colours or language; what is not given stays."""
    from coterie.cli.acting import act

    wanted = {
        "name_zh": name_zh,
        "name_en": name_en,
        "colour": colour,
        "card_colour": card_colour,
        "language": language,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    if not given:
        raise click.UsageError("Say what to change.")
    act("brand.set", given, reason=_REASON)


@settings.command("image")
@click.argument("slot")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def image(*, slot: str, file: Path) -> None:
    """Show the image in FILE (PNG, JPEG or WebP) at SLOT: logo, card or card-TIER."""
    from coterie.cli.acting import act
    from coterie.settings import IMAGE_BYTES_MAX, measure

    with file.open("rb") as opened:
        content = opened.read(IMAGE_BYTES_MAX + 1)
    # Said here, because the act would only say that its argument is too long.
    measure(content)
    act("brand.image", {"slot": slot, "content": content}, reason=_REASON)


@settings.command("no-image")
@click.argument("slot")
def no_image(*, slot: str) -> None:
    """Show no image at SLOT any more."""
    from coterie.cli.acting import act

    act("brand.remove_image", {"slot": slot}, reason=_REASON)


@settings.command("hosts")
@click.argument("names", nargs=-1)
def hosts(*, names: tuple[str, ...]) -> None:
    """Let the pages answer under these NAMES, in place of those of before.

    This machine's own names and addresses of numbers are always answered; without NAMES, no others.
    """
    from coterie.cli.acting import act

    act("site.hosts", {"names": names}, reason=_REASON)
