//! Lists of feeds as programs exchange them (OPML 2.0): read from any of them, written for any of them.
//! It adds no feed to anything.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{FeedUrl, FeedUrlError, MAX_LINE, bounded, decode, plain};

/// Feeds read of one list; the longest shared lists have some thousands.
const MAX_FEEDS: usize = 20_000;
/// Folders in folders.
const MAX_DEPTH: usize = 50;

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
    /// Not well-formed, or cut off.
    #[error("line {line}: {why}; nothing of the list is taken over; mend it, or export it anew")]
    Broken {
        /// The line of the file.
        line: usize,
        /// What the reader stumbled on.
        why: String,
    },
}

/// Reads a list. Feeds with a broken address are in it, with the reason; doubles are left out.
pub fn parse(bytes: &[u8]) -> Result<Vec<Listed>, OpmlError> {
    let decoded = decode::decode(bytes, None);
    let text = decoded.text.trim_end();
    if text.is_empty() {
        return Err(OpmlError::Empty);
    }
    // A blank before the XML declaration is forgiven.
    let blank = text.len() - text.trim_start().len();
    let line = |at: u64| {
        let at = usize::try_from(at).unwrap_or(usize::MAX).saturating_add(blank).min(text.len());
        text.as_bytes()[..at].split(|byte| *byte == b'\n').count()
    };
    let mut reader = Reader::from_str(&text[blank..]);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut list = List::default();
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
        return Err(OpmlError::NotAList { what: super::refusal::of_root(list.root.as_deref()) });
    }
    if !list.is_whole {
        return Err(OpmlError::Broken { line: line(u64::MAX), why: "the list breaks off before </opml>".to_owned() });
    }
    Ok(list.feeds)
}

#[derive(Default)]
struct List {
    root: Option<String>,
    is_opml: bool,
    is_whole: bool,
    feeds: Vec<Listed>,
    seen: HashSet<FeedUrl>,
    /// Names of the open outlines; a feed's own is among them.
    open: Vec<String>,
}

impl List {
    fn start(&mut self, element: &BytesStart<'_>, line: usize) {
        let name = element.name().as_ref().to_ascii_lowercase();
        self.is_opml |= name == "opml";
        self.root.get_or_insert_with(|| name.clone());
        if name != "outline" || self.open.len() >= MAX_DEPTH {
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
        if let Some(address) = attribute("xmlUrl").filter(|a| !a.trim().is_empty()) {
            let url = FeedUrl::parse(&address);
            let folders = self.open.iter().filter(|f| !f.is_empty()).cloned().collect();
            let first_time = url.as_ref().map_or(true, |u| self.seen.insert(u.clone()));
            if first_time && self.feeds.len() < MAX_FEEDS {
                self.feeds.push(Listed { url, title: title.clone(), home_url: attribute("htmlUrl"), folders, line });
            }
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
        let list = parse(text.as_bytes()).expect("a list");
        assert_eq!((list.len(), list[0].url.as_ref()), (1, Ok(&url)));
        assert_eq!(list[0].home_url.as_deref(), Some("https://a.example/"));
    }

    #[test]
    fn what_is_no_list_is_told() {
        assert!(matches!(parse(b"<rss/>"), Err(OpmlError::NotAList { .. })));
        assert!(matches!(parse(b"not a list at all"), Err(OpmlError::NotAList { .. })));
        assert_eq!(parse(b" "), Err(OpmlError::Empty));
        let broken = |text: &str| match parse(text.as_bytes()) {
            Err(OpmlError::Broken { line, .. }) => line,
            other => panic!("{text:?}: {other:?}"),
        };
        assert_eq!(broken("<opml><body>\n<outline xmlUrl='a.example/f'/>\n"), 2, "cut off");
        assert_eq!(broken("\n<opml><body>\n<outline xmlUrl='a.example/f' <\n"), 3, "cut off in a tag");
    }
}
