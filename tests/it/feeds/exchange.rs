//! Answers that break HTTP itself, down to the bytes: what comes of them over a connection that is kept and over one of its own.
//! What hostile documents do is in `hostile`.

use depeche::feed::polling::Validators;
use depeche::fetch::{FetchConfig, FetchError, Fetcher, Outcome, Request, Wanted};
use url::Url;

use super::feed_server::{FeedServer, Reply, head, reply};
use super::hostile::{FEED, config, fetch_with, gzip};

/// What comes of an answer, in a word.
async fn comes_of(answer: Vec<u8>) -> String {
    let server = FeedServer::start(move |_| Reply::Raw(answer.clone())).await;
    let hasty = FetchConfig { timeout_seconds: 5, ..config() };
    match fetch_with(&hasty, &server.url("/f"), &Validators::default()).await.outcome {
        Outcome::Body(body) if body.bytes == FEED.as_bytes() && !body.cut => "whole".to_owned(),
        Outcome::Body(body) if FEED.as_bytes().starts_with(&body.bytes) && body.cut => "cut".to_owned(),
        Outcome::Body(body) if body.bytes.is_empty() => "empty".to_owned(),
        Outcome::Body(_) => "something else".to_owned(),
        Outcome::Status { status, .. } => status.to_string(),
        Outcome::Failed(FetchError::Broken { .. }) => "broken".to_owned(),
        other => panic!("{other:?}"),
    }
}

fn chunked(size: &str, end: &str) -> String {
    format!("Transfer-Encoding: chunked\r\n\r\n{size}\r\n{FEED}\r\n{end}")
}

#[tokio::test]
async fn an_answer_that_breaks_http_ends_well_or_at_once_on_both_ways() {
    let (length, size) = (FEED.len(), format!("{:x}", FEED.len()));
    let plain = format!("Content-Length: {length}\r\n\r\n{FEED}");
    let ok = "HTTP/1.1 200 OK\r\n";
    let many = |n: usize| (0..n).map(|n| format!("X-{n}: y\r\n")).collect::<String>();
    for (name, answer, want) in [
        ("early hints", format!("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{ok}{plain}"), "whole"),
        ("many interim answers", "HTTP/1.1 102 Wait\r\n\r\n".repeat(50) + ok + &plain, "whole"),
        ("only an interim answer", "HTTP/1.1 100 Continue\r\n\r\n".to_owned(), "broken"),
        ("another protocol", "HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxyz".to_owned(), "101"),
        ("the first HTTP", FEED.to_owned(), "broken"),
        ("HTTP/1.0 to the end of the connection", format!("HTTP/1.0 200 OK\r\n\r\n{FEED}"), "whole"),
        ("HTTP/1.0 that wants to be kept", format!("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n{plain}"), "whole"),
        ("kept though to be closed", format!("{ok}Connection: keep-alive\r\n{plain}"), "whole"),
        ("more than was announced", format!("{ok}{plain}HTTP/1.1 200 OK\r\n\r\n"), "whole"),
        ("chunks with extensions", format!("{ok}{}", chunked(&format!("{size};a=\"b\""), "0;c\r\n\r\n")), "whole"),
        ("chunks with trailers", format!("{ok}{}", chunked(&size, "0\r\nX-Sum: 1\r\n\r\n")), "whole"),
        ("chunks without an end", format!("{ok}{}", chunked(&size, "")), "cut"),
        ("a chunk of no number", format!("{ok}{}", chunked("nan", "0\r\n\r\n")), "broken"),
        ("a chunk beyond all numbers", format!("{ok}{}", chunked("fffffffffffffffff", "0\r\n\r\n")), "broken"),
        ("an endless extension", format!("{ok}{}", chunked(&format!("{size};{}", "a".repeat(99_999)), "")), "broken"),
        ("endless trailers", format!("{ok}{}", chunked(&size, &format!("0\r\n{}\r\n", many(9_999)))), "cut"),
        ("chunks and a length", format!("{ok}Content-Length: 5\r\n{}", chunked(&size, "0\r\n\r\n")), "whole"),
        ("the same length twice", format!("{ok}Content-Length: {length}\r\n{plain}"), "whole"),
        ("two lengths", format!("{ok}Content-Length: 5\r\n{plain}"), "broken"),
        ("a length of no number", format!("{ok}Content-Length: -1\r\n\r\n{FEED}"), "broken"),
        ("a header of a megabyte", format!("{ok}X: {}\r\n{plain}", "x".repeat(1_000_000)), "broken"),
        ("many headers", format!("{ok}{}{plain}", many(90)), "whole"),
        ("ten thousand headers", format!("{ok}{}{plain}", many(10_000)), "broken"),
        ("a folded header", format!("{ok}X: a\r\n b\r\n{plain}"), "broken"),
        ("a header without a colon", format!("{ok}nonsense\r\n{plain}"), "broken"),
        ("lines without returns", format!("HTTP/1.1 200 OK\nContent-Length: {length}\n\n{FEED}"), "whole"),
        ("no reason", format!("HTTP/1.1 200\r\n{plain}"), "whole"),
        ("a status beyond all", format!("HTTP/1.1 999 X\r\n{plain}"), "999"),
        ("half a head", "HTTP/1.1 200 OK\r\nContent-Le".to_owned(), "broken"),
        ("nothing", String::new(), "broken"),
        ("no content", "HTTP/1.1 204 None\r\n\r\n".to_owned(), "empty"),
    ] {
        assert_eq!(comes_of(answer.into_bytes()).await, want, "{name}");
    }
}

#[tokio::test]
async fn a_body_that_is_packed_wrongly_is_no_feed_on_both_ways() {
    let packed = gzip(FEED.as_bytes());
    let twice = gzip(&packed);
    for (name, encoding, body, want) in [
        ("packed", "gzip", packed.as_slice(), "whole"),
        ("in another case", "GZIP", &packed, "something else"),
        ("ends early", "gzip", &packed[..packed.len() / 2], "cut"),
        ("without its sum", "gzip", &packed[..packed.len() - 8], "cut"),
        ("not packed at all", "gzip", FEED.as_bytes(), "broken"),
        ("nothing", "gzip", b"", "empty"),
        ("unknown", "x-rot13", FEED.as_bytes(), "whole"),
        ("as it is", "identity", FEED.as_bytes(), "whole"),
        ("packed twice", "gzip, gzip", &twice, "something else"),
    ] {
        let answer = [head(200, &[("Content-Encoding", encoding)], Some(body.len())), body.to_vec()].concat();
        assert_eq!(comes_of(answer).await, want, "{name}");
    }
}

#[tokio::test]
async fn of_a_robots_txt_without_end_its_beginning_is_taken() {
    let server = FeedServer::start(|asked| match asked.path.as_str() {
        "/large" => reply(200, &[], vec![b'#'; 20_000_000]),
        _ => Reply::Endless(head(200, &[], None), vec![b'#'; 65_536]),
    })
    .await;
    let fetcher = Fetcher::new(&config()).expect("a client");
    for path in ["/large", "/endless"] {
        let url = Url::parse(&server.url(path)).expect("an address");
        let validators = Validators::default();
        let request = Request { url: &url, wanted: Wanted::Text, validators: &validators, subscribers: None };
        let Outcome::Body(body) = fetcher.fetch(request).await.outcome else { panic!("{path}: no body") };
        assert!((512_000..600_000).contains(&body.bytes.len()), "{path}: {}", body.bytes.len());
    }
}
