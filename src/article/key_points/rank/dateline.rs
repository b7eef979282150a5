//! Cuts the dateline off a paragraph: place, date and agency before the first statement.
//! It cuts at the front only and never inside a statement; which statements count, `rank` says.

mod agencies;
mod wide;

#[cfg(test)]
mod tests;

use agencies::{is_agency, is_month};

/// Characters that a dateline may have, its closing mark included.
const MOST_CHARS: usize = 90;

/// Words of a place and its date.
const MOST_WORDS: usize = 9;

/// Words of a place that neither capitals nor an agency nor a date vouch for.
const WEAK_WORDS: usize = 3;

/// Characters of a long sentence.
const SENTENCE_CHARS: usize = 300;

/// Parts that may follow each other: "(AFP) – PARIS, 3 mars – ".
const MOST_PARTS: usize = 3;

/// "PARIS (AFP) – Le ministre…": what follows the dateline. A place in small letters without date or agency ("Köln – Die …") is
/// one only where the article `opens`.
pub(super) fn without_dateline(text: &str, opens: bool) -> &str {
    let mut rest = text;
    for _ in 0..MOST_PARTS {
        let Some(after) = wide::dateline(rest).or_else(|| dateline(rest, opens)) else { break };
        rest = trimmed(after);
    }
    rest
}

/// Without the marks that stand between a dateline and its statement.
fn trimmed(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() || is_dash(c) || matches!(c, '.' | ':' | '=' | '|'))
}

pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '―' | '−' | '‒')
}

/// How sure it is that a text before a mark is a dateline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sure {
    /// Words with capitals, which any name has too.
    Weak,
    /// In capitals, with a date or with somebody's letters in brackets.
    Likely,
    /// Names an agency.
    Agency,
}

/// What stands between a dateline and its statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A dash with space behind it, ".-", "--", "|", "=".
    Dash,
    /// "NANTES—Le pont".
    Glued,
    /// "PARIS: Le pont".
    Colon,
    /// "(Reuters) The bridge", "/TASS/. The bridge".
    Bracket,
    /// "STOCKHOLM. Färjan".
    Stop,
}

fn dateline(text: &str, opens: bool) -> Option<&str> {
    let chars: Vec<(usize, char)> = text.char_indices().take(MOST_CHARS).collect();
    for (i, (at, c)) in chars.iter().copied().enumerate().skip(1) {
        let Some(mark) = mark_at(&chars, i) else { continue };
        let behind = at + c.len_utf8();
        let before = if mark == Mark::Bracket { &text[..behind] } else { &text[..at] };
        let Some(sure) = sureness(before) else { continue };
        let after = trimmed(&text[behind..]);
        let enough = match mark {
            Mark::Dash => sure > Sure::Weak || (opens && !has_spaced_dash(after)),
            Mark::Glued => sure > Sure::Weak && after.chars().nth(1).is_some_and(char::is_lowercase),
            Mark::Colon => sure == Sure::Agency || (sure == Sure::Likely && opens),
            Mark::Bracket => sure == Sure::Agency,
            Mark::Stop => sure == Sure::Agency || (opens && before.split_whitespace().any(is_shouted)),
        };
        let begins = !after.starts_with(char::is_lowercase) || (sure == Sure::Agency && mark == Mark::Dash);
        if enough && begins && !after.is_empty() {
            return Some(after);
        }
    }
    None
}

fn mark_at(chars: &[(usize, char)], i: usize) -> Option<Mark> {
    let (before, c, after) = (chars[i - 1].1, chars[i].1, chars.get(i + 1)?.1);
    match c {
        '-' | '–' | '—' | '―' | '−' | '‒' if after.is_whitespace() || is_dash(after) => Some(Mark::Dash),
        _ if is_dash(c) && (before.is_whitespace() || matches!(before, ')' | ']' | '.')) => Some(Mark::Dash),
        '—' | '―' => Some(Mark::Glued),
        '|' | '=' if after.is_whitespace() => Some(Mark::Dash),
        ':' if after.is_whitespace() => Some(Mark::Colon),
        '.' if after.is_whitespace() => Some(Mark::Stop),
        ')' | ']' | '/' if after.is_whitespace() || matches!(after, '.' | ':') => Some(Mark::Bracket),
        _ => None,
    }
}

