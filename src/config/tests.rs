//! Shows by cases what `config` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use std::collections::BTreeSet;

use super::{document::Value, section::Known, *};

const MINIMAL: &str = r#"
[publisher]
name = "Le Fanal"
home_url = "https://www.lefanal.example/"
postal_address = "1 rue de l'Exemple"
contact = "redaction@lefanal.example"
base_url = "https://lettres.lefanal.example"
zone = "Europe/Paris"
[mail]
from = "resume@lettres.lefanal.example"
"#;

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn parse_with(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::parse(Path::new("/etc/depeche/depeche.toml"), text, &environment(variables))
}

fn parse(text: &str) -> Config {
    parse_with(text, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// The example with the `#` of every default taken off.
fn uncommented() -> String {
    let default = |line: &str| line.starts_with('#') && line[1..].starts_with(|c: char| c.is_ascii_lowercase());
    let lines = EXAMPLE.lines().map(|line| if default(line) { &line[1..] } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_says_the_defaults_of_the_code() {
    let as_it_is = format!("{:?}", parse(EXAMPLE));
    assert_eq!(as_it_is, format!("{:?}", parse(&uncommented())));
}

#[test]
fn every_key_is_in_the_example_with_its_default_and_no_other() {
    let text = uncommented();
    let (config, known) = sections::read(Path::new("depeche.toml"), &text, &Environment::default());
    config.unwrap_or_else(|error| panic!("{error}"));
    let mut written = BTreeSet::new();
    leaves("", &document::parse(&text).expect("TOML"), &mut written);
    // The second schedule is there to show that there may be several.
    written.retain(|(path, _)| !path.starts_with("schedules.weekly"));
    let plain: BTreeSet<String> = written.iter().map(|(path, _)| path.clone()).collect();
    let asked: BTreeSet<String> =
        known.iter().map(|known| known.path.clone()).filter(|path| !path.starts_with("schedules.weekly")).collect();
    assert_eq!(plain, asked.union(&["schedules.morning.title".to_owned()].into()).cloned().collect());
    for Known { path, default } in known {
        let Some(default) = default else { continue };
        if !path.starts_with("schedules.weekly") {
            assert!(written.contains(&(path.clone(), default.clone())), "{path}: the code's default is `{default}`");
        }
    }
}

fn leaves(path: &str, table: &document::Table, found: &mut BTreeSet<(String, String)>) {
    for (key, item) in table {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match &item.value {
            Value::Table(table) if !table.is_empty() => leaves(&path, table, found),
            Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Table(_))) => {
                for item in items {
                    if let Value::Table(table) = &item.value {
                        leaves(&path, table, found);
                    }
                }
            }
            value => {
                found.insert((path, value.to_string()));
            }
        }
    }
}

#[test]
fn a_file_with_the_required_keys_alone_is_enough() {
    let config = parse(MINIMAL);
    assert_eq!(config.publisher.base_url.as_str(), "https://lettres.lefanal.example/");
    assert_eq!(config.feeds.contact_url.as_str(), "https://www.lefanal.example/");
    assert_eq!(config.mail.from_name, "Le Fanal");
    assert_eq!(config.mail.return_path, config.mail.from);
    assert_eq!(config.mail.unsubscribe_to, config.publisher.contact);
    assert_eq!(config.mail.list_id, "resume.lettres.lefanal.example");
    assert!(config.relays.is_empty() && config.database.url.is_none());
    let names: Vec<_> = config.schedules.iter().map(|config| config.schedule.name()).collect();
    assert_eq!(names, ["morning", "weekly"]);
    assert_eq!(config.schedule("weekly").map(|config| config.schedule.cron()), Some("0 7 * * 1"));
    assert_eq!(config.key_file, Path::new("/var/lib/depeche/keys"));
    assert!(!config.node.name.is_empty());
}

#[test]
fn the_default_schedules_are_those_of_the_example() {
    let described = |config: &Config| format!("{:?}", config.schedules);
    assert_eq!(described(&parse(MINIMAL)), described(&parse(EXAMPLE)));
}

#[test]
fn the_demo_config_is_lawful() {
    let config = parse_with(DEMO, &[("DEPECHE_RELAY__DEMO__PORT", "4025"), ("DEPECHE_WEB__LISTEN", "127.0.0.1:0")]);
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.relays[0].port, 4025);
    assert_eq!(config.schedules.len(), 3);
}

/// Checks that `text` (after the minimal config) is refused with every one of `wanted` and nothing else.
fn check_refused(text: &str, wanted: &[&str]) {
    let error = parse_with(&format!("{MINIMAL}{text}"), &[]).expect_err(text);
    let message = error.to_string();
    for wanted in wanted {
        assert!(message.contains(wanted), "{text}\nwanted: {wanted}\ngot: {message}");
    }
    assert_eq!(error.problems.len(), wanted.len(), "{text}\n{message}");
}

#[test]
fn faults_name_file_line_key_and_remedy() {
    check_refused("frm = 1", &["/etc/depeche/depeche.toml:11: mail.frm: is no key here; did you mean `from`?"]);
    check_refused("[mial]", &["depeche.toml:11: mial: is no section here; did you mean `mail`?"]);
    check_refused("[wibble]", &["there are: data_dir, database, feeds, filters, instant, log, mail, node, publisher"]);
    check_refused("[mail.expiry]\nalrt = \"1h\"", &["12: mail.expiry.alrt: is no key here; did you mean `alert`?"]);
    check_refused(
        "[schedules.morning]\ncron = \"0 25 * * *\"",
        &["12: schedules.morning.cron: `0 25 * * *`, field 2 (hour)"],
    );
    check_refused("[schedules.instant]\ncron = \"0 7 * * *\"", &["belongs to the alerts"]);
    check_refused(
        "[schedules.morning]",
        &["11: schedules.morning.cron: is missing; write it into the file, such as `cron = \"0 7 * * *\"`"],
    );
    check_refused("[schedules.twice]\ncron = \"0 7,19 * * *\"", &["cannot be said in words"]);
    check_refused(
        "[schedules.m]\ncron = \"0 7 * * *\"\ntitle.xx = \"a\"",
        &["13: schedules.m.title.xx: `xx` is not a language of the pages"],
    );
    check_refused(
        "[schedules]\nmorning = \"0 7 * * *\"",
        &["12: schedules.morning: must be a section: [schedules.morning]"],
    );
    check_refused("only_to = \"x\"", &["mail.only_to: address 1: the address has no @"]);
    check_refused("on_doubt = \"drop\"", &["neither \"resend\" nor \"keep\""]);
    check_refused("retry_first = \"2h\"", &["must not be shorter than `retry_first`"]);
    check_refused("retry_first = 5", &["`5` has no unit; write \"5s\", \"5m\" or \"5h\""]);
    check_refused("list_id = \"a b\"", &["is not a List-Id"]);
    check_refused("[feeds]\npoll_min = \"48h\"", &["11: feeds.poll_max: must be from `poll_min` to 24h"]);
    check_refused("[feeds]\npoll_min = \"1s\"", &["shorter than a minute"]);
    check_refused("[feeds]\nallow_private = \"yes\"", &["must be true or false, not `yes`"]);
    check_refused("[instant]\nper_hour = 9", &["instant.per_day: is less than `per_hour`"]);
    check_refused("[instant]\nsettle = \"2h\"", &["no alert"]);
    check_refused("[web]\nlisten = \"8080\"", &["is not an address with a port"]);
    check_refused("[log]\nlevel = \"inof\"\nformat = \"yaml\"", &["is not a log level", "is not a log format"]);
    check_refused("[node]\ndrain = \"soon\"", &["\"90s\", \"15m\""]);
    check_refused(
        "[database]\nconnections = 1\nurl = \"mysql://x\"",
        &["from 2 to 200", "must begin with postgres://"],
    );
    check_refused("[database]\nurl = 5", &["must be text in quotes, not 5"]);
    check_refused("[web]\nlisten = 1.5", &["must be text in quotes, not a fraction"]);
    check_refused("web = 1", &["is no key here"]);
}

#[test]
fn relays_are_checked_against_plain_text_and_half_a_login() {
    let relay = |text: &str| format!("[[relay]]\nname = \"main\"\nhost = \"smtp.example.org\"\n{text}");
    check_refused(
        &relay("tls = \"none\""),
        &["14: relay.tls: is \"none\", but `smtp.example.org` is not this machine"],
    );
    check_refused(&relay("tls = \"ssl\""), &["none of \"starttls\""]);
    check_refused(&relay("username = \"u\""), &["name its file by `password_file`"]);
    check_refused(&relay("password = \"p\""), &["14: relay.password: is no key here; a password does not belong"]);
    check_refused(&relay("password_file = \"/nonexistent/p\""), &["cannot read /nonexistent/p"]);
    check_refused(&relay("port = 70000"), &["from 1 to 65535, not `70000`"]);
    check_refused(&relay(&relay("")), &["two relays are called `main`"]);
    check_refused("[relay]\nname = \"main\"", &["write [[relay]], with double brackets"]);
    check_refused("[[relay]]\nname = \"Main 1\"\nhost = \"a:b\"", &["cannot name a relay", "is not a host name"]);
    let port = |tls: &str| parse(&format!("{MINIMAL}[[relay]]\nname = \"a\"\nhost = \"[::1]\"\n{tls}")).relays[0].port;
    assert_eq!((port(""), port("tls = \"implicit\""), port("tls = \"none\"")), (587, 465, 25));
}

#[test]
fn the_publisher_is_checked_key_by_key() {
    let error = parse_with("", &[]).expect_err("all is missing").to_string();
    for key in ["publisher.name", "publisher.base_url", "publisher.zone", "mail.from"] {
        assert!(error.contains(&format!("depeche.toml: {key}: is missing")), "{key}: {error}");
    }
    let with = |from: &str, to: &str| parse_with(&MINIMAL.replace(from, to), &[]).expect_err(to).to_string();
    assert!(
        with("Europe/Paris", "Europe/Pari")
            .contains("8: publisher.zone: `Europe/Pari` is not a time zone; did you mean `Europe/Paris`?")
    );
    assert!(with("Europe/Paris", "paris").contains("did you mean `Europe/Paris`?"));
    assert!(with("Europe/Paris", "CEST+1").contains("names such as"));
    assert!(with("https://lettres", "http://lettres").contains("one-click unsubscribe"));
    assert!(with("https://www", "ftp://www").contains("must begin with https://"));
    assert!(with("\"https://www.lefanal.example/\"", "\"lefanal\"").contains("is not a URL"));
    assert!(with("redaction@", "redaction").contains("has no @"));
    assert!(with("Le Fanal", "Le Fanal du Littoral et des Iles").contains("mail.from_name: "));
    assert!(with("Le Fanal", " ").contains("must not be empty"));
}

#[test]
fn a_syntax_error_has_its_line() {
    let error = parse_with("[publisher]\nname = Le Fanal\n", &[]).expect_err("no quotes").to_string();
    assert!(error.starts_with("/etc/depeche/depeche.toml:2: is not TOML: "), "{error}");
    let error = parse_with("[mail]\n[mail]\n", &[]).expect_err("twice").to_string();
    assert!(error.contains("depeche.toml:2: is not TOML: "), "{error}");
}

#[test]
fn the_environment_overrides_the_file() {
    let config = parse_with(
        &format!("{MINIMAL}[[relay]]\nname = \"backup-2\"\nhost = \"b.example\"\n"),
        &[
            ("DEPECHE_MAIL__FROM", "other@lettres.lefanal.example"),
            ("DEPECHE_MAIL__ONLY_TO", "a@x.example, b@x.example"),
            ("DEPECHE_MAIL__EXPIRY__ALERT", "1h"),
            ("DEPECHE_INSTANT__PER_HOUR", "5"),
            ("DEPECHE_FEEDS__ALLOW_PRIVATE", "true"),
            ("DEPECHE_RELAY__MAIN__HOST", "a.example"),
            ("DEPECHE_RELAY__BACKUP_2__PORT", "2587"),
            ("DEPECHE_SCHEDULES__NOON__CRON", "0 12 * * *"),
            ("DEPECHE_DATA_DIR", "/srv/depeche"),
            ("DEPECHE_CONFIG", "elsewhere.toml"),
            ("HOME", "/root"),
        ],
    );
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.mail.from.as_str(), "other@lettres.lefanal.example");
    assert_eq!(config.mail.only_to.len(), 2);
    assert_eq!(config.mail.expiry.alert, Duration::from_hours(1));
    assert_eq!(config.instant.per_hour, 5);
    assert!(config.feeds.allow_private);
    let relays: Vec<_> =
        config.relays.iter().map(|relay| (relay.name.as_str(), relay.host.as_str(), relay.port)).collect();
    assert_eq!(relays, [("backup-2", "b.example", 2587), ("main", "a.example", 587)]);
    assert_eq!(config.schedules[0].schedule.name(), "noon");
    assert_eq!(config.data_dir, Path::new("/srv/depeche"));
}

