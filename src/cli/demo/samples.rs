//! The demo's publishers and their articles, read from the plain files in `samples/`.
//! It knows no feed format and no clock; `document` writes the feeds.

use chrono::TimeDelta;

use crate::cli::Failure;

/// The files, in the order in which their feeds are added.
const FILES: [(&str, &str); 7] = [
    ("fanal.txt", include_str!("samples/fanal.txt")),
    ("phare.txt", include_str!("samples/phare.txt")),
    ("sillage.txt", include_str!("samples/sillage.txt")),
    ("courier.txt", include_str!("samples/courier.txt")),
    ("tideline.txt", include_str!("samples/tideline.txt")),
    ("bote.txt", include_str!("samples/bote.txt")),
    ("waardbode.txt", include_str!("samples/waardbode.txt")),
];

/// The format in which a publisher offers its feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Rss2,
    Atom,
    Rss1,
    Json,
}

/// How a publisher sets its block of key points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Points {
    /// A heading and an HTML list.
    List,
    /// Lines of text that begin with a bullet.
    Lines,
    /// A container that says so by its class.
    Class,
}

/// One publisher.
#[derive(Clone, Debug)]
pub(super) struct Publisher {
    pub(super) title: String,
    /// First label of its host name.
    pub(super) host: String,
    pub(super) format: Format,
    pub(super) language: String,
    /// The feed holds whole articles, not only their summaries.
    pub(super) full: bool,
    /// What it adds to its links to know where readers come from.
    pub(super) tracking: String,
    /// What stands below each article to win subscribers.
    pub(super) appeal: String,
    /// What its software adds to each article in the feed.
    pub(super) closing: String,
    pub(super) articles: Vec<Article>,
}

/// One article.
#[derive(Clone, Debug)]
pub(super) struct Article {
    pub(super) slug: String,
    /// When it appears, from the begin of the simulated day.
    pub(super) at: TimeDelta,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) category: String,
    pub(super) author: String,
    pub(super) points: Option<(Points, String)>,
    /// Paragraphs; lines that begin with a bullet are the key points.
    pub(super) paragraphs: Vec<String>,
}

impl Article {
    /// The statements of the publisher's own block.
    pub(super) fn key_points(&self) -> impl Iterator<Item = &str> {
        self.paragraphs.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("• "))
    }

    /// The text without that block.
    pub(super) fn text(&self) -> impl Iterator<Item = &str> {
        self.paragraphs.iter().map(String::as_str).filter(|text| !text.starts_with('•'))
    }
}

/// All publishers.
pub(super) fn publishers() -> Result<Vec<Publisher>, Failure> {
    FILES
        .iter()
        .map(|(file, text)| publisher(text).map_err(|why| Failure::failed(format!("samples/{file}: {why}"))))
        .collect()
}

fn publisher(text: &str) -> Result<Publisher, String> {
    let mut parts = text.split("\n=== ");
    let head = parts.next().unwrap_or_default();
    let format = match field(head, "format") {
        "rss2" => Format::Rss2,
        "atom" => Format::Atom,
        "rss1" => Format::Rss1,
        "json" => Format::Json,
        other => return Err(format!("`{other}` is no format of a feed")),
    };
    Ok(Publisher {
        title: field(head, "title").to_owned(),
        host: field(head, "host").to_owned(),
        format,
        language: field(head, "language").to_owned(),
        full: field(head, "content") == "full",
        tracking: field(head, "tracking").to_owned(),
        appeal: field(head, "appeal").to_owned(),
        closing: field(head, "closing").to_owned(),
        articles: parts.map(article).collect::<Result<_, _>>()?,
    })
}

fn article(text: &str) -> Result<Article, String> {
    let (head, body) = text.split_once("\n\n").ok_or("an article without a body")?;
    let slug = head.lines().next().unwrap_or_default().trim().to_owned();
    let points = match field(head, "points") {
        "" => None,
        "list" => Some(Points::List),
        "lines" => Some(Points::Lines),
        "class" => Some(Points::Class),
        other => return Err(format!("{slug}: `{other}` is no form of key points")),
    };
    Ok(Article {
        at: offset(field(head, "at")).ok_or_else(|| format!("{slug}: `at` must be hours and minutes"))?,
        title: field(head, "title").to_owned(),
        summary: field(head, "summary").to_owned(),
        category: field(head, "category").to_owned(),
        author: field(head, "author").to_owned(),
        points: points.map(|points| (points, field(head, "points-heading").to_owned())),
        paragraphs: body.split("\n\n").map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect(),
        slug,
    })
}

/// The value of a `name: value` line, empty where there is none.
fn field<'a>(head: &'a str, name: &str) -> &'a str {
    let value = |line: &'a str| line.strip_prefix(name)?.strip_prefix(": ");
    head.lines().find_map(value).unwrap_or_default().trim()
}

/// `5:20` or `-6:00`.
fn offset(text: &str) -> Option<TimeDelta> {
    let (hours, minutes) = text.trim_start_matches('-').split_once(':')?;
    let offset = TimeDelta::hours(hours.parse().ok()?) + TimeDelta::minutes(minutes.parse().ok()?);
    Some(if text.starts_with('-') { -offset } else { offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_are_as_many_and_as_long_as_the_demo_promises() {
        let publishers = publishers().expect("they read");
        let articles: Vec<&Article> = publishers.iter().flat_map(|publisher| &publisher.articles).collect();
        assert_eq!(articles.len(), 40);
        for article in &articles {
            let words: usize = article.text().map(|text| text.split_whitespace().count()).sum();
            assert!(article.at < TimeDelta::zero() || (120..400).contains(&words), "{}: {words} words", article.slug);
            assert_eq!(article.points.is_some(), article.key_points().count() >= 2, "{}", article.slug);
            assert!(!article.title.is_empty() && !article.summary.is_empty(), "{}", article.slug);
        }
        let forms: std::collections::HashSet<String> =
            articles.iter().filter_map(|a| a.points.as_ref()).map(|(form, _)| format!("{form:?}")).collect();
        assert_eq!(forms.len(), 3, "a list, lines and a class");
    }
}
