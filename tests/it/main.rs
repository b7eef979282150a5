//! Integration tests: one binary, one file per stage and door, real parts only.
//! Shared parts are in `support`; unit tests stand beside the code.
#![allow(missing_docs)]

mod support;

mod articles;
mod audit;
mod cli;
mod cluster;
mod crash;
mod daemon;
mod deliver;
mod demo;
mod docs;
mod dry_run;
mod feeds;
mod filters;
mod hold;
mod plan;
mod readme;
mod relays;
mod schedules;
mod screenshots;
mod stores;
mod web;
