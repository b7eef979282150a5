//! `depeche delivery`: the ledger, as people look at it, and failed mails tried again.
//! It sends nothing; a retry asked for here is done by the daemon.

mod show;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::{Args, Subcommand};
use serde_json::json;

use super::{
    Failure, Invocation, Store, names,
    output::{self, FormatArgs},
};
use crate::{
    clock::parse_time,
    delivery::State,
    store::{
        self,
        delivery::{DetailRow, Key},
    },
};

/// Deliveries listed where nobody says how many.
const LISTED: i64 = 100;

/// How far back is looked where nobody says since when.
const LOOK_BACK: TimeDelta = TimeDelta::days(7);

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depeche delivery list --state failed --since 'yesterday 00:00'")]
pub(super) struct DeliveryArgs {
    #[command(subcommand)]
    command: DeliveryCommand,
}

#[derive(Debug, Subcommand)]
enum DeliveryCommand {
    /// List deliveries, the newest slot first
    List(ListArgs),
    /// Show all that is known of a delivery
    Show(ShowArgs),
    /// Try failed, expired or doubtful deliveries again, or deferred ones at once
    Retry(RetryArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche delivery list --subscriber lea@example.org
  depeche delivery list --state skipped --since 'yesterday 07:00' --limit 500 --format json

States: planned, accepted, failed, expired, skipped, in-doubt, returned.")]
struct ListArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = LISTED, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Args)]
struct WhichArgs {
    /// Only those to this subscriber
    #[arg(long, value_name = "EMAIL")]
    subscriber: Option<String>,
    /// Only those in this state
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// Only of slots since this time, as people type it [default: 7 days ago]
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depeche delivery show 2027-03-28T05:00:00Z/17/3")]
struct ShowArgs {
    /// Its key, as `delivery list` shows it
    delivery: String,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche delivery retry 2027-03-28T05:00:00Z/17/3
  depeche delivery retry --state failed --since 'today 06:00'

The retried mail is the same mail: same Message-ID, same content. Whoever left in between is not mailed.")]
struct RetryArgs {
    /// Their keys, as `delivery list` shows them
    #[arg(value_name = "DELIVERY", required_unless_present = "state", conflicts_with_all = ["state", "since", "subscriber"])]
    deliveries: Vec<String>,
    #[command(flatten)]
    which: WhichArgs,
}

/// Does what was asked.
pub(super) async fn run(invocation: &Invocation, args: DeliveryArgs) -> Result<(), Failure> {
    match args.command {
        DeliveryCommand::List(args) => {
            let which = Which::read(invocation, &args.which)?;
            invocation.with_store(async |store| show::list(store, &which, args.limit, args.format.format).await).await
        }
        DeliveryCommand::Show(args) => {
            let key = parse_key(&args.delivery)?;
            invocation.with_store(async |store| show::show(store, key, args.format.format).await).await
        }
        DeliveryCommand::Retry(args) => retry(invocation, args).await,
    }
}

/// Which deliveries, before the store is open; the zone of `since` comes from the config.
struct Which {
    subscriber: Option<String>,
    state: Option<State>,
    since: DateTime<Utc>,
}

impl Which {
    fn read(invocation: &Invocation, args: &WhichArgs) -> Result<Self, Failure> {
        let since = match &args.since {
            Some(text) => parse_time(text, invocation.now, invocation.config()?.publisher.zone)
                .map_err(|error| Failure::input(format!("--since: {error}")))?,
            None => invocation.now - LOOK_BACK,
        };
        Ok(Self {
            subscriber: args.subscriber.clone(),
            state: args.state.as_deref().map(parse_state).transpose()?,
            since,
        })
    }

