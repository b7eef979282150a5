//! The ingest stage: polls due feeds, the sites side by side and each site's feeds one after the other.
//! It matches nothing; a stored revision waits in `todo`.

mod brought;
pub mod manners;
mod prepare;
mod push;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::{FutureExt as _, StreamExt as _, stream::FuturesUnordered};
use tokio::time::{Instant, sleep};

use super::{Context, Outcome, StageError};
use crate::{
    feed::{
        FeedError, FeedUrl, ParsedFeed,
        parse::parse,
        polling::{self, Answer, PollConfig, PollState},
        push::prefer,
        refusal,
        verdict::Memory,
    },
    fetch::{Fetched, Fetcher, Outcome as FetchOutcome, Request, Wanted},
    store::{
        self,
        feed::{FeedRow, PollRow, Polled},
        websub::WebSubRow,
    },
};
use brought::Brought;
use prepare::Pages;

/// Feeds claimed at a time.
const MAX_CLAIMED: i64 = 256;
/// Feeds of one site (registrable domain) claimed at a time, so that a service with thousands leaves room for others.
const MAX_OF_SITE: usize = 8;
/// Sites asked at the same time: most of the time is waiting for others.
const CONCURRENT: usize = 64;
/// Hubs asked at the same time, beside the sites: one that is slow takes the place of no feed.
const MAX_ERRANDS: usize = 16;
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
    /// Whether hubs are asked to push: they must reach our pages.
    pub websub: bool,
}

/// A feed that is due.
struct Due {
    row: PollRow,
    feed: FeedRow,
    /// Its hub, where hubs are asked.
    hub: Option<WebSubRow>,
}

/// Due feeds of one site.
type Site = Vec<Due>;

/// What came of the polls of one site.
#[derive(Default)]
struct Visit {
    new: usize,
    /// All that may be claimed at a time were: there may be more.
    full: bool,
    /// It was at a hub.
    errand: bool,
    failed: Option<StageError>,
}

