//! Shows deliveries to a real SMTP server on loopback.
//! It does not test the parts alone; their files do.
