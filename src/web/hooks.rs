//! `/hooks/feed/TOKEN`: a publisher says that a feed has news. `/hooks/websub/TOKEN`: a hub verifies, denies or pushes.
//! Neither brings an article in: the feed is polled at its own address, whoever rings.

use axum::{
    body::Body,
    extract::RawQuery,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use futures_util::StreamExt as _;
use url::form_urlencoded;

use super::{
    answer::Refusal,
    asked::{Asked, InPath},
};
use crate::{
    feed::push::{self, Check, Signature, State, Step, Subscription},
    store::{
        self,
        websub::{self, WebSubRow},
    },
    subscriber::token::Purpose,
};

/// Octets of a push: hubs send the whole feed, and no feed is larger.
const MOST_PUSHED: usize = 10_000_000;
/// Octets of a challenge; hubs send some 50.
const MOST_CHALLENGE: usize = 2_000;
/// Octets kept of the reason that a hub gives.
const MOST_REASON: usize = 200;

/// Polls a feed now. What is sent along does not matter: any content system can be told to call an address.
pub(super) async fn feed(asked: Asked, InPath(token): InPath) -> Response {
    asked.settle(rings(&asked, &token).await)
}

async fn rings(asked: &Asked, token: &str) -> Result<Response, Refusal> {
    let feed = asked.claims(Purpose::FeedHook, token)?.subscriber;
    if !store::feed::ring(&mut *asked.ctx.pool.acquire().await?, asked.now, feed).await? {
        return Err(Refusal::Missing);
    }
    asked.ctx.wake.ingest.notify_one();
    Ok((StatusCode::ACCEPTED, "thank you; the feed is read as soon as its server allows\n").into_response())
}

/// A hub asks whether we meant it (W3C `WebSub`, section 5.3), or says that it does not want us (section 5.2).
pub(super) async fn verify(asked: Asked, InPath(token): InPath, RawQuery(query): RawQuery) -> Response {
    asked.settle(verifies(&asked, &token, query.as_deref().unwrap_or_default()).await)
}

async fn verifies(asked: &Asked, token: &str, query: &str) -> Result<Response, Refusal> {
    let id = asked.claims(Purpose::Hub, token)?.subscriber;
    let said =
        |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value);
    let mut tx = asked.ctx.pool.begin().await?;
    let (row, subscription) = known(&mut tx, id).await?;
    if said("hub.topic").as_deref() != Some(&row.topic) {
        return Err(Refusal::Missing);
    }
    let challenge = said("hub.challenge").filter(|text| !text.is_empty() && text.len() <= MOST_CHALLENGE);
    match (said("hub.mode").as_deref(), challenge) {
        (Some("subscribe"), Some(challenge)) if subscription.expects_verification(asked.now) => {
            let until = asked.now + push::granted(said("hub.lease_seconds").as_deref());
            let granted = Subscription {
                state: State::Active,
                verified_at: Some(asked.now),
                lease_until: Some(until),
                ..subscription
            };
            let next = if let Step::Wait(next) = granted.step(asked.now) { next } else { asked.now };
            websub::verified(&mut tx, asked.now, id, until, next).await?;
            tx.commit().await?;
            tracing::info!(feed = row.feed_id, %until, "the hub of a feed pushes from now on");
            Ok(challenge.into_owned().into_response())
        }
        (Some("unsubscribe"), Some(challenge)) if subscription.state == State::Leaving => {
            websub::forget(&mut tx, id).await?;
            tx.commit().await?;
            Ok(challenge.into_owned().into_response())
        }
        (Some("denied"), _) => {
            denied(&mut tx, asked, &subscription, said("hub.reason").as_deref()).await?;
            tx.commit().await?;
            Ok(().into_response())
        }
        _ => Err(Refusal::Missing),
    }
}

async fn denied(
    conn: &mut store::Conn,
    asked: &Asked,
    subscription: &Subscription,
    reason: Option<&str>,
) -> Result<(), Refusal> {
    if subscription.state == State::Leaving {
        return Ok(websub::forget(conn, subscription.id).await?);
    }
    let reason: String = reason.unwrap_or_default().chars().filter(|c| !c.is_control()).take(MOST_REASON).collect();
    let why = match reason.trim() {
        "" => "the hub does not want the subscription".to_owned(),
        reason => format!("the hub does not want the subscription: {reason}"),
    };
    Ok(websub::given_up(conn, subscription.id, State::Denied, asked.now + push::DENIED_FOR, &why).await?)
}

/// A hub pushes. Signed by the secret that it shares with us, it means that there is news; else nothing, which it is not told
/// (section 8.1).
pub(super) async fn push(asked: Asked, InPath(token): InPath, headers: HeaderMap, body: Body) -> Response {
    asked.settle(pushes(&asked, &token, &headers, body).await)
}

async fn pushes(asked: &Asked, token: &str, headers: &HeaderMap, body: Body) -> Result<Response, Refusal> {
    let id = asked.claims(Purpose::Hub, token)?.subscriber;
    let secret = asked.compose().keys.hub_secret(token).ok_or(Refusal::Missing)?;
    let signature = headers.get("x-hub-signature").and_then(|value| Signature::parse(value.to_str().ok()?));
    let signed = checked(body, signature.and_then(|signature| signature.check(secret.as_bytes()))).await?;
    let mut tx = asked.ctx.pool.begin().await?;
    let (row, subscription) = known(&mut tx, id).await?;
    // A hub that is not trusted may have news all the same.
    if signed && matches!(subscription.state, State::Active | State::Bad) {
        websub::pushed(&mut tx, asked.now, id).await?;
        store::feed::ring(&mut tx, asked.now, row.feed_id).await?;
        asked.ctx.wake.ingest.notify_one();
    } else {
        websub::ignored(&mut tx, id).await?;
    }
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, "thank you\n").into_response())
}

/// Whether a body is signed. It is read to its end in any case, and nothing of it is kept.
async fn checked(body: Body, mut check: Option<Check>) -> Result<bool, Refusal> {
    let (mut pieces, mut length) = (body.into_data_stream(), 0);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| Refusal::Unreadable)?;
        length += piece.len();
        if length > MOST_PUSHED {
            return Err(Refusal::TooLarge);
        }
        if let Some(check) = &mut check {
            check.update(&piece);
        }
    }
    Ok(check.is_some_and(Check::is_right))
}

/// What we asked a hub for, locked; what we did not is no page of ours.
async fn known(conn: &mut store::Conn, id: i64) -> Result<(WebSubRow, Subscription), Refusal> {
    let row = websub::locked(conn, id).await?.ok_or(Refusal::Missing)?;
    let subscription = row.subscription().ok_or(Refusal::Missing)?;
    Ok((row, subscription))
}
