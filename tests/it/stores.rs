//! Shows what the store promises on its own.
//! It does not test the parts alone; their files do.
