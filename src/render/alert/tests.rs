//! Alerts, single and bundled.
//! They send nothing.

use super::*;
use crate::render::sample;

fn render(items: usize, since: Option<NaiveTime>) -> (Rendered, String, String) {
    let publisher = sample::publisher();
    let text = sample::full_article();
    let sight = sample::sight(UiLanguage::Fr);
    let link = sample::unsubscribe();
    let mail = AlertMail {
        publisher: &publisher,
        language: UiLanguage::Fr,
        zone: sight.zone,
        local: sight.local,
        topic: "Nantes",
        items: (0..items)
            .map(|n| ArticleFragmentInput { article_id: i64::try_from(n).expect("few"), ..sample::full_input(&text) })
            .collect(),
        since,
        per_hour: 3,
        mute: Some(link.clone()),
        to_digest: None,
        links: sample::few_links(),
        subscribed_on: sight.local.date(),
        proof: false,
    };
    let rendered = mail.render(&Templates::built_in(), &FragmentCache::default()).expect("an alert");
    let html = String::from_utf8(rendered.decoded_html()).expect("UTF-8");
    let text = String::from_utf8(rendered.decoded_text()).expect("UTF-8");
    (rendered, html, text)
}

#[test]
fn a_single_alert_leads_with_topic_and_title() {
    let (rendered, html, text) = render(1, None);
    assert_eq!(rendered.subject, "Nantes\u{a0}: Trains : ce qui change <lundi> & mardi");
    assert_eq!(
        rendered.preheader,
        "Résumé fait par une machine, relu par la rédaction · Un train sur trois circulera."
    );
    for part in [&html, &text] {
        assert!(part.contains("Alerte du thème Nantes · au plus 3 par heure"), "{part}");
        assert!(part.contains("Couper cette alerte") && !part.contains("Passer en résumé quotidien"), "{part}");
        assert!(part.contains("https://lettres.lefanal.example/u/sample"), "{part}");
    }
    assert!(html.contains("<h1") && html.contains("Alerte Nantes</h1>"), "{html}");
}

#[test]
fn bundled_alerts_are_counted() {
    let (rendered, html, _) = render(4, NaiveTime::from_hms_opt(9, 0, 0));
    assert_eq!(rendered.subject, "Nantes\u{a0}: 4 nouvelles depuis 9\u{a0}h");
    assert_eq!(html.matches("<h3").count(), 4);
}
