//! Forged tokens, wrong methods, large bodies, slow clients, headers, health, and the graceful end.
//! What the pages do is shown beside this file.

use std::time::{Duration, Instant};

use depeche::subscriber::token::{Keys, Purpose};
use reqwest::{Method, StatusCode};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{Site, text};
use crate::support::{context::SECRET, wait_until};

#[tokio::test]
async fn whatever_is_wrong_with_a_token_the_answer_is_the_same() {
    let site = Site::new().await;
    let good = site.unsubscribe();
    let books = site.books().await;
    let keys = Keys::new(SECRET);
    let nobody = keys.sign(Purpose::Unsubscribe, 999_999, 0);
    let other = Keys::new([8; 32]).sign(Purpose::Unsubscribe, site.reader, 0);
    let web = keys.sign(Purpose::Web, site.reader, 0);
    let last = good.chars().last().expect("a token");
    let tampered = format!("{}{}", &good[..good.len() - 1], if last == 'A' { 'B' } else { 'A' });
    let mut pages = Vec::new();
    for path in [
        tampered,
        format!("/u/{}", nobody.as_str()),
        format!("/u/{}", other.as_str()),
        format!("/u/{}", web.as_str()),
        format!("/p/{}", good.trim_start_matches("/u/")),
        format!("/r/{}", good.trim_start_matches("/u/")),
        format!("/a/{}", good.trim_start_matches("/u/")),
        "/u/tk_".to_owned(),
        format!("/u/tk_{}", "A".repeat(5_000)),
        "/u/%00%ff".to_owned(),
    ] {
        pages.push(text(site.post(&path, "List-Unsubscribe=One-Click").await, StatusCode::NOT_FOUND).await);
        pages.push(text(site.get(&path).await, StatusCode::NOT_FOUND).await);
    }
    assert!(pages.iter().all(|page| *page == pages[0]), "the answers differ");
    assert_eq!(site.books().await, books);
    site.end().await;
}

#[tokio::test]
async fn refusals_are_pages_in_the_asker_s_language() {
    let site = Site::new().await;
    let path = site.unsubscribe();
    for (language, words) in
        [("de-CH,de;q=0.9", "Hier ist nichts"), ("nl", "Hier is niets"), ("es", "Il n’y a rien ici")]
    {
        let request = site.http.get(site.url("/nowhere")).header("accept-language", language);
        let page = text(request.send().await.expect("an answer"), StatusCode::NOT_FOUND).await;
        assert!(page.contains(words), "{language}: {page}");
    }
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH] {
        let answer = site.http.request(method, site.url(&path)).send().await.expect("an answer");
        assert_eq!(answer.headers().get("allow").expect("an Allow"), "GET,HEAD,POST");
        text(answer, StatusCode::METHOD_NOT_ALLOWED).await;
    }
    text(site.post("/", "").await, StatusCode::METHOD_NOT_ALLOWED).await;
    let large = format!("List-Unsubscribe=One-Click&x={}", "x".repeat(70_000));
    let page = text(site.post(&path, &large).await, StatusCode::PAYLOAD_TOO_LARGE).await;
    assert!(page.contains("Rien n’a été changé"), "{page}");
    assert_eq!(site.status().await, 2);
    site.end().await;
}

#[tokio::test]
async fn every_answer_keeps_to_itself() {
    let site = Site::new().await;
    for path in [site.unsubscribe(), site.choices(), "/".to_owned(), "/nowhere".to_owned(), "/health".to_owned()] {
        let answer = site.get(&path).await;
        let header = |name: &str| answer.headers().get(name).map_or("", |v| v.to_str().expect("ASCII")).to_owned();
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert!(header("x-robots-tag").contains("noindex"), "{path}");
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(answer.headers().get("set-cookie").is_none() && answer.headers().get("server").is_none(), "{path}");
        let page = answer.text().await.expect("a text");
        for foreign in ["src=\"http", "<script", "<link", "@import"] {
            assert!(!page.contains(foreign), "{foreign} on {path}");
        }
    }
    site.end().await;
}

