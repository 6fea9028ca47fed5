"""Deciding about what others asked for: looked at again, then run as who asked."""

from __future__ import annotations

from typing import Any

import msgspec

from coterie import approvals, audit, staff
from coterie.acts.errors import PreviewChanged
from coterie.acts.model import Actor, Context, Preview, Result
from coterie.acts.performing import (
    Acts,
    check_may,
    checked_reason,
    entry,
    material_digest,
    read_act,
    result_of,
    system_entry,
)
from coterie.approvals import Request
from coterie.audit import ActorKind, Outcome
from coterie.kernel.errors import Refusal
from coterie.staff import Permission, PermissionMissing, Person, Way
from coterie.storage import Connection, transaction


class Deciding:
    """The inbox of requests. ``db`` is always a connection in autocommit mode."""

    def __init__(self, acts: Acts) -> None:
        """Decide about what these acts let wait."""
        self._acts = acts

    def look(self, db: Connection, actor: Actor, request_id: int) -> tuple[Request, Preview]:
        """Return a request and what it would do now.

        Raises RequestUnknown and PermissionMissing; a request that could not run any more comes
        with a preview that says so.
        """
        request = approvals.read_request(db, request_id)
        self._check_may_see(actor, request)
        return request, self._now(db, request)

    def approve(
        self, db: Connection, actor: Actor, request_id: int, *, note: str | None = None
    ) -> Result:
        """Approve a request and run it as who asked, with the decider on record.

        Whoever asked must still may; what it would do must still be what was shown: otherwise the
        new preview is kept and PreviewChanged raised, and it waits on. Raises RequestUnknown,
        OwnRequest, DecidedAlready, RequestLapsed, PermissionMissing, and what the act refuses: it
        has failed then.
        """
        request = approvals.read_request(db, request_id)
        kind, _ = read_act(request.act, msgspec.json.decode(request.args))
        decider = self._check_may_decide(actor, kind.permission)
        if request.asked_by == decider:
            raise approvals.OwnRequest
        preview = self._now(db, request)
        context = self._acts.context(actor, f"request:{request_id}", note or request.reason)
        if material_digest(preview) != request.preview_sha256:
            with transaction(db):
                shown = msgspec.json.encode(preview).decode()
                approvals.look_again(db, request_id, shown, material_digest(preview))
            raise PreviewChanged(preview.blocked or "", request=request_id)
        with transaction(db):
            approvals.decide(
                db,
                request_id,
                approved=True,
                decided_by=decider,
                note=note,
                now_us=context.machine_us,
            )
            told = entry(
                context,
                request.act,
                request.target,
                Outcome.APPROVED,
                after={"request": request_id},
            )
            audit.append(db, told)
        return self.finish(db, request_id)

    def finish(self, db: Connection, request_id: int) -> Result:
        """Run a request that is approved; also one that a crash left so. Raises what it refuses."""
        request = approvals.read_request(db, request_id)
        kind, typed = read_act(request.act, msgspec.json.decode(request.args))
        requester = asker(db, request.asked_by)
        context = self._acts.context(requester, f"request:{request_id}", request.reason)
        try:
            check_may(db, requester, kind, typed)
            if kind.sends:
                done = kind.run(db, context, typed)
                with transaction(db):
                    self._settle(db, context, request, done.before, done.after)
            else:
                with transaction(db):
                    done = kind.run(db, context, typed)
                    self._settle(db, context, request, done.before, done.after)
        except Refusal as refusal:
            with transaction(db):
                said = {"code": refusal.code, "message": refusal.message}
                body = msgspec.json.encode(said).decode()
                approvals.settle(db, request_id, ran=False, result=body, now_us=context.machine_us)
                audit.append(
                    db, entry(context, request.act, request.target, Outcome.FAILED, after=said)
                )
            raise
        return result_of(request.act, request.target, done)

    def _settle(
        self,
        db: Connection,
        context: Context,
        request: Request,
        before: dict[str, Any],
        after: dict[str, Any],
    ) -> None:
        body = msgspec.json.encode(after).decode()
        approvals.settle(db, request.request_id, ran=True, result=body, now_us=context.machine_us)
        whole = {**after, "request": request.request_id, "decided_by": request.decided_by}
        audit.append(
            db,
            entry(context, request.act, request.target, Outcome.DONE, before=before, after=whole),
        )

    def refuse(self, db: Connection, actor: Actor, request_id: int, *, note: str) -> None:
        """Refuse a request, with a reason. Raises as :meth:`approve`, and BadReason."""
        told = checked_reason(note)
        request = approvals.read_request(db, request_id)
        kind, _ = read_act(request.act, msgspec.json.decode(request.args))
        decider = self._check_may_decide(actor, kind.permission)
        context = self._acts.context(actor, f"request:{request_id}", told)
        with transaction(db):
            approvals.decide(
                db,
                request_id,
                approved=False,
                decided_by=decider,
                note=told,
                now_us=context.machine_us,
            )
            said = {"request": request_id}
            audit.append(
                db, entry(context, request.act, request.target, Outcome.REFUSED, after=said)
            )

    def withdraw(self, db: Connection, actor: Actor, request_id: int) -> None:
        """Take back what one asked for. Raises as the room's withdraw does."""
        if actor.person is None:
            raise PermissionMissing
        context = self._acts.context(actor, f"request:{request_id}", "withdrawn")
        with transaction(db):
            request = approvals.withdraw(
                db, request_id, account_id=actor.person.account_id, now_us=context.machine_us
            )
            self._tell(db, context, request, Outcome.WITHDRAWN, {"request": request_id})

    def lapse(self, db: Connection, machine_us: int, world_us: int) -> int:
        """End what waited too long, some hundreds at most; return how many. For a worker."""
        with transaction(db):
            ended = approvals.lapse_old(db, now_us=machine_us)
            for _, act, target, _ in ended:
                audit.append(db, system_entry(machine_us, world_us, act, target, Outcome.LAPSED))
        return len(ended)

    # ------------------------------------------------------------------ who, and what now

    def _tell(
        self,
        db: Connection,
        context: Context,
        request: Request,
        outcome: Outcome,
        after: dict[str, Any],
    ) -> None:
        audit.append(db, entry(context, request.act, request.target, outcome, after=after))

    def _now(self, db: Connection, request: Request) -> Preview:
        try:
            kind, typed = read_act(request.act, msgspec.json.decode(request.args))
            requester = asker(db, request.asked_by)
            check_may(db, requester, kind, typed)
            context = self._acts.context(requester, "preview", request.reason)
            return kind.preview(db, context, typed)
        except Refusal as refusal:
            return Preview(request.target, blocked=refusal.message)

    def _check_may_see(self, actor: Actor, request: Request) -> None:
        if actor.person is not None and request.asked_by == actor.person.account_id:
            return
        kind, _ = read_act(request.act, msgspec.json.decode(request.args))
        self._check_may_decide(actor, kind.permission)

    def _check_may_decide(self, actor: Actor, permission: Permission) -> int:
        """Return the decider's account; who decides may do it themselves, and everywhere."""
        for each in (Permission.APPROVALS_DECIDE, permission):
            if actor.reach(each) is not None:
                raise PermissionMissing(
                    "Whoever decides may do it everywhere.", permission=each.value
                )
        if actor.person is None:
            raise PermissionMissing("Somebody signed in decides.")
        return actor.person.account_id


def asker(db: Connection, account_id: int, network: str = "") -> Actor:
    """Return somebody as who acts, with what they may now.

    Raises AccountUnknown, and PermissionMissing for who is disabled.
    """
    account = staff.read_account(db, account_id)
    if account.state == "disabled":
        raise PermissionMissing("This account is disabled.")
    grants = staff.grants_of(account.roles, staff.roles(db))
    person = Person(
        account.account_id, account.login, account.name, account.language, 0, Way.PASSWORD, grants
    )
    return Actor(ActorKind.PERSON, str(account_id), account.name, network, person)
