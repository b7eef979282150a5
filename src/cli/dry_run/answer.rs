//! How a preview looks: text, HTML, the whole message or JSON, on standard output or one file a mail.
//! It knows neither planner nor store.

use std::{
    fs,
    io::{self, IsTerminal as _},
    path::Path,
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{DryRunArgs, DryRunFormat};
use crate::{
    article::{ArticleText, KeyPointsOrigin},
    cli::{Failure, output},
    daemon::preview::mails::{Item, Mail},
    delivery::{SkipReason, State},
    digest::Place,
    render::Sentences,
    topic::query,
};

/// A line over and under a mail's text.
const RULE: &str = "------------------------------------------------------------------------";

/// How the slot of a mail stands.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) schedule: String,
    pub(super) slot_at: DateTime<Utc>,
    pub(super) closes_at: DateTime<Utc>,
    pub(super) as_of: DateTime<Utc>,
    pub(super) frozen: bool,
    pub(super) earlier: usize,
    pub(super) zone: Tz,
}

/// One item as shown.
#[derive(Clone, Debug)]
pub(super) struct ShownItem {
    /// Its number in the store, where it has one.
    pub(super) article: Option<i64>,
    pub(super) text: ArticleText,
    /// What the mail says of it.
    pub(super) sentences: Sentences,
    pub(super) source: String,
    pub(super) place: Place,
    /// Told before, and once more since it says more now.
    pub(super) updated: bool,
    pub(super) matched: Vec<ShownMatch>,
    pub(super) also_at: Vec<(String, String)>,
}

/// What an item matched, and by which words.
#[derive(Clone, Debug)]
pub(super) struct ShownMatch {
    pub(super) topic: Option<String>,
    pub(super) filter: String,
    pub(super) places: Vec<query::Place>,
}

/// The mail itself.
#[derive(Clone, Debug)]
pub(super) struct ShownMail {
    pub(super) subject: String,
    pub(super) bytes: Vec<u8>,
    pub(super) html: Vec<u8>,
    pub(super) text: Vec<u8>,
}

/// One mail of a preview, or the reason why there is none.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) standing: Standing,
    pub(super) to: String,
    /// Why this reader is not mailed at all.
    pub(super) refused: Option<String>,
    /// What the books say of it.
    pub(super) booked: Option<String>,
    pub(super) mail: Option<ShownMail>,
    pub(super) items: Vec<ShownItem>,
    pub(super) left_out: Vec<(String, String)>,
    file: String,
}

impl Shown {
    pub(super) fn new(standing: Standing, to: String) -> Self {
        let (booked, mail, items, left_out) = (None, None, Vec::new(), Vec::new());
        Self { standing, to, refused: None, booked, mail, items, left_out, file: "0".to_owned() }
    }

    /// Takes over a composed mail.
    pub(super) fn take(&mut self, mail: Mail) {
        self.file = mail.reader.subscriber_id.to_string();
        self.items = mail.items.iter().map(shown_item).collect();
        self.booked = mail.booked.map(|row| {
            let reason = SkipReason::from_code(row.reason).map(|reason| format!("({})", reason.text()));
            let state = State::from_code(row.state).map_or("unknown", State::word);
            format!("{state}{}", reason.unwrap_or_default())
        });
        match mail.draft {
            Ok(draft) => {
                let (html, text) = (draft.rendered.decoded_html(), draft.rendered.decoded_text());
                self.mail = Some(ShownMail { subject: draft.rendered.subject, bytes: draft.bytes, html, text });
            }
            Err(why) => self.refused = Some(why.to_string()),
        }
    }

    /// The name of its file, without what stands for the format.
    fn stem(&self) -> String {
        let Standing { schedule, slot_at, zone, .. } = &self.standing;
        format!("{schedule}-{}-{}", slot_at.with_timezone(zone).format("%Y%m%dT%H%M"), self.file)
    }

    fn bytes(&self, format: DryRunFormat, explain: bool) -> Result<Vec<u8>, Failure> {
        let mail = self.mail.as_ref();
        Ok(match format {
            DryRunFormat::Text => self.for_people(explain).into_bytes(),
            DryRunFormat::Html => mail.map(|mail| mail.html.clone()).unwrap_or_default(),
            DryRunFormat::Eml => mail.map(|mail| mail.bytes.clone()).unwrap_or_default(),
            DryRunFormat::Json => {
                serde_json::to_vec_pretty(&self.json()).map_err(|error| Failure::failed(format!("no JSON: {error}")))?
            }
        })
    }

