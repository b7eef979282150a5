//! Tells what stands around an article from what belongs to it: calls to subscribe, share bars, credits, lone links, repeated blocks.
//! It judges single blocks by their words; where on a page the article is, `extract` finds.

mod anywhere;
mod inside;
mod opening;
mod phrases;
mod prose;
mod wall;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::words::{self, Line};
pub(super) use wall::{is_paid_category, is_wall, may_be_paid_category};

/// Why a block is not part of the article, as an editor reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Why {
    /// "Subscribe to read on", "Already a subscriber?".
    Subscribe,
    /// "Sign up for our newsletter", "Download our app", "Follow us".
    Newsletter,
    /// "Share", "Print", a row of networks.
    Share,
    /// «Plus», "Read more": a link's words without the link.
    LoneLink,
    /// "The post X appeared first on Y", copyright lines.
    Footer,
    /// "Photo: …", agencies' marks.
    Credit,
    /// "Read also: …", lists of links.
    Related,
    /// "Comments", "Report an error", "Advertisement".
    Furniture,
    /// The title once more, a byline, a date.
    Head,
    /// Seen word for word in other articles of the feed.
    Repeated,
    /// Shown as key points above.
    KeyPoints,
    /// A publisher's point beyond those that are shown.
    MorePoints,
}

impl Why {
    /// The reason in plain words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Subscribe => "call to subscribe",
            Self::Newsletter => "newsletter, app or follow box",
            Self::Share => "share bar",
            Self::LoneLink => "a link's words alone",
            Self::Footer => "feed or copyright footer",
            Self::Credit => "image credit",
            Self::Related => "links to other articles",
            Self::Furniture => "part of the page, not of the article",
            Self::Head => "title, byline or date again",
            Self::Repeated => "seen in several articles of this feed",
            Self::KeyPoints => "shown as key points",
            Self::MorePoints => "a key point beyond those shown",
        }
    }
}

/// Words above which a block is never judged by its opening words alone: it says too much else.
const MAX_WORDS: usize = 45;

/// Judges one block by its words. `linked` is the share of its text that is link, 0 where that is not known.
pub fn why(text: &str, linked: f64) -> Option<Why> {
    why_of(&Line::of(text), linked)
}

/// The same of a text that others judge too.
pub(super) fn why_of(line: &Line<'_>, linked: f64) -> Option<Why> {
    let Line { text, folded, words: count } = line;
    let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if bare.is_empty() {
        return Some(Why::Furniture);
    }
    if let Some(why) = phrases::whole(bare) {
        return Some(why);
    }
    if *count > MAX_WORDS {
        return None;
    }
    if let Some(why) = inside::inside(line) {
        return Some(why);
    }
    let opening = folded.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '©');
    if follows(opening, *count) {
        return Some(Why::Newsletter);
    }
    if let Some(why) = opening::opening(line, opening) {
        return Some(why);
    }
    if ends_in_credit(folded) || phrases::ends_in_name(text) {
        return Some(Why::Credit);
    }
    if is_share_row(bare) {
        return Some(Why::Share);
    }
    (linked > 0.8 && (3..=25).contains(count) && !text.ends_with(['.', '!', '…', '»', '”', '"']))
        .then_some(Why::Related)
}

/// "… in Berlin. (Foto: dpa)", "… at work. | 3:18 min": a caption ends in who took the picture or how long the film is.
fn ends_in_credit(folded: &str) -> bool {
    let bracket = folded.strip_suffix([')', '）', ']']).and_then(|t| t.rfind(['(', '（', '[']).map(|at| &t[at..]));
    let credited = bracket.is_some_and(|b| {
        let inner = b.trim_start_matches(['(', '（', '[']);
        inner.split_whitespace().count() <= 8 && (phrases::names_a_picture(inner) || inner.ends_with("撮影"))
    });
    let mut ending = folded.rsplitn(3, ' ');
    let minutes = matches!(ending.next(), Some("min" | "min." | "minuten" | "sek" | "sek."));
    let clock = ending.next().is_some_and(|w| w.contains(':') && w.bytes().all(|b| b.is_ascii_digit() || b == b':'));
    credited || (minutes && clock)
}

/// "Follow The Lamp on Facebook for the latest news": a call to follow, and where.
fn follows(opening: &str, count: usize) -> bool {
    const VERBS: &[&str] =
        &["follow", "suivez", "suis", "folgen", "folge", "volg", "sigue", "siga", "segui", "seguite"];
    const AT: &[&str] = &["on", "sur", "auf", "bei", "op", "en", "su", "no", "na", "via"];
    let mut words = opening.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|w| !w.is_empty());
    if count > 20 || !words.next().is_some_and(|first| VERBS.contains(&first)) {
        return false;
    }
    let words: Vec<&str> = words.take(8).collect();
    words.windows(2).any(|pair| AT.contains(&pair[0]) && pair[1].len() > 1 && phrases::is_network(pair[1]))
}

/// "Facebook, Twitter, mail": at least two networks and nothing that is not one.
fn is_share_row(bare: &str) -> bool {
    let parts = || bare.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|part| !part.is_empty());
    let networks = parts().filter(|part| phrases::is_network(part)).count();
    networks >= 2 && networks * 3 >= parts().count() * 2
}

/// A block as it is compared with those of other articles: folded, figures blinded.
pub fn fingerprint(text: &str) -> u64 {
    fingerprint_of(&words::fold(text))
}

/// The same of a folded text.
pub(super) fn fingerprint_of(folded: &str) -> u64 {
    words::hash_bytes(folded.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b }))
}

/// Fingerprints of blocks that a feed repeats; stored with the feed.
pub type Learned = BTreeSet<u64>;

/// Articles of a feed in which a block must stand before it counts as the feed's own furniture.
const REPEATED_IN: usize = 3;

/// Learns from a feed's recent articles, each given as the fingerprints of its blocks: a block that stands in three of them and in
/// a fifth of all is not news. A text that one article repeats counts once.
pub fn learn<'a>(recent: impl IntoIterator<Item = &'a [u64]>) -> Learned {
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    let mut articles = 0;
    for blocks in recent {
        articles += 1;
        for block in blocks.iter().collect::<BTreeSet<_>>() {
            *seen.entry(*block).or_default() += 1;
        }
    }
    let needed = REPEATED_IN.max(articles / 5);
    seen.into_iter().filter(|(_, times)| *times >= needed).map(|(block, _)| block).collect()
}
