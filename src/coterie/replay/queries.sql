-- What `coterie verify` asks. Every check returns its first offenders in one shape:
-- member_id, seq, name (what of that member or event), expected, found, total (all offenders).
-- Each is one or few passes over whole tables: at ten million movements a question per row is not
-- a question any more. What one check proves the next relies on; docs/guides/verify.md lists them.

-- name: export_snapshot
-- All checks look at one moment, on as many connections as there are jobs.
select pg_export_snapshot();

-- name: sizes
-- For the first line of the report; what the members and the daily sums say, because that is quick.
select (select count(*) from members.member)::bigint,
    (select coalesce(sum(seq), 0) from members.member)::bigint,
    (select coalesce(sum(movements), 0) from ledger.rollup)::bigint;

-- name: balances
-- The balance row is a projection: it must be the sum of its movements, both ways.
with moved as (
    select member_id, currency,
        sum(case 'available' when credit then units when debit then -units else 0 end) as available,
        sum(case 'pending' when credit then units when debit then -units else 0 end) as pending,
        sum(case 'held' when credit then units when debit then -units else 0 end) as held,
        -- A debt grows by what is moved out of it.
        sum(case 'owed' when debit then units when credit then -units else 0 end) as owed
    from ledger.movement
    group by member_id, currency
)
select member_id, null::bigint as seq, currency as name,
    format('available %%s, pending %%s, held %%s, owed %%s', coalesce(m.available, 0),
        coalesce(m.pending, 0), coalesce(m.held, 0), coalesce(m.owed, 0)) as expected,
    case when b.available is null then 'no balance row' else
        format('available %%s, pending %%s, held %%s, owed %%s', b.available, b.pending, b.held,
            b.owed) end as found,
    count(*) over () as total
from moved m
full join ledger.balance b using (member_id, currency)
where coalesce(m.available, 0) <> coalesce(b.available, 0)
    or coalesce(m.pending, 0) <> coalesce(b.pending, 0)
    or coalesce(m.held, 0) <> coalesce(b.held, 0)
    or coalesce(m.owed, 0) <> coalesce(b.owed, 0)
    or (b.available is null and m.available is not null)
order by member_id, currency
limit %(limit)s::int;

-- name: conservation
-- What holders have and what the house gave must cancel: balances against the daily sums, which
-- are kept apart, so that neither can be right by itself.
with house as (
    select r.currency,
        sum(case when r.debit in ('available', 'pending', 'held', 'owed') then 0 else -r.units end
          + case when r.credit in ('available', 'pending', 'held', 'owed') then 0 else r.units end
        ) as units
    from ledger.rollup r group by r.currency
), holders as (
    select currency, sum(available + pending + held - owed) as units
    from ledger.balance group by currency
)
select null::bigint as member_id, null::bigint as seq, currency as name,
    format('holders have %%s, as the house gave', -coalesce(g.units, 0)) as expected,
    format('holders have %%s', coalesce(h.units, 0)) as found,
    count(*) over () as total
from house g full join holders h using (currency)
where coalesce(g.units, 0) + coalesce(h.units, 0) <> 0
order by currency
limit %(limit)s::int;

-- name: rollups
-- Pages read the daily sums instead of movements, so they must be the same numbers.
with moved as (
    select booked_on, currency, reason, coalesce(store, '') as store, coalesce(rule, '') as rule,
        debit, credit, sum(units) as units, count(*) as movements
    from ledger.movement
    group by 1, 2, 3, 4, 5, 6, 7
), kept as (
    select booked_on, currency, reason, store, rule, debit, credit,
        sum(units) as units, sum(movements) as movements
    from ledger.rollup
    group by 1, 2, 3, 4, 5, 6, 7
)
select null::bigint as member_id, null::bigint as seq,
    concat_ws(' ', booked_on, currency, debit || '>' || credit, reason, nullif(store, ''),
        nullif(rule, '')) as name,
    format('%%s units in %%s movements', coalesce(m.units, 0), coalesce(m.movements, 0)) as expected,
    format('%%s units in %%s movements', coalesce(k.units, 0), coalesce(k.movements, 0)) as found,
    count(*) over () as total
from moved m
full join kept k using (booked_on, currency, reason, store, rule, debit, credit)
where coalesce(m.units, 0) <> coalesce(k.units, 0)
    or coalesce(m.movements, 0) <> coalesce(k.movements, 0)
order by booked_on, currency, debit, credit, reason, store, rule
limit %(limit)s::int;

