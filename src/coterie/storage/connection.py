"""Open the database: the embedded one, or one's own; dedicated connections and a bounded pool."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import ConnectionPool

from coterie.storage.errors import DatabaseNameRefused, ServerTooOld, StorageUnavailable

if TYPE_CHECKING:
    from coterie.storage.embedded import EmbeddedServer
    from coterie.storage.settings import StorageSettings

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]

SERVER_VERSION_MIN = 150_000
CONNECT_TIMEOUT_S = 5
MAINTENANCE_DATABASE = "postgres"
POOL_IDLE_S = 300.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Storage:
    """An open database. Close it, or use it as a context manager.

    Connections are in autocommit mode: a transaction is what
    :func:`~coterie.storage.transactions.transaction` opens, and nothing else.
    """

    def __init__(self, settings: StorageSettings, *, embedded: EmbeddedServer | None) -> None:
        """Use :func:`open_storage`; this only keeps what it prepared."""
        self.settings = settings
        self.embedded = embedded
        self.url = self.url_for(settings.database) if embedded else _own_url(settings)
        self._pool: ConnectionPool[Connection] | None = None
        self._pool_lock = threading.Lock()
        self.server_version = 0

    @property
    def first_start(self) -> bool:
        """Tell whether opening it made a new data folder; then a person should hear where."""
        return self.embedded is not None and self.embedded.first_start

    @property
    def where(self) -> str:
        """Return one line for a person: which server, and where its data lies."""
        if self.embedded is not None:
            return self.embedded.where
        parts = conninfo_to_dict(self.url)
        major, minor = divmod(self.server_version, 10_000)
        host = parts.get("host") or "the local socket"
        name = parts.get("dbname") or parts.get("user") or "the default database"
        return f"PostgreSQL {major}.{minor}, one's own, database {name} at {host}."

    @property
    def pool(self) -> ConnectionPool[Connection]:
        """Return the pool, opened at first use; a broken connection is replaced, not handed out."""
        with self._pool_lock:
            if self._pool is None:
                self._pool = ConnectionPool(
                    self.url,
                    kwargs={"autocommit": True, "connect_timeout": CONNECT_TIMEOUT_S},
                    min_size=1,
                    max_size=self.settings.pool_size_max,
                    timeout=self.settings.pool_wait_s,
                    max_idle=POOL_IDLE_S,
                    check=ConnectionPool.check_connection,
                    open=True,
                    name=self.settings.application_name,
                )
            return self._pool

    def connect(self) -> Connection:
        """Return a connection of its own, outside the pool; the caller closes it.

        Raises :class:`StorageUnavailable` when the server does not answer.
        """
        return connect(self.url)

    def url_for(self, database: str) -> str:
        """Return how to reach another database of the same server (a sandbox)."""
        if self.embedded is not None:
            return _with_session(self.embedded.conninfo(database), self.settings)
        return make_conninfo(_own_url(self.settings), dbname=database)

    def create_database(self, name: str, *, template: str | None = None) -> bool:
        """Create a database of this server unless it exists; tell whether it was created.

        ``template`` is the database to copy. Raises :class:`DatabaseNameRefused`.
        """
        _check_name(name)
        statement = sql.SQL("create database {}").format(sql.Identifier(name))
        if template is not None:
            _check_name(template)
            statement += sql.SQL(" template {}").format(sql.Identifier(template))
        with connect(self.url_for(MAINTENANCE_DATABASE)) as connection:
            known = "select exists (select from pg_database where datname = %s)"
            row = connection.execute(known, (name,)).fetchone()
            if row and row[0]:
                return False
            try:
                connection.execute(statement)
            except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                # Somebody else created it between the question and the statement.
                return False
        return True

    def drop_database(self, name: str) -> None:
        """Remove a database and its connections; one that does not exist is no error."""
        _check_name(name)
        statement = sql.SQL("drop database if exists {} with (force)")
        with connect(self.url_for(MAINTENANCE_DATABASE)) as connection:
            connection.execute(statement.format(sql.Identifier(name)))

    def close(self) -> None:
        """Close the pool and give up the embedded server; closing twice is fine."""
        with self._pool_lock:
            if self._pool is not None:
                self._pool.close()
                self._pool = None
        if self.embedded is not None:
            self.embedded.close()

    def __enter__(self) -> Self:
        """Return this storage; it is closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def open_storage(settings: StorageSettings) -> Storage:
    """Open the database these settings name; start the embedded server if it is that one.

    Raises :class:`StorageUnavailable` when no server answers in time, :class:`ServerTooOld`
    before version 15, and for the embedded server what
    :class:`~coterie.storage.embedded.EmbeddedServer` raises.
    """
    storage = Storage(settings, embedded=_embedded(settings))
    try:
        if storage.embedded is not None:
            storage.create_database(settings.database)
        with _first_connection(storage) as connection:
            storage.server_version = connection.info.server_version
        _check_version(storage.server_version)
    except BaseException:
        storage.close()
        raise
    return storage


