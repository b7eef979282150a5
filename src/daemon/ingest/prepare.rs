//! Turns an entry into a revision ready to be stored: text, key points, analysed form, signature.
//! It stores nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::manners::Manners;
use crate::{
    article::{
        ArticleText, Form, KeyPoints, KeyPointsOrigin,
        boilerplate::Learned,
        extract::{self, ExtractSettings, FeedPart, Page},
        story::Signature,
        update::update,
    },
    feed::{Entry, ParsedFeed, polling::Validators},
    fetch::{Body, Fetcher, MAX_HOPS, Outcome, Request, Step, Wanted},
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
}

impl<'a> Pages<'a> {
    pub(super) fn new(fetcher: &'a Fetcher, manners: &'a Manners) -> Self {
        Self { fetcher, manners, until: Instant::now() + PAGES_TIME }
    }

    /// The page behind an entry, decoded; none where it cannot be had, and the feed's own text must do.
    async fn get(&self, entry: &Entry, now: DateTime<Utc>) -> Option<(String, Url)> {
        let url = Url::parse(entry.url.as_deref()?).ok()?;
        timeout_at(self.until, self.fetch(url, now)).await.ok().flatten()
    }

    async fn fetch(&self, url: Url, now: DateTime<Utc>) -> Option<(String, Url)> {
        let mut at = url;
        for _ in 0..=MAX_HOPS {
            // On every step: behind a redirect another site may stand, or another part of this one.
            if !self.manners.allows(self.fetcher, &at, now).await {
                return None;
            }
            let request =
                Request { url: &at, wanted: Wanted::Page, validators: &Validators::default(), subscribers: None };
            let (outcome, headers) = match self.fetcher.fetch_step(request).await {
                Step::To(next) => {
                    at = next;
                    continue;
                }
                Step::Answer(outcome, headers) => (outcome, headers),
            };
            let status = match &outcome {
                Outcome::Body(_) => 200,
                Outcome::Status { status, .. } => *status,
                _ => return None,
            };
            self.manners.answered(&at, status, &headers, now);
            let Outcome::Body(Body { bytes, content_type, .. }) = outcome else { return None };
            return Some((crate::feed::decode_page(&bytes, content_type.as_deref()), at));
        }
        None
    }
}

/// What a revision follows.
pub(super) struct Before {
    /// The last revision.
    pub(super) last: ArticleText,
    /// The text that readers may have been told, where what is new is to be told.
    pub(super) told: Option<ArticleText>,
}

impl Before {
    /// What only the page could tell is as it was where the page was not read: whether the piece is for subscribers, and where it was
    /// asked for in vain also what kind of piece it is.
    fn hold_in(&self, body: &mut ArticleText, in_vain: bool) {
        body.paid |= self.last.paid;
        if !in_vain || body.form != Form::Article || self.last.form == Form::Article {
            return;
        }
        body.form = self.last.form;
        if body.key_points.origin == KeyPointsOrigin::Extracted {
            body.key_points = body.standfirst.clone().map_or_else(KeyPoints::default, |standfirst| KeyPoints {
                origin: KeyPointsOrigin::Summary,
                points: vec![standfirst],
                ai_label: None,
            });
        }
    }
}

/// The revision of an entry, and the fingerprints of its blocks; its page is fetched where the feed alone is not enough and
/// `pages` are given. What is new since the text that readers may have been told is marked.
pub(super) async fn revision(
    pages: Option<Pages<'_>>,
    feed: &FeedRow,
    parsed: &ParsedFeed,
    entry: &Entry,
    learned: &Learned,
    before: Option<&Before>,
    now: DateTime<Utc>,
) -> (NewRevision, Vec<u64>) {
    let address = feed.home_url.as_deref().unwrap_or(&feed.url);
    let languages = [feed.language.as_deref(), parsed.language.as_deref()];
    let part = FeedPart::of(entry, &parsed.entries, &languages, address, now);
    let settings = ExtractSettings {
        own: feed.own,
        // No mail shows more: what would not fit is not chosen.
        max_chars: usize::try_from(feed.max_chars).unwrap_or(0).min(render::MAX_CHARS),
        learned: learned.clone(),
    };
    let needs_page = extract::needs_page(&part);
    let fetched = match pages.filter(|_| needs_page) {
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
    if let Some(before) = before {
        body.update = before.told.as_ref().and_then(|told| update(told, &body));
        if page.is_none() {
            before.hold_in(&mut body, needs_page);
        }
    }
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
