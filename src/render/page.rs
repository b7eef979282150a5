//! Web pages: leaving and coming back, choices, the web copy of a digest, messages, the front page.
//! It does not know routes or requests.

mod alert;
mod choices;
mod own_words;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use base64::Engine as _;

use super::{
    article::{self, ArticleFragmentInput, Sight},
    digest::Section,
    href::Href,
    language::UiLanguage,
    locale::Speech,
    mail, plain,
    publisher::Publisher,
    sample,
    template::{RenderError, Templates},
    when,
};
pub use alert::{AlertChoices, AlertDone};
pub use choices::{Choices, FollowRow, Often, Pause};
pub use own_words::{OwnRefusal, OwnSaid, OwnWords, Stories};

/// A page ready to be answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// UTF-8, `text/html; charset=utf-8`.
    pub html: String,
    /// For the header `Content-Security-Policy`: nothing but the page's own style and forms to this site.
    pub content_security_policy: String,
}

/// A topic on the front page.
#[derive(Clone, Copy, Debug)]
pub struct TopicLine<'a> {
    /// Its title in the page's language.
    pub title: &'a str,
    /// A sentence about it.
    pub description: Option<&'a str>,
}

/// What a page shows.
#[derive(Clone, Debug)]
pub enum PageContent<'a> {
    /// Asks before leaving: one button, which posts to `post`.
    Unsubscribe {
        /// Where the button posts to: a path of this site.
        post: &'a Href,
        /// The address, masked, if it may be shown.
        address: Option<&'a str>,
        /// Today in the reader's zone: a pause is offered instead.
        today: NaiveDate,
        /// Less often is offered instead.
        often: Vec<Often<'a>>,
    },
    /// Left.
    Unsubscribed {
        /// The page that takes it back.
        undo: Option<&'a Href>,
    },
    /// Asks before signing up again.
    Resubscribe {
        /// Where the button posts to: a path of this site.
        post: &'a Href,
    },
    /// Signed up again.
    Resubscribed,
    /// All choices of a reader.
    Choices(Box<Choices<'a>>),
    /// The alerts of one topic, and what else there is.
    Alert(AlertChoices<'a>),
    /// Asks whether an address is really to be mailed.
    Confirm {
        /// Where both buttons post to: a path of this site.
        post: &'a Href,
        /// The address, masked.
        address: &'a str,
    },
    /// What was told in one slot. Whoever it is passed on to learns nothing about the reader.
    Copy {
        /// The slot's local time.
        local: NaiveDateTime,
        /// The zone of the times.
        zone: Tz,
        /// Articles under their headings.
        sections: Vec<Section<'a>>,
        /// What an alert had told before.
        alerted: Vec<ArticleFragmentInput<'a>>,
    },
    /// One of the sentences that need nothing but the publisher's name.
    Said(Saying),
    /// Anything short.
    Message {
        /// Heading.
        title: &'a str,
        /// Paragraphs.
        paragraphs: Vec<&'a str>,
        /// A way on.
        link: Option<(&'a Href, &'a str)>,
        /// Whether something went wrong: the page's title says so first.
        error: bool,
    },
    /// The front page.
    Index {
        /// Topics on offer.
        topics: Vec<TopicLine<'a>>,
        /// Where one signs up, and the words on the button.
        sign_up: Option<(&'a Href, &'a str)>,
    },
}

/// A short page whose words are in the locales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Saying {
    /// No such page, or a link that is none of ours.
    Missing,
    /// A link that was good once.
    TooOld,
    /// A confirmation that comes after its time.
    ConfirmTooLate,
    /// More was sent than a page takes.
    TooLarge,
    /// A form that does not read.
    Unreadable,
    /// A method that the page does not know.
    Method,
    /// Our own fault.
    Broken,
    /// A return that cannot be: nothing was kept to return to.
    NoWayBack,
    /// Signed up.
    Confirmed,
    /// An address deleted before it was ever used.
    Forgotten,
    /// Paused.
    Paused,
    /// Less often from now on.
    LessOften,
}

impl Saying {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Missing,
        Self::TooOld,
        Self::ConfirmTooLate,
        Self::TooLarge,
        Self::Unreadable,
        Self::Method,
        Self::Broken,
        Self::NoWayBack,
        Self::Confirmed,
        Self::Forgotten,
        Self::Paused,
        Self::LessOften,
    ];

    fn id(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooOld => "too-old",
            Self::ConfirmTooLate => "confirm-late",
            Self::TooLarge => "too-large",
            Self::Unreadable => "unreadable",
            Self::Method => "method",
            Self::Broken => "broken",
            Self::NoWayBack => "no-way-back",
            Self::Confirmed => "confirmed",
            Self::Forgotten => "forgotten",
            Self::Paused => "pausing",
            Self::LessOften => "less-often",
        }
    }

    fn is_error(self) -> bool {
        !matches!(self, Self::Confirmed | Self::Forgotten | Self::Paused | Self::LessOften)
    }
}

