//! Keeps pages that nest without end away from the parser and from what walks its tree.
//! It counts tags and levels and knows nothing of text.

use dom_query::{Document, NodeRef};
use rustc_hash::FxHashMap;

/// Open blocks at which a page is cut. Real pages stay below a hundred; the time that a standard parser needs grows with the square.
const MAX_BLOCKS: usize = 600;

/// Open elements of other kinds at which it is cut: careless pages leave some hundreds of these open.
const MAX_OTHERS: usize = 3_000;

/// Levels of a parsed page above which it is not looked at: libraries that walk it would run out of stack.
const MAX_LEVELS: usize = 4_500;

#[rustfmt::skip]
const BLOCKS: &[&[u8]] = &[
    b"address", b"article", b"aside", b"blockquote", b"center", b"details", b"dialog", b"dir", b"div", b"dl", b"fieldset", b"figcaption",
    b"figure", b"footer", b"form", b"header", b"hgroup", b"main", b"menu", b"nav", b"ol", b"pre", b"section", b"summary", b"table", b"ul",
    b"h1", b"h2", b"h3", b"h4", b"h5", b"h6", b"button", b"template", b"object", b"marquee",
];

/// Elements whose end tag may be left out, or that have none: they do not nest by being open.
#[rustfmt::skip]
const UNENDED: &[&[u8]] = &[
    b"p", b"li", b"dt", b"dd", b"option", b"br", b"img", b"hr", b"input", b"meta", b"link", b"source", b"area", b"base", b"col", b"embed",
    b"track", b"wbr", b"param", b"tr", b"td", b"th", b"tbody", b"thead", b"tfoot", b"colgroup", b"optgroup", b"rb", b"rt", b"rp",
];

/// Elements whose content is text, whatever it looks like.
const RAW: &[&[u8]] = &[b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes"];

/// How many elements of each name are open.
#[derive(Default)]
struct Open {
    names: FxHashMap<u128, usize>,
    blocks: usize,
    others: usize,
    drawings: usize,
}

impl Open {
    fn start(&mut self, name: &[u8]) {
        *self.names.entry(key(name)).or_default() += 1;
        *self.counter(name) += 1;
    }

    /// An end tag without its start ends nothing.
    fn end(&mut self, name: &[u8]) {
        if let Some(count) = self.names.get_mut(&key(name)).filter(|count| **count > 0) {
            *count -= 1;
            *self.counter(name) -= 1;
        }
    }

    fn counter(&mut self, name: &[u8]) -> &mut usize {
        if is_among(BLOCKS, name) { &mut self.blocks } else { &mut self.others }
    }
}

/// The first sixteen bytes of a name, case put aside.
fn key(name: &[u8]) -> u128 {
    name.iter().take(16).fold(0, |key, b| (key << 8) | u128::from(b.to_ascii_lowercase()))
}

/// The page up to where too many elements are open.
pub(super) fn shallow(html: &str) -> &str {
    let bytes = html.as_bytes();
    let mut open = Open::default();
    let mut at = 0;
    while let Some(found) = bytes[at..].iter().position(|b| *b == b'<') {
        let tag = at + found;
        if bytes[tag..].starts_with(b"<!--") {
            at = if bytes[tag..].starts_with(b"<!-->") { tag + 5 } else { find(bytes, tag + 4, b"-->") + 3 };
            at = at.min(bytes.len());
            continue;
        }
        let ends = bytes.get(tag + 1) == Some(&b'/');
        let from = tag + 1 + usize::from(ends);
        let length = bytes[from..].iter().take(40).take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        let name = &bytes[from..from + length];
        if !name.first().is_some_and(u8::is_ascii_alphabetic) {
            at = from;
            continue;
        }
        let (end, closed) = end_of_tag(bytes, from + length);
        at = end;
        if ends {
            open.end(name);
            open.drawings = open.drawings.saturating_sub(usize::from(name.eq_ignore_ascii_case(b"svg")));
            continue;
        }
        if is_among(UNENDED, name) || (closed && open.drawings > 0 && !is_among(BLOCKS, name)) {
            continue;
        }
        if is_among(RAW, name) {
            at = find(bytes, end, &[b"</", name].concat());
            continue;
        }
        // An element of a text ends a drawing.
        open.drawings =
            if is_among(BLOCKS, name) { 0 } else { open.drawings + usize::from(name.eq_ignore_ascii_case(b"svg")) };
        open.start(name);
        if open.blocks > MAX_BLOCKS || open.others > MAX_OTHERS {
            return &html[..tag];
        }
    }
    html
}

fn is_among(names: &[&[u8]], name: &[u8]) -> bool {
    names.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// Past the `>` of a tag, and whether a slash stands before it; one in a quoted value is not the end.
fn end_of_tag(bytes: &[u8], from: usize) -> (usize, bool) {
    let mut quote = None;
    let mut before = 0_u8;
    for (i, b) in bytes[from..].iter().enumerate() {
        match quote {
            None if *b == b'>' => return (from + i + 1, before == b'/'),
            None if matches!(b, b'"' | b'\'') && before == b'=' => quote = Some(*b),
            Some(q) if q == *b => quote = None,
            _ => {}
        }
        if !b.is_ascii_whitespace() {
            before = *b;
        }
    }
    (bytes.len(), false)
}

fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> usize {
    let from = from.min(bytes.len());
    bytes[from..].windows(wanted.len()).position(|w| w.eq_ignore_ascii_case(wanted)).map_or(bytes.len(), |at| from + at)
}

/// Whether a parsed page nests no deeper than libraries can walk. Walks without a stack of its own.
pub(super) fn is_walkable(document: &Document) -> bool {
    let mut level = 0_usize;
    let mut node: NodeRef<'_> = document.root();
    loop {
        if let Some(child) = node.first_child() {
            level += 1;
            if level > MAX_LEVELS {
                return false;
            }
            node = child;
            continue;
        }
        loop {
            if level == 0 {
                return true;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return true };
            node = parent;
            level -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_that_nest_without_end_are_cut() {
        let real =
            format!("<p>a{}<script>if (1<b) '<div><div>'</script><br>{}", "<div>".repeat(90), "</div>".repeat(90));
        let part = "<p>one<li>two<div title='</div>'>three</div><svg><path d='>'/></svg><!-- <div> --><span>";
        let long = format!("{real}{}", part.repeat(2_500));
        assert_eq!(shallow(&long), long);
        let deep = format!("<p>before</p>{}", "<div>".repeat(5_000));
        assert_eq!(shallow(&deep).len(), "<p>before</p>".len() + MAX_BLOCKS * "<div>".len());
    }

    #[test]
    fn tricks_that_hide_open_elements_do_not() {
        for part in [
            "<div></x>",
            "<div><!--</div>-->",
            "<div a='</div>'>",
            "<div><textarea></div></textarea>",
            "<div/>",
            "<svg><div><path/></svg>",
        ] {
            let page = part.repeat(5_000);
            assert!(shallow(&page).len() < page.len() / 4, "{part}");
        }
    }

    #[test]
    fn a_tree_too_deep_to_walk_is_known() {
        assert!(is_walkable(&Document::from("<div>".repeat(600))));
        assert!(!is_walkable(&Document::from("<path>".repeat(6_000))));
        assert!(is_walkable(&Document::from("<p>a</p>".repeat(6_000))));
    }
}
