//! Chooses and orders one reader's items for one slot: pure, the same in plan, dry-run and tests.
//! It neither loads the window nor writes the digest.

use rustc_hash::FxHashMap;

use super::{FrozenItem, Place, Why};
use crate::article::language::Language;

/// Matches looked at per filter and window; a filter with more is a firehose that no digest can show.
pub const MAX_PER_WHY: usize = 2_000;
/// Other feeds named under a story (mails-and-pages.md).
const MAX_ALSO: usize = 3;
/// Items that are looked at for "at most two of a source".
const FIRST_ITEMS: usize = 5;
/// Of a source among the first items.
const MAX_OF_SOURCE_FIRST: usize = 2;
/// A source may stand this often in a row while another waits.
const MAX_IN_ROW: usize = 2;

/// An article of a slot's window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowArticle {
    /// Commit-ordered number of its match.
    pub seq: i64,
    /// Article.
    pub article: i64,
    /// Revision.
    pub rev: i16,
    /// Story.
    pub story: i64,
    /// Number of the story's first match.
    pub story_first_seq: i64,
    /// Feed.
    pub feed: i64,
    /// The publisher's own feed.
    pub own: bool,
    /// For its publisher's subscribers only, and labelled so.
    pub paid: bool,
    /// Language of the text.
    pub language: Language,
    /// Upper bound of its HTML in a mail, bytes.
    pub html_bytes: u32,
    /// It tells what its earlier revisions did not.
    pub material: bool,
    /// Key of its title as a subject line; none where the title cannot lead.
    pub lead: Option<i64>,
}

/// What matched in a slot's window, the same for all its readers.
#[derive(Clone, Debug, Default)]
pub struct Window {
    pub(super) articles: Vec<WindowArticle>,
    pub(super) by_why: FxHashMap<Why, Vec<u32>>,
}

impl Window {
    /// From articles newest first, each with what it matched.
    ///
    /// # Panics
    /// With more articles than 32 bits count; the store loads far fewer.
    pub fn new(matched: impl IntoIterator<Item = (WindowArticle, Vec<Why>)>) -> Self {
        let mut window = Self::default();
        for (article, whys) in matched {
            let at = u32::try_from(window.articles.len()).expect("a window is bounded");
            window.articles.push(article);
            for why in whys {
                let list = window.by_why.entry(why).or_default();
                if list.len() < MAX_PER_WHY {
                    list.push(at);
                }
            }
        }
        window
    }

    /// Whether nothing matched.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// What matched at all.
    pub fn whys(&self) -> impl Iterator<Item = Why> {
        self.by_why.keys().copied()
    }
}

/// One thing a reader follows in this slot.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Topic or filter.
    pub why: Why,
    /// Order that the reader chose; all equal where they chose none.
    pub position: i16,
    /// Matches up to this number are not theirs, or were told.
    pub after: i64,
}

/// How a story was told before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// In a digest: not told again.
    Digest,
    /// By an alert: one line.
    Alert {
        /// Article that told it.
        article: i64,
        /// Its revision.
        rev: i16,
    },
}

/// The version of a story that a reader who asked for updates was told, where they may be told another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Article that told it.
    pub article: i64,
    /// Its last revision that they were told.
    pub rev: i16,
    /// Matches up to this number came before they asked.
    pub after: i64,
}

/// What is known of one reader.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// What they follow in this slot.
    pub links: &'a [Link],
    /// Languages they read; empty for all.
    pub reads: &'a [Language],
    /// Stories they were told.
    pub told: &'a FxHashMap<i64, Told>,
    /// In which versions, of those that may be told once more; empty for who did not ask for updates.
    pub versions: &'a FxHashMap<i64, Version>,
    /// Lead of their last digest.
    pub last_lead: Option<i64>,
}

/// How much one mail may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Items with key points.
    pub full: usize,
    /// Items as titles.
    pub brief: usize,
    /// Bytes of HTML for all full items; Gmail clips mails over 102 kB.
    pub bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        // 90 kB less the frame, the footer and ten titles.
        Self { full: 12, brief: 10, bytes: 72_000 }
    }
}

/// A frozen digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Items in the order of the mail.
    pub items: Vec<FrozenItem>,
    /// Key of the lead title, 0 where no title can lead.
    pub lead_key: i64,
}

/// A story that one reader gets.
struct Pick {
    story: i64,
    row: u32,
    whys: Vec<u16>,
    also: Vec<u32>,
    alerted: Option<(i64, i16)>,
    updated: bool,
}

/// Selects for one reader; none where nothing is new to them.
pub fn select(window: &Window, reader: &Reader<'_>, limits: &Limits) -> Option<Selection> {
    let picks = stories(window, reader);
    if picks.iter().all(|pick| pick.alerted.is_some()) {
        return None;
    }
    let (alerted, mut fresh): (Vec<Pick>, Vec<Pick>) = picks.into_iter().partition(|pick| pick.alerted.is_some());
    order(window, reader.links, &mut fresh);
    let mut items: Vec<FrozenItem> = fresh.iter().map(|pick| freeze(window, reader.links, pick)).collect();
    place(window, &fresh, &mut items, limits);
    let leads = || fresh.iter().filter_map(|pick| window.articles[pick.row as usize].lead);
    let lead_key = leads().find(|lead| Some(*lead) != reader.last_lead).or_else(|| leads().next()).unwrap_or(0);
    items.extend(alerted.iter().map(|pick| freeze(window, reader.links, pick)));
    Some(Selection { items, lead_key })
}

