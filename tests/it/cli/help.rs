//! Shows what `--help` says of every command, against tests/fixtures/cli-help.txt, and the exit codes of a shell's first tries.
//! `DEPECHE_RENEW=1 cargo test --test it cli::help` writes that file anew; its diff is for people to read.

use std::{fmt::Write as _, fs, path::Path};

use clap::CommandFactory as _;

use super::{MINIMAL, Shell};

/// Columns of a terminal that shows every line whole.
const WIDEST: usize = 120;

fn paths_below(command: &clap::Command, path: &[String], found: &mut Vec<Vec<String>>) {
    found.push(path.to_vec());
    for sub in command.get_subcommands() {
        paths_below(sub, &[path, &[sub.get_name().to_owned()]].concat(), found);
    }
}

#[test]
fn help_says_what_the_committed_file_says() {
    let shell = Shell::new(MINIMAL);
    let mut paths = Vec::new();
    paths_below(&depeche::cli::Cli::command(), &[], &mut paths);
    let mut said = String::new();
    for path in &paths {
        let arguments: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
        writeln!(said, "$ depeche {}\n{}", arguments.join(" "), shell.done(&arguments)).expect("a text grows");
    }
    let wide: Vec<&str> = said.lines().filter(|line| line.chars().count() > WIDEST).collect();
    assert!(wide.is_empty(), "wider than {WIDEST} columns: {wide:#?}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli-help.txt");
    if std::env::var_os("DEPECHE_RENEW").is_some() {
        fs::write(&file, &said).expect("the file can be written");
    }
    let committed = fs::read_to_string(&file).expect("the committed help");
    let differs = said.lines().zip(committed.lines()).find(|(now, then)| now != then);
    assert!(
        said == committed,
        "help differs from {}, first here: {differs:?}; DEPECHE_RENEW=1 writes it anew",
        file.display()
    );
}

#[test]
fn exit_codes_tell_done_from_failed_from_bad_input() {
    let shell = Shell::new(MINIMAL);
    let check = |arguments: &[&str], code: i32, part: &str| {
        let answer = shell.depeche(arguments);
        assert_eq!(answer.code, Some(code), "{arguments:?}: {answer:?}");
        assert!(format!("{}{}", answer.out, answer.err).contains(part), "{arguments:?}: {answer:?}");
    };
    check(&["--version"], 0, concat!("depeche ", env!("CARGO_PKG_VERSION")));
    check(&["--help"], 0, "Exit codes: 0 done, 1 failed, 2 bad input.");
    check(&["topic", "test", "tramway OR bus"], 0, "tramway");
    check(&[], 2, "Usage: depeche");
    check(&["chek"], 2, "'check'");
    check(&["feed", "list", "--formt", "json"], 2, "'--format'");
    check(&["feed", "list", "--format", "yaml"], 2, "text, json");
    check(&["hold"], 2, "--all");
    let closed = Shell::new(MINIMAL).with("DATABASE_URL", "postgres://nobody@127.0.0.1:9/none");
    closed.depeche(&["feed", "list"]).is_refusal(1, &["depeche: cannot reach Postgres: ", "refused", "DATABASE_URL"]);
}
