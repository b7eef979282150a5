//! Decides where the private Postgres keeps its data, socket, log and locks.
//! It neither starts the server nor knows what is in the data.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::account::RunAs;
use super::error::{ClusterError, at};

/// Where the place goes below `data_dir`.
const INSIDE: &str = "postgres";
/// A file in `data_dir` that names the place when it is elsewhere, so that a moved `data_dir` still finds its data.
const POINTER: &str = "postgres.elsewhere";
/// For root whose `data_dir` is closed to the server's account; the second where the first cannot be written.
const ELSEWHERE: [&str; 2] = ["/var/lib/depeche", "/var/tmp"];
/// A socket's path ends at 107 bytes on Linux and at 103 on macOS; its name and its lock's take 19 (`/.s.PGSQL.5432.lock`).
const SOCKET_DIR_BYTES: usize = 84;
/// A server that starts or stops under another process's hand has its own limit of two minutes.
const LOCK_LIMIT: Duration = Duration::from_secs(150);
const LOCK_POLL: Duration = Duration::from_millis(50);
/// One start writes some hundred bytes of log; beyond this the log moves aside, so two files of this size are the most.
const LOG_LIMIT: u64 = 10 * 1024 * 1024;

/// The directory of one private Postgres.
#[derive(Debug, Clone)]
pub(super) struct Place {
    root: PathBuf,
    elsewhere: bool,
}

impl Place {
    /// The place that `data_dir` already has, if it has one. `data_dir` is canonical.
    pub(super) fn existing(data_dir: &Path) -> Result<Option<Self>, ClusterError> {
        let pointer = data_dir.join(POINTER);
        match fs::read_to_string(&pointer) {
            Ok(text) => {
                let root = PathBuf::from(text.trim_end_matches('\n'));
                if root.is_dir() {
                    Ok(Some(Self { root, elsewhere: true }))
                } else {
                    Err(ClusterError::Lost { pointer, root })
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let inside = Self { root: data_dir.join(INSIDE), elsewhere: false };
                Ok(inside.data().exists().then_some(inside))
            }
            Err(error) => Err(at("read", &pointer)(error)),
        }
    }

    /// A new place: inside `data_dir`, or elsewhere when the server's account may not enter there.
    pub(super) async fn create(data_dir: &Path, run_as: &RunAs) -> Result<Self, ClusterError> {
        if run_as.may_enter(data_dir).await {
            let root = data_dir.join(INSIDE);
            DirBuilder::new().recursive(true).mode(0o755).create(&root).map_err(at("create", &root))?;
            return Ok(Self { root, elsewhere: false });
        }
        let root = elsewhere(data_dir)?;
        if !run_as.may_enter(&root).await {
            return Err(ClusterError::Closed { path: root, account: run_as.name().to_owned() });
        }
        let pointer = data_dir.join(POINTER);
        // Whole or not at all: half a path would lose the data.
        let draft = data_dir.join(format!("{POINTER}.new"));
        let mut line = root.as_os_str().as_bytes().to_vec();
        line.push(b'\n');
        fs::write(&draft, line).and_then(|()| fs::rename(&draft, &pointer)).map_err(at("write", &pointer))?;
        Ok(Self { root, elsewhere: true })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn is_elsewhere(&self) -> bool {
        self.elsewhere
    }

    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// The user id that owns the data, when there is data.
    pub(super) fn data_owner(&self) -> Option<u32> {
        fs::metadata(self.data()).ok().map(|data| data.uid())
    }

    /// Opens the log for the server's standard error, moved aside first when it has grown.
    pub(super) fn open_log(&self) -> Result<File, ClusterError> {
        let log = self.log();
        if fs::metadata(&log).is_ok_and(|found| found.len() > LOG_LIMIT) {
            let old = self.root.join("log.old");
            fs::rename(&log, &old).map_err(at("move", &log))?;
        }
        OpenOptions::new().create(true).append(true).open(&log).map_err(at("open", &log))
    }

    /// A private directory whose path is short enough for a socket and plain enough for the server's settings.
    pub(super) fn socket_dir(&self, run_as: &RunAs) -> Result<PathBuf, ClusterError> {
        let inside = self.root.join("socket");
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-@+".contains(byte);
        let bytes = inside.as_os_str().as_bytes();
        let directory = if bytes.len() <= SOCKET_DIR_BYTES && bytes.iter().all(plain) {
            inside
        } else {
            PathBuf::from(format!("/tmp/depeche-{}", digest(&self.root)))
        };
        private_dir(&directory, run_as)?;
        Ok(directory)
    }

    /// Removes what the place left in directories of others, and the place.
    pub(super) fn remove(&self, data_dir: &Path, socket_dir: &Path) -> Result<(), ClusterError> {
        for directory in [socket_dir, &self.root] {
            match fs::remove_dir_all(directory) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at("remove", directory)(error)),
                _ => {}
            }
        }
        let pointer = data_dir.join(POINTER);
        if self.elsewhere { fs::remove_file(&pointer).map_err(at("remove", &pointer)) } else { Ok(()) }
    }

    pub(super) fn lock_file(&self, name: &str) -> Result<File, ClusterError> {
        let path = self.root.join(name);
        OpenOptions::new().create(true).read(true).write(true).truncate(false).open(&path).map_err(at("open", &path))
    }

