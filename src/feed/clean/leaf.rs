//! Gathers the value of one element of a feed: text, or markup written as HTML.
//! It knows the ways in which dialects hide HTML in XML, and not what the value is for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::escape::resolve_predefined_entity;
use url::Url;

use super::attributes::{Attributes, absolute};
use crate::feed::names::{Meaning, Ns, Weight};
use crate::feed::{bounded, plain};

/// How an element holds its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// A word, a date, an address: markup inside is dropped.
    Plain,
    /// Text to be shown as it stands.
    Text,
    /// HTML, escaped for XML.
    Html,
    /// Markup as elements.
    Xhtml,
    /// HTML in base64 (Atom 0.3, and RFC 4287, section 4.1.3.3); what is no text after it gives nothing.
    Base64,
}

/// A value being gathered.
#[derive(Debug)]
pub(super) struct Leaf {
    pub(super) meaning: Meaning,
    pub(super) weight: Weight,
    style: Style,
    out: String,
    has_markup: bool,
}

impl Leaf {
    pub(super) fn plain(meaning: Meaning, weight: Weight) -> Self {
        Self { meaning, weight, style: Style::Plain, out: String::new(), has_markup: false }
    }

    pub(super) fn new(ns: Ns, meaning: Meaning, weight: Weight, attributes: &Attributes) -> Self {
        let style = match (meaning, ns) {
            (Meaning::Title | Meaning::Summary | Meaning::Content, Ns::Atom) => atom_style(attributes),
            (Meaning::Content, Ns::Xhtml) => Style::Xhtml,
            (meaning, _) if meaning.is_text() => Style::Html,
            _ => Style::Plain,
        };
        Self { meaning, weight, style, out: String::new(), has_markup: false }
    }

    pub(super) fn text(&mut self, text: &str) {
        match self.style {
            Style::Text | Style::Xhtml => self.out.push_str(&plain::to_html(text)),
            Style::Plain | Style::Html | Style::Base64 => self.out.push_str(text),
        }
    }

    /// A reference between `&` and `;`. What XML does not define stays as it is: HTML resolves it later.
    pub(super) fn reference(&mut self, name: &str) {
        match resolve(name) {
            Some(text) => self.text(&text),
            None => self.out.extend(["&", name, ";"]),
        }
    }

    pub(super) fn start_tag(&mut self, local: &str, attributes: &Attributes, base: Option<&Url>) {
        self.has_markup = true;
        if !matches!(self.style, Style::Html | Style::Xhtml) {
            return;
        }
        self.out.push('<');
        self.out.push_str(local);
        for (key, value) in attributes.iter().filter(|(k, _)| !k.starts_with("xml") && !k.contains(':')) {
            let resolved = if matches!(key, "href" | "src") { absolute(value, base) } else { None };
            let value = plain::to_html(resolved.as_deref().unwrap_or(value)).replace('"', "&quot;");
            self.out.extend([" ", key, "=\"", &value, "\""]);
        }
        self.out.push('>');
    }

    pub(super) fn end_tag(&mut self, local: &str) {
        match self.style {
            Style::Html | Style::Xhtml => self.out.extend(["</", local, ">"]),
            Style::Plain => self.out.push(' '),
            Style::Text | Style::Base64 => {}
        }
    }

    /// The value: HTML for titles, summaries and contents, text for the others.
    pub(super) fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end().len());
        let value = without_section(self.out.trim_start());
        match self.style {
            Style::Base64 => {
                let packed: String = value.split_whitespace().collect();
                let bytes = STANDARD.decode(packed).unwrap_or_default();
                String::from_utf8(bytes).unwrap_or_default().trim().to_owned()
            }
            // Declared as elements but written as escaped HTML.
            Style::Xhtml if !self.has_markup && value.contains("&lt;") => unescape(value).trim().to_owned(),
            _ if value.len() == self.out.len() => self.out,
            _ => value.to_owned(),
        }
    }
}

/// What a section (`<![CDATA[…]]>`) holds that was itself escaped, as programs do that escape all they write.
fn without_section(value: &str) -> &str {
    let inner = value.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
    inner.map_or(value, str::trim)
}

/// The style of an Atom text construct: `type` of 1.0 (RFC 4287, section 3.1 and 4.1.3), `mode` and media type of 0.3.
fn atom_style(attributes: &Attributes) -> Style {
    let kind = attributes.get("type").unwrap_or("text").trim().to_ascii_lowercase();
    let html = matches!(kind.as_str(), "html" | "text/html");
    match attributes.get("mode").map(str::trim) {
        Some("base64") => return Style::Base64,
        Some("escaped") if kind != "text/plain" && kind != "text" => return Style::Html,
        Some("xml") if html => return Style::Xhtml,
        _ => {}
    }
    match kind.as_str() {
        "html" | "text/html" => Style::Html,
        "text" | "text/plain" | "" => Style::Text,
        "xhtml" => Style::Xhtml,
        k if k.ends_with("+xml") || k.ends_with("/xml") => Style::Xhtml,
        k if k.starts_with("text/") => Style::Text,
        _ => Style::Base64,
    }
}

/// Elements without end tag (HTML standard, section 13.1.2).
pub(super) fn is_void(local: &str) -> bool {
    const VOID: [&str; 14] =
        ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
    VOID.iter().any(|v| v.eq_ignore_ascii_case(local))
}

/// The text of an attribute or of escaped markup; references that XML does not define stay.
pub(in crate::feed) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let resolved =
            bounded(after, plain::MAX_REFERENCE).find(';').and_then(|end| Some((resolve(&after[..end])?, end)));
        if let Some((text, end)) = resolved {
            out.push_str(&text);
            rest = &after[end + 1..];
        } else {
            out.push('&');
            rest = after;
        }
    }
    out + rest
}

fn resolve(name: &str) -> Option<String> {
    let Some(number) = name.strip_prefix('#') else {
        return resolve_predefined_entity(name).map(str::to_owned);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    // 128 to 159 are control characters that nobody means: they are windows-1252 (HTML standard, section 13.2.5.80).
    let c = match u8::try_from(code) {
        Ok(byte @ 128..=159) => {
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next().unwrap_or(' ')
        }
        _ => char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace()).unwrap_or('\u{fffd}'),
    };
    Some(c.to_string())
}
