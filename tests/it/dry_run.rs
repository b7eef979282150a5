//! Shows that `dry-run` tells beforehand what is sent, to whom and why, and changes nothing.
//! Which items a mail has is tested with the planner, how it looks with the renderer.

use std::{fs, time::Duration};

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use depeche::{
    clock::Clock,
    mail::{Catcher, Caught},
    store::membership::Follow,
};
use tokio::sync::mpsc;

use crate::{
    cli::{MINIMAL, Shell},
    support::{TestDatabase, context},
};

/// A feed of three entries, two of them about trams.
const FEED: &str = r#"<?xml version="1.0"?><rss version="2.0"><channel><title>Le Phare</title>
<link>https://phare.example/</link><language>fr</language><description>d</description>
<item><title>Le tram T6 retardé d'un an</title><link>https://phare.example/t6</link><guid>1</guid>
<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><description>&lt;p&gt;Principaux renseignements&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Le T6 ouvrira en 2029.&lt;/li&gt;&lt;li&gt;Le surcoût est de 26 millions d'euros.&lt;/li&gt;&lt;/ul&gt;&lt;p&gt;Le chantier du tramway prendra un an de plus que prévu: la ligne T6 n'ouvrira qu'en 2029, a annoncé mardi la métropole, et le surcoût atteint 26 millions d'euros.&lt;/p&gt;&lt;p&gt;Des vestiges de la ville antique ont été découverts sous la place, et les archéologues demandent huit mois pour les étudier avant que les rails ne soient posés.&lt;/p&gt;&lt;p&gt;Les commerçants de la rue voisine, qui attendaient la fin des travaux pour le printemps, réclament une compensation et une réunion publique avant la fin du mois.&lt;/p&gt;</description></item>
<item><title>Les trams gratuits le dimanche</title><link>https://phare.example/gratuit</link><guid>2</guid>
<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate><description>Les tramways de la ville resteront gratuits le dimanche jusqu'au mois de juin.</description></item>
<item><title>Un concert au château</title><link>https://phare.example/concert</link><guid>3</guid>
<description>L'orchestre jouera dans la cour du château.</description></item>
</channel></rss>"#;

/// A shell whose schedule `morning` has this cron, and whose relay listens on `port`; `mail` goes into `[mail]`.
fn desk(database: &TestDatabase, cron: &str, port: u16, mail: &str) -> Shell {
    let config = format!(
        r#"data_dir = "data"
{MINIMAL}{mail}
[[relay]]
name = "main"
host = "127.0.0.1"
port = {port}
tls = "none"
[schedules.morning]
cron = "{cron}"
[log]
level = "warn"
"#
    );
    Shell::new(&config).with("DATABASE_URL", database.url.clone())
}

/// A reader of a topic on `morning` in Paris since yesterday, and an article for them.
async fn one_reader_with_news(database: &TestDatabase, cron: &str) {
    let pool = &database.pool;
    let yesterday = Utc::now() - TimeDelta::days(1);
    let settings = context::settings(&[("morning", cron)], Vec::new());
    context::context(pool, Clock::System, settings).await;
    let topic = context::topic(pool, yesterday, "transports", "tramway").await;
    let wanted = context::wanted(pool, Follow::Topic(topic), "morning", "Europe/Paris").await;
    context::reader(pool, yesterday, "lea", "Europe/Paris", &[wanted]).await;
    let feed = context::feed(pool, yesterday, "phare").await;
    let text = context::text("Le tramway retardé", "Le chantier du tramway prendra un an de plus que prévu.");
    context::article(pool, Utc::now(), feed, text).await;
}

async fn catcher() -> (Catcher, mpsc::Receiver<Caught>) {
    let (sender, caught) = mpsc::channel(16);
    (Catcher::start("127.0.0.1:0".parse().expect("an address"), sender).await.expect("a catcher"), caught)
}

/// The numbers that any write of the planner or the ledger would change.
async fn books(database: &TestDatabase) -> (i64, i64, i64, i64, i64) {
    let sql = "select (select last_value from log_seq), (select count(*) from slot), (select count(*) from digest),
               (select count(*) from delivery), (select count(*) from batch)";
    sqlx::query_as(sql).fetch_one(&database.pool).await.expect("counts")
}

