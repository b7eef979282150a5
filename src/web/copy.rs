//! `/d/TOKEN`: what a reader was told in one slot, from the books, the counted stories too.
//! Whoever has the address can read it; it leads to nobody's choices and names nobody.

use std::collections::HashMap;

use axum::{extract::Path, response::Response};
use chrono::{DateTime, TimeDelta};

use super::{
    answer::{self, Refusal},
    asked::Asked,
};
use crate::{
    daemon::compose::{Composer, Frozen},
    store,
    subscriber::token::Purpose,
};

/// The page.
pub(super) async fn page(asked: Asked, Path(token): Path<String>) -> Response {
    asked.settle(copy(&asked, &token).await)
}

async fn copy(asked: &Asked, token: &str) -> Result<Response, Refusal> {
    let reader = asked.reader(Purpose::Web, token).await?;
    let seconds = i64::try_from(reader.claims.extra).map_err(|_| Refusal::Missing)?;
    // The token holds whole seconds: an alert's instant has fractions.
    let from = DateTime::from_timestamp(seconds, 0).ok_or(Refusal::Missing)?;
    let mut conn = asked.ctx.pool.acquire().await?;
    let told = store::digest::of_reader(&mut conn, reader.row.id, from, from + TimeDelta::seconds(1)).await?;
    let slot_at = told.first().map(|(at, _)| *at).ok_or(Refusal::Missing)?;
    // Two schedules can fire at one instant: their mails share the copy.
    let items = told.into_iter().flat_map(|(_, items)| items).collect();
    let frozen = HashMap::from([(reader.row.id, Frozen { items, lead_key: 0 })]);
    let composer = Composer::of(&mut conn, &asked.ctx.cache, None, slot_at, frozen, &[reader.row.id]).await?;
    let page = composer
        .web_copy(asked.compose(), reader.row.id, reader.language, reader.zone, reader.local(slot_at))
        .map_err(|error| Refusal::Broken(error.to_string()))?
        .ok_or(Refusal::Missing)?;
    Ok(answer::page(page))
}
