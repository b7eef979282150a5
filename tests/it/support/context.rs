//! A daemon's `Context` on a database of its own, and the verbs that fill it: feeds, articles, topics, readers.
//! It runs no stage by itself and asserts nothing about what the stages do.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use depeche::{
    article::{ArticleText, KeyPoints, KeyPointsOrigin, story::Signature, update::update},
    clock::Clock,
    daemon::{
        Context, Settings,
        compose::ComposeSettings,
        deliver::DeliverSettings,
        ingest::IngestSettings,
        plan::{self, InstantSettings, PlanSettings, ScheduleLimits},
    },
    delivery::{OnDoubt, RetryConfig},
    digest::{schedule::Schedule, select::Limits},
    feed::{identity::Keys as EntryKeys, polling::PollConfig},
    fetch::{FetchConfig, Fetcher},
    mail::Relay,
    render::{Publisher, Templates, UiLanguage, estimated_html_bytes},
    store::{
        self, Pool,
        article::{ArticleState, NewArticle, NewRevision},
        feed::NewFeed,
        membership::{Added, Follow, Wanted},
        subscriber::NewSubscriber,
        topic::NewTopic,
    },
    subscriber::{Status, token::Keys},
    topic::{Analysed, FeedFacts, Query, analyze::ANALYSER_VERSION},
};

/// Every secret of these tests is this one.
pub(crate) const SECRET: [u8; 32] = [7; 32];

/// An instant from its RFC 3339 text.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Settings of a daemon on loopback with these schedules (name and cron, cut off 15 minutes before) and relays.
pub(crate) fn settings(schedules: &[(&str, &str)], relays: Vec<Arc<Relay>>) -> Settings {
    let fetch =
        FetchConfig { contact: "https://lefanal.example/".into(), allow_private: true, ..FetchConfig::default() };
    Settings {
        ingest: IngestSettings {
            fetcher: Fetcher::new(&fetch).expect("a client"),
            poll: PollConfig::default(),
            websub: true,
        },
        plan: plan_settings(schedules),
        deliver: DeliverSettings {
            relays,
            retry: RetryConfig::default(),
            on_doubt: OnDoubt::Resend,
            only_to: Vec::new(),
        },
        compose: compose_settings(),
        max_hits_per_day: 0,
    }
}

/// What plan needs to know of these schedules; alerts settle at once, three an hour and eight a day.
pub(crate) fn plan_settings(schedules: &[(&str, &str)]) -> PlanSettings {
    let schedule = |(name, cron): &(&str, &str)| ScheduleLimits {
        schedule: Schedule::parse(name, cron, Duration::from_mins(15)).expect("a schedule"),
        limits: Limits::default(),
    };
    PlanSettings {
        schedules: schedules.iter().map(schedule).collect(),
        instant: InstantSettings { settle: Duration::ZERO, per_hour: 3, per_day: 8 },
        instant_limits: Limits { brief: 0, ..Limits::default() },
        digest_expiry: Duration::from_hours(36),
        alert_expiry: Duration::from_hours(4),
    }
}

/// Mails of a made-up newspaper.
pub(crate) fn compose_settings() -> ComposeSettings {
    let mailbox = |text: &str| depeche::mail::Mailbox::new("Le Fanal", text.parse().expect("an address"));
    ComposeSettings {
        publisher: Publisher {
            name: "Le Fanal".into(),
            home_url: "https://lefanal.example/".parse().expect("an address"),
            contact_email: "redaction@lefanal.example".into(),
            from_address: "resume@lettres.lefanal.example".into(),
            postal_address: "Le Fanal SAS, 1 rue de l’Exemple, 44000 Nantes".into(),
            base_url: "https://lettres.lefanal.example".parse().expect("an address"),
        },
        from: mailbox("resume@lettres.lefanal.example"),
        reply_to: mailbox("redaction@lefanal.example"),
        return_path: "retours@lettres.lefanal.example".parse().expect("an address"),
        unsubscribe_to: "partir@lettres.lefanal.example".parse().expect("an address"),
        list_id: "resume.lettres.lefanal.example".parse().expect("a List-Id"),
        templates: Arc::new(Templates::built_in()),
        keys: Keys::new(SECRET),
        language: UiLanguage::Fr,
        zone: chrono_tz::Europe::Paris,
        rhythms: Vec::new(),
    }
}

/// A node on this database, entered in it, with its schedules.
pub(crate) async fn context(pool: &Pool, clock: Clock, settings: Settings) -> Arc<Context> {
    let mut conn = pool.acquire().await.expect("a connection");
    plan::enter_schedules(&mut conn, &settings.plan).await.expect("the schedules are entered");
    let node = store::node::enter(&mut conn, "test", "0").await.expect("a node");
    // Nothing renews the lease here, and a test on a busy machine may outlast it.
    let lease = sqlx::query("update node set lease_until = clock_timestamp() + interval '1 hour' where id = $1");
    lease.bind(node).execute(&mut *conn).await.expect("a long lease");
    Arc::new(Context::new(pool.clone(), clock, settings, node))
}

/// A feed of this name, not the publisher's own.
pub(crate) async fn feed(pool: &Pool, now: DateTime<Utc>, name: &str) -> i64 {
    let (url, site) = (format!("https://{name}.example/feed.xml"), format!("{name}.example"));
    let new =
        NewFeed { url: &url, title: name, site: &site, domain: &site, language: None, own: false, mail_newest: 0 };
    let mut conn = pool.acquire().await.expect("a connection");
    store::feed::add(&mut conn, now, &new).await.expect("the feed is added").expect("no feed of this name")
}

