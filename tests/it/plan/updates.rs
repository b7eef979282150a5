//! Shows that a change that matters of a mailed story is told once more to those who asked, and to nobody else.
//! What matters is `article::update`'s, with a table of its own.

use chrono::{DateTime, Utc};
use depeche::{daemon::audit, store::membership};

use super::world::{World, body, later};
use crate::cli::{MINIMAL, Shell};
use crate::support::context::{self, at, feed, text, topic};

const SCHEDULES: [(&str, &str); 2] = [("morning", "0 7 * * *"), ("often", "0 */2 * * *")];

const FOUND: &str = "Trois salariés de nuit ont été retrouvés sains et saufs mardi matin dans la cave.";
const LOSSES: &str = "Le propriétaire du bâtiment estime ses pertes à deux millions d’euros au moins.";
const CAUSE: &str = "Selon le parquet, un court-circuit dans un chargeur de chariot est à l’origine du feu.";
const CLOSED: &str = "Le quai de la Fosse restera fermé à la circulation jusqu’à la fin de la semaine.";

/// The newsroom with one story that was mailed on Tuesday morning to both readers, of whom the first asked for updates.
struct Fire {
    world: World,
    asked: i64,
    other: i64,
    article: i64,
}

fn morning(day: i64) -> DateTime<Utc> {
    later(at("2026-11-24T05:46:00Z"), 24 * day, 0)
}

impl Fire {
    async fn mailed() -> Self {
        let fire = Self::seen().await;
        fire.world.planned(morning(0)).await;
        fire
    }

    /// Seen, and not mailed yet.
    async fn seen() -> Self {
        let (world, now) = (World::new(&SCHEDULES).await, at("2026-11-23T14:00:00Z"));
        let fanal = feed(world.pool(), now, "fanal").await;
        let trams = topic(world.pool(), now, "trams", "tramway").await;
        let asked = world.reader(now, "lea", &[(trams, "morning")]).await;
        let other = world.reader(now, "tom", &[(trams, "morning")]).await;
        asks(&world, asked, true).await;
        let article = world.news(now, fanal, "Tramway en feu").await;
        Self { world, asked, other, article }
    }

    /// Its text with these sentences after the first ones.
    async fn changed(&self, now: DateTime<Utc>, lines: &[&str]) {
        let mut text = text("Tramway en feu", &body("Tramway en feu"));
        text.paragraphs.extend(lines.iter().map(|line| (*line).to_owned()));
        context::revise(self.world.pool(), now, self.article, text).await;
        self.world.matched(now).await;
    }

    /// Article's revision, whether it is an update, and the place, of each item of each digest.
    async fn told(&self, reader: i64) -> Vec<Vec<(i16, bool)>> {
        let rows: Vec<(i64, i16, bool)> = sqlx::query_as(
            "select d.slot_id, (i.item ->> 'rev')::smallint, coalesce((i.item ->> 'updated')::boolean, false)
             from digest d, jsonb_array_elements(d.items) with ordinality as i(item, n)
             where d.subscriber_id = $1 order by d.slot_at, d.slot_id, i.n",
        )
        .bind(reader)
        .fetch_all(self.world.pool())
        .await
        .expect("the digests");
        rows.chunk_by(|a, b| a.0 == b.0).map(|rows| rows.iter().map(|row| (row.1, row.2)).collect()).collect()
    }

    async fn the_books_agree(&self) -> usize {
        let mut conn = self.world.pool().acquire().await.expect("a connection");
        let report = audit::audit(&mut conn, at("2026-11-20T00:00:00Z")).await.expect("the audit runs");
        assert_eq!(report.findings, []);
        report.updates
    }
}