-- name: transit
-- What left for another member has arrived or come back as a whole, or is still on its way; nothing
-- arrives that was not sent.
with moved as (
    select m.member_id, m.seq, m.currency,
        case when e.kind in ('transfer_in', 'transfer_back', 'merge_in', 'unmerge_in',
                'pool_in', 'pool_back', 'pool_share', 'pool_repay')
            then coalesce(e.caused_by, '?') else m.member_id || ':' || m.seq end as cause,
        case m.credit when 'in_transit' then m.units else 0 end as sent,
        -- A debt travels the other way.
        case m.debit when 'in_transit' then m.units else 0 end as arrived
    from ledger.movement m
    left join events.event e using (member_id, seq)
    where 'in_transit' in (m.debit, m.credit)
), settled as (
    select cause, currency, min(member_id) as member_id, min(seq) as seq, sum(sent) as sent,
        sum(arrived) as arrived
    from moved
    group by cause, currency
    having sum(sent) <> sum(arrived)
)
select member_id, seq, currency as name, format('%%s sent', sent) as expected,
    format('%%s arrived', arrived) as found, count(*) over () as total
from settled s
where not exists (
    select from storage.outbox o
    where o.follow_up and o.member_id || ':' || o.seq = s.cause)
order by 1, 2, 3
limit %(limit)s::int;

-- name: follow_ups
-- What an event sent on became an event of its receiver, or is on its way; nothing came from nowhere
-- but what a receiver sends back.
with sent as (
    select e.member_id, e.seq, e.member_id || ':' || e.seq as cause, f.what ->> 0 as kind,
        count(*) as events
    from events.event e, json_array_elements(e.outcome -> 'follow_ups') as f (what)
    where e.outcome::text like '%%"follow_ups"%%'
    group by e.member_id, e.seq, 4
), arrived as (
    select caused_by as cause, kind, count(*) as events, min(member_id) as member_id,
        min(seq) as seq
    from events.event
    where source = 'coterie' and caused_by is not null
        and kind not in ('transfer_back', 'pool_back')
    group by caused_by, kind
)
select coalesce(s.member_id, a.member_id) as member_id, coalesce(s.seq, a.seq) as seq, kind as name,
    case when s.events is null then 'an event that sent it on'
        else format('%%s sent on', s.events) end as expected,
    format('%%s arrived', coalesce(a.events, 0)) as found,
    count(*) over () as total
from sent s
full join arrived a using (cause, kind)
where s.events is null
    or a.events > s.events
    or (coalesce(a.events, 0) < s.events and not exists (
        select from storage.outbox o
        where o.member_id = s.member_id and o.seq = s.seq and o.follow_up))
order by 1, 2, 3
limit %(limit)s::int;

-- name: lots
-- A lot's remainder is its units plus its uses; a cancelled one has nothing left.
with used as (
    select member_id, lot_no, sum(units) as units from ledger.lot_use group by member_id, lot_no
)
select member_id, l.earned_seq as seq, format('lot %%s', lot_no) as name,
    case when l.units is null then 'a lot for its uses'
        when l.state = 'cancelled' and l.remaining + l.held > 0 then 'nothing in a cancelled lot'
        when l.state = 'pending' and l.held + l.lapsed > 0 then 'a pending lot is not used'
        else format('remaining %%s = %%s granted %%s used', l.units + coalesce(u.units, 0), l.units,
            coalesce(u.units, 0)) end as expected,
    case when l.units is null then 'no lot'
        else format('%%s, remaining %%s, held %%s, lapsed %%s', l.state, l.remaining, l.held,
            l.lapsed) end as found,
    count(*) over () as total
from ledger.lot l
full join used u using (member_id, lot_no)
where l.units is null
    or l.remaining <> l.units + coalesce(u.units, 0)
    or (l.state = 'cancelled' and l.remaining + l.held > 0)
    or (l.state = 'pending' and l.held + l.lapsed > 0)
order by member_id, lot_no
limit %(limit)s::int;

-- name: lot_sums
-- What can be spent is the sum of open lots, what waits of pending ones, what is held of held parts.
with summed as (
    select member_id, currency,
        sum(remaining) filter (where state = 'open') as available,
        sum(remaining) filter (where state = 'pending') as pending,
        sum(held) as held
    from ledger.lot
    where remaining > 0 or held > 0
    group by member_id, currency
)
select member_id, null::bigint as seq, currency as name,
    format('available %%s, pending %%s, held %%s by lots', coalesce(l.available, 0),
        coalesce(l.pending, 0), coalesce(l.held, 0)) as expected,
    format('available %%s, pending %%s, held %%s', coalesce(b.available, 0),
        coalesce(b.pending, 0), coalesce(b.held, 0)) as found,
    count(*) over () as total
