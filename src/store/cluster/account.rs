//! Decides under which system account the private Postgres runs, since the server refuses root.
//! It starts nothing but the small probe that asks whether that account may enter a directory.

use std::path::Path;
use std::process::Stdio;

use nix::unistd::{Uid, User, geteuid};
use tokio::process::Command;

use super::error::ClusterError;

/// An account the server runs under when depeche itself runs as root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) uid: u32,
    pub(super) gid: u32,
}

/// Who runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RunAs {
    /// Whoever runs depeche.
    Ourselves,
    /// Root hands it to an account without rights.
    Other(Account),
}

/// Debian, Fedora and Homebrew packages make `postgres`; `nobody` exists everywhere.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

impl RunAs {
    /// `owner` is the user id that owns the data when there is data already.
    pub(super) fn choose(data: &Path, owner: Option<u32>) -> Result<Self, ClusterError> {
        let by_name = |name: &str| User::from_name(name).ok().flatten().map(Account::from);
        let by_uid = |uid: u32| User::from_uid(Uid::from_raw(uid)).ok().flatten().map(Account::from);
        rule(geteuid().as_raw(), data, owner, by_name, by_uid)
    }

    /// The user and group that own what the server writes.
    pub(super) fn owner(&self) -> Option<(u32, u32)> {
        match self {
            Self::Ourselves => None,
            Self::Other(account) => Some((account.uid, account.gid)),
        }
    }

    /// The name for messages.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Ourselves => "this account",
            Self::Other(account) => &account.name,
        }
    }

    /// A command that runs as this account, away from directories it may not enter and without the caller's `PG*` settings.
    pub(super) fn command(&self, program: &Path) -> Command {
        Command::from(self.std_command(program))
    }

    pub(super) fn std_command(&self, program: &Path) -> std::process::Command {
        use std::os::unix::process::CommandExt;
        let mut command = std::process::Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PG")) {
            command.env_remove(name);
        }
        // macOS's postmaster wants a set locale, and messages in the log are for one pair of eyes: English.
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if let Self::Other(account) = self {
            command.uid(account.uid).gid(account.gid);
        }
        command
    }

    /// Asks the system itself, because mode bits alone miss access lists and mounts.
    pub(super) async fn may_enter(&self, directory: &Path) -> bool {
        let mut probe = self.command(Path::new("/bin/sh"));
        probe.args(["-c", "cd -- \"$1\"", "sh"]).arg(directory).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().await.is_ok_and(|status| status.success())
    }
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw() }
    }
}

fn rule(
    euid: u32,
    data: &Path,
    owner: Option<u32>,
    by_name: impl Fn(&str) -> Option<Account>,
    by_uid: impl Fn(u32) -> Option<Account>,
) -> Result<RunAs, ClusterError> {
    let foreign = |uid: u32| {
        let owner = by_uid(uid).map_or_else(|| format!("user {uid}"), |account| account.name);
        ClusterError::Foreign { data: data.to_owned(), owner }
    };
    match (euid, owner) {
        (0, Some(0)) => Err(foreign(0)),
        (0, Some(uid)) => by_uid(uid).map(RunAs::Other).ok_or_else(|| foreign(uid)),
        (0, None) => {
            UNPRIVILEGED.iter().find_map(|name| by_name(name)).map(RunAs::Other).ok_or(ClusterError::NoAccount)
        }
        (_, Some(uid)) if uid != euid => Err(foreign(uid)),
        _ => Ok(RunAs::Ourselves),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: [(&str, u32); 4] = [("root", 0), ("postgres", 105), ("nobody", 65534), ("ana", 1000)];

    fn chosen(euid: u32, owner: Option<u32>, known: &[&str]) -> Result<RunAs, String> {
        let entry = |(name, uid): &(&str, u32)| Account { name: (*name).to_owned(), uid: *uid, gid: *uid };
        let known = |wanted: &(&str, u32)| known.contains(&wanted.0);
        let by_name = |name: &str| PASSWD.iter().find(|row| known(row) && row.0 == name).map(entry);
        let by_uid = |uid: u32| PASSWD.iter().find(|row| known(row) && row.1 == uid).map(entry);
        rule(euid, Path::new("/d"), owner, by_name, by_uid).map_err(|error| error.to_string())
    }

    fn name(euid: u32, owner: Option<u32>, known: &[&str]) -> String {
        chosen(euid, owner, known).map_or_else(|error| error, |run_as| run_as.name().to_owned())
    }

    #[test]
    fn root_never_runs_the_server_and_prefers_postgres() {
        assert_eq!(name(0, None, &["postgres", "nobody"]), "postgres");
        assert_eq!(name(0, None, &["nobody", "ana"]), "nobody");
        assert!(name(0, None, &["ana"]).contains("no unprivileged account"));
    }

    #[test]
    fn root_runs_existing_data_as_its_owner() {
        assert_eq!(name(0, Some(1000), &["postgres", "ana"]), "ana");
        assert!(name(0, Some(0), &["root", "postgres"]).contains("belongs to root"));
        assert!(name(0, Some(4242), &["postgres"]).contains("belongs to user 4242"));
    }

    #[test]
    fn a_person_runs_it_alone_and_not_on_the_data_of_others() {
        assert_eq!(chosen(1000, None, &["postgres", "ana"]), Ok(RunAs::Ourselves));
        assert_eq!(chosen(1000, Some(1000), &["ana"]), Ok(RunAs::Ourselves));
        assert!(name(1000, Some(105), &["postgres", "ana"]).contains("belongs to postgres"));
    }
}
