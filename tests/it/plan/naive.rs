//! A planner straight from the promise: each reader, each closed slot, every matching story of what they follow, once.
//! It reads the books as they are and shares nothing with the real one, neither windows nor what a link was told before.

pub(super) mod updates;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use depeche::store::Pool;

/// What a filter of the random tests asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    Word(&'static str),
    Both(&'static str, &'static str),
    Either(&'static str, &'static str),
    Without(&'static str, &'static str),
}

impl Ask {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Word(a) => (*a).to_owned(),
            Self::Both(a, b) => format!("{a} AND {b}"),
            Self::Either(a, b) => format!("{a} OR {b}"),
            Self::Without(a, b) => format!("{a} AND NOT {b}"),
        }
    }

    fn hits(&self, title: &str) -> bool {
        let has = |word: &str| title.split(' ').any(|known| known == word);
        match self {
            Self::Word(a) => has(a),
            Self::Both(a, b) => has(a) && has(b),
            Self::Either(a, b) => has(a) || has(b),
            Self::Without(a, b) => has(a) && !has(b),
        }
    }
}

/// id, subscriber, topic, filter, schedule, zone, from, until, whether it took over from another.
type LinkRow = (i64, i64, Option<i64>, Option<i64>, i32, String, i64, Option<i64>, bool);
/// Number, story, language, title, article, revision, whether it tells something new.
type MatchRow = (i64, i64, String, String, i64, i16, bool);
/// id, schedule, zone, end of the window.
type SlotRow = (i64, i32, String, i64);

/// The books, read for comparing.
pub(super) struct Books {
    links: Vec<LinkRow>,
    matches: Vec<MatchRow>,
    slots: Vec<SlotRow>,
    /// Topic, filter, from, until.
    versions: Vec<(i64, i64, i64, Option<i64>)>,
    asks: BTreeMap<i64, Ask>,
    reads: BTreeMap<i64, Vec<String>>,
    /// Reader, story, slot, place.
    told: Vec<(i64, i64, i64, String)>,
    items: Vec<updates::Item>,
    slot_at: BTreeMap<i64, DateTime<Utc>>,
}

impl Books {
    /// Everything there is. Each article must have matched some filter.
    pub(super) async fn read(pool: &Pool, asks: &[Ask]) -> Self {
        let filters: Vec<(i64, String)> =
            sqlx::query_as("select id, canonical from filter").fetch_all(pool).await.expect("filters");
        let ask_of = |canonical: &str| {
            let known = |ask: &&Ask| crate::support::context::canonical(&ask.text()) == canonical;
            asks.iter().find(known).cloned().expect("a filter of the test's own")
        };
        Self {
            links: sqlx::query_as(
                "select id, subscriber_id, topic_id, filter_id, schedule_id, zone, from_seq, until_seq, told_seq is not null
                 from subscription order by from_seq, id",
            )
            .fetch_all(pool)
            .await
            .expect("links"),
            matches: sqlx::query_as(
                "select m.seq, m.story_id, r.body ->> 'language', r.body ->> 'title', m.article_id, m.rev, m.material from match m
                 join revision r on r.article_id = m.article_id and r.rev = m.rev",
            )
            .fetch_all(pool)
            .await
            .expect("matches"),
            slots: sqlx::query_as("select id, schedule_id, zone, to_seq from slot where planned_at is not null order by to_seq, id")
                .fetch_all(pool)
                .await
                .expect("slots"),
            versions: sqlx::query_as("select topic_id, filter_id, from_seq, until_seq from topic_filter")
                .fetch_all(pool)
                .await
                .expect("versions"),
            asks: filters.into_iter().map(|(id, canonical)| (id, ask_of(&canonical))).collect(),
            reads: sqlx::query_as::<_, (i64, Vec<String>)>("select id, reads from subscriber")
                .fetch_all(pool)
                .await
                .expect("readers")
                .into_iter()
                .collect(),
            told: sqlx::query_as(
                "select d.subscriber_id, (i.item ->> 'story')::bigint, d.slot_id, i.item ->> 'place'
                 from digest d, jsonb_array_elements(d.items) as i(item)
                 where not coalesce((i.item ->> 'updated')::boolean, false)",
            )
            .fetch_all(pool)
            .await
            .expect("digests"),
            items: updates::items(pool).await,
            slot_at: sqlx::query_as::<_, (i64, DateTime<Utc>)>("select id, slot_at from slot")
                .fetch_all(pool)
                .await
                .expect("slots")
                .into_iter()
                .collect(),
        }
    }

