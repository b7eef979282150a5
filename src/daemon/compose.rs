//! Composes mails: from frozen items and the reader's row to the very bytes, the same in deliver and in `dry-run`.
//! It chooses nothing and sends nothing.

mod copy;
mod draw;
mod loaded;
mod own_words;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::{
    delivery::{Key, Kind, SkipReason},
    digest::schedule::ScheduleLine,
    mail::{Address, Encoded, Envelope, HeaderText, HeaderUri, ListId, Mailbox, Message, Unsubscribe},
    render::{FragmentCache, Publisher, Rendered, Templates, UiLanguage},
    store::{article::RevisionRow, delivery::OutboxRow},
    subscriber::token::{Keys, Purpose},
};
pub use loaded::{Composer, Frozen};

/// Revisions kept between rounds: the articles of some days, a few kB each.
const MAX_REVISIONS: usize = 5_000;
/// Bytes of rendered fragments kept between rounds.
const MAX_FRAGMENT_BYTES: usize = 64 << 20;

/// What composing needs to know.
#[derive(Clone, Debug)]
pub struct ComposeSettings {
    /// The publisher as mails and pages show it.
    pub publisher: Publisher,
    /// From.
    pub from: Mailbox,
    /// Reply-To: a mailbox that people read.
    pub reply_to: Mailbox,
    /// Envelope sender.
    pub return_path: Address,
    /// Where a mail unsubscribes.
    pub unsubscribe_to: Address,
    /// List-Id.
    pub list_id: ListId,
    /// Templates and locales.
    pub templates: Arc<Templates>,
    /// Keys of the links' tokens.
    pub keys: Keys,
    /// Language of pages whose reader is not known.
    pub language: UiLanguage,
    /// The publisher's zone: alerts of readers without one.
    pub zone: Tz,
    /// The schedules as readers see them, in the order in which they are offered.
    pub rhythms: Vec<Rhythm>,
}

impl ComposeSettings {
    /// The digests that readers may choose.
    pub fn digests(&self) -> impl Iterator<Item = &Rhythm> {
        self.rhythms.iter().filter(|rhythm| rhythm.public && rhythm.line.is_some())
    }
}

/// A schedule in a reader's words.
#[derive(Clone, Debug)]
pub struct Rhythm {
    /// The schedule's name.
    pub name: String,
    /// When it fires; none for alerts.
    pub line: Option<ScheduleLine>,
    /// The operator's own words for it.
    pub titles: BTreeMap<UiLanguage, String>,
    /// Whether readers may choose it.
    pub public: bool,
}

/// Rendered fragments and loaded revisions, kept between rounds.
#[derive(Debug)]
pub struct Cache {
    /// Fragments.
    pub fragments: FragmentCache,
    revisions: Mutex<HashMap<(i64, i16), Arc<RevisionRow>>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { fragments: FragmentCache::new(MAX_FRAGMENT_BYTES), revisions: Mutex::default() }
    }
}

impl Cache {
    fn revision(&self, of: (i64, i16)) -> Option<Arc<RevisionRow>> {
        self.revisions.lock().unwrap_or_else(PoisonError::into_inner).get(&of).cloned()
    }

    fn keep(&self, rows: impl IntoIterator<Item = Arc<RevisionRow>>) {
        let mut revisions = self.revisions.lock().unwrap_or_else(PoisonError::into_inner);
        if revisions.len() > MAX_REVISIONS {
            revisions.clear();
        }
        revisions.extend(rows.into_iter().map(|row| ((row.article_id, row.rev), row)));
    }
}

/// A mail that is composed but not yet anywhere in the books.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The delivery's own key.
    pub key: Key,
    /// Kind.
    pub kind: Kind,
    /// From and to.
    pub envelope: Envelope,
    /// The unsigned bytes.
    pub bytes: Vec<u8>,
    /// What it was made of, for previews.
    pub rendered: Rendered,
    /// Topics of its items.
    pub topics: Vec<i64>,
    /// Feeds of its items.
    pub feeds: Vec<i64>,
    /// Stories that were frozen for it and are not in it.
    pub missing: Vec<i64>,
}

/// Why a mail cannot be composed; its delivery is skipped with the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The stored address does not read.
    #[error("the stored address is not a mail address")]
    Address,
    /// Nothing of it is left: withdrawn, hidden by its feed's rules, or its texts are gone.
    #[error("every article in it was withdrawn, or its feed hides what is for subscribers only")]
    Withdrawn,
    /// Its kind needs what is not stored.
    #[error("there is nothing stored to make it of")]
    Nothing,
    /// A template failed; `check` would have found it.
    #[error("it cannot be rendered: {0}")]
    Render(String),
}

impl ComposeError {
    /// What the books say.
    pub fn reason(&self) -> SkipReason {
        match self {
            Self::Address => SkipReason::BadAddress,
            Self::Withdrawn => SkipReason::Withdrawn,
            Self::Nothing | Self::Render(_) => SkipReason::Cancelled,
        }
    }
}

/// Puts a rendered mail into its message: the envelope and the unsigned bytes.
#[expect(clippy::too_many_arguments, reason = "each is a fact of its own; a struct would only rename the call")]
pub fn message(
    settings: &ComposeSettings,
    row: &OutboxRow,
    kind: Kind,
    key: Key,
    occasion: u64,
    date: DateTime<Utc>,
    language: UiLanguage,
    zone: Tz,
    rendered: &Rendered,
) -> Result<(Envelope, Vec<u8>), ComposeError> {
    let address: Address = row.address.parse().map_err(|_| ComposeError::Address)?;
    let broken = |error: &dyn std::fmt::Display| ComposeError::Render(error.to_string());
    let token = settings.keys.sign(Purpose::Unsubscribe, row.subscriber_id, occasion);
    let https: HeaderUri = unsubscribe_url(settings, token.as_str()).parse().map_err(|e| broken(&e))?;
    let mailto = HeaderUri::mailto(&settings.unsubscribe_to, token.as_str()).map_err(|e| broken(&e))?;
    let unsubscribe = Some(Unsubscribe { https: &https, mailto: &mailto }).filter(|_| kind.is_list_mail());
    let (message_id, boundary) = (key.message_id(settings.from.address.domain()), key.boundary());
    let to = Mailbox::new("", address.clone());
    let mut bytes = Vec::new();
    Message {
        from: &settings.from,
        to: &to,
        reply_to: &settings.reply_to,
        subject: &HeaderText::new(&rendered.subject),
        date: date.with_timezone(&zone).fixed_offset(),
        message_id: &message_id,
        language: language.language(),
        list_id: &settings.list_id,
        unsubscribe,
        kind,
        html: Encoded::new(&rendered.html).map_err(|e| broken(&e))?,
        text: Encoded::new(&rendered.text).map_err(|e| broken(&e))?,
        boundary: &boundary,
    }
    .to_bytes(&mut bytes);
    Ok((Envelope { from: Some(settings.return_path.clone()), to: address }, bytes))
}

/// The address of the one-click POST, whose page a person can also open.
pub fn unsubscribe_url(settings: &ComposeSettings, token: &str) -> String {
    settings.publisher.page(&format!("u/{token}"))
}
