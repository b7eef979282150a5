//! The two links of an alert: stopping the alerts of its topic, moving it to a digest, and taking either back.
//! When alerts go is in `plan`.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use chrono::TimeDelta;
use depeche::{
    daemon::{compose::Rhythm, deliver, match_articles, plan},
    delivery::Lane,
    digest::Why,
    store::{
        self,
        membership::{self, Follow},
        subscription::MAX_PER_READER,
    },
    subscriber::token::{Keys, Purpose},
};
use futures_util::future::join_all;
use reqwest::StatusCode;

use super::{NOON, Site, text};
use crate::support::{
    context::{self, SECRET},
    newsroom::relay,
    smtp_server::{Act, At, SmtpServer},
};

/// What the reader follows beside the two topics of each morning.
const FOLLOWED: [&str; 5] = [
    "trains morning Europe/Paris",
    "nantes morning Europe/Paris",
    "trains instant ",
    "sport instant ",
    "logement instant ",
];

async fn topic(site: &Site, slug: &str) -> i64 {
    let id = sqlx::query_scalar("select id from topic where slug = $1").bind(slug);
    id.fetch_one(site.pool()).await.expect("a topic")
}

/// The site, whose reader gets alerts of two topics and of words of their own; and the pages of the second and of the words.
async fn alerted(site: &Site) -> (String, String) {
    let mut wanted = Vec::new();
    for slug in ["trains", "sport"] {
        let follow = Follow::Topic(topic(site, slug).await);
        wanted.push(context::wanted(site.pool(), follow, "instant", "").await);
    }
    let own = Follow::Filter(context::canonical("logement"));
    wanted.push(context::wanted(site.pool(), own, "instant", "").await);
    let mut tx = site.pool().begin().await.expect("a transaction");
    membership::follow(&mut tx, site.ctx.clock.now(), site.reader, &wanted).await.expect("followed");
    tx.commit().await.expect("committed");
    assert_eq!(site.links().await, FOLLOWED);
    let filter = sqlx::query_scalar("select id from filter where canonical = 'logement'").fetch_one(site.pool());
    let filter: i64 = filter.await.expect("a filter");
    (path(site, Why::Topic(topic(site, "sport").await)), path(site, Why::Filter(filter)))
}

fn path(site: &Site, why: Why) -> String {
    format!("/a/{}", Keys::new(SECRET).sign(Purpose::Alert, site.reader, why.code()).as_str())
}

/// What is followed, without some of it and with more at its end.
fn followed(without: &[&str], more: &[&str]) -> Vec<String> {
    let rest = FOLLOWED.iter().filter(|link| !without.contains(link));
    rest.chain(more).map(|link| (*link).to_owned()).collect()
}

fn sorted(mut links: Vec<String>) -> Vec<String> {
    links.sort();
    links
}

/// The addresses of this page in a mail, as its HTML and its text have them.
fn links(mail: &[u8], page: &str) -> (Vec<String>, Vec<String>) {
    let mail = String::from_utf8(mail.to_vec()).expect("ASCII").replace("=\r\n", "").replace("=3D", "=");
    let start = format!("https://lettres.lefanal.example/{page}/");
    let all = |before: &str| {
        let before = format!("{before}{start}");
        let rest = mail.split(&before).skip(1);
        rest.map(|rest| format!("/{page}/{}", rest.split(['"', '\r']).next().expect("a start"))).collect()
    };
    (all("href=\""), all("\r\n"))
}

#[tokio::test]
async fn an_alert_carries_both_links_and_the_same_ones_when_it_is_tried_again() {
    let first = AtomicBool::new(true);
    let server = SmtpServer::start(move |at| {
        let refused = *at == At::Dot && first.swap(false, Ordering::SeqCst);
        if refused { Act::Say(b"451 4.3.0 later") } else { Act::Usual }
    })
    .await;
    let site = Site::with(vec![relay("main", server.address, 1)]).await;
    let (sport, _) = alerted(&site).await;
    let clock = &site.ctx.clock;
    let feed = context::feed(site.pool(), clock.now(), "ouest").await;
    context::article(site.pool(), clock.now(), feed, context::text("Le sport gagne", "une course au large")).await;
    match_articles::run_once(&site.ctx, clock.now()).await.expect("a match");
    for _ in 0..2 {
        plan::run_once(&site.ctx, clock.now()).await.expect("a plan");
        deliver::run_once(&site.ctx, Lane::Alert, clock.now()).await.expect("delivered");
        assert!(clock.advance(Duration::from_mins(5)));
    }
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 2, "refused once, then taken");
    assert_eq!(mails[0], mails[1]);
    let wanted = ["mute", "digest"].map(|part| format!("{sport}#{part}"));
    let (html, plain) = links(&mails[0].2, "a");
    assert_eq!((&html[..], &plain[..]), (&wanted[..], &wanted[..]));
    // Where they lead.
    let page = text(site.get(&html[0]).await, StatusCode::OK).await;
    assert!(page.contains("<h1>Alertes\u{a0}: sport</h1>"), "{page}");
    assert!(page.contains("id=\"mute\"") && page.contains("id=\"digest\""), "{page}");
    site.end().await;
}