from summed l
full join ledger.balance b using (member_id, currency)
where coalesce(l.available, 0) <> coalesce(b.available, 0)
    or coalesce(l.pending, 0) <> coalesce(b.pending, 0)
    or coalesce(l.held, 0) <> coalesce(b.held, 0)
order by member_id, currency
limit %(limit)s::int;

-- name: lapsed
-- What lots say has lapsed is what went to breakage and did not come back.
with moved as (
    select member_id, currency,
        sum(case credit when 'breakage' then units else -units end) as units
    from ledger.movement
    where credit = 'breakage' or debit = 'breakage'
    group by member_id, currency
), said as (
    select member_id, currency, sum(lapsed) as units
    from ledger.lot where lapsed > 0
    group by member_id, currency
)
select member_id, null::bigint as seq, currency as name,
    format('%%s lapsed by movements', coalesce(m.units, 0)) as expected,
    format('%%s lapsed by lots', coalesce(s.units, 0)) as found,
    count(*) over () as total
from moved m
full join said s using (member_id, currency)
where coalesce(m.units, 0) <> coalesce(s.units, 0)
order by member_id, currency
limit %(limit)s::int;

-- name: lot_numbers
-- Lots are numbered per member without gaps: a removed one is noticed though nothing uses it.
with numbered as (
    select member_id, count(*) as lots, max(lot_no) as last
    from ledger.lot group by member_id
)
select member_id, null::bigint as seq, 'lots' as name,
    case when m.lot_no is null then 'a member' else format('lots 1 to %%s', m.lot_no) end as expected,
    format('%%s lots, the last %%s', coalesce(n.lots, 0), coalesce(n.last, 0)) as found,
    count(*) over () as total
from members.member m
full join numbered n using (member_id)
where m.lot_no is null
    or m.lot_no <> coalesce(n.lots, 0)
    or m.lot_no <> coalesce(n.last, 0)
order by member_id
limit %(limit)s::int;

-- name: live_lots
-- Decisions look for lots from the member's first live one on: what lay below would be lost to them.
select l.member_id, l.earned_seq as seq, format('lot %%s', l.lot_no) as name,
    case when m.member_id is null then 'a member'
        else format('nothing in lots below %%s', m.lots_from) end as expected,
    format('remaining %%s, held %%s', l.remaining, l.held) as found,
    count(*) over () as total
from ledger.lot l
left join members.member m using (member_id)
where (l.remaining > 0 or l.held > 0) and (m.lots_from is null or l.lot_no < m.lots_from)
order by l.member_id, l.lot_no
limit %(limit)s::int;

-- name: uses
-- What leaves `available` or `pending` names its lots, wholly; what comes back fills lots, wholly
-- or (a lot that opens, a release) not at all; nothing else uses a lot.
with used as (
    select u.member_id, u.seq, u.n, sum(u.units) as units, sum(abs(u.units)) as gross,
        min(l.currency) as first_currency, max(l.currency) as last_currency
    from ledger.lot_use u
    left join ledger.lot l using (member_id, lot_no)
    group by u.member_id, u.seq, u.n
)
select member_id, seq, format('movement %%s', n) as name,
    case when m.units is null then 'a movement for these lot uses'
        else format('%%s %%s of %%s, %%s>%%s, by lots', m.units, m.currency, m.reason, m.debit,
            m.credit) end as expected,
    case when u.units is null then 'no lot use'
        else format('%%s %%s by lots', u.units, u.first_currency) end as found,
    count(*) over () as total
from ledger.movement m
full join used u using (member_id, seq, n)
where m.units is null
    or u.gross <> abs(u.units)
    or u.first_currency <> m.currency
    or u.last_currency <> m.currency
    or (case
        when m.debit = 'available' or (m.debit = 'pending' and m.credit <> 'available')
            then coalesce(u.units, 0) <> -m.units
        when m.credit = 'pending' or (m.credit = 'available' and m.debit <> 'pending')
            then coalesce(u.units, m.units) <> m.units
        else u.units is not null end)
order by member_id, seq, n
limit %(limit)s::int;

