//! What is remembered between rounds for the publishers' sake: their sites' robots.txt and limits on pages, and how many we read for.
//! How often feeds are asked is `feed::polling`'s matter.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::FxHashMap;
use url::Url;

use crate::{
    feed::{
        FeedUrl,
        page_limit::PageLimit,
        polling::{AnswerHeaders, Validators},
        robots::Robots,
    },
    fetch::{Fetcher, Outcome, Request, Wanted},
    store::{self, Conn},
    subscriber::Status,
};

/// How long a site's robots.txt is believed (RFC 9309, section 2.4).
const BELIEVED: TimeDelta = TimeDelta::hours(24);
/// How long a site that gave no answer is left alone.
const CLOSED: TimeDelta = TimeDelta::hours(1);
/// Sites remembered; beyond it the half that ends first is forgotten.
const MAX_SITES: usize = 1_000;
/// How long the number of readers is told on without counting anew.
const COUNTED: TimeDelta = TimeDelta::hours(1);

/// The memory of one node; lost with it, which costs a request per site.
#[derive(Debug, Default)]
pub struct Manners {
    sites: Mutex<FxHashMap<String, Site>>,
    /// By registrable domain.
    limits: Mutex<FxHashMap<String, PageLimit>>,
    readers: Mutex<Option<(DateTime<Utc>, u32)>>,
}

#[derive(Clone, Debug)]
struct Site {
    until: DateTime<Utc>,
    robots: Arc<Robots>,
}

impl Manners {
    /// Whether this page may be fetched now: its site has no limit that holds, and lets us. Its robots.txt is asked for where it is
    /// not known.
    pub(super) async fn allows(&self, fetcher: &Fetcher, page: &Url, now: DateTime<Utc>) -> bool {
        let Some(address) = Robots::address(page) else { return false };
        if self.limit(page).is_some_and(|limit| limit.holds(now)) {
            return false;
        }
        if let Some(robots) = self.known(&address, now) {
            return robots.allows(page);
        }
        let validators = Validators::default();
        let request = Request { url: &address, wanted: Wanted::Text, validators: &validators, subscribers: None };
        let answered = fetcher.fetch(request).await;
        let (robots, kept) = match answered.outcome {
            Outcome::Body(body) => (Robots::from_answer(Some(200), &body.bytes), BELIEVED),
            Outcome::Status { status: 429, .. } => {
                self.answered(page, 429, &answered.headers, now);
                (Robots::from_answer(None, b""), CLOSED)
            }
            Outcome::Status { status, .. } if status < 500 => (Robots::from_answer(Some(status), b""), BELIEVED),
            _ => (Robots::from_answer(None, b""), CLOSED),
        };
        let robots = Arc::new(robots);
        self.remember(&address, Site { until: now + kept, robots: Arc::clone(&robots) }, now);
        robots.allows(page)
    }

    fn limit(&self, page: &Url) -> Option<PageLimit> {
        let limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        limits.get(&domain(page)?).copied()
    }

    /// Remembers what the answer of this status to a request for `page` means for the other pages of its site.
    pub(super) fn answered(&self, page: &Url, status: u16, headers: &AnswerHeaders, now: DateTime<Utc>) {
        let Some(domain) = domain(page) else { return };
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        match PageLimit::after(limits.get(&domain).copied(), status, headers, now) {
            Some(limit) => {
                make_room(&mut limits, PageLimit::until, now);
                limits.insert(domain, limit);
            }
            None => drop(limits.remove(&domain)),
        }
    }

    fn known(&self, address: &Url, now: DateTime<Utc>) -> Option<Arc<Robots>> {
        let sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        sites.get(address.as_str()).filter(|site| site.until > now).map(|site| Arc::clone(&site.robots))
    }

    fn remember(&self, address: &Url, site: Site, now: DateTime<Utc>) {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut sites, |site| site.until, now);
        sites.insert(address.as_str().to_owned(), site);
    }

    /// Confirmed readers, for the `User-Agent`: publishers count them.
    pub(super) async fn readers(&self, conn: &mut Conn, now: DateTime<Utc>) -> store::Result<u32> {
        let counted = *self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, n)) = counted.filter(|(at, _)| *at <= now && now - *at < COUNTED) {
            return Ok(n);
        }
        let counts = store::subscriber::counts(conn).await?;
        let confirmed = counts.iter().find(|(status, _)| *status == Status::Confirmed.code()).map_or(0, |(_, n)| *n);
        let confirmed = u32::try_from(confirmed).unwrap_or(u32::MAX);
        *self.readers.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, confirmed));
        Ok(confirmed)
    }
}

/// What limits hold for.
fn domain(page: &Url) -> Option<String> {
    FeedUrl::parse(page.as_str()).ok().map(|url| url.domain())
}

/// Forgets what has ended where there is no room for one more, and if need be what ends first.
fn make_room<T>(known: &mut FxHashMap<String, T>, until: impl Fn(&T) -> DateTime<Utc>, now: DateTime<Utc>) {
    if known.len() >= MAX_SITES {
        known.retain(|_, of_site| until(of_site) > now);
    }
    if known.len() >= MAX_SITES {
        let mut ends: Vec<DateTime<Utc>> = known.values().map(&until).collect();
        let (_, middle, _) = ends.select_nth_unstable(MAX_SITES / 2);
        let middle = *middle;
        known.retain(|_, of_site| until(of_site) > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_sites_is_bounded_and_ends() {
        let manners = Manners::default();
        let now = DateTime::UNIX_EPOCH;
        let site = |n: usize| Url::parse(&format!("https://s{n}.example/robots.txt")).expect("an address");
        for n in 0..MAX_SITES * 3 {
            let until = now + BELIEVED + TimeDelta::seconds(i64::try_from(n).expect("small"));
            manners.remember(&site(n), Site { until, robots: Arc::default() }, now);
        }
        let known = manners.sites.lock().expect("no panic").len();
        assert!(known <= MAX_SITES, "{known}");
        let last = site(MAX_SITES * 3 - 1);
        assert!(manners.known(&last, now).is_some());
        assert!(manners.known(&last, now + BELIEVED * 2).is_none());
    }

    #[test]
    fn the_memory_of_limits_is_bounded_and_ends() {
        let manners = Manners::default();
        let now = DateTime::UNIX_EPOCH;
        let page = |n: usize| Url::parse(&format!("https://www.s{n}.example/page")).expect("an address");
        for n in 0..MAX_SITES * 3 {
            let later = now + TimeDelta::seconds(i64::try_from(n).expect("small"));
            manners.answered(&page(n), 429, &AnswerHeaders::default(), later);
        }
        let known = manners.limits.lock().expect("no panic").len();
        assert!(known <= MAX_SITES, "{known}");
        let last = manners.limit(&page(MAX_SITES * 3 - 1)).expect("the last is known");
        assert!(last.holds(now + CLOSED) && !last.holds(now + CLOSED * 2));
    }
}
