"""The HTTP face: ``/v1``, its OpenAPI document and pages about it.

Owns no table. Promises one shape for every answer and one for every refusal, that nothing a sender
can write is answered with a breakdown, and that what the document says is what the server does:
both are read from the same operations. Does not decide anything: it reads a request, asks one
verb or one question, and writes down what came back.
"""

from coterie.api.app import World, create_app
from coterie.api.pages import DOCS

__all__ = ["DOCS", "World", "create_app"]
