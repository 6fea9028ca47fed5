-- What members are looked up by, and orders by their reference.

-- Every spelling somebody may type for a member, under the letter of its class (see
-- coterie.members.lookup.tokens). In the order of bytes, so that what begins alike lies together
-- whatever the database sorts by; a search reads the first entries of some ranges and nothing else.
-- Without a reference to the member: a dozen checks an enrolment, and a token of nobody finds nobody.
create table members.token (
    member_id bigint not null,
    token text collate "C" not null check (length(token) between 2 and 80),
    primary key (member_id, token)
);
create index token_typed on members.token (token, member_id);

-- How far the members that were there before were taken in, by which edition of the spellings.
create table members.lookup_progress (
    one boolean primary key default true check (one),
    edition int not null check (edition >= 0),
    after_id bigint not null check (after_id >= 0),
    through_id bigint not null check (through_id >= after_id)
);
insert into members.lookup_progress (edition, after_id, through_id)
select 1, 0, coalesce(max(member_id), 0) from members.member;

-- A reference first, the member behind it: it serves a return, which knows both, and somebody who
-- holds a receipt and knows only one. References mostly grow, so new ones lie together.
create index event_reference on events.event (order_ref text_pattern_ops, member_id)
    where order_ref is not null;
drop index events.event_order;
