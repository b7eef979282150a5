//! Shows schedules and slots over DST changes.
//! It does not test the parts alone; their files do.
