//! `dry-run --summary`: each article that would be sent, with its topics and number of readers.
//! It makes no mails.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    DryRunArgs, DryRunFormat,
    stored::{Stored, failed},
};
use crate::{
    cli::{Failure, output},
    daemon::plan::page::Look,
    digest::{Place, Why},
    store,
    subscriber::Status,
};

/// Pages of readers counted at most: 20 million readers.
const MAX_PAGES: usize = 20_000;

/// What is known of one article.
#[derive(Default)]
struct Line {
    readers: u64,
    whole: u64,
    topics: BTreeSet<i64>,
    own_filters: u64,
}

/// Counts over the next slots of everybody.
pub(super) async fn show(mut stored: Stored<'_>, args: &DryRunArgs) -> Result<(), Failure> {
    let zone = stored.config.publisher.zone;
    let groups = store::subscription::groups(&mut stored.tx).await?;
    let slots = stored.slots(args, zone, &groups).await?;
    let mut lines: BTreeMap<(i64, i16), Line> = BTreeMap::new();
    let (mut mails, mut others) = (0_u64, 0_u64);
    let mut heads = Vec::new();
    for preview in &slots {
        let mut cursor = 0;
        let before = mails;
        for _ in 0..MAX_PAGES {
            let (plan, now) = (stored.settings.plan.clone(), stored.now);
            let page = preview.readers(&mut stored.tx, &plan, Look::Show, cursor, now).await.map_err(failed)?;
            for planned in &page.planned {
                if planned.status != Status::Confirmed {
                    others += 1;
                    continue;
                }
                mails += 1;
                for item in &planned.selection.items {
                    let line = lines.entry((item.article, item.rev)).or_default();
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
            let Some(next) = page.cursor else { break };
            cursor = next;
        }
        heads.push((stored.standing(preview, zone), mails - before));
    }
    let wanted: Vec<(i64, i16)> = lines.keys().copied().collect();
    let titles = titles(&mut stored, &wanted).await?;
    let slugs: BTreeMap<i64, String> =
        store::topic::named(&mut stored.tx).await?.into_iter().map(|topic| (topic.id, topic.slug)).collect();
    let mut rows: Vec<(&(i64, i16), &Line)> = lines.iter().collect();
    rows.sort_by_key(|(of, line)| (std::cmp::Reverse(line.readers), **of));
    let named = |line: &Line| line.topics.iter().filter_map(|id| slugs.get(id).cloned()).collect::<Vec<_>>();
    if args.format == DryRunFormat::Json {
        let articles: Vec<_> = rows
            .iter()
            .map(|(of, line)| {
                let (title, url) = titles.get(of).cloned().unwrap_or_default();
                json!({"article": of.0, "title": title, "url": url, "readers": line.readers, "whole": line.whole,
                       "topics": named(line), "own_filters": line.own_filters})
            })
            .collect();
        let slots: Vec<_> = heads
            .iter()
            .map(|(s, mails)| {
                json!({"schedule": s.schedule, "zone": s.zone.to_string(), "slot": s.slot_at, "as_of": s.as_of,
                       "closes_at": s.closes_at, "frozen": s.frozen, "mails": mails})
            })
            .collect();
        return output::say_json(&json!({"slots": slots, "mails": mails, "not_mailed": others, "articles": articles}));
    }
    for (s, mails) in &heads {
        let state = if s.frozen { "frozen since" } else { "closes at" };
        output::say(&format!(
            "{} {}: {}, as of {}, {state} {}",
            s.schedule,
            output::at(s.slot_at, s.zone),
            output::count(*mails, "mail", "mails"),
            output::at(s.as_of, s.zone),
            output::at(s.closes_at, s.zone)
        ))?;
    }
    let mut table = output::Table::new(&["readers", "whole", "topics", "id", "article"]);
    for (of, line) in rows {
        let mut topics = named(line);
        if line.own_filters > 0 {
            topics.push(output::count(line.own_filters, "own filter", "own filters"));
        }
        let title = titles.get(of).map(|(title, _)| title.clone()).unwrap_or_default();
        table.row(vec![
            output::number(line.readers),
            output::number(line.whole),
            topics.join(", "),
            of.0.to_string(),
            title,
        ]);
    }
    output::say(&table.text())?;
    let others = if others > 0 { format!(", {} not mailed", output::number(others)) } else { String::new() };
    output::say(&format!("{}{others}; nothing was sent", output::count(mails, "mail", "mails")))
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
