//! One article as it stands in a mail: its place in the contents, its block or its line, drawn and encoded once.
//! It does not choose the article and does not know the reader.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, Timelike as _, Utc};
use chrono_tz::Tz;
use serde_json::{Value as Json, json};

use super::{
    href::Href,
    language::UiLanguage,
    own_words::{self, Own},
    plain, quoted_printable,
    stencil::{Hole, Stencil},
    subject,
    template::{RenderError, Templates},
    when,
};
use crate::{
    article::{ArticleText, KeyPointsOrigin, key_points, language::Language},
    topic::query::Place,
};

/// Characters of a title in an article's block; beyond this it is a paragraph.
const TITLE: usize = 200;
/// Characters of a title in the contents, in brief and among the alerts.
const SHORT_TITLE: usize = 80;
/// Characters of a source's name, a credit, a publisher's label or a reader's word, and bytes of its HTML.
const NAME: usize = 60;
/// See [`NAME`]; an everyday name is far below, so this only stops the odd one from growing the mail.
const NAME_BYTES: usize = 120;
/// Key points shown, and how many characters they have together unless the feed allows fewer.
pub(super) const POINTS: usize = 4;
/// See [`POINTS`].
pub const MAX_CHARS: usize = 600;
/// Characters of a standfirst.
const STANDFIRST: usize = 280;
/// Other sources named.
const ALSO_AT: usize = 3;
/// Bytes of an "also at" address in HTML; a longer one is named without link, so that the size of an article stays bounded.
const ALSO_AT_URL: usize = 240;
/// Columns of the text part that «Vos mots :» may take before the words.
const LABEL_COLUMNS: usize = 16;
/// Words read per minute, as for whole articles.
pub(super) const WORDS_PER_MINUTE: u32 = 220;

/// How much of an article its feed allows to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Excerpt {
    /// Key points, else the standfirst.
    #[default]
    KeyPoints,
    /// The standfirst only.
    Summary,
    /// The title only.
    Title,
}

/// Another source of the same story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlsoAt<'a> {
    /// Its name.
    pub source: &'a str,
    /// Its article; one that is no http(s) address is named without link.
    pub url: &'a str,
}

/// What is shown of one article. Everything but `text` and `text`'s revision number may differ between readers.
#[derive(Clone, Debug)]
pub struct ArticleFragmentInput<'a> {
    /// Id of the article; together with `rev` it stands for `text` in the cache.
    pub article_id: i64,
    /// Number of the revision.
    pub rev: i16,
    /// The text of that revision.
    pub text: &'a ArticleText,
    /// When it was first seen: shown where the publisher's date is not to be believed.
    pub first_seen: DateTime<Utc>,
    /// The feed's title as readers know it.
    pub source: &'a str,
    /// The credit line that the feed asks for.
    pub credit: Option<&'a str>,
    /// Other sources, at most three are named.
    pub also_at: Vec<AlsoAt<'a>>,
    /// Whether a piece for subscribers only is labelled so (the feed's `paid = label`).
    pub show_paid: bool,
    /// Whether its picture may be shown (the feed's `own = true`); only the first article of a mail shows one.
    pub image_allowed: bool,
    /// How much may be shown.
    pub excerpt: Excerpt,
    /// Characters of points or standfirst at most; [`MAX_CHARS`] where the feed says nothing.
    pub max_chars: usize,
    /// The reader's own words that matched, with their places, of each filter of theirs; empty for topics of the catalogue.
    pub words: Vec<&'a Place>,
    /// The reader was told of it before: what is new is shown in place of its points.
    pub updated: bool,
}

/// Where in a mail, which decides the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    /// A block, with the picture if `lead`.
    Block { lead: bool },
    /// A block with a button.
    Alert { lead: bool },
    /// A line: in brief, or among what was already told.
    Line,
}

/// What a drawing depends on besides the article.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    pub(super) language: UiLanguage,
    pub(super) zone: Tz,
    /// On the reader's wall clock, to the minute.
    pub(super) local: NaiveDateTime,
}

impl Sight {
    /// Seconds go, so that alerts of the same minute share their drawings.
    pub(super) fn new(language: UiLanguage, zone: Tz, local: NaiveDateTime) -> Self {
        let local = local.with_second(0).and_then(|l| l.with_nanosecond(0)).unwrap_or(local);
        Self { language, zone, local }
    }
}

