"""What storage refuses, and what it says then; the first line of a docstring is the message."""

from __future__ import annotations

from typing import ClassVar

from coterie.kernel.errors import Kind, Refusal


class StorageError(Refusal):
    """The storage cannot do this."""

    code: ClassVar[str] = "storage_error"
    zh: ClassVar[str] = "存储无法完成此操作。"
    kind: ClassVar[Kind] = Kind.CONFLICT


class StorageUnavailable(StorageError):
    """PostgreSQL cannot be reached."""

    code: ClassVar[str] = "storage_unavailable"
    zh: ClassVar[str] = "无法连接 PostgreSQL。"
    kind: ClassVar[Kind] = Kind.BUSY


class ServerTooOld(StorageError):
    """This PostgreSQL is too old; Coterie needs version 15 or newer."""

    code: ClassVar[str] = "server_too_old"
    zh: ClassVar[str] = "PostgreSQL 版本过旧；Coterie 需要 15 或更新版本。"


class MajorVersionDiffers(StorageError):
    """The data folder was made by another major version of PostgreSQL."""

    code: ClassVar[str] = "major_version_differs"
    zh: ClassVar[str] = "数据目录由另一主版本的 PostgreSQL 建立。"


class DataFolderRefused(StorageError):
    """This data folder cannot be used."""

    code: ClassVar[str] = "data_folder_refused"
    zh: ClassVar[str] = "此数据目录不能使用。"


class DatabaseNameRefused(StorageError):
    """A database name is 1 to 63 lower-case letters, digits and underscores, a letter first."""

    code: ClassVar[str] = "database_name_refused"
    zh: ClassVar[str] = "数据库名须为 1 至 63 个小写字母、数字或下划线，且以字母开头。"
    kind: ClassVar[Kind] = Kind.MALFORMED


class MigrationBlocked(StorageError):
    """The migration waited too long for a lock somebody else holds; nothing was changed."""

    code: ClassVar[str] = "migration_blocked"
    zh: ClassVar[str] = "迁移等待他人持有的锁过久；未作任何改动。"
    kind: ClassVar[Kind] = Kind.BUSY


class MigrationChanged(StorageError):
    """A migration that was applied to this database has another text now."""

    code: ClassVar[str] = "migration_changed"
    zh: ClassVar[str] = "已应用于此数据库的迁移，其文本已改变。"


class MigrationMisnamed(StorageError):
    """Migrations are called 0001_name.sql, 0002_name.sql and so on, without a gap."""

    code: ClassVar[str] = "migration_misnamed"
    zh: ClassVar[str] = "迁移须命名为 0001_name.sql、0002_name.sql……且不得跳号。"


class DatabaseNewer(StorageError):
    """This database was made by a newer Coterie."""

    code: ClassVar[str] = "database_newer"
    zh: ClassVar[str] = "此数据库由更新版本的 Coterie 建立。"


class QueryFileRefused(StorageError):
    """A queries file does not follow its format."""

    code: ClassVar[str] = "query_file_refused"
    zh: ClassVar[str] = "查询文件不符合格式。"
    kind: ClassVar[Kind] = Kind.MALFORMED


class TransactionNested(StorageError):
    """A transaction was opened inside another one."""

    code: ClassVar[str] = "transaction_nested"
    zh: ClassVar[str] = "在一个事务中又开启了另一个事务。"


class ClockNotSet(StorageError):
    """This world's time is the machine's, which cannot be stepped."""

    code: ClassVar[str] = "clock_not_set"
    zh: ClassVar[str] = "此环境使用机器时间，不能调整。"
