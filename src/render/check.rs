//! Refuses templates at load that would fail or harm at send: unknown fields, raw output, unsafe links, lost unsubscribe links.
//! It does not judge taste.

use std::collections::BTreeMap;

use handlebars::{
    Template,
    template::{HelperTemplate, Parameter, TemplateElement},
};

use super::{
    article::{Drawn, Form},
    expressions::{self, Expressions},
    fields::{self, Fields},
    frame::{FrameInput, Kind as Mail},
    language::UiLanguage,
    locale::{self, Locales},
    page, sample, size,
    stencil::Hole,
    template::{Source, TemplateError, Templates},
};

/// What a file makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    MailHtml,
    MailText,
    Page,
}

/// Depth of blocks within blocks.
const DEEPEST: usize = 16;

/// Checks one parsed template.
pub(super) fn template(
    source: &Source,
    name: &str,
    kind: Kind,
    template: &Template,
    expressions: &Expressions,
) -> Result<(), TemplateError> {
    let Some(fields) = fields::of(name) else {
        return Err(TemplateError::whole(source, "a template without a list of fields".to_owned()));
    };
    let mut walk = Walk { source, kind, fields, expressions, used: Vec::new(), before: String::new() };
    walk.elements(template, 0)?;
    if let Some(lost) = fields.required.iter().find(|r| !walk.used.iter().any(|u| u == *r)) {
        return Err(TemplateError::whole(
            source,
            format!("`{{{{{lost}}}}}` is missing; without it {} would lose it", purpose(name)),
        ));
    }
    Ok(())
}

fn purpose(name: &str) -> &'static str {
    if name.starts_with("web/") { "the page" } else { "mails" }
}

/// The reason of handlebars' parser in a line.
pub(super) fn syntax(error: &handlebars::TemplateError) -> String {
    let reason = error.reason().to_string();
    let first = reason.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or("invalid syntax");
    format!("{first}; every `{{{{` needs its `}}}}`, every `{{{{#if}}}}` its `{{{{/if}}}}`")
}

/// A walk over one template in the order of its text.
struct Walk<'a> {
    source: &'a Source,
    kind: Kind,
    fields: &'static Fields,
    expressions: &'a Expressions,
    used: Vec<String>,
    /// The text since the last `<`, to know whether an expression stands in an attribute.
    before: String,
}

