-- What was pruned and up to where: an audit does not look further back, and sweep does not look more often than it needs to.
create table pruned (
    what text primary key, -- match
    through_seq bigint not null default 0,
    looked_at timestamptz not null
);

-- The log's number up to which no window of a slot that may still come, or is not planned yet, reaches back.
create function windows_begin() returns bigint language sql stable as $$
    with live as (select schedule_id, zone, min(coalesce(told_seq, from_seq)) as begins, max(from_seq) as last_begin
                  from subscription where until_seq is null group by schedule_id, zone),
         chain as (select l.schedule_id, l.zone, l.begins, l.last_begin, s.to_seq
                   from live l left join lateral (select s.to_seq from slot s where s.schedule_id = l.schedule_id and s.zone = l.zone
                                                  order by s.local_at desc limit 1) as s on true)
    select least(
        (select min(coalesce(to_seq, begins)) from chain),
        -- Links that no slot has told yet take up what their forerunners left.
        (select min(coalesce(n.told_seq, n.from_seq)) from chain c join subscription n
           on n.schedule_id = c.schedule_id and n.zone = c.zone and n.until_seq is null and n.from_seq > c.to_seq
         where c.last_begin > c.to_seq),
        (select min(from_seq) from slot where planned_at is null),
        (select min(from_seq) from bundle))
$$;

-- Drops the oldest months of `match` that ended before `kept_since` and that no window needs, and those that ended before
-- `needed_since` whatever needs them. Gives the number of months dropped.
create function prune_matches(kept_since timestamptz, needed_since timestamptz) returns integer language plpgsql as $$
declare
    part text;
    month_end timestamptz;
    last bigint;
    needed bigint;
    dropped integer := 0;
begin
    for part in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                where i.inhparent = 'match'::regclass order by c.relname loop
        month_end := (to_date(right(part, 7), 'YYYY_MM') + interval '1 month') at time zone 'UTC';
        exit when month_end > kept_since;
        perform pg_advisory_xact_lock(7022);
        execute format('select coalesce(max(seq), 0) from %I', part) into last;
        needed := coalesce(needed, windows_begin(), 9223372036854775807);
        exit when last > needed and month_end > needed_since;
        execute format('drop table %I', part);
        update pruned set through_seq = greatest(through_seq, last) where what = 'match';
        dropped := dropped + 1;
    end loop;
    return dropped;
end $$;
