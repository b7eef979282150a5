//! Shows that the commands in README and docs run.
//! It does not test the parts alone; their files do.
