//! `depeche feed list` and `show`: state, last error, next poll, last articles.
//! It changes nothing.

use std::iter::once;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::push::Push;
use crate::{
    cli::{
        Failure, Invocation, Store, names,
        output::{self, Format},
    },
    feed::verdict::{Memory, Remark},
    store::{
        self,
        article::{ArticleState, LatestRow},
        feed::StandingRow,
    },
};

/// Articles shown of a feed.
const LAST_ARTICLES: i64 = 10;
/// Of a feed in quarantine those that wait are shown, as an operator has to choose among them; so many at most.
const MOST_WAITING: i64 = 500;

pub(super) async fn list(invocation: &Invocation, format: Format) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let feeds = store::feed::live(&mut conn).await?;
            let standing = store::feed::standing(&mut conn).await?;
            let of = |id: i64| standing.binary_search_by_key(&id, |row| row.feed_id).ok().map(|at| &standing[at]);
            if format == Format::Json {
                let rows: Vec<_> = feeds.iter().map(|feed| with_standing(super::json(feed), of(feed.id))).collect();
                return output::say_json(&rows);
            }
            if feeds.is_empty() {
                return output::say("no feeds yet; add one with `depeche feed add URL`");
            }
            let mut table = output::Table::new(&["id", "state", "next poll", "title", "address"]);
            for feed in &feeds {
                let standing = of(feed.id);
                let error = standing.and_then(|row| row.last_error.as_deref());
                let state = super::state(feed, error, standing.is_some_and(|row| row.polled_at.is_some()));
                let next = match (standing, &feed.stopped) {
                    (Some(row), None) => output::at(row.next_poll_at, store.config.publisher.zone),
                    _ => "never".to_owned(),
                };
                let title = super::title(feed).to_owned();
                table.row(vec![feed.id.to_string(), state.to_owned(), next, title, super::shown(&feed.url)]);
            }
            output::say(&table.text())
        })
        .await
}

fn with_standing(mut json: serde_json::Value, standing: Option<&StandingRow>) -> serde_json::Value {
    if let Some(row) = standing {
        json["polled_at"] = json!(row.polled_at);
        json["next_poll_at"] = json!(row.next_poll_at);
        json["last_error"] = json!(row.last_error);
    }
    json
}

pub(super) async fn show(invocation: &Invocation, given: &str, format: Format) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let feed = names::feed(&mut conn, given).await?;
            let (poll, next_poll_at, last_error) = match store::feed::poll_state(&mut conn, feed.id).await? {
                Some((poll, next, error)) => (Some(poll), Some(next), error),
                None => (None, None, None),
            };
            let polled_at = poll.as_ref().and_then(|poll| poll.polled_at);
            let memory = poll.and_then(|poll| serde_json::from_value::<Memory>(poll.memory).ok()).unwrap_or_default();
            let quarantined = store::article::quarantined(&mut conn, feed.id).await?;
            let shown = LAST_ARTICLES.max(quarantined.min(MOST_WAITING));
            let articles = store::article::latest(&mut conn, feed.id, shown).await?;
            let push = Push::of(store, &mut conn, feed.id).await?;
            let why = store::notice::about(&mut conn, &store::notice::feed_quarantine(feed.id)).await?;
            if format == Format::Json {
                let mut json = super::json(&feed);
                json["state"] = json!(super::state(&feed, last_error.as_deref(), polled_at.is_some()));
                json["polled_at"] = json!(polled_at);
                json["next_poll_at"] = json!(next_poll_at);
                json["last_error"] = json!(last_error);
                json["known_by"] = json!(memory.policy);
                json["noticed"] = memory.noticed.iter().map(noticed_json).collect();
                json["quarantined"] = json!(quarantined);
                json["quarantined_why"] = json!(why);
                json["hook"] = json!(push.hook.as_ref().ok());
                json["hub"] = push.json();
                json["articles"] = articles.iter().map(article_json).collect();
                return output::say_json(&json);
            }
            let zone = store.config.publisher.zone;
            let at = |instant: Option<_>| instant.map_or_else(|| "never".to_owned(), |at| output::at(at, zone));
            let mut lines = vec![
                format!("feed {}: {}", feed.id, super::title(&feed)),
                format!("address:   {}", super::shown(&feed.url)),
                format!("state:     {}", super::state(&feed, last_error.as_deref(), polled_at.is_some())),
            ];
            lines.extend(
                feed.stopped
                    .as_ref()
                    .map(|why| format!("stopped:   {why}; `depeche feed poll {}` takes it up again", feed.id)),
            );
            lines.extend(last_error.as_ref().map(|error| format!("error:     {error}")));
            lines.push(format!("last poll: {}", at(polled_at)));
            lines.push(format!(
                "next poll: {}",
                if feed.stopped.is_some() { "never".to_owned() } else { at(next_poll_at) }
            ));
            lines.extend(push.lines(zone));
            lines.push(format!("language:  {}", feed.language.as_deref().unwrap_or("as the text tells")));
            lines.push(format!("own:       {}", if feed.own { "yes" } else { "no" }));
            let credit = feed.credit.as_ref().map(|credit| format!(", credit {credit:?}")).unwrap_or_default();
            lines.push(format!(
                "shown:     {}, at most {} characters; pieces for subscribers only: {}{credit}",
                feed.excerpt, feed.max_chars, feed.paid
            ));
            lines.extend(ways(&memory, zone));
            if quarantined > 0 {
                lines.extend(in_quarantine(feed.id, quarantined, why.as_deref()));
            }
            lines.push(String::new());
            lines.push(table(store, &articles));
            output::say(&lines.join("\n"))
        })
        .await
}

fn in_quarantine(feed: i64, articles: i64, why: Option<&str>) -> [String; 2] {
    let count = output::count(articles, "article", "articles");
    [
        format!("waiting:   {count} in quarantine: {}", why.unwrap_or("too many came at once")),
        format!("           `depeche feed release {feed}` mails them, `depeche feed drop {feed}` never does"),
    ]
}

/// What the feed has shown of itself.
fn ways(memory: &Memory, zone: Tz) -> impl Iterator<Item = String> {
    let known = format!("known by:  {}", memory.policy.text());
    let noticed = memory.noticed.iter();
    once(known).chain(noticed.map(move |(when, remark)| format!("noticed:   {}: {remark}", output::at(*when, zone))))
}

fn table(store: &Store, articles: &[LatestRow]) -> String {
    if articles.is_empty() {
        return "no articles yet".to_owned();
    }
    let mut table = output::Table::new(&["article", "first seen", "state", "title"]);
    for article in articles {
        let seen = output::at(article.first_seen_at, store.config.publisher.zone);
        table.row(vec![article.id.to_string(), seen, state(article).to_owned(), article.title.clone()]);
    }
    table.text()
}

fn state(article: &LatestRow) -> &'static str {
    match article.state {
        code if code == ArticleState::Live.code() => "live",
        code if code == ArticleState::Adopted.code() => "not mailed",
        code if code == ArticleState::Quarantined.code() => "quarantined",
        _ => "withdrawn",
    }
}

fn noticed_json((when, remark): &(DateTime<Utc>, Remark)) -> serde_json::Value {
    json!({ "at": when, "text": remark.to_string() })
}

fn article_json(article: &LatestRow) -> serde_json::Value {
    json!({
        "id": article.id, "rev": article.rev, "title": article.title, "url": article.url, "state": state(article),
        "first_seen_at": article.first_seen_at,
    })
}
