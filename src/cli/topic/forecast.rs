//! `depeche topic test`: what a filter means, and what it would have matched among the stored articles.
//! The counting is `topic::forecast`'s.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::super::{Failure, Invocation, Store, output};
use crate::{
    config::Config,
    store::{
        self, Conn,
        forecast::{Candidate, ShownRow},
    },
    topic::{
        Analysed, Query, TermFrequencies,
        forecast::{EXACT_CANDIDATES, Forecast, Forecasting},
    },
};

/// Days of stored articles that a forecast looks at.
pub(super) const DAYS: i64 = 30;
/// Stored articles by which rare words are told from frequent ones, to choose which index entries to read.
const MEASURED: i64 = 500;

/// The counts and samples of one filter.
struct Told {
    stored: i64,
    forecast: Forecast,
    samples: Vec<ShownRow>,
}

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
    let told = invocation.with_store(async |store| forecast(invocation, store, query).await).await?;
    Ok(Some((told.text(), told.json())))
}

/// A test of a filter is no reason to make a cluster.
fn has_private_cluster(config: &Config) -> bool {
    ["postgres", "postgres.elsewhere"].iter().any(|name| config.data_dir.join(name).exists())
}

async fn forecast(invocation: &Invocation, store: &Store, query: &Query) -> Result<Told, Failure> {
    let mut conn = store.pool.acquire().await?;
    let since = invocation.now - TimeDelta::days(DAYS);
    let keys = query.candidate_keys(&frequencies(&mut conn).await?);
    let rows = store::forecast::candidates(&mut conn, since, &keys, EXACT_CANDIDATES).await?;
    let mut forecasting = Forecasting::new(query, all_candidates(&rows));
    for (article, analysed) in read(&rows) {
        forecasting.look_at(article, &analysed);
    }
    let forecast = forecasting.finish();
    let samples = store::forecast::shown(&mut conn, &forecast.samples).await?;
    Ok(Told { stored: store::forecast::stored(&mut conn, since).await?, forecast, samples })
}

/// How often words occur in the last stored articles.
pub(super) async fn frequencies(conn: &mut Conn) -> Result<TermFrequencies, Failure> {
    let mut frequencies = TermFrequencies::default();
    for bytes in store::forecast::last_analysed(conn, MEASURED).await? {
        // One of an older analyser says nothing of how rare words are now.
        if let Ok(analysed) = Analysed::from_bytes(&bytes) {
            frequencies.observe(&analysed);
        }
    }
    Ok(frequencies)
}

/// How many candidates there are, those that were not drawn included.
pub(super) fn all_candidates(rows: &[Candidate]) -> u64 {
    rows.first().map_or(0, |row| row.candidates.unsigned_abs())
}

/// The candidates that this analyser reads.
pub(super) fn read(rows: &[Candidate]) -> impl Iterator<Item = (i64, Analysed)> + '_ {
    rows.iter().filter_map(|row| Some((row.article_id, Analysed::from_bytes(&row.analysed).ok()?)))
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

impl Told {
    fn text(&self) -> String {
        let about = if self.forecast.about { "about " } else { "" };
        let hits = output::number(self.forecast.hits);
        let stored = output::count(self.stored, "stored article", "stored articles");
        let head = format!(
            "of {stored} of the last {DAYS} days, {about}{hits} would have matched: {about}{} a day",
            a_day(self.forecast.hits)
        );
        format!("{head}\n{}", lines(&self.samples))
    }

    fn json(&self) -> Value {
        let samples: Vec<Value> = self
            .samples
            .iter()
            .map(|row| json!({"title": row.title, "url": row.url, "source": row.source, "seen": row.first_seen_at}))
            .collect();
        json!({"days": DAYS, "stored": self.stored, "hits": self.forecast.hits, "about": self.forecast.about,
               "samples": samples})
    }
}
