"""Pages for the people who run a programme. For now one: the programme's pulse, and the way on.

A face: it asks views and presents, it decides nothing.
"""

from coterie.console.home import home_page, home_style
from coterie.console.pages import pages

__all__ = ["home_page", "home_style", "pages"]
