//! Pausing, changing topics, schedules, language and zone.
//! That nobody is told twice over a change is shown with the real match and plan.

use std::time::Duration;

use depeche::daemon::{match_articles, plan};
use reqwest::StatusCode;

use super::{Site, text};
use crate::support::context;

/// The id of the live link to this topic.
async fn link_of(site: &Site, slug: &str) -> i64 {
    let id = sqlx::query_scalar(
        "select s.id from subscription s join topic t on t.id = s.topic_id where t.slug = $1 and s.until_seq is null",
    );
    id.bind(slug).fetch_one(site.pool()).await.expect("a live link")
}

#[tokio::test]
async fn a_pause_is_taken_moved_and_ended() {
    let site = Site::new().await;
    let until = || async {
        let until = sqlx::query_scalar::<_, Option<String>>(
            "select to_char(pause_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI') from subscriber",
        );
        until.fetch_one(site.pool()).await.expect("a row")
    };
    for (body, end, words) in [
        ("do=pause&for=7", Some("2026-11-30 23:00"), "jusqu’au 1"),
        ("do=pause&for=date&until=2027-01-15", Some("2027-01-14 23:00"), "jusqu’au 15 janvier 2027"),
        ("do=pause&for=open&until=", None, "jusqu’à nouvel ordre."),
    ] {
        let page = text(site.post(&site.choices(), body).await, StatusCode::OK).await;
        assert!(page.contains("enregistré") && page.contains(words), "{body}: {page}");
        assert_eq!((site.status().await, until().await.as_deref()), (3, end), "{body}");
    }
    for body in
        ["do=pause", "do=pause&for=date&until=2026-11-24", "do=pause&for=date&until=x", "do=pause&for=9999", "do=", ""]
    {
        text(site.post(&site.choices(), body).await, StatusCode::BAD_REQUEST).await;
    }
    assert_eq!(site.status().await, 3);
    let page = text(site.post(&site.choices(), "do=resume").await, StatusCode::OK).await;
    assert!(!page.contains("en pause"), "{page}");
    assert_eq!(site.status().await, 2);
    site.end().await;
}

#[tokio::test]
async fn topics_and_schedules_are_changed_one_by_one() {
    let site = Site::new().await;
    let (trains, nantes) = (link_of(&site, "trains").await, link_of(&site, "nantes").await);
    let body = format!("do=follow&link-{trains}=instant&link-{nantes}=&topic-sport=weekly");
    let page = text(site.post(&site.choices(), &body).await, StatusCode::OK).await;
    assert_eq!(site.links().await, ["trains instant ", "sport weekly Europe/Paris"]);
    assert!(page.contains("Alertes envoyées tout de suite") && page.contains("name=\"topic-nantes\""), "{page}");
    let books = site.books().await;
    // Sent again, the fields name links that are no more; a schedule that is not offered is refused whole.
    text(site.post(&site.choices(), &body).await, StatusCode::OK).await;
    text(site.post(&site.choices(), "do=follow&topic-nantes=hourly").await, StatusCode::BAD_REQUEST).await;
    assert_eq!(site.books().await, books);
    site.end().await;
}

#[tokio::test]
async fn somebody_else_s_link_is_not_touched() {
    let site = Site::new().await;
    let topic: i64 =
        sqlx::query_scalar("select id from topic where slug = 'sport'").fetch_one(site.pool()).await.expect("a topic");
    let follow = depeche::store::membership::Follow::Topic(topic);
    let wanted = context::wanted(site.pool(), follow, "morning", "Europe/Paris").await;
    context::reader(site.pool(), site.ctx.clock.now(), "paul", "Europe/Paris", &[wanted]).await;
    let books = site.books().await;
    let body = format!("do=follow&link-{}=", link_of(&site, "sport").await);
    text(site.post(&site.choices(), &body).await, StatusCode::OK).await;
    assert_eq!(site.books().await, books);
    site.end().await;
}

#[tokio::test]
async fn language_and_zone_change_and_the_digests_move_with_them() {
    let site = Site::new().await;
    let page =
        text(site.post(&site.choices(), "do=tongue&language=de&zone=America/New_York").await, StatusCode::OK).await;
    assert!(page.contains("Gespeichert") && page.contains("lang=\"de\""), "{page}");
    assert_eq!(site.links().await, ["trains morning America/New_York", "nantes morning America/New_York"]);
    for body in ["do=tongue&language=es&zone=Europe/Paris", "do=tongue&language=fr&zone=Mars/Olympus", "do=tongue"] {
        text(site.post(&site.choices(), body).await, StatusCode::BAD_REQUEST).await;
    }
    site.end().await;
}

