//! Gets documents over HTTP with conditional requests, size and time caps and the guard against private addresses.
//! It does not read what it fetched; the nouns do.

mod form;
mod guard;
mod lone;
mod outcome;
mod slots;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, Response, StatusCode, redirect};
use serde::Deserialize;
use tokio::time::{Instant, timeout};
use url::Url;

use crate::feed::polling::{AnswerHeaders, Validators};
use crate::feed::{FeedUrl, robots};

pub use form::Posted;
pub use guard::RefusedAddress;
use guard::{GuardedNames, HeldName, literal};
use lone::Lone;
pub use outcome::{Body, FetchError, Fetched, Outcome, Step};
use outcome::{host, of_name, reason, told};
use slots::Slots;

/// Redirects followed; browsers take 20, feeds that need more than five are misconfigured.
pub const MAX_HOPS: usize = 5;
/// Seconds for a connection to stand; the whole fetch has its own cap.
const CONNECT_SECONDS: u64 = 10;
/// Bytes kept of the body of an error answer: enough to know a challenge page.
const MAX_ERROR_BODY: usize = 64_000;
/// Connections kept open per host between polls; more would be a load on small sites.
const IDLE_PER_HOST: usize = 2;
/// Seconds an unused connection is kept: one site's feeds and pages follow each other within that. Longer, those of a round
/// over thousands of sites would add up.
const IDLE_SECONDS: u64 = 3;
/// Bytes of one header taken over.
const MAX_HEADER: usize = 1_000;

/// `Link` headers taken over.
const MAX_LINKS: usize = 10;

/// How documents are fetched; filled from the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FetchConfig {
    /// Who answers for the requests: a web or mail address that publishers can turn to. Part of the `User-Agent`.
    pub contact: String,
    /// Allow loopback and private addresses: for tests, the demo and feeds of one's own network.
    pub allow_private: bool,
    /// Seconds for one document, redirects and body included.
    pub timeout_seconds: u64,
    /// Bytes of one document, after inflating.
    pub max_bytes: usize,
    /// PEM file with certificates to trust beside the system's, for feeds of one's own network.
    pub ca_file: Option<PathBuf>,
    /// Addresses of host names that are not asked of the system's resolver.
    pub hosts: BTreeMap<String, IpAddr>,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            contact: String::new(),
            allow_private: false,
            timeout_seconds: 30,
            max_bytes: 10_000_000,
            ca_file: None,
            hosts: BTreeMap::new(),
        }
    }
}

/// The certificates of this file; none without one.
fn trusted(file: Option<&Path>) -> Result<Vec<Certificate>, ClientError> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let text = std::fs::read(file).map_err(|error| no_certificate(file, &error.to_string()))?;
    let found = Certificate::from_pem_bundle(&text).map_err(|error| no_certificate(file, &reason(&error)))?;
    if found.is_empty() { Err(no_certificate(file, "there is none in it")) } else { Ok(found) }
}

fn no_certificate(file: &Path, why: &str) -> ClientError {
    ClientError::Certificates { path: file.display().to_string(), why: why.to_owned() }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where.
    pub url: &'a Url,
    /// A feed or an article's page: they differ in what is accepted.
    pub wanted: Wanted,
    /// Of the last body; empty ones ask unconditionally.
    pub validators: &'a Validators,
    /// Readers behind a feed, told to its publisher.
    pub subscribers: Option<u32>,
}

/// What kind of document is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// RSS, Atom, JSON Feed.
    Feed,
    /// HTML.
    Page,
    /// Text, for `robots.txt`.
    Text,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The contact cannot be sent.
    #[error("fetch.contact {contact:?} cannot stand in a header; use a plain web or mail address")]
    Contact {
        /// The contact.
        contact: String,
    },
    /// The certificates to trust cannot be read.
    #[error("ca_file {path} gives no certificate ({why}); it has to be a PEM file")]
    Certificates {
        /// Where they should be.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// TLS or the system.
    #[error("the HTTP client cannot start: {0}")]
    Start(#[from] reqwest::Error),
}

/// A client for feeds and pages. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Fetcher {
    client: Client,
    lone: Lone,
    names: GuardedNames,
    slots: Arc<Slots>,
    product: String,
    config: Arc<FetchConfig>,
}

