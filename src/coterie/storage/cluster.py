"""A PostgreSQL cluster on disk: made once, configured at every start, opened only by its kin."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from coterie.storage.accounts import Account
from coterie.storage.binaries import Binaries
from coterie.storage.errors import (
    DataFolderRefused,
    MajorVersionDiffers,
    ServerTooOld,
    StorageUnavailable,
)
from coterie.storage.folder import Cluster

SUPERUSER = "coterie"
MAJOR_MIN = 15
BUILTIN_LOCALE_MAJOR = 17
INITDB_TIMEOUT_S = 300.0
SHARED_BUFFERS_MB_MIN = 128
SHARED_BUFFERS_MB_MAX = 4096
MAX_WAL_GB_MIN = 2
MAX_WAL_GB_MAX = 16

# Only who may enter the socket's folder can connect, which is its owner and root; the socket
# itself has mode 0700 as well. So "trust" trusts the file system, and there is no TCP.
ACCESS = "local all all trust\nlocal replication all trust\n"

SETTINGS = """\
listen_addresses = ''
port = 5432
unix_socket_permissions = 0700
max_connections = 200
password_encryption = scram-sha-256
# An answer "done" means "on disk": these three are the promise, the rest is comfort.
fsync = on
synchronous_commit = on
full_page_writes = on
max_wal_size = {max_wal_gb}GB
checkpoint_timeout = 15min
wal_compression = {wal_compression}
shared_buffers = {shared_buffers_mb}MB
maintenance_work_mem = {maintenance_mb}MB
# Our statements are short and planned once: compiling them costs more than it saves.
jit = off
random_page_cost = 1.1
track_io_timing = on
timezone = 'UTC'
log_timezone = 'UTC'
log_destination = 'stderr'
logging_collector = off
log_line_prefix = '%m [%p] %a %d '
log_lock_waits = on
log_min_duration_statement = 1s
lc_messages = 'C'
"""


def ensure_cluster(cluster: Cluster, account: Account, binaries: Binaries) -> None:
    """Make the cluster unless it exists; refuse one these binaries cannot open.

    It is made beside its place and renamed when complete, so a killed first start leaves no half.
    Raises :class:`MajorVersionDiffers`, :class:`ServerTooOld` or :class:`StorageUnavailable`.
    """
    if binaries.major < MAJOR_MIN:
        message = f"{binaries.folder} has version {binaries.version}."
        raise ServerTooOld(message)
    marker = cluster.data / "PG_VERSION"
    if not marker.exists():
        if cluster.made:
            message = f"The cluster {cluster.data} is gone. Is its disk mounted?"
            raise DataFolderRefused(message)
        _initialise(cluster.data, account, binaries)
    made_by = int(marker.read_text(encoding="ascii").split(".")[0])
    if made_by != binaries.major:
        message = (
            f"{cluster.data} was made by PostgreSQL {made_by}, the programs in "
            f"{binaries.folder} are {binaries.version}. Set COTERIE_POSTGRES_BIN to the bin folder "
            f"of a PostgreSQL {made_by}, or move the data with pg_dump or pg_upgrade."
        )
        raise MajorVersionDiffers(message)


def write_settings(cluster: Cluster, account: Account, binaries: Binaries, own: Path) -> None:
    """Write the server's settings anew; the operator's own file is appended and so wins."""
    shared_mb = shared_buffers_mb()
    text = SETTINGS.format(
        shared_buffers_mb=shared_mb,
        maintenance_mb=min(512, max(64, shared_mb // 4)),
        wal_compression=_wal_compression(cluster, account, binaries),
        max_wal_gb=max_wal_gb(cluster.data),
    )
    sockets = str(cluster.sockets).replace('"', '""').replace("'", "''")
    text += f"unix_socket_directories = '\"{sockets}\"'\n"
    if own.exists():
        text += f"\n# From {own}\n{own.read_text(encoding='utf-8')}\n"
    _write_as(cluster.data / "coterie.conf", text, account)
    _write_as(cluster.data / "pg_hba.conf", ACCESS, account)


def launch(
    cluster: Cluster, account: Account, binaries: Binaries, log: Path
) -> subprocess.Popen[bytes]:
    """Start the server as a child of ours and return at once, long before it answers.

    It gets a session of its own, so that Ctrl-C in a terminal does not reach it.
    """
    with log.open("ab") as sink:
        return subprocess.Popen(  # noqa: S603
            [binaries.tool("postgres"), "-D", str(cluster.data)],
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            cwd=cluster.data,
            env=server_environment(),
            start_new_session=True,
            **account.become(),
        )


def server_environment() -> dict[str, str]:
    """Return the little the server needs: neither our secrets nor what would change its ways."""
    wanted = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZDIR")
    kept = {name: os.environ[name] for name in wanted if name in os.environ}
    return kept | {"LANG": "C", "LC_ALL": "C"}


def shared_buffers_mb() -> int:
    """Return a sixth of the memory we may use, between 128 MB and 4 GB.

    What a million active members touch all the time is 2 GB; it is taken as it is touched.
    """
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        # A container's limit; "max" means none.
        total = min(total, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return min(SHARED_BUFFERS_MB_MAX, max(SHARED_BUFFERS_MB_MIN, total // 6 // 2**20))


def max_wal_gb(folder: Path) -> int:
    """Return how much log may gather between checkpoints, between 2 and 16 GB.

    More of it means fewer pages written whole, because each is once a checkpoint; more than that
    would make recovery after a crash take minutes. At most a quarter of the free disk.
    """
    free = shutil.disk_usage(folder).free // 2**30
    return min(MAX_WAL_GB_MAX, max(MAX_WAL_GB_MIN, free // 4))


def _initialise(data: Path, account: Account, binaries: Binaries) -> None:
    unfinished = data.with_name(f"{data.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    data.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    unfinished.mkdir(mode=0o700)
    if account.become():
        os.chown(unfinished, account.uid, account.gid)
    trouble = ""
    for locale in _locales(binaries.major):
        made = subprocess.run(  # noqa: S603
            [
                binaries.tool("initdb"),
                *("-D", str(unfinished), "-U", SUPERUSER, "-E", "UTF8", "--auth=trust"),
                *("--data-checksums", "--no-instructions", *locale),
            ],
            check=False,
            capture_output=True,
            cwd=unfinished,
            env=server_environment(),
            timeout=INITDB_TIMEOUT_S,
            **account.become(),
        )
        if made.returncode == 0:
            break
        trouble = made.stderr.decode(errors="replace").strip()
    else:
        message = f"initdb failed: {trouble}"
        raise StorageUnavailable(message)
    with (unfinished / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\n# Written anew at every start.\ninclude_if_exists = 'coterie.conf'\n")
    unfinished.rename(data)
    parent = os.open(data.parent, os.O_RDONLY)
    os.fsync(parent)
    os.close(parent)


def _locales(major: int) -> list[list[str]]:
    """Return what to try in turn: text sorts by code point on every system and for ever.

    A locale of the C library may change its order with an update of the system and so corrupt
    indexes; PostgreSQL 17 brought one of its own.
    """
    if major >= BUILTIN_LOCALE_MAJOR:
        return [["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
    return [["--locale=C.UTF-8"], ["--locale=C"]]


def _wal_compression(cluster: Cluster, account: Account, binaries: Binaries) -> str:
    """Use lz4 where the server was built with it, and nothing else.

    After a checkpoint every page that is touched is written whole once. The other method, pglz,
    halves that, and takes 60 us of a core for each: more than the event that touched the page.
    """
    asked = subprocess.run(  # noqa: S603
        [
            binaries.tool("postgres"),
            *("-D", str(cluster.data), "-c", "wal_compression=lz4", "-C", "wal_compression"),
        ],
        check=False,
        capture_output=True,
        cwd=cluster.data,
        env=server_environment(),
        timeout=30,
        **account.become(),
    )
    return "lz4" if asked.returncode == 0 else "off"


def _write_as(path: Path, text: str, account: Account) -> None:
    """Replace a file of the cluster; the folder is the server's, so no link in it is followed."""
    temporary = path.with_name(f"{path.name}.new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(handle)
        if account.become():
            os.fchown(handle, account.uid, account.gid)
    temporary.replace(path)
