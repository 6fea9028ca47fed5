"""A programme as a text that people go on writing: block YAML, short things on one line."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from coterie.programme.model import Programme
from coterie.programme.writing import programme_document

_WIDTH = 100
_SHORT = 72


def readable_text(programme: Programme) -> str:
    """Return a text that reads as this programme; every default is spelt out in it."""
    return yaml_text(programme_document(programme))


def yaml_text(value: Any) -> str:
    """Return plain values as block YAML."""
    out = StringIO()
    writer = YAML()
    writer.width = _WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(_laid(value), out)
    return out.getvalue()


def _laid(value: Any) -> Any:
    """Lay out what is short in one line, and the rest in a line each."""
    made: CommentedMap | CommentedSeq
    if isinstance(value, dict):
        made = CommentedMap((key, _laid(each)) for key, each in value.items())
    elif isinstance(value, (list, tuple)):
        made = CommentedSeq(_laid(each) for each in value)
    else:
        return value
    if len(str(value)) <= _SHORT:
        made.fa.set_flow_style()
    return made
