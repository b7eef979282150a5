//! `depeche topic`: the catalogue that readers choose from.
//! What a filter means is `topic::query`'s.

mod edit;
mod forecast;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Failure, Invocation, filter_text, names,
    output::{self, Format, FormatArgs},
};
use crate::{
    config::Config,
    render::UiLanguage,
    store::{
        self,
        topic::{ByLanguage, NewTopic, TopicRow},
    },
};

/// Letters of a slug (the schema's own bound).
const LONGEST_SLUG: usize = 63;

/// Letters of a title: it stands on a phone's line and in subjects.
const LONGEST_TITLE: usize = 80;

/// Letters of a description: two lines on the sign-up page.
const LONGEST_DESCRIPTION: usize = 300;

/// What it takes.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  depeche topic add transports --title fr=Transports --title en=Transport --filter 'tramway OR bus'"
)]
pub(super) struct TopicArgs {
    #[command(subcommand)]
    command: TopicCommand,
}

#[derive(Debug, Subcommand)]
enum TopicCommand {
    /// Add a topic to the catalogue
    Add(AddArgs),
    /// List the catalogue
    List(ListArgs),
    /// Show how a filter is understood, and what it would have matched
    Test(TestArgs),
    /// Draft another filter for a topic, see what it would change, and publish it
    Edit(edit::EditArgs),
    /// Go back to the filter before the present one
    Revert(edit::RevertArgs),
    /// Remove a topic; its readers no longer follow it
    Remove(RemoveArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche topic add transports --title Transports --filter 'tramway OR \"pistes cyclables\"'
  depeche topic add energy --title fr=Énergie --title en=Energy --filter '(solar OR wind) -stocks'

A topic counts for articles that arrive after it was added, never for older ones.")]
struct AddArgs {
    /// Its name in links and on the command line: small letters, digits and hyphens
    slug: String,
    /// Its title, for one language or, without LANG=, the publisher's; may be given several times
    #[arg(long = "title", value_name = "[LANG=]TEXT", required = true)]
    titles: Vec<String>,
    /// One sentence below the title; may be given several times
    #[arg(long = "description", value_name = "[LANG=]TEXT")]
    descriptions: Vec<String>,
    /// What it is about
    #[arg(long, value_name = "QUERY")]
    filter: String,
    /// Add it even if it brings more articles a day than the config allows a filter
    #[arg(long)]
    anyway: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  depeche topic list\n  depeche topic list --format json")]
struct ListArgs {
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche topic test 'tramway AND NOT bus'
  depeche topic test '\"pistes cyclables\" OR title:velo*' --language fr

With a config, the filter is also held against the stored articles of the last 30 days; without one it is only explained.")]
struct TestArgs {
    /// The filter
    query: String,
    /// Explain it in this language: fr, en, de or nl
    #[arg(long, value_name = "LANGUAGE", default_value = "en")]
    language: String,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depeche topic remove transports")]
struct RemoveArgs {
    /// Its slug
    slug: String,
}

/// Does what was asked.
pub(super) async fn run(invocation: &Invocation, args: TopicArgs) -> Result<(), Failure> {
    match args.command {
        TopicCommand::Add(args) => add(invocation, args).await,
        TopicCommand::List(args) => list(invocation, args.format.format).await,
        TopicCommand::Test(args) => test(invocation, &args).await,
        TopicCommand::Edit(args) => edit::edit(invocation, args).await,
        TopicCommand::Revert(args) => edit::revert(invocation, args).await,
        TopicCommand::Remove(args) => remove(invocation, args).await,
    }
}

async fn add(invocation: &Invocation, args: AddArgs) -> Result<(), Failure> {
    let slug = slug(&args.slug)?;
    let query = filter_text::query(&args.filter)?;
    let canonical = query.to_string();
    invocation
        .with_store(async |store| {
            let titles = by_language("--title", &args.titles, &store.config, LONGEST_TITLE)?;
            let descriptions = by_language("--description", &args.descriptions, &store.config, LONGEST_DESCRIPTION)?;
            let mut conn = store.pool.acquire().await?;
            if !args.anyway {
                filter_text::refuse_broad(
                    invocation,
                    &mut conn,
                    &store.config,
                    &[&query],
                    "; --anyway adds it all the same",
                )
                .await?;
            }
            let mut tx = store::begin(&mut conn).await?;
            let live = store::topic::live(&mut tx).await?;
            if live.iter().any(|topic| topic.slug == slug) {
                return Err(Failure::failed(format!(
                    "there is a topic `{slug}` already; choose another slug, or remove that one first"
                )));
            }
            if i64::try_from(live.len()).unwrap_or(i64::MAX) >= store::topic::MAX_TOPICS {
                return Err(Failure::failed(format!(
                    "the catalogue holds {} topics, which is the most; remove some first",
                    live.len()
                )));
            }
            let who = invocation.who();
            let detail = json!({"topic": slug, "filter": canonical, "titles": titles});
            store::act::write(&mut tx, invocation.now, &who, "topic add", detail).await?;
            let seq = store::take_log_seq(&mut tx, 1).await?;
            let filter_id = store::filter::intern(&mut tx, &canonical, seq).await?;
            let new = NewTopic { slug: &slug, titles, descriptions, filter_id };
            if store::topic::add(&mut tx, invocation.now, &who, &new, seq).await?.is_none() {
                return Err(Failure::failed(format!("there is a topic `{slug}` already; somebody added it just now")));
            }
            tx.commit().await?;
            let explained = query.explain(store.config.publisher.language.code());
            output::say(&format!("added topic {slug}: {canonical}\n{explained}"))
        })
        .await
}

async fn test(invocation: &Invocation, args: &TestArgs) -> Result<(), Failure> {
    if !UiLanguage::CODES.contains(&args.language.as_str()) {
        return Err(names::unknown("language of the pages", &args.language, &UiLanguage::CODES, ""));
    }
    let query = filter_text::query(&args.query)?;
    let explained = query.explain(&args.language);
    let told = forecast::told(invocation, &query).await?;
    match args.format.format {
        Format::Text => {
            let forecast = told.map(|(text, _)| format!("\n{text}")).unwrap_or_default();
            output::say(&format!("{query}\n{explained}{forecast}"))
        }
        Format::Json => {
            let forecast = told.map(|(_, json)| json);
            output::say_json(&json!({"filter": query.to_string(), "explained": explained, "forecast": forecast}))
        }
    }
}

fn slug(given: &str) -> Result<String, Failure> {
    let lawful = given.len() <= LONGEST_SLUG
        && given.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && given.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if lawful {
        return Ok(given.to_owned());
    }
    let meant = slug_of(given);
    let hint = if meant.is_empty() { "such as `transports`".to_owned() } else { format!("such as `{meant}`") };
    Err(Failure::input(format!(
        "`{given}` is not a slug: small letters a to z, digits and hyphens, at most {LONGEST_SLUG}, {hint}"
    )))
}

/// The nearest slug: accents off, everything else a hyphen.
fn slug_of(given: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let plain = given.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c));
    let hyphened: String =
        plain.flat_map(char::to_lowercase).map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = hyphened.split('-').filter(|word| !word.is_empty()).collect();
    let mut slug = words.join("-");
    slug.truncate(LONGEST_SLUG);
    slug.trim_end_matches('-').to_owned()
}

/// Reads `[LANG=]TEXT`; each language once.
fn by_language(option: &str, given: &[String], config: &Config, longest: usize) -> Result<ByLanguage, Failure> {
    let mut texts = ByLanguage::new();
    for one in given {
        let (language, text) = match one.split_once('=') {
            Some((language, text)) if language.len() == 2 && language.bytes().all(|b| b.is_ascii_alphabetic()) => {
                (language.to_ascii_lowercase(), text.trim())
            }
            _ => (config.publisher.language.code().to_owned(), one.trim()),
        };
        if !UiLanguage::CODES.contains(&language.as_str()) {
            return Err(Failure::input(format!(
                "{option} {one}: `{language}` is not a language of the pages; {} are, and a text that begins like this is written as {}={one}",
                UiLanguage::CODES.join(", "),
                config.publisher.language
            )));
        }
        if text.is_empty() || text.contains(char::is_control) {
            return Err(Failure::input(format!("{option} {one}: the text must be one line that says something")));
        }
        if text.chars().count() > longest {
            return Err(Failure::input(format!(
                "{option} {one}: the text is longer than {longest} characters; shorten it"
            )));
        }
        if texts.insert(language.clone(), text.to_owned()).is_some() {
            return Err(Failure::input(format!("{option} is given twice for {language}; give one a language")));
        }
    }
    Ok(texts)
}

/// The title for people at the command line.
pub(super) fn title<'a>(topic: &'a TopicRow, config: &Config) -> &'a str {
    let titles = &topic.titles.0;
    let own = titles.get(config.publisher.language.code());
    own.or_else(|| titles.values().next()).map_or(topic.slug.as_str(), String::as_str)
}

async fn list(invocation: &Invocation, format: Format) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let topics = store::topic::live(&mut *store.pool.acquire().await?).await?;
            if format == Format::Json {
                let rows: Vec<_> = topics
                    .iter()
                    .map(|topic| {
                        json!({"slug": topic.slug, "titles": topic.titles.0, "descriptions": topic.descriptions.0,
                               "filter": topic.canonical, "readers": topic.readers})
                    })
                    .collect();
                return output::say_json(&rows);
            }
            if topics.is_empty() {
                return output::say("no topics yet; add one with `depeche topic add SLUG --title TEXT --filter QUERY`");
            }
            let mut table = output::Table::new(&["slug", "readers", "title", "filter"]);
            for topic in &topics {
                let title = title(topic, &store.config).to_owned();
                table.row(vec![topic.slug.clone(), output::number(topic.readers), title, topic.canonical.clone()]);
            }
            output::say(&table.text())
        })
        .await
}

