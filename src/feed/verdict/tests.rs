//! Shows by cases what `feed::verdict` promises.
//! It does not show how the parts beside it take it up; their own tests do.

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
fn a_flood_is_quarantined_and_a_busy_day_is_not() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    shelf.read(24, &titled(15));
    shelf.read(48, &titled(30));
    assert_eq!(shelf.memory.busiest_day, 5);
    assert_eq!(shelf.mailed.len(), 20, "15 at once are three times the busiest day, not more");
    let judgement = shelf.read(72, &titled(200));
    assert_eq!(judgement.remarks, [Remark::Flood { new: 170, limit: 45 }]);
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (20, 170));
    shelf.read(96, &titled(200));
    assert_eq!(shelf.memory.busiest_day, 15, "a quarantined flood is not a busy day");
}

#[test]
fn a_flood_in_small_portions_is_a_flood() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    for portion in 0..20 {
        shelf.read(24, &titled(10 + (portion + 1) * 5));
    }
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (10, 90));
}

#[test]
fn a_feed_that_was_away_brings_its_backlog() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    shelf.read(24, &titled(15));
    shelf.read(24 * 5, &titled(40));
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (30, 0));
}

#[test]
fn a_busy_feed_is_not_quarantined_on_its_first_day() {
    let mut shelf = Shelf::default();
    let mut busy = titled(60);
    busy.iter_mut().enumerate().for_each(|(i, e)| e.published = Some(at(-i64::try_from(i).unwrap_or(0) / 2)));
    shelf.read(0, &busy[..40]);
    shelf.read(6, &busy);
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (20, 0));
}

#[test]
fn what_an_operator_released_is_usual_from_then_on() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    shelf.read(24, &titled(40));
    assert_eq!(shelf.quarantined, 30);
    shelf.memory.released(30);
    shelf.read(48, &titled(70));
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (30, 30));
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
fn an_endless_archive_without_guid_and_date_does_not_flood() {
    let mut shelf = Shelf::default();
    let page = |run: usize| -> Vec<Entry> {
        (0..50).map(|i| entry("", &format!("archive/{}", run * 50 + i), &format!("Old piece {run} {i}"))).collect()
    };
    for run in 0..30 {
        shelf.read(i64::try_from(run).unwrap_or(0), &page(run));
    }
    assert!(shelf.mailed.is_empty(), "{}", shelf.mailed.len());
    assert_eq!(shelf.quarantined, 29 * 50);
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
fn a_quiet_feed_that_floods_has_no_backlog() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(10));
    for day in 1..7 {
        shelf.memory.not_modified(at(day * 24));
    }
    shelf.read(7 * 24, &titled(60));
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (0, 50));
}

/// Entries `from..to` of an endless archive: no identifier, no date, always another address.
fn archive(from: usize, to: usize) -> Vec<Entry> {
    (from..to).map(|i| entry("", &format!("archive/{i}"), &format!("Old piece {i} of this archive"))).collect()
}

fn dated(entries: &mut [Entry], date: impl Fn(i64) -> DateTime<Utc>) {
    entries.iter_mut().zip(0..).for_each(|(e, i)| e.published = Some(date(i)));
}

#[test]
fn a_steady_flood_lets_no_more_through_from_day_to_day() {
    let mut shelf = Shelf::default();
    shelf.read(0, &archive(0, 10));
    let mut mailed_by_day = Vec::new();
    for day in 0..9 {
        let before = shelf.mailed.len();
        for hour in 1..=24 {
            let run = day * 24 + hour;
            shelf.read(i64::try_from(run).unwrap_or(0), &archive(run * 10, run * 10 + 10));
        }
        mailed_by_day.push(shelf.mailed.len() - before);
    }
    let floor = usize::try_from(flood::FLOOR).unwrap_or(0);
    // A day of the test touches two days of the calendar.
    assert!(mailed_by_day.iter().all(|mailed| *mailed <= 2 * floor), "{mailed_by_day:?}");
    assert!(mailed_by_day[1..].iter().all(|mailed| *mailed <= floor), "{mailed_by_day:?}");
    assert!(shelf.memory.busiest_day <= flood::FLOOR, "{}", shelf.memory.busiest_day);
    // What the operator releases is usual from then on, flood or not.
    shelf.memory.released(230);
    let before = shelf.mailed.len();
    (217..241).for_each(|run| _ = shelf.read(i64::try_from(run).unwrap_or(0), &archive(run * 10, run * 10 + 10)));
    assert!(shelf.mailed.len() - before >= 220, "{}", shelf.mailed.len() - before);
}

