//! Confirming an address, and the web copy of a digest.
//! Who sends confirmations is elsewhere.

use std::time::Duration;

use depeche::{
    digest::{FrozenItem, Place, Why},
    store::{
        self,
        digest::NewDigest,
        membership::{self, Added, Follow},
        slot::NewSlot,
        subscriber::NewSubscriber,
    },
    subscriber::{
        Status,
        token::{Keys, Purpose},
    },
};
use reqwest::StatusCode;

use super::{Site, text};
use crate::support::context::{self, SECRET, at};

/// Somebody who asked for one topic and has not confirmed; the site's reader from now on.
async fn pending(site: &mut Site) {
    let topic: i64 =
        sqlx::query_scalar("select id from topic where slug = 'sport'").fetch_one(site.pool()).await.expect("a topic");
    let wanted = context::wanted(site.pool(), Follow::Topic(topic), "morning", "Europe/Paris").await;
    let address = "paul@lecteurs.example";
    let new = NewSubscriber {
        address_key: address,
        address,
        status: Status::Pending.code(),
        language: "en",
        reads: &[],
        zone: "Europe/Paris",
    };
    let mut tx = site.pool().begin().await.expect("a transaction");
    let added = membership::add(&mut tx, site.ctx.clock.now(), &new, &[wanted], "test").await.expect("added");
    tx.commit().await.expect("committed");
    let Added::New(id) = added else { panic!("paul is known") };
    site.reader = id;
}

#[tokio::test]
async fn a_click_on_the_button_confirms_and_what_was_asked_for_begins() {
    let mut site = Site::new().await;
    pending(&mut site).await;
    let path = site.path("c", Purpose::Confirm);
    let page = text(site.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("Yes, sign me up") && page.contains("It wasn’t me"), "{page}");
    assert_eq!(site.status().await, 1);
    let asked_at: i64 =
        sqlx::query_scalar("select max(from_seq) from subscription").fetch_one(site.pool()).await.expect("a number");
    for _ in 0..2 {
        text(site.post(&path, "do=confirm").await, StatusCode::OK).await;
        assert_eq!((site.status().await, site.links().await), (2, vec!["sport morning Europe/Paris".to_owned()]));
    }
    let begins: i64 =
        sqlx::query_scalar("select from_seq from subscription where subscriber_id = $1 and until_seq is null")
            .bind(site.reader)
            .fetch_one(site.pool())
            .await
            .expect("a number");
    assert!(begins > asked_at);
    assert!(site.books().await.contains("given,\"confirmation page\",\"{\"\"version\"\": "), "{}", site.books().await);
    site.end().await;
}

#[tokio::test]
async fn it_wasn_t_me_deletes_the_address_at_once() {
    let mut site = Site::new().await;
    pending(&mut site).await;
    let path = site.path("c", Purpose::Confirm);
    text(site.post(&path, "do=forget").await, StatusCode::OK).await;
    assert!(!site.books().await.contains("paul"), "{}", site.books().await);
    assert!(site.links().await.is_empty());
    // Nothing is left that the old link could do, and nothing says that there was somebody.
    for body in ["do=confirm", "do=forget", "do=other"] {
        text(site.post(&path, body).await, StatusCode::NOT_FOUND).await;
    }
    text(site.get(&path).await, StatusCode::NOT_FOUND).await;
    site.end().await;
}

#[tokio::test]
async fn after_seven_days_the_confirmation_says_that_it_is_late() {
    let mut site = Site::new().await;
    pending(&mut site).await;
    let until = site.ctx.clock.now() + chrono::TimeDelta::days(7);
    let token = Keys::new(SECRET).sign_until(Purpose::Confirm, site.reader, until);
    let path = format!("/c/{}", token.as_str());
    assert!(site.ctx.clock.advance(Duration::from_hours(7 * 24)));
    let request = site.http.get(site.url(&path)).header("accept-language", "en");
    let page = text(request.send().await.expect("an answer"), StatusCode::GONE).await;
    assert!(page.contains("more than 7 days old"), "{page}");
    text(site.post(&path, "do=confirm").await, StatusCode::GONE).await;
    assert_eq!(site.status().await, 1);
    site.end().await;
}

