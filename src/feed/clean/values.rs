//! What the values of a feed's elements do: they fill the draft of an entry, or say something of the feed.
//! It does not walk the document.

use super::{Attributes, Dialect, Meaning, Pass, Weight, plain_title};
use crate::feed::{EntryImage, MAX_LINE, address::site_of, bounded, date, plain};

impl Pass {
    pub(super) fn feed_link(&mut self, attributes: &Attributes) {
        let Some(address) = attributes.href().and_then(|h| self.absolute(h)) else { return };
        match attributes.relation().as_str() {
            "alternate" if attributes.leads_to_page() => self.said.push((Meaning::Link, address)),
            "self" => self.cleaned.hints.self_url = Some(address),
            "hub" => self.cleaned.hints.hub = Some(address),
            _ => {}
        }
    }

    pub(super) fn entry_link(&mut self, attributes: &Attributes) {
        match attributes.relation().as_str() {
            "alternate" if attributes.leads_to_page() => {
                if let Some(address) = attributes.href().and_then(|h| self.absolute(h)) {
                    self.draft().link.get_or_insert(address);
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
        let image = &mut self.draft().image;
        if image.as_ref().is_none_or(|(known, _)| *known < rank) {
            *image = Some((rank, EntryImage { url, alt: String::new() }));
        }
    }

    pub(super) fn entry_value(&mut self, meaning: Meaning, weight: Weight, value: String) {
        let language = self.languages.last().cloned();
        // Only of what is an address: a text taken for one is a long one.
        let link = if matches!(meaning, Meaning::OriginalLink | Meaning::Link) { self.absolute(&value) } else { None };
        let dialect = self.dialect;
        let draft = self.draft();
        match meaning {
            Meaning::Language => draft.language = Some(value.to_ascii_lowercase()),
            Meaning::OriginalLink => draft.original_link = link,
            Meaning::MediaTitle | Meaning::MediaDescription => {
                if let Some((_, image)) = draft.image.as_mut().filter(|(_, i)| i.alt.is_empty()) {
                    bounded(&plain::from_unknown(&value), MAX_LINE).clone_into(&mut image.alt);
                }
                // Outside of one medium they speak of the whole entry; video sites give nothing else.
                if !self.in_one_medium() {
                    let meaning = if meaning == Meaning::MediaTitle { Meaning::Title } else { Meaning::Summary };
                    self.entry_value(meaning, weight, value);
                }
            }
            Meaning::Author if weight < 2 => draft.author = plain::person(&value),
            Meaning::Author => draft.authors.extend(plain::person(&value)),
            Meaning::Link => draft.link = draft.link.take().or(link),
            Meaning::Category => draft.categories.push(value),
            _ => {
                let is_date = matches!(meaning, Meaning::Published | Meaning::Updated);
                let date = if is_date { date::parse(&value) } else { None };
                let seen = &mut draft.seen[meaning as usize];
                // A date that is none hides no other.
                if weight < *seen || (is_date && date.is_none()) {
                    return;
                }
                *seen = weight;
                if language.is_some() && matches!(meaning, Meaning::Content | Meaning::Summary) {
                    draft.language = language;
                }
                match meaning {
                    Meaning::Title => draft.title = plain_title(dialect, &value),
                    Meaning::Id => draft.guid = value,
                    Meaning::Summary => draft.summary = Some(value),
                    Meaning::Content => draft.content = Some(value),
                    Meaning::Published => draft.published = date,
                    Meaning::Updated => draft.updated = date,
                    _ => {}
                }
            }
        }
    }

    pub(super) fn feed_value(&mut self, meaning: Meaning, weight: Weight, value: &str) {
        let hints = &mut self.cleaned.hints;
        match meaning {
            Meaning::Ttl => hints.ttl = leading_number(value),
            Meaning::SkipHours => hints.skip_hours = hours(value),
            Meaning::SkipDays => hints.skip_days = value.split_whitespace().filter_map(|d| d.parse().ok()).collect(),
            Meaning::UpdatePeriod => self.period = period_minutes(value),
            Meaning::UpdateFrequency => self.frequency = leading_number(value).unwrap_or(1).max(1),
            Meaning::Language if weight >= self.language_weight => {
                self.language_weight = weight;
                self.cleaned.language = Some(value.to_ascii_lowercase());
            }
            Meaning::Title if weight >= self.title_weight => {
                self.title_weight = weight;
                self.said.push((meaning, value.to_owned()));
            }
            Meaning::Link => {
                if self.dialect == Some(Dialect::Rss) && self.site.is_none() {
                    self.site = site_of(value, &self.bases[0]);
                }
                let link = self.absolute(value);
                self.said.extend(link.map(|link| (meaning, link)));
            }
            // Of RSS it is the one who made the feed.
            Meaning::Author if self.dialect == Some(Dialect::Atom) => {
                self.said.extend(plain::person(value).map(|name| (meaning, name)));
            }
            _ => {}
        }
    }
}

fn hours(value: &str) -> Vec<u8> {
    let hours = value.split_whitespace().filter_map(|h| h.parse::<u8>().ok()).filter(|h| *h <= 24);
    hours.map(|h| h % 24).collect()
}

/// The whole number that a value begins with: `720.0` and `60 minutes` are numbers, too.
fn leading_number(value: &str) -> Option<u32> {
    let value = value.trim();
    let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    // Only a number that is too large does not read here.
    (end > 0).then(|| value[..end].parse().unwrap_or(u32::MAX))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_with_what_publishers_write_behind_it() {
        for (value, number) in [
            ("60", Some(60)),
            ("720.0", Some(720)),
            (" 30 minutes ", Some(30)),
            ("15min", Some(15)),
            ("0", Some(0)),
            ("99999999999999", Some(u32::MAX)),
            ("", None),
            ("-5", None),
            ("soon", None),
            (".5", None),
            ("PT60M", None),
        ] {
            assert_eq!(leading_number(value), number, "{value:?}");
        }
    }
}
