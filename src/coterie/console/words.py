"""What the pages say, in both languages; one entry a phrase."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    "title": ("会员体系一览", "The programme at a glance"),
    "lead": (
        "以下数字来自账本每日汇总，可随时用 coterie verify 核验。",
        "These numbers come from the ledger's daily sums; coterie verify proves them at any time.",
    ),
    "members": ("会员", "Members"),
    "events": ("已记录事件", "Events recorded"),
    "waiting": ("等待处理的事件", "Events that wait"),
    "nothing_waits": ("没有待处理事项", "Nothing waits"),
    "currency": ("货币", "Currency"),
    "issued": ("发放", "Issued"),
    "redeemed": ("使用", "Redeemed"),
    "lapsed": ("过期", "Lapsed"),
    "outstanding": ("可用余额", "Outstanding"),
    "pending": ("待生效", "Pending"),
    "held": ("冻结", "Held"),
    "owed": ("欠额", "Owed"),
    "by_month": ("按月发放与使用", "Issued and redeemed by month"),
    "month": ("月份", "Month"),
    "next": ("接下来", "Where to go next"),
    "version": ("规则版本", "Programme version"),
    "as_of": ("截至", "As of"),
    "no_programme": (
        "还没有发布会员规则。先运行 coterie demo 看一个示例，或发布自己的规则。",
        "No programme is published yet. Run coterie demo to see one, or publish your own.",
    ),
    "go_api": ("接口文档，可直接照着调用", "The API, operation by operation"),
    "go_errors": ("每个错误码的含义", "What every code means"),
    "go_member": ("查看一位会员的余额、批次与流水", "See a member's balances, lots and statement"),
    "go_waiting": ("查看并处理等待中的事件", "See what waits, and decide"),
    "go_rules": ("用大白话读规则", "Read the rules in plain words"),
    "tier": ("等级", "Tier"),
    "go_explain": ("问一问：会员的积分从何而来", "Ask where a member's points come from"),
    "go_plan": ("改规则之前，先看谁得谁失", "See who gains and loses before rules change"),
    "go_verify": ("让账本自证", "Let the ledger prove itself"),
    "go_time": ("让时间快进一天", "Let a day pass"),
    "skip": ("跳到正文", "Skip to content"),
    "language": ("English", "中文"),
    "active": ("正常", "active"),
    "prospect": ("意向", "prospects"),
    "unverified": ("未验证", "unverified"),
    "paused": ("暂停", "paused"),
    "closed": ("已注销", "closed"),
    "merged": ("已合并", "merged"),
    "erased": ("已删除", "erased"),
    "unknown_member": ("会员未知", "unknown member"),
    "late": ("迟到", "late"),
    "unmatched_return": ("退货对不上", "return without a sale"),
}


def phrases(language: str) -> dict[str, str]:
    """Return the phrases of ``zh`` or ``en``."""
    place = 0 if language == "zh" else 1
    return {key: both[place] for key, both in PHRASES.items()}
