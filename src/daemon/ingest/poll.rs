//! Polls one feed: asks for it, has what it brought judged, and writes what comes of the poll.
//! Which feeds are polled when, the file above decides with `feed::polling`.

use chrono::{DateTime, Datelike, Utc};

use super::{
    super::{Context, StageError},
    Round,
    brought::Brought,
    claim::Due,
    ledger::News,
    lookup::Stored,
    prepare::Pages,
    push::{self, Settling},
    reading::{Reading, read},
    time,
};
use crate::{
    feed::{
        FeedUrl, ParsedFeed,
        polling::{self, Answer, AnswerHeaders, Limit, PollState},
        verdict::{self, Memory, Policy},
    },
    fetch::{Request, Wanted},
    store::{
        self, Conn,
        feed::{FeedRow, Moved, Polled},
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

/// Polls one feed. What Postgres refuses of it is its own fault, and delays no other.
pub(super) async fn poll(ctx: &Context, round: &Round, due: Due, alone: bool) -> Result<PollEnd, StageError> {
    let Due { row, feed, hub } = due;
    let id = feed.id;
    let Ok(url) = FeedUrl::parse(&feed.url) else {
        return Err(StageError::Stored(format!("feed {id}: its stored address is not one")));
    };
    match ask(ctx, round, (feed, &url, hub), row.poll_state(), alone).await {
        Err(StageError::Store(error)) if !store::is_passing(&error) => {
            let why = format!("what it brought cannot be stored, please report that to the makers of depeche: {error}");
            tracing::error!(feed = id, why, "feed");
            let (state, answer, now) = (row.poll_state(), Answer::Failed(why), time(ctx, round.now));
            let (headers, config) = (AnswerHeaders::default(), &ctx.settings().ingest.poll);
            let mut polled = polling::after(&state, (id, &url), &answer, &headers, None, now, config);
            round.ledger.enter(row_of(id, state, &mut polled, None, now)).await;
            Ok(PollEnd::default())
        }
        end => end,
    }
}

async fn ask(
    ctx: &Context,
    round: &Round,
    (mut feed, url, hub): (FeedRow, &FeedUrl, Option<WebSubRow>),
    state: PollState,
    alone: bool,
) -> Result<PollEnd, StageError> {
    let now = time(ctx, round.now);
    let settings = ctx.settings();
    let fetcher = &settings.ingest.fetcher;
    let validators = &state.validators;
    let request = Request { url: url.url(), wanted: Wanted::Feed, validators, subscribers: Some(round.readers) };
    let mut answered = if alone { fetcher.fetch_alone(request).await } else { fetcher.fetch(request).await };
    let (moved_to, headers) = (answered.moved_to.take(), std::mem::take(&mut answered.headers));
    let reading = read(answered, now).await;
    let mut brought = None;
    if let Reading::Feed(parsed, _) = &reading {
        let stored = stored(round, feed.id, &state, parsed).await?;
        let pages = Pages::new(fetcher, &ctx.manners);
        // Apart from the poll, which most of the time needs no room for it.
        let judge = Box::pin(Brought::judge(&round.connections, stored, pages, &mut feed, parsed, now));
        brought = Some(judge.await?);
    }
    let (new, news) = brought.as_ref().map_or((0, 0), |brought| (brought.count(), brought.news()));
    let answer = match &reading {
        Reading::Crowded => return Ok(PollEnd { crowded: true, ..PollEnd::default() }),
        Reading::Feed(parsed, validators) => {
            Answer::Read { new_entries: new, hints: &parsed.hints, validators: validators.clone() }
        }
        Reading::NotModified => Answer::NotModified,
        Reading::Status(status, _) => Answer::Status(*status),
        Reading::Challenged(status, _, why) => Answer::Challenged(*status, why.clone()),
        Reading::Failed(why) => Answer::Failed(why.clone()),
    };
    let config = &settings.ingest.poll;
    let mut polled = polling::after(&state, (feed.id, url), &answer, &headers, moved_to.as_ref(), now, config);
    let mut settling = None;
    if settings.ingest.websub {
        settling = push::settling(url, hub.as_ref(), (&state, &polled.state, news));
        if let Some(subscription) = hub.as_ref().and_then(WebSubRow::subscription) {
            subscription.pace(&mut polled.state, now, config, polled.not_before);
        }
    }
    let id = feed.id;
    let row = row_of(id, state, &mut polled, brought.as_mut(), now);
    let brought = brought.filter(Brought::changes);
    let mut limited = false;
    let new = if settling.is_some() || reaches_further(&polled) {
        let by = answered_by(&reading).filter(|_| polled.limit.is_some());
        let written = Box::pin(write_alone(round, &feed, (row, brought), (&polled, settling, by))).await?;
        limited = written.limited;
        written.new
    } else if let Some(brought) = brought {
        round.ledger.bring(News { feed, polled: row, brought }).await?
    } else {
        round.ledger.enter(row).await;
        0
    };
    if new > 0 {
        tracing::info!(feed = id, new, "polled");
        ctx.wake.match_articles.notify_one();
    }
    Ok(PollEnd { new, limited, crowded: false })
}

/// What the feed has shown of itself up to its last good answer (a 304 leaves the stored memory as it is), and its articles
/// that may be what it shows now.
async fn stored(round: &Round, feed: i64, state: &PollState, parsed: &ParsedFeed) -> Result<Stored, StageError> {
    // Nearly all feeds can be known by their identifiers; where that is not so, the memory says so, and it is asked again.
    let keys = verdict::keys_of(&parsed.entries, &Memory::default());
    let mut stored = round.lookup.ask(feed, keys).await?;
    if stored.memory.policy != Policy::default() || !stored.memory.shared_keys.is_empty() {
        let keys = verdict::keys_of(&parsed.entries, &stored.memory);
        stored = round.lookup.ask(feed, keys).await?;
    }
    if let Some(at) = state.last_success_at {
        stored.memory.not_modified(at);
    }
    Ok(stored)
}

/// What a poll leaves, for the store.
fn row_of(
    feed_id: i64,
    before: PollState,
    polled: &mut polling::Polled,
    brought: Option<&mut Brought>,
    now: DateTime<Utc>,
) -> Polled {
    let after = std::mem::take(&mut polled.state);
    let (next_poll_at, last_success_at) = (after.next_poll_at, after.last_success_at);
    let unchanged = PollState { next_poll_at, last_success_at, ..before } == after;
    Polled {
        feed_id,
        at: now,
        next_poll_at: next_poll_at.unwrap_or(now + polling::MAX_WAIT),
        succeeded_at: last_success_at,
        memory: brought.map(Brought::take_memory),
        last_error: after.last_error.clone(),
        not_before: polled.not_before,
        state: (!unchanged).then_some(after),
    }
}

/// Whether a poll touches more than its feed's own rows.
fn reaches_further(polled: &polling::Polled) -> bool {
    polled.adopt.is_some() || polled.stays || polled.stopped.is_some() || polled.limit.is_some()
}

/// The registrable domain whose answer was a status.
fn answered_by(reading: &Reading) -> Option<String> {
    let (Reading::Status(_, at) | Reading::Challenged(_, at, _)) = reading else { return None };
    Some(FeedUrl::parse(at.as_str()).ok()?.domain())
}

/// What came of a poll that was written alone.
struct Written {
    new: usize,
    /// The other feeds of the site wait, too.
    limited: bool,
}

/// Writes a poll that touches more than its feed's own rows. Where another node has taken the feed over, nothing of this one counts.
async fn write_alone(
    round: &Round,
    feed: &FeedRow,
    (row, brought): (Polled, Option<Brought>),
    (polled, settling, by): (&polling::Polled, Option<Settling>, Option<String>),
) -> Result<Written, StageError> {
    // The site's other feeds may be handed in, and their rows are about to be written here.
    round.ledger.written().await;
    let now = row.at;
    let (mut tx, _place) = round.connections.begin().await?;
    // A push locks the subscription before the poll state; so does this.
    if let Some(settling) = settling {
        settling.write(&mut tx, feed.id, now).await?;
    }
    if let Some(stop) = &polled.stopped {
        store::feed::stop(&mut tx, now, feed.id, &stop.to_string()).await?;
        let text = format!("{}: {stop}", feed.url);
        store::notice::open(&mut tx, now, &store::notice::feed_stopped(feed.id), &text).await?;
    }
    if store::feed::polled(&mut tx, round.node, &[&row]).await?.is_empty() {
        // The transaction ends with what it wrote undone.
        return Ok(Written { new: 0, limited: polled.limit.is_some() });
    }
    let mut new = 0;
    if let Some(brought) = brought {
        if now.month() != round.now.month() {
            store::ensure_month(&mut tx, now).await?;
        }
        let articles: Vec<_> = brought.articles(feed.id, now).collect();
        new = store::article::add(&mut tx, &articles).await?.len() + brought.store_rest(&mut tx, feed, now).await?;
    }
    if let Some(to) = &polled.adopt {
        adopt(&mut tx, feed, to, now).await?;
    }
    if polled.stays {
        store::notice::clear(&mut tx, now, &store::notice::feed_doubled(feed.id)).await?;
    }
    let mut limited = false;
    if let Some(limit) = polled.limit {
        limited = hold(&mut tx, feed, limit, by.as_deref().unwrap_or(&feed.domain)).await?;
    }
    tx.commit().await?;
    Ok(Written { new, limited })
}

/// Follows a feed to its new address; where another feed is there already, an operator has to choose.
async fn adopt(tx: &mut Conn, feed: &FeedRow, to: &FeedUrl, now: DateTime<Utc>) -> Result<(), StageError> {
    let about = store::notice::feed_doubled(feed.id);
    match store::feed::moved(tx, feed.id, to).await? {
        Moved::Adopted => {
            store::notice::clear(tx, now, &about).await?;
            tracing::info!(feed = feed.id, %to, "the feed has moved; its new address is used from now on");
        }
        Moved::Taken(other) => {
            let id = feed.id;
            let text = format!(
                "feed {id} has moved to {to} and is the same feed as {other} now: both are polled until you remove one, for \
                 example by `depeche feed remove {id}`"
            );
            if store::notice::open(tx, now, &about, &text).await? {
                tracing::warn!(feed = id, same_as = other, %to, "the feed has moved to where another is already");
            }
        }
    }
    Ok(())
}

/// Has the domain wait that answered with a limit, and the feed's own where a redirect led there; whether the feed's own waits.
async fn hold(tx: &mut Conn, feed: &FeedRow, limit: Limit, by: &str) -> Result<bool, StageError> {
    let doubt = (feed.id, limit.since);
    let waits = store::feed::domain_waits(tx, by, limit.until, limit.guessed.then_some(doubt)).await?;
    if by == feed.domain {
        return Ok(waits);
    }
    // A site of which all feeds lead to the one that limits us is to wait with it, but not one that leads to many.
    Ok(store::feed::domain_waits(tx, &feed.domain, limit.until, Some(doubt)).await?)
}
