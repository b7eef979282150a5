//! Shows real feeds over HTTP on loopback: polite, moody and hostile ones, and feedparser's collection.
//! It does not test the parts alone; their files do.

mod feedparser;
