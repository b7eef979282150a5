//! Shows what stands in a digest: what is new to its reader at the cut-off, each story once, and all of it in the books.
//! Alerts, moves and crashes have files of their own.

use chrono::{DateTime, Utc};
use depeche::store;

use super::world::{World, later};
use crate::support::context::{at, feed, topic};

const MORNING: [(&str, &str); 1] = [("morning", "0 7 * * *")];

/// The day before: three in the afternoon in Paris.
fn day_before() -> DateTime<Utc> {
    at("2026-11-24T14:00:00Z")
}

/// A minute after the cut-off of the digest of 7:00 in Paris on the 25th.
fn after_cut_off() -> DateTime<Utc> {
    at("2026-11-25T05:46:00Z")
}

#[tokio::test]
async fn the_first_digest_holds_what_came_since_the_reader_began_and_nothing_older() {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    world.news(now, feed, "Le tramway d'hier").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    world.news(later(now, 1, 0), feed, "Le tramway de demain").await;
    world.news(later(now, 1, 0), feed, "Rien du tout").await;
    assert_eq!(world.planned(at("2026-11-25T05:44:00Z")).await, 0, "before the cut-off nothing closes");
    world.planned(after_cut_off()).await;
    assert_eq!(world.titles(reader).await, [["Le tramway de demain"]]);
    assert_eq!(world.deliveries(reader).await, [(0, 0)]);
    let due: DateTime<Utc> =
        sqlx::query_scalar("select due_at from batch").fetch_one(world.pool()).await.expect("one batch");
    assert_eq!(due, at("2026-11-25T06:00:00Z"));
    assert_eq!(world.planned(after_cut_off()).await, 0, "a slot is planned once");
}

#[tokio::test]
async fn a_story_stands_once_across_topics_and_feeds_and_is_not_told_again_the_next_day() {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let (fanal, ouest) = (feed(world.pool(), now, "fanal").await, feed(world.pool(), now, "ouest").await);
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let bridges = topic(world.pool(), now, "bridges", "pont").await;
    let reader = world.reader(now, "lea", &[(trams, "morning"), (bridges, "morning")]).await;
    world.twin(now, fanal, "Le tramway sur le pont", "bridge").await;
    world.twin(now, ouest, "Un pont pour le tramway", "bridge").await;
    world.planned(after_cut_off()).await;
    assert_eq!(world.titles(reader).await, [["Le tramway sur le pont"]]);
    let day_after = later(after_cut_off(), 12, 0);
    world.twin(day_after, feed(world.pool(), now, "echo").await, "Le pont du tramway", "bridge").await;
    world.planned(later(after_cut_off(), 24, 0)).await;
    assert_eq!(world.titles(reader).await.len(), 1, "the third feed's twin came a day later");
}

#[tokio::test]
async fn a_new_reader_does_not_make_the_others_hear_an_old_story_again() {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let (fanal, ouest) = (feed(world.pool(), now, "fanal").await, feed(world.pool(), now, "ouest").await);
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    world.twin(now, fanal, "Le tramway", "bridge").await;
    world.planned(after_cut_off()).await;
    // A link that takes up far back stretches the next window over what the first reader was told.
    world.reader(later(after_cut_off(), 1, 0), "ana", &[(trams, "morning")]).await;
    sqlx::query("update subscription set told_seq = 1 where subscriber_id = (select max(id) from subscriber)")
        .execute(world.pool())
        .await
        .expect("a link with an early begin");
    world.twin(later(after_cut_off(), 2, 0), ouest, "Le tramway encore", "bridge").await;
    world.planned(later(after_cut_off(), 24, 0)).await;
    assert_eq!(world.titles(reader).await, [["Le tramway"]]);
}

#[tokio::test]
async fn twelve_items_are_whole_ten_brief_the_rest_counted_and_all_of_them_told() {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let feeds = [feed(world.pool(), now, "fanal").await, feed(world.pool(), now, "ouest").await];
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    for n in 0..25 {
        world.news(now, feeds[n % 2], &format!("Tramway {n}")).await;
    }
    world.planned(after_cut_off()).await;
    let digests = world.digests(reader).await;
    let places: Vec<&str> = digests[0].items.iter().map(|item| item.1.as_str()).collect();
    assert_eq!(places, [vec!["full"; 12], vec!["brief"; 10], vec!["counted"; 3]].concat());
    world.planned(later(after_cut_off(), 24, 0)).await;
    assert_eq!(world.digests(reader).await.len(), 1, "what was only counted is told too");
}

