//! `depeche topic edit` and `topic revert`: a changed filter is first a draft that shows what it would change.
//! A version counts from its publication on; what a version matched is decided by the match stage.

use clap::Args;
use serde_json::{Value, json};

use super::super::{
    Failure, Invocation, Store, filter_text, names,
    output::{self, Format, FormatArgs},
};
use super::forecast;
use crate::{
    daemon::forecast::{DAYS, compare},
    store::{self, Conn, forecast::ShownRow, topic::TopicRow},
    topic::{Query, forecast::Change},
};

/// Growth above which a change must be meant.
const MOST_GROWTH: u64 = 3;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche topic edit transports --filter 'tramway OR bus OR velo*'   saves a draft and shows what it would change
  depeche topic edit transports                                      shows the draft again
  depeche topic edit transports --publish                            makes it live

A published filter counts for articles that arrive afterwards, never for older ones. `depeche topic revert` goes back.")]
pub(super) struct EditArgs {
    /// Its slug
    slug: String,
    /// What it shall be about
    #[arg(long, value_name = "QUERY")]
    filter: Option<String>,
    /// Make the draft live
    #[arg(long)]
    publish: bool,
    /// Publish it even if it brings more than three times as many articles, or more than allowed
    #[arg(long, requires = "publish")]
    anyway: bool,
    /// Articles a day above which a change needs --anyway [default: the config's]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    ceiling: Option<i32>,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  depeche topic revert transports

The filter before the present one is live again for articles that arrive afterwards.")]
pub(super) struct RevertArgs {
    /// Its slug
    slug: String,
}

/// A draft beside the present filter.
struct Compared {
    topic: TopicRow,
    draft: Query,
    ceiling: Option<i32>,
    /// Articles a day that the config allows a filter, 0 for any number; a topic's own ceiling stands before it.
    limit: u32,
    change: Change,
    gained: Vec<ShownRow>,
    lost: Vec<ShownRow>,
}

/// Saves, shows and publishes a draft.
pub(super) async fn edit(invocation: &Invocation, args: EditArgs) -> Result<(), Failure> {
    let filter = args.filter.as_deref().map(filter_text::parse).transpose()?;
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let mut tx = store::begin(&mut conn).await?;
            let topic = names::topic(&mut tx, &args.slug).await?;
            if let Some(ceiling) = args.ceiling {
                let detail = json!({"topic": topic.slug, "ceiling": ceiling});
                store::act::write(&mut tx, invocation.now, &invocation.who(), "topic edit", detail).await?;
                store::topic_draft::set_ceiling(&mut tx, topic.id, ceiling).await?;
            }
            if let Some(canonical) = &filter {
                let detail = json!({"topic": topic.slug, "draft": canonical});
                store::act::write(&mut tx, invocation.now, &invocation.who(), "topic edit", detail).await?;
                store::topic_draft::put(&mut tx, invocation.now, &invocation.who(), topic.id, canonical).await?;
            }
            tx.commit().await?;
            let Some(draft) = store::topic_draft::of(&mut conn, topic.id).await? else {
                return without_draft(&args, &topic);
            };
            let compared =
                compared(invocation, &mut conn, topic, &draft.canonical, store.config.filters.max_hits_per_day).await?;
            if args.publish {
                return publish(invocation, store, &compared, &args).await;
            }
            match args.format.format {
                Format::Text => output::say(&compared.text()),
                Format::Json => output::say_json(&compared.json(false)),
            }
        })
        .await
}

fn without_draft(args: &EditArgs, topic: &TopicRow) -> Result<(), Failure> {
    match args.ceiling {
        Some(ceiling) if !args.publish => {
            output::say(&format!("a change of {} may bring {ceiling} articles a day unasked", topic.slug))
        }
        _ => Err(Failure::input(format!(
            "{0} has no draft; write one with `depeche topic edit {0} --filter QUERY`; its filter is `{1}`",
            topic.slug, topic.canonical
        ))),
    }
}

async fn compared(
    invocation: &Invocation,
    conn: &mut Conn,
    topic: TopicRow,
    draft: &str,
    limit: u32,
) -> Result<Compared, Failure> {
    let stored = |text: &str| {
        Query::parse(text).map_err(|error| Failure::failed(format!("a stored filter does not read: {error}")))
    };
    let (present, draft) = (stored(&topic.canonical)?, stored(draft)?);
    let change = compare(conn, invocation.now, &present, &draft).await.map_err(Failure::of)?;
    let gained = store::forecast::shown(conn, &change.gained).await?;
    let lost = store::forecast::shown(conn, &change.lost).await?;
    let ceiling = store::topic_draft::ceiling(conn, topic.id).await?;
    Ok(Compared { topic, draft, ceiling, limit, change, gained, lost })
}

async fn publish(invocation: &Invocation, store: &Store, compared: &Compared, args: &EditArgs) -> Result<(), Failure> {
    let Compared { topic, draft, .. } = compared;
    if let Some(reason) = compared.too_much().filter(|_| !args.anyway) {
        return Err(Failure::failed(format!(
            "{}: {reason}; nothing was changed\nif that is meant: `depeche topic edit {} --publish --anyway`",
            topic.slug, topic.slug
        )));
    }
    let canonical = draft.to_string();
    go_live(invocation, store, topic, &canonical, "topic publish").await?;
    match args.format.format {
        Format::Text => output::say(&format!(
            "published {}: {canonical}\nit counts for articles that arrive from now on; `depeche topic revert {}` goes back",
            topic.slug, topic.slug
        )),
        Format::Json => output::say_json(&compared.json(true)),
    }
}

