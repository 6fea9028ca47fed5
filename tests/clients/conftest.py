"""A live server a test, as for the API itself."""

from tests.api.conftest import address, anyone, api, place

__all__ = ["address", "anyone", "api", "place"]
