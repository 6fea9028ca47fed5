"""The one path of events into the ledger: batches, group commit, due dates, files.

``Engine.submit`` is the only way in. It locks the members of a batch in id order, decides what fell
due for each before each event, and writes registry, events, effects and state in one transaction.
A batch never fails for one bad item; any partition of the same events into batches gives the same
answers and state. Import what you need from its modules: ``engine``, ``reading``, ``answers``.
"""