-- name: openings
-- What an event gave without filling older lots opened lots of its own, neither more nor less. A
-- return may open a lot that counts as earned with its sale: where something differs by what lots
-- say, what the events of that member tell of the lots they opened decides.
with moved as (
    select m.member_id, m.seq, m.currency, sum(m.units) as units
    from ledger.movement m
    where (m.credit = 'pending' or (m.credit = 'available' and m.debit <> 'pending'))
        and not exists (
            select from ledger.lot_use u
            where u.member_id = m.member_id and u.seq = m.seq and u.n = m.n)
    group by m.member_id, m.seq, m.currency
), earned as (
    select member_id, earned_seq as seq, currency, sum(units) as units
    from ledger.lot group by member_id, earned_seq, currency
), suspects as materialized (
    select distinct member_id
    from moved m
    full join earned e using (member_id, seq, currency)
    where coalesce(m.units, 0) <> coalesce(e.units, 0)
), given as (
    select m.member_id, m.seq, m.currency, sum(m.units) as units
    from suspects s
    join ledger.movement m using (member_id)
    where (m.credit = 'pending' or (m.credit = 'available' and m.debit <> 'pending'))
        and not exists (
            select from ledger.lot_use u
            where u.member_id = m.member_id and u.seq = m.seq and u.n = m.n)
    group by m.member_id, m.seq, m.currency
), told as (
    select e.member_id, e.seq, number + (e.outcome -> 'opened' ->> 0)::bigint as lot_no
    from suspects s
    join events.event e using (member_id),
    generate_series(0, (e.outcome -> 'opened' ->> 1)::int - 1) as number
), opened as (
    select member_id, coalesce(t.seq, l.earned_seq) as seq, l.currency, sum(l.units) as units
    from suspects s
    join ledger.lot l using (member_id)
    left join told t using (member_id, lot_no)
    group by 1, 2, 3
)
select member_id, seq, currency as name,
    format('lots of %%s units opened', coalesce(g.units, 0)) as expected,
    format('lots of %%s units opened', coalesce(o.units, 0)) as found,
    count(*) over () as total
from given g
full join opened o using (member_id, seq, currency)
where coalesce(g.units, 0) <> coalesce(o.units, 0)
order by member_id, seq, currency
limit %(limit)s::int;

-- name: holds
-- A hold was placed by a movement of its units, and its parts name lots for all of them.
with placed as (
    select member_id, seq, currency, sum(units) as units
    from ledger.movement where credit = 'held'
    group by member_id, seq, currency
), kept as (
    select h.member_id, h.placed_seq as seq, h.currency, h.hold_ref, h.units,
        (select coalesce(sum((part ->> 1)::bigint), 0) from json_array_elements(h.parts) part)
            as parts
    from ledger.hold h
)
select member_id, seq, coalesce(k.hold_ref, currency) as name,
    format('%%s %%s moved into held', coalesce(p.units, 0), currency) as expected,
    case when k.units is null then 'no hold'
        else format('a hold of %%s, its parts %%s', k.units, k.parts) end as found,
    count(*) over () as total
from placed p
full join kept k using (member_id, seq, currency)
where coalesce(p.units, 0) <> coalesce(k.units, 0) or k.parts <> k.units
order by member_id, seq, currency
limit %(limit)s::int;

-- name: hold_sums
-- Open holds are what is held; what finished ones held has left again, captured or given back.
with moved as (
    select member_id, currency, sum(units) as finished,
        coalesce(sum(units) filter (where credit = 'redeemed'), 0) as captured
    from ledger.movement where debit = 'held'
    group by member_id, currency
), kept as (
    select member_id, currency,
        coalesce(sum(units) filter (where state = 'open'), 0) as open,
        coalesce(sum(units) filter (where state <> 'open'), 0) as finished,
        sum(captured) as captured
    from ledger.hold group by member_id, currency
), held as (
    select member_id, currency, held from ledger.balance where held > 0
)
select member_id, null::bigint as seq, currency as name,
    format('open %%s, finished %%s, captured %%s by movements', coalesce(b.held, 0),
        coalesce(m.finished, 0), coalesce(m.captured, 0)) as expected,
    format('open %%s, finished %%s, captured %%s by holds', coalesce(k.open, 0),
        coalesce(k.finished, 0), coalesce(k.captured, 0)) as found,
    count(*) over () as total
from moved m
full join kept k using (member_id, currency)
full join held b using (member_id, currency)
where coalesce(k.open, 0) <> coalesce(b.held, 0)
    or coalesce(k.finished, 0) <> coalesce(m.finished, 0)
    or coalesce(k.captured, 0) <> coalesce(m.captured, 0)
order by member_id, currency
limit %(limit)s::int;

