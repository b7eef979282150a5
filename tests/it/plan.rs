//! Shows that plan gives each reader each story once, in the slot where it belongs, whatever happens meanwhile.
//! How items are ordered and cut is `digest::select`'s own matter; who sends them is shown in `deliver`.

mod alerts;
mod changes;
mod clock_changes;
mod digests;
mod naive;
mod nodes;
mod random;
mod updates;
pub(crate) mod world;
