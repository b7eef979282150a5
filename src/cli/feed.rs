//! `depeche feed`: the sources that the operator subscribes to.
//! It polls nothing itself; a poll asked for here is done by the daemon.

mod list_file;
mod preview;
mod push;
mod quarantine;
mod rules;
mod show;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Failure, Invocation, names,
    output::{self, FormatArgs},
};
use crate::{
    article::language::Language,
    feed::FeedUrl,
    store::{
        self,
        feed::{FeedRow, NewFeed},
    },
};

/// Entries of the first poll that may be mailed: as many as one digest shows whole.
const MOST_MAILED: i64 = 50;

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depeche feed add https://example.org/feed.xml --own")]
pub(super) struct FeedArgs {
    #[command(subcommand)]
    command: FeedCommand,
}

#[derive(Debug, Subcommand)]
enum FeedCommand {
    /// Add a feed; it is polled once its site lets us, and what it holds already is not mailed
    Add(AddArgs),
    /// Set what may be shown of a feed, and how
    Set(rules::SetArgs),
    /// List the feeds with their state
    List(ListArgs),
    /// Show a feed's state, last error, next poll and last articles
    Show(ShowArgs),
    /// Poll a feed now instead of at its time
    Poll(PollArgs),
    /// Show what would be read of a feed; stores nothing
    Preview(preview::PreviewArgs),
    /// Let the articles go that came too many at once
    Release(quarantine::ReleaseArgs),
    /// Never mail the articles that came too many at once
    Drop(quarantine::DropArgs),
    /// Add the feeds of a list (OPML)
    Import(list_file::ImportArgs),
    /// Write the list of feeds (OPML)
    Export(list_file::ExportArgs),
    /// Remove a feed; its articles stay
    Remove(RemoveArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche feed add https://example.org/feed.xml --own
  depeche feed add https://example.org/feed.xml --title 'Le Fanal' --language fr --mail-newest 3")]
struct AddArgs {
    /// The feed's address
    url: String,
    /// Its name as readers see it [default: the feed's own]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    #[command(flatten)]
    rules: rules::RulesArgs,
    /// Its language, where the feed does not say
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Mail so many of the newest articles that it holds already
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=MOST_MAILED))]
    mail_newest: i32,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  depeche feed list\n  depeche feed list --format json")]
