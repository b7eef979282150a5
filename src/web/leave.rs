//! `/u/TOKEN`: leaving, by one click of a mail program (RFC 8058) or by the page's button; `/r/TOKEN`: coming back.
//! Opening either changes nothing.

use axum::{
    body::Bytes,
    extract::{Path, rejection::BytesRejection},
    response::Response,
};
use chrono::TimeDelta;

use super::{
    answer::{self, Refusal},
    asked::{Asked, Reader},
    choices,
    reader_form::{Form, post_path},
};
use crate::{
    render::{Href, PageContent, Saying},
    store::{self, membership},
    subscriber::{Status, token::Purpose},
};

/// How long a leaving can be taken back; afterwards one signs up anew.
const UNDO_FOR: TimeDelta = TimeDelta::days(30);
/// What a mail program sends (RFC 8058, 3.1), urlencoded or as multipart.
const ONE_CLICK: &[u8] = b"One-Click";

/// Asks before leaving, and offers less.
pub(super) async fn ask(asked: Asked, Path(token): Path<String>) -> Response {
    asked.settle(asks(&asked, &token).await)
}

async fn asks(asked: &Asked, token: &str) -> Result<Response, Refusal> {
    let reader = asked.reader(Purpose::Unsubscribe, token).await?;
    if reader.status() == Status::Unsubscribed {
        return left(asked, &reader);
    }
    let post = post_path("u", token)?;
    let links = store::subscription::live(&mut *asked.ctx.pool.acquire().await?, &[reader.row.id]).await?;
    let content = PageContent::Unsubscribe {
        post: &post,
        address: Some(&reader.masked()),
        today: reader.local(asked.now).date(),
        often: choices::for_all(asked, &reader, &links),
    };
    asked.page(reader.language, &content)
}

/// Leaves; pauses or gets less often where the form says so. Any other body leaves: whoever posts here wants to.
pub(super) async fn leave(asked: Asked, Path(token): Path<String>, body: Result<Bytes, BytesRejection>) -> Response {
    asked.settle(leaves(&asked, &token, body).await)
}

async fn leaves(asked: &Asked, token: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Refusal> {
    let mut reader = asked.reader(Purpose::Unsubscribe, token).await?;
    let body = answer::body(body)?;
    let form = Form::read(&body);
    match form.get("do") {
        Some("pause") => {
            choices::pause(asked, &reader, &form).await?;
            return asked.page(reader.language, &PageContent::Said(Saying::Paused));
        }
        Some("often") => {
            choices::often(asked, &reader, &form).await?;
            return asked.page(reader.language, &PageContent::Said(Saying::LessOften));
        }
        _ => {}
    }
    let one_click = body.windows(ONE_CLICK.len()).any(|octets| octets == ONE_CLICK);
    let source = if one_click { "one-click" } else { "unsubscribe page" };
    let mut tx = asked.ctx.pool.begin().await?;
    let gone = membership::leave(&mut tx, asked.now, reader.row.id, source).await?;
    tx.commit().await?;
    if let membership::Left::Ended(_) = gone {
        reader.row.status_at = asked.now;
        tracing::info!(subscriber = reader.row.id, source, "left");
    }
    left(asked, &reader)
}

/// The page after leaving, with the way back while there is one.
fn left(asked: &Asked, reader: &Reader) -> Result<Response, Refusal> {
    let until = reader.row.status_at + UNDO_FOR;
    let undo: Option<Href> = if asked.now < until {
        let token = asked.compose().keys.sign_until(Purpose::Resubscribe, reader.row.id, until);
        Some(post_path("r", token.as_str())?)
    } else {
        None
    };
    asked.page(reader.language, &PageContent::Unsubscribed { undo: undo.as_ref() })
}

/// Asks before coming back.
pub(super) async fn ask_back(asked: Asked, Path(token): Path<String>) -> Response {
    asked.settle(asks_back(&asked, &token).await)
}

async fn asks_back(asked: &Asked, token: &str) -> Result<Response, Refusal> {
    let reader = asked.reader(Purpose::Resubscribe, token).await?;
    let post = post_path("r", token)?;
    let content = match reader.status() {
        Status::Unsubscribed => PageContent::Resubscribe { post: &post },
        _ => PageContent::Resubscribed,
    };
    asked.page(reader.language, &content)
}

/// Comes back to what it was before.
pub(super) async fn back(asked: Asked, Path(token): Path<String>) -> Response {
    asked.settle(comes_back(&asked, &token).await)
}

async fn comes_back(asked: &Asked, token: &str) -> Result<Response, Refusal> {
    let reader = asked.reader(Purpose::Resubscribe, token).await?;
    let mut tx = asked.ctx.pool.begin().await?;
    membership::come_back(&mut tx, asked.now, reader.row.id, "undo page").await?;
    tx.commit().await?;
    // Twice back is back.
    let content = match asked.reader(Purpose::Resubscribe, token).await?.status() {
        Status::Unsubscribed => PageContent::Said(Saying::NoWayBack),
        _ => PageContent::Resubscribed,
    };
    asked.page(reader.language, &content)
}
