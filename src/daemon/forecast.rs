//! Holds a filter against the articles of the last days: what it would have matched, and whether that is more than an operator allows.
//! It counts nothing itself, which is `topic::forecast`'s, and says nothing to people.

use chrono::{DateTime, TimeDelta, Utc};

use super::StageError;
use crate::{
    store::{
        self, Conn,
        forecast::{Candidate, ShownRow},
    },
    topic::{
        Analysed, Query, TermFrequencies,
        breadth::Breadth,
        forecast::{Change, Comparing, EXACT_CANDIDATES, Forecast, Forecasting},
    },
};

/// Days of stored articles that are looked at.
pub const DAYS: i64 = 30;
/// Stored articles by which rare words are told from frequent ones, to choose which index entries to read.
const MEASURED: i64 = 500;
/// Stored articles that a filter's breadth is measured on: a share of a fiftieth is known to a fifth.
const SAMPLED: i64 = 1_000;

/// The counts and samples of one filter.
#[derive(Debug)]
pub struct Told {
    /// Articles there were.
    pub stored: i64,
    /// How many matched.
    pub forecast: Forecast,
    /// Some that did.
    pub samples: Vec<ShownRow>,
}

/// What a filter would have matched.
pub async fn forecast(conn: &mut Conn, now: DateTime<Utc>, query: &Query) -> Result<Told, StageError> {
    let since = now - TimeDelta::days(DAYS);
    let keys = query.candidate_keys(&frequencies(conn, MEASURED).await?);
    let rows = store::forecast::candidates(conn, since, &keys, EXACT_CANDIDATES).await?;
    let mut forecasting = Forecasting::new(query, all_candidates(&rows));
    for (article, analysed) in read(&rows) {
        forecasting.look_at(article, &analysed);
    }
    let forecast = forecasting.finish();
    let samples = store::forecast::shown(conn, &forecast.samples).await?;
    Ok(Told { stored: store::forecast::stored(conn, since).await?, forecast, samples })
}

/// What another filter would have changed.
pub async fn compare(conn: &mut Conn, now: DateTime<Utc>, before: &Query, after: &Query) -> Result<Change, StageError> {
    let frequencies = frequencies(conn, MEASURED).await?;
    let mut keys = before.candidate_keys(&frequencies);
    keys.extend(after.candidate_keys(&frequencies));
    let rows = store::forecast::candidates(conn, now - TimeDelta::days(DAYS), &keys, EXACT_CANDIDATES).await?;
    let mut comparing = Comparing::new(before, after, all_candidates(&rows));
    for (article, analysed) in read(&rows) {
        comparing.look_at(article, &analysed);
    }
    Ok(comparing.finish())
}

/// What filters are held against before they are saved; none where there is no limit, or too little came to say anything.
pub async fn breadth(conn: &mut Conn, now: DateTime<Utc>, limit: u64) -> Result<Option<Breadth>, StageError> {
    if limit == 0 {
        return Ok(None);
    }
    let since = now - TimeDelta::days(DAYS);
    let (arrived, first) = store::forecast::arrived(conn, since).await?;
    let days = first.map_or(0, |first| (now - first).num_days());
    let drawn = store::forecast::drawn_analysed(conn, since, SAMPLED).await?;
    let sample = drawn.iter().filter_map(|bytes| Analysed::from_bytes(bytes).ok()).collect();
    Ok(Breadth::new(sample, arrived.unsigned_abs(), days.unsigned_abs(), limit))
}

/// How often words occur in the last stored articles, so many of them.
pub(super) async fn frequencies(conn: &mut Conn, articles: i64) -> Result<TermFrequencies, StageError> {
    let mut frequencies = TermFrequencies::default();
    for bytes in store::forecast::last_analysed(conn, articles).await? {
        // One of an older analyser says nothing of how rare words are now.
        if let Ok(analysed) = Analysed::from_bytes(&bytes) {
            frequencies.observe(&analysed);
        }
    }
    Ok(frequencies)
}

/// How many candidates there are, those that were not drawn included.
fn all_candidates(rows: &[Candidate]) -> u64 {
    rows.first().map_or(0, |row| row.candidates.unsigned_abs())
}

/// The candidates that this analyser reads.
fn read(rows: &[Candidate]) -> impl Iterator<Item = (i64, Analysed)> + '_ {
    rows.iter().filter_map(|row| Some((row.article_id, Analysed::from_bytes(&row.analysed).ok()?)))
}