#[tokio::test]
async fn what_is_committed_after_the_cut_off_waits_for_the_next_slot() {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    world.news(now, feed, "Tramway avant").await;
    world.planned(after_cut_off()).await;
    world.news(later(after_cut_off(), 0, 1), feed, "Tramway après").await;
    world.planned(at("2026-11-25T05:59:00Z")).await;
    assert_eq!(world.titles(reader).await, [["Tramway avant"]]);
    world.planned(later(after_cut_off(), 24, 0)).await;
    assert_eq!(world.titles(reader).await, [["Tramway avant"], ["Tramway après"]]);
}

#[tokio::test]
async fn an_empty_digest_is_not_sent_and_its_slot_is_planned_all_the_same() {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    world.reader(now, "lea", &[(trams, "morning")]).await;
    world.planned(after_cut_off()).await;
    assert_eq!(
        world.number("select count(*) from slot where planned_at is not null and readers = 1 and digests = 0").await,
        1
    );
    assert_eq!(world.number("select (select count(*) from digest) + (select count(*) from batch)").await, 0);
}

#[tokio::test]
async fn of_one_source_two_at_most_stand_among_the_first_five_while_others_wait() {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    for (name, n) in [("echo", 2), ("ouest", 2), ("fanal", 6)] {
        let feed = feed(world.pool(), now, name).await;
        for n in 0..n {
            world.news(now, feed, &format!("Tramway {name} {n}")).await;
        }
    }
    world.planned(after_cut_off()).await;
    let titles = world.titles(reader).await.concat();
    for name in ["fanal", "ouest", "echo"] {
        let first = titles.iter().take(5).filter(|title| title.contains(name)).count();
        assert!(first <= 2, "{first} of {name} among the first five: {titles:?}");
    }
    assert_eq!(titles.len(), 10);
}

#[tokio::test]
async fn a_reader_with_two_schedules_gets_a_story_once() {
    let schedules = [("morning", "0 7 * * *"), ("noon", "0 12 * * *")];
    let (world, now) = (World::new(&schedules).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "morning"), (trams, "noon")]).await;
    world.news(now, feed, "Tramway du soir").await;
    world.planned(after_cut_off()).await;
    world.news(later(after_cut_off(), 1, 0), feed, "Tramway du matin").await;
    world.planned(at("2026-11-25T10:46:00Z")).await;
    world.planned(later(after_cut_off(), 24, 0)).await;
    let digests = world.digests(reader).await;
    let told: Vec<(&str, &str)> =
        digests.iter().flat_map(|d| d.items.iter().map(|i| (d.schedule.as_str(), i.0.as_str()))).collect();
    assert_eq!(told, [("morning", "Tramway du soir"), ("noon", "Tramway du matin")]);
}

#[tokio::test]
async fn an_old_article_touched_up_is_not_told_again() {
    let (world, now) = (World::new(&MORNING).await, day_before());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    let id = world.news(now, feed, "Tramway").await;
    world.planned(after_cut_off()).await;
    for days in [1, 9] {
        let then = later(now, 24 * days, 0);
        store::ensure_month(&mut *world.pool().acquire().await.expect("a connection"), then).await.expect("a month");
        world.execute("update article set last_rev = last_rev + 1").await;
        sqlx::query("insert into revision select article_id, rev + $3, $2, body, analyser, analysed, signature, html_bytes from revision where article_id = $1 and rev = 1")
            .bind(id).bind(then).bind(i16::try_from(days).expect("small"))
            .execute(world.pool()).await.expect("a revision");
        sqlx::query("insert into todo select article_id, rev, seen_at from revision where seen_at = $1")
            .bind(then)
            .execute(world.pool())
            .await
            .expect("it waits");
        world.matched(then).await;
        world.planned(later(after_cut_off(), 24 * days, 0)).await;
        assert_eq!(world.titles(reader).await, [["Tramway"]], "after {days} days");
    }
    assert_eq!(world.number("select count(*) from todo").await, 0);
}
