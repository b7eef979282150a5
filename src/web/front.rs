//! The front page: who this is, and the topics on offer. Robots are asked to stay away from the rest.
//! Signing up is not here.

use std::collections::BTreeMap;

use axum::response::Response;

use super::{answer::Refusal, asked::Asked};
use crate::{
    render::{PageContent, TopicLine, UiLanguage},
    store,
};

/// Topics shown.
const TOPICS: usize = 100;

/// The front page.
pub(super) async fn page(asked: Asked) -> Response {
    asked.settle(front(&asked).await)
}

async fn front(asked: &Asked) -> Result<Response, Refusal> {
    let topics = store::topic::live(&mut *asked.ctx.pool.acquire().await?).await?;
    let own = |words: &BTreeMap<String, String>| said(words, asked.language, asked.compose().language);
    let lines: Vec<(String, Option<String>)> = topics
        .iter()
        .take(TOPICS)
        .map(|topic| (own(&topic.titles.0).unwrap_or_else(|| topic.slug.clone()), own(&topic.descriptions.0)))
        .collect();
    let topics = lines.iter().map(|(title, description)| TopicLine { title, description: description.as_deref() });
    asked.page(asked.language, &PageContent::Index { topics: topics.collect(), sign_up: None })
}

/// Words in this language, else in that one, else in any.
pub(super) fn said(words: &BTreeMap<String, String>, language: UiLanguage, else_in: UiLanguage) -> Option<String> {
    let found = words.get(language.code()).or_else(|| words.get(else_in.code())).or_else(|| words.values().next());
    found.cloned()
}

/// What robots may fetch: nothing. Links in mails are nobody else's.
pub(super) async fn robots() -> &'static str {
    "User-agent: *\nDisallow: /\n"
}