    /// To whom, when, and how sure it is.
    fn head(&self) -> String {
        let Standing { schedule, slot_at, closes_at, as_of, frozen, earlier, zone } = &self.standing;
        let at = |instant: &DateTime<Utc>| instant.with_timezone(zone).format("%a %Y-%m-%d %H:%M %Z").to_string();
        let mut lines = vec![format!("To        {}", self.to)];
        if let Some(reason) = &self.refused {
            lines.push(red(&format!("          not mailed: skipped({reason})")));
        }
        lines.push(format!("Slot      {schedule}, {} ({zone})", at(slot_at)));
        if *frozen {
            lines.push(format!("Frozen    since {}: byte for byte what is sent", at(closes_at)));
        } else {
            lines.push(format!("As of     {}, closes at {}", at(as_of), at(closes_at)));
            lines.push("          what would be sent if nothing more came".to_owned());
        }
        if *earlier > 0 && !*frozen {
            let slots = output::count(*earlier, "slot comes", "slots come");
            lines.push(format!("          {slots} before it and will have told what is there by then"));
        }
        if let Some(booked) = &self.booked {
            lines.push(format!("Books     {booked}"));
        }
        if let Some(mail) = &self.mail {
            lines.push(format!("Subject   {}", mail.subject));
        }
        lines.join("\n")
    }

    fn for_people(&self, explain: bool) -> String {
        let mut text = self.head();
        match &self.mail {
            Some(mail) => {
                let body = String::from_utf8_lossy(&mail.text).replace("\r\n", "\n");
                text.push_str(&format!("\n{RULE}\n{}\n{RULE}", body.trim_end()));
            }
            None if self.refused.is_none() => text.push_str("\nNothing     new matches: no mail is sent"),
            None => {}
        }
        if explain && !(self.items.is_empty() && self.left_out.is_empty()) {
            text.push_str(&self.explanation());
        }
        text.push('\n');
        text
    }

    fn explanation(&self) -> String {
        let mut lines = vec![String::new(), "Why these".to_owned()];
        for (n, item) in self.items.iter().enumerate() {
            lines.push(format!("{:>3}. {}", n + 1, item.text.title));
            let number = item.article.map(|id| format!(", article {id}")).unwrap_or_default();
            let updated = if item.updated { ", an update of what they were told" } else { "" };
            lines.push(format!("     {} ({}{number}{updated})", item.text.url, place_word(item.place)));
            for matched in &item.matched {
                let name =
                    matched.topic.as_ref().map_or_else(|| "own filter".to_owned(), |slug| format!("topic {slug}"));
                lines.push(format!("     {name}: {}", matched.filter));
                let found = places(&matched.places);
                if !found.is_empty() {
                    lines.push(format!("     found in {found}"));
                }
            }
        }
        if !self.left_out.is_empty() {
            lines.extend([String::new(), "Left out".to_owned()]);
            lines.extend(self.left_out.iter().map(|(url, why)| format!("   - {url}: {why}")));
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let Standing { schedule, slot_at, closes_at, as_of, frozen, zone, .. } = &self.standing;
        let local = |instant: &DateTime<Utc>| instant.with_timezone(zone).to_rfc3339();
        json!({
            "subscriber": self.to,
            "schedule": schedule,
            "slot": local(slot_at),
            "as_of": local(as_of),
            "closes_at": local(closes_at),
            "frozen": frozen,
            "not_mailed": self.refused,
            "delivery": self.booked,
            "subject": self.mail.as_ref().map(|mail| &mail.subject),
            "items": self.items.iter().map(item_json).collect::<Vec<_>>(),
            "skipped": self.left_out.iter().map(|(url, reason)| json!({"url": url, "reason": reason})).collect::<Vec<_>>(),
        })
    }
}

fn shown_item(item: &Item) -> ShownItem {
    let matched = |matched: &crate::daemon::preview::mails::Matched| ShownMatch {
        topic: matched.topic.clone(),
        filter: matched.filter.clone(),
        places: item.places(&matched.filter),
    };
    ShownItem {
        article: Some(item.frozen.article),
        text: item.text().clone(),
        sentences: item.sentences.clone(),
        source: item.source.clone(),
        place: item.frozen.place,
        updated: item.frozen.updated,
        matched: item.matched.iter().map(matched).collect(),
        also_at: item.also_at.clone(),
    }
}

fn item_json(item: &ShownItem) -> Value {
    let ShownItem { text, sentences, .. } = item;
    let origin = if sentences.points.is_empty() { KeyPointsOrigin::None } else { text.key_points.origin };
    json!({
        "article": item.article,
        "title": text.title,
        "url": text.url,
        "source": item.source,
        "published": text.published,
        "language": text.language,
        "place": item.place,
        "updated": item.updated,
        "news": item.updated.then_some(&sentences.news),
        "key_points": sentences.points,
        "key_points_origin": origin,
        "ai_label": sentences.ai_label,
        "matched": item.matched.iter().map(|matched| json!({
            "topic": matched.topic,
            "filter": matched.filter,
            "where": places(&matched.places),
        })).collect::<Vec<_>>(),
        "also_at": item.also_at.iter().map(|(source, url)| json!({"source": source, "url": url})).collect::<Vec<_>>(),
    })
}

/// `title: tramway; body: trams, «pistes cyclables»`
fn places(places: &[query::Place]) -> String {
    let one = |place: &query::Place| format!("{}: {}", place.field.name(), place.words.join(", "));
    places.iter().map(one).collect::<Vec<_>>().join("; ")
}

const fn place_word(place: Place) -> &'static str {
    match place {
        Place::Full => "whole",
        Place::Brief => "title only",
        Place::Counted => "only counted",
        Place::Alerted => "told by alert before",
    }
}

