"""What is refused to people who sign in.

Refusal
 ├─ SignInRefused, SignedOut, InvitationRefused   unauthenticated
 ├─ PermissionMissing                             forbidden
 ├─ TooManyTries                                  busy
 ├─ AccountUnknown, RoleUnknown, SignInUnknown, DeviceUnknown   not found
 ├─ LoginTaken, RoleInUse, LastOwner, FactorSet   conflict
 └─ BadAccount, BadRole, WeakPassword, WeakPin    malformed
"""

from __future__ import annotations

from coterie.kernel.errors import Kind, Malformed, Refusal


class SignInRefused(Refusal):
    """Login, password or code is not right."""

    code = "sign_in_refused"
    zh = "账号、密码或验证码不正确。"
    kind = Kind.UNAUTHENTICATED


class SignedOut(Refusal):
    """Please sign in."""

    code = "signed_out"
    zh = "请先登录。"
    kind = Kind.UNAUTHENTICATED


class InvitationRefused(Refusal):
    """This code was used, has expired, or never was one."""

    code = "invitation_refused"
    zh = "此链接已使用、已过期或无效。"
    kind = Kind.UNAUTHENTICATED


class PermissionMissing(Refusal):
    """You may not do that."""

    code = "permission_missing"
    zh = "您没有此操作的权限。"
    kind = Kind.FORBIDDEN


class TooManyTries(Refusal):
    """Too many tries; please wait."""

    code = "too_many_tries"
    zh = "尝试次数过多，请稍候再试。"
    kind = Kind.BUSY


class AccountUnknown(Refusal):
    """No account has this number or login."""

    code = "account_unknown"
    zh = "没有这个账号。"
    kind = Kind.NOT_FOUND


class RoleUnknown(Refusal):
    """There is no such role."""

    code = "role_unknown"
    zh = "没有这个角色。"
    kind = Kind.NOT_FOUND


class SignInUnknown(Refusal):
    """There is no such sign-in."""

    code = "sign_in_unknown"
    zh = "没有这条登录记录。"
    kind = Kind.NOT_FOUND


class DeviceUnknown(Refusal):
    """This till is not registered."""

    code = "device_unknown"
    zh = "此收银设备未登记。"
    kind = Kind.NOT_FOUND


class LoginTaken(Refusal):
    """Somebody signs in by that already."""

    code = "login_taken"
    zh = "该账号名或工号已被使用。"
    kind = Kind.CONFLICT


class RoleInUse(Refusal):
    """People have this role."""

    code = "role_in_use"
    zh = "仍有人员使用此角色。"
    kind = Kind.CONFLICT


class LastOwner(Refusal):
    """The last owner stays one."""

    code = "last_owner"
    zh = "至少须保留一位所有者。"
    kind = Kind.CONFLICT


class FactorSet(Refusal):
    """A second factor is set already."""

    code = "factor_set"
    zh = "已启用两步验证。"
    kind = Kind.CONFLICT


class OpenHouseRefused(Refusal):
    """Only a new demo opens its doors."""

    code = "open_house_refused"
    zh = "只有新建的演示环境可以免密进入。"
    kind = Kind.CONFLICT


class BadAccount(Malformed):
    """Such an account cannot be."""

    code = "bad_account"
    zh = "账号信息不符合要求。"


class BadRole(Malformed):
    """Such a role cannot be."""

    code = "bad_role"
    zh = "角色信息不符合要求。"


class WeakPassword(Malformed):
    """This password is too easy to guess."""

    code = "weak_password"
    zh = "密码过于简单。"


class WeakPin(Malformed):
    """This PIN is too easy to guess."""

    code = "weak_pin"
    zh = "PIN 码过于简单。"
