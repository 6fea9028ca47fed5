"""A moment at which nothing falls due is no event, whatever steps might see by then."""

from coterie.events import Due, MemberRef
from coterie.events import model as ev
from coterie.kernel.time import parse_instant
from coterie.programme.decide import fall_due
from coterie.programme.reading import read_programme
from tests.ledger.driver import Drive
from tests.programme.writing_programmes import SMALL

MONTHLY = """\
ladders:
  status:
    name: {zh: 等级, en: Status}
    review: {at: month_end}
    valid: {months: 12, to: month_end}
    tiers:
      - {code: leaf, name: {zh: 青叶, en: Leaf}}
      - {code: silver, name: {zh: 银, en: Silver}, reach: {spend: "100.00"}}
"""


def test_nothing_due_leaves_no_mark():
    drive = Drive(read_programme("small", SMALL + MONTHLY))
    line = (ev.OrderLine(20_000),)
    drive.send(ev.Order, "2026-06-10T12:00:00+08:00", order_ref="A", lines=line)
    at_us, _ = parse_instant("2026-07-01T00:00:00+08:00")
    drive.due(at_us)
    assert not drive.dues, "the review found nothing to say"
    before = drive.state(), drive.member.seq
    early_us, _ = parse_instant("2026-07-20T09:00:00+08:00")
    day = drive.programmes.zone.day(early_us)
    event = Due(key="due", occurred_at="", member=MemberRef(id=1))
    happening = ev.Happening(
        event, "due", early_us, 0, early_us, early_us, day, day, 1, drive.member.seq + 1
    )
    assert fall_due(drive.programmes, drive.standing, happening) is None
    assert (drive.state(), drive.member.seq) == before
    # What the new month shows is said by the next event.
    sent = drive.send(ev.Order, "2026-07-21T12:00:00+08:00", order_ref="B", lines=line)
    assert [change.reason for change in sent.tiers] == ["kept"]