/// Ends the present version and begins the next one at one number, the last act before the commit.
async fn go_live(
    invocation: &Invocation,
    store: &Store,
    topic: &TopicRow,
    canonical: &str,
    act: &str,
) -> Result<(), Failure> {
    let who = invocation.who();
    let mut conn = store.pool.acquire().await?;
    let mut tx = store::begin(&mut conn).await?;
    let detail = json!({"topic": topic.slug, "before": topic.canonical, "after": canonical, "readers": topic.readers});
    store::act::write(&mut tx, invocation.now, &who, act, detail).await?;
    store::topic_draft::forget(&mut tx, topic.id).await?;
    let seq = store::take_log_seq(&mut tx, 1).await?;
    // Under the log's lock nobody else changes a topic: what was compared must still be there.
    let present = names::topic(&mut tx, &topic.slug).await?;
    if present.filter_id != topic.filter_id {
        return Err(Failure::failed(format!(
            "somebody changed {} just now, to `{}`; look at it again with `depeche topic edit {}`",
            topic.slug, present.canonical, topic.slug
        )));
    }
    if present.canonical != canonical {
        let filter = store::filter::intern(&mut tx, canonical, seq).await?;
        store::topic::version(&mut tx, invocation.now, &who, topic.id, filter, seq).await?;
        store::filter::end_unused(&mut tx, &[topic.filter_id], seq).await?;
    }
    Ok(tx.commit().await?)
}

/// Makes the version before the present one live again.
pub(super) async fn revert(invocation: &Invocation, args: RevertArgs) -> Result<(), Failure> {
    invocation
        .with_store(async |store| {
            let mut conn = store.pool.acquire().await?;
            let topic = names::topic(&mut conn, &args.slug).await?;
            let Some(before) = store::topic_draft::before(&mut conn, topic.id).await? else {
                return Err(Failure::input(format!(
                    "{} never had another filter than `{}`",
                    topic.slug, topic.canonical
                )));
            };
            drop(conn);
            go_live(invocation, store, &topic, &before, "topic revert").await?;
            output::say(&format!("{} is back at {before}, for articles that arrive from now on", topic.slug))
        })
        .await
}

impl Compared {
    /// Why the change must be meant.
    fn too_much(&self) -> Option<String> {
        let Change { before, after, .. } = self.change;
        let days = DAYS.unsigned_abs();
        if let Some(ceiling) = self.ceiling.filter(|ceiling| after > u64::from(ceiling.unsigned_abs()) * days) {
            return Some(format!("{} articles a day are above its ceiling of {ceiling}", forecast::a_day(after)));
        }
        let limit = if self.ceiling.is_none() && before < after { self.limit } else { 0 };
        if limit > 0 && after > u64::from(limit) * days {
            return Some(format!(
                "{} articles a day are more than the {limit} of [filters] max_hits_per_day",
                forecast::a_day(after)
            ));
        }
        let grown = after > MOST_GROWTH * before.max(1);
        grown.then(|| {
            let (before, after) = (output::number(before), output::number(after));
            format!("it would have brought {after} articles in {DAYS} days instead of {before}, more than {MOST_GROWTH} times as many")
        })
    }

    fn text(&self) -> String {
        let Change { before, after, about, .. } = self.change;
        let about = if about { "about " } else { "" };
        let mut table = output::Table::new(&["", "now", "draft"]);
        let number = |hits: u64| format!("{about}{}", output::number(hits));
        let per_day = |hits: u64| format!("{about}{}", forecast::a_day(hits));
        table.row(vec!["articles a day".to_owned(), per_day(before), per_day(after)]);
        table.row(vec![format!("in {DAYS} days"), number(before), number(after)]);
        let mut text = format!(
            "now:   {}\ndraft: {}\n       {}\n{}{} follow it\n",
            self.topic.canonical,
            self.draft,
            self.draft.explain("en"),
            table.text(),
            output::count(self.topic.readers, "reader", "readers"),
        );
        for (name, articles) in [("gained", &self.gained), ("lost", &self.lost)] {
            if !articles.is_empty() {
                text.push_str(&format!("{name}, such as\n{}", forecast::lines(articles)));
            }
        }
        let anyway = self.too_much().map(|reason| format!("careful: {reason}; --anyway publishes it all the same\n"));
        text.push_str(&anyway.unwrap_or_default());
        text + &format!("nothing is live yet; `depeche topic edit {} --publish` makes it so", self.topic.slug)
    }

    fn json(&self, published: bool) -> Value {
        let articles = |rows: &[ShownRow]| -> Vec<Value> {
            rows.iter().map(|row| json!({"title": row.title, "url": row.url, "source": row.source})).collect()
        };
        json!({"topic": self.topic.slug, "filter": self.topic.canonical, "draft": self.draft.to_string(), "days": DAYS,
               "before": self.change.before, "after": self.change.after, "about": self.change.about,
               "readers": self.topic.readers, "gained": articles(&self.gained), "lost": articles(&self.lost),
               "needs_anyway": self.too_much(), "published": published})
    }
}