impl Fetcher {
    /// A client of this configuration. Proxies of the environment are not used: behind one, the guard would not see
    /// what is connected to.
    pub fn new(config: &FetchConfig) -> Result<Self, ClientError> {
        let contact = config.contact.trim();
        if !contact.bytes().all(|b| (0x20..0x7F).contains(&b)) {
            return Err(ClientError::Contact { contact: contact.to_owned() });
        }
        let names = GuardedNames::new(config.allow_private, config.hosts.clone());
        let connecting = Duration::from_secs(CONNECT_SECONDS);
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .connect_timeout(connecting)
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .pool_idle_timeout(Duration::from_secs(IDLE_SECONDS))
            .dns_resolver(names.clone())
            .tls_certs_merge(trusted(config.ca_file.as_deref())?)
            .build()
            // Only here the certificates are looked into.
            .map_err(|error| match &config.ca_file {
                Some(file) => no_certificate(file, &reason(&error)),
                None => ClientError::Start(error),
            })?;
        let about = if contact.is_empty() { "feed reader".to_owned() } else { format!("feed reader; +{contact}") };
        let product = format!("depeche/{} ({about}", env!("CARGO_PKG_VERSION"));
        Ok(Self {
            client,
            lone: Lone::new(names.clone(), connecting),
            names,
            slots: Slots::new(),
            product,
            config: Arc::new(config.clone()),
        })
    }

    /// Fetches one document. Always ends within the configured time, our own waits for other requests to the same address
    /// aside.
    pub async fn fetch(&self, request: Request<'_>) -> Fetched {
        self.get(request, false).await
    }

    /// The same where nothing more is asked of this host soon: the connection is not kept. Those of ten thousand hosts would be
    /// a load on both sides.
    pub async fn fetch_alone(&self, request: Request<'_>) -> Fetched {
        self.get(request, true).await
    }

    /// One request whose redirect is not followed: for who must ask first whether the next address may be fetched at all.
    pub async fn fetch_step(&self, request: Request<'_>) -> Step {
        let mut trail = Trail::new(request.url);
        let mut left = Duration::from_secs(self.config.timeout_seconds);
        let later = request.wanted == Wanted::Feed;
        let hop = self.hop(request, false, &mut trail);
        match self.in_turn(&mut left, request.url, later, hop).await {
            Ok(None) => Step::To(trail.at),
            Ok(Some(outcome)) => Step::Answer(outcome, Box::new(trail.headers)),
            Err(error) => Step::Answer(Outcome::Failed(error), Box::new(trail.headers)),
        }
    }

    async fn get(&self, request: Request<'_>, alone: bool) -> Fetched {
        let mut trail = Trail::new(request.url);
        let outcome = self.follow(request, alone, &mut trail).await;
        let moved_to = trail.moved_to.and_then(|u| FeedUrl::parse(u.as_str()).ok());
        let Trail { at: url, lasting, headers, links, .. } = trail;
        Fetched { url, moved_to, lasting, headers, links, outcome: outcome.unwrap_or_else(Outcome::Failed) }
    }

    async fn follow(&self, request: Request<'_>, alone: bool, trail: &mut Trail) -> Result<Outcome, FetchError> {
        let mut left = Duration::from_secs(self.config.timeout_seconds);
        for _ in 0..=MAX_HOPS {
            let at = trail.at.clone();
            // A feed can be asked later; the pages behind an entry are wanted now.
            let later = request.wanted == Wanted::Feed;
            if let Some(outcome) = self.in_turn(&mut left, &at, later, self.hop(request, alone, trail)).await? {
                return Ok(outcome);
            }
        }
        Err(FetchError::TooManyRedirects { to: trail.at.to_string() })
    }

    /// Does one request within the time that is left, once it may go to the address behind its host. With `may_come_again` it is
    /// refused as crowded instead of a long wait.
    async fn in_turn<T>(
        &self,
        left: &mut Duration,
        at: &Url,
        may_come_again: bool,
        request: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let timed_out = || FetchError::TimedOut { host: host(at), seconds: self.config.timeout_seconds };
        let place = within(left, self.look_up(at)).await.ok_or_else(timed_out)??;
        let request = pin!(request);
        let slot = self.slots.take(&place.addresses(), may_come_again).await;
        let _slot = slot.map_err(|_| FetchError::Crowded { host: host(at) })?;
        within(left, request).await.ok_or_else(timed_out)?
    }

