//! The attributes of one element, names in lower case, and what links and pictures say with them.
//! It resolves addresses, and does not know what they are for.

use quick_xml::events::BytesStart;
use url::Url;

use super::leaf::unescape;

/// Attributes read of one element.
const MAX_ATTRIBUTES: usize = 64;

/// The attributes of one element in their order.
#[derive(Debug, Default)]
pub(super) struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// Reads them; what is broken in them is passed over.
    pub(super) fn of(element: &BytesStart<'_>) -> Self {
        let mut all = element.html_attributes();
        all.with_checks(false);
        let read = all.flatten().take(MAX_ATTRIBUTES).map(|a| {
            let key = a.key.as_ref();
            // Prefixes differ by case, names of attributes in old dialects do not.
            let key = if key.starts_with("xmlns:") { key.to_owned() } else { key.to_ascii_lowercase() };
            (key, unescape(&a.value))
        });
        Self(read.collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(k, _)| *k == name).map(|(_, v)| v)
    }

    /// The address of a link, not blank.
    pub(super) fn href(&self) -> Option<&str> {
        self.get("href").filter(|h| !h.trim().is_empty())
    }

    /// The link's relation, `alternate` by default (RFC 4287, section 4.2.7.2), without the registry's address.
    pub(super) fn relation(&self) -> String {
        let rel = self.get("rel").map(str::trim).filter(|rel| !rel.is_empty()).unwrap_or("alternate");
        rel.rsplit('/').next().unwrap_or(rel).to_ascii_lowercase()
    }

    /// Whether a link leads to a page for people and not to another feed or an API.
    pub(super) fn leads_to_page(&self) -> bool {
        let kind = self.get("type").unwrap_or_default().trim().to_ascii_lowercase();
        kind.is_empty() || kind.starts_with("text/") || kind.contains("html")
    }

    /// Whether a medium says that it is a picture.
    pub(super) fn is_picture(&self) -> bool {
        self.get("type").is_some_and(|t| t.starts_with("image/")) || self.get("medium") == Some("image")
    }
}

/// The web address that `address` means at `base`.
pub(super) fn absolute(address: &str, base: Option<&Url>) -> Option<String> {
    // Escaped twice; no site has a parameter `amp;id`.
    let address = address.trim().replace("&amp;", "&");
    // A host without its scheme is no path.
    let address = if address.starts_with("www.") { format!("//{address}") } else { address };
    let joined = if let Some(base) = base { base.join(&address) } else { Url::parse(&address) };
    joined.ok().filter(|u| matches!(u.scheme(), "http" | "https")).map(String::from)
}
