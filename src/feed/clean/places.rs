//! Decides what an element is by where it stands: a feed, an entry, a value, or nothing of interest.
//! It does not read values.

use super::leaf::Leaf;
use super::{Attributes, Dialect, Draft, Meaning, Ns, Pass, Place, Weight, of_entry, of_feed, split};
use crate::feed::{FeedError, date};

impl Pass {
    /// Decides what an element is by where it stands.
    pub(super) fn enter(&mut self, ns: Ns, local: &str, attributes: &Attributes) -> Result<Place, FeedError> {
        match self.place() {
            Place::Outside => self.enter_root(local, attributes),
            Place::Feed => Ok(self.enter_feed_child(ns, local, attributes)),
            Place::Entry | Place::Media => Ok(self.enter_entry_child(ns, local, attributes)),
            Place::Person if local == "name" => {
                self.leaf = Some(Leaf::plain(Meaning::Author, 2));
                Ok(Place::Leaf)
            }
            Place::Person | Place::Skipped | Place::Leaf | Place::Markup => Ok(Place::Skipped),
        }
    }

    fn enter_root(&mut self, local: &str, attributes: &Attributes) -> Result<Place, FeedError> {
        let dialect = match local {
            "rss" | "rdf" | "channel" => Dialect::Rss,
            "feed" | "entry" => Dialect::Atom,
            "html" => return Err(FeedError::Html { title: None, discovered: Vec::new() }),
            _ => return Ok(Place::Outside),
        };
        if self.dialect.is_some() {
            return Ok(Place::Skipped);
        }
        self.dialect = Some(dialect);
        self.cleaned.language = self.languages.last().cloned();
        self.at_home();
        if local == "entry" {
            return Ok(self.begin_entry(attributes));
        }
        Ok(Place::Feed)
    }

    /// The names of RSS in Atom's namespace, as publishers declare it who mean to declare a prefix, are RSS.
    fn at_home(&mut self) {
        let own = self.bindings.iter().rev().find(|(prefix, _)| prefix.is_empty());
        if self.dialect == Some(Dialect::Rss) && own.is_some_and(|(_, ns)| *ns == Ns::Atom) {
            self.bindings.push((String::new(), Ns::Rss));
        }
    }

    fn enter_feed_child(&mut self, ns: Ns, local: &str, attributes: &Attributes) -> Place {
        match (ns, local) {
            (Ns::Rss | Ns::Atom, "channel") => {
                self.at_home();
                return Place::Feed;
            }
            (Ns::Rss | Ns::Atom, "item" | "entry") => return self.begin_entry(attributes),
            (Ns::Atom, "author") => return Place::Person,
            _ => {}
        }
        match of_feed(ns, local) {
            Some((Meaning::Link, _)) if attributes.href().is_some() => {
                self.feed_link(attributes);
                Place::Skipped
            }
            Some((meaning, weight)) => self.begin_leaf(ns, meaning, weight, attributes),
            None => Place::Skipped,
        }
    }

    fn enter_entry_child(&mut self, ns: Ns, local: &str, attributes: &Attributes) -> Place {
        match (ns, local) {
            (Ns::Rss | Ns::Atom, "item" | "entry") => {
                // An entry inside an entry: the end tag of the first was forgotten.
                self.close_entry();
                if let Some(frame) = self.stack.iter_mut().rev().find(|f| f.place == Place::Entry) {
                    frame.place = Place::Feed;
                }
                return self.begin_entry(attributes);
            }
            (Ns::Atom, "author") => return Place::Person,
            (Ns::Media, "group") => return Place::Media,
            (Ns::Rss, "a") if attributes.href().is_some() => {
                self.entry_link(attributes);
                return Place::Skipped;
            }
            _ => {}
        }
        let Some((meaning, weight)) = of_entry(ns, local) else { return Place::Skipped };
        match meaning {
            Meaning::Link if attributes.href().is_some() => self.entry_link(attributes),
            Meaning::MediaContent => {
                self.picture(meaning, attributes);
                return Place::Media;
            }
            Meaning::Enclosure | Meaning::MediaThumbnail | Meaning::PodcastImage => self.picture(meaning, attributes),
            Meaning::Category if attributes.get("term").is_some() => {
                let label = attributes.get("label").filter(|l| !l.trim().is_empty());
                let term = label.or_else(|| attributes.get("term")).unwrap_or_default();
                self.draft().categories.push(term.to_owned());
            }
            _ => {
                if meaning == Meaning::Id && attributes.get("ispermalink").is_some_and(says_no) {
                    self.draft().guid_is_link = false;
                }
                return self.begin_leaf(ns, meaning, weight, attributes);
            }
        }
        Place::Skipped
    }

    fn begin_leaf(&mut self, ns: Ns, meaning: Meaning, weight: Weight, attributes: &Attributes) -> Place {
        self.leaf = Some(Leaf::new(ns, meaning, weight, attributes));
        Place::Leaf
    }

    fn begin_entry(&mut self, attributes: &Attributes) -> Place {
        self.cleaned.drafts.push(Draft {
            guid_is_link: true,
            language: self.languages.last().cloned(),
            ..Draft::default()
        });
        // RSS 1.0 identifies its items by `rdf:about`; CDF puts address and date into the item's tag.
        if let Some(about) = attributes.iter().find(|(k, _)| split(k).1 == "about").map(|(_, v)| v) {
            let draft = self.draft();
            draft.seen[Meaning::Id as usize] = 1;
            about.clone_into(&mut draft.guid);
        }
        if attributes.href().is_some() {
            self.entry_link(attributes);
        }
        if let Some(date) = attributes.get("lastmod") {
            self.draft().updated = date::parse(date);
        }
        Place::Entry
    }
}

/// RSS 2.0 knows `false` alone; programs write their own language's form of it.
fn says_no(value: &str) -> bool {
    ["false", "no", "0"].iter().any(|no| value.trim().eq_ignore_ascii_case(no))
}
