//! Which fields each template is given, and which it must not leave out.
//! It checks nothing itself; docs/templates.md tells the same in prose, and a test compares.

/// What a template is given.
pub(super) struct Fields {
    /// Name in the set, without extension.
    pub(super) name: &'static str,
    /// Fields at the top.
    pub(super) given: &'static [&'static str],
    /// Fields of the entries of its lists.
    pub(super) of_items: &'static [&'static str],
    /// Fields without which the template would lose what it is for.
    pub(super) required: &'static [&'static str],
}

/// Fields of `publisher`.
pub(super) const PUBLISHER: &[&str] =
    &["name", "home_url", "contact_email", "contact_url", "from_address", "postal_address"];

/// Given to every template.
pub(super) const EVERYWHERE: &[&str] = &["lang", "publisher"];

const MAIL: &[&str] = &["subject", "preheader", "proof"];

const FOOTER: &[&str] = &[
    "subscribed",
    "schedule",
    "change_url",
    "unsubscribe_url",
    "less_url",
    "pause_url",
    "share_url",
    "why_url",
    "data_url",
    "any_url",
];

/// Fields of what can be chosen.
const CHOICE: &[&str] = &["value", "text", "chosen"];

const fn part(name: &'static str, given: &'static [&'static str], required: &'static [&'static str]) -> Fields {
    Fields { name, given, of_items: &[], required }
}

/// Every template of the set.
pub(super) const TEMPLATES: &[Fields] = &[
    part("mail/frame", MAIL, &["proof"]),
    part("mail/footer", FOOTER, &[]),
    part("mail/address", &[], &[]),
    part(
        "mail/digest",
        &[
            "subject",
            "preheader",
            "proof",
            "headline",
            "figures",
            "note",
            "contents",
            "articles",
            "brief",
            "more",
            "alerted",
            "nothing",
            "subscribed",
            "schedule",
            "change_url",
            "unsubscribe_url",
            "less_url",
            "pause_url",
            "share_url",
            "why_url",
            "data_url",
            "any_url",
        ],
        &["note", "articles", "brief", "more", "alerted"],
    ),
    part(
        "mail/alert",
        &[
            "subject",
            "preheader",
            "proof",
            "headline",
            "figures",
            "articles",
            "mute_url",
            "digest_url",
            "subscribed",
            "schedule",
            "change_url",
            "unsubscribe_url",
            "less_url",
            "pause_url",
            "share_url",
            "why_url",
            "data_url",
            "any_url",
        ],
        &["articles"],
    ),
    part(
        "mail/correction",
        &[
            "subject",
            "preheader",
            "proof",
            "headline",
            "text",
            "url",
            "subscribed",
            "schedule",
            "change_url",
            "unsubscribe_url",
            "less_url",
            "pause_url",
            "share_url",
            "why_url",
            "data_url",
            "any_url",
        ],
        &["text"],
    ),
    part("mail/confirm", &["subject", "preheader", "proof", "headline", "confirm_url", "days"], &["confirm_url"]),
    Fields {
        name: "mail/known",
        given: &["subject", "preheader", "proof", "headline", "additions", "settings_url"],
        of_items: &["title", "url"],
        required: &["additions", "settings_url"],
    },
    part("mail/parts/proof", &[], &[]),
    part("mail/parts/note", &["title", "text"], &["text"]),
    part("mail/parts/contents", &["items"], &["items"]),
    part("mail/parts/contents-topic", &["title", "number", "items"], &["items"]),
    part("mail/parts/contents-item", &["number", "title", "url"], &["title"]),
    part("mail/parts/section", &["title"], &["title"]),
    Fields {
        name: "mail/parts/article",
        given: &[
            "text_lang",
            "dir",
            "title",
            "url",
            "source",
            "credit",
            "when",
            "minutes",
            "updated",
            "paid",
            "label",
            "ai_label",
            "points",
            "paragraph",
            "also",
            "words",
            "alert",
            "image_url",
            "image_alt",
        ],
        of_items: &["source", "url"],
        required: &["title", "url", "source", "credit", "points", "paragraph"],
    },
    part("mail/parts/briefs", &["items"], &["items"]),
    part(
        "mail/parts/brief",
        &[
            "text_lang",
            "dir",
            "title",
            "url",
            "source",
            "credit",
            "when",
            "minutes",
            "updated",
            "paid",
            "label",
            "ai_label",
            "points",
            "paragraph",
            "also",
            "words",
            "alert",
            "image_url",
            "image_alt",
        ],
        &["title", "url"],
    ),
    part("mail/parts/more", &["text", "url"], &["text", "url"]),
    part("mail/parts/alerted", &["items"], &["items"]),
    part("mail/parts/nothing", &["text"], &["text"]),
    part("web/frame", &["title", "error"], &[]),
    Fields {
        name: "web/unsubscribe",
        given: &["title", "error", "address", "post_url", "today", "pauses", "often"],
        of_items: CHOICE,
        required: &["post_url"],
    },
    Fields {
        name: "web/pause",
        given: &["post_url", "today", "pauses"],
        of_items: CHOICE,
        required: &["post_url", "pauses"],
    },
    Fields { name: "web/often", given: &["post_url", "often"], of_items: CHOICE, required: &["post_url", "often"] },
    Fields {
        name: "web/choices",
        given: &[
            "title",
            "error",
            "post_url",
            "unsubscribe_url",
            "address",
            "saved",
            "paused",
            "today",
            "pauses",
            "followed",
            "offered",
            "own_words",
            "own_without",
            "own_often",
            "own_refused",
            "own_lines",
            "own_stories",
            "often",
            "updates",
            "languages",
            "zones",
            "since",
        ],
        of_items: &["field", "title", "often", "value", "text", "chosen"],
        required: &["post_url", "unsubscribe_url", "followed", "offered", "updates", "languages", "zones"],
    },
    Fields {
        name: "web/alert",
        given: &[
            "title", "error", "post_url", "text", "saved", "paused", "alerted", "offered", "digests", "again", "moved",
        ],
        of_items: CHOICE,
        required: &["post_url", "offered", "again", "moved"],
    },
    part("web/confirm", &["title", "error", "post_url", "address"], &["post_url"]),
    Fields {
        name: "web/copy",
        given: &["title", "error", "sections", "alerted"],
        of_items: &[
            "title",
            "items",
            "text_lang",
            "dir",
            "url",
            "source",
            "credit",
            "when",
            "minutes",
            "updated",
            "paid",
            "label",
            "ai_label",
            "points",
            "paragraph",
            "also",
            "words",
        ],
        required: &["sections", "alerted"],
    },
    part("web/unsubscribed", &["title", "error", "undo_url"], &["undo_url"]),
    part("web/resubscribe", &["title", "error", "post_url"], &["post_url"]),
    part("web/message", &["title", "error", "paragraphs", "link_url", "link_text"], &["paragraphs", "link_url"]),
    Fields {
        name: "web/index",
        given: &["title", "error", "topics", "sign_up_url", "sign_up_text"],
        of_items: &["title", "description"],
        required: &["sign_up_url"],
    },
];

/// The fields of a template.
pub(super) fn of(name: &str) -> Option<&'static Fields> {
    TEMPLATES.iter().find(|f| f.name == name)
}
