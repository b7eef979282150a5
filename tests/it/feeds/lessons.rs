//! What broke other readers in the field, played to the real ingest stage over HTTP: each lesson is a test.
//! Lessons that need weeks are in `season` and `weeks`.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use super::{
    desk::Desk,
    feed_server::{FeedServer, Reply, reply},
    items::{item, rss, stories, usual},
};

/// A feed with one item of this title.
fn titled(prolog: &str, title: &str) -> String {
    let item = format!("<item><guid>1</guid><title>{title}</title><link>/1</link></item>");
    format!("{prolog}<rss version='2.0'><channel><title>Le Fanal</title>{item}</channel></rss>")
}

/// These bytes, sent with this type, give an article of this title.
async fn check(content_type: &str, document: &[u8], title: &str) {
    let (sent, kind) = (document.to_vec(), content_type.to_owned());
    let server = FeedServer::start(move |_| reply(200, &[("Content-Type", &kind)], &sent)).await;
    let desk = Desk::new().await;
    desk.done(&["feed", "add", &server.url("/feed"), "--mail-newest", "1"]).await;
    desk.poll_later().await;
    assert_eq!(desk.live(1).await, [title], "{content_type}: {}", String::from_utf8_lossy(document));
}

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).expect("a letter of Latin-1")).collect()
}

