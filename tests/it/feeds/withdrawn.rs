//! Shows what readers are told of a story whose piece was withdrawn after it was planned: what never left may be told by others.
//! That no mail shows a withdrawn piece is in `hand`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::TimeDelta;
use depeche::{
    daemon::{Stage, audit},
    store,
};

use crate::support::{
    context::{self, at},
    newsroom::{self, Newsroom},
    smtp_server::{Act, At, SmtpServer},
};

const BODY: &str = "La ligne de tramway qui passe la Loire ouvrira lundi matin avec deux ans de retard, a annoncé la métropole mardi \
    soir. Les ingénieurs ont dû reprendre trois piles du pont, fissurées depuis la crue de l’hiver, et le surcoût atteint onze \
    millions d’euros. Les habitants de l’île attendaient cette liaison depuis la fermeture du bac, il y a vingt ans.";
const WRONG: &str = "Un tramway bien trop tot";
const RIGHT: &str = "Un tramway a la bonne heure";
const OTHER: &str = "Une nuit des musees pour tous";
const OTHER_BODY: &str = "Vingt musées du département laissent leurs portes ouvertes samedi jusqu’à deux heures du matin, et les gardiens \
    y liront des lettres de marins. Un tramway gratuit relie les ports entre eux. Il faut réserver pour les caves du château, où \
    trente personnes seulement peuvent descendre à la fois.";

/// A reader of digests and one of alerts, whose mails about the wrong piece are planned.
struct Desk {
    room: Newsroom,
    server: SmtpServer,
    /// The server wants mails later.
    refuses: Arc<AtomicBool>,
    wrong: i64,
}

impl Desk {
    async fn new(schedule: &str) -> Self {
        let refuses = Arc::new(AtomicBool::new(false));
        let refused = Arc::clone(&refuses);
        let server = SmtpServer::start(move |at: &At| match at {
            At::Mail(_) if refused.load(Ordering::SeqCst) => Act::Say(b"451 4.3.0 later"),
            _ => Act::Usual,
        })
        .await;
        let settings = newsroom::settings(vec![newsroom::relay("main", server.address, 1)]);
        let mut room = Newsroom::empty(settings).await;
        room.add_reader(0, schedule).await;
        let wrong = room.publish(WRONG, BODY).await;
        Self { room, server, refuses, wrong }
    }

    async fn state(&self, withdrawn: bool) {
        let mut conn = self.room.pool.acquire().await.expect("a connection");
        if withdrawn {
            assert!(store::article::withdraw(&mut conn, self.wrong).await.expect("withdrawn"));
        } else {
            let restored = store::article::restore(&mut conn, self.room.clock.now(), self.wrong).await;
            assert!(restored.expect("restored").is_some());
        }
    }

    /// Plans and delivers everything that is due, digests and alerts.
    async fn round(&self) {
        for stage in [Stage::Match, Stage::Plan, Stage::Deliver] {
            self.room.round(stage).await.expect("the stage runs");
        }
    }

    async fn next_morning(&self) {
        self.room.pass(TimeDelta::days(1).to_std().expect("forward"));
        self.round().await;
        self.room.pass(TimeDelta::hours(1).to_std().expect("forward"));
        self.round().await;
    }

    /// Another outlet's piece of the same story.
    async fn told_rightly(&self) {
        let feed = context::feed(&self.room.pool, self.room.clock.now(), "phare").await;
        context::article(&self.room.pool, self.room.clock.now(), feed, context::text(RIGHT, BODY)).await;
    }

    /// The pieces that readers were told so far.
    async fn versions(&self) -> Vec<i64> {
        let mut conn = self.room.pool.acquire().await.expect("a connection");
        let all = |table: &str| sqlx::AssertSqlSafe(format!("select id from {table}"));
        let stories: Vec<i64> = sqlx::query_scalar(all("story")).fetch_all(&mut *conn).await.expect("ids");
        let readers: Vec<i64> = sqlx::query_scalar(all("subscriber")).fetch_all(&mut *conn).await.expect("ids");
        let told = store::digest::versions(&mut conn, &readers, &stories, at("2026-11-20T00:00:00Z")).await;
        told.expect("rows").iter().map(|row| row.article).collect()
    }

