//! Sends a form to an address that a feed named: the same caps, the same guard, and a redirect only where it keeps the form.
//! What is in the form, the caller decides.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use url::{Url, form_urlencoded};

use super::{FetchError, Fetcher, MAX_ERROR_BODY, MAX_HOPS, answer_headers, read_body, redirect_target, told};
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
    /// Sends a form. Always ends within the configured time, our own waits for other requests to the same address aside.
    pub async fn post(&self, url: &Url, form: &[(&str, &str)]) -> Result<Posted, FetchError> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let (mut left, mut at) = (Duration::from_secs(self.config.timeout_seconds), url.clone());
        for _ in 0..=MAX_HOPS {
            let answer = self.in_turn(&mut left, &at, false, self.post_once(&at, &body)).await?;
            match answer {
                Ok(posted) => return Ok(posted),
                Err(target) => at = target,
            }
        }
        Err(FetchError::TooManyRedirects { to: at.to_string() })
    }

    /// One request; where it is answered by a redirect, its target.
    async fn post_once(&self, at: &Url, body: &str) -> Result<Result<Posted, Url>, FetchError> {
        let request = self
            .client
            .post(at.clone())
            .header(USER_AGENT, format!("{})", self.product))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.to_owned());
        let response = request.send().await.map_err(|error| told(&error, at))?;
        let status = response.status().as_u16();
        // The others turn a POST into a GET (RFC 9110, section 15.4); the secret goes nowhere without need.
        if matches!(status, 307 | 308)
            && let Some(target) = redirect_target(&response, at)?
        {
            return Ok(Err(target));
        }
        let headers = answer_headers(response.headers());
        let (head, _) = read_body(response, MAX_ERROR_BODY).await;
        Ok(Ok(Posted { status, head, headers }))
    }
}
