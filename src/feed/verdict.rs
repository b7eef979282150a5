//! Decides of each entry of a reading whether it is new, known, changed, or suspicious, and learns a feed's ways.
//! It is pure: what is known comes in, verdicts and the next memory go out; storing and mailing are others' matter.

mod beginning;
mod flood;
mod index;
mod shared;

use std::mem::discriminant;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use super::identity::{Keys, guid_key, keys, text_key};
use super::{Entry, first_believable};
use beginning::{Beginning, First};
use index::{Index, Likeness, Trust};
use shared::shared_keys;

/// An entry dated this long before the last good reading is an old one that came up again, not news. Publishers
/// who plan ahead date their pieces some days back.
const OLD_NEWS: TimeDelta = TimeDelta::days(14);
/// Unknown identifiers from which a rotation is considered; fewer are looked at one by one.
const MIN_ROTATION: usize = 3;
/// Readings in a row in which identifiers rotated, after which they count no more.
const ROTATIONS_TO_DISTRUST: u32 = 3;

/// Articles whose blocks are remembered, and blocks of each: some 8 kB of a feed's memory.
const MAX_RECENT: usize = 12;
const MAX_BLOCKS: usize = 32;

/// What a feed has shown of itself; stored with the feed and handed back with every reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// When the feed was last read, or confirmed by "not modified"; none before the first reading.
    pub read_at: Option<DateTime<Utc>>,
    /// What identifies an entry of this feed.
    pub policy: Policy,
    /// Since when the feed is read without having shown itself whole: its first readings were empty or broke off, and its
    /// archive may come with the next. None once it has.
    pub begun_at: Option<DateTime<Utc>>,
    /// Most new entries on one finished day (UTC); before the first finished day, by the dates in the first reading.
    pub busiest_day: u32,
    /// The day being counted; it does not raise the limit of the flood that it may be.
    pub day: Option<NaiveDate>,
    /// New entries on `day` so far.
    pub day_count: u32,
    /// There was a flood on `day`: what passed of it is the limit itself and says nothing of the feed.
    pub day_flooded: bool,
    /// Readings in a row in which most identifiers were new and their articles known.
    pub rotations: u32,
    /// Identifiers that stood on several entries at once, and addresses on entries without one, as keys: they identify nothing. Once it
    /// is here one stays.
    pub shared_keys: Vec<String>,
    /// Fingerprints of the blocks of the newest articles, by article: what repeats is the feed's own furniture.
    pub recent_blocks: Vec<Vec<u64>>,
    /// The newest remark of each kind, and when it was made. Floods are not among them: they end by an operator's hand.
    pub noticed: Vec<(DateTime<Utc>, Remark)>,
}

/// What identifies an entry of a feed. Once it changes it stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Policy {
    /// The publisher's identifier.
    #[default]
    Guid,
    /// The address, as the identifiers change from reading to reading.
    Url,
}

impl Policy {
    /// In the plural, as `feed show` says by what articles are known.
    pub fn text(self) -> &'static str {
        match self {
            Self::Guid => "the publisher's identifiers",
            Self::Url => "addresses",
        }
    }
}

/// An article of this feed that is stored already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownArticle {
    /// Its number in the store.
    pub id: i64,
    /// Its keys, of the newest revision.
    pub keys: Keys,
}

/// What to do with one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Store and mail.
    New,
    /// Store, never mail.
    Silent(Silence),
    /// Nothing to do.
    Known(i64),
    /// The same article with another text: store a revision.
    Revision(i64),
    /// A known article under other keys: write the keys over, mail nothing; with a revision where the text changed.
    Adopt {
        /// The article.
        id: i64,
        /// Whether its text changed too.
        revised: bool,
    },
    /// The same entry stood in this document before.
    Repeated,
    /// Store, mail only once an operator has released it.
    Quarantined,
}

/// Why an entry is stored without being mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The feed's first reading: everything in it is older than the subscription.
    FirstReading,
    /// Dated long before the last reading.
    OldNews,
}

