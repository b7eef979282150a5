//! Shows by cases what `feed::verdict` promises.
//! It does not show how the parts beside it take it up; their own tests do.

mod beginnings;
mod floods;

use super::*;

/// A feed seen over time: what it shows is judged, and what is judged is stored as the ingest stage would.
#[derive(Default)]
struct Shelf {
    known: Vec<KnownArticle>,
    memory: Memory,
    mailed: Vec<String>,
    quarantined: usize,
}

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + hours * 3_600, 0).expect("a valid instant")
}

fn body(of: &str) -> String {
    [of; 40].iter().enumerate().map(|(n, of)| [of, " ", &n.to_string(), " "].concat()).collect()
}

fn entry(guid: &str, path: &str, title: &str) -> Entry {
    let some = |s: &str| Some(s.to_owned()).filter(|s| !s.is_empty());
    Entry {
        guid: some(guid),
        url: some(path).map(|p| format!("https://site.example/{p}")),
        title: title.to_owned(),
        summary_html: Some(body(title)),
        ..Entry::default()
    }
}

impl Shelf {
    fn read(&mut self, hours: i64, entries: &[Entry]) -> Judgement {
        self.show(hours, entries, false)
    }

    /// A document that broke off after these entries.
    fn read_broken(&mut self, hours: i64, entries: &[Entry]) -> Judgement {
        self.show(hours, entries, true)
    }

    fn show(&mut self, hours: i64, entries: &[Entry], broken: bool) -> Judgement {
        let shown = Shown { entries, keys: keys_of(entries, &self.memory), broken };
        let judgement = classify(shown, &self.known, &self.memory, at(hours));
        self.memory = judgement.memory.clone();
        for ((keys, verdict), entry) in judgement.verdicts.iter().zip(entries) {
            let id = i64::try_from(self.known.len()).unwrap_or(0);
            match verdict {
                Verdict::New => {
                    self.mailed.push(entry.title.clone());
                    self.known.push(KnownArticle { id, keys: keys.clone() });
                }
                Verdict::Silent(_) | Verdict::Quarantined => {
                    self.quarantined += usize::from(*verdict == Verdict::Quarantined);
                    self.known.push(KnownArticle { id, keys: keys.clone() });
                }
                Verdict::Revision(id) | Verdict::Adopt { id, .. } => {
                    self.known.iter_mut().filter(|a| a.id == *id).for_each(|a| a.keys = keys.clone());
                }
                Verdict::Known(_) | Verdict::Repeated => {}
            }
        }
        judgement
    }
}

fn titled(n: usize) -> Vec<Entry> {
    (0..n).map(|i| entry(&format!("id-{i}"), &format!("p{i}"), &format!("Piece number {i} of this paper"))).collect()
}

#[test]
fn the_first_reading_mails_nothing_and_the_second_what_came_since() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(30));
    assert!(shelf.mailed.is_empty());
    shelf.read(1, &titled(31));
    assert_eq!(shelf.mailed, ["Piece number 30 of this paper"]);
    shelf.read(2, &titled(31));
    assert_eq!(shelf.mailed.len(), 1);
}

#[test]
fn guids_that_change_scheme_are_known() {
    let mut shelf = Shelf::default();
    let with = |scheme: &str| -> Vec<Entry> {
        (0..5).map(|i| entry(&format!("{scheme}://site.example/{i}"), "", &format!("Title {i}"))).collect()
    };
    shelf.read(0, &with("http"));
    shelf.read(1, &with("https"));
    assert!(shelf.mailed.is_empty());
}

#[test]
fn guids_all_changed_by_a_move_are_adopted_silently() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(20));
    let mut moved = titled(20);
    for e in &mut moved {
        e.guid = e.guid.take().map(|g| format!("new-{g}"));
    }
    let judgement = shelf.read(1, &moved);
    assert!(shelf.mailed.is_empty());
    assert_eq!(judgement.remarks, [Remark::Rotated { adopted: 20, unknown: 20 }]);
    assert!(judgement.verdicts.iter().all(|(_, v)| matches!(v, Verdict::Adopt { revised: false, .. })));
    // And the new identifiers are the known ones from then on.
    assert!(shelf.read(2, &moved).remarks.is_empty());
}

#[test]
fn a_move_to_another_domain_with_other_guids_is_known_by_text_and_title() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(20));
    let mut moved = titled(20);
    for (i, e) in moved.iter_mut().enumerate() {
        e.guid = Some(format!("x{i}"));
        e.url = Some(format!("https://elsewhere.example/{i}"));
        if i % 4 == 0 {
            e.summary_html = Some("Rewritten, short.".into());
        }
    }
    shelf.read(1, &moved);
    assert!(shelf.mailed.is_empty(), "{:?}", shelf.mailed);
}

#[test]
fn one_known_title_among_new_entries_is_no_evidence() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(5));
    let mut fresh: Vec<Entry> =
        (10..15).map(|i| entry(&format!("id-{i}"), &format!("p{i}"), &format!("News {i}"))).collect();
    fresh[0].title = "Piece number 0 of this paper".into();
    shelf.read(1, &fresh);
    assert_eq!(shelf.mailed.len(), 5);
}

