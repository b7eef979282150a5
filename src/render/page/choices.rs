//! The forms in which readers choose: what they follow and how often, updates, a pause, language and zone.
//! It does not read what was chosen; `web` does.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Value as Json, json};

use super::{
    super::{href::Href, language::UiLanguage, locale::Speech, mail, plain, when},
    own_words::OwnWords,
};
use crate::digest::schedule::ScheduleLine;

/// Weeks of the pauses that are offered.
const WEEKS: [u32; 3] = [1, 2, 4];

/// One way of how often, to be chosen.
#[derive(Clone, Debug)]
pub struct Often<'a> {
    /// What the form sends: the schedule's name.
    pub value: &'a str,
    /// When it fires; none for alerts.
    pub line: Option<&'a ScheduleLine>,
    /// The operator's own words for it.
    pub titles: &'a BTreeMap<UiLanguage, String>,
    /// The reader's zone.
    pub zone: Tz,
    /// Whether it is chosen at present.
    pub chosen: bool,
}

/// A topic, or the reader's own words, with how often it comes.
#[derive(Clone, Debug)]
pub struct FollowRow<'a> {
    /// Name of the field that the form sends.
    pub field: String,
    /// Heading.
    pub title: &'a str,
    /// How often it can come.
    pub often: Vec<Often<'a>>,
}

/// Everything that a reader can choose.
#[derive(Clone, Debug)]
pub struct Choices<'a> {
    /// Where the forms post to: a path of this site.
    pub post: &'a Href,
    /// The page that asks before leaving.
    pub unsubscribe: &'a Href,
    /// The address, masked.
    pub address: &'a str,
    /// Something was just saved.
    pub saved: bool,
    /// A pause, with its end if it has one.
    pub paused: Option<Pause>,
    /// Today in the reader's zone.
    pub today: NaiveDate,
    /// What they follow.
    pub followed: Vec<FollowRow<'a>>,
    /// What else there is.
    pub offered: Vec<FollowRow<'a>>,
    /// Words of their own.
    pub own: OwnWords<'a>,
    /// One way for everything.
    pub often: Vec<Often<'a>>,
    /// Whether they are told what is new in a story that they got.
    pub updates: bool,
    /// Names of the zones to choose from.
    pub zones: Vec<&'a str>,
    /// The reader's zone.
    pub zone: Tz,
    /// When they signed up.
    pub since: NaiveDate,
}

impl Often<'_> {
    fn data(&self, speech: Speech<'_>, language: UiLanguage) -> Json {
        let text = match (self.titles.get(&language), self.line) {
            (Some(title), _) => plain::clean(title).into_owned(),
            (None, Some(line)) => when::schedule(speech, line, self.zone),
            (None, None) => speech.word("schedule-instant"),
        };
        json!({ "value": self.value, "text": text, "chosen": self.chosen })
    }
}

pub(super) fn often(often: &[Often<'_>], speech: Speech<'_>, language: UiLanguage) -> Vec<Json> {
    often.iter().map(|o| o.data(speech, language)).collect()
}

/// What the form of a pause shows.
pub(super) fn pauses(speech: Speech<'_>) -> Vec<Json> {
    let week = |weeks: &u32| json!({ "value": weeks * 7, "text": speech.say("page-pause-weeks", &[("weeks", (*weeks).into())]), "chosen": *weeks == WEEKS[1] });
    WEEKS.iter().map(week).collect()
}

impl FollowRow<'_> {
    fn data(&self, speech: Speech<'_>, language: UiLanguage, none: &str) -> Json {
        let mut often = often(&self.often, speech, language);
        let chosen = self.often.iter().any(|o| o.chosen);
        let nothing = json!({ "value": "", "text": speech.word(none), "chosen": !chosen });
        often.insert(if chosen { often.len() } else { 0 }, nothing);
        let title = if self.title.is_empty() { speech.word("page-own-words") } else { mail::topic(self.title) };
        json!({ "field": self.field, "title": title, "often": often })
    }
}

/// How long a reader is having a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// Until this day of theirs.
    Until(NaiveDate),
    /// Until further notice.
    Open,
}

impl Pause {
    pub(super) fn line(self, speech: Speech<'_>) -> String {
        match self {
            Self::Until(day) => speech.say("page-paused", &[("date", when::whole_date(speech, day).into())]),
            Self::Open => speech.word("page-paused-open"),
        }
    }
}

impl Choices<'_> {
    pub(super) fn data(&self, speech: Speech<'_>, language: UiLanguage) -> Json {
        let rows = |rows: &[FollowRow<'_>], none: &str| -> Vec<Json> {
            rows.iter().map(|row| row.data(speech, language, none)).collect()
        };
        let languages: Vec<Json> = UiLanguage::ALL
            .iter()
            .map(|l| json!({ "value": l.code(), "text": l.own_name(), "chosen": *l == language }))
            .collect();
        let zones: Vec<Json> = self
            .zones
            .iter()
            .map(|z| json!({ "value": z, "text": z.replace('_', " "), "chosen": *z == self.zone.name() }))
            .collect();
        let mut data = json!({
            "post_url": self.post,
            "unsubscribe_url": self.unsubscribe,
            "address": plain::clean(self.address),
            "saved": self.saved,
            "paused": self.paused.map(|pause| pause.line(speech)),
            "today": self.today.to_string(),
            "pauses": pauses(speech),
            "followed": rows(&self.followed, "page-follow-stop"),
            "offered": rows(&self.offered, "page-follow-not"),
            "often": often(&self.often, speech, language),
            "updates": self.updates,
            "languages": languages,
            "zones": zones,
            "since": when::whole_date(speech, self.since),
        });
        if let (Json::Object(data), Json::Object(own)) = (&mut data, self.own.data(speech, language)) {
            data.extend(own);
        }
        data
    }
}
