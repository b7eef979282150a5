//! What templates may write beyond handlebars' own: `{{style "name"}}`, `{{t "message" n=count}}`, `{{sheet}}` and `{{page_sheet}}`.
//! It draws nothing itself.

use std::sync::Arc;

use fluent_bundle::FluentValue;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
    ScopedJson,
};
use serde_json::Value as Json;

use super::{language::UiLanguage, locale::Locales, style::Styles};

/// The names of the expressions below.
pub(super) const NAMES: [&str; 4] = ["style", "t", "sheet", "page_sheet"];

/// What the expressions need.
#[derive(Clone)]
pub(super) struct Expressions {
    pub(super) locales: Arc<Locales>,
    pub(super) styles: Arc<Styles>,
    pub(super) page_css: Arc<str>,
}

impl Expressions {
    pub(super) fn register(&self, registry: &mut Handlebars<'static>) {
        registry.register_helper("style", Box::new(StyleAttributes(Arc::clone(&self.styles))));
        registry.register_helper("sheet", Box::new(Sheet(self.styles.media().into())));
        registry.register_helper("page_sheet", Box::new(Sheet(Arc::clone(&self.page_css))));
        registry.register_helper("t", Box::new(Translation(Arc::clone(&self.locales))));
    }
}

fn refused(what: String) -> RenderError {
    RenderErrorReason::Other(what).into()
}

struct StyleAttributes(Arc<Styles>);

impl HelperDef for StyleAttributes {
    /// Writes attributes, so nothing is escaped; the style sheet was checked for what could leave an attribute.
    fn call<'reg: 'rc, 'rc>(
        &self,
        call: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let names = call.param(0).and_then(|p| p.value().as_str()).unwrap_or_default();
        let attributes = self.0.attributes(names).map_err(|name| refused(format!("there is no style `{name}`")))?;
        Ok(out.write(&attributes)?)
    }
}

struct Sheet(Arc<str>);

impl HelperDef for Sheet {
    /// Writes style rules for the `<style>` of the head, where HTML knows no escapes.
    fn call<'reg: 'rc, 'rc>(
        &self,
        _: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        Ok(out.write(&self.0)?)
    }
}

struct Translation(Arc<Locales>);

impl HelperDef for Translation {
    /// Gives the message in the language of the data's `lang`; handlebars escapes it like any value.
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        call: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        let id = call.param(0).and_then(|p| p.value().as_str()).unwrap_or_default();
        let language: UiLanguage = context
            .data()
            .get("lang")
            .and_then(Json::as_str)
            .and_then(|tag| tag.parse().ok())
            .ok_or_else(|| refused("the data has no `lang`".to_owned()))?;
        if !self.0.knows(language, id) {
            return Err(refused(format!("there is no message `{id}` in the language `{language}`")));
        }
        let arguments: Vec<(&str, FluentValue<'_>)> =
            call.hash().iter().map(|(name, value)| (*name, fluent(value.value()))).collect();
        Ok(ScopedJson::Derived(Json::String(self.0.of(language).say(id, &arguments))))
    }
}

fn fluent(value: &Json) -> FluentValue<'_> {
    match value {
        Json::String(text) => FluentValue::from(text.as_str()),
        Json::Number(number) => FluentValue::from(number.as_f64().unwrap_or_default()),
        other => FluentValue::from(other.to_string()),
    }
}
