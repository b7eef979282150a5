//! The keys by which entries are told apart: identifier, address and text, each in a form that survives small changes.
//! It compares nothing; `verdict` decides what is new.

mod link;

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use super::{Entry, plain};

pub use link::{canonical_url, url_key};

/// Bytes up to which a key is kept readable; longer ones are hashed.
const MAX_READABLE: usize = 200;
/// Words that a text needs before being the same text means being the same article: recurring notes are shorter.
const MIN_WORDS: usize = 30;
/// Words that a title needs before it can identify anything: "Live" and "Météo du jour" come again every day.
const MIN_TITLE_WORDS: usize = 4;
/// Bytes of a text that go into its key.
const MAX_KEYED: usize = 100_000;

/// The keys of one entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// [`guid_key`], else the address's key, else the title's and text's: never empty, unique in a feed.
    pub guid: String,
    /// [`url_key`] of the entry's address.
    pub url: Option<String>,
    /// Hash of title, text and date: only for texts long enough to be nobody else's.
    pub content: Option<String>,
    /// Hash of the folded title, for titles of some length, then the day of publication where there is one: rubrics
    /// have the same title every day.
    pub title: Option<String>,
    /// Hash of title and text; another one under the same identifier is a revision.
    pub revision: String,
}

/// All keys of an entry. `guid_counts` is false for feeds whose identifiers change from run to run.
pub fn keys(entry: &Entry, guid_counts: bool) -> Keys {
    let url = entry.url.as_deref().map(url_key);
    let text = folded_text(entry);
    let title = fold(&entry.title);
    let both = hasher(&[&title, &text]);
    let revision = hex(both.clone());
    let guid = entry.guid.as_deref().filter(|_| guid_counts).map(guid_key);
    Keys {
        guid: guid.or_else(|| url.clone()).unwrap_or_else(|| text_key(&revision)),
        url,
        content: content_key(entry, both, &text),
        title: title_key(entry, &title),
        revision,
    }
}

/// What stands before the key of an entry that is known by its text alone.
pub(super) const TEXT_KEY: &str = "text:";

/// The key of an entry that has neither identifier nor address of its own.
pub(super) fn text_key(revision: &str) -> String {
    [TEXT_KEY, revision].concat()
}

/// An identifier in the form in which it is compared: web addresses without their scheme, which sites change when they
/// go from http to https; anything else as it stands.
pub fn guid_key(guid: &str) -> String {
    let guid = guid.trim();
    let is_web = guid.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("http"));
    match is_web.then(|| url::Url::parse(guid)) {
        Some(Ok(url)) if url.has_host() => readable(without_scheme(&url)),
        _ => readable(guid.to_owned()),
    }
}

fn without_scheme(url: &url::Url) -> String {
    let text = url.as_str();
    text[url.scheme().len() + "://".len()..].trim_end_matches('/').to_owned()
}

/// Podcasts have the same words under every piece, and some the same title too: the date belongs to the key.
fn content_key(entry: &Entry, title_and_text: Sha256, text: &str) -> Option<String> {
    has_words(text, MIN_WORDS)?;
    let date = entry.published.map(|d| d.to_rfc3339()).unwrap_or_default();
    Some(hex(with(title_and_text, &date)))
}

fn title_key(entry: &Entry, title: &str) -> Option<String> {
    has_words(title, MIN_TITLE_WORDS)?;
    let day = entry.published.map(|d| d.format(" %F").to_string()).unwrap_or_default();
    Some(hash(&[title]) + &day)
}

/// Whether a folded text has so many words; more of them are not counted.
fn has_words(folded: &str, fewest: usize) -> Option<()> {
    folded.bytes().filter(|byte| *byte == b' ').nth(fewest - 2).map(|_| ())
}

fn readable(key: String) -> String {
    if key.len() <= MAX_READABLE { key } else { format!("sha256:{}", hash(&[&key])) }
}

