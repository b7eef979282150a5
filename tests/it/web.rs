//! Shows the unsubscribe page and health over HTTP.
//! It does not test the parts alone; their files do.
