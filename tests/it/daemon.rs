//! Shows the daemon as a process: readiness, signals, reload.
//! It does not test the parts alone; their files do.
