//! Lists of feeds as programs exchange them (OPML 2.0): read from any of them, written for any of them.
//! It adds no feed to anything.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{FeedUrl, FeedUrlError, MAX_LINE, bounded, decode, plain, refusal};

/// Feeds read of one list; the longest shared lists have some thousands.
const MAX_FEEDS: usize = 20_000;
/// Folders named of one feed.
const MAX_DEPTH: usize = 50;
/// Outlines without an address that are told one by one.
const MAX_PASSED_OVER: usize = 20;

/// A list of feeds.
#[derive(Debug, Default)]
pub struct List {
    /// Each feed once, in the list's order; those with a broken address among them, with the reason.
    pub feeds: Vec<Listed>,
    /// How often a feed stands in the list again, under http and https too.
    pub doubles: usize,
    /// Outlines that seem to be feeds and have no address, as line and name.
    pub passed_over: Vec<(usize, String)>,
}

/// One feed of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its address, or why what stands there is none.
    pub url: Result<FeedUrl, FeedUrlError>,
    /// Its name in the list; may be empty.
    pub title: String,
    /// The site it belongs to, as written.
    pub home_url: Option<String>,
    /// The folders it stands in, outermost first.
    pub folders: Vec<String>,
    /// The line of the file that it stands on.
    pub line: usize,
}

/// Why a document is no list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// No content at all.
    #[error("the list is empty; give an OPML file with an outline for each feed")]
    Empty,
    /// Something else than a list.
    #[error("this is {what}, not a list of feeds; give an OPML file")]
    NotAList {
        /// What it is, as far as can be told.
        what: String,
    },
    /// More feeds than a list may have.
    #[error("there are more than {MAX_FEEDS} feeds in this list, and nothing of it is taken over; divide it")]
    TooLong,
    /// Not well-formed, or cut off.
    #[error("line {line}: {why}; nothing of the list is taken over; mend it, or export it anew")]
    Broken {
        /// The line of the file.
        line: usize,
        /// What the reader stumbled on.
        why: String,
    },
}

/// Reads a list.
pub fn parse(bytes: &[u8]) -> Result<List, OpmlError> {
    let decoded = decode::decode(bytes, None);
    let text = decoded.text.trim_end();
    if text.is_empty() {
        return Err(OpmlError::Empty);
    }
    // A blank before the XML declaration is forgiven.
    let blank = text.len() - text.trim_start().len();
    // Asked in the list's order: what was counted is not counted again.
    let (mut counted, mut lines) = (0, 1);
    let mut line = |at: u64| {
        let at = usize::try_from(at).unwrap_or(usize::MAX).saturating_add(blank).min(text.len());
        lines += text.as_bytes()[counted.min(at)..at].iter().filter(|byte| **byte == b'\n').count();
        counted = counted.max(at);
        lines
    };
    let mut reader = Reader::from_str(&text[blank..]);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut list = Reading::default();
    // Ends: every event but the last consumes at least one byte of a bounded text.
    loop {
        match reader.read_event() {
            Ok(Event::Start(e)) => list.start(&e, line(reader.buffer_position())),
            Ok(Event::Empty(e)) => {
                list.start(&e, line(reader.buffer_position()));
                list.end(e.name().as_ref());
            }
            Ok(Event::End(e)) => list.end(e.name().as_ref()),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(e) if list.is_opml => {
                return Err(OpmlError::Broken { line: line(reader.error_position()), why: e.to_string() });
            }
            Err(_) => break,
        }
    }
    if !list.is_opml {
        let what = match list.root.as_deref() {
            None => refusal::of_text(text.trim_start()),
            root => refusal::of_root(root),
        };
        return Err(OpmlError::NotAList { what });
    }
    if !list.is_whole {
        return Err(OpmlError::Broken { line: line(u64::MAX), why: "the list breaks off before </opml>".to_owned() });
    }
    if list.read.feeds.len() > MAX_FEEDS {
        return Err(OpmlError::TooLong);
    }
    Ok(list.read)
}

