//! Shows the manners with which the real ingest stage asks for article pages: robots.txt on every step, limits kept.
//! How often feeds themselves are asked is in `lessons` and in `feed::polling`.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use chrono::TimeDelta;
use depeche::daemon::Stage;

use super::{
    desk::Desk,
    feed_server::{FeedServer, Reply, reply},
    items::rss,
};

/// What a page says that the feed does not.
const ONLY_ON_THE_PAGE: &str = "The ferrymen of the old harbour were asked last of all.";

fn page() -> String {
    let body =
        "The council has decided on the new bridge after a long night of talks in the old town hall. ".repeat(12);
    format!("<html><body><article><h1>Bridge</h1><p>{body}</p><p>{ONLY_ON_THE_PAGE} {body}</p></article></body></html>")
}

/// A feed that shows the items 1 to the number that is set.
struct Press {
    server: FeedServer,
    newest: Arc<AtomicI64>,
}

impl Press {
    /// `link` is where an item's page is, `answer` what everything but the feed answers.
    async fn new(
        link: impl Fn(i64) -> String + Send + Sync + 'static,
        answer: impl Fn(&str, &str) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let newest = Arc::new(AtomicI64::new(1));
        let shown = Arc::clone(&newest);
        let server = FeedServer::start(move |asked| {
            if asked.path == "/feed" {
                let item = |n: i64| {
                    let link = link(n);
                    format!(
                        "<item><guid>{n}</guid><title>Bridge number {n} is decided</title><link>{link}</link></item>"
                    )
                };
                return reply(200, &[], rss((1..=shown.load(Ordering::SeqCst)).map(item)));
            }
            let host = asked.headers.get("host").map_or("", String::as_str);
            answer(&asked.path, host.split(':').next().unwrap_or_default())
        })
        .await;
        Self { server, newest }
    }

    /// So many more items, an hour and a half later.
    async fn bring(&self, desk: &Desk, items: i64) {
        self.newest.fetch_add(items, Ordering::SeqCst);
        desk.poll_later().await;
    }

    fn asked(&self, begin: &str) -> usize {
        self.server.asked().iter().filter(|asked| asked.path.starts_with(begin)).count()
    }

    fn asked_of(&self, host: &str) -> Vec<String> {
        let asked = self.server.asked();
        let here = asked.into_iter().filter(|a| a.headers.get("host").is_some_and(|named| named.starts_with(host)));
        here.map(|asked| asked.path).collect()
    }
}

/// How many articles were read from their pages.
async fn from_pages(desk: &Desk) -> i64 {
    let sql = format!("select count(*) from revision where body ->> 'paragraphs' like '%{ONLY_ON_THE_PAGE}%'");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&desk.db.pool).await.expect("a number")
}

