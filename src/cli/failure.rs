//! Why a command did not do what it was asked for, as one sentence, and its exit code.
//! It prints nothing.

use std::io;

use crate::{
    config::{ConfigError, NoConfig},
    store::{self, StoreError},
};

/// What a command ends in when it is not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was asked for something that cannot be: exit code 2.
    #[error("{0}")]
    Input(String),
    /// It was asked for something lawful and could not do it: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Who read our output has gone (`| head`), which is no fault.
    #[error("nobody reads the output any more")]
    ReaderGone,
}

impl Failure {
    /// Bad input, in a sentence that says what, where and what would be right.
    pub fn input(sentence: impl Into<String>) -> Self {
        Self::Input(sentence.into())
    }

    /// A failure, in a sentence that says what happened and what to do.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::Failed(sentence.into())
    }

    /// A failure that says of itself what happened.
    pub fn of(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// 0 done, 1 failed, 2 bad input.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::ReaderGone => 0,
            Self::Failed(_) => 1,
            Self::Input(_) => 2,
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<NoConfig> for Failure {
    fn from(error: NoConfig) -> Self {
        Self::Input(error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Url(_) => Self::Input(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Failed(match &error {
            store::Error::Database(said) => format!("the database refused: {}; nothing was changed", said.message()),
            other => format!("the database is out of reach: {other}; look whether it was done before you try again"),
        })
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Failed(format!("cannot write the output: {error}")),
        }
    }
}
