//! Measures key points.
//! x
fn main() {}