/// Whether a dash follows soon: what stands between two is no statement.
fn has_spaced_dash(text: &str) -> bool {
    let text = text.char_indices().nth(SENTENCE_CHARS).map_or(text, |(at, _)| &text[..at]);
    [" – ", " — ", " - "].iter().any(|dash| text.contains(dash))
}

/// Whether a text can be a dateline: a place of capitalised words, dates behind commas, regions or agencies in brackets.
fn sureness(before: &str) -> Option<Sure> {
    let (bare, brackets) = out_of_brackets(before)?;
    let mut sure = Sure::Weak;
    for inside in &brackets {
        sure = sure.max(of_bracket(inside)?);
    }
    let parts: Vec<&str> = bare.split([',', ';']).map(trimmed_end).filter(|part| !part.is_empty()).collect();
    let words = bare.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
    if words > MOST_WORDS || (parts.is_empty() && brackets.is_empty()) {
        return None;
    }
    let mut dated = false;
    for (n, part) in parts.iter().enumerate() {
        // "Marokko", "Mayenne" and "Sète" begin as months do.
        let figures = n > 0 || part.contains(|c: char| c.is_ascii_digit());
        let (place, date) = if figures { split_date(part) } else { (*part, false) };
        let weekday = dated && part.split_whitespace().count() == 1;
        dated |= date;
        if is_agency(part) {
            sure = Sure::Agency;
        } else if !weekday && !place.is_empty() && !is_place(place, date) {
            return None;
        } else if date && (n > 0 || place.is_empty() || !brackets.is_empty() || is_shouted(place)) {
            sure = sure.max(Sure::Likely);
        } else if date {
            return None;
        }
    }
    if is_shouted(&bare) {
        sure = sure.max(Sure::Likely);
    }
    (sure > Sure::Weak || (words <= WEAK_WORDS && parts.len() == 1)).then_some(sure)
}

fn trimmed_end(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_dash(c) || c == '.')
}

/// A region, an agency, somebody's letters or a date; a figure or a sentence is none.
fn of_bracket(inside: &str) -> Option<Sure> {
    let words = inside.split_whitespace().count();
    if is_agency(inside) || (words <= 4 && inside.split_whitespace().any(is_agency)) {
        return Some(Sure::Agency);
    }
    if split_date(inside) == ("", true) {
        return Some(Sure::Likely);
    }
    let letters = inside.chars().filter(|c| c.is_alphabetic()).count();
    let short = letters <= 5 || inside.contains('/');
    let plain = (1..=4).contains(&words) && !inside.contains(|c: char| c.is_ascii_digit());
    plain.then_some(if short && words == 1 { Sure::Likely } else { Sure::Weak })
}

/// The text without its brackets, and what these hold. None where one does not close.
fn out_of_brackets(text: &str) -> Option<(String, Vec<&str>)> {
    let (mut bare, mut inside) = (String::new(), Vec::new());
    let mut rest = text;
    loop {
        let stroke = if rest.starts_with('/') { Some(0) } else { rest.find(" /").map(|at| at + 1) };
        let Some(open) = rest.find(['(', '[']).or(stroke) else { break };
        let (opener, after) = (&rest[open..=open], &rest[open + 1..]);
        let close = after.find(match opener {
            "(" => ')',
            "[" => ']',
            _ => '/',
        })?;
        bare.push_str(&rest[..open]);
        inside.push(after[..close].trim());
        rest = &after[close + 1..];
    }
    bare.push_str(rest);
    Some((bare, inside))
}