#[tokio::test]
async fn the_page_of_an_alert_says_that_nothing_comes_during_a_break() {
    let site = Site::new().await;
    let (sport, _) = alerted(&site).await;
    let page = text(site.get(&sport).await, StatusCode::OK).await;
    assert!(!page.contains("en pause"), "{page}");
    let until = site.ctx.clock.now() + TimeDelta::days(7);
    let mut tx = site.pool().begin().await.expect("a transaction");
    assert!(store::reader::pause(&mut tx, site.ctx.clock.now(), site.reader, Some(until)).await.expect("paused"));
    tx.commit().await.expect("committed");
    let page = text(site.get(&sport).await, StatusCode::OK).await;
    assert!(page.contains("Vous êtes en pause jusqu’au 1"), "{page}");
    site.end().await;
}

#[tokio::test]
async fn opening_the_page_of_an_alert_changes_nothing_and_leads_to_no_other_choice() {
    let site = Site::new().await;
    let (sport, own) = alerted(&site).await;
    let books = site.books().await;
    for (path, name) in [(&sport, "sport"), (&own, "logement")] {
        let page = text(site.get(path).await, StatusCode::OK).await;
        assert!(page.contains(&format!("<h1>Alertes\u{a0}: {name}</h1>")), "{page}");
        assert!(page.contains("value=\"mute\"") && page.contains("Couper ces alertes"), "{page}");
        for offered in ["morning", "noon", "weekly"] {
            assert!(page.contains(&format!("name=\"often\" value=\"{offered}\"")), "{offered}: {page}");
        }
        for foreign in ["value=\"instant\"", "/p/", "/u/", "claire", "trains", "c…@"] {
            assert!(!page.contains(foreign), "{foreign} in {page}");
        }
        let head = site.http.head(site.url(path)).send().await.expect("an answer");
        assert_eq!(text(head, StatusCode::OK).await, "");
    }
    assert_eq!(site.books().await, books);
    site.end().await;
}

#[tokio::test]
async fn muting_ends_the_alerts_of_this_topic_alone_and_is_taken_back() {
    let site = Site::new().await;
    let (sport, own) = alerted(&site).await;
    for (path, link) in [(&sport, "sport instant "), (&own, "logement instant ")] {
        let page = text(site.post(path, "do=mute").await, StatusCode::OK).await;
        assert!(page.contains("vous ne recevrez plus ces alertes") && page.contains("Annuler"), "{page}");
        assert_eq!(sorted(site.links().await), sorted(followed(&[link], &[])));
        let books = site.books().await;
        text(site.post(path, "do=mute").await, StatusCode::OK).await;
        assert_eq!(site.books().await, books, "twice is once");
        let page = text(site.get(path).await, StatusCode::OK).await;
        assert!(page.contains("Vous ne recevez plus ces alertes.") && page.contains("value=\"again\""), "{page}");
        assert!(!page.contains("value=\"mute\""), "{page}");
        let page = text(site.post(path, "do=again").await, StatusCode::OK).await;
        assert!(page.contains("de nouveau ces alertes.") && page.contains("value=\"mute\""), "{page}");
        let books = site.books().await;
        text(site.post(path, "do=again").await, StatusCode::OK).await;
        assert_eq!(site.books().await, books, "twice is once");
        assert_eq!(sorted(site.links().await), sorted(followed(&[], &[])));
    }
    site.end().await;
}

#[tokio::test]
async fn a_topic_moves_to_a_digest_that_is_offered_and_back() {
    let site = Site::new().await;
    let (sport, _) = alerted(&site).await;
    let page = text(site.post(&sport, "do=digest&often=weekly").await, StatusCode::OK).await;
    assert!(page.contains("ne viennent plus en alerte.") && page.contains("Chaque lundi"), "{page}");
    assert!(page.contains("type=\"hidden\" name=\"often\" value=\"weekly\""), "{page}");
    let moved = ["trains morning Europe/Paris", "nantes morning Europe/Paris", "trains instant "];
    let moved = moved.into_iter().chain(["sport weekly Europe/Paris", "logement instant "]).collect::<Vec<_>>();
    assert_eq!(site.links().await, moved);
    let books = site.books().await;
    let page = text(site.post(&sport, "do=digest&often=weekly").await, StatusCode::OK).await;
    assert!(page.contains("ne viennent plus en alerte."), "{page}");
    // It is in a digest already, which is not the one that this form names: nothing is begun.
    text(site.post(&sport, "do=digest&often=noon").await, StatusCode::OK).await;
    for body in ["do=digest", "do=digest&often=instant", "do=digest&often=hourly", "do=leave", ""] {
        text(site.post(&sport, body).await, StatusCode::BAD_REQUEST).await;
    }
    assert_eq!(site.books().await, books);
    text(site.post(&sport, "do=again&often=weekly").await, StatusCode::OK).await;
    assert_eq!(site.links().await, FOLLOWED);
    // What came in the digest before stays there, whatever becomes of the alerts.
    let trains = path(&site, Why::Topic(topic(&site, "trains").await));
    let page = text(site.post(&trains, "do=digest&often=morning").await, StatusCode::OK).await;
    assert!(!page.contains("type=\"hidden\""), "{page}");
    assert_eq!(site.links().await, followed(&["trains instant "], &[]));
    text(site.post(&trains, "do=again").await, StatusCode::OK).await;
    assert_eq!(site.links().await, followed(&["trains instant "], &["trains instant "]));
    site.end().await;
}

