//! `depeche migrate`: brings the schema up to date.
//! The migrations themselves are the store's.

use clap::Args;

use super::{Failure, Invocation, output};
use crate::store::{
    self,
    schema::{self, Schema},
};

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depeche migrate --config /etc/depeche/depeche.toml")]
pub(super) struct MigrateArgs {}

/// Applies what is missing; several may run at once, one waits for the other.
pub(super) async fn run(invocation: &Invocation, _: MigrateArgs) -> Result<(), Failure> {
    invocation
        .with_database(async |store| {
            let before = schema::state(&mut *store.pool.acquire().await?).await?;
            if before == Schema::Ahead {
                return Err(Failure::failed(before.to_string()));
            }
            store::migrate(&store.pool).await?;
            output::say(match before {
                Schema::Current => "the schema was up to date",
                Schema::Empty => "the schema is laid",
                Schema::Behind { .. } | Schema::Ahead => "the schema is up to date now",
            })
        })
        .await
}
