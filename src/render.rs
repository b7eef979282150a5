//! Turns digests and other mails and pages into HTML and text by templates and locales.
//! It chooses nothing: what is in a mail was decided by plan.

mod alert;
mod article;
mod cache;
mod check;
mod digest;
mod embedded;
mod expressions;
mod fields;
mod frame;
mod href;
mod language;
mod letter;
mod locale;
mod mail;
mod note;
mod own_words;
mod page;
mod plain;
mod publisher;
mod quoted_printable;
mod sample;
mod size;
mod stencil;
mod style;
pub mod subject;
mod template;
mod when;

pub use alert::AlertMail;
pub use article::{AlsoAt, ArticleFragmentInput, Excerpt, MAX_CHARS, Sentences};
pub use cache::{CacheUse, DEFAULT_BYTES, FragmentCache};
pub use digest::{DigestMail, Section};
pub use href::{Href, HrefError};
pub use language::{UiLanguage, UiLanguageError};
pub use letter::{Addition, AlreadySubscribedMail, ConfirmationMail, CorrectionMail};
pub use mail::{Links, Rendered};
pub use note::{Note, Told, Wrong};
pub use page::{
    AlertChoices, AlertDone, Choices, FollowRow, Often, OwnRefusal, OwnSaid, OwnWords, Page, PageContent, Pause,
    Saying, Stories, TopicLine,
};
pub use publisher::{Publisher, PublisherError};
pub use size::{FRAME_HTML_BYTES, estimated_html_bytes, estimated_line_html_bytes};
pub use template::{RenderError, TemplateError, Templates};
