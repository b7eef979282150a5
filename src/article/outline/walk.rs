//! Walks a parsed page and writes its outline.
//! It knows HTML's elements, not what publishers mean by them.

use std::collections::HashSet;

use dom_query::{Document, Element, NodeData, NodeRef};

use super::{
    super::{key_points, words},
    Block, Container, Kind, Outline, nesting,
};

/// Bytes of a page that are read: the longest articles are far below, and a page of this size is a program.
const MAX_BYTES: usize = 6 << 20;

/// Levels of nested elements that are walked: a bound for the stack.
const MAX_DEPTH: usize = 200;

/// Blocks of a page that are kept; the rest of an endless page is not read.
const MAX_BLOCKS: usize = 6_000;

/// Elements without text for the reader.
#[rustfmt::skip]
const SILENT: &[&str] = &[
    "script", "style", "noscript", "template", "svg", "iframe", "button", "select", "option", "textarea", "input",
    "object", "audio", "video", "canvas", "head", "math", "dialog", "amp-ad", "amp-iframe", "map", "rt", "rp", "rtc",
];

#[rustfmt::skip]
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr", "ruby", "rb", "nobr", "acronym", "center",
];

/// The outline of a page or of a piece of HTML.
pub(in crate::article) fn outline(html: &str) -> Outline {
    outline_of(&parse(html))
}

/// Parses a page as far as it is read; one that cannot be walked safely is read as an empty one.
pub(in crate::article) fn parse(html: &str) -> Document {
    let document = Document::from(bounded(html));
    if nesting::is_walkable(&document) { document } else { Document::from("") }
}

fn bounded(html: &str) -> &str {
    let mut end = html.len().min(MAX_BYTES);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    nesting::shallow(&html[..end])
}

/// The outline of a parsed page.
pub(in crate::article) fn outline_of(document: &Document) -> Outline {
    let mut walk =
        Walk { outline: Outline::default(), run: Run::default(), depth: 0, alts: HashSet::new(), before_picture: None };
    walk.outline.containers.push(Container {
        parent: 0,
        tag: "html".to_owned(),
        names: Vec::new(),
        label: None,
        first: 0,
        last: 0,
        hidden: false,
    });
    let state = State { container: 0, kind: Kind::Paragraph, marked: false };
    walk.children(&document.root(), state);
    walk.flush(state);
    walk.outline.containers[0].last = walk.outline.blocks.len();
    walk.mark_captions();
    walk.outline
}

#[derive(Clone, Copy)]
struct State {
    container: usize,
    kind: Kind,
    marked: bool,
}

/// The text run being gathered.
#[derive(Default)]
struct Run {
    text: String,
    link: u32,
    anchor: u32,
    bold: u32,
    italic: u32,
    letters: usize,
    linked: usize,
    anchored: usize,
    bolded: usize,
    opens_linked: bool,
    slanted: usize,
    /// Whether a picture opens it.
    pictured: bool,
}

struct Walk {
    outline: Outline,
    run: Run,
    depth: usize,
    /// Folded descriptions of the pictures.
    alts: HashSet<String>,
    /// How many blocks stood before the last picture.
    before_picture: Option<usize>,
}

/// Words of a picture's description from which a text that repeats it is its caption.
const CAPTION_WORDS: usize = 4;

/// Words of a caption; what goes on longer below a picture is text.
const MAX_CAPTION_WORDS: usize = 60;

/// Names of the line below a picture, as publishers call it.
#[rustfmt::skip]
pub(in crate::article) const CAPTIONS: &[&str] = &[
    "caption", "captions", "figcaption", "credit", "credits", "bildunterschrift", "photocredit", "imagecaption",
    "photocaption", "legend", "legende", "cutline", "bijschrift", "fotobijschrift", "didascalia", "bildtext",
    "billedtekst", "bildetekst", "piefoto", "fotocredit",
];

impl Walk {
    /// A paragraph that says what a picture's description says is the caption of it.
    fn mark_captions(&mut self) {
        if self.alts.is_empty() {
            return;
        }
        for block in &mut self.outline.blocks {
            if block.kind == Kind::Paragraph && self.alts.contains(&words::fold(&block.text)) {
                block.kind = Kind::Caption;
            }
        }
    }

    fn children(&mut self, node: &NodeRef, state: State) {
        if self.depth >= MAX_DEPTH || self.outline.blocks.len() >= MAX_BLOCKS {
            return;
        }
        self.depth += 1;
        for child in node.children_it(false) {
            let element = child.query_or(None, |n| match &n.data {
                NodeData::Element(element) => Some(Some(element.clone())),
                NodeData::Text { .. } => Some(None),
                _ => None,
            });
            match element {
                Some(Some(element)) => self.element(&child, &element, state),
                Some(None) => self.text(&child.text()),
                None => {}
            }
        }
        self.depth -= 1;
    }

