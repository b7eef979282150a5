//! Reads the one style sheet: plain class rules for `{{style "name"}}`, and the `@media` blocks for the head.
//! It is no CSS engine: what it cannot inline faithfully, it refuses.

use std::collections::BTreeMap;

/// Bytes of a style sheet at most: ten times ours.
const LARGEST: usize = 64 * 1024;
/// Rules of a style sheet at most.
const RULES: usize = 400;

/// A style sheet ready for use.
#[derive(Clone, Debug, Default)]
pub(super) struct Styles {
    /// Class name to declarations as they stand in a `style` attribute.
    classes: BTreeMap<String, String>,
    /// The `@media` blocks, to stand in the head.
    media: String,
    /// Classes that a `@media` block changes: only these are written as `class` too.
    changed: Vec<String>,
}

/// What is wrong in a style sheet, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StyleFault {
    pub(super) line: usize,
    pub(super) what: String,
}

impl Styles {
    pub(super) fn parse(sheet: &str) -> Result<Self, StyleFault> {
        if sheet.len() > LARGEST {
            return Err(StyleFault { line: 1, what: format!("the style sheet is larger than {LARGEST} bytes") });
        }
        let sheet = without_comments(sheet)?;
        let mut styles = Self::default();
        let mut rest = sheet.as_str();
        for _ in 0..RULES {
            rest = rest.trim_start();
            if rest.is_empty() {
                return Ok(styles);
            }
            let line = line_of(&sheet, rest);
            rest = styles.rule(rest).map_err(|what| StyleFault { line, what })?;
        }
        Err(StyleFault { line: line_of(&sheet, rest), what: format!("the style sheet has more than {RULES} rules") })
    }

    /// Takes one rule off the front of `text`.
    fn rule<'t>(&mut self, text: &'t str) -> Result<&'t str, String> {
        let open = text.find('{').ok_or("a rule has no `{`")?;
        let selector = text[..open].trim();
        if selector.starts_with('@') {
            return self.at_rule(selector, &text[open + 1..]);
        }
        let close = text.find('}').ok_or_else(|| format!("the rule `{selector}` has no `}}`"))?;
        let declarations = declarations(text.get(open + 1..close).unwrap_or_default(), false)?;
        for name in selector.split(',').map(str::trim) {
            let class = name.strip_prefix('.').filter(|c| is_name(c)).ok_or_else(|| {
                format!("`{name}` cannot be inlined; outside of `@media` only single classes such as `.title` can")
            })?;
            let known = self.classes.entry(class.to_owned()).or_default();
            if !known.is_empty() {
                known.push(';');
            }
            known.push_str(&declarations);
        }
        Ok(&text[close + 1..])
    }

    fn at_rule<'t>(&mut self, selector: &str, body: &'t str) -> Result<&'t str, String> {
        if !selector.starts_with("@media") {
            return Err(format!("`{selector}`: of the @-rules only `@media` can be used"));
        }
        let mut block = String::new();
        let mut rest = body;
        for _ in 0..RULES {
            rest = rest.trim_start();
            if let Some(rest) = rest.strip_prefix('}') {
                self.media.push_str(&format!("{selector}{{{block}}}\n"));
                return Ok(rest);
            }
            let open = rest.find('{').ok_or_else(|| format!("`{selector}` has no closing `}}`"))?;
            let close =
                rest.find('}').filter(|c| *c > open).ok_or_else(|| format!("a rule in `{selector}` has no `}}`"))?;
            let inner = rest[..open].split_whitespace().collect::<Vec<_>>().join(" ");
            self.changed.extend(classes_in(&inner));
            block.push_str(&format!("{inner}{{{}}}", declarations(&rest[open + 1..close], true)?));
            rest = &rest[close + 1..];
        }
        Err(format!("`{selector}` has more than {RULES} rules"))
    }

    /// What `{{style "names"}}` writes: ` style="…"`, and a `class` where `@media` needs it.
    pub(super) fn attributes(&self, names: &str) -> Result<String, String> {
        let mut style = String::new();
        let mut class = String::new();
        for name in names.split_whitespace() {
            let declarations = self.classes.get(name);
            let changed = self.changed.iter().any(|c| c == name);
            if declarations.is_none() && !changed {
                return Err(name.to_owned());
            }
            for (list, part, between) in
                [(&mut style, declarations.map(String::as_str), ";"), (&mut class, changed.then_some(name), " ")]
            {
                let Some(part) = part else { continue };
                if !list.is_empty() {
                    list.push_str(between);
                }
                list.push_str(part);
            }
        }
        let mut out = String::new();
        if !class.is_empty() {
            out.push_str(&format!("class=\"{class}\""));
        }
        if !style.is_empty() {
            out.push_str(if out.is_empty() { "" } else { " " });
            out.push_str(&format!("style=\"{style}\""));
        }
        Ok(out)
    }

    /// The names that `{{style}}` takes.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.classes.keys().chain(&self.changed).map(String::as_str)
    }

    /// The `@media` blocks.
    pub(super) fn media(&self) -> &str {
        &self.media
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn classes_in(selector: &str) -> Vec<String> {
    selector
        .split('.')
        .skip(1)
        .map(|s| s.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect())
        .collect()
}

/// Declarations without needless blanks, double quotes turned into single ones: they stand inside an attribute.
fn declarations(text: &str, in_head: bool) -> Result<String, String> {
    let mut out = String::new();
    for declaration in text.split(';').map(str::trim).filter(|d| !d.is_empty()) {
        let (name, value) = declaration
            .split_once(':')
            .ok_or_else(|| format!("`{declaration}` is not a declaration; `color: #222` is one"))?;
        if !is_name(name.trim()) {
            return Err(format!("`{}` is not a property", name.trim()));
        }
        let value = value.split_whitespace().collect::<Vec<_>>().join(" ").replace('"', "'");
        let lower = value.to_ascii_lowercase();
        if value.contains(['<', '>', '&', '\\', '{']) || lower.contains("expression(") || lower.contains("@import") {
            return Err(format!("`{value}` cannot stand in a style attribute"));
        }
        if lower.contains("url(") {
            return Err("a mail loads nothing: `url(…)` cannot be used".to_owned());
        }
        if lower.contains("!important") && !in_head {
            return Err("`!important` belongs into `@media` blocks only: it would win over them in a style attribute"
                .to_owned());
        }
        if !out.is_empty() {
            out.push(';');
        }
        out.push_str(&format!("{}:{value}", name.trim()));
    }
    Ok(out)
}

/// Comments become blanks, line ends kept so that lines can be counted.
fn without_comments(sheet: &str) -> Result<String, StyleFault> {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(at) = rest.find("/*") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find("*/").ok_or_else(|| StyleFault {
            line: line_of(sheet, &rest[at..]),
            what: "a comment `/*` has no `*/`".to_owned(),
        })?;
        out.extend(rest[at..at + end].chars().filter(|c| *c == '\n'));
        rest = &rest[at + end + 2..];
    }
    out.push_str(rest);
    Ok(out)
}

