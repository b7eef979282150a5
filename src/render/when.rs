//! Times, dates and schedules in a reader's words: «hier, 18 h 40», "Every day from 7:00 (Paris time)".
//! It reads no clock; what "now" is comes in.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _};
use chrono_tz::Tz;
use fluent_bundle::FluentValue;

use super::locale::Speech;
use crate::digest::schedule::ScheduleLine;

/// Beyond this a date without its year could be last year's.
const YEAR_NEEDED_DAYS: i64 = 180;

/// How long ago something was, in words, seen at `now`; both are times on the reader's wall clock.
/// What lies ahead (clocks go wrong, feeds lie) counts as just now.
pub(super) fn ago(speech: Speech<'_>, then: NaiveDateTime, now: NaiveDateTime) -> String {
    if now - then < TimeDelta::hours(1) {
        return speech.word("just-now");
    }
    let days = (now.date() - then.date()).num_days();
    match days {
        // «1 h» alone would read as a duration.
        0 => clock(speech, then.time(), "time"),
        1 => speech.say("yesterday-at", &[("time", time(speech, then.time()).into())]),
        _ if days < YEAR_NEEDED_DAYS => short_date(speech, then.date()),
        _ => speech.say(
            "date-with-year-short",
            &[
                ("day", then.day().into()),
                ("month", month_short(speech, then.date()).into()),
                ("year", year(then.date())),
            ],
        ),
    }
}

/// «7 h 05», "7:05", "7:05 Uhr", "7.05 uur".
pub(super) fn time(speech: Speech<'_>, at: NaiveTime) -> String {
    clock(speech, at, if at.minute() == 0 { "time-whole-hour" } else { "time" })
}

fn clock(speech: Speech<'_>, at: NaiveTime, id: &str) -> String {
    speech.say(id, &[("hour", at.hour().into()), ("minute", format!("{:02}", at.minute()).into())])
}

/// «ven. 20 nov.»
fn short_date(speech: Speech<'_>, date: NaiveDate) -> String {
    speech.say(
        "date-short",
        &[
            ("weekday", speech.word(&format!("weekday-short-{}", date.weekday().number_from_monday())).into()),
            ("day", date.day().into()),
            ("month", month_short(speech, date).into()),
        ],
    )
}

/// «mardi 24 novembre»
pub(super) fn weekday_date(speech: Speech<'_>, date: NaiveDate) -> String {
    speech.say(
        "date-weekday",
        &[
            ("weekday", speech.word(&format!("weekday-{}", date.weekday().number_from_monday())).into()),
            ("day", date.day().into()),
            ("month", month(speech, date).into()),
        ],
    )
}

/// «24 novembre»
pub(super) fn day_month(speech: Speech<'_>, date: NaiveDate) -> String {
    speech.say("date-day-month", &[("day", date.day().into()), ("month", month(speech, date).into())])
}

/// «3 mars 2026»
pub(super) fn whole_date(speech: Speech<'_>, date: NaiveDate) -> String {
    speech.say("date-whole", &[("day", date.day().into()), ("month", month(speech, date).into()), ("year", year(date))])
}

/// «12-24 novembre», «28 novembre-3 décembre»
pub(super) fn date_range(speech: Speech<'_>, from: NaiveDate, to: NaiveDate) -> String {
    if (from.year(), from.month()) == (to.year(), to.month()) && from != to {
        return speech.say("date-range", &[("from", from.day().into()), ("to", day_month(speech, to).into())]);
    }
    if from == to {
        return day_month(speech, to);
    }
    speech.say("date-range-long", &[("from", day_month(speech, from).into()), ("to", day_month(speech, to).into())])
}

/// When the next digest comes, or this one came: «Chaque jour à partir de 7 h (heure de Paris)».
pub(super) fn schedule(speech: Speech<'_>, line: &ScheduleLine, zone: Tz) -> String {
    let zone = ("zone", zone_time(speech, zone).into());
    let at = |at: &NaiveTime| ("time", FluentValue::from(time(speech, *at)));
    match line {
        ScheduleLine::Daily { time } => speech.say("schedule-daily", &[at(time), zone]),
        ScheduleLine::Weekdays { time } => speech.say("schedule-weekdays", &[at(time), zone]),
        ScheduleLine::Weekly { weekday, time } => {
            let weekday = speech.word(&format!("weekday-{}", weekday.number_from_monday()));
            speech.say("schedule-weekly", &[("weekday", weekday.into()), at(time), zone])
        }
        ScheduleLine::Other(_) => speech.say("schedule-other", &[zone]),
    }
}

/// «heure de Paris», "Paris time".
pub(super) fn zone_time(speech: Speech<'_>, zone: Tz) -> String {
    let name = zone.name();
    let Some((_, city)) = name.rsplit_once('/').filter(|(area, _)| *area != "Etc") else {
        return speech.say("zone-plain", &[("zone", name.trim_start_matches("Etc/").into())]);
    };
    let id = format!("city-{}", city.to_ascii_lowercase().replace('_', "-"));
    let known = speech.word(&id);
    let city = if known == id { city.replace('_', " ") } else { known };
    // «heure d’Amsterdam», «heure de Paris».
    let vowel = city.starts_with(['A', 'E', 'I', 'O', 'U', 'É', 'Î', 'Y']);
    speech.say("zone-city", &[("city", city.into()), ("begins", if vowel { "vowel" } else { "consonant" }.into())])
}

fn month(speech: Speech<'_>, date: NaiveDate) -> String {
    speech.word(&format!("month-{}", date.month()))
}

fn month_short(speech: Speech<'_>, date: NaiveDate) -> String {
    speech.word(&format!("month-short-{}", date.month()))
}

/// As text: a number would be given its mark of thousands.
fn year(date: NaiveDate) -> FluentValue<'static> {
    FluentValue::from(date.year().to_string())
}

#[cfg(test)]
mod tests;
