-- What a filter would have matched is found by the words of stored articles: 32 bits of each key, so that a collision shows
-- one article too many and the filter itself decides.
alter table revision add column keys integer[] not null default '{}';
create index revision_keys on revision using gin (keys);

-- Articles a day above which a change of a topic's filter needs a second word from its editor.
alter table topic add column ceiling integer check (ceiling > 0);
