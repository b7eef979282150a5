//! Shows that what a feed allows holds wherever its articles are shown: digests, alerts, web copies and previews.
//! How the rules are set by commands is in `hand`.

use std::sync::Arc;

use depeche::{
    article::ArticleText,
    daemon::{Stage, deliver},
    delivery::Lane,
    store::{self, feed::FeedRules},
    subscriber::token::{Keys, Purpose},
    web,
};
use tokio::net::TcpListener;

use crate::support::{
    context::{self, SECRET, at},
    newsroom::{self, Newsroom, SLOT},
    smtp_server::{Act, At, SmtpServer},
};

const PAID: &str = "Un tramway pour les abonnes";
const FREE: &str = "Un tramway pour tout le monde";
const POINT: &str = "Le depot du tramway sera vendu";
/// «Réservé aux abonnés» as quoted-printable writes it.
const LABEL: &str = "R=C3=A9serv=C3=A9 aux abonn=C3=A9s";

/// Reader 0 has a digest each morning and reader 1 alerts; one article is for subscribers only, one is for all.
struct Desk {
    room: Newsroom,
    server: SmtpServer,
}

impl Desk {
    async fn new(rules: &FeedRules<'_>) -> Self {
        let server = SmtpServer::start(|_: &At| Act::Usual).await;
        let settings = newsroom::settings(vec![newsroom::relay("main", server.address, 2)]);
        let mut room = Newsroom::empty(settings).await;
        room.add_reader(0, "morning").await;
        room.add_reader(1, "instant").await;
        let desk = Self { room, server };
        desk.rule(rules).await;
        let paid = ArticleText { paid: true, ..context::text(PAID, &format!("{POINT}, a dit le maire mardi soir.")) };
        for text in [paid, context::text(FREE, "Le tramway passe la Loire et les enfants voyagent sans billet.")] {
            context::article(&desk.room.pool, desk.room.clock.now(), desk.room.feed, text).await;
        }
        desk.room.round(Stage::Match).await.expect("match");
        desk
    }

    async fn rule(&self, rules: &FeedRules<'_>) {
        let mut conn = self.room.pool.acquire().await.expect("a connection");
        store::feed::set(&mut conn, self.room.feed, rules).await.expect("set");
    }

    /// The mails of a lane that leave now, their soft line breaks taken out.
    async fn mails(&self, lane: Lane) -> Vec<String> {
        let before = self.server.count();
        deliver::run_once(&self.room.ctx, lane, self.room.clock.now()).await.expect("deliver");
        let mails = self.server.seen().mails;
        mails[before..].iter().map(|(_, _, bytes)| String::from_utf8_lossy(bytes).replace("=\r\n", "")).collect()
    }

    /// The alert, the digest and the digest's web copy.
    async fn everywhere(&self) -> [(&'static str, String); 3] {
        self.room.round(Stage::Plan).await.expect("plan");
        let alert = self.mails(Lane::Alert).await;
        self.room.plan_morning().await;
        let digest = self.mails(Lane::Digest).await;
        let [alert, digest] = [alert, digest].map(|mails| mails.join("\n"));
        [("alert", alert), ("digest", digest), ("web copy", self.web_copy().await)]
    }

    async fn web_copy(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let served = tokio::spawn(web::serve(Arc::clone(&self.room.ctx), listener, std::future::pending()));
        let occasion = u64::try_from(at(SLOT).timestamp()).expect("after 1970");
        let token = Keys::new(SECRET).sign(Purpose::Web, self.room.readers[0], occasion);
        let answer = reqwest::get(format!("http://{address}/d/{}", token.as_str())).await.expect("an answer");
        let page = answer.text().await.expect("a page");
        served.abort();
        page
    }
}

#[tokio::test]
async fn pieces_for_subscribers_only_are_hidden_labelled_or_shown_in_mails_and_pages() {
    for (rule, shown, labelled) in [("hide", false, false), ("label", true, true), ("none", true, false)] {
        let desk = Desk::new(&FeedRules { paid: Some(rule), ..FeedRules::default() }).await;
        for (place, text) in desk.everywhere().await {
            assert!(text.contains(FREE), "{rule} in the {place}: {text}");
            assert_eq!(text.contains(PAID), shown, "{rule} in the {place}: {text}");
            // Once in the HTML and once in the text; a page has HTML alone.
            let labels = text.matches(LABEL).count() + text.matches("Réservé aux abonnés").count();
            let parts = if place == "web copy" { 1 } else { 2 };
            assert_eq!(labels, if labelled { parts } else { 0 }, "{rule} in the {place}: {text}");
        }
    }
}

#[tokio::test]
async fn what_a_feed_lets_be_shown_is_kept_in_mails_and_pages() {
    let credit = Some("avec agences");
    for (rules, points) in [
        (FeedRules { credit, ..FeedRules::default() }, true),
        (FeedRules { credit, excerpt: Some("title"), ..FeedRules::default() }, false),
        (FeedRules { credit, excerpt: Some("summary"), ..FeedRules::default() }, false),
        (FeedRules { credit, max_chars: Some(20), ..FeedRules::default() }, false),
    ] {
        let desk = Desk::new(&rules).await;
        for (place, text) in desk.everywhere().await {
            assert!(text.contains(PAID) && text.contains("(avec agences)"), "{rules:?} in the {place}: {text}");
            assert_eq!(text.contains(POINT), points, "{rules:?} in the {place}: {text}");
        }
    }
}

#[tokio::test]
async fn a_rule_that_is_set_after_planning_holds_in_what_was_planned() {
    let desk = Desk::new(&FeedRules { paid: Some("label"), ..FeedRules::default() }).await;
    desk.room.plan_morning().await;
    desk.rule(&FeedRules { paid: Some("hide"), ..FeedRules::default() }).await;
    let digest = desk.mails(Lane::Digest).await.join("\n");
    assert!(digest.contains(FREE) && !digest.contains(PAID), "{digest}");
    let page = desk.web_copy().await;
    assert!(page.contains(FREE) && !page.contains(PAID), "{page}");
}