#[test]
fn random_ids_are_adopted_and_then_distrusted() {
    let mut shelf = Shelf::default();
    let random = |run: i64, n: usize| -> Vec<Entry> {
        titled(n).into_iter().map(|e| Entry { guid: e.guid.map(|g| format!("{g}-{run}")), ..e }).collect()
    };
    for run in 0..6 {
        shelf.read(run, &random(run, 10));
    }
    assert_eq!(shelf.memory.policy, Policy::Url);
    let noticed = shelf.memory.noticed.clone();
    let changed = noticed.iter().find(|(_, remark)| *remark == Remark::GuidsDistrusted).map(|(when, _)| *when);
    assert_eq!(changed, Some(at(3)), "{noticed:?}");
    shelf.read(7, &random(7, 11));
    assert_eq!(shelf.memory.noticed, noticed, "what was noticed is kept");
    assert_eq!(shelf.mailed, ["Piece number 10 of this paper"]);
}

#[test]
fn entries_without_guid_are_known_by_address_or_text() {
    let mut shelf = Shelf::default();
    let nameless = |n: usize| -> Vec<Entry> { titled(n).into_iter().map(|e| Entry { guid: None, ..e }).collect() };
    shelf.read(0, &nameless(4));
    shelf.read(1, &nameless(5));
    assert_eq!(shelf.mailed.len(), 1);
    let bare = |n: usize| -> Vec<Entry> { nameless(n).into_iter().map(|e| Entry { url: None, ..e }).collect() };
    let mut shelf = Shelf::default();
    shelf.read(0, &bare(4));
    let mut edited = bare(5);
    edited[2].summary_html = Some("Another text".into());
    shelf.read(1, &edited);
    assert_eq!(shelf.mailed, ["Piece number 4 of this paper"]);
}

#[test]
fn two_items_with_one_guid_and_two_addresses_are_two_articles() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(1));
    let twins = [entry("same", "a", "First of two"), entry("same", "b", "Second of two")];
    let judgement = shelf.read(1, &twins);
    assert_eq!(judgement.remarks, [Remark::SharedGuid { count: 2 }]);
    shelf.read(2, &twins);
    assert_eq!(shelf.mailed, ["First of two", "Second of two"]);
}

#[test]
fn two_items_with_one_guid_and_one_address_are_one_article() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(1));
    let twins = [entry("same", "a", "First of two"), entry("same", "a", "Second of two")];
    shelf.read(1, &twins);
    shelf.read(2, &twins);
    assert_eq!(shelf.mailed, ["First of two"]);
}

#[test]
fn items_that_share_a_link_are_told_apart_by_guid() {
    let mut shelf = Shelf::default();
    shelf.read(0, &[entry("a", "live", "One"), entry("b", "live", "Two")]);
    shelf.read(1, &[entry("b", "live", "Two"), entry("c", "live", "Three")]);
    shelf.read(2, &[entry("c", "live", "Three"), entry("d", "live", "Four")]);
    assert_eq!(shelf.mailed, ["Three", "Four"]);
}

#[test]
fn entries_without_identifiers_that_share_an_address_are_told_apart_by_title_and_text() {
    // The newest of them at the home page, with short texts and with long ones.
    let window = |newest: usize, shown: usize, long: bool| -> Vec<Entry> {
        let of = |n: usize| {
            let mut e =
                entry("", "", &if long { format!("Notice number {n} of the town") } else { format!("Notice {n}") });
            e.url = Some("https://site.example/".into());
            e.summary_html = e.summary_html.filter(|_| long);
            e
        };
        (0..=newest).rev().take(shown).map(of).collect()
    };
    for long in [true, false] {
        for shown in [1, 2, 5] {
            let mut shelf = Shelf::default();
            shelf.read(0, &window(4, shown, long));
            let learned = shelf.read(1, &window(6, 2, long)).remarks;
            assert_eq!(shelf.memory.shared_keys, ["site.example"], "{learned:?}");
            // One of them stands alone for a while, and then there are more again.
            for (hours, newest, shown) in [(2, 6, 1), (3, 6, 1), (4, 7, 3), (5, 7, 5), (6, 8, 5), (7, 8, 2)] {
                let judgement = shelf.read(hours, &window(newest, shown, long));
                assert!(!judgement.remarks.iter().any(|remark| matches!(remark, Remark::SharedKey { .. })));
            }
            let mut told: Vec<String> = shelf.mailed.clone();
            told.sort();
            told.dedup();
            assert_eq!(told.len(), shelf.mailed.len(), "twice: {:?}", shelf.mailed);
            let title = |n: usize| window(n, 1, long)[0].title.clone();
            assert!([5, 6, 7, 8].iter().all(|n| told.contains(&title(*n))), "long {long}, {shown} shown: {told:?}");
            let first_hidden = usize::from(shown != 5);
            assert!(told.len() <= 4 + first_hidden * 2, "{told:?}");
        }
    }
    // The same with the home page as everybody's identifier.
    let mut shelf = Shelf::default();
    let named = |newest: usize| -> Vec<Entry> {
        window(newest, 5, true).into_iter().map(|e| Entry { guid: e.url.clone(), ..e }).collect()
    };
    shelf.read(0, &named(4));
    for newest in [5, 6, 6, 7] {
        shelf.read(i64::try_from(newest).unwrap_or(0), &named(newest));
    }
    assert_eq!(
        shelf.mailed,
        ["Notice number 5 of the town", "Notice number 6 of the town", "Notice number 7 of the town"]
    );
    // An edited text is no other notice.
    let mut shelf = Shelf::default();
    shelf.read(0, &window(4, 5, true));
    let mut edited = window(4, 5, true);
    edited[1].summary_html = Some("Mended.".into());
    assert!(matches!(shelf.read(1, &edited).verdicts[1].1, Verdict::Adopt { revised: true, .. }));
    assert!(shelf.mailed.is_empty());
}

