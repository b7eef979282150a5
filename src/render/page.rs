//! Web pages: leaving and coming back, messages, the front page.
//! It does not know routes or requests.

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use base64::Engine as _;

use super::{
    href::Href,
    language::UiLanguage,
    mail, plain,
    publisher::Publisher,
    sample,
    template::{RenderError, Templates},
};

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

impl PageContent<'_> {
    /// The page.
    pub fn render(
        &self,
        templates: &Templates,
        publisher: &Publisher,
        language: UiLanguage,
    ) -> Result<Page, RenderError> {
        let speech = templates.speech(language);
        let (name, title, own) = match self {
            Self::Unsubscribe { post, address } => (
                "web/unsubscribe",
                speech.word("page-leave-title"),
                json!({ "post_url": post, "address": address.map(plain::clean) }),
            ),
            Self::Unsubscribed { undo } => {
                ("web/unsubscribed", speech.word("page-left-title"), json!({ "undo_url": undo }))
            }
            Self::Resubscribe { post } => {
                ("web/resubscribe", speech.word("page-rejoin-button"), json!({ "post_url": post }))
            }
            Self::Resubscribed => {
                let name = plain::clean(&publisher.name);
                let text = speech.say("page-back-text", &[("publisher", name.into())]);
                (
                    "web/message",
                    speech.word("page-back-title"),
                    json!({ "paragraphs": [text], "link_url": null, "link_text": null }),
                )
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
        };
        let mut data =
            json!({ "lang": language.code(), "publisher": publisher.data(), "title": title, "error": false });
        if let (Json::Object(data), Json::Object(own)) = (&mut data, own) {
            data.extend(own);
        }
        Ok(Page { html: templates.draw_html(name, &data)?, content_security_policy: policy(templates.page_css()) })
    }
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
    for content in sample::pages(&sample::path(), &sample::unsubscribe()) {
        content.render(templates, publisher, language)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
