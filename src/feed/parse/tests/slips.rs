//! Shows by cases that slips which publishers' programs make cost no entry and are not shown to readers.
//! What a well-made feed gives is shown by the file above.

use super::*;

const CONTROLS: &str = "a\u{0}b\u{1b}c";

#[test]
fn control_characters_reach_neither_the_database_nor_a_terminal() {
    let e = item(&format!(
        "<guid>{CONTROLS}</guid><title>{CONTROLS}</title><link>/{CONTROLS}</link><author>{CONTROLS}</author>\
         <category>{CONTROLS}</category><description>{CONTROLS}</description><content:encoded>{CONTROLS}</content:encoded>"
    ));
    let escaped = r"a\u0000b\u001bc";
    let json = only(&format!(
        "{{\"items\":[{{\"id\":\"{escaped}\",\"title\":\"{escaped}\",\"url\":\"/{escaped}\",\"author\":{{\"name\":\"{escaped}\"}},\
         \"tags\":[\"{escaped}\"],\"summary\":\"{escaped}\",\"content_html\":\"{escaped}\",\"language\":\"e{escaped}\"}}]}}"
    ));
    for e in [e, json] {
        assert_eq!((e.guid.as_deref(), e.title.as_str(), e.author.as_deref()), (Some("abc"), "abc", Some("abc")));
        assert_eq!(e.categories, ["abc"]);
        assert_eq!((e.summary_html.as_deref(), e.content_html.as_deref()), (Some("abc"), Some("abc")));
        let shown = format!("{:?} {:?}", e.url, e.language);
        assert!(!shown.contains(r"\0") && !shown.contains(r"\u{"), "{shown}");
    }
    let error = parse("<od\u{0}d><a/></odd>".as_bytes(), None, &base(), now()).expect_err("no feed");
    assert!(!error.to_string().contains('\0'), "{error:?}");
}

#[test]
fn a_namespace_that_is_nearly_right_is_meant() {
    let body = "<title>A</title><x:encoded>&lt;p>Whole&lt;/p></x:encoded><d:creator>Ann</d:creator>";
    let rss = |namespaces: &str| {
        only(&format!("<rss version='2.0' {namespaces}><channel><title>T</title><item>{body}</item></channel></rss>"))
    };
    for namespaces in [
        "xmlns:x='https://purl.org/rss/1.0/modules/content/' xmlns:d='https://purl.org/dc/elements/1.1/'",
        "xmlns:x='http://purl.org/rss/1.0/modules/content' xmlns:d='http://purl.org/dc/elements/1.1'",
    ] {
        let e = rss(namespaces);
        assert_eq!(
            (e.content_html.as_deref(), e.author.as_deref()),
            (Some("<p>Whole</p>"), Some("Ann")),
            "{namespaces}"
        );
    }
    let e = only(
        "<rss xmlns:content='http://site.example/content' xmlns:dc='urn:dublin'><channel><item>\
         <content:encoded>Whole</content:encoded><dc:creator>Ann</dc:creator></item></channel></rss>",
    );
    assert_eq!((e.content_html.as_deref(), e.author.as_deref()), (Some("Whole"), Some("Ann")), "usual prefixes");
}

#[test]
fn rss_in_atoms_namespace_is_rss() {
    let channel = "<title>T</title><item><title>A</title><link>/a</link><guid>1</guid><description>D</description>\
                   <pubDate>Tue, 24 Nov 2026 08:00:00 GMT</pubDate></item>";
    for document in [
        format!("<rss version='2.0' xmlns='http://www.w3.org/2005/Atom'><channel>{channel}</channel></rss>"),
        format!("<rss version='2.0'><channel xmlns='http://www.w3.org/2005/Atom'>{channel}</channel></rss>"),
    ] {
        let f = feed(&document);
        let e = &f.entries[0];
        assert_eq!((f.title.as_str(), e.title.as_str(), e.guid.as_deref()), ("T", "A", Some("1")), "{document}");
        assert_eq!((e.url.as_deref(), e.published), (Some("https://site.example/a"), date("2026-11-24T08:00:00Z")));
        assert_eq!(e.summary_html.as_deref(), Some("D"));
    }
}

#[test]
fn what_stands_behind_a_whole_feed_does_not_break_it() {
    let whole = "<rss><channel><item><title>A</title></item></channel></rss>";
    for behind in ["\n<script>track()</script><br>", "<!-- cached", "\n<p>Notice: <b>undefined", "]]>", "<"] {
        let f = feed(&format!("{whole}{behind}"));
        assert_eq!((f.entries.len(), f.partial, f.broken), (1, false, false), "{behind}");
    }
}

#[test]
fn a_date_that_is_none_hides_no_other() {
    for dates in [
        "<pubDate>soon</pubDate><dc:date>2026-11-24</dc:date>",
        "<dc:date>2026-11-24</dc:date><pubDate>soon</pubDate>",
        "<pubDate>2026-11-24</pubDate><pubDate>-</pubDate>",
    ] {
        assert_eq!(item(dates).published, date("2026-11-24T00:00:00Z"), "{dates}");
    }
}

