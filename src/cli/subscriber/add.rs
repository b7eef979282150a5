//! `depeche subscriber add`: one reader with what they follow.
//! Sign-up by readers themselves, with its confirmation mail, is the pages' work.

use clap::Args;
use serde_json::json;

use crate::{
    article::language::Language,
    cli::{Failure, Invocation, filter_text, names, output},
    config::{Config, parse_zone},
    digest::schedule::INSTANT,
    render::UiLanguage,
    store::{
        self, Conn,
        membership::{Added, Follow, Wanted},
        subscriber::NewSubscriber,
        subscription::MAX_PER_READER,
    },
    subscriber::{Status, address::Address},
};

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche subscriber add lea@example.org --topic transports --topic energy
  depeche subscriber add tom@example.org --filter 'tramway -bus' --schedule instant --language nl --zone Europe/Brussels

They get what arrives from now on. With --pending they get a mail with a link to confirm, and nothing else until they do.")]
pub(super) struct AddArgs {
    /// Their address
    email: String,
    /// Follow this topic; may be given several times
    #[arg(long = "topic", value_name = "SLUG")]
    topics: Vec<String>,
    /// Follow a filter of their own; may be given several times
    #[arg(long = "filter", value_name = "QUERY")]
    filters: Vec<String>,
    /// When they are mailed: a schedule of the config, or `instant` [default: the config's first]
    #[arg(long, value_name = "NAME")]
    schedule: Option<String>,
    /// Their time zone [default: the publisher's]
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// Language of their mails and pages: fr, en, de or nl [default: the publisher's]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Languages of the articles they want [default: that of their mails]
    #[arg(long, value_name = "LANGUAGE,..", value_delimiter = ',')]
    reads: Vec<String>,
    /// Tell them once more when a story they were mailed changes in a way that matters
    #[arg(long)]
    updates: bool,
    /// They have not confirmed yet: they are mailed a link to do so
    #[arg(long)]
    pending: bool,
}

pub(super) async fn run(invocation: &Invocation, args: AddArgs) -> Result<(), Failure> {
    let address = names::address(&args.email)?;
    let queries = args.filters.iter().map(|query| filter_text::query(query)).collect::<Result<Vec<_>, _>>()?;
    invocation
        .with_store(async |store| {
            let config = &store.config;
            let language = interface_language(config, args.language.as_deref())?;
            let zone = zone(config, args.zone.as_deref())?;
            let schedule = names::schedule(config, args.schedule.as_deref().unwrap_or(default_schedule(config)))?;
            let reads = reads(&args.reads, &language)?;
            let status = if args.pending { Status::Pending } else { Status::Confirmed };
            let mut conn = store.pool.acquire().await?;
            filter_text::refuse_broad(invocation, &mut conn, config, &queries.iter().collect::<Vec<_>>(), "").await?;
            let mut tx = store::begin(&mut conn).await?;
            let topics = names::topics(&mut tx, &args.topics).await?;
            refuse_suppressed(&mut tx, &address, config).await?;
            let schedule_id = store::schedule::put(&mut tx, schedule.0, schedule.1).await?;
            let follows = topics
                .iter()
                .map(|topic| Follow::Topic(topic.id))
                .chain(queries.iter().map(|q| Follow::Filter(q.to_string())));
            // Alerts know no zone: they go out at once.
            let link_zone = if schedule.0 == INSTANT { "" } else { zone };
            let wanted: Vec<Wanted> =
                follows.map(|follow| Wanted { follow, schedule_id, zone: link_zone.to_owned() }).collect();
            if wanted.len() > usize::try_from(MAX_PER_READER).unwrap_or(usize::MAX) {
                return Err(Failure::input(format!(
                    "{} topics and filters are more than the {MAX_PER_READER} that one reader may follow",
                    wanted.len()
                )));
            }
            let new = NewSubscriber {
                address_key: &address.address_key(),
                address: address.as_str(),
                status: status.code(),
                language: &language,
                reads: &reads,
                zone,
            };
            let source = format!("added by {}", invocation.who());
            let id = match store::membership::add(&mut tx, invocation.now, &new, &wanted, &source).await? {
                Added::New(id) => id,
                Added::Known => return Err(known(&mut tx, &address).await?),
            };
            if args.updates {
                store::membership::ask_for_updates(&mut tx, &[id], true).await?;
            }
            if status == Status::Pending {
                let expires_at = invocation.now + config.mail.expiry.confirmation;
                store::letter::confirmation(&mut tx, invocation.now, id, expires_at).await?;
            }
            let detail = json!({"subscriber": id, "status": status.word(), "follows": wanted.len()});
            store::act::write(&mut tx, invocation.now, &invocation.who(), "subscriber add", detail).await?;
            tx.commit().await?;
            if let Some(meant) = address.suggestion() {
                output::note(&format!("note: `{}` may be a slip of `{}`", address.domain(), meant.domain()));
            }
            let follows = match wanted.len() {
                0 => "follows nothing yet".to_owned(),
                n => format!("follows {}, schedule {}", output::count(n, "thing", "things"), schedule.0),
            };
            let asked =
                if status == Status::Pending { "; the running daemon mails them the link to confirm" } else { "" };
            output::say(&format!("added subscriber {id}: {} ({status}), {follows}{asked}", address.shown()))
        })
        .await
}

