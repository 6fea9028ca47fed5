-- Subscriptions and deliveries. Secrets are read only to sign, and to show a new one.

-- name: insert_subscription
-- Once a key: the same request twice finds the first one.
insert into webhooks.subscription
    (url, kinds, description, created_us, changed_us, source, key, digest)
values (
    %(url)s::text, %(kinds)s::text[], %(description)s::text, %(now_us)s::bigint,
    %(now_us)s::bigint, %(source)s::text, %(key)s::text, %(digest)s::bytea
)
on conflict (source, key) do nothing
returning subscription_id;

-- name: find_by_key
-- What was made under a key, and of what.
select subscription_id, digest from webhooks.subscription
where source = %(source)s::text and key = %(key)s::text;

-- name: count_subscriptions
-- There is a bound, because every fact is compared with all of them.
select count(*) from webhooks.subscription;

-- name: lock_subscriptions
-- Two who subscribe at once must both be counted.
select pg_advisory_xact_lock(7104);

-- name: read_subscription
-- One subscription.
select subscription_id, url, kinds, description, active, paused, created_us, changed_us
from webhooks.subscription where subscription_id = %(subscription_id)s::bigint;

-- name: lock_subscription
-- Before it is changed, so that two changes come one after the other.
select subscription_id, url, kinds, description, active, paused, created_us, changed_us
from webhooks.subscription where subscription_id = %(subscription_id)s::bigint for update;

-- name: list_subscriptions
-- By keyset.
select subscription_id, url, kinds, description, active, paused, created_us, changed_us
from webhooks.subscription where subscription_id > %(after)s::bigint
order by subscription_id limit %(limit)s::int;

-- name: change_subscription
-- Everything that can change, at once.
update webhooks.subscription
set url = %(url)s::text, kinds = %(kinds)s::text[], description = %(description)s::text,
    active = %(paused)s::text is null, paused = %(paused)s::text, changed_us = %(now_us)s::bigint
where subscription_id = %(subscription_id)s::bigint;

-- name: delete_subscription
-- With its secrets, deliveries and log.
delete from webhooks.subscription where subscription_id = %(subscription_id)s::bigint;

-- name: insert_secret
-- The newest number signs first.
insert into webhooks.secret (subscription_id, secret_no, secret, created_us, key)
select %(subscription_id)s::bigint, coalesce(max(secret_no), 0) + 1, %(secret)s::bytea,
    %(now_us)s::bigint, %(key)s::text
from webhooks.secret where subscription_id = %(subscription_id)s::bigint;

-- name: end_secrets
-- Older secrets sign a while longer, never longer than they were to.
update webhooks.secret set expires_us = greatest(created_us,
    least(coalesce(expires_us, %(expires_us)s::bigint), %(expires_us)s::bigint))
where subscription_id = %(subscription_id)s::bigint;

-- name: delete_secrets
-- Those that sign no more; the newest always stays.
delete from webhooks.secret
where subscription_id = %(subscription_id)s::bigint and expires_us <= %(now_us)s::bigint;

-- name: secrets_of
-- All that are kept, the newest first.
select secret, key, expires_us from webhooks.secret
where subscription_id = %(subscription_id)s::bigint order by secret_no desc;

-- name: own_fan_out
-- One at a time takes facts out of the outbox: two could take those of one member out of order.
select pg_try_advisory_xact_lock(7103);

-- name: active_subscriptions
-- Kept from being removed while deliveries for them are written.
select subscription_id, kinds from webhooks.subscription where active
order by subscription_id for key share;

-- name: insert_deliveries
-- A fact taken out of the outbox twice would be found here: it is delivered once.
insert into webhooks.delivery (member_id, subscription_id, seq, n, kind, recorded_us, body)
select * from unnest(%(member_ids)s::bigint[], %(subscription_ids)s::bigint[], %(seqs)s::bigint[],
    %(ns)s::int[], %(kinds)s::text[], %(recorded_us)s::bigint[], %(bodies)s::text[])
on conflict do nothing;

-- name: fill_lanes
-- Each lane knows how much waits in it; in one order, so that nobody deadlocks.
insert into webhooks.lane as l (member_id, subscription_id, waiting)
select member_id, subscription_id, count(*)
from unnest(%(member_ids)s::bigint[], %(subscription_ids)s::bigint[])
    as row (member_id, subscription_id)
group by 1, 2 order by 1, 2
on conflict (member_id, subscription_id) do update set waiting = l.waiting + excluded.waiting;

-- name: lease_lanes
-- The longest due of every active subscriber, so many each: a slow one takes nobody else's turn.
with due as materialized (
    select l.member_id, l.subscription_id
    from webhooks.subscription s
    join unnest(%(subscription_ids)s::bigint[], %(free)s::int[]) as busy (subscription_id, free)
        on busy.subscription_id = s.subscription_id
    cross join lateral (
        select w.member_id, w.subscription_id from webhooks.lane w
        where w.subscription_id = s.subscription_id and w.retry_at_us <= %(now_us)s::bigint
            and w.leased_until_us <= %(now_us)s::bigint
        order by w.retry_at_us limit busy.free
        for update skip locked
    ) l
    where s.active
)
update webhooks.lane l
set leased_until_us = %(until_us)s::bigint, lease_no = l.lease_no + 1
from due where l.member_id = due.member_id and l.subscription_id = due.subscription_id
returning l.member_id, l.subscription_id, l.lease_no;

-- name: heads
-- What comes next in each leased lane, with where it goes and what signs it.
select d.member_id, d.subscription_id, d.seq, d.n, d.body, d.tries, row.lease_no, s.url,
    array(select k.secret from webhooks.secret k
          where k.subscription_id = s.subscription_id
              and (k.expires_us is null or k.expires_us > %(now_us)s::bigint)
          order by k.secret_no desc)
