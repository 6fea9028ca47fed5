"""Coterie: an open-source membership and loyalty platform.

The package is a house of rooms; docs/architecture.md shows the plan. Nothing is imported here, so
that the pure engine can be used without a database driver or a web server being loaded.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
