//! The paragraphs of a plain text: lines that were broken at a width are joined again, others are left alone.
//! What the paragraphs say is not looked at, but for the marks that begin an item and end a sentence.

use std::borrow::Cow;

use crate::article::sentences;

/// Characters that lines have at least and at most where a text is broken at a width.
const WIDTHS: std::ops::RangeInclusive<usize> = 36..=120;

/// Characters of a line that may have been broken; shorter ones end where somebody ended them.
const BROKEN_CHARS: usize = 30;

/// Of ten line breaks, those that must stand where the next word had no room.
const FULL_OF_TEN: usize = 8;

/// Of ten lines, those that may end a sentence where sentences are broken at a width.
const ENDS_OF_TEN: usize = 6;

/// The paragraphs, without the white space around them.
pub(super) fn paragraphs(text: &str) -> Vec<Cow<'_, str>> {
    let lines: Vec<Line<'_>> = text.split('\n').map(Line::of).collect();
    let groups: Vec<&[Line<'_>]> = lines.split(|line| line.text.is_empty()).filter(|group| !group.is_empty()).collect();
    let is_wrapped = is_wrapped(&groups);
    let mut paragraphs: Vec<Cow<'_, str>> = Vec::new();
    for group in groups {
        let width = width(group);
        let mut item: Option<usize> = None;
        for (n, line) in group.iter().enumerate() {
            let above = n.checked_sub(1).and_then(|above| group.get(above));
            let goes_on = above.is_some_and(|above| {
                above.may_go_on_in(line)
                    && above.chars >= BROKEN_CHARS
                    && (above.runs_into(line)
                        || item.is_some_and(|indent| line.indent > indent)
                        || (is_wrapped && above.had_no_room(line, width)))
            });
            match paragraphs.last_mut() {
                Some(paragraph) if goes_on => line.join_to(paragraph.to_mut()),
                _ => {
                    item = line.is_item.then_some(line.indent);
                    paragraphs.push(Cow::Borrowed(line.text));
                }
            }
        }
    }
    paragraphs
}

