//! Shows the private cluster: start, stop, take-over, recovery, refusal, and a database per test.
//! It does not test the parts alone; their files do.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use depeche::store::cluster::{Cluster, ClusterConfig, ClusterError};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection};

use crate::support::database::Scratch;
use crate::support::{TestDatabase, wait_until};

/// A start with `initdb` takes 2 s on an idle machine; this is for a very busy one.
const LIMIT: Duration = Duration::from_mins(2);

async fn connect(cluster: &Cluster) -> PgConnection {
    cluster.connect_options().connect().await.expect("the server serves")
}

async fn write(cluster: &Cluster) {
    let mut connection = connect(cluster).await;
    connection.execute("create table if not exists kept (n integer)").await.expect("a table");
    connection.execute("insert into kept select generate_series(1, 1000)").await.expect("committed");
    connection.close().await.expect("closed");
}

async fn kept(cluster: &Cluster) -> i64 {
    let mut connection = connect(cluster).await;
    sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection).await.expect("read")
}

fn start_file(cluster: &Cluster) -> PathBuf {
    cluster.root().join("data/postmaster.pid")
}

fn signal(pid: i32, signal: Signal) {
    kill(Pid::from_raw(pid), signal).expect("the process is there");
}

async fn gone(pid: i32) {
    wait_until("the process to end", LIMIT, || async {
        // One that nobody has collected yet is dead, too.
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        (kill(Pid::from_raw(pid), None).is_err() || stat.contains(") Z ")).then_some(())
    })
    .await;
}

const OWNER: &str = "DEPECHE_TEST_CLUSTER_OWNER";

/// Not a test of its own: the process that the tests below start and kill is this binary with `OWNER` set.
#[tokio::test]
async fn owner_for_the_tests_that_kill_one() {
    let Some(data_dir) = std::env::var_os(OWNER) else { return };
    let cluster = Cluster::start(&ClusterConfig::new(&data_dir)).await.expect("the owner starts it");
    write(&cluster).await;
    let ready = Path::new(&data_dir).join("owner.ready");
    fs::write(ready.with_extension("new"), cluster.pid().to_string()).expect("written");
    fs::rename(ready.with_extension("new"), ready).expect("renamed");
    tokio::time::sleep(LIMIT).await;
}

/// Another process that owns the cluster of `data_dir`, and the postmaster's process id.
async fn owner(data_dir: &Path) -> (Child, i32) {
    let mut command = Command::new(std::env::current_exe().expect("this binary"));
    command.args(["--exact", "cluster::owner_for_the_tests_that_kill_one"]).env(OWNER, data_dir);
    let owner = command.stdout(Stdio::null()).spawn().expect("this binary runs");
    let ready = data_dir.join("owner.ready");
    let postmaster = wait_until("the owner", LIMIT, || async { fs::read_to_string(&ready).ok()?.parse().ok() }).await;
    (owner, postmaster)
}

fn kill_nine(mut owner: Child) {
    owner.kill().expect("killed");
    owner.wait().expect("collected");
}

