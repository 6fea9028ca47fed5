"""Worked cases of a programme: read, run in memory, compared with what they expect.

A case says who is there (*given*), what happens (*events*) and what should come of it (*expect*).
It is run through the very functions the engine runs, without a database. A case changes nothing
outside itself.
"""

from __future__ import annotations

from coterie.casebook.errors import CasesInvalid, FolderNotEmpty, TemplateUnknown
from coterie.casebook.model import Case, Difference, Result, Told
from coterie.casebook.reading import Casebook, read_casebook, read_cases
from coterie.casebook.running import run_cases
from coterie.casebook.schema import cases_schema, schema_text
from coterie.casebook.starting import Template, begin_from, templates

__all__ = [
    "Case",
    "Casebook",
    "CasesInvalid",
    "Difference",
    "FolderNotEmpty",
    "Result",
    "Template",
    "TemplateUnknown",
    "Told",
    "begin_from",
    "cases_schema",
    "read_casebook",
    "read_cases",
    "run_cases",
    "schema_text",
    "templates",
]
