"""The one visual system and the one guard of all pages: what a page is made with.

Owns no table. A page is one handler and one template: the handler takes an :class:`Ask` and returns
a :class:`Reply`; a face declares its pages with what they need; a site puts faces to work. Promises
that every page is served under a strict Content-Security-Policy, that what a page needs is checked
before its handler runs, that a POST came from a form of ours, that host names are known ones, and
that every phrase exists in both languages. ``docs/ui-principles.md`` shows how a page is written.

Does not promise to know who is signed in: whoever composes the site says how that is found out.
"""

from coterie.web.asking import Ask, Reply
from coterie.web.errors import (
    ForeignForm,
    FormTooLarge,
    FormUnreadable,
    NotAllowedHere,
    PageMethodNotAllowed,
    PageUnknown,
    SignInFirst,
    UnknownHost,
)
from coterie.web.faces import OPEN, SIGNED_IN, Face, NavEntry, Pages, Visitor
from coterie.web.forms import (
    Amount,
    Check,
    Choice,
    Day,
    Entry,
    File,
    Text,
    Upload,
    Whole,
    blank,
)
from coterie.web.language import LANGUAGES, wanted_language
from coterie.web.site import Site, World
from coterie.web.statuses import STATUS, status_of
from coterie.web.words import pick

__all__ = [
    "LANGUAGES",
    "OPEN",
    "SIGNED_IN",
    "STATUS",
    "Amount",
    "Ask",
    "Check",
    "Choice",
    "Day",
    "Entry",
    "Face",
    "File",
    "ForeignForm",
    "FormTooLarge",
    "FormUnreadable",
    "NavEntry",
    "NotAllowedHere",
    "PageMethodNotAllowed",
    "PageUnknown",
    "Pages",
    "Reply",
    "SignInFirst",
    "Site",
    "Text",
    "UnknownHost",
    "Upload",
    "Visitor",
    "Whole",
    "World",
    "blank",
    "pick",
    "status_of",
    "wanted_language",
]
