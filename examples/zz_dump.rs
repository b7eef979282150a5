#![allow(missing_docs)]
use depeche::article::extract::*;
fn main() {
    for p in std::env::args().skip(1) {
        let t = std::fs::read(&p).unwrap();
        let t = String::from_utf8_lossy(&t);
        let st = std::time::Instant::now();
        let e = from_page(&t, None, &ExtractSettings::default());
        let ms = st.elapsed().as_millis();
        println!(
            "{}\t{:?}\tpaid={}\t{}\t{:?}\t{}\t{}ms\tsf={:?}\t{}",
            p.rsplit('/').next().unwrap(),
            e.article.form,
            e.article.paid,
            e.article.language,
            e.article.author,
            e.article.url,
            ms,
            e.article.standfirst.map(|s| s.chars().take(60).collect::<String>()),
            e.article.title
        );
    }
}
