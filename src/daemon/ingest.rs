//! The ingest stage: polls due feeds side by side and stores what is new in them.
//! It matches nothing; a stored revision waits in `todo`.

mod prepare;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use rustc_hash::FxHashSet;

use super::{Context, Outcome, StageError};
use crate::{
    feed::{
        Entry, FeedUrl, ParsedFeed,
        parse::parse,
        polling::{self, Answer, PollConfig, PollState},
        refusal,
        verdict::{self, KnownArticle, Memory, Silence, Verdict},
    },
    fetch::{Fetched, Fetcher, Outcome as FetchOutcome, Request, Wanted},
    store::{
        self,
        article::{ArticleState, NewArticle},
        feed::{FeedRow, PollRow, Polled},
    },
};

/// Feeds claimed per round.
const MAX_CLAIMED: i64 = 256;
/// Feeds polled at the same time: most of the time is waiting for others.
const CONCURRENT: usize = 64;

/// What ingest needs to know.
#[derive(Clone, Debug)]
pub struct IngestSettings {
    /// The HTTP client.
    pub fetcher: Fetcher,
    /// How often feeds are asked.
    pub poll: PollConfig,
}

/// Polls what is due.
pub async fn run_once(ctx: &Arc<Context>, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let mut conn = ctx.pool.acquire().await?;
    let due = store::feed::claim_due(&mut conn, now, ctx.node(), MAX_CLAIMED).await?;
    if due.is_empty() {
        return Ok(Outcome::IDLE);
    }
    let ids: Vec<i64> = due.iter().map(|row| row.feed_id).collect();
    let feeds = store::feed::by_ids(&mut conn, &ids).await?;
    drop(conn);
    let more = due.len() >= usize::try_from(MAX_CLAIMED).unwrap_or(usize::MAX);
    let polls = due
        .into_iter()
        .filter_map(|row| feeds.iter().find(|feed| feed.id == row.feed_id).map(|feed| (row, feed.clone())));
    let mut rounds = stream::iter(polls).map(|(row, feed)| poll(ctx, feed, row, now)).buffer_unordered(CONCURRENT);
    let mut did = 0;
    let mut failed = None;
    while let Some(polled) = rounds.next().await {
        match polled {
            Ok(new) => did += new,
            // One feed's fault delays no other; the round as a whole is reported once all are through.
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(Outcome { did, more }), Err)
}

/// Polls one feed; gives the number of new articles and revisions.
async fn poll(ctx: &Arc<Context>, feed: FeedRow, row: PollRow, now: DateTime<Utc>) -> Result<usize, StageError> {
    let settings = ctx.settings();
    let state: PollState = serde_json::from_value(row.state.clone()).unwrap_or_default();
    let memory: Memory = serde_json::from_value(row.memory.clone()).unwrap_or_default();
    let Ok(url) = FeedUrl::parse(&feed.url) else {
        return Err(StageError::Stored(format!("feed {}: its stored address is not one", feed.id)));
    };
    let request = Request { url: url.url(), wanted: Wanted::Feed, validators: &state.validators, subscribers: None };
    let fetched = settings.ingest.fetcher.fetch(request).await;
    let reading = read(&fetched);
    let (new, memory, answer) = match &reading {
        Reading::Feed(parsed) => {
            let (new, memory) = store_entries(ctx, &settings.ingest.fetcher, &feed, parsed, &memory, now).await?;
            let validators = match &fetched.outcome {
                FetchOutcome::Body(body) => body.validators.clone(),
                _ => state.validators.clone(),
            };
            (new, memory, Answer::Read { new_entries: new, hints: &parsed.hints, validators })
        }
        Reading::NotModified => (0, memory, Answer::NotModified),
        Reading::Status(status) => (0, memory, Answer::Status(*status)),
        Reading::Failed(why) => (0, memory, Answer::Failed(why.clone())),
    };
    let polled = polling::after(
        &state,
        (feed.id, &url),
        &answer,
        &fetched.headers,
        fetched.moved_to.as_ref(),
        now,
        &settings.ingest.poll,
    );
    write_poll(ctx, &feed, &polled, &memory, now).await?;
    if new > 0 {
        tracing::info!(feed = feed.id, new, "polled");
        ctx.wake.match_articles.notify_one();
    }
    Ok(new)
}

enum Reading {
    Feed(Box<ParsedFeed>),
    NotModified,
    Status(u16),
    Failed(String),
}

fn read(fetched: &Fetched) -> Reading {
    match &fetched.outcome {
        FetchOutcome::NotModified => Reading::NotModified,
        FetchOutcome::Status { status, head } => match refusal::challenge(head) {
            Some(who) => {
                Reading::Failed(format!("{who} answers with a challenge page instead of the feed (status {status})"))
            }
            None => Reading::Status(*status),
        },
        FetchOutcome::Failed(error) => Reading::Failed(error.to_string()),
        FetchOutcome::Body(body) => match parse(&body.bytes, body.content_type.as_deref(), &fetched.url) {
            Ok(parsed) => Reading::Feed(Box::new(parsed)),
            Err(error) => Reading::Failed(error.to_string()),
        },
    }
}

async fn store_entries(
    ctx: &Arc<Context>,
    fetcher: &Fetcher,
    feed: &FeedRow,
    parsed: &ParsedFeed,
    memory: &Memory,
    now: DateTime<Utc>,
) -> Result<(usize, Memory), StageError> {
    let keys = verdict::keys_of(&parsed.entries, memory);
    let known = store::article::known(&mut *ctx.pool.acquire().await?, feed.id, &keys).await?;
    let known: Vec<KnownArticle> = known.into_iter().map(|row| KnownArticle { id: row.id, keys: row.keys() }).collect();
    let judgement = verdict::classify(&parsed.entries, &known, memory, now);
    for remark in &judgement.remarks {
        tracing::warn!(feed = feed.id, %remark, "feed");
    }
    let mailed_first = newest(&judgement.verdicts, &parsed.entries, feed);
    let (mut new, mut revised, mut adopted) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (keys, verdict)) in judgement.verdicts.iter().enumerate() {
        let entry = &parsed.entries[at];
        let state = match verdict {
            Verdict::New => ArticleState::Live,
            Verdict::Silent(_) if mailed_first.contains(&at) => ArticleState::Live,
            Verdict::Silent(_) => ArticleState::Adopted,
            Verdict::Quarantined => ArticleState::Quarantined,
            Verdict::Revision(id) | Verdict::Adopt { id, revised: true } => {
                revised.push((*id, keys, prepare::revision(fetcher, feed, parsed, entry, true, now).await));
                continue;
            }
            Verdict::Adopt { id, revised: false } => {
                adopted.push((*id, keys));
                continue;
            }
            Verdict::Known(_) | Verdict::Repeated => continue,
        };
        // The pages behind what is never mailed are not asked for.
        let page = state != ArticleState::Adopted;
        let revision = prepare::revision(fetcher, feed, parsed, entry, page, now).await;
        new.push(NewArticle { keys: keys.clone(), state, revision });
    }
    let mut conn = ctx.pool.acquire().await?;
    store::ensure_month(&mut conn, now).await?;
    let mut tx = store::begin(&mut *conn).await?;
    let mut did = store::article::add(&mut tx, now, feed.id, &new).await?;
    for (id, keys, revision) in &revised {
        store::article::adopt(&mut tx, *id, keys).await?;
        did += usize::from(store::article::revise(&mut tx, now, *id, keys, revision).await?);
    }
    for (id, keys) in &adopted {
        store::article::adopt(&mut tx, *id, keys).await?;
    }
    let title = Some(parsed.title.as_str()).filter(|title| !title.is_empty());
    store::feed::learn(&mut tx, feed.id, title, parsed.home_url.as_deref(), parsed.language.as_deref()).await?;
    if judgement.verdicts.iter().any(|(_, v)| *v == Verdict::Quarantined) {
        let text = judgement.remarks.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        store::notice::open(&mut tx, now, &format!("feed {} quarantine", feed.id), &text).await?;
    }
    tx.commit().await?;
    Ok((did, judgement.memory))
}

