"""A plan on the page: asked for, followed, read, exported, ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.drafts import begin_draft, read_draft
from coterie.jobs import Runner, get_job
from coterie.storage import Connection, transaction
from tests.acts.house import DEMO, NOW, House
from tests.console.staffed import Desk, desk_of

AT = "/programme/drafts/1/plan"


@pytest.fixture
def desk(db: Connection, database_url: str) -> Iterator[Desk]:
    with desk_of(House(db), database_url) as desk:
        desk.sit(desk.house.person("analyst"))
        with transaction(db):
            text = DEMO.replace("limit: 500,", "limit: 600,")
            begin_draft(db, "Spring", text, by=1, now_us=NOW, base_version=1)
        yield desk


def test_a_plan_is_followed_and_read_on_the_page(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    page = desk.send(AT, AT, {"role": "draft", "key": "a"})
    assert "Waiting for its turn" in page
    assert f'hx-get="{AT}/progress"' in page
    assert "Waiting for its turn" in desk.get(f"{AT}/progress")
    assert Runner(database_url, tmp_path).once(desk.house.db)
    page = desk.get(AT)
    assert "2 members and 0 events, against version 1." in page
    assert "Nothing differs." in page
    assert "得益会员" in desk.get(AT, "zh-CN")
    export = desk.client.get(f"{AT}.csv")
    assert export.headers["content-type"].startswith("text/csv")
    assert "outstanding" in export.text
    with transaction(desk.house.db):
        desk.house.db.execute("update drafts.draft set text = text || '# x', revision = 2")
    assert "was written on since" in desk.get(AT)


def test_a_plan_that_waits_can_be_ended(desk: Desk) -> None:
    desk.send(AT, AT, {"role": "rival", "key": "b"})
    job = read_draft(desk.house.db, 1).plan_job
    assert job is not None
    page = desk.send(AT, f"{AT}/cancel", {})
    assert "The plan was cancelled." in page
    assert get_job(desk.house.db, job).state == "cancelled"


def test_a_text_that_cannot_be_used_is_not_planned(desk: Desk) -> None:
    with transaction(desk.house.db):
        desk.house.db.execute("update drafts.draft set text = 'programme: [', revision = 2")
    page = desk.send(AT, AT, {"role": "draft", "key": "c"})
    assert "put it right, then plan" in page
    assert read_draft(desk.house.db, 1).plan_job is None