    /// What stands behind the host of this address, if it may be connected to.
    async fn look_up(&self, at: &Url) -> Result<Place, FetchError> {
        if let Some(address) = literal(at) {
            guard::check(&host(at), address, self.config.allow_private)?;
            return Ok(Place::Literal(address));
        }
        let name = self.names.hold(&host(at)).await;
        name.map(Place::Name).map_err(|error| {
            let unknown = || FetchError::Name { host: host(at), why: error.to_string() };
            of_name(error.as_ref(), at).unwrap_or_else(unknown)
        })
    }

    /// One request; none when it is answered by a redirect, which the trail then follows.
    async fn hop(&self, request: Request<'_>, alone: bool, trail: &mut Trail) -> Result<Option<Outcome>, FetchError> {
        let response = self.ask(request, alone, &trail.at).await?;
        let Some(target) = redirect_target(&response, &trail.at)? else {
            trail.headers = answer_headers(response.headers());
            let links = response.headers().get_all(header::LINK).iter().filter_map(text_of);
            trail.links = links.take(MAX_LINKS).collect();
            return self.receive(request, response, &trail.at).await.map(Some);
        };
        trail.follow(response.status(), target);
        Ok(None)
    }

    async fn ask(&self, request: Request<'_>, alone: bool, url: &Url) -> Result<Response, FetchError> {
        let product = match request.subscribers {
            Some(readers) => format!("{}; {readers} subscribers)", self.product),
            None => format!("{})", self.product),
        };
        let mut headers = HeaderMap::new();
        let set = |headers: &mut HeaderMap, name: HeaderName, value: &str| {
            // A stored validator that is no header value any more is left out: the request is then unconditional.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(&mut headers, header::USER_AGENT, &product);
        headers.insert(header::ACCEPT, HeaderValue::from_static(request.wanted.accept()));
        if let Some(etag) = &request.validators.etag {
            set(&mut headers, header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &request.validators.last_modified {
            set(&mut headers, header::IF_MODIFIED_SINCE, date);
        }
        if alone {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            if Lone::reaches(url) {
                return self.lone.get(url, headers).await.map_err(|error| error.told(url));
            }
        }
        self.client.get(url.clone()).headers(headers).send().await.map_err(|e| told(&e, url))
    }

    async fn receive(&self, request: Request<'_>, response: Response, at: &Url) -> Result<Outcome, FetchError> {
        let status = response.status();
        let conditional = request.validators != &Validators::default();
        match status {
            StatusCode::NOT_MODIFIED if conditional => Ok(Outcome::NotModified),
            _ if status.is_success() && status != StatusCode::PARTIAL_CONTENT => {
                let text = |name| header_text(response.headers(), name);
                let content_type = text(header::CONTENT_TYPE);
                let validators = Validators { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) };
                let limit = request.wanted.limit(self.config.max_bytes);
                let (bytes, end) = read_body(response, limit).await;
                match end {
                    // Nobody reads more of a robots.txt.
                    End::TooLarge if request.wanted == Wanted::Text => {
                        Ok(Outcome::Body(Body { bytes, content_type, validators, cut: false }))
                    }
                    End::Whole => Ok(Outcome::Body(Body { bytes, content_type, validators, cut: false })),
                    // Servers announce wrong lengths and break off after the last byte: the reader will see.
                    // What may be half of a document must not become the base of a 304.
                    End::Broken(_) if !bytes.is_empty() => {
                        Ok(Outcome::Body(Body { bytes, content_type, validators: Validators::default(), cut: true }))
                    }
                    End::Broken(e) => Err(told(&e, at)),
                    End::TooLarge => Err(FetchError::TooLarge { limit: self.config.max_bytes }),
                }
            }
            _ => {
                let (head, _) = read_body(response, MAX_ERROR_BODY).await;
                Ok(Outcome::Status { status: status.as_u16(), head })
            }
        }
    }
}

impl Wanted {
    /// Bytes taken of it.
    fn limit(self, configured: usize) -> usize {
        match self {
            Self::Feed | Self::Page => configured,
            // One more, so that its reader sees that there are more.
            Self::Text => robots::MAX_BYTES + 1,
        }
    }

    fn accept(self) -> &'static str {
        match self {
            Self::Feed => {
                "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, \
                 text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
            }
            Self::Page => "text/html, application/xhtml+xml, */*;q=0.5",
            Self::Text => "text/plain, */*;q=0.5",
        }
    }
}

/// What a request is about to be connected to.
enum Place {
    Literal(IpAddr),
    Name(HeldName),
}

impl Place {
    fn addresses(&self) -> Vec<IpAddr> {
        match self {
            Self::Literal(address) => vec![*address],
            Self::Name(name) => name.addresses(),
        }
    }
}

/// What comes of the work in what is left of the time; none when that is used up.
async fn within<T>(left: &mut Duration, work: impl Future<Output = T>) -> Option<T> {
    let since = Instant::now();
    let done = timeout(*left, work).await;
    *left = left.saturating_sub(since.elapsed());
    done.ok()
}

/// The way that redirects took.
struct Trail {
    at: Url,
    moved_to: Option<Url>,
    /// All hops so far were permanent.
    permanent: bool,
    /// The same, but for those to the https twin: many servers send everybody there for now, and mean for ever.
    lasting: bool,
    headers: AnswerHeaders,
    links: Vec<String>,
}

impl Trail {
    fn new(start: &Url) -> Self {
        Self {
            at: start.clone(),
            moved_to: None,
            permanent: true,
            lasting: true,
            headers: AnswerHeaders::default(),
            links: Vec::new(),
        }
    }

