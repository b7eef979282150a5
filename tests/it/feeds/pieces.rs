//! Shows what the real ingest stage keeps of the articles that feeds and the pages behind them give.
//! How a page alone is read is in `articles`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use super::{
    desk::Desk,
    feed_server::{FeedServer, Reply, reply},
    items::rss,
};

/// What the store has of each live article of a feed, oldest first: one expression over the body of its revision.
async fn kept(desk: &Desk, feed: i64, what: &str) -> Vec<String> {
    let sql = format!(
        "select coalesce(({what})::text, '') from article a join revision r on r.article_id = a.id and r.rev = 1
         where a.feed_id = $1 and a.state = 0 order by a.id"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(feed).fetch_all(&desk.db.pool).await.expect("articles")
}

/// Paragraphs that no other article has.
fn paragraphs(n: i64) -> String {
    let first = ["bridge", "harbour", "school", "market", "forest", "museum", "station", "library"];
    let of = first[usize::try_from(n).expect("a few") % first.len()];
    format!(
        "<p>The council decided on Tuesday night that the {of} of district {n} will be rebuilt over the next {n} years, \
         after a long debate that was followed by hundreds of people in the old town hall.</p>\
         <p>Engineers had warned for a long time that the {of} would not survive another winter, and the mayor of district \
         {n} said that the money had been put aside years ago.</p>"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_that_stands_in_several_recent_articles_of_a_feed_is_left_out_of_the_next() {
    const BLOCK: &str = "The Harbour Light is made by forty people who live where you live, and by nobody else.";
    let newest = Arc::new(AtomicI64::new(0));
    let shown = Arc::clone(&newest);
    let server = FeedServer::start(move |_| {
        let item = |n: i64| {
            let body = paragraphs(n);
            format!(
                "<item><guid>{n}</guid><title>Rebuilt in district {n} at last</title><link>/{n}</link>\
                 <description><![CDATA[{body}<p>{BLOCK}</p>]]></description></item>"
            )
        };
        reply(200, &[], rss((0..=shown.load(Ordering::SeqCst)).map(item)))
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    for n in 0..7 {
        newest.store(n, Ordering::SeqCst);
        desk.poll_later().await;
    }
    let bodies = kept(&desk, feed, "r.body ->> 'paragraphs'").await;
    assert_eq!(bodies.len(), 6, "{bodies:?}");
    let with_block: Vec<bool> = bodies.iter().map(|body| body.contains(BLOCK)).collect();
    // The first reading's article is known too, and never mailed.
    assert_eq!(with_block, [true, true, false, false, false, false], "{bodies:?}");
    for (n, body) in (1..).zip(&bodies) {
        for part in ["The council decided on Tuesday", "had been put aside years ago", &format!("of district {n} will")]
        {
            assert!(body.contains(part), "{part}: {body}");
        }
    }
}

/// A page with this JSON-LD and text.
fn page(json_ld: &str, body: &str) -> String {
    format!(
        "<html lang=en><head><title>A title</title><script type=\"application/ld+json\">{json_ld}</script></head>\
         <body><article><h1>What happened at the harbour today</h1>{body}</article></body></html>"
    )
}

/// What stands behind the paths of [`paywalled_stubs_live_blogs_galleries_and_videos_are_known_as_such`], and how it must be kept.
/// Only two say by their address what they are.
const PIECES: [(&str, &str, &str); 13] = [
    ("first", "article", "false"),
    ("stub", "stub", "true"),
    ("wall", "stub", "true"),
    ("part", "article", "true"),
    ("beside", "article", "false"),
    ("metered", "article", "false"),
    ("live", "live", "false"),
    ("minutes", "live", "false"),
    ("gallery/9", "gallery", "false"),
    ("captions", "gallery", "false"),
    ("video", "video", "false"),
    ("film", "video", "false"),
    ("whole", "article", "false"),
];

fn piece(path: &str) -> Option<String> {
    let few = "<p>The ferry lay across the harbour entrance for the whole of Tuesday morning.</p>";
    let long: String = (1..5).map(paragraphs).collect();
    let call = format!("{few}<p>Subscribe to read the rest of this article.</p>");
    let of =
        |more: &str| format!("{{\"@type\":\"NewsArticle\",\"headline\":\"What happened at the harbour today\"{more}}}");
    let other = "{\"@type\":\"NewsArticle\",\"headline\":\"Behind the vote\",\"isAccessibleForFree\":false}";
    Some(match path {
        "/stub" => page("{\"@type\":\"NewsArticle\",\"isAccessibleForFree\":false}", &call),
        "/wall" => page("{}", &format!("{few}<div><p>This article is for subscribers only.</p></div>")),
        "/part" => page(&of(",\"hasPart\":{\"isAccessibleForFree\":\"False\"}"), &long),
        "/beside" => page(&format!("[{other},{}]", of("")), &long),
        "/metered" => page("{}", &format!("<meta property='article:content_tier' content='metered'>{long}")),
        "/live" => page("{\"@type\":\"LiveBlogPosting\"}", &long),
        "/minutes" => {
            let told = ["18:40", "17:10", "16:05"].iter().enumerate();
            let told = told
                .map(|(n, at)| format!("<p>{at} Boat {n} of the harbour board has come back without its crew.</p>"));
            page("{}", &(told.collect::<String>() + &long))
        }
        "/gallery/9" | "/video" => page("{}", few),
        "/captions" => page("{\"@type\":\"ImageGallery\"}", &format!("{few}<p>Two men look at the rope.</p>")),
        "/film" => page("{\"@type\":\"VideoObject\"}", few),
        "/whole" => page("{\"@type\":\"NewsArticle\"}", &long),
        _ => return None,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn paywalled_stubs_live_blogs_galleries_and_videos_are_known_as_such() {
    // Three feeds of a few pieces each: more at once would be a flood.
    const EACH: usize = 4;
    let shown = Arc::new(AtomicI64::new(0));
    let newest = Arc::clone(&shown);
    let server = FeedServer::start(move |asked| {
        if let Some(number) = asked.path.strip_prefix("/feed/") {
            let item = |n: usize| {
                let (path, ..) = PIECES[n];
                format!(
                    "<item><guid>{n}</guid><title>Harbour news number {n} of today</title><link>/{path}</link></item>"
                )
            };
            let from = 1 + EACH * number.parse::<usize>().expect("a number");
            let count = usize::try_from(newest.load(Ordering::SeqCst)).expect("a few");
            return reply(200, &[], rss(std::iter::once(0).chain(from..from + count).map(item)));
        }
        piece(&asked.path).map_or_else(|| reply(404, &[], ""), |page| reply(200, &[], page))
    })
    .await;
    let desk = Desk::new().await;
    let mut feeds = Vec::new();
    for number in 0..3 {
        feeds.push(desk.add(&server.url(&format!("/feed/{number}"))).await);
    }
    desk.round(depeche::daemon::Stage::Ingest).await;
    shown.store(4, Ordering::SeqCst);
    desk.poll_later().await;
    let mut found = Vec::new();
    for feed in feeds {
        let forms = kept(&desk, feed, "r.body ->> 'form'").await;
        let paid = kept(&desk, feed, "r.body ->> 'paid'").await;
        let origins = kept(&desk, feed, "r.body -> 'key_points' ->> 'origin'").await;
        for ((form, paid), origin) in forms.into_iter().zip(paid).zip(&origins) {
            assert_eq!(origin == "extracted", form == "article", "only whole texts give sentences: {origins:?}");
            found.push((form, paid));
        }
    }
    let found: Vec<_> = found.iter().map(|(form, paid)| (form.as_str(), paid.as_str())).collect();
    let expected: Vec<_> = PIECES[1..].iter().map(|(_, form, paid)| (*form, *paid)).collect();
    assert_eq!(found, expected);
}

/// What a page is at first, and what it answers once the feed shows another text of the item.
const READ_AGAIN: [(&str, &str, u16); 5] =
    [("paid", "", 404), ("live", "", 404), ("video", "", 200), ("freed", "whole", 200), ("limited", "", 429)];

/// The feed of these pieces: some of them, their first or second text, and one of the first reading, which is never mailed.
fn read_again(shown: i64, second: bool) -> Vec<u8> {
    let more =
        if second { "Two tugs pulled it free at noon, and the harbour master has opened an inquiry." } else { "" };
    let item = |n: usize| {
        let (path, ..) = READ_AGAIN[n];
        format!(
            "<item><guid>{n}</guid><title>Harbour news number {n} of today</title><link>/{path}</link>\
             <description>The ferry number {n} lay across the harbour. {more}</description></item>"
        )
    };
    let old = "<item><guid>old</guid><title>An old piece of the harbour</title><link>/old</link></item>".to_owned();
    rss((0..usize::try_from(shown).expect("a few")).map(item).chain([old]))
}

/// The page of one of these pieces.
fn page_again(path: &str, later: bool) -> Reply {
    let Some((_, second, status)) = READ_AGAIN.iter().find(|(of, ..)| *of == path) else {
        return reply(404, &[], "");
    };
    if later && *status != 200 {
        return reply(*status, &[], "");
    }
    let few = "<p>The ferry lay across the harbour entrance for the whole of Tuesday morning.</p>";
    let long: String = (1..5).map(paragraphs).collect();
    let call = "<p>Subscribe to read the rest of this article.</p>";
    let paid = "{\"@type\":\"NewsArticle\",\"isAccessibleForFree\":false}";
    let html = match (path, *second) {
        (_, "whole") if later => page("{\"@type\":\"NewsArticle\"}", &long),
        ("paid" | "freed" | "limited", _) => page(paid, &format!("{few}{call}")),
        ("live", _) => page("{\"@type\":\"LiveBlogPosting\"}", &long),
        _ => page("{}", few),
    };
    reply(200, &[], html)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_piece_whose_page_cannot_be_read_again_stays_what_it_was() {
    let (shown, changed) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
    let (newest, second) = (Arc::clone(&shown), Arc::clone(&changed));
    let server = FeedServer::start(move |asked| {
        let later = second.load(Ordering::SeqCst);
        match asked.path.trim_start_matches('/') {
            "feed" => reply(200, &[], read_again(newest.load(Ordering::SeqCst), later)),
            path => page_again(path, later),
        }
    })
    .await;
    let desk = Desk::new().await;
    let feed = desk.add(&server.url("/feed")).await;
    desk.round(depeche::daemon::Stage::Ingest).await;
    shown.store(5, Ordering::SeqCst);
    desk.poll_later().await;
    let last = async |what: &str| -> Vec<String> {
        let sql = format!(
            "select coalesce(({what})::text, '') from article a join revision r on r.article_id = a.id and r.rev = a.last_rev
             where a.feed_id = {feed} and a.state = 0 order by a.id"
        );
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&desk.db.pool).await.expect("articles")
    };
    let what = "r.rev || ' ' || (r.body ->> 'paid') || ' ' || (r.body ->> 'form') || ' ' || (r.body -> 'key_points' ->> 'origin')";
    let before = last(what).await;
    assert_eq!(
        before,
        [
            "1 true stub summary",
            "1 false live summary",
            "1 false video summary",
            "1 true stub summary",
            "1 true stub summary"
        ]
    );
    changed.store(true, Ordering::SeqCst);
    desk.poll_later().await;
    let after = last(what).await;
    let said = |n: usize| after[n].rsplit_once(' ').map(|(what, _)| what.to_owned()).expect("words");
    assert_eq!(
        [said(0), said(1), said(2), said(3), said(4)],
        ["2 true stub", "2 false live", "2 false video", "2 false article", "2 true stub"]
    );
    assert!(after.iter().all(|what| !what.ends_with("extracted") || what.contains("article")), "{after:?}");
    let told = last("r.body ? 'update'").await;
    assert!([0, 1, 3, 4].iter().all(|n| told[*n] == "false"), "what is not read again is no news: {told:?}");
}
