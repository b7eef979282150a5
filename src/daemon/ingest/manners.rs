//! What is remembered between rounds for the publishers' sake: the robots.txt of their sites, and how many readers we speak for.
//! How often feeds are asked is `feed::polling`'s matter.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::FxHashMap;
use url::Url;

use crate::{
    feed::{polling::Validators, robots::Robots},
    fetch::{Fetcher, Outcome, Request, Wanted},
    store::{self, Conn},
    subscriber::Status,
};

/// How long a site's robots.txt is believed (RFC 9309, section 2.4).
const BELIEVED: TimeDelta = TimeDelta::hours(24);
/// How long a site that gave no answer is left alone.
const CLOSED: TimeDelta = TimeDelta::hours(1);
/// Sites remembered; beyond it the oldest half is asked again.
const MAX_SITES: usize = 1_000;
/// How long the number of readers is told on without counting anew.
const COUNTED: TimeDelta = TimeDelta::hours(1);

/// The memory of one node; lost with it, which costs a request per site.
#[derive(Debug, Default)]
pub struct Manners {
    sites: Mutex<FxHashMap<String, Site>>,
    readers: Mutex<Option<(DateTime<Utc>, u32)>>,
}

#[derive(Clone, Debug)]
struct Site {
    until: DateTime<Utc>,
    robots: Arc<Robots>,
}

impl Manners {
    /// Whether the site of this page lets us fetch it; its robots.txt is asked for where it is not known.
    pub(super) async fn allows(&self, fetcher: &Fetcher, page: &Url, now: DateTime<Utc>) -> bool {
        let Some(address) = Robots::address(page) else { return false };
        if let Some(robots) = self.known(&address, now) {
            return robots.allows(page);
        }
        let validators = Validators::default();
        let request = Request { url: &address, wanted: Wanted::Text, validators: &validators, subscribers: None };
        let (robots, kept) = match fetcher.fetch(request).await.outcome {
            Outcome::Body(body) => (Robots::from_answer(Some(200), &body.bytes), BELIEVED),
            Outcome::Status { status, .. } if status < 500 => (Robots::from_answer(Some(status), b""), BELIEVED),
            _ => (Robots::from_answer(None, b""), CLOSED),
        };
        let robots = Arc::new(robots);
        self.remember(&address, Site { until: now + kept, robots: Arc::clone(&robots) }, now);
        robots.allows(page)
    }

    fn known(&self, address: &Url, now: DateTime<Utc>) -> Option<Arc<Robots>> {
        let sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        sites.get(address.as_str()).filter(|site| site.until > now).map(|site| Arc::clone(&site.robots))
    }

    fn remember(&self, address: &Url, site: Site, now: DateTime<Utc>) {
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= MAX_SITES {
            sites.retain(|_, site| site.until > now);
        }
        if sites.len() >= MAX_SITES {
            let mut ends: Vec<DateTime<Utc>> = sites.values().map(|site| site.until).collect();
            let (_, middle, _) = ends.select_nth_unstable(MAX_SITES / 2);
            let middle = *middle;
            sites.retain(|_, site| site.until > middle);
        }
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
}
