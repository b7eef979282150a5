//! Lists of feeds as other programs write them: what the import says of each line, and what it leaves as it is.
//! That a faulty list is taken over not at all is shown in `hand`.

use super::desk::Desk;

const LIST: &str = "<opml version='2.0'><body>
<outline text='Town'><outline text='A' xmlUrl='https://a.example/f'/></outline>
<outline text='A again' xmlUrl='http://a.example/f'/>
<outline text='https://b.example/f' xmlUrl='https://b.example/f'/>
<outline text='c.example' XMLURL='https://www.c.example/f'/>
<outline text='No address' type='rss' htmlUrl='https://d.example/'/>
</body></opml>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_says_what_becomes_of_each_line() {
    let desk = Desk::new().await;
    desk.write("list.opml", LIST);
    let import = ["feed", "import", &desk.path("list.opml")];
    let beside = "1 feed stands in the list once more, and taken once\nline 6 passed over: `No address` has no xmlUrl";
    let said = desk.done(&[&import[..], &["--dry-run"]].concat()).await;
    assert_eq!(said.trim_end(), format!("would import 3 feeds\n{beside}"));
    let said = desk.done(&import).await;
    assert_eq!(said.trim_end(), format!("imported 3 feeds; what they hold already is not mailed\n{beside}"));
    let titles: Vec<String> =
        sqlx::query_scalar("select title from feed order by id").fetch_all(&desk.db.pool).await.expect("feeds");
    assert_eq!(titles, ["A", "", ""], "an address is no name: the feed will tell its own");
    // Under the other scheme it is the same feed.
    desk.write("list.opml", &LIST.replace("https:", "http:"));
    assert!(desk.done(&import).await.starts_with("imported 0 feeds; 3 there already"));
    let (code, said) = desk.ask(&["feed", "add", "http://b.example/f"]).await;
    let twin = "http://b.example/f is there already as https://b.example/f";
    assert!(code == Some(1) && said.contains(twin), "{said}");
    desk.write("list.opml", "<opml><body><outline text='X' type='rss'/></body></opml>");
    let (code, said) = desk.ask(&import).await;
    assert!(code == Some(2) && said.contains("line 1 passed over: `X` has no xmlUrl"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_is_called_by_the_name_that_is_shown_and_never_by_none() {
    let desk = Desk::new().await;
    desk.done(&["feed", "add", "https://www.site.example/f"]).await;
    assert!(desk.done(&["feed", "show", "Site.example"]).await.starts_with("feed 1: site.example"));
    for command in ["show", "remove", "release", "drop", "poll", "set"] {
        for name in ["", " "] {
            let more = if command == "set" { &["--own"][..] } else { &[] };
            let (code, said) = desk.ask(&[&["feed", command, name][..], more].concat()).await;
            assert!(code == Some(2) && said.contains("no feed is named"), "{command}: {said}");
        }
    }
    assert_eq!(desk.number("select count(*) from feed where removed_at is null").await, 1);
}
