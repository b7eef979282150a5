//! Shows what a feed's content alone is read as: boxes and captions beside the text.
//! How a page is read beside it is shown in the integration tests.

use super::*;
use crate::feed::Entry;

const TEXT: &str = "<p>The lock on the old canal stays shut until the autumn, the water board decided on Monday evening in Kervel.</p>\
    <p>Forty barges lie above it, and their owners want the money for a detour that takes nine days by the sea.</p>\
    <p>Divers found that one of the two oak gates had come off its hinge during the storm of last weekend.</p>";

/// A feed's entry with this content, read without its page.
fn read(title: &str, content: &str) -> Extracted {
    let part = FeedPart { title: title.to_owned(), content_html: Some(content.to_owned()), ..FeedPart::default() };
    from_feed(&part, None, &ExtractSettings::default())
}

#[test]
fn captions_and_boxes_inside_a_feeds_content_are_no_part_of_its_text() {
    let plain = read("The lock stays shut", TEXT).article.paragraphs;
    assert_eq!(plain.len(), 3);
    for beside in [
        "<div class='wp-caption alignleft'><img src='a.jpg'><p class='wp-caption-text'>Barges wait above the lock in Kervel on Monday.</p></div>",
        "<p><img src='a.jpg'><br><em>Barges wait above the lock in Kervel on Monday.</em></p>",
        "<div><img src='a.jpg'><span class='legende'>Barges wait above the lock in Kervel on Monday.</span></div>",
        "<p>Barges wait above the lock in Kervel on Monday. REUTERS/Jane Low</p>",
        "<table class='tr-caption-container'><tr><td><img src='a.jpg'></td></tr><tr><td class='tr-caption'>Barges wait above the lock.</td></tr></table>",
        "<div class='jp-relatedposts'><h3>Related</h3><p>The eel comes back to the northern canals after thirty years.</p></div>",
        "<aside class='newsletter'><h4>Morning letter</h4><p>All that you need for the day, at six, in five minutes of your time.</p></aside>",
    ] {
        for content in [format!("{beside}{TEXT}"), format!("{TEXT}{beside}")] {
            let read = read("The lock stays shut", &content);
            assert_eq!(read.article.paragraphs, plain, "{beside}");
            assert!(!read.removed.is_empty(), "{beside}");
        }
    }
}

#[test]
fn a_feeds_own_layout_takes_nothing_of_its_text() {
    for (open, close) in [
        ("<div class='promo'>", "</div>"),
        ("<table><tr><td>", "</td></tr></table>"),
        ("<aside>", "</aside>"),
        ("<div class='caption'>", "</div>"),
    ] {
        let read = read("The lock stays shut", &format!("{open}{TEXT}{close}"));
        assert_eq!(read.article.paragraphs.len(), 3, "{open}");
    }
}

#[test]
fn the_form_of_an_entry_is_told_from_the_feed_alone() {
    let check = |title: &str, content: &str, paid: bool, form: Form| {
        let read = read(title, content);
        assert_eq!((read.article.paid, read.article.form), (paid, form), "{title}: {content}");
        let extracted = read.article.key_points.origin == KeyPointsOrigin::Extracted;
        assert!(form == Form::Article || !extracted, "{title}: sentences of what is no article");
    };
    let wall = "<p>This article is for subscribers only. Already a subscriber? Log in.</p>";
    check("The lock stays shut", TEXT, false, Form::Article);
    check("The lock stays shut", &format!("{TEXT}{wall}"), true, Form::Stub);
    check("The lock stays shut", &format!("{}{wall}", TEXT.repeat(4)), true, Form::Article);
    check("The lock stays shut", &format!("{TEXT}<p>Subscribe to our newsletter.</p>"), false, Form::Article);
    check("LIVE: the lock stays shut", TEXT, false, Form::Live);
    let minutes = ["12:40 ", "12:10 ", "11:50 "].iter().map(|at| TEXT.replace("<p>", &format!("<p>{at}")));
    let minutes = minutes.map(|text| text.split_inclusive("</p>").next().expect("a paragraph").to_owned());
    check("The lock stays shut", &(minutes.collect::<String>() + TEXT), false, Form::Live);
    check("In pictures: the lock", "<p>Barges wait.</p><p>A diver looks at the gate.</p>", false, Form::Gallery);
    let part = FeedPart {
        title: "The lock stays shut".to_owned(),
        content_html: Some(TEXT.to_owned()),
        categories: vec!["Canals".to_owned(), "Subscribers".to_owned()],
        ..FeedPart::default()
    };
    assert!(from_feed(&part, None, &ExtractSettings::default()).article.paid);
}

#[test]
fn premium_on_every_entry_of_a_feed_marks_none_as_paid() {
    let check = |all: usize, marked: usize, category: &str, paid: bool| {
        let entry = |at: usize| Entry {
            title: format!("The lock stays shut for {at} days"),
            content_html: Some(TEXT.to_owned()),
            categories: if at < marked { vec!["Canals".to_owned(), category.to_owned()] } else { Vec::new() },
            ..Entry::default()
        };
        let reading: Vec<Entry> = (0..all).map(entry).collect();
        let part = FeedPart::of(&reading[0], &reading, &[], "", DateTime::UNIX_EPOCH);
        let article = from_feed(&part, None, &ExtractSettings::default()).article;
        assert_eq!(article.paid, paid, "{marked} of {all} {category}");
    };
    check(12, 12, "Premium", false);
    check(12, 11, "Premium", true);
    check(12, 1, "premium ", true);
    check(12, 0, "Premium", false);
    // Too few to say so, and words that can mean nothing else.
    check(3, 3, "Premium", true);
    check(12, 12, "Subscribers only", true);
}

#[test]
fn a_page_that_says_itself_that_it_is_cut_off_is_a_stub() {
    let check = |head: &str, inside: &str, paid: bool, form: Form| {
        let page = format!("<head>{head}</head><body><main><h1>The lock stays shut</h1>{inside}</main></body>");
        let read = from_page(&page, None, &ExtractSettings::default());
        assert_eq!((read.article.paid, read.article.form), (paid, form), "{head} {inside}");
        read
    };
    let declared =
        "<script type=\"application/ld+json\">{\"@type\":\"NewsArticle\",\"isAccessibleForFree\":false}</script>";
    let teaser = format!("<div class=teaser-text>{TEXT}</div>");
    let beside = "<div class=pw><p>Subscribe to continue reading.</p><p>Already a subscriber? Log in.</p></div>";
    let read = check(declared, &format!("{teaser}{beside}"), true, Form::Stub);
    assert!(read.removed.iter().any(|r| r.text == "Subscribe to continue reading."), "{:?}", read.removed);
    check("", &format!("{teaser}{beside}"), true, Form::Stub);
    check(
        "",
        &format!("{TEXT}<div class=paywall><h3>This article is for subscribers only</h3></div>"),
        true,
        Form::Stub,
    );
    let long: String = (1..7)
        .map(|n| TEXT.replace("old", &format!("old number {n}")).replace("oak", &format!("oak number {n}")))
        .collect();
    check("", &format!("<div>{long}</div>{beside}"), false, Form::Article);
    check("", &format!("{TEXT}<p>Subscribe to our newsletter</p>"), false, Form::Article);
    check("", &format!("<p>Already a subscriber? Log in.</p>{TEXT}"), false, Form::Article);
}
