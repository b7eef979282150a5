//! Starts, finds and stops the postmaster of one data directory.
//! Locks and places are decided by its caller.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::account::RunAs;
use super::error::{ClusterError, at};
use super::place::{Place, private_dir};
use super::programs::Programs;

/// Replaying 512 MB of log after a crash takes well under a minute on a slow disk.
const START_LIMIT: Duration = Duration::from_mins(2);
/// A fast stop writes one checkpoint.
const STOP_LIMIT: Duration = Duration::from_mins(1);
/// After an immediate stop nothing is written.
const ABORT_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);
/// The end of the log that goes into an error.
const LOG_LINES: usize = 6;

/// The name of the one role and of the one database.
pub(super) const NAME: &str = "depeche";

/// Small, private, and as safe as a big one: nothing listens on TCP, and the pools of one node need half of the connections.
const SETTINGS: [&str; 14] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "max_connections=60",
    "shared_buffers=128MB",
    "min_wal_size=80MB",
    "max_wal_size=512MB",
    // Containers give 64 MB of shared memory, which parallel queries overrun.
    "max_parallel_workers_per_gather=0",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_min_messages=warning",
    "log_checkpoints=off",
    "cluster_name=depeche",
];
const FAST_AND_UNSAFE: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// A postmaster, whoever started it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) pid: i32,
    pub(super) socket_dir: PathBuf,
    data: PathBuf,
    /// Ours to reap when we started it.
    child: Option<Child>,
}

/// Makes new data: whole, or not at all.
pub(super) async fn init(
    place: &Place,
    programs: &Programs,
    run_as: &RunAs,
    durable: bool,
) -> Result<(), ClusterError> {
    let draft = place.root().join("data.new");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(at("remove", &draft))?;
    }
    let initdb = programs.path("initdb");
    let mut last = None;
    // The second locale is for systems without the first.
    for locale in ["C.UTF-8", "C"] {
        private_dir(&draft, run_as)?;
        let mut command = run_as.command(&initdb);
        command.arg("--pgdata").arg(&draft).arg(format!("--locale={locale}")).args([
            "--encoding=UTF8",
            "--username=depeche",
            "--auth-local=trust",
            "--auth-host=reject",
        ]);
        if !durable {
            command.arg("--no-sync");
        }
        let answer = command.output().await.map_err(at("run", &initdb))?;
        if answer.status.success() {
            let data = place.data();
            return fs::rename(&draft, &data).map_err(at("move new data to", &data));
        }
        fs::remove_dir_all(&draft).map_err(at("remove", &draft))?;
        last = Some(String::from_utf8_lossy(&answer.stderr).trim().to_owned());
    }
    Err(ClusterError::Failed { program: initdb, said: last.unwrap_or_default() })
}

