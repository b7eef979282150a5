//! What stands around the articles of a mail: its shell and its parts, drawn once for a publisher, language and set of links.
//! It does not know what goes into them.

use serde_json::{Map, Value as Json, json};

use super::{
    cache::Key,
    href::Href,
    language::UiLanguage,
    publisher::Publisher,
    stencil::{Hole, Stencil},
    template::{RenderError, Templates},
};

/// A template drawn as HTML and as text.
#[derive(Debug, Default)]
pub(super) struct Pair {
    html: Stencil,
    text: Stencil,
}

impl Pair {
    pub(super) fn of(&self, html: bool) -> &Stencil {
        if html { &self.html } else { &self.text }
    }

    fn draw(templates: &Templates, name: &str, data: &Json) -> Result<Self, RenderError> {
        Ok(Self {
            html: Stencil::cut(&templates.draw_html(name, data)?),
            text: Stencil::cut(&templates.draw_text(name, data)?),
        })
    }
}

/// Which mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Digest,
    Alert,
    Correction,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Digest, Self::Alert, Self::Correction];

    pub(super) fn template(self) -> &'static str {
        match self {
            Self::Digest => "mail/digest",
            Self::Alert => "mail/alert",
            Self::Correction => "mail/correction",
        }
    }
}

/// A link of a mail: its hole, its field, and where it leads. One that leads nowhere leaves no trace in the mail.
pub(super) type HoleLink<'a> = (Hole, &'static str, Option<&'a Href>);

/// The shell of a kind of mail, and the parts that are filled in between.
#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) shell: Pair,
    pub(super) proof: Pair,
    pub(super) note: Pair,
    pub(super) contents: Pair,
    pub(super) contents_topic: Pair,
    pub(super) section: Pair,
    pub(super) briefs: Pair,
    pub(super) more: Pair,
    pub(super) more_unlinked: Pair,
    pub(super) alerted: Pair,
    pub(super) nothing: Pair,
}

/// What a frame depends on.
#[derive(Clone, Copy)]
pub(super) struct FrameInput<'a> {
    pub(super) kind: Kind,
    pub(super) publisher: &'a Publisher,
    pub(super) language: UiLanguage,
    pub(super) links: &'a [HoleLink<'a>],
}

impl FrameInput<'_> {
    pub(super) fn key(&self, templates: &Templates, key: &mut Key) {
        let language = u8::try_from(self.language.index()).unwrap_or_default();
        key.clear().text(templates.hash()).bytes(&[self.kind as u8, language]);
        for (_, _, link) in self.links {
            key.bytes(&[u8::from(link.is_some())]);
        }
        self.publisher.key(key);
    }

    pub(super) fn draw(&self, templates: &Templates) -> Result<Frame, RenderError> {
        let part = |name: &str, holes: &[(&str, Hole)]| {
            let mut data = Map::new();
            data.insert("lang".to_owned(), self.language.code().into());
            for (field, hole) in holes {
                data.insert((*field).to_owned(), hole.mark().to_string().into());
            }
            Pair::draw(templates, &format!("mail/parts/{name}"), &Json::Object(data))
        };
        let more_unlinked = json!({ "lang": self.language.code(), "text": Hole::Text.mark(), "url": null });
        Ok(Frame {
            shell: Pair::draw(templates, self.kind.template(), &self.shell())?,
            proof: part("proof", &[])?,
            note: part("note", &[("title", Hole::Title), ("text", Hole::Text)])?,
            contents: part("contents", &[("items", Hole::Items)])?,
            contents_topic: part(
                "contents-topic",
                &[("title", Hole::Title), ("number", Hole::Number), ("items", Hole::Items)],
            )?,
            section: part("section", &[("title", Hole::Title)])?,
            briefs: part("briefs", &[("items", Hole::Items)])?,
            more: part("more", &[("text", Hole::Text), ("url", Hole::Url)])?,
            more_unlinked: Pair::draw(templates, "mail/parts/more", &more_unlinked)?,
            alerted: part("alerted", &[("items", Hole::Items)])?,
            nothing: part("nothing", &[("text", Hole::Text)])?,
        })
    }

    fn shell(&self) -> Json {
        let holes = [
            ("subject", Hole::Subject),
            ("preheader", Hole::Preheader),
            ("headline", Hole::Headline),
            ("figures", Hole::Figures),
            ("proof", Hole::Proof),
            ("note", Hole::Note),
            ("contents", Hole::Contents),
            ("articles", Hole::Articles),
            ("brief", Hole::Brief),
            ("more", Hole::More),
            ("alerted", Hole::Alerted),
            ("nothing", Hole::Nothing),
            ("text", Hole::Text),
            ("subscribed", Hole::Subscribed),
            ("schedule", Hole::Schedule),
        ];
        let mut data = Map::new();
        data.insert("lang".to_owned(), self.language.code().into());
        data.insert("publisher".to_owned(), self.publisher.data());
        for (field, hole) in holes {
            data.insert(field.to_owned(), hole.mark().to_string().into());
        }
        for (hole, field, link) in self.links {
            data.insert((*field).to_owned(), link.map_or(Json::Null, |_| hole.mark().to_string().into()));
        }
        let any = ["share_url", "why_url", "data_url"].iter().any(|f| data.get(*f).is_some_and(|v| !v.is_null()));
        data.insert("any_url".to_owned(), any.into());
        Json::Object(data)
    }
}