#[derive(Default)]
struct Reading {
    root: Option<String>,
    is_opml: bool,
    is_whole: bool,
    read: List,
    /// Addresses without their scheme.
    seen: HashSet<String>,
    /// Names of the open outlines; a feed's own is among them.
    open: Vec<String>,
}

impl Reading {
    fn start(&mut self, element: &BytesStart<'_>, line: usize) {
        let name = element.name().as_ref().to_ascii_lowercase();
        self.is_opml |= name == "opml";
        self.root.get_or_insert_with(|| name.clone());
        if name != "outline" {
            return;
        }
        let attribute = |wanted: &str| {
            let mut all = element.html_attributes();
            all.with_checks(false);
            all.flatten()
                .find(|a| a.key.as_ref().eq_ignore_ascii_case(wanted))
                .map(|a| super::clean::unescape(&a.value))
        };
        let title =
            attribute("title").filter(|t| !t.trim().is_empty()).or_else(|| attribute("text")).unwrap_or_default();
        let title = bounded(&plain::from_unknown(&title), MAX_LINE).to_owned();
        let filled = |wanted: &str| attribute(wanted).filter(|value| !value.trim().is_empty());
        if let Some(address) = filled("xmlUrl") {
            let url = FeedUrl::parse(&address);
            let folders = self.open.iter().filter(|f| !f.is_empty()).take(MAX_DEPTH).cloned().collect();
            if !url.as_ref().map_or(true, |url| self.seen.insert(url.without_scheme().to_owned())) {
                self.read.doubles += 1;
            } else if self.read.feeds.len() <= MAX_FEEDS {
                let home_url = attribute("htmlUrl");
                self.read.feeds.push(Listed { url, title: title.clone(), home_url, folders, line });
            }
        } else if is_feeds(filled("type").as_deref()) || filled("htmlUrl").is_some() {
            self.read.passed_over.push((line, title.clone()));
            self.read.passed_over.truncate(MAX_PASSED_OVER);
        }
        self.open.push(title);
    }

    fn end(&mut self, name: &str) {
        self.is_whole |= name.trim().eq_ignore_ascii_case("opml");
        if name.trim().eq_ignore_ascii_case("outline") {
            self.open.pop();
        }
    }
}

/// Whether an outline's type is that of a feed (OPML 2.0, "Subscription lists").
fn is_feeds(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| ["rss", "atom", "rdf", "feed", "json"].contains(&kind.trim().to_ascii_lowercase().as_str()))
}

