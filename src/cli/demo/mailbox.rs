//! The demo's mailbox: files of every mail that was caught, and a page to look through them.
//! It takes mail from the catcher's channel and sends nothing.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tokio::{sync::mpsc, task::JoinHandle};

use super::{document::escape, mime};
use crate::{clock::Clock, mail::Caught};

/// Endings of the files of one mail.
const ENDINGS: [&str; 3] = ["eml", "html", "txt"];
/// The page over all of them.
const INDEX: &str = "index.html";

/// One mail on disk.
#[derive(Clone, Debug)]
pub(super) struct Mail {
    /// Name of its files without the ending.
    pub(super) stem: String,
    to: String,
    subject: String,
    at: DateTime<Utc>,
}

/// All mails, shared between who catches and who shows.
#[derive(Debug)]
pub(super) struct Mailbox {
    directory: PathBuf,
    zone: Tz,
    mails: Mutex<Vec<Mail>>,
}

impl Mailbox {
    /// An empty mailbox in `directory`; mails of an earlier demo are removed.
    pub(super) fn open(directory: &Path, zone: Tz) -> io::Result<Arc<Self>> {
        fs::create_dir_all(directory)?;
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.file_name().and_then(|name| name.to_str()).is_some_and(is_ours) {
                fs::remove_file(path)?;
            }
        }
        let mailbox = Self { directory: directory.to_owned(), zone, mails: Mutex::default() };
        fs::write(directory.join(INDEX), mailbox.page(""))?;
        Ok(Arc::new(mailbox))
    }

    /// Keeps what comes until the channel ends.
    pub(super) fn keep(
        self: &Arc<Self>,
        mut caught: mpsc::Receiver<Caught>,
        clock: Clock,
    ) -> JoinHandle<io::Result<()>> {
        let mailbox = Arc::clone(self);
        tokio::spawn(async move {
            while let Some(mail) = caught.recv().await {
                mailbox.put(&mail, clock.now())?;
            }
            Ok(())
        })
    }

    fn put(&self, caught: &Caught, at: DateTime<Utc>) -> io::Result<()> {
        let to = caught.to.join(", ");
        let name: String =
            to.split('@').next().unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
        let mut mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        let first = format!("{}-{name}", at.with_timezone(&self.zone).format("%d-%H%M"));
        let same = mails.iter().filter(|mail| mail.stem.starts_with(&first)).count();
        let stem = if same == 0 { first } else { format!("{first}-{}", same + 1) };
        let parts = mime::parts(&caught.message);
        for (ending, bytes) in
            ENDINGS.iter().zip([caught.message.as_slice(), parts.html.as_bytes(), parts.text.as_bytes()])
        {
            fs::write(self.directory.join(format!("{stem}.{ending}")), bytes)?;
        }
        mails.push(Mail { stem, to, subject: parts.subject, at });
        mails.sort_by(|a, b| (a.at, &a.stem).cmp(&(b.at, &b.stem)));
        drop(mails);
        fs::write(self.directory.join(INDEX), self.page(""))
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// A file of a mail, with its media type; none where no mail has it.
    pub(super) fn file(&self, name: &str) -> Option<(&'static str, Vec<u8>)> {
        let (stem, ending) = name.rsplit_once('.')?;
        let known = self.mails.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|mail| mail.stem == stem);
        let content_type = match ending {
            "html" => "text/html; charset=utf-8",
            "txt" => "text/plain; charset=utf-8",
            "eml" => "message/rfc822",
            _ => return None,
        };
        known.then(|| fs::read(self.directory.join(name)).ok()).flatten().map(|bytes| (content_type, bytes))
    }

    /// The page over all mails; `note` stands above them.
    pub(super) fn page(&self, note: &str) -> String {
        let mails = self.mails.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = String::new();
        for mail in mails.iter() {
            let (stem, at) = (&mail.stem, mail.at.with_timezone(&self.zone).format("%a %d %b, %H:%M"));
            let _ = write!(
                rows,
                r#"<li><a href="{stem}.html" target="mail"><b>{}</b></a><p>{at} · to {} · <a href="{stem}.txt" target="mail">text</a> · <a href="{stem}.eml">source</a></p></li>"#,
                escape(&mail.subject),
                escape(&mail.to)
            );
        }
        let first = mails.first().map(|mail| format!("{}.html", mail.stem)).unwrap_or_default();
        format!(
            r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mails of the demo</title>
<style>{STYLE}</style>
<body>
<main>
<h1>{} mails</h1>
{note}
<p>Times are those of {}. Choose one to read it.</p>
<ol>{rows}</ol>
</main>
<iframe name="mail" title="The mail" sandbox="allow-popups allow-popups-to-escape-sandbox" src="{first}"></iframe>
</body>
</html>
"#,
            mails.len(),
            self.zone
        )
    }
}

/// Whether a file of the directory was written by a demo: nothing else is ever removed.
fn is_ours(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return false };
    let digits = |range: std::ops::Range<usize>| stem.get(range).is_some_and(|s| s.bytes().all(|b| b.is_ascii_digit()));
    name == INDEX || ENDINGS.contains(&ending) && digits(0..2) && stem.get(2..3) == Some("-") && digits(3..7)
}

const STYLE: &str = "
html { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
body { margin: 0; display: flex; flex-wrap: wrap; height: 100vh; }
main { flex: 1 1 22rem; max-width: 34rem; height: 100vh; overflow: auto; padding: 0 1rem; box-sizing: border-box; }
iframe { flex: 2 1 22rem; height: 100vh; border: 0; border-left: 1px solid #8884; background: #fff; }
ol { list-style: none; padding: 0; } li { border-top: 1px solid #8884; padding: .6rem 0; }
li p { margin: .2rem 0 0; font-size: .85rem; opacity: .8; overflow-wrap: anywhere; }
@media (max-width: 46rem) {
body { display: block; } main { height: 50vh; max-width: none; }
iframe { width: 100%; height: 50vh; border-left: 0; border-top: 1px solid #8884; } }
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_a_demo_are_removed() {
        for (name, ours) in [
            ("27-0700-claire.eml", true),
            ("27-0700-claire-2.html", true),
            ("index.html", true),
            ("notes.txt", false),
            ("2026-11-27.txt", false),
            ("27-0700-claire.pdf", false),
        ] {
            assert_eq!(is_ours(name), ours, "{name}");
        }
    }
}
