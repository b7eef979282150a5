//! Reads the dates that feeds write, and says which of them can be believed.
//! It decides nothing about what is new: that is the instant at which an entry was first seen.

mod figures;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};

pub(super) use figures::since_1970;

/// A publisher's clock may run ahead this far; later dates are announcements or mistakes.
const CLOCK_SKEW: TimeDelta = TimeDelta::hours(24);
/// The first year of the web's news; earlier dates are zero values of some epoch (1970, 1904, 0001).
const FIRST_YEAR: i32 = 1995;
/// Bytes of the longest date looked at.
const MAX_DATE: usize = 80;

/// The publisher's date where it can be believed at `now`: not an epoch's zero (0001, 1904, 1970, 2001-01-01 00:00,
/// the zero of macOS), not in the future. Up to a day ahead is a wrong clock or zone, and becomes `now`.
pub fn believable(date: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let date = date?;
    let cocoa_zero = NaiveDate::from_ymd_opt(2001, 1, 1).map(|d| d.and_time(NaiveTime::MIN).and_utc());
    if date.year() < FIRST_YEAR || Some(date) == cocoa_zero || date > now + CLOCK_SKEW {
        return None;
    }
    Some(date.min(now))
}

/// The first of an entry's dates that can be believed at `now`: a zero in one says nothing of the other.
pub fn first_believable<const N: usize>(
    dates: [Option<DateTime<Utc>>; N],
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    dates.into_iter().find_map(|date| believable(date, now))
}

/// Reads RFC 3339 and its looser relatives (W3CDTF, ISO 8601 basic), RFC 822/2822 and its looser relatives (asctime,
/// two-digit years, zone names, month names of six languages), figures that mean one day only, and seconds since 1970. No zone,
/// or one not known, is UTC.
pub(super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = super::bounded(text.trim(), MAX_DATE);
    if let Some(instant) = since_1970(text) {
        return Some(instant);
    }
    let (date, rest) = iso_date(text).or_else(|| figures::date(text)).or_else(|| word_date(text))?;
    let (time, rest) = clock_time(&rest).unwrap_or((TimeDelta::zero(), rest.clone()));
    let local = date.and_time(NaiveTime::MIN).checked_add_signed(time)?;
    to_utc(local, zone(&rest))
}

fn to_utc(local: NaiveDateTime, offset_minutes: i32) -> Option<DateTime<Utc>> {
    let offset = FixedOffset::east_opt(offset_minutes * 60)?;
    local.and_local_timezone(offset).single().map(|d| d.with_timezone(&Utc))
}

/// `YYYY-MM-DD`, `YYYY-MM`, `YYYY`, `YYYYMMDD`, `YYYYMMDDHHMM`, `YYYY-DDD`, `YYYY-Www-D`, `YYYYWwwD`, with what follows.
fn iso_date(text: &str) -> Option<(NaiveDate, String)> {
    let end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, rest) = (&text[..end], text[end..].trim_start_matches(['T', 't', ' ']).to_owned());
    if let Some(day) = week_date(date) {
        return Some((day, rest));
    }
    let fields: Vec<&str> = date.split('-').collect();
    if fields.iter().any(|f| f.is_empty() || !f.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let number = |s: &str| s.parse::<u32>().ok();
    let year = |s: &str| if s.len() == 4 { s.parse::<i32>().ok() } else { None };
    let parsed = match fields.as_slice() {
        [y, m, d] if y.len() == 4 => NaiveDate::from_ymd_opt(year(y)?, number(m)?, number(d)?),
        [y, day] if y.len() == 4 && day.len() == 3 => NaiveDate::from_yo_opt(year(y)?, number(day)?),
        [y, m] if y.len() == 4 => NaiveDate::from_ymd_opt(year(y)?, number(m)?, 1),
        [all] if matches!(all.len(), 12 | 14) => {
            let (day, time) = all.split_at(8);
            return iso_date(day).map(|(date, _)| (date, [time, &rest].concat()));
        }
        [all] if all.len() == 8 => NaiveDate::from_ymd_opt(year(&all[..4])?, number(&all[4..6])?, number(&all[6..])?),
        // `2004 Jan 4` is a date in words.
        [y] if y.len() == 4 && !rest.contains(char::is_alphabetic) => NaiveDate::from_ymd_opt(year(y)?, 1, 1),
        _ => None,
    };
    parsed.map(|d| (d, rest))
}

