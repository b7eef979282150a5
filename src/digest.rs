//! What one reader gets for one slot: schedules, slots and the choice and order of items.
//! It neither reads the database nor renders.

pub mod left_out;
pub mod schedule;
pub mod select;

use serde::{Deserialize, Serialize};

/// Where an item stands in the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// With meta line and key points (items 1 to 12).
    Full,
    /// Title and source on one line (items 13 to 22).
    Brief,
    /// Only counted, with a link to the web.
    Counted,
    /// Already told by an alert: one line.
    Alerted,
}

/// Why an item is in a digest: a topic of the catalogue, or a filter of the reader's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Why {
    /// Id of the topic.
    Topic(i64),
    /// Id of the filter that the reader follows directly.
    Filter(i64),
}

impl Why {
    /// One number that says which, for a link in a mail that was sent: its meaning never changes.
    pub fn code(self) -> u64 {
        let (id, own) = match self {
            Self::Topic(id) => (id, 0),
            Self::Filter(id) => (id, 1),
        };
        (id.cast_unsigned() << 1) | own
    }

    /// What such a number says.
    pub fn of_code(code: u64) -> Self {
        let id = (code >> 1).cast_signed();
        if code & 1 == 0 { Self::Topic(id) } else { Self::Filter(id) }
    }
}

/// One item of a frozen digest, as stored: ids only, in the order of the mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenItem {
    /// Article.
    pub article: i64,
    /// Its revision.
    pub rev: i16,
    /// The story it tells: the first article's id.
    pub story: i64,
    /// What it matched for this reader; the first one is the heading it stands under.
    pub why: Vec<Why>,
    /// Where it stands.
    pub place: Place,
    /// Other feeds' articles of the same story, at most 3.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<i64>,
    /// The reader was told the story before and asked to be told what is new in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub updated: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_and_a_filter_come_back_from_the_number_in_a_link() {
        let check = |why: Why, code: u64| {
            assert_eq!(why.code(), code);
            assert_eq!(Why::of_code(code), why);
        };
        check(Why::Topic(1), 2);
        check(Why::Filter(1), 3);
        check(Why::Topic(i64::MAX), u64::MAX - 1);
        check(Why::Filter(i64::MAX), u64::MAX);
    }
}
