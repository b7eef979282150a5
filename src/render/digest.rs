//! The digest mail: articles by topic, what is only named or counted, and the reader's footer.
//! What is in it, and where, was decided by plan.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;

use super::{
    article::{ArticleFragmentInput, Drawn, Form, Fragment, Sight, WORDS_PER_MINUTE},
    cache::{FragmentCache, Key},
    frame::{Frame, FrameInput, HoleLink, Kind, Pair},
    language::UiLanguage,
    locale::Speech,
    mail::{self, Links, PREHEADER, Rendered, put, put_href, put_link},
    note::Note,
    plain,
    publisher::Publisher,
    quoted_printable,
    stencil::Hole,
    subject,
    template::{RenderError, Templates},
    when,
};
use crate::digest::schedule::ScheduleLine;

/// Articles from which on a mail has a table of contents.
const CONTENTS_FROM: usize = 4;

/// Articles that stand under one heading.
#[derive(Clone, Debug)]
pub struct Section<'a> {
    /// The topic's title in the reader's language, or the words of the reader's own filter.
    pub title: &'a str,
    /// Its articles, in order.
    pub items: Vec<ArticleFragmentInput<'a>>,
}

/// Everything that a digest mail shows.
#[derive(Clone, Debug)]
pub struct DigestMail<'a> {
    /// Who sends.
    pub publisher: &'a Publisher,
    /// Language of the words around the articles.
    pub language: UiLanguage,
    /// The reader's time zone.
    pub zone: Tz,
    /// The slot on the reader's wall clock: the mail's "today".
    pub slot_local: NaiveDateTime,
    /// How often this digest comes.
    pub schedule: &'a ScheduleLine,
    /// Whole articles, by topic.
    pub sections: Vec<Section<'a>>,
    /// Articles of which only title and source are shown.
    pub brief: Vec<ArticleFragmentInput<'a>>,
    /// How many more there are.
    pub counted: usize,
    /// What was already told by alert.
    pub alerted: Vec<ArticleFragmentInput<'a>>,
    /// The reader's topics without an article today.
    pub nothing_today_for: Vec<&'a str>,
    /// At most one box at the top.
    pub note: Option<Note<'a>>,
    /// Where the footer leads.
    pub links: Links,
    /// Day of the confirmation, in the reader's zone.
    pub subscribed_on: NaiveDate,
    /// All topics of the reader, for the footer.
    pub topics: Vec<&'a str>,
    /// Which of the whole articles, counted from 0 over all sections, leads the subject, as plan froze it so that no reader
    /// gets the same subject twice in a row; without one, the first whose title can.
    pub lead: Option<usize>,
    /// Whether it is a proof, which says so on top and in its subject.
    pub proof: bool,
}

/// A digest with its parts at hand.
struct Laid<'m, 'a> {
    mail: &'m DigestMail<'a>,
    frame: Arc<Frame>,
    speech: Speech<'m>,
    /// The articles of each section.
    sections: Vec<Vec<Drawn>>,
    brief: Vec<Drawn>,
    alerted: Vec<Drawn>,
    /// All articles, those only counted too.
    count: usize,
    minutes: u32,
    lines: Lines,
}

/// The words that are made for this mail, the same in HTML and text.
#[derive(Default)]
struct Lines {
    subject: String,
    preheader: String,
    headline: String,
    figures: String,
    more: Option<String>,
    nothing: Option<String>,
    note: Option<(String, String)>,
    subscribed: String,
    schedule: String,
}

