-- The audit trail. Nothing here updates or removes an entry; the tables' triggers would refuse it.

-- name: lock_head
-- Whoever appends waits for whoever appends: at the end of a transaction, and only there.
select n, digest from audit.head for update;

-- name: read_head
-- Where the chain ends.
select n, digest from audit.head;

-- name: insert_entry
-- The trigger moves the head, or refuses what does not follow it.
insert into audit.entry (
    n, at_us, world_us, actor_kind, actor, act, target, outcome, detail_sha256, previous, digest
)
values (
    %(n)s::bigint, %(at_us)s::bigint, %(world_us)s::bigint, %(actor_kind)s::text, %(actor)s::text,
    %(act)s::text, %(target)s::text, %(outcome)s::text, %(detail_sha256)s::bytea,
    %(previous)s::bytea, %(digest)s::bytea
);

-- name: insert_detail
-- What may be forgotten one day.
insert into audit.detail (n, salt, body) values (%(n)s::bigint, %(salt)s::bytea, %(body)s::text);

-- name: details_of
-- Which entries about a target still have their detail.
select e.n from audit.entry e join audit.detail d using (n)
where e.target = %(target)s::text order by e.n limit %(limit)s::int;

-- name: forget_details
-- The trigger asks for an entry that says so.
delete from audit.detail where n = any(%(entries)s::bigint[]);

-- name: entries_after
-- In order, for the proof.
select e.n, e.at_us, e.world_us, e.actor_kind, e.actor, e.act, e.target, e.outcome,
    e.detail_sha256, e.previous, e.digest, d.salt, d.body
from audit.entry e left join audit.detail d using (n)
where e.n > %(after)s::bigint
order by e.n
limit %(limit)s::int;

-- name: list_entries
-- The newest first, by what is asked for.
select e.n, e.at_us, e.world_us, e.actor_kind, e.actor, e.act, e.target, e.outcome,
    e.detail_sha256, e.previous, e.digest, d.salt, d.body
from audit.entry e left join audit.detail d using (n)
where e.n < %(below)s::bigint
    and (%(actor_kind)s::text is null or e.actor_kind = %(actor_kind)s::text)
    and (%(actor)s::text is null or e.actor = %(actor)s::text)
    and (%(act)s::text is null or e.act = %(act)s::text)
    and (%(target)s::text is null or e.target = %(target)s::text)
    and (%(outcome)s::text is null or e.outcome = %(outcome)s::text)
    and (%(from_us)s::bigint is null or e.at_us >= %(from_us)s::bigint)
    and (%(to_us)s::bigint is null or e.at_us < %(to_us)s::bigint)
order by e.n desc
limit %(limit)s::int;
