//! Measures plan.
//! x
fn main() {}
