//! Cases and properties of the selection.
//! The planner as a whole is compared with a naive one in `tests/it/plan.rs`.

use proptest::prelude::*;

use super::*;

const FR: &str = "fr";

fn article(seq: i64, story: i64, feed: i64) -> WindowArticle {
    WindowArticle {
        seq,
        article: seq,
        rev: 1,
        story,
        story_first_seq: story,
        feed,
        own: false,
        paid: false,
        language: FR.parse().expect("a tag"),
        html_bytes: 2_000,
        material: false,
        lead: Some(seq),
    }
}

fn link(topic: i64, position: i16, after: i64) -> Link {
    Link { why: Why::Topic(topic), position, after }
}

fn window(matched: &[(WindowArticle, &[i64])]) -> Window {
    let mut matched: Vec<_> = matched.iter().map(|(a, t)| (*a, t.iter().map(|t| Why::Topic(*t)).collect())).collect();
    matched.sort_by_key(|(a, _): &(WindowArticle, Vec<Why>)| -a.seq);
    Window::new(matched)
}

fn chosen(window: &Window, links: &[Link], told: &FxHashMap<i64, Told>) -> Vec<(i64, Place)> {
    let reader = Reader { links, reads: &[], told, versions: &FxHashMap::default(), last_lead: None };
    select(window, &reader, &Limits::default())
        .map(|s| s.items.into_iter().map(|item| (item.article, item.place)).collect())
        .unwrap_or_default()
}

fn check(
    name: &str,
    matched: &[(WindowArticle, &[i64])],
    links: &[Link],
    told: &[(i64, Told)],
    expected: &[(i64, Place)],
) {
    let told = told.iter().copied().collect();
    assert_eq!(chosen(&window(matched), links, &told), expected, "{name}");
}

#[test]
fn of_one_story_own_pieces_come_first_then_free_ones_then_the_oldest() {
    use Place::Full;
    let one = [link(1, 0, 0)];
    let piece = |seq: i64, own: bool, paid: bool| WindowArticle { own, paid, ..article(seq, 1, seq) };
    let of = |pieces: [WindowArticle; 2], first: i64| {
        check(&format!("{pieces:?}"), &pieces.map(|piece| (piece, &[1][..])), &one, &[], &[(first, Full)]);
    };
    of([piece(1, false, false), piece(2, false, false)], 1);
    of([piece(1, false, true), piece(2, false, false)], 2);
    of([piece(1, false, false), piece(2, false, true)], 1);
    of([piece(1, false, true), piece(2, false, true)], 1);
    of([piece(1, false, false), piece(2, true, true)], 2);
    of([piece(1, true, true), piece(2, true, false)], 2);
}

#[test]
fn items_are_new_to_the_reader_grouped_by_topic_and_each_story_stands_once() {
    use Place::{Alerted, Full};
    let one = [link(1, 0, 0)];
    check("newest first", &[(article(1, 1, 1), &[1]), (article(2, 2, 2), &[1])], &one, &[], &[(2, Full), (1, Full)]);
    check(
        "before the link began",
        &[(article(1, 1, 1), &[1]), (article(2, 2, 2), &[1])],
        &[link(1, 0, 1)],
        &[],
        &[(2, Full)],
    );
    check("told in a digest", &[(article(1, 1, 1), &[1])], &one, &[(1, Told::Digest)], &[]);
    let alert = Told::Alert { article: 9, rev: 1 };
    check("told by an alert, nothing else", &[(article(1, 1, 1), &[1])], &one, &[(1, alert)], &[]);
    check(
        "told by an alert, beside news",
        &[(article(1, 1, 1), &[1]), (article(2, 2, 1), &[1])],
        &one,
        &[(1, alert)],
        &[(2, Full), (9, Alerted)],
    );
    let two = [link(1, 1, 0), link(2, 0, 0)];
    check(
        "in the order the reader chose",
        &[(article(1, 1, 1), &[1]), (article(2, 2, 2), &[2]), (article(3, 3, 3), &[1])],
        &two,
        &[],
        &[(2, Full), (3, Full), (1, Full)],
    );
    check(
        "most items first where the reader chose none",
        &[(article(1, 1, 1), &[1]), (article(2, 2, 2), &[2]), (article(3, 3, 3), &[2])],
        &[link(1, 0, 0), link(2, 0, 0)],
        &[],
        &[(3, Full), (2, Full), (1, Full)],
    );
    check(
        "one story of two feeds, the first teller stands",
        &[(article(1, 1, 1), &[1]), (article(2, 1, 2), &[1])],
        &one,
        &[],
        &[(1, Full)],
    );
    check("one story in two topics", &[(article(1, 1, 1), &[1, 2])], &two, &[], &[(1, Full)]);
}

#[test]
fn the_own_feed_tells_the_story_and_the_others_are_named() {
    let mut own = article(5, 1, 9);
    own.own = true;
    let window = window(&[(article(1, 1, 1), &[1]), (own, &[1]), (article(3, 1, 2), &[1])]);
    let links = [link(1, 0, 0)];
    let told = FxHashMap::default();
    let selection = select(
        &window,
        &Reader { links: &links, reads: &[], told: &told, versions: &FxHashMap::default(), last_lead: None },
        &Limits::default(),
    );
    let item = &selection.expect("something is new").items[0];
    assert_eq!((item.article, &item.also), (5, &vec![3, 1]));
}

