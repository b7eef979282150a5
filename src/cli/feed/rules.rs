//! `depeche feed set` and the options it shares with `add`: what may be shown of a feed, and how.
//! That they are kept, `render` and plan see to.

use clap::{ArgGroup, Args, ValueEnum};
use serde_json::{Value, json};

use crate::{
    article::language::Language,
    cli::{Failure, Invocation, names, output},
    store::{self, feed::FeedRules},
};

/// Letters of a feed's name; it stands on one line of a mail.
pub(super) const LONGEST_TITLE: usize = 80;

/// Letters of a credit line.
const LONGEST_CREDIT: usize = 120;

/// Most characters that may be shown of an article (the schema's own bound).
const MOST_CHARS: i32 = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Excerpt {
    KeyPoints,
    Summary,
    Title,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Paid {
    Hide,
    Label,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Answer {
    Yes,
    No,
}

/// What may be shown of a feed.
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// Whether it is the publisher's own: its pictures may be shown, and it comes first in a story
    #[arg(
        long,
        value_name = "yes|no",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "yes",
        hide_possible_values = true
    )]
    own: Option<Answer>,
    /// What is shown of its articles under the title
    #[arg(long, value_name = "key-points|summary|title", hide_possible_values = true)]
    excerpt: Option<Excerpt>,
    /// Characters shown of an article at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(0..=i64::from(MOST_CHARS)))]
    max_chars: Option<i32>,
    /// A line that its publisher wants under each article; empty for none
    #[arg(long, value_name = "TEXT")]
    credit: Option<String>,
    /// Pieces for the publisher's subscribers only: not mailed, labelled, or like others
    #[arg(long, value_name = "hide|label|none", hide_possible_values = true)]
    paid: Option<Paid>,
}

fn word(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

/// Rules that were read and may be stored.
#[derive(Debug, Default)]
pub(super) struct Rules {
    own: Option<bool>,
    excerpt: Option<String>,
    max_chars: Option<i32>,
    credit: Option<String>,
    paid: Option<String>,
    title: Option<String>,
    language: Option<String>,
}

impl RulesArgs {
    pub(super) fn own(&self) -> bool {
        self.own == Some(Answer::Yes)
    }

    pub(super) fn rules(&self) -> Result<Rules, Failure> {
        Ok(Rules {
            own: self.own.map(|own| own == Answer::Yes),
            excerpt: self.excerpt.as_ref().map(word),
            max_chars: self.max_chars,
            credit: self.credit.as_deref().map(|credit| one_line("--credit", credit, LONGEST_CREDIT)).transpose()?,
            paid: self.paid.as_ref().map(word),
            ..Rules::default()
        })
    }
}

impl Rules {
    pub(super) fn stored(&self) -> FeedRules<'_> {
        FeedRules {
            title: self.title.as_deref(),
            language: self.language.as_deref(),
            own: self.own,
            excerpt: self.excerpt.as_deref(),
            max_chars: self.max_chars,
            paid: self.paid.as_deref(),
            credit: self.credit.as_deref(),
        }
    }

    /// Only what was given, for the journal and the answer.
    pub(super) fn given(&self) -> Vec<(&'static str, Value)> {
        let all = [
            ("title", json!(self.title)),
            ("language", json!(self.language)),
            ("own", json!(self.own)),
            ("excerpt", json!(self.excerpt)),
            ("max_chars", json!(self.max_chars)),
            ("credit", json!(self.credit)),
            ("paid", json!(self.paid)),
        ];
        all.into_iter().filter(|(_, value)| !value.is_null()).collect()
    }
}

/// Text that stands on one line of a mail.
pub(super) fn one_line(option: &str, given: &str, longest: usize) -> Result<String, Failure> {
    let text = given.trim();
    if text.chars().count() > longest || text.contains(char::is_control) {
        return Err(Failure::input(format!("{option} must be one line of at most {longest} characters; shorten it")));
    }
    Ok(text.to_owned())
}

/// A language that a person named.
pub(super) fn language(given: &str) -> Result<Language, Failure> {
    match given.parse() {
        Ok(Language::UND) => Err(Failure::input("--language und says nothing; leave it out, the text tells")),
        Ok(language) => Ok(language),
        Err(error) => Err(Failure::input(format!("--language: {error}"))),
    }
}

/// What `set` takes.
#[derive(Debug, Args)]
#[command(
    override_usage = "depeche feed set [OPTIONS] <FEED>",
    group(ArgGroup::new("rule").args(["own", "excerpt", "max_chars", "credit", "paid", "title", "language"]).required(true).multiple(true)),
    after_help = "\
Examples:
  depeche feed set 3 --excerpt title --paid hide
  depeche feed set 'Le Fanal' --max-chars 280 --credit 'avec l’AFP'
  depeche feed set 3 --own=no

It holds for every mail that is drawn from then on. Pictures, the language and shorter key points are taken over with the
articles that come from then on."
)]
pub(super) struct SetArgs {
    /// The feed's number, address or title
    feed: String,
    #[command(flatten)]
    rules: RulesArgs,
    /// Its name as readers see it
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Its language, where the feed does not say; empty for as the text tells
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
}

pub(super) async fn set(invocation: &Invocation, args: SetArgs) -> Result<(), Failure> {
    let mut rules = args.rules.rules()?;
    rules.title = args.title.as_deref().map(|title| one_line("--title", title, LONGEST_TITLE)).transpose()?;
    if rules.title.as_deref() == Some("") {
        return Err(Failure::input("--title must say something; readers see it under each article"));
    }
    rules.language = match args.language.as_deref().map(str::trim) {
        Some("") => Some(String::new()),
        Some(given) => Some(language(given)?.code().to_owned()),
        None => None,
    };
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let feed = names::feed(&mut tx, &args.feed).await?;
            store::feed::set(&mut tx, feed.id, &rules.stored()).await?;
            let mut detail = json!({"feed": feed.id, "url": super::shown(&feed.url)});
            for (name, value) in rules.given() {
                detail[name] = value;
            }
            store::act::write(&mut tx, invocation.now, &invocation.who(), "feed set", detail).await?;
            tx.commit().await?;
            let given = rules.given();
            let given = given.iter().map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{} {}", name.replace('_', "-"), if value.is_empty() { "none".to_owned() } else { value })
            });
            output::say(&format!("feed {}: {}", feed.id, given.collect::<Vec<_>>().join(", ")))
        })
        .await
}