    fn follow(&mut self, status: StatusCode, target: Url) {
        let permanent = matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
        self.permanent &= permanent;
        let rest = self.at.as_str().strip_prefix("http:");
        self.lasting &= permanent || rest.is_some_and(|rest| target.as_str().strip_prefix("https:") == Some(rest));
        if self.permanent {
            self.moved_to = Some(target.clone());
        }
        self.at = target;
    }
}

/// Where an answer sends us, if it does (RFC 9110, section 15.4). Without a target it is an answer like others.
fn redirect_target(response: &Response, at: &Url) -> Result<Option<Url>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response.headers().get(header::LOCATION).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
    let Some(location) = location.filter(|l| !l.trim().is_empty()) else { return Ok(None) };
    let target = at.join(location.trim()).ok().filter(|t| matches!(t.scheme(), "http" | "https") && t.has_host());
    target.map(Some).ok_or(FetchError::NotWeb { to: location })
}

enum End {
    Whole,
    Broken(reqwest::Error),
    TooLarge,
}

/// The body up to `limit` bytes, counted after inflating.
async fn read_body(mut response: Response, limit: usize) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > limit => {
                bytes.extend_from_slice(&chunk[..limit - bytes.len()]);
                return (bytes, End::TooLarge);
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return (bytes, End::Whole),
            Err(e) => return (bytes, End::Broken(e)),
        }
    }
}

fn header_text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<String> {
    text_of(headers.get(name)?)
}

fn text_of(value: &HeaderValue) -> Option<String> {
    let value = value.to_str().ok()?.trim();
    (!value.is_empty() && value.len() <= MAX_HEADER).then(|| value.to_owned())
}

fn answer_headers(headers: &HeaderMap) -> AnswerHeaders {
    let text = |name: &str| header_text(headers, name);
    let first = |names: [&str; 3]| names.into_iter().find_map(text);
    AnswerHeaders {
        retry_after: header_text(headers, header::RETRY_AFTER),
        cache_control: header_text(headers, header::CACHE_CONTROL),
        expires: header_text(headers, header::EXPIRES),
        date: header_text(headers, header::DATE),
        age: header_text(headers, header::AGE),
        ratelimit_remaining: first(["x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining"]),
        ratelimit_reset: first(["x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset"]),
        ratelimit: text("ratelimit"),
        ratelimit_policy: text("ratelimit-policy"),
    }
}
