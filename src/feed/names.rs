//! The names that feed dialects use: namespaces old and new, and what each element of an entry or a feed means.
//! It does not read documents.

/// A family of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ns {
    /// No namespace, or one of RSS's many.
    Rss,
    /// Atom 1.0, 0.3 and its drafts.
    Atom,
    Content,
    Dc,
    DcTerms,
    Media,
    Itunes,
    Syndication,
    Feedburner,
    Xhtml,
    /// Known to us only by name, or not at all.
    Other,
}

impl Ns {
    /// The family of a namespace address.
    pub(super) fn of_uri(uri: &str) -> Self {
        let uri = uri.trim().to_ascii_lowercase().replacen("https://", "http://", 1);
        let starts = |prefixes: &[&str]| prefixes.iter().any(|p| uri.starts_with(p));
        match uri.trim_end_matches('/') {
            "" | "http://purl.org/rss/1.0" => Self::Rss,
            "http://www.w3.org/1999/xhtml" => Self::Xhtml,
            "http://purl.org/rss/1.0/modules/content" => Self::Content,
            "http://purl.org/rss/1.0/modules/syndication" => Self::Syndication,
            "http://rssnamespace.org/feedburner/ext/1.0" => Self::Feedburner,
            _ if starts(&[
                "http://www.w3.org/2005/atom",
                "http://purl.org/atom/",
                "http://purl.org/echo/",
                "http://purl.org/pie/",
                "http://example.com/newformat",
                "http://example.com/necho",
                "uri/of/echo/namespace",
            ]) =>
            {
                Self::Atom
            }
            _ if starts(&[
                "http://backend.userland.com/rss",
                "http://blogs.law.harvard.edu/tech/rss",
                "http://my.netscape.com/",
                "http://channel.netscape.com/",
                "http://purl.org/net/rss1.1",
                "http://www.rssboard.org/rss-specification",
            ]) =>
            {
                Self::Rss
            }
            _ if starts(&["http://purl.org/dc/elements"]) => Self::Dc,
            _ if starts(&["http://purl.org/dc/terms"]) => Self::DcTerms,
            _ if starts(&["http://search.yahoo.com/mrss", "http://tools.search.yahoo.com/mrss"]) => Self::Media,
            _ if starts(&["http://www.itunes.com/dtds/podcast", "http://example.com/dtds/podcast"]) => Self::Itunes,
            _ => Self::Other,
        }
    }

    /// The family that an undeclared prefix stands for in practice.
    pub(super) fn of_undeclared_prefix(prefix: &str) -> Self {
        match prefix.to_ascii_lowercase().as_str() {
            "" | "rss" => Self::Rss,
            "atom" | "atom10" | "a10" => Self::Atom,
            "content" => Self::Content,
            "dc" => Self::Dc,
            "dcterms" => Self::DcTerms,
            "media" => Self::Media,
            "itunes" => Self::Itunes,
            "sy" => Self::Syndication,
            "feedburner" => Self::Feedburner,
            "xhtml" => Self::Xhtml,
            _ => Self::Other,
        }
    }
}

/// What an element means to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Title,
    Link,
    Id,
    Summary,
    Content,
    Published,
    Updated,
    Author,
    Category,
    Language,
    OriginalLink,
    Enclosure,
    MediaContent,
    MediaThumbnail,
    MediaTitle,
    MediaDescription,
    PodcastImage,
    Ttl,
    SkipHours,
    SkipDays,
    UpdatePeriod,
    UpdateFrequency,
}

impl Meaning {
    /// Whether the value is text for people, which may hold markup.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Self::Title | Self::Summary | Self::Content | Self::MediaTitle | Self::MediaDescription)
    }
}

/// How sure a name is of its meaning; a surer one replaces a vaguer one, whatever their order.
pub(super) type Weight = u8;
const SURE: Weight = 2;
const VAGUE: Weight = 1;

