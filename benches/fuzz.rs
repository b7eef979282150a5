//! Throws mutated filters and texts at parser, analyser and index for minutes: no panic, no slow input, index equals definition.
//! Usage: `cargo bench --bench fuzz -- [--minutes N] [--seed N]`. It is not guided by coverage; findings become cases of tests.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "match/process.rs"]
#[allow(dead_code, reason = "a bench uses the part it needs")]
mod process;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use depeche::{
    article::ArticleText,
    topic::{Analysed, FeedFacts, Index, Query, Scratch, TermFrequencies},
};

/// What filters and texts are made of; signs that mean something, letters that fold, scripts that join.
const PIECES: [&str; 72] = [
    " ",
    " ",
    " AND ",
    " OR ",
    " NOT ",
    " -",
    "-",
    "!",
    "(",
    ")",
    "\"",
    "«",
    "»",
    "„",
    "“",
    "”",
    "\u{a0}",
    "\u{202f}",
    "\t",
    "\n",
    "NEAR/3 ",
    "ONEAR/99 ",
    "AROUND(2) ",
    "~3",
    "~",
    "^2",
    "*",
    "?",
    "+",
    "=",
    "\\",
    ":",
    "/",
    ",",
    ";",
    ".",
    "&&",
    "||",
    "|",
    "&",
    "title:",
    "site:",
    "lang:",
    "body:",
    "author:",
    "foo:",
    "https://",
    "[",
    "]",
    "{",
    "l’",
    "d'",
    "'",
    "prix",
    "Häuser",
    "éner",
    "ENERGIE",
    "porte-parole",
    "C++",
    "5G",
    "1 000",
    "3,5",
    "U.S.",
    "東京都",
    "서울",
    "ß",
    "œ",
    "ı",
    "e\u{301}",
    "\u{ad}",
    "\u{200d}",
    "\u{1f600}",
];
const LANGUAGES: [&str; 10] = ["fr", "en", "de", "nl", "es", "it", "ja", "da", "tr", "und"];
/// An input is too slow where a byte of it takes longer than this, in the best of three runs.
const MOST_PER_BYTE: Duration = Duration::from_micros(20);
/// And longer than this as a whole, as the shortest inputs pay for what does not depend on them.
const MOST_AT_ALL: Duration = Duration::from_millis(20);
/// Filters at once in the index that is held to the definition.
const TOGETHER: usize = 24;

/// Random numbers of a seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 16).unwrap_or(0) % most.max(1)
    }

    fn piece(&mut self) -> String {
        match self.below(12) {
            0 => char::from_u32(u32::try_from(self.below(0x11_0000)).unwrap_or(0)).unwrap_or('a').to_string(),
            1 => char::from(u8::try_from(32 + self.below(95)).unwrap_or(b'a')).to_string(),
            _ => PIECES[self.below(PIECES.len())].to_owned(),
        }
    }

    fn input(&mut self, most: usize) -> String {
        let count = 1 + self.below(most);
        let mut text: String = (0..count).map(|_| self.piece()).collect();
        match self.below(20) {
            // One piece many times over is what makes a parser slow.
            0 => text = self.piece().repeat(1 + self.below(3_000)),
            1 => text = text.repeat(1 + self.below(60)),
            2 => text = format!("{}{text}{}", "(".repeat(self.below(40)), ")".repeat(self.below(40))),
            _ => {}
        }
        text
    }
}

fn main() -> ExitCode {
    let (mut minutes, mut seed) = (1, 1);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || args.next().and_then(|value| value.parse().ok()).expect("a number behind the option");
        match arg.as_str() {
            "--minutes" => minutes = number(),
            "--seed" => seed = number(),
            _ => {}
        }
    }
    let (began, mut random) = (Instant::now(), Random(seed));
    let (mut rounds, mut read, mut findings) = (0_u64, 0_u64, 0);
    while began.elapsed() < Duration::from_secs(60 * minutes) && findings < 20 {
        rounds += 1;
        read += round(&mut random, &mut findings);
    }
    println!("{rounds} rounds in {minutes} min: {read} filters read, {findings} findings");
    ExitCode::from(u8::from(findings > 0))
}

/// Some filters and one article; gives how many filters were read.
fn round(random: &mut Random, findings: &mut u32) -> u64 {
    let inputs: Vec<String> = (0..TOGETHER).map(|_| random.input(8)).collect();
    let language = LANGUAGES[random.below(LANGUAGES.len())];
    let text = random.input(120);
    let mut found = |what: &str, input: &str| {
        *findings += 1;
        eprintln!("{what} ({language}): {input:?}");
    };
    let mut queries = Vec::new();
    for input in &inputs {
        match guarded(input, || read_filter(input)) {
            Ok(Some(query)) => queries.push(query),
            Ok(None) => {}
            Err(what) => found(&what, input),
        }
    }
    match guarded(&text, || read_text(&text, language)) {
        Ok(Some(analysed)) => {
            let plainly: Vec<i64> =
                (0..).zip(&queries).filter(|(_, query)| query.matches(&analysed)).map(|(id, _)| id).collect();
            let index = Index::build((0..).zip(&queries), &Arc::new(TermFrequencies::default()));
            let mut hits = Vec::new();
            index.matches(&[&analysed], &mut Scratch::default(), &mut hits);
            let hits = hits.remove(0);
            if hits != plainly {
                found(&format!("the index finds {hits:?}, the definition {plainly:?} of {inputs:?}"), &text);
            }
        }
        Ok(None) => found("the stored form does not read back the same", &text),
        Err(what) => found(&what, &text),
    }
    u64::try_from(queries.len()).unwrap_or(0)
}

/// Runs it against panics and the clock.
fn guarded<T>(input: &str, work: impl Fn() -> T) -> Result<T, String> {
    let limit = MOST_AT_ALL.max(MOST_PER_BYTE * u32::try_from(input.len()).unwrap_or(u32::MAX));
    let mut fastest = Duration::MAX;
    for _ in 0..3 {
        let (done, took) = process::timed(|| catch_unwind(AssertUnwindSafe(&work)));
        let done = done.map_err(|_| "panic".to_owned())?;
        fastest = fastest.min(took);
        if fastest <= limit {
            return Ok(done);
        }
    }
    Err(format!("{fastest:?} for {} bytes", input.len()))
}

/// A filter, where it is one; its canonical text must read back the same.
fn read_filter(input: &str) -> Option<Query> {
    let _ = Query::from_words(input, input).map(|query| query.explain("fr"));
    let query = match Query::parse(input) {
        Ok(query) => query,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    let canonical = query.to_string();
    assert_eq!(Query::parse(&canonical).as_ref(), Ok(&query), "{canonical}");
    assert!(["fr", "en", "de", "nl"].iter().all(|language| !query.explain(language).is_empty()), "{canonical}");
    Some(query)
}

/// An article, where its stored form reads back the same; a damaged one must only be refused.
fn read_text(text: &str, language: &str) -> Option<Analysed> {
    let article = ArticleText {
        title: text.chars().take(40).collect(),
        paragraphs: vec![text.to_owned()],
        language: language.parse().expect("a code"),
        ..ArticleText::default()
    };
    let analysed = Analysed::of(&article, &FeedFacts::default());
    let mut bytes = analysed.to_bytes();
    let same = Analysed::from_bytes(&bytes).as_ref() == Ok(&analysed);
    let at = text.len() % bytes.len().max(1);
    bytes[at] ^= 0x55;
    let _ = Analysed::from_bytes(&bytes);
    same.then_some(analysed)
}
