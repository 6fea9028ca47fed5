"""How fast Coterie is on this machine, always beside what the same machine's PostgreSQL can do.

``python -m bench`` (``make bench``) builds a database of a million members and ten million
movements once, measures every promise of ``docs/performance.md`` against it, prints a table and
writes ``bench/latest.json``. Nothing here is imported by the product.

What it does not promise: that two runs agree to the percent. The load generator, the server and
PostgreSQL share the machine; what each of them took is therefore printed beside every number.
"""