/// A text with this title and body; two articles are one story where their bodies are alike.
pub(crate) fn text(title: &str, body: &str) -> ArticleText {
    ArticleText {
        title: title.into(),
        url: format!("https://news.example/{}", title.replace(' ', "-")),
        language: "fr".parse().expect("a language"),
        paragraphs: vec![body.into()],
        key_points: KeyPoints { origin: KeyPointsOrigin::Extracted, points: vec![body.into()], ai_label: None },
        ..ArticleText::default()
    }
}

/// A first revision of this text, ready to be stored.
pub(crate) fn new_article(text: ArticleText) -> NewArticle {
    let facts = FeedFacts { slug: "", title: "", site: "news.example" };
    let analysed = Analysed::of(&text, &facts);
    NewArticle {
        keys: EntryKeys {
            guid: text.title.clone(),
            revision: format!("{} {:?}", text.title, text.paragraphs),
            ..EntryKeys::default()
        },
        state: ArticleState::Live,
        revision: NewRevision {
            analyser: i16::from(ANALYSER_VERSION),
            analysed: analysed.to_bytes(),
            keys: analysed.candidate_keys(),
            signature: Signature::of(&text).to_bytes(),
            html_bytes: i32::try_from(estimated_html_bytes(&text)).expect("a small text"),
            body: text,
        },
    }
}

/// Stores an article in a feed as ingest does; it waits for match. Gives its id.
pub(crate) async fn article(pool: &Pool, now: DateTime<Utc>, feed: i64, text: ArticleText) -> i64 {
    let title = text.title.clone();
    let mut tx = pool.begin().await.expect("a transaction");
    store::ensure_month(&mut tx, now).await.expect("a month");
    store::article::add(&mut tx, &[(feed, now, &new_article(text))]).await.expect("the article is stored");
    tx.commit().await.expect("committed");
    let id = sqlx::query_scalar("select id from article where feed_id = $1 and guid_key = $2").bind(feed).bind(title);
    id.fetch_one(pool).await.expect("its id")
}

/// Stores another text of an article as ingest does; it waits for match.
pub(crate) async fn revise(pool: &Pool, now: DateTime<Utc>, article: i64, mut text: ArticleText) {
    let mut tx = pool.begin().await.expect("a transaction");
    store::ensure_month(&mut tx, now).await.expect("a month");
    let told = store::article::told_text(&mut tx, article).await.expect("its text").expect("a first revision");
    text.update = update(&told, &text);
    let new = new_article(text);
    let revised = store::article::revise(&mut tx, now, article, &new.keys, &new.revision).await;
    assert!(revised.expect("the revision is stored"), "nothing differs");
    tx.commit().await.expect("committed");
}

/// A topic with this slug, which is also its title, and filter.
pub(crate) async fn topic(pool: &Pool, now: DateTime<Utc>, slug: &str, filter: &str) -> i64 {
    let mut tx = pool.begin().await.expect("a transaction");
    let seq = store::take_log_seq(&mut tx, 1).await.expect("a number");
    let filter_id = store::filter::intern(&mut tx, &canonical(filter), seq).await.expect("a filter");
    let titles = ["fr", "en"].map(|language| (language.to_owned(), slug.to_owned())).into();
    let new = NewTopic { slug, titles, descriptions: [].into(), filter_id };
    let id = store::topic::add(&mut tx, now, "test", &new, seq).await.expect("the topic is added");
    tx.commit().await.expect("committed");
    id.expect("no topic of this slug")
}

/// The canonical text of a filter.
pub(crate) fn canonical(filter: &str) -> String {
    Query::parse(filter).expect("a filter").to_string()
}

/// A confirmed reader who reads everything, with this name as the local part of the address.
pub(crate) async fn reader(pool: &Pool, now: DateTime<Utc>, name: &str, zone: &str, wanted: &[Wanted]) -> i64 {
    let mut tx = pool.begin().await.expect("a transaction");
    let id = reader_in(&mut tx, now, name, zone, wanted).await;
    tx.commit().await.expect("committed");
    id
}

/// The same in a transaction of the caller's, for many at once.
pub(crate) async fn reader_in(
    conn: &mut store::Conn,
    now: DateTime<Utc>,
    name: &str,
    zone: &str,
    wanted: &[Wanted],
) -> i64 {
    let address = format!("{name}@lecteurs.example");
    let new = NewSubscriber {
        address_key: &address,
        address: &address,
        status: Status::Confirmed.code(),
        language: "fr",
        reads: &[],
        zone,
    };
    match store::membership::add(conn, now, &new, wanted, "test").await.expect("the reader is added") {
        Added::New(id) => id,
        Added::Known => panic!("there is a reader {name} already"),
    }
}

/// A link to a topic or filter on the schedule of this name.
pub(crate) async fn wanted(pool: &Pool, follow: Follow, schedule: &str, zone: &str) -> Wanted {
    Wanted { follow, schedule_id: schedule_id(pool, schedule).await, zone: zone.to_owned() }
}

/// The id of a schedule that `context` entered.
pub(crate) async fn schedule_id(pool: &Pool, name: &str) -> i32 {
    let all = store::schedule::all(&mut pool.acquire().await.expect("a connection")).await.expect("schedules");
    all.into_iter().find(|(_, known)| known == name).map(|(id, _)| id).expect("a schedule of this name")
}
