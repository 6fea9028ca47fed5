-- name: insert_wording
-- The next version of its kind; two at once: the later one fails on the key and says so.
insert into consent.wording (kind, version, zh, en, published_us)
select %(kind)s::text, 1 + coalesce(max(version), 0), %(zh)s::text, %(en)s::text,
    %(now_us)s::bigint
from consent.wording where kind = %(kind)s::text
returning version;

-- name: kinds
-- How many kinds there are; a closed handful.
select count(distinct kind) from consent.wording where kind <> %(kind)s::text;

-- name: latest
-- What would be asked today, of each kind.
select distinct on (kind) kind, version, zh, en, published_us
from consent.wording
order by kind, version desc;

-- name: wording
-- Whether this version was ever asked.
select version from consent.wording where kind = %(kind)s::text and version = %(version)s::int;

-- name: insert_record
-- Numbered within the member, whose lock the caller holds.
insert into consent.record (member_id, record_no, kind, version, granted, at_us, channel, actor)
select %(member_id)s::bigint, 1 + coalesce(max(record_no), 0), %(kind)s::text, %(version)s::int,
    %(granted)s::bool, %(at_us)s::bigint, %(channel)s::text, %(actor)s::text
from consent.record where member_id = %(member_id)s::bigint
returning record_no;

-- name: states
-- The last record of each kind is what holds.
select distinct on (r.kind) r.kind, r.granted, r.version,
    (select max(w.version) from consent.wording w where w.kind = r.kind), r.at_us, r.channel, r.actor
from consent.record r
where r.member_id = %(member_id)s::bigint
order by r.kind, r.record_no desc;

-- name: history
-- The newest first.
select record_no, kind, version, granted, at_us, channel, actor
from consent.record
where member_id = %(member_id)s::bigint
order by record_no desc
limit %(limit)s::int;