impl Server {
    /// The postmaster that runs on `data`, ready to serve; `None` when none does.
    pub(super) async fn running(place: &Place) -> Result<Option<Self>, ClusterError> {
        let data = place.data();
        let since = Instant::now();
        loop {
            let Some(file) = PidFile::read(&data)? else { return Ok(None) };
            if !is_postmaster(file.pid, &data) {
                return Ok(None);
            }
            if file.ready {
                return Ok(Some(Self { pid: file.pid, socket_dir: file.socket_dir, data, child: None }));
            }
            if since.elapsed() > START_LIMIT {
                return Err(ClusterError::NotReady {
                    seconds: START_LIMIT.as_secs(),
                    log: place.log(),
                    said: tail(&place.log()),
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Starts a postmaster; the caller holds the lock for change and has found none running.
    pub(super) async fn start(
        place: &Place,
        programs: &Programs,
        run_as: &RunAs,
        durable: bool,
    ) -> Result<Self, ClusterError> {
        use std::os::unix::process::CommandExt;
        let data = place.data();
        let socket_dir = place.socket_dir(run_as)?;
        clear_stale_files(&data, &socket_dir)?;
        let postgres = programs.path("postgres");
        let log = place.open_log()?;
        let mut command = run_as.std_command(&postgres);
        command.arg("-D").arg(&data).arg("-c").arg(format!("unix_socket_directories={}", socket_dir.display()));
        let unsafe_settings = if durable { &[][..] } else { &FAST_AND_UNSAFE[..] };
        for setting in SETTINGS.iter().chain(unsafe_settings) {
            command.args(["-c", setting]);
        }
        // A group of its own: Ctrl-C in the terminal is for depeche, which stops the server when it has drained.
        command.stdout(Stdio::null()).stderr(log).process_group(0);
        let mut child = command.spawn().map_err(at("run", &postgres))?;
        let pid = i32::try_from(child.id()).expect("a process id fits the system's own type");
        wait_ready(place, &mut child, pid, &postgres).await?;
        Ok(Self { pid, socket_dir, data, child: Some(child) })
    }

    pub(super) fn is_alive(&mut self) -> bool {
        match &mut self.child {
            Some(child) => matches!(child.try_wait(), Ok(None)),
            None => is_postmaster(self.pid, &self.data),
        }
    }

    /// Asks for a fast stop: clients are sent off, everything is written.
    pub(super) fn ask_to_stop(&self) {
        let _ = kill(Pid::from_raw(self.pid), Signal::SIGINT);
    }

    pub(super) async fn stop(&mut self) -> Result<(), ClusterError> {
        self.ask_to_stop();
        if self.gone_within(STOP_LIMIT).await {
            return Ok(());
        }
        let _ = kill(Pid::from_raw(self.pid), Signal::SIGQUIT);
        if self.gone_within(ABORT_LIMIT).await {
            return Ok(());
        }
        Err(ClusterError::NotStopped { pid: self.pid, seconds: (STOP_LIMIT + ABORT_LIMIT).as_secs() })
    }

    async fn gone_within(&mut self, limit: Duration) -> bool {
        let since = Instant::now();
        while self.is_alive() {
            if since.elapsed() > limit {
                return false;
            }
            tokio::time::sleep(POLL).await;
        }
        true
    }
}

/// Removes what a killed server left: the new one would not start while another program, or a dead process that nobody
/// collected (a container's first process seldom does), has the process id in these files.
fn clear_stale_files(data: &Path, socket_dir: &Path) -> Result<(), ClusterError> {
    if PidFile::read(data)?.is_some_and(|stale| is_postmaster(stale.pid, data)) {
        return Ok(());
    }
    let sockets = [".s.PGSQL.5432", ".s.PGSQL.5432.lock"].map(|name| socket_dir.join(name));
    for file in sockets.into_iter().chain([data.join("postmaster.pid")]) {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at("remove", &file)(error)),
            _ => {}
        }
    }
    Ok(())
}

async fn wait_ready(place: &Place, child: &mut Child, pid: i32, postgres: &Path) -> Result<(), ClusterError> {
    let since = Instant::now();
    loop {
        if PidFile::read(&place.data())?.is_some_and(|file| file.ready && file.pid == pid) {
            return Ok(());
        }
        if child.try_wait().map_err(at("wait for", postgres))?.is_some() {
            return Err(ClusterError::Failed { program: postgres.to_owned(), said: tail(&place.log()) });
        }
        if since.elapsed() > START_LIMIT {
            let _ = kill(Pid::from_raw(pid), Signal::SIGQUIT);
            return Err(ClusterError::NotReady {
                seconds: START_LIMIT.as_secs(),
                log: place.log(),
                said: tail(&place.log()),
            });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// What the server writes about itself: `postmaster.pid`, eight lines since Postgres 10 (src/include/utils/pidfile.h).
#[derive(Debug, PartialEq, Eq)]
struct PidFile {
    pid: i32,
    socket_dir: PathBuf,
    ready: bool,
}

impl PidFile {
    fn read(data: &Path) -> Result<Option<Self>, ClusterError> {
        let path = data.join("postmaster.pid");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at("read", &path)(error)),
        }
    }

    /// An empty file is one that is just being written, or one that a full disk cut off.
    fn parse(text: &str) -> Option<Self> {
        let line = |number: usize| text.lines().nth(number - 1).unwrap_or_default().trim();
        let pid = line(1).parse().ok().filter(|pid| *pid > 0)?;
        Some(Self { pid, socket_dir: PathBuf::from(line(5)), ready: line(8) == "ready" })
    }
}

/// True when process `pid` lives and is the postmaster of `data`. A process id can have been given to another program since.
fn is_postmaster(pid: i32, data: &Path) -> bool {
    if kill(Pid::from_raw(pid), None).is_err_and(|error| matches!(error, Errno::ESRCH | Errno::EPERM)) {
        return false;
    }
    let process = PathBuf::from(format!("/proc/{pid}"));
    let Ok(stat) = fs::read_to_string(process.join("stat")) else {
        // No /proc on this system: the signal's answer has to do.
        return true;
    };
    // A dead process that its parent has not collected still answers signals.
    let dead = stat.rsplit(')').next().is_some_and(|rest| matches!(rest.trim_start().chars().next(), Some('Z' | 'X')));
    // The postmaster's working directory is its data directory.
    !dead && fs::read_link(process.join("cwd")).map_or(true, |cwd| cwd == data)
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_file_is_read_at_every_stage_of_its_life() {
        let full = "4711\n/d/data\n1700000000\n5432\n/tmp/x\n\n  5432001    131072\nready   \n";
        let file = |ready| Some(PidFile { pid: 4711, socket_dir: PathBuf::from("/tmp/x"), ready });
        assert_eq!(PidFile::parse(full), file(true));
        assert_eq!(PidFile::parse(&full.replace("ready ", "starting")), file(false));
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("-1\n"), None);
        assert_eq!(PidFile::parse("4711\n").map(|file| file.ready), Some(false));
    }

    #[test]
    fn a_process_that_lives_but_sits_elsewhere_is_not_the_postmaster() {
        let own = i32::try_from(std::process::id()).expect("a process id");
        let cwd = std::env::current_dir().expect("a working directory");
        assert!(is_postmaster(own, &cwd));
        if Path::new("/proc/self/stat").exists() {
            assert!(!is_postmaster(own, Path::new("/nowhere")));
        }
    }

    #[test]
    fn a_dead_process_that_nobody_collected_is_not_the_postmaster() {
        let mut child = std::process::Command::new("true").spawn().expect("true runs");
        let pid = i32::try_from(child.id()).expect("a process id");
        let cwd = std::env::current_dir().expect("a working directory");
        let since = Instant::now();
        while is_postmaster(pid, &cwd) && since.elapsed() < Duration::from_secs(10) {
            std::thread::yield_now();
        }
        if Path::new("/proc/self/stat").exists() {
            assert!(!is_postmaster(pid, &cwd));
        }
        child.wait().expect("collected");
        assert!(!is_postmaster(pid, &cwd));
    }
}
