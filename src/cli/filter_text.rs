//! Reads a filter as a person typed it on the command line into its canonical text.
//! The language itself is `topic::query`'s.

use super::Failure;

/// Longest filter, in bytes.
const LONGEST: usize = 2_048;

/// The canonical text of a filter; equal filters give the same. The error says what is wrong and what would be right.
pub(super) fn canonical(query: &str) -> Result<String, String> {
    let folded = query.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.is_empty() {
        return Err(
            "the filter is empty; words to look for make one, such as tramway OR \"pistes cyclables\"".to_owned()
        );
    }
    if folded.len() > LONGEST {
        return Err(format!("the filter has {} bytes, at most {LONGEST} are taken; split it into two", folded.len()));
    }
    if folded.matches('"').count() % 2 != 0 {
        return Err("a quote is opened and not closed; add a `\"`".to_owned());
    }
    let open = folded.chars().try_fold(0_i32, |open, c| match c {
        '(' => Some(open + 1),
        ')' if open == 0 => None,
        ')' => Some(open - 1),
        _ => Some(open),
    });
    match open {
        None => Err("a `)` closes nothing; take it out or add a `(` before it".to_owned()),
        Some(0) => Ok(folded),
        Some(_) => Err("a `(` is opened and not closed; add a `)`".to_owned()),
    }
}

/// The canonical text, or bad input with the filter in the sentence.
pub(super) fn parse(query: &str) -> Result<String, Failure> {
    canonical(query).map_err(Failure::Input)
}
