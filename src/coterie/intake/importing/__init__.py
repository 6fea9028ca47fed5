"""Files become members, master data and events, through the same path as everything else.

Owns ``intake.import_run``, ``intake.import_part`` and ``intake.import_refusal``. Reads CSV, Excel
and Parquet by a closed mapping language, sorts events by member and time outside of memory, and
hands them to the engine in chunks. A row is identified by its file and position, so a file can be
imported again, or go on after an interruption, without doubling anything.

Does not promise the order of events of one member whom a file names in different ways, and does
not undo an import: what was recorded is corrected by events, as always.
"""