    fn titles(&self) -> Vec<&'static str> {
        let mails = self.server.seen().mails;
        let texts = mails.iter().map(|(_, _, bytes)| String::from_utf8_lossy(bytes).replace("=\r\n", ""));
        texts.flat_map(|text| [WRONG, RIGHT, OTHER].into_iter().filter(move |title| text.contains(title))).collect()
    }

    async fn the_books_agree(&self) {
        let mut conn = self.room.pool.acquire().await.expect("a connection");
        let report = audit::audit(&mut conn, at("2026-11-20T00:00:00Z")).await.expect("the audit runs");
        assert_eq!(report.findings, []);
    }
}

#[tokio::test]
async fn a_story_whose_piece_was_withdrawn_before_it_left_may_be_told_by_another() {
    for schedule in ["morning", "instant"] {
        let desk = Desk::new(schedule).await;
        desk.room.plan_morning().await;
        desk.state(true).await;
        desk.round().await;
        assert!(desk.titles().is_empty(), "{schedule}: {:?}", desk.titles());
        desk.the_books_agree().await;
        desk.told_rightly().await;
        desk.next_morning().await;
        assert_eq!(desk.titles(), [RIGHT], "{schedule}");
        desk.next_morning().await;
        assert_eq!(desk.titles(), [RIGHT], "{schedule}: once");
        desk.the_books_agree().await;
    }
}

#[tokio::test]
async fn a_story_whose_piece_was_withdrawn_out_of_a_mail_that_left_may_be_told_by_another() {
    for schedule in ["morning", "instant"] {
        let desk = Desk::new(schedule).await;
        let other = desk.room.publish(OTHER, OTHER_BODY).await;
        desk.room.plan_morning().await;
        desk.state(true).await;
        desk.round().await;
        assert_eq!(desk.titles(), [OTHER], "{schedule}");
        assert_eq!(desk.versions().await, [other], "{schedule}: of the other one no update can be told");
        desk.the_books_agree().await;
        desk.told_rightly().await;
        desk.next_morning().await;
        assert_eq!(desk.titles(), [OTHER, RIGHT], "{schedule}");
        desk.next_morning().await;
        assert_eq!(desk.titles(), [OTHER, RIGHT], "{schedule}: once");
        desk.the_books_agree().await;
    }
}

#[tokio::test]
async fn a_piece_that_is_put_back_before_its_deferred_mail_leaves_is_told_once() {
    let desk = Desk::new("morning").await;
    desk.room.publish(OTHER, OTHER_BODY).await;
    desk.room.plan_morning().await;
    desk.state(true).await;
    desk.refuses.store(true, Ordering::SeqCst);
    desk.round().await;
    assert!(desk.titles().is_empty(), "{:?}", desk.titles());
    desk.state(false).await;
    desk.refuses.store(false, Ordering::SeqCst);
    desk.told_rightly().await;
    for _ in 0..2 {
        desk.next_morning().await;
        assert_eq!(desk.titles(), [WRONG, OTHER]);
    }
    desk.the_books_agree().await;
}

#[tokio::test]
async fn a_piece_that_is_put_back_is_told_to_those_whose_mail_never_left() {
    let desk = Desk::new("morning").await;
    desk.room.plan_morning().await;
    desk.state(true).await;
    desk.round().await;
    desk.state(false).await;
    desk.told_rightly().await;
    desk.next_morning().await;
    let titles = desk.titles();
    assert_eq!(titles, [WRONG], "one item for the story, in the piece that came first");
    desk.the_books_agree().await;
}

#[tokio::test]
async fn a_story_that_was_told_is_not_told_again_because_its_piece_is_withdrawn_later() {
    let desk = Desk::new("morning").await;
    desk.room.plan_morning().await;
    desk.round().await;
    assert_eq!(desk.titles(), [WRONG]);
    desk.state(true).await;
    desk.told_rightly().await;
    desk.next_morning().await;
    assert_eq!(desk.titles(), [WRONG]);
    desk.the_books_agree().await;
}
