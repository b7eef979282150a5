//! A newspaper's day in a few verbs: articles come, readers follow, slots close; and what the books say of it.
//! It asserts nothing about the plan.

use std::sync::Arc;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use depeche::{
    clock::Clock,
    daemon::{Context, Settings, match_articles, plan},
    store::{self, membership::Follow, membership::Wanted},
};

use crate::support::{
    TestDatabase,
    context::{self, settings, text},
};

/// Rounds after which a stage that still finds work is stuck.
const MAX_ROUNDS: usize = 200;

/// A database of one's own with one node on it.
pub(crate) struct World {
    pub(crate) ctx: Arc<Context>,
    pub(crate) database: TestDatabase,
}

/// One digest as the books have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Got {
    pub(crate) schedule: String,
    pub(crate) local_at: NaiveDateTime,
    /// Title and place, in the order of the mail.
    pub(crate) items: Vec<(String, String)>,
}

/// A text of thirty words that nothing else shares.
pub(crate) fn body(seed: &str) -> String {
    let hash = seed.bytes().fold(0xcbf2_9ce4_u64, |all, b| (all ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (0..30).map(|n| format!("z{:x}q{n}", hash & 0xffff_ffff)).collect::<Vec<_>>().join(" ")
}

impl World {
    pub(crate) async fn new(schedules: &[(&str, &str)]) -> Self {
        Self::with(settings(schedules, Vec::new())).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let database = TestDatabase::new().await;
        let ctx = context::context(&database.pool, Clock::System, settings).await;
        Self { ctx, database }
    }

    pub(crate) fn pool(&self) -> &store::Pool {
        &self.database.pool
    }

    /// A second node on the same database.
    pub(crate) async fn other_node(&self, schedules: &[(&str, &str)]) -> Arc<Context> {
        context::context(self.pool(), Clock::System, settings(schedules, Vec::new())).await
    }

    /// A confirmed reader of Paris who follows these topics on these schedules.
    pub(crate) async fn reader(&self, now: DateTime<Utc>, name: &str, topics: &[(i64, &str)]) -> i64 {
        let mut wanted = Vec::new();
        for (topic, schedule) in topics {
            wanted.push(self.wanted(*topic, schedule).await);
        }
        context::reader(self.pool(), now, name, "Europe/Paris", &wanted).await
    }

    pub(crate) async fn wanted(&self, topic: i64, schedule: &str) -> Wanted {
        let zone = if schedule == "instant" { "" } else { "Europe/Paris" };
        context::wanted(self.pool(), Follow::Topic(topic), schedule, zone).await
    }

    /// An article that is a story of its own, matched at once.
    pub(crate) async fn news(&self, now: DateTime<Utc>, feed: i64, title: &str) -> i64 {
        self.twin(now, feed, title, title).await
    }

    /// An article that tells the story of this name, matched at once.
    pub(crate) async fn twin(&self, now: DateTime<Utc>, feed: i64, title: &str, story: &str) -> i64 {
        let id = context::article(self.pool(), now, feed, text(title, &body(story))).await;
        self.matched(now).await;
        id
    }

    /// Matches everything that waits.
    pub(crate) async fn matched(&self, now: DateTime<Utc>) {
        for _ in 0..MAX_ROUNDS {
            if match_articles::run_once(&self.ctx, now).await.expect("match runs").did == 0 {
                return;
            }
        }
        panic!("match finds work without end");
    }

    /// Closes what is due at `now` and plans it; gives the number of digests and slots.
    pub(crate) async fn planned(&self, now: DateTime<Utc>) -> usize {
        let mut did = 0;
        for _ in 0..MAX_ROUNDS {
            match plan::run_once(&self.ctx, now).await.expect("plan runs").did {
                0 => return did,
                more => did += more,
            }
        }
        panic!("plan finds work without end");
    }

    /// The digests of a reader, oldest slot first.
    pub(crate) async fn digests(&self, reader: i64) -> Vec<Got> {
        let rows: Vec<(String, NaiveDateTime, i64, String, String)> = sqlx::query_as(
            "select c.name, s.local_at, s.id, v.body ->> 'title', i.item ->> 'place'
             from digest d join slot s on s.id = d.slot_id join schedule c on c.id = s.schedule_id,
               jsonb_array_elements(d.items) with ordinality as i(item, n)
               join revision v on v.article_id = (i.item ->> 'article')::bigint and v.rev = (i.item ->> 'rev')::smallint
             where d.subscriber_id = $1 order by d.slot_at, s.id, i.n",
        )
        .bind(reader)
        .fetch_all(self.pool())
        .await
        .expect("the digests");
        rows.chunk_by(|a, b| a.2 == b.2)
            .map(|rows| Got {
                schedule: rows[0].0.clone(),
                local_at: rows[0].1,
                items: rows.iter().map(|row| (row.3.clone(), row.4.clone())).collect(),
            })
            .collect()
    }

    /// The titles of each digest of a reader, without those that stand as an alert's line.
    pub(crate) async fn titles(&self, reader: i64) -> Vec<Vec<String>> {
        let fresh = |got: Got| got.items.into_iter().filter(|i| i.1 != "alerted").map(|i| i.0).collect();
        self.digests(reader).await.into_iter().map(fresh).collect()
    }

    /// State and reason of each delivery to a reader, in the order of their slots.
    pub(crate) async fn deliveries(&self, reader: i64) -> Vec<(i16, i16)> {
        sqlx::query_as("select state, reason from delivery where subscriber_id = $1 order by slot_at, batch_no, n")
            .bind(reader)
            .fetch_all(self.pool())
            .await
            .expect("the deliveries")
    }

    /// One number out of the database.
    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.expect(sql)
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        sqlx::query(sql).execute(self.pool()).await.expect(sql);
    }
}

/// Hours and minutes after an instant.
pub(crate) fn later(at: DateTime<Utc>, hours: i64, minutes: i64) -> DateTime<Utc> {
    at + TimeDelta::hours(hours) + TimeDelta::minutes(minutes)
}
