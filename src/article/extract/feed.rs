//! An article from a feed's entry, with the page it points to where that was fetched.
//! It does not know feed formats; `feed` gives the parts.

use chrono::{DateTime, Utc};

use super::{
    Draft, ExtractSettings, Extracted, Removed, address,
    body::{asides_of_feed, same_terms, same_words},
    form,
    metadata::{Metadata, one_line, squeeze},
    page::from_page,
};
use crate::article::{
    Form, Image,
    boilerplate::{self, Why},
    key_points,
    language::Language,
    outline::{self, Kind, Outline},
    words::{self, Line, Term},
};
use crate::feed::{Entry, believable};

/// What a feed gives of one entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPart {
    /// Title, plain or HTML.
    pub title: String,
    /// Address as the feed gives it.
    pub url: String,
    /// Full content, HTML.
    pub content_html: Option<String>,
    /// Summary or description, HTML or plain.
    pub summary_html: Option<String>,
    /// Author.
    pub author: Option<String>,
    /// The publisher's date, already doubted by `feed`.
    pub published: Option<DateTime<Utc>>,
    /// Categories.
    pub categories: Vec<String>,
    /// Declared language of the entry, else of the feed.
    pub language: Language,
    /// Picture.
    pub image: Option<Image>,
    /// A category that may say "for subscribers" does so, as not all entries of the reading carry it.
    pub paid: bool,
}

/// Entries from which on what all of a reading carry is their feed's habit.
const HABIT: usize = 10;

/// Entries of a reading that are looked at for its habit.
const COMPARED: usize = 50;

impl FeedPart {
    /// The parts of an entry among those of its reading; `languages` are asked in turn where the entry says none, `address` stands in
    /// for a missing one.
    pub fn of(entry: &Entry, reading: &[Entry], languages: &[Option<&str>], address: &str, now: DateTime<Utc>) -> Self {
        let may_be_paid = |entry: &Entry| entry.categories.iter().any(|c| boilerplate::may_be_paid_category(c));
        let all_alike = || reading.len() >= HABIT && reading.iter().take(COMPARED).all(may_be_paid);
        let mut tags = std::iter::once(entry.language.as_deref()).chain(languages.iter().copied()).flatten();
        Self {
            // An entry's title is plain text, and this one may be HTML.
            title: entry.title.replace('&', "&amp;").replace('<', "&lt;"),
            url: entry.url.clone().unwrap_or_else(|| address.to_owned()),
            content_html: entry.content_html.clone(),
            summary_html: entry.summary_html.clone(),
            author: entry.author.clone(),
            published: believable(entry.published, now),
            categories: entry.categories.clone(),
            language: tags.find_map(|tag| tag.parse().ok()).unwrap_or(Language::UND),
            image: entry.image.as_ref().map(|image| Image { url: image.url.clone(), alt: image.alt.clone() }),
            paid: may_be_paid(entry) && !all_alike(),
        }
    }
}

/// A fetched page.
#[derive(Clone, Copy, Debug)]
pub struct Page<'p> {
    /// Its HTML, decoded.
    pub html: &'p str,
    /// Where it came from, after redirects.
    pub url: &'p str,
}

/// Words from which a feed's content is the article and not its beginning.
const FULL_CONTENT_WORDS: usize = 120;

/// Whether the feed alone is not enough: no content, or one that is short or breaks off.
pub fn needs_page(part: &FeedPart) -> bool {
    let text = part.content_html.as_deref().map(|html| plain(&outline::outline(html))).unwrap_or_default();
    words::count(&text) < FULL_CONTENT_WORDS || breaks_off(&text)
}

/// «[…]», "…", "Read more" at the end of a content that is none.
fn breaks_off(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ')' | '»' | '>' | '→'));
    let end = end.strip_suffix(']').unwrap_or(end).trim_end();
    end.ends_with('…') || text.trim_end().ends_with("...") || text.trim_end().ends_with("[...]") || {
        let last = text.trim().rsplit('\n').next().unwrap_or_default();
        boilerplate::why(last, 0.0) == Some(Why::LoneLink) && words::count(text) < FULL_CONTENT_WORDS * 2
    }
}

