//! The `depeche` binary as a process on a config of its own: started, signalled, killed, asked.
//! It asserts nothing but that processes start and end.

use std::{
    fs::{self, File},
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{depeche_binary, newsroom::LiveSlot, wait_until};

/// A directory with a config file, in which processes run.
pub(crate) struct Site {
    pub(crate) dir: PathBuf,
}

/// What a site's config says beside the usual.
pub(crate) struct SiteConfig<'a> {
    /// Postgres; none for the private cluster below the directory.
    pub(crate) url: Option<&'a str>,
    /// Relays: name, port, connections.
    pub(crate) relays: &'a [(&'a str, u16, u16)],
    pub(crate) slot: &'a LiveSlot,
    /// More lines of `[mail]`.
    pub(crate) mail: &'a str,
}

impl Site {
    pub(crate) fn new(dir: &Path, config: &SiteConfig<'_>) -> Self {
        let site = Self { dir: dir.to_owned() };
        site.write(config);
        site
    }

    /// Writes the config anew, as an editor would.
    pub(crate) fn write(&self, config: &SiteConfig<'_>) {
        let SiteConfig { url, relays, slot, mail } = config;
        let url = url.map(|url| format!("url = \"{url}\"")).unwrap_or_default();
        let relays: String = relays
            .iter()
            .map(|(name, port, connections)| {
                format!(
                    "[[relay]]\nname = \"{name}\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n\
                     connections = {connections}\nehlo = \"sender.example\"\n"
                )
            })
            .collect();
        let text = format!(
            "data_dir = \"data\"\n[publisher]\nname = \"Le Fanal\"\nhome_url = \"https://lefanal.example/\"\n\
             postal_address = \"1 rue de l'Exemple, 44000 Nantes\"\ncontact = \"redaction@lefanal.example\"\n\
             base_url = \"https://lettres.lefanal.example/\"\nlanguage = \"fr\"\nzone = \"Etc/UTC\"\n\
             [database]\n{url}\n[mail]\nfrom = \"resume@lettres.lefanal.example\"\n{mail}\n{relays}\
             [schedules.live]\ncron = \"{}\"\n[web]\nlisten = \"127.0.0.1:0\"\n[log]\nlevel = \"info\"\n",
            slot.cron
        );
        fs::write(self.config(), text).expect("the config is written");
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn config(&self) -> PathBuf {
        self.dir.join("depeche.toml")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(depeche_binary());
        command.args(arguments).arg("--config").arg(self.config()).stdin(Stdio::null());
        command.env_remove("DATABASE_URL").env("DEPECHE_NODE__NAME", "test");
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn ask(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().expect("the binary starts")).await.expect("no panic")
    }

    /// Starts a daemon; its log goes to `daemon.log`.
    pub(crate) fn start(&self, arguments: &[&str], environment: &[(&str, &Path)]) -> Daemon {
        let log = self.dir.join("daemon.log");
        let file = File::options().create(true).append(true).open(&log).expect("a log file");
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(file);
        Daemon { child: command.spawn().expect("the binary starts"), log }
    }
}

/// A running daemon, killed with its test.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        kill(pid, signal).expect("the daemon is there");
    }

    /// Kills it as kill -9 does, and collects it.
    pub(crate) fn kill_nine(&mut self) {
        self.child.kill().expect("killed");
        let status = self.child.wait().expect("collected");
        assert_eq!(status.signal(), Some(9), "it was running until then: {}", self.log());
    }

    /// Waits for its own end.
    pub(crate) async fn end(&mut self, limit: Duration) -> ExitStatus {
        let child = std::cell::RefCell::new(&mut self.child);
        wait_until("the daemon's end", limit, || {
            let ended = child.borrow_mut().try_wait().expect("a child of ours");
            async move { ended }
        })
        .await
    }

    /// What it logged so far, with the daemons before it.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
