//! Shows what a feed's content alone is read as: boxes and captions beside the text.
//! How a page is read beside it is shown in the integration tests.

use super::*;

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
