//! Turns an entry into a revision ready to be stored: text, key points, analysed form, signature.
//! It stores nothing.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::manners::Manners;
use crate::{
    article::{
        ArticleText,
        boilerplate::Learned,
        extract::{self, ExtractSettings, FeedPart, Page},
        story::Signature,
        update::update,
    },
    feed::{Entry, ParsedFeed, polling::Validators},
    fetch::{Body, Fetcher, Outcome, Request, Wanted},
    render,
    store::{article::NewRevision, feed::FeedRow},
    topic::{Analysed, analyze::ANALYSER_VERSION},
};

/// How long the pages behind one reading may take together; a slow site's other articles are the feed's own text.
const PAGES_TIME: Duration = Duration::from_mins(1);

/// Gets the pages behind one reading of a feed, as far as their sites and the time allow.
#[derive(Clone, Copy)]
pub(super) struct Pages<'a> {
    fetcher: &'a Fetcher,
    manners: &'a Manners,
    until: Instant,
    /// A site said "too often": the rest of this reading is the feed's own text.
    limited: &'a AtomicBool,
}

impl<'a> Pages<'a> {
    pub(super) fn new(fetcher: &'a Fetcher, manners: &'a Manners, limited: &'a AtomicBool) -> Self {
        Self { fetcher, manners, until: Instant::now() + PAGES_TIME, limited }
    }

    /// The page behind an entry, decoded; none where it cannot be had, and the feed's own text must do.
    async fn get(&self, entry: &Entry, now: DateTime<Utc>) -> Option<(String, Url)> {
        let url = Url::parse(entry.url.as_deref()?).ok()?;
        if self.limited.load(Ordering::Relaxed) {
            return None;
        }
        timeout_at(self.until, self.fetch(&url, now)).await.ok().flatten()
    }

    async fn fetch(&self, url: &Url, now: DateTime<Utc>) -> Option<(String, Url)> {
        if !self.manners.allows(self.fetcher, url, now).await {
            return None;
        }
        let request = Request { url, wanted: Wanted::Page, validators: &Validators::default(), subscribers: None };
        let fetched = self.fetcher.fetch(request).await;
        // Behind a redirect another site may stand, or another part of this one.
        if fetched.url != *url && !self.manners.allows(self.fetcher, &fetched.url, now).await {
            return None;
        }
        match fetched.outcome {
            Outcome::Body(Body { bytes, content_type, .. }) => {
                Some((crate::feed::decode_page(&bytes, content_type.as_deref()), fetched.url))
            }
            Outcome::Status { status: 429 | 503, .. } => {
                self.limited.store(true, Ordering::Relaxed);
                None
            }
            _ => None,
        }
    }
}

/// The revision of an entry, and the fingerprints of its blocks; its page is fetched where the feed alone is not enough and
/// `pages` are given. `told` is the text that readers may have been told: what is new since then is marked.
pub(super) async fn revision(
    pages: Option<Pages<'_>>,
    feed: &FeedRow,
    parsed: &ParsedFeed,
    entry: &Entry,
    learned: &Learned,
    told: Option<&ArticleText>,
    now: DateTime<Utc>,
) -> (NewRevision, Vec<u64>) {
    let address = feed.home_url.as_deref().unwrap_or(&feed.url);
    let part = FeedPart::of(entry, &[feed.language.as_deref(), parsed.language.as_deref()], address, now);
    let settings = ExtractSettings {
        own: feed.own,
        max_chars: usize::try_from(feed.max_chars).unwrap_or(0),
        learned: learned.clone(),
    };
    let fetched = match pages.filter(|_| extract::needs_page(&part)) {
        Some(pages) => pages.get(entry, now).await,
        None => None,
    };
    let page = fetched.as_ref().map(|(html, url)| Page { html, url: url.as_str() });
    let mut extracted = extract::from_feed(&part, page, &settings);
    if extracted.article.paragraphs.is_empty() && !learned.is_empty() {
        // A feed that always says the same says it for a reason.
        extracted = extract::from_feed(&part, page, &ExtractSettings { learned: Learned::new(), ..settings });
    }
    let mut body = extracted.article;
    body.update = told.and_then(|told| update(told, &body));
    let analysed = Analysed::of(&body, &feed.facts());
    let revision = NewRevision {
        analyser: i16::from(ANALYSER_VERSION),
        analysed: analysed.to_bytes(),
        keys: analysed.candidate_keys(),
        signature: Signature::of(&body).to_bytes(),
        html_bytes: i32::try_from(render::estimated_html_bytes(&body)).unwrap_or(i32::MAX),
        body,
    };
    (revision, extracted.fingerprints)
}
