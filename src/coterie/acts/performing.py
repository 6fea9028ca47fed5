"""The one door: may they, what would it do, does it wait, do it once, write it down."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

import msgspec
from msgspec import Struct

from coterie import approvals, audit, staff
from coterie.acts import store
from coterie.acts.errors import ActBlocked, BadReason
from coterie.acts.kind import ActKind
from coterie.acts.model import REASON_LENGTH_MAX, Actor, Context, Done, Preview, Result
from coterie.acts.registry import act_named
from coterie.approvals import NewRequest
from coterie.audit import ActorKind, NewEntry, Outcome
from coterie.events import KeyReused
from coterie.intake.engine import Engine
from coterie.kernel.clock import Clock, SystemClock
from coterie.kernel.errors import Malformed, Refusal
from coterie.staff import Permission, PermissionMissing
from coterie.storage import Connection, transaction

KEY_LENGTH_MAX = 100
Given = Struct | Mapping[str, Any]
"""Arguments of an act: its own struct, or the same as a mapping."""


@runtime_checkable
class World(Protocol):
    """What acts need of a world: its engine and its time."""

    @property
    def engine(self) -> Engine:
        """Return who decides events."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the time of this world."""
        ...


class Acts:
    """Previews and performs acts in a world. ``db`` is always a connection in autocommit mode."""

    def __init__(self, world: World, *, machine: Clock | None = None) -> None:
        """Act in a world; ``machine`` is the machine's clock, for tests."""
        self._world = world
        self._machine = machine or SystemClock()

    def preview(self, db: Connection, actor: Actor, act: str, args: Given) -> Preview:
        """Tell what an act would do, and write nothing.

        Raises ActUnknown, Malformed, PermissionMissing, and refusals for what is not there.
        """
        kind, typed = read_act(act, args)
        check_may(db, actor, kind, typed)
        return kind.preview(db, self.context(actor, "preview", "preview"), typed)

    def waits_for(self, db: Connection, act: str, args: Given, preview: Preview) -> str | None:
        """Return which line of the policy would make a previewed act wait, None where none."""
        kind, typed = read_act(act, args)
        return kind.eyes(approvals.policy(db), typed, preview)

    def perform(
        self,
        db: Connection,
        actor: Actor,
        act: str,
        args: Given,
        *,
        reason: str,
        key: str,
    ) -> Result:
        """Do an act, or let it wait for a second person where the policy says so.

        ``key`` is made by the client, once for each wish: sent again, the first result comes back.
        Raises what :meth:`preview` raises, BadReason, ActBlocked, KeyReused, ActFailed and what the
        act itself refuses; a refusal leaves an entry in the audit trail and the key free.
        """
        kind, typed = read_act(act, args)
        told = checked_reason(reason)
        if not 1 <= len(key) <= KEY_LENGTH_MAX or not key.isprintable():
            raise Malformed(f"A key has 1 to {KEY_LENGTH_MAX} characters.", where="key")
        digest = _digest(act, typed, told)
        context = self.context(actor, f"{actor.ref}:{key}", told)
        known = self._known(db, actor, key, digest)
        if known is not None:
            return known
        try:
            check_may(db, actor, kind, typed)
            preview = kind.preview(db, context, typed)
            if preview.blocked is not None:
                raise ActBlocked(preview.blocked)
        except Refusal as refusal:
            self.tell(db, context, kind.code, "-", Outcome.REFUSED, after={"code": refusal.code})
            raise
        why, alone = self._waits(db, actor, kind, typed, preview)
        if why is not None and not alone:
            return self._ask(db, context, kind, typed, preview, why, key, digest)
        return self._run(db, context, kind, typed, preview.target, key, digest, alone=alone)

    # ------------------------------------------------------------------ what it is made of

    def context(self, actor: Actor, key: str, reason: str) -> Context:
        """Return what an act is told."""
        now_us, machine_us = self._world.clock.now_us(), self._machine.now_us()
        return Context(self._world.engine, actor, now_us, machine_us, key, reason)

    def _known(self, db: Connection, actor: Actor, key: str, digest: bytes) -> Result | None:
        found = store.find_act(db, actor.ref, key)
        if found is None:
            return None
        sent, result = found
        if sent != digest:
            raise KeyReused(f"{key!r}.", where="key")
        if result is None:
            return None
        return msgspec.structs.replace(msgspec.json.decode(result, type=Result), replayed=True)

    def _waits(
        self, db: Connection, actor: Actor, kind: ActKind[Any], typed: Struct, preview: Preview
    ) -> tuple[str | None, bool]:
        """Return why it waits, and whether nobody else is there who could decide."""
        if actor.person is None:
            # Whoever has a shell on the machine has the database as well.
            return None, False
        policy = approvals.policy(db)
        why = kind.eyes(policy, typed, preview)
        if why is None or policy.waits_alone:
            return why, False
        could = staff.who_may(db, Permission.APPROVALS_DECIDE, kind.permission)
        return why, all(each.account_id == actor.person.account_id for each in could)

    def _ask(
        self,
        db: Connection,
        context: Context,
        kind: ActKind[Any],
        typed: Struct,
        preview: Preview,
        why: str,
        key: str,
        digest: bytes,
    ) -> Result:
        actor, person = context.actor, context.actor.person
        assert person is not None, "only who is signed in waits"
        shown = msgspec.json.encode(preview).decode()
        args = msgspec.json.encode(typed).decode()
        with transaction(db):
            if not store.begin_act(db, actor.ref, key, digest, context.machine_us):
                known = self._known(db, actor, key, digest)
                if known is not None:
                    return known
            asked = NewRequest(
                kind.code,
                args,
                preview.target,
                context.reason,
                why,
                person.account_id,
                shown,
                material_digest(preview),
            )
            number = approvals.ask(db, asked, now_us=context.machine_us)
            result = Result("waiting", kind.code, preview.target, number, why)
            store.finish_act(db, actor.ref, key, _kept(result))
            audit.append(
                db,
                entry(context, kind.code, preview.target, Outcome.ASKED, after={"request": number}),
            )
        return result

    def _run(
        self,
        db: Connection,
        context: Context,
        kind: ActKind[Any],
        typed: Struct,
        target: str,
        key: str,
        digest: bytes,
        *,
        alone: bool,
    ) -> Result:
        ref = context.actor.ref
        try:
            if kind.sends:
                # What it sends is committed by itself; the note that it began lets whoever sends
                # the key again finish what a crash cut off.
                store.begin_act(db, ref, key, digest, context.machine_us)
                done = kind.run(db, context, typed)
                with transaction(db):
                    return self._finish(db, context, kind, target, key, done, alone=alone)
            with transaction(db):
                if not store.begin_act(db, ref, key, digest, context.machine_us):
                    known = self._known(db, context.actor, key, digest)
                    if known is not None:
                        return known
                done = kind.run(db, context, typed)
                return self._finish(db, context, kind, target, key, done, alone=alone)
        except Refusal as refusal:
            store.drop_act(db, ref, key)
            self.tell(
                db,
                context,
                kind.code,
                target,
                Outcome.FAILED,
                after={"code": refusal.code, "refusal": refusal.facts.get("refusal")},
            )
            raise

    def _finish(
        self,
        db: Connection,
        context: Context,
        kind: ActKind[Any],
        target: str,
        key: str,
        done: Done,
        *,
        alone: bool,
    ) -> Result:
        result = result_of(kind.code, target, done, alone=alone)
        if store.finish_act(db, context.actor.ref, key, _kept(result)):
            after = {**done.after, **({"alone": True} if alone else {})}
            audit.append(
                db, entry(context, kind.code, target, Outcome.DONE, before=done.before, after=after)
            )
        return result

    def tell(
        self,
        db: Connection,
        context: Context,
        act: str,
        target: str,
        outcome: Outcome,
        *,
        after: dict[str, Any],
    ) -> None:
        """Write one entry of the audit trail by itself."""
        with transaction(db):
            audit.append(db, entry(context, act, target, outcome, after=after))


