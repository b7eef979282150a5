//! Measures match on one thread: memory and speed from 10,000 to 1,000,000 filters, start-up, and the obvious design beside it.
//! Usage: `cargo bench --bench match -- [--most N] [--filters FILE --articles FILE --lang und]`; a missed limit ends it with 1.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "match/database.rs"]
mod database;
#[path = "match/files.rs"]
mod files;
#[path = "match/process.rs"]
mod process;
#[path = "match/synthetic.rs"]
mod synthetic;

use std::{process::ExitCode, sync::Arc, time::Instant};

use database::Database;
use depeche::{
    article::language::Language,
    topic::{
        Analysed, Index, Query, Scratch, TermFrequencies,
        index::{AT_ONCE, Builder},
    },
};
use files::Files;

/// Sizes of the index.
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// Articles matched at each size; other ones, as many, are measured for word frequencies before.
const ARTICLES: usize = 1_000;
/// How often they are matched: the system counts a thread's time in steps of milliseconds.
const ROUNDS: usize = 10;
/// The size at which the rival is measured, and the articles it gets.
const RIVAL_FILTERS: usize = 100_000;
const RIVAL_ARTICLES: usize = 20;
/// How often it gets them, and we ours: so many that a machine with neighbours is quiet in one of them.
const TURNS: usize = 100;

const MOST_BYTES: f64 = 100.0;
const MOST_START_UP: f64 = 3.0;
const LEAST_AHEAD: f64 = 1_000.0;
const MOST_UNTIL_LIVE: f64 = 1.0;
/// Filters saved before a node is asked, time and again; after the many the index is rebuilt beside its use.
const SAVED: [usize; 6] = [1, 10, 60_000, 1, 10, 1];

/// What the command line asks for.
#[derive(Debug)]
struct Asked {
    most: usize,
    files: Option<Files>,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::from(2);
        }
    };
    match asked.files {
        Some(files) => files::run(&files),
        None => measure(asked.most),
    }
}

/// Cargo's own `--bench` is passed over.
fn asked(mut args: impl Iterator<Item = String>) -> Result<Asked, String> {
    let (mut most, mut filters, mut articles, mut language) = (SIZES[2], None, None, Language::UND);
    while let Some(arg) = args.next() {
        if arg == "--bench" {
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{arg} needs a value behind it"))?;
        match arg.as_str() {
            "--filters" => filters = Some(value),
            "--articles" => articles = Some(value),
            "--lang" => language = value.parse().map_err(|error| format!("--lang: {error}"))?,
            "--most" => most = value.parse().map_err(|error| format!("--most {value}: {error}"))?,
            other => {
                return Err(format!("no option `{other}`: --most N, --filters FILE --articles FILE --lang LANGUAGE"));
            }
        }
    }
    let files = match (filters, articles) {
        (Some(filters), Some(articles)) => Some(Files { filters, articles, language }),
        (None, None) => None,
        _ => return Err("--filters and --articles go together".to_owned()),
    };
    Ok(Asked { most, files })
}

/// Speed at one size.
struct Speed {
    seconds: f64,
    hits: f64,
}

fn measure(most: usize) -> ExitCode {
    let filters = synthetic::filters(most);
    let texts = synthetic::texts(2 * ARTICLES);
    let ((), alone) =
        process::timed(|| texts[..ARTICLES].iter().for_each(|text| drop(synthetic::analysed(text, Language::UND))));
    println!("text analysis alone: {:.1} us an article", alone.as_secs_f64() * 1e6 / 1_000.0);
    let (learned, matched) = texts.split_at(ARTICLES);
    let mut frequencies = TermFrequencies::default();
    for text in learned {
        frequencies.observe(&synthetic::analysed(text, Language::UND));
    }
    let frequencies = Arc::new(frequencies);
    println!("one thread, {ARTICLES} articles of 400 words, text analysis counted, time on the processor\n");
    let mut missed = false;
    let mut speeds = Vec::new();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = runtime.block_on(Database::start());
    for size in SIZES.into_iter().filter(|size| *size <= most) {
        speeds.push((size, at_size(&filters[..size], &frequencies, matched, &mut missed)));
        // At once, as in a node of this size: what ten times as many filters leave behind in memory slows what comes after.
        if size == RIVAL_FILTERS {
            missed |= runtime.block_on(rival(&database, &filters[..size], matched, &frequencies));
        }
    }
    growth(&speeds);
    missed |= runtime.block_on(start_up(&database, &filters));
    runtime.block_on(database.end());
    ExitCode::from(u8::from(missed))
}

/// Analyses articles and matches them, a batch at a time, as the match stage does.
pub(crate) struct Matcher<'a> {
    index: &'a Index,
    language: Language,
    analysed: Vec<Analysed>,
    scratch: Scratch,
    hits: Vec<Vec<i64>>,
}

impl<'a> Matcher<'a> {
    pub(crate) fn new(index: &'a Index, language: Language) -> Self {
        Self { index, language, analysed: Vec::new(), scratch: Scratch::default(), hits: Vec::new() }
    }

    /// How many filters all these articles match together.
    pub(crate) fn hits<'t>(&mut self, texts: impl Iterator<Item = &'t str>) -> usize {
        let mut texts = texts.peekable();
        let mut total = 0;
        while texts.peek().is_some() {
            self.analysed.clear();
            self.analysed.extend(texts.by_ref().take(AT_ONCE).map(|text| synthetic::analysed(text, self.language)));
            let articles: Vec<&Analysed> = self.analysed.iter().collect();
            self.index.matches(&articles, &mut self.scratch, &mut self.hits);
            total += self.hits.iter().map(Vec::len).sum::<usize>();
        }
        total
    }

    /// Time on the processor for one of these articles.
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    fn seconds_an_article(&mut self, texts: &[String]) -> f64 {
        let ((), spent) = process::timed(|| {
            for _ in 0..ROUNDS {
                self.hits(texts.iter().map(String::as_str));
            }
        });
        spent.as_secs_f64() / (texts.len() * ROUNDS) as f64
    }
}

