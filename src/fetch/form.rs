//! Sends a form to an address that a feed named: the same caps, the same guard, and a redirect only where it keeps the form.
//! What is in the form, the caller decides.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use url::{Url, form_urlencoded};

use super::{FetchError, Fetcher, MAX_ERROR_BODY, MAX_HOPS, answer_headers, host, read_body, redirect_target, told};
use crate::feed::polling::AnswerHeaders;

/// What came back.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The status code.
    pub status: u16,
    /// The beginning of the body, for people.
    pub head: Vec<u8>,
    /// When to come again.
    pub headers: AnswerHeaders,
}

impl Fetcher {
    /// Sends a form. Always ends within the configured time.
    pub async fn post(&self, url: &Url, form: &[(&str, &str)]) -> Result<Posted, FetchError> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let seconds = self.config.timeout_seconds;
        let answer = tokio::time::timeout(Duration::from_secs(seconds), self.post_along(url, &body)).await;
        answer.unwrap_or_else(|_| Err(FetchError::TimedOut { host: host(url), seconds }))
    }

    async fn post_along(&self, url: &Url, body: &str) -> Result<Posted, FetchError> {
        let mut at = url.clone();
        for _ in 0..=MAX_HOPS {
            self.check_literal(&at)?;
            let request = self
                .client
                .post(at.clone())
                .header(USER_AGENT, format!("{})", self.product))
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(body.to_owned());
            let response = request.send().await.map_err(|error| told(&error, &at))?;
            let status = response.status().as_u16();
            // The others turn a POST into a GET (RFC 9110, section 15.4); the secret goes nowhere without need.
            let target = if matches!(status, 307 | 308) { redirect_target(&response, &at)? } else { None };
            let Some(target) = target else {
                let headers = answer_headers(response.headers());
                let (head, _) = read_body(response, MAX_ERROR_BODY).await;
                return Ok(Posted { status, head, headers });
            };
            at = target;
        }
        Err(FetchError::TooManyRedirects { to: at.to_string() })
    }
}
