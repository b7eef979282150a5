//! The ingest stage: polls due feeds, the sites side by side and each site's feeds one after the other.
//! It matches nothing; a stored revision waits in `todo`.

mod brought;
mod claim;
mod connections;
mod ledger;
mod lookup;
pub mod manners;
mod poll;
mod prepare;
mod push;
mod reading;

use std::{collections::VecDeque, panic::resume_unwind, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Context, Outcome, StageError};
use crate::{feed::polling::PollConfig, fetch::Fetcher, store};
use claim::{Site, claim};
use connections::Connections;
use ledger::Ledger;
use lookup::Lookup;
use poll::{PollEnd, poll};

/// Sites under way at the same time. Most of them wait for leave to ask (`fetch` lets so many requests through for an address,
/// and so many for the node): where many wait for one address, others still find room here.
const SITES: usize = 256;
/// Sites that wait for their turn, below which more are claimed: a moment's work, so that nothing stands still for a claim.
const FEW_WAITING: usize = SITES;
/// Hubs asked at the same time, beside the sites: one that is slow takes the place of no feed, those at its own address aside.
const MAX_ERRANDS: usize = 16;
/// How long claimed feeds may wait for their turn; older claims are given back, as they may run out under way.
const CLAIM_IS_GOOD_FOR: Duration = Duration::from_mins(5);
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

/// What all polls of a round share.
#[derive(Clone)]
struct Round {
    lookup: Lookup,
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
    /// It was at a hub.
    errand: bool,
    failed: Option<StageError>,
}

/// Polls what is due, and asks the hubs whose turn it is. While a slow site is waited for, the feeds that become due meanwhile
/// are polled.
pub async fn run_once(ctx: &Arc<Context>, now: DateTime<Utc>) -> Result<Outcome, StageError> {
    let node = ctx.node();
    let mut conn = ctx.pool.acquire().await?;
    // Nothing of ours is under way here: what is still claimed is left from a round that failed.
    store::feed::free_of(&mut conn, &[node]).await?;
    store::ensure_month(&mut conn, now).await?;
    let readers = ctx.manners.readers(&mut conn, now).await?;
    drop(conn);
    let (ledger, entries) = ledger::open();
    let (lookup, questions) = lookup::open();
    let round = round(ctx, Round { lookup, ledger, connections: Connections::of(&ctx.pool), node, readers, now });
    let (did, written, ()) =
        tokio::join!(round, ledger::write(ctx, entries, node, now), lookup::answer(ctx, questions));
    let did = did?;
    written?;
    Ok(Outcome { did, more: false })
}

async fn round(ctx: &Arc<Context>, round: Round) -> Result<usize, StageError> {
    let mut waiting: VecDeque<Site> = VecDeque::new();
    let (mut under_way, mut claims) = (JoinSet::new(), JoinSet::new());
    let (mut did, mut failed, mut look, mut at_hubs, mut visited) = (0, None, true, 0, false);
    loop {
        let few = waiting.len() < FEW_WAITING && claims.is_empty();
        if look && few && !ctx.stopping() && !round.ledger.failed() {
            look = false;
            claims.spawn(claim(Arc::clone(ctx), round.clone(), under_way.is_empty()));
            match errands(ctx, &round, MAX_ERRANDS - at_hubs).await {
                Ok(errands) => {
                    at_hubs += errands.len();
                    for errand in errands {
                        under_way.spawn(push::run(Arc::clone(ctx), round.clone(), errand));
                    }
                }
                Err(error) => failed = Some(error),
            }
        }
        while under_way.len() - at_hubs < SITES
            && let Some(site) = waiting.pop_front()
        {
            under_way.spawn(visit(Arc::clone(ctx), round.clone(), site));
        }
        if under_way.is_empty() && claims.is_empty() {
            if !std::mem::take(&mut visited) {
                return failed.map_or(Ok(did), Err);
            }
            // The last polls may have left something to do, at a hub for one.
            look = true;
            continue;
        }
        tokio::select! {
            Some(visit) = under_way.join_next() => {
                let visit = visit.unwrap_or_else(|error| resume_unwind(error.into_panic()));
                did += visit.new;
                visited = true;
                look |= visit.full;
                at_hubs -= usize::from(visit.errand);
                // One feed's fault delays no other; the round as a whole is reported once all are through.
                failed = visit.failed.or(failed);
            }
            Some(claimed) = claims.join_next() => {
                match claimed.unwrap_or_else(|error| resume_unwind(error.into_panic())) {
                    Ok(sites) => {
                        look |= !sites.is_empty();
                        waiting.extend(sites);
                    }
                    // What is under way is not given up for it.
                    Err(error) => failed = Some(error),
                }
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
async fn errands(ctx: &Context, round: &Round, most: usize) -> Result<Vec<push::Errand>, StageError> {
    if ctx.settings().ingest.websub { push::due(ctx, time(ctx, round.now), most).await } else { Ok(Vec::new()) }
}

/// Polls the feeds of one site one after the other, until it limits us or takes too long; the others are given back.
async fn visit(ctx: Arc<Context>, round: Round, site: Site) -> Visit {
    let until = (Instant::now() + SITE_TIME).min(site.claimed + CLAIM_IS_GOOD_FOR);
    let mut visit = Visit { full: site.full(), ..Visit::default() };
    let (mut end, mut back) = (PollEnd::default(), Vec::new());
    let alone = site.hosts_differ();
    for due in site.feeds {
        if end.limited || end.crowded || ctx.stopping() || round.ledger.failed() || Instant::now() > until {
            back.push(due.feed.id);
            continue;
        }
        let id = due.feed.id;
        match poll(&ctx, &round, due, alone).await {
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

async fn give_back(round: &Round, feeds: &[i64]) -> Result<(), StageError> {
    let (mut conn, _place) = round.connections.acquire().await?;
    Ok(store::feed::give_back(&mut conn, round.node, feeds).await?)
}
