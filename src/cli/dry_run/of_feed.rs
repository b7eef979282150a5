//! `dry-run --feed --filter`: what a digest of this feed for this filter would look like now, without any stored state.
//! It uses the planner's selection and the mail's own templates, and neither Postgres nor the ledger.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;
use url::Url;

use super::answer::{Shown, ShownItem, ShownMail, ShownMatch, Standing};
use crate::{
    article::{
        ArticleText,
        extract::{self, ExtractSettings, FeedPart, Page, from_feed},
        story::{Signature, same_story},
    },
    cli::{Failure, Invocation, settings, source},
    daemon::compose::{self, ComposeError, ComposeSettings},
    delivery::{Key, Kind},
    digest::{
        FrozenItem, Place, Why,
        schedule::ScheduleLine,
        select::{Limits, Link, Reader, Window, WindowArticle, select},
    },
    feed::{ParsedFeed, parse},
    fetch::Wanted,
    mail::Mailbox,
    render::{
        self, AlsoAt, ArticleFragmentInput, DigestMail, Excerpt, FragmentCache, Links, Publisher, Rendered, Section,
        Templates,
    },
    store::delivery::OutboxRow,
    subscriber::token::Keys,
    topic::{FeedFacts, Query, query},
};

/// Pages fetched for entries that the feed gives only in part.
const MAX_PAGES: usize = 30;
/// What relative addresses in a file are relative to: a name that nobody has (RFC 2606).
const NOWHERE: &str = "https://feed.invalid/";
/// The one thing that is followed.
const FILTER: Why = Why::Filter(1);
/// Bytes of drawn articles kept for the one mail that is made.
const FRAGMENTS: usize = 1 << 20;
/// Characters of a publisher's name that From shows.
const NAME: usize = 25;

/// A feed, read and matched.
struct Matched {
    feed: ParsedFeed,
    title: String,
    site: String,
    home: Url,
    /// Newest first.
    articles: Vec<Article>,
    left_out: Vec<(String, String)>,
}

/// An article, and the words by which it matched.
struct Article {
    text: ArticleText,
    places: Vec<query::Place>,
}

/// Reads, matches, selects and renders.
pub(super) async fn show(
    invocation: &Invocation,
    given: &str,
    filter: &str,
    lang: Option<&str>,
) -> Result<Shown, Failure> {
    let query = Query::parse(filter).map_err(|error| Failure::input(error.to_string()))?;
    let language = lang.map(ui_language).transpose()?;
    let matched = read(invocation, given, &query).await?;
    let now = invocation.now;
    let mut settings = compose_settings(invocation, &matched)?;
    let of_feed = matched.feed.language.as_deref().and_then(|tag| tag.split('-').next()).and_then(|l| l.parse().ok());
    settings.language = language.or(of_feed).unwrap_or(settings.language);
    let window = window(&matched.articles);
    let links = [Link { why: FILTER, position: 0, after: 0 }];
    let told = FxHashMap::default();
    let reader = Reader { links: &links, reads: &[], told: &told, versions: &FxHashMap::default(), last_lead: None };
    let selection = select(&window, &reader, &Limits::default());
    let zone = settings.zone;
    let standing = Standing {
        schedule: "now".to_owned(),
        slot_at: now,
        closes_at: now,
        as_of: now,
        frozen: false,
        earlier: 0,
        zone,
    };
    let mut shown = Shown::new(standing, format!("a reader of {query}"));
    if let Some(selection) = selection {
        shown.items = selection.items.iter().filter_map(|item| shown_item(&matched, &query, item, now)).collect();
        shown.mail = Some(mail(&settings, &matched, &query, &selection.items, now)?);
        for also in selection.items.iter().flat_map(|item| &item.also) {
            let same = "another item tells the same story".to_owned();
            shown.left_out.extend(article(&matched, *also).map(|article| (article.text.url.clone(), same)));
        }
    }
    shown.left_out.extend(matched.left_out);
    Ok(shown)
}

fn ui_language(code: &str) -> Result<render::UiLanguage, Failure> {
    code.parse().map_err(|error| Failure::input(format!("--lang: {error}")))
}