/// An article drawn and encoded.
#[derive(Debug)]
pub(super) struct Fragment {
    pub(super) html: Stencil,
    pub(super) text: Stencil,
    /// Its line in the contents; the number is a hole.
    pub(super) contents_html: Stencil,
    pub(super) contents_text: Stencil,
    /// Its title fit for a subject line, if it is.
    pub(super) subject: Option<String>,
    /// Its title, short.
    pub(super) title: String,
    /// Its first point, for the preheader of a mail with one article; behind the publisher's label where it has one.
    pub(super) first_point: Option<String>,
    /// Words that a reader of the mail reads here.
    pub(super) words: u32,
}

/// An article as one reader sees it: drawn, and what goes into its hole.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) fragment: Arc<Fragment>,
    /// See [`Own::line`].
    pub(super) own_words: String,
}

impl Drawn {
    /// Draws it anew.
    pub(super) fn draw(
        templates: &Templates,
        input: &ArticleFragmentInput<'_>,
        form: Form,
        sight: Sight,
    ) -> Result<Self, RenderError> {
        let own = Own::of(templates.speech(sight.language), input);
        Ok(Self { fragment: Arc::new(Fragment::draw(templates, input, &own, form, sight)?), own_words: own.line })
    }

    /// Bytes of its HTML before encoding, its line in the contents with it.
    pub(super) fn decoded_len(&self) -> usize {
        let mut out = Vec::new();
        self.copy(&mut out, true);
        quoted_printable::decode(&out).len() + self.fragment.contents_html.decoded_len()
    }

    /// Appends its block or line.
    pub(super) fn copy(&self, out: &mut Vec<u8>, html: bool) {
        let stencil = if html { &self.fragment.html } else { &self.fragment.text };
        stencil.fill(out, |_, out| {
            if html {
                quoted_printable::encode_escaped(out, &self.own_words);
            } else {
                let mut folded = String::new();
                plain::fold_words(&mut folded, &self.own_words, LABEL_COLUMNS, 2);
                quoted_printable::encode(out, &folded);
            }
        });
    }
}

impl Fragment {
    pub(super) fn weight(&self) -> usize {
        [&self.html, &self.text, &self.contents_html, &self.contents_text].iter().map(|s| s.weight()).sum::<usize>()
            + self.title.len() * 2
            + size_of::<Self>()
    }

    /// Words of the reader's own become a hole: who is shown the same sentences shares the drawing.
    pub(super) fn draw(
        templates: &Templates,
        input: &ArticleFragmentInput<'_>,
        own: &Own,
        form: Form,
        sight: Sight,
    ) -> Result<Self, RenderError> {
        let (block, contents) = match form {
            Form::Line => ("mail/parts/brief", None),
            Form::Block { .. } => ("mail/parts/article", Some("mail/parts/contents-item")),
            Form::Alert { .. } => ("mail/parts/article", None),
        };
        let shown = Shown::of_input(input, &own.sentences);
        let words = if own.line.is_empty() { String::new() } else { Hole::OwnWords.mark().to_string() };
        let data = shown.data(templates, input, &words, form, sight);
        let html = templates.draw_html(block, &data)?;
        let (contents_html, contents_text) = match contents {
            Some(name) => (
                Stencil::cut(&templates.draw_html(name, &shown.contents(sight))?),
                Stencil::cut(&templates.draw_text(name, &shown.contents(sight))?),
            ),
            None => Default::default(),
        };
        Ok(Self {
            html: Stencil::cut(&html),
            text: Stencil::cut(&templates.draw_text(block, &data)?),
            contents_html,
            contents_text,
            subject: subject::title(&input.text.title, &[input.source]),
            words: shown.words(form),
            first_point: shown.first_point(input.text),
            title: plain::clipped(&shown.title, SHORT_TITLE).into_owned(),
        })
    }

    /// Appends the article's line in the contents.
    pub(super) fn contents_line(&self, out: &mut Vec<u8>, html: bool, number: usize) {
        let stencil = if html { &self.contents_html } else { &self.contents_text };
        stencil.fill(out, |hole, out| {
            if hole == Hole::Number {
                quoted_printable::encode(out, &number.to_string());
            }
        });
    }
}

/// The fields of an article, for pages: as in a mail's block, without picture.
pub(super) fn fields(templates: &Templates, input: &ArticleFragmentInput<'_>, sight: Sight) -> Json {
    let own = Own::of(templates.speech(sight.language), input);
    let shown = Shown::of_input(input, &own.sentences);
    shown.data(templates, input, &own.line, Form::Block { lead: false }, sight)
}