impl Walk<'_> {
    fn wrong<T>(&self, line: usize, what: String) -> Result<T, TemplateError> {
        Err(TemplateError::at(self.source, line, what))
    }

    fn elements(&mut self, template: &Template, depth: usize) -> Result<(), TemplateError> {
        for (element, mapping) in
            template.elements.iter().zip(template.mapping.iter().map(Some).chain(std::iter::repeat(None)))
        {
            self.element(element, mapping.map_or(1, |m| m.0), depth)?;
        }
        Ok(())
    }

    fn element(&mut self, element: &TemplateElement, line: usize, depth: usize) -> Result<(), TemplateError> {
        if depth > DEEPEST {
            return self.wrong(line, format!("more than {DEEPEST} blocks within each other"));
        }
        match element {
            TemplateElement::RawString(text) => self.raw(text, line),
            TemplateElement::HtmlExpression(_) => self.wrong(
                line,
                "`{{{` and `{{&` put text into the page as it comes, scripts too; write `{{` and `}}`".to_owned(),
            ),
            TemplateElement::Expression(call) => self.expression(call, line),
            TemplateElement::HelperBlock(call) => {
                let name = call.name.as_name().unwrap_or_default();
                if !matches!(name, "if" | "unless" | "each" | "with") {
                    return self
                        .wrong(line, format!("`{{{{#{name}}}}}` is not known; `if`, `unless`, `each` and `with` are"));
                }
                self.parameters(call, line)?;
                let before = self.before.clone();
                for branch in [&call.template, &call.inverse].into_iter().flatten() {
                    self.before.clone_from(&before);
                    self.elements(branch, depth + 1)?;
                }
                Ok(())
            }
            TemplateElement::PartialExpression(call) | TemplateElement::PartialBlock(call) => {
                let name = call.name.as_name().unwrap_or_default();
                if name != "@partial-block" && fields::of(name).is_none() {
                    let near = nearest(name, fields::TEMPLATES.iter().map(|t| t.name));
                    return self.wrong(line, format!("there is no template `{name}`{}", did_you_mean(near.as_deref())));
                }
                call.template.as_ref().map_or(Ok(()), |inner| self.elements(inner, depth + 1))
            }
            TemplateElement::DecoratorExpression(_) | TemplateElement::DecoratorBlock(_) => self.wrong(
                line,
                "`{{#*inline}}` and other decorators are not supported; put the part into the template".to_owned(),
            ),
            TemplateElement::Comment(_) => Ok(()),
            _ => self.wrong(line, "this expression is not supported".to_owned()),
        }
    }

    /// Literal text: links with a scheme that is none of ours, and what pages and mails must not hold.
    fn raw(&mut self, text: &str, line: usize) -> Result<(), TemplateError> {
        if self.kind == Kind::MailText {
            return Ok(());
        }
        let lower = text.to_ascii_lowercase();
        for (forbidden, why) in [
            ("<script", "mail programs and the pages' security policy run no scripts"),
            ("<iframe", "nothing from elsewhere is shown"),
            ("<object", "nothing from elsewhere is shown"),
            ("<base", "it would turn every link elsewhere"),
            ("javascript:", "links begin with `https:`, `http:` or `mailto:`"),
        ] {
            if let Some(at) = lower.find(forbidden) {
                return self.wrong(line + lines(&text[..at]), format!("`{forbidden}` cannot be used: {why}"));
            }
        }
        for attribute in LINKS {
            for (at, _) in lower.match_indices(attribute) {
                let value = lower[at + attribute.len()..].trim_start_matches(['"', '\'']);
                if !is_safe_start(value, self.kind) {
                    let shown: String =
                        value.chars().take_while(|c| !matches!(c, '"' | '\'' | '>' | ' ')).take(40).collect();
                    let what =
                        format!("`{shown}` cannot be a link here; links begin with `https:`, `http:` or `mailto:`");
                    return self.wrong(line + lines(&text[..at]), what);
                }
            }
        }
        self.before.push_str(text);
        if let Some(at) = self.before.rfind('<') {
            self.before.drain(..at);
        }
        Ok(())
    }

    fn expression(&mut self, call: &HelperTemplate, line: usize) -> Result<(), TemplateError> {
        let name = call.name.as_name().unwrap_or_default();
        if let Some(what) = self.in_attribute(name) {
            return self.wrong(line, what);
        }
        if expressions::NAMES.contains(&name) {
            self.own(name, call, line)?;
            self.before.push('x');
            return self.parameters(call, line);
        }
        if !call.params.is_empty() || !call.hash.is_empty() {
            let near = nearest(name, expressions::NAMES.into_iter());
            return self.wrong(line, format!("`{name}` is not known{}", did_you_mean(near.as_deref())));
        }
        self.before.push('x');
        self.path(name, line)
    }

    /// What is wrong with an expression in an attribute: without quotes it could add attributes, as a link's start anything.
    fn in_attribute(&self, name: &str) -> Option<String> {
        let inside = self.kind != Kind::MailText && self.before.starts_with('<') && !self.before.contains('>');
        if !inside {
            return None;
        }
        let before = self.before.trim_end().to_ascii_lowercase();
        if before.ends_with('=') {
            return Some(format!("write quotes around `{{{{{name}}}}}`: without them it could add attributes"));
        }
        let opens = LINKS.iter().any(|a| before.strip_suffix(['"', '\'']).is_some_and(|b| b.ends_with(a)));
        let last = name.rsplit(['.', '/']).next().unwrap_or(name);
        let is_link = last == "url" || last.ends_with("_url");
        if opens && !is_link {
            return Some(format!("a link takes a field whose name ends in `url`, which is checked; `{name}` is not"));
        }
        let open_value = LINKS
            .iter()
            .any(|a| before.rfind(a).is_some_and(|at| before[at + a.len()..].matches(['"', '\'']).count() == 1));
        (open_value && !opens).then(|| format!("`{name}` cannot stand inside a link; a link is one whole field"))
    }

    fn own(&self, name: &str, call: &HelperTemplate, line: usize) -> Result<(), TemplateError> {
        let literal = call.params.first().and_then(|p| match p {
            Parameter::Literal(value) => value.as_str(),
            _ => None,
        });
        match (name, literal) {
            ("sheet" | "page_sheet", _) => Ok(()),
            (_, None) => self.wrong(line, format!("`{{{{{name} \"…\"}}}}` wants a name in quotes")),
            ("style", Some(names)) => match self.expressions.styles.attributes(names) {
                Ok(_) => Ok(()),
                Err(unknown) => {
                    let near = nearest(&unknown, self.expressions.styles.names());
                    self.wrong(line, format!("mail/style.css has no `.{unknown}`{}", did_you_mean(near.as_deref())))
                }
            },
            (_, Some(id)) => self.message(id, line),
        }
    }

    fn message(&self, id: &str, line: usize) -> Result<(), TemplateError> {
        let locales = &self.expressions.locales;
        for language in UiLanguage::ALL {
            if !locales.knows(language, id) {
                let near = nearest(id, locales.ids());
                let what = format!("locales/{language} has no message `{id}`{}", did_you_mean(near.as_deref()));
                return self.wrong(line, what);
            }
        }
        Ok(())
    }

    fn parameters(&mut self, call: &HelperTemplate, line: usize) -> Result<(), TemplateError> {
        for parameter in call.params.iter().chain(call.hash.values()) {
            match parameter {
                Parameter::Path(_) | Parameter::Name(_) => self.path(parameter.as_name().unwrap_or_default(), line)?,
                Parameter::Subexpression(inner) => match inner.as_element() {
                    TemplateElement::Expression(inner) => {
                        let name = inner.name.as_name().unwrap_or_default();
                        if name == "t" {
                            self.own(name, inner, line)?;
                        }
                        self.parameters(inner, line)?;
                    }
                    _ => return self.wrong(line, "this expression is not supported".to_owned()),
                },
                Parameter::Literal(_) => {}
                _ => return self.wrong(line, "this expression is not supported".to_owned()),
            }
        }
        Ok(())
    }

    /// A field must be one that the template is given: in strict mode another would stop the mail.
    fn path(&mut self, path: &str, line: usize) -> Result<(), TemplateError> {
        let steps: Vec<&str> =
            path.split(['.', '/']).filter(|s| !s.is_empty() && !matches!(*s, "this" | "@root")).collect();
        let Some(first) = steps.first() else { return Ok(()) };
        if first.starts_with('@') {
            return Ok(());
        }
        let known = |name: &&str| {
            self.fields.given.contains(name) || self.fields.of_items.contains(name) || fields::EVERYWHERE.contains(name)
        };
        if !known(first) {
            let given = self.fields.given.iter().chain(self.fields.of_items).chain(fields::EVERYWHERE).copied();
            let near = nearest(first, given);
            return self
                .wrong(line, format!("`{path}` is not a field of this template{}", did_you_mean(near.as_deref())));
        }
        if *first == "publisher"
            && let Some(second) = steps.get(1)
            && !fields::PUBLISHER.contains(second)
        {
            let near = nearest(second, fields::PUBLISHER.iter().copied());
            return self
                .wrong(line, format!("`{path}` is not a field of the publisher{}", did_you_mean(near.as_deref())));
        }
        self.used.push((*first).to_owned());
        Ok(())
    }
}

