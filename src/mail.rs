//! Builds messages and hands them to relays phase by phase over SMTP.
//! It does not decide when or to whom; the deliver stage does.