/// The newest entries of a first reading that `feed add --mail-newest N` asked for.
fn newest(verdicts: &[(crate::feed::identity::Keys, Verdict)], entries: &[Entry], feed: &FeedRow) -> FxHashSet<usize> {
    let mut first: Vec<usize> =
        (0..verdicts.len()).filter(|at| verdicts[*at].1 == Verdict::Silent(Silence::FirstReading)).collect();
    // Without dates a feed's own order counts: newest first (stable sort).
    first.sort_by_key(|at| std::cmp::Reverse(entries[*at].published.or(entries[*at].updated)));
    first.into_iter().take(usize::try_from(feed.mail_newest).unwrap_or(0)).collect()
}

async fn write_poll(
    ctx: &Context,
    feed: &FeedRow,
    polled: &polling::Polled,
    memory: &Memory,
    now: DateTime<Utc>,
) -> Result<(), StageError> {
    let mut conn = ctx.pool.acquire().await?;
    let mut tx = store::begin(&mut *conn).await?;
    let row = Polled {
        feed_id: feed.id,
        next_poll_at: polled.state.next_poll_at.unwrap_or(now + polling::MAX_WAIT),
        state: serde_json::to_value(&polled.state).expect("plain data serialises"),
        memory: serde_json::to_value(memory).expect("plain data serialises"),
        last_error: polled.state.last_error.as_deref(),
    };
    store::feed::polled(&mut tx, now, &row).await?;
    if let Some(to) = &polled.adopt
        && store::feed::moved(&mut tx, feed.id, to.as_str()).await?
    {
        tracing::info!(feed = feed.id, to = to.as_str(), "the feed has moved; its new address is used from now on");
    }
    if let Some(stop) = &polled.stopped {
        store::feed::stop(&mut tx, feed.id, &stop.to_string()).await?;
        store::notice::open(&mut tx, now, &format!("feed {} stopped", feed.id), &format!("{}: {stop}", feed.url))
            .await?;
    }
    if let Some(until) = polled.domain_wait_until
        && let Some(domain) = store::feed::domain(&mut tx, feed.id).await?
    {
        store::feed::domain_waits(&mut tx, &domain, until).await?;
    }
    tx.commit().await?;
    Ok(())
}