/// Red where a person looks at a terminal.
fn red(text: &str) -> String {
    if io::stdout().is_terminal() { format!("\u{1b}[31m{text}\u{1b}[0m") } else { text.to_owned() }
}

/// Answers with one mail.
pub(super) fn one(shown: &Shown, args: &DryRunArgs) -> Result<(), Failure> {
    if let Some(dir) = &args.out {
        let path = write(shown, dir, args)?;
        return output::say(&format!("{}\nWritten   {path}", shown.head()));
    }
    let bytes = shown.bytes(args.format, args.explain)?;
    if matches!(args.format, DryRunFormat::Html | DryRunFormat::Eml) {
        // The answer proper is for a program; the head is for the person who called it.
        output::note(&shown.head());
        if shown.mail.is_none() {
            output::note("Nothing     new matches: no mail is sent");
        }
    }
    output::say_bytes(&bytes)
}

/// Answers with many mails: a few lines or one file each.
pub(super) struct Many<'a> {
    args: &'a DryRunArgs,
    mails: usize,
    refused: usize,
    json: Vec<Value>,
}

impl<'a> Many<'a> {
    pub(super) fn new(args: &'a DryRunArgs) -> Self {
        Self { args, mails: 0, refused: 0, json: Vec::new() }
    }

    pub(super) fn add(&mut self, shown: &Shown) -> Result<(), Failure> {
        self.mails += 1;
        self.refused += usize::from(shown.refused.is_some());
        if let Some(dir) = &self.args.out {
            return write(shown, dir, self.args).map(drop);
        }
        if self.args.format == DryRunFormat::Json {
            self.json.push(shown.json());
            return Ok(());
        }
        let mut lines = vec![shown.head()];
        lines.extend(shown.items.iter().map(|item| format!("          • {} ({})", item.text.title, item.source)));
        if self.args.explain {
            lines.push(shown.explanation());
        }
        lines.push(String::new());
        output::say(&format!("{}\n", lines.join("\n")))
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.args.out.is_none() && self.args.format == DryRunFormat::Json {
            return output::say_json(&self.json);
        }
        let refused = match self.refused {
            0 => String::new(),
            n => red(&format!(", {} of them not mailed", output::number(n))),
        };
        let place = self.args.out.as_ref().map(|dir| format!(", in {}", dir.display())).unwrap_or_default();
        output::say(&format!("{}{refused}{place}; nothing was sent", output::count(self.mails, "mail", "mails")))
    }
}

fn write(shown: &Shown, dir: &Path, args: &DryRunArgs) -> Result<String, Failure> {
    let ending = match args.format {
        DryRunFormat::Text => "txt",
        DryRunFormat::Html => "html",
        DryRunFormat::Eml => "eml",
        DryRunFormat::Json => "json",
    };
    let path = dir.join(format!("{}.{ending}", shown.stem()));
    let bytes = shown.bytes(args.format, args.explain)?;
    fs::create_dir_all(dir).and_then(|()| fs::write(&path, bytes)).map_err(|error| {
        Failure::failed(format!("cannot write {}: {error}; name another directory", path.display()))
    })?;
    Ok(path.display().to_string())
}
