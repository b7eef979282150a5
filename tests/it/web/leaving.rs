//! Leaving by one click and by the page, and coming back.
//! What deliver does with those who left is in `deliver`.

use depeche::{daemon::sweep, subscriber::token::Purpose};
use reqwest::StatusCode;

use super::{FORM, Site, link, text};

#[tokio::test]
async fn one_click_ends_every_mail_at_once_and_twice_is_once() {
    let site = Site::new().await;
    let path = site.unsubscribe();
    let answer = site.post(&path, "List-Unsubscribe=One-Click").await;
    assert!(answer.headers().get("set-cookie").is_none(), "{:?}", answer.headers());
    text(answer, StatusCode::OK).await;
    assert_eq!(site.status().await, 4);
    assert!(site.links().await.is_empty());
    let books = site.books().await;
    assert!(books.contains("withdrawn,one-click"), "{books}");
    let reason: String =
        sqlx::query_scalar("select reason from suppression").fetch_one(site.pool()).await.expect("a suppression");
    assert_eq!(reason, "unsubscribed");
    text(site.post(&path, "List-Unsubscribe=One-Click").await, StatusCode::OK).await;
    assert_eq!(site.books().await, books);
    site.end().await;
}

#[tokio::test]
async fn one_click_may_come_as_multipart() {
    let site = Site::new().await;
    let body = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    let request = site.http.post(site.url(&site.unsubscribe()));
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(body);
    text(request.send().await.expect("an answer"), StatusCode::OK).await;
    assert_eq!(site.status().await, 4);
    assert!(site.books().await.contains("one-click"));
    site.end().await;
}

#[tokio::test]
async fn opening_any_page_changes_nothing() {
    let site = Site::new().await;
    let books = site.books().await;
    let confirm = site.path("c", Purpose::Confirm);
    let back = site.path("r", Purpose::Resubscribe);
    for path in [site.unsubscribe(), site.choices(), confirm, back, "/".to_owned(), "/health".to_owned()] {
        text(site.get(&path).await, StatusCode::OK).await;
        let head = site.http.head(site.url(&path)).send().await.expect("an answer");
        assert_eq!(text(head, StatusCode::OK).await, "", "{path}");
    }
    assert_eq!(site.books().await, books);
    let page = text(site.get(&site.unsubscribe()).await, StatusCode::OK).await;
    assert!(page.contains("Me désabonner") && page.contains("c…@l….example"), "{page}");
    assert!(!page.contains("claire@"), "{page}");
    site.end().await;
}

#[tokio::test]
async fn a_leaving_by_mistake_is_taken_back_as_it_was() {
    let site = Site::new().await;
    let before = site.links().await;
    let left = text(site.post(&site.unsubscribe(), "").await, StatusCode::OK).await;
    let back = link(&left, "/r/");
    let ask = text(site.get(&back).await, StatusCode::OK).await;
    assert!(ask.contains(&format!("action=\"{back}\"")), "{ask}");
    assert_eq!(site.status().await, 4);
    for _ in 0..2 {
        let page = text(site.post(&back, "").await, StatusCode::OK).await;
        assert!(page.contains("de nouveau inscrit"), "{page}");
        assert_eq!((site.status().await, site.links().await), (2, before.clone()));
    }
    let suppressed: i64 =
        sqlx::query_scalar("select count(*) from suppression").fetch_one(site.pool()).await.expect("a count");
    assert_eq!(suppressed, 0);
    site.end().await;
}

#[tokio::test]
async fn who_was_paused_comes_back_paused_and_with_what_was_followed_then() {
    let site = Site::new().await;
    let links: Vec<i64> =
        sqlx::query_scalar("select id from subscription order by id").fetch_all(site.pool()).await.expect("links");
    let drop_one = format!("do=follow&link-{}=", links[0]);
    text(site.post(&site.choices(), &drop_one).await, StatusCode::OK).await;
    text(site.post(&site.choices(), "do=pause&for=7").await, StatusCode::OK).await;
    let left = text(site.post(&site.unsubscribe(), "").await, StatusCode::OK).await;
    text(site.post(&link(&left, "/r/"), "").await, StatusCode::OK).await;
    assert_eq!(site.status().await, 3);
    assert_eq!(site.links().await, ["nantes morning Europe/Paris"]);
    site.end().await;
}

#[tokio::test]
async fn a_bounced_reader_who_leaves_does_not_come_back_to_life() {
    let site = Site::new().await;
    sqlx::raw_sql(
        "update subscriber set status = 5; insert into suppression values ('claire@lecteurs.example', 'bounced', now(), null)",
    )
    .execute(site.pool())
    .await
    .expect("suppressed");
    let left = text(site.post(&site.unsubscribe(), "").await, StatusCode::OK).await;
    let page = text(site.post(&link(&left, "/r/"), "").await, StatusCode::OK).await;
    assert!(page.contains("revenir en arrière"), "{page}");
    assert_eq!(site.status().await, 4);
    assert!(site.books().await.contains("bounced"));
    site.end().await;
}

#[tokio::test]
async fn the_way_back_ends_after_thirty_days() {
    let site = Site::new().await;
    let left = text(site.post(&site.unsubscribe(), "").await, StatusCode::OK).await;
    let back = link(&left, "/r/");
    assert!(site.ctx.clock.advance(std::time::Duration::from_hours(31 * 24)));
    text(site.post(&back, "").await, StatusCode::GONE).await;
    let page = text(site.get(&site.unsubscribe()).await, StatusCode::OK).await;
    assert!(!page.contains("/r/"), "{page}");
    assert_eq!(site.status().await, 4);
    site.end().await;
}

#[tokio::test]
async fn the_softer_ways_are_offered_where_one_leaves() {
    let site = Site::new().await;
    let path = site.unsubscribe();
    let page = text(site.get(&path).await, StatusCode::OK).await;
    assert!(page.contains("value=\"pause\"") && page.contains("value=\"weekly\""), "{page}");
    text(site.post(&path, "do=often&often=weekly").await, StatusCode::OK).await;
    assert_eq!(site.links().await, ["trains weekly Europe/Paris", "nantes weekly Europe/Paris"]);
    text(site.post(&path, "do=pause&for=14").await, StatusCode::OK).await;
    assert_eq!(site.status().await, 3);
    // The pause ends at the first moment of its day in Paris, and sweep sees to it.
    for (hours, status) in [(13 * 24, 3), (24, 2)] {
        assert!(site.ctx.clock.advance(std::time::Duration::from_hours(hours)));
        sweep::run_once(&site.ctx, site.ctx.clock.now()).await.expect("a sweep");
        assert_eq!(site.status().await, status, "after {hours} hours more");
    }
    let answer = site.http.post(site.url(&path)).header("content-type", FORM).body("do=pause&for=-3").send().await;
    text(answer.expect("an answer"), StatusCode::BAD_REQUEST).await;
    assert_eq!(site.status().await, 2);
    site.end().await;
}
