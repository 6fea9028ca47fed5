"""Whoever knows one room knows them all: the same files, and a door that says what is inside."""

import ast

from tests.house.support import exported, packages, relative, rooms, syntax

ROOM_FILES = frozenset(
    {
        "__init__.py",
        "actions.py",
        "errors.py",
        "model.py",
        "queries.sql",
        "reactions.py",
        "rules.py",
        "store.py",
        "views.py",
    }
)


def test_a_room_has_only_the_files_every_room_has():
    stray = [
        relative(path)
        for room in rooms()
        for path in room.iterdir()
        if path.is_file() and path.name not in ROOM_FILES
    ]
    assert not stray, f"not in the table of a room's files (docs/architecture.md): {stray}"


def test_a_folder_in_a_room_is_a_package_of_kinds():
    """A room has no migrations of its own: the schema grows in one place, in one order."""
    wrong = [
        relative(path)
        for room in rooms()
        for path in room.iterdir()
        if path.is_dir()
        and path.name != "__pycache__"
        and (path.name == "sql" or not (path / "__init__.py").exists())
    ]
    assert not wrong, f"neither a package of kinds nor anything else a room may hold: {wrong}"


def test_every_package_says_what_it_owns():
    silent = [
        relative(package)
        for package in packages()
        if not (package / "__init__.py").exists()
        or not ast.get_docstring(syntax(package / "__init__.py"))
    ]
    assert not silent, f"no __init__.py with a docstring of what it owns: {silent}"


def test_every_room_has_a_public_door():
    doorless = [relative(room) for room in rooms() if not exported(room / "__init__.py")]
    assert not doorless, f"no __all__ in __init__.py: {doorless}"
