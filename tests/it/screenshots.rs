//! Shows mails in a real headless Chromium.
//! It does not test the parts alone; their files do.
