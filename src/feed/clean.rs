//! Reads any XML dialect of feeds, well-formed or not, into drafts of entries and what the feed says of itself.
//! It does not finish entries; `parse` does.

mod attributes;
mod draft;
mod entities;
mod leaf;
mod places;
mod values;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use url::Url;

use super::names::{Meaning, Ns, Weight, of_entry, of_feed};
use super::{FeedError, MAX_LINE, bounded, plain};
use attributes::{Attributes, absolute};
pub(super) use draft::{Cleaned, Draft};
use entities::Entities;
pub(super) use leaf::unescape;
use leaf::{Leaf, is_void};

/// Elements nested deeper than this are an attack on readers; real feeds stay below 40 with their XHTML.
const MAX_DEPTH: usize = 256;

/// The two families that all dialects belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    /// RSS 2.0; RSS 0.9x, 1.0 and CDF too.
    Rss,
    /// Atom 1.0; Atom 0.3 too.
    Atom,
}

/// Where an element stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Outside,
    Feed,
    Entry,
    /// A media group or content inside an entry.
    Media,
    Person,
    Skipped,
    Leaf,
    /// Markup inside a leaf.
    Markup,
}

#[derive(Debug)]
struct Frame {
    name: String,
    place: Place,
    /// Lengths of `bindings`, `bases` and `languages` before this element.
    scope: (usize, usize, usize),
}

/// Reads `text`. `base` is the address the document came from.
pub(super) fn clean(text: &str, base: &Url) -> Result<Cleaned, FeedError> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut pass = Pass::new(base);
    // Ends: every event but the last consumes at least one byte of a bounded text.
    loop {
        match reader.read_event() {
            Ok(Event::Start(e)) => pass.start(&e, false)?,
            Ok(Event::Empty(e)) => pass.start(&e, true)?,
            Ok(Event::End(e)) => pass.end(e.name().as_ref()),
            Ok(Event::Text(t)) => pass.text(&t),
            Ok(Event::CData(t)) => pass.text(&t),
            Ok(Event::GeneralRef(r)) => pass.reference(&r),
            Ok(Event::Eof) => break,
            Ok(Event::DocType(d)) => pass.entities = Entities::of(&d),
            Ok(Event::Decl(_) | Event::Comment(_) | Event::PI(_)) => {}
            Err(e) => {
                pass.cleaned.broken = Some((reader.error_position(), e.to_string()));
                break;
            }
        }
        if pass.dialect.is_some() && pass.stack.is_empty() {
            // What caches and advertisers write behind the feed is no part of it.
            break;
        }
    }
    pass.finish(text.len())
}

struct Pass {
    stack: Vec<Frame>,
    /// Namespace prefixes in force.
    bindings: Vec<(String, Ns)>,
    bases: Vec<Url>,
    /// The feed's site, where its document lies elsewhere.
    site: Option<Url>,
    languages: Vec<String>,
    leaf: Option<Leaf>,
    entities: Entities,
    dialect: Option<Dialect>,
    /// What the feed says of itself, in the document's order.
    said: Vec<(Meaning, String)>,
    cleaned: Cleaned,
    /// How much was said, and the number of drafts, after the last whole entry.
    whole: (usize, usize),
    /// The first element, for the message where it is not a feed's.
    root: Option<String>,
    period: Option<u32>,
    frequency: u32,
    language_weight: Weight,
    title_weight: Weight,
}

/// What relative addresses are relative to: what `xml:base` says, else in entries the site, else the document.
fn base<'a>(site: Option<&'a Url>, bases: &'a [Url], cleaned: &Cleaned) -> Option<&'a Url> {
    site.filter(|_| bases.len() == 1 && !cleaned.drafts.is_empty()).or(bases.last())
}

