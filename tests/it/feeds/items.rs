//! Feeds as most of these tests show them: items of stories that come up at a steady pace.
//! Who shows what when is each test's own matter.

/// Hours between two stories of the publisher.
const PACE: i64 = 3;
/// Stories shown at a time.
const SHOWN: i64 = 20;
/// Stories out before the first poll.
const BEFORE: i64 = 40;

/// Numbers of the stories that are shown at an hour, newest first.
pub(super) fn stories(hour: i64) -> impl Iterator<Item = i64> {
    let newest = BEFORE + hour / PACE;
    (newest - SHOWN + 1..=newest).rev()
}

/// A feed with one item per story.
pub(super) fn rss(items: impl Iterator<Item = String>) -> Vec<u8> {
    let items: String = items.collect();
    format!("<rss version='2.0'><channel><title>Moods</title>{items}</channel></rss>").into_bytes()
}

pub(super) fn item(guid: &str, path: &str, n: i64, more: &str) -> String {
    let guid = if guid.is_empty() { String::new() } else { format!("<guid isPermaLink='false'>{guid}</guid>") };
    let words = format!("sentence of story {n} about something that happened on that day in town ").repeat(4);
    format!(
        "<item>{guid}<link>/{path}</link><title>Story number {n} of this town</title><description>{words}</description>{more}</item>"
    )
}

pub(super) fn usual(n: i64) -> String {
    item(&format!("id-{n}"), &format!("story/{n}"), n, "")
}
