//! Shows that the audit agrees with a normal run, and that it names what is missing, doubled or unasked for.
//! That plan itself is right is shown in `plan`; the audit's planner is compared with plan on random days there too.

use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use depeche::daemon::{
    audit::{self, Finding, Report},
    sweep,
};

use crate::plan::world::{World, later};
use crate::support::{
    context::{at, feed, topic},
    depeche_binary,
};

const SCHEDULES: [(&str, &str); 2] = [("morning", "0 7 * * *"), ("evening", "0 18 * * *")];

fn start() -> DateTime<Utc> {
    at("2026-11-23T14:00:00Z")
}

/// Two days of five readers: digests, alerts, one reader over the limit of alerts, one paused, one who leaves.
async fn ordinary_days() -> World {
    let (world, now) = (World::new(&SCHEDULES).await, start());
    let (fanal, ouest) = (feed(world.pool(), now, "fanal").await, feed(world.pool(), now, "ouest").await);
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    let books = topic(world.pool(), now, "books", "livre").await;
    world.reader(now, "lea", &[(trams, "morning"), (books, "morning")]).await;
    world.reader(now, "tom", &[(trams, "instant"), (trams, "evening"), (books, "evening")]).await;
    let paused = world.reader(now, "ana", &[(books, "morning")]).await;
    let gone = world.reader(now, "bea", &[(trams, "morning")]).await;
    for hour in 0..48_i64 {
        let then = later(now, hour, 0);
        let feed = if hour % 2 == 0 { fanal } else { ouest };
        if hour % 3 == 0 {
            let word = if hour % 2 == 0 { "Tramway" } else { "Livre" };
            world.twin(then, feed, &format!("{word} {hour}"), &format!("story {}", hour / 9)).await;
        }
        for n in 0..4 {
            if hour == 20 {
                world.news(later(then, 0, n), feed, &format!("Tramway en panne {n}")).await;
                world.planned(later(then, 0, n)).await;
            }
        }
        if hour == 10 {
            let mut tx = world.pool().begin().await.expect("a transaction");
            depeche::store::subscriber::set_status(&mut tx, then, paused, 3).await.expect("paused");
            tx.commit().await.expect("committed");
        }
        if hour == 30 {
            let mut tx = world.pool().begin().await.expect("a transaction");
            depeche::store::membership::leave(&mut tx, then, gone, "test").await.expect("they leave");
            tx.commit().await.expect("committed");
        }
        world.planned(later(then, 0, 50)).await;
    }
    world
}

async fn audited(world: &World) -> Report {
    let mut conn = world.pool().acquire().await.expect("a connection");
    audit::audit(&mut conn, start()).await.expect("the audit runs")
}

/// The kinds found after a piece of SQL that spoils the books.
async fn found(world: &World, sql: &'static str) -> Vec<&'static str> {
    let done = sqlx::raw_sql(sql).execute(world.pool()).await.expect(sql);
    assert!(done.rows_affected() > 0, "{sql} spoilt nothing");
    let mut kinds: Vec<&str> = audited(world).await.findings.iter().map(Finding::word).collect();
    kinds.dedup();
    kinds
}

#[tokio::test]
async fn the_books_agree_after_an_ordinary_run() {
    let world = ordinary_days().await;
    let report = audited(&world).await;
    assert_eq!(report.findings, []);
    assert!(report.slots > 8 && report.candidates > 15, "{report:?}");
    assert_eq!(report.candidates, report.told + report.bundled + report.left);
    let deliveries: i64 = report.states.iter().map(|(_, n)| n).sum();
    assert_eq!(deliveries, world.number("select count(*) from digest").await);
}

#[tokio::test]
async fn a_bundle_that_waits_is_no_disagreement() {
    let (world, now) = (World::new(&SCHEDULES).await, start());
    let fanal = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "trams", "tramway").await;
    world.reader(now, "tom", &[(trams, "instant")]).await;
    for n in 0..5 {
        world.news(later(now, 0, n), fanal, &format!("Tramway {n}")).await;
        world.planned(later(now, 0, n)).await;
    }
    let report = audited(&world).await;
    assert_eq!(report.findings, []);
    assert_eq!((report.candidates, report.told, report.bundled), (5, 3, 2));
}

#[tokio::test]
async fn a_deleted_delivery_is_found() {
    let world = ordinary_days().await;
    let kinds = found(&world, "delete from delivery where ctid in (select ctid from delivery limit 1)").await;
    assert_eq!(kinds, ["no delivery"]);
}

#[tokio::test]
async fn a_doubled_item_is_found() {
    let world = ordinary_days().await;
    let twice = "update digest set items = items || jsonb_build_array(items -> 0)
                 where (slot_at, slot_id, subscriber_id) in (select slot_at, slot_id, subscriber_id from digest limit 1)";
    assert_eq!(found(&world, twice).await, ["doubled"]);
}

#[tokio::test]
async fn a_story_told_again_the_next_day_is_found() {
    let world = ordinary_days().await;
    let again = "update digest d set items = d.items || jsonb_build_array(b.items -> 0) from digest b
                 where b.subscriber_id = d.subscriber_id and d.subscriber_id = 1 and b.slot_at < d.slot_at";
    assert_eq!(found(&world, again).await, ["unasked", "doubled"]);
}

#[tokio::test]
async fn a_forgotten_subscriber_is_found() {
    let world = ordinary_days().await;
    let forgotten = "delete from delivery where subscriber_id = 1; delete from digest where subscriber_id = 1";
    assert_eq!(found(&world, forgotten).await, ["forgotten"]);
    let report = audited(&world).await;
    assert!(report.findings.iter().all(|f| matches!(f, Finding::Forgotten { subscriber: 1, .. })));
}

