//! A small newspaper on a database of its own: readers whose mails are planned by the real stages, and relays on loopback.
//! It delivers only when told to, and asserts nothing about deliveries.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use chrono::{DateTime, DurationRound as _, TimeDelta, Timelike as _, Utc};
use depeche::{
    clock::Clock,
    daemon::{self, Context, Outcome, Settings, Stage, StageError, deliver},
    delivery::{Lane, SkipReason, State},
    mail::{Relay, RelayConfig, TlsMode},
    store::{self, Pool, membership::Follow},
};

use super::{
    TestDatabase,
    context::{self, at},
};

/// The morning on which the readers' digests go: 07:00 in Paris.
pub(crate) const SLOT: &str = "2026-11-24T06:00:00Z";

/// A database, its node and its clock, which stands still until it is moved, unless the newsroom is a live one.
pub(crate) struct Newsroom {
    pub(crate) pool: Pool,
    /// Dropped with the room.
    _db: Option<TestDatabase>,
    pub(crate) clock: Clock,
    pub(crate) ctx: Arc<Context>,
    /// Readers by number.
    pub(crate) readers: Vec<i64>,
    pub(crate) topic: i64,
    pub(crate) feed: i64,
}

/// A relay of this name, in the clear on loopback, with time for a busy machine.
pub(crate) fn relay(name: &str, address: SocketAddr, connections: u16) -> Arc<Relay> {
    let config = RelayConfig {
        name: name.into(),
        host: address.ip().to_string(),
        port: address.port(),
        tls: TlsMode::None,
        ehlo: "sender.example".into(),
        connections,
        ..RelayConfig::default()
    };
    Arc::new(Relay::new(config).expect("a relay"))
}

/// Settings with the morning's digest and alerts.
pub(crate) fn settings(relays: Vec<Arc<Relay>>) -> Settings {
    context::settings(&[("morning", "0 7 * * *")], relays)
}

/// A slot of the schedule `live` some minutes before now, by the machine's own clock.
pub(crate) struct LiveSlot {
    pub(crate) at: DateTime<Utc>,
    pub(crate) cron: String,
}

impl LiveSlot {
    pub(crate) fn new() -> Self {
        let at = (Utc::now() - TimeDelta::minutes(5)).duration_trunc(TimeDelta::minutes(1)).expect("a minute");
        Self { at, cron: format!("{} {} * * *", at.minute(), at.hour()) }
    }

    /// Settings with this schedule only.
    pub(crate) fn settings(&self, relays: Vec<Arc<Relay>>) -> Settings {
        context::settings(&[("live", &self.cron)], relays)
    }
}

impl Newsroom {
    /// So many readers of one topic with one article in it, their digests planned and due now.
    pub(crate) async fn with(settings: Settings, readers: usize) -> Self {
        Self::empty(settings).await.with_readers(readers).await
    }

    /// The same on a migrated database of the caller's.
    pub(crate) async fn on(pool: Pool, settings: Settings, readers: usize) -> Self {
        Self::begin(pool, None, settings).await.with_readers(readers).await
    }

    async fn with_readers(self, readers: usize) -> Self {
        let mut room = self;
        for n in 0..readers {
            room.add_reader(n, "morning").await;
        }
        room.publish("Le tramway passe la Loire", "Le tramway de Nantes passe la Loire dès lundi matin.").await;
        room.plan_morning().await;
        room
    }

    /// Before the morning, without readers.
    pub(crate) async fn empty(settings: Settings) -> Self {
        let db = TestDatabase::new().await;
        Self::begin(db.pool.clone(), Some(db), settings).await
    }

    async fn begin(pool: Pool, db: Option<TestDatabase>, settings: Settings) -> Self {
        Self::begin_at(pool, db, settings, Clock::simulated(at("2026-11-24T05:00:00Z"), 0)).await
    }

    /// A newsroom at the machine's own time, so that processes can join in; its first article is matched and its slot,
    /// as `LiveSlot` says, was some minutes ago and is not yet planned. Every second reader follows the second topic.
    pub(crate) async fn live(pool: Pool, settings: Settings, slot: &LiveSlot, readers: usize) -> Self {
        let clock = Clock::simulated(slot.at - TimeDelta::hours(1), 1);
        let mut room = Self::begin_at(pool, None, settings, clock).await;
        let second = context::topic(&room.pool, room.clock.now(), "sports", "voile").await;
        let second_feed = context::feed(&room.pool, room.clock.now(), "regate").await;
        room.add_readers(readers, [room.topic, second]).await;
        room.publish("Le tramway passe la Loire", "Le tramway de Nantes passe la Loire dès lundi matin.").await;
        room.feed = second_feed;
        room.publish("La voile gagne le large", "La voile gagne le large devant Pornic avec cent bateaux.").await;
        room.pass((Utc::now() - room.clock.now()).to_std().expect("the slot is past"));
        room
    }

