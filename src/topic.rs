//! What readers follow: the filter language, text analysis and the in-memory index of filters.
//! It does not store filters and does not know subscribers.

pub mod analyze;
pub mod breadth;
pub mod forecast;
pub mod frequency;
pub mod index;
pub mod match_row;
pub mod query;

pub use analyze::{Analysed, FeedFacts};
pub use frequency::TermFrequencies;
pub use index::{Index, Scratch};
pub use match_row::{decode_ids, encode_ids};
pub use query::{Query, QueryError};