def read_act(act: str, args: Given) -> tuple[ActKind[Any], Struct]:
    """Return the kind of an act and its typed arguments. Raises ActUnknown and Malformed."""
    kind = act_named(act)
    raw = msgspec.to_builtins(args)
    try:
        return kind, msgspec.convert(raw, type=kind.args, strict=False)
    except msgspec.ValidationError as error:
        raise Malformed(str(error), where="args") from None


def check_may(db: Connection, actor: Actor, kind: ActKind[Any], typed: Struct) -> None:
    """Refuse who may not, or not in this store. Raises PermissionMissing."""
    reach = actor.reach(kind.permission)
    if reach is None:
        return
    place = kind.store(db, typed)
    if place is None or place not in reach:
        raise PermissionMissing("Not in this store.", permission=kind.permission.value)


def checked_reason(reason: str) -> str:
    """Return a reason. Raises BadReason."""
    told = " ".join(reason.split())
    if not 1 <= len(told) <= REASON_LENGTH_MAX:
        raise BadReason(f"It has 1 to {REASON_LENGTH_MAX} characters.", where="reason")
    return told


def material_digest(preview: Preview) -> bytes:
    """Return the digest of what must still be so when an approved act runs."""
    said = (preview.target, preview.count, preview.material, preview.blocked)
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).digest()


def result_of(act: str, target: str, done: Done, *, alone: bool = False) -> Result:
    """Return the result of what an act did."""
    undo = None if done.undo is None else (done.undo.act, msgspec.to_builtins(done.undo.args))
    return Result("done", act, target, facts=done.facts, undo=undo, alone=alone, secret=done.secret)


def entry(
    context: Context,
    act: str,
    target: str,
    outcome: Outcome,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> NewEntry:
    """Return an entry of the audit trail about an act."""
    actor = context.actor
    return NewEntry(
        context.machine_us,
        context.now_us,
        actor.kind,
        actor.actor,
        act,
        target,
        outcome,
        actor.name,
        context.reason,
        actor.network,
        before or {},
        after or {},
    )


def system_entry(
    machine_us: int, world_us: int, act: str, target: str, outcome: Outcome
) -> NewEntry:
    """Return an entry about what Coterie does by itself."""
    return NewEntry(machine_us, world_us, ActorKind.SYSTEM, "coterie", act, target, outcome)


def _digest(act: str, typed: Struct, reason: str) -> bytes:
    return hashlib.sha256(msgspec.json.encode([act, typed, reason], order="sorted")).digest()


def _kept(result: Result) -> str:
    """Return a result as it is kept: a secret is told once."""
    return msgspec.json.encode(msgspec.structs.replace(result, secret=None)).decode()
