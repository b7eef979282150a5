//! An article from plain text: a paragraph a line, or between empty lines where lines are broken at a width.
//! Nothing is known of such a text but its words and, perhaps, its title.

mod wrapped;

use super::{Draft, ExtractSettings, Extracted, Removed};
use crate::article::{boilerplate, key_points};

/// Reads a plain text. A line is a paragraph, but where lines are broken at a width; without a title the text has none.
pub fn from_plain_text(text: &str, title: Option<&str>, settings: &ExtractSettings) -> Extracted {
    let lines = wrapped::paragraphs(text);
    let lines: Vec<&str> = lines.iter().map(AsRef::as_ref).collect();
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