    fn element(&mut self, node: &NodeRef, element: &Element, state: State) {
        let tag: &str = &element.name.local;
        if tag == "button" && matches!(state.kind, Kind::Heading(_)) {
            // What opens and closes a box is its heading.
            return self.children(node, state);
        }
        if tag == "button" && key_points::announces(&node.text()) {
            return self.boxed(node, element, tag, state);
        }
        if SILENT.contains(&tag) {
            return;
        }
        if let Some(alt) = attr(element, "alt").filter(|a| tag == "img" && words::count(a) >= CAPTION_WORDS) {
            self.alts.insert(words::fold(alt.trim()));
        }
        if tag == "img" {
            // It stands alone: what was gathered before it is a block of its own.
            self.boxed(node, element, tag, state);
            self.before_picture = Some(self.outline.blocks.len());
            self.run.pictured = true;
            return;
        }
        if tag == "br" {
            return self.line_break(state);
        }
        if INLINE.contains(&tag) {
            // Words for screen readers inside a line are not the writer's.
            if !is_hidden(element) && !is_for_ears(element) {
                self.inline(node, element, tag, state);
            }
            return;
        }
        self.boxed(node, element, tag, state);
    }

    /// An element that holds blocks.
    fn boxed(&mut self, node: &NodeRef, element: &Element, tag: &str, state: State) {
        self.flush(state);
        let id = self.outline.containers.len();
        self.outline.containers.push(Container {
            parent: state.container,
            tag: tag.to_owned(),
            names: names_of(element),
            label: attr(element, "aria-label").map(str::to_owned),
            first: self.outline.blocks.len(),
            last: 0,
            hidden: is_hidden(element),
        });
        let inner = State { container: id, ..inner_state(tag, id, state) };
        self.children(node, inner);
        self.flush(inner);
        self.outline.containers[id].last = self.outline.blocks.len();
    }

    fn inline(&mut self, node: &NodeRef, element: &Element, tag: &str, state: State) {
        // A line called so is a caption only below a picture.
        let below = self.before_picture == Some(self.outline.blocks.len()) && state.kind != Kind::Caption;
        if below && names_of(element).iter().any(|name| CAPTIONS.contains(&name.as_str())) {
            self.flush(state);
            let inner = State { kind: Kind::Caption, ..state };
            self.children(node, inner);
            return self.flush(inner);
        }
        let link = u32::from(tag == "a" && element.attrs.iter().any(|a| &*a.name.local == "href"));
        let anchor = u32::from(link == 1 && attr(element, "href").is_some_and(|href| href.starts_with('#')));
        let bold = u32::from(matches!(tag, "b" | "strong"));
        let italic = u32::from(matches!(tag, "i" | "em" | "small" | "cite"));
        self.run.link += link;
        self.run.anchor += anchor;
        self.run.bold += bold;
        self.run.italic += italic;
        self.children(node, state);
        self.run.link -= link;
        self.run.anchor -= anchor;
        self.run.bold -= bold;
        self.run.italic -= italic;
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            if matches!(c, '\u{200b}' | '\u{ad}' | '\u{feff}' | '\u{2060}' | '\u{200e}' | '\u{200f}')
                || (c.is_control() && !c.is_whitespace())
            {
                continue;
            }
            if is_plain_space(c) {
                if !self.run.text.is_empty() && !self.run.text.ends_with([' ', '\n']) {
                    self.run.text.push(' ');
                }
                continue;
            }
            self.run.text.push(c);
            if c.is_alphanumeric() {
                self.run.opens_linked |= self.run.letters == 0 && self.run.link > self.run.anchor;
                self.run.letters += 1;
                self.run.linked += usize::from(self.run.link > 0);
                self.run.anchored += usize::from(self.run.anchor > 0);
                self.run.bolded += usize::from(self.run.bold > 0);
                self.run.slanted += usize::from(self.run.italic > 0);
            }
        }
    }

    /// One break is a line of the block, two end it.
    fn line_break(&mut self, state: State) {
        let kept = self.run.text.trim_end_matches(' ').len();
        self.run.text.truncate(kept);
        if self.run.text.ends_with('\n') {
            self.flush(state);
        } else if !self.run.text.is_empty() {
            self.run.text.push('\n');
        }
    }

    fn flush(&mut self, state: State) {
        let run = std::mem::take(&mut self.run);
        self.run.link = run.link;
        self.run.anchor = run.anchor;
        self.run.bold = run.bold;
        self.run.italic = run.italic;
        let text = without_link_remarks(run.text);
        let text = text.trim_matches(|c: char| c.is_whitespace());
        if run.letters == 0 || self.outline.blocks.len() >= MAX_BLOCKS {
            return;
        }
        let all_bold = run.bolded == run.letters && state.kind == Kind::Paragraph && words::count(text) <= 16;
        let below_picture = run.pictured && run.slanted == run.letters && words::count(text) <= MAX_CAPTION_WORDS;
        let kind = if below_picture && state.kind == Kind::Paragraph {
            Kind::Caption
        } else if all_bold && !text.ends_with(['.', '!', ',', ';']) {
            Kind::Heading(7)
        } else {
            state.kind
        };
        self.outline.blocks.push(Block {
            kind,
            text: text.to_owned(),
            container: state.container,
            letters: run.letters,
            linked: run.linked,
            anchored: run.anchored,
            opens_linked: run.opens_linked,
            marked: state.marked,
        });
    }
}

