//! `depeche feed release` and `drop`: what becomes of articles that came too many at once.
//! Why they were stopped, `feed::verdict` decides.

use clap::Args;
use serde_json::json;

use crate::{
    cli::{Failure, Invocation, names, output},
    feed::verdict::Memory,
    store::{self, article::ArticleState},
};

/// What `release` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  depeche feed release 3

`depeche feed show 3` lists them. From now on they are matched like articles that have just come; so many at once are then
usual for this feed. To let some of them go only, take the others back first with `depeche article withdraw`.")]
pub(super) struct ReleaseArgs {
    /// The feed's number, address or title
    feed: String,
}

/// What `drop` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  depeche feed drop 3

They stay known, so that they do not come again, and are never mailed.")]
pub(super) struct DropArgs {
    /// The feed's number, address or title
    feed: String,
}

pub(super) async fn release(invocation: &Invocation, args: ReleaseArgs) -> Result<(), Failure> {
    end(invocation, &args.feed, ArticleState::Live, "feed release").await
}

pub(super) async fn drop(invocation: &Invocation, args: DropArgs) -> Result<(), Failure> {
    end(invocation, &args.feed, ArticleState::Adopted, "feed drop").await
}

async fn end(invocation: &Invocation, given: &str, to: ArticleState, act: &str) -> Result<(), Failure> {
    let now = invocation.now;
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let feed = names::feed(&mut tx, given).await?;
            let n = store::article::end_quarantine(&mut tx, feed.id, to).await?;
            if n == 0 {
                return Err(Failure::failed(format!("no articles of feed {} are in quarantine", feed.id)));
            }
            if to == ArticleState::Live
                && let Some((poll, ..)) = store::feed::poll_state(&mut tx, feed.id).await?
            {
                let mut memory: Memory = serde_json::from_value(poll.memory).unwrap_or_default();
                memory.released(u32::try_from(n).unwrap_or(u32::MAX));
                let memory = serde_json::to_value(memory).expect("plain data serialises");
                store::feed::remember(&mut tx, feed.id, memory).await?;
            }
            store::notice::clear(&mut tx, now, &store::notice::feed_quarantine(feed.id)).await?;
            let detail = json!({"feed": feed.id, "url": super::shown(&feed.url), "articles": n});
            store::act::write(&mut tx, now, &invocation.who(), act, detail).await?;
            tx.commit().await?;
            let articles = output::count(i64::try_from(n).unwrap_or(i64::MAX), "article", "articles");
            output::say(&match to {
                ArticleState::Live => format!("released {articles} of feed {}; they are matched from now on", feed.id),
                _ => format!("dropped {articles} of feed {}; they are never mailed", feed.id),
            })
        })
        .await
}
