-- How feeds tell that they have news. A poll asked for by a publisher or a hub comes early, but never before what the server allowed.
alter table feed_poll
    add column not_before timestamptz, -- a server's own demand: Retry-After, an exhausted quota, 429
    add column rung_at timestamptz; -- when somebody last said that there is news

-- Subscriptions at hubs (W3C WebSub). What is in here is the intent: a verification of anything else is refused.
create table websub (
    id bigint generated always as identity primary key,
    feed_id bigint not null references feed,
    hub text not null,
    topic text not null,
    state text not null default 'wanted' check (state in ('wanted', 'active', 'denied', 'bad', 'leaving')),
    next_at timestamptz not null, -- when the hub's turn comes
    attempts integer not null default 0, -- requests since the hub last verified one
    asked_at timestamptz,
    verified_at timestamptz,
    lease_until timestamptz,
    pushed_at timestamptz, -- the last signed push since the subscription began
    missed_at timestamptz, -- a pull found what no push had told; settled soon after
    pushes bigint not null default 0,
    ignored bigint not null default 0, -- unsigned and wrongly signed ones
    why text,
    unique (feed_id, hub, topic)
);
create unique index websub_current on websub (feed_id) where state <> 'leaving';
create index websub_next on websub (next_at);
