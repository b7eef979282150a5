//! Shows by cases what `feed::parse` promises.
//! It does not show how the parts beside it take it up; their own tests do.

use chrono::{DateTime, Utc, Weekday};
use proptest::prelude::*;

use super::*;

fn base() -> Url {
    Url::parse("https://site.example/feeds/all.xml").expect("a valid address")
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).expect("a valid instant")
}

fn feed(text: &str) -> ParsedFeed {
    parse(text.as_bytes(), None, &base(), now()).unwrap_or_else(|e| panic!("{e} in {text}"))
}

fn only(text: &str) -> Entry {
    let mut entries = feed(text).entries;
    assert_eq!(entries.len(), 1, "{text}");
    entries.remove(0)
}

fn item(inside: &str) -> Entry {
    only(&format!("<rss version='2.0'><channel><item>{inside}</item></channel></rss>"))
}

fn entry(inside: &str) -> Entry {
    only(&format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry>{inside}</entry></feed>"))
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|d| d.with_timezone(&Utc))
}

const RSS2: &str = r#"  <?xml version="1.0" encoding="iso-8859-1"?>
<!-- made by hand --><?xml-stylesheet href="x.xsl"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>Le&#160;Fanal : &lt;b&gt;Nantes&lt;/b&gt;</title><link>/</link><language>fr-FR</language>
<atom:link rel="self" type="application/rss+xml" href="/feeds/nantes.xml"/><atom:link rel="hub" href="https://hub.example/"/>
<image><title>Logo</title><url>/logo.png</url><link>/logo</link></image>
<ttl> 30 </ttl><skipHours><hour>1</hour><hour>24</hour><hour>99</hour></skipHours>
<skipDays><day>Sunday</day><day>Caturday</day></skipDays>
<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
<item><guid isPermaLink="false"> urn:1 </guid><title><![CDATA[Trains : ce qui change « lundi »]]></title>
<link>/trains?x=1&y=2</link><description>Un train &lt;em&gt;sur trois&lt;/em&gt;&amp;nbsp;!</description>
<content:encoded><![CDATA[<p>Un train sur trois circulera.</p>]]></content:encoded>
<dc:creator>Anne Bé</dc:creator><category>Transports</category><category>Transports</category><category>Nantes</category>
<pubDate>Tue, 24 Nov 2026 08:00:00 +0100</pubDate>
<media:content url="/img/1.jpg" medium="image" width="1200"><media:description>Un train</media:description></media:content>
</item><item><title>Deux</title><guid>https://site.example/deux</guid></item></channel></rss>"#;

#[test]
fn an_rss_feed_is_read_whole() {
    let f = feed(RSS2);
    assert_eq!((f.title.as_str(), f.home_url.as_deref()), ("Le\u{a0}Fanal : Nantes", Some("https://site.example/")));
    assert_eq!(f.language.as_deref(), Some("fr-fr"));
    assert!(!f.partial);
    let hints = PollHintsOf {
        ttl: 30,
        hours: vec![1, 0],
        days: vec![Weekday::Sun],
        every: 360,
        hub: "https://hub.example/",
        own: "https://site.example/feeds/nantes.xml",
    };
    hints.check(&f);
    let e = &f.entries[0];
    assert_eq!(e.guid.as_deref(), Some("urn:1"));
    assert_eq!(e.url.as_deref(), Some("https://site.example/trains?x=1&y=2"));
    assert_eq!(e.title, "Trains : ce qui change « lundi »");
    assert_eq!(e.summary_html.as_deref(), Some("Un train <em>sur trois</em>&nbsp;!"));
    assert_eq!(e.content_html.as_deref(), Some("<p>Un train sur trois circulera.</p>"));
    assert_eq!(e.author.as_deref(), Some("Anne Bé"));
    assert_eq!(e.categories, ["Transports", "Nantes"]);
    assert_eq!((e.published, e.updated), (date("2026-11-24T07:00:00Z"), None));
    assert_eq!(e.language.as_deref(), Some("fr-fr"));
    let image = e.image.as_ref().expect("a picture");
    assert_eq!((image.url.as_str(), image.alt.as_str()), ("https://site.example/img/1.jpg", "Un train"));
    assert_eq!(f.entries[1].url.as_deref(), Some("https://site.example/deux"), "a guid is a link unless it says no");
}

