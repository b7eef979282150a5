//! Reads every file of feedparser's own test collection and compares with what its comments expect.
//! The collection is got by scripts/fetch-feedparser.sh; where it cannot be had these tests say so and do nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use depeche::feed::polling::Validators;
use depeche::feed::{Entry, FeedError, ParsedFeed, parse::parse};
use depeche::fetch::{FetchConfig, Fetcher, Outcome, Request, Wanted};
use url::Url;

use super::feed_server::{FeedServer, reply};
use crate::support::{context::at, ready};

/// The part of the well-formed files with entries that must give entries.
const SHARE_WITH_ENTRIES: f64 = 0.99;
/// The part of the expectations we have a word for that must hold: 731 of 750 at the time of writing. What does not is a matter of
/// taste: identifiers are kept as written, host names made small, and sanitising is `article`'s and not the reader's.
const SHARE_OF_EXPECTATIONS: f64 = 0.97;
/// Expectations of one folder and field that may fail.
const FAILING_OF_A_KIND: usize = 4;

/// Where the collection is, if it can be had.
fn collection() -> Option<PathBuf> {
    // Asked for once: two downloads at a time would write over each other.
    static AT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let fetch = || {
        let at = ready("fetch-feedparser.sh", &[])?;
        Some(Path::new(env!("CARGO_MANIFEST_DIR")).join(at).join("tests"))
    };
    AT.get_or_init(fetch).clone()
}

struct File {
    folder: String,
    name: String,
    bytes: Vec<u8>,
}