#[tokio::test]
async fn nothing_is_told_twice_or_lost_over_a_change_of_schedule() {
    let site = Site::new().await;
    let clock = &site.ctx.clock;
    let feed = context::feed(site.pool(), clock.now(), "ouest").await;
    let told = || async {
        sqlx::query_scalar::<_, String>(
            "select to_char(d.slot_at at time zone 'UTC', 'HH24:MI') || ' ' || a.guid_key from digest d, jsonb_array_elements(d.items) i
             join article a on a.id = (i ->> 'article')::bigint order by 1",
        )
        .fetch_all(site.pool())
        .await
        .expect("digests")
    };
    // Before the morning's cut-off, between it and the change, and after the change.
    let steps = [("Les trains un", "le pont est ouvert", 50), ("Les trains deux", "la gare est neuve", 5)];
    for (title, body, minutes) in steps {
        context::article(site.pool(), clock.now(), feed, context::text(title, body)).await;
        match_articles::run_once(&site.ctx, clock.now()).await.expect("a match");
        assert!(clock.advance(Duration::from_mins(minutes)));
        plan::run_once(&site.ctx, clock.now()).await.expect("a plan");
    }
    assert_eq!(told().await, ["06:00 Les trains un"]);
    text(site.post(&site.choices(), "do=often&often=noon").await, StatusCode::OK).await;
    context::article(site.pool(), clock.now(), feed, context::text("Les trains trois", "un quai de plus")).await;
    match_articles::run_once(&site.ctx, clock.now()).await.expect("a match");
    assert!(clock.advance(Duration::from_hours(5)));
    plan::run_once(&site.ctx, clock.now()).await.expect("a plan");
    assert_eq!(told().await, ["06:00 Les trains un", "11:00 Les trains deux", "11:00 Les trains trois"]);
    site.end().await;
}

#[tokio::test]
async fn who_ticks_the_box_is_told_what_is_new_in_a_story_until_it_is_ticked_no_more() {
    let site = Site::new().await;
    let clock = &site.ctx.clock;
    let feed = context::feed(site.pool(), clock.now(), "ouest").await;
    let page = text(site.get(&site.choices()).await, StatusCode::OK).await;
    assert!(page.contains("name=\"updates\"") && !page.contains("aria-describedby=\"updates-when\" checked"), "{page}");
    for _ in 0..2 {
        let page = text(site.post(&site.choices(), "do=updates&updates=yes").await, StatusCode::OK).await;
        assert!(page.contains("aria-describedby=\"updates-when\" checked"), "{page}");
    }
    let lines = [
        "Les trains de nuit reviennent entre Nantes et Lyon dès le mois de mars.",
        "La région paiera la moitié des douze millions d’euros que coûtent les nouvelles voitures.",
        "Selon le syndicat, trente conducteurs manquent encore dans les dépôts de la Loire.",
        "Les associations demandent aussi des arrêts à Saumur et à Moulins, ouverts toute la nuit.",
        "Le préfet a promis une réponse avant la fin du mois de janvier, par écrit.",
    ];
    let mut story = context::text("Les trains de nuit", lines[0]);
    let article = context::article(site.pool(), clock.now(), feed, story.clone()).await;
    let mut told = Vec::new();
    for more in [&lines[1..3], &lines[3..]] {
        match_articles::run_once(&site.ctx, clock.now()).await.expect("a match");
        assert!(clock.advance(Duration::from_mins(50)));
        plan::run_once(&site.ctx, clock.now()).await.expect("a plan");
        told.push(updated(&site).await);
        story.paragraphs.extend(more.iter().map(|line| (*line).to_owned()));
        context::revise(site.pool(), clock.now(), article, story.clone()).await;
        match_articles::run_once(&site.ctx, clock.now()).await.expect("a match");
        assert!(clock.advance(Duration::from_hours(24)));
        plan::run_once(&site.ctx, clock.now()).await.expect("a plan");
        told.push(updated(&site).await);
        let path = site.choices();
        text(site.post(&path, "do=updates&updates=perhaps").await, StatusCode::BAD_REQUEST).await;
        let page = text(site.post(&path, "do=updates").await, StatusCode::OK).await;
        assert!(page.contains("enregistré") && !page.contains("updates-when\" checked"), "{page}");
    }
    let (first, second) = (vec![false], vec![false, true]);
    assert_eq!(told, [first, second.clone(), second.clone(), second]);
    site.end().await;
}

/// For every item that was told, in order, whether it tells what is new.
async fn updated(site: &Site) -> Vec<bool> {
    let items = sqlx::query_scalar(
        "select coalesce((i ->> 'updated')::boolean, false) from digest d, jsonb_array_elements(d.items) i order by d.slot_at",
    );
    items.fetch_all(site.pool()).await.expect("digests")
}

#[tokio::test]
async fn a_link_from_a_mail_older_than_its_time_leads_to_a_newer_one() {
    let site = Site::new().await;
    let path = site.choices();
    assert!(site.ctx.clock.advance(Duration::from_hours(25)));
    let books = site.books().await;
    text(site.get(&path).await, StatusCode::GONE).await;
    text(site.post(&path, "do=pause&for=7").await, StatusCode::GONE).await;
    assert_eq!(site.books().await, books);
    site.end().await;
}
