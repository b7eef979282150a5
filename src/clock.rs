//! The one place that reads the wall clock, and reads times as people type them.
//! Everything else gets `now` as an argument.