fn files(root: &Path) -> Vec<File> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(&folder).expect("the collection can be read") {
            let path = item.expect("the collection can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e != "py") {
                let shown = |p: &Path| p.strip_prefix(root).unwrap_or(p).display().to_string();
                found.push(File {
                    folder: shown(&folder),
                    name: shown(&path),
                    bytes: std::fs::read(&path).expect("the collection can be read"),
                });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

impl File {
    /// The file as text without what a wide encoding adds; good enough to look for ASCII marks.
    fn marks(&self) -> String {
        let ascii: Vec<u8> = self.bytes.iter().copied().filter(|b| *b != 0).collect();
        String::from_utf8_lossy(&ascii).into_owned()
    }

    /// The value of `Header:`, `Description:`, `Expect:` lines.
    fn comments(&self, key: &str) -> Vec<String> {
        let marks = self.marks();
        marks.lines().filter_map(|l| l.trim().strip_prefix(key)).map(|v| v.trim().to_owned()).collect()
    }

    fn header(&self, name: &str) -> Option<String> {
        let headers = self.comments("Header:");
        headers.iter().find_map(|h| {
            let (key, value) = h.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// Whether feedparser would see an entry: an element named item or entry outside of comments.
    fn has_entries(&self) -> bool {
        let mut text = self.marks().to_ascii_lowercase();
        while let Some((start, end)) = text.find("<!--").and_then(|s| Some((s, s + text[s..].find("-->")?))) {
            text.replace_range(start..end + 3, "");
        }
        text.split('<').skip(1).any(|tag| {
            let name = tag.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next().unwrap_or_default();
            matches!(name.rsplit(':').next(), Some("item" | "entry"))
        })
    }

    fn read(&self) -> Result<ParsedFeed, FeedError> {
        let place = Url::parse("http://127.0.0.1:8097/tests/").expect("a valid address");
        let own = place.join(&self.name).expect("a valid address");
        let base = self.header("Content-Location").and_then(|l| own.join(&l).ok()).unwrap_or(own);
        parse(&self.bytes, self.header("Content-type").as_deref(), &base, at("2026-11-26T06:00:00Z"))
    }
}

#[test]
fn feedparsers_well_formed_files_give_their_entries() {
    let Some(root) = collection() else { return };
    let mut folders: BTreeMap<String, (usize, usize, Vec<String>)> = BTreeMap::new();
    for file in files(&root).iter().filter(|f| f.folder.starts_with("wellformed") && f.has_entries()) {
        let result = file.read();
        let tally = folders.entry(file.folder.clone()).or_default();
        tally.0 += 1;
        match result {
            Ok(feed) if !feed.entries.is_empty() => tally.1 += 1,
            Ok(_) => tally.2.push(format!("{}: no entries", file.name)),
            Err(e) => tally.2.push(format!("{}: {e}", file.name)),
        }
    }
    let (mut all, mut given) = (0, 0);
    for (folder, (files, good, without)) in &folders {
        println!("{folder:28} {good:4} of {files:4} files with entries give entries");
        for file in without {
            println!("    left out: {file}");
        }
        (all, given) = (all + files, given + good);
    }
    let share = share(given, all);
    println!("{:28} {given:4} of {all:4} = {:.1} %", "wellformed", share * 100.0);
    assert!(all > 1_000, "the collection looks incomplete: {all} files with entries");
    assert!(share >= SHARE_WITH_ENTRIES, "{given} of {all}");
}

#[test]
fn no_file_of_feedparser_breaks_the_reader() {
    let Some(root) = collection() else { return };
    let mut folders: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for file in files(&root) {
        let result = std::panic::catch_unwind(|| file.read());
        let result = result.unwrap_or_else(|_| panic!("{} broke the reader", file.name));
        if let Err(e) = &result
            && !file.folder.starts_with("wellformed")
        {
            println!("    {}: {e}", file.name);
        }
        let top = file.folder.split('/').next().unwrap_or_default().to_owned();
        let tally = folders.entry(top).or_default();
        tally.0 += 1;
        tally.1 += usize::from(result.is_ok());
        tally.2 += usize::from(result.is_ok_and(|f| !f.entries.is_empty()));
    }
    for (folder, (files, read, entries)) in &folders {
        println!("{folder:12} {files:5} files, {read:5} are feeds, {entries:5} have entries");
    }
    // Folder, and how many of its files must be feeds and have entries; the other files are not meant to be any.
    for (folder, feeds, with_entries) in [
        ("encoding", 197, 14),
        ("entities", 247, 3),
        ("http", 8, 2),
        ("illformed", 16, 12),
        ("wellformed", 1_739, 1_158),
    ] {
        let (_, read, entries) = folders.get(folder).copied().unwrap_or_default();
        assert!(read >= feeds && entries >= with_entries, "{folder}: {read} are feeds, {entries} have entries");
    }
}

/// One comparison of an `Expect:` comment that we have a word for.
struct Claim {
    field: String,
    want: String,
}

/// The claims of a line such as `not bozo and entries[0]['title'] == 'Example'`.
fn claims(expect: &str) -> Vec<Claim> {
    expect
        .split(" and ")
        .filter_map(|part| {
            let (left, right) = part.split_once("==")?;
            let field = left.trim().strip_prefix("entries[0]['")?.strip_suffix("']")?.replace("'][0]['", ".");
            Some(Claim { field, want: literal(right.trim())? })
        })
        .collect()
}

/// A Python string literal, or a tuple of numbers as written.
fn literal(text: &str) -> Option<String> {
    if text.starts_with('(') {
        let numbers: Vec<&str> = text.trim_matches(['(', ')']).split(',').map(str::trim).collect();
        let [y, mo, d, h, mi, s, ..] = numbers.as_slice() else { return None };
        return Some(format!("{y:0>4}-{mo:0>2}-{d:0>2}T{h:0>2}:{mi:0>2}:{s:0>2}"));
    }
    let text = text.strip_prefix('u').unwrap_or(text);
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let body = text.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut out = String::new();
    let mut chars = body.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next()? {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'u' => out.push(char::from_u32(take_hex(&mut chars, 4)?)?),
            'x' => out.push(char::from_u32(take_hex(&mut chars, 2)?)?),
            other => out.push(other),
        }
    }
    Some(out)
}

fn take_hex(chars: &mut std::str::Chars<'_>, n: usize) -> Option<u32> {
    u32::from_str_radix(&chars.by_ref().take(n).collect::<String>(), 16).ok()
}

/// What we have for a field of feedparser's, and whether it is HTML.
fn ours(entry: &Entry, field: &str) -> Option<(String, bool)> {
    let date = |d: Option<chrono::DateTime<chrono::Utc>>| d.map(|d| d.format("%Y-%m-%dT%H:%M:%S").to_string());
    Some(match field {
        "title" | "title_detail.value" => (as_html(&entry.title), true),
        "link" => (entry.url.clone().unwrap_or_default(), false),
        "id" | "guid" => (entry.guid.clone().unwrap_or_default(), false),
        "summary" | "description" => {
            (entry.summary_html.clone().or_else(|| entry.content_html.clone()).unwrap_or_default(), true)
        }
        "content.value" => (entry.content_html.clone().unwrap_or_default(), true),
        "updated_parsed" | "modified_parsed" => (date(entry.updated.or(entry.published)).unwrap_or_default(), false),
        "published_parsed" | "issued_parsed" | "created_parsed" => (date(entry.published).unwrap_or_default(), false),
        _ => return None,
    })
}

/// A title of ours, which is plain text, as HTML.
fn as_html(title: &str) -> String {
    title.replace('&', "&amp;").replace('<', "&lt;")
}

/// The words that a reader would see of some HTML.
fn words(html: &str) -> String {
    let page = dom_query::Document::fragment(html);
    page.select("script, style, applet, frame, frameset").remove();
    page.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn feedparsers_expectations_hold_where_they_apply() {
    let Some(root) = collection() else { return };
    let mut tally: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut misses = Vec::new();
    for file in files(&root).iter().filter(|f| f.folder.starts_with("wellformed")) {
        let Some(expect) = file.comments("Expect:").into_iter().next() else { continue };
        let claims: Vec<Claim> =
            claims(&expect).into_iter().filter(|c| ours(&Entry::default(), &c.field).is_some()).collect();
        if claims.is_empty() {
            continue;
        }
        let read = file.read();
        let entry = read.as_ref().ok().and_then(|f| f.entries.first()).cloned().unwrap_or_default();
        for claim in claims {
            let (got, is_html) = ours(&entry, &claim.field).unwrap_or_default();
            let same = if is_html { words(&got) == words(&claim.want) } else { got.trim() == claim.want.trim() };
            let count = tally.entry(format!("{} {}", file.folder, claim.field)).or_default();
            count.0 += 1;
            count.1 += usize::from(same);
            if !same {
                misses.push(format!("{} {}: want {:?}, have {got:?}", file.name, claim.field, claim.want));
            }
        }
    }
    let (all, hold) = tally.values().fold((0, 0), |(a, h), (n, k)| (a + n, h + k));
    for (key, (n, k)) in &tally {
        println!("{key:44} {k:4} of {n:4}");
    }
    for miss in &misses {
        println!("    {miss}");
    }
    let share = share(hold, all);
    println!("{hold} of {all} expectations hold, {:.1} %", share * 100.0);
    assert!(all >= 740, "the collection looks incomplete, or its comments are not understood: {all} expectations");
    assert!(share >= SHARE_OF_EXPECTATIONS, "{hold} of {all}: {misses:#?}");
    for (key, (n, k)) in &tally {
        assert!(n - k <= FAILING_OF_A_KIND, "{key}: {k} of {n}");
        assert!(!key.ends_with("_parsed") || n == k, "dates all hold: {key}: {k} of {n}");
    }
}

#[allow(clippy::cast_precision_loss)]
fn share(part: usize, all: usize) -> f64 {
    part as f64 / all as f64
}

/// What must come of the files whose way over HTTP is the point: what a fetch gives begins so.
const OVER_HTTP: [(&str, &str); 15] = [
    ("compression/deflate-no-headers.z", "the exchange with 127.0.0.1 broke (deflate"),
    ("compression/deflate-not-compressed.z", "the exchange with 127.0.0.1 broke (deflate"),
    ("compression/deflate.z", "0 entries"),
    ("compression/gzip-not-compressed.gz", "the exchange with 127.0.0.1 broke (Invalid gzip"),
    ("compression/gzip-struct-error.gz", "the feed breaks off at byte 42"),
    ("compression/gzip.gz", "0 entries"),
    ("http/http_redirect_to_304.xml", "404"),
    ("http/http_status_301.xml", "1 entries"),
    ("http/http_status_302-no-location.xml", "302"),
    ("http/http_status_302.xml", "1 entries"),
    ("http/http_status_303.xml", "1 entries"),
    ("http/http_status_304.xml", "1 entries"),
    ("http/http_status_307.xml", "1 entries"),
    ("http/http_status_404.xml", "404"),
    ("http/target.xml", "1 entries"),
];

/// What a fetch over loopback gave, in one word.
fn word(outcome: &Outcome, address: &Url) -> String {
    match outcome {
        Outcome::NotModified => "not modified".to_owned(),
        Outcome::Status { status, .. } => status.to_string(),
        Outcome::Failed(e) => e.to_string(),
        Outcome::Body(body) => {
            match parse(&body.bytes, body.content_type.as_deref(), address, at("2026-11-26T06:00:00Z")) {
                Ok(feed) => format!("{} entries", feed.entries.len()),
                Err(e) => e.to_string(),
            }
        }
    }
}

#[tokio::test]
async fn feedparsers_files_come_through_http_as_they_are() {
    let Some(root) = collection() else { return };
    let files = std::sync::Arc::new(files(&root));
    let shelf = files.clone();
    // Each file says in its comments with which status and headers it is to be shelf.
    let server = FeedServer::start(move |asked| {
        let name = asked.path.trim_start_matches("/tests/");
        let Some(file) = shelf.iter().find(|f| f.name == name) else { return reply(404, &[], "") };
        let status = file.header("Status").and_then(|s| s.parse().ok()).unwrap_or(200);
        let host = asked.headers.get("host").cloned().unwrap_or_default();
        let location = file.header("Location").map(|l| l.replace("localhost:8097", &host));
        let encoding = match name.rsplit('.').next() {
            Some("gz") => Some("gzip".to_owned()),
            Some("z") => Some("deflate".to_owned()),
            _ => None,
        };
        let headers =
            [("Content-Type", file.header("Content-type")), ("Location", location), ("Content-Encoding", encoding)];
        let headers: Vec<(&str, &str)> = headers.iter().filter_map(|(k, v)| Some((*k, v.as_deref()?))).collect();
        reply(status, &headers, &file.bytes)
    })
    .await;
    let config = FetchConfig { allow_private: true, ..FetchConfig::default() };
    let fetcher = Fetcher::new(&config).expect("a client");
    let (mut same, mut over_http) = (0, Vec::new());
    for file in files.iter() {
        let url = Url::parse(&server.url("/tests/")).and_then(|u| u.join(&file.name)).expect("a valid address");
        let request =
            Request { url: &url, wanted: Wanted::Feed, validators: &Validators::default(), subscribers: None };
        let result = fetcher.fetch(request).await;
        let got = word(&result.outcome, &result.url);
        if matches!(file.folder.as_str(), "http" | "compression") {
            println!("    {:44} {got}", file.name);
            over_http.push((file.name.as_str(), got));
            continue;
        }
        let want = file.read().map_or_else(|e| e.to_string(), |f| format!("{} entries", f.entries.len()));
        assert_eq!(got, want, "{}", file.name);
        same += 1;
    }
    println!("{same} files read the same from the disk and over HTTP");
    assert!(same > 2_000, "the collection looks incomplete: {same} files");
    assert_eq!(over_http.len(), OVER_HTTP.len(), "{over_http:#?}");
    for ((name, got), (file, want)) in over_http.iter().zip(OVER_HTTP) {
        assert!(*name == file && got.starts_with(want), "{name}: {got}, where {file}: {want} was expected");
    }
}
