//! The ingest stage: polls due feeds, the sites side by side and each site's feeds one after the other.
//! It matches nothing; a stored revision waits in `todo`.

mod brought;
mod connections;
mod ledger;
pub mod manners;
mod prepare;

use std::{
    collections::VecDeque,
    panic::resume_unwind,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use chrono::{DateTime, Datelike, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use tokio::{
    sync::OwnedSemaphorePermit,
    task::{JoinSet, spawn_blocking},
    time::{Instant, sleep},
};
use url::Url;

use super::{Context, Outcome, StageError};
use crate::{
    feed::{
        FeedError, FeedUrl, ParsedFeed,
        parse::parse,
        polling::{self, Answer, PollConfig, PollState, Validators},
        refusal,
        verdict::{self, Memory},
    },
    fetch::{Body, FetchError, Fetched, Fetcher, Outcome as FetchOutcome, Request, Wanted},
    store::{
        self,
        article::KnownRow,
        feed::{DueRow, FeedRow, Polled},
    },
};
use brought::Brought;
use connections::Connections;
use ledger::Ledger;
use prepare::Pages;

/// Feeds claimed at a time: each claim looks at all that are due.
const MAX_CLAIMED: i64 = 2_048;
/// Feeds of one site (registrable domain) claimed at a time, so that a service with thousands leaves room for others.
const MAX_OF_SITE: usize = 8;
/// Sites under way at the same time. Most of them wait for leave to ask (`fetch` lets so many requests through for an address,
/// and so many for the node): where many wait for one address, others still find room here.
const SITES: usize = 256;
/// How long claimed feeds may wait for their turn; older claims are given back, as they may run out under way.
const CLAIM_IS_GOOD_FOR: Duration = Duration::from_mins(5);
/// Bytes from which on a document is parsed apart from the threads that everything else runs on.
const LARGE: usize = 200_000;
/// How long one site may keep its feeds claimed; the rest of them come again.
const SITE_TIME: Duration = Duration::from_mins(1);
/// How often it is looked for due feeds while slow sites are waited for.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What ingest needs to know.
#[derive(Clone, Debug)]
pub struct IngestSettings {
    /// The HTTP client.
    pub fetcher: Fetcher,
    /// How often feeds are asked.
    pub poll: PollConfig,
}

/// Due feeds of one site.
struct Site {
    feeds: Vec<(DueRow, FeedRow)>,
    claimed: Instant,
    round: Round,
}

/// What all polls of a round share.
#[derive(Clone)]
struct Round {
    ledger: Ledger,
    connections: Connections,
    /// The node as which the feeds were claimed.
    node: i64,
    /// Confirmed readers, told to publishers.
    readers: u32,
    now: DateTime<Utc>,
}

/// What came of the polls of one site.
#[derive(Default)]
struct Visit {
    new: usize,
    /// All that may be claimed at a time were: there may be more.
    full: bool,
    failed: Option<StageError>,
}

/// Polls what is due. While a slow site is waited for, the feeds that become due meanwhile are polled.
pub async fn run_once(ctx: &Arc<Context>, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let node = ctx.node();
    let mut conn = ctx.pool.acquire().await?;
    // Nothing of ours is under way here: what is still claimed is left from a round that failed.
    store::feed::free_of(&mut conn, &[node]).await?;
    store::ensure_month(&mut conn, now).await?;
    let readers = ctx.manners.readers(&mut conn, now).await?;
    drop(conn);
    let (ledger, entries) = ledger::open();
    let round = round(ctx, Round { ledger, connections: Connections::of(&ctx.pool), node, readers, now });
    let (did, written) = tokio::join!(round, ledger::write(ctx, entries, node));
    let did = did?;
    written?;
    Ok(Outcome { did, more: false })
}

async fn round(ctx: &Arc<Context>, round: Round) -> Result<usize, StageError> {
    let mut waiting: VecDeque<Site> = VecDeque::new();
    let mut under_way = JoinSet::new();
    let (mut did, mut failed, mut look) = (0, None, true);
    loop {
        if look && waiting.is_empty() && under_way.len() < SITES && !ctx.stopping() && !round.ledger.failed() {
            match claim(ctx, &round).await {
                Ok(sites) => waiting.extend(sites),
                // What is under way is not given up for it.
                Err(error) => failed = Some(error),
            }
            look = !waiting.is_empty();
        }
        while under_way.len() < SITES
            && let Some(site) = waiting.pop_front()
        {
            under_way.spawn(visit(Arc::clone(ctx), site));
        }
        if under_way.is_empty() {
            return failed.map_or(Ok(did), Err);
        }
        tokio::select! {
            Some(visit) = under_way.join_next() => {
                let visit = visit.unwrap_or_else(|error| resume_unwind(error.into_panic()));
                did += visit.new;
                look |= visit.full;
                // One feed's fault delays no other; the round as a whole is reported once all are through.
                failed = visit.failed.or(failed);
            }
            () = sleep(LOOK_AGAIN) => look = failed.is_none(),
        }
    }
}

/// The time of a poll: a round may be long.
fn time(ctx: &Context, now: DateTime<Utc>) -> DateTime<Utc> {
    ctx.clock.now().max(now)
}

/// Claims due feeds, by site, the longest due site first.
async fn claim(ctx: &Context, round: &Round) -> Result<Vec<Site>, StageError> {
    let claimed = Instant::now();
    let mut conn = ctx.pool.acquire().await?;
    let of_site = i64::try_from(MAX_OF_SITE).unwrap_or(i64::MAX);
    let due = store::feed::claim_due(&mut conn, time(ctx, round.now), round.node, MAX_CLAIMED, of_site).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = due.iter().map(|row| row.feed_id).collect();
    let mut feeds: FxHashMap<i64, FeedRow> =
        store::feed::by_ids(&mut conn, &ids).await?.into_iter().map(|feed| (feed.id, feed)).collect();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut sites: Vec<Site> = Vec::new();
    for row in due {
        let Some(feed) = feeds.remove(&row.feed_id) else { continue };
        let place = *places.entry(feed.domain.clone()).or_insert(sites.len());
        if place == sites.len() {
            sites.push(Site { feeds: Vec::new(), claimed, round: round.clone() });
        }
        sites[place].feeds.push((row, feed));
    }
    // Where a site lets few through, those that were not read for longest come first.
    for site in &mut sites {
        site.feeds.sort_by_cached_key(|(row, _)| row.state["last_success_at"].as_str().map(str::to_owned));
    }
    Ok(sites)
}

/// Polls the feeds of one site one after the other, until it limits us or takes too long; the others are given back.
async fn visit(ctx: Arc<Context>, site: Site) -> Visit {
    let round = site.round;
    let until = (Instant::now() + SITE_TIME).min(site.claimed + CLAIM_IS_GOOD_FOR);
    let mut visit = Visit { full: site.feeds.len() >= MAX_OF_SITE, ..Visit::default() };
    let (mut end, mut back) = (PollEnd::default(), Vec::new());
    let alone = all_differ(&site.feeds);
    for (row, feed) in site.feeds {
        if end.limited || end.crowded || ctx.stopping() || round.ledger.failed() || Instant::now() > until {
            back.push(feed.id);
            continue;
        }
        let id = feed.id;
        match poll(&ctx, &round, feed, row, alone).await {
            Ok(poll) => {
                visit.new += poll.new;
                if poll.crowded {
                    back.push(id);
                }
                end = poll;
            }
            Err(error) => visit.failed = Some(error),
        }
    }
    if end.crowded {
        round.ledger.set_aside(back).await;
    } else if !back.is_empty()
        && let Err(error) = give_back(&round, &back).await
    {
        visit.failed = Some(error);
    }
    if visit.full {
        // What is handed in and not yet written keeps the site busy.
        round.ledger.written().await;
    }
    visit
}

/// No two of these feeds are on one host.
fn all_differ(feeds: &[(DueRow, FeedRow)]) -> bool {
    let host = |(_, feed): &(DueRow, FeedRow)| {
        FeedUrl::parse(&feed.url).ok().and_then(|url| url.url().host_str().map(str::to_owned))
    };
    let mut seen = FxHashSet::default();
    feeds.len() < 2 || feeds.iter().all(|feed| seen.insert(host(feed)))
}

async fn give_back(round: &Round, feeds: &[i64]) -> Result<(), StageError> {
    let (mut conn, _place) = round.connections.acquire().await?;
    Ok(store::feed::give_back(&mut conn, round.node, feeds).await?)
}

/// What came of one poll.
#[derive(Default)]
struct PollEnd {
    /// New articles and revisions.
    new: usize,
    /// The server said "too often", which holds for its whole site.
    limited: bool,
    /// It was not asked, as its address has enough to do with us.
    crowded: bool,
}

/// Polls one feed.
async fn poll(
    ctx: &Arc<Context>,
    round: &Round,
    mut feed: FeedRow,
    row: DueRow,
    alone: bool,
) -> Result<PollEnd, StageError> {
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
    let Fetched { url: at, moved_to, headers, outcome } = answered;
    let reading = read(outcome, at).await;
    let (mut tx, mut brought, mut new) = (None, None, 0);
    if let Reading::Feed(parsed, _) = &reading {
        let (memory, known) = known(round, feed.id, &state, parsed).await?;
        let page_limit = AtomicBool::new(false);
        let pages = Pages::new(fetcher, &ctx.manners, &page_limit);
        let judged = Brought::judge(known, pages, &mut feed, parsed, &memory, now).await;
        if judged.changes() {
            let mut open = round.connections.begin().await?;
            if now.month() != round.now.month() {
                store::ensure_month(&mut open.0, now).await?;
            }
            new = judged.store(&mut open.0, &feed, now).await?;
            tx = Some(open);
        }
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
    let polled = polling::after(&state, (feed.id, &url), &answer, &headers, moved_to.as_ref(), now, config);
    let limited = polled.domain_wait_until.is_some();
    if write_poll(round, tx, &feed, polled, brought, now).await? && new > 0 {
        tracing::info!(feed = feed.id, new, "polled");
        ctx.wake.match_articles.notify_one();
    }
    Ok(PollEnd { new, limited, crowded: false })
}

/// What the feed has shown of itself up to its last good answer (a 304 leaves the stored memory as it is), and its articles
/// that share a key with what it shows now.
async fn known(
    round: &Round,
    feed: i64,
    state: &PollState,
    parsed: &ParsedFeed,
) -> Result<(Memory, Vec<KnownRow>), StageError> {
    let (mut conn, _place) = round.connections.acquire().await?;
    let stored = store::feed::memory(&mut conn, feed).await?;
    let mut memory: Memory = stored.and_then(|stored| serde_json::from_value(stored).ok()).unwrap_or_default();
    if let Some(at) = state.last_success_at {
        memory.not_modified(at);
    }
    let keys = verdict::keys_of(&parsed.entries, &memory);
    Ok((memory, store::article::known(&mut conn, feed, &keys).await?))
}

enum Reading {
    Feed(Box<ParsedFeed>, Validators),
    NotModified,
    Status(u16),
    Failed(String),
    Crowded,
}

async fn read(outcome: FetchOutcome, at: Url) -> Reading {
    match outcome {
        FetchOutcome::NotModified => Reading::NotModified,
        FetchOutcome::Status { status, head } => match refusal::challenge(&head) {
            Some(who) => {
                Reading::Failed(format!("{who} answers with a challenge page instead of the feed (status {status})"))
            }
            None => Reading::Status(status),
        },
        FetchOutcome::Failed(FetchError::Crowded { .. }) => Reading::Crowded,
        FetchOutcome::Failed(error) => Reading::Failed(error.to_string()),
        FetchOutcome::Body(body) => {
            let validators = body.validators.clone();
            match parsed(body, at).await {
                Ok(parsed) => Reading::Feed(Box::new(parsed), validators),
                Err(error) => Reading::Failed(error.to_string()),
            }
        }
    }
}

async fn parsed(body: Body, at: Url) -> Result<ParsedFeed, FeedError> {
    let large = body.bytes.len() > LARGE;
    let parse = move || parse(&body.bytes, body.content_type.as_deref(), &at);
    if !large {
        return parse();
    }
    spawn_blocking(parse).await.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

/// Writes a poll; false when another node has taken the feed over, and nothing of this one counts. What touches nothing but the
/// feed's own poll state is handed in to the ledger.
async fn write_poll(
    round: &Round,
    tx: Option<(store::Transaction<'static>, OwnedSemaphorePermit)>,
    feed: &FeedRow,
    polled: polling::Polled,
    memory: Option<Memory>,
    now: DateTime<Utc>,
) -> Result<bool, StageError> {
    let row = Polled {
        feed_id: feed.id,
        at: now,
        next_poll_at: polled.state.next_poll_at.unwrap_or(now + polling::MAX_WAIT),
        state: serde_json::to_value(&polled.state).expect("plain data serialises"),
        memory: memory.map(|memory| serde_json::to_value(memory).expect("plain data serialises")),
        last_error: polled.state.last_error,
    };
    let (mut tx, _place) = match tx {
        Some(tx) => tx,
        None if polled.adopt.is_none() && polled.stopped.is_none() && polled.domain_wait_until.is_none() => {
            round.ledger.enter(row).await;
            return Ok(true);
        }
        None => {
            // The site's other feeds may be handed in, and their rows are about to be written here.
            round.ledger.written().await;
            round.connections.begin().await?
        }
    };
    if store::feed::polled(&mut tx, round.node, &[row]).await? == 0 {
        return Ok(false);
    }
    if let Some(to) = &polled.adopt
        && store::feed::moved(&mut tx, feed.id, to.as_str(), &to.domain()).await?
    {
        tracing::info!(feed = feed.id, to = to.as_str(), "the feed has moved; its new address is used from now on");
    }
    if let Some(stop) = &polled.stopped {
        store::feed::stop(&mut tx, feed.id, &stop.to_string()).await?;
        let text = format!("{}: {stop}", feed.url);
        store::notice::open(&mut tx, now, &store::notice::feed_stopped(feed.id), &text).await?;
    }
    if let Some(until) = polled.domain_wait_until {
        store::feed::domain_waits(&mut tx, &feed.domain, until).await?;
    }
    tx.commit().await?;
    Ok(true)
}
