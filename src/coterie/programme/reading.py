"""Reading a programme: text in, checked values out, or everything that is wrong at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from coterie.programme.building import Builder
from coterie.programme.checking import check_programme
from coterie.programme.document import Document, load_document
from coterie.programme.findings import Finding
from coterie.programme.model import Programme
from coterie.programme.shape import find_misshapen


class Reading(NamedTuple):
    """A programme that can be used, and what is still odd about it."""

    programme: Programme
    warnings: tuple[Finding, ...]


def read_with_warnings(path: Path | str, text: str | None = None) -> Reading:
    """Read a YAML file, a folder of them, or a ``text`` that ``path`` only names.

    Raises :class:`~coterie.programme.errors.ProgrammeInvalid` with every finding, each with its
    file, line and path.
    """
    document = load_document(path, text)
    misshapen = find_misshapen(document)
    builder = Builder(document, misshapen)
    programme = builder.build()
    check_programme(programme, document, builder.broken)
    document.refuse()
    return Reading(programme, tuple(document.findings))


def read_programme(path: Path | str, text: str | None = None) -> Programme:
    """Read as :func:`read_with_warnings` does, and leave the warnings aside."""
    return read_with_warnings(path, text).programme


def read_canonical(text: str) -> Programme:
    """Read a canonical text, which was checked when it was published.

    Only its shape is looked at again: a newer Coterie may have written what this one does not know.
    """
    document = Document("published")
    document.value = json.loads(text)
    programme = Builder(document, find_misshapen(document)).build()
    document.refuse()
    return programme
