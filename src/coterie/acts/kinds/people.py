"""Accounts and roles of staff. Nobody gives away more than they have."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, to_builtins

from coterie import staff
from coterie.acts.errors import ActBlocked
from coterie.acts.kind import ActKind, Args
from coterie.acts.model import Actor, Change, Context, Done, Preview, Undo
from coterie.approvals import Policy
from coterie.staff import Account, NewAccount, Permission, PermissionMissing, RoleGrant
from coterie.storage import Connection

AccountId = Annotated[int, Meta(ge=1, le=2**62)]
Code = Annotated[str, Meta(min_length=1, max_length=64)]
Granted = Annotated[tuple[RoleGrant, ...], Meta(min_length=1, max_length=10)]


class OneAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """An account."""

    account_id: AccountId


class StaffAct(ActKind[Args]):
    """An act on staff: under four eyes where role changes are."""

    permission = Permission.STAFF_WRITE

    def eyes(self, policy: Policy, args: Args, preview: Preview) -> str | None:
        """Ask for a second person where the policy says so."""
        del args, preview
        return "roles" if policy.roles else None


class Add(StaffAct[NewAccount]):
    """Let somebody sign in; the code that sets their password is the result's secret."""

    code = "staff.add"
    zh, en = "新增账号", "add an account"
    args = NewAccount

    def preview(self, db: Connection, context: Context, args: NewAccount) -> Preview:
        """Tell what they would be allowed."""
        check_not_more(db, context.actor, args.roles)
        changes = (Change("roles", None, to_builtins(args.roles)),)
        return Preview("account:new", changes, 1, {"roles": to_builtins(args.roles)})

    def run(self, db: Connection, context: Context, args: NewAccount) -> Done:
        """Add and invite. Raises BadAccount, RoleUnknown and LoginTaken."""
        check_not_more(db, context.actor, args.roles)
        account_id = staff.add_account(db, args, now_us=context.machine_us)
        invitation = staff.invite(db, account_id, now_us=context.machine_us)
        after = {"account_id": account_id, "login": args.login, "roles": to_builtins(args.roles)}
        facts = {"account_id": account_id, "expires_us": invitation.expires_us}
        undo = Undo(Disable.code, OneAccount(account_id))
        return Done({}, after, facts, undo, invitation.code)


class NewRoles(Struct, frozen=True, forbid_unknown_fields=True):
    """The roles an account has from now on."""

    account_id: AccountId
    roles: Granted


class GiveRoles(StaffAct[NewRoles]):
    """Replace somebody's roles."""

    code = "staff.roles"
    zh, en = "变更角色", "change roles"
    args = NewRoles

    def preview(self, db: Connection, context: Context, args: NewRoles) -> Preview:
        """Tell the roles before and after; those before are material."""
        check_not_more(db, context.actor, args.roles)
        before = staff.read_account(db, args.account_id)
        check_not_more(db, context.actor, before.roles)
        roles = to_builtins(before.roles)
        changes = (Change("roles", roles, to_builtins(args.roles)),)
        return Preview(_target(args.account_id), changes, 1, {"before": roles})

    def run(self, db: Connection, context: Context, args: NewRoles) -> Done:
        """Replace them. Raises LastOwner."""
        check_not_more(db, context.actor, args.roles)
        before = staff.change_roles(db, args.account_id, args.roles, now_us=context.machine_us)
        undo = Undo(self.code, NewRoles(args.account_id, before.roles))
        return Done(
            {"roles": to_builtins(before.roles)}, {"roles": to_builtins(args.roles)}, {}, undo
        )


class Disable(StaffAct[OneAccount]):
    """Let somebody in no more; never waits, because a thief does not."""

    code = "staff.disable"
    zh, en = "停用账号", "disable an account"
    args = OneAccount

    def preview(self, db: Connection, context: Context, args: OneAccount) -> Preview:
        """Tell who it is."""
        account = _lesser(db, context.actor, args.account_id)
        return Preview(_target(args.account_id), (Change("state", account.state, "disabled"),))

    def run(self, db: Connection, context: Context, args: OneAccount) -> Done:
        """Disable it. Raises LastOwner."""
        _lesser(db, context.actor, args.account_id)
        before = staff.disable_account(db, args.account_id, now_us=context.machine_us)
        undo = Undo(Enable.code, args)
        return Done({"state": before.state.value}, {"state": "disabled"}, {}, undo)

    def eyes(self, policy: Policy, args: OneAccount, preview: Preview) -> str | None:
        """Ask for nobody."""
        del policy, args, preview
        return None


