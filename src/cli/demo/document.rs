//! Writes what the demo's publishers offer: feeds in four formats, and the articles' pages.
//! It opens no socket; `site` serves what is written here.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::samples::{Article, Format, Points, Publisher};

/// Articles that a feed shows at a time.
const SHOWN: usize = 20;

/// A publisher's place on the demo's server at one moment of the day.
#[derive(Clone, Copy)]
pub(super) struct Stand<'a> {
    pub(super) publisher: &'a Publisher,
    /// `http://host:port`, without a slash.
    pub(super) base: &'a str,
    /// When the day began.
    pub(super) begin: DateTime<Utc>,
    pub(super) now: DateTime<Utc>,
}

impl Stand<'_> {
    /// What is out by now, newest first.
    fn articles(&self) -> Vec<&Article> {
        let mut out: Vec<&Article> =
            self.publisher.articles.iter().filter(|article| self.begin + article.at <= self.now).collect();
        out.sort_by_key(|article| std::cmp::Reverse(article.at));
        out.truncate(SHOWN);
        out
    }

    fn link(&self, article: &Article) -> String {
        let tracking = &self.publisher.tracking;
        let mark = if tracking.is_empty() { "" } else { "?" };
        format!("{}/{}{mark}{tracking}", self.base, article.slug)
    }

    fn content(&self, article: &Article) -> String {
        if !self.publisher.full {
            return String::new();
        }
        let mut html = body(article);
        for line in [&self.publisher.appeal, &self.publisher.closing].into_iter().filter(|line| !line.is_empty()) {
            let line = line.replace("{title}", &article.title).replace("{feed}", &self.publisher.title);
            let _ = write!(html, "<p>{}</p>", escape(&line));
        }
        html
    }

    /// The feed, and its media type.
    pub(super) fn feed(&self) -> (&'static str, String) {
        match self.publisher.format {
            Format::Rss2 => ("application/rss+xml; charset=utf-8", self.rss2()),
            Format::Atom => ("application/atom+xml; charset=utf-8", self.atom()),
            Format::Rss1 => ("application/rdf+xml; charset=utf-8", self.rss1()),
            Format::Json => ("application/feed+json", self.json()),
        }
    }

    fn rss2(&self) -> String {
        let mut xml = format!(
            r#"<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{}</title><link>{}/</link><description>{}</description><language>{}</language>"#,
            escape(&self.publisher.title),
            self.base,
            escape(&self.publisher.title),
            self.publisher.language
        );
        for article in self.articles() {
            let at = (self.begin + article.at).to_rfc2822();
            let _ = write!(
                xml,
                r#"<item><title>{}</title><link>{}</link><guid isPermaLink="false">{}-{}</guid><pubDate>{at}</pubDate><category>{}</category><description>{}</description>"#,
                escape(&article.title),
                escape(&self.link(article)),
                self.publisher.host,
                article.slug,
                escape(&article.category),
                escape(&article.summary)
            );
            if !article.author.is_empty() {
                let _ = write!(xml, "<dc:creator>{}</dc:creator>", escape(&article.author));
            }
            let content = self.content(article);
            if !content.is_empty() {
                let _ = write!(xml, "<content:encoded><![CDATA[{content}]]></content:encoded>");
            }
            xml.push_str("</item>");
        }
        xml + "</channel></rss>"
    }

    fn atom(&self) -> String {
        let updated = self.articles().first().map_or(self.begin, |newest| self.begin + newest.at);
        let mut xml = format!(
            r#"<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{}"><title>{}</title><id>{}/</id><link href="{}/"/><updated>{}</updated>"#,
            self.publisher.language,
            escape(&self.publisher.title),
            self.base,
            self.base,
            updated.to_rfc3339()
        );
        for article in self.articles() {
            let at = (self.begin + article.at).to_rfc3339();
            let _ = write!(
                xml,
                r#"<entry><title>{}</title><id>{}/{}</id><link href="{}"/><published>{at}</published><updated>{at}</updated><category term="{}"/><summary>{}</summary><content type="html">{}</content>"#,
                escape(&article.title),
                self.base,
                article.slug,
                escape(&self.link(article)),
                escape(&article.category),
                escape(&article.summary),
                escape(&self.content(article))
            );
            if !article.author.is_empty() {
                let _ = write!(xml, "<author><name>{}</name></author>", escape(&article.author));
            }
            xml.push_str("</entry>");
        }
        xml + "</feed>"
    }

    fn rss1(&self) -> String {
        let (mut list, mut items) = (String::new(), String::new());
        for article in self.articles() {
            let link = escape(&self.link(article));
            let at = (self.begin + article.at).to_rfc3339();
            let _ = write!(list, r#"<rdf:li rdf:resource="{link}"/>"#);
            let _ = write!(
                items,
                r#"<item rdf:about="{link}"><title>{}</title><link>{link}</link><description>{}</description><dc:date>{at}</dc:date><dc:subject>{}</dc:subject></item>"#,
                escape(&article.title),
                escape(&article.summary),
                escape(&article.category)
            );
        }
        format!(
            r#"<?xml version="1.0" encoding="utf-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="{0}/feed"><title>{1}</title><link>{0}/</link><description>{1}</description><dc:language>{2}</dc:language><items><rdf:Seq>{list}</rdf:Seq></items></channel>{items}</rdf:RDF>"#,
            self.base,
            escape(&self.publisher.title),
            self.publisher.language
        )
    }

    fn json(&self) -> String {
        let items: Vec<_> = self
            .articles()
            .into_iter()
            .map(|article| {
                json!({
                    "id": format!("{}-{}", self.publisher.host, article.slug), "url": self.link(article),
                    "title": article.title, "summary": article.summary, "content_html": self.content(article),
                    "date_published": (self.begin + article.at).to_rfc3339(), "tags": [article.category],
                    "authors": [{"name": article.author}],
                })
            })
            .collect();
        json!({
            "version": "https://jsonfeed.org/version/1.1", "title": self.publisher.title,
            "home_page_url": format!("{}/", self.base), "language": self.publisher.language, "items": items,
        })
        .to_string()
    }

    /// The page of an article, with all that stands around one.
    pub(super) fn page(&self, slug: &str) -> Option<String> {
        let publisher = self.publisher;
        let article = self.articles().into_iter().find(|article| article.slug == slug)?;
        let title = escape(&article.title);
        let byline =
            if article.author.is_empty() { String::new() } else { format!("<p>{}</p>", escape(&article.author)) };
        Some(format!(
            r##"<!doctype html><html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title} | {name}</title><link rel="canonical" href="{}/{slug}"><meta property="og:title" content="{title}"><meta property="og:site_name" content="{name}"><meta property="article:published_time" content="{}"></head><body><header><a href="/">{name}</a></header><nav><ul><li><a href="/">1</a></li><li><a href="/2">2</a></li><li><a href="/3">3</a></li></ul></nav><main><article><h1>{title}</h1>{byline}<p class="standfirst">{}</p>{}</article><div class="share"><a href="#">Facebook</a> <a href="#">X</a> <a href="#">E-mail</a></div><p>{}</p></main><footer><p>© {name}</p></footer></body></html>"##,
            publisher.language,
            self.base,
            (self.begin + article.at).to_rfc3339(),
            escape(&article.summary),
            body(article),
            escape(&publisher.appeal),
            name = escape(&publisher.title),
        ))
    }
}

/// An article's text as HTML, its key points as the publisher sets them.
fn body(article: &Article) -> String {
    let mut html = String::new();
    if let Some((form, heading)) = &article.points {
        let heading = escape(heading);
        let points: Vec<String> = article.key_points().map(escape).collect();
        let _ = match form {
            Points::List => write!(html, "<h2>{heading}</h2><ul><li>{}</li></ul>", points.join("</li><li>")),
            Points::Lines => write!(html, "<p>{heading}</p><p>• {}</p>", points.join("<br>• ")),
            Points::Class => write!(
                html,
                r#"<div class="key-points"><p><b>{heading}</b></p><p>{}</p></div>"#,
                points.join("</p><p>")
            ),
        };
    }
    for paragraph in article.text() {
        let _ = write!(html, "<p>{}</p>", escape(paragraph));
    }
    html
}

/// Text for XML and HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
