//! Walks through the commands as an operator would in the first week, on a private cluster below a data directory.
//! Nothing of it needs a daemon.

use depeche::store::cluster::{Cluster, ClusterConfig};
use serde_json::{Value, json};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::support::database::Scratch;

use super::{MINIMAL, Shell};

/// A shell whose commands find their Postgres running, as beside a daemon, so that each need not start one.
async fn shell() -> (Shell, Cluster, Scratch) {
    let scratch = Scratch::new("cli");
    let data_dir = scratch.path().join("data");
    let config = format!("data_dir = {:?}\n{MINIMAL}", data_dir.display().to_string());
    let cluster = ClusterConfig { durable: false, ..ClusterConfig::new(&data_dir) };
    (Shell::new(&config), Cluster::join(&cluster).await.expect("a private Postgres"), scratch)
}

async fn acts(cluster: &Cluster) -> Vec<(String, String)> {
    let mut conn = cluster.connect_options().connect().await.expect("a connection");
    let acts = sqlx::query_as("select who, what from act order by id").fetch_all(&mut conn).await.expect("the journal");
    conn.close().await.expect("closed");
    acts
}

fn feeds_and_topics(shell: &Shell) {
    assert_eq!(shell.done(&["migrate"]), "the schema is laid\n");
    assert_eq!(shell.done(&["migrate"]), "the schema was up to date\n");
    assert!(shell.done(&["feed", "list"]).contains("no feeds yet"));
    shell.done(&["feed", "add", "https://a.example/feed.xml", "--own", "--title", "Le Fanal", "--language", "fr"]);
    shell.done(&["feed", "add", "https://b.example/feed.xml", "--mail-newest", "3"]);
    let again = shell.depeche(&["feed", "add", "https://a.example/feed.xml"]);
    again.is_refusal(1, &["is there already; see `depeche feed show https://a.example/feed.xml`"]);
    let feeds = shell.json(&["feed", "list"]);
    assert_eq!(
        (&feeds[0]["title"], &feeds[0]["own"], &feeds[1]["mail_newest"]),
        (&json!("Le Fanal"), &json!(true), &json!(3))
    );
    assert_eq!(shell.json(&["feed", "show", "le fanal"])["url"], "https://a.example/feed.xml");
    assert!(shell.done(&["feed", "show", "2"]).contains("https://b.example/feed.xml"));
    assert!(shell.done(&["feed", "poll", "--all"]).contains("2 feeds are due now"));
    shell.done(&[
        "topic",
        "add",
        "transports",
        "--title",
        "Transports",
        "--title",
        "en=Transport",
        "--filter",
        "tramway OR bus",
    ]);
    shell.done(&["topic", "add", "climat", "--title", "Climat", "--filter", "climat"]);
    shell
        .depeche(&["topic", "add", "climat", "--title", "C", "--filter", "c"])
        .is_refusal(1, &["there is a topic `climat`"]);
    let topics = shell.json(&["topic", "list"]);
    let slugs: Vec<&Value> = topics.as_array().into_iter().flatten().map(|topic| &topic["slug"]).collect();
    assert_eq!(slugs, ["climat", "transports"]);
    assert!(shell.done(&["topic", "list"]).contains("bus OR tramway"));
}

fn subscribers(shell: &Shell) {
    let added =
        shell.done(&["subscriber", "add", "lea@example.org", "--topic", "transports", "--zone", "Europe/Brussels"]);
    assert!(added.contains("follows 1 thing, schedule morning"), "{added}");
    let again = shell.depeche(&["subscriber", "add", "LEA@example.org"]);
    again.is_refusal(1, &["is there already (confirmed)"]);
    shell.write(
        "readers.csv",
        "email;topics;schedule\ntom@example.org;climat, transports;weekly\nlea@example.org;climat;morning\n",
    );
    let tried = shell.done(&["subscriber", "import", "readers.csv", "--dry-run"]);
    assert!(tried.starts_with("would import 1 subscriber (1 confirmed); skipped 1"), "{tried}");
    assert_eq!(shell.json(&["subscriber", "list"]).as_array().map(Vec::len), Some(1));
    let imported = shell.done(&["subscriber", "import", "readers.csv"]);
    assert_eq!(
        imported,
        "imported 1 subscriber (1 confirmed); skipped 1\n  line 3: is there already, and was not changed\n"
    );
    let from_input =
        shell.depeche_reads(&["subscriber", "import", "-"], "email,filters\nuwe@example.org,\"tramway -bus\"\n");
    assert_eq!(from_input.code, Some(0), "{from_input:?}");
    let lea = shell.json(&["subscriber", "show", "lea@example.org"]);
    assert_eq!((&lea["zone"], &lea["follows"][0]["topic"]), (&json!("Europe/Brussels"), &json!("transports")));
    assert!(shell.done(&["subscriber", "show", "tom@example.org"]).contains("tom@example.org"));
    let followers = shell.json(&["subscriber", "list", "--topic", "transports", "--status", "confirmed"]);
    assert_eq!(followers.as_array().map(Vec::len), Some(2));
}

