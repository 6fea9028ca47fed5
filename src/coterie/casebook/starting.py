"""Programmes to begin with: each a folder of a commented programme and its worked cases."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

import coterie.programme
from coterie.casebook.errors import FolderNotEmpty, TemplateUnknown
from coterie.kernel.errors import nearest
from coterie.programme.model import Words
from coterie.programme.reading import read_programme

TEMPLATES = Path(coterie.programme.__file__).parent / "library" / "templates"


class Template(Struct, frozen=True):
    """A programme to begin with, by the name of its folder."""

    name: str
    words: Words
    folder: Path


def templates() -> list[Template]:
    """Return every template, in the order of their names."""
    return [
        Template(folder.name, read_programme(folder).name, folder)
        for folder in sorted(TEMPLATES.iterdir())
        if folder.is_dir()
    ]


def begin_from(name: str, folder: Path) -> list[Path]:
    """Write a template's files into a folder and return them.

    Raises :class:`TemplateUnknown`, or :class:`FolderNotEmpty` before anything is written.
    """
    known = sorted(each.name for each in TEMPLATES.iterdir() if each.is_dir())
    if name not in known:
        raise TemplateUnknown(f"{name!r}.{nearest(name, known)}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmpty(f"{folder}.", where="folder")
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for file in sorted((TEMPLATES / name).glob("*.yaml")):
        target = folder / file.name
        target.write_bytes(file.read_bytes())
        written.append(target)
    return written
