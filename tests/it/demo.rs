//! Shows the demo from end to end: the binary, its mails, its table, and that nothing is left of it.
//! It does not test the parts alone; their files do.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::support::{depeche_binary, wait_until};

/// The promise is 60 s on two idle cores; tests share them.
const LIMIT: Duration = Duration::from_mins(2);

/// A running demo.
struct Running {
    child: Child,
    out: PathBuf,
    begun: Instant,
}

/// What a demo left.
struct Left {
    code: Option<i32>,
    said: String,
    complained: String,
    took: Duration,
}

impl Running {
    fn start(out: &Path, more: &[&str]) -> Self {
        let child = Command::new(depeche_binary())
            .args(["demo", "--out"])
            .arg(out)
            .args(more)
            // A server that is set up for something else must not be touched.
            .env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing")
            .env("DEPECHE_MAIL__FROM", "not an address")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        Self { child, out: out.to_owned(), begun: Instant::now() }
    }

    /// The private Postgres: where it is, and its process.
    async fn postmaster(&self) -> (PathBuf, Pid) {
        let data = self.out.join(".depeche");
        wait_until("the demo's Postgres", LIMIT, || async {
            let root = match fs::read_to_string(data.join("postgres.elsewhere")) {
                Ok(line) => PathBuf::from(line.trim_end()),
                Err(_) => data.join("postgres"),
            };
            let pid = fs::read_to_string(root.join("data/postmaster.pid")).ok()?.lines().next()?.parse().ok()?;
            Some((root, Pid::from_raw(pid)))
        })
        .await
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).expect("a pid")), signal).expect("it runs");
    }

    fn end(self) -> Left {
        let output = self.child.wait_with_output().expect("it ends");
        Left {
            code: output.status.code(),
            said: String::from_utf8(output.stdout).expect("UTF-8"),
            complained: String::from_utf8(output.stderr).expect("UTF-8"),
            took: self.begun.elapsed(),
        }
    }
}

fn nothing_is_left(out: &Path, (root, postmaster): (PathBuf, Pid)) {
    assert!(kill(postmaster, None).is_err(), "the Postgres of the demo still runs");
    assert!(!root.exists() && !out.join(".depeche").exists(), "its data are still there");
}

/// The files with this ending, by name.
fn files(out: &Path, ending: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(out)
        .expect("the directory")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == ending) && !path.ends_with("index.html"))
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("readable"))
        })
        .collect();
    files.sort();
    files
}

/// The table without what differs from run to run.
fn table(said: &str) -> &str {
    said.split("\nThe day took").next().unwrap_or_default()
}

#[tokio::test]
async fn the_demo_lives_through_a_day_mails_it_and_leaves_nothing_running_twice_the_same() {
    let open = tempfile::tempdir().expect("a directory");
    fs::set_permissions(open.path(), fs::Permissions::from_mode(0o755)).expect("readable for all");
    // Like /root: Postgres's own account may not enter there.
    let closed = tempfile::tempdir().expect("a directory");
    fs::write(open.path().join("mine.txt"), "not the demo's").expect("written");
    let mut tables = Vec::new();
    for out in [open.path(), closed.path()] {
        let running = Running::start(out, &[]);
        let postmaster = running.postmaster().await;
        let left = running.end();
        assert_eq!(left.code, Some(0), "{}{}", left.said, left.complained);
        assert!(left.took < LIMIT, "it took {:?}", left.took);
        nothing_is_left(out, postmaster);
        the_numbers_add_up(&left.said, files(out, "eml").len());
        tables.push(table(&left.said).to_owned());
    }
    assert_eq!(tables[0], tables[1]);
    assert_eq!(fs::read_to_string(open.path().join("mine.txt")).expect("still there"), "not the demo's");
    the_index_leads_to_every_mail(closed.path());
    every_mail_parses_in_python(closed.path());
    the_wire_story_stands_once(closed.path());
    publishers_points_are_word_for_word(closed.path());
    nothing_of_the_feeds_noise_is_left(closed.path());
}

fn the_numbers_add_up(said: &str, mails: usize) {
    let line = said.lines().find(|line| line.starts_with("planned ")).expect("the sum");
    let numbers: Vec<usize> = line.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
    let [planned, alerts, sent, failed, skipped, waiting] = numbers[..] else { panic!("{line}") };
    assert_eq!(planned, sent + failed + skipped + waiting, "{line}");
    assert_eq!(sent, mails, "{line}");
    assert!(alerts >= 4 && sent >= 14 && failed == 1 && skipped == 2 && waiting == 0, "{line}");
    assert!(said.contains("polled 8 feeds ") && said.contains("stored 40 articles (7 older"), "{said}");
    for why in ["550 5.1.1", "taken at attempt 2", "paused", "unsubscribed"] {
        assert!(said.contains(why), "`{why}` is not among the reasons:\n{said}");
    }
    let hostile = said.split("Le Piège was refused").nth(1).expect("the hostile feed is named");
    let complaints = hostile.lines().skip(1).take_while(|line| line.starts_with("  ")).filter(|l| l.contains('•'));
    assert!(complaints.count() >= 3, "{said}");
    for publisher in ["Le Fanal", "Sillage", "The Harbour Courier", "Lindenhafener Bote", "De Waardbode"] {
        let row = said.lines().find(|line| line.starts_with(publisher)).expect("a row");
        assert!(!row.ends_with(" 0"), "{row}: the others went on");
    }
}

