"""What runs by itself: jobs, events that wait, what subscribers are told."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from coterie import webhooks
from coterie.acts.errors import ActFailed
from coterie.acts.kind import ActKind
from coterie.acts.model import Change, Context, Done, Preview, Undo
from coterie.acts.sending import told
from coterie.events import waiting_by_id
from coterie.jobs import ask_job, cancel_job, get_job, job_kind, read_arguments
from coterie.kernel.numbers import INT64_MAX
from coterie.staff import Permission, PermissionMissing
from coterie.storage import Connection

Number = Annotated[int, Meta(ge=1, le=2**62)]
OVER = ("failed", "cancelled")
NEEDED = {
    "import": Permission.IMPORTS_RUN,
    "export": Permission.EXPORTS_RUN,
    "plan": Permission.PROGRAMME_DRAFT,
}
"""What else one must be allowed, everywhere, to ask for a kind of job again."""


class OneJob(Struct, frozen=True, forbid_unknown_fields=True):
    """A job by its number."""

    job_id: Number


class CancelJob(ActKind[OneJob]):
    """Let a job end."""

    code = "job.cancel"
    zh, en = "取消任务", "cancel a job"
    permission = Permission.JOBS_RUN
    args = OneJob

    def preview(self, db: Connection, context: Context, args: OneJob) -> Preview:
        """Tell the job's state before."""
        del context
        job = get_job(db, args.job_id)
        return Preview(f"job:{job.job_id}", (Change("state", job.state, "cancelled"),))

    def run(self, db: Connection, context: Context, args: OneJob) -> Done:
        """Cancel it. Raises JobOver."""
        before = get_job(db, args.job_id)
        after = cancel_job(db, args.job_id, context.now_us)
        return Done({"state": before.state}, {"state": after.state, "cancel": after.cancel}, {})


class RetryJob(ActKind[OneJob]):
    """Ask once more for what a job that failed or was cancelled was asked for."""

    code = "job.retry"
    zh, en = "重试任务", "try a job again"
    permission = Permission.JOBS_RUN
    args = OneJob

    def preview(self, db: Connection, context: Context, args: OneJob) -> Preview:
        """Tell what would be asked for again. Raises PermissionMissing for such a kind of job."""
        job = get_job(db, args.job_id)
        needed = NEEDED.get(job.kind)
        if needed is not None and context.actor.reach(needed) is not None:
            raise PermissionMissing(f"It needs {needed.value}.", permission=needed.value)
        blocked = None if job.state in OVER else f"It is {job.state}."
        return Preview(f"job:{job.job_id}", (Change("job", None, job.kind),), blocked=blocked)

    def run(self, db: Connection, context: Context, args: OneJob) -> Done:
        """Ask for it. Raises JobsFull."""
        job = get_job(db, args.job_id)
        kind = job_kind(job.kind)
        arguments = read_arguments(kind, msgspec.json.decode(job.arguments or "{}"))
        # By the job's own number: pressing twice asks once.
        key = f"retry:{args.job_id}"
        made, _ = ask_job(db, kind, arguments, source="console", key=key, now_us=context.now_us)
        return Done({"job": args.job_id}, {"job": made}, {"job": made})


class OneWaiting(Struct, frozen=True, forbid_unknown_fields=True):
    """An event that waits, and whether it may come in."""

    waiting_id: Number
    let_in: bool


