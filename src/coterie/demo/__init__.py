"""A living demo world: a tea house with shops, an app and two years of seeded history.

Owns no tables: everything goes in through the doors that a real brand would use. The same seed and
last day give the same world. It runs only in a world that is empty or already the demo's.
"""

from coterie.demo.building import DemoProgress, build_demo
from coterie.demo.errors import WorldInUse

__all__ = ["DemoProgress", "WorldInUse", "build_demo"]
