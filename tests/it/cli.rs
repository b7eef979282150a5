//! Shows the command line as a process: help, exit codes, bad input, and a walk through its commands.
//! It does not test the parts alone; their files do.

mod help;
mod refusals;
mod walk;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use crate::support::depeche_binary;

/// A config with the keys that must be given.
pub(crate) const MINIMAL: &str = r#"[publisher]
name = "Le Fanal"
home_url = "https://www.lefanal.example/"
postal_address = "Le Fanal SAS, 1 rue de l'Exemple, 44000 Nantes"
contact = "redaction@lefanal.example"
base_url = "https://lettres.lefanal.example/"
language = "fr"
zone = "Europe/Paris"
[mail]
from = "resume@lettres.lefanal.example"
"#;

/// Somebody at a shell, in a directory of their own, with a config and nothing else in the environment.
pub(crate) struct Shell {
    directory: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What a command answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Shell {
    pub(crate) fn new(config: &str) -> Self {
        let shell = Self::bare();
        shell.write("depeche.toml", config);
        shell
    }

    /// Without a config.
    pub(crate) fn bare() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory"), variables: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("its directory");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn depeche(&self, arguments: &[&str]) -> Answer {
        self.depeche_reads(arguments, "")
    }

    /// With `input` on its standard input.
    fn depeche_reads(&self, arguments: &[&str], input: &str) -> Answer {
        let mut command = Command::new(depeche_binary());
        command.args(arguments).current_dir(self.directory.path()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("USER", "ada");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("depeche starts");
        // Whoever does not read it closes it.
        let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
        child.wait_with_output().map(Answer::of).expect("depeche ends")
    }

    /// Does it, or fails the test with what was said.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let answer = self.depeche(arguments);
        assert_eq!(answer.code, Some(0), "depeche {}: {answer:?}", arguments.join(" "));
        answer.out
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let out = self.done(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("depeche {}: {error}: {out}", arguments.join(" ")))
    }
}

impl Answer {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// It was refused with this code and says all of `parts`, on standard error alone.
    pub(crate) fn is_refusal(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.out.is_empty(), "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "it does not say `{part}`: {}", self.err);
        }
        assert!(!self.err.contains("panicked"), "{}", self.err);
    }
}
