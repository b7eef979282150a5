//! How a feed tells that it has news: the hub that it names, and what is to be asked of that hub when (W3C `WebSub`).
//! It sends nothing and stores nothing.

mod links;
mod signature;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{
    FeedUrl, MAX_LINE, PollHints,
    polling::{AnswerHeaders, MAX_WAIT, PollConfig, PollState, jitter, waits},
};
pub use links::prefer;
pub use signature::{Check, Signature};

/// The lease that is asked for: long enough to be no load, short enough for a hub to forget who is gone.
pub const WANTED_LEASE: TimeDelta = TimeDelta::days(10);
/// What a lease counts for at least and at most, whatever the hub says: 0 must not make us ask without end, a century must not
/// keep us from asking again.
const SHORTEST_LEASE: TimeDelta = TimeDelta::hours(1);
const LONGEST_LEASE: TimeDelta = TimeDelta::days(30);
/// How long after our request a hub may verify it.
const VERIFY_WITHIN: TimeDelta = TimeDelta::hours(24);
/// The wait after the first request that came to nothing; doubled for each further one.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(10);
/// Doublings of that wait: 10 min · 2^6 is 11 hours.
const MAX_DOUBLINGS: u32 = 6;
/// Good-byes said to a hub that does not hear; its lease ends by itself.
const MOST_FAREWELLS: i32 = 3;
/// How long a push may come after the pull that found its news.
pub const SETTLE: TimeDelta = TimeDelta::minutes(15);
/// How long a hub that missed news is not trusted.
pub const BAD_FOR: TimeDelta = TimeDelta::days(7);
/// How long a hub that denied us is left alone.
pub const DENIED_FOR: TimeDelta = TimeDelta::days(1);
/// With a hub that works, the usual wait is so many times as long. A hub that falls silent then delays a busy feed by an hour.
const PULLS_SPARED: i32 = 4;
/// And no longer than this.
const LONGEST_WITH_HUB: TimeDelta = TimeDelta::hours(6);
/// How long a push is waited for to show in the feed: caches before a publisher lag behind its hub.
const CACHES_LAG: TimeDelta = TimeDelta::hours(1);

/// What a feed offers: a hub, and the address by which that hub knows the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The hub's address.
    pub hub: Url,
    /// `hub.topic`, as the feed writes it.
    pub topic: String,
}

impl Offer {
    /// Of a feed's hints; a feed that gives no address for itself is known by its own.
    pub fn of(hints: &PollHints, feed: &FeedUrl) -> Option<Self> {
        let web = |text: &str| {
            let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            url.filter(|_| text.len() <= MAX_LINE)
        };
        let topic = hints.self_url.as_deref().unwrap_or(feed.as_str());
        web(topic)?;
        Some(Self { hub: web(hints.hub.as_deref()?)?, topic: topic.to_owned() })
    }
}

/// How things stand with a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// To be asked, or asked and not yet verified.
    Wanted,
    /// Verified by the hub.
    Active,
    /// The hub does not want us; tried again after [`DENIED_FOR`].
    Denied,
    /// The hub missed news; tried again after [`BAD_FOR`].
    Bad,
    /// To be given up: the feed was removed or has another hub.
    Leaving,
}

impl State {
    /// The state of this word; an unknown one of a newer version is left alone.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Wanted, Self::Active, Self::Denied, Self::Bad, Self::Leaving].into_iter().find(|s| s.word() == word)
    }

    /// Its word in the store and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Active => "active",
            Self::Denied => "denied",
            Self::Bad => "bad",
            Self::Leaving => "leaving",
        }
    }
}

/// A subscription at a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its number.
    pub id: i64,
    /// How things stand.
    pub state: State,
    /// Requests since the hub last verified one.
    pub attempts: i32,
    /// The last request.
    pub asked_at: Option<DateTime<Utc>>,
    /// The last verification.
    pub verified_at: Option<DateTime<Utc>>,
    /// How long the hub pushes.
    pub lease_until: Option<DateTime<Utc>>,
    /// The last signed push.
    pub pushed_at: Option<DateTime<Utc>>,
    /// The pull that found what no push had told.
    pub missed_at: Option<DateTime<Utc>>,
}

