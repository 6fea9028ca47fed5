"""The database: embedded or given, its pool, transactions, statements and migrations.

Owns the PostgreSQL schema ``storage`` and the data folder. Promises that data a transaction
committed survives any kill of any process, that at most one keeper and one server run per data
folder, and that the embedded server ends within ten seconds of its last user, however that one
died. Does not promise backups; ``docs/guides/postgresql.md`` tells how to make them.
"""

from coterie.storage.arrays import bigints, bools, texts
from coterie.storage.connection import Connection, Storage, connect, open_storage, plan_once
from coterie.storage.copying import (
    copied_bools,
    copied_bytes,
    copied_days,
    copied_integers,
    copied_texts,
    copy_lines,
    copy_rows,
)
from coterie.storage.errors import (
    DatabaseNameRefused,
    DatabaseNewer,
    DataFolderRefused,
    MajorVersionDiffers,
    MigrationBlocked,
    MigrationChanged,
    MigrationMisnamed,
    QueryFileRefused,
    ServerTooOld,
    StorageError,
    StorageUnavailable,
    TransactionNested,
)
from coterie.storage.migrations import Migration, known_migrations, migrate, pending
from coterie.storage.outbox import (
    FactRow,
    delete_facts,
    follow_ups,
    follow_ups_of,
    insert_facts,
    outbox_backlog,
    plain_facts,
    postpone_facts,
)
from coterie.storage.queries import Queries, Query, load_queries, parse_queries
from coterie.storage.registry import (
    KeyRow,
    find_keys,
    find_keys_later,
    insert_keys,
    own_settings,
    settle_keys,
    share_settings,
)
from coterie.storage.settings import StorageSettings
from coterie.storage.transactions import savepoint, transaction, tried_again

__all__ = [
    "Connection",
    "DataFolderRefused",
    "DatabaseNameRefused",
    "DatabaseNewer",
    "FactRow",
    "KeyRow",
    "MajorVersionDiffers",
    "Migration",
    "MigrationBlocked",
    "MigrationChanged",
    "MigrationMisnamed",
    "Queries",
    "Query",
    "QueryFileRefused",
    "ServerTooOld",
    "Storage",
    "StorageError",
    "StorageSettings",
    "StorageUnavailable",
    "TransactionNested",
    "bigints",
    "bools",
    "connect",
    "copied_bools",
    "copied_bytes",
    "copied_days",
    "copied_integers",
    "copied_texts",
    "copy_lines",
    "copy_rows",
    "delete_facts",
    "find_keys",
    "find_keys_later",
    "follow_ups",
    "follow_ups_of",
    "insert_facts",
    "insert_keys",
    "known_migrations",
    "load_queries",
    "migrate",
    "open_storage",
    "outbox_backlog",
    "own_settings",
    "parse_queries",
    "pending",
    "plain_facts",
    "plan_once",
    "postpone_facts",
    "savepoint",
    "settle_keys",
    "share_settings",
    "texts",
    "transaction",
    "tried_again",
]