    /// Readers of the schedule `live`, in one transaction; reader N follows topic N modulo 2.
    async fn add_readers(&mut self, readers: usize, topics: [i64; 2]) {
        let mut links = Vec::new();
        for topic in topics {
            links.push([context::wanted(&self.pool, Follow::Topic(topic), "live", "Etc/UTC").await]);
        }
        let mut tx = self.pool.begin().await.expect("a transaction");
        for n in 0..readers {
            context::reader_in(&mut tx, self.clock.now(), &format!("reader{n}"), "Etc/UTC", &links[n % 2]).await;
        }
        tx.commit().await.expect("committed");
    }

    async fn begin_at(pool: Pool, db: Option<TestDatabase>, settings: Settings, clock: Clock) -> Self {
        let ctx = context::context(&pool, clock.clone(), settings).await;
        let feed = context::feed(&pool, clock.now(), "fanal").await;
        let topic = context::topic(&pool, clock.now(), "transports", "tramway").await;
        Self { pool, _db: db, clock, ctx, readers: Vec::new(), topic, feed }
    }

    pub(crate) async fn add_reader(&mut self, n: usize, schedule: &str) {
        let zone = if schedule == "instant" { "" } else { "Europe/Paris" };
        let wanted = [context::wanted(&self.pool, Follow::Topic(self.topic), schedule, zone).await];
        let name = format!("reader{n}");
        self.readers.push(context::reader(&self.pool, self.clock.now(), &name, "Europe/Paris", &wanted).await);
    }

    /// An article, matched.
    pub(crate) async fn publish(&self, title: &str, body: &str) -> i64 {
        let id = context::article(&self.pool, self.clock.now(), self.feed, context::text(title, body)).await;
        self.round(Stage::Match).await.expect("match");
        id
    }

    /// Plans at the cut-off and waits for the slot.
    pub(crate) async fn plan_morning(&self) {
        self.move_to("2026-11-24T05:46:00Z");
        self.round(Stage::Plan).await.expect("plan");
        self.move_to(SLOT);
    }

    pub(crate) fn move_to(&self, time: &str) {
        self.pass((at(time) - self.clock.now()).to_std().expect("forward"));
    }

    pub(crate) fn pass(&self, by: Duration) {
        assert!(self.clock.advance(by), "a simulated clock");
    }

    pub(crate) async fn round(&self, stage: Stage) -> Result<Outcome, StageError> {
        daemon::run_once(&self.ctx, stage).await
    }

    /// One round of the digests' lane.
    pub(crate) async fn deliver(&self) -> Result<Outcome, StageError> {
        deliver::run_once(&self.ctx, Lane::Digest, self.clock.now()).await
    }

    /// Changes settings as a reload does.
    pub(crate) fn set(&self, settings: Settings) {
        self.ctx.set_settings(settings);
    }

    /// Another node on the same database, with the same settings.
    pub(crate) async fn other_node(&self, settings: Settings) -> Arc<Context> {
        context::context(&self.pool, self.clock.clone(), settings).await
    }

    /// How many deliveries are in each state, in the words of the books.
    pub(crate) async fn states(&self) -> BTreeMap<String, i64> {
        states(&self.pool).await
    }
}

/// How many deliveries are in each state, in the words of the books.
pub(crate) async fn states(pool: &Pool) -> BTreeMap<String, i64> {
    let mut conn = pool.acquire().await.expect("a connection");
    let long_ago = DateTime::<Utc>::UNIX_EPOCH;
    let counts = store::delivery::counts(&mut conn, long_ago).await.expect("counts");
    let mut all = BTreeMap::new();
    for (_, state, reason, n) in counts {
        let state = State::from_code(state).expect("a state").word().to_owned();
        let word = match SkipReason::from_code(reason) {
            Ok(reason) => format!("{state}({})", reason.text()),
            Err(_) => state,
        };
        *all.entry(word).or_default() += n;
    }
    all
}