/// Five fields for every day at the minute of `at` in Paris.
fn daily(at: DateTime<Utc>) -> String {
    let local = at.with_timezone(&chrono_tz::Europe::Paris);
    format!("{} {} * * *", local.minute(), local.hour())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_cut_off_it_shows_the_very_bytes_that_arrive() {
    let database = TestDatabase::new().await;
    let (catcher, mut caught) = catcher().await;
    let slot = Utc::now() - TimeDelta::minutes(2);
    let shell = desk(&database, &daily(slot), catcher.address().port(), "");
    one_reader_with_news(&database, &daily(slot)).await;
    let links = [context::wanted(&database.pool, Follow::Topic(1), "morning", "Europe/Paris").await];
    context::reader(&database.pool, slot - TimeDelta::days(1), "tom", "Europe/Paris", &links).await;
    let at = slot.with_timezone(&chrono_tz::Europe::Paris).format("%Y-%m-%d %H:%M").to_string();
    shell.done(&["run", "--once", "--stage", "match", "--stage", "plan"]);

    sqlx::query("update subscriber set status = 3 where address like 'tom@%'")
        .execute(&database.pool)
        .await
        .expect("paused");
    let summary = shell.done(&["dry-run", "--summary", "--at", &at]);
    assert!(summary.contains("1 mail, 1 not mailed"), "{summary}");
    let told = shell.depeche(&["dry-run", "--subscriber", "lea@lecteurs.example", "--at", &at, "--format", "eml"]);
    assert!(told.code == Some(0) && told.err.contains("Frozen"), "{}", told.err);
    shell.done(&["run", "--once", "--stage", "deliver"]);
    let mail = tokio::time::timeout(Duration::from_secs(10), caught.recv()).await.expect("in time").expect("a mail");
    assert_eq!(String::from_utf8(mail.message).expect("UTF-8"), told.out);

    let afterwards = shell.done(&["dry-run", "--subscriber", "lea@lecteurs.example", "--at", &at]);
    assert!(afterwards.contains("Books     accepted"), "{}", afterwards);
}

#[tokio::test]
async fn before_the_cut_off_it_says_as_of_when_and_closes_when_and_writes_nothing() {
    let database = TestDatabase::new().await;
    let slot = Utc::now() + TimeDelta::hours(2);
    let shell = desk(&database, &daily(slot), 1, "");
    one_reader_with_news(&database, &daily(slot)).await;
    shell.done(&["run", "--once", "--stage", "match"]);
    let before = books(&database).await;

    let text = shell.done(&["dry-run", "--subscriber", "lea@lecteurs.example", "--explain"]);
    for part in ["As of ", "closes at ", "Le tramway retardé", "topic transports: tramway", "found in title: tramway"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = shell.json(&["dry-run", "--subscriber", "lea@lecteurs.example"]);
    assert_eq!(json["subscriber"], "lea@lecteurs.example");
    assert_eq!(json["schedule"], "morning");
    assert_eq!(json["frozen"], false);
    assert_eq!(json["subject"], "Le tramway retardé");
    let item = &json["items"][0];
    assert_eq!((&item["source"], &item["key_points_origin"]), (&"phare".into(), &"extracted".into()));
    assert_eq!(
        (&item["matched"][0]["topic"], &item["matched"][0]["filter"]),
        (&"transports".into(), &"tramway".into())
    );
    assert!(item["matched"][0]["where"].as_str().expect("places").contains("title: tramway"));

    shell.done(&["feed", "set", "1", "--excerpt", "title"]);
    let json = shell.json(&["dry-run", "--subscriber", "lea@lecteurs.example"]);
    let item = &json["items"][0];
    assert_eq!((&item["key_points"], &item["key_points_origin"]), (&serde_json::json!([]), &"none".into()), "rights");

    let summary = shell.done(&["dry-run", "--summary"]);
    assert!(summary.contains("transports  1   Le tramway retardé") && summary.contains("1 mail"), "{summary}");
    let all = shell.done(&["dry-run", "--all", "--out", "preview", "--format", "html"]);
    assert!(all.starts_with("1 mail, in preview"), "{all}");
    assert_eq!(fs::read_dir(shell.path("preview")).expect("a directory").count(), 1);
    let topic = shell.json(&["dry-run", "--topic", "transports"]);
    assert_eq!(topic["items"][0]["title"], "Le tramway retardé");
    assert_eq!(books(&database).await, before);
}

#[tokio::test]
async fn who_is_not_mailed_is_named_with_the_reason() {
    let database = TestDatabase::new().await;
    let slot = Utc::now() + TimeDelta::hours(2);
    let shell = desk(&database, &daily(slot), 1, "only_to = [\"test@lefanal.example\"]");
    one_reader_with_news(&database, &daily(slot)).await;
    shell.done(&["run", "--once", "--stage", "match"]);
    let text = shell.done(&["dry-run", "--subscriber", "lea@lecteurs.example"]);
    assert!(text.contains("not mailed: skipped(not in only_to)"), "{text}");
    let json = shell.json(&["dry-run", "--all"]);
    assert_eq!(json[0]["not_mailed"], "not in only_to");
}

#[tokio::test]
async fn times_are_read_as_people_type_them_on_the_readers_wall_clock() {
    let database = TestDatabase::new().await;
    // In the night of the change, Paris has no 2:30.
    let shell = desk(&database, "30 2 * * *", 1, "");
    one_reader_with_news(&database, "30 2 * * *").await;
    let check = |at: &str, slot: &str| {
        let json = shell.json(&["dry-run", "--subscriber", "lea@lecteurs.example", "--at", at]);
        assert_eq!(json["slot"], slot, "{at}");
    };
    check("2027-03-28 01:00", "2027-03-28T03:00:00+02:00");
    check("2027-10-31 01:00", "2027-10-31T02:30:00+02:00");
    check("2027-06-01T00:00:00Z", "2027-06-01T02:30:00+02:00");
    let refuse = |arguments: &[&str], sentence: &str| {
        let answer = shell.depeche(arguments);
        assert_eq!(answer.code, Some(2), "{arguments:?}: {}", answer.out);
        assert!(answer.err.contains(sentence), "{arguments:?}: {}", answer.err);
    };
    let lea = "lea@lecteurs.example";
    refuse(&["dry-run", "--subscriber", lea, "--at", "03/04 07:00"], "write the date as YYYY-MM-DD");
    refuse(&["dry-run", "--subscriber", lea, "--schedule", "mornin"], "did you mean `morning`?");
    refuse(&["dry-run", "--subscriber", "leo@lecteurs.example"], "no subscriber has the address");
    refuse(&["dry-run", "--topic", "transport"], "did you mean `transports`?");
    refuse(&["dry-run", "--all", "--format", "html"], "add --out DIR");
    refuse(&["dry-run"], "--subscriber");
}

#[test]
fn a_feed_and_a_filter_need_neither_config_nor_postgres() {
    let shell = Shell::bare();
    shell.write("feed.xml", FEED);
    let json = shell.json(&["dry-run", "--feed", "feed.xml", "--filter", "trams", "--lang", "fr"]);
    let titles: Vec<&str> =
        json["items"].as_array().expect("items").iter().map(|item| item["title"].as_str().expect("a title")).collect();
    assert_eq!(titles, ["Les trams gratuits le dimanche", "Le tram T6 retardé d'un an"]);
    let own = &json["items"][1];
    assert_eq!(own["key_points_origin"], "publisher");
    assert_eq!(own["key_points"][1], "Le surcoût est de 26 millions d'euros.");
    assert_eq!(json["skipped"][0]["url"], "https://phare.example/concert");
    let text = shell.done(&["dry-run", "--feed", "feed.xml", "--filter", "trams", "--lang", "de"]);
    assert!(text.contains("Le surcoût est de 26") && text.contains("Das Wichtigste"), "{text}");
    assert!(text.contains("Ihre Wörter: tram (im Titel)"), "{text}");
    let none = shell.done(&["dry-run", "--feed", "feed.xml", "--filter", "volcan"]);
    assert!(none.contains("no mail is sent"), "{none}");
}

/// A feed of one article that begins with these points, and says that a machine made them.
fn machine_made(points: &[&str]) -> String {
    let points: String = points.iter().map(|point| format!("&lt;li&gt;{point}&lt;/li&gt;")).collect();
    let body = [
        "Le chantier du tramway prendra un an de plus que prévu: la ligne T6 n'ouvrira qu'en 2029, a annoncé mardi la métropole, \
         et le surcoût atteint 26 millions d'euros.",
        "Des vestiges de la ville antique ont été découverts sous la place, et les archéologues demandent huit mois pour les étudier.",
        "Les commerçants de la rue voisine, qui attendaient la fin des travaux pour le printemps, réclament une réunion publique.",
    ];
    let body: String = body.iter().map(|paragraph| format!("&lt;p&gt;{paragraph}&lt;/p&gt;")).collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Le Phare</title><language>fr</language><item><guid>1</guid>
<title>Le tram T6 retardé d'un an</title><link>https://phare.example/t6</link><description>&lt;p&gt;Principaux renseignements&lt;/p&gt;&lt;ul&gt;{points}&lt;/ul&gt;&lt;p&gt;Résumé généré par l'IA&lt;/p&gt;{body}</description></item></channel></rss>"
    )
}

#[test]
fn a_machines_key_points_are_labelled_in_text_html_and_json() {
    let shell = Shell::bare();
    let more = ", au grand dam des commerçants de la rue voisine, des archéologues et de tous ceux qui attendaient la fin des \
                travaux pour le printemps";
    for (name, more) in [("two", ""), ("one fits", &more.repeat(2))] {
        let (first, second) = (
            format!("Le T6 ouvrira en 2029 au plus tôt{more}."),
            format!("Le surcoût est de 26 millions d'euros{more}."),
        );
        shell.write("feed.xml", machine_made(&[&first, &second]));
        let ask = ["dry-run", "--feed", "feed.xml", "--filter", "tram", "--lang", "fr"];
        let json = shell.json(&ask);
        let item = &json["items"][0];
        assert_eq!(item["key_points"][0], first, "{name}: {json}");
        assert_eq!(item["ai_label"], "Résumé généré par l'IA", "{name}: {json}");
        for format in ["text", "html"] {
            let shown = shell.done(&[&ask[..], &["--format", format]].concat()).replace('\n', " ");
            assert!(shown.contains("Résumé généré par l"), "{name} as {format}: {shown}");
            assert_eq!(shown.contains("26 millions"), name == "two", "{name} as {format}: {shown}");
        }
    }
}

#[tokio::test]
async fn it_shows_of_an_article_what_its_feed_lets_a_mail_show() {
    let database = TestDatabase::new().await;
    let slot = Utc::now() + TimeDelta::hours(2);
    let shell = desk(&database, &daily(slot), 1, "");
    one_reader_with_news(&database, &daily(slot)).await;
    shell.done(&["run", "--once", "--stage", "match"]);
    let sentence = "prendra un an de plus que prévu";
    for (rule, shown) in [
        (["--excerpt", "key-points"], true),
        (["--excerpt", "summary"], false),
        (["--excerpt", "title"], false),
        (["--max-chars", "20"], false),
    ] {
        for back in [["--excerpt", "key-points"], ["--max-chars", "600"], rule] {
            shell.done(&["feed", "set", "1", back[0], back[1]]);
        }
        for format in ["text", "json", "html"] {
            let said =
                shell.done(&["dry-run", "--subscriber", "lea@lecteurs.example", "--explain", "--format", format]);
            let said = said.replace('\n', " ");
            assert!(said.contains("Le tramway retardé"), "{rule:?} as {format}: {said}");
            assert_eq!(said.contains(sentence), shown, "{rule:?} as {format}: {said}");
        }
        for format in ["text", "json"] {
            let said = shell.done(&["dry-run", "--all", "--format", format]);
            assert!(!said.contains(sentence) || shown, "{rule:?} of all as {format}: {said}");
        }
    }
}

#[test]
fn a_bad_filter_or_feed_gets_a_sentence_and_code_2() {
    let shell = Shell::bare();
    shell.write("feed.xml", FEED);
    shell.write("page.html", "<!doctype html><title>Le Phare</title><p>Bonjour");
    let check = |feed: &str, filter: &str, sentence: &str| {
        let answer = shell.depeche(&["dry-run", "--feed", feed, "--filter", filter]);
        assert_eq!(answer.code, Some(2), "{filter}: {}", answer.out);
        assert!(answer.err.contains(sentence), "{filter}: {}", answer.err);
    };
    check("feed.xml", "(tram OR", "^");
    check("page.html", "tram", "this is a web page");
    check("absent.xml", "tram", "cannot read absent.xml");
}
