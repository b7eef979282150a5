//! Times as people type them (`tomorrow 07:00`, `in 2 hours`, RFC 3339), in English, French, German and Dutch.
//! It never guesses: what can mean two times is refused, with what would be right.

#[cfg(test)]
mod tests;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;

use crate::digest::schedule::instant_of;

/// Furthest `in N …` reach: a year and a day; beyond it somebody mistyped.
const FURTHEST: TimeDelta = TimeDelta::days(366);

/// Longest text that is looked at.
const LONGEST_TEXT: usize = 80;

/// A time that is none, or that can mean two; it says what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Nothing that is known.
    #[error("`{0}` is not a time; `tomorrow 07:00`, `monday 7:00`, `2027-03-28 07:00`, `in 2 hours` and RFC 3339 are")]
    Unknown(String),
    /// A day without an hour.
    #[error("`{given}` leaves the hour open; write `{given} 07:00`")]
    NoHour {
        /// The text.
        given: String,
    },
    /// A number that may be an hour or a day.
    #[error("`{given}` may be an hour or a day; write `{right}`")]
    BareNumber {
        /// The text.
        given: String,
        /// What would be right.
        right: String,
    },
    /// A date with slashes or dots: day and month stand in different orders in different countries.
    #[error("`{0}` can be read as day/month or month/day; write the date as YYYY-MM-DD, such as `2027-03-28 07:00`")]
    DayOrder(String),
    /// An hour that does not exist.
    #[error("`{0}` is not an hour; 00:00 to 23:59 are")]
    Hour(String),
    /// A date that does not exist.
    #[error("`{0}` is not a day of the calendar")]
    Day(String),
    /// Too far away.
    #[error("`{0}` is more than a year away; write the date, such as `2027-03-28 07:00`")]
    Far(String),
}

/// Words for today, tomorrow and yesterday, with the days to add.
const DAYS: [(&str, i64); 15] = [
    ("today", 0),
    ("tomorrow", 1),
    ("yesterday", -1),
    ("aujourd'hui", 0),
    ("aujourdhui", 0),
    ("demain", 1),
    ("hier", -1),
    ("heute", 0),
    ("morgen", 1),
    ("gestern", -1),
    ("vandaag", 0),
    ("gisteren", -1),
    ("après-demain", 2),
    ("übermorgen", 2),
    ("overmorgen", 2),
];

/// Weekdays from Monday, one row a language.
const WEEKDAYS: [[&str; 7]; 4] = [
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"],
    ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
];

/// Reads a time that a person typed; wall clock times are those of `zone`.
///
/// An hour alone and a weekday mean the next such time after `now`. A time in a DST gap is the first valid instant after
/// it, one in an overlap the first of the two, as for slots.
pub fn parse_time(text: &str, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, TimeError> {
    let given = text.trim().to_owned();
    if given.len() > LONGEST_TEXT {
        return Err(TimeError::Unknown(given.chars().take(LONGEST_TEXT / 2).chain(['…']).collect()));
    }
    // RFC 3339 section 5.6 allows a space for the T.
    if let Ok(instant) = DateTime::parse_from_rfc3339(&given) {
        return Ok(instant.to_utc());
    }
    let lower = given.to_lowercase().replace('’', "'");
    let words: Vec<&str> =
        lower.split_whitespace().filter(|word| !["at", "à", "um", "om", "uhr", "uur"].contains(word)).collect();
    match words.as_slice() {
        [] => Err(TimeError::Unknown(given)),
        ["now" | "maintenant" | "jetzt" | "nu"] => Ok(now),
        ["in" | "dans" | "over", rest @ ..] => later(rest, now, given),
        [date] if date.contains('t') && date.starts_with(|c: char| c.is_ascii_digit()) => {
            let (date, hour) = date.split_once('t').unwrap_or((date, ""));
            on_day(date, &[hour], now, zone, given)
        }
        [first, .., day] if is_hour_like(first) && is_day_word(day) => {
            on_day(day, &words[..words.len() - 1], now, zone, given)
        }
        [first, ..] if is_hour_like(first) => {
            let time = parse_hour(&words, &given)?;
            Ok(next_at(None, time, now, zone))
        }
        [day, hour @ ..] => on_day(day, hour, now, zone, given),
    }
}

fn on_day(day: &str, hour: &[&str], now: DateTime<Utc>, zone: Tz, given: String) -> Result<DateTime<Utc>, TimeError> {
    let today = now.with_timezone(&zone).date_naive();
    let hour_of =
        || if hour.is_empty() { Err(TimeError::NoHour { given: given.clone() }) } else { parse_hour(hour, &given) };
    if let Some(&(_, days)) = DAYS.iter().find(|(word, _)| *word == day) {
        let date = today.checked_add_signed(TimeDelta::days(days)).ok_or_else(|| TimeError::Day(given.clone()))?;
        return Ok(instant_of(zone, date.and_time(hour_of()?)));
    }
    if let Some(weekday) = weekday_of(day) {
        return Ok(next_at(Some(weekday), hour_of()?, now, zone));
    }
    if day.contains(['/', '.']) && day.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(TimeError::DayOrder(given));
    }
    if day.bytes().all(|b| b.is_ascii_digit() || b == b'-') && day.contains('-') {
        let date = NaiveDate::parse_from_str(day, "%Y-%m-%d").map_err(|_| TimeError::Day(day.to_owned()))?;
        return Ok(instant_of(zone, date.and_time(hour_of()?)));
    }
    Err(TimeError::Unknown(given))
}

