"""What ``coterie verify`` checks: a name, a sentence in both languages, the statement that asks.

A check's statement (``queries.sql``, by the same name) returns its first offenders; no row means
that what the sentence says holds. Together the checks leave no number without a second one that it
must agree with; ``docs/guides/verify.md`` says which damage is seen by which.
"""

from __future__ import annotations

from msgspec import Struct


class Check(Struct, frozen=True):
    """One proof: ``name`` is its statement and its name for programs, the texts what it proves.

    ``effort`` is how long it takes beside the others, as measured; the longest are started first.
    """

    name: str
    zh: str
    en: str
    effort: int = 1


CHECKS: tuple[Check, ...] = (
    Check(
        "balances",
        "每个余额等于其变动之和。",
        "Every balance is the sum of its movements.",
        11,
    ),
    Check(
        "conservation",
        "每种货币在所有账户上的合计为零。",
        "Every currency sums to zero over all accounts.",
    ),
    Check(
        "rollups",
        "每日汇总与变动一致。",
        "The daily sums are the sums of the movements.",
        3,
    ),
    Check(
        "transit",
        "在途数量等于尚未到达的转赠。",
        "What is in transit are the transfers that have not arrived.",
        2,
    ),
    Check(
        "follow_ups",
        "每个波及他人的结果都已送达或在途。",
        "What an event means for others has arrived or is on its way.",
        5,
    ),
    Check(
        "lots",
        "每个批次的剩余等于批次数量加上其使用记录。",
        "Every lot's remainder is its units and its uses.",
        6,
    ),
    Check(
        "lot_sums",
        "批次合计等于余额。",
        "Open, pending and held lots sum to the balance.",
        2,
    ),
    Check(
        "lapsed",
        "批次的过期数量等于转入过期账户的变动。",
        "What lots say has lapsed went to breakage.",
    ),
    Check(
        "lot_numbers",
        "每位会员的批次编号连续。",
        "Every member's lots are numbered without gaps.",
        2,
    ),
    Check(
        "live_lots",
        "每位会员的有效批次都能被找到。",
        "No lot with units left lies below the first that is looked at.",
        2,
    ),
    Check(
        "uses",
        "每次支出都指明所用批次，分毫不差。",
        "Whatever is spent names the lots it used, wholly.",
        16,
    ),
    Check(
        "openings",
        "每个事件新开的批次等于它发放的数量。",
        "The lots an event opened are what it gave.",
        11,
    ),
    Check(
        "holds",
        "每笔冻结都有其变动和批次。",
        "Every hold has its movement and its lots.",
        7,
    ),
    Check(
        "hold_sums",
        "未结冻结等于冻结余额；已结的都已转出。",
        "Open holds are what is held; finished ones have left.",
        4,
    ),
    Check(
        "held_lots",
        "批次的冻结数量等于未结冻结的明细。",
        "What a lot holds is what open holds took of it.",
        2,
    ),
    Check(
        "sequences",
        "每位会员的事件编号连续。",
        "Every member's events are numbered without gaps.",
        2,
    ),
    Check(
        "effects",
        "每个变动出自一个已接受的事件，每个记录的结果都有其变动。",
        "Every movement has its event, every recorded effect its movement.",
        25,
    ),
    Check(
        "registry",
        "每个（来源，键）恰好对应一个事件。",
        "Every source and key is exactly one event.",
        16,
    ),
    Check(
        "waiting",
        "每个等待中的事件都已登记。",
        "Every event that waits is registered.",
        2,
    ),
    Check(
        "returned",
        "退货记录都属于一笔已接受的订单。",
        "What came back belongs to an accepted sale.",
    ),
    Check(
        "versions",
        "每个事件所用的规则版本都在，且内容未改。",
        "Every event's programme version is kept, unchanged.",
        3,
    ),
    Check(
        "dues",
        "任何到期事项都不会被错过。",
        "Nothing that falls due will be missed.",
        6,
    ),
    Check(
        "tiers",
        "会员所处等级等于其变更记录的结果。",
        "A member's tier is what its changes left.",
    ),
    Check(
        "tier_changes",
        "每个等级变更都与其事件的记录一致。",
        "Every change of tier is as its event recorded it.",
        4,
    ),
    Check(
        "persons",
        "身份、余额与合并都指向存在的会员。",
        "Identities, balances and mergers lead to members.",
    ),
)

AUDIT = Check(
    "audit",
    "审计记录首尾相连，未被改动。",
    "The audit trail is one chain, unchanged.",
)
"""Proven entry by entry in Python, beside the statements."""
