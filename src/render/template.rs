//! Loads templates, locales and the style sheet, embedded or from a directory, and draws them.
//! It knows the files' names and fields, not what a digest is.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use handlebars::Handlebars;
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};

use super::{
    check, embedded,
    expressions::Expressions,
    language::UiLanguage,
    locale::{LocaleFile, Locales, Speech},
    plain,
    style::Styles,
};

/// Bytes of one template file at most; ours have some kB.
const LARGEST_FILE: u64 = 256 * 1024;
/// Files of a directory of own templates at most; we have about 60.
const MOST_FILES: usize = 500;

/// Why templates are refused. Found at load, never at send; each says where and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A file cannot be read.
    #[error("{}: {source}; the directory of own templates and its files must be readable for depeche", path.display())]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file that is not one of the set.
    #[error("{}: depeche has no template of this name{}; see docs/templates.md for the list", path.display(), hint(suggestion.as_deref()))]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The nearest name of the set.
        suggestion: Option<String>,
    },
    /// Something wrong at a place.
    #[error("{place}:{line}: {what}")]
    Wrong {
        /// The file as the operator knows it.
        place: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// Something that the whole file lacks or has too much of.
    #[error("{place}: {what}")]
    Whole {
        /// The file as the operator knows it.
        place: String,
        /// What is wrong, and what would be right.
        what: String,
    },
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |s| format!("; did you mean `{s}`?"))
}

impl TemplateError {
    pub(super) fn at(source: &Source, line: usize, what: String) -> Self {
        Self::Wrong { place: source.place.clone(), line, what }
    }

    pub(super) fn whole(source: &Source, what: String) -> Self {
        Self::Whole { place: source.place.clone(), what }
    }
}

/// A template that could not be drawn although it passed the load check.
#[derive(Debug, thiserror::Error)]
#[error("the template `{template}` could not be drawn: {reason}")]
pub struct RenderError {
    template: String,
    reason: String,
}

/// One file of the set.
pub(super) struct Source {
    /// Where it stands, for messages: `templates/mail/digest.html.hbs (built in)` or its path.
    pub(super) place: String,
    pub(super) text: String,
    /// Whether it comes from the operator's directory.
    pub(super) own: bool,
}

/// A checked set of templates, locales and styles. Cheap to share, safe to use from many threads, immutable.
pub struct Templates {
    html: Handlebars<'static>,
    text: Handlebars<'static>,
    locales: Arc<Locales>,
    page_css: Arc<str>,
    hash: String,
}

impl Templates {
    /// The embedded set, with the files of `dir` in the place of those of the same name.
    ///
    /// Everything is checked here: syntax, fields, links, styles, messages, and that every mail can be drawn in every
    /// language and keeps its unsubscribe link.
    pub fn load(dir: Option<&Path>) -> Result<Self, TemplateError> {
        let sources = sources(dir)?;
        let sheet = &sources["mail/style.css"];
        let styles = Styles::parse(&sheet.text).map_err(|f| TemplateError::at(sheet, f.line, f.what))?;
        let locales = Locales::load(&locale_files(&sources))?;
        let mut templates = Self {
            html: registry(),
            text: registry(),
            locales: Arc::new(locales),
            page_css: page_css(&sources["web/style.css"])?,
            hash: hash(&sources),
        };
        templates.text.register_escape_fn(handlebars::no_escape);
        let expressions = Expressions {
            locales: Arc::clone(&templates.locales),
            styles: Arc::new(styles),
            page_css: Arc::clone(&templates.page_css),
        };
        expressions.register(&mut templates.html);
        expressions.register(&mut templates.text);
        for (name, source) in &sources {
            templates.register(name, source, &expressions)?;
        }
        check::locale_ids(&sources, &templates.locales)?;
        check::drawn(&templates, &sources)?;
        Ok(templates)
    }

    /// The embedded set alone.
    pub fn built_in() -> Self {
        Self::load(None).expect("the embedded templates pass their own check: a test loads them")
    }

    /// Which set this is: 16 hexadecimal digits over all its files.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    fn register(&mut self, file: &str, source: &Source, expressions: &Expressions) -> Result<(), TemplateError> {
        let (registry, name, kind) = if let Some(name) = file.strip_suffix(".html.hbs") {
            (&mut self.html, name, check::Kind::MailHtml)
        } else if let Some(name) = file.strip_suffix(".txt.hbs") {
            (&mut self.text, name, check::Kind::MailText)
        } else if let Some(name) = file.strip_suffix(".hbs") {
            (&mut self.html, name, check::Kind::Page)
        } else {
            return Ok(());
        };
        let template = handlebars::Template::compile_with_name(&source.text, name.to_owned()).map_err(|e| {
            let line = e.pos().map_or(1, |(line, _)| line);
            TemplateError::at(source, line, check::syntax(&e))
        })?;
        check::template(source, name, kind, &template, expressions)?;
        registry.register_template(name, template);
        Ok(())
    }

    pub(super) fn speech(&self, language: UiLanguage) -> Speech<'_> {
        self.locales.of(language)
    }

    pub(super) fn page_css(&self) -> &str {
        &self.page_css
    }

    /// Draws HTML; indentation and blank lines, which only serve the template's readers, go.
    pub(super) fn draw_html(&self, name: &str, data: &Json) -> Result<String, RenderError> {
        Ok(squeezed_html(&draw(&self.html, name, data)?))
    }

    /// Draws text: lines folded at 72 columns, no two blank lines in a row.
    pub(super) fn draw_text(&self, name: &str, data: &Json) -> Result<String, RenderError> {
        Ok(plain::folded(&draw(&self.text, name, data)?))
    }

    #[cfg(test)]
    pub(super) fn built_in_locales() -> impl Iterator<Item = (UiLanguage, &'static str)> {
        embedded::FILES.iter().filter_map(|(name, text)| Some((locale_of(name)?, *text)))
    }
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("hash", &self.hash).finish_non_exhaustive()
    }
}

