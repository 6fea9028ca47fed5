"""Who may what, what a password must be, how long a sign-in lasts, and how long to wait."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from itertools import pairwise

from coterie.kernel.errors import nearest
from coterie.kernel.time import DAY_US, HOUR_US, SECOND_US
from coterie.staff.errors import (
    BadAccount,
    BadRole,
    PermissionMissing,
    RoleUnknown,
    WeakPassword,
    WeakPin,
)
from coterie.staff.model import (
    Account,
    NewAccount,
    Permission,
    Person,
    Reach,
    Role,
    RoleGrant,
    Way,
)

P = Permission

WORDS: dict[Permission, tuple[str, str]] = {
    P.MEMBERS_READ: ("查看会员（手机号、邮箱打码）", "see members, phone and e-mail masked"),
    P.MEMBERS_PERSONAL: ("查看完整联系方式", "see phone and e-mail in full"),
    P.MEMBERS_WRITE: ("登记、修改、合并会员", "enrol, change and merge members"),
    P.MEMBERS_ERASE: ("删除会员资料", "erase members"),
    P.LEDGER_READ: ("查看积分与明细", "see balances, lots and statements"),
    P.LEDGER_ADJUST: ("调整积分、撤销事件", "adjust units, undo events"),
    P.TIERS_GRANT: ("授予、锁定、更正等级", "grant, pin and correct tiers"),
    P.EVENTS_WRITE: ("录入业务事件", "send events by hand"),
    P.PROGRAMME_READ: ("查看会员计划", "see the programme"),
    P.PROGRAMME_DRAFT: ("起草会员计划、运行测算", "draft the programme, run plans"),
    P.PROGRAMME_PUBLISH: ("发布、回退会员计划", "publish the programme and roll it back"),
    P.CATALOGUE_READ: ("查看商品、门店等主数据", "see products, stores and other master data"),
    P.CATALOGUE_WRITE: ("维护主数据", "change master data"),
    P.REPORTS_READ: ("查看报表", "see reports"),
    P.IMPORTS_RUN: ("导入文件", "bring in files"),
    P.EXPORTS_RUN: ("导出数据", "take data out"),
    P.MONITORS_READ: ("查看运行监控", "see what runs and what waits"),
    P.JOBS_RUN: ("启动、重试后台任务", "start and retry jobs"),
    P.SETTINGS_READ: ("查看设置", "see settings"),
    P.SETTINGS_WRITE: ("修改设置、登记收银设备", "change settings, register tills"),
    P.STAFF_READ: ("查看人员与角色", "see staff and roles"),
    P.STAFF_WRITE: ("管理人员与角色", "manage staff and roles"),
    P.KEYS_WRITE: ("签发、吊销 API 密钥", "issue and revoke API keys"),
    P.APPROVALS_DECIDE: ("审批他人的申请", "decide about what others ask for"),
    P.AUDIT_READ: ("查看审计记录", "see the audit trail"),
    P.TILL_USE: ("使用收银台", "use the till"),
}
"""What each permission lets one do, in Chinese and English."""

_READS = {
    P.MEMBERS_READ,
    P.LEDGER_READ,
    P.PROGRAMME_READ,
    P.CATALOGUE_READ,
    P.REPORTS_READ,
}
BUILT_IN: dict[str, Role] = {
    role.role: role
    for role in (
        Role("owner", "所有者", "owner", frozenset(Permission)),
        Role(
            "operator",
            "运营",
            "operator",
            frozenset(Permission)
            - {P.STAFF_WRITE, P.KEYS_WRITE, P.MEMBERS_ERASE, P.AUDIT_READ, P.SETTINGS_WRITE},
        ),
        Role(
            "analyst",
            "分析",
            "analyst",
            frozenset({*_READS, P.PROGRAMME_DRAFT, P.EXPORTS_RUN, P.MONITORS_READ}),
        ),
        Role(
            "care",
            "客服",
            "care agent",
            frozenset(
                {
                    *_READS - {P.REPORTS_READ},
                    *(P.MEMBERS_PERSONAL, P.MEMBERS_WRITE, P.LEDGER_ADJUST, P.TIERS_GRANT),
                    P.EVENTS_WRITE,
                }
            ),
        ),
        Role("clerk", "店员", "clerk", frozenset({P.TILL_USE})),
        Role(
            "auditor",
            "审计",
            "auditor",
            frozenset(
                {
                    *_READS,
                    *(P.SETTINGS_READ, P.STAFF_READ, P.AUDIT_READ, P.MONITORS_READ),
                    P.EXPORTS_RUN,
                }
            ),
        ),
    )
}
"""The roles every world has; what a role does not name is denied."""

ROLES_MAX = 100
STORES_MAX = 500
ACCOUNT_ROLES_MAX = 10
PASSWORD_LENGTH_MIN = 12
PASSWORD_LENGTH_MAX = 200
PIN_DIGITS_MIN = 6
PIN_DIGITS_MAX = 8
INVITATION_US = 3 * DAY_US
FACTOR_US = 600 * SECOND_US
"""How long a sign-in waits for its second factor."""
IDLE_US = {Way.PASSWORD: 12 * HOUR_US, Way.PIN: HOUR_US, Way.DEMO: 12 * HOUR_US}
ABSOLUTE_US = {Way.PASSWORD: 7 * DAY_US, Way.PIN: 14 * HOUR_US, Way.DEMO: DAY_US}
FREE_TRIES = {"login": 5, "network": 30, "pin": 5, "factor": 5, "device": 20}
"""Failures that cost no waiting, by what is counted: a person, a network, a clerk, a till."""
WAIT_US_MAX = 900 * SECOND_US
FORGET_US = DAY_US
"""A day after the last failure, it is forgotten."""
TOTP_STEP_S = 30

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._+@-]{2,253}")
_ROLE = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_EASY = frozenset(
    {
        *("password", "passwort", "passw0rd", "qwertyuiop", "letmein", "welcome", "administrator"),
        *("iloveyou", "woaini", "coterie", "changeme", "abcdefgh", "asdfghjkl", "1q2w3e4r"),
    }
)
_RUNS = ("01234567890123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")


def digest(text: str) -> bytes:
    """Return what is stored of a token or code: they are random, so no slow hash is needed."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def normal_login(text: str) -> str:
    """Return a login in the one way it is spelled; it may still be none that exists."""
    return text.strip().lower()