/// Whoever left stays away.
async fn refuse_suppressed(conn: &mut Conn, address: &Address, config: &Config) -> Result<(), Failure> {
    let Some(row) = store::suppression::of(conn, &address.address_key()).await? else { return Ok(()) };
    let since = output::at(row.at, config.publisher.zone);
    Err(Failure::failed(match row.reason.as_str() {
        "unsubscribed" => format!(
            "{} left on {since}, and stays away; they can come back themselves, by the link in any mail they got",
            address.shown()
        ),
        reason => format!("{} must not be mailed since {since}: {reason}", address.shown()),
    }))
}

async fn known(conn: &mut Conn, address: &Address) -> Result<Failure, Failure> {
    let row = store::subscriber::by_key(conn, &address.address_key()).await?;
    let status = row.and_then(|row| Status::try_from(row.status).ok()).map_or("known", Status::word);
    Ok(Failure::failed(format!("{0} is there already ({status}); see `depeche subscriber show {0}`", address.shown())))
}

/// The first public schedule of the config, else the first.
pub(super) fn default_schedule(config: &Config) -> &str {
    let public = config.schedules.iter().find(|found| found.public);
    public.or(config.schedules.first()).map_or(INSTANT, |found| found.schedule.name())
}

/// A language that the pages are written in.
pub(super) fn interface_language(config: &Config, given: Option<&str>) -> Result<String, Failure> {
    let Some(given) = given.map(str::trim).filter(|given| !given.is_empty()) else {
        return Ok(config.publisher.language.code().to_owned());
    };
    let language = given.parse::<Language>().map_err(|error| Failure::input(error.to_string()))?;
    if UiLanguage::CODES.contains(&language.code()) {
        return Ok(language.code().to_owned());
    }
    Err(Failure::input(format!(
        "`{given}` is not a language of the pages and mails; {} are",
        UiLanguage::CODES.join(", ")
    )))
}

/// An IANA zone.
pub(super) fn zone(config: &Config, given: Option<&str>) -> Result<&'static str, Failure> {
    match given.map(str::trim).filter(|given| !given.is_empty()) {
        None => Ok(config.publisher.zone.name()),
        Some(given) => parse_zone(given).map(chrono_tz::Tz::name).map_err(Failure::Input),
    }
}

/// Languages of articles; without any, that of the mails.
pub(super) fn reads(given: &[String], language: &str) -> Result<Vec<String>, Failure> {
    let mut reads: Vec<String> = Vec::new();
    for one in given.iter().map(|one| one.trim()).filter(|one| !one.is_empty()) {
        let code = one.parse::<Language>().map_err(|error| Failure::input(error.to_string()))?;
        if code == Language::UND {
            return Err(Failure::input("`und` is no language to read; two letters such as `fr` are"));
        }
        if !reads.iter().any(|known| known == code.code()) {
            reads.push(code.code().to_owned());
        }
    }
    if reads.is_empty() {
        reads.push(language.to_owned());
    }
    Ok(reads)
}