/// A day by its week (ISO 8601, section 5.2.3); a week alone is its Monday.
fn week_date(date: &str) -> Option<NaiveDate> {
    let (year, rest) = date.split_once(['W', 'w'])?;
    let year = year.strip_suffix('-').unwrap_or(year);
    let (week, day) = rest.split_at_checked(2)?;
    let day = day.strip_prefix('-').unwrap_or(day);
    let figures = [year, week, day].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    if !figures || year.len() != 4 || day.len() > 1 {
        return None;
    }
    let weekday = match day {
        "" => Weekday::Mon,
        day => Weekday::try_from(day.parse::<u8>().ok()?.checked_sub(1)?).ok()?,
    };
    NaiveDate::from_isoywd_opt(year.parse().ok()?, week.parse().ok()?, weekday)
}

/// Day, month name and year in any order, with the time and zone that remain.
fn word_date(text: &str) -> Option<(NaiveDate, String)> {
    let (mut day, mut year, mut month) = (None, None, None);
    let mut rest: Vec<&str> = Vec::new();
    let spaced = hyphens_between_letters_to_spaces(text);
    for word in spaced.split([' ', ',', '\t', '\n', '/']).filter(|w| !w.is_empty()) {
        let digits = without_ordinal(word);
        let number = digits.parse::<i32>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        match number {
            Some(n) if digits.len() == 4 && year.is_none() => year = Some(n),
            Some(n) if digits.len() <= 2 && day.is_none() => day = Some(n),
            Some(n) if digits.len() <= 2 && year.is_none() => year = Some(if n < 70 { 2000 + n } else { 1900 + n }),
            Some(_) => return None,
            // The last one counts: `mar., 3 févr.` begins with Tuesday.
            None if rest.is_empty() && month_of(word).is_some() => month = month_of(word),
            // Words before the time are the day of the week, words after it the zone.
            None if figures::is_time(word) || !rest.is_empty() => rest.push(word),
            None => {}
        }
    }
    let date = NaiveDate::from_ymd_opt(year?, month?, u32::try_from(day?).ok()?)?;
    Some((date, rest.join(" ")))
}

/// `26th`, `1er`, `1º` and `4.` as the number alone.
fn without_ordinal(word: &str) -> &str {
    let figures = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = &word[..word.len() - figures.len()];
    if matches!(figures, "." | "st" | "nd" | "rd" | "th" | "er" | "º" | "ª" | "°") { number } else { word }
}

/// `1-Jan-2004` as `1 Jan 2004`; the sign of `-0500` stays.
fn hyphens_between_letters_to_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        let joins = c == '-' && (after.is_alphabetic() || (before.is_alphabetic() && after.is_ascii_digit()));
        out.push(if joins { ' ' } else { c });
        before = c;
    }
    out
}

/// Months by the beginnings of their names in English, French, German, Dutch, Spanish, Italian, and of languages near to them.
fn month_of(word: &str) -> Option<u32> {
    const BEGINNINGS: [(&str, u32); 44] = [
        ("jan", 1),
        ("ene", 1),
        ("gen", 1),
        ("ian", 1),
        ("feb", 2),
        ("fév", 2),
        ("fev", 2),
        ("mar", 3),
        ("mär", 3),
        ("mrt", 3),
        ("maa", 3),
        ("apr", 4),
        ("avr", 4),
        ("abr", 4),
        ("may", 5),
        ("mai", 5),
        ("maj", 5),
        ("mei", 5),
        ("mag", 5),
        ("jun", 6),
        ("juin", 6),
        ("iun", 6),
        ("giu", 6),
        ("jul", 7),
        ("juil", 7),
        ("iul", 7),
        ("lug", 7),
        ("aug", 8),
        ("aoû", 8),
        ("aou", 8),
        ("ago", 8),
        ("sep", 9),
        ("set", 9),
        ("oct", 10),
        ("okt", 10),
        ("ott", 10),
        ("nov", 11),
        ("noi", 11),
        ("out", 10),
        ("dec", 12),
        ("déc", 12),
        ("dez", 12),
        ("dic", 12),
        ("des", 12),
    ];
    let lower = word.to_lowercase();
    // Weekdays that begin like months (mardi, martedì, martes, marți, maandag), and the Finnish November.
    let others = ["mardi", "marte", "marți", "maand", "marras"];
    if others.iter().any(|other| lower.starts_with(other)) {
        return None;
    }
    BEGINNINGS.iter().find(|(start, _)| lower.starts_with(start)).map(|(_, month)| *month)
}