class Enable(StaffAct[OneAccount]):
    """Let somebody in again."""

    code = "staff.enable"
    zh, en = "启用账号", "enable an account"
    args = OneAccount

    def preview(self, db: Connection, context: Context, args: OneAccount) -> Preview:
        """Tell who it is."""
        account = _lesser(db, context.actor, args.account_id)
        changes = (Change("state", account.state, "enabled"),)
        return Preview(_target(args.account_id), changes, 1, {"before": account.state.value})

    def run(self, db: Connection, context: Context, args: OneAccount) -> Done:
        """Enable it."""
        _lesser(db, context.actor, args.account_id)
        before = staff.enable_account(db, args.account_id, now_us=context.machine_us)
        undo = Undo(Disable.code, args)
        return Done({"state": before.state.value}, {"state": "enabled"}, {}, undo)


class ResetAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """Who gets a code that sets a password; ``second_factor``: theirs is taken away."""

    account_id: AccountId
    second_factor: bool = False


class Reset(StaffAct[ResetAccount]):
    """Make a code that sets a password: the result's secret."""

    code = "staff.reset"
    zh, en = "重置密码", "reset a password"
    args = ResetAccount

    def preview(self, db: Connection, context: Context, args: ResetAccount) -> Preview:
        """Tell who it is."""
        account = _lesser(db, context.actor, args.account_id)
        changes = [Change("password", "kept", "by code")]
        if args.second_factor:
            changes.append(Change("second factor", account.second_factor, False))
        return Preview(_target(args.account_id), tuple(changes))

    def run(self, db: Connection, context: Context, args: ResetAccount) -> Done:
        """Make the code."""
        _lesser(db, context.actor, args.account_id)
        if args.second_factor:
            staff.reset_factor(db, args.account_id, now_us=context.machine_us)
        invitation = staff.invite(db, args.account_id, now_us=context.machine_us)
        after = {"second_factor": "removed" if args.second_factor else "kept"}
        return Done({}, after, {"expires_us": invitation.expires_us}, secret=invitation.code)


class EndSignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """One sign-in of an account, or all of them."""

    account_id: AccountId
    sign_in_id: AccountId | None = None


class EndSignIns(StaffAct[EndSignIn]):
    """Sign somebody out; never waits."""

    code = "staff.end_sign_ins"
    zh, en = "结束登录", "end sign-ins"
    args = EndSignIn

    def preview(self, db: Connection, context: Context, args: EndSignIn) -> Preview:
        """Tell who it is."""
        del context
        staff.read_account(db, args.account_id)
        return Preview(_target(args.account_id), (Change("sign-ins", "open", "ended"),))

    def run(self, db: Connection, context: Context, args: EndSignIn) -> Done:
        """End them. Raises SignInUnknown."""
        if args.sign_in_id is None:
            count = staff.end_all_sign_ins(db, args.account_id, now_us=context.machine_us)
        else:
            staff.end_sign_in(db, args.account_id, args.sign_in_id, now_us=context.machine_us)
            count = 1
        return Done({}, {"ended": count}, {"ended": count})

    def eyes(self, policy: Policy, args: EndSignIn, preview: Preview) -> str | None:
        """Ask for nobody."""
        del policy, args, preview
        return None


class RoleText(Struct, frozen=True, forbid_unknown_fields=True):
    """One's own role: what it is called and what it allows."""

    role: Code
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    permissions: Annotated[tuple[str, ...], Meta(min_length=1, max_length=100)]