struct PollHintsOf {
    ttl: u32,
    hours: Vec<u8>,
    days: Vec<Weekday>,
    every: u32,
    hub: &'static str,
    own: &'static str,
}

impl PollHintsOf {
    fn check(&self, f: &ParsedFeed) {
        assert_eq!((f.hints.ttl, f.hints.update_every), (Some(self.ttl), Some(self.every)));
        assert_eq!((&f.hints.skip_hours, &f.hints.skip_days), (&self.hours, &self.days));
        assert_eq!((f.hints.hub.as_deref(), f.hints.self_url.as_deref()), (Some(self.hub), Some(self.own)));
    }
}

const ATOM: &str = r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://base.example/x/">
<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Der <b>Leuchtturm</b></div></title><author><name>Redaktion</name>
<email>r@base.example</email></author><link rel="self" href="feed"/><link href="."/>
<entry><id>tag:base.example,2026:1</id><title type="text">A &lt; B &amp; C</title>
<link rel="alternate" type="application/json" href="/api/1"/><link rel="alternate" type="text/html" href="eins"/>
<link rel="enclosure" type="image/png" href="p.png"/>
<published>2026-11-24T08:00:00+01:00</published><updated>2026-11-24T09:00:00.5+01:00</updated>
<category term="politik" label="Politik"/><category term="welt"/>
<summary type="html">&lt;p&gt;Kurz&lt;/p&gt;</summary>
<content type="xhtml" xml:lang="en"><div xmlns="http://www.w3.org/1999/xhtml"><p title="a&quot;b">One<br/>two <a href="zwei">x</a> &amp; y</p></div></content>
<source><title>Woanders</title><id>z</id></source></entry></feed>"#;

#[test]
fn an_atom_feed_is_read_whole() {
    let f = feed(ATOM);
    assert_eq!((f.title.as_str(), f.home_url.as_deref()), ("Der Leuchtturm", Some("https://base.example/x/")));
    assert_eq!(f.hints.self_url.as_deref(), Some("https://base.example/x/feed"));
    let e = &f.entries[0];
    assert_eq!(e.guid.as_deref(), Some("tag:base.example,2026:1"));
    assert_eq!(e.url.as_deref(), Some("https://base.example/x/eins"), "not the API");
    assert_eq!(e.title, "A < B & C");
    assert_eq!(e.author.as_deref(), Some("Redaktion"));
    assert_eq!(e.categories, ["Politik", "welt"]);
    assert_eq!((e.published, e.updated), (date("2026-11-24T07:00:00Z"), date("2026-11-24T08:00:00Z")));
    assert_eq!(e.summary_html.as_deref(), Some("<p>Kurz</p>"));
    let content = e.content_html.as_deref().expect("content");
    assert_eq!(
        content,
        r#"<div><p title="a&quot;b">One<br>two <a href="https://base.example/x/zwei">x</a> &amp; y</p></div>"#
    );
    assert_eq!((f.language.as_deref(), e.language.as_deref()), (Some("de"), Some("en")));
    assert_eq!(e.image.as_ref().map(|i| i.url.as_str()), Some("https://base.example/x/p.png"));
}

const JSON: &str = r#"{"version":"https://jsonfeed.org/version/1","title":"De Vuurtoren","home_page_url":"/","feed_url":"f.json",
"language":"nl","hubs":[{"type":"WebSub","url":"https://hub.example/"}],"author":{"name":"Redactie"},"unknown":[1,{}],
"items":[{"id":17,"url":"een","title":"Eén & <twee>","content_text":"Regel één\n\nRegel <twee>","date_published":"2026-11-24T08:00:00Z",
"image":"a.jpg","tags":["x",3],"attachments":[{"url":"z"}]},
{"id":"b","content_html":"<p>Kort</p>","authors":[{"name":"Jan"},{"url":"u"}],"summary":"S & t","language":"fy"},7]}"#;