struct ListArgs {
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  depeche feed show 3\n  depeche feed show https://example.org/feed.xml --format json"
)]
struct ShowArgs {
    /// Its number, address or title
    feed: String,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche feed poll 3
  depeche feed poll --all

A running daemon does it within a second; a stopped feed is taken up again.")]
struct PollArgs {
    /// Its number, address or title
    #[arg(required_unless_present = "all")]
    feed: Option<String>,
    /// Every feed that is not stopped
    #[arg(long, conflicts_with = "feed")]
    all: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depeche feed remove https://example.org/feed.xml")]
struct RemoveArgs {
    /// Its number, address or title
    feed: String,
}

/// Does what was asked.
pub(super) async fn run(invocation: &Invocation, args: FeedArgs) -> Result<(), Failure> {
    match args.command {
        FeedCommand::Add(args) => add(invocation, args).await,
        FeedCommand::Set(args) => rules::set(invocation, args).await,
        FeedCommand::List(args) => show::list(invocation, args.format.format).await,
        FeedCommand::Show(args) => show::show(invocation, &args.feed, args.format.format).await,
        FeedCommand::Poll(args) => poll(invocation, args).await,
        FeedCommand::Preview(args) => preview::run(invocation, args).await,
        FeedCommand::Release(args) => quarantine::release(invocation, args).await,
        FeedCommand::Drop(args) => quarantine::drop(invocation, args).await,
        FeedCommand::Import(args) => list_file::import(invocation, args).await,
        FeedCommand::Export(args) => list_file::export(invocation, args).await,
        FeedCommand::Remove(args) => remove(invocation, args).await,
    }
}

async fn add(invocation: &Invocation, args: AddArgs) -> Result<(), Failure> {
    let url = FeedUrl::parse(&args.url).map_err(|error| Failure::input(error.to_string()))?;
    let language = args.language.as_deref().map(rules::language).transpose()?;
    let title = rules::one_line("--title", args.title.as_deref().unwrap_or_default(), rules::LONGEST_TITLE)?;
    let rules = args.rules.rules()?;
    invocation
        .with_store(async |store| {
            let (site, domain) = (url.site(), url.domain());
            let new = NewFeed {
                url: url.as_str(),
                title: &title,
                site: &site,
                domain: &domain,
                language: language.as_ref().map(Language::code),
                own: args.rules.own(),
                mail_newest: args.mail_newest,
            };
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let live = store::feed::live(&mut tx).await?;
            let twin =
                |feed: &&FeedRow| FeedUrl::parse(&feed.url).is_ok_and(|of| of.without_scheme() == url.without_scheme());
            if let Some(twin) = live.iter().find(twin).filter(|twin| twin.url != url.as_str()) {
                let (id, twin) = (twin.id, shown(&twin.url));
                return Err(Failure::failed(format!("{url} is there already as {twin}; see `depeche feed show {id}`")));
            }
            let Some(id) = store::feed::add(&mut tx, invocation.now, &new).await? else {
                return Err(Failure::failed(format!("{url} is there already; see `depeche feed show {url}`")));
            };
            store::feed::set(&mut tx, id, &rules.stored()).await?;
            let mut detail =
                json!({"feed": id, "url": url.to_string(), "own": args.rules.own(), "mail_newest": args.mail_newest});
            for (name, value) in rules.given() {
                detail[name] = value;
            }
            store::act::write(&mut tx, invocation.now, &invocation.who(), "feed add", detail).await?;
            let due = store::feed::poll_state(&mut tx, id).await?.map(|(_, due, _)| due);
            tx.commit().await?;
            let polled = match due.filter(|due| *due > invocation.now) {
                None => "it is polled at once".to_owned(),
                Some(due) => {
                    let due = output::at(due, store.config.publisher.zone);
                    format!("it is polled at {due}, as its site lets nobody ask before")
                }
            };
            let mailed = match args.mail_newest {
                0 => "what it holds already is not mailed".to_owned(),
                n => format!("of what it holds already, {} will be mailed", output::count(n, "article", "articles")),
            };
            output::say(&format!("added feed {id}: {url}; {polled}, {mailed}"))
        })
        .await
}

async fn poll(invocation: &Invocation, args: PollArgs) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let feeds: Vec<FeedRow> = match &args.feed {
                Some(given) => vec![names::feed(&mut tx, given).await?],
                None => store::feed::live(&mut tx).await?.into_iter().filter(|feed| feed.stopped.is_none()).collect(),
            };
            let (mut resumed, mut later) = (0, Vec::new());
            for feed in &feeds {
                let due = store::feed::poll_now(&mut tx, invocation.now, feed.id).await?;
                later.extend(Some(due).filter(|due| *due > invocation.now));
                if feed.stopped.is_some() {
                    store::feed::resume(&mut tx, invocation.now, feed.id).await?;
                    resumed += 1;
                }
            }
            let ids: Vec<i64> = feeds.iter().map(|feed| feed.id).collect();
            let detail = match &args.feed {
                Some(_) => json!({"feeds": ids, "resumed": resumed}),
                None => json!({"all": true, "feeds": ids.len()}),
            };
            store::act::write(&mut tx, invocation.now, &invocation.who(), "feed poll", detail).await?;
            tx.commit().await?;
            let what = match (feeds.as_slice(), later.as_slice()) {
                ([one], []) => format!("{} is due now", one.url),
                ([one], [due, ..]) => {
                    let due = output::at(*due, store.config.publisher.zone);
                    format!("{} is due at {due}; its server lets nobody ask before", one.url)
                }
                (many, []) => format!("{} due now", output::count(many.len(), "feed is", "feeds are")),
                (many, later) => format!(
                    "{} due now; {} later, as the servers let nobody ask before",
                    output::count(many.len() - later.len(), "feed is", "feeds are"),
                    output::count(later.len(), "feed is due", "feeds are due")
                ),
            };
            let resumed = if resumed > 0 { "; it was stopped and is taken up again" } else { "" };
            output::say(&format!("{what}{resumed}"))
        })
        .await
}

async fn remove(invocation: &Invocation, args: RemoveArgs) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let feed = names::feed(&mut tx, &args.feed).await?;
            store::feed::remove(&mut tx, invocation.now, feed.id).await?;
            let detail = json!({"feed": feed.id, "url": feed.url});
            store::act::write(&mut tx, invocation.now, &invocation.who(), "feed remove", detail).await?;
            tx.commit().await?;
            output::say(&format!("removed feed {}: {}; its articles stay", feed.id, feed.url))
        })
        .await
}

/// Its name, or its site while the first poll has not told it.
pub(super) fn title(feed: &FeedRow) -> &str {
    if feed.title.is_empty() { &feed.site } else { &feed.title }
}

/// Its address without a password.
pub(super) fn shown(url: &str) -> String {
    FeedUrl::parse(url).map_or_else(|_| url.to_owned(), |url| url.to_string())
}

/// Only for JSON: what the listing commands say of a feed.
pub(super) fn json(feed: &FeedRow) -> serde_json::Value {
    json!({
        "id": feed.id, "url": shown(&feed.url), "title": title(feed), "site": feed.site, "home_url": feed.home_url,
        "language": feed.language, "own": feed.own, "excerpt": feed.excerpt, "max_chars": feed.max_chars,
        "paid": feed.paid, "credit": feed.credit, "mail_newest": feed.mail_newest, "stopped": feed.stopped,
    })
}

/// The state in a word.
pub(super) fn state(feed: &FeedRow, last_error: Option<&str>, polled: bool) -> &'static str {
    match (&feed.stopped, last_error, polled) {
        (Some(_), ..) => "stopped",
        (_, Some(_), _) => "failing",
        (.., false) => "new",
        _ => "ok",
    }
}
