//! `depeche article`: an editor's answer to "why does it say this?".
//! What is kept of an article, `article::extract` decides; taking one back is in the file below.

mod withdraw;

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{
    Failure, Invocation,
    output::{self, Format, FormatArgs},
    source,
};
use crate::{
    article::preview::{Source, preview},
    fetch::Wanted,
};

/// Characters shown of a piece that was left out.
const SHOWN_REMOVED: usize = 90;

/// What it takes.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  depeche article preview saved-page.html")]
pub(super) struct ArticleArgs {
    #[command(subcommand)]
    command: ArticleCommand,
}

#[derive(Debug, Subcommand)]
enum ArticleCommand {
    /// Show what would be kept of a page or text, and what not and why
    Preview(PreviewArgs),
    /// Take an article back before it is mailed
    Withdraw(withdraw::WithdrawArgs),
    /// Put a withdrawn article back
    Restore(withdraw::RestoreArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  depeche article preview https://example.org/piece.html
  depeche article preview saved-page.html --format json
  depeche article preview draft.txt --title 'The working title'

Needs neither config nor database.")]
struct PreviewArgs {
    /// An address, a file (HTML page or plain text), or - for standard input
    #[arg(value_name = "URL_OR_FILE")]
    source: String,
    /// The title, where the source has none
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Does what was asked.
pub(super) async fn run(invocation: &Invocation, args: ArticleArgs) -> Result<(), Failure> {
    match args.command {
        ArticleCommand::Preview(args) => show(invocation, args).await,
        ArticleCommand::Withdraw(args) => withdraw::withdraw(invocation, args).await,
        ArticleCommand::Restore(args) => withdraw::restore(invocation, args).await,
    }
}

async fn show(invocation: &Invocation, args: PreviewArgs) -> Result<(), Failure> {
    let document = source::read(invocation, &args.source, Wanted::Page).await?;
    let text = document.text();
    if text.trim().is_empty() {
        return Err(Failure::input(format!(
            "{}: there is no text in it; give an HTML page or plain text",
            document.name
        )));
    }
    let kind = Source::of(&document.name, &text);
    let shown = preview(&text, kind, document.url.as_ref().map(url::Url::as_str), args.title.as_deref());
    match args.format.format {
        Format::Json => output::say_json(&shown),
        Format::Text => output::say(&for_people(&shown)),
    }
}

fn for_people(shown: &Value) -> String {
    let word = |key: &str| shown[key].as_str().unwrap_or_default();
    let about: Vec<&str> = [word("url"), word("language")].into_iter().filter(|word| !word.is_empty()).collect();
    let mut lines = vec![word("title").to_owned(), about.join("  "), String::new()];
    lines.push(format!("Key points ({})", word("key_points_origin")));
    let points = shown["key_points"].as_array().into_iter().flatten().filter_map(Value::as_str);
    lines.extend(points.map(|point| output::wrapped(point, "  • ")));
    lines.extend([String::new(), "Text".to_owned(), output::wrapped(word("text"), "  ")]);
    lines.extend([String::new(), "Left out".to_owned()]);
    let removed = shown["removed"].as_array().map(Vec::as_slice).unwrap_or_default();
    for piece in removed {
        let text = piece["text"].as_str().unwrap_or_default();
        lines.push(format!("  {}", short(text)));
        lines.push(format!("      {}", piece["why"].as_str().unwrap_or_default()));
    }
    if removed.is_empty() {
        lines.push("  nothing".to_owned());
    }
    lines.join("\n")
}

/// The beginning of a text on one line.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_REMOVED) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
