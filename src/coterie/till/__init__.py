"""Pages for clerks: find, enrol, ring up, return, undo; made for keys and a scanner.

A face: it parses, calls one action or view, and presents; it decides nothing. What it shows of a
person is what a clerk needs to be sure whom they serve, and no more.
"""

from coterie.till.face import till
from coterie.till.visitors import visitor_of

__all__ = ["till", "visitor_of"]
