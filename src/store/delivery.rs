//! Deliveries: the outbox and the ledger at once, written twice: by plan, and with the result.
//! It neither sends nor renders.

use chrono::{DateTime, Utc};

use super::{Conn, Result};
use crate::{
    delivery::{Kind, State},
    subscriber::Status,
};

/// Deliveries listed at most.
const MAX_LISTED: i64 = 10_000;

/// Key of a delivery: slot's time, batch, place in the batch.
pub type Key = (DateTime<Utc>, i64, i16);

/// A delivery to be written by plan.
#[derive(Clone, Copy, Debug)]
pub struct NewDelivery {
    /// Reader.
    pub subscriber_id: i64,
    /// Code of the kind.
    pub kind: i16,
    /// Code of the state: planned or skipped.
    pub state: i16,
    /// Code of the reason where skipped.
    pub reason: i16,
}

/// A delivery that waits to be sent, with whom to send it to.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Place in the batch.
    pub n: i16,
    /// Reader.
    pub subscriber_id: i64,
    /// Code of the kind.
    pub kind: i16,
    /// Attempts made.
    pub attempts: i16,
    /// Code of the state.
    pub state: i16,
    /// Address.
    pub address: String,
    /// Key of the mailbox.
    pub address_key: String,
    /// Code of the reader's status.
    pub status: i16,
    /// Interface language.
    pub language: String,
    /// IANA zone.
    pub zone: String,
    /// When they signed up or confirmed.
    pub since: DateTime<Utc>,
    /// Must not be mailed, and why.
    pub suppressed: Option<String>,
}

impl OutboxRow {
    /// A confirmed reader who is not in the store: for previews.
    pub fn of_nobody(address: &str, language: &str, zone: &str, now: DateTime<Utc>) -> Self {
        Self {
            n: 0,
            subscriber_id: 0,
            kind: Kind::Digest.code(),
            attempts: 0,
            state: State::Planned.code(),
            address: address.to_owned(),
            address_key: String::new(),
            status: Status::Confirmed.code(),
            language: language.to_owned(),
            zone: zone.to_owned(),
            since: now,
            suppressed: None,
        }
    }
}

/// What became of an attempt.
#[derive(Clone, Debug)]
pub struct ResultRow {
    /// Delivery.
    pub key: Key,
    /// Code of the new state.
    pub state: i16,
    /// Code of the reason where skipped.
    pub reason: i16,
    /// Whether an attempt was made.
    pub attempted: bool,
    /// Reply code; none keeps that of the attempt before.
    pub code: Option<i16>,
    /// The relay's reply or the fault, shortened; none keeps that of the attempt before.
    pub reply: Option<String>,
    /// Relay; none keeps that of the attempt before.
    pub relay: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// It is tried again: it stays, or is put, among the deferred.
    pub again: bool,
    /// How it settles a doubt about this mail, if there is one.
    pub settles: Option<&'static str>,
}

/// One delivery as shown to people.
#[derive(Clone, Debug)]
pub struct DeliveryRow {
    /// Slot's time.
    pub slot_at: DateTime<Utc>,
    /// Batch.
    pub batch_no: i64,
    /// Place in the batch.
    pub n: i16,
    /// Reader.
    pub subscriber_id: i64,
    /// Address as it is now.
    pub address: String,
    /// Code of the kind.
    pub kind: i16,
    /// Code of the state.
    pub state: i16,
    /// Code of the reason where skipped.
    pub reason: i16,
    /// Attempts made.
    pub attempts: i16,
    /// Last reply code.
    pub code: Option<i16>,
    /// Last reply.
    pub reply: Option<String>,
    /// Relay.
    pub relay: Option<String>,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// When it is tried again.
    pub retry_at: Option<DateTime<Utc>>,
}

