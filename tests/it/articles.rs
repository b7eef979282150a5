//! Shows articles and key points from fixtures of our own.
//! It does not test the parts alone; their files do.
