"""Pages for members, phone first: what I have, why, what comes next, what I can get.

A face: it parses, calls one action or view, and presents; it decides nothing.
"""

from coterie.portal.face import portal
from coterie.portal.services import Services, portal_services
from coterie.portal.visitors import visitor_of

__all__ = ["Services", "portal", "portal_services", "visitor_of"]
