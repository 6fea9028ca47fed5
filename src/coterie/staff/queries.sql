-- People who sign in. No statement ever sees a password, a token or a code, only what they become.

-- name: insert_account
-- Nothing comes back where the login or the staff code is taken.
insert into staff.account (login, name, language, state, staff_code, created_us, changed_us)
values (
    %(login)s::text, %(name)s::text, %(language)s::text, 'invited', %(staff_code)s::text,
    %(now_us)s::bigint, %(now_us)s::bigint
)
on conflict do nothing
returning account_id;

-- name: insert_account_role
-- The primary key keeps a role from being given twice.
insert into staff.account_role (account_id, role, stores)
values (%(account_id)s::bigint, %(role)s::text, %(stores)s::text[]);

-- name: delete_account_roles
-- Roles are replaced as a whole, under the lock of the account.
delete from staff.account_role where account_id = %(account_id)s::bigint;

-- name: lock_owners
-- Whoever takes away an owner waits for whoever takes away another.
select a.account_id
from staff.account a join staff.account_role r using (account_id)
where r.role = 'owner' and a.state <> 'disabled'
order by a.account_id
for update of a;

-- name: lock_account
-- Changes of one account follow each other.
select account_id, state from staff.account where account_id = %(account_id)s::bigint for update;

-- name: find_accounts
-- One by its number or login, or all after a number; with their roles as JSON.
select a.account_id, a.login, a.name, a.language, a.state, a.staff_code,
    a.totp_since_us is not null, a.pin_hash is not null, a.created_us,
    coalesce((select json_agg(json_build_array(r.role, r.stores) order by r.role)
        from staff.account_role r where r.account_id = a.account_id), '[]'::json)::text
from staff.account a
where (%(account_id)s::bigint is null or a.account_id = %(account_id)s::bigint)
    and (%(login)s::text is null or a.login = %(login)s::text)
    and a.account_id > %(after)s::bigint
order by a.account_id
limit %(limit)s::int;

-- name: find_secrets
-- What judging a password, a PIN or a code needs; locked, so that a code counts once.
select account_id, state, password_hash, pin_hash, totp_secret, totp_since_us, totp_step
from staff.account
where (%(account_id)s::bigint is not null and account_id = %(account_id)s::bigint)
    or (%(login)s::text is not null and login = %(login)s::text)
    or (%(staff_code)s::text is not null and staff_code = %(staff_code)s::text)
limit 1
for update;

-- name: set_profile
-- What somebody is called and which language they read.
update staff.account
set name = %(name)s::text, language = %(language)s::text, changed_us = %(now_us)s::bigint
where account_id = %(account_id)s::bigint;

-- name: set_state
-- An account that is enabled again stands where its secrets put it.
update staff.account
set state = case when %(enabled)s::boolean
        then case when password_hash is null and pin_hash is null then 'invited' else 'active' end
        else 'disabled' end,
    changed_us = %(now_us)s::bigint
where account_id = %(account_id)s::bigint;

-- name: set_password_hash
-- A disabled account stays so; anybody else can sign in now.
update staff.account
set password_hash = %(hash)s::text, changed_us = %(now_us)s::bigint,
    state = case when state = 'disabled' then state else 'active' end
where account_id = %(account_id)s::bigint;

-- name: set_pin_hash
-- A PIN belongs to a staff code.
update staff.account
set pin_hash = %(hash)s::text, changed_us = %(now_us)s::bigint,
    state = case when state = 'disabled' then state else 'active' end
where account_id = %(account_id)s::bigint;

-- name: set_factor
-- An offer, its confirmation, or (all null) its end.
update staff.account
set totp_secret = %(secret)s::text, totp_since_us = %(since_us)s::bigint,
    totp_step = %(step)s::bigint, changed_us = %(now_us)s::bigint
where account_id = %(account_id)s::bigint;

