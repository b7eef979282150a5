//! Lines that begin with a bullet, in plain text and inside paragraphs.
//! It cuts and recognises them; whether they are key points is judged in `block`.

use super::{MAX_POINTS, content, label};
use crate::article::{
    KeyPoints, KeyPointsOrigin,
    words::{self, Term},
};

/// Marks that begin an item. Dashes begin a line of speech too, so they count only under a heading.
const BULLETS: &[char] = &['•', '▪', '◦', '‣', '●', '■', '·', '∙', '➤', '►', '▶', '→', '✓', '✔', '◆'];
const DASHES: &[char] = &['–', '—', '-', '*', '−'];

/// Lines that points and a remark on them may have; a longer run is a list of another kind.
const MOST_LINES: usize = 60;

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

/// A line without its bullet, dash or number.
pub(in crate::article) fn unmarked(line: &str) -> &str {
    dashed(line).unwrap_or(line)
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
    let opens = |line: &&str| words::count(line) <= 3 || *line == title || label::is_label(line);
    let beginning = lines.iter().take_while(|line| opens(line)).count();
    let mut at = 0;
    while at < lines.len() {
        if dashed(lines[at]).is_none() {
            at += 1;
            continue;
        }
        let heading = label::heading(lines[..at].iter().copied().enumerate().rev());
        let marked = |line: &'t str| match heading {
            Some(_) => dashed(line),
            None => bulleted(line).filter(|_| at <= beginning),
        };
        let count = lines[at..].iter().take_while(|line| marked(line).is_some()).count();
        if count == 0 || count > MOST_LINES {
            at += count.max(1);
            continue;
        }
        let end = at + count;
        let items: Vec<&str> =
            lines[at..end].iter().filter_map(|line| marked(line)).filter(|item| !label::is_label(item)).collect();
        let head = heading.unwrap_or(at);
        let from = head - usize::from(head > 0 && is_remark(lines[head - 1], title, &items));
        let taken = end + usize::from(lines.get(end).is_some_and(|line| is_remark(line, title, &items)));
        let ai_label = lines[from..taken].iter().rev().find_map(|line| label::in_line(line)).map(str::to_owned);
        let rest: Vec<&str> = lines[..from].iter().chain(&lines[taken..]).copied().collect();
        if content::reads_as_points(&items, &rest.join("\n"), heading.is_some()) {
            let points = items.iter().take(MAX_POINTS).map(|p| (*p).to_owned()).collect();
            let key_points = KeyPoints { origin: KeyPointsOrigin::Publisher, points, ai_label };
            return Some(FoundLines { key_points, rest });
        }
        at = end;
    }
    None
}

/// Whether a line beside the points is a remark that a machine wrote them, and says nothing that they say.
fn is_remark(line: &str, title: &str, items: &[&str]) -> bool {
    let said: Vec<Term> = items.iter().flat_map(|item| words::terms(item)).collect();
    line != title && label::is_label(line) && !label::other_terms(line).any(|term| said.contains(&term))
}