#[test]
fn a_json_feed_with_wrong_types_is_read_whole() {
    let f = feed(JSON);
    assert_eq!((f.title.as_str(), f.home_url.as_deref()), ("De Vuurtoren", Some("https://site.example/")));
    assert_eq!(f.hints.hub.as_deref(), Some("https://hub.example/"));
    assert_eq!(f.entries.len(), 2);
    let e = &f.entries[0];
    assert_eq!((e.guid.as_deref(), e.url.as_deref()), (Some("17"), Some("https://site.example/feeds/een")));
    assert_eq!(e.title, "Eén & <twee>");
    assert_eq!(e.content_html.as_deref(), Some("Regel één<p>Regel &lt;twee&gt;"));
    assert_eq!(e.author.as_deref(), Some("Redactie"));
    assert_eq!(e.image.as_ref().map(|i| i.url.as_str()), Some("https://site.example/feeds/a.jpg"));
    let e = &f.entries[1];
    assert_eq!((e.author.as_deref(), e.language.as_deref()), (Some("Jan"), Some("fy")));
    assert_eq!((e.url.as_deref(), e.title.as_str()), (None, ""));
    assert_eq!(e.summary_html.as_deref(), Some("S &amp; t"));
}

#[test]
fn old_dialects_are_modern_ones_in_other_clothes() {
    let same = |text: &str| {
        let e = only(text);
        assert_eq!((e.title.as_str(), e.url.as_deref()), ("T", Some("https://site.example/t")), "{text}");
    };
    same("<rss><channel><item><title>T</title><link>/t</link></item></channel></rss>");
    same(
        "<rss version='0.94' xmlns='http://odd.example/'><channel><item><title>T</title><link>/t</link></item></channel></rss>",
    );
    same(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel \
          rdf:about='x'><title>C</title><items><rdf:Seq/></items></channel><item rdf:about='https://site.example/t'>\
          <title>T</title></item></rdf:RDF>",
    );
    same(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'>\
          <channel/><item><title>T</title><link>/t</link></item></rdf:RDF>",
    );
    same(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title mode='escaped' type='text/html'>&lt;b>T&lt;/b>\
          </title><link rel='alternate' type='text/html' href='/t'/></entry></feed>",
    );
    same("<feed><entry><title>T</title><link href='/t'/></entry></feed>");
    same(
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>T</a:title><a:link href='/t'/></a:entry></a:feed>",
    );
    same("<entry xmlns='http://www.w3.org/2005/Atom'><title>T</title><link href='/t'/></entry>");
    same("<CHANNEL><ITEM HREF='/t'><TITLE>T</TITLE></ITEM></CHANNEL>");
}

#[test]
fn the_surer_name_wins_in_any_order() {
    let dc = "xmlns:dc='http://purl.org/dc/elements/1.1/'";
    for inside in
        [format!("<title>A</title><dc:title {dc}>B</dc:title>"), format!("<dc:title {dc}>B</dc:title><title>A</title>")]
    {
        assert_eq!(item(&inside).title, "A");
    }
    let e = item("<description>D</description><itunes:summary>S</itunes:summary><itunes:author>P</itunes:author>");
    assert_eq!((e.summary_html.as_deref(), e.author.as_deref()), (Some("D"), Some("P")));
    let e = item(
        "<title>T</title><media:group><media:title>M</media:title><media:description>D</media:description>\
                  <media:thumbnail url='/t.jpg'/></media:group>",
    );
    assert_eq!((e.title.as_str(), e.summary_html.as_deref()), ("T", Some("D")), "video sites describe in the group");
    let e = item(
        "<link>https://counter.example/~r/1</link><feedburner:origLink>https://site.example/1</feedburner:origLink>",
    );
    assert_eq!(e.url.as_deref(), Some("https://site.example/1"));
}

#[test]
fn authors_lose_their_mail_address() {
    let author = |text: &str| item(&format!("<author>{text}</author>")).author;
    assert_eq!(author("a@b.example (Ann Bee)").as_deref(), Some("Ann Bee"));
    assert_eq!(author("Ann Bee &lt;a@b.example&gt;").as_deref(), Some("Ann Bee"));
    assert_eq!(author("a@b.example").as_deref(), None);
    assert_eq!(author("«a@b.example» é").as_deref(), Some("é"));
    assert_eq!(author("Ann Bee (Le Fanal)").as_deref(), Some("Ann Bee (Le Fanal)"));
}

