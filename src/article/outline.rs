//! The outline of an HTML page: its text blocks in reading order, and the named containers they stand in.
//! It does not judge what is article and what is not; `extract`, `boilerplate` and `key_points` do.

mod nesting;
mod walk;

pub(super) use walk::{CAPTIONS, outline, outline_of, parse};

/// What a block was written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A paragraph, or a run of text that stands alone.
    Paragraph,
    /// A heading of the given level; 7 is a whole paragraph in bold.
    Heading(u8),
    /// An item of a list; the number is the list's container.
    Item(usize),
    /// A quotation.
    Quote,
    /// A caption of a picture or a table.
    Caption,
    /// A cell of a table.
    Cell,
}

/// One run of text without a break.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub kind: Kind,
    /// Typography kept, white space collapsed; `\n` where the page breaks a line.
    pub text: String,
    /// The innermost container.
    pub container: usize,
    /// Letters and digits of the text.
    pub letters: usize,
    /// Of these, those inside links.
    pub linked: usize,
    /// Of the linked, those whose link stays on the page (`#...`): tables of contents.
    pub anchored: usize,
    /// Whether its first letter is in a link that leaves the page.
    pub opens_linked: bool,
    /// Whether it is inside a `<p>`, an `<li>` or a heading, not loose text.
    pub marked: bool,
}

impl Block {
    /// Share of the text that is link, 0 to 1.
    pub(super) fn link_share(&self) -> f64 {
        share(self.linked, self.letters)
    }

    /// Whether it reads as prose: long enough, and not made of links.
    pub(super) fn is_prose(&self) -> bool {
        self.link_share() < 0.5 && super::words::count(&self.text) >= 10
    }
}

#[expect(clippy::cast_precision_loss, reason = "lengths of texts are far below 2^52")]
pub(super) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// An element that holds blocks.
#[derive(Clone, Debug)]
pub(super) struct Container {
    /// The element around it; the root is its own parent.
    pub parent: usize,
    /// Lower-case element name.
    pub tag: String,
    /// Class, id, role, itemprop and data attributes, cut into lower-case words.
    pub names: Vec<String>,
    /// `aria-label`, where there is one.
    pub label: Option<String>,
    /// Blocks `first..last` are inside.
    pub first: usize,
    /// End of the blocks inside.
    pub last: usize,
    /// Whether the page hides it from the eye.
    pub hidden: bool,
}

impl Container {
    /// Whether one of the words is among its names.
    pub(super) fn named(&self, words: &[&str]) -> bool {
        self.names.iter().any(|name| words.contains(&name.as_str()))
    }
}

/// A page, flat.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    pub containers: Vec<Container>,
    pub blocks: Vec<Block>,
}

impl Outline {
    /// Empties blocks that were taken elsewhere; the others keep their numbers.
    pub(super) fn blank(&mut self, blocks: &[usize]) {
        for at in blocks {
            let block = &mut self.blocks[*at];
            block.text.clear();
            block.letters = 0;
        }
    }

    /// The containers of a block, innermost first, the root last.
    pub(super) fn ancestors(&self, container: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = (!self.containers.is_empty()).then_some(container);
        std::iter::from_fn(move || {
            let this = next?;
            let parent = self.containers[this].parent;
            next = (parent != this).then_some(parent);
            Some(this)
        })
    }
}