from unnest(%(member_ids)s::bigint[], %(subscription_ids)s::bigint[], %(lease_nos)s::bigint[])
    as row (member_id, subscription_id, lease_no)
join webhooks.subscription s on s.subscription_id = row.subscription_id
cross join lateral (
    select * from webhooks.delivery w
    where w.member_id = row.member_id and w.subscription_id = row.subscription_id
        and w.state = 'waiting'
    order by w.seq, w.n limit 1
) d;

-- name: return_lane
-- Only whose lease it still is says what becomes of the lane.
update webhooks.lane
set leased_until_us = 0, retry_at_us = %(retry_at_us)s::bigint, waiting = waiting - %(done)s::int
where member_id = %(member_id)s::bigint and subscription_id = %(subscription_id)s::bigint
    and lease_no = %(lease_no)s::bigint and leased_until_us > 0
returning waiting;

-- name: delete_lane
-- Nothing waits in it.
delete from webhooks.lane
where member_id = %(member_id)s::bigint and subscription_id = %(subscription_id)s::bigint
    and waiting = 0;

-- name: settle_delivery
-- Delivered, dead, or to be tried again.
update webhooks.delivery set state = %(state)s::text, tries = %(tries)s::int,
    settled_us = %(settled_us)s::bigint
where member_id = %(member_id)s::bigint and subscription_id = %(subscription_id)s::bigint
    and seq = %(seq)s::bigint and n = %(n)s::int;

-- name: insert_attempt
-- The log.
insert into webhooks.attempt
    (member_id, subscription_id, seq, n, at_us, latency_ms, status, answer, error)
values (
    %(member_id)s::bigint, %(subscription_id)s::bigint, %(seq)s::bigint, %(n)s::int,
    %(at_us)s::bigint, %(latency_ms)s::int, %(status)s::int, %(answer)s::text, %(error)s::text
);

-- name: pause_gone
-- Its receiver said it is gone for good.
update webhooks.subscription
set active = false, paused = 'gone', changed_us = %(now_us)s::bigint
where subscription_id = %(subscription_id)s::bigint and active;

-- name: begin_again
-- Settled deliveries of a time wait once more, as if never tried.
with chosen as (
    select member_id, subscription_id, seq, n from webhooks.delivery
    where subscription_id = %(subscription_id)s::bigint
        and recorded_us >= %(from_us)s::bigint and recorded_us < %(to_us)s::bigint
        and state <> 'waiting' and (state = 'dead' or not %(dead_only)s::boolean)
    order by recorded_us, member_id, seq, n limit %(limit)s::int for update
)
update webhooks.delivery d set state = 'waiting', tries = 0, settled_us = null
from chosen c
where d.member_id = c.member_id and d.subscription_id = c.subscription_id
    and d.seq = c.seq and d.n = c.n
returning d.member_id;

-- name: begin_one_again
-- The same for one of them.
update webhooks.delivery set state = 'waiting', tries = 0, settled_us = null
where member_id = %(member_id)s::bigint and subscription_id = %(subscription_id)s::bigint
    and seq = %(seq)s::bigint and n = %(n)s::int and state <> 'waiting'
returning member_id;

-- name: hurry_lanes
-- What waits for its next try is tried now; leases stay. In the order everybody locks lanes in.
with chosen as (
    select member_id, subscription_id from webhooks.lane
    where subscription_id = %(subscription_id)s::bigint and retry_at_us > 0
        and (%(member_id)s::bigint is null or member_id = %(member_id)s::bigint)
    order by member_id, subscription_id for update
)
update webhooks.lane l set retry_at_us = 0
from chosen c where l.member_id = c.member_id and l.subscription_id = c.subscription_id;

-- name: read_delivery
-- One delivery.
select member_id, subscription_id, seq, n, kind, recorded_us, state, tries, settled_us, body
from webhooks.delivery
where member_id = %(member_id)s::bigint and subscription_id = %(subscription_id)s::bigint
    and seq = %(seq)s::bigint and n = %(n)s::int;

-- name: list_deliveries
-- The log of a subscription, the newest first, by keyset.
select member_id, subscription_id, seq, n, kind, recorded_us, state, tries, settled_us, body
from webhooks.delivery
where subscription_id = %(subscription_id)s::bigint
    and (recorded_us, member_id, seq, n)
        < (%(before_us)s::bigint, %(member_id)s::bigint, %(seq)s::bigint, %(n)s::int)
    and (%(state)s::text is null or state = %(state)s::text)
order by recorded_us desc, member_id desc, seq desc, n desc limit %(limit)s::int;

-- name: attempts_of
-- Every try of a delivery, the newest first, so many.
select at_us, latency_ms, status, answer, error from webhooks.attempt
where member_id = %(member_id)s::bigint and subscription_id = %(subscription_id)s::bigint
    and seq = %(seq)s::bigint and n = %(n)s::int
order by attempt_id desc limit %(limit)s::int;

-- name: forget_settled
-- What was settled long ago, in bounded pieces; attempts go with their delivery.
delete from webhooks.delivery where (member_id, subscription_id, seq, n) in (
    select member_id, subscription_id, seq, n from webhooks.delivery
    where settled_us < %(before_us)s::bigint
    order by settled_us limit %(limit)s::int for update skip locked);

-- name: backlog
-- For monitors: bounded, whatever waits.
select
    (select count(*) from (select from webhooks.lane limit 10000) l),
    (select count(*) from (select from webhooks.lane where retry_at_us > 0 limit 10000) l),
    (select min(recorded_us) from (select recorded_us from webhooks.delivery
        where state = 'waiting' limit 10000) d),
    (select count(*) from (select from webhooks.delivery where state = 'dead' limit 10000) d);
