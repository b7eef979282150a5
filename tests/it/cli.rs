//! Shows the command line: help, exit codes, bad input.
//! It does not test the parts alone; their files do.
