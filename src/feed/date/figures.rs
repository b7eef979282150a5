//! Reads dates and times that are written in figures alone, where they can mean only one day.
//! Dates in words and ISO dates are read by the file above.

use chrono::{DateTime, NaiveDate, Utc};

/// Seconds or milliseconds since 1970, as long as those of our days are.
pub(in crate::feed) fn since_1970(text: &str) -> Option<DateTime<Utc>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !(whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())) {
        return None;
    }
    match whole.len() {
        10 => DateTime::from_timestamp(whole.parse().ok()?, 0),
        13 => DateTime::from_timestamp_millis(whole.parse().ok()?),
        _ => None,
    }
}

/// Three numbers with one mark between them, after the day of the week if it is there, and what follows: year first, or year
/// last. Then dots mean day before month, as in all countries that write dots; of other marks the figures must tell.
pub(super) fn date(text: &str) -> Option<(NaiveDate, String)> {
    let text = text.trim_start_matches(|c: char| c.is_alphabetic() || c.is_whitespace() || matches!(c, '.' | ','));
    let (a, mark, rest) = number_and_mark(text)?;
    let (b, second, rest) = number_and_mark(rest)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (c, rest) = rest.split_at(end);
    let rest = rest.strip_prefix(['.', '日', '일']).unwrap_or(rest);
    // A fourth number makes it something else: a version, an address of a machine.
    let alone = !rest.starts_with(|c: char| c.is_ascii_digit());
    if !(alone && mark == second) {
        return None;
    }
    let number = |s: &str| s.parse::<u32>().ok().filter(|_| matches!(s.len(), 1 | 2));
    let (year, month, day) = match (a.len(), c.len()) {
        (4, _) => (a, number(b)?, number(c)?),
        (_, 4) => {
            let (a, b) = (number(a)?, number(b)?);
            match mark {
                '.' => (c, b, a),
                _ if a > 12 || a == b => (c, b, a),
                _ if b > 12 => (c, a, b),
                _ => return None,
            }
        }
        _ => return None,
    };
    Some((NaiveDate::from_ymd_opt(year.parse().ok()?, month, day)?, rest.to_owned()))
}

/// A number, the mark behind it as one of a kind, and what follows.
fn number_and_mark(text: &str) -> Option<(&str, char, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
    let rest = text[end..].trim_start();
    let mark = rest.chars().next()?;
    let kind = match mark {
        '年' | '月' | '년' | '월' => '年',
        '.' | '/' | '-' => mark,
        _ => return None,
    };
    Some((&text[..end], kind, rest[mark.len_utf8()..].trim_start()))
}

/// Where the time begins after a date: `, um 14:30`. A sign before it means a zone, and then there is no time.
pub(super) fn time_after(text: &str) -> &str {
    let Some(at) = text.find(|c: char| c.is_ascii_digit()) else { return text };
    if text[..at].ends_with(['+', '-', '\u{2212}']) { text } else { &text[at..] }
}

/// `14h30`, `14.30`, `14時30分`, `1430` and `143000` as they are with colons.
pub(super) fn with_colons(text: &str) -> String {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (figures, rest) = text.split_at(end);
    if matches!(end, 4 | 6) {
        let pairs = (0..end).step_by(2).map(|at| &figures[at..at + 2]);
        return [&pairs.collect::<Vec<_>>().join(":"), rest].concat();
    }
    let minutes = |after: &str| after.starts_with(|c: char| c.is_ascii_digit());
    if let Some(after) = rest.strip_prefix('.').filter(|after| minutes(after)) {
        return [figures, ":", after].concat();
    }
    match rest.trim_start().strip_prefix(['h', 'H', '時', '시']).map(str::trim_start) {
        Some(after) if minutes(after) => [figures, ":", after].concat(),
        Some(after) if !after.starts_with(char::is_alphabetic) => [figures, ":00 ", after].concat(),
        _ => text.to_owned(),
    }
}

/// Whether a word is a time: `14:30`, `14h30`, `14.30`, `14h`; `26th` is none, nor is `4.`.
pub(super) fn is_time(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    let after = rest.strip_prefix(['.', 'h', 'H']);
    let figures = word.len() - rest.len();
    word.contains(':')
        || matches!(figures, 1 | 2)
            && after.is_some_and(|after| match after.bytes().next() {
                None => !rest.starts_with('.'),
                Some(byte) => byte.is_ascii_digit(),
            })
}
