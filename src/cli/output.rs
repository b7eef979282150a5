//! How commands speak: text or JSON on standard output, errors and progress on standard error.
//! It knows nothing of what is said.

use std::io::{self, IsTerminal as _, Write as _};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::Failure;

/// Letters on a line of running text.
const WIDTH: usize = 100;

/// How a command that lists answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// The option of every command that lists.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct FormatArgs {
    /// Answer for people or for programs
    #[arg(long, value_enum, default_value_t, value_name = "text|json", hide_possible_values = true)]
    pub(super) format: Format,
}

/// Writes a line, or several, to standard output.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.trim_end_matches('\n').as_bytes())?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// Writes bytes as they are to standard output, such as a whole message.
pub(super) fn say_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// Writes one JSON document to standard output.
pub(super) fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::failed(format!("no JSON: {error}")))?;
    say(&text)
}

/// Writes something that the person should know, and that is not the answer, to standard error.
pub(super) fn note(text: &str) {
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes an error to standard error, each line of it with the program's name, as people look for it in journals.
pub(super) fn complain(text: &str) {
    for line in text.lines() {
        note(&format!("depeche: {line}"));
    }
}

/// A bar for long work, shown only while a person watches.
pub(super) fn progress(length: u64, what: &'static str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
    let bar = ProgressBar::new(length).with_message(what);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Rows under heads, columns aligned.
#[derive(Clone, Debug)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these heads.
    pub(super) fn new(heads: &[&str]) -> Self {
        Self { rows: vec![heads.iter().map(|head| (*head).to_owned()).collect()] }
    }

    /// Adds a row of as many cells as there are heads.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table as text, without spaces at line ends.
    pub(super) fn text(&self) -> String {
        let columns = self.rows[0].len();
        let width = |column: usize| self.rows.iter().map(|row| length(&row[column])).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                let room = width - length(cell) + 2;
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', room));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

fn length(cell: &str) -> usize {
    cell.chars().count()
}

/// An instant as people read it, on the wall clock of `zone`.
pub(super) fn at(instant: DateTime<Utc>, zone: Tz) -> String {
    instant.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// A number in groups of three, such as 10,300.
pub(super) fn number(n: impl TryInto<i64>) -> String {
    let n = n.try_into().unwrap_or(i64::MAX);
    let digits = n.unsigned_abs().to_string();
    let mut text = String::from(if n < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 reader`, `2 readers`.
pub(super) fn count(n: impl TryInto<i64>, one: &str, many: &str) -> String {
    let n = n.try_into().unwrap_or(i64::MAX);
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// Paragraphs broken at words to fit a terminal: the first line of each begins with `mark`, the others as far in.
pub(super) fn wrapped(text: &str, mark: &str) -> String {
    let indent = " ".repeat(length(mark));
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::from(mark);
        let mut words = 0;
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            if words > 0 && length(&line) + 1 + length(word) > WIDTH {
                lines.push(std::mem::replace(&mut line, indent.clone()));
                words = 0;
            }
            if words > 0 {
                line.push(' ');
            }
            line.push_str(word);
            words += 1;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        let check = |n: i64, text: &str| assert_eq!(number(n), text);
        check(0, "0");
        check(999, "999");
        check(1_000, "1,000");
        check(-1_234_567, "-1,234,567");
        assert_eq!(count(1, "reader", "readers"), "1 reader");
        assert_eq!(count(0, "reader", "readers"), "0 readers");
    }

    #[test]
    fn columns_are_aligned_by_letters_and_not_by_bytes() {
        let mut table = Table::new(&["name", "n"]);
        table.row(vec!["é".to_owned(), "1".to_owned()]);
        table.row(vec!["longer".to_owned(), String::new()]);
        assert_eq!(table.text(), "name    n\né       1\nlonger\n");
    }

    #[test]
    fn long_lines_break_at_words() {
        let long = "word ".repeat(25);
        let lines: Vec<String> = wrapped(&long, "  • ").lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("  • word word") && lines[0].len() <= WIDTH + 2, "{lines:?}");
        assert!(lines[1].starts_with("    word"), "{lines:?}");
        assert_eq!(wrapped("one\n\ntwo", "  "), "  one\n\n  two");
    }
}