#[tokio::test]
async fn a_confirmed_reader_cannot_be_forgotten_by_an_old_link() {
    let site = Site::new().await;
    let books = site.books().await;
    text(site.post(&site.path("c", Purpose::Confirm), "do=forget").await, StatusCode::NOT_FOUND).await;
    assert_eq!(site.books().await, books);
    site.end().await;
}

#[tokio::test]
async fn the_web_copy_shows_every_item_and_nothing_of_the_reader() {
    let site = Site::new().await;
    let now = site.ctx.clock.now();
    let feed = context::feed(site.pool(), now, "ouest").await;
    let topic: i64 =
        sqlx::query_scalar("select id from topic where slug = 'trains'").fetch_one(site.pool()).await.expect("a topic");
    let own = Follow::Filter(context::canonical("train"));
    let wanted = [context::wanted(site.pool(), own, "morning", "Europe/Paris").await];
    let mut tx = site.pool().begin().await.expect("a transaction");
    membership::follow(&mut tx, now, site.reader, &wanted).await.expect("followed");
    tx.commit().await.expect("committed");
    let filter = sqlx::query_scalar("select id from filter where canonical = 'train'").fetch_one(site.pool());
    let own = Why::Filter(filter.await.expect("a filter"));
    let mut items = Vec::new();
    for n in 0..15 {
        let text = context::text(&format!("Les trains du jour {n}"), &format!("Le train numéro {n} part à l’heure."));
        let article = context::article(site.pool(), now, feed, text).await;
        let place = if n < 12 { Place::Full } else { Place::Counted };
        items.push(FrozenItem {
            article,
            rev: 1,
            story: article,
            why: if n == 7 { vec![Why::Topic(topic), own] } else { vec![Why::Topic(topic)] },
            place,
            also: vec![],
            updated: false,
        });
    }
    let withdrawn = items[3].article;
    let slot_at = at("2026-11-24T06:00:00Z");
    let mut conn = site.pool().acquire().await.expect("a connection");
    let slot = NewSlot {
        schedule_id: context::schedule_id(site.pool(), "morning").await,
        zone: "Europe/Paris",
        local_at: "2026-11-24T07:00:00".parse().expect("a time"),
        slot_at,
        cut_off: now,
        from_seq: 0,
        to_seq: 1,
    };
    let slot = store::slot::close(&mut conn, &slot).await.expect("closed").expect("a new slot");
    let digest = NewDigest { subscriber_id: site.reader, lead_key: 0, items };
    store::digest::copy_in(&mut conn, slot_at, slot, &[digest]).await.expect("written");
    sqlx::query("update article set state = 3 where id = $1").bind(withdrawn).execute(site.pool()).await.expect("done");
    let seconds = u64::try_from(slot_at.timestamp()).expect("after 1970");
    let token = |reader, at| format!("/d/{}", Keys::new(SECRET).sign(Purpose::Web, reader, at).as_str());
    let page = text(site.get(&token(site.reader, seconds)).await, StatusCode::OK).await;
    for n in 0..15 {
        assert_eq!(page.contains(&format!("Les trains du jour {n}<")), n != 3, "{n}: {page}");
    }
    assert!(page.contains("mardi 24 novembre") && page.contains("id=\"why\""), "{page}");
    let words = "Vos mots\u{a0}: trains (dans le titre), train (en introduction)";
    assert!(page.contains(words) && page.matches("Vos mots").count() == 1, "{page}");
    for own in ["claire", "c…@", "/p/", "/u/", "<form", "<img"] {
        assert!(!page.contains(own), "{own} in {page}");
    }
    // Another instant, and another reader: nothing.
    for path in [token(site.reader, seconds + 1), token(site.reader + 1, seconds), token(site.reader, u64::MAX)] {
        text(site.get(&path).await, StatusCode::NOT_FOUND).await;
    }
    site.end().await;
}
