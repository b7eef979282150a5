//! `depeche audit`: recomputes who should have got what, and compares it with the ledger both ways.
//! The comparison is the daemon's own.

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use serde_json::json;

use super::{
    Failure, Invocation,
    output::{self, Format, FormatArgs, count, number},
};
use crate::{
    clock::parse_time,
    daemon::audit::{self, Finding, Report},
    delivery::State,
    store,
};

/// How far back without `--since`: every daily slot, and the one before it.
const LOOK_BACK: TimeDelta = TimeDelta::days(2);
/// Findings of one kind shown to people.
const EXAMPLES: usize = 10;

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche audit                             the last two days
  depeche audit --since '2027-03-01 00:00'

Exit code 1 where the books do not agree, with each disagreement.")]
pub(super) struct AuditArgs {
    /// Look at slots since this time, as people type it [default: two days ago]
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    #[command(flatten)]
    pub(super) format: FormatArgs,
}

/// Audits, in one read-only snapshot.
pub(super) async fn run(invocation: &Invocation, args: AuditArgs) -> Result<(), Failure> {
    let since = match &args.since {
        Some(text) => parse_time(text, invocation.now, invocation.config()?.publisher.zone)
            .map_err(|error| Failure::input(format!("--since: {error}")))?,
        None => invocation.now - LOOK_BACK,
    };
    let report = invocation
        .with_store(async |store| {
            let mut tx = store::begin_read_only(&store.pool).await?;
            let audited = audit::audit(&mut tx, since).await;
            audited.map_err(|error| Failure::failed(format!("the audit could not be done: {error}")))
        })
        .await?;
    match args.format.format {
        Format::Text => output::say(&as_text(&report))?,
        Format::Json => output::say_json(&as_json(&report, since))?,
    }
    match report.findings.len() {
        0 => Ok(()),
        n => Err(Failure::failed(format!("the books do not agree: {}", count(number_of(n), "finding", "findings")))),
    }
}

/// The findings by kind, in the order of their first.
fn kinds(report: &Report) -> Vec<(&'static str, Vec<&Finding>)> {
    let mut kinds: Vec<(&'static str, Vec<&Finding>)> = Vec::new();
    for finding in &report.findings {
        match kinds.iter_mut().find(|(word, _)| *word == finding.word()) {
            Some((_, of_kind)) => of_kind.push(finding),
            None => kinds.push((finding.word(), vec![finding])),
        }
    }
    kinds
}

fn state_word(code: i16) -> String {
    State::from_code(code).map_or_else(|_| code.to_string(), |state| state.word().to_owned())
}

fn as_text(report: &Report) -> String {
    let states = report.states.iter().map(|(code, n)| format!("{} {}", number(*n), state_word(*code)));
    let states = states.collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!(
            "{} audited: {} to be told, {} told, {} told once more as updates, {} waiting in bundles of alerts, {} given up by readers who left",
            count(number_of(report.slots), "slot", "slots"),
            count(number_of(report.candidates), "story", "stories"),
            number(number_of(report.told)),
            number(number_of(report.updates)),
            number(number_of(report.bundled)),
            number(number_of(report.left)),
        ),
        format!("deliveries: {}", if states.is_empty() { "none" } else { &states }),
    ];
    if report.too_old > 0 {
        let slots = count(number_of(report.too_old), "older slot", "older slots");
        lines.push(format!("{slots} not looked at: the matches they told are pruned"));
    }
    if report.findings.is_empty() {
        lines.push("the books agree".to_owned());
    }
    for (word, of_kind) in kinds(report) {
        lines.push(format!("{word}: {}", number(number_of(of_kind.len()))));
        lines.extend(of_kind.iter().take(EXAMPLES).map(|finding| format!("  {finding}")));
        if of_kind.len() > EXAMPLES {
            let more = number(number_of(of_kind.len() - EXAMPLES));
            lines.push(format!("  … and {more} more; --format json lists all"));
        }
    }
    lines.join("\n")
}

fn as_json(report: &Report, since: DateTime<Utc>) -> serde_json::Value {
    let states: serde_json::Map<String, serde_json::Value> =
        report.states.iter().map(|(code, n)| (state_word(*code), json!(n))).collect();
    let findings: Vec<_> =
        report.findings.iter().map(|finding| json!({"kind": finding.word(), "text": finding.to_string()})).collect();
    json!({
        "since": since, "slots": report.slots, "candidates": report.candidates, "told": report.told, "updates": report.updates, "bundled": report.bundled,
        "left": report.left, "too_old": report.too_old, "deliveries": states, "findings": findings,
    })
}

fn number_of(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