fn the_index_leads_to_every_mail(out: &Path) {
    let index = fs::read_to_string(out.join("index.html")).expect("an index");
    let mails = files(out, "eml");
    for ending in ["eml", "html", "txt"] {
        let found = files(out, ending);
        assert_eq!(found.len(), mails.len(), "{ending}");
        for (name, text) in found {
            assert!(index.contains(&format!("href=\"{name}\"")), "{name} is not in the index");
            assert!(text.len() > 400, "{name} is all but empty");
        }
    }
    assert!(!index.contains("<script"));
}

fn every_mail_parses_in_python(out: &Path) {
    const SCRIPT: &str = "
import email, email.policy, glob, sys
for path in glob.glob(sys.argv[1] + '/*.eml'):
    mail = email.message_from_binary_file(open(path, 'rb'), policy=email.policy.default)
    defects = [d for part in mail.walk() for d in part.defects]
    text, html = mail.get_body(('plain',)).get_content(), mail.get_body(('html',)).get_content()
    assert not defects and mail['subject'] and text and html, (path, defects)
    assert text.replace('\\r', '').strip() == open(path[:-3] + 'txt').read().strip(), path
";
    let python = Command::new("python3").args(["-c", SCRIPT]).arg(out).output();
    match python {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => eprintln!("skipped: python3: {error}"),
    }
}

fn the_wire_story_stands_once(out: &Path) {
    let versions = ["/tempete-ilda-trains", "/tempete-ilda-ligne-de-la-cote", "/ilda-pas-de-train"];
    let mut carriers = 0;
    for (name, text) in files(out, "txt") {
        let counts = versions.map(|version| text.matches(version).count());
        if counts == [0, 0, 0] {
            continue;
        }
        carriers += 1;
        assert_eq!(counts, [1, 1, 1], "{name}");
        let after = text.split(versions[0]).nth(1).unwrap_or_default();
        assert!(after.trim_start().starts_with("Aussi chez"), "{name}: the others stand under the publisher's own");
    }
    assert!(carriers >= 2, "{carriers} mails carry the wire story");
}

fn publishers_points_are_word_for_word(out: &Path) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo/samples");
    let mails = files(out, "html");
    let mut blocks = 0;
    for (file, text) in files(&samples, "txt") {
        for article in text.split("\n=== ").skip(1) {
            let points: Vec<&str> = article.lines().filter_map(|line| line.strip_prefix("• ")).collect();
            if points.is_empty() {
                continue;
            }
            blocks += 1;
            let whole = |html: &String| points.iter().all(|point| html.contains(point));
            let slug = article.lines().next().unwrap_or_default();
            assert!(mails.iter().any(|(_, html)| whole(html)), "{file}: no mail has the points of {slug}");
        }
    }
    assert_eq!(blocks, 11);
}

fn nothing_of_the_feeds_noise_is_left(out: &Path) {
    let noise = ["utm_", "fbclid", "Abonnez-vous", "apparu en premier", "appeared first", "Newsletter", "nieuwsbrief"];
    for (name, text) in files(out, "html").into_iter().chain(files(out, "txt")) {
        for word in noise {
            assert!(!text.contains(word), "{name} holds `{word}`");
        }
    }
}

#[tokio::test]
async fn a_demo_that_is_interrupted_leaves_nothing_running() {
    let out = tempfile::tempdir().expect("a directory");
    let running = Running::start(out.path(), &[]);
    let postmaster = running.postmaster().await;
    running.signal(Signal::SIGINT);
    let left = running.end();
    assert_eq!(left.code, Some(1), "{}{}", left.said, left.complained);
    assert!(left.complained.contains("stopped before the end of the day"), "{}", left.complained);
    nothing_is_left(out.path(), postmaster);
}

#[tokio::test]
async fn a_demo_that_stays_up_shows_its_inbox_until_it_is_told_to_end() {
    let out = tempfile::tempdir().expect("a directory");
    let mut running = Running::start(out.path(), &["--serve"]);
    let postmaster = running.postmaster().await;
    let mut lines = BufReader::new(running.child.stdout.take().expect("piped")).lines();
    let address = lines.find_map(|line| {
        let line = line.expect("a line");
        Some(line.strip_prefix("The inbox is at http://")?.split('/').next()?.to_owned())
    });
    let address = address.expect("it says where the inbox is");
    let page = get(&address, "/");
    let mail =
        page.split("href=\"").find_map(|rest| rest.split('"').next().filter(|href| href.ends_with("claire.html")));
    let name = mail.expect("a mail to claire");
    let mail = get(&address, &format!("/{name}"));
    assert!(mail.starts_with("HTTP/1.1 200 OK") && mail.contains("Le Fanal"), "{mail}");
    let text = get(&address, &format!("/{}", name.replace(".html", ".txt")));
    let leave = text.lines().find_map(|line| line.strip_prefix("http://").filter(|link| link.contains("/u/tk_")));
    let (pages, path) = leave.expect("a link to leave by").split_once('/').expect("a path");
    let page = get(pages, &format!("/{path}"));
    assert!(page.starts_with("HTTP/1.1 200 OK") && page.contains("Le Fanal"), "{page}");
    assert!(get(&address, "/../Cargo.toml").starts_with("HTTP/1.1 404"));
    running.signal(Signal::SIGTERM);
    // The pipe must be empty before the end is waited for.
    let rest: Vec<String> = lines.map(|line| line.expect("a line")).collect();
    let left = running.end();
    assert_eq!(left.code, Some(0), "{rest:?}{}", left.complained);
    nothing_is_left(out.path(), postmaster);
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(LIMIT)).expect("a limit");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}