#[test]
fn a_feed_that_grows_without_a_flood_raises_its_own_limit() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(5));
    let mut all = 5;
    for (day, new) in (1..).zip([4, 8, 16, 30, 60]) {
        all += new;
        shelf.read(day * 24, &titled(all));
    }
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (all - 5, 0));
}

#[test]
fn an_import_with_one_date_on_everything_does_not_make_a_busy_feed() {
    // Dates of the first reading's 40 entries, and how many may come at once an hour later.
    let check = |what: &str, date: fn(i64) -> DateTime<Utc>, limit: usize| {
        for (extra, passes) in [(limit, true), (limit + 1, false)] {
            let mut shelf = Shelf::default();
            let mut entries = titled(40 + extra);
            dated(&mut entries[..40], date);
            shelf.read(0, &entries[..40]);
            shelf.read(1, &entries);
            assert_eq!(shelf.quarantined == 0, passes, "{what}: {extra} at once");
        }
    };
    check("the instant of the reading", |_| at(0), 10);
    check("one instant last year", |_| at(-24 * 365), 10);
    check("an import of 39 minutes yesterday", |i| at(-30) + TimeDelta::minutes(i), 10);
    check("an import of most, and some honest ones", |i| if i < 30 { at(-50) } else { at(-24 * (i - 20)) }, 10);
    check("two imports", |i| if i < 25 { at(-50) } else { at(-24 * 30) }, 10);
    check("some minutes ahead", |i| at(0) + TimeDelta::minutes(i), 10);
    // Left as they are: what a busy publisher does.
    check("one every half hour", |i| at(-15) - TimeDelta::minutes(30 * i), 120);
    check("two editions at five o'clock", |i| at(-24 * (1 + i % 2)), 60);
    check("days without time", |i| at(-24 * (1 + i / 10)), 30);
    check("a piece a day", |i| at(-24 * i - 2), 10);
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

/// Counts of mailed, quarantined and silent entries of a reading.
fn counts(judgement: &Judgement) -> (usize, usize, usize) {
    let count = |of: fn(&Verdict) -> bool| judgement.verdicts.iter().filter(|(_, v)| of(v)).count();
    (count(|v| *v == Verdict::New), count(|v| *v == Verdict::Quarantined), count(|v| matches!(v, Verdict::Silent(_))))
}

#[test]
fn after_an_empty_first_reading_only_what_came_since_is_news() {
    // The second reading's ten entries: their dates, and what becomes of them.
    let check = |what: &str, n: usize, date: fn(i64) -> Option<DateTime<Utc>>, want: (usize, usize, usize)| {
        let mut shelf = Shelf::default();
        shelf.read(0, &[]);
        shelf.read(1, &[]);
        let mut entries = titled(n);
        entries.iter_mut().zip(0..).for_each(|(e, i)| e.published = date(i));
        let judgement = shelf.read(30, &entries);
        assert_eq!(counts(&judgement), want, "{what}");
        let flooded = judgement.remarks.iter().any(|r| matches!(r, Remark::Flood { .. }));
        assert_eq!(flooded, want.1 > 0, "{what}: {:?}", judgement.remarks);
        // From then on it is a feed like others.
        entries.push(entry("later", "later", "A piece that came later"));
        assert_eq!(counts(&shelf.read(31, &entries)).0, 1, "{what}");
    };
    let epoch = |_| DateTime::from_timestamp(0, 0);
    check("an archive without dates", 10, |_| None, (0, 10, 0));
    check("four without dates", 4, |_| None, (0, 4, 0));
    check("a new feed's first pieces, without dates", 3, |_| None, (3, 0, 0));
    check("zeros for dates", 10, epoch, (0, 10, 0));
    check("an archive with its dates", 10, |i| Some(at(-24 * i - 1)), (0, 0, 10));
    check("pieces since the first reading", 10, |i| Some(at(2 * i + 1)), (10, 0, 0));
    check("both", 10, |i| Some(at(2 * i - 9)), (5, 0, 5));
    check("all dated as the document was made", 10, |_| Some(at(30)), (0, 10, 0));
    check("all dated ahead", 10, |i| Some(at(31 + i)), (0, 10, 0));
    check("a launch of two in one minute", 2, |_| Some(at(20)), (2, 0, 0));
    check("a busy day", 25, |i| Some(at(1) + TimeDelta::minutes(20 * i)), (25, 0, 0));
}

#[test]
fn a_first_reading_that_broke_off_is_followed_by_the_rest_of_the_archive() {
    let mut shelf = Shelf::default();
    let entries = titled(13);
    shelf.read_broken(0, &entries[..3]);
    shelf.read_broken(1, &entries[..8]);
    assert_eq!((shelf.memory.read_at, shelf.memory.begun_at), (None, Some(at(0))), "it is not yet read");
    let mut more = entries.clone();
    more.push(entry("dated", "dated", "A piece of the last hour"));
    more[13].published = Some(at(1) + TimeDelta::minutes(20));
    shelf.read(2, &more);
    assert_eq!((&shelf.mailed[..], shelf.quarantined), (&["A piece of the last hour".to_owned()][..], 0));
    more.push(entry("next", "next", "The next piece, without a date"));
    shelf.read(3, &more);
    assert_eq!(shelf.mailed.len(), 2, "read whole once, it is a feed like others");
}

#[test]
fn an_empty_and_then_a_broken_reading_are_no_whole_one() {
    let mut shelf = Shelf::default();
    shelf.read(0, &[]);
    shelf.read_broken(1, &titled(3));
    shelf.read(2, &titled(13));
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (0, 0));
    shelf.read(3, &titled(14));
    assert_eq!(shelf.mailed.len(), 1);
}