/// The first time after `now` at which the wall clock shows `time`, on that weekday if one is given.
fn next_at(weekday: Option<Weekday>, time: NaiveTime, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    (0..=7)
        .filter_map(|days| today.checked_add_days(Days::new(days)))
        .filter(|date| weekday.is_none_or(|weekday| date.weekday() == weekday))
        .map(|date| instant_of(zone, NaiveDateTime::new(date, time)))
        .find(|instant| *instant > now)
        .unwrap_or(now)
}

fn later(words: &[&str], now: DateTime<Utc>, given: String) -> Result<DateTime<Utc>, TimeError> {
    let joined = words.concat();
    let digits = joined.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = joined.split_at(digits);
    let seconds = match unit {
        "s" | "sec" | "second" | "seconds" | "seconde" | "secondes" | "sekunde" | "sekunden" | "seconden" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" | "minuten" | "minuut" => 60,
        "h" | "hour" | "hours" | "heure" | "heures" | "stunde" | "stunden" | "uur" | "uren" => 3600,
        "d" | "day" | "days" | "jour" | "jours" | "j" | "tag" | "tage" | "tagen" | "dag" | "dagen" => 86_400,
        "w" | "week" | "weeks" | "semaine" | "semaines" | "woche" | "wochen" | "weken" => 7 * 86_400,
        _ => return Err(TimeError::Unknown(given)),
    };
    let number: i64 = match number.parse() {
        Ok(number) => number,
        Err(_) if digits == 0 => return Err(TimeError::Unknown(given)),
        Err(_) => return Err(TimeError::Far(given)),
    };
    let by = number.checked_mul(seconds).and_then(TimeDelta::try_seconds).filter(|by| *by <= FURTHEST);
    by.and_then(|by| now.checked_add_signed(by)).ok_or(TimeError::Far(given))
}

fn weekday_of(word: &str) -> Option<Weekday> {
    // "mar" may be Tuesday or March, so shortened days need as many letters as tell them apart in every language.
    let word = match word {
        "mon" => "monday",
        "tue" | "tues" => "tuesday",
        "wed" => "wednesday",
        "thu" | "thur" | "thurs" => "thursday",
        "fri" => "friday",
        "sat" => "saturday",
        "sun" => "sunday",
        other => other,
    };
    let found = WEEKDAYS.iter().find_map(|days| days.iter().position(|day| *day == word))?;
    u8::try_from(found).ok().and_then(|number| Weekday::try_from(number).ok())
}

fn is_day_word(word: &str) -> bool {
    DAYS.iter().any(|(day, _)| *day == word) || weekday_of(word).is_some()
}

/// Whether a word begins with the hour itself: `7:00`, `18h30`, `7am`, `7`.
fn is_hour_like(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < word.len() && (rest.is_empty() || rest.starts_with([':', 'h', 'a', 'p']))
}

/// `07:00`, `7:00`, `07:00:30`, `7h`, `7 h 30`, `7am`, `7:30 pm`; a number alone is refused.
fn parse_hour(words: &[&str], given: &str) -> Result<NaiveTime, TimeError> {
    let joined = words.concat();
    let wrong = || TimeError::Hour(words.join(" "));
    let (clock, half) = match (joined.strip_suffix("am"), joined.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (joined.as_str(), None),
    };
    let bare = clock.bytes().all(|b| b.is_ascii_digit());
    if bare && half.is_none() {
        let right = match clock.parse::<u32>() {
            Ok(hour) if hour < 24 && clock.len() <= 2 => {
                let before = given.strip_suffix(clock).unwrap_or_default();
                format!("{before}{hour:02}:00")
            }
            _ => "07:00".to_owned(),
        };
        return Err(TimeError::BareNumber { given: given.to_owned(), right });
    }
    let mut parts = clock.split([':', 'h']).filter(|part| !part.is_empty());
    let mut number = |limit: u32| match parts.next() {
        None => Ok(0),
        Some(part) if part.len() <= 2 => part.parse().ok().filter(|n| *n < limit).ok_or_else(wrong),
        Some(_) => Err(wrong()),
    };
    let (hour, minute, second) = (number(24)?, number(60)?, number(60)?);
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return Err(wrong()),
        Some(half) => hour % 12 + half,
        None => hour,
    };
    if parts.next().is_some() {
        return Err(wrong());
    }
    NaiveTime::from_hms_opt(hour, minute, second).ok_or_else(wrong)
}
