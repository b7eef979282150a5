//! How pages are answered with: headers, refusals in the asker's language, the time limit.
//! It knows no single page.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Request, State, rejection::BytesRejection},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT_LANGUAGE, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
            RETRY_AFTER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use super::{REQUEST_TIME, asked::Asked};
use crate::{
    daemon::{Context, StageError},
    render::{Page, PageContent, Saying},
    store,
};

/// Seconds after which a client that met our fault may ask again.
const TRY_AGAIN: HeaderValue = HeaderValue::from_static("120");
/// For answers that are no pages: nothing may be loaded or framed.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'");

/// Why a page is not given. None of them says whether anybody is known.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A forged, mistyped or foreign token, a reader who is gone: all the same to the asker.
    Missing,
    /// A token whose time is over.
    TooOld,
    /// A confirmation whose time is over.
    ConfirmTooLate,
    /// The body is over the limit.
    TooLarge,
    /// The body does not read.
    Unreadable,
    /// The page does not know the method.
    Method,
    /// Our own fault, for the log; it holds no address and no token.
    Broken(String),
}

impl From<store::Error> for Refusal {
    fn from(error: store::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<StageError> for Refusal {
    fn from(error: StageError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl Refusal {
    fn of(&self) -> (StatusCode, Saying) {
        match self {
            Self::Missing => (StatusCode::NOT_FOUND, Saying::Missing),
            Self::TooOld => (StatusCode::GONE, Saying::TooOld),
            Self::ConfirmTooLate => (StatusCode::GONE, Saying::ConfirmTooLate),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, Saying::TooLarge),
            Self::Unreadable => (StatusCode::BAD_REQUEST, Saying::Unreadable),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, Saying::Method),
            Self::Broken(_) => (StatusCode::SERVICE_UNAVAILABLE, Saying::Broken),
        }
    }
}

/// A page with its own security policy.
pub(super) fn page(page: Page) -> Response {
    let mut response = page.html.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let policy = HeaderValue::from_str(&page.content_security_policy).unwrap_or(NOTHING);
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    response
}

/// The page that says why there is none.
pub(super) fn refused(asked: &Asked, refusal: &Refusal) -> Response {
    let (status, saying) = refusal.of();
    if let Refusal::Broken(error) = refusal {
        tracing::error!(error, "a page could not be given");
    }
    let said = asked.page(asked.language, &PageContent::Said(saying));
    // A template that fails was refused at load; without a page the status still says what is the matter.
    let mut response = said.unwrap_or_else(|_| ().into_response());
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, TRY_AGAIN);
    }
    response
}

/// The body of a POST, or why there is none.
pub(super) fn body(body: Result<Bytes, BytesRejection>) -> Result<Bytes, Refusal> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => Refusal::Unreadable,
    })
}

/// No such page.
pub(super) async fn missing(asked: Asked) -> Response {
    refused(&asked, &Refusal::Missing)
}

/// No such method on this page.
pub(super) async fn method(asked: Asked) -> Response {
    refused(&asked, &Refusal::Method)
}

/// Answers, or says after [`REQUEST_TIME`] that it cannot. What was begun is rolled back: nothing is half done.
pub(super) async fn within_time(State(ctx): State<Arc<Context>>, request: Request, next: Next) -> Response {
    let language = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match tokio::time::timeout(REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let asked = Asked::new(ctx, language.as_deref());
            let mut response = refused(&asked, &Refusal::Broken("it took too long".to_owned()));
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

/// The headers of every answer: nothing is kept, indexed, framed, or told to the next site.
pub(super) async fn guarded(mut response: Response) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    response
}
