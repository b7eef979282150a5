//! Shows what editors see before and after they change a topic: forecast, draft, publication forward only, and the way back.
//! Counting alone is tested beside `topic::forecast`.

use depeche::{clock::Clock, store::Pool};
use serde_json::{Value, json};

use crate::cli::{MINIMAL, Shell};
use crate::plan::world::{World, later};
use crate::support::context::{article, feed, text, topic};

const MORNING: [(&str, &str); 1] = [("morning", "0 7 * * *")];

fn shell(world: &World) -> Shell {
    Shell::new(MINIMAL).with("DATABASE_URL", &world.database.url)
}

/// Articles of the last days: `trams` about tramways, `buses` about buses, and others.
async fn archive(world: &World, trams: usize, buses: usize, others: usize) {
    let now = later(Clock::System.now(), -30, 0);
    let feed = feed(world.pool(), now, "fanal").await;
    for (word, count) in [("tramway", trams), ("bus", buses), ("pluie", others)] {
        for n in 0..count {
            article(world.pool(), now, feed, text(&format!("{word} {n}"), &format!("Du {word} en ville"))).await;
        }
    }
}

async fn acts(pool: &Pool) -> Vec<String> {
    sqlx::query_scalar("select what from act order by id").fetch_all(pool).await.expect("the journal")
}

#[tokio::test]
async fn a_filter_is_held_against_the_stored_articles() {
    let world = World::new(&MORNING).await;
    archive(&world, 5, 2, 3).await;
    let shell = shell(&world);
    let told = shell.json(&["topic", "test", "tramways -pluie"]);
    assert_eq!(told["filter"], "tramways -pluie");
    assert_eq!(told["explained"], "Articles about tramways, except pluie");
    let forecast = &told["forecast"];
    assert_eq!((&forecast["hits"], &forecast["stored"], &forecast["about"]), (&json!(5), &json!(10), &json!(false)));
    let titles: Vec<&Value> = forecast["samples"].as_array().into_iter().flatten().map(|s| &s["title"]).collect();
    assert_eq!(titles, ["tramway 4", "tramway 3", "tramway 2"]);
    let said = shell.done(&["topic", "test", "tramway OR bus", "--language", "fr"]);
    assert!(said.starts_with("bus OR tramway\nArticles qui parlent de bus ou tramway\n"), "{said}");
    assert!(said.contains("of 10 stored articles of the last 30 days, 7 would have matched: 0.3 a day\n"), "{said}");
    assert!(shell.done(&["topic", "test", "girafe"]).contains(", 0 would have matched"));
    for prefix in ["title:tram*", "site:news.example tramway", "lang:fr tramway", "\"du tramway\"", "du NEAR/2 tramway"]
    {
        assert_eq!(shell.json(&["topic", "test", prefix])["forecast"]["hits"], 5, "{prefix}");
    }
}

#[tokio::test]
async fn above_two_thousand_candidates_a_forecast_is_called_about() {
    let world = World::new(&MORNING).await;
    archive(&world, 1, 0, 0).await;
    sqlx::query(
        "with a as (insert into article (feed_id, guid_key, revision_key, first_seen_at)
           select feed_id, 'copy ' || n, 'copy ' || n, first_seen_at from article, generate_series(1, 4999) as n returning id)
         insert into revision (article_id, rev, seen_at, body, analyser, analysed, signature, html_bytes, keys)
         select a.id, r.rev, r.seen_at, r.body, r.analyser, r.analysed, r.signature, r.html_bytes,
           trim_array(r.keys, 1) || (hashint8(a.id) & 1023) from a, revision r",
    )
    .execute(world.pool())
    .await
    .expect("copies");
    let forecast = &shell(&world).json(&["topic", "test", "tramway"])["forecast"];
    let hits = forecast["hits"].as_i64().expect("a number");
    assert!(forecast["about"] == json!(true) && (hits - 5000).abs() < 500, "{forecast}");
    let said = shell(&world).done(&["topic", "test", "tramway"]);
    assert!(said.contains(", about ") && said.contains(" would have matched: about 1"), "{said}");
}

