//! `depeche delivery list` and `show`.
//! It changes nothing.

use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Which, key_text, none_such};
use crate::{
    cli::{
        Failure, Store,
        output::{self, Format},
    },
    delivery::{Kind, SkipReason, State},
    store::{
        self,
        delivery::{DeliveryRow, DetailRow, Key},
    },
};

pub(super) async fn list(store: &Store, which: &Which, limit: i64, format: Format) -> Result<(), Failure> {
    let rows = which.rows(store, limit).await?;
    let zone = store.config.publisher.zone;
    if format == Format::Json {
        return output::say_json(&rows.iter().map(json_of).collect::<Vec<_>>());
    }
    if rows.is_empty() {
        return output::say(&format!("no such deliveries since {}", output::at(which.since, zone)));
    }
    let mut table = output::Table::new(&["delivery", "kind", "to", "state", "tries", "at", "reply"]);
    for row in &rows {
        let at = row.at.map_or_else(String::new, |at| output::at(at, zone));
        let reply = row.reply.clone().unwrap_or_default();
        let key = key_text((row.slot_at, row.batch_no, row.n));
        table.row(vec![key, kind(row), row.address.clone(), state(row, zone), row.attempts.to_string(), at, reply]);
    }
    let shown = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let more = if shown == limit { format!("the newest {shown}; --limit shows more\n") } else { String::new() };
    output::say(&format!("{}{more}", table.text()))
}

pub(super) async fn show(store: &Store, key: Key, format: Format) -> Result<(), Failure> {
    let mut conn = store.pool.acquire().await?;
    let detail = store::delivery::detail(&mut conn, key).await?.ok_or_else(|| none_such(key))?;
    if format == Format::Json {
        let mut json = json_of(&detail.row);
        json["schedule"] = json!(detail.schedule);
        json["due_at"] = json!(detail.due_at);
        json["expires_at"] = json!(detail.expires_at);
        json["titles"] = json!(detail.titles);
        json["doubt"] = json!(detail.doubt);
        return output::say_json(&json);
    }
    output::say(&text(&detail, store.config.publisher.zone))
}

fn text(detail: &DetailRow, zone: Tz) -> String {
    let row = &detail.row;
    let mut lines = vec![
        format!("delivery:  {}", key_text((row.slot_at, row.batch_no, row.n))),
        format!("kind:      {}", kind(row)),
        format!("to:        {} (subscriber {})", row.address, row.subscriber_id),
        format!("state:     {}", state(row, zone)),
    ];
    lines.extend(detail.schedule.as_ref().map(|name| format!("schedule:  {name}")));
    lines.push(format!("due:       {}", output::at(detail.due_at, zone)));
    lines.push(format!("given up:  {}", output::at(detail.expires_at, zone)));
    lines.push(format!("tries:     {}", row.attempts));
    lines.extend(row.relay.as_ref().map(|relay| format!("relay:     {relay}")));
    lines.extend(row.reply.as_ref().filter(|reply| !reply.is_empty()).map(|reply| format!("reply:     {reply}")));
    lines.extend(row.at.map(|at| format!("at:        {}", output::at(at, zone))));
    lines.extend(detail.doubt.as_ref().map(|how| format!("in doubt:  {how}")));
    if !detail.titles.is_empty() {
        lines.push(String::new());
        lines.extend(detail.titles.iter().map(|title| format!("  • {title}")));
    }
    lines.join("\n")
}

fn kind(row: &DeliveryRow) -> String {
    Kind::from_code(row.kind).map_or_else(|_| row.kind.to_string(), |kind| kind.word().to_owned())
}

fn state(row: &DeliveryRow, zone: Tz) -> String {
    let word = State::from_code(row.state).map_or("unknown", State::word);
    match (SkipReason::from_code(row.reason), row.retry_at) {
        (Ok(reason), _) => format!("{word}({})", reason.text()),
        (_, Some(again)) => format!("{word}, again {}", output::at(again, zone)),
        _ => word.to_owned(),
    }
}

fn json_of(row: &DeliveryRow) -> Value {
    json!({
        "delivery": key_text((row.slot_at, row.batch_no, row.n)),
        "slot_at": row.slot_at,
        "kind": kind(row),
        "subscriber": row.address,
        "subscriber_id": row.subscriber_id,
        "state": State::from_code(row.state).map_or("unknown", State::word),
        "reason": SkipReason::from_code(row.reason).ok().map(SkipReason::text),
        "attempts": row.attempts,
        "code": row.code.filter(|code| *code != 0),
        "reply": row.reply,
        "relay": row.relay,
        "at": row.at,
        "retry_at": row.retry_at,
    })
}
