-- Long work that an operator asked for: what is to be done, how far it is, what came of it.

create schema jobs;

create table jobs.job (
    job_id bigint generated always as identity primary key,
    kind text not null check (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
    arguments json not null check (octet_length(arguments::text) <= 4194304),
    -- Who asked, by which key: asking again is the same job.
    source text not null check (length(source) between 1 and 64),
    key text not null check (length(key) between 1 and 200),
    digest bytea not null check (length(digest) = 16),
    state text not null default 'queued'
        check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    cancel boolean not null default false,
    runs smallint not null default 0 check (runs between 0 and 3),
    -- Whose it is now, and until when nobody else may take it. By the server's clock: the world's
    -- may stand still.
    runner text,
    leased_until timestamptz,
    phase text check (length(phase) <= 40),
    done bigint not null default 0 check (done >= 0),
    total bigint check (total >= 0),
    created_us bigint not null,
    started_us bigint,
    finished_us bigint,
    result json check (octet_length(result::text) <= 8388608),
    error_code text,
    error_detail text check (length(error_detail) <= 4000),
    unique (source, key),
    constraint job_leased_while_running
        check ((state = 'running') = (runner is not null and leased_until is not null)),
    constraint job_finished_at_its_end
        check ((state in ('done', 'failed', 'cancelled')) = (finished_us is not null)),
    constraint job_result_when_done check ((state = 'done') = (result is not null)),
    constraint job_error_when_failed check ((state = 'failed') = (error_code is not null))
);
-- Few at any time; asked for every second.
create index job_open on jobs.job (job_id) where state in ('queued', 'running');
