-- Programmes that are being written, before anything is published.

create schema drafts;

create table drafts.draft (
    draft_id bigint generated always as identity primary key,
    name text not null check (length(name) between 1 and 100 and name = btrim(name)),
    text text not null check (length(text) between 1 and 500000),
    -- The version it began from; null: from a template or a file.
    base_version integer check (base_version >= 1),
    -- Who saves says which revision was read: two who write do not overwrite each other.
    revision integer not null default 1 check (revision >= 1),
    owner_id bigint not null check (owner_id >= 1),
    changed_by bigint not null check (changed_by >= 1),
    created_us bigint not null,
    changed_us bigint not null,
    -- The last plan that was asked for, and of which revision.
    plan_job bigint check (plan_job >= 1),
    plan_revision integer check (plan_revision >= 1),
    check ((plan_job is null) = (plan_revision is null)),
    check (plan_revision <= revision)
);
create index draft_changed on drafts.draft (changed_us desc, draft_id desc);

create function drafts.bounded() returns trigger language plpgsql as $$
begin
    if (select count(*) from drafts.draft) > 50 then
        raise exception 'at most 50 drafts' using errcode = 'check_violation';
    end if;
    return null;
end $$;
create trigger bounded after insert on drafts.draft
    for each statement execute function drafts.bounded();

-- A revision follows the one before; a text never changes under its number.
create function drafts.counted() returns trigger language plpgsql as $$
begin
    if new.owner_id <> old.owner_id or new.created_us <> old.created_us then
        raise exception 'a draft stays its owner''s' using errcode = 'restrict_violation';
    end if;
    if new.revision <> old.revision
        + (row(new.text, new.name) is distinct from row(old.text, old.name))::int
    then
        raise exception 'a revision follows the one before' using errcode = 'restrict_violation';
    end if;
    return new;
end $$;
create trigger counted before update on drafts.draft
    for each row execute function drafts.counted();
