//! `depeche demo`: the whole flow over a simulated day, with sample feeds and a mailbox of its own.
//! Nothing of it leaves this machine.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, Invocation};

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche demo                    a simulated day; look at demo-out/index.html
  depeche demo --serve            stays up with the pages and an inbox; Ctrl-C ends it")]
pub(super) struct DemoArgs {
    /// Where the mails are left
    #[arg(long, value_name = "DIR", default_value = "demo-out")]
    pub(super) out: PathBuf,
    /// Stay up with the web pages and an inbox page
    #[arg(long)]
    pub(super) serve: bool,
}

/// Runs the demo.
pub(super) async fn run(_invocation: &Invocation, _args: DemoArgs) -> Result<(), Failure> {
    Err(Failure::failed("the demo is not in this build yet"))
}
