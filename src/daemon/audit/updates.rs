//! Audits updates: who asked for them should have been told each change that matters, once and not too often; nobody else any.
//! Like the rest of the audit it shares no code with plan but the words.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{
    Finding,
    naive::{self, Matches, Readers},
};
use crate::{
    daemon::plan::page::UPDATE_EVERY,
    store::{audit::ItemThen, slot::SlotRow},
};

/// What readers were told, by reader and story.
type Told<'a> = HashMap<(i64, i64), Vec<&'a ItemThen>>;

/// Compares what digests told once more with what they should have; gives how many they told.
pub(super) fn compare(
    slots: &[SlotRow],
    matches: &Matches,
    readers: &Readers,
    items: &[ItemThen],
    findings: &mut Vec<Finding>,
) -> usize {
    let mut told: Told<'_> = HashMap::new();
    for item in items {
        told.entry((item.subscriber_id, item.story)).or_default().push(item);
    }
    forgotten(slots, matches, readers, &told, findings);
    let (mut number, audited) = (0, |slot: i64| slots.iter().any(|known| known.id == slot));
    for (&(subscriber, story), items) in &told {
        let items: Vec<&ItemThen> = items.iter().copied().filter(|item| !item.untold).collect();
        let updates: Vec<&&ItemThen> = items.iter().filter(|item| item.updated).collect();
        let audited = updates.iter().filter(|item| audited(item.slot_id));
        for item in audited {
            number += 1;
            let before = items.iter().any(|known| known.article == item.article && known.rev < item.rev);
            if !before || !naive::allowed_update(slots, matches, readers, item) {
                findings.push(Finding::UpdateUnasked { subscriber, slot: item.slot_id, story });
            }
            let close = |other: &&&ItemThen| near(other, item.slot_at - other.slot_at);
            let times = updates.iter().copied().filter(close).count();
            if times > 1 {
                findings.push(Finding::Doubled { subscriber, story, times });
            }
        }
    }
    number
}

/// What was told once more, and no day lies in between.
fn near(item: &ItemThen, apart: TimeDelta) -> bool {
    item.updated && apart.abs() < UPDATE_EVERY
}

fn forgotten(slots: &[SlotRow], matches: &Matches, readers: &Readers, told: &Told<'_>, findings: &mut Vec<Finding>) {
    naive::each_due(slots, matches, readers, |slot, link, row| {
        let asked = link.updates_until_seq.is_none() && link.updates_seq.is_some_and(|since| row.seq > since);
        if !row.material || !asked || slot.zone.is_empty() {
            return;
        }
        let items = told.get(&(link.subscriber_id, row.story)).map_or(&[][..], Vec::as_slice);
        let of_it = || items.iter().filter(|item| item.article == row.article);
        let before = of_it().any(|item| item.rev < row.rev && item.slot_at < slot.slot_at);
        let since = of_it().any(|item| item.rev >= row.rev);
        if before && !since && !items.iter().any(|item| near(item, slot.slot_at - item.slot_at)) {
            let (subscriber, story) = (link.subscriber_id, row.story);
            findings.push(Finding::UpdateForgotten { subscriber, slot: slot.id, story });
        }
    });
}
