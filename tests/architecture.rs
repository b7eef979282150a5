//! Holds the rules of the house on every source file and prints the lines that break them.
//! Each rule is shown to go red and to stay green; what the program does is tested elsewhere.

#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/scan.rs"]
mod scan;

use std::fs;
use std::path::Path;

use rules::{Offence, imports, lengths, libraries, names, opening, purity, sql, stages};
use scan::Source;

fn sources(root: &Path, directory: &Path, found: &mut Vec<Source>) {
    let mut entries: Vec<_> =
        fs::read_dir(directory).expect("a directory of ours").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            found.push(Source::new(&name, &fs::read_to_string(&path).expect("readable")));
        }
    }
}

#[test]
fn the_house_is_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for directory in ["src", "tests", "benches"] {
        sources(root, &root.join(directory), &mut found);
    }
    assert!(found.len() > 20, "only {} files found", found.len());
    let offences: Vec<String> = found
        .iter()
        .flat_map(|source| rules::ALL.iter().flat_map(|rule| rule(source)))
        .map(|offence| offence.to_string())
        .collect();
    assert!(offences.is_empty(), "{} lines break the rules of the house:\n{}", offences.len(), offences.join("\n"));
}

/// The lines at which `rule` finds fault with `text` as the file `path`.
fn red(rule: fn(&Source) -> Vec<Offence>, path: &str, text: &str) -> Vec<usize> {
    rule(&Source::new(path, text)).into_iter().map(|offence| offence.line).collect()
}

#[test]
fn a_noun_imports_only_nouns_to_its_left() {
    let check =
        |path: &str, text: &str, expected: &[usize]| assert_eq!(red(imports, path, text), expected, "{path}: {text}");
    check("src/article.rs", "use crate::feed::Feed;", &[]);
    check("src/article.rs", "use crate::article::language::Language;", &[]);
    check("src/feed.rs", "\nuse crate::article::Article;", &[2]);
    check("src/feed/parse.rs", "use super::identity;\nuse super::super::article::Article;", &[2]);
    check("src/feed/parse.rs", "fn f() -> crate::store::Pool { todo() }", &[1]);
    check("src/topic.rs", "use crate::{\n    article::Article,\n    digest::{Slot, select},\n    feed,\n};", &[3]);
    check("src/feed.rs", "#[cfg(test)]\nmod tests {\n    use crate::article::Article;\n}", &[]);
    check("src/feed.rs", "// use crate::store;\nconst A: &str = \"crate::store\";", &[]);
}

#[test]
fn effects_doors_and_the_config_keep_to_their_side() {
    let check =
        |path: &str, text: &str, expected: &[usize]| assert_eq!(red(imports, path, text), expected, "{path}: {text}");
    check("src/store/feeds.rs", "use crate::delivery::Delivery;\nuse crate::mail::Relay;", &[2]);
    check("src/mail.rs", "use crate::clock::Clock;", &[1]);
    check("src/daemon/plan.rs", "use crate::{clock::Clock, store, web::Pages};", &[1]);
    check("src/daemon.rs", "use crate::config::Config;", &[1]);
    check("src/web/hooks.rs", "use crate::store;", &[]);
    check("src/config.rs", "use crate::{daemon::DaemonConfig, mail::RelayConfig};\nuse crate::cli::Args;", &[2]);
    check("src/cli/demo.rs", "use crate::{config::Config, daemon, store::cluster::Cluster};", &[]);
    check("src/main.rs", "fn main() { depeche::cli::main() }", &[]);
    check("src/main.rs", "use depeche::store;", &[1]);
    check("src/queue.rs", "", &[1]);
}

#[test]
fn a_stage_calls_no_other_stage() {
    let check =
        |path: &str, text: &str, expected: &[usize]| assert_eq!(red(stages, path, text), expected, "{path}: {text}");
    check("src/daemon/plan.rs", "use super::{Context, deliver};", &[1]);
    check("src/daemon/plan/page.rs", "use crate::daemon::plan::Window;\nuse crate::daemon::ingest::run_once;", &[2]);
    check("src/daemon/plan.rs", "use super::Context;", &[]);
    check("src/daemon/wake.rs", "use super::{plan, deliver};", &[]);
}

#[test]
fn an_outside_library_has_one_user() {
    let check =
        |path: &str, text: &str, expected: &[usize]| assert_eq!(red(libraries, path, text), expected, "{path}: {text}");
    for (library, home, stranger) in [
        ("reqwest", "src/fetch/guard.rs", "src/feed.rs"),
        ("handlebars", "src/render.rs", "src/web.rs"),
        ("fluent_bundle", "src/render/locale.rs", "src/web.rs"),
        ("lettre", "src/mail/message.rs", "src/cli/demo.rs"),
        ("sqlx", "src/store/cluster.rs", "src/daemon/plan.rs"),
        ("axum", "src/web.rs", "src/cli.rs"),
        ("clap", "src/cli/run.rs", "src/config.rs"),
        ("cron", "src/digest/schedule.rs", "src/digest.rs"),
    ] {
        for text in
            [format!("use {library}::Thing;"), format!("fn f(a: {library}::Thing) {{}}"), format!("use {library};")]
        {
            check(home, &text, &[]);
            check(stranger, &text, &[1]);
        }
    }
    check("src/mailbox.rs", "use lettre::Message;", &[1]);
    check("src/web.rs", "use crate::render::handlebars::Set;\nuse my_sqlx::A;", &[]);
    check("src/feed.rs", "#[cfg(test)]\nmod tests {\n    use reqwest::Url;\n}", &[]);
}

