//! Writes the cleaned document, in one of the two dialects that the feed library reads whole.
//! It does not decide what to write.

use crate::feed::names::Meaning;
use crate::feed::plain::to_html as escaped;

/// The two dialects everything is brought to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// RSS 2.0; RSS 0.9x, 1.0 and CDF too.
    Rss,
    /// Atom 1.0; Atom 0.3 too.
    Atom,
}

const RSS_HEAD: &str = r#"<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>"#;
const ATOM_HEAD: &str = r#"<feed xmlns="http://www.w3.org/2005/Atom">"#;

/// The document being written.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) dialect: Dialect,
    out: String,
}

impl Writer {
    pub(super) fn new(dialect: Dialect) -> Self {
        let head = if dialect == Dialect::Rss { RSS_HEAD } else { ATOM_HEAD };
        Self { dialect, out: head.to_owned() }
    }

    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.out.truncate(length);
    }

    pub(super) fn open_entry(&mut self) {
        self.out.push_str(if self.dialect == Dialect::Rss { "<item>" } else { "<entry>" });
    }

    pub(super) fn close_entry(&mut self) {
        self.out.push_str(if self.dialect == Dialect::Rss { "</item>" } else { "</entry>" });
    }

    /// Writes one value. Values without a name in the dialect are not written.
    pub(super) fn write(&mut self, meaning: Meaning, value: &str) {
        let (open, close) = match (self.dialect, meaning) {
            (Dialect::Rss, Meaning::Title) => ("<title>", "</title>"),
            (Dialect::Rss, Meaning::Link) => ("<link>", "</link>"),
            (Dialect::Rss, Meaning::Id) => ("<guid>", "</guid>"),
            (Dialect::Rss, Meaning::Published) => ("<pubDate>", "</pubDate>"),
            (Dialect::Rss, Meaning::Author) => ("<dc:creator>", "</dc:creator>"),
            (Dialect::Rss, Meaning::Category) => ("<category>", "</category>"),
            (Dialect::Atom, Meaning::Title) => ("<title type=\"html\">", "</title>"),
            (Dialect::Atom, Meaning::Link) => ("<link rel=\"alternate\" href=\"", "\"/>"),
            (Dialect::Atom, Meaning::Id) => ("<id>", "</id>"),
            (Dialect::Atom, Meaning::Published) => ("<published>", "</published>"),
            (_, Meaning::Updated) => ("<updated>", "</updated>"),
            (Dialect::Atom, Meaning::Author) => ("<author><name>", "</name></author>"),
            (Dialect::Atom, Meaning::Category) => ("<category term=\"", "\"/>"),
            _ => return,
        };
        let value = escaped(value);
        let value = if open.ends_with('"') { value.replace('"', "&quot;") } else { value };
        self.out.extend([open, &value, close]);
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push_str(if self.dialect == Dialect::Rss { "</channel></rss>" } else { "</feed>" });
        self.out
    }
}
