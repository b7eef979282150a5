//! The index on filters and articles of a file, for holding it against other engines hit for hit.
//! One filter and one article a line; what a filter means is the language of `docs/filters.md`.

use std::{fs, process::ExitCode, sync::Arc, time::Instant};

use depeche::{
    article::language::Language,
    topic::{Query, TermFrequencies, index::Builder, query::StopWords},
};

use crate::{Matcher, process, synthetic};

/// Articles of the file by which rare words are told from frequent ones before the filters are read.
const MEASURED: usize = 1_000;

/// What the command line named.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) filters: String,
    pub(crate) articles: String,
    pub(crate) language: Language,
}

/// Prints one line about the filters and one about the articles.
pub(crate) fn run(files: &Files) -> ExitCode {
    let read = |path: &str| fs::read_to_string(path).map_err(|error| eprintln!("{path}: {error}"));
    let (Ok(filters), Ok(articles)) = (read(&files.filters), read(&files.articles)) else { return ExitCode::from(2) };
    let mut frequencies = TermFrequencies::default();
    for text in articles.lines().take(MEASURED) {
        frequencies.observe(&synthetic::analysed(text, files.language));
    }
    let before = process::resident();
    let began = Instant::now();
    // Without a language nothing is stemmed and no word is passed over.
    let stop_words = if files.language == Language::UND { StopWords::Kept } else { StopWords::PassedOver };
    let mut builder = Builder::new(Arc::new(frequencies));
    let (mut count, mut text_bytes, mut refused) = (0_usize, 0, 0);
    for (id, line) in (0_i64..).zip(filters.lines()) {
        match Query::parse_with(line, stop_words) {
            Ok(query) => builder.push(id, &query),
            Err(error) => {
                refused += 1;
                eprintln!("{}:{}: {error}", files.filters, id + 1);
            }
        }
        count += 1;
        text_bytes += line.len();
    }
    let index = builder.finish();
    let load = began.elapsed().as_secs_f64();
    let per_filter = index.heap_bytes().saturating_sub(text_bytes) / count.max(1);
    let resident = process::resident().saturating_sub(before) / 1_048_576;
    println!("filters {count} load_s {load:.3} bytes_per_filter {per_filter} rss_mb {resident}");
    let mut read = 0_u32;
    let began = Instant::now();
    let matches = Matcher::new(&index, files.language).hits(articles.lines().inspect(|_| read += 1));
    let seconds = began.elapsed().as_secs_f64();
    let (per_second, ms) = (f64::from(read) / seconds, seconds * 1000.0 / f64::from(read.max(1)));
    println!("articles {read} matches {matches} per_s {per_second:.1} ms_per_article {ms:.3}");
    if refused > 0 {
        eprintln!("{refused} filters were refused and match nothing");
    }
    ExitCode::SUCCESS
}