#[tokio::test]
async fn a_story_that_a_reader_does_not_follow_is_found() {
    let world = ordinary_days().await;
    let unasked = "update digest set items = jsonb_set(items, '{0,story}', to_jsonb(999999)) where subscriber_id = 1
                   and slot_at = (select min(slot_at) from digest where subscriber_id = 1)";
    assert_eq!(found(&world, unasked).await, ["forgotten", "unasked"]);
}

#[tokio::test]
async fn a_delivery_that_nothing_will_send_and_a_gap_between_slots_are_found() {
    let world = ordinary_days().await;
    let lost = "update batch set done_at = now() where no = (select min(no) from batch)";
    assert_eq!(found(&world, lost).await, ["lost"]);
    let gap = "update slot set from_seq = from_seq + 1 where id = (select max(id) from slot where zone <> '' and from_seq > 0)";
    assert!(found(&world, gap).await.contains(&"gap"));
}

fn depeche(world: &World, config: &std::path::Path, args: &[&str]) -> Output {
    let mut command = Command::new(depeche_binary());
    command.args(["audit", "--config"]).arg(config).args(["--since", "2026-11-23 00:00"]).args(args);
    command.env("DATABASE_URL", &world.database.url).output().expect("depeche runs")
}

#[tokio::test]
async fn the_command_says_whether_the_books_agree_and_changes_nothing() {
    let world = ordinary_days().await;
    let place = tempfile::tempdir().expect("a directory");
    let config = place.path().join("depeche.toml");
    let text = "[publisher]\nname = \"Le Fanal\"\nhome_url = \"https://lefanal.example/\"\npostal_address = \"1 rue de l'Exemple\"\n\
                contact = \"redaction@lefanal.example\"\nbase_url = \"https://lettres.lefanal.example\"\nzone = \"Europe/Paris\"\n\
                [mail]\nfrom = \"resume@lettres.lefanal.example\"\n";
    std::fs::write(&config, text).expect("a config");
    let clean = depeche(&world, &config, &[]);
    let said = String::from_utf8_lossy(&clean.stdout).into_owned();
    assert!(clean.status.success() && said.contains("the books agree"), "{said} {clean:?}");
    world.execute("delete from delivery where subscriber_id = 1").await;
    let red = depeche(&world, &config, &[]);
    let said = String::from_utf8_lossy(&red.stdout).into_owned();
    assert_eq!(red.status.code(), Some(1), "{red:?}");
    assert!(said.contains("no delivery: 2\n  no delivery: the digest of subscriber 1"), "{said}");
    let json = depeche(&world, &config, &["--format", "json"]);
    let read: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(read["findings"][0]["kind"], "no delivery");
    assert_eq!(json.status.code(), Some(1));
    let wrong = depeche(&world, &config, &["--since", "yesterdayish"]);
    assert_eq!(wrong.status.code(), Some(2), "{wrong:?}");
}

/// A day's news in July, a monthly reader's window that reaches back to it or not, and a sweep in December.
async fn months_later(monthly: bool) -> World {
    let schedules = [("morning", "0 7 * * *"), ("monthly", "0 7 1 * *"), ("yearly", "0 7 1 1 *")];
    let (world, july) = (World::new(&schedules).await, at("2026-07-06T14:00:00Z"));
    let fanal = feed(world.pool(), july, "fanal").await;
    let trams = topic(world.pool(), july, "trams", "tramway").await;
    world.reader(july, "lea", &[(trams, "morning")]).await;
    world.reader(july, "tom", &[(trams, if monthly { "monthly" } else { "yearly" })]).await;
    world.news(july, fanal, "Tramway en juillet").await;
    for month in ["2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12"] {
        for day in ["01", "07"] {
            world.planned(at(&format!("{month}-{day}T07:10:00Z"))).await;
        }
    }
    world.news(at("2026-12-07T08:00:00Z"), fanal, "Tramway en hiver").await;
    world.planned(at("2026-12-08T07:10:00Z")).await;
    sweep::run_once(&world.ctx, at("2026-12-09T00:00:00Z")).await.expect("a sweep");
    world
}

const JULYS: &str = "select count(*) from match where at < '2026-08-01'";

#[tokio::test]
async fn months_of_matches_that_no_window_needs_are_dropped_and_the_audit_says_so() {
    let world = months_later(true).await;
    assert_eq!(world.number(JULYS).await, 0);
    assert_eq!(world.number("select count(*) from match").await, 1, "the winter's is kept");
    let mut conn = world.pool().acquire().await.expect("a connection");
    let report = audit::audit(&mut conn, at("2026-07-01T00:00:00Z")).await.expect("the audit runs");
    assert_eq!(report.findings, []);
    assert!(report.too_old >= 2 && report.candidates >= 1, "{report:?}");
}

#[tokio::test]
async fn a_month_that_a_window_still_reaches_is_kept_until_its_slot_is_planned() {
    let world = months_later(false).await;
    assert_eq!(world.number(JULYS).await, 1, "the yearly digest is still to come");
    let new_year = at("2027-01-01T07:10:00Z");
    world.planned(new_year).await;
    let yearly = "select jsonb_array_length(items) from digest d join slot s on s.id = d.slot_id
                  join schedule c on c.id = s.schedule_id where c.name = 'yearly'";
    let items: i32 = sqlx::query_scalar(yearly).fetch_one(world.pool()).await.expect("the yearly digest");
    assert_eq!(items, 2);
    sweep::run_once(&world.ctx, later(new_year, 1, 0)).await.expect("a sweep");
    assert_eq!(world.number(JULYS).await, 0);
    assert_eq!(world.number("select count(*) from match").await, 1);
}