#[tokio::test]
async fn a_draft_shows_what_it_would_change_and_changes_nothing() {
    let world = World::new(&MORNING).await;
    archive(&world, 6, 7, 3).await;
    let now = Clock::System.now();
    let trams = topic(world.pool(), now, "transports", "tramway").await;
    world.reader(now, "lea", &[(trams, "morning")]).await;
    let shell = shell(&world);
    let none = shell.depeche(&["topic", "edit", "transports", "--publish"]);
    none.is_refusal(2, &["transports has no draft", "depeche topic edit transports --filter QUERY", "`tramway`"]);
    let broken = shell.depeche(&["topic", "edit", "transports", "--filter", "bus AND"]);
    broken.is_refusal(2, &["`AND` has nothing behind it", "^^^"]);
    let draft = shell.json(&["topic", "edit", "transports", "--filter", "bus"]);
    assert_eq!((&draft["before"], &draft["after"], &draft["readers"]), (&json!(6), &json!(7), &json!(1)));
    let count = |key: &str| draft[key].as_array().map(Vec::len);
    assert_eq!((count("gained"), count("lost")), (Some(5), Some(5)));
    assert_eq!((&draft["gained"][0]["title"], &draft["lost"][0]["title"]), (&json!("bus 6"), &json!("tramway 5")));
    let shown = shell.done(&["topic", "edit", "transports"]);
    for part in [
        "now:   tramway",
        "draft: bus",
        "Articles about bus",
        "1 reader follow",
        "gained, such as",
        "nothing is live yet",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(shell.json(&["topic", "list"])[0]["filter"], "tramway");
    assert_eq!(acts(world.pool()).await, ["topic edit"]);
}

#[tokio::test]
async fn growth_and_the_ceiling_need_a_second_word() {
    let world = World::new(&MORNING).await;
    archive(&world, 2, 5, 100).await;
    topic(world.pool(), Clock::System.now(), "transports", "tramway").await;
    let shell = shell(&world);
    shell.done(&["topic", "edit", "transports", "--filter", "tramway OR bus"]);
    let grown = shell.depeche(&["topic", "edit", "transports", "--publish"]);
    grown.is_refusal(1, &["7 articles in 30 days instead of 2", "--publish --anyway", "nothing was changed"]);
    shell.done(&["topic", "edit", "transports", "--publish", "--anyway"]);
    assert_eq!(shell.json(&["topic", "list"])[0]["filter"], "bus OR tramway");
    shell.done(&["topic", "edit", "transports", "--ceiling", "1"]);
    shell.done(&["topic", "edit", "transports", "--filter", "pluie"]);
    let above = shell.depeche(&["topic", "edit", "transports", "--publish"]);
    above.is_refusal(1, &["3.4 articles a day are above its ceiling of 1", "--anyway"]);
    shell.done(&["topic", "revert", "transports"]);
    assert_eq!(shell.json(&["topic", "list"])[0]["filter"], "tramway");
    shell.done(&["topic", "revert", "transports"]);
    assert_eq!(shell.json(&["topic", "list"])[0]["filter"], "bus OR tramway", "two steps back are where one began");
    shell.depeche(&["topic", "edit", "transports", "--publish"]).is_refusal(2, &["has no draft"]);
}

#[tokio::test]
async fn a_published_filter_counts_forward_only() {
    let world = World::new(&MORNING).await;
    let now = Clock::System.now();
    let feed = feed(world.pool(), now, "fanal").await;
    let trams = topic(world.pool(), now, "transports", "tramway").await;
    // The same filter is live already for others, so that the older article does have a match with it.
    topic(world.pool(), now, "lines", "bus").await;
    let reader = world.reader(now, "lea", &[(trams, "morning")]).await;
    world.news(now, feed, "Un bus avant").await;
    world.news(now, feed, "Un tramway avant").await;
    let shell = shell(&world);
    shell.done(&["topic", "edit", "transports", "--filter", "bus", "--publish"]);
    world.news(now, feed, "Un bus après").await;
    world.news(now, feed, "Un tramway après").await;
    shell.done(&["topic", "revert", "transports"]);
    world.news(now, feed, "Un bus trop tard").await;
    world.news(now, feed, "Un tramway enfin").await;
    // A slot is made up for over half a day: whatever the hour is now, one of these rounds closes the morning's.
    for hours in [8, 16, 24] {
        world.planned(later(now, hours, 50)).await;
    }
    let mut titles: Vec<String> = world.titles(reader).await.into_iter().flatten().collect();
    titles.sort();
    assert_eq!(titles, ["Un bus après", "Un tramway avant", "Un tramway enfin"]);
    assert_eq!(acts(world.pool()).await, ["topic edit", "topic publish", "topic revert"]);
}

/// Articles of the last ten days, 30 a day: all with `pluie`, a half with `tramway`, three with `girafe`.
async fn ten_days(world: &World) {
    let now = Clock::System.now();
    let feed = feed(world.pool(), later(now, -250, 0), "fanal").await;
    for n in 0..300 {
        let words = [Some("pluie"), (n % 2 == 0).then_some("tramway"), (n % 100 == 7).then_some("girafe")];
        let body = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
        article(world.pool(), later(now, -250 + n * 240 / 300, 0), feed, text(&format!("n{n}"), &body)).await;
    }
}

const NARROW: &str = "[filters]\nmax_hits_per_day = 10\n";

#[tokio::test]
async fn a_filter_that_brings_more_a_day_than_allowed_is_refused_wherever_it_is_saved() {
    let world = World::new(&MORNING).await;
    ten_days(&world).await;
    let shell = Shell::new(&format!("{MINIMAL}{NARROW}")).with("DATABASE_URL", &world.database.url);
    let measured = "about 15 of 30 articles a day, measured over the last 10 days; at most 10 are allowed";
    let said = [measured, "[filters] max_hits_per_day"];
    let adding = |query| shell.depeche(&["subscriber", "add", "lea@lecteurs.example", "--filter", query]);
    adding("tramway").is_refusal(2, &[said[0], said[1], "  ^^^^^^^", "add a word that all wanted articles have"]);
    adding("girafe OR tramway").is_refusal(2, &[measured, "`tramway` alone brings about 15"]);
    shell.write("readers.csv", "email,filters\ntom@lecteurs.example,girafe\nlea@lecteurs.example,tramway\n");
    let imported = shell.depeche(&["subscriber", "import", "readers.csv"]);
    imported.is_refusal(2, &["readers.csv:3: filters: `tramway`: this would match", said[0], said[1]]);
    let topic = ["topic", "add", "rain", "--title", "Pluie", "--filter", "pluie"];
    shell.depeche(&topic).is_refusal(2, &["about 30 of 30 articles a day", said[1], "--anyway adds it all the same"]);
    let written =
        "select (select count(*) from subscriber) + (select count(*) from filter) + (select count(*) from act)";
    assert_eq!(world.number(written).await, 0);
    shell.done(&["subscriber", "add", "lea@lecteurs.example", "--filter", "girafe"]);
    shell.done(&["subscriber", "add", "max@lecteurs.example", "--filter", "tramway girafe"]);
    shell.done(&[&topic[..], &["--anyway"]].concat());
}

#[tokio::test]
async fn a_draft_above_what_is_allowed_needs_a_second_word_or_a_ceiling() {
    let world = World::new(&MORNING).await;
    archive(&world, 100, 150, 0).await;
    topic(world.pool(), Clock::System.now(), "transports", "tramway").await;
    let narrow = format!("{MINIMAL}{}", NARROW.replace("10", "4"));
    let shell = Shell::new(&narrow).with("DATABASE_URL", &world.database.url);
    shell.done(&["topic", "edit", "transports", "--filter", "bus"]);
    let above = shell.depeche(&["topic", "edit", "transports", "--publish"]);
    above.is_refusal(1, &["5.0 articles a day are more than the 4 of [filters] max_hits_per_day", "--anyway"]);
    shell.done(&["topic", "edit", "transports", "--ceiling", "6"]);
    shell.done(&["topic", "edit", "transports", "--publish"]);
}

#[tokio::test]
async fn a_new_installation_refuses_no_filter() {
    let world = World::new(&MORNING).await;
    archive(&world, 150, 0, 0).await;
    let narrow = format!("{MINIMAL}{}", NARROW.replace("10", "1"));
    let shell = Shell::new(&narrow).with("DATABASE_URL", &world.database.url);
    shell.done(&["subscriber", "add", "lea@lecteurs.example", "--filter", "tramway"]);
}

#[tokio::test]
async fn a_sample_is_close_and_two_thousand_candidates_are_counted_exactly() {
    let world = World::new(&MORNING).await;
    archive(&world, 1, 1, 1).await;
    // One in seven of 6,000 is about buses, one in three of the rest about trams.
    sqlx::query(
        "with kind as (select a.id, a.feed_id, a.first_seen_at, row_number() over (order by a.id) as n from article a),
              added as (insert into article (feed_id, guid_key, revision_key, first_seen_at)
                select k.feed_id, c.n || ' copy', k.n::text, k.first_seen_at from generate_series(1, 6000) as c(n)
                  join kind k on k.n = case when c.n % 7 = 0 then 2 when c.n % 3 = 0 then 1 else 3 end
                returning id, revision_key)
         insert into revision (article_id, rev, seen_at, body, analyser, analysed, signature, html_bytes, keys)
         select a.id, r.rev, r.seen_at, r.body, r.analyser, r.analysed, r.signature, r.html_bytes,
           trim_array(r.keys, 1) || (hashint8(a.id) & 1023)
         from added a join kind k on k.n::text = a.revision_key join revision r on r.article_id = k.id",
    )
    .execute(world.pool())
    .await
    .expect("copies");
    let shell = shell(&world);
    let told = |query: &str| shell.json(&["topic", "test", query])["forecast"].clone();
    let hits = |query: &str| told(query)["hits"].as_i64().expect("a number");
    let exact: i64 = hits("bus");
    assert_eq!((exact, &told("bus")["about"]), (858, &json!(false)));
    assert_eq!((hits("tramway"), &told("tramway")["about"]), (1716, &json!(false)));
    // What is in every text is sampled: 858 of 6,003 in 2,000 drawn is known to a tenth or so.
    let about = told("ville -tramway -pluie");
    let near = about["hits"].as_i64().expect("a number");
    assert!(about["about"] == json!(true) && (near - exact).abs() < exact / 5, "{near} instead of {exact}");
    let all = hits("ville");
    assert!((all - 6003).abs() < 600, "{all} instead of 6003");
}