/// Attributes whose value is loaded or opened.
const LINKS: [&str; 4] = ["href=", "src=", "action=", "background="];

fn is_safe_start(value: &str, kind: Kind) -> bool {
    // Empty: an expression follows.
    let absolute = ["https://", "http://", "mailto:"].iter().any(|s| value.starts_with(s));
    value.is_empty() || absolute || (kind == Kind::Page && value.starts_with(['/', '#']) && !value.starts_with("//"))
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"))
}

/// The name that was probably meant.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    /// Below this, two names are only both words.
    const LIKENESS: f64 = 0.75;
    known
        .map(|k| (strsim::jaro_winkler(name, k), k))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, k)| k.to_owned())
}

/// Own messages must replace built-in ones or be used by a template: a misspelt id would change nothing, silently.
#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "names of the set, not files of a system")]
pub(super) fn locale_ids(sources: &BTreeMap<String, Source>, locales: &Locales) -> Result<(), TemplateError> {
    let templates = || sources.iter().filter(|(name, _)| name.ends_with(".hbs"));
    for (_, source) in sources.iter().filter(|(name, s)| s.own && name.starts_with("locales/")) {
        for message in locale::messages(&source.text) {
            let used = || templates().any(|(_, t)| t.text.contains(&format!("\"{}\"", message.id)));
            if !locales.ids().any(|id| id == message.id) && !used() {
                let near = nearest(&message.id, locales.ids());
                let what = format!("no template uses a message `{}`{}", message.id, did_you_mean(near.as_deref()));
                return Err(TemplateError::at(source, message.line, what));
            }
        }
    }
    Ok(())
}