#[tokio::test]
async fn health_says_which_part_is_wrong_and_nothing_else() {
    let site = Site::new().await;
    let state = |body: String| serde_json::from_str::<serde_json::Value>(&body).expect("JSON");
    let well = state(text(site.get("/health").await, StatusCode::OK).await);
    assert_eq!((&well["database"], &well["lease"]), (&"reachable".into(), &"valid".into()));
    assert_eq!(well["version"], env!("CARGO_PKG_VERSION"));
    sqlx::query("update node set lease_until = clock_timestamp()").execute(site.pool()).await.expect("run out");
    let late = state(text(site.get("/health").await, StatusCode::SERVICE_UNAVAILABLE).await);
    assert_eq!(late["lease"], "run out");
    let (path, Site { http, address, end, served, database, .. }) = (site.unsubscribe(), site);
    drop(database);
    let answer = http.get(format!("http://{address}/health")).send().await.expect("an answer");
    let body = text(answer, StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(!body.contains("test_"), "{body}");
    assert_eq!(state(body)["database"], "unreachable");
    // A page says so too, and a mail program may try the one click again.
    let answer = http.post(format!("http://{address}{path}")).send().await.expect("an answer");
    assert!(answer.headers().contains_key("retry-after"));
    text(answer, StatusCode::SERVICE_UNAVAILABLE).await;
    end.send(()).expect("the server is there");
    served.await.expect("it did not panic").expect("it ended well");
}

/// What the server answers to a client that sends `start` and then nothing, and how long it took.
async fn stalled(site: &Site, start: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(site.address).await.expect("a connection");
    stream.write_all(start.as_bytes()).await.expect("sent");
    let (since, mut answer) = (Instant::now(), Vec::new());
    let read = tokio::time::timeout(Duration::from_secs(40), stream.read_to_end(&mut answer)).await;
    // A reset is an end as good as any.
    let _ = read.expect("the server ends it");
    (String::from_utf8_lossy(&answer).into_owned(), since.elapsed())
}

#[tokio::test]
async fn a_slow_client_is_cut() {
    let site = Site::new().await;
    let body = format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nList-", site.unsubscribe());
    let (head, body) = tokio::join!(stalled(&site, "GET / HTTP/1.1\r\nHost: x\r\n"), stalled(&site, &body));
    assert!(head.1 < Duration::from_secs(15), "the head was waited for {:?}", head.1);
    assert!(body.0.starts_with("HTTP/1.1 503") && body.1 < Duration::from_secs(35), "{body:?}");
    assert_eq!(site.status().await, 2);
    site.end().await;
}

#[tokio::test]
async fn the_end_waits_for_what_is_open_and_takes_nothing_new() {
    let site = Site::new().await;
    let mut idle = TcpStream::connect(site.address).await.expect("a connection");
    let mut busy = TcpStream::connect(site.address).await.expect("a connection");
    let path = site.unsubscribe();
    let start = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 26\r\n\r\nList-Unsubscribe");
    busy.write_all(start.as_bytes()).await.expect("sent");
    // An answer on a third connection: by then the second was accepted and read.
    text(site.get("/health").await, StatusCode::OK).await;
    let (address, pool) = (site.address, site.pool().clone());
    let Site { end, served, database: _database, .. } = site;
    end.send(()).expect("the server is there");
    wait_until("the port to close", Duration::from_secs(5), || async {
        TcpStream::connect(address).await.is_err().then_some(())
    })
    .await;
    busy.write_all(b"=One-Click").await.expect("sent");
    let mut answer = String::new();
    busy.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut nothing = Vec::new();
    idle.read_to_end(&mut nothing).await.expect("closed");
    served.await.expect("it did not panic").expect("it ended well");
    let status: i16 = sqlx::query_scalar("select status from subscriber").fetch_one(&pool).await.expect("a status");
    assert_eq!(status, 4);
}