impl Pass {
    fn new(base: &Url) -> Self {
        Self {
            stack: Vec::new(),
            bindings: Vec::new(),
            bases: vec![base.clone()],
            site: None,
            languages: Vec::new(),
            leaf: None,
            entities: Entities::default(),
            dialect: None,
            said: Vec::new(),
            cleaned: Cleaned::default(),
            whole: (0, 0),
            root: None,
            period: None,
            frequency: 1,
            language_weight: 0,
            title_weight: 0,
        }
    }

    fn place(&self) -> Place {
        self.stack.last().map_or(Place::Outside, |f| f.place)
    }

    fn start(&mut self, element: &BytesStart<'_>, empty: bool) -> Result<(), FeedError> {
        let name = element.name().into_inner();
        let (prefix, local) = split(name);
        let attributes = Attributes::of(element);
        if matches!(self.place(), Place::Leaf | Place::Markup) {
            let base = base(self.site.as_ref(), &self.bases, &self.cleaned);
            if let Some(leaf) = &mut self.leaf {
                leaf.start_tag(local, &attributes, base);
            }
            // A void element has no end tag in HTML, and often none in broken XHTML.
            if is_void(local) {
                return Ok(());
            }
            self.push(name, Place::Markup, self.scope())?;
        } else {
            let scope = self.scope();
            self.enter_scope(&attributes);
            let ns = self.family(prefix);
            let local = local.to_ascii_lowercase();
            self.root.get_or_insert_with(|| local.clone());
            let place = self.enter(ns, &local, &attributes)?;
            self.push(name, place, scope)?;
        }
        if empty {
            self.pop();
        }
        Ok(())
    }

    fn scope(&self) -> (usize, usize, usize) {
        (self.bindings.len(), self.bases.len(), self.languages.len())
    }

