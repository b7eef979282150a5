//! Shows that bad input gets a sentence with place and remedy and exit code 2, and that nothing of it is applied.
//! Which faults there are, the parts' own tests list in full.

use std::fs;

use crate::support::TestDatabase;

use super::{MINIMAL, Shell};

/// Refuses `config` as soon as any command reads it.
fn check_config(config: &str, parts: &[&str]) {
    let shell = Shell::new(config);
    for command in [&["check"][..], &["feed", "list"]] {
        shell.depeche(command).is_refusal(2, parts);
    }
    let left: Vec<_> = fs::read_dir(shell.directory.path()).expect("its directory").collect();
    assert_eq!(left.len(), 1, "a refused config makes nothing: {left:?}");
}

#[test]
fn a_faulty_config_is_refused_with_file_line_and_remedy() {
    let added = |text: &str| format!("data_dir = \"data\"\n{MINIMAL}{text}");
    check_config(&added("form = \"x\""), &["depeche.toml:12: mail.form: is no key here; did you mean `from`?"]);
    check_config(
        &added("[schedules.morning]\ncron = \"0 25 * * *\""),
        &["depeche.toml:13: schedules.morning.cron: `0 25 * * *`, field 2 (hour)"],
    );
    check_config(
        &added("").replace("Europe/Paris", "Europe/Pari"),
        &["depeche.toml:9: publisher.zone: `Europe/Pari` is not a time zone; did you mean `Europe/Paris`?"],
    );
    check_config(
        &added("[[relay]]\nname = \"main\"\nhost = \"smtp.lefanal.example\"\ntls = \"none\""),
        &["depeche.toml:15: relay.tls: is \"none\", but `smtp.lefanal.example` is not this machine", "\"starttls\""],
    );
    check_config(&added("]"), &["depeche.toml:12: "]);
    check_config("", &["publisher.name: is missing", "mail.from: is missing"]);
}

#[test]
fn a_missing_config_is_named_with_the_places_looked_at() {
    let shell = Shell::new(MINIMAL);
    let named = shell.depeche(&["check", "--config", "other.toml"]);
    named.is_refusal(2, &["other.toml: cannot read the config"]);
    fs::remove_file(shell.path("depeche.toml")).expect("it is there");
    // What a machine with an installed depeche has is no business of this test.
    if !std::path::Path::new("/etc/depeche/depeche.toml").exists() {
        shell
            .depeche(&["check"])
            .is_refusal(2, &["there is no config: neither ./depeche.toml", "--config", "copy config"]);
    }
}

#[test]
fn a_wrong_filter_gets_a_caret_and_what_would_be_right() {
    let shell = Shell::new(MINIMAL);
    let answer = shell.depeche(&["topic", "test", "tramway AND (bus OR"]);
    let said = "\
depeche: `OR` has nothing behind it
depeche:   tramway AND (bus OR
depeche:                    ^^
depeche: write a word behind it, or take `OR` away
";
    assert_eq!((answer.code, answer.err.as_str()), (Some(2), said));
}

#[test]
fn a_file_that_is_no_feed_is_refused_by_its_name() {
    let shell = Shell::new(MINIMAL);
    shell.write("page.html", "<!doctype html><title>Le Fanal</title><p>No feed.");
    shell.write("empty.xml", "");
    let check = |file: &str, part: &str| shell.depeche(&["feed", "preview", file]).is_refusal(2, &[file, part]);
    check("page.html", "a web page (\"Le Fanal\"), not a feed");
    check("empty.xml", "empty");
    check("absent.xml", "name a file that is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_template_is_named_with_its_line() {
    let database = TestDatabase::new().await;
    let shell = Shell::new(&format!("{MINIMAL}[templates]\ndir = \"own\"\n")).with("DATABASE_URL", &database.url);
    let check = |name: &str, text: &str, parts: &[&str]| {
        let _ = fs::remove_dir_all(shell.path("own"));
        shell.write(&format!("own/{name}"), text);
        let answer = shell.depeche(&["check"]);
        let line = answer.out.lines().find(|line| line.starts_with("fail  templates: ")).unwrap_or_default();
        assert!(answer.code == Some(1) && parts.iter().all(|part| line.contains(part)), "{name}: {answer:?}");
    };
    check("mail/digest.html.hbs", "<p>one\n{{#if two}}\n", &["mail/digest.html.hbs:"]);
    check("mail/digets.html.hbs", "", &["mail/digets.html.hbs", "did you mean `mail/digest.html.hbs`?"]);
    check("web/message.hbs", "{{{title}}}", &["web/message.hbs:1: "]);
}

/// Every table that a command could have written to.
const WRITTEN: &str = "select (select count(*) from act) + (select count(*) from feed) + (select count(*) from topic)
    + (select count(*) from filter) + (select count(*) from subscriber) + (select count(*) from subscription)
    + (select count(*) from consent) + (select count(*) from suppression) + (select count(*) from hold)";

#[tokio::test(flavor = "multi_thread")]
async fn refused_input_leaves_nothing_behind() {
    let database = TestDatabase::new().await;
    let shell = Shell::new(MINIMAL).with("DATABASE_URL", &database.url);
    let check = |arguments: &[&str], parts: &[&str]| shell.depeche(arguments).is_refusal(2, parts);
    check(&["feed", "add", "lefanal"], &["lefanal"]);
    check(&["feed", "add", "https://a.example/f", "--language", "klingon"], &["klingon"]);
    check(&["topic", "add", "Énergie", "--title", "Énergie", "--filter", "solaire"], &["such as `energie`"]);
    check(&["topic", "add", "energie", "--title", "Énergie", "--filter", "(solaire"], &["(solaire", "^"]);
    check(&["topic", "add", "energie", "--title", "es=Energía", "--filter", "solaire"], &["`es` is not a language"]);
    let add = |more: &[&str], parts: &[&str]| check(&[&["subscriber", "add", "lea@example.org"], more].concat(), parts);
    check(&["subscriber", "add", "lea.example.org"], &["has no @"]);
    add(&["--topic", "transports"], &["there is no topic `transports`"]);
    add(&["--zone", "Europe/Pari"], &["did you mean `Europe/Paris`?"]);
    add(&["--schedule", "mornin"], &["did you mean `morning`?"]);
    add(&["--filter", "tramway OR"], &["tramway OR", "^"]);
    add(&["--language", "es"], &["`es` is not a language of the pages and mails"]);
    shell.write("readers.csv", "email,zone\nlea@example.org,Europe/Paris\ntom@example.org,Europe/Pari\n\"x,\n");
    check(
        &["subscriber", "import", "readers.csv"],
        &["readers.csv: 2 lines cannot be imported, so nothing was:", "readers.csv:3: zone: ", "readers.csv:4: "],
    );
    check(&["subscriber", "import", "absent.csv"], &["absent.csv", "name a file that is there"]);
    check(&["hold", "--relay", "main"], &["there is no relay `main`"]);
    check(&["hold", "--schedule", "mornin"], &["did you mean `morning`?"]);
    check(&["delivery", "show", "17"], &["one looks like 2027-03-28T05:00:00Z/17/3"]);
    check(&["delivery", "list", "--since", "soonish"], &["--since: "]);
    let rows: i64 = sqlx::query_scalar(WRITTEN).fetch_one(&database.pool).await.expect("a count");
    assert_eq!(rows, 0);
}
