//! Shows by cases how a feed's first readings are judged, empty and broken ones too.
//! How many entries at once are too many is shown beside it.

use super::*;

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
