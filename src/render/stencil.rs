//! Templates drawn once and cut at their holes, so that a mail is a splice of encoded pieces.
//! It does not know what goes into the holes.

use super::quoted_printable::{self, Encoder};

/// A place in a drawn template that is filled for each mail. In template data it stands as one noncharacter (U+FDD0 to U+FDEF),
/// which no text from outside can hold: [`super::plain`] takes them away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Hole {
    Subject,
    Preheader,
    Headline,
    Figures,
    Proof,
    Note,
    Contents,
    Articles,
    Brief,
    More,
    Alerted,
    Nothing,
    Subscribed,
    Schedule,
    ChangeUrl,
    LessUrl,
    PauseUrl,
    UnsubscribeUrl,
    ShareUrl,
    WhyUrl,
    DataUrl,
    MuteUrl,
    DigestUrl,
    Number,
    Title,
    Text,
    Items,
    Url,
    OwnWords,
}

const HOLES: [Hole; 29] = [
    Hole::Subject,
    Hole::Preheader,
    Hole::Headline,
    Hole::Figures,
    Hole::Proof,
    Hole::Note,
    Hole::Contents,
    Hole::Articles,
    Hole::Brief,
    Hole::More,
    Hole::Alerted,
    Hole::Nothing,
    Hole::Subscribed,
    Hole::Schedule,
    Hole::ChangeUrl,
    Hole::LessUrl,
    Hole::PauseUrl,
    Hole::UnsubscribeUrl,
    Hole::ShareUrl,
    Hole::WhyUrl,
    Hole::DataUrl,
    Hole::MuteUrl,
    Hole::DigestUrl,
    Hole::Number,
    Hole::Title,
    Hole::Text,
    Hole::Items,
    Hole::Url,
    Hole::OwnWords,
];

/// First of the 32 noncharacters.
const FIRST: u32 = 0xFDD0;

/// Whether `letter` marks a hole.
pub(super) fn is_mark(letter: char) -> bool {
    ('\u{FDD0}'..='\u{FDEF}').contains(&letter)
}

impl Hole {
    /// The letter that stands for the hole in template data.
    pub(super) fn mark(self) -> char {
        char::from_u32(FIRST + self as u32).expect("fewer than 32 holes")
    }

    /// Whether whole lines go here, which bring their own line ends.
    fn takes_lines(self) -> bool {
        matches!(
            self,
            Self::Proof
                | Self::Note
                | Self::Contents
                | Self::Articles
                | Self::Brief
                | Self::More
                | Self::Alerted
                | Self::Nothing
                | Self::Items
        )
    }

    fn of(letter: char) -> Option<Self> {
        let index = u32::from(letter).checked_sub(FIRST)?;
        HOLES.get(usize::try_from(index).ok()?).copied()
    }
}

/// A drawn template: encoded bytes, and where among them which hole is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stencil {
    encoded: Vec<u8>,
    cuts: Vec<(usize, Hole)>,
}

impl Stencil {
    /// Cuts drawn text at its marks and encodes what lies between. The line end after a hole that takes lines goes with the mark.
    pub(super) fn cut(drawn: &str) -> Self {
        let mut stencil = Self::default();
        let mut rest = drawn;
        while let Some(at) = rest.find(is_mark) {
            let mark = rest[at..].chars().next().expect("a mark was found here");
            stencil.push(&rest[..at]);
            if let Some(hole) = Hole::of(mark) {
                stencil.cuts.push((stencil.encoded.len(), hole));
            }
            rest = &rest[at + mark.len_utf8()..];
            if Hole::of(mark).is_some_and(Hole::takes_lines) {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
            }
        }
        stencil.push(rest);
        stencil.encoded.shrink_to_fit();
        stencil
    }

    fn push(&mut self, text: &str) {
        let mut encoder = Encoder::new(&mut self.encoded);
        encoder.push(text);
        encoder.finish();
    }

    /// Appends the pieces to `out`, calling `fill` at each hole.
    pub(super) fn fill(&self, out: &mut Vec<u8>, mut fill: impl FnMut(Hole, &mut Vec<u8>)) {
        let mut from = 0;
        for &(at, hole) in &self.cuts {
            out.extend_from_slice(&self.encoded[from..at]);
            from = at;
            fill(hole, out);
        }
        out.extend_from_slice(&self.encoded[from..]);
    }

    /// Appends a stencil that has no holes, or whose holes stay empty.
    pub(super) fn copy(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.encoded);
    }

    /// Bytes held.
    pub(super) fn weight(&self) -> usize {
        self.encoded.len() + self.cuts.len() * size_of::<(usize, Hole)>()
    }

    /// Whether `hole` is among the holes, and in HTML in the place of a link's address.
    pub(super) fn links_to(&self, hole: Hole, html: bool) -> bool {
        let before = |at: usize| quoted_printable::decode(&self.encoded[..at]);
        self.cuts.iter().any(|&(at, cut)| cut == hole && (!html || before(at).ends_with(b"href=\"")))
    }

    /// Length of the text before encoding.
    pub(super) fn decoded_len(&self) -> usize {
        quoted_printable::decode(&self.encoded).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hole_has_its_own_mark() {
        for (n, hole) in HOLES.into_iter().enumerate() {
            assert_eq!(hole as usize, n);
            assert_eq!(Hole::of(hole.mark()), Some(hole));
            assert!(is_mark(hole.mark()));
        }
    }

    #[test]
    fn a_filled_stencil_reads_as_the_template_would() {
        let drawn = format!("<a href=\"{}\">x</a>\n{}{}end\n", Hole::Url.mark(), Hole::Title.mark(), Hole::Text.mark());
        let mut out = Vec::new();
        Stencil::cut(&drawn).fill(&mut out, |hole, out| match hole {
            Hole::Url => quoted_printable::encode(out, "https://example.org/?a=b"),
            Hole::Title => quoted_printable::encode(out, "é\n"),
            _ => {}
        });
        assert_eq!(
            String::from_utf8_lossy(&quoted_printable::decode(&out)),
            "<a href=\"https://example.org/?a=b\">x</a>\r\né\r\nend\r\n"
        );
    }
}
