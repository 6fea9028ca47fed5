"""What is measured with: the benchmark's own programme, and the templates in its place.

A template comes on top of the same million members: it keeps the currencies and attributes that
their history was made with, brings everything else of its own, and is in force when a run begins.
Of the benchmark's twenty categories each belongs to one that the template speaks of.
"""

from __future__ import annotations

from importlib import resources

from msgspec.structs import replace

from coterie.programme.model import Programme
from coterie.programme.reading import read_programme
from coterie.programme.sections import SECTIONS

OWN = "bench"
TEMPLATES: dict[str, dict[str, int]] = {
    "hotel": {"room": 10, "dining": 5, "spa": 2, "shop": 3},
    "supermarket": {"grocery": 11, "fresh": 6, "tobacco": 1, "alcohol": 1, "fuel": 1},
}
"""How many of the twenty categories belong to which, by template."""
NAMES = (OWN, *TEMPLATES)


def bench_programme() -> Programme:
    """Return the committed programme that the history is made under."""
    return _read("bench.yaml")


def programme_of(name: str) -> Programme:
    """Return the programme of a run as it follows the benchmark's own."""
    own = bench_programme()
    if name == OWN:
        return own
    found = _read(f"templates/{name}/programme.yaml")
    had, has = _codes(own), _codes(found)
    gone = {section: dict.fromkeys(codes - has[section]) for section, codes in had.items()}
    return replace(
        found,
        code=own.code,
        currencies=own.currencies | found.currencies,
        attributes=own.attributes | found.attributes,
        sources=own.sources | found.sources,
        moves_to={section: codes for section, codes in gone.items() if codes},
    )


def categories_of(name: str, number: int) -> list[str]:
    """Return the ``number``-th category of the benchmark, from 1, and what it belongs to."""
    return [f"c{number}", *([parent_of(name, number)] if name in TEMPLATES else [])]


def parent_of(name: str, number: int) -> str:
    """Return the template's category to which the ``number``-th of the benchmark belongs."""
    for parent, several in TEMPLATES[name].items():
        number -= several
        if number <= 0:
            return parent
    raise AssertionError("all twenty belong somewhere")


def _codes(programme: Programme) -> dict[str, set[str]]:
    return {
        "rules": {rule.code for rule in programme.rules},
        "caps": set(programme.caps),
        "metrics": set(programme.metrics),
        **{section: set(programme.parts.get(section, ())) for section in SECTIONS},
    }


def _read(path: str) -> Programme:
    found = resources.files("coterie.programme") / "library"
    return read_programme(path, found.joinpath(path).read_text(encoding="utf-8"))