/// What an operator should be able to read in the log and in `feed show`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// Identifiers changed, articles did not.
    #[error("{adopted} of {unknown} unknown identifiers belong to known articles: adopted, nothing mailed")]
    Rotated {
        /// Known articles under new identifiers.
        adopted: usize,
        /// All new identifiers.
        unknown: usize,
    },
    /// Identifiers are no longer trusted.
    #[error(
        "the identifiers changed in {ROTATIONS_TO_DISTRUST} readings in a row: from now on addresses tell articles apart"
    )]
    GuidsDistrusted,
    /// Too many at once.
    #[error(
        "{new} new entries at once, where {limit} would be usual for this feed: they wait until `depeche feed release` or \
         `feed drop`; `feed show` lists them"
    )]
    Flood {
        /// New entries.
        new: u32,
        /// The most that pass.
        limit: u32,
    },
    /// Different entries have nothing else by which they could be known.
    #[error(
        "different entries have {key} in common and nothing else: from now on their titles and texts tell them apart"
    )]
    SharedKey {
        /// The identifier, or the address where there is none.
        key: String,
    },
    /// One identifier on different entries.
    #[error("{count} different entries share one identifier; their addresses tell them apart")]
    SharedGuid {
        /// Entries with an identifier that is not theirs alone.
        count: usize,
    },
}

/// What a reading shows, to be judged.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// The entries, in their order.
    pub entries: &'a [Entry],
    /// Their [`keys_of`].
    pub keys: Vec<Keys>,
    /// The document broke off: the feed has more than this.
    pub broken: bool,
}

/// The result of one reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// One per entry, in their order, with the keys to store.
    pub verdicts: Vec<(Keys, Verdict)>,
    /// The memory to store.
    pub memory: Memory,
    /// What is worth logging.
    pub remarks: Vec<Remark>,
}

/// The keys with which to look for known articles before [`classify`]; entries keep their order. Entries that share
/// an identifier but not an address get a key of both, those that share all they have one of their text.
pub fn keys_of(entries: &[Entry], memory: &Memory) -> Vec<Keys> {
    let mut all: Vec<Keys> = entries.iter().map(|e| keys(e, memory.policy == Policy::Guid)).collect();
    let shared = shared_keys(entries, &all, memory);
    for k in all.iter_mut().filter(|k| shared.contains(&k.guid)) {
        k.guid = text_key(&k.revision);
    }
    let mut url_of: FxHashMap<&str, &Option<String>> = FxHashMap::default();
    let shared = all.iter().filter(|k| *url_of.entry(&k.guid).or_insert(&k.url) != &k.url);
    let shared: FxHashSet<String> = shared.map(|k| k.guid.clone()).collect();
    for k in &mut all {
        if shared.contains(&k.guid) {
            k.guid = format!("{} {}", k.guid, k.url.as_deref().unwrap_or(&k.revision));
        }
    }
    all
}

