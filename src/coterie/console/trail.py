"""The audit trail."""

from __future__ import annotations

from coterie import audit
from coterie.acts import ACTS
from coterie.audit import AuditEntry, Outcome
from coterie.web import Ask, Pages, Reply

PAGES = Pages()
EXPORT_MAX = 10_000


@PAGES.get("/audit", needs="audit:read")
def trail(ask: Ask) -> Reply:
    """List entries, the newest first."""
    rows, after = _found(ask, ask.query.get("after"), None)
    acts = [(code, kind.zh if ask.language == "zh" else kind.en) for code, kind in ACTS.items()]
    return ask.page(
        "console/trail.html",
        rows=rows,
        next=after,
        acts=acts,
        verbs=dict(acts),
        outcomes=[each.value for each in Outcome],
    )


@PAGES.get("/audit/{entry_no:int}", needs="audit:read")
def entry(ask: Ask) -> Reply:
    """Show an entry with what was before and after."""
    found = audit.read_entry(ask.db, ask.number("entry_no"))
    names = sorted({*found.before, *found.after})
    return ask.page("console/trail_entry.html", entry=found, names=names)


@PAGES.get("/audit/entries.csv", needs="audit:read")
def export(ask: Ask) -> Reply:
    """Export the entries that were asked for."""
    rows: list[AuditEntry] = []
    cursor: str | None = None
    while len(rows) < EXPORT_MAX:
        found, cursor = _found(ask, cursor, 200)
        rows += found
        if cursor is None:
            break
    header = ("entry", "at", "who", "name", "act", "target", "outcome", "reason", "digest")
    return ask.csv(
        "audit",
        header,
        [
            (
                row.n,
                ask.write.moment(row.at_us),
                f"{row.actor_kind}:{row.actor}",
                row.actor_name,
                row.act,
                row.target,
                row.outcome,
                row.reason,
                row.digest,
            )
            for row in rows
        ],
    )


def _found(ask: Ask, cursor: str | None, limit: int | None) -> tuple[list[AuditEntry], str | None]:
    kind, _, name = (ask.query.get("actor") or "").partition(":")
    return audit.list_entries(
        ask.db,
        actor_kind=kind or None,
        actor=name or None,
        act=ask.query.get("act") or None,
        target=ask.query.get("target") or None,
        outcome=ask.query.get("outcome") or None,
        cursor=cursor or None,
        limit=limit,
    )
