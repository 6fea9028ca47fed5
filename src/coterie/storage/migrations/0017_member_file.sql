-- What people know of a member beside what happened: notes, traits, changes of contact data, whether
-- contacts still reach anybody; and consents, which outlive the person as facts without a name.

-- What staff noted. A note is settled, never changed: who reads it later reads what was written.
create table members.note (
    member_id bigint not null references members.member,
    note_no int not null check (note_no > 0),
    category text not null check (category in ('note', 'need', 'preference', 'complaint')),
    body text not null check (length(body) between 1 and 2000),
    pinned boolean not null default false,
    author text not null check (length(author) between 1 and 100),
    noted_us bigint not null,
    settled_us bigint check (settled_us >= noted_us),
    settled_by text check (length(settled_by) between 1 and 100),
    primary key (member_id, note_no),
    check ((settled_us is null) = (settled_by is null))
);

-- Who changed what of the contact data, and when; identities say by themselves how long they held.
create table members.contact_change (
    member_id bigint not null references members.member,
    change_no int not null check (change_no > 0),
    field text not null check (field in
        ('name', 'language', 'born_on', 'card', 'phone', 'email', 'messenger', 'external')),
    before text check (length(before) <= 200),
    after text check (length(after) <= 200),
    actor text not null check (length(actor) between 1 and 100),
    changed_us bigint not null,
    primary key (member_id, change_no),
    check (before is distinct from after)
);

-- Whether what a member is reached by was confirmed, or came back.
create table members.contact_mark (
    member_id bigint not null references members.member,
    kind text not null check (kind in ('phone', 'email', 'messenger')),
    value text not null check (length(value) between 1 and 200),
    verified_us bigint,
    bounced_us bigint,
    bounce text check (length(bounce) between 1 and 200),
    primary key (member_id, kind, value),
    check (verified_us is not null or bounced_us is not null),
    check ((bounced_us is null) = (bounce is null))
);
create index contact_bounced on members.contact_mark (bounced_us desc, member_id)
    where bounced_us is not null;

-- Demographics, interests, preferences: said by the member, or inferred from what the member does.
create table members.trait (
    member_id bigint not null references members.member,
    trait text not null check (length(trait) between 1 and 64),
    value text not null check (length(value) between 1 and 64),
    basis text not null check (basis in ('declared', 'inferred')),
    noted_us bigint not null,
    actor text not null check (length(actor) between 1 and 100),
    primary key (member_id, trait, value)
);

create schema consent;

-- What people are asked, word for word; a version never changes.
create table consent.wording (
    kind text not null check (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
    version int not null check (version > 0),
    zh text not null check (length(zh) between 1 and 5000),
    en text not null check (length(en) between 1 and 5000),
    published_us bigint not null,
    primary key (kind, version)
);
create trigger wording_never_changed before update or delete or truncate on consent.wording
    for each statement execute function storage.never_changed();

-- Every yes and every no, in order; what holds now is the last of its kind.
create table consent.record (
    member_id bigint not null,
    record_no int not null check (record_no > 0),
    kind text not null,
    version int not null,
    granted boolean not null,
    at_us bigint not null,
    channel text not null check (length(channel) between 1 and 64),
    actor text not null check (length(actor) between 1 and 100),
    primary key (member_id, record_no),
    foreign key (kind, version) references consent.wording
);
create trigger record_never_changed before update or delete or truncate on consent.record
    for each statement execute function storage.never_changed();

-- Who stands on which tier, for lists; written when somebody rises or falls, which is seldom.
create index standing_tier on tiers.standing (ladder, tier, member_id);

-- Those who are not active are few among many, and looked through by themselves.
create index member_elsewhere on members.member (state, enrolled_us, member_id)
    where state <> 'active';
