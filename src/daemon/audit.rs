//! Audits the books: recomputes from matches and histories who should have been told what, and compares both ways.
//! It mends nothing, and shares no code with plan but the words.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt,
};

use chrono::{DateTime, TimeDelta, Utc};

use super::StageError;
use crate::{
    store::{self, Conn, matches::WindowRow, slot::SlotRow, topic::TopicVersion},
    topic::decode_ids,
};

/// A story told this long before the audited time can still have kept one from being told again (72 h, and slack for slots).
const TOLD_BEFORE: TimeDelta = TimeDelta::days(12);

/// Something in the books that is not as promised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// A reader should have been told a story in this slot and was not told it anywhere.
    Forgotten {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
        /// Story.
        story: i64,
    },
    /// A digest holds a story that this reader was not to get in this slot.
    Unasked {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
        /// Story.
        story: i64,
    },
    /// A reader was told a story more than once.
    Doubled {
        /// Reader.
        subscriber: i64,
        /// Story.
        story: i64,
        /// How often.
        times: usize,
    },
    /// A digest without its delivery, with several, or a delivery without a digest.
    Uncarried {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
        /// Deliveries; negative where there is no digest.
        deliveries: i64,
    },
    /// A delivery that waits and that nothing will ever send.
    Lost {
        /// Reader.
        subscriber: i64,
        /// Slot.
        slot: i64,
    },
    /// Two slots of one chain whose windows do not meet.
    Gap {
        /// The later slot.
        slot: i64,
        /// End of the window before.
        ended: i64,
        /// Begin of this one.
        begins: i64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forgotten { subscriber, slot, story } => {
                write!(f, "forgotten: subscriber {subscriber} was not told story {story}, due in slot {slot}")
            }
            Self::Unasked { subscriber, slot, story } => {
                write!(
                    f,
                    "unasked: slot {slot} told subscriber {subscriber} story {story}, which they did not follow then"
                )
            }
            Self::Doubled { subscriber, story, times } => {
                write!(f, "doubled: subscriber {subscriber} was told story {story} {times} times")
            }
            Self::Uncarried { subscriber, slot, deliveries: 0 } => {
                write!(f, "no delivery: the digest of subscriber {subscriber} in slot {slot} has none")
            }
            Self::Uncarried { subscriber, slot, deliveries } if *deliveries < 0 => {
                write!(f, "no digest: a delivery to subscriber {subscriber} in slot {slot} carries none")
            }
            Self::Uncarried { subscriber, slot, deliveries } => {
                write!(
                    f,
                    "{deliveries} deliveries: the digest of subscriber {subscriber} in slot {slot} has more than one"
                )
            }
            Self::Lost { subscriber, slot } => {
                write!(
                    f,
                    "lost: the delivery to subscriber {subscriber} in slot {slot} waits, and nothing will send it"
                )
            }
            Self::Gap { slot, ended, begins } => {
                write!(f, "gap: slot {slot} begins at {begins}, the one before ended at {ended}")
            }
        }
    }
}

/// What an audit found, with the books' own sums.
#[derive(Debug, Default)]
pub struct Report {
    /// Slots looked at.
    pub slots: usize,
    /// Stories that readers should have been told, over all slots.
    pub candidates: usize,
    /// Of them, told in a digest.
    pub told: usize,
    /// Of them, waiting in a bundle of alerts.
    pub bundled: usize,
    /// Deliveries per state code.
    pub states: Vec<(i16, i64)>,
    /// What is wrong, sorted.
    pub findings: Vec<Finding>,
}

type Told = HashMap<(i64, i64), Vec<i64>>;

/// Audits everything closed since `since`.
pub async fn audit(conn: &mut Conn, since: DateTime<Utc>) -> Result<Report, StageError> {
    let slots = store::audit::slots(conn, since).await?;
    let mut report =
        Report { slots: slots.len(), states: store::audit::states(conn, since).await?, ..Report::default() };
    gaps(&slots, &mut report.findings);
    let audited: HashSet<i64> = slots.iter().map(|slot| slot.id).collect();
    let (mut told, mut before): (Told, HashSet<(i64, i64)>) = (HashMap::new(), HashSet::new());
    for item in store::audit::items(conn, since - TOLD_BEFORE).await? {
        let key = (item.subscriber_id, item.story);
        match (item.place.as_str(), audited.contains(&item.slot_id)) {
            // An alert's line in a digest repeats on purpose.
            ("alerted", _) => {}
            (_, true) => told.entry(key).or_default().push(item.slot_id),
            (_, false) => drop(before.insert(key)),
        }
    }
    let bundled: HashMap<i64, i64> = store::audit::bundled(conn).await?.into_iter().collect();
    let (mut expected, mut allowed) = (BTreeMap::new(), HashSet::new());
    for slot in slots.iter().filter(|slot| slot.planned_at.is_some()) {
        expect(conn, slot, &bundled, &mut expected, &mut allowed, &mut report.bundled).await?;
    }
    compare(&expected, &allowed, &told, &before, &mut report);
    for carried in store::audit::carried(conn, since).await? {
        let (subscriber, slot) = (carried.subscriber_id, carried.slot_id);
        if carried.deliveries != 1 {
            report.findings.push(Finding::Uncarried { subscriber, slot, deliveries: carried.deliveries });
        }
        if carried.lost {
            report.findings.push(Finding::Lost { subscriber, slot });
        }
    }
    report.findings.sort();
    Ok(report)
}

