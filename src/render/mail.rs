//! What mails have in common: links, the words of the footer, and the result.
//! What stands between header and footer is in `digest`, `alert` and `letter`.

use chrono::NaiveDate;

use super::{frame::HoleLink, href::Href, locale::Speech, plain, quoted_printable, stencil::Hole, when};

/// Topics named in a footer; the rest is counted.
const TOPICS: usize = 12;
/// Characters of a topic's title.
const TOPIC: usize = 60;
/// Characters of a preheader.
pub(super) const PREHEADER: usize = 100;

/// A mail ready to be put into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// Subject on one line, not encoded, at most 90 characters (a proof's mark comes on top).
    pub subject: String,
    /// The line that mail programs show beside the subject; it is in `html` already.
    pub preheader: String,
    /// HTML part, quoted-printable, CR LF, ends with a line end.
    pub html: Vec<u8>,
    /// Text part, quoted-printable, CR LF, ends with a line end.
    pub text: Vec<u8>,
    /// How long the mail takes to read.
    pub minutes: u32,
}

impl Rendered {
    /// The HTML as the reader's program sees it.
    pub fn decoded_html(&self) -> Vec<u8> {
        quoted_printable::decode(&self.html)
    }

    /// The text as the reader's program sees it.
    pub fn decoded_text(&self) -> Vec<u8> {
        quoted_printable::decode(&self.text)
    }
}

/// Where a mail's footer leads. Absent ones leave no trace in the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links {
    /// The reader's choices.
    pub change: Href,
    /// Leaving; the page, not the one-click address.
    pub unsubscribe: Href,
    /// Fewer mails.
    pub less: Option<Href>,
    /// A pause.
    pub pause: Option<Href>,
    /// A form of this mail that can be passed on.
    pub share: Option<Href>,
    /// Why these articles.
    pub why: Option<Href>,
    /// What is kept about the reader.
    pub data: Option<Href>,
    /// This mail on the web, with the articles that are only counted here.
    pub web: Option<Href>,
}

impl Links {
    pub(super) fn holes(&self) -> [HoleLink<'_>; 7] {
        [
            (Hole::ChangeUrl, "change_url", Some(&self.change)),
            (Hole::UnsubscribeUrl, "unsubscribe_url", Some(&self.unsubscribe)),
            (Hole::LessUrl, "less_url", self.less.as_ref()),
            (Hole::PauseUrl, "pause_url", self.pause.as_ref()),
            (Hole::ShareUrl, "share_url", self.share.as_ref()),
            (Hole::WhyUrl, "why_url", self.why.as_ref()),
            (Hole::DataUrl, "data_url", self.data.as_ref()),
        ]
    }
}

/// Appends text that is filled into a hole: escaped in HTML, folded in the text part.
pub(super) fn put(out: &mut Vec<u8>, html: bool, text: &str) {
    if html {
        quoted_printable::encode_escaped(out, text);
    } else if text.len() <= plain::COLUMNS {
        quoted_printable::encode(out, text);
    } else {
        let mut folded = String::with_capacity(text.len() + 8);
        plain::fold_line(&mut folded, text);
        quoted_printable::encode(out, folded.trim_end_matches('\n'));
    }
}

/// Appends the address of the link that belongs into `hole`, if it is one of `links`.
pub(super) fn put_link(out: &mut Vec<u8>, html: bool, hole: Hole, links: &[HoleLink<'_>]) {
    if let Some((_, _, Some(href))) = links.iter().find(|(h, _, _)| *h == hole) {
        put_href(out, html, href);
    }
}

/// Appends an address: never folded.
pub(super) fn put_href(out: &mut Vec<u8>, html: bool, href: &Href) {
    if html {
        quoted_printable::encode_escaped(out, href.as_str());
    } else {
        quoted_printable::encode(out, href.as_str());
    }
}

/// A topic's title, clean and within its limit.
pub(super) fn topic(title: &str) -> String {
    plain::clipped(&plain::clean(title), TOPIC).into_owned()
}

/// Topics on one line: «Transports, Nantes et 3 autres».
pub(super) fn topics(speech: Speech<'_>, titles: &[&str]) -> String {
    let named = titles.iter().take(TOPICS).map(|t| topic(t)).collect::<Vec<_>>().join(", ");
    match titles.len().saturating_sub(TOPICS) {
        0 => named,
        more => speech.say("topics-more", &[("topics", named.into()), ("count", more.into())]),
    }
}

/// «Vous recevez ce message parce que vous avez confirmé votre inscription le 3 mars 2026.»
pub(super) fn subscribed(speech: Speech<'_>, on: NaiveDate) -> String {
    speech.say("subscribed", &[("date", when::whole_date(speech, on).into())])
}
