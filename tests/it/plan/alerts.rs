//! Shows alerts: told at once, few, bundled over the limit, and one line in the digest that follows.
//! How fast they leave is a bench's matter.

use chrono::{DateTime, Utc};
use depeche::{
    delivery::{SkipReason, State},
    store::membership,
};

use super::world::{World, later};
use crate::support::context::{at, feed, topic};

const MORNING: [(&str, &str); 1] = [("morning", "0 7 * * *")];

fn noon() -> DateTime<Utc> {
    at("2026-11-24T11:00:00Z")
}

fn after_cut_off() -> DateTime<Utc> {
    at("2026-11-25T05:46:00Z")
}

#[tokio::test]
async fn what_an_alert_told_stands_as_one_line_in_the_next_digest_and_never_again() {
    let (world, now) = (World::new(&MORNING).await, noon());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let books = topic(world.pool(), now, "books", "livre").await;
    let links = [(trams, "instant"), (trams, "morning"), (books, "morning")];
    let reader = world.reader(now, "lea", &links).await;
    world.news(now, feed, "Tramway en panne").await;
    world.planned(later(now, 0, 1)).await;
    world.news(later(now, 0, 2), feed, "Un livre").await;
    world.planned(after_cut_off()).await;
    world.news(later(after_cut_off(), 1, 0), feed, "Un autre livre").await;
    world.planned(later(after_cut_off(), 24, 0)).await;
    let told: Vec<Vec<(String, String)>> = world.digests(reader).await.into_iter().map(|d| d.items).collect();
    let item = |title: &str, place: &str| (title.to_owned(), place.to_owned());
    assert_eq!(
        told,
        [
            vec![item("Tramway en panne", "full")],
            vec![item("Un livre", "full"), item("Tramway en panne", "alerted")],
            vec![item("Un autre livre", "full")],
        ]
    );
}

#[tokio::test]
async fn a_digest_of_nothing_but_alerts_told_is_not_sent() {
    let (world, now) = (World::new(&MORNING).await, noon());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "instant"), (trams, "morning")]).await;
    world.news(now, feed, "Tramway en panne").await;
    world.planned(later(now, 0, 1)).await;
    world.planned(after_cut_off()).await;
    let schedules: Vec<String> = world.digests(reader).await.into_iter().map(|d| d.schedule).collect();
    assert_eq!(schedules, ["instant"]);
}

#[tokio::test]
async fn an_alert_waits_for_its_settling_time() {
    let mut settings = crate::support::context::settings(&MORNING, Vec::new());
    settings.plan.instant.settle = std::time::Duration::from_mins(3);
    let (world, now) = (World::with(settings).await, noon());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "instant")]).await;
    world.news(now, feed, "Tramway en panne").await;
    world.planned(later(now, 0, 2)).await;
    assert!(world.digests(reader).await.is_empty());
    world.news(later(now, 0, 2), feed, "Tramway en feu").await;
    world.planned(later(now, 0, 3)).await;
    assert_eq!(world.titles(reader).await, [["Tramway en panne"]], "the younger one has not settled");
    world.planned(later(now, 0, 5)).await;
    assert_eq!(world.titles(reader).await, [["Tramway en panne"], ["Tramway en feu"]]);
}

#[tokio::test]
async fn three_alerts_go_in_an_hour_and_the_rest_of_it_goes_bundled() {
    let (world, now) = (World::new(&MORNING).await, noon());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "instant")]).await;
    for n in 0..6 {
        world.news(later(now, 0, n), feed, &format!("Tramway {n}")).await;
        world.planned(later(now, 0, n)).await;
    }
    assert_eq!(world.titles(reader).await, [["Tramway 0"], ["Tramway 1"], ["Tramway 2"]]);
    world.planned(later(now, 0, 59)).await;
    assert_eq!(world.titles(reader).await.len(), 3);
    world.planned(later(now, 1, 0)).await;
    let told = world.titles(reader).await;
    assert_eq!(told[3..], [["Tramway 5", "Tramway 4", "Tramway 3"]], "{told:?}");
    assert_eq!(world.number("select count(*) from bundle").await, 0);
}

#[tokio::test]
async fn eight_alerts_go_in_a_day_and_nothing_is_lost_over_the_limit() {
    let (world, now) = (World::new(&MORNING).await, noon());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "instant")]).await;
    for n in 0..11 {
        world.news(later(now, n, 0), feed, &format!("Tramway {n}")).await;
        world.planned(later(now, n, 0)).await;
    }
    assert_eq!(world.titles(reader).await.len(), 8);
    world.planned(later(now, 23, 59)).await;
    assert_eq!(world.titles(reader).await.len(), 8);
    world.planned(later(now, 24, 0)).await;
    let told = world.titles(reader).await;
    assert_eq!(told[8..], [["Tramway 10", "Tramway 9", "Tramway 8"]], "{told:?}");
}

/// A reader whose fourth alert waits in a bundle leaves; then perhaps more comes for others.
async fn leaves_while_an_alert_waits(more_comes: bool) -> (World, i64) {
    let (world, now) = (World::new(&MORNING).await, noon());
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let reader = world.reader(now, "lea", &[(trams, "instant")]).await;
    for n in 0..4 {
        world.news(later(now, 0, n), feed, &format!("Tramway {n}")).await;
        world.planned(later(now, 0, n)).await;
    }
    assert_eq!(world.number("select count(*) from bundle").await, 1);
    let mut tx = world.pool().begin().await.expect("a transaction");
    membership::leave(&mut tx, later(now, 0, 30), reader, "test").await.expect("they leave");
    tx.commit().await.expect("committed");
    if more_comes {
        world.news(later(now, 0, 40), feed, "Tramway 5").await;
        world.planned(later(now, 0, 40)).await;
    }
    world.planned(later(now, 2, 0)).await;
    assert_eq!(world.number("select count(*) from bundle").await, 0);
    assert_eq!(world.planned(later(now, 3, 0)).await, 0, "no slot closes for it any more");
    (world, reader)
}

#[tokio::test]
async fn a_bundle_of_a_reader_who_left_is_skipped_and_does_not_come_due_for_ever() {
    let (world, reader) = leaves_while_an_alert_waits(false).await;
    let skipped = (State::Skipped.code(), SkipReason::Unsubscribed.code());
    assert_eq!(world.deliveries(reader).await[3..], [skipped]);
    let (world, reader) = leaves_while_an_alert_waits(true).await;
    assert_eq!(world.titles(reader).await.len(), 3, "what came later found them gone");
}
