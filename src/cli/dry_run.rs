//! `depeche dry-run`: what would be sent, to whom and why, by the real planner and renderer; it sends nothing.
//! Planning and rendering are the daemon's own.

mod answer;
mod of_feed;
mod stored;
mod summary;

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use super::{Failure, Invocation};

/// How the answer looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DryRunFormat {
    /// The mail's text, for people
    #[default]
    Text,
    /// The mail's HTML
    Html,
    /// The whole message, byte for byte
    Eml,
    /// For programs
    Json,
}

/// What it takes.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("whose").required(true).args(["subscriber", "topic", "all", "summary", "feed"])))]
#[command(after_help = "\
Examples:
  depeche dry-run --subscriber lea@example.org            her next digest
  depeche dry-run --subscriber lea@example.org --at 'tomorrow 07:00' --explain
  depeche dry-run --topic transports --format html --out preview
  depeche dry-run --summary --schedule morning            each article with its topics and number of readers
  depeche dry-run --feed feed.xml --filter 'tramway OR bus' --lang fr
                                                          without any stored state and without Postgres")]
pub(super) struct DryRunArgs {
    /// What this subscriber would get
    #[arg(long, value_name = "EMAIL", help_heading = "Whose mail")]
    pub(super) subscriber: Option<String>,
    /// What a reader of this topic alone would get
    #[arg(long, value_name = "SLUG", help_heading = "Whose mail")]
    pub(super) topic: Option<String>,
    /// What every subscriber would get
    #[arg(long, help_heading = "Whose mail")]
    pub(super) all: bool,
    /// Each article with its topics and number of readers
    #[arg(long, help_heading = "Whose mail")]
    pub(super) summary: bool,
    /// What a digest of this feed would look like now: an address, a file, or - for standard input
    #[arg(long, value_name = "URL_OR_FILE", help_heading = "Whose mail", requires = "filter")]
    pub(super) feed: Option<String>,
    /// The filter to put on --feed
    #[arg(long, value_name = "QUERY", requires = "feed", help_heading = "Whose mail")]
    pub(super) filter: Option<String>,
    /// Language of the mail made of --feed: fr, en, de or nl [default: the feed's]
    #[arg(long, value_name = "LANGUAGE", requires = "feed", help_heading = "Whose mail")]
    pub(super) lang: Option<String>,
    /// The schedule [default: the one that is due first]
    #[arg(long, value_name = "NAME", conflicts_with = "feed")]
    pub(super) schedule: Option<String>,
    /// The slot at or after this time, as people type it: 'tomorrow 07:00', '2027-03-28 07:00', RFC 3339
    #[arg(long, value_name = "TIME", conflicts_with = "feed")]
    pub(super) at: Option<String>,
    /// How the answer looks
    #[arg(long, value_enum, default_value_t, value_name = "text|html|eml|json", hide_possible_values = true)]
    pub(super) format: DryRunFormat,
    /// Write one file a mail into this directory
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Say of each item which words matched where, and of each article left out why
    #[arg(long)]
    pub(super) explain: bool,
}

/// Shows what would be sent.
pub(super) async fn run(invocation: &Invocation, args: DryRunArgs) -> Result<(), Failure> {
    if let (Some(feed), Some(filter)) = (&args.feed, &args.filter) {
        let shown = of_feed::show(invocation, feed, filter, args.lang.as_deref()).await?;
        return answer::one(&shown, &args);
    }
    if args.all && args.out.is_none() && matches!(args.format, DryRunFormat::Html | DryRunFormat::Eml) {
        return Err(Failure::input(
            "several mails in one stream cannot be told apart; add --out DIR for one file each",
        ));
    }
    invocation
        .with_store(async |store| {
            let stored = stored::Stored::open(invocation, store, &args).await?;
            if args.summary {
                return summary::show(stored, &args).await;
            }
            if args.all {
                return stored::all(stored, &args).await;
            }
            answer::one(&stored::one(stored, &args).await?, &args)
        })
        .await
}
