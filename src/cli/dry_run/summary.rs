//! `dry-run --summary`: each article that would be sent, with its topics and number of readers.
//! It makes no mails.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::json;

use super::{DryRunArgs, DryRunFormat, answer::Standing, stored::Stored};
use crate::{
    cli::{Failure, output},
    daemon::plan::{
        self,
        page::{Look, Planned},
    },
    digest::{Place, Why},
    store,
    subscriber::Status,
};

/// What is known of one article.
#[derive(Default)]
struct Line {
    readers: u64,
    whole: u64,
    topics: BTreeSet<i64>,
    own_filters: u64,
}

/// What was counted.
#[derive(Default)]
struct Counts {
    slots: Vec<(Standing, u64)>,
    lines: BTreeMap<(i64, i16), Line>,
    mails: u64,
    not_mailed: u64,
}

/// One article as shown.
#[derive(Serialize)]
struct Row {
    article: i64,
    title: String,
    url: String,
    readers: u64,
    whole: u64,
    topics: Vec<String>,
    own_filters: u64,
}

/// Counts over the next slots of everybody, and shows it.
pub(super) async fn show(mut stored: Stored<'_>, args: &DryRunArgs) -> Result<(), Failure> {
    let counts = count(&mut stored, args).await?;
    let rows = rows(&mut stored, &counts).await?;
    if args.format == DryRunFormat::Json {
        return as_json(&counts, &rows);
    }
    as_text(&counts, rows)
}

async fn count(stored: &mut Stored<'_>, args: &DryRunArgs) -> Result<Counts, Failure> {
    let zone = stored.config.publisher.zone;
    let groups = store::subscription::groups(&mut stored.tx).await?;
    let mut counts = Counts::default();
    for preview in &stored.slots(args, zone, &groups).await? {
        let (mut cursor, before) = (0, counts.mails);
        for _ in 0..plan::MAX_PAGES {
            let (settings, now) = (stored.settings.plan.clone(), stored.now);
            let page =
                preview.readers(&mut stored.tx, &settings, Look::Show, cursor, now).await.map_err(Failure::of)?;
            page.planned.iter().for_each(|planned| counts.add(planned));
            let Some(next) = page.cursor else { break };
            cursor = next;
        }
        counts.slots.push((stored.standing(preview, zone), counts.mails - before));
    }
    Ok(counts)
}

impl Counts {
    fn add(&mut self, planned: &Planned) {
        if planned.status != Status::Confirmed {
            self.not_mailed += 1;
            return;
        }
        self.mails += 1;
        for item in &planned.selection.items {
            let line = self.lines.entry((item.article, item.rev)).or_default();
            line.readers += 1;
            line.whole += u64::from(item.place == Place::Full);
            for why in &item.why {
                match why {
                    Why::Topic(id) => drop(line.topics.insert(*id)),
                    Why::Filter(_) => line.own_filters += 1,
                }
            }
        }
    }
}

/// The articles, most readers first.
async fn rows(stored: &mut Stored<'_>, counts: &Counts) -> Result<Vec<Row>, Failure> {
    let wanted: Vec<(i64, i16)> = counts.lines.keys().copied().collect();
    let titles = titles(stored, &wanted).await?;
    let slugs: BTreeMap<i64, String> =
        store::topic::named(&mut stored.tx).await?.into_iter().map(|topic| (topic.id, topic.slug)).collect();
    let row = |(of, line): (&(i64, i16), &Line)| {
        let (title, url) = titles.get(of).cloned().unwrap_or_default();
        let topics = line.topics.iter().filter_map(|id| slugs.get(id).cloned()).collect();
        Row {
            article: of.0,
            title,
            url,
            readers: line.readers,
            whole: line.whole,
            topics,
            own_filters: line.own_filters,
        }
    };
    let mut rows: Vec<Row> = counts.lines.iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.readers));
    Ok(rows)
}

fn as_json(counts: &Counts, rows: &[Row]) -> Result<(), Failure> {
    let slot = |(s, mails): &(Standing, u64)| {
        json!({"schedule": s.schedule, "zone": s.zone.to_string(), "slot": s.slot_at, "as_of": s.as_of,
               "closes_at": s.closes_at, "frozen": s.frozen, "mails": mails})
    };
    let slots: Vec<_> = counts.slots.iter().map(slot).collect();
    output::say_json(&json!({"slots": slots, "mails": counts.mails, "not_mailed": counts.not_mailed, "articles": rows}))
}

fn as_text(counts: &Counts, rows: Vec<Row>) -> Result<(), Failure> {
    for (s, mails) in &counts.slots {
        let state = if s.frozen { "frozen since" } else { "closes at" };
        output::say(&format!(
            "{} {} ({}): {}, as of {}, {state} {}",
            s.schedule,
            output::at(s.slot_at, s.zone),
            s.zone,
            output::count(*mails, "mail", "mails"),
            output::at(s.as_of, s.zone),
            output::at(s.closes_at, s.zone)
        ))?;
    }
    let mut table = output::Table::new(&["readers", "whole", "topics", "id", "article"]);
    for row in rows {
        let mut topics = row.topics;
        if row.own_filters > 0 {
            topics.push(output::count(row.own_filters, "own filter", "own filters"));
        }
        table.row(vec![
            output::number(row.readers),
            output::number(row.whole),
            topics.join(", "),
            row.article.to_string(),
            row.title,
        ]);
    }
    output::say(&table.text())?;
    let others = match counts.not_mailed {
        0 => String::new(),
        n => format!(", {} not mailed", output::number(n)),
    };
    output::say(&format!("{}{others}; nothing was sent", output::count(counts.mails, "mail", "mails")))
}

/// Title and address of these revisions, read in pieces.
async fn titles(
    stored: &mut Stored<'_>,
    wanted: &[(i64, i16)],
) -> Result<BTreeMap<(i64, i16), (String, String)>, Failure> {
    /// Whole texts come with them.
    const AT_ONCE: usize = 500;
    let mut titles = BTreeMap::new();
    for some in wanted.chunks(AT_ONCE) {
        for row in store::article::revisions(&mut stored.tx, some).await? {
            titles.insert((row.article_id, row.rev), (row.body.0.title.clone(), row.body.0.url.clone()));
        }
    }
    Ok(titles)
}
