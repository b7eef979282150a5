//! `depeche article withdraw` and `restore`: an article taken back before it is mailed, and put back.
//! That no mail shows a withdrawn one, the composer sees to.

use clap::Args;
use serde_json::json;

use crate::{
    cli::{
        Failure, Invocation,
        output::{self, Format, FormatArgs},
    },
    store::{
        self, Conn,
        article::{ArticleState, StandingRow},
        hold::LeftAndWaiting,
    },
};

/// What `withdraw` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche article withdraw 4711 --reason 'the figures were wrong'
  depeche hold --feed 3     # first, where mails are leaving right now

`depeche feed show` and `depeche dry-run` list the numbers. Mails that wait go without it; a mail in which nothing else stood
is skipped, and counted. It answers how many had left.")]
pub(super) struct WithdrawArgs {
    /// The article's number
    #[arg(value_name = "ID")]
    article: i64,
    /// Why, for the journal
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    #[command(flatten)]
    format: FormatArgs,
}

/// What `restore` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  depeche article restore 4711

It is matched anew, as if it had just come; one that was withdrawn out of its feed's quarantine
goes back there as long as others wait in it. Who had been told of it is not told again.")]
pub(super) struct RestoreArgs {
    /// The article's number
    #[arg(value_name = "ID")]
    article: i64,
}

pub(super) async fn withdraw(invocation: &Invocation, args: WithdrawArgs) -> Result<(), Failure> {
    let now = invocation.now;
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let article = standing(&mut tx, args.article).await?;
            if article.state == ArticleState::Adopted.code() {
                return Err(Failure::failed(format!(
                    "article {} is not mailed anyway: it was there before its feed was added, or is old news",
                    article.id
                )));
            }
            let new = store::article::withdraw(&mut tx, article.id).await?;
            if new {
                let detail = json!({
                    "article": article.id, "title": article.title, "reason": args.reason.trim(), "state": article.state,
                });
                store::act::write(&mut tx, now, &invocation.who(), "article withdraw", detail).await?;
            }
            tx.commit().await?;
            let counts = store::article::left_and_waiting(&mut conn, article.id, article.first_seen_at).await?;
            let LeftAndWaiting { left, waiting } = counts;
            if args.format.format == Format::Json {
                return output::say_json(&json!({
                    "article": article.id, "title": article.title, "new": new, "left": left, "waiting": waiting,
                }));
            }
            let head = if new { "withdrawn" } else { "is withdrawn already" };
            let wait = if waiting == 1 { "waits and goes" } else { "wait and go" };
            output::say(&format!(
                "{head}: article {}, {}\n{} with it had left, {} {wait} without it\nput it back with: depeche article restore {}",
                article.id,
                article.title,
                output::count(left, "mail", "mails"),
                output::number(waiting),
                article.id
            ))
        })
        .await
}

pub(super) async fn restore(invocation: &Invocation, args: RestoreArgs) -> Result<(), Failure> {
    let now = invocation.now;
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let article = standing(&mut tx, args.article).await?;
            let Some(state) = store::article::restore(&mut tx, now, article.id).await? else {
                return Err(Failure::failed(format!("article {} is not withdrawn", article.id)));
            };
            let detail = json!({"article": article.id, "title": article.title});
            store::act::write(&mut tx, now, &invocation.who(), "article restore", detail).await?;
            tx.commit().await?;
            let then = if state == ArticleState::Quarantined {
                format!(
                    "it waits in quarantine with the others of its feed; `depeche feed release {0}` or `depeche feed drop {0}` ends that",
                    article.feed_id
                )
            } else {
                "it is matched from now on".to_owned()
            };
            output::say(&format!("restored: article {}, {}; {then}", article.id, article.title))
        })
        .await
}

async fn standing(conn: &mut Conn, article: i64) -> Result<StandingRow, Failure> {
    let found = store::article::standing(conn, article).await?;
    found.ok_or_else(|| Failure::input(format!("there is no article {article}; `depeche feed show` lists the newest")))
}
