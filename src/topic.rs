//! What readers follow: the filter language, text analysis and the in-memory index of filters.
//! It does not store filters and does not know subscribers.