class SaveRole(StaffAct[RoleText]):
    """Save one's own role."""

    code = "role.save"
    zh, en = "保存角色", "save a role"
    args = RoleText

    def preview(self, db: Connection, context: Context, args: RoleText) -> Preview:
        """Tell what it allowed and would allow."""
        check_has(context.actor, args.permissions)
        known = staff.roles(db).get(args.role)
        before = sorted(known.permissions) if known else None
        changes = (Change("permissions", before, sorted(args.permissions)),)
        return Preview(f"role:{args.role}", changes, 1, {"before": before})

    def run(self, db: Connection, context: Context, args: RoleText) -> Done:
        """Save it. Raises BadRole."""
        check_has(context.actor, args.permissions)
        known = staff.roles(db).get(args.role)
        before = sorted(known.permissions) if known else None
        staff.save_role(db, args.role, args.name, args.permissions, now_us=context.machine_us)
        return Done({"permissions": before}, {"permissions": sorted(args.permissions)}, {})


class RoleName(Struct, frozen=True, forbid_unknown_fields=True):
    """One's own role."""

    role: Code


class RemoveRole(StaffAct[RoleName]):
    """Remove a role that nobody has."""

    code = "role.remove"
    zh, en = "删除角色", "remove a role"
    args = RoleName

    def preview(self, db: Connection, context: Context, args: RoleName) -> Preview:
        """Tell what it allows."""
        del context
        known = staff.roles(db).get(args.role)
        if known is None or known.built_in:
            raise staff.RoleUnknown(f"{args.role!r}.")
        changes = (Change("permissions", sorted(known.permissions), None),)
        return Preview(f"role:{args.role}", changes)

    def run(self, db: Connection, context: Context, args: RoleName) -> Done:
        """Remove it. Raises RoleInUse."""
        del context
        known = staff.roles(db).get(args.role)
        staff.remove_role(db, args.role)
        return Done({"permissions": sorted(known.permissions) if known else None}, {}, {})


class NewPin(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who shall get another PIN, which is made up and told once."""

    account_id: AccountId


class SetPin(StaffAct[NewPin]):
    """Give a clerk a PIN: the result's secret. It opens nothing but a registered till."""

    code = "staff.pin"
    zh, en = "设置收银 PIN 码", "give a till PIN"
    args = NewPin

    def preview(self, db: Connection, context: Context, args: NewPin) -> Preview:
        """Tell who it is."""
        account = _lesser(db, context.actor, args.account_id)
        blocked = None if account.staff_code else "A PIN goes with a staff code."
        changes = (Change("PIN", account.has_pin, True),)
        return Preview(_target(args.account_id), changes, blocked=blocked)

    def run(self, db: Connection, context: Context, args: NewPin) -> Done:
        """Make one up and set it."""
        _lesser(db, context.actor, args.account_id)
        pin = staff.random_pin()
        staff.set_pin(db, args.account_id, pin, now_us=context.machine_us)
        return Done({}, {"pin": "set"}, {}, secret=pin)

    def eyes(self, policy: Policy, args: NewPin, preview: Preview) -> str | None:
        """Ask for nobody."""
        del policy, args, preview
        return None


def check_not_more(db: Connection, actor: Actor, roles: tuple[RoleGrant, ...]) -> None:
    """Refuse to give away more than the actor has. Raises PermissionMissing."""
    check_has(actor, staff.grants_of(roles, staff.roles(db)))


def check_has(actor: Actor, permissions: object) -> None:
    """Refuse an actor who has not all of these everywhere. Raises PermissionMissing."""
    if actor.person is None:
        return
    missing = [
        str(each)
        for each in permissions  # type: ignore[attr-defined]
        if actor.person.grants.get(each, frozenset()) is not None
    ]
    if missing:
        raise PermissionMissing(f"Nobody gives what they have not: {', '.join(sorted(missing))}.")


def _lesser(db: Connection, actor: Actor, account_id: int) -> Account:
    account = staff.read_account(db, account_id)
    if actor.person is not None and actor.person.account_id == account_id:
        raise ActBlocked("One's own account is changed by others.")
    check_not_more(db, actor, account.roles)
    return account


def _target(account_id: int) -> str:
    return f"account:{account_id}"
