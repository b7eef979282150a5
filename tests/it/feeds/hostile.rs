//! Hostile and broken servers: each gets a clear outcome within its bounds, and the daemon goes on.
//! Politeness over time is in `waits` and `limits`.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use depeche::daemon::Stage;
use depeche::feed::{FeedError, parse::parse, polling::Validators, refusal::challenge};
use depeche::fetch::{Body, FetchConfig, FetchError, Fetched, Fetcher, Outcome, Request, Wanted};
use url::Url;

use super::desk::Desk;
use super::feed_server::{Asked, FeedServer, Reply, head, reply};
use crate::support::context::at;

pub(super) const FEED: &str = "<rss version=\"2.0\"><channel><title>Le Fanal</title><item><guid>1</guid><title>Un</title>\
    <link>/un</link></item></channel></rss>";

/// [`FEED`] as the reference encoder of RFC 7932 packs it.
const FEED_AS_BROTLI: &[u8] =
    b"\x1b\x7e\x00\x20\x8c\xd4\x61\xcd\x9c\x27\xb2\xb9\x51\xaa\xce\xf5\x37\xdf\x2e\x9a\xac\xae\x13\x68\x4a\
    \x00\xad\x97\x34\x9d\x1c\x30\xff\x5b\x78\x6b\xcb\x0b\xf2\x5a\x00\x16\xd4\x0d\xfb\x7e\x18\xa9\x23\xc9\
    \xa6\xe1\x11\x8f\x9f\x33\x4a\xcb\x44\x0b\x11\x7d\x96\xa6\x29\x26\x07\x3c\xf1\xe9\x25\x8e\xa2\xd8\x21\
    \x34\x3a\xb6\x71\xdc\xc2\x62\xfd\x06\x89\x43\xa1\xcc\x07\xa5\x47\x10";

pub(super) fn config() -> FetchConfig {
    FetchConfig { allow_private: true, contact: "https://lefanal.example/bot".into(), ..FetchConfig::default() }
}

/// Asks over a connection that is kept, and over one of its own: whatever the server does, the same must come of it.
pub(super) async fn fetch_with(config: &FetchConfig, url: &str, validators: &Validators) -> Fetched {
    let fetcher = Fetcher::new(config).expect("a client");
    let url = Url::parse(url).expect("a valid address");
    let request = Request { url: &url, wanted: Wanted::Feed, validators, subscribers: Some(12) };
    let (kept, alone) = tokio::join!(fetcher.fetch(request), fetcher.fetch_alone(request));
    assert_eq!(format!("{alone:?}"), format!("{kept:?}"));
    alone
}

async fn fetch(url: &str) -> Fetched {
    fetch_with(&config(), url, &Validators::default()).await
}

fn body(fetched: Fetched) -> Body {
    match fetched.outcome {
        Outcome::Body(body) => body,
        other => panic!("no body: {other:?}"),
    }
}

fn failure(fetched: Fetched) -> FetchError {
    match fetched.outcome {
        Outcome::Failed(error) => error,
        other => panic!("no failure: {other:?}"),
    }
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("memory can be written");
    packer.finish().expect("memory can be written")
}

