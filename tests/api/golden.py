"""Write the golden files of the API anew: python -m tests.api.golden."""

from __future__ import annotations

import msgspec

from coterie.api.endpoints import openapi_bytes
from tests.api.test_docs import OPENAPI
from tests.api.test_refusals import GOLDEN, codes_text


def pretty_openapi() -> str:
    """Return the document as it lies in the golden file."""
    return msgspec.json.format(openapi_bytes(), indent=1).decode() + "\n"


if __name__ == "__main__":
    OPENAPI.write_text(pretty_openapi(), "utf-8")
    GOLDEN.write_text(codes_text(), "utf-8")
