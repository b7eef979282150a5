//! `depeche subscriber`: readers, as operators see them.
//! Readers themselves use the pages; what an operator does here is written to the journal.

mod add;
mod edit;
mod export;
mod import;
mod sheet;
mod show;

use std::collections::HashMap;

use clap::{Args, Subcommand};

use super::{Failure, Invocation, output::FormatArgs};
use crate::store::subscription::LinkRow;

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depeche subscriber add lea@example.org --topic transports --schedule morning")]
pub(super) struct SubscriberArgs {
    #[command(subcommand)]
    command: SubscriberCommand,
}

#[derive(Debug, Subcommand)]
enum SubscriberCommand {
    /// Add a subscriber who has agreed to be mailed
    Add(add::AddArgs),
    /// List subscribers
    List(show::ListArgs),
    /// Show a subscriber with what they follow
    Show(ShowArgs),
    /// Change what a subscriber is told
    Edit(edit::EditArgs),
    /// Import subscribers from a CSV file: all of it, or nothing
    Import(import::ImportArgs),
    /// Export subscribers as CSV
    Export(export::ExportArgs),
    /// Let a subscriber leave, as by a click on unsubscribe
    Remove(RemoveArgs),
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  depeche subscriber show lea@example.org\n  depeche subscriber show 17 --format json"
)]
struct ShowArgs {
    /// Their address or number
    subscriber: String,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  depeche subscriber remove lea@example.org

They leave all they follow, and no import brings them back. They can come back themselves.")]
struct RemoveArgs {
    /// Their address or number
    subscriber: String,
}

/// Does what was asked.
pub(super) async fn run(invocation: &Invocation, args: SubscriberArgs) -> Result<(), Failure> {
    match args.command {
        SubscriberCommand::Add(args) => add::run(invocation, args).await,
        SubscriberCommand::List(args) => show::list(invocation, args).await,
        SubscriberCommand::Show(args) => show::show(invocation, &args.subscriber, args.format.format).await,
        SubscriberCommand::Edit(args) => edit::run(invocation, args).await,
        SubscriberCommand::Import(args) => import::run(invocation, args).await,
        SubscriberCommand::Export(args) => export::run(invocation, args).await,
        SubscriberCommand::Remove(args) => show::remove(invocation, &args.subscriber).await,
    }
}

/// The links of each reader.
fn by_reader(links: &[LinkRow]) -> HashMap<i64, Vec<&LinkRow>> {
    let mut readers: HashMap<i64, Vec<&LinkRow>> = HashMap::new();
    for link in links {
        readers.entry(link.subscriber_id).or_default().push(link);
    }
    readers
}
