-- Members over time: whose identities came with a merge, and where somebody was first heard of.

-- An identity that a merge brought says from whom, so that taking the merge back can return it.
alter table members.identity add column came_from bigint references members.member;

-- The campaign, fair or person that made somebody known; the channel is how they were taken down.
alter table members.member add column enrolled_origin text
    check (length(enrolled_origin) between 1 and 64);

-- Those who were only known at first are few among many, and looked through by themselves.
create index member_joining on members.member (enrolled_us, member_id)
    where enrolled_state in ('prospect', 'unverified');
