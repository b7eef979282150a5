//! Shows real relays: postfix and opensmtpd, and a parse by Python.
//! It does not test the parts alone; their files do.