/// What of an article is shown, cleaned and within its limits.
pub(super) struct Shown {
    pub(super) title: String,
    pub(super) url: Option<Href>,
    origin: KeyPointsOrigin,
    pub(super) points: Vec<String>,
    pub(super) paragraph: Option<String>,
    /// The paragraph is the only point that there is, and no standfirst.
    lone: bool,
    pub(super) image: Option<(Href, String)>,
    language: Language,
    /// The points or the paragraph are what is new.
    news: bool,
}

/// The sentences that a mail shows of an article: as many as its feed's rules let through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentences {
    /// Key points, or the one paragraph of a standfirst that stands for them; none where what is new is shown.
    pub points: Vec<String>,
    /// What is new to a reader who was told before.
    pub news: Vec<String>,
    /// The publisher's label of points that a machine made.
    pub ai_label: Option<String>,
}

impl ArticleFragmentInput<'_> {
    /// What a mail says of it under its title.
    pub fn shown_sentences(&self) -> Sentences {
        let shown = Shown::of_input(self, &self.own_sentences());
        let ai_label = shown.ai_label(self.text);
        let summary = self.text.key_points.origin == KeyPointsOrigin::Summary;
        let paragraph = shown.paragraph.filter(|_| shown.lone || summary);
        let lines: Vec<String> = shown.points.into_iter().chain(paragraph).collect();
        let (points, news) = if shown.news { (Vec::new(), lines) } else { (lines, Vec::new()) };
        Sentences { points, news, ai_label }
    }

    /// Places of the ranked sentences that the reader's own words choose; none where they choose nothing.
    pub(super) fn own_sentences(&self) -> Vec<usize> {
        own_words::sentences(self.text, &self.words, self.max_chars.min(MAX_CHARS))
    }
}

impl Shown {
    fn of_input(input: &ArticleFragmentInput<'_>, sentences: &[usize]) -> Self {
        Self::of(input.text, input.source, input.excerpt, input.max_chars, input.updated, sentences)
    }

    /// `updated`: what is new stands in place of the points, where there is any and the feed allows sentences. `sentences`: those
    /// shown instead of the ones chosen for everybody.
    pub(super) fn of(
        text: &ArticleText,
        source: &str,
        excerpt: Excerpt,
        max_chars: usize,
        updated: bool,
        sentences: &[usize],
    ) -> Self {
        let limit = max_chars.min(MAX_CHARS);
        let new = text.update.as_ref().filter(|_| updated && excerpt == Excerpt::KeyPoints);
        let new = new.map(|update| within(&update.news, limit)).unwrap_or_default();
        let news = !new.is_empty();
        let mut points = match (excerpt, text.key_points.origin) {
            _ if news => new,
            (Excerpt::KeyPoints, KeyPointsOrigin::Publisher) => within(&text.key_points.points, limit),
            (Excerpt::KeyPoints, KeyPointsOrigin::Extracted) => within(&extracted(text, sentences, limit), limit),
            _ => Vec::new(),
        };
        // One statement alone is no list.
        let lone = points.len() == 1;
        let mut paragraph = if lone { points.pop() } else { None };
        if points.is_empty() && paragraph.is_none() && excerpt != Excerpt::Title {
            paragraph = standfirst(text).and_then(|s| {
                let s = plain::clean(s);
                plain::whole_sentences(&s, limit.min(STANDFIRST)).map(str::to_owned)
            });
        }
        let title = plain::clean(&text.title);
        let title = plain::clipped(subject::without_source(&title, source), TITLE).into_owned();
        Self {
            title,
            url: text.url.parse().ok(),
            origin: text.key_points.origin,
            points,
            paragraph,
            lone,
            image: image(text),
            language: text.language,
            news,
        }
    }