/// Cuts the date off the end of a part: "PRAHA 3. března" is ("PRAHA", true), "le 3 mars 2026" is ("", true).
fn split_date(part: &str) -> (&str, bool) {
    let Some(first) = part.find(|c: char| c.is_ascii_digit()) else {
        return if part.split_whitespace().count() == 1 && is_month(part) { ("", true) } else { (part, false) };
    };
    let day_first = part[..first].split_whitespace().last().filter(|word| is_month(word));
    let tail = &part[first..];
    let dated = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let digits = bare.chars().filter(char::is_ascii_digit).count();
        digits > 0 && bare.len() <= 10
            || is_month(bare)
            || matches!(bare, "de" | "of" | "van" | "del" | "di" | "r" | "г" | "")
    };
    let words = || tail.split_whitespace();
    let numeric = words().any(|w| w.matches(['.', '/', '-']).count() >= 2 && w.len() >= 6);
    let month = day_first.is_some() || words().any(is_month);
    if !(words().all(dated) && (numeric || month || is_year(tail))) {
        return (part, false);
    }
    let mut place = part[..first].trim_end();
    for word in [day_first, Some("le"), Some("den"), Some("el"), Some("il"), Some("am")].into_iter().flatten() {
        place =
            place.strip_suffix(word).filter(|p| p.is_empty() || p.ends_with([' ', ','])).map_or(place, str::trim_end);
    }
    (place, true)
}

fn is_year(text: &str) -> bool {
    let bare = text.trim_end_matches('.');
    bare.len() == 4 && (bare.starts_with("19") || bare.starts_with("20")) && bare.bytes().all(|b| b.is_ascii_digit())
}

/// Capitalised words with the small ones that names of places hold. Scripts without capitals are left to `dated` company.
fn is_place(text: &str, dated: bool) -> bool {
    #[rustfmt::skip]
    const WITHIN: &[&str] = &[
        "a", "am", "an", "auf", "bei", "d", "da", "de", "del", "den", "der", "di", "do", "dos", "du", "en", "et", "im",
        "in", "la", "las", "le", "les", "los", "nad", "of", "on", "ob", "pod", "sous", "sul", "sur", "the", "u",
        "und", "upon", "van", "von", "y", "на", "над", "by", "par", "von",
    ];
    let mut words = text.split(|c: char| c.is_whitespace() || c == '/').filter(|w| !w.is_empty());
    let first = text.split_whitespace().next().unwrap_or_default();
    if opens_prose(first) {
        return false;
    }
    let mut cased = true;
    let fits = words.all(|word| {
        let begin = word.trim_start_matches(['\'', '’', '"']).chars().next().unwrap_or(' ');
        cased &= begin.is_uppercase() || begin.is_lowercase();
        begin.is_uppercase()
            || WITHIN.contains(&word)
            || word.starts_with("d'")
            || word.starts_with("d’")
            || word.starts_with("l'")
            || word.starts_with("l’")
            || begin.is_alphabetic() && !begin.is_lowercase()
    });
    fits && text.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && (cased || dated || text.split_whitespace().count() <= WEAK_WORDS)
}

/// Articles and the like: what begins with one is no place, but for those of names ("Le Havre", "Den Haag").
fn opens_prose(word: &str) -> bool {
    #[rustfmt::skip]
    const PROSE: &[&str] = &[
        "The", "A", "An", "Der", "Die", "Das", "Ein", "Eine", "Une", "Un", "Una", "Het", "Een", "He", "She", "It", "We",
        "They", "I", "In", "On", "At", "Im", "Am", "But", "And", "No", "Yes", "Nein", "Ja", "Non", "Oui", "Sí", "Sì",
    ];
    PROSE.contains(&word)
}

/// Written in capitals: at least three of them, and hardly a small letter.
fn is_shouted(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let upper = text.chars().filter(|c| c.is_uppercase()).count();
    upper >= 3 && upper * 10 >= letters * 7
}
