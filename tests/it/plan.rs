//! Shows that the planner equals a naive one on random data, with delayed commits.
//! It does not test the parts alone; their files do.
