//! Measures key points on our own marked articles: blocks found, boilerplate kept out, extraction against the first three sentences, time.
//! Prints each figure with its limit and ends with 1 if one is missed.

#[path = "../tests/fixtures/articles/read.rs"]
mod read;
#[path = "../tests/fixtures/articles/rouge.rs"]
mod rouge;

use std::time::Instant;

use depeche::article::{
    KeyPointsOrigin,
    extract::{ExtractSettings, Extracted, from_page, from_plain_text},
    sentences,
};
use read::{Sample, samples};

/// Rounds over all samples that are timed.
const ROUNDS: u32 = 20;

fn main() {
    // cargo passes `--bench`; nothing is to be chosen.
    let samples = samples();
    let mut missed = blocks(&samples);
    missed |= rouge_beside_lead(&samples);
    missed |= speed(&samples);
    std::process::exit(i32::from(missed));
}

fn read_sample(sample: &Sample) -> Extracted {
    let settings = ExtractSettings::default();
    if sample.is_plain() {
        from_plain_text(&sample.source(), Some(&sample.title), &settings)
    } else {
        from_page(&sample.source(), None, &settings)
    }
}

#[allow(clippy::cast_precision_loss)]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Prints a figure beside its limit; whether it misses it.
fn show(name: &str, figure: f64, limit: f64, at_least: bool) -> bool {
    let missed = if at_least { figure < limit } else { figure > limit };
    let sign = if at_least { ">=" } else { "<=" };
    println!("{name:<44} {figure:>8.3}  limit {sign} {limit:<7} {}", if missed { "MISSED" } else { "ok" });
    missed
}

fn blocks(samples: &[Sample]) -> bool {
    let (mut right, mut claimed, mut marked, mut dirty, mut repeated) = (0, 0, 0, 0, 0);
    for sample in samples {
        let Extracted { article, .. } = read_sample(sample);
        let publisher = article.key_points.origin == KeyPointsOrigin::Publisher;
        let whole = publisher && article.key_points.points == sample.points;
        marked += usize::from(!sample.points.is_empty());
        claimed += usize::from(publisher);
        right += usize::from(whole);
        if whole == sample.points.is_empty() {
            println!("  {}: wanted {:?}, got {:?}", sample.name, sample.points, article.key_points);
        }
        let shown = article.key_points.points.iter().chain(article.ranked.iter().map(|r| &r.text));
        let bad = shown
            .filter(|p| sample.boilerplate.iter().any(|b| p.contains(b.as_str()) || b.contains(p.as_str())))
            .count();
        if bad > 0 {
            println!("  {}: boilerplate among {:?}", sample.name, article.ranked);
        }
        dirty += bad;
        repeated += usize::from(publisher && article.paragraphs.iter().any(|p| sample.points.contains(p)));
    }
    println!("{} articles, {marked} with a block", samples.len());
    let mut missed = show("block precision", ratio(right, claimed), 0.98, true);
    missed |= show("block recall", ratio(right, marked), 0.85, true);
    missed |= show("boilerplate sentences in key points", ratio(dirty, 1), 0.0, false);
    missed | show("bodies that repeat their block", ratio(repeated, 1), 0.0, false)
}

fn rouge_beside_lead(samples: &[Sample]) -> bool {
    let mut sums = [[0.0; 3]; 2];
    let mut count = 0.0;
    for sample in samples {
        let text = sample.body.join("\n\n");
        let article = from_plain_text(&text, Some(&sample.title), &ExtractSettings::default()).article;
        let all: Vec<&str> = sample.body.iter().flat_map(|p| sentences::split(p, article.language)).collect();
        if all.len() < 6 {
            continue;
        }
        count += 1.0;
        let lead = all[..3].join(" ");
        for (who, candidate) in [article.key_points.points.join(" "), lead].iter().enumerate() {
            for (sum, value) in sums[who].iter_mut().zip(rouge::rouge(&sample.standfirst, candidate)) {
                *sum += value;
            }
        }
    }
    let names = [
        "rouge-1 of extracted points / lead-3",
        "rouge-2 of extracted points / lead-3",
        "rouge-L of extracted points / lead-3",
    ];
    let mut missed = false;
    for (i, name) in names.iter().enumerate() {
        println!("  {:.1} against {:.1}", sums[0][i] / count, sums[1][i] / count);
        missed |= show(name, sums[0][i] / sums[1][i], 1.0, true);
    }
    missed
}

fn speed(samples: &[Sample]) -> bool {
    let articles: Vec<(String, String)> =
        samples.iter().map(|s| (s.title.clone(), s.body.join("\n\n").repeat(4))).collect();
    let began = Instant::now();
    for _ in 0..ROUNDS {
        for (title, text) in &articles {
            std::hint::black_box(from_plain_text(text, Some(title), &ExtractSettings::default()));
        }
    }
    let read = f64::from(ROUNDS) * f64::from(u32::try_from(articles.len()).unwrap_or(u32::MAX));
    show("ms an article of about 700 words", began.elapsed().as_secs_f64() * 1000.0 / read, 5.0, false)
}
