//! Shows real feeds over HTTP on loopback: polite, moody and hostile ones, and feedparser's collection.
//! It does not test the parts alone; their files do.

mod beginnings;
mod desk;
mod exchange;
#[path = "support/feed_server.rs"]
mod feed_server;
mod feedparser;
mod hand;
mod hostile;
mod items;
mod lessons;
mod limits;
mod lists;
mod manners;
mod many;
mod moves;
#[path = "support/moody_server.rs"]
mod moody_server;
mod pieces;
mod push;
mod rights;
mod ring;
mod secure;
mod season;
mod stories;
mod together;
mod waits;
mod weeks;
mod withdrawn;