class DecideWaiting(ActKind[OneWaiting]):
    """Decide about an event that waits; the engine commits by itself."""

    code = "waiting.decide"
    zh, en = "处理等待中的事件", "decide about an event that waits"
    permission = Permission.EVENTS_WRITE
    sends = True
    args = OneWaiting

    def preview(self, db: Connection, context: Context, args: OneWaiting) -> Preview:
        """Tell why it waits."""
        del context
        target = f"waiting:{args.waiting_id}"
        found = waiting_by_id(db, args.waiting_id)
        if found is None:
            return Preview(target, blocked="No event of this number waits.")
        after = "approved" if args.let_in else "refused"
        return Preview(target, (Change(found.reason, "waiting", after),))

    def run(self, db: Connection, context: Context, args: OneWaiting) -> Done:
        """Let it in, or out. Raises ActFailed where the rules refuse it all the same."""
        by, now_us = context.actor.ref, context.now_us
        before = {"waiting": args.waiting_id}
        if not args.let_in:
            if not context.engine.refuse_waiting(db, args.waiting_id, now_us, by):
                raise ActFailed("It waits no more.")
            return Done(before, {"decided": "refused"}, {})
        answer = context.engine.approve(db, args.waiting_id, now_us, by)
        if answer is None:
            raise ActFailed("It waits no more.")
        if answer.status != "accepted":
            raise ActFailed(answer.detail or answer.status, refusal=answer.code)
        return Done(before, {"decided": "approved", **told(answer)}, told(answer))


class Switch(Struct, frozen=True, forbid_unknown_fields=True):
    """A subscription, and whether messages go out."""

    subscription_id: Number
    active: bool


class SwitchWebhook(ActKind[Switch]):
    """Pause a subscription or let it go on."""

    code = "webhook.switch"
    zh, en = "暂停或恢复 Webhook", "pause or resume a webhook"
    permission = Permission.SETTINGS_WRITE
    args = Switch

    def preview(self, db: Connection, context: Context, args: Switch) -> Preview:
        """Tell how it stands."""
        del context
        found = webhooks.read_subscription(db, args.subscription_id)
        blocked = "Nothing would be different." if found.active is args.active else None
        change = Change("active", found.active, args.active)
        return Preview(f"webhook:{found.subscription_id}", (change,), blocked=blocked)

    def run(self, db: Connection, context: Context, args: Switch) -> Done:
        """Switch it."""
        change = webhooks.Change(active=args.active)
        webhooks.change_subscription(db, args.subscription_id, change, now_us=context.now_us)
        back = Switch(args.subscription_id, active=not args.active)
        before, after = {"active": not args.active}, {"active": args.active}
        return Done(before, after, {}, Undo(self.code, back))


class OneWebhook(Struct, frozen=True, forbid_unknown_fields=True):
    """A subscription by its number."""

    subscription_id: Number


class ReplayDead(ActKind[OneWebhook]):
    """Send again what was given up; some thousand at a time."""

    code = "webhook.replay"
    zh, en = "重发失败的推送", "send again what was given up"
    permission = Permission.SETTINGS_WRITE
    args = OneWebhook

    def preview(self, db: Connection, context: Context, args: OneWebhook) -> Preview:
        """Tell whether there is anything."""
        del context
        dead, _ = webhooks.list_deliveries(db, args.subscription_id, state="dead", limit=1)
        blocked = None if dead else "Nothing was given up."
        return Preview(f"webhook:{args.subscription_id}", blocked=blocked)

    def run(self, db: Connection, context: Context, args: OneWebhook) -> Done:
        """Begin again."""
        del context
        begun = webhooks.replay_between(db, args.subscription_id, 0, INT64_MAX)
        return Done({}, {"begun": begun}, {"begun": begun})


class PingWebhook(ActKind[OneWebhook]):
    """Send a test message."""

    code = "webhook.ping"
    zh, en = "发送测试推送", "send a test message"
    permission = Permission.SETTINGS_WRITE
    args = OneWebhook

    def preview(self, db: Connection, context: Context, args: OneWebhook) -> Preview:
        """Tell to whom."""
        del context
        found = webhooks.read_subscription(db, args.subscription_id)
        return Preview(f"webhook:{found.subscription_id}")

    def run(self, db: Connection, context: Context, args: OneWebhook) -> Done:
        """Send it."""
        message = webhooks.ping(db, args.subscription_id, now_us=context.now_us)
        return Done({}, {"message": message}, {"message": message})
