//! Keeps everything in Postgres: one file per noun, all SQL, and the private cluster.
//! It decides nothing about digests or mails; the stages do.

pub mod cluster;
