"""Pages for the people who run a programme. For now one: the programme's pulse, and the way on.

A face: it asks views and presents, it decides nothing. An area is a module of pages, its templates
and a module of words under ``texts``; it is named in ``face.py``.
"""

from coterie.console.face import CONSOLE
from coterie.console.visitors import demo_is_open, staff_of

__all__ = ["CONSOLE", "demo_is_open", "staff_of"]