impl DigestMail<'_> {
    /// The mail. Drawn articles come from `cache`, or go there.
    pub fn render(&self, templates: &Templates, cache: &FragmentCache) -> Result<Rendered, RenderError> {
        let mut laid = self.lay(templates, cache)?;
        laid.lines = laid.lines();
        let html = laid.part(true);
        let text = laid.part(false);
        let Lines { subject, preheader, .. } = laid.lines;
        Ok(Rendered { subject, preheader, html, text, minutes: laid.minutes })
    }

    fn lay<'m>(&'m self, templates: &'m Templates, cache: &FragmentCache) -> Result<Laid<'m, 'm>, RenderError> {
        let sight = Sight::new(self.language, self.zone, self.slot_local);
        let mut key = Key::default();
        let mut sections = Vec::with_capacity(self.sections.len());
        let mut lead = true;
        for section in &self.sections {
            let mut drawn = Vec::with_capacity(section.items.len());
            for item in &section.items {
                drawn.push(cache.fragment(templates, item, Form::Block { lead }, sight, &mut key)?);
                lead = false;
            }
            sections.push(drawn);
        }
        let mut lines = |items: &[ArticleFragmentInput<'_>]| {
            items
                .iter()
                .map(|i| cache.fragment(templates, i, Form::Line, sight, &mut key))
                .collect::<Result<Vec<_>, _>>()
        };
        let brief = lines(&self.brief)?;
        let alerted = lines(&self.alerted)?;
        let links = self.links.holes();
        let input =
            FrameInput { kind: Kind::Digest, publisher: self.publisher, language: self.language, links: &links };
        input.key(templates, &mut key);
        let frame = cache.frame(&key, || input.draw(templates))?;
        let words: u32 = sections.iter().flatten().chain(&brief).map(|article| article.fragment.words).sum();
        let count = sections.iter().map(Vec::len).sum::<usize>() + brief.len() + self.counted;
        Ok(Laid {
            mail: self,
            frame,
            speech: templates.speech(self.language),
            sections,
            brief,
            alerted,
            count,
            minutes: words.div_ceil(WORDS_PER_MINUTE).max(1),
            lines: Lines::default(),
        })
    }
}

impl Laid<'_, '_> {
    fn lines(&self) -> Lines {
        let (mail, speech) = (self.mail, self.speech);
        let today = mail.slot_local.date();
        let articles = self.sections.iter().flatten().chain(&self.brief);
        let shown: Vec<&Fragment> = articles.map(|article| &*article.fragment).collect();
        let subject = self.subject(&shown);
        let figures = format!(
            "{} · {}",
            speech.say("count", &[("count", self.count.into())]),
            speech.say("minutes", &[("minutes", self.minutes.into())])
        );
        let nothing = (!mail.nothing_today_for.is_empty())
            .then(|| speech.say("nothing", &[("topics", mail::topics(speech, &mail.nothing_today_for).into())]));
        let more = (mail.counted > 0).then(|| {
            let id = if mail.links.web.is_some() { "more" } else { "more-unlinked" };
            speech.say(id, &[("count", mail.counted.into())])
        });
        let mut schedule = when::schedule(speech, mail.schedule, mail.zone);
        if !mail.topics.is_empty() {
            schedule.push_str(" · ");
            schedule.push_str(&speech.say("topics", &[("topics", mail::topics(speech, &mail.topics).into())]));
        }
        Lines {
            subject,
            preheader: preheader(&shown),
            headline: speech.say("headline-digest", &[("date", when::weekday_date(speech, today).into())]),
            figures,
            more,
            nothing,
            note: mail.note.as_ref().map(|n| n.words(speech, today)),
            subscribed: mail::subscribed(speech, mail.subscribed_on),
            schedule,
        }
    }

    fn subject(&self, shown: &[&Fragment]) -> String {
        let (mail, speech) = (self.mail, self.speech);
        let frozen = mail
            .lead
            .and_then(|n| self.sections.iter().flatten().nth(n))
            .and_then(|article| article.fragment.subject.as_deref());
        let lead = frozen.or_else(|| shown.iter().find_map(|f| f.subject.as_deref()));
        let line = match (lead, mail.sections.first()) {
            (Some(title), _) => subject::digest(speech, title, self.count),
            (None, Some(section)) => subject::by_topic(speech, section.title, self.count),
            (None, None) => subject::by_day(speech, mail.slot_local.date()),
        };
        subject::marked(speech, line, mail.proof)
    }