/// The words of summary and content; tags are blanked, which is enough to compare a text with itself.
fn folded_text(entry: &Entry) -> String {
    let html = entry.content_html.as_deref().or(entry.summary_html.as_deref()).unwrap_or_default();
    fold(&without_tags(super::bounded(html, MAX_KEYED)))
}

fn without_tags(html: &str) -> Cow<'_, str> {
    if !html.contains(['<', '&']) {
        return Cow::Borrowed(html);
    }
    let out = plain::without_tags(html);
    if out.contains('&') { plain::decode_references(&out).into() } else { out.into() }
}

/// Letters and digits in lower case, the rest to single spaces: what is left when only typography changed.
fn fold(text: &str) -> String {
    if text.is_ascii() {
        // Most are, and every entry of every reading is folded.
        return fold_ascii(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut add = |c: char| {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    };
    for c in text.chars() {
        if c.is_ascii() {
            add(c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(&mut add);
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn fold_ascii(text: &str) -> String {
    // In a pass of its own, so that many bytes are looked at in one step.
    let lower = text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b' ' });
    let lower = String::from_utf8(lower.collect()).unwrap_or_default();
    let mut out = String::with_capacity(lower.len());
    let mut rest = lower.trim_matches(' ');
    while let Some(gap) = rest.as_bytes().array_windows().position(|pair| pair == b"  ") {
        out.extend([&rest[..gap], " "]);
        rest = rest[gap..].trim_start_matches(' ');
    }
    out + rest
}

/// The first 128 bits of SHA-256, in hex: no two of a feed's texts will share them by chance.
fn hash(parts: &[&str]) -> String {
    hex(hasher(parts))
}

fn hasher(parts: &[&str]) -> Sha256 {
    parts.iter().fold(Sha256::new(), |hasher, part| with(hasher, part))
}

fn with(mut hasher: Sha256, part: &str) -> Sha256 {
    hasher.update(part.as_bytes());
    hasher.update([0]);
    hasher
}

fn hex(hasher: Sha256) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = Vec::with_capacity(32);
    for byte in &hasher.finalize()[..16] {
        hex.extend([byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]));
    }
    String::from_utf8(hex).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_that_changes_scheme_is_the_same_article() {
        assert_eq!(guid_key("http://Site.example/a/"), guid_key("https://site.example/a"));
        assert_ne!(guid_key("http://site.example/?p=1"), guid_key("http://site.example/?p=2"));
        assert_eq!(guid_key(" tag:site.example,2026:1 "), "tag:site.example,2026:1");
    }

    #[test]
    fn an_entry_without_anything_but_text_has_a_key() {
        let entry = Entry { title: "Only a title".into(), ..Entry::default() };
        assert!(keys(&entry, true).guid.starts_with("text:"));
        let linked = Entry { url: Some("https://a.example/x".into()), ..entry };
        assert_eq!(keys(&linked, true).guid, "a.example/x");
    }

    #[test]
    fn typography_and_markup_are_no_revision() {
        let entry = |title: &str, html: &str| Entry {
            title: title.into(),
            content_html: Some(html.into()),
            ..Entry::default()
        };
        let a = keys(&entry("L’été « chaud »", "<p>Il fait&nbsp;<b>chaud</b>.</p>"), true);
        let b = keys(&entry("L'été \"chaud\"", "<div>Il fait chaud</div>"), true);
        let c = keys(&entry("L'été \"froid\"", "<div>Il fait chaud</div>"), true);
        assert_eq!(a.revision, b.revision);
        assert_ne!(a.revision, c.revision);
    }

    #[test]
    fn short_texts_and_titles_identify_nothing() {
        let entry = Entry { title: "Météo du jour".into(), summary_html: Some("Soleil.".into()), ..Entry::default() };
        let keys = keys(&entry, true);
        assert_eq!((keys.content, keys.title), (None, None));
    }

    #[test]
    fn long_keys_are_hashed() {
        let key = guid_key(&"x".repeat(1_000));
        assert!(key.starts_with("sha256:") && key.len() < MAX_READABLE, "{key}");
    }
}
