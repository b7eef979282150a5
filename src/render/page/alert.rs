//! The page of one topic's alerts: whether they come, and the ways to stop them, to get a digest instead, and back.
//! It does not read what was chosen; `web` does.

use serde_json::{Value as Json, json};

use super::{
    super::{href::Href, language::UiLanguage, locale::Speech, mail},
    choices::{Often, Pause, often},
};

/// What a reader has just done about the alerts of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertDone {
    /// Stopped them.
    Muted,
    /// Moved the topic to a digest.
    Moved,
    /// Got them back.
    Resumed,
}

/// The alerts of one topic, or of the reader's own words, as they stand.
#[derive(Clone, Debug)]
pub struct AlertChoices<'a> {
    /// Where the forms post to: a path of this site.
    pub post: &'a Href,
    /// Heading.
    pub topic: &'a str,
    /// What was just done.
    pub done: Option<AlertDone>,
    /// The reader is having a break: nothing comes until its end.
    pub paused: Option<Pause>,
    /// Whether alerts come.
    pub alerted: bool,
    /// The digests that the topic can be moved to.
    pub offered: Vec<Often<'a>>,
    /// The digests in which it comes.
    pub digests: Vec<Often<'a>>,
    /// Whether alerts can be had again.
    pub again: bool,
    /// The digest that it was just moved to, for moving it back.
    pub moved: Option<&'a str>,
}

impl AlertChoices<'_> {
    pub(super) fn title(&self, speech: Speech<'_>) -> String {
        let topic = if self.topic.is_empty() { speech.word("page-own-words") } else { mail::topic(self.topic) };
        speech.say("page-alert-title", &[("topic", topic.into())])
    }

    pub(super) fn data(&self, speech: Speech<'_>, language: UiLanguage) -> Json {
        let text = match (self.done, self.alerted) {
            (Some(AlertDone::Muted), _) => "page-alert-muted",
            (Some(AlertDone::Moved), _) => "page-alert-moved",
            (Some(AlertDone::Resumed), _) => "page-alert-resumed",
            (None, true) => "page-alert-on",
            (None, false) => "page-alert-off",
        };
        json!({
            "post_url": self.post,
            "text": speech.word(text),
            "paused": self.paused.map(|pause| pause.line(speech)),
            "saved": self.done.is_some(),
            "alerted": self.alerted,
            "offered": often(&self.offered, speech, language),
            "digests": often(&self.digests, speech, language),
            "again": self.again,
            "moved": self.moved,
        })
    }
}