#[test]
fn the_lead_is_never_the_one_of_the_last_digest_while_another_can_lead() {
    let window = window(&[(article(1, 1, 1), &[1]), (article(2, 2, 2), &[1])]);
    let links = [link(1, 0, 0)];
    let told = FxHashMap::default();
    let lead = |last_lead| {
        let reader = Reader { links: &links, reads: &[], told: &told, versions: &FxHashMap::default(), last_lead };
        select(&window, &reader, &Limits::default()).expect("news").lead_key
    };
    assert_eq!((lead(None), lead(Some(2)), lead(Some(1))), (2, 1, 2));
}

#[test]
fn only_languages_the_reader_reads_and_unknown_ones_are_chosen() {
    let mut german = article(2, 2, 2);
    german.language = "de".parse().expect("a tag");
    let mut unknown = article(3, 3, 3);
    unknown.language = Language::UND;
    let window = window(&[(article(1, 1, 1), &[1]), (german, &[1]), (unknown, &[1])]);
    let (links, told) = ([link(1, 0, 0)], FxHashMap::default());
    let reads: [Language; 1] = [FR.parse().expect("a tag")];
    let reader = Reader { links: &links, reads: &reads, told: &told, versions: &FxHashMap::default(), last_lead: None };
    let items = select(&window, &reader, &Limits::default()).expect("news").items;
    assert_eq!(items.iter().map(|i| i.article).collect::<Vec<_>>(), [3, 1]);
}

#[test]
fn a_large_digest_is_cut_into_whole_brief_and_counted_items_and_by_bytes() {
    let many: Vec<(WindowArticle, &[i64])> = (1..=40).map(|n| (article(n, n, n % 7), &[1_i64][..])).collect();
    let places: Vec<Place> =
        chosen(&window(&many), &[link(1, 0, 0)], &FxHashMap::default()).iter().map(|c| c.1).collect();
    let count = |place| places.iter().filter(|p| **p == place).count();
    assert_eq!((count(Place::Full), count(Place::Brief), count(Place::Counted)), (12, 10, 18));
    let heavy: Vec<(WindowArticle, &[i64])> =
        many.iter().map(|(a, t)| (WindowArticle { html_bytes: 20_000, ..*a }, *t)).collect();
    let places: Vec<Place> =
        chosen(&window(&heavy), &[link(1, 0, 0)], &FxHashMap::default()).iter().map(|c| c.1).collect();
    assert_eq!(places.iter().filter(|p| **p == Place::Full).count(), 3, "72 kB hold three items of 20 kB");
}

/// The candidate stories of a reader, said as simply as the promise is.
fn naive(matched: &[(WindowArticle, Vec<Why>)], links: &[Link], told: &FxHashMap<i64, Told>) -> Vec<i64> {
    let mut stories: Vec<i64> = matched
        .iter()
        .filter(|(a, whys)| links.iter().any(|l| whys.contains(&l.why) && a.seq > l.after))
        .map(|(a, _)| a.story)
        .filter(|story| !told.contains_key(story))
        .collect();
    stories.sort_unstable();
    stories.dedup();
    stories
}

proptest! {
    #[test]
    fn the_selection_holds_exactly_the_untold_matching_stories(
        matched in prop::collection::vec((1_i64..12, 1_i64..5, prop::collection::vec(1_i64..5, 1..4)), 0..40),
        followed in prop::collection::vec((1_i64..5, 0_i16..3, 0_i64..30), 1..5),
        told in prop::collection::vec(1_i64..12, 0..4),
    ) {
        let mut rows: Vec<(WindowArticle, Vec<Why>)> = matched
            .iter()
            .enumerate()
            .map(|(seq, (story, feed, topics))| {
                let seq = i64::try_from(seq).expect("small") + 1;
                (article(seq, *story, *feed), topics.iter().map(|t| Why::Topic(*t)).collect())
            })
            .collect();
        rows.sort_by_key(|(a, _)| -a.seq);
        let mut links: Vec<Link> = followed.iter().map(|(t, p, after)| link(*t, *p, *after)).collect();
        // Nobody follows a thing twice on one schedule.
        links.sort_by_key(|l| (l.why, l.position));
        links.dedup_by_key(|l| l.why);
        links.sort_by_key(|l| l.position);
        let told: FxHashMap<i64, Told> = told.into_iter().map(|story| (story, Told::Digest)).collect();
        let expected = naive(&rows, &links, &told);
        let window = Window::new(rows);
        let reader = Reader { links: &links, reads: &[], told: &told, versions: &FxHashMap::default(), last_lead: None };
        let selection = select(&window, &reader, &Limits::default());
        let mut stories: Vec<i64> = selection.iter().flat_map(|s| &s.items).map(|item| item.story).collect();
        stories.sort_unstable();
        prop_assert_eq!(&stories, &expected);
        let items = selection.map(|s| s.items).unwrap_or_default();
        let feed_of = |item: &FrozenItem| window.articles.iter().find(|a| a.article == item.article).map(|a| a.feed);
        for (at, triple) in items.windows(3).enumerate() {
            let same = feed_of(&triple[0]) == feed_of(&triple[1]) && feed_of(&triple[1]) == feed_of(&triple[2]);
            let group = triple[0].why[0];
            let other_waits = items[at + 3..].iter().any(|i| i.why[0] == group && feed_of(i) != feed_of(&triple[2]));
            prop_assert!(!(same && triple.iter().all(|i| i.why[0] == group) && other_waits && at + 3 > 5));
        }
    }
}
