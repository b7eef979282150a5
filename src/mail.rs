//! Builds messages and hands them to relays phase by phase over SMTP.
//! It does not decide when or to whom; the deliver stage does.

pub mod address;
pub mod catcher;
mod header;
pub mod message;
pub mod relay;

pub use address::{Address, AddressError, HeaderText, Mailbox};
pub use catcher::{Catcher, Caught};
pub use message::{Encoded, HeaderUri, ListId, Message, NotEncoded, Unsubscribe};
pub use relay::{Connection, Envelope, Outcome, Relay, RelayConfig, RelayError, Secret, Timeouts, TlsMode, Unsendable};