fn draw(registry: &Handlebars<'static>, name: &str, data: &Json) -> Result<String, RenderError> {
    registry.render(name, data).map_err(|e| RenderError { template: name.to_owned(), reason: e.to_string() })
}

fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry.register_escape_fn(escaped);
    registry
}

/// The five letters of HTML markup; others stay, `=` too, so that addresses remain readable.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(&rest[..at]);
        out.push_str(entity(rest.as_bytes()[at]));
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out
}

/// How a letter of markup is written as text.
pub(super) fn entity(letter: u8) -> &'static str {
    match letter {
        b'&' => "&amp;",
        b'<' => "&lt;",
        b'>' => "&gt;",
        b'"' => "&quot;",
        _ => "&#39;",
    }
}

fn squeezed_html(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for line in html.lines().map(str::trim_ascii).filter(|l| !l.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn page_css(source: &Source) -> Result<Arc<str>, TemplateError> {
    if let Some(at) = source.text.find('<') {
        let line = 1 + source.text[..at].matches('\n').count();
        return Err(TemplateError::at(source, line, "`<` cannot stand in a style sheet: it could end it".to_owned()));
    }
    Ok(source.text.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n").into())
}

fn sources(dir: Option<&Path>) -> Result<BTreeMap<String, Source>, TemplateError> {
    let mut sources: BTreeMap<String, Source> = embedded::FILES
        .iter()
        .map(|(name, text)| {
            let place = format!("templates/{name} (built in)");
            ((*name).to_owned(), Source { place, text: (*text).to_owned(), own: false })
        })
        .collect();
    let Some(dir) = dir else { return Ok(sources) };
    for (name, path) in files_in(dir)? {
        let Some(known) = sources.get_mut(&name) else {
            // A locale file of any name adds to its language.
            if locale_of(&name).is_some() {
                sources.insert(name, read(&path)?);
                continue;
            }
            return Err(TemplateError::Unknown {
                suggestion: check::nearest(&name, sources.keys().map(String::as_str)),
                path,
            });
        };
        let own = read(&path)?;
        if locale_of(&name).is_some() {
            // Own words replace single messages, so the built-in file stays below them.
            sources.insert(format!("{name} (own)"), own);
        } else {
            *known = own;
        }
    }
    Ok(sources)
}

fn read(path: &Path) -> Result<Source, TemplateError> {
    let unreadable = |source| TemplateError::Unreadable { path: path.to_owned(), source };
    let place = path.display().to_string();
    if fs::metadata(path).map_err(unreadable)?.len() > LARGEST_FILE {
        return Err(TemplateError::Whole {
            place,
            what: format!("larger than {LARGEST_FILE} bytes, which no template needs"),
        });
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { place, text: text.trim_start_matches('\u{feff}').replace("\r\n", "\n"), own: true }),
        Err(e) => {
            let line = 1 + e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
            Err(TemplateError::Wrong { place, line, what: "not UTF-8; save the file as UTF-8".to_owned() })
        }
    }
}

/// The files below `dir` by their names in the set; hidden ones, editors' copies and notes do not count.
fn files_in(dir: &Path) -> Result<BTreeMap<String, PathBuf>, TemplateError> {
    let mut found = BTreeMap::new();
    let mut open = vec![(dir.to_owned(), String::new())];
    while let Some((at, prefix)) = open.pop() {
        let unreadable = |source| TemplateError::Unreadable { path: at.clone(), source };
        for entry in fs::read_dir(&at).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let file_name = entry.file_name().to_string_lossy().into_owned();
            if file_name.starts_with('.') || file_name.ends_with('~') || file_name.to_lowercase().ends_with(".md") {
                continue;
            }
            let name = format!("{prefix}{file_name}");
            if found.len() + open.len() >= MOST_FILES {
                let place = dir.display().to_string();
                return Err(TemplateError::Whole {
                    place,
                    what: format!("more than {MOST_FILES} files; is this the directory of own templates?"),
                });
            }
            if entry.path().is_dir() {
                open.push((entry.path(), format!("{name}/")));
            } else {
                found.insert(name, entry.path());
            }
        }
    }
    Ok(found)
}

fn locale_files(sources: &BTreeMap<String, Source>) -> Vec<LocaleFile<'_>> {
    let mut files: Vec<_> = sources
        .iter()
        .filter_map(|(name, source)| Some(LocaleFile { language: locale_of(name.trim_end_matches(" (own)"))?, source }))
        .collect();
    files.sort_by_key(|f| f.source.own);
    files
}

fn locale_of(name: &str) -> Option<UiLanguage> {
    let (language, file) = name.strip_prefix("locales/")?.split_once('/')?;
    let ours = UiLanguage::ALL.into_iter().find(|l| l.code() == language)?;
    (file.strip_suffix(".ftl").is_some_and(|f| !f.contains('/'))).then_some(ours)
}

fn hash(sources: &BTreeMap<String, Source>) -> String {
    let mut sha = Sha256::new();
    for (name, source) in sources {
        for part in [name.as_bytes(), source.text.as_bytes()] {
            sha.update(part.len().to_le_bytes());
            sha.update(part);
        }
    }
    sha.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests;
