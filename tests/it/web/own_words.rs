//! Following words of one's own from the page of choices: two plain fields, shown beforehand, refused in the reader's words.
//! What the fields mean is tested in `filters::language`.

use chrono::TimeDelta;
use depeche::store::{
    membership::{self, Follow},
    subscription::MAX_PER_READER,
};
use reqwest::StatusCode;

use super::{MORNING, NOON, Site, WEEKLY, text};
use crate::support::context;

fn body(what: &str, words: &str, without: &str, often: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs([("do", what), ("words", words), ("without", without), ("often", often)]);
    form.finish()
}

/// So many articles with these words, spread over ten days before now.
async fn stored(site: &Site, count: i32, words: &str) {
    let now = site.ctx.clock.now();
    let feed = context::feed(site.pool(), now, words).await;
    for n in 0..count {
        let at = now - TimeDelta::days(i64::from(n % 11)) - TimeDelta::hours(1);
        let article = context::text(&format!("{words} {n}"), &format!("{words} numéro {n}"));
        context::article(site.pool(), at, feed, article).await;
    }
}

#[tokio::test]
async fn two_plain_fields_are_shown_with_what_they_bring_and_then_followed() {
    let site = Site::new().await;
    stored(&site, 3, "Logement étudiant").await;
    stored(&site, 2, "Logement étudiant à Paris").await;
    let books = site.books().await;
    let looked = site.post(&site.choices(), &body("look", "logement étudiant", "Paris", "weekly")).await;
    let page = text(looked, StatusCode::OK).await;
    for part in [
        "<p>Articles qui parlent de logement et étudiant, sauf paris.</p>",
        "3 articles ces 30 derniers jours",
        "<li>Logement étudiant 2</li>",
        "name=\"words\" value=\"logement étudiant\"",
        "name=\"without\" value=\"Paris\"",
        "<option value=\"weekly\" selected>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("enregistré") && !page.contains("suivez cela"), "{page}");
    assert_eq!(site.books().await, books, "nothing is followed by looking");

    let followed = ["trains morning Europe/Paris", "nantes morning Europe/Paris"].map(str::to_owned);
    let own = format!("{} weekly Europe/Paris", context::canonical("logement étudiant -Paris"));
    for _ in 0..2 {
        let page = text(
            site.post(&site.choices(), &body("own", "Étudiant logement", "paris", "weekly")).await,
            StatusCode::OK,
        )
        .await;
        assert!(page.contains("Vous suivez cela désormais") && page.contains("name=\"link-3\""), "{page}");
        assert_eq!(site.links().await, [&followed[..], std::slice::from_ref(&own)].concat());
    }
    let at_once = body("own", "vélo, piste cyclable", "", "instant");
    text(site.post(&site.choices(), &at_once).await, StatusCode::OK).await;
    assert_eq!(site.links().await[3], format!("{} instant ", context::canonical("vélo OR (piste cyclable)")));
    let also_at_once = body("own", "logement étudiant", "Paris", "instant");
    text(site.post(&site.choices(), &also_at_once).await, StatusCode::OK).await;
    let links = site.links().await;
    assert_eq!((links.len(), &links[2]), (5, &own));
    assert_eq!(links[4], own.replace("weekly Europe/Paris", "instant "), "alerts beside the digest, as asked for");
    site.end().await;
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_in_the_readers_words_and_kept_in_the_fields() {
    let site = Site::new().await;
    stored(&site, 240, "La pluie").await;
    let mut settings = context::settings(&[MORNING, NOON, WEEKLY], Vec::new());
    settings.compose.rhythms.clone_from(&site.ctx.settings().compose.rhythms);
    settings.max_hits_per_day = 10;
    site.ctx.set_settings(settings);
    let books = site.books().await;
    let refused = async |words: &str, without: &str, said: &str| {
        for what in ["look", "own"] {
            let page =
                text(site.post(&site.choices(), &body(what, words, without, "morning")).await, StatusCode::OK).await;
            assert!(page.contains(said) && page.contains("role=\"alert\""), "{words}: {page}");
            assert!(page.contains("<title>Erreur"), "{words}: {page}");
            assert!(page.contains(&format!("name=\"words\" value=\"{}\"", words.trim())), "{words}: {page}");
        }
    };
    refused("", "Paris", "au moins un mot").await;
    refused("le la", "", "au moins un mot").await;
    let many: Vec<String> = (0..300).map(|n| format!("mot{n}")).collect();
    refused(&many.join(" "), "", "trop pour une seule recherche").await;
    refused("logement", "logement", "à la fois suivi et exclu").await;
    refused("pluie, tramway", "", "environ 24 articles par jour").await;
    for missing in ["do=own&words=tramway&without=", "do=own&often=morning", "do=look"] {
        text(site.post(&site.choices(), missing).await, StatusCode::BAD_REQUEST).await;
    }
    text(site.post(&site.choices(), &body("own", "tramway", "", "hourly")).await, StatusCode::BAD_REQUEST).await;
    assert_eq!(site.books().await, books, "nothing was changed");

    let mut tx = site.pool().begin().await.expect("a transaction");
    for n in 2..MAX_PER_READER {
        let wanted = context::wanted(site.pool(), Follow::Filter(format!("mot{n}")), "morning", "Europe/Paris").await;
        membership::follow(&mut tx, site.ctx.clock.now(), site.reader, &[wanted]).await.expect("followed");
    }
    tx.commit().await.expect("committed");
    let books = site.books().await;
    let full = site.post(&site.choices(), &body("own", "tramway", "", "morning")).await;
    assert!(text(full, StatusCode::OK).await.contains("autant de choses"), "the reader follows no more");
    assert_eq!(site.books().await, books);
    sqlx::query("update subscriber set status = 4").execute(site.pool()).await.expect("gone");
    text(site.post(&site.choices(), &body("look", "tramway", "", "morning")).await, StatusCode::GONE).await;
    site.end().await;
}
