//! Measures match.
//! x
fn main() {}
