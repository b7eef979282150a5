//! Turns digests and other mails and pages into HTML and text by templates and locales.
//! It chooses nothing: what is in a mail was decided by plan.
