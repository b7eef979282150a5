//! Shows the private cluster: start, stop, take-over, refusal.
//! It does not test the parts alone; their files do.
