//! Who sends: the names and addresses that stand in every mail and on every page.
//! It holds no relay settings.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{cache::Key, href::Href, plain};

/// Characters of a sender's name that phones show.
const NAME: usize = 25;

/// The publisher as readers see it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// The name in From and in the masthead, at most 25 characters.
    pub name: String,
    /// Where the masthead links to.
    pub home_url: Href,
    /// A mailbox that people read: Reply-To, and the last line of every mail.
    pub contact_email: String,
    /// The address in From.
    pub from_address: String,
    /// The publisher's name and place by law, on one line.
    pub postal_address: String,
    /// Where the pages of depeche are reached, without a slash at the end: `https://lettres.example.org`.
    pub base_url: Href,
}

/// Something in the publisher's data that readers should not see so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublisherError {
    /// Nothing there.
    #[error("`{0}` is empty; every mail shows it")]
    Empty(&'static str),
    /// Cut off by phones.
    #[error("`name` has {0} characters; phones show {NAME}")]
    LongName(usize),
    /// Not an address.
    #[error("`{field}` is `{value}`, which is no mail address; `redaction@example.org` is one")]
    Address {
        /// Which one.
        field: &'static str,
        /// What stands there.
        value: String,
    },
    /// Not a web address.
    #[error("`{field}` is `{value}`; it must begin with `https://` (or `http://` on this machine)")]
    Web {
        /// Which one.
        field: &'static str,
        /// What stands there.
        value: String,
    },
}

impl Publisher {
    /// The address of one of our pages; `path` without a slash in front.
    pub fn page(&self, path: &str) -> String {
        format!("{}/{path}", self.base_url.as_str().trim_end_matches('/'))
    }

    /// Whether it can stand in a mail. To be called where the config is read.
    pub fn check(&self) -> Result<(), PublisherError> {
        for (field, value) in [("name", &self.name), ("postal_address", &self.postal_address)] {
            if plain::clean(value).is_empty() {
                return Err(PublisherError::Empty(field));
            }
        }
        let letters = plain::length(&self.name);
        if letters > NAME {
            return Err(PublisherError::LongName(letters));
        }
        for (field, value) in [("contact_email", &self.contact_email), ("from_address", &self.from_address)] {
            let right = value.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'));
            if !right
                || value.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | '"'))
            {
                return Err(PublisherError::Address { field, value: value.clone() });
            }
        }
        for (field, url) in [("home_url", &self.home_url), ("base_url", &self.base_url)] {
            if url.as_str().starts_with("mailto:") {
                return Err(PublisherError::Web { field, value: url.to_string() });
            }
        }
        Ok(())
    }

    pub(super) fn data(&self) -> Json {
        json!({
            "name": plain::clean(&self.name),
            "home_url": self.home_url,
            "contact_email": plain::clean(&self.contact_email),
            "contact_url": Href::mailto(&self.contact_email).ok(),
            "from_address": plain::clean(&self.from_address),
            "postal_address": plain::clean(&self.postal_address),
        })
    }

    pub(super) fn key(&self, key: &mut Key) {
        key.text(&self.name).text(self.home_url.as_str()).text(&self.contact_email).text(&self.postal_address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fanal() -> Publisher {
        crate::render::sample::publisher()
    }

    #[test]
    fn what_readers_should_not_see_is_refused() {
        assert_eq!(fanal().check(), Ok(()));
        for (publisher, what) in [
            (Publisher { name: " ".to_owned(), ..fanal() }, "`name` is empty"),
            (Publisher { name: "Le Fanal de la Loire et de l’Erdre".to_owned(), ..fanal() }, "phones show 25"),
            (Publisher { contact_email: "redaction".to_owned(), ..fanal() }, "`contact_email`"),
            (Publisher { from_address: "a@b.example\r\nBcc: x@y.example".to_owned(), ..fanal() }, "`from_address`"),
            (Publisher { postal_address: String::new(), ..fanal() }, "`postal_address` is empty"),
            (Publisher { base_url: "mailto:x@y.example".parse().expect("an address"), ..fanal() }, "`base_url`"),
        ] {
            let error = publisher.check().expect_err(what).to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
