"""A typed client for Coterie: every operation a method, every refusal an exception."""

from coterie_client import errors, models
from coterie_client.operations import Operations
from coterie_client.problems import Refused

__all__ = ["Coterie", "Refused", "errors", "models"]


class Coterie(Operations):
    """A client of one service with one key. Close it, or use it in a with statement."""
