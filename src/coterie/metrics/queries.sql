-- name: load_counters
-- All counters of a batch's members, under the members' locks.
select member_id, buckets::text from metrics.counters
where member_id = any(%(member_ids)s::bigint[]);

-- name: write_counters
-- One row a member, written whole: buckets are few.
insert into metrics.counters (member_id, buckets)
select * from unnest(%(member_ids)s::bigint[], %(buckets)s::json[])
on conflict (member_id) do update set buckets = excluded.buckets;
