//! Runs the stages: one shared loop owns waiting, cancellation, back-off and logging.
//! It holds no SQL and no HTTP routes; the stages talk through tables only.

pub mod audit;
pub mod compose;
pub mod deliver;
pub mod forecast;
pub mod ingest;
pub mod match_articles;
pub mod plan;
pub mod preview;
mod reanalysis;
pub mod run;
pub mod sweep;

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use tokio::sync::{Notify, watch};

use crate::{
    clock::Clock,
    delivery::Lane,
    store::{self, Pool},
};

/// What one round of a stage did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Things done, in the stage's own unit.
    pub did: usize,
    /// More waits: go on at once.
    pub more: bool,
}

impl Outcome {
    /// Nothing to do.
    pub const IDLE: Self = Self { did: 0, more: false };
}

/// Why a round of a stage ended early; it is tried again after a back-off.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Postgres did not answer or refused.
    #[error("the database said: {0}")]
    Store(#[from] store::Error),
    /// No relay could be reached; the mails wait where they are.
    #[error("no mail could be handed over: {0}")]
    Relay(String),
    /// Something stored does not read.
    #[error("{0}")]
    Stored(String),
}

/// A part of the daemon that can run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Feeds to articles.
    Ingest,
    /// Articles to matches.
    Match,
    /// Matches to digests and deliveries.
    Plan,
    /// Deliveries to relays.
    Deliver,
    /// Takes over, expires, prunes.
    Sweep,
}

impl Stage {
    /// All stages in the order of the flow.
    pub const ALL: [Self; 5] = [Self::Ingest, Self::Match, Self::Plan, Self::Deliver, Self::Sweep];

    /// The word for it on the command line and in logs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Match => "match",
            Self::Plan => "plan",
            Self::Deliver => "deliver",
            Self::Sweep => "sweep",
        }
    }
}

/// Doorbells between the stages of one node; polling alone would be enough.
#[derive(Debug, Default)]
pub struct Wake {
    /// A feed became due.
    pub ingest: Notify,
    /// A revision waits.
    pub match_articles: Notify,
    /// Something matched.
    pub plan: Notify,
    /// Something is to be swept.
    pub sweep: Notify,
    /// Deliveries were planned; one per lane.
    pub lanes: [Notify; 3],
}

impl Wake {
    /// Rings for every stage.
    pub fn all(&self) {
        for stage in [&self.ingest, &self.match_articles, &self.plan, &self.sweep] {
            stage.notify_one();
        }
        self.deliver();
    }

    /// Rings for every lane of deliver.
    pub fn deliver(&self) {
        for lane in &self.lanes {
            lane.notify_one();
        }
    }
}

/// Loops of a node: a stage each, deliver one a lane.
pub const LOOPS: usize = 7;

/// Rounds that each loop has ended and how many of them did something: a simulated day moves on when nothing is left to do.
#[derive(Debug, Default)]
pub struct Rounds {
    ended: [AtomicU64; LOOPS],
    busy: AtomicU64,
}

impl Rounds {
    /// Counts a round of a loop as ended; one that failed is not idle.
    pub fn end(&self, of: usize, idle: bool) {
        if !idle {
            self.busy.fetch_add(1, Ordering::SeqCst);
        }
        self.ended[of % LOOPS].fetch_add(1, Ordering::SeqCst);
    }

    /// Rounds that each loop has ended.
    pub fn ended(&self) -> [u64; LOOPS] {
        std::array::from_fn(|of| self.ended[of].load(Ordering::SeqCst))
    }

    /// Rounds of all loops that did something or failed.
    pub fn busy(&self) -> u64 {
        self.busy.load(Ordering::SeqCst)
    }
}

/// What the stages need to know, swapped as a whole when the config is read again.
pub struct Settings {
    /// For ingest.
    pub ingest: ingest::IngestSettings,
    /// For plan.
    pub plan: plan::PlanSettings,
    /// For deliver.
    pub deliver: deliver::DeliverSettings,
    /// For composing mails.
    pub compose: compose::ComposeSettings,
    /// Articles a day that words of a reader's own may bring at most; 0 for no limit.
    pub max_hits_per_day: u64,
}

/// What the stages of one node share.
pub struct Context {
    /// Postgres.
    pub pool: Pool,
    /// Where `now` comes from.
    pub clock: Clock,
    /// Doorbells.
    pub wake: Wake,
    /// What the loops have done so far.
    pub rounds: Rounds,
    /// SMTP connections kept between rounds.
    pub kept: deliver::connection::Kept,
    /// Lanes of deliver that have to put their last round in order first.
    pub unsettled: deliver::Unsettled,
    /// The index of filters, kept up to date by match.
    pub index: match_articles::LiveIndex,
    /// What ingest remembers for the publishers' sake.
    pub manners: ingest::manners::Manners,
    /// Rendered fragments and revisions, kept between rounds.
    pub cache: compose::Cache,
    settings: RwLock<Arc<Settings>>,
    node: AtomicI64,
    stop: watch::Sender<bool>,
}

impl Context {
    /// For a node that has entered the store as `node`.
    pub fn new(pool: Pool, clock: Clock, settings: Settings, node: i64) -> Self {
        Self {
            pool,
            clock,
            wake: Wake::default(),
            rounds: Rounds::default(),
            kept: deliver::connection::Kept::default(),
            unsettled: deliver::Unsettled::default(),
            index: match_articles::LiveIndex::default(),
            manners: ingest::manners::Manners::default(),
            cache: compose::Cache::default(),
            settings: RwLock::new(Arc::new(settings)),
            node: AtomicI64::new(node),
            stop: watch::Sender::new(false),
        }
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other settings in force; rounds under way end with the old ones.
    pub fn set_settings(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }

    /// This node's id in the store.
    pub fn node(&self) -> i64 {
        self.node.load(Ordering::SeqCst)
    }

    /// The node's lease had run out: it goes on under a new id, and everything under the old one is lost to it.
    pub fn set_node(&self, node: i64) {
        self.node.store(node, Ordering::SeqCst);
    }

    /// Asks every loop to end after what is under way.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Whether a stop was asked for.
    pub fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// Waits until a stop is asked for.
    pub async fn stopped(&self) {
        // The sender lives as long as `self`, so this cannot fail.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }
}

/// Runs one round of a stage; deliver runs its lanes side by side.
pub async fn run_once(ctx: &Arc<Context>, stage: Stage) -> Result<Outcome, StageError> {
    let now = ctx.clock.now();
    match stage {
        Stage::Ingest => ingest::run_once(ctx, now).await,
        Stage::Match => match_articles::run_once(ctx, now).await,
        Stage::Plan => plan::run_once(ctx, now).await,
        Stage::Sweep => sweep::run_once(ctx, now).await,
        Stage::Deliver => {
            let [a, b, c] = Lane::ALL;
            let (a, b, c) = tokio::join!(
                deliver::run_once(ctx, a, now),
                deliver::run_once(ctx, b, now),
                deliver::run_once(ctx, c, now)
            );
            let outcomes = [a?, b?, c?];
            Ok(Outcome { did: outcomes.iter().map(|o| o.did).sum(), more: outcomes.iter().any(|o| o.more) })
        }
    }
}
