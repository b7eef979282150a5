//! `depeche feed import` and `export`: lists of feeds as other programs exchange them (OPML).
//! The format itself is `feed::opml`'s.

use std::collections::HashSet;

use clap::Args;
use serde_json::json;

use super::rules::LONGEST_TITLE;
use crate::{
    cli::{Failure, Invocation, output, source},
    feed::{
        FeedUrl,
        opml::{self, List},
    },
    fetch::Wanted,
    store::{self, feed::NewFeed},
};

/// Faulty lines named one by one.
const MAX_NAMED: usize = 20;

/// What `import` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche feed import feeds.opml
  depeche feed import feeds.opml --dry-run

Any faulty address: nothing is imported, and each is named. Feeds that are there already, under http or https, stay as they are.
What the new ones hold already is not mailed.")]
pub(super) struct ImportArgs {
    /// An OPML file, an address of one, or - for standard input
    #[arg(value_name = "FILE.opml")]
    file: String,
    /// They are the publisher's own
    #[arg(long)]
    own: bool,
    /// Only say what would be imported
    #[arg(long)]
    dry_run: bool,
}

/// What `export` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  depeche feed export > feeds.opml

Addresses are written whole, a password in them included. What is set of a feed (own, excerpt, paid) has no place in such a list.")]
pub(super) struct ExportArgs {}

pub(super) async fn import(invocation: &Invocation, args: ImportArgs) -> Result<(), Failure> {
    let document = source::read(invocation, &args.file, Wanted::Feed).await?;
    let listed = opml::parse(&document.bytes).map_err(|error| Failure::input(format!("{}: {error}", document.name)))?;
    let feeds = sound(&document.name, &listed)?;
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let (mut added, mut known) = (Vec::new(), 0);
            let live = store::feed::live(&mut tx).await?;
            let live: Vec<FeedUrl> = live.iter().filter_map(|feed| FeedUrl::parse(&feed.url).ok()).collect();
            // A feed that is there twice has its pieces mailed twice.
            let live: HashSet<&str> = live.iter().map(FeedUrl::without_scheme).collect();
            for (url, title) in &feeds {
                if live.contains(url.without_scheme()) {
                    known += 1;
                    continue;
                }
                let site = url.site();
                let new = NewFeed {
                    url: url.as_str(),
                    title,
                    site: &site,
                    domain: &url.domain(),
                    language: None,
                    own: args.own,
                    mail_newest: 0,
                };
                match store::feed::add(&mut tx, invocation.now, &new).await? {
                    Some(id) => added.push(id),
                    None => known += 1,
                }
            }
            let n = output::count(added.len(), "feed", "feeds");
            let known = if known > 0 { format!("; {} there already", output::number(known)) } else { String::new() };
            let left = left_out(&listed);
            if args.dry_run {
                return output::say(&format!("would import {n}{known}{left}"));
            }
            if !added.is_empty() {
                let detail = json!({"feeds": added, "own": args.own});
                store::act::write(&mut tx, invocation.now, &invocation.who(), "feed import", detail).await?;
            }
            tx.commit().await?;
            output::say(&format!("imported {n}{known}; what they hold already is not mailed{left}"))
        })
        .await
}

/// What is in the list and no feed of its own, line by line.
fn left_out(list: &List) -> String {
    let doubles = match list.doubles {
        0 => String::new(),
        n => format!("\n{} in the list once more, and taken once", output::count(n, "feed stands", "feeds stand")),
    };
    let without =
        list.passed_over.iter().map(|(line, title)| format!("\nline {line} passed over: `{title}` has no xmlUrl"));
    doubles + &without.collect::<String>()
}

/// The feeds of a list in which every address is one.
fn sound<'a>(name: &str, list: &'a List) -> Result<Vec<(&'a FeedUrl, String)>, Failure> {
    if list.feeds.is_empty() {
        let left = left_out(list);
        return Err(Failure::input(format!(
            "{name}: there is no feed in this list; feeds are outlines with an xmlUrl{left}"
        )));
    }
    let mut faults = Vec::new();
    let mut feeds = Vec::with_capacity(list.feeds.len());
    for feed in &list.feeds {
        match &feed.url {
            Ok(url) => {
                let title: String = feed.title.chars().filter(|c| !c.is_control()).take(LONGEST_TITLE).collect();
                // Programs name a feed so that has not told its name yet.
                let is_address =
                    [url.as_str(), &url.site(), url.url().host_str().unwrap_or_default()].contains(&title.trim());
                feeds.push((url, if is_address { String::new() } else { title.trim().to_owned() }));
            }
            Err(error) => faults.push(format!("{name}, line {}: {error}", feed.line)),
        }
    }
    if faults.is_empty() {
        return Ok(feeds);
    }
    let more = faults.len().saturating_sub(MAX_NAMED);
    faults.truncate(MAX_NAMED);
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    faults.push("nothing was imported; mend these lines or take them out".to_owned());
    Err(Failure::input(faults.join("\n")))
}

pub(super) async fn export(invocation: &Invocation, _: ExportArgs) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let feeds = store::feed::live(&mut *store.pool.acquire().await?).await?;
            let urls: Vec<(FeedUrl, &store::feed::FeedRow)> =
                feeds.iter().filter_map(|feed| Some((FeedUrl::parse(&feed.url).ok()?, feed))).collect();
            let rows = urls.iter().map(|(url, feed)| (url, super::title(feed), feed.home_url.as_deref()));
            output::say(&opml::write(&store.config.publisher.name, rows))
        })
        .await
}
