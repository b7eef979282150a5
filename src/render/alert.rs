//! The alert mail: one article at once, or those that came while alerts were bundled.
//! Whether and when it goes was decided by plan.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::{
    article::{ArticleFragmentInput, Form, Fragment, Sight, WORDS_PER_MINUTE},
    cache::{FragmentCache, Key},
    digest,
    frame::{FrameInput, Kind},
    href::Href,
    language::UiLanguage,
    mail::{self, Links, Rendered, put, put_link},
    publisher::Publisher,
    quoted_printable,
    stencil::Hole,
    subject,
    template::{RenderError, Templates},
};

/// Everything that an alert shows.
#[derive(Clone, Debug)]
pub struct AlertMail<'a> {
    /// Who sends.
    pub publisher: &'a Publisher,
    /// Language of the words around the articles.
    pub language: UiLanguage,
    /// The reader's time zone.
    pub zone: Tz,
    /// When it was planned, on the reader's wall clock.
    pub local: NaiveDateTime,
    /// Title of the topic that it belongs to.
    pub topic: &'a str,
    /// One article, or several where they were bundled; the newest first.
    pub items: Vec<ArticleFragmentInput<'a>>,
    /// Since when they were bundled, if that is today.
    pub since: Option<NaiveTime>,
    /// Alerts an hour at most, as the reader was promised.
    pub per_hour: u32,
    /// Stops this alert.
    pub mute: Option<Href>,
    /// Turns it into a daily digest.
    pub to_digest: Option<Href>,
    /// Where the footer leads.
    pub links: Links,
    /// Day of the confirmation, in the reader's zone.
    pub subscribed_on: NaiveDate,
    /// Whether it is a proof.
    pub proof: bool,
}

impl AlertMail<'_> {
    /// The mail. Drawn articles come from `cache`, or go there.
    pub fn render(&self, templates: &Templates, cache: &FragmentCache) -> Result<Rendered, RenderError> {
        let speech = templates.speech(self.language);
        let sight = Sight::new(self.language, self.zone, self.local);
        let mut key = Key::default();
        let drawn = self
            .items
            .iter()
            .enumerate()
            .map(|(n, item)| cache.fragment(templates, item, Form::Alert { lead: n == 0 }, sight, &mut key))
            .collect::<Result<Vec<_>, _>>()?;
        let footer = self.links.holes();
        let own =
            [(Hole::MuteUrl, "mute_url", self.mute.as_ref()), (Hole::DigestUrl, "digest_url", self.to_digest.as_ref())];
        let links: Vec<_> = footer.into_iter().chain(own).collect();
        let input = FrameInput { kind: Kind::Alert, publisher: self.publisher, language: self.language, links: &links };
        input.key(templates, &mut key);
        let frame = cache.frame(&key, || input.draw(templates))?;

        let shown: Vec<&Fragment> = drawn.iter().map(|article| &*article.fragment).collect();
        let subject = subject::marked(speech, self.subject(templates, &shown), self.proof);
        let preheader = digest::preheader(&shown);
        let topic = mail::topic(self.topic);
        let headline = speech.say("headline-alert", &[("topic", topic.as_str().into())]);
        let rate = speech.say("alert-rate", &[("topic", topic.as_str().into()), ("count", self.per_hour.into())]);
        let subscribed = mail::subscribed(speech, self.subscribed_on);
        let part = |html: bool| {
            let mut out = Vec::with_capacity(shown.iter().map(|f| f.weight()).sum::<usize>() + 16 * 1024);
            frame.shell.of(html).fill(&mut out, |hole, out| match hole {
                Hole::Subject => put(out, html, &subject),
                Hole::Preheader => put(out, html, &preheader),
                Hole::Headline => put(out, html, &headline),
                Hole::Figures => put(out, html, &rate),
                Hole::Proof if self.proof => frame.proof.of(html).copy(out),
                Hole::Articles => drawn.iter().for_each(|article| article.copy(out, html)),
                Hole::Subscribed => put(out, html, &subscribed),
                Hole::Schedule => put(out, html, &speech.word("schedule-instant")),
                link => put_link(out, html, link, &links),
            });
            quoted_printable::close(&mut out);
            out
        };
        let (html, text) = (part(true), part(false));
        let words: u32 = shown.iter().map(|f| f.words).sum();
        Ok(Rendered { subject, preheader, html, text, minutes: words.div_ceil(WORDS_PER_MINUTE).max(1) })
    }

    fn subject(&self, templates: &Templates, shown: &[&Fragment]) -> String {
        let speech = templates.speech(self.language);
        match shown {
            [only] => subject::alert(speech, self.topic, only.subject.as_deref().unwrap_or(&only.title)),
            several => subject::alert_bundle(speech, self.topic, several.len(), self.since),
        }
    }
}

#[cfg(test)]
mod tests;
