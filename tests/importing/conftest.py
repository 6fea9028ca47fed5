"""Databases for tests that compare imports."""

from tests.intake.conftest import new_database

__all__ = ["new_database"]