def check_account(asked: NewAccount, roles: Mapping[str, Role]) -> NewAccount:
    """Return an account with its login in one spelling. Raises BadAccount and RoleUnknown."""
    login = normal_login(asked.login)
    if not _LOGIN.fullmatch(login):
        told = "A login is an e-mail address or 3 to 254 of a-z, 0-9 and ._+@-"
        raise BadAccount(told, where="login")
    check_name(asked.name)
    if asked.language not in ("zh", "en"):
        raise BadAccount("The language is zh or en.", where="language")
    code = asked.staff_code
    if code is not None and not (1 <= len(code) <= 64 and code.isprintable()):
        raise BadAccount("A staff code has 1 to 64 characters.", where="staff_code")
    check_grants(asked.roles, roles)
    return NewAccount(login, asked.name.strip(), asked.roles, asked.language, code)


def check_name(name: str) -> None:
    """Refuse what is no name. Raises BadAccount."""
    if not (1 <= len(name.strip()) <= 100 and name.isprintable()):
        raise BadAccount("A name has 1 to 100 printable characters.", where="name")


def check_grants(grants: Iterable[RoleGrant], roles: Mapping[str, Role]) -> None:
    """Refuse roles that cannot be given. Raises BadAccount and RoleUnknown."""
    given = list(grants)
    if not 1 <= len(given) <= ACCOUNT_ROLES_MAX:
        raise BadAccount(f"Somebody has 1 to {ACCOUNT_ROLES_MAX} roles.", where="roles")
    names = [grant.role for grant in given]
    if len(set(names)) != len(names):
        raise BadAccount("A role is given once.", where="roles")
    for grant in given:
        if grant.role not in roles:
            raise RoleUnknown(f"{grant.role!r}.{nearest(grant.role, roles)}", where="roles")
        if grant.stores is not None and not 1 <= len(set(grant.stores)) <= STORES_MAX:
            raise BadAccount(f"A role is limited to 1 to {STORES_MAX} stores.", where="stores")
        if grant.role == "owner" and grant.stores is not None:
            raise BadAccount("An owner is one everywhere.", where="stores")


def check_role(role: str, name: str, permissions: Iterable[str]) -> Role:
    """Return one's own role. Raises BadRole."""
    if not _ROLE.fullmatch(role) or role in BUILT_IN:
        told = "A role has 2 to 40 of a-z, 0-9, _ and -, and no built-in role's name."
        raise BadRole(told, where="role")
    if not (1 <= len(name.strip()) <= 100 and name.isprintable()):
        raise BadRole("A name has 1 to 100 printable characters.", where="name")
    known = [permission.value for permission in Permission]
    wanted = set(permissions)
    for permission in sorted(wanted):
        if permission not in known:
            told = f"There is no permission {permission!r}.{nearest(permission, known)}"
            raise BadRole(told, where="permissions")
    if not wanted:
        raise BadRole("It would allow nothing.", where="permissions")
    return Role(role, name.strip(), name.strip(), frozenset(map(Permission, wanted)), False)