/// Judges a reading. `known` are the stored articles of this feed that share any of its keys.
pub fn classify(shown: Shown<'_>, known: &[KnownArticle], memory: &Memory, now: DateTime<Utc>) -> Judgement {
    let beginning = Beginning::of(&shown, memory, now);
    let Shown { entries, keys, .. } = shown;
    let index = Index::new(known, &keys);
    let mut remarks = Vec::new();
    let shared = keys.iter().zip(entries).filter(|(k, e)| is_compound(k, e, memory)).count();
    if shared > 0 {
        remarks.push(Remark::SharedGuid { count: shared });
    }
    let unknown = keys.iter().filter(|k| !index.knows_guid(k)).count();
    let found = keys.iter().filter(|k| matches!(index.likeness(k, Trust::Majority), Likeness::Alike(_))).count();
    // An address or a title alone is weak evidence, but not when most of a feed's are known ones.
    let rotated = unknown >= MIN_ROTATION && found * 2 >= unknown;
    let trust = if rotated { Trust::Majority } else { Trust::Single };
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let mut claimed: FxHashSet<i64> = FxHashSet::default();
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(entries.len());
    for (k, entry) in keys.iter().zip(entries) {
        let first_time = seen.insert(&k.guid);
        verdicts.push(match index.likeness(k, trust) {
            Likeness::Double => Verdict::Repeated,
            _ if !first_time => Verdict::Repeated,
            Likeness::Same(article) => same(article, k),
            Likeness::Alike(article) if claimed.insert(article.id) => {
                Verdict::Adopt { id: article.id, revised: article.keys.revision != k.revision }
            }
            Likeness::Alike(_) => Verdict::Repeated,
            Likeness::None => match &beginning.first {
                Some(first) => first.unseen(entry, now),
                None => unseen(entry, memory.read_at.unwrap_or(now), now),
            },
        });
    }
    let mut next = Memory { read_at: beginning.read_at, begun_at: beginning.begun_at, ..memory.clone() };
    if beginning.first.is_some() {
        next.busiest_day = next.busiest_day.max(flood::busiest_dated_day(entries, now));
        remarks.extend(First::guard(&mut verdicts));
    }
    let adopted = verdicts.iter().filter(|v| matches!(v, Verdict::Adopt { .. })).count();
    learn_rotation(&mut next, adopted, unknown, &mut remarks);
    next.learn_shared(entries, &keys, &mut remarks);
    flood::guard(&mut verdicts, memory, &mut next, now, &mut remarks);
    next.notice(&remarks, now);
    Judgement { verdicts: keys.into_iter().zip(verdicts).collect(), memory: next, remarks }
}

fn is_compound(k: &Keys, entry: &Entry, memory: &Memory) -> bool {
    memory.policy == Policy::Guid && entry.guid.as_deref().is_some_and(|guid| k.guid != guid_key(guid))
}

fn same(article: &KnownArticle, k: &Keys) -> Verdict {
    if article.keys.revision == k.revision { Verdict::Known(article.id) } else { Verdict::Revision(article.id) }
}

fn unseen(entry: &Entry, read_at: DateTime<Utc>, now: DateTime<Utc>) -> Verdict {
    match first_believable([entry.published, entry.updated], now) {
        Some(date) if date < read_at - OLD_NEWS => Verdict::Silent(Silence::OldNews),
        _ => Verdict::New,
    }
}

fn learn_rotation(next: &mut Memory, adopted: usize, unknown: usize, remarks: &mut Vec<Remark>) {
    let rotated = adopted >= MIN_ROTATION && adopted * 2 >= unknown;
    if adopted > 0 {
        remarks.push(Remark::Rotated { adopted, unknown });
    }
    if !rotated {
        next.rotations = 0;
        return;
    }
    next.rotations += 1;
    if next.rotations >= ROTATIONS_TO_DISTRUST && next.policy == Policy::Guid {
        next.policy = Policy::Url;
        remarks.push(Remark::GuidsDistrusted);
    }
}

impl Memory {
    /// A poll answered "not modified": nothing was missed since.
    pub fn not_modified(&mut self, now: DateTime<Utc>) {
        if self.read_at.is_some() {
            self.read_at = Some(now);
        }
    }

    /// What an operator released after a flood is usual for this feed from now on.
    pub fn released(&mut self, entries: u32) {
        self.busiest_day = self.busiest_day.max(entries.div_ceil(flood::FACTOR));
    }

    /// Keeps the fingerprints of a new article's blocks.
    pub fn saw_blocks(&mut self, mut blocks: Vec<u64>) {
        // Furniture stands around an article, not in the middle of it.
        if blocks.len() > MAX_BLOCKS {
            blocks.drain(MAX_BLOCKS / 2..blocks.len() - MAX_BLOCKS / 2);
        }
        self.recent_blocks.push(blocks);
        let surplus = self.recent_blocks.len().saturating_sub(MAX_RECENT);
        self.recent_blocks.drain(..surplus);
    }

    fn notice(&mut self, remarks: &[Remark], now: DateTime<Utc>) {
        for remark in remarks.iter().filter(|remark| !matches!(remark, Remark::Flood { .. })) {
            self.noticed.retain(|(_, before)| discriminant(before) != discriminant(remark));
            self.noticed.push((now, remark.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
