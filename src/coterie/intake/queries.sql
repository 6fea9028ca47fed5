-- name: stamps
-- What a batch checks before it trusts what its process remembers; one row, one round trip.
select
    (select coalesce(max(version), 0) from programme.version),
    (select closed_through - date '0001-01-01' + 1 from ledger.closed_books);
