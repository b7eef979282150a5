//! What the values of a feed's elements do: most are written on, the rest becomes hints and asides.
//! It does not walk the document.

use super::{Attributes, Meaning, Pass, Weight};
use crate::feed::{EntryImage, MAX_LINE, bounded, plain};

impl Pass {
    pub(super) fn feed_link(&mut self, attributes: &Attributes) {
        let Some(address) = attributes.href().and_then(|h| self.absolute(h)) else { return };
        match attributes.relation() {
            "alternate" if attributes.leads_to_page() => self.write(Meaning::Link, &address),
            "self" => self.cleaned.hints.self_url = Some(address),
            "hub" => self.cleaned.hints.hub = Some(address),
            _ => {}
        }
    }

    pub(super) fn entry_link(&mut self, attributes: &Attributes) {
        match attributes.relation() {
            "alternate" if attributes.leads_to_page() => {
                if let Some(address) = attributes.href().and_then(|h| self.absolute(h)) {
                    self.write(Meaning::Link, &address);
                }
            }
            "enclosure" => self.picture(Meaning::Enclosure, attributes),
            _ => {}
        }
    }

    /// Keeps a picture if it is one and ranks above what is known: a full one marked so, a thumbnail, an enclosure.
    pub(super) fn picture(&mut self, meaning: Meaning, attributes: &Attributes) {
        let says_image = attributes.is_picture();
        let rank = match meaning {
            Meaning::MediaContent if says_image => 4,
            Meaning::MediaThumbnail => 3,
            Meaning::Enclosure if says_image => 2,
            Meaning::PodcastImage => 1,
            _ => return,
        };
        let address = attributes.get("url").or_else(|| attributes.href());
        let Some(url) = address.and_then(|a| self.absolute(a)) else { return };
        let image = &mut self.aside().image;
        if image.as_ref().is_none_or(|(known, _)| *known < rank) {
            *image = Some((rank, EntryImage { url, alt: String::new() }));
        }
    }

    pub(super) fn entry_value(&mut self, meaning: Meaning, weight: Weight, value: String) {
        let language = self.languages.last().cloned();
        // Only of what is an address: a text taken for one is a long one.
        let link = if matches!(meaning, Meaning::OriginalLink | Meaning::Link) { self.absolute(&value) } else { None };
        let aside = self.aside();
        match meaning {
            Meaning::Language => aside.language = Some(value.to_ascii_lowercase()),
            Meaning::OriginalLink => aside.original_link = link,
            Meaning::MediaTitle | Meaning::MediaDescription => {
                if let Some((_, image)) = aside.image.as_mut().filter(|(_, i)| i.alt.is_empty()) {
                    bounded(&plain::from_unknown(&value), MAX_LINE).clone_into(&mut image.alt);
                }
                // Outside of one medium they speak of the whole entry; video sites give nothing else.
                if !self.in_one_medium() {
                    let meaning = if meaning == Meaning::MediaTitle { Meaning::Title } else { Meaning::Summary };
                    self.entry_value(meaning, weight, value);
                }
            }
            Meaning::Author if weight < 2 => aside.author = plain::person(&value),
            Meaning::Author => self.write_person(&value),
            Meaning::Link => {
                if let Some(link) = link {
                    self.write(meaning, &link);
                }
            }
            Meaning::Category => self.write(meaning, &value),
            _ => {
                let seen = &mut aside.seen[meaning as usize];
                if weight < *seen {
                    return;
                }
                *seen = weight;
                let text = match meaning {
                    Meaning::Summary => &mut aside.summary,
                    Meaning::Content => &mut aside.content,
                    _ => return self.write(meaning, &value),
                };
                *text = Some(value);
                aside.language = language.or(aside.language.take());
            }
        }
    }

    pub(super) fn feed_value(&mut self, meaning: Meaning, weight: Weight, value: &str) {
        let hints = &mut self.cleaned.hints;
        match meaning {
            Meaning::Ttl => hints.ttl = value.parse().ok(),
            Meaning::SkipHours => hints.skip_hours = hours(value),
            Meaning::SkipDays => hints.skip_days = value.split_whitespace().filter_map(|d| d.parse().ok()).collect(),
            Meaning::UpdatePeriod => self.period = period_minutes(value),
            Meaning::UpdateFrequency => self.frequency = value.parse().unwrap_or(1).max(1),
            Meaning::Language if weight >= self.language_weight => {
                self.language_weight = weight;
                self.cleaned.language = Some(value.to_ascii_lowercase());
            }
            Meaning::Title if weight >= self.title_weight => {
                self.title_weight = weight;
                self.write(meaning, value);
            }
            Meaning::Link => {
                if let Some(link) = self.absolute(value) {
                    self.write(meaning, &link);
                }
            }
            Meaning::Author => self.write_person(value),
            _ => {}
        }
    }

    fn write_person(&mut self, value: &str) {
        if let Some(name) = plain::person(value) {
            self.write(Meaning::Author, &name);
        }
    }
}

fn hours(value: &str) -> Vec<u8> {
    let hours = value.split_whitespace().filter_map(|h| h.parse::<u8>().ok()).filter(|h| *h <= 24);
    hours.map(|h| h % 24).collect()
}

/// Minutes of a `sy:updatePeriod` (RSS 1.0 syndication module).
fn period_minutes(value: &str) -> Option<u32> {
    match value.to_ascii_lowercase().as_str() {
        "hourly" => Some(60),
        "daily" => Some(24 * 60),
        "weekly" => Some(7 * 24 * 60),
        "monthly" => Some(30 * 24 * 60),
        "yearly" => Some(365 * 24 * 60),
        _ => None,
    }
}
