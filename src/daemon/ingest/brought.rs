//! What one reading of a feed brought: judged entry by entry, made into revisions, ready to be stored with its poll.
//! It commits nothing; the ledger does.

use chrono::{DateTime, Utc};
use rustc_hash::FxHashSet;

use super::{
    super::StageError,
    connections::Connections,
    lookup::Stored,
    prepare::{self, Before, Pages},
};
use crate::{
    article::boilerplate,
    feed::{
        Entry, ParsedFeed, first_believable,
        identity::Keys,
        verdict::{self, KnownArticle, Memory, Remark, Shown, Silence, Verdict},
    },
    store::{
        self, Conn,
        article::{ArticleState, NewArticle, NewRevision},
        feed::FeedRow,
    },
};

/// Entries of a reading, ready to be stored.
#[derive(Default)]
pub(super) struct Brought {
    new: Vec<NewArticle>,
    revised: Vec<(i64, Keys, NewRevision)>,
    adopted: Vec<(i64, Keys)>,
    title: String,
    home_url: Option<String>,
    language: Option<String>,
    flood: Option<String>,
    /// The feed says something of itself that was not known.
    teaches: bool,
    /// What the feed has shown of itself, this reading included.
    memory: Memory,
}

impl Brought {
    /// Judges a reading and fetches the pages behind what may be mailed. What the feed says of itself is believed from here
    /// on, where the operator said nothing.
    pub(super) async fn judge(
        connections: &Connections,
        known: Stored,
        pages: Pages<'_>,
        feed: &mut FeedRow,
        parsed: &ParsedFeed,
        now: DateTime<Utc>,
    ) -> Result<Self, StageError> {
        let articles: Vec<KnownArticle> =
            known.articles.into_iter().map(|row| KnownArticle { id: row.id, keys: row.keys() }).collect();
        let shown = Shown { entries: &parsed.entries, keys: known.keys, broken: parsed.broken };
        let judgement = verdict::classify(shown, &articles, &known.memory, now);
        for remark in &judgement.remarks {
            tracing::warn!(feed = feed.id, %remark, "feed");
        }
        let flood = judgement.remarks.iter().find(|remark| matches!(remark, Remark::Flood { .. }));
        let mut brought = Self {
            flood: flood.map(ToString::to_string),
            memory: judgement.memory,
            title: parsed.title.clone(),
            home_url: parsed.home_url.clone(),
            language: parsed.language.clone(),
            teaches: feed.title.is_empty()
                || feed.home_url.is_none() && parsed.home_url.is_some()
                || feed.language.is_none() && parsed.language.is_some(),
            ..Self::default()
        };
        if feed.title.is_empty() {
            feed.title.clone_from(&parsed.title);
        }
        if feed.home_url.is_none() {
            feed.home_url.clone_from(&parsed.home_url);
        }
        let mailed_first = newest(&judgement.verdicts, &parsed.entries, feed, now);
        let learned = boilerplate::learn(brought.memory.recent_blocks.iter().map(Vec::as_slice));
        for (at, (keys, verdict)) in judgement.verdicts.into_iter().enumerate() {
            let entry = &parsed.entries[at];
            let state = match verdict {
                Verdict::New => ArticleState::Live,
                Verdict::Silent(_) if mailed_first.contains(&at) => ArticleState::Live,
                Verdict::Silent(_) => ArticleState::Adopted,
                Verdict::Quarantined => ArticleState::Quarantined,
                Verdict::Revision(id) | Verdict::Adopt { id, revised: true } => {
                    // Under other keys an article tells nothing new, whatever its text: a feed that moved mails nobody.
                    let tells = matches!(verdict, Verdict::Revision(_));
                    let before = before(connections, id, tells).await?;
                    let (revision, _) =
                        prepare::revision(Some(pages), feed, parsed, entry, &learned, before.as_ref(), now).await;
                    brought.revised.push((id, keys, revision));
                    continue;
                }
                Verdict::Adopt { id, revised: false } => {
                    brought.adopted.push((id, keys));
                    continue;
                }
                Verdict::Known(_) | Verdict::Repeated => continue,
            };
            // The pages behind what is never mailed are not asked for.
            let pages = Some(pages).filter(|_| state != ArticleState::Adopted);
            let (revision, blocks) = prepare::revision(pages, feed, parsed, entry, &learned, None, now).await;
            brought.memory.saw_blocks(blocks);
            brought.new.push(NewArticle { keys, state, revision });
        }
        Ok(brought)
    }

