//! Mails without articles: confirmation, "already signed up", correction.
//! Who gets one was decided elsewhere.

use chrono::NaiveDate;
use serde_json::{Value as Json, json};

use super::{
    cache::{FragmentCache, Key},
    frame::{FrameInput, Kind},
    href::Href,
    language::UiLanguage,
    mail::{self, Links, Rendered, put, put_href, put_link},
    note::Wrong,
    plain,
    publisher::Publisher,
    quoted_printable,
    stencil::{Hole, Stencil},
    subject,
    template::{RenderError, Templates},
};

/// Asks whether an address really wants mail. Holds no text of whoever asked.
#[derive(Clone, Debug)]
pub struct ConfirmationMail<'a> {
    /// Who sends.
    pub publisher: &'a Publisher,
    /// Language of the sign-up page.
    pub language: UiLanguage,
    /// The page with the button.
    pub confirm: &'a Href,
    /// Days after which the address is forgotten.
    pub days: u32,
}

/// A topic that somebody who is signed up already asked for.
#[derive(Clone, Copy, Debug)]
pub struct Addition<'a> {
    /// Its title in the reader's language.
    pub title: &'a str,
    /// The page that adds it.
    pub url: &'a Href,
}

/// Answers a sign-up for an address that is signed up already.
#[derive(Clone, Debug)]
pub struct AlreadySubscribedMail<'a> {
    /// Who sends.
    pub publisher: &'a Publisher,
    /// The reader's language.
    pub language: UiLanguage,
    /// Topics that are asked for and not yet followed.
    pub additions: Vec<Addition<'a>>,
    /// The reader's choices.
    pub settings: &'a Href,
}

/// Tells those who got something wrong what is right.
#[derive(Clone, Debug)]
pub struct CorrectionMail<'a> {
    /// Who sends.
    pub publisher: &'a Publisher,
    /// The reader's language.
    pub language: UiLanguage,
    /// The day on the reader's calendar.
    pub today: NaiveDate,
    /// What was wrong.
    pub wrong: Wrong<'a>,
    /// The corrected article, if there is one.
    pub article: Option<&'a Href>,
    /// Where the footer leads.
    pub links: Links,
    /// Day of the confirmation, in the reader's zone.
    pub subscribed_on: NaiveDate,
    /// Whether it is a proof.
    pub proof: bool,
}

/// Topics offered in an "already signed up" mail.
const ADDITIONS: usize = 10;

impl ConfirmationMail<'_> {
    /// The mail.
    pub fn render(&self, templates: &Templates) -> Result<Rendered, RenderError> {
        let speech = templates.speech(self.language);
        let publisher = plain::clean(&self.publisher.name).into_owned();
        let subject = speech.say("subject-confirm", &[("publisher", publisher.as_str().into())]);
        let preheader = speech.say("confirm-text", &[("publisher", publisher.as_str().into())]);
        let own = json!({
            "headline": speech.word("headline-confirm"),
            "confirm_url": self.confirm,
            "days": self.days,
        });
        whole(templates, "mail/confirm", self.publisher, self.language, subject, preheader, own)
    }
}

impl AlreadySubscribedMail<'_> {
    /// The mail.
    pub fn render(&self, templates: &Templates) -> Result<Rendered, RenderError> {
        let speech = templates.speech(self.language);
        let publisher = plain::clean(&self.publisher.name).into_owned();
        let subject = speech.say("subject-known", &[("publisher", publisher.as_str().into())]);
        let preheader = speech.say("known-text", &[("publisher", publisher.as_str().into())]);
        let additions: Vec<Json> = self
            .additions
            .iter()
            .take(ADDITIONS)
            .map(|a| json!({ "title": mail::topic(a.title), "url": a.url }))
            .collect();
        let own = json!({
            "headline": speech.word("headline-known"),
            "additions": additions,
            "settings_url": self.settings,
        });
        whole(templates, "mail/known", self.publisher, self.language, subject, preheader, own)
    }
}

/// Draws a mail that has no holes: these are few, so none of it is kept.
fn whole(
    templates: &Templates,
    name: &str,
    publisher: &Publisher,
    language: UiLanguage,
    subject: String,
    preheader: String,
    own: Json,
) -> Result<Rendered, RenderError> {
    let mut data = json!({
        "lang": language.code(),
        "publisher": publisher.data(),
        "subject": subject,
        "preheader": preheader,
        "proof": "",
    });
    if let (Json::Object(data), Json::Object(own)) = (&mut data, own) {
        data.extend(own);
    }
    let encoded = |drawn: String| {
        let mut out = Vec::new();
        Stencil::cut(&drawn).copy(&mut out);
        quoted_printable::close(&mut out);
        out
    };
    let html = encoded(templates.draw_html(name, &data)?);
    let text = encoded(templates.draw_text(name, &data)?);
    Ok(Rendered { subject, preheader, html, text, minutes: 1 })
}

impl CorrectionMail<'_> {
    /// The mail.
    pub fn render(&self, templates: &Templates, cache: &FragmentCache) -> Result<Rendered, RenderError> {
        let speech = templates.speech(self.language);
        let links: Vec<_> = self.links.holes().into_iter().chain([(Hole::Url, "url", self.article)]).collect();
        let mut key = Key::default();
        let input =
            FrameInput { kind: Kind::Correction, publisher: self.publisher, language: self.language, links: &links };
        input.key(templates, &mut key);
        let frame = cache.frame(&key, || input.draw(templates))?;
        let title = subject::title(self.wrong.title, &[]).unwrap_or_else(|| self.wrong.title.to_owned());
        let subject = subject::marked(speech, subject::correction(speech, &title), self.proof);
        let sentence = self.wrong.sentence(speech, self.today);
        let preheader = plain::clipped(&sentence, mail::PREHEADER).into_owned();
        let headline = speech.word("headline-correction");
        let subscribed = mail::subscribed(speech, self.subscribed_on);
        let part = |html: bool| {
            let mut out = Vec::new();
            frame.shell.of(html).fill(&mut out, |hole, out| match (hole, self.article) {
                (Hole::Subject, _) => put(out, html, &subject),
                (Hole::Preheader, _) => put(out, html, &preheader),
                (Hole::Headline, _) => put(out, html, &headline),
                (Hole::Text, _) => put(out, html, &sentence),
                (Hole::Proof, _) if self.proof => frame.proof.of(html).copy(out),
                (Hole::Subscribed, _) => put(out, html, &subscribed),
                (Hole::Url, Some(article)) => put_href(out, html, article),
                (link, _) => put_link(out, html, link, &links),
            });
            quoted_printable::close(&mut out);
            out
        };
        Ok(Rendered { html: part(true), text: part(false), subject, preheader, minutes: 1 })
    }
}
