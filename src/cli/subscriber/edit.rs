//! `depeche subscriber edit`: what a reader is told beside what they follow.
//! What they follow, and how often, they change themselves on their page.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::{
    cli::{Failure, Invocation, names, output},
    store,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Answer {
    Yes,
    No,
}

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche subscriber edit lea@example.org --updates=yes
  depeche subscriber edit 17 --updates=no

An update is told in a digest, never as an alert, at most once a day for a story, and only of what changes from now on.")]
pub(super) struct EditArgs {
    /// Their address or number
    subscriber: String,
    /// Whether they are told once more when a story they were mailed changes in a way that matters
    #[arg(long, value_name = "yes|no", hide_possible_values = true)]
    updates: Answer,
}

pub(super) async fn run(invocation: &Invocation, args: EditArgs) -> Result<(), Failure> {
    let wanted = args.updates == Answer::Yes;
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let row = names::subscriber(&mut tx, &args.subscriber).await?;
            let detail = json!({"subscriber": row.id, "updates": wanted});
            store::act::write(&mut tx, invocation.now, &invocation.who(), "subscriber edit", detail).await?;
            let changed = store::membership::ask_for_updates(&mut tx, &[row.id], wanted).await?;
            if changed == 0 {
                return output::say(&format!("{}: nothing to change", row.address));
            }
            tx.commit().await?;
            let told = if wanted { "is told of updates from now on" } else { "is told of no more updates" };
            output::say(&format!("{} {told}", row.address))
        })
        .await
}
