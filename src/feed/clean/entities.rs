//! The entities that a document declares for itself (XML 1.0, section 4.2), as plain text only.
//! It expands nothing inside of them: that is how documents explode.

use super::unescape;

/// Entities kept of one document; RSS 0.91's own document type names a hundred.
const MAX_ENTITIES: usize = 256;
/// Bytes of one entity's text.
const MAX_TEXT: usize = 200;
/// Expansions in one document: with [`MAX_TEXT`] it bounds what a small document can grow to.
const MAX_EXPANSIONS: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Entities {
    known: Vec<(String, String)>,
    expanded: usize,
}

impl Entities {
    /// Reads the internal subset of a document type declaration; external and parameter entities are passed over.
    pub(super) fn of(doctype: &str) -> Self {
        let declarations = doctype.split("<!ENTITY").skip(1).filter_map(|declaration| {
            let (name, rest) = declaration.trim_start().split_once(char::is_whitespace)?;
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let text = rest[1..].split(quote).next().filter(|text| text.len() <= MAX_TEXT)?;
            // References to characters are resolved where the entity is declared (section 4.4.5).
            let text = unescape(text);
            let plain = name != "%" && !text.contains(['&', '<', '%']);
            plain.then(|| (name.to_owned(), text))
        });
        Self { known: declarations.take(MAX_ENTITIES).collect(), expanded: 0 }
    }

    pub(super) fn expand(&mut self, name: &str) -> Option<&str> {
        let (_, text) = self.known.iter().find(|(n, _)| n == name)?;
        self.expanded += 1;
        (self.expanded <= MAX_EXPANSIONS).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_entities_are_kept() {
        let doctype = r#"rss [ <!ENTITY id "tag:x,"> <!ENTITY lol "&id;&id;"> <!ENTITY f SYSTEM "file:///x">
            <!ENTITY % p "q"> <!ENTITY e "caf&#233;"> <!ENTITY nest "&#38;lol;"> <!ENTITY tag "&#60;b>"> ]"#;
        let mut entities = Entities::of(doctype);
        assert_eq!(entities.expand("id"), Some("tag:x,"));
        assert_eq!(entities.expand("lol"), None);
        assert_eq!(entities.expand("f"), None);
        assert_eq!(entities.expand("p"), None);
        assert_eq!(entities.expand("e"), Some("café"));
        assert_eq!(entities.expand("nest"), None);
        assert_eq!(entities.expand("tag"), None);
    }

    #[test]
    fn expansions_end() {
        let mut entities = Entities::of("rss [<!ENTITY e 'x'>]");
        let expanded = (0..MAX_EXPANSIONS + 5).filter(|_| entities.expand("e").is_some()).count();
        assert_eq!(expanded, MAX_EXPANSIONS);
    }
}
