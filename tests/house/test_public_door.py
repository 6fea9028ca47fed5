"""A room is entered by its door: what `__all__` names is public, and nothing else is."""

import importlib
from pathlib import Path

import pytest

from tests.house.support import PACKAGE, exported, imports, python_files, rooms


def package_of(path: Path) -> str:
    """The package a source file lies in; a module of its own, such as app.py, by its name."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_every_name_on_the_door_is_there(room: Path):
    module = importlib.import_module(f"coterie.{room.name}")
    names = exported(room / "__init__.py") or []
    assert names == sorted(set(names), key=names.index), "a name stands twice"
    missing = [name for name in names if not hasattr(module, name)]
    assert not missing


def test_others_come_in_by_the_door():
    """`from coterie.ledger import X`, never `coterie.ledger.store`, whoever asks."""
    names = {room.name for room in rooms()}
    files = {path.stem for room in rooms() for path in room.glob("*.py")}
    wrong = []
    for path in python_files("src"):
        for found in imports(path):
            parts = found.module.split(".")
            if parts[0] != "coterie" or len(parts) < 2 or parts[1] not in names:
                continue
            own = package_of(path) == parts[1]
            inside = len(parts) > 2 or bool(set(found.names) & files)
            if inside and not own:
                wrong.append(str(found))
    assert not wrong, "past the door:\n" + "\n".join(wrong)


def test_no_door_gives_away_the_store():
    """Statements are a room's own business: its verbs and questions are what others use."""
    wrong = [
        f"{room.name}: {name}"
        for room in rooms()
        for name in exported(room / "__init__.py") or []
        if name in {"queries", "store"}
    ]
    assert not wrong