/// Characters of the longest line of a group, if its lines can have been broken at a width.
fn width(group: &[Line<'_>]) -> Option<usize> {
    let longest = group.iter().map(|line| line.chars).max()?;
    (group.len() > 1 && WIDTHS.contains(&longest)).then_some(longest)
}

/// Whether the lines of a text end where the next word had no room, and not where sentences do.
fn is_wrapped(groups: &[&[Line<'_>]]) -> bool {
    let (mut breaks, mut full, mut ends) = (0, 0, 0);
    for group in groups {
        let Some(width) = width(group) else { continue };
        for pair in group.windows(2).filter(|pair| pair[0].may_go_on_in(&pair[1])) {
            breaks += 1;
            full += usize::from(pair[0].had_no_room(&pair[1], Some(width)));
            ends += usize::from(pair[0].ends_sentence);
        }
    }
    breaks > 0 && full * 10 >= breaks * FULL_OF_TEN && ends * 10 <= breaks * ENDS_OF_TEN
}

struct Line<'t> {
    text: &'t str,
    indent: usize,
    chars: usize,
    /// Begins with a bullet, a dash or a number.
    is_item: bool,
    ends_sentence: bool,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Self {
        let text = line.trim();
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        let ends_sentence = sentences::is_statement(text) || sentences::is_question(text);
        Self { text, indent, chars: text.chars().count(), is_item: is_item(text), ends_sentence }
    }

    /// Whether a paragraph can go on from this line in the next: no heading, no new item.
    fn may_go_on_in(&self, next: &Self) -> bool {
        let heading = self.text.ends_with([':', '：']) || self.text.starts_with('#');
        !heading && !next.is_item && !next.text.starts_with(['#', '>', '|'])
    }

    /// Breaks off before a small letter.
    fn runs_into(&self, next: &Self) -> bool {
        !self.ends_sentence && next.text.starts_with(sentences::is_small)
    }

    fn had_no_room(&self, next: &Self, width: Option<usize>) -> bool {
        let wide = self.text.ends_with(is_wide) && next.text.starts_with(is_wide);
        let word = if wide { 0 } else { next.text.split_whitespace().next().map_or(0, |word| word.chars().count()) };
        width.is_some_and(|width| self.chars + 1 + word > width)
    }

    fn join_to(&self, paragraph: &mut String) {
        let hyphen =
            paragraph.ends_with('-') && self.text.starts_with(char::is_alphabetic) && !paragraph.ends_with(" -");
        let wide = paragraph.ends_with(is_wide) && self.text.starts_with(is_wide);
        if !hyphen && !wide {
            paragraph.push(' ');
        }
        paragraph.push_str(self.text);
    }
}

/// Scripts that write no space between words.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

fn is_item(text: &str) -> bool {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number =
        (1..=2).contains(&digits) && text[digits..].starts_with(['.', ')']) && text[digits + 1..].starts_with(' ');
    let mark = text.chars().next().is_some_and(|c| !c.is_alphanumeric() && !opens_sentence(c));
    number || mark
}

/// Marks that a line can begin with because its sentence goes on or begins there.
fn opens_sentence(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '”'
            | '„'
            | '‘'
            | '’'
            | '‚'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '('
            | '['
            | '「'
            | '『'
            | '（'
            | '¿'
            | '¡'
            | '$'
            | '€'
            | '£'
            | '&'
            | '%'
            | '§'
            | '@'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(paragraphs(text), expected, "{text}");
        assert_eq!(paragraphs(&text.replace('\n', "\r\n")), expected, "with carriage returns: {text}");
    }

    #[test]
    fn lines_that_were_broken_at_a_width_are_one_paragraph_again() {
        check(
            "The harbour reopens on Friday after six weeks of work. Two ferries an\nhour will cross. Tickets cost three euros.\n\nNobody knows how long the pier holds, the engineers say in their\nreport.\n",
            &[
                "The harbour reopens on Friday after six weeks of work. Two ferries an hour will cross. Tickets cost three euros.",
                "Nobody knows how long the pier holds, the engineers say in their report.",
            ],
        );
        check(
            "Am Freitag öffnet der Hafen wieder, und zwei\nFähren fahren in der Stunde hinüber. Der\nBürgermeister fährt mit.",
            &[
                "Am Freitag öffnet der Hafen wieder, und zwei Fähren fahren in der Stunde hinüber. Der Bürgermeister fährt mit.",
            ],
        );
        check(
            "The harbour reopens on Friday, says a long-\nserving captain.",
            &["The harbour reopens on Friday, says a long-serving captain."],
        );
        check(
            "市議会は火曜日の夜、老朽化した川の橋を六週間にわたりトラックの通行禁止とす\nることを決めた。無料のシャトルバスが九月末まで両岸の間で歩行者を運び、路線\nバスは北回りの経路を走る。",
            &[
                "市議会は火曜日の夜、老朽化した川の橋を六週間にわたりトラックの通行禁止とすることを決めた。無料のシャトルバスが九月末まで両岸の間で歩行者を運び、路線バスは北回りの経路を走る。",
            ],
        );
    }

    #[test]
    fn items_keep_their_lines_and_get_back_what_hangs_below_them() {
        check(
            "Key points:\n- The harbour reopens on Friday after\n  Easter and six weeks of work.\n- Two ferries cross every hour.\n\nThe harbour was closed for work.",
            &[
                "Key points:",
                "- The harbour reopens on Friday after Easter and six weeks of work.",
                "- Two ferries cross every hour.",
                "The harbour was closed for work.",
            ],
        );
        check(
            "• The harbour reopens on Friday, after\nsix weeks of work.\n• Two ferries cross every hour.",
            &["• The harbour reopens on Friday, after six weeks of work.", "• Two ferries cross every hour."],
        );
    }

    #[test]
    fn lines_that_somebody_ended_are_left_alone() {
        for text in [
            "The harbour reopens on Friday after six weeks.\nTwo ferries will cross every hour from then on.\nTickets cost three euros, as they did before.",
            "The harbour reopens\nJane Low, Brevan\nThe harbour reopens on Friday after six weeks of work on both of its piers.",
            "Key points\nThe harbour reopens on Friday after six weeks of work.\nTwo ferries will cross every hour from Saturday on.",
            "Flour\nbutter\nsalt\nyeast",
            "# The harbour reopens on Friday after six\nTwo ferries cross every hour.",
            "What the harbour's opening means for you:\nTwo ferries cross every hour.",
            "The first line of a verse is long enough here\nAnd then a short one\nAnd another of the longer sort stands below it\nOr not",
            "A long paragraph of one line goes on and on, past every width that a mail or a terminal ever had, and ends at its end.\nAnother long paragraph of one line goes on and on, past every width that a mail or a terminal ever had, and ends too.",
        ] {
            let lines: Vec<&str> = text.split('\n').collect();
            check(text, &lines);
        }
    }

    #[test]
    fn an_empty_text_has_no_paragraphs_and_a_long_one_takes_no_time() {
        check("", &[]);
        check(" \n\n \n", &[]);
        let long = "a line of small letters that goes on and on\n".repeat(40_000);
        assert_eq!(paragraphs(&long).len(), 1);
    }
}