async fn asks(world: &World, reader: i64, wanted: bool) {
    let mut tx = world.pool().begin().await.expect("a transaction");
    membership::ask_for_updates(&mut tx, &[reader], wanted).await.expect("they ask");
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn who_asked_is_told_a_change_once_more_and_nobody_else() {
    let fire = Fire::mailed().await;
    fire.changed(later(morning(0), 3, 0), &[FOUND, LOSSES, CAUSE]).await;
    fire.world.planned(morning(1)).await;
    fire.world.planned(morning(2)).await;
    assert_eq!(fire.told(fire.asked).await, [[(1, false)], [(2, true)]]);
    assert_eq!(fire.told(fire.other).await, [[(1, false)]]);
    assert_eq!(fire.the_books_agree().await, 1);
}

#[tokio::test]
async fn a_mended_typing_error_is_told_to_nobody() {
    let fire = Fire::mailed().await;
    fire.changed(later(morning(0), 3, 0), &["Avec agences."]).await;
    fire.world.planned(morning(1)).await;
    assert_eq!(fire.told(fire.asked).await, [[(1, false)]]);
    assert_eq!(fire.the_books_agree().await, 0);
}

#[tokio::test]
async fn a_change_before_the_mail_is_no_update() {
    let fire = Fire::seen().await;
    fire.changed(at("2026-11-23T20:00:00Z"), &[FOUND, LOSSES, CAUSE]).await;
    fire.world.planned(morning(0)).await;
    fire.world.planned(morning(1)).await;
    assert_eq!(fire.told(fire.asked).await, [[(2, false)]]);
    assert_eq!(fire.told(fire.other).await, [[(2, false)]]);
    assert_eq!(fire.the_books_agree().await, 0);
}

#[tokio::test]
async fn two_changes_are_one_item_and_small_ones_add_up() {
    let fire = Fire::mailed().await;
    fire.changed(later(morning(0), 3, 0), &[FOUND, LOSSES, CAUSE]).await;
    fire.changed(later(morning(0), 5, 0), &[FOUND, LOSSES, CAUSE, &format!("Correction : {CLOSED}")]).await;
    fire.world.planned(morning(1)).await;
    assert_eq!(fire.told(fire.asked).await, [[(1, false)], [(3, true)]]);
    // One more sentence is too little; with two others it is not.
    let correction = format!("Correction : {CLOSED}");
    let more = [
        "Les écoles du centre rouvriront jeudi matin, selon le rectorat de Nantes.",
        "Une messe sera dite dimanche à la cathédrale pour les familles des ouvriers.",
        "Le maire demande à l’État une aide d’urgence pour les commerçants du quai.",
    ];
    for (day, lines) in [(1, &more[..1]), (2, &more[..])] {
        let all: Vec<&str> = [FOUND, LOSSES, CAUSE, &correction].iter().chain(lines).copied().collect();
        fire.changed(later(morning(day), 1, 0), &all).await;
        fire.world.planned(morning(day + 1)).await;
    }
    assert_eq!(fire.told(fire.asked).await, [[(1, false)], [(3, true)], [(5, true)]]);
    assert_eq!(fire.told(fire.other).await, [[(1, false)]]);
    assert_eq!(fire.the_books_agree().await, 2);
}

#[tokio::test]
async fn a_story_is_told_as_an_update_once_a_day_at_most() {
    let fire = Fire::mailed().await;
    let trams = fire.world.number("select id from topic").await;
    let often = fire.world.wanted(trams, "often").await;
    let mut tx = fire.world.pool().begin().await.expect("a transaction");
    membership::follow(&mut tx, morning(0), fire.asked, &[often]).await.expect("followed");
    tx.commit().await.expect("committed");
    fire.world.planned(later(morning(0), 2, 0)).await;
    fire.changed(later(morning(0), 3, 0), &[FOUND, LOSSES, CAUSE]).await;
    fire.world.planned(later(morning(0), 4, 0)).await;
    fire.changed(later(morning(0), 5, 0), &[FOUND, LOSSES, CAUSE, &format!("Correction : {CLOSED}")]).await;
    for hours in 3..10 {
        fire.world.planned(later(morning(0), 2 * hours, 0)).await;
    }
    assert_eq!(fire.told(fire.asked).await, [[(1, false)], [(2, true)]]);
    assert_eq!(fire.the_books_agree().await, 1);
    // The next morning's window still holds the second change, and a day has passed.
    fire.world.planned(morning(1)).await;
    assert_eq!(fire.told(fire.asked).await, [[(1, false)], [(2, true)], [(3, true)]]);
    assert_eq!(fire.the_books_agree().await, 2);
}

#[tokio::test]
async fn who_asks_later_or_no_more_is_told_only_what_changes_meanwhile() {
    let fire = Fire::mailed().await;
    fire.changed(later(morning(0), 3, 0), &[FOUND, LOSSES, CAUSE]).await;
    asks(&fire.world, fire.other, true).await;
    fire.world.planned(morning(1)).await;
    asks(&fire.world, fire.asked, false).await;
    let line = format!("Correction : {CLOSED}");
    fire.changed(later(morning(1), 3, 0), &[FOUND, LOSSES, CAUSE, &line]).await;
    fire.world.planned(morning(2)).await;
    assert_eq!(fire.told(fire.asked).await, [[(1, false)], [(2, true)]]);
    assert_eq!(fire.told(fire.other).await, [[(1, false)], [(3, true)]]);
    assert_eq!(fire.the_books_agree().await, 2);
}

#[tokio::test]
async fn what_an_alert_told_comes_as_an_update_in_the_digest() {
    let fire = Fire::seen().await;
    let trams = fire.world.number("select id from topic").await;
    let instant = fire.world.wanted(trams, "instant").await;
    let mut tx = fire.world.pool().begin().await.expect("a transaction");
    membership::follow(&mut tx, morning(0), fire.asked, &[instant]).await.expect("followed");
    tx.commit().await.expect("committed");
    let two = fire.world.news(at("2026-11-23T15:00:00Z"), 1, "Tramway en panne").await;
    fire.world.planned(at("2026-11-23T15:01:00Z")).await;
    let mut changed = text("Tramway en panne", &body("Tramway en panne"));
    changed.paragraphs.extend([FOUND, LOSSES, CAUSE].map(str::to_owned));
    let later_that_day = at("2026-11-23T18:00:00Z");
    context::revise(fire.world.pool(), later_that_day, two, changed).await;
    fire.world.matched(later_that_day).await;
    fire.world.planned(later(later_that_day, 0, 1)).await;
    fire.world.planned(morning(0)).await;
    let told = fire.told(fire.asked).await;
    assert_eq!(told[0], [(1, false)], "the alert");
    assert_eq!(told[1..], [[(2, true), (1, false)]], "the digest, newest first");
    assert_eq!(fire.the_books_agree().await, 1);
}

#[tokio::test]
async fn an_update_that_is_lost_or_told_unasked_is_found() {
    let fire = Fire::mailed().await;
    fire.changed(later(morning(0), 3, 0), &[FOUND, LOSSES, CAUSE]).await;
    fire.world.planned(morning(1)).await;
    let found = async |sql: &'static str| {
        sqlx::raw_sql(sql).execute(fire.world.pool()).await.expect(sql);
        let mut conn = fire.world.pool().acquire().await.expect("a connection");
        let report = audit::audit(&mut conn, at("2026-11-20T00:00:00Z")).await.expect("the audit runs");
        report.findings.iter().map(audit::Finding::word).collect::<Vec<_>>()
    };
    let never = "update subscriber set updates_seq = null, updates_until_seq = null";
    assert_eq!(found(never).await, ["update unasked"]);
    let again = "update subscriber set updates_seq = 1; update digest set items = '[]', stories = '{}'
                 where items @> '[{\"updated\": true}]'";
    assert_eq!(found(again).await, ["update forgotten", "update forgotten"], "the other reader asked by now");
}

