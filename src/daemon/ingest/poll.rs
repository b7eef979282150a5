//! Polls one feed: asks for it, has what it brought judged, and writes what comes of the poll.
//! Which feeds are polled when, the file above decides with `feed::polling`.

use std::sync::atomic::AtomicBool;

use chrono::{DateTime, Datelike, Utc};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    super::{Context, StageError},
    Round,
    brought::{Brought, Known},
    claim::Due,
    prepare::Pages,
    push::{self, Settling},
    reading::{Reading, read},
    time,
};
use crate::{
    feed::{
        FeedUrl, ParsedFeed,
        polling::{self, Answer, PollState},
        verdict::{self, Memory},
    },
    fetch::{Fetched, Request, Wanted},
    store::{
        self,
        feed::{FeedRow, Polled},
        websub::WebSubRow,
    },
};

/// What came of one poll.
#[derive(Default)]
pub(super) struct PollEnd {
    /// New articles and revisions.
    pub(super) new: usize,
    /// The server said "too often", which holds for its whole site.
    pub(super) limited: bool,
    /// It was not asked, as its address has enough to do with us.
    pub(super) crowded: bool,
}

/// Polls one feed.
pub(super) async fn poll(ctx: &Context, round: &Round, due: Due, alone: bool) -> Result<PollEnd, StageError> {
    let Due { row, mut feed, hub } = due;
    let now = time(ctx, round.now);
    let settings = ctx.settings();
    let fetcher = &settings.ingest.fetcher;
    let state: PollState = serde_json::from_value(row.state).unwrap_or_default();
    let Ok(url) = FeedUrl::parse(&feed.url) else {
        return Err(StageError::Stored(format!("feed {}: its stored address is not one", feed.id)));
    };
    let validators = &state.validators;
    let request = Request { url: url.url(), wanted: Wanted::Feed, validators, subscribers: Some(round.readers) };
    let answered = if alone { fetcher.fetch_alone(request).await } else { fetcher.fetch(request).await };
    let Fetched { url: at, moved_to, headers, links, outcome } = answered;
    let reading = read(outcome, at, links).await;
    let (mut tx, mut brought, mut new, mut news) = (None, None, 0, 0);
    if let Reading::Feed(parsed, _) = &reading {
        let known = known(round, feed.id, &state, parsed).await?;
        let page_limit = AtomicBool::new(false);
        let pages = Pages::new(fetcher, &ctx.manners, &page_limit);
        let judged = Brought::judge(&round.connections, known, pages, &mut feed, parsed, now).await?;
        if judged.changes() {
            let mut open = round.connections.begin().await?;
            if now.month() != round.now.month() {
                store::ensure_month(&mut open.0, now).await?;
            }
            new = judged.store(&mut open.0, &feed, now).await?;
            tx = Some(open);
        }
        news = judged.news();
        brought = Some(judged.memory);
    }
    let answer = match &reading {
        Reading::Crowded => return Ok(PollEnd { crowded: true, ..PollEnd::default() }),
        Reading::Feed(parsed, validators) => {
            Answer::Read { new_entries: new, hints: &parsed.hints, validators: validators.clone() }
        }
        Reading::NotModified => Answer::NotModified,
        Reading::Status(status) => Answer::Status(*status),
        Reading::Failed(why) => Answer::Failed(why.clone()),
    };
    let config = &settings.ingest.poll;
    let mut polled = polling::after(&state, (feed.id, &url), &answer, &headers, moved_to.as_ref(), now, config);
    let mut settling = None;
    if settings.ingest.websub {
        settling = push::settling(&url, hub.as_ref(), (&state, &polled.state, news));
        if let Some(subscription) = hub.as_ref().and_then(WebSubRow::subscription) {
            subscription.pace(&mut polled.state, now, config, polled.not_before);
        }
    }
    let limited = polled.domain_wait_until.is_some();
    if write_poll(round, tx, &feed, (polled, brought, settling), now).await? && new > 0 {
        tracing::info!(feed = feed.id, new, "polled");
        ctx.wake.match_articles.notify_one();
    }
    Ok(PollEnd { new, limited, crowded: false })
}

/// What the feed has shown of itself up to its last good answer (a 304 leaves the stored memory as it is), and its articles
/// that share a key with what it shows now.
async fn known(round: &Round, feed: i64, state: &PollState, parsed: &ParsedFeed) -> Result<Known, StageError> {
    let (mut conn, _place) = round.connections.acquire().await?;
    let stored = store::feed::memory(&mut conn, feed).await?;
    let mut memory: Memory = stored.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default();
    if let Some(at) = state.last_success_at {
        memory.not_modified(at);
    }
    let keys = verdict::keys_of(&parsed.entries, &memory);
    let articles = store::article::known(&mut conn, feed, &keys).await?;
    Ok(Known { memory, keys, articles })
}

/// Writes a poll; false when another node has taken the feed over, and nothing of this one counts. What touches nothing but the
/// feed's own poll state is handed in to the ledger.
async fn write_poll(
    round: &Round,
    tx: Option<(store::Transaction<'static>, OwnedSemaphorePermit)>,
    feed: &FeedRow,
    (polled, memory, settling): (polling::Polled, Option<Memory>, Option<Settling>),
    now: DateTime<Utc>,
) -> Result<bool, StageError> {
    let row = Polled {
        feed_id: feed.id,
        at: now,
        next_poll_at: polled.state.next_poll_at.unwrap_or(now + polling::MAX_WAIT),
        state: serde_json::to_value(&polled.state).expect("plain data serialises"),
        memory: memory.map(|memory| serde_json::to_value(memory).expect("plain data serialises")),
        last_error: polled.state.last_error,
        not_before: polled.not_before,
    };
    let alone =
        polled.adopt.is_none() && polled.stopped.is_none() && polled.domain_wait_until.is_none() && settling.is_none();
    let (mut tx, _place) = match tx {
        Some(tx) => tx,
        None if alone => {
            round.ledger.enter(row).await;
            return Ok(true);
        }
        None => {
            // The site's other feeds may be handed in, and their rows are about to be written here.
            round.ledger.written().await;
            round.connections.begin().await?
        }
    };
    // A push locks the subscription before the poll state; so does this.
    if let Some(settling) = settling {
        settling.write(&mut tx, feed.id, now).await?;
    }
    if let Some(stop) = &polled.stopped {
        store::feed::stop(&mut tx, now, feed.id, &stop.to_string()).await?;
        let text = format!("{}: {stop}", feed.url);
        store::notice::open(&mut tx, now, &store::notice::feed_stopped(feed.id), &text).await?;
    }
    if store::feed::polled(&mut tx, round.node, &[row]).await? == 0 {
        // The transaction ends with what it wrote undone.
        return Ok(false);
    }
    if let Some(to) = &polled.adopt
        && store::feed::moved(&mut tx, feed.id, to.as_str(), &to.domain()).await?
    {
        tracing::info!(feed = feed.id, to = to.as_str(), "the feed has moved; its new address is used from now on");
    }
    if let Some(until) = polled.domain_wait_until {
        store::feed::domain_waits(&mut tx, &feed.domain, until).await?;
    }
    tx.commit().await?;
    Ok(true)
}
