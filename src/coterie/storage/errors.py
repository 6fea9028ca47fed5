"""What storage refuses, and what it says then; the first line of a docstring is the message."""

from __future__ import annotations

from typing import ClassVar

from coterie.kernel.errors import Kind, Refusal


class StorageError(Refusal):
    """The storage cannot do this."""

    code: ClassVar[str] = "storage_error"
    kind: ClassVar[Kind] = Kind.CONFLICT


class StorageUnavailable(StorageError):
    """PostgreSQL cannot be reached."""

    code: ClassVar[str] = "storage_unavailable"
    kind: ClassVar[Kind] = Kind.BUSY


class ServerTooOld(StorageError):
    """This PostgreSQL is too old; Coterie needs version 15 or newer."""

    code: ClassVar[str] = "server_too_old"


class MajorVersionDiffers(StorageError):
    """The data folder was made by another major version of PostgreSQL."""

    code: ClassVar[str] = "major_version_differs"


class DataFolderRefused(StorageError):
    """This data folder cannot be used."""

    code: ClassVar[str] = "data_folder_refused"


class DatabaseNameRefused(StorageError):
    """A database name is 1 to 63 lower-case letters, digits and underscores, a letter first."""

    code: ClassVar[str] = "database_name_refused"
    kind: ClassVar[Kind] = Kind.MALFORMED


class MigrationBlocked(StorageError):
    """The migration waited too long for a lock somebody else holds; nothing was changed."""

    code: ClassVar[str] = "migration_blocked"
    kind: ClassVar[Kind] = Kind.BUSY


class MigrationChanged(StorageError):
    """A migration that was applied to this database has another text now."""

    code: ClassVar[str] = "migration_changed"


class MigrationMisnamed(StorageError):
    """Migrations are called 0001_name.sql, 0002_name.sql and so on, without a gap."""

    code: ClassVar[str] = "migration_misnamed"


class DatabaseNewer(StorageError):
    """This database was made by a newer Coterie."""

    code: ClassVar[str] = "database_newer"


class QueryFileRefused(StorageError):
    """A queries file does not follow its format."""

    code: ClassVar[str] = "query_file_refused"
    kind: ClassVar[Kind] = Kind.MALFORMED


class TransactionNested(StorageError):
    """A transaction was opened inside another one."""

    code: ClassVar[str] = "transaction_nested"


class ClockNotSet(StorageError):
    """This world's time is the machine's, which cannot be stepped."""

    code: ClassVar[str] = "clock_not_set"
