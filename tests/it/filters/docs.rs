//! Runs every example of `docs/filters.md`.
//! The page's sentences are for people to judge.

use depeche::topic::Query;

use super::language::article;

/// The cells of the rows of every table with this head.
fn rows<'a>(page: &'a str, head: &str) -> Vec<Vec<&'a str>> {
    let mut found = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line != head {
            continue;
        }
        for row in lines.by_ref().take_while(|line| line.starts_with('|')).skip(1) {
            // No filter of the page holds the sign that parts cells.
            found.push(row.trim_matches('|').split('|').map(str::trim).collect());
        }
    }
    found
}

fn code(cell: &str) -> &str {
    cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`')).unwrap_or_else(|| panic!("no code: {cell}"))
}

fn parsed(filter: &str) -> Query {
    Query::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"))
}

#[test]
fn every_example_of_the_page_holds() {
    let page = include_str!("../../../docs/filters.md");
    let examples = rows(page, "| filter | in | finds | does not find |");
    assert!(examples.len() > 30, "{}", examples.len());
    for cells in examples {
        let [filter, language, finds, other] = cells.as_slice() else { panic!("{cells:?}") };
        let query = parsed(code(filter));
        assert!(query.matches(&article(language, finds)), "{filter} does not find {finds}");
        assert!(!query.matches(&article(language, other)), "{filter} finds {other}");
    }
    let shown = rows(page, "| you may write | it is shown as |");
    assert!(shown.len() > 8, "{}", shown.len());
    for cells in shown {
        assert_eq!(parsed(code(cells[0])).to_string(), code(cells[1]), "{}", cells[0]);
    }
    let refused = rows(page, "| you write | because | write |");
    assert!(refused.len() > 8, "{}", refused.len());
    for cells in refused {
        let error = Query::parse(code(cells[0])).expect_err(cells[0]);
        assert!(error.problem().to_string().contains(cells[1]), "{}: {error}", cells[0]);
        if cells[2].starts_with('`') {
            assert!(error.remedy().contains(code(cells[2])), "{}: {error}", cells[0]);
        }
    }
}