/// "(opens in a new window)": what a link says to those who hear the page is not the writer's.
fn without_link_remarks(text: String) -> String {
    #[rustfmt::skip]
    const REMARKS: &[&str] = &[
        "(öffnet im neuen", "(öffnet in neuem", "(öffnet in einem neuen", "(opens in", "(opens a new", "(ouvre dans",
        "(ouvre un nouvel", "(s'ouvre dans", "(s’ouvre dans", "(nouvelle fenêtre", "(se abre en", "(abre en", "(si apre in",
        "(apre in", "(opent in", "(öppnas i", "(åpnes i", "(åbner i",
    ];
    /// Characters of the longest of them.
    const LONGEST: usize = 24;
    let (mut kept, mut from) = (String::new(), 0);
    for (open, _) in text.match_indices('(') {
        if !text[open + 1..].starts_with(char::is_alphabetic) {
            continue;
        }
        let beginning: String = text[open..].chars().take(LONGEST).flat_map(char::to_lowercase).collect();
        if open < from || !REMARKS.iter().any(|known| beginning.starts_with(known)) {
            continue;
        }
        let Some(end) = text[open..].find(')') else { break };
        kept.push_str(&text[from..open]);
        from = open + end + 1;
    }
    if from == 0 {
        return text;
    }
    kept.push_str(&text[from..]);
    kept
}

/// White space that layout may collapse; no-break and thin spaces are the typographer's.
fn is_plain_space(c: char) -> bool {
    c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}')
}

fn inner_state(tag: &str, id: usize, outer: State) -> State {
    let kind = match tag {
        "h1" => Kind::Heading(1),
        "h2" => Kind::Heading(2),
        "h3" => Kind::Heading(3),
        "h4" => Kind::Heading(4),
        "h5" => Kind::Heading(5),
        "h6" => Kind::Heading(6),
        "blockquote" => Kind::Quote,
        "figcaption" | "caption" | "figure" | "picture" => Kind::Caption,
        "td" | "th" => Kind::Cell,
        "ul" | "ol" => Kind::Item(id),
        "li" => match outer.kind {
            Kind::Item(list) => Kind::Item(list),
            _ => Kind::Item(outer.container),
        },
        "section" | "article" | "main" | "aside" | "nav" => Kind::Paragraph,
        _ => outer.kind,
    };
    let marked = matches!(tag, "p" | "li" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote")
        || (outer.marked && tag != "div");
    State { kind, marked, ..outer }
}

fn attr<'e>(element: &'e Element, name: &str) -> Option<&'e str> {
    element.attrs.iter().find(|a| &*a.name.local == name).map(|a| &*a.value)
}

fn is_hidden(element: &Element) -> bool {
    element.attrs.iter().any(|a| match &*a.name.local {
        "hidden" => true,
        "aria-hidden" => &*a.value == "true",
        "class" => {
            // Frameworks of small classes hide at one width what they show at another.
            a.value.split_ascii_whitespace().any(|c| c == "hidden") && !a.value.contains([':'])
        }
        "style" => {
            let style: String = a.value.to_ascii_lowercase().split_whitespace().collect();
            style.contains("display:none") || style.contains("visibility:hidden")
        }
        _ => false,
    })
}

/// Whether an element is hidden from the eye alone.
fn is_for_ears(element: &Element) -> bool {
    const CLASSES: &[&str] = &[
        "sr-only",
        "visually-hidden",
        "visuallyhidden",
        "screen-reader-text",
        "u-visually-hidden",
        "is-sr-only",
        "offscreen",
    ];
    let class = attr(element, "class").unwrap_or_default();
    let clipped =
        attr(element, "style").is_some_and(|s| s.contains("clip:rect(0") || s.contains("clip-path:inset(50%)"));
    let named = |class: &str| {
        CLASSES
            .iter()
            .any(|known| class.strip_suffix(known).is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '_'])))
    };
    clipped || class.split_ascii_whitespace().any(named)
}

fn names_of(element: &Element) -> Vec<String> {
    let mut all = Vec::new();
    for a in &element.attrs {
        let name: &str = &a.name.local;
        let telling = matches!(name, "class" | "id" | "role" | "itemprop" | "property" | "slot")
            || (name.starts_with("data-") && a.value.len() <= 60 && !a.value.contains(['{', '/', ';']));
        if telling {
            all.extend(names(&a.value));
        }
        // `data-newsletter-box` names what the element is.
        if let Some(flag) = name.strip_prefix("data-").filter(|_| a.value.is_empty()) {
            all.extend(names(flag));
        }
    }
    // Elements of a publisher's own (`<ps-promo>`) name themselves.
    if element.name.local.contains('-') {
        all.extend(names(&element.name.local));
    }
    all
}

/// Cuts `KeyPoints_list-2x` into `key`, `points`, `list`, `2x`.
fn names(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut before_lower = false;
    for c in value.chars().take(400) {
        let breaks = !c.is_alphanumeric() || (c.is_uppercase() && before_lower);
        if breaks && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
        before_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests;
