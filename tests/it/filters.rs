//! Topic filters from what readers type to what they get: the language, its changes, and matching while articles come in.
//! Parser, analyser and index alone are tested beside their code.

mod docs;
mod germanic;
mod language;
mod nodes;
mod operators;
mod romance;
mod topics;

/// A filter, a text, and whether the text is to be found.
pub(crate) type Case = (&'static str, &'static str, bool);