/// Line, from 1, at which `rest`, an end of `whole`, begins.
fn line_of(whole: &str, rest: &str) -> usize {
    1 + whole[..whole.len() - rest.len()].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_becomes_an_attribute_and_keeps_its_name_where_media_rules_change_it() {
        let styles = Styles::parse(
            "/* ink */\n.title, .name { font: 700 22px \"Segoe UI\", serif; color: #111 }\n.title { margin: 0 }\n\
             @media (prefers-color-scheme: dark) {\n  .title a { color: #eee !important; }\n}\n",
        )
        .expect("a style sheet");
        assert_eq!(
            styles.attributes("title").as_deref(),
            Ok("class=\"title\" style=\"font:700 22px 'Segoe UI', serif;color:#111;margin:0\"")
        );
        assert_eq!(styles.attributes("name").as_deref(), Ok("style=\"font:700 22px 'Segoe UI', serif;color:#111\""));
        assert_eq!(styles.attributes("titel"), Err("titel".to_owned()));
        assert_eq!(styles.media(), "@media (prefers-color-scheme: dark){.title a{color:#eee !important}}\n");
    }

    #[test]
    fn what_cannot_be_inlined_is_refused_with_its_line() {
        for (sheet, line, what) in [
            ("\n\nh1 { color: red }", 3, "`h1` cannot be inlined"),
            (".a { color: red", 1, "no `}`"),
            (".a { color }", 1, "not a declaration"),
            ("\n.a { background: url(x.png) }", 2, "loads nothing"),
            (".a { color: red !important }", 1, "`!important`"),
            ("@import 'x';\n.a {}", 1, "only `@media`"),
            (".a{}\n/* open", 2, "`*/`"),
            ("@media print { .a { color: red }", 1, "no closing"),
            (".a { content: '</style>' }", 1, "cannot stand"),
        ] {
            let fault = Styles::parse(sheet).expect_err(sheet);
            assert_eq!(fault.line, line, "{sheet}");
            assert!(fault.what.contains(what), "{sheet}: {}", fault.what);
        }
    }

    #[test]
    fn an_endless_sheet_is_refused() {
        assert!(Styles::parse(&".a{}".repeat(RULES + 1)).is_err());
        assert!(Styles::parse(&" ".repeat(LARGEST + 1)).is_err());
    }
}