-- name: held_lots
-- What a lot says is held of it is what the parts of open holds say.
with parts as (
    select h.member_id, (part ->> 0)::bigint as lot_no, sum((part ->> 1)::bigint) as units
    from ledger.hold h, json_array_elements(h.parts) part
    where h.state = 'open'
    group by 1, 2
), held as (
    select member_id, lot_no, held from ledger.lot where held > 0
)
select member_id, null::bigint as seq, format('lot %%s', lot_no) as name,
    format('%%s held by open holds', coalesce(p.units, 0)) as expected,
    format('%%s held', coalesce(l.held, 0)) as found,
    count(*) over () as total
from parts p
full join held l using (member_id, lot_no)
where coalesce(p.units, 0) <> coalesce(l.held, 0)
order by member_id, lot_no
limit %(limit)s::int;

-- name: sequences
-- A member's events are numbered 1 to the member's last number, without gaps.
with numbered as (
    select member_id, count(*) as events, max(seq) as last
    from events.event group by member_id
)
select member_id, m.seq as seq, 'events' as name,
    case when m.seq is null then 'a member' else format('events 1 to %%s', m.seq) end as expected,
    format('%%s events, the last %%s', coalesce(n.events, 0), coalesce(n.last, 0)) as found,
    count(*) over () as total
from members.member m
full join numbered n using (member_id)
where m.seq is null or m.seq <> coalesce(n.events, 0) or m.seq <> coalesce(n.last, 0)
order by member_id
limit %(limit)s::int;

-- name: effects
-- A movement follows from an accepted event, under its version and in its books, and is one of the
-- number of movements that its outcome tells. History is long and movements are more, so what each
-- member has is first folded into one number (of 64-bit hashes with a salt of this run);
-- only members whose numbers differ are looked at row by row.
with moved as (
    select member_id, count(*) as rows, bit_xor(hashint8extended(n, hashint8extended(seq,
        hashint8extended(version * 1000000::bigint + (booked_on - date '2000-01-01'),
            %(salt)s::bigint)))) as print
    from ledger.movement group by member_id
), told as (
    select member_id, sum(n) as rows, bit_xor(case when n = 1 then hashint8extended(1, of) else (
        select bit_xor(hashint8extended(number, of)) from generate_series(1, n) number) end
        ) as print
    from (
        select member_id, (outcome ->> 'n')::int as n,
            hashint8extended(seq, hashint8extended(
                version * 1000000::bigint + (booked_day - date '2000-01-01'), %(salt)s::bigint)
            ) as of
        from events.event where status = 'accepted'
        offset 0
    ) e
    where n > 0
    group by member_id
), suspects as materialized (
    select member_id, count(*) over () as total
    from moved m
    full join told t using (member_id)
    where m.rows is distinct from t.rows or m.print is distinct from t.print
    order by member_id
    limit %(limit)s::int
), there as (
    select m.member_id, m.seq, count(*) as rows, max(n) as last, min(version) as version,
        max(version) as last_version, min(booked_on) as booked_on, max(booked_on) as last_booked_on
    from suspects s join ledger.movement m using (member_id)
    group by m.member_id, m.seq
), said as (
    select e.member_id, e.seq, e.status, e.version, e.booked_day,
        case when e.status = 'accepted' then coalesce((e.outcome ->> 'n')::int, 0) else 0 end as n
    from suspects s join events.event e using (member_id)
)
select member_id, seq, 'movements' as name,
    case when e.n is null then 'an event for its movements'
        else format('%%s movements of the event (%%s) under version %%s, booked on %%s', e.n,
            e.status, e.version, e.booked_day) end as expected,
    case when m.rows is null then 'no movement'
        else format('%%s movements up to number %%s, under version %%s, booked on %%s', m.rows,
            m.last, m.version, m.booked_on) end as found,
    (select max(total) from suspects) as total
from there m
full join said e using (member_id, seq)
where (e.n is null or coalesce(m.rows, 0) <> e.n or coalesce(m.last, 0) <> e.n
    or m.version <> e.version or m.last_version <> e.version
    or m.booked_on <> e.booked_day or m.last_booked_on <> e.booked_day)
order by member_id, seq
limit %(limit)s::int;

