//! Shows by cases what `cli::subscriber::sheet` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use std::path::Path;

use super::*;
use crate::{config::Environment, store::topic::ByLanguage};
use sqlx::types::Json;

const CONFIG: &str = r#"
[publisher]
name = "Le Fanal"
home_url = "https://www.lefanal.example/"
postal_address = "1 rue de l'Exemple, Nantes"
contact = "redaction@lefanal.example"
base_url = "https://lettres.lefanal.example/"
language = "fr"
zone = "Europe/Paris"
[mail]
from = "resume@lettres.lefanal.example"
"#;

fn topic(id: i64, slug: &str) -> TopicRow {
    let none = Json(ByLanguage::new());
    TopicRow {
        id,
        slug: slug.to_owned(),
        titles: none.clone(),
        descriptions: none,
        filter_id: id,
        canonical: slug.to_owned(),
        readers: 0,
    }
}

fn read_text(text: &[u8]) -> Result<Vec<Reader>, Refused> {
    let environment: Environment = std::iter::empty().collect();
    let config = Config::parse(Path::new("depeche.toml"), CONFIG, &environment).expect("a config");
    let topics = [topic(1, "transports"), topic(2, "climat")];
    let now = "2027-03-28T12:00:00Z".parse().expect("an instant");
    read(text, &Around { config: &config, topics: &topics, breadth: None, now })
}

fn readers(text: &str) -> Vec<Reader> {
    read_text(text.as_bytes()).unwrap_or_else(|refused| panic!("{text}: {refused:?}"))
}

#[test]
fn only_the_address_is_needed() {
    let readers = readers("email\nlea@example.org\n");
    assert_eq!(readers.len(), 1);
    assert_eq!((readers[0].language.as_str(), readers[0].zone), ("fr", "Europe/Paris"));
    assert_eq!((readers[0].status, readers[0].line), (Status::Confirmed, 2));
    assert!(readers[0].follows.is_empty() && readers[0].created_at.is_none());
    assert_eq!(readers[0].reads, ["fr"]);
}

#[test]
fn what_spreadsheets_write_is_read() {
    let readers = readers(
        "\u{feff}Email;Topics;Zone;Created_At\r\n\"lea@example.org\";\"transports, climat\";europe/berlin;2027-01-02\r\n;;;\r\n\r\n",
    );
    assert_eq!(readers.len(), 1);
    assert_eq!(readers[0].zone, "Europe/Berlin");
    assert_eq!(
        readers[0].follows,
        [Follows { schedule: "morning".to_owned(), topics: vec![1, 2], filters: Vec::new() }]
    );
    assert_eq!(readers[0].created_at, "2027-01-01T23:00:00Z".parse().ok());
}

#[test]
fn a_reader_may_stand_once_for_each_schedule() {
    let readers = readers("email,topics,schedule\nlea@example.org,transports,morning\nLEA@example.org,climat,weekly\n");
    assert_eq!(readers.len(), 1);
    let schedules: Vec<&str> = readers[0].follows.iter().map(|f| f.schedule.as_str()).collect();
    assert_eq!(schedules, ["morning", "weekly"]);
}

#[test]
fn own_filters_stand_one_a_line_in_their_cell() {
    let readers = readers("email,filters\nlea@example.org,\"tramway\n\nbus OR \"\"pistes cyclables\"\"\"\n");
    assert_eq!(readers[0].follows[0].filters.len(), 2);
}

fn check(text: &[u8], line: u64, part: &str) {
    match read_text(text) {
        Err(Refused::Whole(said)) => {
            assert!(said.contains(part), "{said}");
            assert!(line <= 1, "{said}");
        }
        Err(Refused::Lines(faults, 0)) => {
            let found = faults.iter().any(|(at, said)| *at == line && said.contains(part));
            assert!(found, "{part} in line {line}: {faults:?}");
        }
        other => panic!("{}: {other:?}", String::from_utf8_lossy(text)),
    }
}

#[test]
fn every_fault_is_named_with_its_line_and_remedy() {
    check(b"", 0, "the file is empty; its first line names the columns");
    check(b"email\n", 0, "there is no line below the head");
    check(b"mail\nlea@example.org\n", 1, "there is no column `mail`; did you mean `email`?");
    check(b"topics\ntransports\n", 1, "the column `email` is missing");
    check(b"email,email\na@example.org,b@example.org\n", 1, "stands there twice");
    check(b"email\nlea.example.org\n", 2, "email: the address has no @");
    check(
        b"email,language\nlea@example.org,es\n",
        2,
        "language: `es` is not a language of the pages and mails; fr, en, de, nl are",
    );
    check(
        b"email,zone\nlea@example.org,Europe/Pari\n",
        2,
        "zone: `Europe/Pari` is not a time zone; did you mean `Europe/Paris`?",
    );
    check(
        b"email,topics\nlea@example.org,transport\n",
        2,
        "topics: there is no topic `transport`; did you mean `transports`?",
    );
    check(
        b"email,schedule,topics\nlea@example.org,mornin,climat\n",
        2,
        "schedule: there is no schedule `mornin`; did you mean `morning`?",
    );
    check(
        b"email,status\nlea@example.org,confirmd\n",
        2,
        "status: there is no status `confirmd`; did you mean `confirmed`?",
    );
    check(b"email,created_at\nlea@example.org,28/03/2027\n", 2, "created_at: `28/03/2027` is not a time; 2027-03-28");
    check(b"email,created_at\nlea@example.org,2028-01-01\n", 2, "lies in the future");
    check(b"email,topics\nlea@example.org\n", 2, "has 1 cells and the head has 2; look for a missing comma");
    check(b"email,zone\nl\xe9a@example.org,\n", 2, "is not UTF-8; save the file as \"CSV UTF-8\"");
    check(b"email,zone\n\"lea@example.org,\ntom@example.org,\n", 2, "a `\"` is opened here");
    check(b"email\nlea@example.org\nLea@example.org\n", 3, "the same address stands in line 2");
    check(
        b"email,topics,schedule,zone\nlea@example.org,climat,morning,\nlea@example.org,climat,weekly,Europe/Berlin\n",
        3,
        "zone: differs",
    );
    check(b"email\n\nok@example.org\nwrong\n", 4, "email: the address has no @");
}

#[test]
fn many_faults_are_counted_and_not_all_named() {
    let text = format!("email\n{}", "wrong\n".repeat(250));
    match read_text(text.as_bytes()) {
        Err(refused @ Refused::Lines(..)) => {
            let said = refused.failure("readers.csv").to_string();
            assert!(
                said.starts_with("readers.csv: 250 lines cannot be imported, so nothing was:\nreaders.csv:2: email:"),
                "{said}"
            );
            assert!(said.ends_with("and 150 more lines"), "{said}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_wants_updates_says_yes() {
    let found = |cell: &str| readers(&format!("email,updates\nlea@example.org,{cell}\n"))[0].updates;
    assert_eq!([found("yes"), found("Yes"), found("no"), found("")], [true, true, false, false]);
    let Err(Refused::Lines(faults, _)) = read_text(b"email,updates\nlea@example.org,sometimes\n") else {
        panic!("it is read");
    };
    assert_eq!(faults, [(2, "updates: `sometimes` is neither yes nor no".to_owned())]);
}
