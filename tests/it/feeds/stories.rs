//! Shows how articles of several feeds that tell the same become one item of a mail.
//! How alike two texts must be is told in `article::story`.

use chrono::TimeDelta;
use depeche::{
    article::ArticleText,
    daemon::Stage,
    store::{self, feed::FeedRules},
};

use crate::support::{
    context,
    newsroom::{self, Newsroom},
    smtp_server::{Act, At, SmtpServer},
};

const FRENCH: &str = "La ligne de tramway qui passe la Loire ouvrira lundi matin avec deux ans de retard, a annoncé la \
    métropole mardi soir. Les ingénieurs ont dû reprendre trois piles du pont, fissurées depuis la crue de l’hiver, et le \
    surcoût atteint onze millions d’euros. Les habitants de l’île attendaient cette liaison depuis la fermeture du bac, il y \
    a vingt ans. Une navette gratuite roulera encore jusqu’à la fin du mois, le temps de rôder les rames neuves.";
const ENGLISH: &str = "The tramway line across the Loire will open on Monday morning two years late, the city said on Tuesday \
    night. Engineers had to rebuild three pillars of the bridge, which were cracked by the winter flood, and the extra cost has \
    reached eleven million euros. People on the island had waited for it since the ferry closed twenty years ago. A free shuttle \
    will run until the end of the month while the new trains are tried out.";

/// A newsroom with a reader each morning, and feeds of these names beside its own.
async fn room(server: &SmtpServer, names: &[&str]) -> (Newsroom, Vec<i64>) {
    let settings = newsroom::settings(vec![newsroom::relay("main", server.address, 1)]);
    let mut room = Newsroom::empty(settings).await;
    room.add_reader(0, "morning").await;
    let mut feeds = vec![room.feed];
    for name in names {
        feeds.push(context::feed(&room.pool, room.clock.now(), name).await);
    }
    (room, feeds)
}

async fn publish(room: &Newsroom, feed: i64, language: &str, title: &str, body: &str) {
    let language = language.parse().expect("a language");
    let text = ArticleText { language, ..context::text(title, body) };
    context::article(&room.pool, room.clock.now(), feed, text).await;
    room.round(Stage::Match).await.expect("match");
}

#[tokio::test]
async fn a_story_of_several_feeds_is_one_item_with_the_publishers_own_piece_first_and_the_others_beside_it() {
    let server = SmtpServer::start(|_: &At| Act::Usual).await;
    let (room, feeds) = room(&server, &["phare", "maison", "herald"]).await;
    let own = FeedRules { own: Some(true), ..FeedRules::default() };
    store::feed::set(&mut room.pool.acquire().await.expect("a connection"), feeds[2], &own).await.expect("set");
    publish(&room, feeds[0], "fr", "Le tramway du fanal", FRENCH).await;
    room.pass(TimeDelta::minutes(5).to_std().expect("forward"));
    let framed = format!("Notre correspondant sur place a suivi la soirée. {FRENCH}");
    publish(&room, feeds[1], "fr", "Le tramway du phare", &framed).await;
    publish(&room, feeds[2], "fr", "Le tramway de la maison", FRENCH).await;
    publish(&room, feeds[3], "en", "The tramway of the herald", ENGLISH).await;
    room.plan_morning().await;
    room.deliver().await.expect("deliver");
    let mails = server.seen().mails;
    assert_eq!(mails.len(), 1);
    let mail = String::from_utf8_lossy(&mails[0].2).replace("=\r\n", "");
    let (text, _) = mail.split_once("text/html").expect("two parts");
    assert!(text.contains("Le tramway de la maison") && text.contains("The tramway of the herald"), "{text}");
    for other in ["Le tramway du fanal", "Le tramway du phare"] {
        assert!(!text.contains(other), "{other}: {text}");
    }
    let (_, also) = text.split_once("Aussi chez").expect("other sources");
    assert!(also.contains("fanal") && also.contains("phare"), "{also}");
    let stories = "select count(distinct story_id) from match";
    let stories: i64 = sqlx::query_scalar(stories).fetch_one(&room.pool).await.expect("a number");
    assert_eq!(stories, 2, "languages are kept apart");
}

#[tokio::test]
async fn what_is_told_alike_after_three_days_is_a_story_of_its_own() {
    let server = SmtpServer::start(|_: &At| Act::Usual).await;
    let (room, feeds) = room(&server, &["phare", "maison"]).await;
    let mut stories = Vec::new();
    for (hours, feed, title) in
        [(0, feeds[0], "Le tramway un"), (71, feeds[1], "Le tramway deux"), (2, feeds[2], "Le tramway trois")]
    {
        room.pass(TimeDelta::hours(hours).to_std().expect("forward"));
        publish(&room, feed, "fr", title, FRENCH).await;
        let last = "select story_id from match order by seq desc limit 1";
        stories.push(sqlx::query_scalar::<_, i64>(last).fetch_one(&room.pool).await.expect("a story"));
    }
    assert_eq!(stories[0], stories[1], "within 72 hours");
    assert_ne!(stories[0], stories[2], "the 72 hours begin with the first");
}