    /// The whole part, encoded.
    fn part(&self, html: bool) -> Vec<u8> {
        let blocks: usize = self.sections.iter().flatten().map(|article| article.fragment.weight()).sum();
        let mut out = Vec::with_capacity(blocks + 16 * 1024);
        let links = self.mail.links.holes();
        self.frame.shell.of(html).fill(&mut out, |hole, out| self.fill(html, hole, out, &links));
        quoted_printable::close(&mut out);
        out
    }

    fn fill(&self, html: bool, hole: Hole, out: &mut Vec<u8>, links: &[HoleLink<'_>]) {
        let lines = &self.lines;
        match hole {
            Hole::Subject => put(out, html, &lines.subject),
            Hole::Preheader => put(out, html, &lines.preheader),
            Hole::Headline => put(out, html, &lines.headline),
            Hole::Figures => put(out, html, &lines.figures),
            Hole::Proof if self.mail.proof => self.frame.proof.of(html).copy(out),
            Hole::Note => {
                if let Some((title, text)) = &lines.note {
                    self.frame.note.of(html).fill(out, |hole, out| match hole {
                        Hole::Title => put(out, html, title),
                        Hole::Text => put(out, html, text),
                        _ => {}
                    });
                }
            }
            Hole::Contents => self.contents(html, out),
            Hole::Articles => self.articles(html, out),
            Hole::Brief => Self::list(html, out, &self.frame.briefs, &self.brief),
            Hole::Alerted => Self::list(html, out, &self.frame.alerted, &self.alerted),
            Hole::More => self.more(html, out),
            Hole::Nothing => {
                if let Some(nothing) = &lines.nothing {
                    self.frame.nothing.of(html).fill(out, |_, out| put(out, html, nothing));
                }
            }
            Hole::Subscribed => put(out, html, &lines.subscribed),
            Hole::Schedule => put(out, html, &lines.schedule),
            link => put_link(out, html, link, links),
        }
    }

    fn contents(&self, html: bool, out: &mut Vec<u8>) {
        if self.sections.iter().map(Vec::len).sum::<usize>() < CONTENTS_FROM {
            return;
        }
        self.frame.contents.of(html).fill(out, |_, out| {
            let mut number = 1;
            for (section, drawn) in self.mail.sections.iter().zip(&self.sections) {
                let first = number;
                self.frame.contents_topic.of(html).fill(out, |hole, out| match hole {
                    Hole::Title => put(out, html, &mail::topic(section.title)),
                    Hole::Number => put(out, html, &first.to_string()),
                    Hole::Items => {
                        for article in drawn {
                            article.fragment.contents_line(out, html, number);
                            number += 1;
                        }
                    }
                    _ => {}
                });
            }
        });
    }

    fn articles(&self, html: bool, out: &mut Vec<u8>) {
        for (section, drawn) in self.mail.sections.iter().zip(&self.sections) {
            self.frame.section.of(html).fill(out, |_, out| put(out, html, &mail::topic(section.title)));
            for article in drawn {
                article.copy(out, html);
            }
        }
    }

    fn list(html: bool, out: &mut Vec<u8>, part: &Pair, items: &[Drawn]) {
        if items.is_empty() {
            return;
        }
        part.of(html).fill(out, |_, out| {
            for article in items {
                article.copy(out, html);
            }
        });
    }

    fn more(&self, html: bool, out: &mut Vec<u8>) {
        let Some(more) = &self.lines.more else { return };
        let part = if self.mail.links.web.is_some() { &self.frame.more } else { &self.frame.more_unlinked };
        part.of(html).fill(out, |hole, out| match (hole, &self.mail.links.web) {
            (Hole::Url, Some(web)) => put_href(out, html, web),
            _ => put(out, html, more),
        });
    }
}

/// Titles of the second and third article; of a single one its first point.
pub(super) fn preheader(shown: &[&Fragment]) -> String {
    let line = match shown {
        [] => String::new(),
        [only] => only.first_point.clone().unwrap_or_default(),
        [_, second] => second.title.clone(),
        [_, second, third, ..] => format!("{} · {}", second.title, third.title),
    };
    plain::clipped(&line, PREHEADER).into_owned()
}

#[cfg(test)]
mod tests;