impl PageContent<'_> {
    /// The page.
    pub fn render(
        &self,
        templates: &Templates,
        publisher: &Publisher,
        language: UiLanguage,
    ) -> Result<Page, RenderError> {
        let (name, title, own) = self.parts(templates, templates.speech(language), publisher, language);
        let mut data =
            json!({ "lang": language.code(), "publisher": publisher.data(), "title": title, "error": false });
        if let (Json::Object(data), Json::Object(own)) = (&mut data, own) {
            data.extend(own);
        }
        Ok(Page { html: templates.draw_html(name, &data)?, content_security_policy: policy(templates.page_css()) })
    }
}

impl PageContent<'_> {
    /// Template, title and fields.
    fn parts(
        &self,
        templates: &Templates,
        speech: Speech<'_>,
        publisher: &Publisher,
        language: UiLanguage,
    ) -> (&'static str, String, Json) {
        let name = || plain::clean(&publisher.name).into_owned();
        match self {
            Self::Unsubscribe { post, address, today, often } => (
                "web/unsubscribe",
                speech.word("page-leave-title"),
                json!({
                    "post_url": post,
                    "address": address.map(plain::clean),
                    "today": today.to_string(),
                    "pauses": choices::pauses(speech),
                    "often": choices::often(often, speech, language),
                }),
            ),
            Self::Unsubscribed { undo } => {
                ("web/unsubscribed", speech.word("page-left-title"), json!({ "undo_url": undo }))
            }
            Self::Resubscribe { post } => {
                ("web/resubscribe", speech.word("page-rejoin-button"), json!({ "post_url": post }))
            }
            Self::Resubscribed => message(
                speech.word("page-back-title"),
                &[speech.say("page-back-text", &[("publisher", name().into())])],
                false,
            ),
            Self::Choices(choices) => {
                ("web/choices", speech.word("page-choices-title"), choices.data(speech, language))
            }
            Self::Alert(alert) => ("web/alert", alert.title(speech), alert.data(speech, language)),
            Self::Confirm { post, address } => (
                "web/confirm",
                speech.word("page-confirm-title"),
                json!({ "post_url": post, "address": plain::clean(address) }),
            ),
            Self::Copy { local, zone, sections, alerted } => {
                copy(templates, speech, Sight::new(language, *zone, *local), sections, alerted)
            }
            Self::Said(saying) => {
                let text = speech.say(&format!("page-{}-text", saying.id()), &[("publisher", name().into())]);
                message(speech.word(&format!("page-{}-title", saying.id())), &[text], saying.is_error())
            }
            Self::Message { title, paragraphs, link, error } => (
                "web/message",
                plain::clean(title).into_owned(),
                json!({
                    "paragraphs": paragraphs.iter().map(|p| plain::clean(p)).collect::<Vec<_>>(),
                    "link_url": link.map(|(url, _)| url),
                    "link_text": link.map(|(_, text)| plain::clean(text)),
                    "error": error,
                }),
            ),
            Self::Index { topics, sign_up } => (
                "web/index",
                speech.word("page-index-title"),
                json!({
                    "topics": topics.iter().map(TopicLine::data).collect::<Vec<_>>(),
                    "sign_up_url": sign_up.map(|(url, _)| url),
                    "sign_up_text": sign_up.map(|(_, text)| plain::clean(text)),
                }),
            ),
        }
    }
}

fn message(title: String, paragraphs: &[String], error: bool) -> (&'static str, String, Json) {
    let own = json!({ "paragraphs": paragraphs, "link_url": null, "link_text": null, "error": error });
    ("web/message", title, own)
}

fn copy(
    templates: &Templates,
    speech: Speech<'_>,
    sight: Sight,
    sections: &[Section<'_>],
    alerted: &[ArticleFragmentInput<'_>],
) -> (&'static str, String, Json) {
    let articles = |items: &[ArticleFragmentInput<'_>]| -> Vec<Json> {
        items.iter().map(|item| article::fields(templates, item, sight)).collect()
    };
    let sections: Vec<Json> = sections
        .iter()
        .map(|section| {
            let own = || speech.word("page-own-words");
            let title = if section.title.is_empty() { own() } else { mail::topic(section.title) };
            json!({ "title": title, "items": articles(&section.items) })
        })
        .collect();
    let title = speech.say("page-copy-title", &[("date", when::weekday_date(speech, sight.local.date()).into())]);
    ("web/copy", title, json!({ "sections": sections, "alerted": articles(alerted) }))
}

impl TopicLine<'_> {
    fn data(&self) -> Json {
        json!({ "title": mail::topic(self.title), "description": self.description.map(plain::clean) })
    }
}

fn policy(css: &str) -> String {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(css.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Draws every page once.
pub(super) fn check(templates: &Templates, language: UiLanguage, publisher: &Publisher) -> Result<(), RenderError> {
    let article = sample::full_article();
    for content in sample::pages(&sample::path(), &sample::unsubscribe(), &article) {
        content.render(templates, publisher, language)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