-- name: registry
-- One (source, key) is one event: what the registry points at is there under that name, and every
-- event is pointed at; only moments that fell due have no key, and sequence 0 is what made the
-- member. Folded per member first, as effects are.
with recorded as (
    select member_id, count(*) as rows,
        bit_xor(hashtextextended(source || ' ' || key, seq + %(salt)s::bigint)) as print
    from events.event where kind <> 'due' group by member_id
), registered as (
    select member_id, count(*) as rows,
        bit_xor(hashtextextended(source || ' ' || key, seq + %(salt)s::bigint)) as print
    from storage.registry where seq > 0 group by member_id
), suspects as materialized (
    select member_id, count(*) over () as total
    from recorded e
    full join registered r using (member_id)
    where e.rows is distinct from r.rows or e.print is distinct from r.print
    order by member_id
    limit %(limit)s::int
), pointed as (
    select r.* from storage.registry r
    where r.seq > 0 and r.member_id in (select member_id from suspects)
), there as (
    select e.member_id, e.seq, e.source, e.key
    from suspects s join events.event e using (member_id)
    where e.kind <> 'due'
)
select member_id, seq, coalesce(e.source || ' ' || e.key, r.source || ' ' || r.key) as name,
    case when e.seq is null then 'an event for its registry row'
        else 'a registry row for its event' end as expected,
    case when e.seq is null then 'no event' when r.seq is null then 'no registry row'
        else 'registered as ' || r.source || ' ' || r.key end as found,
    (select max(total) from suspects) as total
from there e
full join pointed r using (member_id, seq)
where e.seq is null or r.seq is null or e.source <> r.source or e.key <> r.key
order by member_id, seq
limit %(limit)s::int;

-- name: waiting
-- What waits has its registry row, and what the registry says waits is there and was not let in.
select null::bigint as member_id, null::bigint as seq,
    coalesce(r.source || ' ' || r.key, w.source || ' ' || w.key) as name,
    'one registry row for one event that waits' as expected,
    case when w.waiting_id is null then 'nothing waits'
        when r.key is null then 'no registry row'
        else format('%%s as number %%s, registered as %%s', coalesce(w.decided, 'waiting'),
            w.waiting_id, r.waiting_id) end as found,
    count(*) over () as total
from events.waiting w
full join (
    select * from storage.registry where waiting_id is not null
    union
    select r.* from events.waiting w join storage.registry r using (source, key)
) r using (source, key)
where w.waiting_id is null
    or r.key is null
    or r.waiting_id <> w.waiting_id
    or (r.waiting_id is not null and w.decided in ('approved', 'found'))
order by 3
limit %(limit)s::int;

-- name: returned
-- What came back is kept beside an accepted event of that member: a sale, or one that was undone.
select r.member_id, r.order_seq as seq, 'returned' as name,
    'an accepted event' as expected,
    coalesce(e.status || ' ' || e.kind, 'no event') as found,
    count(*) over () as total
from events.returned r
left join events.event e on e.member_id = r.member_id and e.seq = r.order_seq
where e.seq is null or e.status <> 'accepted'
order by r.member_id, r.order_seq
limit %(limit)s::int;

-- name: versions
-- Every event names a version that is kept, and its text is the one that was published.
with named as (
    select version, count(*) as events from events.event group by version
), wrong as (
    select n.version, 'a published version' as expected,
        format('none, but %%s events name it', n.events) as found
    from named n
    left join programme.version v using (version)
    where v.version is null
    union all
    select v.version, 'the text that was published', 'another text'
    from programme.version v
    where encode(sha256(convert_to(v.content, 'UTF8')), 'hex') <> v.sha256
)
select null::bigint as member_id, null::bigint as seq, format('version %%s', version) as name,
    expected, found, count(*) over () as total
from wrong
order by version
limit %(limit)s::int;

-- name: dues
-- What falls due is found by the member's next moment: an early one is harmless, a late one is not.
with moments as (
    select member_id, min(at_us) as at_us
    from (
        select member_id, releases_us as at_us from ledger.lot
        where remaining > 0 and state = 'pending'
        union all
        select member_id, expires_us from ledger.lot
        where remaining > 0 and state = 'open' and expires_us is not null
        union all
        select member_id, expires_us from ledger.hold where state = 'open'
        union all
        select member_id, inactive_us from ledger.balance
        where inactive_us is not null and available > 0
        union all
        -- A ladder that is no longer in force looks at nobody, and nothing looks at who is gone.
        select s.member_id, s.due_us from tiers.standing s
        join members.member here on here.member_id = s.member_id
            and here.state not in ('merged', 'erased')
        where s.due_us is not null and (
            select v.content::json->'ladders' from programme.version v
            order by v.version desc limit 1)->s.ladder is not null
    ) due
    group by member_id
)
select d.member_id, m.seq, 'next due' as name,
    format('at %%s or before', to_timestamp(d.at_us / 1000000)) as expected,
    case when m.member_id is null then 'no member'
        else coalesce('at ' || to_timestamp(m.next_due_us / 1000000), 'nothing due') end as found,
    count(*) over () as total