fn gaps(slots: &[SlotRow], findings: &mut Vec<Finding>) {
    for pair in slots.windows(2) {
        let chained = pair[0].schedule_id == pair[1].schedule_id && pair[0].zone == pair[1].zone;
        if chained && pair[0].to_seq != pair[1].from_seq {
            findings.push(Finding::Gap { slot: pair[1].id, ended: pair[0].to_seq, begins: pair[1].from_seq });
        }
    }
}

/// Who should be told what in one slot, by nested loops over everything; `allowed` ignores what may have changed since.
async fn expect(
    conn: &mut Conn,
    slot: &SlotRow,
    bundled: &HashMap<i64, i64>,
    expected: &mut BTreeMap<(i64, i64), i64>,
    allowed: &mut HashSet<(i64, i64, i64)>,
    waiting: &mut usize,
) -> Result<(), StageError> {
    let links = store::audit::links(conn, slot.schedule_id, &slot.zone, slot.to_seq).await?;
    let Some(earliest) = links.iter().map(|link| link.told_seq.unwrap_or(link.from_seq).min(slot.from_seq)).min()
    else {
        return Ok(());
    };
    let alerts = slot.zone.is_empty();
    let rows = store::matches::window(conn, if alerts { 0 } else { earliest }, slot.to_seq).await?;
    let versions = store::topic::versions_since(conn, 0).await?;
    let matched: Vec<(&WindowRow, HashSet<i64>, BTreeSet<i64>)> = rows
        .iter()
        .map(|row| {
            let filters: HashSet<i64> = decode_ids(&row.filters).unwrap_or_default().into_iter().collect();
            let topics = versions.iter().filter(|v| filters.contains(&v.filter_id) && counts(v, row.seq));
            let topics = topics.map(|v| v.topic_id).collect();
            (row, filters, topics)
        })
        .collect();
    for link in &links {
        let begin = link.told_seq.unwrap_or(link.from_seq);
        let after = if link.from_seq > slot.from_seq { begin } else { slot.from_seq };
        for (row, filters, topics) in &matched {
            let follows = link.topic_id.is_some_and(|id| topics.contains(&id))
                || link.filter_id.is_some_and(|id| filters.contains(&id));
            if !follows || row.seq <= begin.min(after) {
                continue;
            }
            // A bundle may bring an older match of the same alert chain.
            if row.seq > after || alerts {
                allowed.insert((slot.id, link.subscriber_id, row.story_id));
            }
            let reads = link.reads.is_empty() || row.language == "und" || link.reads.contains(&row.language);
            if row.seq > after && reads && row.state == 0 && !(row.paid && row.hides_paid) {
                if bundled.get(&link.subscriber_id).is_some_and(|from| alerts && row.seq > *from) {
                    *waiting += 1;
                } else {
                    expected.entry((link.subscriber_id, row.story_id)).or_insert(slot.id);
                }
            }
        }
    }
    Ok(())
}

fn counts(version: &TopicVersion, seq: i64) -> bool {
    version.from_seq < seq && version.until_seq.is_none_or(|until| seq < until)
}

fn compare(
    expected: &BTreeMap<(i64, i64), i64>,
    allowed: &HashSet<(i64, i64, i64)>,
    told: &Told,
    before: &HashSet<(i64, i64)>,
    report: &mut Report,
) {
    for ((subscriber, story), slot) in expected {
        if before.contains(&(*subscriber, *story)) {
            continue;
        }
        report.candidates += 1;
        if told.contains_key(&(*subscriber, *story)) {
            report.told += 1;
        } else {
            report.findings.push(Finding::Forgotten { subscriber: *subscriber, slot: *slot, story: *story });
        }
    }
    for ((subscriber, story), slots) in told {
        if slots.len() > 1 {
            report.findings.push(Finding::Doubled { subscriber: *subscriber, story: *story, times: slots.len() });
        }
        for slot in slots {
            if !allowed.contains(&(*slot, *subscriber, *story)) {
                report.findings.push(Finding::Unasked { subscriber: *subscriber, slot: *slot, story: *story });
            }
        }
    }
}
