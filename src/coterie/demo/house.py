"""The people of the demo's office: one of each role, in whom a visitor looks around."""

from __future__ import annotations

from coterie.consent import publish_wording
from coterie.staff import NewAccount, RoleGrant, add_account, open_house
from coterie.storage import Connection

PEOPLE = (
    NewAccount("owner@demo.example", "林若溪 · Lin Ruoxi", (RoleGrant("owner"),)),
    NewAccount("operator@demo.example", "周子涵 · Zhou Zihan", (RoleGrant("operator"),)),
    NewAccount("analyst@demo.example", "陈一诺 · Chen Yinuo", (RoleGrant("analyst"),)),
    NewAccount("care@demo.example", "吴佳怡 · Wu Jiayi", (RoleGrant("care"),)),
    NewAccount(
        "clerk@demo.example", "黄小雨 · Huang Xiaoyu", (RoleGrant("clerk"),), staff_code="hz-01-1"
    ),
    NewAccount("auditor@demo.example", "郑文博 · Zheng Wenbo", (RoleGrant("auditor"),)),
)

WORDINGS = (
    ("terms", "我同意《山岚茶舍会员条款》", "I agree to the membership terms of the Tea Club"),
    (
        "privacy",
        "我已阅读隐私政策，同意为会员服务处理我的资料",
        "I have read the privacy policy and agree to the use of my data for the membership",
    ),
    ("marketing", "可以给我发新茶和优惠消息", "You may send me news of teas and offers"),
    (
        "personalisation",
        "可以根据我的购买记录推荐适合我的茶",
        "You may use what I bought to choose teas for me",
    ),
)
"""What members of the demo are asked; a wording that changes becomes a new version."""


def furnish(db: Connection, now_us: int) -> None:
    """Add the people and open the door: whoever reaches the demo enters as any of them.

    To be called in the transaction that begins the demo: a world of anybody else never comes here.
    """
    for person in PEOPLE:
        add_account(db, person, now_us=now_us)
    for kind, zh, en in WORDINGS:
        publish_wording(db, kind, zh, en, now_us=now_us)
    open_house(db, now_us=now_us)
