//! Sets up structured logs.
//! It decides nothing about what is logged.
