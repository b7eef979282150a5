//! Shows that the commands in README run, in their order, as a newcomer would type them.
//! It does not look at what they print; the tests of each command do.

use std::{fs, process::Command};

use crate::support::depeche_binary;

/// The fenced blocks of a Markdown text that are marked as `sh`: those that anybody can run anywhere.
fn runnable(markdown: &str) -> Vec<&str> {
    markdown.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn the_commands_of_the_readme_run_in_their_order() {
    let blocks = runnable(include_str!("../../README.md"));
    assert!(blocks.len() >= 5, "README shows everyday tasks: {blocks:?}");
    let directory = tempfile::tempdir().expect("a directory");
    let config = depeche::config::EXAMPLE.replace("#data_dir = \"/var/lib/depeche\"", "data_dir = \"data\"");
    assert!(config.contains("\ndata_dir = \"data\""), "the example names data_dir");
    fs::write(directory.path().join("depeche.toml"), config).expect("a config");
    let binary = depeche_binary();
    let place = binary.parent().expect("the binary's directory").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    for block in blocks {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", block]).current_dir(directory.path());
        shell.env("PATH", format!("{place}:{path}")).env_remove("DATABASE_URL").env_remove("DEPECHE_CONFIG");
        let output = shell.output().expect("sh starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{block}\n{said}");
    }
}
