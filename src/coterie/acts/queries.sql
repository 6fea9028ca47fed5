-- Which acts were done under which key.

-- name: begin_act
-- Whoever comes second with a key waits for the first, and then finds what it did.
insert into acts.performed (actor, key, digest, begun_us)
values (%(actor)s::text, %(key)s::text, %(digest)s::bytea, %(begun_us)s::bigint)
on conflict (actor, key) do nothing;

-- name: find_act
-- What was done under a key, or is being done.
select digest, result from acts.performed
where actor = %(actor)s::text and key = %(key)s::text;

-- name: finish_act
-- Once: of two that finish the same, one writes the audit trail.
update acts.performed set result = %(result)s::text
where actor = %(actor)s::text and key = %(key)s::text and result is null;

-- name: drop_act
-- It was refused: the key is free again.
delete from acts.performed
where actor = %(actor)s::text and key = %(key)s::text and result is null;
