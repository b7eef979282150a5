//! depeche: feeds in, matched digests out, and a ledger that can prove what was sent.
//! The map and the import rules are in ARCHITECTURE.md; this file only names the rooms.

// Nouns: pure, no I/O, no clock, no randomness. Each imports only those above it.
pub mod feed;
pub mod article;
pub mod topic;
pub mod subscriber;
pub mod digest;
pub mod delivery;

// Effects: each is the only user of its outside library, and none imports another.
pub mod fetch;
pub mod mail;
pub mod render;
pub mod store;

// Stages and doors.
pub mod daemon;
pub mod web;

pub mod clock;
pub mod config;
pub mod telemetry;

pub mod cli;