    /// Whether what a link follows asks for a matched article, by its title alone.
    fn follows(&self, link: &LinkRow, found: &MatchRow) -> bool {
        let lives = |from: i64, until: Option<i64>| from < found.0 && until.is_none_or(|until| found.0 < until);
        let hits = |filter: i64| self.asks[&filter].hits(&found.3);
        match (link.2, link.3) {
            (Some(topic), _) => self.versions.iter().any(|v| v.0 == topic && lives(v.2, v.3) && hits(v.1)),
            (None, filter) => hits(filter.expect("a topic or a filter")),
        }
    }

    /// Since when a reader has followed without a break: the begin of the first of the links that took over from each other.
    fn begin(&self, link: &LinkRow) -> i64 {
        let same =
            |other: &&LinkRow| other.1 == link.1 && (other.2, other.3) == (link.2, link.3) && other.7 == Some(link.6);
        let forerunner = if link.8 { self.links.iter().find(same) } else { None };
        forerunner.map_or(link.6, |before| self.begin(before))
    }

    /// Reader and story, with the slots in which it may be told.
    fn candidates(&self) -> BTreeMap<(i64, i64), BTreeSet<i64>> {
        let mut candidates: BTreeMap<(i64, i64), BTreeSet<i64>> = BTreeMap::new();
        for link in &self.links {
            let (begin, reads) = (self.begin(link), &self.reads[&link.1]);
            let followed: Vec<&MatchRow> = self
                .matches
                .iter()
                .filter(|found| found.0 > begin && (reads.is_empty() || reads.contains(&found.2)))
                .filter(|found| self.follows(link, found))
                .collect();
            for slot in self.slots.iter().filter(|slot| slot.1 == link.4 && slot.2 == link.5) {
                if link.6 > slot.3 || link.7.is_some_and(|until| until <= slot.3) {
                    continue;
                }
                for found in followed.iter().filter(|found| found.0 <= slot.3) {
                    candidates.entry((link.1, found.1)).or_default().insert(slot.0);
                }
            }
        }
        candidates
    }

    /// Every disagreement between the promise and the books.
    pub(super) fn disagreements(&self) -> Vec<String> {
        let (candidates, mut wrong) = (self.candidates(), Vec::new());
        let mut told: BTreeMap<(i64, i64), Vec<i64>> = BTreeMap::new();
        let alerted = |told: &(i64, i64, i64, String)| told.3 == "alerted";
        for row in self.told.iter().filter(|row| !alerted(row)) {
            told.entry((row.0, row.1)).or_default().push(row.2);
        }
        for (key, slots) in &candidates {
            match told.get(key).map(Vec::as_slice) {
                None => wrong.push(format!("reader and story {key:?} forgotten, due in one of {slots:?}")),
                Some([slot]) if !slots.contains(slot) => {
                    wrong.push(format!("{key:?} told in {slot}, not in {slots:?}"));
                }
                Some([slot]) if self.chain_before(*slot, slots) => wrong.push(format!("{key:?} told late, in {slot}")),
                Some([_]) => {}
                Some(many) => wrong.push(format!("{key:?} told {} times: {many:?}", many.len())),
            }
        }
        wrong
            .extend(told.keys().filter(|key| !candidates.contains_key(key)).map(|key| format!("{key:?} told unasked")));
        let alerts: BTreeSet<i64> = self.slots.iter().filter(|slot| slot.2.is_empty()).map(|slot| slot.0).collect();
        for row in self.told.iter().filter(|row| alerted(row)) {
            if !told.get(&(row.0, row.1)).is_some_and(|slots| slots.iter().any(|slot| alerts.contains(slot))) {
                wrong.push(format!("{row:?} stands as an alert's line, and no alert told it"));
            }
        }
        wrong
    }

    /// Whether an earlier slot of the same chain should have told it.
    fn chain_before(&self, slot: i64, candidates: &BTreeSet<i64>) -> bool {
        let of = |id: i64| self.slots.iter().find(|slot| slot.0 == id).expect("a planned slot");
        let told = of(slot);
        candidates.iter().map(|id| of(*id)).any(|c| (c.1, &c.2) == (told.1, &told.2) && c.3 < told.3)
    }

    /// How much there was to compare: candidates, slots.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.candidates().len(), self.slots.len())
    }
}

/// Pseudo-random numbers that are the same for the same seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `n`.
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % n
    }

    pub(super) fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    /// An instant some minutes later.
    pub(super) fn later(&mut self, at: DateTime<Utc>) -> DateTime<Utc> {
        at + chrono::TimeDelta::minutes(i64::try_from(10 + self.below(70)).expect("small"))
    }
}
