//! The article's own spelling at each position, for showing what matched.
//! It is never stored: it is made again from the text when somebody asks.

use super::units::is_unspaced;

/// Slices of the article's text by position, in order.
#[derive(Debug, Default)]
pub(crate) struct Source<'a> {
    pub(super) slices: Vec<(u32, &'a str)>,
}

impl Source<'_> {
    /// The words from the first to the last position of a span.
    pub(crate) fn text(&self, (first, last): (u32, u32)) -> String {
        let start = self.slices.partition_point(|(position, _)| *position < first);
        let end = self.slices.partition_point(|(position, _)| *position <= last);
        join(self.slices[start..end].iter().map(|(_, slice)| *slice))
    }
}

/// Words with spaces between them where their script has any.
pub(crate) fn join<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for word in words {
        if !(out.is_empty() || (out.ends_with(is_unspaced) && word.starts_with(is_unspaced))) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}