#[tokio::test]
async fn a_polite_server_gets_validators_and_a_user_agent_back() {
    let server = FeedServer::start(|asked| {
        if asked.headers.contains_key("if-none-match") {
            return reply(304, &[], "");
        }
        reply(200, &[("ETag", "\"v1\""), ("Last-Modified", "Tue, 24 Nov 2026 00:00:00 GMT")], FEED)
    })
    .await;
    let first = body(fetch(&server.url("/f")).await);
    assert_eq!(first.validators.etag.as_deref(), Some("\"v1\""));
    let second = fetch_with(&config(), &server.url("/f"), &first.validators).await;
    assert!(matches!(second.outcome, Outcome::NotModified), "{second:?}");
    let asked = server.asked();
    for (at, asked) in asked.iter().enumerate() {
        let since = asked.headers.get("if-modified-since").map(String::as_str);
        assert_eq!(since, (at >= 2).then_some("Tue, 24 Nov 2026 00:00:00 GMT"));
        let agent = &asked.headers["user-agent"];
        assert!(
            agent.starts_with("depeche/")
                && agent.ends_with("(feed reader; +https://lefanal.example/bot; 12 subscribers)"),
            "{agent}"
        );
        assert!(asked.headers["accept-encoding"].contains("br"), "{asked:?}");
    }
    let closed = asked.iter().filter(|asked| asked.headers.get("connection").is_some_and(|said| said == "close"));
    assert_eq!((asked.len(), closed.count()), (4, 2), "one of its own is not kept");
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_not_believed() {
    let server = FeedServer::start(|_| reply(304, &[], "")).await;
    assert!(matches!(fetch(&server.url("/f")).await.outcome, Outcome::Status { status: 304, .. }));
}

#[tokio::test]
async fn compressed_bodies_are_inflated() {
    for (encoding, packed) in [("gzip", gzip(FEED.as_bytes())), ("br", FEED_AS_BROTLI.to_vec())] {
        let server = FeedServer::start(move |_| reply(200, &[("Content-Encoding", encoding)], &packed)).await;
        assert_eq!(body(fetch(&server.url("/f")).await).bytes, FEED.as_bytes(), "{encoding}");
    }
}

#[tokio::test]
async fn large_endless_and_bombing_documents_end_at_the_cap() {
    let bomb = gzip(&vec![b' '; 60_000_000]);
    assert!(bomb.len() < 1_000_000);
    let server = FeedServer::start(move |asked| match asked.path.as_str() {
        "/large" => reply(200, &[], vec![b'x'; 50_000_000]),
        "/endless" => Reply::Endless(head(200, &[], None), vec![b'x'; 65_536]),
        _ => reply(200, &[("Content-Encoding", "gzip")], &bomb),
    })
    .await;
    for path in ["/large", "/endless", "/bomb"] {
        let error = failure(fetch(&server.url(path)).await);
        assert_eq!(error, FetchError::TooLarge { limit: 10_000_000 }, "{path}");
        assert!(error.to_string().contains("fewer entries"), "{error}");
    }
}

#[tokio::test]
async fn slow_and_silent_servers_end_at_the_time_cap() {
    let server = FeedServer::start(|asked| match asked.path.as_str() {
        "/slow" => Reply::Trickle(head(200, &[], None), FEED.into(), Duration::from_millis(200)),
        _ => Reply::Silence,
    })
    .await;
    let hasty = FetchConfig { timeout_seconds: 1, ..config() };
    for path in ["/slow", "/silent"] {
        let error = failure(fetch_with(&hasty, &server.url(path), &Validators::default()).await);
        assert_eq!(error, FetchError::TimedOut { host: "127.0.0.1".into(), seconds: 1 }, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_length_does_not_lose_a_whole_feed() {
    let server = FeedServer::start(|asked| {
        let claimed = if asked.path == "/long" { FEED.len() + 500 } else { FEED.len() / 2 };
        Reply::Raw([head(200, &[("ETag", "\"half\"")], Some(claimed)), FEED.as_bytes().to_vec()].concat())
    })
    .await;
    let base = Url::parse(&server.url("/")).expect("a valid address");
    let long = body(fetch(&server.url("/long")).await);
    assert!(long.cut);
    assert_eq!(long.validators, Validators::default(), "a cut document must not be confirmed by a 304");
    assert_eq!(parse(&long.bytes, None, &base, at("2026-11-26T06:00:00Z")).expect("a feed").entries.len(), 1);
    let short = body(fetch(&server.url("/short")).await);
    let error = parse(&short.bytes, None, &base, at("2026-11-26T06:00:00Z")).expect_err("half of a feed");
    assert!(matches!(error, FeedError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn private_addresses_are_refused_on_every_hop_and_by_every_name() {
    let server = FeedServer::start(|asked| match asked.path.as_str() {
        "/to-metadata" => reply(302, &[("Location", "http://169.254.169.254/latest/meta-data")], ""),
        "/to-file" => reply(302, &[("Location", "file:///etc/passwd")], ""),
        _ => reply(200, &[], FEED),
    })
    .await;
    let strict = FetchConfig { allow_private: false, ..config() };
    let named = FetchConfig { hosts: [("evil.example".into(), [127, 0, 0, 1].into())].into(), ..strict.clone() };
    let refused = |error: FetchError| assert!(matches!(error, FetchError::Refused(_)), "{error}");
    // The first hop: literals in several spellings, and names.
    for host in ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "evil.example"] {
        refused(failure(fetch_with(&named, &server.at(host, "/f"), &Validators::default()).await));
    }
    assert!(server.asked().is_empty(), "nothing was connected to");
    // A redirect, even where one's own network is allowed.
    let error = failure(fetch(&server.url("/to-metadata")).await);
    assert!(error.to_string().contains("169.254.169.254, a link-local address"), "{error}");
    let error = failure(fetch(&server.url("/to-file")).await);
    assert_eq!(error, FetchError::NotWeb { to: "file:///etc/passwd".into() });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_that_links_to_a_forbidden_address_is_told_without_its_page() {
    // 0.0.0.0 is an address that no setting allows, and that leads to this server all the same.
    let page =
        "The council has decided on the new bridge after a long night of talks in the old town hall. ".repeat(12);
    let page = format!("<html><body><article><h1>Bridge</h1><p>{page}</p></article></body></html>");
    let (shown, inside) = (Arc::new(AtomicUsize::new(0)), Arc::new(OnceLock::<[String; 5]>::new()));
    let (now, links) = (Arc::clone(&shown), Arc::clone(&inside));
    let server = FeedServer::start(move |asked| {
        let links = links.get().expect("links");
        match asked.path.as_str() {
            "/feed" => {
                let item = |(n, link): (usize, &String)| {
                    format!(
                        "<item><guid>{n}</guid><title>Bridge number {n} is decided</title><link>{link}</link></item>"
                    )
                };
                let items: String = links.iter().enumerate().take(now.load(Ordering::SeqCst)).map(item).collect();
                reply(200, &[], format!("<rss><channel><title>Le Fanal</title>{items}</channel></rss>"))
            }
            "/go" => reply(302, &[("Location", links[1].as_str())], ""),
            "/robots.txt" => reply(404, &[], ""),
            _ => reply(200, &[("Content-Type", "text/html")], &page),
        }
    })
    .await;
    let link = |host: &str, path: &str| server.at(host, path);
    let links = [
        link("127.0.0.1", "/open"),
        link("0.0.0.0", "/inside/literal"),
        link("evil.example", "/inside/name"),
        link("[::ffff:0.0.0.0]", "/inside/mapped"),
        link("127.0.0.1", "/go"),
    ];
    inside.set(links).expect("set once");
    let desk = Desk::knowing([("evil.example".to_owned(), [0, 0, 0, 0].into())].into(), 5).await;
    let feed = desk.add(&server.url("/feed")).await;
    // Empty at first, and then more at a time than would pass at once; pages are asked for what is live.
    for n in [0, 2, 3, 4, 5] {
        shown.store(n, Ordering::SeqCst);
        desk.poll_later().await;
    }
    assert_eq!(desk.articles(feed).await, [("live", 5)].into());
    let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    for path in ["/open", "/go"] {
        assert!(asked.iter().any(|asked| asked == path), "{path} is asked for: {asked:?}");
    }
    let outside = |asked: &Asked| asked.headers.get("host").is_some_and(|host| host.starts_with("127.0.0.1:"));
    assert!(server.asked().iter().all(outside), "nothing else is connected to: {:?}", server.asked());
    assert!(!asked.iter().any(|asked| asked.starts_with("/inside")), "{asked:?}");
}

#[tokio::test]
async fn redirects_end_and_only_an_unbroken_permanent_chain_is_a_move() {
    let server = FeedServer::start(|asked| match asked.path.as_str() {
        "/loop" => reply(302, &[("Location", "/loop")], ""),
        "/moved" => reply(301, &[("Location", "/moved2")], ""),
        "/moved2" => reply(308, &[("Location", "/for-now")], ""),
        "/for-now" => reply(302, &[("Location", "/f")], ""),
        "/nowhere" => reply(301, &[], ""),
        _ => reply(200, &[], FEED),
    })
    .await;
    assert_eq!(failure(fetch(&server.url("/loop")).await), FetchError::TooManyRedirects { to: server.url("/loop") });
    let moved = fetch(&server.url("/moved")).await;
    assert_eq!(moved.url.path(), "/f");
    assert_eq!(moved.moved_to.as_ref().map(|u| u.url().path()), Some("/for-now"));
    let for_now = fetch(&server.url("/for-now")).await;
    assert_eq!(for_now.moved_to, None);
    assert!(!moved.lasting && !for_now.lasting && fetch(&server.url("/f")).await.lasting);
    assert!(matches!(fetch(&server.url("/nowhere")).await.outcome, Outcome::Status { status: 301, .. }));
}

#[tokio::test]
async fn errors_are_statuses_whatever_their_body_looks_like() {
    let page = "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>";
    let server = FeedServer::start(move |asked| match asked.path.as_str() {
        "/500" => reply(500, &[], "<rss version=\"2.0\"><channel></channel></rss>"),
        "/503" => reply(503, &[("Retry-After", "0")], page),
        _ => reply(429, &[("Retry-After", "120"), ("X-RateLimit-Reset", "60")], ""),
    })
    .await;
    assert!(matches!(fetch(&server.url("/500")).await.outcome, Outcome::Status { status: 500, .. }));
    let limited = fetch(&server.url("/429")).await;
    assert_eq!(limited.headers.retry_after.as_deref(), Some("120"));
    assert_eq!(limited.headers.ratelimit_reset.as_deref(), Some("60"));
    let Outcome::Status { status: 503, head } = fetch(&server.url("/503")).await.outcome else { panic!("a status") };
    assert_eq!(challenge(&head), Some("Cloudflare"));
}

#[tokio::test]
async fn nobody_there_is_said_with_name_and_cause() {
    let closed = FeedServer::start(|_| reply(200, &[], FEED)).await.url("/f");
    tokio::task::yield_now().await;
    let error = failure(fetch(&closed).await);
    assert!(matches!(error, FetchError::Connect { .. } | FetchError::Broken { .. }), "{error}");
    let error = failure(fetch("http://no-such-name.invalid/").await);
    assert!(matches!(error, FetchError::Name { .. }), "{error}");
}

#[tokio::test]
async fn what_is_not_a_feed_is_told_with_a_remedy() {
    let base = Url::parse("https://site.example/").expect("a valid address");
    let told =
        |text: &str| parse(text.as_bytes(), None, &base, at("2026-11-26T06:00:00Z")).expect_err("no feed").to_string();
    let page = "<!doctype html><title>Site</title><link rel=alternate type=application/rss+xml href=/feed>";
    assert_eq!(told(page), "this is a web page (\"Site\"), not a feed; its feed is at https://site.example/feed");
    assert!(told("  \n ").contains("empty"));
    assert!(told("<opml><body/></opml>").contains("an OPML list of feeds"));
    assert!(told("Not found").contains("\"Not found\""));
    assert!(told("{\"error\": 1}").contains("JSON without a list of items"));
    assert!(told(&format!("<rss><channel>{}", "<a>".repeat(5_000))).contains("nested"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nul_in_a_feed_or_on_a_page_keeps_nothing_from_being_stored() {
    let newest = Arc::new(AtomicUsize::new(1));
    let shown = Arc::clone(&newest);
    let server = FeedServer::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => reply(404, &[], ""),
        "/feed" => {
            let items = (0..shown.load(Ordering::SeqCst)).map(|n| {
                format!(
                    "<item><guid>\0g\0{n}</guid><title>The fog of day {n} over the whole town</title><link>/piece/{n}</link>\
                     <category>\0</category><description>Fog\0</description></item>"
                )
            });
            let items: String = items.collect();
            reply(200, &[], format!("<rss><channel><title>\0The Light</title><language>e\0n</language>{items}</channel></rss>"))
        }
        _ => {
            let data = r#"{"@type":"NewsArticle","headline":"The fog\u0000 of the day","author":"A\u0000n","description":"Fo\u0000g"}"#;
            let page = "<article><h1>The fog\0 of the day</h1><p>There was fog over the whole town until noon.\0</p></article>";
            let page = format!("<html lang=en><script type='application/ld+json'>{data}</script><body>{page}");
            reply(200, &[("Content-Type", "text/html")], page)
        }
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.round(Stage::Ingest).await;
    newest.store(2, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(desk.articles(feed).await, [("adopted", 1), ("live", 1)].into());
    assert!(server.asked().iter().any(|asked| asked.path == "/piece/1"), "its page was read");
}

#[test]
fn no_document_keeps_its_reader_busy_for_long() {
    const LIMIT: Duration = Duration::from_secs(30);
    let begin = std::time::Instant::now();
    let base = Url::parse("https://site.example/feed").expect("a valid address");
    let read = |document: &str| parse(document.as_bytes(), None, &base, at("2026-11-26T06:00:00Z"));
    let (many, nested) = ("&amp;".repeat(1_500_000), format!("<![CDATA[{}]]>", "<div>".repeat(300_000)));
    for value in [many, nested, "&".repeat(1_500_000), format!("<a b='{}'/>", "&".repeat(1_500_000))] {
        let feed = read(&format!(
            "<rss><channel><item><title>{value}</title><author>{value}</author><category>{value}</category>\
             <description>{value}</description></item></channel></rss>"
        ));
        let feed = feed.expect("a feed");
        depeche::feed::text(feed.entries[0].summary_html.as_deref().unwrap_or_default());
    }
    let page = read(&format!("<html><body>{}", "<div>".repeat(100_000)));
    assert!(matches!(page, Err(FeedError::Html { .. })));
    assert!(begin.elapsed() < LIMIT, "{:?}", begin.elapsed());
}