fn build(filters: &[String], frequencies: &Arc<TermFrequencies>) -> Index {
    let mut builder = Builder::new(Arc::clone(frequencies));
    for (id, filter) in (0..).zip(filters) {
        builder.push(id, &Query::parse(filter).expect("canonical"));
    }
    builder.finish()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn at_size(filters: &[String], frequencies: &Arc<TermFrequencies>, texts: &[String], missed: &mut bool) -> Speed {
    let before = process::resident();
    let (index, load) = process::timed(|| build(filters, frequencies));
    let mut matcher = Matcher::new(&index, Language::UND);
    // The first article makes the tables of its language.
    matcher.hits(texts[..1].iter().map(String::as_str));
    let resident = process::resident().saturating_sub(before);
    let count = filters.len() as f64;
    let text: usize = filters.iter().map(String::len).sum();
    let hits = matcher.hits(texts.iter().map(String::as_str)) as f64 / texts.len() as f64;
    let began = Instant::now();
    let seconds = matcher.seconds_an_article(texts);
    let waited = began.elapsed().as_secs_f64() / (texts.len() * ROUNDS) as f64;
    println!(
        "{:>9} filters: built in {:.2} s, {:.1} bytes of text a filter, {:.0} MB resident; {:.0} articles/s ({:.0} by the clock), {hits:.1} hits an article",
        filters.len(),
        load.as_secs_f64(),
        text as f64 / count,
        resident as f64 / 1e6,
        1.0 / seconds,
        1.0 / waited,
    );
    *missed |=
        show("bytes a filter in the index, its words included", index.heap_bytes() as f64 / count, MOST_BYTES, false);
    Speed { seconds, hits }
}

/// What ten times as many filters cost, beside ten times as many hits.
fn growth(speeds: &[(usize, Speed)]) {
    for pair in speeds.windows(2) {
        let ((few, before), (many, after)) = (&pair[0], &pair[1]);
        println!(
            "{few} -> {many} filters: {:.1} times the hits, {:.1} times the time an article",
            after.hits / before.hits,
            after.seconds / before.seconds
        );
    }
}

async fn start_up(database: &Database, filters: &[String]) -> bool {
    database.store(filters).await;
    // Once unmeasured, so that both find the table in the server's memory.
    database.copy_and_parse().await;
    let plain = database.copy_and_parse().await.as_secs_f64();
    let (node, ours) = database.start_up().await;
    let ours = ours.as_secs_f64();
    println!("\nstart-up with {} filters {ours:.2} s, COPY and parsing {plain:.2} s", filters.len());
    let missed = show("start-up / COPY and parsing", ours / plain, MOST_START_UP, false);
    let nodes = [node, database.start_up().await.0];
    let (mut slowest, mut next) = (0.0_f64, 0);
    for saved in SAVED {
        let seconds = database.saved(&nodes, next..next + saved).await.as_secs_f64();
        println!("{saved} filters saved in one go: live on both nodes {:.1} ms after the commit", seconds * 1e3);
        slowest = slowest.max(seconds);
        next += saved;
    }
    show("seconds until a saved filter is live on two nodes", slowest, MOST_UNTIL_LIVE, false) | missed
}

/// Asks both in turns and compares their fastest ones: what else the machine does slows both, and neither the same.
async fn rival(database: &Database, filters: &[String], texts: &[String], frequencies: &Arc<TermFrequencies>) -> bool {
    let mut rival = database.rival(filters).await;
    let asked = &texts[..RIVAL_ARTICLES];
    let (mut theirs, mut ours, mut their_hits, mut our_hits) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..TURNS {
        let (seconds, hits) = rival.articles(asked).await;
        theirs.push(seconds);
        their_hits = hits;
        // Built anew, as nodes do it: where the tables come to lie in memory is luck, and no run should have one luck throughout.
        let index = build(filters, frequencies);
        let mut matcher = Matcher::new(&index, Language::UND);
        our_hits = matcher.hits(asked.iter().map(String::as_str));
        ours.push(matcher.seconds_an_article(texts));
    }
    let (theirs, ours) = (fastest(&theirs), fastest(&ours));
    println!(
        "\n{} filters, the fastest of {TURNS} turns: tsquery table {:.1} articles/s, ours {:.0} articles/s; \
         on the same {RIVAL_ARTICLES} articles {their_hits} and {our_hits} hits",
        filters.len(),
        1.0 / theirs,
        1.0 / ours,
    );
    let unequal = their_hits != our_hits;
    if unequal {
        println!("the two do not find the same: MISSED");
    }
    show("times as fast as the obvious design", theirs / ours, LEAST_AHEAD, true) | unequal
}

fn fastest(figures: &[f64]) -> f64 {
    figures.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Prints a figure beside its limit; whether it misses it.
fn show(name: &str, figure: f64, limit: f64, at_least: bool) -> bool {
    let missed = if at_least { figure < limit } else { figure > limit };
    let sign = if at_least { ">=" } else { "<=" };
    println!("{name:<50} {figure:>10.1}  limit {sign} {limit:<7} {}", if missed { "MISSED" } else { "ok" });
    missed
}
