"""Which system user runs the server: PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from typing import TypedDict

from coterie.storage.errors import StorageUnavailable

OWN_USER = "coterie"


class Become(TypedDict, total=False):
    """The arguments that make :class:`subprocess.Popen` start a program as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """A system user."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of_uid(cls, uid: int) -> Account:
        """Return the user with this number; one without a name is called by the number."""
        try:
            found = pwd.getpwuid(uid)
        except KeyError:
            return cls(str(uid), uid, os.getegid())
        return cls(found.pw_name, found.pw_uid, found.pw_gid)

    @classmethod
    def of_name(cls, name: str) -> Account | None:
        """Return the user with this name, or nothing."""
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            return cls(name, int(name), os.getegid()) if name.isdigit() else None
        return cls(found.pw_name, found.pw_uid, found.pw_gid)

    def become(self) -> Become:
        """Return what starts a program as this user; nothing when we are that user."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> tuple[Account, str]:
    """Choose who runs the server: ourselves, or for root a system user.

    Return the account and a remark (empty, or that a user was created). Raises
    :class:`StorageUnavailable` when root cannot have one.
    """
    if os.geteuid() != 0:
        return Account.of_uid(os.geteuid()), ""
    for name in ("postgres", OWN_USER):
        if found := Account.of_name(name):
            return found, ""
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if tool:
        command = [tool, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", OWN_USER]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    if found := Account.of_name(OWN_USER):
        return (
            found,
            f"The system user {OWN_USER!r} was created: PostgreSQL refuses to run as root.",
        )
    message = (
        "PostgreSQL refuses to run as root and no system user could be created: run Coterie as "
        "an ordinary user, or set COTERIE_DATABASE_URL."
    )
    raise StorageUnavailable(message)
