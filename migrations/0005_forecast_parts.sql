-- Each revision's keys also say which of 1,024 parts its article belongs to (0 to 1,023, where no word's key is likely to be), so that
-- the index itself draws a sample of the articles that hold a word.
update revision set keys = keys || (hashint8(article_id) & 1023) where keys <> '{}';

-- The articles of the last days, without reading all there ever were.
create index article_first_seen on article (first_seen_at) include (state);
