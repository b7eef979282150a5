//! `depeche subscriber list`, `show` and `remove`.
//! Leaving itself is `store::membership`'s.

use clap::Args;
use serde_json::{Value, json};

use crate::{
    cli::{
        Failure, Invocation, names,
        output::{self, Format, FormatArgs},
    },
    store::{
        self,
        membership::Left,
        subscriber::{PAGE, SubscriberRow},
        subscription::LinkRow,
    },
    subscriber::Status,
};

/// Subscribers listed where nobody says how many.
const LISTED: i64 = 100;

/// What `list` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche subscriber list
  depeche subscriber list --topic transports --status confirmed --limit 1000 --format json")]
pub(super) struct ListArgs {
    /// Only the readers of this topic
    #[arg(long, value_name = "SLUG")]
    topic: Option<String>,
    /// Only those who are pending, confirmed, paused, unsubscribed or suppressed
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = LISTED, value_parser = clap::value_parser!(i64).range(1..=1_000_000))]
    limit: i64,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) async fn list(invocation: &Invocation, args: ListArgs) -> Result<(), Failure> {
    let status = args.status.as_deref().map(status).transpose()?;
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let topic = match &args.topic {
                Some(slug) => Some(names::topic(&mut conn, slug).await?.id),
                None => None,
            };
            let mut table = output::Table::new(&["id", "address", "status", "language", "zone", "follows"]);
            let mut rows: Vec<Value> = Vec::new();
            let (mut cursor, mut listed) = (0, 0);
            while listed < args.limit {
                let limit = PAGE.min(args.limit - listed);
                let page = store::subscriber::listed(&mut conn, cursor, status.map(Status::code), topic, limit).await?;
                let Some(last) = page.last() else { break };
                cursor = last.id;
                listed += i64::try_from(page.len()).unwrap_or(i64::MAX);
                let ids: Vec<i64> = page.iter().map(|row| row.id).collect();
                let links = store::subscription::live(&mut conn, &ids).await?;
                let mut links = super::by_reader(&links);
                for row in &page {
                    let own = links.remove(&row.id).unwrap_or_default();
                    match args.format.format {
                        Format::Json => rows.push(json_of(row, &own)),
                        Format::Text => table.row(cells(row, &own)),
                    }
                }
            }
            match args.format.format {
                Format::Json => output::say_json(&rows),
                Format::Text if listed == 0 => {
                    output::say("no such subscribers; add one with `depeche subscriber add EMAIL`")
                }
                Format::Text => {
                    let all = store::subscriber::counts(&mut conn).await?;
                    output::say(&format!("{}{}", table.text(), summary(&all, listed)))
                }
            }
        })
        .await
}

fn status(given: &str) -> Result<Status, Failure> {
    given.parse().map_err(|_| names::unknown("status", given, &Status::ALL.map(Status::word), ""))
}

fn summary(counts: &[(i16, i64)], listed: i64) -> String {
    let words = counts.iter().map(|(code, n)| {
        let word = Status::try_from(*code).map_or("unknown", Status::word);
        format!("{} {word}", output::number(*n))
    });
    let all: i64 = counts.iter().map(|(_, n)| n).sum();
    let shown = if listed < all { format!("{} shown of ", output::number(listed)) } else { String::new() };
    format!("{shown}{}: {}", output::count(all, "subscriber", "subscribers"), words.collect::<Vec<_>>().join(", "))
}

fn word(row: &SubscriberRow) -> &'static str {
    Status::try_from(row.status).map_or("unknown", Status::word)
}

fn follows(link: &LinkRow) -> String {
    match (&link.slug, &link.canonical) {
        (Some(slug), _) => slug.clone(),
        (None, Some(canonical)) => format!("[{canonical}]"),
        (None, None) => String::new(),
    }
}

fn cells(row: &SubscriberRow, links: &[&LinkRow]) -> Vec<String> {
    let follows: Vec<String> = links.iter().map(|link| follows(link)).collect();
    let word = word(row).to_owned();
    vec![row.id.to_string(), row.address.clone(), word, row.language.clone(), row.zone.clone(), follows.join(" ")]
}

fn json_of(row: &SubscriberRow, links: &[&LinkRow]) -> Value {
    let follows: Vec<Value> = links
        .iter()
        .map(|link| {
            let zone = (!link.zone.is_empty()).then_some(&link.zone);
            json!({"topic": link.slug, "filter": link.canonical, "schedule": link.schedule, "zone": zone})
        })
        .collect();
    json!({
        "id": row.id, "email": row.address, "status": word(row), "language": row.language, "reads": row.reads,
        "zone": row.zone, "updates": row.updates, "created_at": row.created_at, "confirmed_at": row.confirmed_at, "follows": follows,
    })
}

pub(super) async fn show(invocation: &Invocation, given: &str, format: Format) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let row = names::subscriber(&mut conn, given).await?;
            let links = store::subscription::live(&mut conn, &[row.id]).await?;
            let follows_now: Vec<&LinkRow> = links.iter().collect();
            let suppressed = store::suppression::of(&mut conn, &row.address_key).await?;
            if format == Format::Json {
                let mut json = json_of(&row, &follows_now);
                json["suppressed"] =
                    json!(suppressed.as_ref().map(|why| json!({"reason": why.reason, "since": why.at})));
                return output::say_json(&json);
            }
            let zone = store.config.publisher.zone;
            let mut facts = vec![
                format!("subscriber {}: {}", row.id, row.address),
                format!("status:    {}", word(&row)),
                format!("language:  {}, reads {}", row.language, row.reads.join(", ")),
                format!("zone:      {}", row.zone),
                format!("since:     {}", output::at(row.created_at, zone)),
            ];
            if row.updates {
                facts.push("updates:   is told of them".to_owned());
            }
            facts.extend(row.confirmed_at.map(|at| format!("confirmed: {}", output::at(at, zone))));
            facts.extend(
                suppressed.map(|why| format!("must not be mailed since {}: {}", output::at(why.at, zone), why.reason)),
            );
            facts.push(String::new());
            facts.extend(follows_now.iter().map(|link| format!("  {} ({})", follows(link), link.schedule)));
            if follows_now.is_empty() {
                facts.push("  follows nothing".to_owned());
            }
            output::say(&facts.join("\n"))
        })
        .await
}

pub(super) async fn remove(invocation: &Invocation, given: &str) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let row = names::subscriber(&mut tx, given).await?;
            let who = invocation.who();
            store::act::write(&mut tx, invocation.now, &who, "subscriber remove", json!({"subscriber": row.id}))
                .await?;
            let left = store::membership::leave(&mut tx, invocation.now, row.id, &format!("removed by {who}")).await?;
            if left == Left::Already {
                return Err(Failure::failed(format!("{} left already; nothing was changed", row.address)));
            }
            tx.commit().await?;
            output::say(&format!("{} left; no import brings them back", row.address))
        })
        .await
}
