//! `depeche subscriber export`: every reader as CSV on standard output, in the columns that `import` reads.
//! What the seven columns cannot hold, it says.

use std::io::{self, Write};

use chrono::SecondsFormat;
use clap::Args;
use serde_json::json;

use super::sheet::{COLUMNS, FULL_COLUMNS};
use crate::{
    cli::{Failure, Invocation, output},
    store::{self, subscriber::SubscriberRow, subscription::LinkRow},
    subscriber::Status,
};

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche subscriber export > readers.csv
  depeche subscriber export --full > backup.csv

Columns: email,language,zone,topics,schedule,status,created_at; a reader has a line for each schedule.
--full adds reads (languages of articles), filters (own filters, one a line in their cell) and
updates (yes where they want to be told of them).")]
pub(super) struct ExportArgs {
    /// With languages read, own filters and who is told of updates
    #[arg(long)]
    full: bool,
}

pub(super) async fn run(invocation: &Invocation, args: ExportArgs) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut csv = csv::Writer::from_writer(io::stdout());
            let columns = COLUMNS.iter().chain(if args.full { FULL_COLUMNS.as_slice() } else { &[] });
            write(&mut csv, columns)?;
            let all: i64 = store::subscriber::counts(&mut conn).await?.iter().map(|(_, n)| n).sum();
            let bar = output::progress(u64::try_from(all).unwrap_or_default(), "exporting");
            let (mut cursor, mut exported, mut left_out) = (0, 0_u64, 0_u64);
            loop {
                let page = store::subscriber::page(&mut conn, cursor).await?;
                let Some(last) = page.last() else { break };
                cursor = last.id;
                let ids: Vec<i64> = page.iter().map(|row| row.id).collect();
                let links = store::subscription::live(&mut conn, &ids).await?;
                let mut links = super::by_reader(&links);
                for row in &page {
                    let own = links.remove(&row.id).unwrap_or_default();
                    left_out += u64::from(!args.full && does_not_fit(row, &own));
                    for line in lines(row, &own, args.full) {
                        write(&mut csv, &line)?;
                    }
                }
                exported += page.len() as u64;
                bar.inc(page.len() as u64);
            }
            csv.flush()?;
            bar.finish_and_clear();
            if left_out > 0 {
                output::note(&format!("note: {} filters of their own, read other languages or want updates, which these columns cannot hold; --full holds them", output::count(left_out, "subscriber has", "subscribers have")));
            }
            // Who took everybody's address out is written down, too.
            let detail = json!({"subscribers": exported, "full": args.full});
            Ok(store::act::write(&mut conn, invocation.now, &invocation.who(), "subscriber export", detail).await?)
        })
        .await
}

fn write<W: Write>(csv: &mut csv::Writer<W>, cells: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<(), Failure> {
    csv.write_record(cells).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(error) => Failure::from(error),
        other => Failure::failed(format!("cannot write the CSV: {other:?}")),
    })
}

fn does_not_fit(row: &SubscriberRow, links: &[&LinkRow]) -> bool {
    links.iter().any(|link| link.slug.is_none()) || row.reads != [row.language.as_str()] || row.updates
}

/// One line a schedule, in the order of the reader's links; one without a schedule where they follow nothing.
fn lines(row: &SubscriberRow, links: &[&LinkRow], full: bool) -> Vec<Vec<String>> {
    let mut schedules: Vec<&str> = Vec::new();
    for link in links {
        if !schedules.contains(&link.schedule.as_str()) {
            schedules.push(&link.schedule);
        }
    }
    if schedules.is_empty() {
        schedules.push("");
    }
    let line = |schedule: &&str| {
        let on = || links.iter().filter(|link| link.schedule == **schedule);
        let topics: Vec<&str> = on().filter_map(|link| link.slug.as_deref()).collect();
        let mut cells = vec![
            row.address.clone(),
            row.language.clone(),
            row.zone.clone(),
            topics.join(" "),
            (*schedule).to_owned(),
            Status::try_from(row.status).map_or("unknown", Status::word).to_owned(),
            row.created_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        ];
        if full {
            let filters: Vec<&str> = on().filter_map(|link| link.canonical.as_deref()).collect();
            let updates = if row.updates { "yes" } else { "" };
            cells.extend([row.reads.join(" "), filters.join("\n"), updates.to_owned()]);
        }
        cells
    };
    schedules.iter().map(line).collect()
}
