//! Reads what a person points at: an address, a file, or standard input.
//! It does not know what the document is.

use std::{
    fs::File,
    io::{self, Read as _},
};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use url::Url;

use super::{Failure, Invocation, settings};
use crate::{
    feed::{FeedUrl, polling::Validators, refusal::challenge},
    fetch::{FetchConfig, FetchError, Fetcher, Outcome, Request, Wanted},
};

/// Largest document that is read, in bytes; the same as for fetched ones.
const LARGEST: u64 = 10_000_000;

/// Bytes at the start of a page in which its charset is looked for (WHATWG HTML, 13.2.3.2).
const META_WINDOW: usize = 1_024;

/// A document with what is known of where it came from.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// As the person named it.
    pub(super) name: String,
    /// Its address, where it has one.
    pub(super) url: Option<Url>,
    /// The Content-Type, where it was fetched.
    pub(super) content_type: Option<String>,
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
}

impl Document {
    /// The text of a page or a text file: by its byte order mark, as UTF-8, by its declared charset, else as Windows-1252.
    pub(super) fn text(&self) -> String {
        if let Some((encoding, mark)) = Encoding::for_bom(&self.bytes) {
            return encoding.decode_without_bom_handling(&self.bytes[mark..]).0.into_owned();
        }
        if let Ok(text) = str::from_utf8(&self.bytes) {
            return text.to_owned();
        }
        let declared = self.content_type.as_deref().and_then(charset).or_else(|| {
            let head = &self.bytes[..self.bytes.len().min(META_WINDOW)];
            charset(&String::from_utf8_lossy(head))
        });
        // It is not UTF-8, whatever it says.
        let encoding = declared.filter(|encoding| *encoding != UTF_8).unwrap_or(WINDOWS_1252);
        encoding.decode_without_bom_handling(&self.bytes).0.into_owned()
    }
}

/// The first `charset=` of a text that names a known one.
fn charset(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let after = |rest: &str| {
        let name = rest.trim_start_matches([' ', '"', '\'']);
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c))).unwrap_or(name.len());
        Encoding::for_label(&name.as_bytes()[..end])
    };
    lower.split("charset=").skip(1).find_map(after)
}

/// Whether it is an address rather than a file's name.
pub(super) fn is_address(given: &str) -> bool {
    let lower = given.to_ascii_lowercase();
    ["http://", "https://", "feed:"].iter().any(|scheme| lower.starts_with(scheme))
}

/// Reads an address, a file, or - for standard input.
pub(super) async fn read(invocation: &Invocation, given: &str, wanted: Wanted) -> Result<Document, Failure> {
    if is_address(given) {
        return fetch(invocation, given, wanted).await;
    }
    let bytes = if given == "-" { bounded(io::stdin().lock()) } else { File::open(given).and_then(bounded) };
    let bytes = bytes.map_err(|error| cannot_read(given, &error))?;
    Ok(Document { name: given.to_owned(), url: None, content_type: None, bytes })
}

/// Fetches as the daemon would; without a config, with defaults and no private addresses.
async fn fetch(invocation: &Invocation, given: &str, wanted: Wanted) -> Result<Document, Failure> {
    let address = FeedUrl::parse(given).map_err(|error| Failure::input(error.to_string()))?;
    let config = match invocation.config_path() {
        Ok(_) => settings::fetch_config(&invocation.config()?.feeds),
        Err(_) => FetchConfig::default(),
    };
    let failed = |why: &str| Failure::failed(format!("{address}: {why}"));
    let fetcher = Fetcher::new(&config).map_err(|error| failed(&error.to_string()))?;
    let validators = Validators::default();
    let request = Request { url: address.url(), wanted, validators: &validators, subscribers: None };
    let answer = fetcher.fetch(request).await;
    match answer.outcome {
        Outcome::Body(body) => Ok(Document {
            name: given.to_owned(),
            url: Some(answer.url),
            content_type: body.content_type,
            bytes: body.bytes,
        }),
        Outcome::NotModified => {
            Err(failed("the server says that nothing changed, and we have nothing yet; tell its publisher"))
        }
        Outcome::Failed(FetchError::Refused(why)) => {
            Err(failed(&format!("{why}; [feeds] allow_private = true in the config lets it through")))
        }
        Outcome::Failed(why) => Err(failed(&why.to_string())),
        Outcome::Status { status, head } => Err(match challenge(&head) {
            Some(by) => {
                failed(&format!("{by} asks for a human visitor (status {status}); save the document and name the file"))
            }
            None => failed(&format!("the server answers with status {status}; check the address")),
        }),
    }
}

/// Bad input: the file cannot be read.
pub(super) fn cannot_read(given: &str, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::NotFound
            if given.contains('.') && !given.contains('/') && !std::path::Path::new(given).exists() =>
        {
            "; name a file that is there, or an address that begins with https://"
        }
        io::ErrorKind::NotFound => "; name a file that is there",
        io::ErrorKind::IsADirectory => "; name the file in it",
        _ => "",
    };
    Failure::input(format!("cannot read {given}: {error}{hint}"))
}

fn bounded(from: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 10 MB"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], content_type: Option<&str>, text: &str) {
        let content_type = content_type.map(str::to_owned);
        let document = Document { name: String::new(), url: None, content_type, bytes: bytes.to_owned() };
        assert_eq!(document.text(), text);
    }

    #[test]
    fn a_text_is_decoded_by_evidence_before_declaration() {
        check("é".as_bytes(), Some("text/html; charset=iso-8859-1"), "é");
        check(b"\xe9", None, "é");
        check(b"\xff\xfe\xe9\x00", None, "é");
        check(b"\xe9", Some("text/html; charset=utf-8"), "é");
        check(b"\xb1", Some("text/html; charset=\"iso-8859-2\""), "ą");
        check(b"<meta charset='iso-8859-2'>\xb1", None, "<meta charset='iso-8859-2'>ą");
    }
}