/// Copies the deliveries of one batch in, numbered from `first`.
pub async fn copy_in(
    conn: &mut Conn,
    slot_at: DateTime<Utc>,
    batches: &[(i64, &[NewDelivery])],
    at: DateTime<Utc>,
) -> Result<()> {
    use std::fmt::Write as _;
    let mut text = String::new();
    let (slot_at, at) = (slot_at.to_rfc3339(), at.to_rfc3339());
    for (no, deliveries) in batches {
        for (n, d) in deliveries.iter().enumerate() {
            writeln!(text, "{slot_at}\t{no}\t{n}\t{}\t{}\t{}\t{}\t{at}", d.subscriber_id, d.kind, d.state, d.reason)
                .expect("writing to a string");
        }
    }
    let mut copy = conn
        .copy_in_raw("copy delivery (slot_at, batch_no, n, subscriber_id, kind, state, reason, at) from stdin")
        .await?;
    copy.send(text.into_bytes()).await?;
    copy.finish().await.map(drop)
}

/// The deliveries of a batch that still wait and are not in `retry`.
pub async fn outbox(conn: &mut Conn, slot_at: DateTime<Utc>, batch: i64) -> Result<Vec<OutboxRow>> {
    sqlx::query_as!(
        OutboxRow,
        r#"select d.n, d.subscriber_id, d.kind, d.attempts, d.state, s.address, s.address_key, s.status, s.language, s.zone,
                  coalesce(s.confirmed_at, s.created_at) as "since!", p.reason as "suppressed?"
           from delivery d join subscriber s on s.id = d.subscriber_id left join suppression p on p.address_key = s.address_key
           where d.slot_at = $1 and d.batch_no = $2 and d.state = 0
             and not exists (select from retry r where r.slot_at = d.slot_at and r.batch_no = d.batch_no and r.n = d.n)
           order by d.n limit $3"#,
        slot_at,
        batch,
        i64::try_from(super::batch::MAX_DELIVERIES).unwrap_or(i64::MAX)
    )
    .fetch_all(conn)
    .await
}

/// Readers as their deliveries would find them, numbered in the order of their ids: for previews.
pub async fn readers(conn: &mut Conn, ids: &[i64]) -> Result<Vec<OutboxRow>> {
    sqlx::query_as!(
        OutboxRow,
        r#"select (row_number() over (order by s.id) - 1)::smallint as "n!", s.id as subscriber_id, 0::smallint as "kind!",
                  0::smallint as "attempts!", 0::smallint as "state!", s.address, s.address_key, s.status, s.language, s.zone,
                  coalesce(s.confirmed_at, s.created_at) as "since!", p.reason as "suppressed?"
           from subscriber s left join suppression p on p.address_key = s.address_key
           where s.id = any($1) order by s.id"#,
        ids
    )
    .fetch_all(conn)
    .await
}

/// What became of the mails of a slot to these readers.
#[derive(Clone, Copy, Debug)]
pub struct PlannedRow {
    /// Reader.
    pub subscriber_id: i64,
    /// When it is, or was, to be sent.
    pub due_at: DateTime<Utc>,
    /// Code of the state.
    pub state: i16,
    /// Code of the reason where skipped.
    pub reason: i16,
}

/// The deliveries of a slot to these readers.
pub async fn of_slot(conn: &mut Conn, slot_at: DateTime<Utc>, slot: i64, readers: &[i64]) -> Result<Vec<PlannedRow>> {
    sqlx::query_as!(
        PlannedRow,
        "select d.subscriber_id, b.due_at, d.state, d.reason
         from batch b join delivery d on d.slot_at = b.slot_at and d.batch_no = b.no
         where b.slot_at = $1 and b.slot_id = $2 and d.subscriber_id = any($3) limit $4",
        slot_at,
        slot,
        readers,
        i64::try_from(readers.len()).unwrap_or(i64::MAX)
    )
    .fetch_all(conn)
    .await
}

/// Deliveries of a batch that wait in `retry`, whatever their state.
pub async fn some(conn: &mut Conn, slot_at: DateTime<Utc>, batch: i64, n: &[i16]) -> Result<Vec<OutboxRow>> {
    sqlx::query_as!(
        OutboxRow,
        r#"select d.n, d.subscriber_id, d.kind, d.attempts, d.state, s.address, s.address_key, s.status, s.language, s.zone,
                  coalesce(s.confirmed_at, s.created_at) as "since!", p.reason as "suppressed?"
           from delivery d join subscriber s on s.id = d.subscriber_id left join suppression p on p.address_key = s.address_key
           where d.slot_at = $1 and d.batch_no = $2 and d.n = any($3)
           order by d.n limit $4"#,
        slot_at,
        batch,
        n,
        i64::try_from(super::batch::MAX_DELIVERIES).unwrap_or(i64::MAX)
    )
    .fetch_all(conn)
    .await
}

