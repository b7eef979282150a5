//! Shows that dry-run shows the very bytes that are sent later.
//! It does not test the parts alone; their files do.