from moments d
left join members.member m using (member_id)
where m.next_due_us is null or m.next_due_us > d.at_us
order by d.member_id
limit %(limit)s::int;

-- name: tiers
-- A standing is what its changes left, one following from the other.
with chained as (
    select member_id, ladder, seq, n, from_tier, to_tier, until_on, reason, version,
        count(*) over (partition by member_id, ladder) as changes,
        lag(to_tier) over in_order as before, row_number() over in_order as place,
        row_number() over (partition by member_id, ladder order by seq desc, n desc) as from_end
    from tiers.change
    window in_order as (partition by member_id, ladder order by seq, n)
), wrong as (
    select member_id, seq, ladder as name,
        format('a change from %%s', coalesce(before, 'nothing')) as expected,
        format('a change from %%s', coalesce(from_tier, 'nothing')) as found
    from chained
    where place > 1 and before is distinct from from_tier
    union all
    select member_id, c.seq, ladder,
        case when c.seq is null then 'no change' else format('%%s through %%s, %%s, version %%s, '
            '%%s changes', coalesce(c.to_tier, 'nothing'), coalesce(c.until_on::text, 'ever'),
            c.reason, c.version, c.changes) end,
        case when s.ladder is null then 'no standing' else format('%%s through %%s, %%s, version '
            '%%s, %%s changes', coalesce(s.tier, 'nothing'), coalesce(s.until_on::text, 'ever'),
            s.reason, s.version, s.changes) end
    from (select * from chained where from_end = 1) c
    full join tiers.standing s using (member_id, ladder)
    where coalesce(c.changes, 0) <> coalesce(s.changes, -1)
        or (c.seq is not null and (c.to_tier, c.until_on, c.reason, c.version)
            is distinct from (s.tier, s.until_on, s.reason, s.version))
)
select member_id, seq, name, expected, found, count(*) over () as total
from wrong
order by member_id, seq, name
limit %(limit)s::int;

-- name: tier_changes
-- What an event changed on ladders is recorded with it and by itself, alike.
with told as (
    select e.member_id, e.seq, t.n, e.occurred_us, e.version, t.value
    from events.event e
    cross join json_array_elements(e.outcome->'tiers') with ordinality t (value, n)
    where e.outcome::text like '%%"tiers":%%'
)
select member_id, seq, format('tier change %%s', n) as name,
    coalesce(format('%%s: %%s to %%s, %%s', t.value->>'ladder', t.value->>'from_tier',
        t.value->>'to_tier', t.value->>'reason'), 'none') as expected,
    coalesce(format('%%s: %%s to %%s, %%s', c.ladder, c.from_tier, c.to_tier, c.reason), 'none')
        as found,
    count(*) over () as total
from told t
full join tiers.change c using (member_id, seq, n)
where c.ladder is null or t.value is null
    or (t.value->>'ladder', t.value->>'from_tier', t.value->>'to_tier', t.value->>'reason',
        t.value->>'until_day', t.occurred_us, t.version)
        is distinct from (c.ladder, c.from_tier, c.to_tier, c.reason,
        (c.until_on - date '0001-01-01' + 1)::text, c.at_us, c.version)
    or coalesce(t.value->'evidence', '{}')::jsonb <> c.evidence::jsonb
order by member_id, seq, n
limit %(limit)s::int;

-- name: persons
-- What names a member names one that is there; who was merged went to somebody who was not the
-- same member again in the end.
with recursive chain as (
    select member_id, merged_into, 1 as steps from members.member where merged_into is not null
    union all
    select c.member_id, m.merged_into, c.steps + 1
    from chain c
    join members.member m on m.member_id = c.merged_into
    where m.merged_into is not null and c.steps < 100
), wrong as (
    select i.member_id, 'identity ' || i.kind as name, 'a member' as expected, 'none' as found
    from members.identity i
    where not exists (select from members.member m where m.member_id = i.member_id)
    union all
    select p.member_id, 'profile', 'a member', 'none'
    from members.profile p
    where not exists (select from members.member m where m.member_id = p.member_id)
    union all
    select b.member_id, 'balance ' || b.currency, 'a member', 'none'
    from ledger.balance b
    where not exists (select from members.member m where m.member_id = b.member_id)
    union all
    select c.member_id, 'counters', 'a member', 'none'
    from metrics.counters c
    where not exists (select from members.member m where m.member_id = c.member_id)
    union all
    select s.member_id, 'tier on ' || s.ladder, 'a member', 'none'
    from tiers.standing s
    where not exists (select from members.member m where m.member_id = s.member_id)
    union all
    select m.member_id, 'merged', 'a member to merge into', format('%%s is none', m.merged_into)
    from members.member m
    where m.merged_into is not null
        and not exists (select from members.member o where o.member_id = m.merged_into)
    union all
    select member_id, 'merged', 'an end of the chain', 'none after 100 members'
    from chain where steps = 100
)
select member_id, null::bigint as seq, name, expected, found, count(*) over () as total
from wrong
order by member_id, name
limit %(limit)s::int;