#[test]
fn the_same_guid_with_a_new_text_is_a_revision() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(2));
    let mut edited = titled(2);
    edited[1].summary_html = Some("A new text".into());
    let judgement = shelf.read(1, &edited);
    assert_eq!(judgement.verdicts[0].1, Verdict::Known(0));
    assert_eq!(judgement.verdicts[1].1, Verdict::Revision(1));
}

#[test]
fn an_old_archive_that_comes_up_is_stored_silently() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(3));
    let mut archive = titled(8);
    archive[5].published = Some(at(-24 * 200));
    archive[6].published = DateTime::from_timestamp(0, 0);
    archive[7].published = Some(at(24 * 300));
    let judgement = shelf.read(1, &archive);
    assert_eq!(judgement.verdicts[5].1, Verdict::Silent(Silence::OldNews));
    // 1970 and the far future are no dates at all: first seen now.
    assert_eq!(shelf.mailed.len(), 4);
}

#[test]
fn a_page_that_is_always_the_newest_piece_has_new_pieces() {
    let mut shelf = Shelf::default();
    shelf.read(0, &[entry("a", "today", "The council votes on trams")]);
    shelf.read(24, &[entry("b", "today", "The bridge is closed again")]);
    shelf.read(48, &[entry("b", "today", "The bridge is closed again")]);
    assert_eq!(shelf.mailed, ["The bridge is closed again"]);
}

#[test]
fn daily_rubrics_with_one_title_and_one_text_are_new_every_day() {
    let mut shelf = Shelf::default();
    let day = |n: i64| -> Vec<Entry> {
        ["eight", "one", "six"]
            .iter()
            .map(|h| {
                let mut e = entry(&format!("{h}-{n}"), &format!("{h}/{n}"), &format!("The news at {h} o'clock"));
                e.published = Some(at(n * 24));
                e
            })
            .collect()
    };
    shelf.read(0, &day(0));
    shelf.read(24, &day(1));
    shelf.read(48, &[day(2), day(1)].concat());
    assert_eq!(shelf.mailed.len(), 6);
}

#[test]
fn a_double_under_another_guid_is_told_once() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(3));
    shelf.read(1, &titled(4));
    let mut doubled = titled(4);
    doubled.push(Entry {
        guid: Some("copy".into()),
        url: Some("https://site.example/copy".into()),
        ..titled(4)[3].clone()
    });
    for hours in 2..5 {
        shelf.read(hours, &doubled);
    }
    assert_eq!(shelf.mailed.len(), 1);
    assert_eq!(shelf.memory.rotations, 0);
}

#[test]
fn a_permalink_after_a_short_link_is_the_same_article() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(2));
    let mut draft = titled(2);
    draft.push(entry("https://site.example/?p=77", "?p=77", "A piece with a long title"));
    shelf.read(1, &draft);
    let mut public = titled(2);
    public.push(entry("https://site.example/?p=77", "2026/a-piece", "A piece with a long title"));
    shelf.read(2, &public);
    // And the other way round: the identifier becomes the permalink.
    public[2].guid = Some("https://site.example/2026/a-piece".into());
    shelf.read(3, &public);
    assert_eq!(shelf.mailed, ["A piece with a long title"]);
}

#[test]
fn each_of_two_dates_is_looked_at_for_belief() {
    let zero = DateTime::from_timestamp(0, 0);
    let old = Some(at(-24 * 300));
    let check = |published: Option<DateTime<Utc>>, updated: Option<DateTime<Utc>>, new: bool| {
        let mut shelf = Shelf::default();
        shelf.read(0, &titled(2));
        let mut entries = titled(3);
        (entries[2].published, entries[2].updated) = (published, updated);
        shelf.read(1, &entries);
        assert_eq!(shelf.mailed.len() == 1, new, "{published:?} {updated:?}");
    };
    check(zero, old, false);
    check(Some(at(24 * 400)), old, false);
    check(None, old, false);
    check(old, zero, false);
    // Left alone: nothing can be believed, or what can be is new.
    check(zero, Some(at(0)), true);
    check(zero, zero, true);
    check(None, zero, true);
    check(Some(at(0)), old, true);
    check(zero, None, true);
}