/// Writes results, one statement for all: final states are never overwritten, what is not tried again is deferred no more, and
/// doubts are settled.
pub async fn results(conn: &mut Conn, rows: &[ResultRow]) -> Result<()> {
    let at: Vec<DateTime<Utc>> = rows.iter().map(|r| r.key.0).collect();
    let batch: Vec<i64> = rows.iter().map(|r| r.key.1).collect();
    let n: Vec<i16> = rows.iter().map(|r| r.key.2).collect();
    let state: Vec<i16> = rows.iter().map(|r| r.state).collect();
    let reason: Vec<i16> = rows.iter().map(|r| r.reason).collect();
    let tried: Vec<i16> = rows.iter().map(|r| i16::from(r.attempted)).collect();
    let code: Vec<Option<i16>> = rows.iter().map(|r| r.code).collect();
    let reply: Vec<Option<String>> = rows.iter().map(|r| r.reply.clone()).collect();
    let relay: Vec<Option<String>> = rows.iter().map(|r| r.relay.clone()).collect();
    let when: Vec<DateTime<Utc>> = rows.iter().map(|r| r.at).collect();
    let again: Vec<bool> = rows.iter().map(|r| r.again).collect();
    let settles: Vec<Option<String>> = rows.iter().map(|r| r.settles.map(str::to_owned)).collect();
    sqlx::query!(
        "with t as materialized (
            select * from unnest($1::timestamptz[], $2::bigint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::smallint[],
                                 $7::smallint[], $8::text[], $9::text[], $10::timestamptz[], $11::bool[], $12::text[])
                as t(slot_at, batch_no, n, state, reason, tried, code, reply, relay, at, again, settles)),
         gone as (delete from retry r using t
            where not t.again and r.slot_at = t.slot_at and r.batch_no = t.batch_no and r.n = t.n),
         settled as (update doubt o set settled = t.settles from t
            where t.settles is not null and o.slot_at = t.slot_at and o.batch_no = t.batch_no and o.n = t.n and o.settled is null)
         update delivery d set state = t.state, reason = t.reason, attempts = d.attempts + t.tried,
            code = coalesce(t.code, d.code), reply = coalesce(t.reply, d.reply), relay = coalesce(t.relay, d.relay), at = t.at
         from t where d.slot_at = t.slot_at and d.batch_no = t.batch_no and d.n = t.n and d.state in (0, 5)",
        &at,
        &batch,
        &n,
        &state,
        &reason,
        &tried,
        &code as &[Option<i16>],
        &reply as &[Option<String>],
        &relay as &[Option<String>],
        &when,
        &again,
        &settles as &[Option<String>]
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Deliveries as shown to people, newest slot first, of one reader or all, in one state or all.
pub async fn list(
    conn: &mut Conn,
    subscriber: Option<i64>,
    state: Option<i16>,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DeliveryRow>> {
    sqlx::query_as!(
        DeliveryRow,
        r#"select d.slot_at, d.batch_no, d.n, d.subscriber_id, s.address, d.kind, d.state, d.reason, d.attempts, d.code, d.reply,
                  d.relay, d.at, r.due_at as "retry_at?"
           from delivery d join subscriber s on s.id = d.subscriber_id
                left join retry r on r.slot_at = d.slot_at and r.batch_no = d.batch_no and r.n = d.n
           where ($1::bigint is null or d.subscriber_id = $1) and ($2::smallint is null or d.state = $2) and d.slot_at >= $3
           order by d.slot_at desc, d.batch_no desc, d.n limit $4"#,
        subscriber,
        state,
        since,
        limit.min(MAX_LISTED)
    )
    .fetch_all(conn)
    .await
}

/// How many deliveries there are since `since` per kind, state and reason.
pub async fn counts(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<(i16, i16, i16, i64)>> {
    let rows = sqlx::query!(
        r#"select kind, state, reason, count(*) as "n!" from delivery where slot_at >= $1
           group by kind, state, reason order by kind, state, reason limit 500"#,
        since
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.state, row.reason, row.n)).collect())
}

/// A delivery with its surroundings.
#[derive(Clone, Debug)]
pub struct DetailRow {
    /// The delivery.
    pub row: DeliveryRow,
    /// Name of the schedule; none for single mails.
    pub schedule: Option<String>,
    /// The mail's Date.
    pub due_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
    /// Titles of its items, in the order of the mail.
    pub titles: Vec<String>,
    /// How a doubt about it was settled, `open` where it was not; none without a doubt.
    pub doubt: Option<String>,
}

/// All that is known of one delivery.
pub async fn detail(conn: &mut Conn, key: Key) -> Result<Option<DetailRow>> {
    let found = sqlx::query!(
        r#"select d.slot_at, d.batch_no, d.n, d.subscriber_id, s.address, d.kind, d.state, d.reason, d.attempts, d.code, d.reply,
                  d.relay, d.at, r.due_at as "retry_at?", b.due_at, b.expires_at, b.slot_id, c.name as "schedule?",
                  case when o.slot_at is not null then coalesce(o.settled, 'open') end as doubt
           from delivery d join subscriber s on s.id = d.subscriber_id join batch b on b.slot_at = d.slot_at and b.no = d.batch_no
                left join retry r on r.slot_at = d.slot_at and r.batch_no = d.batch_no and r.n = d.n
                left join doubt o on o.slot_at = d.slot_at and o.batch_no = d.batch_no and o.n = d.n
                left join slot t on t.id = b.slot_id left join schedule c on c.id = t.schedule_id
           where d.slot_at = $1 and d.batch_no = $2 and d.n = $3"#,
        key.0,
        key.1,
        key.2
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(r) = found else { return Ok(None) };
    let titles = sqlx::query_scalar!(
        r#"select coalesce(v.body ->> 'title', '') as "title!"
           from digest g, jsonb_array_elements(g.items) with ordinality as i(item, at)
                join revision v on v.article_id = (i.item ->> 'article')::bigint and v.rev = (i.item ->> 'rev')::smallint
           where g.slot_at = $1 and g.slot_id = $2 and g.subscriber_id = $3 order by i.at limit 500"#,
        r.slot_at,
        r.slot_id,
        r.subscriber_id
    )
    .fetch_all(conn)
    .await?;
    let row = DeliveryRow {
        slot_at: r.slot_at,
        batch_no: r.batch_no,
        n: r.n,
        subscriber_id: r.subscriber_id,
        address: r.address,
        kind: r.kind,
        state: r.state,
        reason: r.reason,
        attempts: r.attempts,
        code: r.code,
        reply: r.reply,
        relay: r.relay,
        at: r.at,
        retry_at: r.retry_at,
    };
    Ok(Some(DetailRow {
        row,
        schedule: r.schedule,
        due_at: r.due_at,
        expires_at: r.expires_at,
        titles,
        doubt: r.doubt,
    }))
}

/// Opens failed and expired deliveries again, so that `retry` can send them; doubtful ones are sent as they are.
pub async fn reopen(conn: &mut Conn, keys: &[Key]) -> Result<u64> {
    let at: Vec<DateTime<Utc>> = keys.iter().map(|k| k.0).collect();
    let batch: Vec<i64> = keys.iter().map(|k| k.1).collect();
    let n: Vec<i16> = keys.iter().map(|k| k.2).collect();
    let opened = sqlx::query!(
        "update delivery d set state = 0 from unnest($1::timestamptz[], $2::bigint[], $3::smallint[]) as t(slot_at, batch_no, n)
         where d.slot_at = t.slot_at and d.batch_no = t.batch_no and d.n = t.n and d.state in (2, 3)",
        &at,
        &batch,
        &n
    )
    .execute(conn)
    .await?;
    Ok(opened.rows_affected())
}