    async fn rows(&self, store: &Store, limit: i64) -> Result<Vec<store::delivery::DeliveryRow>, Failure> {
        let mut conn = store.pool.acquire().await?;
        let subscriber = match &self.subscriber {
            Some(given) => Some(names::subscriber(&mut conn, given).await?.id),
            None => None,
        };
        Ok(store::delivery::list(&mut conn, subscriber, self.state.map(State::code), self.since, limit).await?)
    }
}

fn parse_state(given: &str) -> Result<State, Failure> {
    let wanted = given.trim().to_lowercase().replace(['-', '_'], " ");
    let found = State::ALL.into_iter().find(|state| state.word() == wanted);
    found.ok_or_else(|| {
        names::unknown("state", given, &State::ALL.map(State::word), "see `depeche delivery list --help`")
    })
}

/// A key as people copy it: slot's time, batch, place.
pub(super) fn key_text(key: Key) -> String {
    format!("{}/{}/{}", key.0.to_rfc3339_opts(SecondsFormat::AutoSi, true), key.1, key.2)
}

fn parse_key(given: &str) -> Result<Key, Failure> {
    let wrong = || {
        Failure::input(format!(
            "`{given}` is not the key of a delivery; one looks like 2027-03-28T05:00:00Z/17/3, see `depeche delivery list`"
        ))
    };
    let (rest, n) = given.trim().rsplit_once('/').ok_or_else(wrong)?;
    let (at, batch) = rest.rsplit_once('/').ok_or_else(wrong)?;
    let at = DateTime::parse_from_rfc3339(at).map_err(|_| wrong())?.to_utc();
    Ok((at, batch.parse().map_err(|_| wrong())?, n.parse().map_err(|_| wrong())?))
}

/// Deliveries retried in one go at most; more is a new run and not a repair.
const MAX_RETRIED: i64 = 10_000;

async fn retry(invocation: &Invocation, args: RetryArgs) -> Result<(), Failure> {
    let keys: Vec<Key> = args.deliveries.iter().map(|given| parse_key(given)).collect::<Result<_, _>>()?;
    let which = Which::read(invocation, &args.which)?;
    if let Some(state) = which.state.filter(|state| !may_retry(*state)) {
        return Err(Failure::input(format!("--state {state}: {}", why_not(state))));
    }
    invocation
        .with_store(async |store| {
            let keys = if keys.is_empty() {
                which.rows(store, MAX_RETRIED).await?.iter().map(|row| (row.slot_at, row.batch_no, row.n)).collect()
            } else {
                keys
            };
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let mut again = Vec::with_capacity(keys.len());
            let mut late = 0;
            for key in &keys {
                let detail = store::delivery::detail(&mut tx, *key).await?.ok_or_else(|| none_such(*key))?;
                match refusal(&detail, invocation.now) {
                    None => again.push(*key),
                    // Of many, those whose time is over are counted; of named ones, each is answered for.
                    Some(_) if args.deliveries.is_empty() => late += 1,
                    Some(why) => {
                        return Err(Failure::failed(format!("{}: {why}; nothing was changed", key_text(*key))));
                    }
                }
            }
            store::delivery::reopen(&mut tx, &again).await?;
            let due = store::retry::again(&mut tx, invocation.now, &again).await?;
            let shown: Vec<String> = again.iter().take(20).map(|key| key_text(*key)).collect();
            let detail = json!({"deliveries": again.len(), "first": shown});
            store::act::write(&mut tx, invocation.now, &invocation.who(), "delivery retry", detail).await?;
            tx.commit().await?;
            let due = i64::try_from(due).unwrap_or(i64::MAX);
            let late = if late > 0 {
                format!("; {late} left as they are: no retry, or their time is over")
            } else {
                String::new()
            };
            output::say(&format!("{} due now{late}", output::count(due, "delivery is", "deliveries are")))
        })
        .await
}

pub(super) fn none_such(key: Key) -> Failure {
    Failure::input(format!("there is no delivery {}; see `depeche delivery list`", key_text(key)))
}

const fn may_retry(state: State) -> bool {
    matches!(state, State::Planned | State::Failed | State::Expired | State::InDoubt)
}

const fn why_not(state: State) -> &'static str {
    match state {
        State::Accepted => "a relay took it; a second try would be a double",
        State::Returned => "a relay took it and it came back; correct the address or leave it",
        _ => "it was skipped, and the reason stands",
    }
}

/// Why a delivery is not tried again.
fn refusal(detail: &DetailRow, now: DateTime<Utc>) -> Option<String> {
    let state = State::from_code(detail.row.state).ok()?;
    if !may_retry(state) {
        return Some(why_not(state).to_owned());
    }
    if state == State::Planned && detail.row.retry_at.is_none() {
        return Some("it waits for its time, and nothing went wrong with it".to_owned());
    }
    if detail.expires_at <= now {
        return Some("its time is over; what it told would be old".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_as_it_is_shown() {
        let check = |text: &str| assert_eq!(key_text(parse_key(text).expect("a key")), text);
        check("2027-03-28T05:00:00Z/17/3");
        check("2027-03-28T05:00:00.123456Z/9000000000/499");
        for wrong in ["", "17/3", "2027-03-28/17/3", "2027-03-28T05:00:00Z/17", "2027-03-28T05:00:00Z/17/99999"] {
            assert!(parse_key(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn states_are_taken_as_people_type_them() {
        assert_eq!(parse_state("in-doubt").ok(), Some(State::InDoubt));
        assert_eq!(parse_state("Failed").ok(), Some(State::Failed));
        let error = parse_state("acepted").expect_err("a slip").to_string();
        assert_eq!(error, "there is no state `acepted`; did you mean `accepted`?");
    }
}
