-- What every poll changes stands apart from what few do: the rows that are claimed, written and looked through all the time are
-- short, and no index of theirs changes with a poll (so Postgres rewrites them in place).
create table feed_memory (
    feed_id bigint primary key references feed,
    state jsonb, -- of feed::polling, apart from the instants
    memory jsonb -- of feed::verdict
);
insert into feed_memory (feed_id, state, memory)
select feed_id, state - 'last_success_at' - 'next_poll_at', memory from feed_poll where state <> '{}' or memory <> '{}';

alter table feed_poll add column succeeded_at timestamptz; -- the last good answer, "not modified" included
update feed_poll set succeeded_at = (state ->> 'last_success_at')::timestamptz;
alter table feed_poll drop column state, drop column memory, set (fillfactor = 40);
drop index feed_poll_next;
