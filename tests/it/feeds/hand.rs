//! The operator's hand on feeds, by the binary: quarantines ended, articles withdrawn, feeds taken up again, rules, lists.
//! What publishers do meanwhile is simulated; the stages are real.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::TimeDelta;
use depeche::daemon::Stage;
use serde_json::{Value, json};

use super::{
    desk::Desk,
    feed_server::{FeedServer, reply},
    items::{rss, usual},
};
use crate::support::{
    TestDatabase,
    database::Scratch,
    newsroom::{self, LiveSlot, Newsroom},
    process::{Site, SiteConfig},
    smtp_server::{Act, At, SmtpServer},
};

/// A publisher who shows the stories 1 to the number that is set.
async fn publisher(shown: i64) -> (FeedServer, Arc<AtomicI64>) {
    let newest = Arc::new(AtomicI64::new(shown));
    let shown = Arc::clone(&newest);
    let server = FeedServer::start(move |asked| match asked.path.as_str() {
        "/feed" => reply(200, &[], rss((1..=shown.load(Ordering::SeqCst)).rev().map(usual))),
        _ => reply(404, &[], ""),
    })
    .await;
    (server, newest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_a_new_feed_holds_only_as_many_are_mailed_as_were_asked_for() {
    let (desk, (server, _)) = (Desk::new().await, publisher(5).await);
    desk.done(&["feed", "add", &server.url("/feed"), "--mail-newest", "2"]).await;
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 3), ("live", 2)].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_waits_until_it_is_released_or_dropped() {
    let (desk, (server, newest)) = (Desk::new().await, publisher(5).await);
    desk.done(&["feed", "add", &server.url("/feed")]).await;
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 5)].into());
    newest.store(45, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 5), ("quarantined", 40)].into());
    assert_eq!(desk.notices().await, ["feed 1 quarantine"]);
    let shown = desk.done(&["feed", "show", "1"]).await;
    for part in ["40 articles in quarantine: 40 new entries at once, where", "feed release 1", "feed drop 1"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(shown.matches("  quarantined  ").count(), 40, "all that wait are listed: {shown}");

    assert!(desk.done(&["feed", "release", "1"]).await.contains("released 40 articles"));
    assert_eq!(desk.articles(1).await, [("adopted", 5), ("live", 40)].into());
    assert_eq!(desk.number("select count(*) from todo").await, 40, "they wait for match");
    desk.round(Stage::Match).await;
    assert_eq!(desk.number("select count(*) from todo").await, 0);
    assert!(desk.notices().await.is_empty());
    // As many at once are usual for this feed now.
    newest.store(85, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 5), ("live", 80)].into());

    newest.store(400, Ordering::SeqCst);
    desk.poll_later().await;
    assert!(desk.done(&["feed", "drop", "1"]).await.contains("dropped 315 articles"));
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 320), ("live", 80)].into(), "they are known and do not come again");
    assert!(desk.notices().await.is_empty());
    let (code, said) = desk.ask(&["feed", "drop", "1"]).await;
    assert!(code == Some(1) && said.contains("no articles of feed 1 are in quarantine"), "{said}");
    let acts: Vec<String> =
        sqlx::query_scalar("select what from act order by id").fetch_all(&desk.db.pool).await.expect("the journal");
    assert_eq!(acts, ["feed add", "feed release", "feed drop"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_feed_is_taken_up_again_and_its_notice_goes() {
    let gone = Arc::new(AtomicI64::new(1));
    let answer = Arc::clone(&gone);
    let server = FeedServer::start(move |_| match answer.load(Ordering::SeqCst) {
        0 => reply(200, &[], rss((1..4).map(usual))),
        _ => reply(410, &[], ""),
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.watch(4, |_| ()).await;
    assert_eq!(desk.notices().await, ["feed 1 stopped"]);
    assert!(desk.done(&["feed", "show", "1"]).await.contains("gone for good"));
    gone.store(0, Ordering::SeqCst);
    assert!(desk.done(&["feed", "poll", "1"]).await.contains("is taken up again"));
    assert!(desk.notices().await.is_empty());
    desk.round(Stage::Ingest).await;
    assert_eq!(desk.articles(feed).await, [("adopted", 3)].into());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_feed_begins_anew_when_it_is_added_again() {
    let (desk, (server, newest)) = (Desk::new().await, publisher(5).await);
    let url = server.url("/feed");
    desk.done(&["feed", "add", &url]).await;
    desk.poll_later().await;
    newest.store(7, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 5), ("live", 2)].into());
    desk.round(Stage::Match).await;
    desk.done(&["feed", "remove", "1"]).await;
    newest.store(12, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 5), ("live", 2)].into(), "a removed feed is not polled");

    let again = desk.done(&["feed", "add", &url, "--language", "en", "--mail-newest", "2", "--title", "Again"]).await;
    assert!(again.contains("added feed 1") && again.contains("2 articles will be mailed"), "{again}");
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 8), ("live", 4)].into());
    assert_eq!(desk.number("select count(*) from todo").await, 2, "what was known is not matched again");
    let shown: Value =
        serde_json::from_str(&desk.done(&["feed", "show", "1", "--format", "json"]).await).expect("JSON");
    assert_eq!(
        (&shown["language"], &shown["title"], &shown["mail_newest"]),
        (&json!("en"), &json!("Again"), &json!(2))
    );
    newest.store(13, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(desk.articles(1).await, [("adopted", 8), ("live", 5)].into(), "and goes on as any feed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_fetched_only_where_robots_txt_lets_us() {
    let body =
        "The council has decided on the new bridge after a long night of talks in the old town hall. ".repeat(12);
    let page = format!("<html><body><article><h1>Bridge</h1><p>{body}</p><p>{body}</p></article></body></html>");
    let item = |n: i64| {
        let path = if n % 2 == 0 { "open" } else { "closed" };
        format!("<item><guid>{n}</guid><title>Bridge number {n} is decided</title><link>/{path}/{n}</link></item>")
    };
    let shown = Arc::new(AtomicI64::new(1));
    let newest = Arc::clone(&shown);
    let server = FeedServer::start(move |asked| match asked.path.as_str() {
        "/robots.txt" => reply(200, &[], "User-agent: *\nDisallow: /closed/\n"),
        "/feed" => reply(200, &[], rss((1..=newest.load(Ordering::SeqCst)).map(item))),
        _ => reply(200, &[("Content-Type", "text/html")], &page),
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.round(Stage::Ingest).await;
    for n in [3, 5] {
        shown.store(n, Ordering::SeqCst);
        desk.poll_later().await;
    }
    assert_eq!(desk.articles(feed).await, [("adopted", 1), ("live", 4)].into(), "the feed's own text must do");
    let asked = server.asked();
    let count = |path: &str| asked.iter().filter(|asked| asked.path.starts_with(path)).count();
    assert_eq!((count("/robots.txt"), count("/open/"), count("/closed/")), (1, 2, 0));
    let agents: Vec<&String> = asked.iter().filter_map(|asked| asked.headers.get("user-agent")).collect();
    assert!(agents[0].contains("; 0 subscribers"), "the feed's publisher is told how many read: {agents:?}");
    desk.pass(TimeDelta::days(2));
    shown.store(6, Ordering::SeqCst);
    desk.poll_later().await;
    assert_eq!(
        server.asked().iter().filter(|asked| asked.path == "/robots.txt").count(),
        2,
        "it is asked anew in time"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_of_feeds_are_taken_over_whole_or_not_at_all() {
    let desk = Desk::new().await;
    desk.write("good.opml", "<opml version='2.0'><body>\n<outline text='A' xmlUrl='https://a.example/f'/>\n<outline text='B' xmlUrl='https://b.example/f?x=1&amp;y=2' htmlUrl='https://b.example/'/>\n</body></opml>");
    desk.write("bad.opml", "<opml version='2.0'><body>\n<outline text='C' xmlUrl='https://c.example/f'/>\n<outline text='D' xmlUrl='gopher://d.example/'/>\n</body></opml>");
    desk.write("cut.opml", "<opml version='2.0'><body>\n<outline text='C' xmlUrl='https://c.example/f'/>\n");
    let good = desk.path("good.opml");
    for (file, part) in [("bad.opml", "line 3: "), ("cut.opml", "line 2: the list breaks off")] {
        let (code, said) = desk.ask(&["feed", "import", &desk.path(file)]).await;
        assert!(code == Some(2) && said.contains(part), "{file}: {said}");
    }
    assert!(desk.done(&["feed", "import", &good, "--dry-run"]).await.contains("would import 2 feeds"));
    assert_eq!(desk.number("select count(*) from feed").await, 0, "nothing is half applied");
    desk.done(&["feed", "add", "https://a.example/f", "--title", "Mine"]).await;
    assert!(desk.done(&["feed", "import", &good]).await.contains("imported 1 feed; 1 there already"));
    let exported = desk.done(&["feed", "export"]).await;
    assert!(exported.contains("text=\"Mine\"") && exported.contains("https://b.example/f?x=1&amp;y=2"), "{exported}");
    let other = Desk::new().await;
    other.write("feeds.opml", &exported);
    assert!(other.done(&["feed", "import", &other.path("feeds.opml")]).await.contains("imported 2 feeds"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_feeds_gives_no_rights_and_takes_none() {
    type Rights = (bool, String, i32, String, Option<String>);
    async fn rights(desk: &Desk) -> Vec<(String, Rights)> {
        let rows: Vec<(String, bool, String, i32, String, Option<String>)> =
            sqlx::query_as("select url, own, excerpt, max_chars, paid, credit from feed order by url")
                .fetch_all(&desk.db.pool)
                .await
                .expect("feeds");
        rows.into_iter().map(|(url, own, excerpt, chars, paid, by)| (url, (own, excerpt, chars, paid, by))).collect()
    }
    let of = |own, excerpt: &str, chars, paid: &str, by: Option<&str>| {
        (own, excerpt.to_owned(), chars, paid.to_owned(), by.map(str::to_owned))
    };
    let (a, b) = ("https://a.example/f".to_owned(), "https://b.example/f".to_owned());
    let desk = Desk::new().await;
    desk.done(&["feed", "add", &a, "--title", "A"]).await;
    desk.done(&["feed", "add", &b, "--title", "B"]).await;
    let strict = ["--own", "--excerpt", "title", "--max-chars", "90", "--paid", "hide", "--credit", "with agencies"];
    desk.done(&[&["feed", "set", "1"][..], &strict].concat()).await;
    let (set, usual) =
        (of(true, "title", 90, "hide", Some("with agencies")), of(false, "key-points", 600, "label", None));
    let exported = desk.done(&["feed", "export"]).await;
    assert!(!["agencies", "hide", "own="].iter().any(|right| exported.contains(right)), "{exported}");
    desk.write("feeds.opml", &exported);
    // What is there keeps what is set of it, whatever the list or its import says.
    for import in [&["feed", "import"][..], &["feed", "import", "--own"]] {
        assert!(desk.done(&[import, &[&desk.path("feeds.opml")]].concat()).await.contains("2 there already"));
        assert_eq!(rights(&desk).await, [(a.clone(), set.clone()), (b.clone(), usual.clone())]);
    }
    // Elsewhere they begin with the usual rights, and a list cannot make itself the publisher's own.
    for (import, own) in [(&["feed", "import"][..], false), (&["feed", "import", "--own"], true)] {
        let other = Desk::new().await;
        other
            .write("feeds.opml", &exported.replace("xmlUrl=", "own=\"true\" paid=\"none\" max_chars=\"2000\" xmlUrl="));
        other.done(&[import, &[&other.path("feeds.opml")]].concat()).await;
        let begun = of(own, "key-points", 600, "label", None);
        assert_eq!(rights(&other).await, [(a.clone(), begun.clone()), (b.clone(), begun)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_withdrawn_out_of_a_quarantine_goes_back_there_while_the_flood_waits() {
    let (desk, (server, newest)) = (Desk::new().await, publisher(5).await);
    desk.done(&["feed", "add", &server.url("/feed")]).await;
    desk.poll_later().await;
    newest.store(45, Ordering::SeqCst);
    desk.poll_later().await;
    let waiting = "select min(id) from article where state = 2";
    let (first, second) = (desk.number(waiting).await.to_string(), (desk.number(waiting).await + 1).to_string());
    for article in [&first, &second] {
        desk.done(&["article", "withdraw", article]).await;
    }
    assert_eq!(desk.articles(1).await, [("adopted", 5), ("quarantined", 38), ("withdrawn", 2)].into());
    let restored = desk.done(&["article", "restore", &first]).await;
    assert!(restored.contains("waits in quarantine") && restored.contains("depeche feed release 1"), "{restored}");
    assert_eq!(desk.articles(1).await, [("adopted", 5), ("quarantined", 39), ("withdrawn", 1)].into());
    assert_eq!(desk.number("select count(*) from todo").await, 0, "nothing of the flood is matched");
    desk.done(&["feed", "release", "1"]).await;
    assert_eq!(desk.articles(1).await, [("adopted", 5), ("live", 39), ("withdrawn", 1)].into());
    let restored = desk.done(&["article", "restore", &second]).await;
    assert!(restored.contains("matched from now on"), "{restored}");
    desk.done(&["article", "withdraw", &first]).await;
    newest.store(120, Ordering::SeqCst);
    desk.poll_later().await;
    desk.done(&["article", "restore", &first]).await;
    let states = desk.articles(1).await;
    assert_eq!(states.get("live"), Some(&40), "one that was live is live again, whatever waits by now: {states:?}");
}

/// A newsroom with readers whose digest is not yet planned, and the commands beside it.
struct Room {
    news: Newsroom,
    server: SmtpServer,
    site: Site,
    db: TestDatabase,
    _scratch: Scratch,
}

impl Room {
    async fn new(readers: usize) -> Self {
        let server = SmtpServer::start(|_: &At| Act::Usual).await;
        let (db, slot, scratch) = (TestDatabase::new().await, LiveSlot::new(), Scratch::new("hand"));
        let relays = [("main", server.address.port(), 2)];
        let site =
            Site::new(scratch.path(), &SiteConfig { url: Some(&db.url), relays: &relays, slot: &slot, mail: "" });
        let settings = slot.settings(vec![newsroom::relay("main", server.address, 2)]);
        let news = Newsroom::live(db.pool.clone(), settings, &slot, readers).await;
        Self { news, server, site, db, _scratch: scratch }
    }

    async fn ask(&self, arguments: &[&str]) -> String {
        let answer = self.site.ask(arguments).await;
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8(answer.stdout).expect("UTF-8")
    }

    fn bodies(&self) -> Vec<String> {
        self.server.seen().mails.iter().map(|(_, _, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_withdrawn_article_is_in_no_mail_and_comes_back_by_command() {
    let desk = Room::new(4).await;
    desk.news.round(Stage::Plan).await.expect("plan");
    // Readers 0 and 2 have the first article and nothing else, 1 and 3 the second.
    let answer: Value =
        serde_json::from_str(&desk.ask(&["article", "withdraw", "1", "--reason", "wrong", "--format", "json"]).await)
            .expect("JSON");
    assert_eq!((&answer["new"], &answer["left"], &answer["waiting"]), (&json!(true), &json!(0), &json!(2)));
    desk.news.round(Stage::Deliver).await.expect("deliver");
    assert!(desk.bodies().iter().all(|mail| !mail.contains("tramway")), "{:?}", desk.bodies());
    let states = desk.news.states().await;
    assert_eq!(states.get("accepted"), Some(&2), "{states:?}");
    assert_eq!(states.iter().filter(|(word, _)| word.starts_with("skipped")).map(|(_, n)| n).sum::<i64>(), 2);
    let second = desk.ask(&["article", "withdraw", "2"]).await;
    assert!(second.contains("2 mails with it had left, 0 wait"), "{second}");

    let restored = desk.ask(&["article", "restore", "1"]).await;
    assert!(restored.contains("restored: article 1"), "{restored}");
    assert!(!desk.site.ask(&["article", "restore", "1"]).await.status.success(), "it is not withdrawn any more");
    let todo: i64 = sqlx::query_scalar("select count(*) from todo").fetch_one(&desk.db.pool).await.expect("a number");
    assert_eq!(todo, 1, "it is matched anew");
    desk.news.round(Stage::Match).await.expect("match");
    let audit = desk.site.ask(&["audit"]).await;
    assert!(
        audit.status.success(),
        "{}{}",
        String::from_utf8_lossy(&audit.stdout),
        String::from_utf8_lossy(&audit.stderr)
    );
    let unknown = desk.site.ask(&["article", "withdraw", "99"]).await;
    assert_eq!(unknown.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_set_of_a_feed_holds_in_the_mails() {
    let desk = Room::new(2).await;
    desk.ask(&["feed", "set", "1", "--excerpt", "title", "--credit", "avec agences", "--title", "Le Phare"]).await;
    desk.ask(&["feed", "set", "2", "--max-chars", "10"]).await;
    let shown = desk.ask(&["feed", "show", "1"]).await;
    assert!(shown.contains("shown:     title, at most 600 characters") && shown.contains("avec agences"), "{shown}");
    desk.news.round(Stage::Plan).await.expect("plan");
    desk.news.round(Stage::Deliver).await.expect("deliver");
    let bodies = desk.bodies();
    let first = bodies.iter().find(|mail| mail.contains("tramway")).expect("the first feed's mail");
    assert!(first.contains("avec agences") && first.contains("Le Phare"), "{first}");
    assert!(!first.contains("lundi matin"), "only the title: {first}");
    let second = bodies.iter().find(|mail| mail.contains("voile")).expect("the second feed's mail");
    assert!(!second.contains("cent bateaux"), "ten characters: {second}");
    for (arguments, part) in [
        (&["feed", "set", "1"][..], "required"),
        (&["feed", "set", "1", "--excerpt", "all"], "key-points"),
        (&["feed", "set", "1", "--title", ""], "--title must say something"),
        (&["feed", "set", "9", "--own"], "there is no feed 9"),
    ] {
        let refused = desk.site.ask(arguments).await;
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(2) && said.contains(part), "{arguments:?}: {said}");
    }
}
