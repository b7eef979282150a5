//! Shows filters and the index against a naive evaluator and Postgres.
//! It does not test the parts alone; their files do.
