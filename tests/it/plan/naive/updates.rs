//! What the promise says of updates, held against the books: told to those who asked, once a change and once a day, and to nobody else.
//! It knows no windows: a change is due in the first slot of a link that closes after it.

use chrono::{DateTime, TimeDelta, Utc};
use depeche::store::Pool;

use super::{Books, LinkRow, MatchRow, SlotRow};

/// One update of a story a day.
const APART: TimeDelta = TimeDelta::hours(20);

/// When a reader asked for updates, or no more: reader, number, whether.
pub(in super::super) type Wish = (i64, i64, bool);

/// Reader, story, slot, article, revision, told once more, and when.
pub(super) type Item = (i64, i64, i64, i64, i16, bool, DateTime<Utc>);

pub(super) async fn items(pool: &Pool) -> Vec<Item> {
    sqlx::query_as(
        "select d.subscriber_id, (i.item ->> 'story')::bigint, d.slot_id, (i.item ->> 'article')::bigint,
                (i.item ->> 'rev')::smallint, coalesce((i.item ->> 'updated')::boolean, false), d.slot_at
         from digest d, jsonb_array_elements(d.items) as i(item)",
    )
    .fetch_all(pool)
    .await
    .expect("items")
}

impl Books {
    /// Every disagreement about updates, and how many there were.
    pub(in super::super) fn of_updates(&self, wishes: &[Wish]) -> (Vec<String>, usize) {
        let mut wrong = Vec::new();
        let updates: Vec<&Item> = self.items.iter().filter(|item| item.5).collect();
        for item in &updates {
            if !self.is_right(item, wishes) {
                wrong.push(format!("{item:?} is told once more, and should not be"));
            }
            let again = updates.iter().filter(|o| (o.0, o.1) == (item.0, item.1) && (o.6 - item.6).abs() < APART);
            if again.count() > 1 {
                wrong.push(format!("{item:?} is told too soon after another update"));
            }
        }
        for link in self.links.iter().filter(|link| !link.8 && !link.5.is_empty()) {
            for found in self.matches.iter().filter(|found| found.6 && found.0 > link.6) {
                if let Some(slot) = self.due(link, found).filter(|slot| self.is_forgotten(link, found, slot, wishes)) {
                    wrong.push(format!("{found:?} is forgotten for {}, due in {slot:?}", link.1));
                }
            }
        }
        (wrong, updates.len())
    }

    /// Asked before the change and still at the slot, followed, a change that matters, and an earlier version told.
    fn is_right(&self, item: &Item, wishes: &[Wish]) -> bool {
        let slot = self.slots.iter().find(|slot| slot.0 == item.2).expect("a planned slot");
        let of_it = |found: &&MatchRow| found.6 && (found.4, found.5) == (item.3, item.4) && found.0 <= slot.3;
        let before = self.items.iter().any(|o| (o.0, o.3) == (item.0, item.3) && o.4 < item.4 && o.6 < item.6);
        let followed = |found: &MatchRow| {
            let here = |link: &&LinkRow| link.1 == item.0 && (link.4, &link.5) == (slot.1, &slot.2);
            let lives = |link: &&LinkRow| link.6 <= slot.3 && link.7.is_none_or(|until| until > slot.3);
            self.links.iter().filter(here).filter(lives).any(|l| found.0 > self.begin(l) && self.follows(l, found))
        };
        let wanted = |found: &&MatchRow| wants(item.0, found.0, wishes) && wants(item.0, slot.3, wishes);
        before && self.matches.iter().filter(of_it).filter(wanted).any(followed)
    }

    /// The first slot of a link in which a change would stand.
    fn due(&self, link: &LinkRow, found: &MatchRow) -> Option<&SlotRow> {
        let chain = self.slots.iter().filter(|slot| (slot.1, &slot.2) == (link.4, &link.5));
        let first = chain.filter(|slot| slot.3 >= found.0 && slot.3 >= link.6).min_by_key(|slot| slot.3)?;
        let reads = &self.reads[&link.1];
        let read = reads.is_empty() || reads.contains(&found.2);
        let lives = link.7.is_none_or(|until| until > first.3);
        (read && lives && self.follows(link, found)).then_some(first)
    }

    fn is_forgotten(&self, link: &LinkRow, found: &MatchRow, slot: &SlotRow, wishes: &[Wish]) -> bool {
        let at = self.slot_at[&slot.0];
        let of_it = || self.items.iter().filter(|item| (item.0, item.3) == (link.1, found.4));
        let before = of_it().any(|item| item.4 < found.5 && item.6 < at);
        let since = of_it().any(|item| item.4 >= found.5);
        let near = self.items.iter().any(|i| i.5 && (i.0, i.1) == (link.1, found.1) && (i.6 - at).abs() < APART);
        wants(link.1, found.0, wishes) && wants(link.1, i64::MAX, wishes) && before && !since && !near
    }
}

/// Whether a reader wanted updates when the log had come to this number.
fn wants(reader: i64, seq: i64, wishes: &[Wish]) -> bool {
    let mut until: Vec<&Wish> = wishes.iter().filter(|wish| wish.0 == reader && wish.1 < seq).collect();
    until.sort_unstable_by_key(|wish| wish.1);
    until.last().is_some_and(|wish| wish.2)
}