#[test]
fn a_feed_that_always_breaks_off_is_read_like_others_after_a_day() {
    let mut shelf = Shelf::default();
    for hour in 0..=24 {
        shelf.read_broken(hour, &titled(5));
    }
    shelf.read_broken(25, &titled(6));
    assert_eq!(shelf.mailed, ["Piece number 5 of this paper"]);
    // And one that breaks off once, later, is not begun anew.
    shelf.read_broken(26, &titled(2));
    shelf.read(27, &titled(7));
    assert_eq!(shelf.mailed.len(), 2);
}

#[test]
fn an_empty_document_later_on_changes_nothing() {
    let mut shelf = Shelf::default();
    shelf.read(0, &titled(5));
    shelf.read(1, &[]);
    shelf.read(2, &titled(11));
    assert_eq!((shelf.mailed.len(), shelf.quarantined), (6, 0));
}

#[test]
fn a_memory_of_before_is_that_of_a_feed_that_was_read() {
    let stored = r#"{"read_at":"2026-09-21T14:13:20Z","policy":"url","busiest_day":7,"day":"2026-09-21","day_count":2,
        "rotations":1,"recent_blocks":[[1,2]],"noticed":[]}"#;
    let memory: Memory = serde_json::from_str(stored).expect("it is read");
    assert_eq!((memory.read_at, memory.begun_at, memory.day_flooded), (Some(at(0)), None, false));
    assert_eq!((memory.busiest_day, memory.day_count, memory.policy), (7, 2, Policy::Url));
    let again = serde_json::to_value(&memory).and_then(serde_json::from_value::<Memory>).expect("it is written");
    assert_eq!(again, memory);
}
