//! An article from plain text: paragraphs between empty lines.
//! Nothing is known of such a text but its words and, perhaps, its title.

use super::{Draft, ExtractSettings, Extracted, Removed};
use crate::article::{boilerplate, key_points};

/// Reads a plain text. Paragraphs are separated by empty lines; without a title the text has none.
pub fn from_plain_text(text: &str, title: Option<&str>, settings: &ExtractSettings) -> Extracted {
    let lines: Vec<&str> = paragraphs(text);
    let title = &super::metadata::one_line(title.unwrap_or_default());
    let mut draft = Draft { title: title.to_owned(), ..Draft::default() };
    draft.fingerprints = lines.iter().map(|l| boilerplate::fingerprint(l)).collect();
    let found = key_points::find_lines(&lines, title);
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

/// Lines; a text whose lines are broken at a width has them joined up to the next empty line.
fn paragraphs(text: &str) -> Vec<&str> {
    text.split('\n').map(|l| l.trim_matches(|c: char| c.is_whitespace())).filter(|l| !l.is_empty()).collect()
}
