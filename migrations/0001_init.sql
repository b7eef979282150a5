-- The data model of the first release. Keys are final; partitions are by month because they cannot be added later.
-- Everything that decides who gets what carries a number of one commit-ordered sequence (`*_seq`).

create sequence log_seq as bigint;

-- The last act before a commit: the advisory lock is held until the transaction ends, so numbers are in commit order.
-- Returns the first of `n` consecutive numbers.
create function take_log_seq(n bigint) returns bigint language plpgsql as $$
declare last bigint;
begin
    perform pg_advisory_xact_lock(7021);
    last := setval('log_seq', nextval('log_seq') + n - 1);
    return last - n + 1;
end $$;

-- Every number up to the returned one is committed or will never be used.
create function log_head() returns bigint language plpgsql as $$
begin
    perform pg_advisory_xact_lock(7021);
    return (select case when is_called then last_value else 0 end from log_seq);
end $$;

create table feed (
    id bigint generated always as identity primary key,
    url text not null unique,
    title text not null,
    home_url text,
    site text not null,
    domain text not null, -- registrable: limits are the whole service's, not a host's
    language text,
    own boolean not null default false,
    excerpt text not null default 'key-points' check (excerpt in ('key-points', 'summary', 'title')),
    max_chars integer not null default 600 check (max_chars between 0 and 2000),
    paid text not null default 'label' check (paid in ('hide', 'label', 'none')),
    credit text,
    mail_newest integer not null default 0,
    stopped text,
    added_at timestamptz not null,
    removed_at timestamptz
);

create index feed_domain on feed (domain);

create table feed_poll (
    feed_id bigint primary key references feed,
    next_poll_at timestamptz not null,
    polled_at timestamptz,
    state jsonb not null default '{}',
    memory jsonb not null default '{}',
    last_error text,
    node_id bigint,
    lease_until timestamptz
);
create index feed_poll_next on feed_poll (next_poll_at);

create table article (
    id bigint generated always as identity primary key,
    feed_id bigint not null references feed,
    guid_key text not null,
    url_key text,
    content_key text,
    title_key text,
    revision_key text not null,
    state smallint not null default 0, -- 0 live, 1 adopted (never mailed), 2 quarantined, 3 withdrawn
    last_rev smallint not null default 1,
    story_id bigint,
    first_seen_at timestamptz not null,
    unique (feed_id, guid_key)
);
create index article_url on article (url_key);
create index article_content on article (content_key);
create index article_title on article (feed_id, title_key);
create index article_seen on article (feed_id, first_seen_at);

create table revision (
    article_id bigint not null,
    rev smallint not null,
    seen_at timestamptz not null,
    body jsonb not null,
    analyser smallint not null,
    analysed bytea not null,
    signature bytea not null,
    html_bytes integer not null,
    primary key (article_id, rev, seen_at)
) partition by range (seen_at);

-- Revisions that match has not seen yet.
create table todo (
    article_id bigint not null,
    rev smallint not null,
    seen_at timestamptz not null,
    primary key (article_id, rev)
);

create table story (
    id bigint primary key,
    language text not null,
    first_seq bigint not null,
    seen_at timestamptz not null,
    signature bytea not null
);
create index story_seen on story (seen_at);

create table story_band (
    band bigint not null,
    story_id bigint not null references story on delete cascade,
    primary key (band, story_id)
);
create index story_band_story on story_band (story_id);

create table filter (
    id bigint generated always as identity primary key,
    canonical text not null unique,
    from_seq bigint not null,
    until_seq bigint
);
create index filter_from on filter (from_seq);
create index filter_until on filter (until_seq) where until_seq is not null;

create table topic (
    id bigint generated always as identity primary key,
    slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    titles jsonb not null,
    descriptions jsonb not null default '{}',
    from_seq bigint not null,
    until_seq bigint
);

create table topic_filter (
    topic_id bigint not null references topic,
    from_seq bigint not null,
    until_seq bigint,
    filter_id bigint not null references filter,
    by_whom text not null,
    at timestamptz not null,
    primary key (topic_id, from_seq)
);
create index topic_filter_filter on topic_filter (filter_id);

create table topic_draft (
    topic_id bigint primary key references topic,
    canonical text not null,
    by_whom text not null,
    at timestamptz not null
);

-- One row per matched revision; `filters` is a sorted delta-varint list of filter ids.
create table match (
    seq bigint not null,
    at timestamptz not null,
    article_id bigint not null,
    rev smallint not null,
    seen_at timestamptz not null,
    story_id bigint not null,
    story_first_seq bigint not null,
    filters bytea not null,
    primary key (seq, at)
) partition by range (at);

create table subscriber (
    id bigint generated always as identity primary key,
    address_key text not null unique,
    address text not null,
    status smallint not null, -- 1 pending, 2 confirmed, 3 paused, 4 unsubscribed, 5 suppressed
    status_at timestamptz not null,
    pause_until timestamptz,
    language text not null,
    reads text[] not null,
    zone text not null,
    created_at timestamptz not null,
    confirmed_at timestamptz
);

create table consent (
    id bigint generated always as identity primary key,
    subscriber_id bigint not null references subscriber,
    at timestamptz not null,
    what text not null, -- given, withdrawn
    source text not null,
    detail jsonb not null default '{}'
);
create index consent_subscriber on consent (subscriber_id);

create table signup (
    address_key text not null,
    day date not null,
    n smallint not null,
    at timestamptz not null,
    wanted jsonb not null default '{}',
    primary key (address_key, day, n)
);

create table suppression (
    address_key text primary key,
    reason text not null,
    at timestamptz not null,
    detail text
);

create table schedule (
    id integer generated always as identity primary key,
    name text not null unique,
    rule text not null
);