/// `HH:MM`, `HH:MM:SS`, `HH:MM:SS.fff`, with am or pm, as time since midnight (24:00 is the next day's), and the rest.
fn clock_time(text: &str) -> Option<(TimeDelta, String)> {
    let text = &figures::with_colons(figures::time_after(text.trim()));
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(text.len());
    let mut rest = text[end..].trim_start();
    let mut fields = text[..end].split(':');
    let mut hour: i64 = fields.next()?.parse().ok()?;
    let minute: i64 = fields.next().filter(|m| !m.is_empty())?.parse().ok()?;
    let seconds = fields.next().unwrap_or("0");
    let second: i64 = seconds.split(['.', ',']).next()?.parse().ok()?;
    let half: String = rest.chars().filter(|c| *c != '.').take(2).collect();
    let afternoon = half.eq_ignore_ascii_case("pm");
    if afternoon || half.eq_ignore_ascii_case("am") {
        hour = hour % 12 + if afternoon { 12 } else { 0 };
        rest = rest.trim_start_matches(['A', 'a', 'P', 'p']).trim_start_matches(['.', 'M', 'm']).trim_start();
    }
    let in_range = (0..=24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    let time = TimeDelta::hours(hour) + TimeDelta::minutes(minute) + TimeDelta::seconds(second.min(59));
    in_range.then(|| (time, rest.to_owned()))
}

/// Offset in minutes of `Z`, `+hh:mm`, `-hhmm`, `GMT+1` or a zone's name; 0 where it says nothing known.
fn zone(text: &str) -> i32 {
    const NAMES: [(&str, i32); 38] = [
        ("EST", -300),
        ("EDT", -240),
        ("CST", -360),
        ("CDT", -300),
        ("MST", -420),
        ("MDT", -360),
        ("PST", -480),
        ("PDT", -420),
        ("ET", -300),
        ("CT", -360),
        ("MT", -420),
        ("PT", -480),
        ("AKST", -540),
        ("AKDT", -480),
        ("HST", -600),
        ("NST", -210),
        ("NDT", -150),
        ("BRT", -180),
        ("BST", 60),
        ("WEST", 60),
        ("CET", 60),
        ("MEZ", 60),
        ("CEST", 120),
        ("MESZ", 120),
        ("EET", 120),
        ("EEST", 180),
        ("MSK", 180),
        ("SAST", 120),
        ("EAT", 180),
        ("HKT", 480),
        ("SGT", 480),
        ("AWST", 480),
        ("KST", 540),
        ("JST", 540),
        ("AEST", 600),
        ("AEDT", 660),
        ("NZST", 720),
        ("NZDT", 780),
    ];
    if let Some(sign) = text.find(['+', '-', '\u{2212}']) {
        let negative = !text[sign..].starts_with('+');
        let digits: String = text[sign..].chars().filter(char::is_ascii_digit).take(4).collect();
        let minutes = match digits.len() {
            1 | 2 => digits.parse::<i32>().map(|h| h * 60),
            3 => digits[..1].parse::<i32>().and_then(|h| Ok(h * 60 + digits[1..].parse::<i32>()?)),
            4 => digits[..2].parse::<i32>().and_then(|h| Ok(h * 60 + digits[2..].parse::<i32>()?)),
            _ => Ok(0),
        };
        let minutes = minutes.unwrap_or(0);
        return if negative { -minutes } else { minutes };
    }
    let name: String = text.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_uppercase();
    NAMES.iter().find(|(n, _)| *n == name).map_or(0, |(_, minutes)| *minutes)
}

#[cfg(test)]
mod tests;
