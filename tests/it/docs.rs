//! Shows that what the documents list is what the code has.
//! What they say in words is for people to judge.

use std::{collections::BTreeSet, fs, path::Path};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of `docs/dependencies.md` by crate, of which every cell must say something.
fn documented(text: &str) -> BTreeSet<String> {
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| crate"));
    let mut crates = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.len() == 4 && cells.iter().all(|cell| !cell.is_empty()), "{row}");
        assert!(crates.insert(cells[0].to_owned()), "{} stands there twice", cells[0]);
    }
    crates
}

#[test]
fn every_dependency_has_a_line_that_says_what_for_and_no_other_has() {
    let manifest: toml::Table = file("Cargo.toml").parse().expect("TOML");
    let mut wanted = BTreeSet::new();
    for table in ["dependencies", "dev-dependencies"] {
        wanted.extend(manifest[table].as_table().expect("a table").keys().cloned());
    }
    assert!(wanted.len() > 30, "{wanted:?}");
    assert_eq!(documented(&file("docs/dependencies.md")), wanted);
}

#[test]
fn the_licence_is_the_one_that_the_manifest_names() {
    let manifest: toml::Table = file("Cargo.toml").parse().expect("TOML");
    assert_eq!(manifest["package"]["license"].as_str(), Some("EUPL-1.2"));
    let licence = file("LICENSE");
    assert!(licence.starts_with("EUROPEAN UNION PUBLIC LICENCE v. 1.2\n"));
    assert!(licence.trim_end().ends_with("require the production of a new EUPL version."));
}
