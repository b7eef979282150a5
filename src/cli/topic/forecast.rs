//! `depeche topic test`: what a filter means, and what it would have matched among the stored articles.
//! The counting is `topic::forecast`'s.

use serde_json::{Value, json};

use super::super::{Failure, Invocation, output};
use crate::{
    config::Config,
    daemon::forecast::{DAYS, Told, forecast},
    store::forecast::ShownRow,
    topic::Query,
};

/// What would have matched, as text and as JSON; none where there is no store to look at.
pub(super) async fn told(invocation: &Invocation, query: &Query) -> Result<Option<(String, Value)>, Failure> {
    let Ok(path) = invocation.config_path() else {
        output::note("no config file here: the filter was not held against stored articles");
        return Ok(None);
    };
    let config = Config::load(&path, &invocation.environment)?;
    if config.database.url.is_none() && !has_private_cluster(&config) {
        output::note("no database yet: the filter was not held against stored articles");
        return Ok(None);
    }
    let told = invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            forecast(&mut conn, invocation.now, query).await.map_err(Failure::of)
        })
        .await?;
    Ok(Some((text(&told), json(&told))))
}

/// A test of a filter is no reason to make a cluster.
fn has_private_cluster(config: &Config) -> bool {
    ["postgres", "postgres.elsewhere"].iter().any(|name| config.data_dir.join(name).exists())
}

/// Articles a day, with one decimal while that says something.
pub(super) fn a_day(hits: u64) -> String {
    let tenths = hits.saturating_mul(10).div_ceil(DAYS.unsigned_abs());
    if tenths >= 100 { output::number(tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// One line an article.
pub(super) fn lines(articles: &[ShownRow]) -> String {
    let line = |row: &ShownRow| format!("  {}  {} ({})\n", row.first_seen_at.format("%Y-%m-%d"), row.title, row.source);
    articles.iter().map(line).collect()
}

fn text(told: &Told) -> String {
    let about = if told.forecast.about { "about " } else { "" };
    let hits = output::number(told.forecast.hits);
    let stored = output::count(told.stored, "stored article", "stored articles");
    let head = format!(
        "of {stored} of the last {DAYS} days, {about}{hits} would have matched: {about}{} a day",
        a_day(told.forecast.hits)
    );
    format!("{head}\n{}", lines(&told.samples))
}

fn json(told: &Told) -> Value {
    let samples: Vec<Value> = told
        .samples
        .iter()
        .map(|row| json!({"title": row.title, "url": row.url, "source": row.source, "seen": row.first_seen_at}))
        .collect();
    json!({"days": DAYS, "stored": told.stored, "hits": told.forecast.hits, "about": told.forecast.about,
           "samples": samples})
}
