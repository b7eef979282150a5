//! Keeps subscriptions at hubs: asks for what feeds offer, renews, gives up, and sees whether pushes tell what pulls find.
//! What a hub answers later comes in through the web.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use super::{
    super::{Context, StageError},
    Round, Visit,
};
use crate::{
    feed::{
        FeedUrl,
        polling::{AnswerHeaders, PollState},
        push::{self, Offer, State, Step},
    },
    fetch::{Fetcher, Posted},
    store::{
        Conn,
        websub::{self, WebSubRow},
    },
    subscriber::token::Purpose,
};

/// Octets shown of what a hub says.
const MAX_SAID: usize = 200;

/// A hub that is to be asked.
pub(super) struct Errand {
    row: WebSubRow,
    mode: &'static str,
    asked_at: DateTime<Utc>,
}

/// At most so many subscriptions whose turn has come, as errands; what needs no hub is done at once.
pub(super) async fn due(ctx: &Context, now: DateTime<Utc>, most: usize) -> Result<Vec<Errand>, StageError> {
    let mut errands = Vec::new();
    let mut tx = ctx.pool.begin().await?;
    for row in websub::claim_due(&mut tx, now, i64::try_from(most).unwrap_or(0)).await? {
        // An unknown state is a newer version's, which will look after it.
        let Some(subscription) = row.subscription() else { continue };
        let mode = match subscription.step(now) {
            Step::Subscribe => "subscribe",
            Step::Unsubscribe => "unsubscribe",
            Step::Wait(until) => {
                websub::wait(&mut tx, row.id, until).await?;
                continue;
            }
            Step::Forget => {
                websub::forget(&mut tx, row.id).await?;
                continue;
            }
            Step::CallBad => {
                let why = "a pull found news of which the hub had not told";
                websub::given_up(&mut tx, row.id, State::Bad, now + push::BAD_FOR, why).await?;
                tracing::warn!(feed = row.feed_id, hub = shown(&row.hub), why, "the hub is not trusted for some days");
                continue;
            }
        };
        websub::asking(&mut tx, now, row.id).await?;
        errands.push(Errand { row, mode, asked_at: now });
    }
    // Before the hub is asked: it may verify before it answers.
    tx.commit().await?;
    Ok(errands)
}

/// Asks one hub, and writes down what it answered.
pub(super) async fn run(ctx: Arc<Context>, round: Round, errand: Errand) -> Visit {
    let failed = go(&ctx, &round, errand).await.err();
    Visit { failed, errand: true, ..Visit::default() }
}

async fn go(ctx: &Context, round: &Round, errand: Errand) -> Result<(), StageError> {
    let Errand { row, mode, asked_at } = errand;
    let answer = ask(ctx, &row, mode).await;
    let (headers, why) = match answer {
        Ok(Posted { status: 200..300, headers, .. }) => (headers, None),
        Ok(Posted { status, head, headers }) => {
            let said: String = String::from_utf8_lossy(&head).replace(char::is_control, " ");
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            let said = &said[..said.floor_char_boundary(MAX_SAID)];
            (headers, Some(format!("the hub answered {status}{}{said}", if said.is_empty() { "" } else { ": " })))
        }
        Err(why) => (AnswerHeaders::default(), Some(why)),
    };
    let again = push::again(row.id, row.attempts + 1, &headers, super::time(ctx, round.now));
    let why = why.as_deref();
    if let Some(why) = why {
        tracing::info!(feed = row.feed_id, hub = shown(&row.hub), mode, why, "the hub did not take a request");
    }
    let (mut conn, _place) = round.connections.acquire().await?;
    websub::asked(&mut conn, row.id, asked_at, again, why).await?;
    Ok(())
}

async fn ask(ctx: &Context, row: &WebSubRow, mode: &str) -> Result<Posted, String> {
    let settings = ctx.settings();
    let fetcher: &Fetcher = &settings.ingest.fetcher;
    let compose = &settings.compose;
    let hub = Url::parse(&row.hub).map_err(|error| error.to_string())?;
    let token = compose.keys.sign(Purpose::Hub, row.id, 0);
    let callback = compose.publisher.page(&format!("hooks/websub/{}", token.as_str()));
    let secret = compose.keys.hub_secret(token.as_str()).unwrap_or_default();
    let lease = push::WANTED_LEASE.num_seconds().to_string();
    let form = [
        ("hub.mode", mode),
        ("hub.topic", &row.topic),
        ("hub.callback", &callback),
        ("hub.secret", &secret),
        ("hub.lease_seconds", &lease),
    ];
    // Who leaves needs neither secret nor lease.
    let form = if mode == "subscribe" { &form[..] } else { &form[..3] };
    fetcher.post(&hub, form).await.map_err(|error| error.to_string())
}

/// What a poll makes of a feed's subscription.
pub(super) enum Settling {
    /// The feed names a hub that it did not name before.
    Offered(Offer),
    /// The feed names none any more.
    Left,
    /// The pull found news: the subscription, when the pull before was, and when there was news before.
    Missed(i64, DateTime<Utc>, DateTime<Utc>),
}

/// After a poll: takes up what the feed offers, and holds what the pull found against what was pushed. Given are the states that
/// the poll before and this one left, and the number of entries never seen before. Mostly there is nothing to settle.
pub(super) fn settling(
    url: &FeedUrl,
    hub: Option<&WebSubRow>,
    (before, after, news): (&PollState, &PollState, usize),
) -> Option<Settling> {
    if after.failures > 0 {
        return None;
    }
    match (Offer::of(&after.hints, url), hub) {
        (Some(offer), Some(row)) if offer.hub.as_str() == row.hub && offer.topic == row.topic => {
            let last_pull = before.last_success_at.unwrap_or_default();
            let last_news = before.arrivals.last().copied().unwrap_or_default();
            (news > 0).then_some(Settling::Missed(row.id, last_pull, last_news))
        }
        (Some(offer), _) => Some(Settling::Offered(offer)),
        (None, Some(_)) => Some(Settling::Left),
        (None, None) => None,
    }
}

impl Settling {
    pub(super) async fn write(self, tx: &mut Conn, feed: i64, now: DateTime<Utc>) -> Result<(), StageError> {
        match self {
            Self::Offered(offer) => websub::offered(tx, now, feed, offer.hub.as_str(), &offer.topic).await?,
            Self::Left => websub::leave(tx, now, feed).await?,
            Self::Missed(id, last_pull, last_news) => {
                websub::missed(tx, now, id, (last_pull, last_news), now + push::SETTLE).await?;
            }
        }
        Ok(())
    }
}

/// A hub's address without a password.
fn shown(hub: &str) -> String {
    FeedUrl::parse(hub).map_or_else(|_| String::new(), |url| url.to_string())
}