#[test]
fn an_override_that_overrides_nothing_is_refused() {
    let check = |name: &str, value: &str, wanted: &str| {
        let error = parse_with(MINIMAL, &[(name, value)]).expect_err(name).to_string();
        assert!(error.contains(wanted), "{name}: {error}");
    };
    check(
        "DEPECHE_MAIL__FORM",
        "x",
        "environment variable DEPECHE_MAIL__FORM: mail.form: is no key here; did you mean `DEPECHE_MAIL__FROM`?",
    );
    check("DEPECHE_MAIL_FROM", "x", "environment variable DEPECHE_MAIL_FROM: is no override; write DEPECHE_MAIL__FROM");
    check("DEPECHE_MAIL__FROM__X", "x", "is no key here");
    check("DEPECHE_RELAY__MAIN", "x", "is no key here");
    check("DEPECHE_INSTANT__PER_HOUR", "many", "must be a whole number from 1 to 60, not `many`");
    check("DEPECHE_PUBLISHER__ZONE", "Mars", "environment variable DEPECHE_PUBLISHER__ZONE: publisher.zone: ");
}

#[test]
fn secrets_come_from_files_and_credentials_and_do_not_show() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).expect("written");
    write("password", "s3cret\n");
    write("relay.other.password", "0ther\n");
    write("database.url", "postgres://u:pw@db.example/depeche\n");
    write("keys", "");
    let relays = "[[relay]]\nname = \"main\"\nhost = \"a.example\"\nusername = \"u\"\npassword_file = \"password\"\n\
                  [[relay]]\nname = \"other\"\nhost = \"a.example\"\nusername = \"v\"\n";
    let variables = [("CREDENTIALS_DIRECTORY", directory.path().to_str().expect("UTF-8"))];
    let file = directory.path().join("depeche.toml");
    let text = format!("{MINIMAL}{relays}");
    let config = Config::parse(&file, &text, &environment(&variables)).unwrap_or_else(|error| panic!("{error}"));
    let password = |index: usize| config.relays[index].login.as_ref().map(|(_, secret)| secret.expose().to_owned());
    assert_eq!((password(0).as_deref(), password(1).as_deref()), (Some("s3cret"), Some("0ther")));
    assert_eq!(config.database.url.as_ref().map(Secret::expose), Some("postgres://u:pw@db.example/depeche"));
    assert_eq!(config.key_file, directory.path().join("keys"));
    assert!(config.warnings.iter().all(|warning| warning.contains("can be read by every account")));
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("0ther") && !shown.contains("pw@"), "{shown}");
}

