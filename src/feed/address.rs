//! The address of a feed: parsed once at the border, http or https, with a host.
//! It does not decide which addresses may be connected to; that is `fetch`'s guard.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
use url::Url;

/// Bytes of the longest address taken; servers commonly refuse beyond 8 kB.
const MAX_ADDRESS: usize = 4_000;

/// The address of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FeedUrl(Url);

/// Why an address is not one of a feed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedUrlError {
    /// Nothing given.
    #[error("the feed's address is empty; give one like https://example.org/feed.xml")]
    Empty,
    /// Not web.
    #[error("{given:?} begins with {scheme}:, but a feed's address begins with https:// or http://")]
    Scheme {
        /// What was given.
        given: String,
        /// Its scheme.
        scheme: String,
    },
    /// Too long to be one.
    #[error("the address is {length} bytes long; at most {MAX_ADDRESS} are taken")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// Not an address.
    #[error("{given:?} is not a web address ({why}); give one like https://example.org/feed.xml")]
    Malformed {
        /// What was given.
        given: String,
        /// What is wrong with it.
        why: String,
    },
}

impl FeedUrl {
    /// Reads an address as people paste it: `feed://` and `feed:https://` are taken, a bare host gets https.
    pub fn parse(given: &str) -> Result<Self, FeedUrlError> {
        let text = given.trim();
        if text.is_empty() {
            return Err(FeedUrlError::Empty);
        }
        if text.len() > MAX_ADDRESS {
            return Err(FeedUrlError::TooLong { length: text.len() });
        }
        let malformed = |why: &str| FeedUrlError::Malformed { given: given.to_owned(), why: why.to_owned() };
        let mut url = Url::parse(&with_scheme(text)).map_err(|e| malformed(&e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FeedUrlError::Scheme { given: given.to_owned(), scheme: url.scheme().to_owned() });
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(malformed("it has no host"));
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    /// The parsed address.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The whole address, credentials included: for connecting and storing, not for showing.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What limits hold for: the registrable domain (public suffix list), so that a service's sub-domains count as one;
    /// for an address in place of a name, the address.
    pub fn domain(&self) -> String {
        let host = self.0.host_str().unwrap_or_default().trim_end_matches('.');
        match self.0.host() {
            Some(url::Host::Domain(_)) => psl::domain_str(host).unwrap_or(host).to_owned(),
            _ => host.to_owned(),
        }
    }

    /// The host name that `site:` matches.
    pub fn site(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host).to_owned()
    }

    /// The address behind its scheme: the same for http and https, which give the same feed.
    pub fn without_scheme(&self) -> &str {
        &self.0.as_str()[self.0.scheme().len()..]
    }

    /// Whether the other address differs in nothing but https for http.
    pub fn is_https_twin_of(&self, http: &FeedUrl) -> bool {
        self.0.scheme() == "https" && http.0.scheme() == "http" && self.without_scheme() == http.without_scheme()
    }
}

/// What relative addresses of a feed without `xml:base` are relative to where the document lies elsewhere than its site, as at a
/// service for feeds: the site, which it names itself.
pub(super) fn site_of(link: &str, document: &Url) -> Option<Url> {
    let site = Url::parse(link.trim()).ok().filter(|u| matches!(u.scheme(), "http" | "https"))?;
    let domain = |url: &Url| FeedUrl::parse(url.as_str()).ok().map(|url| url.domain());
    (domain(&site) != domain(document)).then_some(site)
}

fn with_scheme(text: &str) -> Cow<'_, str> {
    // As all are that are stored.
    if text.starts_with("https://") || text.starts_with("http://") {
        return Cow::Borrowed(text);
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("feed:http") {
        return Cow::Borrowed(&text["feed:".len()..]);
    }
    if lower.starts_with("feed://") {
        return Cow::Owned(format!("https://{}", &text["feed://".len()..]));
    }
    let host = lower.split(['/', '?']).next().unwrap_or_default();
    // `example.org:8080/feed` would be read as the scheme `example.org`; a scheme has no dot.
    let has_scheme = lower.split_once(':').is_some_and(|(s, _)| !s.contains(['.', '/', '?']) && s != "localhost");
    if !has_scheme && (host.contains('.') || host.starts_with("localhost")) {
        return Cow::Owned(format!("https://{text}"));
    }
    Cow::Borrowed(text)
}

impl fmt::Display for FeedUrl {
    /// Shows the address without its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.password().is_none() {
            return f.write_str(self.0.as_str());
        }
        let mut shown = self.0.clone();
        // Fails only for addresses that can carry no password, which this one does.
        let _ = shown.set_password(Some("***"));
        f.write_str(shown.as_str())
    }
}

impl TryFrom<String> for FeedUrl {
    type Error = FeedUrlError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<FeedUrl> for String {
    fn from(url: FeedUrl) -> Self {
        url.0.into()
    }
}

impl std::str::FromStr for FeedUrl {
    type Err = FeedUrlError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: &str, want: &str) {
        assert_eq!(FeedUrl::parse(given).map_or_else(|e| e.to_string(), |u| u.to_string()), want, "{given}");
    }

    #[test]
    fn addresses_are_taken_as_people_paste_them() {
        check(" https://Example.org/feed ", "https://example.org/feed");
        check("feed://example.org/rss", "https://example.org/rss");
        check("feed:http://example.org/rss", "http://example.org/rss");
        check("example.org/feed#top", "https://example.org/feed");
        check("example.org:8080/feed", "https://example.org:8080/feed");
        check("http://me:secret@example.org/f", "http://me:***@example.org/f");
        check("http://[::1]:81/f", "http://[::1]:81/f");
    }

    #[test]
    fn what_is_not_an_address_says_why() {
        check("", "the feed's address is empty; give one like https://example.org/feed.xml");
        check(
            "file:///etc/passwd",
            "\"file:///etc/passwd\" begins with file:, but a feed's address begins with https:// or http://",
        );
        check(
            "nonsense",
            "\"nonsense\" is not a web address (relative URL without a base); give one like https://example.org/feed.xml",
        );
        check("https://", "\"https://\" is not a web address (empty host); give one like https://example.org/feed.xml");
    }

    #[test]
    fn limits_hold_for_registrable_domains() {
        let domain = |s: &str| FeedUrl::parse(s).expect("a valid address").domain();
        assert_eq!(domain("https://a.b.example.co.uk/f"), "example.co.uk");
        assert_eq!(domain("https://one.blog.example.com./f"), "example.com");
        // Sites of a hosting service that is on the list are different publishers.
        assert_eq!(domain("https://someone.github.io/f"), "someone.github.io");
        assert_eq!(domain("http://127.0.0.1:81/f"), "127.0.0.1");
        assert_eq!(domain("http://localhost/f"), "localhost");
    }

    #[test]
    fn an_https_twin_differs_in_nothing_else() {
        let u = |s: &str| FeedUrl::parse(s).expect("a valid address");
        assert!(u("https://a.example/f?x").is_https_twin_of(&u("http://a.example/f?x")));
        assert!(!u("https://a.example/g").is_https_twin_of(&u("http://a.example/f")));
        assert!(!u("http://a.example/f").is_https_twin_of(&u("https://a.example/f")));
    }
}
