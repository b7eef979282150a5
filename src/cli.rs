//! The command line: arguments, dispatch, exit codes.
//! Each command's work is in `cli/*.rs`.