#[test]
fn the_usual_variable_for_the_database_stands_before_the_file() {
    let text = format!("{MINIMAL}[database]\nurl = \"postgres:///file\"\n");
    let url = |variables: &[(&str, &str)]| {
        let config = parse_with(&text, variables).unwrap_or_else(|error| panic!("{error}"));
        config.database.url.map(|url| url.expose().to_owned())
    };
    assert_eq!(url(&[]).as_deref(), Some("postgres:///file"));
    assert_eq!(url(&[("DATABASE_URL", "postgres:///usual")]).as_deref(), Some("postgres:///usual"));
    let both = [("DATABASE_URL", "postgres:///usual"), ("DEPECHE_DATABASE__URL", "postgres:///ours")];
    assert_eq!(url(&both).as_deref(), Some("postgres:///ours"));
}

#[test]
fn durations_are_read_as_people_write_them() {
    let check = |text: &str, seconds: u64| assert_eq!(parse_duration(text), Ok(Duration::from_secs(seconds)), "{text}");
    check("15m", 900);
    check("3 min", 180);
    check("24h", 86_400);
    check("1h30m", 5400);
    check("1 hour 30 minutes", 5400);
    check("90s", 90);
    check("7 days", 604_800);
    check("2 Weeks", 1_209_600);
    check("0s", 0);
    for text in ["", "m", "15", "-5m", "1.5h", "5 parsecs", "99999999999999999999s", "9999999999999999w", "5m 3"] {
        assert!(parse_duration(text).is_err(), "{text}");
    }
}