async fn remove(invocation: &Invocation, args: RemoveArgs) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let topic = names::topic(&mut tx, &args.slug).await?;
            let detail = json!({"topic": topic.slug, "filter": topic.canonical, "readers": topic.readers});
            store::act::write(&mut tx, invocation.now, &invocation.who(), "topic remove", detail).await?;
            let seq = store::take_log_seq(&mut tx, 1).await?;
            let readers = store::topic::remove(&mut tx, topic.id, seq).await?;
            store::filter::end_unused(&mut tx, &[topic.filter_id], seq).await?;
            tx.commit().await?;
            let readers = output::count(readers, "reader", "readers");
            output::say(&format!("removed topic {}; {readers} followed it", topic.slug))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_slug_gets_a_right_one() {
        let check = |given: &str, text: Option<&str>| match (slug(given), text) {
            (Ok(slug), None) => assert_eq!(slug, given),
            (Err(error), Some(meant)) => assert!(error.to_string().contains(&format!("such as `{meant}`")), "{error}"),
            (got, _) => panic!("{given}: {got:?}"),
        };
        check("pistes-cyclables", None);
        check("5g", None);
        check("Pistes cyclables", Some("pistes-cyclables"));
        check("Énergie & climat", Some("energie-climat"));
        check("-a", Some("a"));
        check("", Some("transports"));
        check(&"a".repeat(64), Some(&"a".repeat(63)));
    }
}
