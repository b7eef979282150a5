//! The words around the articles, by Fluent, in the languages of [`UiLanguage`].
//! It knows no layout and no mail.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle, types::FluentNumber};

use super::{
    language::UiLanguage,
    template::{Source, TemplateError},
};

/// All messages in all languages.
pub(super) struct Locales {
    /// In the order of [`UiLanguage::ALL`].
    bundles: Vec<FluentBundle<FluentResource>>,
    /// What a message may be given: id to names of variables, over all built-in languages.
    variables: BTreeMap<String, BTreeSet<String>>,
}

/// A locale file: `locales/<lang>/<name>.ftl`.
pub(super) struct LocaleFile<'a> {
    pub(super) language: UiLanguage,
    pub(super) source: &'a Source,
}

impl Locales {
    /// Built-in files first; own files replace single messages.
    pub(super) fn load(files: &[LocaleFile<'_>]) -> Result<Self, TemplateError> {
        let mut locales = Self { bundles: UiLanguage::ALL.map(bundle).into(), variables: BTreeMap::new() };
        for LocaleFile { source, .. } in files.iter().filter(|f| !f.source.own) {
            for message in messages(&source.text) {
                locales
                    .variables
                    .entry(message.id)
                    .or_default()
                    .extend(message.variables.into_iter().map(|(name, _)| name));
            }
        }
        for LocaleFile { language, source } in files {
            let resource = FluentResource::try_new(source.text.clone()).map_err(|(_, errors)| {
                let at = errors.first().map_or(0, |e| e.pos.start);
                let what = errors.first().map_or_else(String::new, |e| e.kind.to_string());
                TemplateError::at(source, line_at(&source.text, at), format!("not a Fluent message: {what}"))
            })?;
            if source.own {
                locales.check(source)?;
            }
            locales.bundles[language.index()].add_resource_overriding(resource);
        }
        Ok(locales)
    }

    /// A variable that depeche does not give would be shown to readers as `{$name}`.
    fn check(&self, source: &Source) -> Result<(), TemplateError> {
        for message in messages(&source.text) {
            let Some(known) = self.variables.get(&message.id) else { continue };
            if let Some((name, line)) = message.variables.iter().find(|(name, _)| !known.contains(name)) {
                let known = known.iter().map(|k| format!("`${k}`")).collect::<Vec<_>>().join(", ");
                let right =
                    if known.is_empty() { "it is given none".to_owned() } else { format!("it is given {known}") };
                return Err(TemplateError::at(
                    source,
                    *line,
                    format!("the message `{}` is not given `${name}`; {right}", message.id),
                ));
            }
        }
        Ok(())
    }

    /// Whether the message exists in `language`.
    pub(super) fn knows(&self, language: UiLanguage, id: &str) -> bool {
        self.bundles[language.index()].get_message(id).is_some_and(|m| m.value().is_some())
    }

    /// The ids of all built-in messages.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// The words of one language.
    pub(super) fn of(&self, language: UiLanguage) -> Speech<'_> {
        Speech { bundle: &self.bundles[language.index()] }
    }
}

/// The words of one language.
#[derive(Clone, Copy)]
pub(super) struct Speech<'a> {
    bundle: &'a FluentBundle<FluentResource>,
}

impl Speech<'_> {
    /// The message `id`, filled. An id that does not exist reads as itself: tests and the load check see to it that none does.
    pub(super) fn say(self, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        let Some(pattern) = self.bundle.get_message(id).and_then(|m| m.value()) else { return id.to_owned() };
        let mut args = FluentArgs::with_capacity(arguments.len());
        for (name, value) in arguments {
            args.set(*name, value.clone());
        }
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// The message `id`, which is given nothing.
    pub(super) fn word(self, id: &str) -> String {
        self.say(id, &[])
    }
}

fn bundle(language: UiLanguage) -> FluentBundle<FluentResource> {
    let tag = language.code().parse().expect("a language code is a language tag");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks are for mixed directions, which none of these languages has; some mail programs show them as boxes.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match language {
        UiLanguage::Fr => |value, _| grouped(value, "\u{202f}"),
        UiLanguage::En => |value, _| grouped(value, ","),
        UiLanguage::De | UiLanguage::Nl => |value, _| grouped(value, "."),
    }));
    bundle
}

/// Numbers of thousands and more with their mark: 1,234.
fn grouped(value: &FluentValue<'_>, mark: &str) -> Option<String> {
    let FluentValue::Number(FluentNumber { value, .. }) = value else { return None };
    if value.abs() < 1000.0 || value.fract() != 0.0 {
        return None;
    }
    let digits = format!("{value:.0}");
    let mut out = String::with_capacity(digits.len() + 8);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n) % 3 == 0 && !out.ends_with('-') {
            out.push_str(mark);
        }
        out.push(digit);
    }
    Some(out)
}

/// A message as it stands in a file: what it is called, and what it wants to be given, with lines.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) line: usize,
    variables: Vec<(String, usize)>,
}

/// The messages of a file that is known to parse: an id stands at the margin, what belongs to it is indented.
pub(super) fn messages(text: &str) -> Vec<Message> {
    let mut found: Vec<Message> = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.starts_with('#')) {
        if line.starts_with(|c: char| c.is_ascii_alphabetic())
            && let Some((id, _)) = line.split_once('=')
        {
            found.push(Message { id: id.trim().to_owned(), line: n + 1, variables: Vec::new() });
        }
        if let Some(message) = found.last_mut() {
            message
                .variables
                .extend(line.split('$').skip(1).map(|v| (variable(v), n + 1)).filter(|(v, _)| !v.is_empty()));
        }
    }
    found
}

fn variable(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn line_at(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|b| **b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::template::Templates;

    #[test]
    fn every_language_has_every_message_with_the_same_variables() {
        let mut by_id: BTreeMap<String, BTreeMap<UiLanguage, BTreeSet<String>>> = BTreeMap::new();
        for (language, text) in Templates::built_in_locales() {
            for message in messages(text) {
                let variables = message.variables.into_iter().map(|(v, _)| v).collect();
                let doubled = by_id.entry(message.id.clone()).or_default().insert(language, variables);
                assert!(doubled.is_none(), "{} stands twice in {language}", message.id);
            }
        }
        for (id, languages) in by_id {
            assert_eq!(languages.len(), UiLanguage::ALL.len(), "`{id}` stands only in {:?}", languages.keys());
        }
    }

    #[test]
    fn thousands_are_marked_as_each_language_does() {
        for (value, mark, want) in [
            (999.0, ",", None),
            (1234.0, ",", Some("1,234")),
            (1_234_567.0, "\u{202f}", Some("1\u{202f}234\u{202f}567")),
            (0.5, ",", None),
        ] {
            assert_eq!(grouped(&FluentValue::from(value), mark).as_deref(), want);
        }
    }
}
