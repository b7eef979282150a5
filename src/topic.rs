//! What readers follow: the filter language, text analysis and the in-memory index of filters.
//! It does not store filters and does not know subscribers.

pub mod analyze;

pub mod match_row;
pub mod query;

pub use analyze::{Analysed, FeedFacts};

pub use query::{Query, QueryError};
