//! Shows that what a feed allows holds wherever its articles are shown: digests, alerts, web copies and previews.
//! How the rules are set by commands is in `hand`.

use std::sync::Arc;

use depeche::{
    article::{ArticleText, KeyPoints, KeyPointsOrigin, RankedSentence},
    daemon::{Stage, audit, deliver},
    delivery::Lane,
    store::{self, feed::FeedRules, membership::Follow},
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
        let paid = ArticleText { paid: true, ..context::text(PAID, &format!("{POINT}, a dit le maire mardi soir.")) };
        let free = context::text(FREE, "Le tramway passe la Loire et les enfants voyagent sans billet.");
        Self::with(rules, [paid, free]).await
    }

    async fn with(rules: &FeedRules<'_>, texts: impl IntoIterator<Item = ArticleText>) -> Self {
        let server = SmtpServer::start(|_: &At| Act::Usual).await;
        let settings = newsroom::settings(vec![newsroom::relay("main", server.address, 2)]);
        let mut room = Newsroom::empty(settings).await;
        room.add_reader(0, "morning").await;
        room.add_reader(1, "instant").await;
        let desk = Self { room, server };
        desk.rule(rules).await;
        for text in texts {
            context::article(&desk.room.pool, desk.room.clock.now(), desk.room.feed, text).await;
        }
        desk.room.round(Stage::Match).await.expect("match");
        desk
    }

    /// A third reader, each morning, who follows words of their own.
    async fn add_own_words(&mut self, words: &str) {
        let follow = Follow::Filter(context::canonical(words));
        let wanted = [context::wanted(&self.room.pool, follow, "morning", "Europe/Paris").await];
        let now = self.room.clock.now();
        self.room.readers.push(context::reader(&self.room.pool, now, "own", "Europe/Paris", &wanted).await);
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

/// A label as publishers put it, which no other part of a mail says.
const MACHINE: &str = "Texte fait par une machine";

#[tokio::test]
async fn a_publishers_label_of_a_machines_text_stands_wherever_its_sentences_do() {
    let points = |n: usize| {
        let points = [POINT, "Les rails restent en place"][..n].iter().map(|point| (*point).to_owned()).collect();
        KeyPoints { origin: KeyPointsOrigin::Publisher, points, ai_label: Some(MACHINE.to_owned()) }
    };
    let text = |n: usize| ArticleText {
        key_points: points(n),
        standfirst: Some("La métropole décide jeudi.".to_owned()),
        ..context::text(FREE, "Le tramway passe la Loire et les enfants voyagent sans billet.")
    };
    let excerpt = |excerpt| FeedRules { excerpt: Some(excerpt), ..FeedRules::default() };
    let chars = |chars| FeedRules { max_chars: Some(chars), ..FeedRules::default() };
    for (name, n, rules, labelled) in [
        ("two points", 2, FeedRules::default(), true),
        ("one point", 1, FeedRules::default(), true),
        ("one of two fits", 2, chars(40), true),
        ("none fits", 2, chars(20), false),
        ("the standfirst alone", 2, excerpt("summary"), false),
        ("the title alone", 2, excerpt("title"), false),
    ] {
        let desk = Desk::with(&rules, [text(n)]).await;
        for (place, shown) in desk.everywhere().await {
            // Once in the HTML, once in the text, and in the line beside the subject; a page has HTML alone.
            let parts = if place == "web copy" { 1 } else { 3 };
            assert_eq!(
                shown.matches(MACHINE).count(),
                if labelled { parts } else { 0 },
                "{name} in the {place}: {shown}"
            );
            assert_eq!(shown.contains(POINT), labelled, "{name} in the {place}: {shown}");
        }
    }
}

#[tokio::test]
async fn neither_subject_nor_preheader_nor_own_words_show_more_than_a_feed_allows() {
    let sentences = ["Le tramway passera de nuit aussi", POINT, "Les rails restent en place"];
    let text = || ArticleText {
        ranked: (0..).zip(sentences).map(|(at, text)| RankedSentence { at, text: text.to_owned() }).collect(),
        key_points: KeyPoints {
            origin: KeyPointsOrigin::Extracted,
            points: sentences[1..].iter().map(|point| (*point).to_owned()).collect(),
            ai_label: None,
        },
        ..context::text(FREE, "Le tramway passera de nuit aussi. Les rails restent en place.")
    };
    for (rules, allowed) in [
        (FeedRules::default(), true),
        (FeedRules { excerpt: Some("title"), ..FeedRules::default() }, false),
        (FeedRules { excerpt: Some("summary"), ..FeedRules::default() }, false),
        (FeedRules { max_chars: Some(20), ..FeedRules::default() }, false),
    ] {
        let mut desk = Desk::with(&rules, []).await;
        desk.add_own_words("nuit rails").await;
        context::article(&desk.room.pool, desk.room.clock.now(), desk.room.feed, text()).await;
        desk.room.round(Stage::Match).await.expect("match");
        desk.room.plan_morning().await;
        let mails = [desk.mails(Lane::Alert).await, desk.mails(Lane::Digest).await].concat();
        assert_eq!(mails.len(), 3, "{rules:?}");
        for mail in &mails {
            // As an encoded subject spells blanks; one article alone has its first sentence as the line beside the subject.
            let mail = mail.replace('_', " ");
            assert!(mail.contains(FREE), "{rules:?}: {mail}");
            assert_eq!(sentences.iter().any(|sentence| mail.contains(sentence)), allowed, "{rules:?}: {mail}");
        }
        let own =
            mails.iter().filter(|mail| mail.contains("nuit (dans le texte)") || mail.contains("nuit, rails")).count();
        assert_eq!(own, 1, "whose words they are is named them: {rules:?} {mails:?}");
        let place = sentences[0];
        assert_eq!(mails.iter().any(|mail| mail.contains(place)), allowed, "chosen by the words: {rules:?}");
    }
}

#[tokio::test]
async fn an_article_that_goes_behind_a_paywall_later_is_hidden_as_if_it_had_always_been() {
    let body = "Le tramway passe la Loire et les enfants voyagent sans billet.";
    for before_planning in [true, false] {
        let desk = Desk::new(&FeedRules { paid: Some("hide"), ..FeedRules::default() }).await;
        let id = sqlx::query_scalar("select id from article where guid_key = $1").bind(FREE);
        let id: i64 = id.fetch_one(&desk.room.pool).await.expect("its id");
        let closed =
            || ArticleText { paid: true, ..context::text(FREE, &format!("{body} Le reste est aux abonnés.")) };
        if !before_planning {
            desk.room.plan_morning().await;
        }
        context::revise(&desk.room.pool, desk.room.clock.now(), id, closed()).await;
        desk.room.round(Stage::Match).await.expect("match");
        if before_planning {
            desk.room.plan_morning().await;
        }
        let digest = desk.mails(Lane::Digest).await;
        assert!(digest.is_empty(), "planned later: {before_planning}: {digest:?}");
        let page = desk.web_copy().await;
        assert!(!page.contains(FREE), "planned later: {before_planning}: {page}");
        let mut conn = desk.room.pool.acquire().await.expect("a connection");
        let report = audit::audit(&mut conn, at("2026-11-20T00:00:00Z")).await.expect("the audit runs");
        assert_eq!(report.findings, [], "planned later: {before_planning}");
    }
}

/// One story as two feeds tell it, the second for its subscribers only.
async fn told_twice(paid_first: bool) -> (Desk, i64) {
    let desk = Desk::with(&FeedRules::default(), []).await;
    let other = context::feed(&desk.room.pool, desk.room.clock.now(), "phare").await;
    let body = "La ligne de tramway qui passe la Loire ouvrira lundi matin avec deux ans de retard, a annoncé la métropole mardi \
        soir. Les ingénieurs ont dû reprendre trois piles du pont, fissurées depuis la crue de l’hiver, et le surcoût atteint \
        onze millions d’euros. Les habitants de l’île attendaient cette liaison depuis la fermeture du bac, il y a vingt ans.";
    let mut pieces =
        [(desk.room.feed, context::text(FREE, body)), (other, ArticleText { paid: true, ..context::text(PAID, body) })];
    if paid_first {
        pieces.reverse();
    }
    for (feed, text) in pieces {
        context::article(&desk.room.pool, desk.room.clock.now(), feed, text).await;
        desk.room.round(Stage::Match).await.expect("match");
    }
    (desk, other)
}

#[tokio::test]
async fn a_hidden_piece_is_not_named_as_another_source_either() {
    for (paid, named) in [("label", true), ("hide", false)] {
        let (desk, other) = told_twice(false).await;
        desk.room.plan_morning().await;
        let mut conn = desk.room.pool.acquire().await.expect("a connection");
        let rules = FeedRules { paid: Some(paid), ..FeedRules::default() };
        store::feed::set(&mut conn, other, &rules).await.expect("set");
        drop(conn);
        let digest = desk.mails(Lane::Digest).await.join("\n");
        let page = desk.web_copy().await;
        for (place, text) in [("digest", digest), ("web copy", page)] {
            assert!(text.contains(FREE), "{paid} in the {place}: {text}");
            assert_eq!(text.contains("phare"), named, "{paid} in the {place}: {text}");
        }
    }
}

#[tokio::test]
async fn of_one_story_a_piece_for_all_stands_before_one_for_subscribers() {
    for (paid, first) in [("label", FREE), ("none", PAID)] {
        let (desk, other) = told_twice(true).await;
        let mut conn = desk.room.pool.acquire().await.expect("a connection");
        let rules = FeedRules { paid: Some(paid), ..FeedRules::default() };
        store::feed::set(&mut conn, other, &rules).await.expect("set");
        drop(conn);
        desk.room.plan_morning().await;
        let digest = desk.mails(Lane::Digest).await.join("\n");
        let second = if first == FREE { PAID } else { FREE };
        assert!(digest.contains(first) && !digest.contains(second), "{paid}: {digest}");
    }
}