def connect(url: str) -> Connection:
    """Connect in autocommit mode. Raises :class:`StorageUnavailable`."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S)
    except psycopg.OperationalError as trouble:
        raise StorageUnavailable(str(trouble).strip()) from trouble


def plan_once(connection: Connection) -> None:
    """Have a connection plan every prepared statement once, by index: for the path of all events.

    Its statements look rows up by key, however many; planning them anew for each batch costs about
    as much as a small batch itself. Tables are never scanned, because one that was empty when a
    plan was made may hold millions a minute later.
    """
    connection.execute("set plan_cache_mode = force_generic_plan; set enable_seqscan = off")


def _check_version(version: int) -> None:
    if version < SERVER_VERSION_MIN:
        raise ServerTooOld(f"It says it is {version // 10_000}.")


def _embedded(settings: StorageSettings) -> EmbeddedServer | None:
    if settings.database_url is not None:
        return None
    _check_name(settings.database)
    try:
        # Only here, because file locks and system users exist on POSIX systems only.
        from coterie.storage.embedded import EmbeddedServer  # noqa: PLC0415
    except ImportError as trouble:
        message = "The embedded server needs Linux or macOS: set COTERIE_DATABASE_URL."
        raise StorageUnavailable(message) from trouble
    return EmbeddedServer(
        settings.home,
        binaries=settings.postgres_bin,
        start_timeout_s=settings.start_timeout_s,
    )


def _first_connection(storage: Storage) -> Connection:
    """Connect, with patience for a server that is just being started by somebody else."""
    until = time.monotonic() + storage.settings.start_timeout_s
    pause_s = 0.1
    while True:
        try:
            return storage.connect()
        except StorageUnavailable as trouble:
            starting = isinstance(trouble.__cause__, psycopg.errors.CannotConnectNow)
            starting = starting or "starting up" in trouble.detail
            if not starting or time.monotonic() > until:
                raise
        time.sleep(pause_s)
        pause_s = min(2.0, pause_s * 2)


def _own_url(settings: StorageSettings) -> str:
    try:
        return _with_session(settings.database_url or "", settings)
    except psycopg.ProgrammingError as trouble:
        message = f"COTERIE_DATABASE_URL cannot be read: {trouble}"
        raise StorageUnavailable(message) from trouble


def _with_session(conninfo: str, settings: StorageSettings) -> str:
    """Add the session settings as start options, which costs no round trip.

    What the given conninfo says itself comes last and so wins.
    """
    ours = {
        "timezone": "UTC",
        "default_transaction_isolation": r"read\ committed",
        "statement_timeout": f"{settings.statement_timeout_ms}",
        "lock_timeout": f"{settings.lock_timeout_ms}",
        "idle_in_transaction_session_timeout": f"{settings.idle_in_transaction_timeout_ms}",
    }
    given = conninfo_to_dict(conninfo)
    options = [f"-c {name}={value}" for name, value in ours.items()]
    if given.get("options"):
        options.append(str(given["options"]))
    return make_conninfo(
        conninfo,
        options=" ".join(options),
        application_name=str(given.get("application_name") or settings.application_name),
        client_encoding="UTF8",
    )


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        message = f"{name!r} is not one."
        raise DatabaseNameRefused(message)
