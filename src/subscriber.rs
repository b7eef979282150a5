//! Who reads: addresses, states and the purpose-bound tokens in their links.
//! It neither stores nor mails anything.

pub mod address;
pub mod token;

use serde::{Deserialize, Serialize};

/// Where a subscriber stands. The codes are stored and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(i16)]
pub enum Status {
    /// Asked for, not confirmed: gets the confirmation mail and nothing else.
    Pending = 1,
    /// Confirmed: the only status that gets digests and alerts.
    Confirmed = 2,
    /// Stopped by the reader for a time.
    Paused = 3,
    /// Left for good.
    Unsubscribed = 4,
    /// Must not be mailed: bounced, complained, or blocked by the operator.
    Suppressed = 5,
}

/// A stored status code that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a subscriber status (1 to 5): was this database written by a newer depeche?")]
pub struct UnknownStatus(i16);

impl Status {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Confirmed, Self::Paused, Self::Unsubscribed, Self::Suppressed];

    /// The code that is stored.
    pub fn code(self) -> i16 {
        self as i16
    }

    /// The word for it in the CLI, in CSV files and in logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Paused => "paused",
            Self::Unsubscribed => "unsubscribed",
            Self::Suppressed => "suppressed",
        }
    }

    /// Whether digests and alerts go out to them.
    pub fn is_mailed(self) -> bool {
        self == Self::Confirmed
    }
}

impl TryFrom<i16> for Status {
    type Error = UnknownStatus;

    fn try_from(code: i16) -> Result<Self, UnknownStatus> {
        Self::ALL.into_iter().find(|status| status.code() == code).ok_or(UnknownStatus(code))
    }
}

/// A word that names no status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status; pending, confirmed, paused, unsubscribed and suppressed are")]
pub struct NotAStatus(String);

impl std::str::FromStr for Status {
    type Err = NotAStatus;

    fn from_str(word: &str) -> Result<Self, NotAStatus> {
        let wanted = word.trim();
        Self::ALL
            .into_iter()
            .find(|status| status.word().eq_ignore_ascii_case(wanted))
            .ok_or_else(|| NotAStatus(word.to_owned()))
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_come_back_as_the_same_status() {
        for (code, status) in (1..).zip(Status::ALL) {
            assert_eq!(status.code(), code);
            assert_eq!(Status::try_from(code), Ok(status));
            assert_eq!(status.word().to_uppercase().parse(), Ok(status));
            assert_eq!(serde_json::to_value(status).expect("JSON"), status.word());
        }
        assert_eq!(Status::try_from(6), Err(UnknownStatus(6)));
        assert!("gone".parse::<Status>().is_err());
    }
}
