//! Feeds behind TLS: whose certificate is trusted, and what becomes of a feed that goes over to https.
//! What else a certificate must hold is the library's to show.

use chrono::TimeDelta;
use depeche::{
    daemon::Stage,
    fetch::{FetchConfig, Fetcher},
};

use super::{
    desk::Desk,
    feed_server::{FeedServer, reply},
    items::{rss, usual},
};
use crate::support::certificates::Certificates;

/// Certificates for this machine; none, with a line that says so, where openssl is missing.
fn certificates(directory: &std::path::Path) -> Option<Certificates> {
    let made = Certificates::make(directory, "DNS:localhost,IP:127.0.0.1");
    if made.is_none() {
        eprintln!("skipped: openssl is not installed");
    }
    made
}

#[tokio::test]
async fn a_feed_that_goes_over_to_https_is_asked_there_from_the_next_poll_on_and_nothing_is_new() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(certificates) = certificates(directory.path()) else { return };
    let server = FeedServer::start_tls(certificates.acceptor(), |asked| {
        if asked.secure {
            return reply(200, &[], rss((1..=5).rev().map(usual)));
        }
        let there = format!("https://{}{}", asked.headers["host"], asked.path);
        reply(301, &[("Location", &there)], "")
    })
    .await;
    let fetch = FetchConfig { ca_file: Some(certificates.authority.clone()), ..FetchConfig::default() };
    let desk = Desk::fetching(fetch).await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.round(Stage::Ingest).await;
    let kept = desk.articles(feed).await;
    desk.pass(TimeDelta::days(1));
    desk.round(Stage::Ingest).await;
    assert_eq!(server.asked().iter().map(|asked| asked.secure).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(desk.number("select count(*) from feed where url like 'https://%'").await, 1);
    assert_eq!(desk.articles(feed).await, kept);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused_with_what_would_vouch_for_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let Some(certificates) = certificates(directory.path()) else { return };
    let server =
        FeedServer::start_tls(certificates.acceptor(), |_| reply(200, &[], rss((1..=5).rev().map(usual)))).await;
    let desk = Desk::fetching(FetchConfig::default()).await;
    let feed = desk.add(&server.url("/feed").replace("http:", "https:")).await;
    desk.round(Stage::Ingest).await;
    assert!(server.asked().is_empty());
    let said = desk.done(&["feed", "show", &feed.to_string()]).await;
    assert!(said.contains("certificate") && said.contains("[feeds] ca_file"), "{said}");
}

#[test]
fn a_ca_file_that_is_none_is_said_before_anything_is_asked() {
    let directory = tempfile::tempdir().expect("a directory");
    let check = |name: &str, text: Option<&str>| {
        let file = directory.path().join(name);
        if let Some(text) = text {
            std::fs::write(&file, text).expect("a file");
        }
        let config = FetchConfig { ca_file: Some(file.clone()), ..FetchConfig::default() };
        let said = Fetcher::new(&config).expect_err("no certificate").to_string();
        assert!(said.contains(name) && said.contains("PEM"), "{said}");
    };
    check("missing.pem", None);
    check("empty.pem", Some(""));
    check("prose.pem", Some("These are not the certificates you are looking for."));
    check("broken.pem", Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"));
}
