//! A planner of the audit's own, straight from the promise: links and matches compared number by number.
//! It knows no pages, no limits and no order of items.

use std::collections::{BTreeMap, HashMap};

use super::Excuse;
use crate::{
    digest::Why,
    store::{
        audit::{ItemThen, LinkThen},
        matches::WindowRow,
        slot::SlotRow,
        topic::TopicVersion,
    },
    topic::decode_ids,
};

/// One matched revision.
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) story: i64,
    pub(super) article: i64,
    pub(super) rev: i16,
    /// It tells what the revisions before did not.
    pub(super) material: bool,
    language: String,
    /// Withdrawn, then or now, or for the publisher's subscribers only.
    hidden: bool,
    whys: Vec<Why>,
}

/// All matches looked at, by number and by story.
pub(super) struct Matches {
    rows: Vec<Row>,
    of_story: HashMap<i64, Vec<usize>>,
    /// What matched up to here is pruned.
    pruned: i64,
}

/// A block of readers: their links, by reader and by what they follow.
pub(super) struct Readers {
    links: Vec<LinkThen>,
    of_why: HashMap<(i32, String, Why), Vec<usize>>,
    /// Links that took over from others, by schedule and zone.
    moved: HashMap<(i32, String), Vec<usize>>,
    bundled: HashMap<i64, i64>,
}

impl Matches {
    pub(super) fn new(rows: Vec<WindowRow>, versions: &[TopicVersion], pruned: i64) -> Self {
        let mut topics: HashMap<i64, Vec<&TopicVersion>> = HashMap::new();
        for version in versions {
            topics.entry(version.filter_id).or_default().push(version);
        }
        let mut rows: Vec<Row> = rows.into_iter().map(|row| read(row, &topics)).collect();
        rows.sort_unstable_by_key(|row| row.seq);
        let mut of_story: HashMap<i64, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            of_story.entry(row.story).or_default().push(at);
        }
        Self { rows, of_story, pruned }
    }

    /// Those with `after < seq <= until`.
    fn between(&self, after: i64, until: i64) -> &[Row] {
        let from = self.rows.partition_point(|row| row.seq <= after);
        let to = self.rows.partition_point(|row| row.seq <= until);
        &self.rows[from.min(to)..to]
    }
}

fn read(row: WindowRow, topics: &HashMap<i64, Vec<&TopicVersion>>) -> Row {
    let mut whys = Vec::new();
    for filter in decode_ids(&row.filters).unwrap_or_default() {
        whys.push(Why::Filter(filter));
        for version in topics.get(&filter).into_iter().flatten() {
            if version.from_seq < row.seq && version.until_seq.is_none_or(|until| row.seq < until) {
                whys.push(Why::Topic(version.topic_id));
            }
        }
    }
    whys.sort_unstable();
    let was_withdrawn = row.restored_at.is_some_and(|restored| row.at <= restored);
    let hidden = row.state != 0 || was_withdrawn || (row.paid && row.hides_paid);
    Row {
        seq: row.seq,
        story: row.story_id,
        article: row.article_id,
        rev: row.rev,
        material: row.material,
        language: row.language,
        hidden,
        whys,
    }
}

impl Readers {
    /// From links in the order of their readers.
    pub(super) fn new(links: Vec<LinkThen>, bundled: HashMap<i64, i64>) -> Self {
        let (mut of_why, mut moved): (HashMap<_, Vec<usize>>, HashMap<_, Vec<usize>>) = Default::default();
        for (at, link) in links.iter().enumerate() {
            of_why.entry((link.schedule_id, link.zone.clone(), why(link))).or_default().push(at);
            if link.told_seq.is_some() {
                moved.entry((link.schedule_id, link.zone.clone())).or_default().push(at);
            }
        }
        Self { links, of_why, moved, bundled }
    }

    fn of(&self, subscriber: i64) -> &[LinkThen] {
        let from = self.links.partition_point(|link| link.subscriber_id < subscriber);
        let to = self.links.partition_point(|link| link.subscriber_id <= subscriber);
        &self.links[from..to]
    }
}

fn why(link: &LinkThen) -> Why {
    link.topic_id.map_or_else(|| Why::Filter(link.filter_id.unwrap_or_default()), Why::Topic)
}

fn alive(link: &LinkThen, seq: i64) -> bool {
    link.from_seq <= seq && link.until_seq.is_none_or(|until| until > seq)
}

/// The number after which a link's matches are due in a slot.
fn after(link: &LinkThen, slot: &SlotRow) -> i64 {
    if link.from_seq > slot.from_seq { link.told_seq.unwrap_or(link.from_seq) } else { slot.from_seq }
}

