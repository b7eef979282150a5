//! What can come of a request, and the client's errors in our words.
//! It makes no requests.

use std::error::Error;

use url::Url;

use super::MAX_HOPS;
use super::guard::{RefusedAddress, UnknownName};
use crate::feed::FeedUrl;
use crate::feed::polling::{AnswerHeaders, Validators};

/// How rustls names the one fault of a certificate that its reader can mend.
const UNKNOWN_ISSUER: &str = "UnknownIssuer";

/// What came of a request.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The address that gave the answer, or the last one tried.
    pub url: Url,
    /// Where the unbroken chain of permanent redirects (301, 308) led that the request began with.
    pub moved_to: Option<FeedUrl>,
    /// No redirect led here, or none that is for now only: the answer is that of the address asked for.
    pub lasting: bool,
    /// What the answer says about when to come again.
    pub headers: AnswerHeaders,
    /// `Link` headers (RFC 8288), as sent.
    pub links: Vec<String>,
    /// The answer itself.
    pub outcome: Outcome,
}

/// The answer.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// 304 to a conditional request.
    NotModified,
    /// A document.
    Body(Body),
    /// Any other status.
    Status {
        /// The status code.
        status: u16,
        /// The beginning of its body, for telling challenges.
        head: Vec<u8>,
    },
    /// No answer, or one that is not taken.
    Failed(FetchError),
}

/// What came of one request on a way of redirects.
#[derive(Clone, Debug)]
pub enum Step {
    /// It is somewhere else.
    To(Url),
    /// The answer itself, and what it says about when to come again.
    Answer(Outcome, Box<AnswerHeaders>),
}

/// A document, inflated and otherwise as sent.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// For the next request.
    pub validators: Validators,
    /// The connection ended before the announced length: the document may be whole nevertheless.
    pub cut: bool,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Over the size cap, after inflating.
    #[error(
        "the document is larger than {limit} bytes; a feed of that size is none; ask its publisher for one with fewer entries"
    )]
    TooLarge {
        /// The cap in bytes.
        limit: usize,
    },
    /// Over the time cap.
    #[error("{host} did not finish its answer within {seconds} s")]
    TimedOut {
        /// Who.
        host: String,
        /// The cap.
        seconds: u64,
    },
    /// The guard.
    #[error(transparent)]
    Refused(#[from] RefusedAddress),
    /// A redirect out of the web.
    #[error("redirected to {to}, which is no web address")]
    NotWeb {
        /// Where to.
        to: String,
    },
    /// Too many hops.
    #[error("redirected more than {MAX_HOPS} times, the last time to {to}")]
    TooManyRedirects {
        /// The hop not taken.
        to: String,
    },
    /// No such name.
    #[error("the name {host} cannot be resolved ({why})")]
    Name {
        /// The name.
        host: String,
        /// What the resolver says.
        why: String,
    },
    /// No connection.
    #[error("{host} cannot be connected to ({why})")]
    Connect {
        /// Who.
        host: String,
        /// What the system or TLS says.
        why: String,
    },
    /// The certificate is nobody's whom we trust.
    #[error(
        "{host} shows a certificate of an unknown authority; if that is your own, name its PEM file in [feeds] ca_file"
    )]
    Untrusted {
        /// Who.
        host: String,
    },
    /// Not asked: enough of our own requests wait for the same address already.
    #[error("the address of {host} has enough to do with our other requests")]
    Crowded {
        /// Who.
        host: String,
    },
    /// The exchange broke.
    #[error("the exchange with {host} broke ({why})")]
    Broken {
        /// Who.
        host: String,
        /// What broke.
        why: String,
    },
}

pub(super) fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// What the guard says of a name, in our words.
pub(super) fn of_name(error: &(dyn Error + 'static), url: &Url) -> Option<FetchError> {
    if let Some(refused) = error.downcast_ref::<RefusedAddress>() {
        return Some(FetchError::Refused(refused.clone()));
    }
    let name = error.downcast_ref::<UnknownName>()?;
    Some(FetchError::Name { host: host(url), why: name.why.clone() })
}

/// An error of the client in our words: its own text hides the cause and shows the whole address.
pub(super) fn told(error: &reqwest::Error, url: &Url) -> FetchError {
    told_of(error, error.is_connect(), url)
}

/// The same of any error that came up while connecting, or later.
pub(super) fn told_of(error: &(dyn Error + 'static), connecting: bool, url: &Url) -> FetchError {
    if let Some(error) = causes(error).find_map(|cause| of_name(cause, url)) {
        return error;
    }
    let (host, why) = (host(url), reason(error));
    if why.contains(UNKNOWN_ISSUER) {
        FetchError::Untrusted { host }
    } else if connecting {
        FetchError::Connect { host, why }
    } else {
        FetchError::Broken { host, why }
    }
}

/// The innermost cause of an error.
pub(super) fn reason(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |cause| (*cause).source())
}