    fn push(&mut self, name: &str, place: Place, scope: (usize, usize, usize)) -> Result<(), FeedError> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(FeedError::TooDeep { limit: MAX_DEPTH });
        }
        self.stack.push(Frame { name: name.to_owned(), place, scope });
        Ok(())
    }

    fn enter_scope(&mut self, attributes: &Attributes) {
        for (key, value) in attributes.iter() {
            match key {
                "xmlns" => self.bindings.push((String::new(), Ns::of_uri(value))),
                "xml:lang" => self.languages.push(value.trim().to_ascii_lowercase()),
                "xml:base" => {
                    let joined = self.bases.last().and_then(|b| b.join(value.trim()).ok());
                    self.bases.extend(joined.filter(|u| !u.cannot_be_a_base()));
                }
                _ => {
                    if let Some(prefix) = key.strip_prefix("xmlns:") {
                        self.bindings.push((prefix.to_owned(), Ns::of_uri(value)));
                    }
                }
            }
        }
    }

    /// The family of a name with this prefix. A name without prefix is at home in its feed's own dialect, whatever
    /// unknown namespace the feed declares for itself.
    fn family(&self, prefix: &str) -> Ns {
        let bound = self.bindings.iter().rev().find(|(p, _)| p == prefix).map(|(_, ns)| *ns);
        // A usual prefix tells what is meant, where the address behind it is a slip.
        let known = bound.filter(|ns| *ns != Ns::Other || prefix.is_empty());
        let ns = known.unwrap_or_else(|| Ns::of_undeclared_prefix(prefix));
        match (self.dialect, ns) {
            (Some(Dialect::Atom), Ns::Rss) => Ns::Atom,
            (Some(Dialect::Atom), Ns::Other) if prefix.is_empty() => Ns::Atom,
            (Some(Dialect::Rss), Ns::Other) if prefix.is_empty() => Ns::Rss,
            _ => ns,
        }
    }

    fn close_entry(&mut self) {
        self.whole = (self.said.len(), self.cleaned.drafts.len());
    }

    /// Whether the innermost element is inside of one medium, not of the entry or a group of media.
    fn in_one_medium(&self) -> bool {
        self.stack.last().is_some_and(|f| f.place == Place::Media && split(&f.name).1.eq_ignore_ascii_case("content"))
    }

    fn draft(&mut self) -> &mut Draft {
        if self.cleaned.drafts.is_empty() {
            self.cleaned.drafts.push(Draft::default());
        }
        self.cleaned.drafts.last_mut().expect("one was pushed if there was none")
    }

    fn absolute(&self, address: &str) -> Option<String> {
        absolute(address, base(self.site.as_ref(), &self.bases, &self.cleaned))
    }

    fn text(&mut self, text: &str) {
        if let Some(leaf) = &mut self.leaf {
            leaf.text(text);
        }
    }

    fn reference(&mut self, reference: &BytesRef<'_>) {
        if let Some(leaf) = &mut self.leaf {
            match self.entities.expand(reference.as_ref()) {
                Some(text) => leaf.text(text),
                None => leaf.reference(reference.as_ref()),
            }
        }
    }

    /// Closes the nearest open element of this name and all that was left open inside it; an end without start is
    /// passed over.
    fn end(&mut self, name: &str) {
        let name = name.trim();
        if let Some(at) = self.stack.iter().rposition(|f| f.name == name) {
            while self.stack.len() > at {
                self.pop();
            }
        }
    }

    fn pop(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        match frame.place {
            Place::Entry => self.close_entry(),
            Place::Leaf => self.close_leaf(),
            Place::Markup => {
                if let Some(leaf) = &mut self.leaf {
                    leaf.end_tag(split(&frame.name).1);
                }
            }
            Place::Outside | Place::Feed | Place::Media | Place::Person | Place::Skipped => {}
        }
        self.bindings.truncate(frame.scope.0);
        self.bases.truncate(frame.scope.1);
        self.languages.truncate(frame.scope.2);
    }

    fn close_leaf(&mut self) {
        let Some(leaf) = self.leaf.take() else { return };
        let (meaning, weight) = (leaf.meaning, leaf.weight);
        let value = leaf.finish();
        if value.is_empty() {
            return;
        }
        let in_entry = self.stack.iter().any(|f| f.place == Place::Entry);
        if in_entry { self.entry_value(meaning, weight, value) } else { self.feed_value(meaning, weight, &value) }
    }

    fn finish(mut self, length: usize) -> Result<Cleaned, FeedError> {
        if self.dialect.is_none() {
            return Err(match (self.cleaned.broken, self.root) {
                (Some((at, why)), _) => FeedError::Broken { at, why },
                (None, root) => FeedError::NotAFeed { what: super::refusal::of_root(root.as_deref()) },
            });
        }
        if self.cleaned.broken.is_none() && !self.stack.is_empty() {
            self.cleaned.broken = Some((length as u64, "the document ends inside an element".to_owned()));
        }
        if let Some((at, why)) = &self.cleaned.broken {
            // The entry that broke off is read whole the next time; half of it now would become a false revision.
            if self.whole.1 == 0 {
                return Err(FeedError::Broken { at: *at, why: why.clone() });
            }
            self.said.truncate(self.whole.0);
            self.cleaned.drafts.truncate(self.whole.1);
        }
        for (meaning, value) in std::mem::take(&mut self.said) {
            match meaning {
                Meaning::Title => self.cleaned.title = plain_title(self.dialect, &value),
                Meaning::Link => _ = self.cleaned.home_url.get_or_insert(value),
                _ => self.cleaned.authors.push(value),
            }
        }
        self.cleaned.hints.update_every = self.period.map(|p| (p / self.frequency).max(1));
        Ok(self.cleaned)
    }
}

/// A title in plain text: Atom's is HTML, of RSS's nobody knows.
fn plain_title(dialect: Option<Dialect>, title: &str) -> String {
    let plain = if dialect == Some(Dialect::Atom) { plain::from_html } else { plain::from_unknown };
    bounded(&plain(title), MAX_LINE).to_owned()
}

fn split(name: &str) -> (&str, &str) {
    name.rsplit_once(':').unwrap_or(("", name))
}