-- name: use_totp_step
-- A step is used once: whoever comes second changes no row.
update staff.account set totp_step = %(step)s::bigint
where account_id = %(account_id)s::bigint and totp_step < %(step)s::bigint;

-- name: delete_recovery_codes
-- New ones replace the old ones as a whole.
delete from staff.recovery_code where account_id = %(account_id)s::bigint;

-- name: insert_recovery_codes
-- By their digests.
insert into staff.recovery_code (account_id, code_sha256)
select %(account_id)s::bigint, decode(each, 'hex') from unnest(%(codes)s::text[]) each;

-- name: use_recovery_code
-- Once.
update staff.recovery_code set used_us = %(now_us)s::bigint
where account_id = %(account_id)s::bigint and code_sha256 = %(code_sha256)s::bytea
    and used_us is null;

-- name: count_recovery_codes
-- How many are left.
select count(*) from staff.recovery_code
where account_id = %(account_id)s::bigint and used_us is null;

-- name: insert_invitation
-- One that sets a password.
insert into staff.invitation (code_sha256, account_id, created_us, expires_us)
values (%(code_sha256)s::bytea, %(account_id)s::bigint, %(now_us)s::bigint, %(expires_us)s::bigint);

-- name: end_invitations
-- A new one, or a password that was set, ends those before.
update staff.invitation set used_us = %(now_us)s::bigint
where account_id = %(account_id)s::bigint and used_us is null;

-- name: find_invitation
-- Of an account that is not disabled; not used, not expired.
select i.account_id, a.login, a.name
from staff.invitation i join staff.account a using (account_id)
where i.code_sha256 = %(code_sha256)s::bytea and i.used_us is null
    and i.expires_us > %(now_us)s::bigint and a.state <> 'disabled'
for update of i;

-- name: list_roles
-- One's own; there are few.
select role, name, permissions from staff.role order by role limit %(limit)s::int;

-- name: save_role
-- By its code.
insert into staff.role (role, name, permissions, created_us)
values (%(role)s::text, %(name)s::text, %(permissions)s::text[], %(now_us)s::bigint)
on conflict (role) do update set name = excluded.name, permissions = excluded.permissions;

-- name: delete_role
-- Only one that nobody has.
delete from staff.role r
where r.role = %(role)s::text
    and not exists (select from staff.account_role a where a.role = r.role);

-- name: insert_sign_in
-- The token itself goes to the browser alone.
insert into staff.sign_in (
    token_sha256, account_id, way, stage, store, device_id, client, network,
    created_us, seen_us, expires_us
)
values (
    %(token_sha256)s::bytea, %(account_id)s::bigint, %(way)s::text, %(stage)s::text,
    %(store)s::text, %(device_id)s::bigint, %(client)s::text, %(network)s::text,
    %(now_us)s::bigint, %(now_us)s::bigint, %(expires_us)s::bigint
)
returning sign_in_id;

-- name: find_sign_in
-- With what its account may: one statement a page.
select s.sign_in_id, s.account_id, s.way, s.stage, s.store, s.seen_us, s.expires_us,
    a.login, a.name, a.language,
    coalesce((select json_agg(json_build_array(r.role, r.stores))
        from staff.account_role r where r.account_id = a.account_id), '[]'::json)::text,
    coalesce((select json_agg(json_build_array(o.role, o.name, o.permissions))
        from staff.role o join staff.account_role r on r.role = o.role
        where r.account_id = a.account_id), '[]'::json)::text
from staff.sign_in s join staff.account a using (account_id)
where s.token_sha256 = %(token_sha256)s::bytea and s.ended_us is null
    and a.state <> 'disabled'
    and (s.way <> 'demo' or exists (select from staff.open_house))
    and (s.device_id is null or exists (
        select from staff.device d where d.device_id = s.device_id and d.revoked_us is null));

