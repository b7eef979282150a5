//! Measures deliver.
//! x
fn main() {}