fn plain(outline: &Outline) -> String {
    outline.blocks.iter().map(|b| b.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The text of an entry: from the feed's full content, else from the page. With both, the longer where they agree, the feed's where they do not.
pub fn from_feed(part: &FeedPart, page: Option<Page<'_>>, settings: &ExtractSettings) -> Extracted {
    let own = draft(part, settings);
    let Some(page) = page else { return own.finish(settings) };
    let seen = from_page(page.html, Some(page.url), settings);
    merge(own, seen, settings)
}

fn merge(mut own: Draft, seen: Extracted, settings: &ExtractSettings) -> Extracted {
    let length = |paragraphs: &[String]| paragraphs.iter().map(|p| words::count(p)).sum::<usize>();
    let (feed, page) = (length(&own.paragraphs), length(&seen.article.paragraphs));
    let page_is_text = seen.article.form != Form::Stub
        && page > feed
        && (feed < 25 || agrees(&own.paragraphs, &seen.article.paragraphs));
    own.paid |= seen.article.paid;
    // The page has seen more of the piece than the feed's few lines.
    if seen.article.form != Form::Article || (page_is_text && own.form != Form::Live) {
        own.form = seen.article.form;
    }
    if page_is_text {
        own.removed = seen.removed;
        own.fingerprints = seen.fingerprints;
        own.paragraphs = seen.article.paragraphs;
        own.standfirst = seen.article.standfirst.or(own.standfirst);
    }
    let publishers = seen.article.key_points.origin == super::KeyPointsOrigin::Publisher;
    if own.key_points.is_none() && publishers {
        own.key_points = Some(seen.article.key_points);
    }
    own.drop_repeated_standfirst();
    if !seen.article.url.is_empty() {
        own.url = seen.article.url;
    }
    if own.title.is_empty() {
        own.title = seen.article.title;
    }
    own.author = own.author.or(seen.article.author);
    own.published = own.published.or(seen.article.published);
    if own.language == Language::UND {
        own.language = seen.article.language;
    }
    if own.categories.is_empty() {
        own.categories = seen.article.categories;
    }
    own.finish(settings)
}

/// Whether the longer text holds most of the shorter one's words.
fn agrees(short: &[String], long: &[String]) -> bool {
    let long: std::collections::HashSet<u64> = long.iter().flat_map(|p| words::terms(p)).collect();
    let short: Vec<u64> = short.iter().flat_map(|p| words::terms(p)).collect();
    let common = short.iter().filter(|t| long.contains(t)).count();
    common * 10 >= short.len() * 7
}

fn draft(part: &FeedPart, settings: &ExtractSettings) -> Draft {
    let title = one_line(&outline::parse(&part.title).text());
    let mut draft = Draft {
        url: address::canonical(&part.url),
        author: part.author.as_deref().map(squeeze).filter(|a| !a.is_empty()),
        published: part.published,
        categories: part.categories.iter().map(|c| squeeze(c)).filter(|c| !c.is_empty()).collect(),
        language: part.language,
        image: part.image.clone().filter(|i| i.url.starts_with("https://")),
        ..Draft::default()
    };
    let content = part.content_html.as_deref().unwrap_or_default();
    let summary = part.summary_html.as_deref().unwrap_or_default();
    let whole = outline::outline(content);
    let lead = if words::count(&plain(&whole)) == 0 {
        read_html(summary, &title, settings, &mut draft);
        ""
    } else {
        read_outline(whole, &title, settings, &mut draft);
        summary
    };
    if !lead.is_empty() {
        let mut side = Draft::default();
        read_html(lead, &title, settings, &mut side);
        draft.key_points = draft.key_points.or(side.key_points);
        draft.standfirst = Some(side.paragraphs.join(" ")).filter(|s| is_standfirst(s));
    }
    if draft.paragraphs.len() == 1
        && draft.standfirst.is_none()
        && words::count(&draft.paragraphs[0]) < FULL_CONTENT_WORDS
    {
        draft.standfirst = Some(draft.paragraphs[0].clone()).filter(|s| is_standfirst(s));
    }
    draft.title = title;
    draft.drop_repeated_standfirst();
    draft.paid = part.paid
        || draft.categories.iter().any(|c| boilerplate::is_paid_category(c))
        || draft.removed.iter().any(|r| boilerplate::is_wall(&r.text));
    let titles = vec![draft.title.clone()];
    let known = Metadata { titles, url: Some(draft.url.clone()), paid: draft.paid, ..Metadata::default() };
    draft.form = form::form(&known, &draft.paragraphs, &draft.removed);
    draft
}

/// A real standfirst is a whole statement, not the beginning of the text cut at a length.
fn is_standfirst(text: &str) -> bool {
    (6..=90).contains(&words::count(text)) && !breaks_off(text)
}

impl Draft {
    /// A standfirst that the body begins with is the body's; alone, a paragraph is both.
    fn drop_repeated_standfirst(&mut self) {
        let repeats = |standfirst: &String| {
            self.paragraphs.len() > 1 && self.paragraphs.iter().take(2).any(|p| same_words(p, standfirst))
        };
        if self.standfirst.as_ref().is_some_and(repeats) {
            self.standfirst = None;
        }
    }
}

/// Whether a folded text has the content words of a title, as [`same_words`] sees it. Most are long and show early that they do not.
fn repeats(title: &[Term], folded: &str) -> bool {
    // No text has more words.
    let most = folded.len() / 2 + 1;
    let mut said: Vec<Term> = Vec::new();
    let mut others = 0;
    for term in words::terms_of(folded) {
        others += usize::from(!title.contains(&term));
        if others * 10 >= most {
            return false;
        }
        said.push(term);
    }
    same_terms(title, &said)
}

/// Reads a feed's HTML into a draft: no search for the article, all of it is.
fn read_html(html: &str, title: &str, settings: &ExtractSettings, draft: &mut Draft) {
    read_outline(outline::outline(html), title, settings, draft);
}

fn read_outline(mut outline: Outline, title: &str, settings: &ExtractSettings, draft: &mut Draft) {
    let folded: Vec<String> = outline.blocks.iter().map(|b| words::fold(&b.text)).collect();
    draft.fingerprints = folded.iter().map(|folded| boilerplate::fingerprint_of(folded)).collect();
    let all = 0..outline.blocks.len();
    if let Some(block) = key_points::find_block(&outline, all, &[title.to_owned()], &settings.learned) {
        block.take_from(&mut outline);
        draft.key_points = Some(block.key_points);
    }
    let title = words::terms(title);
    let asides = asides_of_feed(&outline);
    for ((block, fingerprint), folded) in outline.blocks.into_iter().zip(&draft.fingerprints).zip(folded) {
        // Taken elsewhere.
        if block.letters == 0 {
            continue;
        }
        let line = Line { text: &block.text, folded, words: words::count(&block.text) };
        let why = if settings.learned.contains(fingerprint) {
            Some(Why::Repeated)
        } else if block.kind == Kind::Caption {
            Some(Why::Credit)
        } else if repeats(&title, &line.folded) {
            Some(Why::Head)
        } else {
            boilerplate::why_of(&line, block.link_share()).or(asides[block.container])
        };
        match why {
            Some(why) => draft.removed.push(Removed::new(&block.text, why)),
            None => draft.paragraphs.push(block.text),
        }
    }
}
