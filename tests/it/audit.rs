//! Shows that audit is green on the truth and red on each lie.
//! It does not test the parts alone; their files do.