/// Writes a list with this name, in the given order. Only address, title and site are written.
pub fn write<'a>(name: &str, feeds: impl IntoIterator<Item = (&'a FeedUrl, &'a str, Option<&'a str>)>) -> String {
    let escaped = |text: &str| plain::to_html(text).replace('"', "&quot;");
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>{}</title></head>\n<body>\n",
        plain::to_html(name)
    );
    for (url, title, home) in feeds {
        let title = escaped(if title.is_empty() { url.as_str() } else { title });
        out.extend([
            "<outline type=\"rss\" text=\"",
            &title,
            "\" title=\"",
            &title,
            "\" xmlUrl=\"",
            &escaped(url.as_str()),
        ]);
        if let Some(home) = home {
            out.extend(["\" htmlUrl=\"", &escaped(home)]);
        }
        out.push_str("\"/>\n");
    }
    out + "</body>\n</opml>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_other_programs_are_read() {
        let list = parse(
            br#"<?xml version="1.0"?><opml version="1.0"><head><title>Mine</title></head><body>
            <outline text="News"><outline text="Le &quot;Fanal&quot; &amp; Cie" xmlUrl="https://a.example/f?x=1&y=2" htmlUrl="https://a.example/"/>
            <outline title="Deep"><outline type="rss" TEXT="B" xmlurl="b.example/feed"></outline></outline></outline>
            <outline text="Again" xmlUrl="https://a.example/f?x=1&amp;y=2"/><outline text="Odd" xmlUrl="gopher://x"/></body></opml>"#,
        )
        .expect("a list");
        assert_eq!((list.doubles, list.passed_over), (1, Vec::new()));
        let list = list.feeds;
        let seen: Vec<_> = list.iter().map(|f| (f.title.as_str(), f.folders.join("/"))).collect();
        assert_eq!(
            seen,
            [("Le \"Fanal\" & Cie", "News".to_owned()), ("B", "News/Deep".to_owned()), ("Odd", String::new())]
        );
        assert_eq!(list[0].url.as_ref().map(FeedUrl::as_str), Ok("https://a.example/f?x=1&y=2"));
        assert!(matches!(list[2].url, Err(FeedUrlError::Scheme { .. })));
        assert_eq!(list[2].line, 4);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let url = FeedUrl::parse("https://a.example/f?x=1&y=\"2\"").expect("a valid address");
        let text = write("A & B", [(&url, "T <i>\"x\"", Some("https://a.example/")), (&url, "", None)]);
        let list = parse(text.as_bytes()).expect("a list").feeds;
        assert_eq!((list.len(), list[0].url.as_ref()), (1, Ok(&url)));
        assert_eq!(list[0].home_url.as_deref(), Some("https://a.example/"));
    }

    #[test]
    fn each_feed_is_named_once_and_what_lacks_an_address_is_told() {
        let list = parse(
            b"<opml><body>\n<outline text='A' xmlUrl='http://a.example/f'/><outline text='A' xmlUrl='https://a.example/f'/>\n\
            <outline text='B' type='rss' url='https://b.example/f'/>\n<outline text='Folder'><outline text='C' \
            htmlUrl='https://c.example/'/>\n<outline text='D' type='link' url='https://d.example/'/></outline></body></opml>",
        )
        .expect("a list");
        let urls: Vec<_> = list.feeds.iter().filter_map(|feed| feed.url.as_ref().ok()).map(FeedUrl::as_str).collect();
        assert_eq!((urls, list.doubles), (vec!["http://a.example/f"], 1));
        assert_eq!(list.passed_over, [(3, "B".to_owned()), (4, "C".to_owned())]);
    }

    #[test]
    fn no_feed_is_lost_in_deep_folders_nor_behind_the_longest_list() {
        let deep = format!(
            "<opml>{}<outline xmlUrl='https://a.example/f'/>{}<outline xmlUrl='https://b.example/f'/></opml>",
            "<outline text='x'>".repeat(80),
            "</outline>".repeat(80)
        );
        let list = parse(deep.as_bytes()).expect("a list").feeds;
        let folders: Vec<_> = list.iter().map(|feed| feed.folders.len()).collect();
        assert_eq!(folders, [MAX_DEPTH, 0]);
        let of = |feeds: usize| {
            let feeds: String = (0..feeds).map(|n| format!("<outline xmlUrl='https://a.example/{n}'/>")).collect();
            parse(format!("<opml>{feeds}</opml>").as_bytes()).map(|list| list.feeds.len())
        };
        assert_eq!(of(MAX_FEEDS), Ok(MAX_FEEDS));
        assert_eq!(of(MAX_FEEDS + 1), Err(OpmlError::TooLong));
    }

    #[test]
    fn what_is_no_list_is_told() {
        assert!(matches!(parse(b"<rss/>"), Err(OpmlError::NotAList { .. })));
        assert!(matches!(parse(b"not a list at all"), Err(OpmlError::NotAList { .. })));
        assert_eq!(parse(b" ").err(), Some(OpmlError::Empty));
        let what = |text: &str| parse(text.as_bytes()).map(|_| ()).expect_err("no list").to_string();
        assert!(what("{\"feeds\":[]}").starts_with("this is something that begins \"{"), "{}", what("{\"feeds\":[]}"));
        assert!(what("<!doctype html><html></html>").starts_with("this is a web page, not a list"));
        assert!(what("<rss><channel/></rss>").starts_with("this is a feed, not a list"));
        let broken = |text: &str| match parse(text.as_bytes()) {
            Err(OpmlError::Broken { line, .. }) => line,
            other => panic!("{text:?}: {other:?}"),
        };
        assert_eq!(broken("<opml><body>\n<outline xmlUrl='a.example/f'/>\n"), 2, "cut off");
        assert_eq!(broken("\n<opml><body>\n<outline xmlUrl='a.example/f' <\n"), 3, "cut off in a tag");
    }
}
