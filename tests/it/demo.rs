//! Shows the demo from end to end.
//! It does not test the parts alone; their files do.
