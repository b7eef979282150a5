//! Claims feeds that are due, and sorts them by site.
//! It asks nobody; what is claimed is polled by the file above.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::time::Instant;

use super::{
    super::{Context, StageError},
    Round, time,
};
use crate::{
    feed::FeedUrl,
    store::{
        self,
        feed::{DueRow, FeedRow},
        websub::WebSubRow,
    },
};

/// Feeds claimed at a time: each claim looks at all that are due, and what is claimed takes some kilobytes each.
const MAX_CLAIMED: i64 = 4_096;
/// Feeds claimed while nothing is under way that could be waited for meanwhile.
const FIRST_CLAIMED: i64 = 1_024;
/// Feeds of one site (registrable domain) claimed at a time, so that a service with thousands leaves room for others.
const MAX_OF_SITE: usize = 8;

/// A feed that is due.
pub(super) struct Due {
    pub(super) row: DueRow,
    pub(super) feed: FeedRow,
    /// Its hub, where hubs are asked.
    pub(super) hub: Option<WebSubRow>,
}

/// Due feeds of one site.
pub(super) struct Site {
    pub(super) feeds: Vec<Due>,
    pub(super) claimed: Instant,
}

impl Site {
    /// All that may be claimed at a time were: there may be more.
    pub(super) fn full(&self) -> bool {
        self.feeds.len() >= MAX_OF_SITE
    }

    /// No two of its feeds are on one host.
    pub(super) fn hosts_differ(&self) -> bool {
        let host =
            |due: &Due| FeedUrl::parse(&due.feed.url).ok().and_then(|url| url.url().host_str().map(str::to_owned));
        let mut seen = FxHashSet::default();
        self.feeds.len() < 2 || self.feeds.iter().all(|due| seen.insert(host(due)))
    }
}

/// Claims due feeds, by site, the longest due site first; fewer where it is urgent.
pub(super) async fn claim(ctx: Arc<Context>, round: Round, urgent: bool) -> Result<Vec<Site>, StageError> {
    let most = if urgent { FIRST_CLAIMED } else { MAX_CLAIMED };
    let claimed = Instant::now();
    let mut conn = ctx.pool.acquire().await?;
    let of_site = i64::try_from(MAX_OF_SITE).unwrap_or(i64::MAX);
    let due = store::feed::claim_due(&mut conn, time(&ctx, round.now), round.node, most, of_site).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = due.iter().map(|row| row.feed_id).collect();
    let mut feeds: FxHashMap<i64, FeedRow> =
        store::feed::by_ids(&mut conn, &ids).await?.into_iter().map(|feed| (feed.id, feed)).collect();
    let hubs = if ctx.settings().ingest.websub { store::websub::of_feeds(&mut conn, &ids).await? } else { Vec::new() };
    let mut hubs: FxHashMap<i64, WebSubRow> = hubs.into_iter().map(|hub| (hub.feed_id, hub)).collect();
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut sites: Vec<Site> = Vec::new();
    for row in due {
        let Some(feed) = feeds.remove(&row.feed_id) else { continue };
        let place = *places.entry(feed.domain.clone()).or_insert(sites.len());
        if place == sites.len() {
            sites.push(Site { feeds: Vec::new(), claimed });
        }
        sites[place].feeds.push(Due { hub: hubs.remove(&feed.id), row, feed });
    }
    // Where a site lets few through, those that wait for longest come first.
    for site in &mut sites {
        site.feeds.sort_by_key(|due| (due.row.turn, due.row.place));
    }
    Ok(sites)
}