-- ------------------------------------------------------------------------------------- replay

-- name: range_starts
-- Work is dealt out in ranges of so many members; a range begins with one of these.
select member_id
from (select member_id, row_number() over (order by member_id) as number from members.member) m
where (number - 1) %% %(size)s::bigint = 0
order by member_id;

-- name: replayed_members
-- Where each member's history begins, and what the member is now.
select member_id, kind, state, merged_into, seq, lot_no, clock_us, next_due_us, enrolled_us,
    enrolled_state, enrolled_attributes, attributes, lots_from
from members.member
where member_id >= %(first_id)s::bigint and member_id < %(before_id)s::bigint
order by member_id;

-- name: replayed_events
-- Events in the order in which they were decided.
select member_id, seq, kind, occurred_us, offset_minutes, received_us, as_of_us,
    day - date '0001-01-01' + 1, booked_day - date '0001-01-01' + 1, version, status, code,
    payload::text, outcome::text
from events.event
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id, seq;

-- name: replayed_movements
-- What moved; version and booking day are held to the event by the check of effects.
select member_id, seq, n, currency, debit, credit, units, reason, rule, unit_cost_micro, funder,
    campaign, store
from ledger.movement
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id, seq, n;

-- name: replayed_uses
-- Which lots it moved.
select member_id, seq, n, lot_no, units
from ledger.lot_use
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id, seq, n, lot_no;

-- name: replayed_balances
-- What is there in the end.
select member_id, currency, available, pending, held, owed, inactive_us
from ledger.balance
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id, currency;

-- name: replayed_lots
-- Every lot there ever was.
select member_id, lot_no, currency, earned_seq, units, remaining, earned_us, state, held, lapsed,
    expires_us, expires_on - date '0001-01-01' + 1, releases_us, priority, contributor_id
from ledger.lot
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id, lot_no;

-- name: replayed_holds
-- Every hold there ever was.
select member_id, hold_ref, currency, units, placed_seq, expires_us, parts::text, state, captured
from ledger.hold
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id, hold_ref;

-- name: replayed_tiers
-- Where members stand on ladders.
select member_id, ladder, tier, since_on - date '0001-01-01' + 1,
    until_on - date '0001-01-01' + 1, due_us, reason, version, changes, course::text
from tiers.standing
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id, ladder;

-- name: replayed_counters
-- What was counted.
select member_id, buckets::text
from metrics.counters
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id;

-- name: replayed_returned
-- What came back, and what was undone.
select member_id, order_seq, lines::text
from events.returned
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
order by member_id, order_seq;

-- ------------------------------------------------------------------------------------- plans

-- name: planned_events
-- What came from outside, in the order in which it was decided: the rest follows from it anew.
select member_id, seq, kind, occurred_us, offset_minutes, received_us, as_of_us,
    day - date '0001-01-01' + 1, booked_day - date '0001-01-01' + 1, payload::text, outcome::text
from events.event
where member_id between %(first_id)s::bigint and %(last_id)s::bigint
    and occurred_us < %(to_us)s::bigint
    and kind <> all(%(inside)s::text[])
order by member_id, seq;

-- name: tied_members
-- Who names another member, who is named, and to whom something came from another member.
with naming as (
    select * from unnest(%(kinds)s::text[], %(fields)s::text[]) as naming (kind, field)
), named as (
    select e.member_id, (e.payload -> n.field ->> 'id')::bigint as other_id
    from events.event e
    join naming n using (kind)
    where e.payload ->> n.field is not null
)
select member_id from named
union
select other_id from named where other_id is not null
union
select member_id from events.event where kind = any(%(inside)s::text[]);

-- name: members_after
-- Members to whom something happened, in id order; and how many are left with them.
select member_id, count(*) over () as left_with
from members.member
where member_id > %(after_id)s::bigint and seq > 0
order by member_id
limit %(limit)s::int;