#[tokio::test]
async fn what_was_written_is_there_after_a_stop_and_nothing_runs_in_between() {
    let scratch = Scratch::new("stop");
    let config = ClusterConfig::new(scratch.path().join("data"));
    let cluster = Cluster::start(&config).await.expect("started");
    write(&cluster).await;
    let (pid, file) = (cluster.pid(), start_file(&cluster));
    assert!(file.exists());
    cluster.stop().await.expect("stopped");
    assert!(!file.exists());
    assert!(kill(Pid::from_raw(pid), None).is_err(), "the postmaster is gone and collected");

    let cluster = Cluster::start(&config).await.expect("started again");
    assert_eq!(kept(&cluster).await, 1000);
    let by_url: i64 = {
        let mut connection = PgConnection::connect(&cluster.url()).await.expect("the URL connects");
        sqlx::query_scalar("select count(*) from kept").fetch_one(&mut connection).await.expect("read")
    };
    assert_eq!(by_url, 1000);
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn the_server_listens_on_a_private_socket_only_and_keeps_what_it_commits() {
    let scratch = Scratch::new("private");
    let cluster = Cluster::start(&ClusterConfig::new(scratch.path())).await.expect("started");
    let mut connection = connect(&cluster).await;
    for (setting, expected) in
        [("listen_addresses", ""), ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")]
    {
        let value: String = sqlx::query_scalar("select current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .expect("read");
        assert_eq!(value, expected, "{setting}");
    }
    let (encoding, collate): (String, String) = sqlx::query_as(
        "select pg_encoding_to_char(encoding), datcollate from pg_database where datname = current_database()",
    )
    .fetch_one(&mut connection)
    .await
    .expect("read");
    assert_eq!((encoding.as_str(), collate.as_str()), ("UTF8", "C.UTF-8"));
    let socket: String =
        sqlx::query_scalar("show unix_socket_directories").fetch_one(&mut connection).await.expect("read");
    assert_eq!(fs::metadata(socket).expect("a directory").mode() & 0o777, 0o700);
    connection.close().await.expect("closed");
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_dropped_cluster_is_asked_to_stop() {
    let scratch = Scratch::new("drop");
    let cluster = Cluster::start(&ClusterConfig::new(scratch.path())).await.expect("started");
    let pid = cluster.pid();
    drop(cluster);
    gone(pid).await;
}

#[tokio::test]
async fn the_server_of_a_killed_daemon_is_taken_over_and_stopped_at_the_end() {
    let scratch = Scratch::new("takeover");
    let (owner, postmaster) = owner(scratch.path()).await;
    kill_nine(owner);
    assert!(kill(Pid::from_raw(postmaster), None).is_ok(), "the server outlives its daemon");
    let cluster = Cluster::start(&ClusterConfig::new(scratch.path())).await.expect("taken over");
    assert_eq!(cluster.pid(), postmaster);
    assert_eq!(kept(&cluster).await, 1000);
    cluster.stop().await.expect("stopped");
    gone(postmaster).await;
}

#[tokio::test]
async fn daemon_and_server_killed_together_come_back_with_all_that_was_committed() {
    let scratch = Scratch::new("both");
    let (owner, postmaster) = owner(scratch.path()).await;
    signal(postmaster, Signal::SIGKILL);
    kill_nine(owner);
    gone(postmaster).await;
    let cluster = Cluster::start(&ClusterConfig::new(scratch.path())).await.expect("recovered");
    assert_ne!(cluster.pid(), postmaster);
    assert_eq!(kept(&cluster).await, 1000);
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_server_killed_under_a_living_daemon_is_revived_where_the_pool_looks_for_it() {
    let scratch = Scratch::new("revive");
    let mut cluster = Cluster::start(&ClusterConfig::new(scratch.path())).await.expect("started");
    write(&cluster).await;
    assert!(!cluster.revive().await.expect("nothing to do"));
    let (pid, url) = (cluster.pid(), cluster.url());
    signal(pid, Signal::SIGKILL);
    gone(pid).await;
    assert!(cluster.revive().await.expect("revived"));
    assert_eq!((cluster.url(), kept(&cluster).await), (url, 1000));
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_second_daemon_is_refused_by_name_and_a_command_is_let_in() {
    let scratch = Scratch::new("second");
    let (owner, postmaster) = owner(scratch.path()).await;
    let config = ClusterConfig::new(scratch.path());
    let refusal = Cluster::start(&config).await.expect_err("refused").to_string();
    assert!(refusal.contains(&format!("process {}", owner.id())), "{refusal}");
    assert_eq!(refusal.lines().count(), 1);

    let command = Cluster::join(&config).await.expect("let in");
    assert_eq!((command.pid(), kept(&command).await), (postmaster, 1000));
    command.stop().await.expect("left");
    let command = Cluster::join(&config).await.expect("the daemon's server still runs");
    assert_eq!(command.pid(), postmaster);
    kill_nine(owner);
    command.stop().await.expect("the last one stops it");
    gone(postmaster).await;
}

#[tokio::test]
async fn data_of_another_version_are_refused_and_the_commands_given_move_them() {
    let scratch = Scratch::new("version");
    let config = ClusterConfig::new(scratch.path());
    let cluster = Cluster::start(&config).await.expect("started");
    write(&cluster).await;
    let version = cluster.root().join("data/PG_VERSION");
    cluster.stop().await.expect("stopped");
    let real = fs::read_to_string(&version).expect("a version");
    fs::write(&version, "13\n").expect("written");
    let refusal = Cluster::start(&config).await.expect_err("refused");
    fs::write(&version, real).expect("written");

    let text = refusal.to_string();
    let ClusterError::OtherVersion { data: 13, bin, commands, .. } = refusal else { panic!("{text}") };
    assert!(text.contains("made by PostgreSQL 13") && text.contains("pg_dump"), "{text}");
    // Both sides are the installed version here; only the names in the commands are of another.
    let commands = commands.replace("/usr/lib/postgresql/13/bin", bin.to_str().expect("a plain path"));
    // Like /var/tmp, a directory that the server's account may write, but one that ends with this test.
    let open = scratch.path().join("open");
    fs::create_dir(&open).expect("a directory");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o1777)).expect("opened");
    let commands = commands.replace("/var/tmp", open.to_str().expect("a plain path"));
    let moved = Command::new("sh").args(["-ec", &commands]).current_dir("/").output();
    let moved = moved.expect("sh runs");
    assert!(moved.status.success(), "{commands}\n{}", String::from_utf8_lossy(&moved.stderr));
    let cluster = Cluster::start(&config).await.expect("started on the moved data");
    assert_eq!(kept(&cluster).await, 1000);
    cluster.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_path_longer_than_a_socket_may_be_works() {
    let scratch = Scratch::new("long");
    let data_dir = scratch.path().join("a-long-name".repeat(15)).join("with a blank, 'a quote' and é");
    let cluster = Cluster::start(&ClusterConfig::new(&data_dir)).await.expect("started");
    write(&cluster).await;
    assert_eq!(kept(&cluster).await, 1000);
    cluster.remove().await.expect("removed");
    assert_eq!(fs::read_dir(&data_dir).expect("it stays").count(), 0, "nothing is left in it");
}

#[tokio::test]
async fn without_programs_one_line_says_what_to_install() {
    let scratch = Scratch::new("none");
    let programs = Some(scratch.path().to_owned());
    let config = ClusterConfig { programs, ..ClusterConfig::new(scratch.path().join("data")) };
    let refusal = Cluster::start(&config).await.expect_err("refused").to_string();
    assert!(refusal.contains("apt install postgresql") && refusal.contains("DATABASE_URL"), "{refusal}");
    assert_eq!(refusal.lines().count(), 1);
}

#[tokio::test]
async fn the_server_never_runs_as_root() {
    let scratch = Scratch::new("account");
    let cluster = Cluster::start(&ClusterConfig::new(scratch.path())).await.expect("started");
    let owner = fs::metadata(start_file(&cluster)).expect("the server wrote it").uid();
    if geteuid().is_root() {
        assert_ne!(owner, 0);
    } else {
        assert_eq!(owner, geteuid().as_raw());
    }
    cluster.stop().await.expect("stopped");

    if geteuid().is_root() {
        // Data that belong to an account are run by it: here the one that every system has.
        let nobody = nix::unistd::User::from_name("nobody").expect("a lookup").expect("every system has it");
        let data_dir = scratch.path().join("nobody");
        fs::create_dir_all(data_dir.join("postgres/data")).expect("a directory");
        chown(data_dir.join("postgres/data"), Some(nobody.uid.as_raw()), Some(nobody.gid.as_raw()))
            .expect("handed over");
        let cluster = Cluster::start(&ClusterConfig::new(&data_dir)).await.expect("started");
        assert_eq!(fs::metadata(start_file(&cluster)).expect("the server wrote it").uid(), nobody.uid.as_raw());
        cluster.stop().await.expect("stopped");
    }
}

#[tokio::test]
async fn roots_closed_directory_has_its_database_elsewhere_and_finds_it_after_a_move() {
    if !geteuid().is_root() {
        return;
    }
    let scratch = Scratch::new("closed");
    let closed = scratch.path().join("closed");
    fs::DirBuilder::new().mode(0o700).create(&closed).expect("a directory like /root");
    let cluster = Cluster::start(&ClusterConfig::new(closed.join("data"))).await.expect("started");
    assert!(cluster.is_elsewhere() && !cluster.root().starts_with(&closed), "{:?}", cluster.root());
    write(&cluster).await;
    cluster.stop().await.expect("stopped");

    fs::rename(closed.join("data"), closed.join("moved")).expect("moved");
    let cluster = Cluster::start(&ClusterConfig::new(closed.join("moved"))).await.expect("started");
    assert_eq!(kept(&cluster).await, 1000);
    let root = cluster.root().to_owned();
    cluster.remove().await.expect("removed");
    assert!(!root.exists(), "nothing is left elsewhere");
}

#[tokio::test]
async fn every_test_has_a_database_of_its_own() {
    let (one, two) = (TestDatabase::new().await, TestDatabase::new().await);
    assert_ne!(one.url, two.url);
    let insert = "insert into notice (at, about, text) values (now(), 'a', 'b')";
    sqlx::query(insert).execute(&one.pool).await.expect("written");
    let count: i64 = sqlx::query_scalar("select count(*) from notice").fetch_one(&two.pool).await.expect("read");
    assert_eq!(count, 0);
    let by_url = sqlx::PgPool::connect(&one.url).await.expect("the URL connects");
    let count: i64 = sqlx::query_scalar("select count(*) from notice").fetch_one(&by_url).await.expect("read");
    assert_eq!(count, 1);
}