async fn read(invocation: &Invocation, given: &str, query: &Query) -> Result<Matched, Failure> {
    let document = source::read(invocation, given, Wanted::Feed).await?;
    let nowhere = Url::parse(NOWHERE).map_err(Failure::of)?;
    let base = document.url.as_ref().unwrap_or(&nowhere);
    let feed = parse::parse(&document.bytes, document.content_type.as_deref(), base, invocation.now)
        .map_err(|error| Failure::input(format!("{}: {error}", document.name)))?;
    let home = feed.home_url.as_deref().and_then(|url| Url::parse(url).ok()).unwrap_or_else(|| base.clone());
    let site = home.host_str().unwrap_or_default().to_owned();
    let title = if feed.title.is_empty() { site.clone() } else { feed.title.clone() };
    let facts = FeedFacts { slug: "", title: &title, site: &site };
    let (mut articles, mut left_out) = (Vec::new(), Vec::new());
    let mut pages = if document.url.is_some() { MAX_PAGES } else { 0 };
    for entry in &feed.entries {
        let part = FeedPart::of(entry, &feed.entries, &[feed.language.as_deref()], home.as_str(), invocation.now);
        let mut fetched = None;
        if pages > 0 && extract::needs_page(&part) && entry.url.is_some() {
            pages -= 1;
            // A page that cannot be had leaves what the feed gives, as in the daemon.
            fetched = source::read(invocation, &part.url, Wanted::Page).await.ok();
        }
        let html = fetched.as_ref().map(source::Document::text);
        let page = html.as_ref().map(|html| Page { html, url: &part.url });
        let text = from_feed(&part, page, &ExtractSettings::default()).article;
        let places = query.highlights_in(&text, &facts);
        if places.is_empty() {
            left_out.push((text.url, "it does not match".to_owned()));
        } else {
            articles.push(Article { text, places });
        }
    }
    articles.sort_by_key(|article| std::cmp::Reverse(article.text.published));
    Ok(Matched { feed, title, site, home, articles, left_out })
}

/// The articles as the planner sees them: numbered downwards, since the newest comes first.
fn window(articles: &[Article]) -> Window {
    let texts = || articles.iter().map(|article| &article.text);
    let signatures: Vec<Signature> = texts().map(Signature::of).collect();
    let rows = texts().enumerate().map(|(n, article)| {
        let first = (0..n).find(|other| same_story(&signatures[*other], &signatures[n])).unwrap_or(n);
        let row = WindowArticle {
            seq: i64::try_from(articles.len() - n).unwrap_or(i64::MAX),
            article: id(n),
            rev: 0,
            story: id(first),
            story_first_seq: 0,
            feed: 1,
            own: true,
            paid: article.paid,
            language: article.language,
            html_bytes: u32::try_from(render::estimated_html_bytes(article)).unwrap_or(u32::MAX),
            material: false,
            lead: render::subject::lead_key(&article.title, ""),
        };
        (row, vec![FILTER])
    });
    Window::new(rows)
}

fn id(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn article(matched: &Matched, id: i64) -> Option<&Article> {
    matched.articles.get(usize::try_from(id).ok()?)
}

/// What the mail shows of an item.
fn input<'a>(matched: &'a Matched, item: &FrozenItem, now: DateTime<Utc>) -> Option<ArticleFragmentInput<'a>> {
    let article = article(matched, item.article)?;
    Some(ArticleFragmentInput {
        article_id: item.article,
        rev: item.rev,
        text: &article.text,
        first_seen: now,
        source: &matched.title,
        credit: None,
        also_at: Vec::<AlsoAt<'_>>::new(),
        show_paid: true,
        image_allowed: false,
        excerpt: Excerpt::KeyPoints,
        max_chars: ExtractSettings::default().max_chars,
        words: article.places.iter().collect(),
        updated: false,
    })
}

fn shown_item(matched: &Matched, query: &Query, item: &FrozenItem, now: DateTime<Utc>) -> Option<ShownItem> {
    let input = input(matched, item, now)?;
    let places = article(matched, item.article)?.places.clone();
    let matches = vec![ShownMatch { topic: None, filter: query.to_string(), places }];
    Some(ShownItem {
        article: None,
        text: input.text.clone(),
        sentences: input.shown_sentences(),
        source: matched.title.clone(),
        place: item.place,
        updated: false,
        matched: matches,
        also_at: Vec::new(),
    })
}