#[tokio::test]
async fn a_preview_says_what_is_new_and_why() {
    let fire = Fire::mailed().await;
    fire.changed(later(morning(0), 3, 0), &[FOUND, LOSSES, CAUSE]).await;
    fire.world.planned(morning(1)).await;
    let shell = Shell::new(MINIMAL).with("DATABASE_URL", &fire.world.database.url);
    let arguments = ["dry-run", "--subscriber", "lea@lecteurs.example", "--at", "2026-11-25 07:00"];
    let shown = shell.done(&[&arguments[..], &["--explain"]].concat());
    for part in ["Mis à jour", "Du nouveau", FOUND, "an update of what they were told"] {
        assert!(shown.replace("\n    ", " ").contains(part), "{part}: {shown}");
    }
    let json = shell.json(&arguments);
    let item = &json["items"][0];
    assert_eq!((&item["updated"], &item["news"][0]), (&true.into(), &FOUND.into()), "{json}");
    let news = async |rule: [&str; 2]| {
        shell.done(&["feed", "set", "1", rule[0], rule[1]]);
        let json = shell.json(&arguments);
        let item = &json["items"][0];
        assert_eq!(item["updated"], true, "{json}");
        item["news"].as_array().expect("a list").len()
    };
    // As much as the mail shows of it.
    assert_eq!(news(["--max-chars", "90"]).await, 1);
    assert_eq!(news(["--max-chars", "20"]).await, 0);
    assert_eq!(news(["--max-chars", "600"]).await, 3);
    assert_eq!(news(["--excerpt", "title"]).await, 0);
    assert_eq!(news(["--excerpt", "summary"]).await, 0);
}

#[tokio::test]
async fn commands_say_and_change_who_is_told_of_updates() {
    let world = World::new(&SCHEDULES).await;
    let shell = Shell::new(MINIMAL).with("DATABASE_URL", &world.database.url);
    let told = |who: &str| shell.json(&["subscriber", "show", who])["updates"].as_bool().expect("yes or no");
    shell.done(&["subscriber", "add", "lea@lecteurs.example", "--updates"]);
    shell.done(&["subscriber", "add", "tom@lecteurs.example"]);
    assert_eq!((told("lea@lecteurs.example"), told("tom@lecteurs.example")), (true, false));
    shell.done(&["subscriber", "edit", "lea@lecteurs.example", "--updates=no"]);
    shell.done(&["subscriber", "edit", "tom@lecteurs.example", "--updates=yes"]);
    assert_eq!((told("lea@lecteurs.example"), told("tom@lecteurs.example")), (false, true));
    let unchanged = shell.done(&["subscriber", "edit", "tom@lecteurs.example", "--updates=yes"]);
    assert!(unchanged.contains("nothing to change"), "{unchanged}");
    assert_eq!(world.number("select count(*) from act where what = 'subscriber edit'").await, 2);
    // What an export holds, an import takes over.
    let csv = shell.done(&["subscriber", "export", "--full"]).replace("lecteurs.example", "ailleurs.example");
    shell.write("readers.csv", csv);
    shell.done(&["subscriber", "import", "readers.csv"]);
    assert_eq!((told("lea@ailleurs.example"), told("tom@ailleurs.example")), (false, true));
}
