"""The file staff keep of a member: notes, traits, changes of contact data, what still reaches.

All of it is personal, lies in the schema ``members`` and is erased with the member. Nothing in it
is read by a decision: what conditions may read changes by events alone.
"""
