"""What every part of Coterie stands on: refusals, integers of money and units, time, paging.

Owns no table and knows no other package of ours. Nothing here reads a clock, a file or a socket,
except :class:`coterie.kernel.clock.SystemClock`, which exists to be handed down from the
composition root.
"""
