"""The sections, in the order in which their steps act: a section is one file and one line here."""

from __future__ import annotations

from coterie.programme.sections.campaigns import Campaigns
from coterie.programme.sections.conversions import Conversions
from coterie.programme.sections.entry import EntryRules
from coterie.programme.sections.exchanges import Exchanges
from coterie.programme.sections.ladders import Ladders
from coterie.programme.sections.milestones import Milestones
from coterie.programme.sections.parameters import Parameters
from coterie.programme.sections.pools import Pools
from coterie.programme.sections.referrals import Referrals
from coterie.programme.sections.rewards import Rewards
from coterie.programme.sections.section import Section
from coterie.programme.sections.settlements import Settlements

SECTIONS: dict[str, Section] = {
    section.code: section
    for section in (
        Campaigns(),
        Parameters(),
        EntryRules(),
        Ladders(),
        Milestones(),
        Referrals(),
        Settlements(),
        Conversions(),
        Exchanges(),
        Rewards(),
        Pools(),
    )
}