/// What is exported is imported elsewhere as it was.
async fn exported(shell: &Shell) {
    let narrow = shell.depeche(&["subscriber", "export"]);
    assert!(narrow.err.contains("1 subscriber has filters of their own"), "{narrow:?}");
    let csv = shell.done(&["subscriber", "export", "--full"]);
    assert_eq!(csv.lines().next(), Some("email,language,zone,topics,schedule,status,created_at,reads,filters,updates"));
    let (other, cluster, _scratch) = self::shell().await;
    other.done(&["topic", "add", "transports", "--title", "Transports", "--filter", "tramway OR bus"]);
    other.done(&["topic", "add", "climat", "--title", "Climat", "--filter", "climat"]);
    other.write("backup.csv", &csv);
    assert!(other.done(&["subscriber", "import", "backup.csv"]).starts_with("imported 3 subscribers"));
    assert_eq!(other.done(&["subscriber", "export", "--full"]), csv);
    cluster.stop().await.expect("it stops");
}

fn holds_and_deliveries(shell: &Shell) {
    let held = shell.done(&["hold", "--topic", "transports", "--reason", "wrong headline"]);
    assert!(held.starts_with("held: topic transports\n") && held.contains("depeche release --topic"), "{held}");
    let twice = shell.json(&["hold", "--topic", "transports"]);
    assert_eq!((&twice["new"], &twice["reason"]), (&json!(false), &json!("wrong headline")));
    let listed = shell.json(&["hold", "--all", "--by", "tom"]);
    assert_eq!(listed["by"], "tom");
    assert_eq!(shell.json(&["hold", "--list"]).as_array().map(Vec::len), Some(2));
    assert!(shell.done(&["release", "--all"]).contains("still held: topic transports"));
    shell.done(&["release", "--topic", "transports"]);
    shell.depeche(&["release", "--all"]).is_refusal(1, &["there is no hold on everything; nothing is held"]);
    assert_eq!(shell.json(&["delivery", "list"]), json!([]));
    assert!(shell.done(&["delivery", "list", "--state", "failed"]).starts_with("no such deliveries since"));
    let absent = shell.depeche(&["delivery", "retry", "2027-03-28T05:00:00Z/17/3"]);
    absent.is_refusal(2, &["there is no delivery 2027-03-28T05:00:00Z/17/3; see `depeche delivery list`"]);
}

fn removals(shell: &Shell) {
    shell.done(&["subscriber", "remove", "lea@example.org"]);
    shell.depeche(&["subscriber", "remove", "lea@example.org"]).is_refusal(1, &["left already"]);
    shell.depeche(&["subscriber", "add", "lea@example.org"]).is_refusal(1, &["left on", "stays away"]);
    let back = shell.done(&["subscriber", "import", "readers.csv"]);
    assert!(back.contains("line 3: left, and stays away"), "{back}");
    assert!(shell.done(&["topic", "remove", "climat"]).contains("1 reader followed it"));
    shell.depeche(&["topic", "remove", "climat"]).is_refusal(2, &["there is no topic `climat`; there are: transports"]);
    shell.done(&["feed", "remove", "https://b.example/feed.xml"]);
    assert_eq!(shell.json(&["feed", "list"]).as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_first_week_goes_by_commands_alone() {
    let (shell, cluster, _scratch) = shell().await;
    feeds_and_topics(&shell);
    subscribers(&shell);
    exported(&shell).await;
    holds_and_deliveries(&shell);
    removals(&shell);
    let acts = acts(&cluster).await;
    let by = |who: &str| acts.iter().filter(|act| act.0 == who).map(|act| act.1.as_str()).collect::<Vec<_>>();
    assert_eq!(by("tom"), ["hold"]);
    let expected = [
        "feed add",
        "feed add",
        "feed poll",
        "topic add",
        "topic add",
        "subscriber add",
        "subscriber import",
        "subscriber import",
        "subscriber export",
        "subscriber export",
        "hold",
        "release",
        "release",
        "subscriber remove",
        "subscriber import",
        "topic remove",
        "feed remove",
    ];
    assert_eq!(by("ada"), expected, "every change stands in the journal by name, and nothing else does");
    cluster.stop().await.expect("it stops");
}