#[test]
fn references_are_resolved_once() {
    assert_eq!(item("<title>R&amp;D &#150; caf&eacute; &#x2014; &unknown;</title>").title, "R&D – café — &unknown;");
    assert_eq!(entry("<title>R&amp;amp;D</title>").title, "R&amp;D", "text is what it is");
    assert_eq!(item("<title>a & b &copy c</title>").title, "a & b &copy c");
}

#[test]
fn broken_markup_does_not_lose_the_feed() {
    let titles = |text: &str| feed(text).entries.into_iter().map(|e| e.title).collect::<Vec<_>>();
    // End tags forgotten, misspelt, too many.
    assert_eq!(titles("<rss><channel><item><title>A</title><item><title>B</title></channel></rss>"), ["A", "B"]);
    assert_eq!(
        titles("<rss><channel><item><title>A</titel></item></b><item><title>B</title></item></channel></rss>"),
        ["A", "B"]
    );
    assert_eq!(
        item("<description><p>One<br>two<img src='/i.png'></description><title>T</title>").summary_html.as_deref(),
        Some("<p>One<br>two<img src=\"https://site.example/i.png\"></p>")
    );
    // Entries where none can be.
    let within = "<item><title>B</title></item><item><title>C</title></item>";
    assert_eq!(
        titles(&format!(
            "<rss><channel><item><title>A</title><media:group>{within}</media:group></item></channel></rss>"
        )),
        ["A", "B", "C"]
    );
    // Attributes without quotes and twice, prefixes never declared.
    assert_eq!(
        titles("<rss version=2.0><channel><item foo:x=1 foo:x=1><title>A</title><odd:thing/></item></channel></rss>"),
        ["A"]
    );
}

#[test]
fn what_broke_off_is_read_up_to_the_last_whole_entry() {
    let whole = "<rss><channel><item><title>A</title></item>";
    for rest in [
        "<item><title>B</title><description>half of",
        "<item><title><![CDATA[B",
        "<item><tit",
        "<item><title>B</title>",
    ] {
        let f = feed(&format!("{whole}{rest}"));
        assert_eq!((f.entries.len(), f.partial), (1, true), "{rest}");
    }
    let error =
        parse(b"<rss><channel><title>A</title><item><title>B", None, &base(), now()).expect_err("no whole entry");
    assert!(matches!(error, FeedError::Broken { .. }), "{error}");
}

#[test]
fn everything_is_bounded() {
    let many: String =
        (0..MAX_ENTRIES + 50).map(|n| ["<item><guid>", &n.to_string(), "</guid></item>"].concat()).collect();
    let f = feed(&format!("<rss><channel>{many}</channel></rss>"));
    assert_eq!((f.entries.len(), f.partial, f.entries[0].guid.as_deref()), (MAX_ENTRIES, true, Some("0")));
    let long = "é".repeat(MAX_CONTENT);
    let e =
        item(&format!("<title>{long}</title><guid>{long}</guid><link>/{long}</link><description>{long}</description>"));
    assert_eq!((e.title.len(), e.guid.map(|g| g.len()), e.url), (MAX_LINE, Some(MAX_LINE), None));
    assert_eq!(e.summary_html.map(|s| s.len()), Some(MAX_SUMMARY));
    let bomb = format!(
        "<!DOCTYPE rss [<!ENTITY a '{}'>]><rss><channel><item><title>{}</title></item></channel></rss>",
        "x".repeat(200),
        "&a;".repeat(50_000)
    );
    assert_eq!(only(&bomb).title.len(), MAX_LINE);
}

#[test]
fn of_too_many_entries_the_newest_are_kept_in_their_order() {
    let dated: String = (0..MAX_ENTRIES + 10)
        .map(|n| {
            let at =
                DateTime::from_timestamp(1_700_000_000 + i64::try_from(n).unwrap_or(0) * 60, 0).unwrap_or_default();
            ["<item><guid>", &n.to_string(), "</guid><pubDate>", &at.to_rfc2822(), "</pubDate></item>"].concat()
        })
        .collect();
    let f = feed(&format!("<rss><channel>{dated}</channel></rss>"));
    assert_eq!((f.entries[0].guid.as_deref(), f.entries.len()), (Some("10"), MAX_ENTRIES));
}

