"""What a brand promises: programmes as text, their published versions, and what events mean.

Owns the schema ``programme``: published versions, which never change. Invariants: a version's text
reads as the programme it was published as; versions begin in the order of their numbers; a code in
use does not vanish unsaid. ``decide`` is a pure function of programme, standing and event.

Does not promise to move units, counters or values from a code that went away to the one that took
its place.
"""
