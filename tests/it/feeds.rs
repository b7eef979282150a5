//! Shows real feeds over HTTP on loopback: polite, moody and hostile ones, and feedparser's collection.
//! It does not test the parts alone; their files do.

mod desk;
#[path = "support/feed_server.rs"]
mod feed_server;
mod feedparser;
mod hand;
mod hostile;
mod lessons;
mod limits;
mod many;
mod moody;
mod moves;
mod pieces;
mod push;
mod rights;
mod ring;
mod stories;
mod together;
mod waits;
mod weeks;