/// What a child of an entry means, by family and lower-case local name.
pub(super) fn of_entry(ns: Ns, local: &str) -> Option<(Meaning, Weight)> {
    use Meaning as M;
    Some(match (ns, local) {
        (Ns::Rss | Ns::Atom, "title") => (M::Title, SURE),
        (Ns::Dc | Ns::Itunes, "title") => (M::Title, VAGUE),
        (Ns::Rss | Ns::Atom, "link") => (M::Link, SURE),
        (Ns::Rss, "guid") | (Ns::Atom, "id") => (M::Id, SURE),
        (Ns::Rss, "description") | (Ns::Atom, "summary") => (M::Summary, SURE),
        (Ns::Rss, "abstract" | "summary")
        | (Ns::Dc | Ns::DcTerms, "description" | "abstract")
        | (Ns::Itunes, "summary" | "subtitle") => (M::Summary, VAGUE),
        (Ns::Content, "encoded") | (Ns::Atom, "content") => (M::Content, SURE),
        (Ns::Rss, "fullitem" | "content" | "body") | (Ns::Xhtml, "body" | "div") => (M::Content, VAGUE),
        (Ns::Rss, "pubdate") | (Ns::Atom, "published" | "issued") => (M::Published, SURE),
        (Ns::Rss, "published" | "date")
        | (Ns::Atom, "pubdate" | "created")
        | (Ns::Dc | Ns::DcTerms, "date" | "issued" | "created") => (M::Published, VAGUE),
        (Ns::Atom, "updated" | "modified") => (M::Updated, SURE),
        (Ns::Rss, "updated" | "lastbuilddate" | "lastmod") | (Ns::DcTerms, "modified") => (M::Updated, VAGUE),
        (Ns::Rss | Ns::Atom | Ns::Dc, "author") | (Ns::Dc, "creator") => (M::Author, SURE),
        (Ns::Itunes, "author") => (M::Author, VAGUE),
        (Ns::Rss | Ns::Atom, "category") | (Ns::Dc, "subject") => (M::Category, SURE),
        (Ns::Dc, "language") => (M::Language, SURE),
        (Ns::Feedburner, "origlink") => (M::OriginalLink, SURE),
        (Ns::Rss, "enclosure") => (M::Enclosure, SURE),
        (Ns::Media, "content") => (M::MediaContent, SURE),
        (Ns::Media, "thumbnail") => (M::MediaThumbnail, SURE),
        (Ns::Media, "title") => (M::MediaTitle, VAGUE),
        (Ns::Media, "description") => (M::MediaDescription, VAGUE),
        (Ns::Itunes, "image") => (M::PodcastImage, SURE),
        _ => return None,
    })
}

/// What a child of a feed or channel means, by family and lower-case local name.
pub(super) fn of_feed(ns: Ns, local: &str) -> Option<(Meaning, Weight)> {
    use Meaning as M;
    Some(match (ns, local) {
        (Ns::Rss | Ns::Atom, "title") => (M::Title, SURE),
        (Ns::Dc, "title") => (M::Title, VAGUE),
        (Ns::Rss | Ns::Atom, "link") => (M::Link, SURE),
        (Ns::Atom | Ns::Itunes, "author") | (Ns::Dc, "creator") => (M::Author, SURE),
        (Ns::Rss, "language") => (M::Language, SURE),
        (Ns::Dc, "language") => (M::Language, VAGUE),
        (Ns::Rss, "ttl") => (M::Ttl, SURE),
        (Ns::Rss, "skiphours") => (M::SkipHours, SURE),
        (Ns::Rss, "skipdays") => (M::SkipDays, SURE),
        (Ns::Syndication, "updateperiod") => (M::UpdatePeriod, SURE),
        (Ns::Syndication, "updatefrequency") => (M::UpdateFrequency, SURE),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_namespaces_belong_to_their_families() {
        assert_eq!(Ns::of_uri("http://purl.org/atom/ns#"), Ns::Atom);
        assert_eq!(Ns::of_uri("http://my.netscape.com/rdf/simple/0.9/"), Ns::Rss);
        assert_eq!(Ns::of_uri("http://purl.org/rss/1.0/modules/content/"), Ns::Content);
        assert_eq!(Ns::of_uri("http://purl.org/rss/1.0/modules/annotate/"), Ns::Other);
        assert_eq!(Ns::of_uri("HTTP://Search.Yahoo.com/mrss/"), Ns::Media);
        assert_eq!(Ns::of_uri("https://search.yahoo.com/mrss"), Ns::Media);
        assert_eq!(Ns::of_uri("https://purl.org/rss/1.0/modules/content"), Ns::Content);
        assert_eq!(Ns::of_uri("https://purl.org/dc/elements/1.1"), Ns::Dc);
        assert_eq!(Ns::of_uri("http://purl.org/rss/1.0"), Ns::Rss);
    }
}