#[tokio::test]
async fn two_forms_at_once_are_taken_one_after_the_other() {
    let site = Site::new().await;
    let (sport, own) = alerted(&site).await;
    text(site.post(&sport, "do=mute").await, StatusCode::OK).await;
    for answer in join_all((0..4).map(|_| site.post(&sport, "do=again"))).await {
        text(answer, StatusCode::OK).await;
    }
    assert_eq!(site.links().await, followed(&["sport instant "], &["sport instant "]));
    // There is room for one of two more.
    for path in [&sport, &own] {
        text(site.post(path, "do=mute").await, StatusCode::OK).await;
    }
    let live = i64::try_from(site.links().await.len()).expect("few");
    let mut tx = site.pool().begin().await.expect("a transaction");
    for n in live..MAX_PER_READER - 1 {
        let wanted = context::wanted(site.pool(), Follow::Filter(format!("mot{n}")), "morning", "Europe/Paris").await;
        membership::follow(&mut tx, site.ctx.clock.now(), site.reader, &[wanted]).await.expect("followed");
    }
    tx.commit().await.expect("committed");
    let (one, other) = tokio::join!(site.post(&sport, "do=again"), site.post(&own, "do=again"));
    let mut answers = [one.status(), other.status()];
    answers.sort();
    assert_eq!(answers, [StatusCode::OK, StatusCode::BAD_REQUEST]);
    assert_eq!(i64::try_from(site.links().await.len()), Ok(MAX_PER_READER));
    site.end().await;
}

#[tokio::test]
async fn nothing_is_offered_that_the_publisher_does_not_offer() {
    let site = Site::new().await;
    let (sport, _) = alerted(&site).await;
    let mut settings = context::settings(&[NOON], Vec::new());
    let line = settings.plan.schedules[0].schedule.describe().clone();
    let hidden = Rhythm { name: "noon".to_owned(), line: Some(line), titles: BTreeMap::new(), public: false };
    settings.compose.rhythms = vec![hidden];
    site.ctx.set_settings(settings);
    let page = text(site.get(&sport).await, StatusCode::OK).await;
    assert!(page.contains("value=\"mute\"") && !page.contains("name=\"often\""), "{page}");
    text(site.post(&sport, "do=digest&often=noon").await, StatusCode::BAD_REQUEST).await;
    // A topic that left the catalogue has no way back.
    let mut tx = site.pool().begin().await.expect("a transaction");
    let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
    store::topic::remove(&mut tx, topic(&site, "sport").await, seq).await.expect("removed");
    tx.commit().await.expect("committed");
    for _ in 0..2 {
        let page = text(site.get(&sport).await, StatusCode::OK).await;
        assert!(page.contains("plus proposé") && !page.contains("<form"), "{page}");
        text(site.post(&sport, "do=again").await, StatusCode::OK).await;
    }
    assert_eq!(site.links().await, followed(&["sport instant "], &[]));
    site.end().await;
}

#[tokio::test]
async fn the_link_of_an_alert_is_good_for_its_page_alone_and_for_ever() {
    let site = Site::new().await;
    let (sport, _) = alerted(&site).await;
    let books = site.books().await;
    let token = sport.trim_start_matches("/a/");
    let other = site.unsubscribe();
    for path in [
        format!("/p/{token}"),
        format!("/u/{token}"),
        format!("/r/{token}"),
        format!("/a/{}", other.trim_start_matches("/u/")),
        format!("/a/{}", site.choices().trim_start_matches("/p/")),
        format!("{sport}A"),
        path(&site, Why::Topic(999_999)),
        path(&site, Why::Filter(999_999)),
    ] {
        text(site.get(&path).await, StatusCode::NOT_FOUND).await;
        text(site.post(&path, "do=again").await, StatusCode::NOT_FOUND).await;
    }
    text(site.get(&format!("/d/{token}")).await, StatusCode::NOT_FOUND).await;
    assert_eq!(site.books().await, books);
    assert!(site.ctx.clock.advance(Duration::from_hours(10 * 365 * 24)));
    text(site.get(&sport).await, StatusCode::OK).await;
    for status in [1, 4, 5] {
        let set = sqlx::query("update subscriber set status = $1").bind(status);
        set.execute(site.pool()).await.expect("set");
        text(site.get(&sport).await, StatusCode::GONE).await;
        text(site.post(&sport, "do=mute").await, StatusCode::GONE).await;
    }
    assert_eq!(site.links().await, FOLLOWED);
    site.end().await;
}