#[test]
fn of_too_many_entries_those_with_unbelievable_dates_are_not_the_newest() {
    let item = |guid: &str, date: &str| format!("<item><guid>{guid}</guid><pubDate>{date}</pubDate></item>");
    let ahead: String = (0..10).map(|n| item(&format!("ahead-{n}"), "Thu, 01 Jan 2099 00:00:00 GMT")).collect();
    let zero: String = (0..10).map(|n| item(&format!("zero-{n}"), "Thu, 01 Jan 1970 00:00:00 GMT")).collect();
    let honest: String = (0..MAX_ENTRIES).map(|n| item(&n.to_string(), "Tue, 02 Sep 2025 10:00:00 GMT")).collect();
    let f = feed(&format!("<rss><channel>{ahead}{honest}{zero}</channel></rss>"));
    let guids: Vec<&str> = f.entries.iter().filter_map(|entry| entry.guid.as_deref()).collect();
    assert_eq!((guids.len(), guids[0], guids[MAX_ENTRIES - 1]), (MAX_ENTRIES, "0", "1999"));
}

#[test]
fn dangerous_addresses_are_no_addresses() {
    for link in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.example", "http://"] {
        assert_eq!(item(&format!("<title>T</title><link>{link}</link>")).url, None, "{link}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn nothing_breaks_the_reader(which in 0usize..3, cuts in prop::collection::vec((0usize..3_000, 0usize..60, any::<[u8; 3]>()), 0..6)) {
        let mut bytes = [RSS2, ATOM, JSON][which].as_bytes().to_vec();
        for (at, length, noise) in cuts {
            let at = at.min(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, noise);
        }
        // Any answer will do; a panic will not.
        if let Ok(feed) = parse(&bytes, None, &base(), now()) {
            prop_assert!(feed.entries.len() <= MAX_ENTRIES);
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, Some("text/xml; charset=utf-16"), &base(), now());
    }

    #[test]
    fn titles_come_through_every_dialect_as_they_are(title in "[ -~éß—«»\u{a0}]{1,60}") {
        let want = plain::fold(&title);
        let escaped = plain::to_html(&title);
        prop_assert_eq!(&entry(&format!("<title>{escaped}</title>")).title, &want);
        let json = serde_json::json!({"items": [{"id": "1", "title": title}]}).to_string();
        let json = only(&json).title;
        prop_assert!(json == want || title.contains(['<', '&']), "{} and {}", json, want);
    }
}

#[test]
fn an_identifier_that_is_an_address_stands_in_for_a_missing_link() {
    let atom = |id: &str, link: &str| {
        format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>Un</title><id>{id}</id>{link}</entry></feed>")
    };
    let rss = |guid: &str| format!("<rss><channel><item><title>Un</title>{guid}</item></channel></rss>");
    let json = |item: &str| {
        format!("{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"T\",\"items\":[{{{item}}}]}}")
    };
    for (document, url) in [
        (atom("https://site.example/un", ""), Some("https://site.example/un")),
        (atom("https://site.example/un", "<link href='/deux'/>"), Some("https://site.example/deux")),
        (atom("urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a", ""), None),
        (atom("tag:site.example,2026:un", ""), None),
        (rss("<guid>https://site.example/un</guid>"), Some("https://site.example/un")),
        (rss("<guid isPermaLink='true'>https://site.example/un</guid>"), Some("https://site.example/un")),
        (rss("<guid ispermalink=' True '>https://site.example/un</guid>"), Some("https://site.example/un")),
        (rss("<guid isPermaLink=''>https://site.example/un</guid>"), Some("https://site.example/un")),
        (rss("<guid isPermaLink='false'>https://site.example/un</guid>"), None),
        (rss("<guid isPermaLink='False'>https://site.example/un</guid>"), None),
        (rss("<guid ISPERMALINK=' FALSE '>https://site.example/un</guid>"), None),
        (rss("<guid isPermaLink='0'>https://site.example/un</guid>"), None),
        (rss("<guid isPermaLink='no'>https://site.example/un</guid>"), None),
        (json("\"id\":\"https://site.example/un\",\"content_text\":\"Un\""), Some("https://site.example/un")),
        (json("\"id\":\"1\",\"content_text\":\"Un\""), None),
    ] {
        assert_eq!(feed(&document).entries[0].url.as_deref(), url, "{document}");
    }
}

