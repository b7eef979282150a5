//! Lines that begin with a bullet, in plain text and inside paragraphs.
//! It cuts and recognises them; whether they are key points is judged in `block`.

use super::{MAX_POINTS, block, headings};
use crate::article::{KeyPoints, KeyPointsOrigin};

/// Marks that begin an item. Dashes begin a line of speech too, so they count only under a heading.
const BULLETS: &[char] = &['•', '▪', '◦', '‣', '●', '■', '·', '∙', '➤', '►', '▶', '→', '✓', '✔', '◆'];
const DASHES: &[char] = &['–', '—', '-', '*', '−'];

/// The text behind a bullet.
pub(super) fn bulleted(line: &str) -> Option<&str> {
    let rest = line.strip_prefix(BULLETS).or_else(|| line.strip_prefix(is_pictograph))?;
    // The selector after a pictograph says how it is drawn.
    Some(rest.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{fe0f}')).filter(|r| !r.is_empty())
}

/// Arrows, geometric shapes, dingbats and emoji: what people put before a line instead of a bullet.
fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{21ff}' | '\u{25a0}'..='\u{25ff}' | '\u{2705}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f300}'..='\u{1faff}')
}

/// The text behind a bullet, a dash or a number.
pub(super) fn dashed(line: &str) -> Option<&str> {
    bulleted(line).or_else(|| numbered(line)).or_else(|| {
        let rest = line.strip_prefix(DASHES)?;
        rest.starts_with(|c: char| c.is_whitespace())
            .then(|| rest.trim_start_matches(|c: char| c.is_whitespace()))
            .filter(|r| !r.is_empty())
    })
}

/// "1. ", "2) ".
fn numbered(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - rest.len();
    let rest = rest.strip_prefix(['.', ')']).filter(|r| (1..=2).contains(&digits) && r.starts_with(' '))?;
    Some(rest.trim_start()).filter(|r| !r.is_empty())
}

/// Cuts a text at its line breaks, and a line that holds several bullets at these.
pub(super) fn cut(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in text.split('\n').map(str::trim).filter(|l| !l.is_empty()) {
        let inner: Vec<usize> = line.match_indices(" •").map(|(at, _)| at).collect();
        let many = inner.len() + usize::from(line.starts_with('•')) >= 2;
        let mut from = 0;
        for at in inner.into_iter().filter(|_| many) {
            lines.push(line[from..at].trim());
            from = at + 1;
        }
        lines.push(line[from..].trim());
    }
    lines.retain(|l| !l.is_empty());
    lines
}

/// Key points found in plain text, and the lines that are left.
pub(in crate::article) struct FoundLines<'t> {
    pub key_points: KeyPoints,
    pub rest: Vec<&'t str>,
}

/// Finds a publisher's block in plain text: bullets or dashes under a known heading, or bullets before anything else.
pub(in crate::article) fn find_lines<'t>(text: &[&'t str], title: &str) -> Option<FoundLines<'t>> {
    let lines: Vec<&'t str> = text.iter().flat_map(|l| cut(l)).collect();
    let mut at = 0;
    while at < lines.len() {
        let announced = at > 0 && headings::announces(lines[at - 1]);
        let first_text = lines[..at].iter().all(|l| crate::article::words::count(l) <= 3 || *l == title);
        let marked = |line: &'t str| if announced { dashed(line) } else { bulleted(line).filter(|_| first_text) };
        let items: Vec<&str> = lines[at..].iter().map_while(|l| marked(l)).collect();
        if items.is_empty() {
            at += 1;
            continue;
        }
        let end = at + items.len();
        let from = if announced { at - 1 } else { at };
        let label = lines.get(end).filter(|l| block::is_label(l)).copied();
        let label = label.or_else(|| announced.then(|| lines[at - 1]).filter(|l| headings::mentions_machine(l)));
        let taken = end + usize::from(label.is_some() && label == lines.get(end).copied());
        let rest: Vec<&str> = lines[..from].iter().chain(&lines[taken..]).copied().collect();
        if block::reads_as_points(&items, &rest.join("\n"), announced) {
            let points = items.iter().take(MAX_POINTS).map(|p| (*p).to_owned()).collect();
            let key_points =
                KeyPoints { origin: KeyPointsOrigin::Publisher, points, ai_label: label.map(str::to_owned) };
            return Some(FoundLines { key_points, rest });
        }
        at = end;
    }
    None
}
