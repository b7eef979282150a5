//! What an answer is to a poll: a feed that could be read, nothing new, or why there is none.
//! It asks nobody and stores nothing.

use std::panic::resume_unwind;

use tokio::task::spawn_blocking;
use url::Url;

use crate::{
    feed::{FeedError, ParsedFeed, parse::parse, polling::Validators, push::prefer, refusal},
    fetch::{Body, FetchError, Outcome},
};

/// Bytes from which on a document is parsed apart from the threads that everything else runs on.
const LARGE: usize = 200_000;

/// What an answer is to a poll.
pub(super) enum Reading {
    Feed(Box<ParsedFeed>, Validators),
    NotModified,
    Status(u16),
    Failed(String),
    /// It was not asked, as its address has enough to do with us.
    Crowded,
}

/// Reads an answer that came from `at`, with the `Link` headers that came along.
pub(super) async fn read(outcome: Outcome, at: Url, links: Vec<String>) -> Reading {
    match outcome {
        Outcome::NotModified => Reading::NotModified,
        Outcome::Status { status, head } => match refusal::challenge(&head) {
            Some(by) => Reading::Failed(format!("{} (status {status})", FeedError::Challenge { by })),
            None => Reading::Status(status),
        },
        Outcome::Failed(FetchError::Crowded { .. }) => Reading::Crowded,
        Outcome::Failed(error) => Reading::Failed(error.to_string()),
        Outcome::Body(body) => {
            let validators = body.validators.clone();
            match parsed(body, at, links).await {
                // A document that broke off must not be confirmed by a 304: the rest of it would stay hidden.
                Ok(parsed) if parsed.broken => Reading::Feed(Box::new(parsed), Validators::default()),
                Ok(parsed) => Reading::Feed(Box::new(parsed), validators),
                Err(error) => Reading::Failed(error.to_string()),
            }
        }
    }
}

async fn parsed(body: Body, at: Url, links: Vec<String>) -> Result<ParsedFeed, FeedError> {
    let large = body.bytes.len() > LARGE;
    let parse = move || {
        let mut parsed = parse(&body.bytes, body.content_type.as_deref(), &at)?;
        prefer(&links, &at, &mut parsed.hints);
        Ok(parsed)
    };
    if !large {
        return parse();
    }
    spawn_blocking(parse).await.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}
