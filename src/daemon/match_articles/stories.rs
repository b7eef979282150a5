//! Ties each waiting article to its story: one of the last 72 hours that it nearly repeats, or a new one.
//! The likeness itself is `article::story`'s.

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    article::story::{Signature, same_story},
    daemon::StageError,
    store::{self, Conn, matches::WaitingRow, story::StoryRow},
};

/// How long a story can be joined.
const OPEN_FOR: TimeDelta = TimeDelta::hours(72);

/// The stories of a batch.
#[derive(Debug, Default)]
pub(super) struct ToldApart {
    /// Article to story.
    of_article: FxHashMap<i64, i64>,
    /// Story to its first number, zero until it begins.
    first_seq: FxHashMap<i64, i64>,
    new: Vec<StoryRow>,
    new_bands: Vec<(i64, i64)>,
    /// Articles whose story is too old to be remembered.
    forgotten: FxHashSet<i64>,
}

struct Known {
    id: i64,
    language: String,
    signature: Option<Signature>,
}

/// Finds or begins the story of each waiting article.
pub(super) async fn tell_apart(
    conn: &mut Conn,
    waiting: &[WaitingRow],
    now: DateTime<Utc>,
) -> Result<ToldApart, StageError> {
    let mut told = ToldApart::default();
    let signatures: Vec<Option<Signature>> = waiting.iter().map(|row| read(&row.signature)).collect();
    let all_bands: Vec<i64> = signatures.iter().flatten().flat_map(Signature::bands).collect();
    let mut known: Vec<Known> = Vec::new();
    let revised: Vec<i64> = waiting.iter().filter_map(|row| row.story_id).collect();
    for row in store::story::by_ids(conn, &revised, now - store::story::KEPT).await? {
        told.first_seq.insert(row.id, row.first_seq);
    }
    for row in store::story::sharing(conn, &all_bands, now - OPEN_FOR).await? {
        told.first_seq.insert(row.id, row.first_seq);
        let signature = read(&row.signature);
        known.push(Known { id: row.id, language: row.language, signature });
    }
    for (row, signature) in waiting.iter().zip(signatures) {
        let near =
            |story: &Known| story.signature.as_ref().zip(signature.as_ref()).is_some_and(|(a, b)| same_story(a, b));
        let same = |story: &&Known| story.language == row.language && near(story);
        if row.story_id.is_some_and(|story| !told.first_seq.contains_key(&story)) {
            told.forgotten.insert(row.article_id);
            continue;
        }
        let joined = row.story_id.or_else(|| told.of_article.get(&row.article_id).copied());
        let story = joined.or_else(|| known.iter().find(same).map(|story| story.id));
        let id = story.unwrap_or(row.article_id);
        told.of_article.insert(row.article_id, id);
        if story.is_none() {
            told.new_bands.extend(signature.iter().flat_map(Signature::bands).map(|band| (band, id)));
            told.new.push(StoryRow {
                id,
                language: row.language.clone(),
                first_seq: 0,
                signature: row.signature.clone(),
            });
            known.push(Known { id, language: row.language.clone(), signature });
        }
    }
    Ok(told)
}

impl ToldApart {
    /// The story of an article and the number of its first match, which is `seq` where it begins here. None for a new revision
    /// of an article that is too old: nobody knows any more who was told it, and a mail cannot be unsent.
    pub(super) fn begin(&mut self, article: i64, seq: i64) -> Option<(i64, i64)> {
        if self.forgotten.contains(&article) {
            return None;
        }
        let story = self.of_article.get(&article).copied().unwrap_or(article);
        Some((story, *self.first_seq.entry(story).or_insert(seq)))
    }

    /// Writes new stories, and each article's story.
    pub(super) async fn write(mut self, conn: &mut Conn, now: DateTime<Utc>) -> Result<(), StageError> {
        for story in &mut self.new {
            story.first_seq = self.first_seq.get(&story.id).copied().unwrap_or_default();
        }
        let articles: Vec<(i64, i64)> = self.of_article.into_iter().collect();
        Ok(store::story::add(conn, now, &self.new, &self.new_bands, &articles).await?)
    }
}

/// A signature of an older version is none: its story cannot be joined, and nothing else is lost.
fn read(bytes: &[u8]) -> Option<Signature> {
    Signature::from_bytes(bytes).ok()
}