/// Every match that a link makes due in a planned slot.
pub(super) fn each_due(
    slots: &[SlotRow],
    matches: &Matches,
    readers: &Readers,
    mut visit: impl FnMut(&SlotRow, &LinkThen, &Row),
) {
    for slot in slots.iter().filter(|slot| slot.planned_at.is_some()) {
        let mut due = |link: &LinkThen, row: &Row| {
            let reads = link.reads.is_empty() || row.language == "und" || link.reads.contains(&row.language);
            if !row.hidden && reads && alive(link, slot.to_seq) && row.seq > after(link, slot) {
                visit(slot, link, row);
            }
        };
        for row in matches.between(slot.from_seq, slot.to_seq) {
            for why in &row.whys {
                let links = readers.of_why.get(&(slot.schedule_id, slot.zone.clone(), *why));
                links.into_iter().flatten().for_each(|&at| due(&readers.links[at], row));
            }
        }
        for &at in readers.moved.get(&(slot.schedule_id, slot.zone.clone())).into_iter().flatten() {
            let link = &readers.links[at];
            let followed = why(link);
            for row in matches.between(after(link, slot), slot.from_seq) {
                if row.whys.binary_search(&followed).is_ok() {
                    due(link, row);
                }
            }
        }
    }
}

/// Who should have been told what: reader and story, with the excuse if it was not, and the slot.
pub(super) fn expected(slots: &[SlotRow], matches: &Matches, readers: &Readers) -> BTreeMap<(i64, i64), (Excuse, i64)> {
    let mut expected = BTreeMap::new();
    each_due(slots, matches, readers, |slot, link, row| {
        let excuse = excuse(link, row, slot, readers);
        let entry = expected.entry((link.subscriber_id, row.story)).or_insert((excuse, slot.id));
        *entry = (*entry).min((excuse, slot.id));
    });
    expected
}

/// Whether a reader had asked for updates, and followed this one in its slot.
pub(super) fn allowed_update(slots: &[SlotRow], matches: &Matches, readers: &Readers, item: &ItemThen) -> bool {
    let Some(slot) = slots.iter().find(|known| known.id == item.slot_id) else { return false };
    let links = readers.of(item.subscriber_id);
    let rows = matches.of_story.get(&item.story).into_iter().flatten().map(|&at| &matches.rows[at]);
    let rows = rows.filter(|row| row.article == item.article && row.rev == item.rev && row.material);
    let asked = |link: &LinkThen, row: &Row| {
        // Who asked anew meanwhile has no memory of having asked before.
        link.updates_seq.is_some_and(|since| since > slot.to_seq || row.seq > since)
            && link.updates_until_seq.is_none_or(|until| until > row.seq)
    };
    let followed = |row: &Row| {
        links.iter().any(|link| {
            let here = link.schedule_id == slot.schedule_id && link.zone == slot.zone && alive(link, slot.to_seq);
            here && asked(link, row) && row.seq > after(link, slot) && row.whys.binary_search(&why(link)).is_ok()
        })
    };
    slot.from_seq < matches.pruned || rows.into_iter().any(|row| row.seq <= slot.to_seq && followed(row))
}

/// Alerts over the limit wait in a bundle; whoever left meanwhile, or moved, is told no more there.
fn excuse(link: &LinkThen, row: &Row, slot: &SlotRow, readers: &Readers) -> Excuse {
    if !slot.zone.is_empty() {
        Excuse::None
    } else if link.until_seq.is_some() {
        Excuse::Left
    } else if readers.bundled.get(&link.subscriber_id).is_some_and(|from| row.seq > *from) {
        Excuse::Bundled
    } else {
        Excuse::None
    }
}

/// Whether a reader followed a story in a slot. What may have changed since (state, languages) is not asked for.
pub(super) fn allowed(
    slots: &[SlotRow],
    matches: &Matches,
    readers: &Readers,
    (subscriber, story, slot): (i64, i64, i64),
) -> bool {
    let Some(slot) = slots.iter().find(|known| known.id == slot) else { return false };
    let links = readers
        .of(subscriber)
        .iter()
        .filter(|link| link.schedule_id == slot.schedule_id && link.zone == slot.zone && alive(link, slot.to_seq));
    let rows = matches.of_story.get(&story);
    links.into_iter().any(|link| {
        // A bundle may bring older matches of the same chain.
        let own = link.told_seq.unwrap_or(link.from_seq);
        let after = if slot.zone.is_empty() { own } else { after(link, slot) };
        after < matches.pruned
            || rows
                .into_iter()
                .flatten()
                .map(|&at| &matches.rows[at])
                .any(|row| row.seq > after && row.seq <= slot.to_seq && row.whys.binary_search(&why(link)).is_ok())
    })
}