    /// Whether there is anything to store beside the memory.
    pub(super) fn changes(&self) -> bool {
        let articles = !(self.new.is_empty() && self.revised.is_empty() && self.adopted.is_empty());
        articles || self.teaches || self.flood.is_some()
    }

    /// Entries that the feed has not shown before and that are no old ones.
    pub(super) fn news(&self) -> usize {
        self.new.iter().filter(|article| article.state != ArticleState::Adopted).count()
    }

    /// New articles and revisions.
    pub(super) fn count(&self) -> usize {
        self.new.len() + self.revised.len()
    }

    /// What the feed has shown of itself, this reading included, to be stored with its poll.
    pub(super) fn take_memory(&mut self) -> Memory {
        std::mem::take(&mut self.memory)
    }

    /// The new articles, to be stored with those of other feeds.
    pub(super) fn articles(
        &self,
        feed: i64,
        now: DateTime<Utc>,
    ) -> impl Iterator<Item = (i64, DateTime<Utc>, &NewArticle)> {
        self.new.iter().map(move |article| (feed, now, article))
    }

    /// Stores all but the new articles, which is rarely anything; gives the number of revisions.
    pub(super) async fn store_rest(&self, tx: &mut Conn, feed: &FeedRow, now: DateTime<Utc>) -> store::Result<usize> {
        let mut did = 0;
        for (id, keys, revision) in &self.revised {
            store::article::adopt(tx, *id, keys).await?;
            did += usize::from(store::article::revise(tx, now, *id, keys, revision).await?);
        }
        for (id, keys) in &self.adopted {
            store::article::adopt(tx, *id, keys).await?;
        }
        if self.teaches {
            let title = Some(self.title.as_str()).filter(|title| !title.is_empty());
            store::feed::learn(tx, feed.id, title, self.home_url.as_deref(), self.language.as_deref()).await?;
        }
        if let Some(text) = &self.flood {
            store::notice::open(tx, now, &store::notice::feed_quarantine(feed.id), text).await?;
        }
        Ok(did)
    }
}

async fn before(connections: &Connections, article: i64, tells: bool) -> Result<Option<Before>, StageError> {
    let (mut conn, _place) = connections.acquire().await?;
    let Some(last) = store::article::last_text(&mut conn, article).await? else { return Ok(None) };
    let told = if tells { store::article::told_text(&mut conn, article).await? } else { None };
    Ok(Some(Before { last, told }))
}

/// Those of a first reading's newest entries, as many as `feed add --mail-newest N` asked for, that were not known before.
fn newest(verdicts: &[(Keys, Verdict)], entries: &[Entry], feed: &FeedRow, now: DateTime<Utc>) -> FxHashSet<usize> {
    let mut first: Vec<usize> = (0..verdicts.len()).filter(|at| verdicts[*at].1 != Verdict::Repeated).collect();
    // Without dates a feed's own order counts: newest first (stable sort).
    first.sort_by_cached_key(|at| {
        let entry = &entries[*at];
        std::cmp::Reverse(first_believable([entry.published, entry.updated], now))
    });
    first.truncate(usize::try_from(feed.mail_newest).unwrap_or(0));
    first.into_iter().filter(|at| verdicts[*at].1 == Verdict::Silent(Silence::FirstReading)).collect()
}