-- name: touch_sign_in
-- At most once a minute, and never waiting: a page must not queue for it.
update staff.sign_in set seen_us = %(now_us)s::bigint
where sign_in_id = (
    select sign_in_id from staff.sign_in
    where sign_in_id = %(sign_in_id)s::bigint and seen_us <= %(now_us)s::bigint - 60000000
    for update skip locked
);

-- name: open_sign_in
-- The second factor was shown: from here on under a new token, and for longer.
update staff.sign_in
set stage = 'open', token_sha256 = %(token_sha256)s::bytea, seen_us = %(now_us)s::bigint,
    expires_us = %(expires_us)s::bigint
where sign_in_id = %(sign_in_id)s::bigint and stage = 'factor' and ended_us is null;

-- name: end_sign_ins
-- One, or all of an account but one.
update staff.sign_in set ended_us = %(now_us)s::bigint
where account_id = %(account_id)s::bigint and ended_us is null
    and (%(sign_in_id)s::bigint is null or sign_in_id = %(sign_in_id)s::bigint)
    and (%(but)s::bigint is null or sign_in_id <> %(but)s::bigint);

-- name: list_sign_ins
-- The newest first; of one account, or of all.
select sign_in_id, account_id, way, stage, store, client, network, created_us, seen_us,
    expires_us, ended_us
from staff.sign_in
where (%(account_id)s::bigint is null or account_id = %(account_id)s::bigint)
    and (not %(open)s::boolean or (ended_us is null and expires_us > %(now_us)s::bigint))
    and sign_in_id < %(below)s::bigint
order by sign_in_id desc
limit %(limit)s::int;

-- name: insert_device
-- Its token goes to the browser of the till alone.
insert into staff.device (token_sha256, name, store, created_us)
values (%(token_sha256)s::bytea, %(name)s::text, %(store)s::text, %(now_us)s::bigint)
returning device_id;

-- name: find_device
-- One that is good.
select device_id, name, store, created_us, revoked_us from staff.device
where token_sha256 = %(token_sha256)s::bytea and revoked_us is null;

-- name: list_devices
-- By number; there are few.
select device_id, name, store, created_us, revoked_us from staff.device
where device_id > %(after)s::bigint order by device_id limit %(limit)s::int;

-- name: revoke_device
-- Once: revoking again keeps the first moment.
update staff.device set revoked_us = coalesce(revoked_us, %(now_us)s::bigint)
where device_id = %(device_id)s::bigint;

-- name: find_attempts
-- Until when nobody may try, for any of these names.
select coalesce(max(until_us), 0) from staff.attempt
where subject in (select decode(each, 'hex') from unnest(%(subjects)s::text[]) each);

-- name: add_attempt
-- One failure more; counting begins anew where the last one is long ago.
insert into staff.attempt as a (subject, failures, last_us, until_us)
values (%(subject)s::bytea, 1, %(now_us)s::bigint, 0)
on conflict (subject) do update
set failures = case when a.last_us < %(forget_us)s::bigint then 1
        else least(a.failures + 1, 1000) end,
    last_us = %(now_us)s::bigint
returning failures;

-- name: wait_until
-- How long nobody may try under this name.
update staff.attempt set until_us = %(until_us)s::bigint where subject = %(subject)s::bytea;

-- name: forget_attempts
-- What a success clears.
delete from staff.attempt
where subject in (select decode(each, 'hex') from unnest(%(subjects)s::text[]) each);

-- name: forget_old_attempts
-- A few of the old ones at every failure, so that the table stays as small as a day's failures.
delete from staff.attempt
where subject in (
    select subject from staff.attempt where last_us < %(forget_us)s::bigint
    order by last_us limit 20 for update skip locked
);

-- name: open_house
-- Written by the demo builder alone; the table's trigger refuses a world with passwords.
insert into staff.open_house (since_us) values (%(now_us)s::bigint) on conflict do nothing;

-- name: is_open_house
-- Whether this world is a demo's.
select exists (select from staff.open_house);
