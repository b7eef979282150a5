//! `depeche feed preview`: what would be read of a feed, entry by entry.
//! Reading is the nouns' work; this file only shows it.

use chrono::{DateTime, Utc};
use clap::Args;
use serde_json::{Value, json};
use url::Url;

use crate::{
    article::{
        ArticleText,
        extract::{ExtractSettings, FeedPart, from_feed},
    },
    cli::{
        Failure, Invocation,
        output::{self, Format, FormatArgs},
        source,
    },
    feed::{Entry, FeedError, ParsedFeed, first_believable, parse, text},
    fetch::Wanted,
};

/// What relative addresses in a file are relative to: a name that nobody has (RFC 2606).
const NOWHERE: &str = "https://feed.invalid/";

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche feed preview https://example.org/feed.xml
  depeche feed preview feed.xml --format json
  curl -s https://example.org/feed.xml | depeche feed preview -

Files and standard input need neither config nor database.")]
pub(super) struct PreviewArgs {
    /// An address, a file, or - for standard input
    #[arg(value_name = "URL_OR_FILE")]
    source: String,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) async fn run(invocation: &Invocation, args: PreviewArgs) -> Result<(), Failure> {
    let document = source::read(invocation, &args.source, Wanted::Feed).await?;
    let nowhere = Url::parse(NOWHERE).map_err(Failure::of)?;
    let base = document.url.as_ref().unwrap_or(&nowhere);
    let feed = parse::parse(&document.bytes, document.content_type.as_deref(), base, invocation.now)
        .map_err(|error| refused(&document.name, &error))?;
    let entries: Vec<Read<'_>> = feed.entries.iter().map(|entry| read(entry, &feed.entries, invocation)).collect();
    match args.format.format {
        Format::Json => output::say_json(&json!({
            "title": feed.title,
            "language": feed.language,
            "entries": entries.iter().map(Read::json).collect::<Vec<_>>(),
        })),
        Format::Text => output::say(&for_people(&feed, &entries, invocation.now)),
    }
}

fn refused(name: &str, error: &FeedError) -> Failure {
    Failure::input(format!("{name}: {error}"))
}

/// An entry with the article that would be made of it, without its page.
struct Read<'e> {
    entry: &'e Entry,
    article: ArticleText,
}

fn read<'e>(entry: &'e Entry, reading: &[Entry], invocation: &Invocation) -> Read<'e> {
    let part = FeedPart::of(entry, reading, &[], "", invocation.now);
    Read { entry, article: from_feed(&part, None, &ExtractSettings::default()).article }
}

impl Read<'_> {
    fn json(&self) -> Value {
        let Self { entry, article } = self;
        json!({
            "id": entry.guid,
            "url": entry.url,
            "title": entry.title,
            "author": entry.author,
            "published": entry.published,
            "updated": entry.updated,
            "categories": entry.categories,
            "summary": entry.summary_html.as_deref().map(text),
            "content_text": self.content(),
            "language": article.language,
            "key_points": article.key_points.points,
            "key_points_origin": article.key_points.origin,
        })
    }

    /// What would be kept of the body; the whole of it where nothing would.
    fn content(&self) -> Option<String> {
        let body = &self.article.paragraphs;
        if body.is_empty() { self.entry.content_html.as_deref().map(text) } else { Some(body.join("\n\n")) }
    }
}

fn for_people(feed: &ParsedFeed, entries: &[Read<'_>], now: DateTime<Utc>) -> String {
    let language = feed.language.as_deref().unwrap_or("no language said");
    let part = if feed.partial { ", broken off or too long: only a part was read" } else { "" };
    let mut lines = vec![
        named(&feed.title).to_owned(),
        format!("{}, {language}{part}", output::count(entries.len(), "entry", "entries")),
    ];
    for Read { entry, article } in entries {
        let date = first_believable([entry.published, entry.updated], now);
        let date = date.map_or_else(|| "no date".to_owned(), |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
        let by = entry.author.as_deref().map(|author| format!(", {author}")).unwrap_or_default();
        let origin = serde_json::to_value(article.key_points.origin).unwrap_or_default();
        let origin = origin.as_str().unwrap_or_default();
        lines.extend([String::new(), named(&entry.title).to_owned()]);
        lines.push(format!("  {}", entry.url.as_deref().unwrap_or("(no address)")));
        lines.push(format!("  {date}, {}{by}; key points: {origin}", article.language));
        lines.extend(article.key_points.points.iter().map(|point| output::wrapped(point, "  • ")));
    }
    lines.join("\n")
}

fn named(title: &str) -> &str {
    if title.is_empty() { "(no title)" } else { title }
}
