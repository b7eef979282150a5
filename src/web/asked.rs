//! Who asks: the context, the time, the browser's language, and the reader that a token names.
//! It changes nothing and answers nothing.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::{FromRequestParts, Path},
    http::{header::ACCEPT_LANGUAGE, request::Parts},
    response::Response,
};
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::answer::{self, Refusal};
use crate::{
    daemon::{Context, Settings, compose::ComposeSettings},
    render::{PageContent, Pause, UiLanguage},
    store::reader::{self, ReaderRow},
    subscriber::{
        Status,
        address::Address,
        token::{Claims, Purpose, TokenError},
    },
};

/// The token in the path. One that does not even read is as bad as a forged one, and answered like it.
pub(super) struct InPath(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map(|Path(token)| token).unwrap_or_default()))
    }
}

/// One request, as far as every page needs it.
pub(super) struct Asked {
    pub(super) ctx: Arc<Context>,
    pub(super) settings: Arc<Settings>,
    pub(super) now: DateTime<Utc>,
    /// The browser's language, for pages whose reader is not known.
    pub(super) language: UiLanguage,
}

impl FromRequestParts<Arc<Context>> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, ctx: &Arc<Context>) -> Result<Self, Infallible> {
        let header = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Ok(Self::new(Arc::clone(ctx), header))
    }
}

impl Asked {
    pub(super) fn new(ctx: Arc<Context>, accept_language: Option<&str>) -> Self {
        let settings = ctx.settings();
        let language = accept_language.and_then(UiLanguage::accepted).unwrap_or(settings.compose.language);
        Self { now: ctx.clock.now(), settings, language, ctx }
    }

    pub(super) fn compose(&self) -> &ComposeSettings {
        &self.settings.compose
    }

    /// What a good token says. Everything that is wrong with a bad one looks the same, an expiry apart.
    pub(super) fn claims(&self, purpose: Purpose, token: &str) -> Result<Claims, Refusal> {
        self.compose().keys.verify(purpose, token, self.now).map_err(|error| match error {
            TokenError::Expired(_) if purpose == Purpose::Confirm => Refusal::ConfirmTooLate,
            TokenError::Expired(_) => Refusal::TooOld,
            _ => Refusal::Missing,
        })
    }

    /// The reader of a token of this purpose.
    pub(super) async fn reader(&self, purpose: Purpose, token: &str) -> Result<Reader, Refusal> {
        let claims = self.claims(purpose, token)?;
        let mut conn = self.ctx.pool.acquire().await?;
        let row = reader::by_id(&mut conn, claims.subscriber).await?.ok_or(Refusal::Missing)?;
        let language = row.language.parse().unwrap_or(self.compose().language);
        let zone = row.zone.parse().unwrap_or(self.compose().zone);
        Ok(Reader { row, language, zone, claims })
    }

    /// A page in a reader's language.
    pub(super) fn page(&self, language: UiLanguage, content: &PageContent<'_>) -> Result<Response, Refusal> {
        let compose = self.compose();
        let page = content
            .render(&compose.templates, &compose.publisher, language)
            .map_err(|error| Refusal::Broken(error.to_string()))?;
        Ok(answer::page(page))
    }

    /// The answer, or the page that says why there is none.
    pub(super) fn settle(&self, answered: Result<Response, Refusal>) -> Response {
        answered.unwrap_or_else(|refusal| answer::refused(self, &refusal))
    }
}

/// The reader that a good token names.
pub(super) struct Reader {
    pub(super) row: ReaderRow,
    pub(super) language: UiLanguage,
    pub(super) zone: Tz,
    pub(super) claims: Claims,
}

impl Reader {
    /// The status; an unknown code of a newer version counts as one that is not mailed.
    pub(super) fn status(&self) -> Status {
        Status::try_from(self.row.status).unwrap_or(Status::Suppressed)
    }

    /// Who left, or has not confirmed, has nothing to choose; their way back is on the page of leaving.
    pub(super) fn may_choose(&self) -> Result<(), Refusal> {
        match self.status() {
            Status::Confirmed | Status::Paused => Ok(()),
            Status::Pending | Status::Unsubscribed | Status::Suppressed => Err(Refusal::TooOld),
        }
    }

    /// The break that they are having.
    pub(super) fn paused(&self) -> Option<Pause> {
        let until = || self.row.pause_until.map_or(Pause::Open, |at| Pause::Until(self.local(at).date()));
        (self.status() == Status::Paused).then(until)
    }

    /// Enough of the address to know it again, too little to write to it.
    pub(super) fn masked(&self) -> String {
        Address::parse(&self.row.address).map_or_else(|_| String::new(), |address| address.masked())
    }

    pub(super) fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.zone).naive_local()
    }
}
