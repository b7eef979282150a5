//! Shows the pages over real HTTP and a real database: leaving, choosing, own words, muting, confirming, web copies, health and the guards.
//! It does not test the parts alone; their files do.

#[path = "web/choosing.rs"]
mod choosing;
#[path = "web/confirming.rs"]
mod confirming;
#[path = "web/guarding.rs"]
mod guarding;
#[path = "web/leaving.rs"]
mod leaving;
#[path = "web/muting.rs"]
mod muting;
#[path = "web/own_words.rs"]
mod own_words;

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use depeche::{
    clock::Clock,
    daemon::{Context, compose::Rhythm},
    mail::Relay,
    store::{Pool, membership::Follow},
    subscriber::token::{Keys, Purpose},
    web,
};
use reqwest::{Client, Response, StatusCode, redirect::Policy};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::support::{
    TestDatabase,
    context::{self, SECRET, at},
};

const MORNING: (&str, &str) = ("morning", "0 7 * * *");
const NOON: (&str, &str) = ("noon", "0 12 * * *");
const WEEKLY: (&str, &str) = ("weekly", "0 7 * * 1");
const FORM: &str = "application/x-www-form-urlencoded";

/// The pages on loopback, with one reader who follows two topics each morning.
struct Site {
    ctx: Arc<Context>,
    address: SocketAddr,
    http: Client,
    reader: i64,
    end: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
    database: TestDatabase,
}

impl Site {
    async fn new() -> Self {
        Self::with(Vec::new()).await
    }

    async fn with(relays: Vec<Arc<Relay>>) -> Self {
        let database = TestDatabase::new().await;
        let clock = Clock::simulated(at("2026-11-24T05:00:00Z"), 0);
        let mut settings = context::settings(&[MORNING, NOON, WEEKLY], relays);
        let digests = settings.plan.schedules.iter().map(|s| (s.schedule.name(), Some(s.schedule.describe().clone())));
        let rhythms = digests.chain([("instant", None)]).map(|(name, line)| Rhythm {
            name: name.to_owned(),
            line,
            titles: BTreeMap::new(),
            public: true,
        });
        settings.compose.rhythms = rhythms.collect();
        let ctx = context::context(&database.pool, clock, settings).await;
        let (pool, now) = (&database.pool, ctx.clock.now());
        let mut wanted = Vec::new();
        for slug in ["trains", "nantes"] {
            let topic = context::topic(pool, now, slug, slug).await;
            wanted.push(context::wanted(pool, Follow::Topic(topic), "morning", "Europe/Paris").await);
        }
        context::topic(pool, now, "sport", "sport").await;
        let reader = context::reader(pool, now, "claire", "Europe/Paris", &wanted).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (end, ended) = oneshot::channel();
        let stopped = async move { drop(ended.await) };
        let served = tokio::spawn(web::serve(Arc::clone(&ctx), listener, stopped));
        let http = Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { ctx, address, http, reader, end, served, database }
    }

    fn pool(&self) -> &Pool {
        &self.database.pool
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.expect("an answer")
    }

    async fn post(&self, path: &str, body: &str) -> Response {
        let request = self.http.post(self.url(path)).header("content-type", FORM).body(body.to_owned());
        request.send().await.expect("an answer")
    }

    /// The page of a token of this purpose, good for a day where it expires.
    fn path(&self, page: &str, purpose: Purpose) -> String {
        let until = self.ctx.clock.now() + chrono::TimeDelta::days(1);
        let keys = Keys::new(SECRET);
        let token = if purpose.expires() {
            keys.sign_until(purpose, self.reader, until)
        } else {
            keys.sign(purpose, self.reader, 0)
        };
        format!("/{page}/{}", token.as_str())
    }

    fn unsubscribe(&self) -> String {
        self.path("u", Purpose::Unsubscribe)
    }

    fn choices(&self) -> String {
        self.path("p", Purpose::Preferences)
    }

    async fn status(&self) -> i16 {
        let status = sqlx::query_scalar("select status from subscriber where id = $1").bind(self.reader);
        status.fetch_one(self.pool()).await.expect("a status")
    }

    /// The live links: what, schedule, zone.
    async fn links(&self) -> Vec<String> {
        let links = sqlx::query_scalar(
            "select coalesce(t.slug, f.canonical) || ' ' || c.name || ' ' || s.zone from subscription s join schedule c on c.id = s.schedule_id
             left join topic t on t.id = s.topic_id left join filter f on f.id = s.filter_id
             where s.subscriber_id = $1 and s.until_seq is null order by s.position, s.id",
        );
        links.bind(self.reader).fetch_all(self.pool()).await.expect("links")
    }

    /// Everything that a page could write, as text.
    async fn books(&self) -> String {
        let mut books = String::new();
        for table in ["subscriber", "subscription", "consent", "suppression", "filter", "delivery", "act", "bundle"] {
            let sql = format!("select coalesce(string_agg(t::text, '|' order by t::text), '') from {table} t");
            let rows: String =
                sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(self.pool()).await.expect("a table");
            books.push_str(&rows);
            books.push('\n');
        }
        books
    }

    /// Ends the server as SIGTERM does.
    async fn end(self) {
        self.end.send(()).expect("the server is there");
        self.served.await.expect("it did not panic").expect("it ended well");
    }
}

/// The text of an answer with this status.
async fn text(answer: Response, status: StatusCode) -> String {
    assert_eq!(answer.status(), status);
    answer.text().await.expect("a text")
}

/// The first path on a page that begins so.
fn link(html: &str, start: &str) -> String {
    let (_, rest) = html.split_once(&format!("\"{start}")).unwrap_or_else(|| panic!("no {start} in {html}"));
    format!("{start}{}", rest.split('"').next().expect("the start of a text"))
}
