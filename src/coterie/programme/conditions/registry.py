"""One line a kind."""

from __future__ import annotations

from coterie.programme.conditions.attribute import Attribute
from coterie.programme.conditions.birthday import Birthday
from coterie.programme.conditions.birthday_month import BirthdayMonth
from coterie.programme.conditions.brand import Brand
from coterie.programme.conditions.campaign import Campaign
from coterie.programme.conditions.category import Category
from coterie.programme.conditions.channel import Channel
from coterie.programme.conditions.date import DateIs
from coterie.programme.conditions.field import FieldValue
from coterie.programme.conditions.has_opted_in import HasOptedIn
from coterie.programme.conditions.kind import Kind
from coterie.programme.conditions.metric import MetricBounds
from coterie.programme.conditions.month_day import MonthDay
from coterie.programme.conditions.new_member_days import NewMemberDays
from coterie.programme.conditions.nth import Nth
from coterie.programme.conditions.order_amount import OrderAmount
from coterie.programme.conditions.order_quantity import OrderQuantity
from coterie.programme.conditions.partner import Partner
from coterie.programme.conditions.product import Product
from coterie.programme.conditions.source import Source
from coterie.programme.conditions.store import Store
from coterie.programme.conditions.tag import Tag
from coterie.programme.conditions.tagged import Tagged
from coterie.programme.conditions.tender import TenderPaid
from coterie.programme.conditions.tier import TierIs
from coterie.programme.conditions.time_of_day import TimeOfDay
from coterie.programme.conditions.weekday import Weekday

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Category(),
        Brand(),
        Product(),
        Tag(),
        Store(),
        Channel(),
        Source(),
        Partner(),
        Campaign(),
        Weekday(),
        DateIs(),
        MonthDay(),
        Attribute(),
        OrderAmount(),
        FieldValue(),
        Nth(),
        MetricBounds(),
        NewMemberDays(),
        TierIs(),
        HasOptedIn(),
        OrderQuantity(),
        TenderPaid(),
        Birthday(),
        BirthdayMonth(),
        TimeOfDay(),
        Tagged(),
    )
}
