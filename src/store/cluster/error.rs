//! Says why there is no private Postgres and what to do about it.
//! It decides nothing.

use std::io;
use std::path::{Path, PathBuf};

/// Why there is no private Postgres, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server programs on this machine.
    #[error(
        "no PostgreSQL server programs found in {looked}: install them (Debian, Ubuntu: apt install postgresql; Fedora: dnf install \
         postgresql-server; macOS: brew install postgresql@17) or set DATABASE_URL to a database of yours"
    )]
    NoPrograms {
        /// Where was looked.
        looked: String,
    },
    /// Only programs older than the SQL needs.
    #[error("PostgreSQL {major} in {bin} is too old: install 14 or newer, or set DATABASE_URL to a database of yours")]
    TooOld {
        /// The newest programs found.
        bin: PathBuf,
        /// Their version.
        major: u32,
    },
    /// The data were made by a major version that is not installed.
    #[error(
        "the data were made by PostgreSQL {data}, but the programs in {bin} are of version {installed}: install PostgreSQL {data} \
         beside it and depeche goes on with it, or, with both installed, move the data with these commands:\n{commands}"
    )]
    OtherVersion {
        /// The data's version.
        data: u32,
        /// The newest version found.
        installed: u32,
        /// Where that is.
        bin: PathBuf,
        /// Shell lines, one command each.
        commands: String,
    },
    /// Another daemon has this directory.
    #[error("depeche already runs on {data_dir} (process {pid}): stop it first, or give this one another data_dir")]
    Held {
        /// The data directory.
        data_dir: PathBuf,
        /// The holder's process id.
        pid: String,
    },
    /// Root, and nobody to run the server as.
    #[error(
        "PostgreSQL refuses to run as root and this system has no unprivileged account (postgres or nobody): run depeche as an \
         ordinary user, or set DATABASE_URL to a database of yours"
    )]
    NoAccount,
    /// The data belong to somebody else.
    #[error("the private Postgres in {data} belongs to {owner}: run depeche as {owner}, or give it another data_dir")]
    Foreign {
        /// The data.
        data: PathBuf,
        /// Their owner.
        owner: String,
    },
    /// The server's account may not enter.
    #[error(
        "the account {account} may not enter {path}: open the directories above it to that account (chmod o+x), or choose another data_dir"
    )]
    Closed {
        /// The closed directory.
        path: PathBuf,
        /// The account.
        account: String,
    },
    /// A directory that must be private is somebody else's.
    #[error("{path} is not a directory of {account}: remove it")]
    Taken {
        /// The directory.
        path: PathBuf,
        /// The account whose it should be.
        account: String,
    },
    /// The data are named but absent.
    #[error(
        "{pointer} says that the database is in {root}, and that is not there: restore it, or delete {pointer} to begin with an empty one"
    )]
    Lost {
        /// The file that names the place.
        pointer: PathBuf,
        /// The place.
        root: PathBuf,
    },
    /// Another process starts or stops the server and does not come to an end.
    #[error(
        "another depeche has been starting or stopping the server for {seconds} s and holds {path}: see whether it hangs"
    )]
    Busy {
        /// The lock.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// A program of Postgres failed.
    #[error("{program} failed: {said}")]
    Failed {
        /// The program.
        program: PathBuf,
        /// The last lines it wrote.
        said: String,
    },
    /// The server does not come up.
    #[error("the private Postgres is not ready after {seconds} s, see {log}: {said}")]
    NotReady {
        /// How long was waited.
        seconds: u64,
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        said: String,
    },
    /// The server does not go down.
    #[error("the private Postgres (process {pid}) does not stop within {seconds} s")]
    NotStopped {
        /// The postmaster.
        pid: i32,
        /// How long was waited.
        seconds: u64,
    },
    /// The system refused something.
    #[error("cannot {action} {path}: {cause}")]
    System {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's word.
        cause: io::Error,
    },
    /// The server runs and refuses us.
    #[error("the private Postgres in {socket_dir} does not serve: {cause}")]
    Database {
        /// Where its socket is.
        socket_dir: PathBuf,
        /// The driver's or the server's word.
        cause: sqlx::Error,
    },
}

/// Names what was tried on which path in an error of the system.
pub(super) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ClusterError {
    move |cause| ClusterError::System { action, path: path.to_owned(), cause }
}