/// The untold stories of the reader's links, each once, in the best version of the best source.
fn stories(window: &Window, reader: &Reader<'_>) -> Vec<Pick> {
    let mut hits: Vec<(i64, u32, u16)> = Vec::new();
    for (at, link) in reader.links.iter().enumerate() {
        for &row in window.by_why.get(&link.why).map_or(&[][..], Vec::as_slice) {
            let article = &window.articles[row as usize];
            if article.seq <= link.after {
                break;
            }
            let untold = reader.told.get(&article.story) != Some(&Told::Digest);
            if is_read(reader.reads, article.language) && (untold || is_update(reader, article)) {
                hits.push((article.story, row, u16::try_from(at).unwrap_or(u16::MAX)));
            }
        }
    }
    hits.sort_unstable();
    hits.dedup();
    hits.chunk_by(|a, b| a.0 == b.0).map(|hits| pick(window, reader, hits)).collect()
}

/// Whether an article is a later version of what this reader was told, and they asked for such.
fn is_update(reader: &Reader<'_>, article: &WindowArticle) -> bool {
    article.material
        && reader
            .versions
            .get(&article.story)
            .is_some_and(|told| article.article == told.article && article.rev > told.rev && article.seq > told.after)
}

pub(super) fn is_read(reads: &[Language], language: Language) -> bool {
    reads.is_empty() || language == Language::UND || reads.contains(&language)
}

fn pick(window: &Window, reader: &Reader<'_>, hits: &[(i64, u32, u16)]) -> Pick {
    let article = |row: u32| &window.articles[row as usize];
    let updated = hits.iter().any(|hit| is_update(reader, article(hit.1)));
    // Own feeds first, then what everybody can read, then who told it first; of one article the last revision. An update is of
    // what was told.
    let row = hits
        .iter()
        .map(|hit| hit.1)
        .filter(|&row| !updated || is_update(reader, article(row)))
        .min_by_key(|&row| (!article(row).own, article(row).paid, article(row).article, -article(row).rev))
        .expect("a chunk is not empty");
    let mut whys: Vec<u16> = hits.iter().map(|hit| hit.2).collect();
    whys.sort_unstable_by_key(|&at| (reader.links[at as usize].position, at));
    whys.dedup();
    let mut also: Vec<u32> = Vec::new();
    for &(_, other, _) in hits {
        let known = |seen: &u32| article(*seen).feed == article(other).feed;
        if article(other).feed != article(row).feed && !also.iter().any(known) && also.len() < MAX_ALSO {
            also.push(other);
        }
    }
    let alerted = match reader.told.get(&hits[0].0) {
        Some(Told::Alert { article, rev }) if !updated => Some((*article, *rev)),
        _ => None,
    };
    Pick { story: hits[0].0, row, whys, also, alerted, updated }
}

/// Groups by the heading a story stands under, newest first inside, sources mixed.
fn order(window: &Window, links: &[Link], picks: &mut Vec<Pick>) {
    let mut sizes = vec![0_usize; links.len()];
    for pick in picks.iter() {
        sizes[pick.whys[0] as usize] += 1;
    }
    let chosen = links.windows(2).any(|pair| pair[0].position != pair[1].position);
    let rank = |pick: &Pick| {
        let at = pick.whys[0] as usize;
        if chosen { (i64::from(links[at].position), at) } else { (-i64::try_from(sizes[at]).unwrap_or(i64::MAX), at) }
    };
    picks.sort_unstable_by_key(|pick| (rank(pick), -window.articles[pick.row as usize].seq));
    let feed = |pick: &Pick| window.articles[pick.row as usize].feed;
    let mut waiting = std::mem::take(picks);
    while !waiting.is_empty() {
        let group = waiting[0].whys[0];
        let group_end = waiting.iter().position(|pick| pick.whys[0] != group).unwrap_or(waiting.len());
        let allowed = |candidate: &Pick| {
            let source = feed(candidate);
            let same = |pick: &&Pick| pick.whys[0] == group && feed(pick) == source;
            let in_row = picks.iter().rev().take(MAX_IN_ROW).take_while(same).count();
            let in_first = || picks.iter().filter(|pick| feed(pick) == source).count();
            in_row < MAX_IN_ROW && (picks.len() >= FIRST_ITEMS || in_first() < MAX_OF_SOURCE_FIRST)
        };
        let next = waiting[..group_end].iter().position(allowed).unwrap_or(0);
        picks.push(waiting.remove(next));
    }
}

fn freeze(window: &Window, links: &[Link], pick: &Pick) -> FrozenItem {
    let article = &window.articles[pick.row as usize];
    let (id, rev) = pick.alerted.unwrap_or((article.article, article.rev));
    FrozenItem {
        article: id,
        rev,
        story: pick.story,
        why: pick.whys.iter().map(|&at| links[at as usize].why).collect(),
        place: if pick.alerted.is_some() { Place::Alerted } else { Place::Counted },
        also: pick.also.iter().map(|&row| window.articles[row as usize].article).collect(),
        updated: pick.updated,
    }
}

/// Gives the first items whole as far as their bytes go, the next as titles; the rest stays counted.
fn place(window: &Window, picks: &[Pick], items: &mut [FrozenItem], limits: &Limits) {
    let mut bytes = 0_u32;
    let mut full = 0;
    for (pick, item) in picks.iter().zip(items.iter_mut()).take(limits.full) {
        bytes = bytes.saturating_add(window.articles[pick.row as usize].html_bytes);
        if bytes > limits.bytes && full > 0 {
            break;
        }
        item.place = Place::Full;
        full += 1;
    }
    for item in items.iter_mut().skip(full).take(limits.brief) {
        item.place = Place::Brief;
    }
}

#[cfg(test)]
mod tests;
