//! `depeche run`: the daemon, all of its stages or some, once or until it is stopped.
//! The stages are the daemon's own.

use clap::{Args, ValueEnum};

use super::{Failure, Invocation};

/// A part of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum StageName {
    /// Feeds to articles
    Ingest,
    /// Articles to matches
    Match,
    /// Matches to digests and deliveries
    Plan,
    /// Deliveries to relays
    Deliver,
    /// Takes over, expires, prunes
    Sweep,
}

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche run                               everything, with the pages
  depeche run --stage ingest --stage match  only these stages, without the pages
  depeche run --once                        does what is due and ends, for cron and for trying out

SIGTERM ends it after the mails that are on their way; SIGHUP reads config and templates again.")]
pub(super) struct RunArgs {
    /// Run only this stage; may be given several times [default: all, and the pages]
    #[arg(long = "stage", value_enum, value_name = "STAGE")]
    pub(super) stages: Vec<StageName>,
    /// Do what is due now and end
    #[arg(long)]
    pub(super) once: bool,
}

/// Runs the daemon.
pub(super) async fn run(_invocation: &Invocation, _args: RunArgs) -> Result<(), Failure> {
    Err(Failure::failed("the daemon is not in this build yet"))
}
