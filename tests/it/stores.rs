//! Shows what the store promises by itself: numbers in commit order, claims that nobody gets twice, months, updates in place.
//! What the stages make of it is shown with them.

mod claims;
mod filters;
mod log;
mod space;
