//! An article from plain text: a paragraph a line, or between empty lines where lines are broken at a width.
//! Nothing is known of such a text but its words and, perhaps, its title.

mod wrapped;

use std::ops::Range;

use super::{Draft, ExtractSettings, Extracted, Removed};
use crate::article::{boilerplate, key_points, words};

/// Lines under a heading that are points without bullets.
const BARE_POINTS: Range<usize> = 2..9;

/// Words of such a line: longer ones are paragraphs.
const BARE_WORDS: Range<usize> = 4..36;

/// Reads a plain text. A line is a paragraph, but where lines are broken at a width; without a title the text has none.
pub fn from_plain_text(text: &str, title: Option<&str>, settings: &ExtractSettings) -> Extracted {
    let lines = wrapped::paragraphs(text);
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
    let title = &super::metadata::one_line(title.unwrap_or_default());
    let mut draft = Draft { title: title.to_owned(), ..Draft::default() };
    draft.fingerprints = lines.iter().map(|l| boilerplate::fingerprint(l)).collect();
    let bulleted = with_bullets(text, &lines);
    let bulleted: Vec<&str> = bulleted.iter().map(String::as_str).collect();
    let found = key_points::find_lines(&lines, title).or_else(|| key_points::find_lines(&bulleted, title));
    let (block, rest) = found.map_or((None, lines), |found| (Some(found.key_points), found.rest));
    draft.key_points = block;
    for line in rest {
        let learned = settings.learned.contains(&boilerplate::fingerprint(line)).then_some(boilerplate::Why::Repeated);
        match learned.or_else(|| boilerplate::why(line, 0.0)) {
            Some(why) => draft.removed.push(Removed::new(line, why)),
            None => draft.paragraphs.push(line.to_owned()),
        }
    }
    draft.finish(settings)
}

/// The lines, those with bullets that stand right below a heading of key points, down to an empty line. More text must follow
/// than they hold: a text may be headed "Summary" as a whole.
fn with_bullets(text: &str, lines: &[&str]) -> Vec<String> {
    let all: Vec<&str> = text.lines().map(str::trim).collect();
    let points = all.split(|line| line.is_empty()).find_map(|group| {
        let (heading, points) = group.split_first().filter(|(heading, _)| key_points::announces(heading))?;
        let bare = |point: &&str| key_points::unmarked(point) == *point && BARE_WORDS.contains(&words::count(point));
        let from = lines.iter().position(|line| line == heading)? + 1;
        let range = from..from + points.len();
        let count = |lines: &[&str]| lines.iter().map(|line| words::count(line)).sum::<usize>();
        let fits = BARE_POINTS.contains(&points.len())
            && points.iter().all(bare)
            && lines.get(range.clone()) == Some(points)
            && count(&lines[range.end..]) > count(points);
        fits.then_some(range)
    });
    let Some(points) = points else { return Vec::new() };
    let bulleted =
        |(at, line): (usize, &&str)| if points.contains(&at) { format!("• {line}") } else { (*line).to_owned() };
    lines.iter().enumerate().map(bulleted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::KeyPointsOrigin;

    #[test]
    fn bare_lines_below_a_heading_of_key_points_are_points_down_to_an_empty_line() {
        let body = "The old bridge over the river closes to lorries on Monday for six weeks, the council said.\n\n\
            Engineers found cracks in two of the five piers, and the work costs twelve million in all.\n\n\
            Buses cross the river on the new bridge until the spring, and ferries carry those who walk.\n";
        let points = "The bridge closes to lorries on Monday.\nTwo piers have cracks.\nThe work costs twelve million.";
        let read = |text: &str| from_plain_text(text, Some("The bridge"), &ExtractSettings::default()).article;
        for heading in ["Key points:", "Das Wichtigste in Kürze", "À retenir :", "要点"] {
            let article = read(&format!("{heading}\n{points}\n\n{body}"));
            assert_eq!(article.key_points.origin, KeyPointsOrigin::Publisher, "{heading}");
            assert_eq!(article.key_points.points.join("\n"), points);
            assert_eq!(article.paragraphs.len(), 3, "{:?}", article.paragraphs);
        }
        for other in [
            format!("Ingredients:\n{points}\n\n{body}"),
            format!("Key points:\n{body}"),
            format!("Summary\n{}", body.replace("\n\n", "\n")),
            format!("{points}\n\n{body}"),
        ] {
            let article = read(&other);
            assert_ne!(article.key_points.origin, KeyPointsOrigin::Publisher, "{other}");
            assert!(!article.paragraphs.iter().any(|p| p.contains('•')));
        }
    }
}