/// The config's publisher where there is a config, else one made of the feed.
fn compose_settings(invocation: &Invocation, matched: &Matched) -> Result<ComposeSettings, Failure> {
    // Links of a preview lead nowhere, so any key does.
    let keys = Keys::new([0; 32]);
    if invocation.config_path().is_ok() {
        return settings::compose(&invocation.config()?, keys).map_err(|error| Failure::input(error.to_string()));
    }
    let wrong = |error: &dyn std::fmt::Display| Failure::failed(format!("no mail can be made of this feed: {error}"));
    let name: String = matched.title.chars().take(NAME).collect();
    let from = "newsletter@example.org";
    let address: crate::mail::Address = from.parse().map_err(|error| wrong(&error))?;
    let publisher = Publisher {
        name: name.clone(),
        home_url: matched.home.as_str().parse().map_err(|error| wrong(&error))?,
        contact_email: from.to_owned(),
        from_address: from.to_owned(),
        postal_address: format!("{name}, {}", matched.site),
        base_url: "https://letters.example.org".parse().map_err(|error| wrong(&error))?,
    };
    Ok(ComposeSettings {
        publisher,
        from: Mailbox::new(&name, address.clone()),
        reply_to: Mailbox::new("", address.clone()),
        return_path: address.clone(),
        unsubscribe_to: address,
        list_id: "newsletter.example.org".parse().map_err(|error| wrong(&error))?,
        templates: Arc::new(Templates::built_in()),
        keys,
        language: render::UiLanguage::default(),
        zone: chrono_tz::Tz::UTC,
        rhythms: Vec::new(),
    })
}

fn mail(
    settings: &ComposeSettings,
    matched: &Matched,
    query: &Query,
    items: &[FrozenItem],
    now: DateTime<Utc>,
) -> Result<ShownMail, Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::failed(format!("the mail cannot be made: {error}"));
    let title = query.to_string();
    let placed = |place| {
        items
            .iter()
            .filter(move |item| item.place == place)
            .filter_map(|item| input(matched, item, now))
            .collect::<Vec<_>>()
    };
    let local = now.with_timezone(&settings.zone).naive_local();
    let page = |path: &str| settings.publisher.page(&format!("{path}/preview")).parse().map_err(|error| wrong(&error));
    let links = Links {
        change: page("p")?,
        unsubscribe: page("u")?,
        less: None,
        pause: None,
        share: None,
        why: None,
        data: None,
        web: Some(page("d")?),
    };
    let digest = DigestMail {
        publisher: &settings.publisher,
        language: settings.language,
        zone: settings.zone,
        slot_local: local,
        schedule: &ScheduleLine::Daily { time: local.time() },
        sections: vec![Section { title: &title, items: placed(Place::Full) }],
        brief: placed(Place::Brief),
        counted: items.iter().filter(|item| item.place == Place::Counted).count(),
        alerted: Vec::new(),
        nothing_today_for: Vec::new(),
        note: None,
        links,
        subscribed_on: local.date(),
        topics: vec![&title],
        lead: None,
        proof: false,
    };
    let rendered = digest.render(&settings.templates, &FragmentCache::new(FRAGMENTS)).map_err(|error| wrong(&error))?;
    let bytes = message(settings, &title, &rendered, now).map_err(|error| wrong(&error))?;
    let (html, text) = (rendered.decoded_html(), rendered.decoded_text());
    Ok(ShownMail { subject: rendered.subject, bytes, html, text })
}

/// The whole message, to a reader who is not there.
fn message(
    settings: &ComposeSettings,
    title: &str,
    rendered: &Rendered,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, ComposeError> {
    let row = OutboxRow::of_nobody("reader@example.org", settings.language.code(), settings.zone.name(), now);
    let key = Key::new(Kind::Digest, 0, title.as_bytes());
    let (language, zone) = (settings.language, settings.zone);
    compose::message(settings, &row, Kind::Digest, key, 0, now, language, zone, rendered).map(|(_, bytes)| bytes)
}