/// What is to be done about a subscription whose turn has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Ask the hub for it, or for more of it.
    Subscribe,
    /// Ask the hub to end it.
    Unsubscribe,
    /// The hub had its time to tell, and did not.
    CallBad,
    /// Nothing before then.
    Wait(DateTime<Utc>),
    /// Nobody needs it any more.
    Forget,
}

impl Subscription {
    /// What is to be done at `now`.
    pub fn step(&self, now: DateTime<Utc>) -> Step {
        match self.state {
            State::Leaving if self.asked_at.is_none() || self.attempts >= MOST_FAREWELLS => Step::Forget,
            State::Leaving => Step::Unsubscribe,
            State::Wanted | State::Denied | State::Bad => Step::Subscribe,
            State::Active => {
                let (renewal, settled) = (self.renewal(now), self.missed_at.map(|at| at + SETTLE));
                if settled.is_some_and(|at| at <= now) {
                    Step::CallBad
                } else if renewal <= now {
                    Step::Subscribe
                } else {
                    Step::Wait(settled.map_or(renewal, |at| at.min(renewal)))
                }
            }
        }
    }

    /// Half of the lease, and a little more that differs from feed to feed: half of it is left for a hub that is down.
    pub fn renewal(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let (Some(from), Some(until)) = (self.verified_at, self.lease_until) else { return now };
        let half = (until - from) / 2;
        from + half + jitter(self.id, half)
    }

    /// Whether a verification of a subscribing is of one that we asked for.
    pub fn expects_verification(&self, now: DateTime<Utc>) -> bool {
        matches!(self.state, State::Wanted | State::Active) && self.asked_at.is_some_and(|at| now - at <= VERIFY_WITHIN)
    }

    /// Whether its pushes save pulls: the hub has kept its word at least once, and is not in doubt.
    pub fn works(&self, now: DateTime<Utc>) -> bool {
        let leased = self.lease_until.is_some_and(|until| until > now);
        self.state == State::Active && leased && self.pushed_at.is_some() && self.missed_at.is_none()
    }

    /// Spares pulls of a feed whose hub works, and asks again soon where a push told of what its pull did not find.
    pub fn pace(
        &self,
        poll: &mut PollState,
        now: DateTime<Utc>,
        config: &PollConfig,
        not_before: Option<DateTime<Utc>>,
    ) {
        let Some(next) = poll.next_poll_at.filter(|_| poll.failures == 0) else { return };
        let wait = next - now;
        let awaited = self.pushed_at.filter(|at| now - *at < CACHES_LAG && poll.arrivals.last() < Some(at));
        let paced = if awaited.is_some() {
            let soon = now + config.shortest();
            next.min(not_before.map_or(soon, |at| at.max(soon)))
        } else if self.works(now) {
            let spared = (wait * PULLS_SPARED).min(LONGEST_WITH_HUB).max(wait);
            waits::outside_skipped(now + spared, &poll.hints, now + MAX_WAIT)
        } else {
            next
        };
        poll.next_poll_at = Some(paced);
    }
}

/// The lease that a hub grants, as far as it is believed. One that says nothing grants the least.
pub fn granted(lease_seconds: Option<&str>) -> TimeDelta {
    let seconds = lease_seconds.and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0);
    TimeDelta::seconds(seconds.clamp(SHORTEST_LEASE.num_seconds(), LONGEST_LEASE.num_seconds()))
}

/// When a hub is asked again after `attempts` requests that came to nothing, and not before it wishes.
pub fn again(id: i64, attempts: i32, headers: &AnswerHeaders, now: DateTime<Utc>) -> DateTime<Utc> {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(MAX_DOUBLINGS);
    let wait = FIRST_WAIT * 2_i32.pow(doublings);
    let named = waits::retry_after(headers, now).unwrap_or_default();
    now + (wait + jitter(id, wait)).max(named)
}
