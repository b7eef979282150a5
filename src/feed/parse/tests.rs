use super::*;

fn base() -> Url {
    Url::parse("https://site.example/feeds/all.xml").expect("a valid address")
}

fn feed(text: &str) -> ParsedFeed {
    parse(text.as_bytes(), None, &base()).unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn an_rss_feed_is_read() {
    let f = feed(
        " \n<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T &amp;amp; U</title><ttl>90</ttl></channel></rss>",
    );
    assert_eq!(f.title, "T & U");
    assert_eq!(f.hints.ttl, Some(90));
}