/// A JSON Feed of three items, with what stands before and after the list.
fn json_of_three(before: &str, after: &str) -> String {
    let item = |n: u32| {
        let said = "Un mot, {deux} [mots] et \\\"trois\\\".";
        format!("{{\"id\":\"{n}\",\"content_text\":\"{said}\",\"tags\":[\"a\",\"b\"],\"author\":{{\"name\":\"Ann\"}}}}")
    };
    format!("{{{before}\"items\":[{},{},{}]{after}}}", item(1), item(2), item(3))
}

#[test]
fn a_json_feed_that_breaks_off_is_read_up_to_the_last_whole_item() {
    let head = "\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Le Fanal\",\"home_page_url\":\"/\",\"language\":\"fr\",";
    let whole = json_of_three(head, "");
    let ends: Vec<usize> = whole.match_indices("\"Ann\"}}").map(|(at, end)| at + end.len()).collect();
    let (begin, last) = (whole.find("\"items\"").expect("a list"), whole.len());
    for cut in (begin..last).filter(|cut| whole.is_char_boundary(*cut)) {
        let items = ends.iter().filter(|end| **end <= cut).count();
        match parse(&whole.as_bytes()[..cut], None, &base(), now()) {
            Ok(f) => {
                assert_eq!((f.entries.len(), f.partial, f.broken), (items, true, true), "{cut}");
                assert_eq!((f.title.as_str(), f.language.as_deref()), ("Le Fanal", Some("fr")), "{cut}");
                assert_eq!(f.entries[items - 1].content_html.as_deref(), Some("Un mot, {deux} [mots] et \"trois\"."));
            }
            Err(error) => {
                assert!(items == 0 && matches!(error, FeedError::Broken { .. }), "{cut}: {error}");
            }
        }
    }
    let f = feed(&whole);
    assert_eq!((f.entries.len(), f.partial, f.broken), (3, false, false));
}

#[test]
fn a_json_feed_that_is_broken_keeps_what_is_whole() {
    let titles = |text: &str| (feed(text).entries.len(), feed(text).broken);
    // Items before the fault, whatever it is.
    assert_eq!(titles(&json_of_three("", ",\"title\":\"half of")), (3, true));
    assert_eq!(titles(&json_of_three("", ",}")), (3, true), "a comma too many");
    assert_eq!(titles(&json_of_three("", "").replacen("\"3\",", "\"3\" \"x\",", 1)), (2, true));
    assert_eq!(titles(&json_of_three("", "").replacen("\"id\":\"2\"", "\"id\":\"2\t\\q\"", 1)), (1, true));
    // What stands behind a whole document takes nothing from it.
    assert_eq!(titles(&(json_of_three("", "") + "\n<!-- cached at noon -->")), (3, false));
    assert_eq!(titles(&(json_of_three("", "") + "}")), (3, false));
    // Left alone: no list of items, a list of something else, nothing whole.
    let error = |text: &str| parse(text.as_bytes(), None, &base(), now()).expect_err("no feed");
    assert!(matches!(error("{\"version\":\"1\",\"title\":\"T\"}"), FeedError::NotAFeed { .. }));
    assert!(matches!(error("{\"items\":{\"id\":1}}"), FeedError::NotAFeed { .. }));
    assert!(matches!(error("{\"items\":{\"id\":1},\"title\":"), FeedError::Broken { .. }));
    assert!(matches!(error("{\"title\":\"T\",\"items\":[{\"id\":\"1\",\"url\""), FeedError::Broken { .. }));
    assert!(matches!(error("{\"title\":\"T\",\"it"), FeedError::Broken { .. }));
    assert!(matches!(error("{]"), FeedError::Broken { .. }));
}

#[test]
fn dates_of_a_json_feed_may_be_numbers() {
    let date_of = |value: &str| only(&format!("{{\"items\":[{{\"id\":\"1\",\"date_published\":{value}}}]}}")).published;
    let noon = date("2026-11-26T14:30:00Z");
    for value in ["1795703400", "1795703400000", "1795703400.5", "\"1795703400\"", "\"2026-11-26T14:30:00Z\""] {
        assert_eq!(date_of(value), noon, "{value}");
    }
    for value in ["17", "null", "true", "-1795703400", "[1795703400]", "1e5", "\"\""] {
        assert_eq!(date_of(value), None, "{value}");
    }
}

mod slips;
