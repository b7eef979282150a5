//! `/c/TOKEN`: a person confirms an address, or says that it was not them.
//! It sends no confirmation mail.

use axum::{
    body::Bytes,
    extract::{Path, rejection::BytesRejection},
    response::Response,
};

use super::{
    answer::{self, Refusal},
    asked::Asked,
    reader_form::{Form, post_path},
};
use crate::{
    render::{PageContent, Saying},
    store,
    subscriber::{Status, token::Purpose},
};

/// Which wording of the confirm page was agreed to; raised whenever its sentence changes.
const CONSENT_VERSION: &str = "2026-11";
/// The consent's source in the books.
const SOURCE: &str = "confirmation page";

/// Asks. Opening it changes nothing: scanners follow every link.
pub(super) async fn ask(asked: Asked, Path(token): Path<String>) -> Response {
    asked.settle(asks(&asked, &token).await)
}

async fn asks(asked: &Asked, token: &str) -> Result<Response, Refusal> {
    let reader = asked.reader(Purpose::Confirm, token).await?;
    let post = post_path("c", token)?;
    let address = reader.masked();
    let content = match reader.status() {
        Status::Pending => PageContent::Confirm { post: &post, address: &address },
        Status::Confirmed | Status::Paused => PageContent::Said(Saying::Confirmed),
        Status::Unsubscribed | Status::Suppressed => return Err(Refusal::Missing),
    };
    asked.page(reader.language, &content)
}

/// Confirms or forgets.
pub(super) async fn answer(asked: Asked, Path(token): Path<String>, body: Result<Bytes, BytesRejection>) -> Response {
    asked.settle(answered(&asked, &token, body).await)
}

async fn answered(asked: &Asked, token: &str, body: Result<Bytes, BytesRejection>) -> Result<Response, Refusal> {
    let reader = asked.reader(Purpose::Confirm, token).await?;
    let form = Form::read(&answer::body(body)?);
    let mut tx = asked.ctx.pool.begin().await?;
    let saying = match form.get("do") {
        Some("confirm") => {
            let begun = store::membership::confirm(&mut tx, asked.now, reader.row.id, SOURCE, CONSENT_VERSION).await?;
            // Twice confirmed is confirmed; who left since, or must not be mailed, is not brought back by an old link.
            if !begun && !matches!(reader.status(), Status::Confirmed | Status::Paused) {
                return Err(Refusal::Missing);
            }
            Saying::Confirmed
        }
        Some("forget") => {
            if !store::reader::forget(&mut tx, asked.now, reader.row.id).await? {
                return Err(Refusal::Missing);
            }
            Saying::Forgotten
        }
        _ => return Err(Refusal::Unreadable),
    };
    tx.commit().await?;
    asked.page(reader.language, &PageContent::Said(saying))
}
