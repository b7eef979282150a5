-- Readers who asked to be told once more when a story they were mailed changes in a way that matters, from one number on and until another.
alter table subscriber add column updates_seq bigint;
alter table subscriber add column updates_until_seq bigint;

-- A matched revision that tells what the ones before did not.
alter table match add column material boolean not null default false;