#[test]
fn a_config_is_found_by_name_variable_or_place() {
    let found = Config::find(Some(Path::new("a.toml")), &environment(&[("DEPECHE_CONFIG", "b.toml")]));
    assert_eq!(found.as_deref(), Ok(Path::new("a.toml")));
    let found = Config::find(None, &environment(&[("DEPECHE_CONFIG", "b.toml")]));
    assert_eq!(found.as_deref(), Ok(Path::new("b.toml")));
    let error = Config::load(Path::new("/nonexistent/depeche.toml"), &Environment::default()).expect_err("none");
    assert!(error.to_string().starts_with("/nonexistent/depeche.toml: cannot read the config: "), "{error}");
    assert!(
        Config::load(Path::new("/"), &Environment::default())
            .expect_err("a directory")
            .to_string()
            .contains("is a directory")
    );
}

#[test]
fn a_reload_says_which_changes_it_cannot_take_over() {
    let old = parse(MINIMAL);
    let fresh = |variables: &[(&str, &str)]| parse_with(MINIMAL, variables).unwrap_or_else(|error| panic!("{error}"));
    assert!(
        old.needs_restart(&fresh(&[("DEPECHE_INSTANT__SETTLE", "5m"), ("DEPECHE_LOG__LEVEL", "debug")])).is_empty()
    );
    let changed =
        fresh(&[("DATABASE_URL", "postgres:///x"), ("DEPECHE_DATA_DIR", "/srv"), ("DEPECHE_NODE__NAME", "b")]);
    assert_eq!(old.needs_restart(&changed), ["data_dir", "database.url", "node.name"]);
}

#[test]
fn the_service_waits_longer_than_a_stop_takes_and_knows_the_credentials() {
    let unit = include_str!("../../config/depeche.service");
    let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_else(|| panic!("{key}"));
    let stop = Duration::from_secs(value("TimeoutStopSec=").parse().expect("seconds"));
    assert!(stop >= parse(MINIMAL).node.drain * 2);
    assert_eq!((value("Type="), value("StateDirectory=")), ("notify", "depeche"));
    for name in ["database.url", "relay.main.password", "keys"] {
        assert!(unit.contains(&format!("#LoadCredential={name}:")), "{name}");
        assert!(
            EXAMPLE.contains(&format!("credential{} {name}", if name.starts_with("relay") { "" } else { ":" })),
            "{name}"
        );
    }
}
