//! Gets documents over HTTP with conditional requests, size caps and the guard against private addresses.
//! It does not read what it fetched; the nouns do.