def grants_of(roles: Iterable[RoleGrant], known: Mapping[str, Role]) -> dict[Permission, Reach]:
    """Return what roles allow together, and where; a role that is not known allows nothing."""
    found: dict[Permission, Reach] = {}
    for grant in roles:
        role = known.get(grant.role)
        for permission in role.permissions if role is not None else ():
            if grant.stores is None or found.get(permission, frozenset()) is None:
                found[permission] = None
            else:
                found[permission] = (found.get(permission) or frozenset()) | set(grant.stores)
    return found


def may(person: Person, permission: Permission, store: str | None = None) -> bool:
    """Tell whether somebody may do something at all, or in a store."""
    if permission not in person.grants:
        return False
    reach = person.grants[permission]
    return store is None or reach is None or store in reach


def require(person: Person, permission: Permission, store: str | None = None) -> None:
    """Refuse who may not. Raises PermissionMissing."""
    if not may(person, permission, store):
        needed = f"It needs {permission.value}." if store is None else f"Not in {store}."
        raise PermissionMissing(needed, permission=permission.value)


def stores_of(person: Person, permission: Permission) -> Reach:
    """Return the stores in which somebody may do something; None: everywhere.

    Raises PermissionMissing.
    """
    require(person, permission)
    return person.grants[permission]


def holds(account: Account, known: Mapping[str, Role], permission: Permission) -> bool:
    """Tell whether an account's roles allow something somewhere."""
    return account.state != "disabled" and permission in grants_of(account.roles, known)


def check_password(password: str, *about: str) -> None:
    """Refuse what is guessed first; ``about`` is what is known of the person.

    Length counts, not kinds of characters. Raises WeakPassword.
    """
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        told = f"It needs {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters."
        raise WeakPassword(told, where="password")
    plain = password.lower()
    parts = [part for text in about for part in re.split(r"[\W_]+", text.lower()) if len(part) > 2]
    rest = plain
    for known in sorted({*_EASY, *parts}, key=len, reverse=True):
        rest = rest.replace(known, "")
    run = any(plain[i : i + 8] in line for line in _RUNS for i in range(len(plain) - 7))
    if len(rest) < 6 or len(set(plain)) < 5 or run:
        raise WeakPassword("Several unrelated words are easy to keep.", where="password")


def check_pin(pin: str) -> None:
    """Refuse what is guessed first. Raises WeakPin."""
    if not (pin.isascii() and pin.isdigit() and PIN_DIGITS_MIN <= len(pin) <= PIN_DIGITS_MAX):
        told = f"It has {PIN_DIGITS_MIN} to {PIN_DIGITS_MAX} digits."
        raise WeakPin(told, where="pin")
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    if len(steps) == 1 or len(set(pin)) < 3:
        raise WeakPin("Not the same digit, nor a row of digits.", where="pin")


def wait_us(failures: int, free: int) -> int:
    """Return how long nobody may try after so many failures: nothing, then twice as long each."""
    if failures < free:
        return 0
    return int(min(WAIT_US_MAX, SECOND_US << min(failures - free, 20)))


def subject(kind: str, name: str) -> bytes:
    """Return under what name failures are counted: nobody reads from it who tried what."""
    return hashlib.sha256(f"{kind}\0{name}".encode("utf-8", "surrogatepass")).digest()


def coarse_network(address: str) -> str:
    """Return the network of an address: /24 of IPv4, /48 of IPv6; enough to tell places apart."""
    if ":" in address:
        head = address.partition("%")[0]
        if head == "::1":
            return head
        left, gap, _ = head.partition("::")
        groups = [*left.split(":"), *(["0"] * 3 if gap else [])][:3]
        return ":".join(group or "0" for group in groups) + "::/48"
    parts = address.split(".")
    if len(parts) == 4 and all(part.isdigit() for part in parts):
        return ".".join(parts[:3]) + ".0/24"
    return "unknown"


_PROGRAMS = (
    ("Edg", "Edge"),
    ("MicroMessenger", "WeChat"),
    ("Chrome", "Chrome"),
    ("Firefox", "Firefox"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def coarse_client(agent: str) -> str:
    """Return which browser on which system a program says it is; the rest of it is not kept."""
    program = next((name for mark, name in _PROGRAMS if mark in agent), "?")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "?")
    return f"{program} · {system}"
