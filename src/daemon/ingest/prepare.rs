//! Turns an entry into a revision ready to be stored: text, key points, analysed form, signature.
//! It stores nothing.

use chrono::{DateTime, Utc};
use url::Url;

use crate::{
    article::{
        extract::{self, ExtractSettings, FeedPart, Page},
        story::Signature,
    },
    feed::{Entry, ParsedFeed, polling::Validators},
    fetch::{Body, Fetcher, Outcome, Request, Wanted},
    render,
    store::{article::NewRevision, feed::FeedRow},
    topic::{Analysed, FeedFacts, analyze::ANALYSER_VERSION},
};

/// The revision of an entry; its page is fetched where the feed alone is not enough and `page` allows it.
pub(super) async fn revision(
    fetcher: &Fetcher,
    feed: &FeedRow,
    parsed: &ParsedFeed,
    entry: &Entry,
    page: bool,
    now: DateTime<Utc>,
) -> NewRevision {
    let address = feed.home_url.as_deref().unwrap_or(&feed.url);
    let part = FeedPart::of(entry, &[feed.language.as_deref(), parsed.language.as_deref()], address, now);
    let settings = ExtractSettings {
        own: feed.own,
        max_chars: usize::try_from(feed.max_chars).unwrap_or(0),
        ..ExtractSettings::default()
    };
    let wanted = page && extract::needs_page(&part);
    let fetched = if wanted { fetch_page(fetcher, entry).await } else { None };
    let page = fetched.as_ref().map(|(html, url)| Page { html, url: url.as_str() });
    let body = extract::from_feed(&part, page, &settings).article;
    let facts = FeedFacts { slug: "", title: &feed.title, site: &feed.site };
    let analysed = Analysed::of(&body, &facts);
    NewRevision {
        analyser: i16::from(ANALYSER_VERSION),
        analysed: analysed.to_bytes(),
        signature: Signature::of(&body).to_bytes(),
        html_bytes: i32::try_from(render::estimated_html_bytes(&body)).unwrap_or(i32::MAX),
        body,
    }
}

/// The page behind an entry, decoded; none where it cannot be had, and the feed's own text must do.
async fn fetch_page(fetcher: &Fetcher, entry: &Entry) -> Option<(String, Url)> {
    let url = Url::parse(entry.url.as_deref()?).ok()?;
    let request = Request { url: &url, wanted: Wanted::Page, validators: &Validators::default(), subscribers: None };
    let fetched = fetcher.fetch(request).await;
    match fetched.outcome {
        Outcome::Body(Body { bytes, content_type, .. }) => {
            Some((crate::feed::decode_page(&bytes, content_type.as_deref()), fetched.url))
        }
        _ => None,
    }
}