#[test]
fn the_clock_is_read_in_one_file_and_nouns_touch_nothing() {
    let check =
        |path: &str, text: &str, expected: &[usize]| assert_eq!(red(purity, path, text), expected, "{path}: {text}");
    for clock in ["chrono::Utc::now()", "SystemTime::now()", "Local::now()"] {
        check("src/clock.rs", &format!("fn f() {{ {clock} }}"), &[]);
        check("src/daemon/plan.rs", &format!("fn f() {{ {clock} }}"), &[1]);
        check("src/cli.rs", &format!("fn f() {{ {clock} }}"), &[1]);
    }
    check("src/store.rs", "let a = Instant::now();", &[]);
    check("src/digest.rs", "let a = Instant::now();", &[1]);
    check("src/digest.rs", "use std::fs;\nuse std::fmt;\nuse tokio::time;\nuse std::net::IpAddr;", &[1, 3]);
    check("src/mail.rs", "getrandom::fill(&mut bytes)", &[1]);
    check("src/cli.rs", "getrandom::fill(&mut bytes)", &[]);
    check("src/digest.rs", "// not Utc::now()\nlet a = MyUtc::nowhere();", &[]);
}

#[test]
fn sql_is_found_outside_the_store_and_prose_is_not() {
    let check = |text: &str, expected: usize| {
        let source = format!("const A: &str = {text};");
        assert_eq!(red(sql, "src/web.rs", &source).len(), expected, "{text}");
        assert!(red(sql, "src/store/feeds.rs", &source).is_empty(), "{text}");
    };
    check(r#""select id from feed""#, 1);
    check("\"SELECT\n id\n FROM feed\"", 1);
    check(r##"r#"insert into feed values ("a")"#"##, 1);
    check(r#""update feed set url = $1""#, 1);
    check(r#""delete from feed""#, 1);
    check(r#""with a as (select 1) select * from a""#, 1);
    check(r#""create table feed ()""#, 1);
    check(r#""Select a topic from the list""#, 0);
    check(r#""update the config and set the zone""#, 0);
    check(r#""selected articles from three feeds""#, 0);
    check(r#""a \" select id from feed""#, 0);
    check("'a'", 0);
}

#[test]
fn long_files_and_functions_are_found_without_counting_tests() {
    let long = |lines: usize| "    let a = 1;\n".repeat(lines);
    let function = |lines: usize| {
        format!(
            "impl A {{\n    pub(crate) async fn f(\n        a: usize,\n    ) {{\n{}    }}\n}}\n",
            "        a;\n".repeat(lines)
        )
    };
    assert_eq!(red(lengths, "src/feed.rs", &function(66)), [0; 0]);
    assert_eq!(red(lengths, "src/feed.rs", &function(67)), [2]);
    assert_eq!(red(lengths, "src/feed.rs", &format!("fn f() {{\n{}}}\nfn g() {{\n{}}}\n", long(60), long(60))), [0; 0]);
    assert_eq!(red(lengths, "src/feed.rs", &"const A: u8 = 1;\n".repeat(501)), [1]);
    assert_eq!(red(lengths, "src/feed.rs", &"const A: u8 = 1;\n".repeat(500)), [0; 0]);
    let tests = format!("const A: u8 = 1;\n#[cfg(test)]\nmod tests {{\n    fn f() {{\n{}    }}\n}}\n", long(600));
    assert_eq!(red(lengths, "src/feed.rs", &tests), [0; 0]);
    assert_eq!(red(lengths, "src/feed/tests.rs", &function(100)), [0; 0]);
    let declared = format!("trait A {{\n    fn f(&self);\n}}\nimpl B {{\n{}    fn g() {{\n    }}\n}}\n", long(80));
    assert_eq!(red(lengths, "src/feed.rs", &declared), [0; 0]);
}

#[test]
fn a_file_opens_with_two_sentences() {
    let check = |text: &str, expected: &[usize]| assert_eq!(red(opening, "tests/it/plan.rs", text), expected, "{text}");
    check("//! Does this.\n//! It does not do that.\n", &[]);
    check("//! Does this, for\n//! them. Not that (never).\n", &[]);
    check("//! Does this.\n", &[1]);
    check("// Does this. Not that.\n", &[1]);
    check("use a;\n//! Does this. Not that.\n", &[1]);
}

#[test]
fn names_that_say_nothing_are_refused() {
    for (path, expected) in [
        ("src/store/utils.rs", 1),
        ("src/util/time.rs", 1),
        ("tests/it/mail_helper.rs", 1),
        ("src/feed_manager.rs", 1),
        ("src/common.rs", 1),
        ("src/mail/service.rs", 1),
        ("src/article/utility_bills.rs", 0),
        ("src/feed.rs", 0),
    ] {
        assert_eq!(red(names, path, "").len(), expected, "{path}");
    }
}

#[test]
fn an_offence_names_the_line_and_shows_it() {
    let source = Source::new("src/feed.rs", "//! A.\nuse sqlx::PgPool;\n");
    let shown = libraries(&source).first().expect("an offence").to_string();
    assert_eq!(shown, "src/feed.rs:2: only src/store may use sqlx\n    use sqlx::PgPool;");
}