create table subscription (
    id bigint generated always as identity primary key,
    subscriber_id bigint not null references subscriber,
    topic_id bigint references topic,
    filter_id bigint references filter,
    schedule_id integer not null references schedule,
    zone text not null,
    position smallint not null default 0,
    from_seq bigint not null,
    until_seq bigint,
    told_seq bigint,
    created_at timestamptz not null,
    check ((topic_id is null) <> (filter_id is null))
);
create index subscription_plan on subscription (schedule_id, zone, subscriber_id);
create index subscription_subscriber on subscription (subscriber_id);
create index subscription_topic on subscription (topic_id, schedule_id, subscriber_id) where topic_id is not null;
create index subscription_filter on subscription (filter_id, schedule_id, subscriber_id) where filter_id is not null;

create table slot (
    id bigint generated always as identity primary key,
    schedule_id integer not null references schedule,
    zone text not null,
    local_at timestamp not null,
    slot_at timestamptz not null,
    cut_off timestamptz not null,
    from_seq bigint not null,
    to_seq bigint not null,
    cursor_id bigint not null default 0,
    planned_at timestamptz,
    readers integer not null default 0,
    digests integer not null default 0,
    node_id bigint,
    lease_until timestamptz,
    unique (schedule_id, zone, local_at)
);
create index slot_open on slot (cut_off) where planned_at is null;

create table digest (
    slot_at timestamptz not null,
    slot_id bigint not null,
    subscriber_id bigint not null,
    lead_key bigint not null,
    items jsonb not null,
    stories bigint[] not null default '{}', -- of `items`, for a look into the past that reads no JSON
    primary key (slot_at, slot_id, subscriber_id)
) partition by range (slot_at);
create index digest_subscriber on digest (subscriber_id, slot_at);

create sequence batch_no as bigint;
create table batch (
    slot_at timestamptz not null,
    no bigint not null,
    slot_id bigint,
    lane smallint not null, -- 1 confirmation, 2 alert, 3 digest
    due_at timestamptz not null,
    expires_at timestamptz not null,
    deliveries smallint not null,
    node_id bigint,
    epoch integer not null default 0,
    done_at timestamptz,
    primary key (slot_at, no)
);
create index batch_open on batch (lane, due_at) where done_at is null;

create table delivery (
    slot_at timestamptz not null,
    batch_no bigint not null,
    n smallint not null,
    subscriber_id bigint not null,
    kind smallint not null,
    state smallint not null default 0,
    reason smallint not null default 0,
    attempts smallint not null default 0,
    code smallint,
    at timestamptz,
    relay text,
    reply text,
    primary key (slot_at, batch_no, n)
) partition by range (slot_at);

-- What a confirmation, correction or other single mail needs beside its delivery row.
create table letter (
    slot_at timestamptz not null,
    batch_no bigint not null,
    n smallint not null,
    body jsonb not null,
    primary key (slot_at, batch_no, n)
);

-- DATA begun and no result written: after a crash these are the mails in doubt.
create table wire (
    node_id bigint not null,
    connection integer not null,
    slot_at timestamptz not null,
    batch_no bigint not null,
    n smallint not null,
    epoch integer not null,
    sha256 bytea not null,
    relay text not null,
    started_at timestamptz not null,
    primary key (node_id, connection)
);

create table retry (
    due_at timestamptz not null,
    slot_at timestamptz not null,
    batch_no bigint not null,
    n smallint not null,
    node_id bigint,
    epoch integer not null default 0,
    primary key (due_at, slot_at, batch_no, n)
);
create unique index retry_delivery on retry (slot_at, batch_no, n);

create table doubt (
    slot_at timestamptz not null,
    batch_no bigint not null,
    n smallint not null,
    sha256 bytea not null,
    relay text not null,
    since timestamptz not null,
    node_id bigint not null,
    settled text, -- resent, kept, accepted, failed
    primary key (slot_at, batch_no, n)
);

-- A reader over the alert limit: what came since `from_seq` waits and goes out bundled.
create table bundle (
    subscriber_id bigint primary key references subscriber,
    from_seq bigint not null,
    due_at timestamptz not null
);
create index bundle_due on bundle (due_at);

create table hold (
    id bigint generated always as identity primary key,
    scope text not null check (scope in ('all', 'schedule', 'topic', 'feed', 'relay')),
    name text not null default '',
    ref_id bigint,
    reason text not null default '',
    by_whom text not null,
    at timestamptz not null,
    released_at timestamptz,
    released_by text
);
create unique index hold_active on hold (scope, name) where released_at is null;

create table act (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    who text not null,
    what text not null,
    detail jsonb not null default '{}'
);

create table notice (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    about text not null,
    text text not null,
    cleared_at timestamptz
);
create unique index notice_open on notice (about) where cleared_at is null;

create table node (
    id bigint generated always as identity primary key,
    name text not null,
    started_at timestamptz not null,
    lease_until timestamptz not null,
    version text not null,
    stopped_at timestamptz
);

create table template_set (
    hash bytea primary key,
    at timestamptz not null
);

-- Creates the partitions of the month of `at` where they are absent.
create function ensure_month(at timestamptz) returns void language plpgsql as $$
declare
    month timestamp := date_trunc('month', at at time zone 'UTC');
    parent text;
    part text;
begin
    foreach parent in array array['revision', 'match', 'digest', 'delivery'] loop
        part := parent || to_char(month, '_YYYY_MM');
        if to_regclass(part) is null then
            perform pg_advisory_xact_lock(7022);
            execute format('create table if not exists %I partition of %I for values from (%L) to (%L)%s',
                part, parent, month at time zone 'UTC', (month + interval '1 month') at time zone 'UTC',
                case when parent = 'delivery' then ' with (fillfactor = 35)' else '' end);
        end if;
    end loop;
end $$;