/// Draws everything in every language, and looks for what must not be lost.
pub(super) fn drawn(templates: &Templates, sources: &BTreeMap<String, Source>) -> Result<(), TemplateError> {
    let publisher = sample::publisher();
    for language in UiLanguage::ALL {
        for kind in Mail::ALL {
            let file = |html: bool| &sources[&format!("{}.{}.hbs", kind.template(), if html { "html" } else { "txt" })];
            for links in [sample::links(), sample::few_links()] {
                let holes = sample::all_holes(&links);
                let input = FrameInput { kind, publisher: &publisher, language, links: &holes };
                let frame = input.draw(templates).map_err(|e| TemplateError::whole(file(true), e.to_string()))?;
                for html in [true, false] {
                    if !frame.shell.of(html).links_to(Hole::UnsubscribeUrl, html) {
                        return Err(TemplateError::whole(file(html), lost_unsubscribe(html).to_owned()));
                    }
                }
            }
        }
        articles(templates, sources, language)?;
        page::check(templates, language, &publisher)
            .map_err(|e| TemplateError::whole(&sources["web/frame.hbs"], e.to_string()))?;
        sample::letters(templates, &publisher, language)
            .map_err(|e| TemplateError::whole(&sources["mail/confirm.html.hbs"], e.to_string()))?;
    }
    Ok(())
}

fn lost_unsubscribe(html: bool) -> &'static str {
    if html {
        "the unsubscribe link is missing, without which no mail may go out; add `<a href=\"{{unsubscribe_url}}\">{{t \"unsubscribe\"}}</a>` or `{{> mail/footer}}`"
    } else {
        "the unsubscribe link is missing, without which no mail may go out; add a line `{{unsubscribe_url}}` or `{{> mail/footer}}`"
    }
}

fn articles(
    templates: &Templates,
    sources: &BTreeMap<String, Source>,
    language: UiLanguage,
) -> Result<(), TemplateError> {
    let source = &sources["mail/parts/article.html.hbs"];
    for text in [sample::full_article(), sample::bare_article()] {
        for input in [sample::full_input(&text), sample::bare_input(&text)] {
            for form in
                [Form::Block { lead: true }, Form::Block { lead: false }, Form::Alert { lead: true }, Form::Line]
            {
                let drawn = Drawn::draw(templates, &input, form, sample::sight(language))
                    .map_err(|e| TemplateError::whole(source, e.to_string()))?;
                let drawn = drawn.decoded_len();
                let expected = size::estimated_html_bytes(&text);
                if drawn > expected {
                    let what = format!(
                        "an article of {expected} bytes at most became {drawn}; shorten the markup around it, or mails would grow over what mail programs show"
                    );
                    return Err(TemplateError::whole(source, what));
                }
            }
        }
    }
    Ok(())
}