const TITLE: &str = "L'été à la plage fut gâché";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_xml_without_a_charset_is_not_ascii() {
    // RFC 3023 said that it were; RFC 7303 took that back.
    check("text/xml", titled("<?xml version='1.0'?>", TITLE).as_bytes(), TITLE).await;
    check("text/xml", &latin(&titled("<?xml version='1.0' encoding='iso-8859-1'?>", TITLE)), TITLE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transport_that_converted_a_feed_and_left_its_declaration_is_seen_through() {
    let of = |declared: &str| titled(&format!("<?xml version='1.0' encoding='{declared}'?>"), TITLE);
    check("text/xml; charset=utf-8", of("iso-8859-1").as_bytes(), TITLE).await;
    check("text/xml; charset=iso-8859-1", &latin(&of("utf-8")), TITLE).await;
    check("application/xml; charset=windows-1251", of("windows-1251").as_bytes(), TITLE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blanks_before_the_xml_declaration_lose_neither_feed_nor_charset() {
    let declared = "\n \t<?xml version='1.0' encoding='windows-1251'?>";
    let cyrillic = encoding_rs::WINDOWS_1251.encode(&titled(declared, "Мост закрыт до утра")).0.into_owned();
    check("application/rss+xml", &cyrillic, "Мост закрыт до утра").await;
    check("application/rss+xml", titled("\u{feff}\r\n<?xml version='1.0'?>", TITLE).as_bytes(), TITLE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_http_and_xml_charsets_at_odds_the_one_that_fits_the_bytes_wins() {
    let russian = "Мост закрыт до утра";
    let koi8 = |declared: &str| {
        let text = titled(&format!("<?xml version='1.0' encoding='{declared}'?>"), russian);
        encoding_rs::KOI8_R.encode(&text).0.into_owned()
    };
    // A server's default says Latin-1 of everything.
    check("text/xml; charset=iso-8859-1", &koi8("koi8-r"), russian).await;
    check("text/xml; charset=koi8-r", &koi8("utf-8"), russian).await;
    check("text/xml; charset=us-ascii", titled("<?xml version='1.0' encoding='koi8-r'?>", TITLE).as_bytes(), TITLE)
        .await;
}

/// A feed that was read once and then answers like this: what `feed show` says of it, what was asked for, and what is live.
async fn spoilt(answer: impl Fn() -> Reply + Send + Sync + 'static) -> (String, Vec<String>) {
    let hours = Arc::new(AtomicI64::new(0));
    let hour = Arc::clone(&hours);
    let server = FeedServer::start(move |asked| match (asked.path.as_str(), hour.load(Ordering::SeqCst)) {
        ("/feed", 0) => reply(200, &[], rss(stories(0).map(usual))),
        ("/feed", _) => answer(),
        _ => reply(200, &[], rss(stories(60).map(usual))),
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.poll_later().await;
    let before = desk.articles(feed).await;
    hours.store(1, Ordering::SeqCst);
    for _ in 0..3 {
        desk.poll_later().await;
    }
    assert_eq!(desk.articles(feed).await, before, "nothing new, and nothing lost");
    let shown = desk.done(&["feed", "show", "1"]).await;
    (shown, server.asked().into_iter().map(|asked| asked.path).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_with_a_meta_refresh_in_place_of_a_feed_is_told_with_its_target_and_not_followed() {
    let page = "<!doctype html><html><head><meta http-equiv=\"refresh\" content=\"0; url=/news.xml\"></head></html>";
    let (shown, asked) = spoilt(move || reply(200, &[("Content-Type", "text/html")], page)).await;
    assert!(shown.contains("this is a web page, not a feed; its feed is at http://127.0.0.1:"), "{shown}");
    assert!(shown.contains("/news.xml") && shown.contains("state:     failing"), "{shown}");
    assert!(!asked.iter().any(|path| path == "/news.xml"), "a login page refreshes too: {asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_in_place_of_a_feed_is_told_with_the_feed_that_it_names() {
    let page = "<!doctype html><title>Le Fanal</title><link rel=alternate type=application/atom+xml href=/atom>";
    let (shown, asked) = spoilt(move || reply(200, &[], page)).await;
    assert!(
        shown.contains("this is a web page (\"Le Fanal\"), not a feed; its feed is at http://127.0.0.1:"),
        "{shown}"
    );
    assert!(shown.contains("/atom") && !asked.iter().any(|path| path == "/atom"), "{shown} {asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_challenge_page_is_an_error_of_its_own_whatever_its_status() {
    let page = "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>";
    for (status, part) in [(503, "(status 503)"), (403, "(status 403)"), (200, "another address of the feed")] {
        let (shown, _) = spoilt(move || reply(status, &[("Retry-After", "0")], page)).await;
        let error = shown.lines().find(|line| line.starts_with("error:")).unwrap_or_default();
        assert!(error.contains("Cloudflare asks for a human visitor") && error.ends_with(part), "{status}: {shown}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feed_show_says_when_identifiers_were_given_up() {
    let hours = Arc::new(AtomicI64::new(0));
    let run = Arc::clone(&hours);
    let server = FeedServer::start(move |_| {
        let run = run.load(Ordering::SeqCst);
        reply(200, &[], rss(stories(run).map(|n| item(&format!("{n}-{run}"), &format!("story/{n}"), n, ""))))
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.poll_later().await;
    let before = desk.done(&["feed", "show", "1"]).await;
    assert!(before.contains("known by:  the publisher's identifiers") && !before.contains("noticed:"), "{before}");
    for run in 1..12 {
        hours.store(run, Ordering::SeqCst);
        desk.poll_later().await;
    }
    let shown = desk.done(&["feed", "show", "1"]).await;
    for part in ["known by:  addresses", "the identifiers changed in 3 readings in a row: from now on addresses"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&desk.done(&["feed", "show", "1", "--format", "json"]).await).expect("JSON");
    assert_eq!(json["known_by"], "url");
    assert!(json["noticed"].as_array().is_some_and(|all| all.iter().all(|one| one["at"].is_string())), "{json}");
    let expected: Vec<String> = stories(11).take(3).map(|n| format!("Story number {n} of this town")).collect();
    let live: Vec<String> = desk.live(feed).await.into_iter().rev().collect();
    assert_eq!(live, expected, "and no story is told twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feeds_preview_has_exactly_the_promised_fields_from_file_and_address() {
    let points = "<ul><li>The bridge is closed to lorries.</li><li>A free ferry joins the banks.</li></ul>";
    let text =
        "The bridge is closed to lorries for six weeks. A free ferry joins the two banks of the river until then.";
    let feed = format!(
        "<rss version='2.0'><channel><title>The Light</title><language>en</language><item><guid>7</guid><title>The bridge</title>\
         <link>https://light.example/7</link><author>ann@light.example (Ann Low)</author><category>Town</category>\
         <pubDate>Tue, 24 Nov 2026 08:00:00 EST</pubDate>\
         <description><![CDATA[<h3>Key points</h3>{points}<p>{text}</p>]]></description></item></channel></rss>"
    );
    let sent = feed.clone();
    let server = FeedServer::start(move |_| reply(200, &[], &sent)).await;
    let desk = Desk::new().await;
    desk.write("feed.xml", &feed);
    let config = std::fs::read_to_string(desk.path("depeche.toml")).expect("the config");
    desk.write("depeche.toml", &format!("{config}\n[feeds]\nallow_private = true\n"));
    for source in [desk.path("feed.xml"), server.url("/feed")] {
        let json: serde_json::Value =
            serde_json::from_str(&desk.done(&["feed", "preview", &source, "--format", "json"]).await).expect("JSON");
        let keys =
            |value: &serde_json::Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&json), ["entries", "language", "title"]);
        let entry = &json["entries"][0];
        #[rustfmt::skip]
        let fields = [
            "author", "categories", "content_text", "id", "key_points", "key_points_origin", "language", "published",
            "summary", "title", "updated", "url",
        ];
        assert_eq!(keys(entry), fields);
        assert_eq!((&json["title"], &json["language"]), (&"The Light".into(), &"en".into()));
        assert_eq!((&entry["id"], &entry["url"]), (&"7".into(), &"https://light.example/7".into()));
        assert_eq!((&entry["author"], &entry["categories"]), (&"Ann Low".into(), &serde_json::json!(["Town"])));
        assert_eq!(entry["published"], "2026-11-24T13:00:00Z", "EST is five hours behind UTC");
        let expected = ["The bridge is closed to lorries.", "A free ferry joins the banks."];
        assert_eq!((&entry["key_points"], &entry["key_points_origin"]), (&expected[..].into(), &"publisher".into()));
        assert_eq!((&entry["content_text"], &entry["language"]), (&text.into(), &"en".into()));
    }
}
