-- Lots are found by their number alone. Two indexes that every event wrote into go; what they were
-- for stands where it is read anyway: with the member, the event, and what came back of a sale.

-- Every lot of the member below it is empty: nothing remains and nothing is held.
alter table members.member add column lots_from bigint not null default 1;

update members.member m set lots_from = coalesce(l.live, m.lot_no + 1)
from (
    select member_id, min(lot_no) filter (where remaining > 0 or held > 0) as live
    from ledger.lot group by member_id
) l
where l.member_id = m.member_id and coalesce(l.live, m.lot_no + 1) <> 1;

alter table members.member
    add constraint member_lots_from check (lots_from between 1 and lot_no + 1);

-- A return can make a rule of the sale give more; that opens a lot of the sale, beside the one in
-- its currency that the sale itself opened. The n-th such movement of a member opened the n-th.
create temporary table again on commit drop as
with lots as (
    select l.member_id, l.earned_seq, l.lot_no,
        row_number() over (partition by l.member_id order by l.lot_no) as place
    from events.returned r
    join events.event e on e.member_id = r.member_id and e.seq = r.order_seq and e.kind = 'order'
    join ledger.lot l on l.member_id = r.member_id and l.earned_seq = r.order_seq
    where exists (
            select from ledger.lot o
            where o.member_id = l.member_id and o.earned_seq = l.earned_seq
                and o.currency = l.currency and o.lot_no < l.lot_no)
        or not exists (
            select from ledger.movement m
            where m.member_id = l.member_id and m.seq = l.earned_seq and m.currency = l.currency
                and m.debit = 'issued' and m.credit in ('available', 'pending'))
), given as (
    select member_id, seq, row_number() over (partition by member_id order by seq, n) as place
    from ledger.movement
    where reason = 'return' and debit = 'issued' and credit in ('available', 'pending')
)
select member_id, l.earned_seq, l.lot_no, g.seq
from lots l join given g using (member_id, place);

update events.returned r
set lines = (left(r.lines::text, -1) || ',"lots":' || a.lots || '}')::json
from (
    select member_id, earned_seq, json_agg(lot_no order by lot_no)::text as lots
    from again group by member_id, earned_seq
) a
where r.member_id = a.member_id and r.order_seq = a.earned_seq;

-- What happened is not told anew: an outcome only learns which lots the event opened.
alter table events.event disable trigger event_never_changed;
update events.event e
set outcome = (left(e.outcome::text, -1) || ',"opened":[' || l.first || ',' || l.lots || ']}')::json
from (
    select member_id, coalesce(a.seq, l.earned_seq) as seq, min(l.lot_no) as first,
        count(*) as lots
    from ledger.lot l
    left join again a using (member_id, earned_seq, lot_no)
    group by 1, 2
) l
where e.member_id = l.member_id and e.seq = l.seq;
alter table events.event enable trigger event_never_changed;

drop index ledger.lot_live;
drop index ledger.lot_earned;
