//! What is wrong with a config, all of it at once, each with file, line, key and remedy.
//! It does not decide what is wrong.

use std::{fmt, path::PathBuf};

use super::document::Place;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was written.
    pub place: Place,
    /// Section and key, such as `mail.from`; empty where the file itself is wrong.
    pub key: String,
    /// What is wrong with it and what would be right.
    pub text: String,
}

/// A config that is refused, with every fault that was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// At least one, in the order of the file.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    /// One line a fault: `depeche.toml:12: mail.from: …`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            match &problem.place {
                Place::Line(line) => write!(f, "{}:{line}: ", self.file.display())?,
                Place::Environment(name) => write!(f, "environment variable {name}: ")?,
                Place::Missing => write!(f, "{}: ", self.file.display())?,
            }
            if !problem.key.is_empty() {
                write!(f, "{}: ", problem.key)?;
            }
            f.write_str(&problem.text)?;
        }
        Ok(())
    }
}