    fn data(
        &self,
        templates: &Templates,
        input: &ArticleFragmentInput<'_>,
        words: &str,
        form: Form,
        sight: Sight,
    ) -> Json {
        let speech = templates.speech(sight.language);
        let told = input.text.published.unwrap_or(input.first_seen).with_timezone(&sight.zone).naive_local();
        let label = match self.origin {
            _ if self.news => Some(speech.word("news")),
            KeyPointsOrigin::Publisher if self.lone => Some(speech.word("key-points")),
            _ if self.points.is_empty() => None,
            KeyPointsOrigin::Publisher => Some(speech.word("key-points")),
            _ => Some(speech.word("extracts")),
        };
        let image = match form {
            Form::Block { lead: true } | Form::Alert { lead: true } if input.image_allowed => self.image.as_ref(),
            _ => None,
        };
        let also: Vec<Json> = input
            .also_at
            .iter()
            .take(ALSO_AT)
            .map(|a| json!({ "source": name(a.source), "url": a.url.parse::<Href>().ok().filter(|u| plain::escaped_len(u.as_str()) <= ALSO_AT_URL) }))
            .collect();
        json!({
            "lang": sight.language.code(),
            "text_lang": self.language.code(),
            "dir": direction(self.language),
            "title": if form == Form::Line { plain::clipped(&self.title, SHORT_TITLE) } else { self.title.as_str().into() },
            "url": self.url,
            "source": name(input.source),
            "credit": input.credit.map(name),
            "when": when::ago(speech, told, sight.local),
            "minutes": input.text.minutes(),
            "updated": input.updated,
            "paid": input.text.paid && input.show_paid,
            "label": label,
            "ai_label": self.ai_label(input.text),
            "points": self.points,
            "paragraph": self.paragraph,
            "also": also,
            "words": words,
            "alert": matches!(form, Form::Alert { .. }),
            "image_url": image.map(|(url, _)| url),
            "image_alt": image.map(|(_, alt)| alt),
        })
    }

    /// The publisher's label, wherever sentences stand that it is about.
    fn ai_label(&self, text: &ArticleText) -> Option<String> {
        let labelled =
            self.origin == KeyPointsOrigin::Publisher && !self.news && (self.lone || !self.points.is_empty());
        text.key_points.ai_label.as_deref().filter(|_| labelled).map(name)
    }

    /// The label stands before the point, as inboxes show the beginning of a line only.
    fn first_point(&self, text: &ArticleText) -> Option<String> {
        let point = self.points.first().or(self.paragraph.as_ref())?;
        let labelled = self.ai_label(text).map(|label| format!("{label} · {point}"));
        Some(labelled.unwrap_or_else(|| point.clone()))
    }

    fn contents(&self, sight: Sight) -> Json {
        json!({
            "lang": sight.language.code(),
            "number": Hole::Number.mark(),
            "title": plain::clipped(&self.title, SHORT_TITLE),
            "url": self.url,
        })
    }

    fn words(&self, form: Form) -> u32 {
        let more = match form {
            Form::Line => 0,
            _ => self.points.iter().chain(&self.paragraph).map(|p| count_words(p)).sum(),
        };
        count_words(&self.title) + more
    }
}

fn count_words(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

/// The name of a source, a credit, a label or a word, within its limits.
pub(super) fn name(text: &str) -> String {
    plain::within_bytes(&plain::clipped(&plain::clean(text), NAME), NAME_BYTES).to_owned()
}

/// These sentences, or those chosen for everybody; others where the feed's rule has become stricter since they were chosen.
fn extracted(text: &ArticleText, sentences: &[usize], limit: usize) -> Vec<String> {
    if sentences.is_empty() {
        let points = &text.key_points.points;
        let chosen = if points.iter().map(|point| plain::length(point)).sum::<usize>() > limit {
            key_points::choose(&text.ranked, |_| false, limit)
        } else {
            Vec::new()
        };
        return if chosen.is_empty() { points.clone() } else { extracted(text, &chosen, limit) };
    }
    sentences.iter().filter_map(|i| text.ranked.get(*i)).map(|sentence| sentence.text.clone()).collect()
}

/// The first points that fit together into `limit` characters: the last is dropped, never cut.
fn within(points: &[String], limit: usize) -> Vec<String> {
    let mut room = limit;
    let mut shown = Vec::new();
    for point in points.iter().take(POINTS) {
        let point = plain::clean(point);
        let Some(left) = room.checked_sub(plain::length(&point)) else { break };
        room = left;
        if !point.is_empty() {
            shown.push(point.into_owned());
        }
    }
    shown
}

fn standfirst(text: &ArticleText) -> Option<&str> {
    let summary = match text.key_points.origin {
        KeyPointsOrigin::Summary => text.key_points.points.first(),
        _ => None,
    };
    summary.or(text.standfirst.as_ref()).map(String::as_str).filter(|s| !s.trim().is_empty())
}

fn image(text: &ArticleText) -> Option<(Href, String)> {
    let image = text.image.as_ref()?;
    let url: Href = image.url.parse().ok().filter(|u: &Href| u.as_str().starts_with("https://"))?;
    Some((url, plain::clipped(&plain::clean(&image.alt), TITLE).into_owned()))
}

/// Which way a language is written.
fn direction(language: Language) -> &'static str {
    if matches!(language.code(), "ar" | "fa" | "he" | "ur" | "yi" | "ps" | "dv") { "rtl" } else { "ltr" }
}

#[cfg(test)]
mod tests;