fn to(place: &str) -> Reply {
    reply(302, &[("Location", place)], "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn robots_txt_is_asked_before_every_step_to_a_page() {
    let port = Arc::new(AtomicUsize::new(0));
    let known = Arc::clone(&port);
    let press = Press::new(
        |n| {
            let kinds = ["fine", "go", "far", "away", "loop", "home"];
            format!("/{}/{n}", kinds[usize::try_from(n).expect("a few") % kinds.len()])
        },
        move |path, host| {
            let n = path.rsplit('/').next().unwrap_or_default();
            let port = known.load(Ordering::SeqCst);
            match (path.split('/').nth(1).unwrap_or_default(), host) {
                ("robots.txt", "shut.example") => reply(200, &[], "User-agent: *\nDisallow: /"),
                ("robots.txt", _) => reply(200, &[], "User-agent: *\nDisallow: /closed/\n"),
                ("fine", _) => to(&format!("/home/{n}")),
                ("go", _) => to(&format!("/closed/{n}")),
                ("far", _) => to(&format!("/go/{n}")),
                ("away", _) => to(&format!("http://shut.example:{port}/home/{n}")),
                ("loop", _) => to(path),
                ("home" | "closed", _) => reply(200, &[("Content-Type", "text/html")], page()),
                _ => reply(404, &[], ""),
            }
        },
    )
    .await;
    port.store(
        url::Url::parse(&press.server.url("/")).expect("an address").port().expect("a port").into(),
        Ordering::SeqCst,
    );
    let desk = Desk::resolving(&["shut.example"], 5).await;
    let feed = desk.add(&press.server.url("/feed")).await;
    desk.round(Stage::Ingest).await;
    press.bring(&desk, 6).await;
    assert_eq!(desk.articles(feed).await, [("adopted", 1), ("live", 6)].into(), "the feed's own text must do");
    for (path, times) in [("/fine/", 1), ("/home/", 2), ("/go/", 2), ("/far/", 1), ("/away/", 1), ("/closed/", 0)] {
        assert_eq!(press.asked(path), times, "{path}");
    }
    assert!((1..=6).contains(&press.asked("/loop/")), "{}", press.asked("/loop/"));
    assert_eq!(press.asked_of("shut.example"), ["/robots.txt"]);
    assert_eq!(from_pages(&desk).await, 2, "of what may be read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_site_that_refuses_its_pages_is_left_alone_as_long_as_it_says() {
    // Pages asked for in four readings, an hour and a half apart, of three new items each.
    for (name, status, retry_after, asked) in [
        ("a wait of two hours", 429, "7200", [1, 0, 1, 0]),
        ("the same of a service that is down", 503, "7200", [1, 0, 1, 0]),
        ("an hour where none is named, then two", 429, "", [1, 1, 0, 1]),
        ("none to speak of", 429, "0", [1, 1, 1, 1]),
        ("a lying one", 429, "99999999999", [1, 0, 0, 0]),
        ("every page forbidden", 403, "", [2, 1, 0, 1]),
        ("pages that are gone", 404, "", [3, 3, 3, 3]),
        ("a page of members", 200, "", [3, 3, 3, 3]),
    ] {
        let press = Press::new(
            |n| format!("/page/{n}"),
            move |path, _| match (path, status) {
                ("/robots.txt", _) => reply(404, &[], ""),
                (path, 200) if path.ends_with(['2', '5', '8']) => reply(403, &[], ""),
                (_, 200) => reply(200, &[("Content-Type", "text/html")], page()),
                _ if retry_after.is_empty() => reply(status, &[], ""),
                _ => reply(status, &[("Retry-After", retry_after)], ""),
            },
        )
        .await;
        // Each a site of its own, since limits hold for sites.
        let desk = Desk::resolving(&["site.example"], 5).await;
        let feed = desk.add(&press.server.at("site.example", "/feed")).await;
        desk.round(Stage::Ingest).await;
        let mut seen = Vec::new();
        for _ in 0..asked.len() {
            let before = press.asked("/page/");
            press.bring(&desk, 3).await;
            seen.push(press.asked("/page/") - before);
        }
        assert_eq!(seen, asked, "{name}");
        // All at once they are many for such a small feed.
        assert_eq!(desk.articles(feed).await.values().sum::<i64>(), 13, "{name}: the feed's own text must do");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_on_pages_holds_for_all_feeds_of_a_site_and_for_no_other_site() {
    let asked_of = |server: &FeedServer, host: &str| {
        let pages = |asked: &&super::feed_server::Asked| {
            asked.path.starts_with("/page") && asked.headers.get("host").is_some_and(|named| named.starts_with(host))
        };
        server.asked().iter().filter(pages).count()
    };
    let newest = Arc::new(AtomicI64::new(1));
    let shown = Arc::clone(&newest);
    let server = FeedServer::start(move |asked| match asked.path.as_str() {
        "/feed" => {
            let item =
                |n: i64| format!("<item><guid>{n}</guid><title>Bridge number {n}</title><link>/page/{n}</link></item>");
            reply(200, &[], rss((1..=shown.load(Ordering::SeqCst)).map(item)))
        }
        "/robots.txt" => reply(404, &[], ""),
        _ => reply(429, &[("Retry-After", "7200")], ""),
    })
    .await;
    let desk = Desk::resolving(&["a.site.example", "b.site.example", "other.example"], 5).await;
    for host in ["a.site.example", "b.site.example", "other.example"] {
        desk.add(&server.at(host, "/feed")).await;
    }
    desk.round(Stage::Ingest).await;
    newest.store(3, Ordering::SeqCst);
    desk.poll_later().await;
    let [a, b] = ["a.site.example", "b.site.example"].map(|host| asked_of(&server, host));
    assert_eq!((a + b, asked_of(&server, "other.example")), (1, 1), "{a} and {b}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_robots_txt_that_is_limited_closes_the_site_for_a_while() {
    let readings = Arc::new(AtomicUsize::new(0));
    let reading = Arc::clone(&readings);
    let press = Press::new(
        |n| format!("/page/{n}"),
        move |path, _| match path {
            "/robots.txt" if reading.load(Ordering::SeqCst) == 0 => reply(429, &[], ""),
            "/robots.txt" => reply(200, &[], "User-agent: *\nDisallow: /page/3\n"),
            _ => reply(200, &[("Content-Type", "text/html")], page()),
        },
    )
    .await;
    let desk = Desk::new().await;
    desk.add(&press.server.url("/feed")).await;
    desk.round(Stage::Ingest).await;
    press.bring(&desk, 1).await;
    assert_eq!((press.asked("/robots.txt"), press.asked("/page/")), (1, 0), "no rules are not known");
    readings.store(1, Ordering::SeqCst);
    press.bring(&desk, 2).await;
    assert_eq!((press.asked("/robots.txt"), press.asked("/page/3"), press.asked("/page/4")), (2, 0, 1));
    desk.pass(TimeDelta::hours(2));
    press.bring(&desk, 1).await;
    assert_eq!(press.asked("/robots.txt"), 2, "rules that were read are believed for a day");
}
