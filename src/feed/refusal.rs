//! Says what a document is that is not a feed: a web page and its feeds, a challenge, another kind of file.
//! It does not read feeds.

use dom_query::Document;
use url::Url;

use super::{FeedError, MAX_LINE, bounded, plain};

/// Bytes at the start in which a page's own marks are looked for.
const HEAD_WINDOW: usize = 1_024;
/// Bytes searched for the marks of a challenge; such pages are small, their scripts are not.
const CHALLENGE_WINDOW: usize = 64_000;
/// Bytes of a page in which its feeds are looked for; they stand in the head.
const DISCOVERY_WINDOW: usize = 512_000;
/// Tags of a page in which its feeds are looked for: a parser's work grows with the square of what is nested.
const MAX_TAGS: usize = 4_000;
/// Feeds proposed of one page.
const MAX_DISCOVERED: usize = 10;

/// Marks in the source of pages that want to see a human, and who writes them.
const CHALLENGES: [(&str, &str); 14] = [
    ("_cf_chl_opt", "Cloudflare"),
    ("cf-browser-verification", "Cloudflare"),
    ("challenges.cloudflare.com", "Cloudflare"),
    ("attention required! | cloudflare", "Cloudflare"),
    ("<title>just a moment...</title>", "Cloudflare"),
    ("captcha-delivery.com", "DataDome"),
    ("_incapsula_resource", "Imperva"),
    ("px-captcha", "HUMAN"),
    ("awswafintegration", "AWS WAF"),
    ("sucuri_cloudproxy_js", "Sucuri"),
    ("anubis_challenge", "Anubis"),
    ("ddos-guard", "DDoS-Guard"),
    ("validate.perfdrive.com", "Radware"),
    ("/.well-known/sgcaptcha/", "SiteGround"),
];

/// Who asks for a human visitor in this page, if it is such a page. For answers of any status.
pub fn challenge(body: &[u8]) -> Option<&'static str> {
    let head = String::from_utf8_lossy(&body[..body.len().min(CHALLENGE_WINDOW)]).to_ascii_lowercase();
    CHALLENGES.iter().find(|(mark, _)| head.contains(mark)).map(|(_, by)| *by)
}

/// Whether the text begins as a web page does.
pub(super) fn is_page(text: &str) -> bool {
    let head = bounded(text, HEAD_WINDOW).to_ascii_lowercase();
    let feed = ["<rss", "<feed", "<rdf:rdf"].iter().any(|root| head.contains(root));
    !feed && (head.contains("<!doctype html") || head.contains("<html"))
}

/// The error for a web page: a challenge, or a page with the feeds that it names.
pub(super) fn of_page(text: &str, base: &Url) -> FeedError {
    if let Some(by) = challenge(text.as_bytes()) {
        return FeedError::Challenge { by };
    }
    let window = bounded(text, DISCOVERY_WINDOW);
    let end = window.match_indices('<').nth(MAX_TAGS).map_or(window.len(), |(at, _)| at);
    let page = Document::from(&window[..end]);
    let title = plain::fold(&page.select("title").first().text());
    let home = page.select("base[href]").attr("href").and_then(|h| base.join(&h).ok());
    let base = home.as_ref().unwrap_or(base);
    let mut discovered: Vec<String> = Vec::new();
    for link in &page.select("link[rel][href]") {
        let attribute = |name: &str| link.attr(name).unwrap_or_default().trim().to_ascii_lowercase();
        let kind = attribute("type");
        let is_feed = ["application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"]
            .iter()
            .any(|k| kind.starts_with(k));
        let alternate = attribute("rel").split_whitespace().any(|r| matches!(r, "alternate" | "feed"));
        let address = link.attr("href").and_then(|h| base.join(h.trim()).ok()).map(String::from);
        if let Some(address) = address.filter(|a| is_feed && alternate && !discovered.contains(a)) {
            discovered.push(address);
        }
    }
    discovered.extend(refresh_target(&page, base).filter(|t| !discovered.contains(t)));
    discovered.truncate(MAX_DISCOVERED);
    let title = Some(bounded(&title, MAX_LINE).to_owned()).filter(|t| !t.is_empty());
    FeedError::Html { title, discovered }
}

/// Where a page sends its visitors by itself (HTML standard, section 4.2.5.3): some sites answer so at a feed's old
/// address. It is proposed and not followed, as a login page does the same.
fn refresh_target(page: &Document, base: &Url) -> Option<String> {
    let content = page.select("meta[http-equiv='refresh' i][content]").attr("content")?;
    let lower = content.to_ascii_lowercase();
    let at = lower.find("url")? + "url".len();
    let address = content[at..].trim_start().strip_prefix('=')?.trim().trim_matches(['\'', '"']);
    base.join(address).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u != base).map(String::from)
}

/// What an XML document is by its first element.
pub(super) fn of_root(root: Option<&str>) -> String {
    match root {
        Some("opml") => "an OPML list of feeds".to_owned(),
        Some("html") => "a web page".to_owned(),
        Some("rss" | "feed" | "rdf:rdf") => "a feed".to_owned(),
        Some("urlset" | "sitemapindex") => "a sitemap".to_owned(),
        Some("svg") => "a picture (SVG)".to_owned(),
        Some(name) => format!("an XML document <{}>", bounded(name, 40)),
        None => "an XML document without elements".to_owned(),
    }
}

/// What something is that is neither XML nor JSON.
pub(super) fn of_text(text: &str) -> String {
    const SHOWN: usize = 40;
    let start = plain::fold(bounded(text, 4 * SHOWN));
    format!("something that begins {:?}", bounded(&start, SHOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_proposes_its_feeds() {
        let html = r#"<!doctype html><html><head><title> The Site </title>
            <link rel="alternate" type="application/rss+xml" href="/feed">
            <link rel="stylesheet" href="a.css">
            <link rel="ALTERNATE home" type="application/atom+xml; charset=utf-8" href="atom.xml">
            <link rel="alternate" hreflang="fr" href="/fr"></head></html>"#;
        let base = Url::parse("https://site.example/news/").expect("a valid address");
        let FeedError::Html { title, discovered } = of_page(html, &base) else { panic!("a page") };
        assert_eq!(title.as_deref(), Some("The Site"));
        assert_eq!(discovered, ["https://site.example/feed", "https://site.example/news/atom.xml"]);
    }

    #[test]
    fn a_page_that_sends_its_visitors_on_proposes_where() {
        let html = "<html><head><META HTTP-EQUIV='Refresh' content='0; URL=\"/new.xml\"'></head></html>";
        let base = Url::parse("https://site.example/old.xml").expect("a valid address");
        let error = of_page(html, &base).to_string();
        assert_eq!(error, "this is a web page, not a feed; its feed is at https://site.example/new.xml");
    }

    #[test]
    fn a_challenge_is_not_a_page() {
        let html = b"<html><head><title>Just a moment...</title></head><script>window._cf_chl_opt={}</script></html>";
        assert_eq!(challenge(html), Some("Cloudflare"));
        assert_eq!(challenge(b"<html><p>We met a challenge just a moment ago</html>"), None);
    }
}