/// Polls what is due, and asks the hubs whose turn it is. While a slow site is waited for, the feeds that become due meanwhile
/// are polled.
pub async fn run_once(ctx: &Arc<Context>, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let mut waiting: VecDeque<Site> = VecDeque::new();
    let mut under_way = FuturesUnordered::new();
    let (mut did, mut failed, mut look, mut at_hubs) = (0, None, true, 0);
    loop {
        if look && waiting.is_empty() && under_way.len() - at_hubs < CONCURRENT && !ctx.stopping() {
            match claim(ctx, now).await {
                Ok(sites) => waiting.extend(sites),
                // What is under way is not given up for it.
                Err(error) => failed = Some(error),
            }
            look = !waiting.is_empty();
            match errands(ctx, now, MAX_ERRANDS - at_hubs).await {
                Ok(errands) => {
                    at_hubs += errands.len();
                    under_way.extend(errands.into_iter().map(|errand| push::run(ctx, errand, now).boxed()));
                }
                Err(error) => failed = Some(error),
            }
        }
        while under_way.len() - at_hubs < CONCURRENT
            && let Some(site) = waiting.pop_front()
        {
            under_way.push(visit(ctx, site, now).boxed());
        }
        if under_way.is_empty() {
            return failed.map_or(Ok(Outcome { did, more: false }), Err);
        }
        tokio::select! {
            Some(visit) = under_way.next() => {
                did += visit.new;
                look |= visit.full;
                at_hubs -= usize::from(visit.errand);
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

/// The hubs whose turn it is, if we ask hubs.
async fn errands(ctx: &Context, now: DateTime<Utc>, most: usize) -> Result<Vec<push::Errand>, StageError> {
    if ctx.settings().ingest.websub { push::due(ctx, time(ctx, now), most).await } else { Ok(Vec::new()) }
}

/// Claims due feeds, by site, the longest due site first.
async fn claim(ctx: &Context, now: DateTime<Utc>) -> Result<Vec<Site>, StageError> {
    let mut conn = ctx.pool.acquire().await?;
    let of_site = i64::try_from(MAX_OF_SITE).unwrap_or(i64::MAX);
    let due = store::feed::claim_due(&mut conn, time(ctx, now), ctx.node(), MAX_CLAIMED, of_site).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = due.iter().map(|row| row.feed_id).collect();
    let mut feeds: BTreeMap<i64, FeedRow> =
        store::feed::by_ids(&mut conn, &ids).await?.into_iter().map(|feed| (feed.id, feed)).collect();
    let hubs = if ctx.settings().ingest.websub { store::websub::of_feeds(&mut conn, &ids).await? } else { Vec::new() };
    let mut hubs: BTreeMap<i64, WebSubRow> = hubs.into_iter().map(|hub| (hub.feed_id, hub)).collect();
    let mut sites: Vec<(String, Site)> = Vec::new();
    for row in due {
        let Some(feed) = feeds.remove(&row.feed_id) else { continue };
        let due = Due { hub: hubs.remove(&feed.id), row, feed };
        match sites.iter_mut().find(|(domain, _)| *domain == due.feed.domain) {
            Some((_, site)) => site.push(due),
            None => sites.push((due.feed.domain.clone(), vec![due])),
        }
    }
    // Where a site lets few through, those that were not read for longest come first.
    for (_, site) in &mut sites {
        site.sort_by_cached_key(|due| due.row.state["last_success_at"].as_str().map(str::to_owned));
    }
    Ok(sites.into_iter().map(|(_, site)| site).collect())
}

/// Polls the feeds of one site one after the other, until it limits us or takes too long; the others are given back.
async fn visit(ctx: &Arc<Context>, site: Site, now: DateTime<Utc>) -> Visit {
    let until = Instant::now() + SITE_TIME;
    let mut visit = Visit { full: site.len() >= MAX_OF_SITE, ..Visit::default() };
    let (mut limited, mut back) = (false, Vec::new());
    for due in site {
        if limited || ctx.stopping() || Instant::now() > until {
            back.push(due.feed.id);
            continue;
        }
        match poll(ctx, due, time(ctx, now)).await {
            Ok(poll) => {
                visit.new += poll.new;
                limited = poll.limited;
            }
            Err(error) => visit.failed = Some(error),
        }
    }
    if !back.is_empty()
        && let Err(error) = give_back(ctx, &back).await
    {
        visit.failed = Some(error);
    }
    visit
}

async fn give_back(ctx: &Context, feeds: &[i64]) -> Result<(), StageError> {
    Ok(store::feed::give_back(&mut *ctx.pool.acquire().await?, feeds).await?)
}

/// What came of one poll.
struct PollEnd {
    /// New articles and revisions.
    new: usize,
    /// The server said "too often", which holds for its whole site.
    limited: bool,
}

/// Polls one feed.
async fn poll(ctx: &Arc<Context>, due: Due, now: DateTime<Utc>) -> Result<PollEnd, StageError> {
    let Due { row, mut feed, hub } = due;
    let settings = ctx.settings();
    let fetcher = &settings.ingest.fetcher;
    let state: PollState = serde_json::from_value(row.state).unwrap_or_default();
    let mut memory: Memory = serde_json::from_value(row.memory).unwrap_or_default();
    let Ok(url) = FeedUrl::parse(&feed.url) else {
        return Err(StageError::Stored(format!("feed {}: its stored address is not one", feed.id)));
    };
    let readers = ctx.manners.readers(&mut *ctx.pool.acquire().await?, now).await?;
    let request =
        Request { url: url.url(), wanted: Wanted::Feed, validators: &state.validators, subscribers: Some(readers) };
    let answered = fetcher.fetch(request).await;
    let reading = read(&answered);
    let page_limit = AtomicBool::new(false);
    let pages = Pages::new(fetcher, &ctx.manners, &page_limit);
    let brought = match &reading {
        Reading::Feed(parsed) => Some(Brought::judge(&ctx.pool, pages, &mut feed, parsed, &memory, now).await?),
        _ => None,
    };
    let mut conn = ctx.pool.acquire().await?;
    store::ensure_month(&mut conn, now).await?;
    let mut tx = store::begin(&mut conn).await?;
    let (mut new, mut news, mut validators) = (0, 0, state.validators.clone());
    if let Some(brought) = brought {
        new = brought.store(&mut tx, &feed, now).await?;
        news = brought.news();
        memory = brought.memory;
    }
    if let FetchOutcome::Body(body) = &answered.outcome {
        validators = body.validators.clone();
    }
    let answer = match &reading {
        Reading::Feed(parsed) => Answer::Read { new_entries: new, hints: &parsed.hints, validators },
        Reading::NotModified => {
            memory.not_modified(now);
            Answer::NotModified
        }
        Reading::Status(status) => Answer::Status(*status),
        Reading::Failed(why) => Answer::Failed(why.clone()),
    };
    let moved = answered.moved_to.as_ref();
    let config = &settings.ingest.poll;
    let mut polled = polling::after(&state, (feed.id, &url), &answer, &answered.headers, moved, now, config);
    if settings.ingest.websub {
        push::settle(&mut tx, (&feed, &url), hub.as_ref(), (&state, &polled.state, news), now).await?;
        if let Some(subscription) = hub.as_ref().and_then(WebSubRow::subscription) {
            subscription.pace(&mut polled.state, now, config, polled.not_before);
        }
    }
    write_poll(&mut tx, &feed, &polled, &memory, now).await?;
    tx.commit().await?;
    if new > 0 {
        tracing::info!(feed = feed.id, new, "polled");
        ctx.wake.match_articles.notify_one();
    }
    Ok(PollEnd { new, limited: polled.domain_wait_until.is_some() })
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
            Some(by) => Reading::Failed(format!("{} (status {status})", FeedError::Challenge { by })),
            None => Reading::Status(*status),
        },
        FetchOutcome::Failed(error) => Reading::Failed(error.to_string()),
        FetchOutcome::Body(body) => match parse(&body.bytes, body.content_type.as_deref(), &fetched.url) {
            Ok(mut parsed) => {
                prefer(&fetched.links, &fetched.url, &mut parsed.hints);
                Reading::Feed(Box::new(parsed))
            }
            Err(error) => Reading::Failed(error.to_string()),
        },
    }
}

async fn write_poll(
    tx: &mut store::Conn,
    feed: &FeedRow,
    polled: &polling::Polled,
    memory: &Memory,
    now: DateTime<Utc>,
) -> Result<(), StageError> {
    let row = Polled {
        feed_id: feed.id,
        next_poll_at: polled.state.next_poll_at.unwrap_or(now + polling::MAX_WAIT),
        state: serde_json::to_value(&polled.state).expect("plain data serialises"),
        memory: serde_json::to_value(memory).expect("plain data serialises"),
        last_error: polled.state.last_error.as_deref(),
        not_before: polled.not_before,
    };
    // A push locks the subscription before the poll state; so does this.
    if let Some(stop) = &polled.stopped {
        store::feed::stop(tx, now, feed.id, &stop.to_string()).await?;
        let text = format!("{}: {stop}", feed.url);
        store::notice::open(tx, now, &store::notice::feed_stopped(feed.id), &text).await?;
    }
    store::feed::polled(tx, now, &row).await?;
    if let Some(to) = &polled.adopt
        && store::feed::moved(tx, feed.id, to.as_str(), &to.domain()).await?
    {
        tracing::info!(feed = feed.id, to = to.as_str(), "the feed has moved; its new address is used from now on");
    }
    if let Some(until) = polled.domain_wait_until {
        store::feed::domain_waits(tx, &feed.domain, until).await?;
    }
    Ok(())
}