    /// Held by the one daemon of this place for its life.
    pub(super) fn lock_for_daemon(&self, data_dir: &Path) -> Result<File, ClusterError> {
        let path = self.root.join("daemon.lock");
        let mut file = self.lock_file("daemon.lock")?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = fs::read_to_string(&path).map_err(at("read", &path))?.trim().to_owned();
                return Err(ClusterError::Held { data_dir: data_dir.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(at("lock", &path)(error)),
        }
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(at("write", &path))?;
        Ok(file)
    }

    /// Held while the server is started or stopped, so that no two processes do it at once.
    pub(super) async fn lock_for_change(&self) -> Result<File, ClusterError> {
        let path = self.root.join("change.lock");
        let file = self.lock_file("change.lock")?;
        let since = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if since.elapsed() < LOCK_LIMIT => tokio::time::sleep(LOCK_POLL).await,
                Err(TryLockError::WouldBlock) => {
                    return Err(ClusterError::Busy { path, seconds: LOCK_LIMIT.as_secs() });
                }
                Err(TryLockError::Error(error)) => return Err(at("lock", &path)(error)),
            }
        }
    }
}

/// Creates `directory` for the server's account alone, or finds it so: in /tmp somebody else may have been first.
pub(super) fn private_dir(directory: &Path, run_as: &RunAs) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => {
            if let Some((uid, gid)) = run_as.owner() {
                chown(directory, Some(uid), Some(gid)).map_err(at("hand over", directory))?;
            }
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(directory).map_err(at("look at", directory))?;
            let uid = run_as.owner().map_or_else(|| nix::unistd::geteuid().as_raw(), |(uid, _)| uid);
            if !found.is_dir() || found.uid() != uid {
                return Err(ClusterError::Taken { path: directory.to_owned(), account: run_as.name().to_owned() });
            }
            fs::set_permissions(directory, fs::Permissions::from_mode(0o700)).map_err(at("close", directory))
        }
        Err(error) => Err(at("create", directory)(error)),
    }
}

fn elsewhere(data_dir: &Path) -> Result<PathBuf, ClusterError> {
    let mut refused = None;
    for base in ELSEWHERE.map(Path::new) {
        let root = base.join(format!("depeche-{}", digest(data_dir)));
        match DirBuilder::new().recursive(true).mode(0o755).create(base).and_then(|()| {
            match DirBuilder::new().mode(0o755).create(&root) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                other => other,
            }
        }) {
            // /var/tmp is open to all: a directory that root did not make is not ours.
            Ok(()) if fs::symlink_metadata(&root).is_ok_and(|found| found.is_dir() && found.uid() == 0) => {
                return Ok(root);
            }
            Ok(()) => refused = Some(ClusterError::Taken { path: root, account: "root".to_owned() }),
            Err(error) => refused = Some(at("create", &root)(error)),
        }
    }
    Err(refused.expect("ELSEWHERE names at least one directory"))
}

/// Twelve hex digits that stand for a path in a name of bounded length.
fn digest(path: &Path) -> String {
    Sha256::digest(path.as_os_str().as_bytes())[..6].iter().fold(String::new(), |mut hex, byte| {
        use std::fmt::Write;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_place_keeps_its_socket_and_a_long_or_odd_one_borrows_a_short_path() {
        let home = tempfile::tempdir_in("/tmp").expect("a temporary directory");
        let socket_dir = |root: PathBuf| {
            fs::create_dir_all(&root).expect("a directory");
            Place { root, elsewhere: false }.socket_dir(&RunAs::Ourselves).expect("a socket directory")
        };
        let short = socket_dir(home.path().join("p"));
        assert_eq!(short, home.path().join("p/socket"));
        for odd in ["long".repeat(40), "a b,'c".to_owned()] {
            let borrowed = socket_dir(home.path().join(odd));
            assert!(borrowed.starts_with("/tmp") && borrowed.as_os_str().len() < 40, "{borrowed:?}");
            assert_eq!(fs::metadata(&borrowed).expect("it exists").permissions().mode() & 0o777, 0o700);
            fs::remove_dir(borrowed).expect("it is empty");
        }
    }

    #[test]
    fn a_socket_directory_that_is_a_link_is_refused() {
        let home = tempfile::tempdir().expect("a temporary directory");
        let link = home.path().join("link");
        std::os::unix::fs::symlink(home.path(), &link).expect("a link");
        let error = private_dir(&link, &RunAs::Ourselves).expect_err("a link is not a private directory");
        assert!(error.to_string().contains("link"), "{error}");
    }

    #[test]
    fn a_pointer_to_a_lost_place_is_an_error_and_not_a_fresh_start() {
        let data_dir = tempfile::tempdir().expect("a temporary directory");
        assert!(Place::existing(data_dir.path()).expect("nothing yet").is_none());
        fs::write(data_dir.path().join(POINTER), "/nowhere/at/all\n").expect("written");
        let error = Place::existing(data_dir.path()).expect_err("the place is lost").to_string();
        assert!(error.contains("/nowhere/at/all") && error.contains(POINTER), "{error}");
    }

    #[tokio::test]
    async fn the_second_daemon_is_told_who_the_first_is() {
        let data_dir = tempfile::tempdir().expect("a temporary directory");
        let place = Place::create(data_dir.path(), &RunAs::Ourselves).await.expect("a place");
        let held = place.lock_for_daemon(data_dir.path()).expect("the first holds it");
        let error = place.lock_for_daemon(data_dir.path()).expect_err("the second is refused").to_string();
        assert!(error.contains(&std::process::id().to_string()), "{error}");
        drop(held);
        place.lock_for_daemon(data_dir.path()).expect("free again");
    }
}
