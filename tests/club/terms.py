"""What a version of the club's programme says: as plain values for the oracle, as YAML for Coterie.

``Shape`` is what all versions of one world share, because a ladder's periods and what was counted
stand on it; ``Terms`` is what a new version may change.
"""

from dataclasses import dataclass
from fractions import Fraction

TIERS = ("base", "silver", "gold")
ZONES = ("Asia/Shanghai", "America/New_York")
Gift = tuple[str, int]


@dataclass(frozen=True)
class Shape:
    zone: str
    period: str
    """month or quarter: of the ladder's reviews and of what it counts"""
    promote: str
    late: str
    judged: str
    """what a return does to a tier: judge or keep"""
    valid_months: int | None
    rollover: bool


@dataclass(frozen=True)
class Terms:
    rate: int
    factors: tuple[Fraction, Fraction]
    reach: tuple[int, int]
    keep: tuple[int, int]
    """thresholds of silver and gold, in minor units"""
    demote: str
    grace_days: int
    months: int
    round_to: str
    wait_days: int
    debt: str
    limit: int | None
    returns: str
    rounding: str
    lapsed: str
    burn: str
    members_max: int
    friend: Gift | None
    referrer: Gift | None
    times: int
    within_days: int


def text_of(shape: Shape, terms: Terms) -> str:
    limit = "" if terms.limit is None else f", limit_units: {terms.limit}"
    factors = ", ".join(f'{t}: "{f}"' for t, f in zip(TIERS[1:], terms.factors, strict=True))
    return f"""\
programme: club
name: {{zh: 俱乐部, en: Club}}
zone: {shape.zone}
money: CNY
currencies:
  points:
    name: {{zh: 积分, en: Points}}
    expiry: {{model: fixed, months: {terms.months}, round_to: {terms.round_to}}}
    pending: {{days: {terms.wait_days}}}
    debt: {{policy: {terms.debt}{limit}}}
    returns: {terms.returns}
    return_rounding: {terms.rounding}
    lapsed_refund: {terms.lapsed}
    extend_days: 20
    hold_minutes: 4000
    transferable: true
  stars:
    name: {{zh: 星, en: Stars}}
    returns: keep
    debt: {{policy: clamp}}
metrics:
  spent: {{measure: amount, window: {shape.period}}}
  orders: {{measure: count, window: lifetime}}
rules:
  - code: base
    name: {{zh: 积分, en: Base}}
    earn: {{currency: points, units: {terms.rate}, per: "1.00"}}
  - code: bonus
    name: {{zh: 奖励, en: Bonus}}
    multiply: {{rules: [base], ladder: status, factors: {{{factors}}}}}
  - code: star
    name: {{zh: 星, en: Star}}
    earn: {{currency: stars, units: 1, per: "2.00"}}
{_ladder(shape, terms)}pools:
  family:
    name: {{zh: 家庭, en: Family}}
    currencies: [points]
    burn: {terms.burn}
    members_max: {terms.members_max}
{_referral(terms)}late: {{days: 60, beyond: refuse}}
"""


def _ladder(shape: Shape, terms: Terms) -> str:
    tiers = "".join(
        f"      - {{code: {code}, name: {{zh: 级, en: T{n}}}, reach: {{spent: {_money(reach)}}}, "
        f"keep: {{spent: {_money(keep)}}}}}\n"
        for n, (code, reach, keep) in enumerate(
            zip(TIERS[1:], terms.reach, terms.keep, strict=True), 1
        )
    )
    valid = "" if shape.valid_months is None else (
        f"    valid: {{months: {shape.valid_months}, to: month_end}}\n"
    )  # fmt: skip
    return f"""\
ladders:
  status:
    name: {{zh: 等级, en: Status}}
    promote: {shape.promote}
    review: {{at: {shape.period}_end}}
{valid}    demote: {terms.demote}
    grace_days: {terms.grace_days}
    late: {shape.late}
    returns: {shape.judged}
    rollover: [{"spent" if shape.rollover else ""}]
    tiers:
      - {{code: base, name: {{zh: 级, en: T0}}}}
{tiers}"""


def _referral(terms: Terms) -> str:
    gifts = "".join(
        f"    {who}: {{currency: {gift[0]}, units: {gift[1]}}}\n"
        for who, gift in (("friend", terms.friend), ("referrer", terms.referrer))
        if gift is not None
    )
    if terms.referrer is not None:
        gifts += f"    limit: {{times: {terms.times}, window: month}}\n"
    return f"""\
referrals:
  friends:
    name: {{zh: 推荐, en: Friends}}
    when: {{metric: {{code: orders, max: 0}}}}
    within_days: {terms.within_days}
{gifts}"""


def _money(minor: int) -> str:
    return f'"{minor // 100}.{minor % 100:02d}"'