#[test]
fn authors_and_tags_of_a_json_feed_may_be_plain_texts() {
    let of = |fields: &str| {
        let mut feed = feed(&format!("{{\"author\":{{\"name\":\"The desk\"}},\"items\":[{{\"id\":\"1\",{fields}}}]}}"));
        let entry = feed.entries.remove(0);
        (entry.author.unwrap_or_default(), entry.categories)
    };
    assert_eq!(of("\"author\":\"Ann\""), ("Ann".to_owned(), Vec::new()));
    assert_eq!(of("\"authors\":[\"Ann\",{\"name\":\"Bob\"}]"), ("Ann, Bob".to_owned(), Vec::new()));
    assert_eq!(of("\"authors\":{\"name\":\"Ann\"},\"tags\":\"Town\""), ("Ann".to_owned(), vec!["Town".to_owned()]));
    assert_eq!(of("\"authors\":[7,null,{}],\"tags\":null"), ("The desk".to_owned(), Vec::new()));
}

#[test]
fn html_that_was_escaped_once_too_often_is_html() {
    let of = |description: &str| item(&format!("<description>{description}</description>")).summary_html;
    let paragraph = Some("<p class=\"a\">Fog at sea.</p>");
    assert_eq!(of("<![CDATA[&lt;p class=&quot;a&quot;&gt;Fog at sea.&lt;/p&gt;]]>").as_deref(), paragraph);
    assert_eq!(of("&amp;lt;p class=\"a\"&amp;gt;Fog at sea.&amp;lt;/p&amp;gt;").as_deref(), paragraph);
    let text = entry("<content>&lt;p class=\"a\"&gt;Fog at sea.&lt;/p&gt;</content>").content_html;
    assert_eq!(text.as_deref(), paragraph, "Atom's text that is no text");
    // What tells of tags is left as it is.
    for told in [
        "&lt;p&gt; begins a paragraph",
        "The tag &lt;p&gt; ends with &lt;/p&gt;",
        "&lt;Vec&gt; and &lt;/Vec&gt;",
        "<b>&lt;p&gt;</b> and &lt;/p&gt;",
        "&lt; 5 %",
    ] {
        assert_eq!(of(&format!("<![CDATA[{told}]]>")).as_deref(), Some(told));
    }
}

#[test]
fn addresses_are_mended_where_only_one_thing_can_be_meant() {
    let url = |link: &str| item(&format!("<link>{link}</link>")).url.unwrap_or_default();
    assert_eq!(url("<![CDATA[https://site.example/?a=1&amp;b=2]]>"), "https://site.example/?a=1&b=2");
    assert_eq!(url("https://site.example/?a=1&amp;amp;b=2"), "https://site.example/?a=1&b=2");
    assert_eq!(url("www.site.example/a"), "https://www.site.example/a");
    assert_eq!(url("/www.html"), "https://site.example/www.html");
}

#[test]
fn relative_addresses_are_those_of_the_site_where_the_feed_lies_elsewhere() {
    let rss = |link: &str| {
        let e = only(&format!(
            "<rss><channel><link>{link}</link><item><link>a/1</link><description><a href='b'>x</a></description>\
             </item></channel></rss>"
        ));
        (e.url.unwrap_or_default(), e.summary_html.unwrap_or_default())
    };
    let (url, html) = rss("https://paper.example/news/");
    assert_eq!(url, "https://paper.example/news/a/1");
    assert_eq!(html, "<a href=\"https://paper.example/news/b\">x</a>");
    for link in ["https://www.site.example/", "/", "", "mailto:a@site.example"] {
        assert_eq!(rss(link).0, "https://site.example/feeds/a/1", "{link}");
    }
    let e = only(
        "<rss xml:base='https://base.example/'><channel><link>https://paper.example/</link><item><link>a</link>\
         </item></channel></rss>",
    );
    assert_eq!(e.url.as_deref(), Some("https://base.example/a"), "xml:base is said");
    let e = only("{\"home_page_url\":\"https://paper.example/\",\"items\":[{\"id\":\"1\",\"url\":\"a\"}]}");
    assert_eq!(e.url.as_deref(), Some("https://paper.example/a"));
}

#[test]
fn a_link_says_what_it_is_in_any_case() {
    for attributes in ["rel='ALTERNATE' type='TEXT/HTML'", "rel=''", "rel=' alternate ' type=' text/html'"] {
        let e = entry(&format!("<link {attributes} href='/a'/>"));
        assert_eq!(e.url.as_deref(), Some("https://site.example/a"), "{attributes}");
    }
}

#[test]
fn an_escaped_section_is_what_it_holds() {
    let e = item(
        "<title>&lt;![CDATA[ Fog &amp;amp; rain ]]&gt;</title><description>&lt;![CDATA[&lt;p&gt;D&lt;/p&gt;]]&gt;</description>",
    );
    assert_eq!((e.title.as_str(), e.summary_html.as_deref()), ("Fog & rain", Some("<p>D</p>")));
}

#[test]
fn a_podcasts_own_title_stands_in_for_a_missing_one() {
    assert_eq!(item("<itunes:title>Fog</itunes:title>").title, "Fog");
    assert_eq!(item("<title>12: Fog</title><itunes:title>Fog</itunes:title>").title, "12: Fog");
}
