-- What waits for a second person, and when it has to.

create schema approvals;

create table approvals.request (
    request_id bigint generated always as identity primary key,
    act text not null check (length(act) between 1 and 64),
    args text not null check (length(args) <= 1000000),
    target text not null check (length(target) between 1 and 100),
    reason text not null check (length(reason) between 1 and 500),
    -- Why it waits: the line of the policy.
    why text not null check (length(why) between 1 and 64),
    asked_by bigint not null,
    asked_us bigint not null,
    expires_us bigint not null check (expires_us > asked_us),
    preview text not null,
    preview_sha256 bytea not null check (length(preview_sha256) = 32),
    state text not null check (state in
        ('waiting', 'approved', 'refused', 'withdrawn', 'lapsed', 'run', 'failed')),
    decided_by bigint,
    decided_us bigint,
    note text check (length(note) <= 500),
    settled_us bigint,
    result text,
    -- Nobody approves their own.
    check (decided_by <> asked_by),
    check ((decided_by is null) = (decided_us is null)),
    check ((state in ('approved', 'refused', 'run', 'failed')) = (decided_by is not null)),
    check ((state in ('run', 'failed')) = (settled_us is not null))
);
create index request_waiting on approvals.request (request_id) where state = 'waiting';
create index request_asked_by on approvals.request (asked_by, request_id);

-- What was asked for never changes, and what was decided stays decided.
create function approvals.stays() returns trigger language plpgsql as $$
begin
    if row(new.act, new.args, new.target, new.reason, new.asked_by, new.asked_us, new.expires_us)
        is distinct from
        row(old.act, old.args, old.target, old.reason, old.asked_by, old.asked_us, old.expires_us)
    then
        raise exception 'a request does not change' using errcode = 'restrict_violation';
    end if;
    if not (old.state = 'waiting'
        or (old.state = 'approved' and new.state in ('approved', 'run', 'failed')))
    then
        raise exception 'request % is %', old.request_id, old.state
            using errcode = 'restrict_violation';
    end if;
    if old.decided_by is not null and new.decided_by is distinct from old.decided_by then
        raise exception 'a decision stays' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger stays before update on approvals.request
    for each row execute function approvals.stays();
create function approvals.kept() returns trigger language plpgsql as $$
begin
    raise exception 'requests and policies are kept' using errcode = 'restrict_violation';
end $$;
create trigger kept before delete or truncate on approvals.request
    for each statement execute function approvals.kept();

-- Each policy there was; the last one holds. Without one, the defaults in the code do.
create table approvals.policy (
    n bigint generated always as identity primary key,
    body text not null,
    set_us bigint not null
);
create trigger kept before update or delete or truncate on approvals.policy
    for each statement execute function approvals.kept();
