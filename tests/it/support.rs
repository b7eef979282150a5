//! Starts the real parts that tests need.
//! It asserts nothing.
