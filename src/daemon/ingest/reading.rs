//! What an answer is to a poll: a feed that could be read, nothing new, or why there is none.
//! It asks nobody and stores nothing.

use std::panic::resume_unwind;

use chrono::{DateTime, Utc};
use tokio::task::spawn_blocking;
use url::Url;

use crate::{
    feed::{FeedError, FeedUrl, ParsedFeed, parse::parse, polling::Validators, push::prefer, refusal},
    fetch::{Body, FetchError, Fetched, Outcome},
};

/// Bytes from which on a document is parsed apart from the threads that everything else runs on.
const LARGE: usize = 200_000;

/// What an answer is to a poll.
pub(super) enum Reading {
    Feed(Box<ParsedFeed>, Validators),
    NotModified,
    /// Any other status, and the address that answered with it.
    Status(u16, Url),
    /// Any other status with a challenge for people in the feed's place, as a sentence, and the address that answered with it.
    Challenged(u16, Url, String),
    Failed(String),
    /// It was not asked, as its address has enough to do with us.
    Crowded,
}

/// Reads an answer.
pub(super) async fn read(fetched: Fetched, now: DateTime<Utc>) -> Reading {
    let Fetched { url: at, lasting, links, outcome, .. } = fetched;
    match outcome {
        Outcome::NotModified => Reading::NotModified,
        Outcome::Status { status, head } => match refusal::challenge(&head) {
            Some(by) => Reading::Challenged(status, at, format!("{} (status {status})", FeedError::Challenge { by })),
            // A mirror that is gone is not the feed that is gone.
            None if matches!(status, 404 | 410) && !lasting => {
                Reading::Failed(format!("the server sends us for now to {}, which answered {status}", shown(&at)))
            }
            None => Reading::Status(status, at),
        },
        Outcome::Failed(FetchError::Crowded { .. }) => Reading::Crowded,
        Outcome::Failed(error) => Reading::Failed(error.to_string()),
        Outcome::Body(body) => {
            let validators = body.validators.clone();
            match parsed(body, at, links, now).await {
                // A document that broke off must not be confirmed by a 304: the rest of it would stay hidden.
                Ok(parsed) if parsed.broken => Reading::Feed(Box::new(parsed), Validators::default()),
                Ok(parsed) => Reading::Feed(Box::new(parsed), validators),
                Err(error) => Reading::Failed(error.to_string()),
            }
        }
    }
}

async fn parsed(body: Body, at: Url, links: Vec<String>, now: DateTime<Utc>) -> Result<ParsedFeed, FeedError> {
    let large = body.bytes.len() > LARGE;
    let parse = move || {
        let mut parsed = parse(&body.bytes, body.content_type.as_deref(), &at, now)?;
        prefer(&links, &at, &mut parsed.hints);
        Ok(parsed)
    };
    if !large {
        return parse();
    }
    spawn_blocking(parse).await.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

/// An address without a password.
fn shown(at: &Url) -> String {
    FeedUrl::parse(at.as_str()).map_or_else(|_| String::new(), |url| url.to_string())
}
