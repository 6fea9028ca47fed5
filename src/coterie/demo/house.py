"""The people of the demo's office: one of each role, in whom a visitor looks around."""

from __future__ import annotations

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


def furnish(db: Connection, now_us: int) -> None:
    """Add the people and open the door: whoever reaches the demo enters as any of them.

    To be called in the transaction that begins the demo: a world of anybody else never comes here.
    """
    for person in PEOPLE:
        add_account(db, person, now_us=now_us)
    open_house(db, now_us=now_us)
