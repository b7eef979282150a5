//! The one box that may stand at the top of a digest.
//! Which one stands there was decided by plan.

use chrono::{NaiveDate, TimeDelta};

use super::{locale::Speech, mail, plain, when};

/// Characters of a note at most.
const NOTE: usize = 300;
/// From here on a delay is told in hours.
const HOURS_FROM_MINUTES: i64 = 100;

/// How something wrong was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// By an alert.
    Alert,
    /// By a digest.
    Digest,
}

/// What was wrong, and what is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong<'a> {
    /// How it was told.
    pub told: Told,
    /// The day on the reader's calendar.
    pub told_on: NaiveDate,
    /// The title that was sent.
    pub title: &'a str,
    /// A sentence or two: what was wrong about it.
    pub what: &'a str,
}

/// A box at the top of a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note<'a> {
    /// Something sent earlier was wrong.
    Correction(Wrong<'a>),
    /// A word from the editors, at most 300 characters.
    Editor(&'a str),
    /// The mail is late.
    Delay(TimeDelta),
    /// The first digest after a pause.
    AfterPause {
        /// First day of the pause.
        from: NaiveDate,
        /// Last day of the pause.
        to: NaiveDate,
        /// Articles of the pause.
        total: usize,
        /// How many are shown.
        shown: usize,
    },
}

impl Note<'_> {
    /// Title and text of the box.
    pub(super) fn words(&self, speech: Speech<'_>, today: NaiveDate) -> (String, String) {
        match self {
            Self::Correction(wrong) => (speech.word("note-correction"), wrong.sentence(speech, today)),
            Self::Editor(text) => (speech.word("note-editor"), plain::clipped(&plain::clean(text), NOTE).into_owned()),
            Self::Delay(delay) => (speech.word("note-delay"), late(speech, *delay)),
            Self::AfterPause { from, to, total, shown } => {
                let range = when::date_range(speech, *from, *to);
                let text = speech
                    .say("pause", &[("range", range.into()), ("total", (*total).into()), ("shown", (*shown).into())]);
                (speech.word("note-pause"), text)
            }
        }
    }
}

fn late(speech: Speech<'_>, delay: TimeDelta) -> String {
    let minutes = delay.num_minutes().max(1);
    if minutes < HOURS_FROM_MINUTES {
        return speech.say("delay-minutes", &[("minutes", minutes.into())]);
    }
    speech.say("delay-hours", &[("hours", ((minutes + 30) / 60).into())])
}

impl Wrong<'_> {
    /// «Hier, notre alerte « … » était erronée : …. Elle a été retirée.»
    pub(super) fn sentence(&self, speech: Speech<'_>, today: NaiveDate) -> String {
        let day = match (today - self.told_on).num_days() {
            ..=0 => "today",
            1 => "yesterday",
            _ => "earlier",
        };
        let what = plain::clipped(&plain::clean(self.what), NOTE).into_owned();
        let ended = what.ends_with(['.', '!', '?', '…']);
        let id = match self.told {
            Told::Alert => "correction-alert",
            Told::Digest => "correction-digest",
        };
        speech.say(
            id,
            &[
                ("day", day.into()),
                ("date", when::day_month(speech, self.told_on).into()),
                ("title", mail::topic(self.title).into()),
                ("what", if ended { what } else { format!("{what}.") }.into()),
            ],
        )
    }
}
