//! The command line: which commands there are, and how each outcome becomes an exit code.
//! What a command takes and does is in its own file.

mod article;
mod audit;
mod check;
mod delivery;
mod demo;
mod dry_run;
mod failure;
mod feed;
mod filter_text;
mod hold;
mod migrate;
mod names;
mod open;
mod output;
mod run;
mod settings;
mod source;
mod subscriber;
mod topic;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use failure::Failure;
pub use open::{Invocation, Store};

const EXAMPLES: &str = "\
Start:
  depeche demo                              shows the whole flow on sample feeds, mails nobody
  depeche check                             says what is not ready yet
  depeche feed add https://example.org/feed.xml --own
  depeche topic add transports --title fr=Transports --filter 'tramway OR \"pistes cyclables\"'
  depeche subscriber add lea@example.org --topic transports
  depeche dry-run --subscriber lea@example.org
  depeche run

Exit codes: 0 done, 1 failed, 2 bad input.";

/// Feeds in, matched digests out, and a ledger that can prove what was sent.
#[derive(Debug, Parser)]
#[command(name = "depeche", version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    invocation: open::InvocationArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: poll, match, plan, deliver, and serve the pages
    Run(run::RunArgs),
    /// Show the whole flow on sample feeds, with a mailbox of its own
    Demo(demo::DemoArgs),
    /// Show what would be sent, to whom and why; sends nothing
    DryRun(dry_run::DryRunArgs),
    /// Prove that config, database, templates, relays, keys and clock are ready
    Check(check::CheckArgs),
    /// Bring the database's schema up to date
    Migrate(migrate::MigrateArgs),
    /// Compare what was sent with what should have been
    Audit(audit::AuditArgs),
    /// Stop mails: all, or those of a schedule, topic, feed or relay
    Hold(hold::HoldArgs),
    /// Let held mails go
    Release(hold::ReleaseArgs),
    /// Add, set, list, show, poll, preview, import and remove feeds
    Feed(feed::FeedArgs),
    /// Add, list, test, edit and remove the topics that readers choose from
    Topic(topic::TopicArgs),
    /// Add, list, show, import, export and remove subscribers
    Subscriber(subscriber::SubscriberArgs),
    /// List and show deliveries, and try failed ones again
    Delivery(delivery::DeliveryArgs),
    /// Show what would be kept of an article, and take one back
    Article(article::ArticleArgs),
}

/// Reads this process's arguments and does what they ask for.
pub fn main() -> ExitCode {
    // clap itself answers --help with 0 and bad arguments with 2.
    let cli = Cli::parse();
    let invocation = Invocation::of_process(cli.invocation);
    let done = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::failed(format!("the runtime does not start: {error}")))
        .and_then(|runtime| runtime.block_on(run_command(&invocation, cli.command)));
    match done {
        Ok(()) | Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Err(failure) => {
            output::complain(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run_command(invocation: &Invocation, command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(args) => run::run(invocation, args).await,
        Command::Demo(args) => demo::run(invocation, args).await,
        Command::DryRun(args) => dry_run::run(invocation, args).await,
        Command::Check(args) => check::run(invocation, args).await,
        Command::Migrate(args) => migrate::run(invocation, args).await,
        Command::Audit(args) => audit::run(invocation, args).await,
        Command::Hold(args) => hold::hold(invocation, args).await,
        Command::Release(args) => hold::release(invocation, args).await,
        Command::Feed(args) => feed::run(invocation, args).await,
        Command::Topic(args) => topic::run(invocation, args).await,
        Command::Subscriber(args) => subscriber::run(invocation, args).await,
        Command::Delivery(args) => delivery::run(invocation, args).await,
        Command::Article(args) => article::run(invocation, args).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_declared_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_explains_itself_with_an_example() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path} has no description");
            assert!(command.get_after_help().is_some(), "{path} has no example");
            for sub in command.get_subcommands() {
                check(sub, &path);
            }
        }
        check(&Cli::command(), "");
    }
}
