//! Lists that stand where key points stand and are none: contents, galleries, recipes, particulars, what is said of the author.
//! It tells them by their words and their make; lists of links are told in `content`.

use super::{
    block::{self, Candidate, Sight},
    headings, places,
};
use crate::article::{
    boilerplate,
    outline::{Block, Container, Kind},
    words,
};

/// Words that an entry of a table of contents may have.
const ENTRY_WORDS: usize = 7;

/// Words of an item that says more than an entry does, though no mark ends it.
const STATEMENT_WORDS: usize = 8;

/// Names of containers that hold no key points.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "recipe", "recipes", "rezept", "recette", "receta", "ricetta", "ingredients", "nutrition", "gallery", "galerie", "galeria", "slideshow",
    "diaporama", "bildergalerie", "fotostrecke", "toc", "inhaltsverzeichnis", "sommaire", "author", "authors", "auteur", "autor", "autore",
    "bio", "biography", "authorbox", "byline", "quiz", "poll", "breadcrumb", "breadcrumbs", "pagination",
];

/// Whether a candidate is a list of another kind.
pub(super) fn is_other(sight: &Sight<'_>, candidate: &Candidate, items: &[&str]) -> bool {
    repeats(sight, candidate)
        || is_gallery(sight, candidate)
        || is_named(sight, candidate, OTHERS)
        || is_section(sight, candidate)
        || names_sections(sight, candidate, items)
        || is_numbered_contents(sight, candidate, items)
        || (candidate.evidence == 1 && are_entries(items, STATEMENT_WORDS - 1))
        || (candidate.evidence == 2 && is_named(sight, candidate, &["highlights"]) && are_entries(items, ENTRY_WORDS))
}

/// Whether the words alone tell a list of another kind.
pub(super) fn say_so(items: &[&str]) -> bool {
    let questions = items.iter().filter(|item| is_question(item)).count();
    questions * 2 > items.len() || are_particulars(items) || items.first().is_some_and(|item| tells_of_author(item))
}

/// What a feed repeats in article after article is not about this one.
fn repeats(sight: &Sight<'_>, candidate: &Candidate) -> bool {
    let learned = |at: &&usize| sight.learned.contains(&boilerplate::fingerprint(&sight.outline.blocks[**at].text));
    candidate.blocks.iter().filter(learned).count() * 2 > candidate.blocks.len()
}

/// Items with pictures in them. Under a heading that is sure they may be signs before the lines.
fn is_gallery(sight: &Sight<'_>, candidate: &Candidate) -> bool {
    const SIGNS: &[&str] = &["icon", "ico", "icone", "bullet", "check", "arrow", "emoji", "svg", "marker", "logo"];
    if candidate.evidence == 3 {
        return false;
    }
    let all = &sight.outline.containers;
    let around = |at: &usize| sight.outline.ancestors(sight.outline.blocks[*at].container);
    let mut items: Vec<usize> =
        candidate.blocks.iter().filter_map(|at| around(at).find(|c| all[*c].tag == "li")).collect();
    items.dedup();
    // What an item holds follows it.
    let inside =
        |item: usize| (item + 1..all.len()).take_while(move |id| sight.outline.ancestors(*id).any(|c| c == item));
    let shown = |item: &&usize| inside(**item).any(|id| all[id].tag == "img" && !all[id].named(SIGNS));
    let pictured = items.iter().filter(shown).count();
    pictured * 2 > items.len()
}

/// Whether a container that holds hardly more than the list says what it is.
fn is_named(sight: &Sight<'_>, candidate: &Candidate, names: &[&str]) -> bool {
    let whole = |c: &Container| matches!(c.tag.as_str(), "html" | "body" | "main" | "article");
    block::in_container(sight.outline, &candidate.blocks, |c| !whole(c) && c.named(names))
}

/// A list further down, under a heading that sections have too.
fn is_section(sight: &Sight<'_>, candidate: &Candidate) -> bool {
    candidate.heading.is_some_and(|heading| {
        headings::may_head_a_section(&sight.outline.blocks[heading].text)
            && places::prose(sight.outline, sight.range.start..heading) > places::PROSE_BEFORE
    })
}

/// Times that a page may show its block again, for other widths of screen.
const MOST_COPIES: usize = 2;

/// Items that the article has as headings, word for word, are its table of contents. As items, they are the block again.
fn names_sections(sight: &Sight<'_>, candidate: &Candidate, items: &[&str]) -> bool {
    let last = candidate.blocks.last().copied().unwrap_or_default();
    let below = sight.outline.blocks.iter().skip(last + 1).filter(|b| b.letters > 0 && words::count(&b.text) <= 16);
    let (again, sections): (Vec<&Block>, Vec<&Block>) = below.partition(|b| matches!(b.kind, Kind::Item(_)));
    let texts = |blocks: Vec<&Block>| -> Vec<String> { blocks.into_iter().map(|b| bare(&b.text)).collect() };
    let (again, sections) = (texts(again), texts(sections));
    let own: Vec<String> = items.iter().map(|item| bare(item)).collect();
    again.iter().filter(|text| own.contains(text)).count() > items.len() * MOST_COPIES
        || own.iter().filter(|item| sections.contains(item)).count() * 2 >= items.len()
}

fn bare(text: &str) -> String {
    words::fold(text).trim_matches(|c: char| !c.is_alphabetic()).to_owned()
}

/// A numbered list of names without figures and without end marks.
fn is_numbered_contents(sight: &Sight<'_>, candidate: &Candidate, items: &[&str]) -> bool {
    let Some(first) = candidate.blocks.first() else { return false };
    let block = &sight.outline.blocks[*first];
    let ordered = sight.outline.ancestors(block.container).take(3).any(|c| sight.outline.containers[c].tag == "ol");
    let digits = block.text.starts_with(|c: char| c.is_ascii_digit());
    (ordered || digits) && are_entries(items, ENTRY_WORDS)
}

/// Whether no item is a statement by its looks: none ends as a sentence, none has a figure, and all are short.
fn are_entries(items: &[&str], words: usize) -> bool {
    let statement =
        |item: &&str| ends(item) || item.contains(|c: char| c.is_ascii_digit()) || words::count(item) > words;
    !items.iter().any(statement)
}

fn ends(item: &str) -> bool {
    let end = item.trim_end_matches(['"', '”', '»', '“', '’', ')', '」', '』']);
    end.ends_with(['.', '!', '…', '。', '！', '।', '۔'])
}

/// "Age: 54", "Prep time: 20 min": names with their values.
fn are_particulars(items: &[&str]) -> bool {
    let particular = |item: &&&str| {
        let (name, value) = item.split_once([':', '：']).unwrap_or_default();
        !name.is_empty() && words::count(name) <= 3 && words::count(value) <= 6 && !ends(item)
    };
    items.iter().filter(particular).count() * 5 >= items.len() * 3
}

/// "Jane Low has written about …": the first line of a box about who wrote the article.
fn tells_of_author(item: &str) -> bool {
    #[rustfmt::skip]
    const PHRASES: &[&str] = &[
        "has written about", "has written for", "has been writing", "writes about", "writes for", "has covered", "is a reporter at",
        "is a reporter for", "is a journalist at", "is a journalist for", "is a senior reporter", "is a staff writer", "is the editor of",
        "is a correspondent for", "schreibt fur", "schreibt uber", "schreibt seit", "ist redakteur", "ist freie journalist", "berichtet seit",
        "ecrit pour", "ecrit sur", "est journaliste a", "est journaliste au", "est redact", "escribe sobre", "escribe para", "es periodista de",
        "es redactor", "scrive di", "scrive per", "e giornalista", "schrijft over", "schrijft voor", "is redacteur", "is verslaggever",
        "escreve sobre", "e jornalista", "skriver om", "ar reporter", "er journalist", "kirjoittaa", "pisze o",
    ];
    let folded = words::fold(item);
    let opening = folded.char_indices().nth(60).map_or(folded.as_str(), |(end, _)| &folded[..end]);
    PHRASES.iter().any(|phrase| opening.contains(phrase))
}

/// Whether an item asks; without its mark, by the word it begins with.
fn is_question(item: &str) -> bool {
    let bare = item.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '”' | '»' | ')'));
    let greek = || item.chars().any(|c| matches!(c, '\u{370}'..='\u{3ff}'));
    bare.ends_with(['?', '？', '؟', '\u{37e}']) || (bare.ends_with(';') && greek()) || (!ends(item) && asks(item))
}

/// Words that a question begins with, or another list's promise of what it will tell.
#[rustfmt::skip]
const ASKING: &[&str] = &[
    "why", "what", "what's", "where", "when", "who", "how", "pourquoi", "comment", "quel", "quelle", "quels", "quelles", "combien",
    "quand", "warum", "wie", "wo", "wann", "welche", "welcher", "welches", "wieso", "waarom", "hoe", "waar", "wanneer", "welke",
    "como", "cuando", "donde", "cual", "cuanto", "cuantos", "quien", "perche", "come", "dove", "quando", "quali", "quale",
    "onde", "quanto", "quem", "qual", "varfor", "hur", "hvorfor", "hvordan", "hvor", "miksi", "miten", "kuinka", "mita", "dlaczego", "jak",
    "ile", "gdzie", "kiedy", "kto", "proc", "kolik", "kde", "kdy", "preco", "ako", "kolko", "miert", "hogyan", "mennyi", "hol", "mikor", "de ce",
    "cum", "cat", "unde", "γιατι", "πως", "ποσο", "που", "ποτε", "neden", "nasil", "nerede", "почему", "как", "сколько", "где", "когда", "зачем",
    "чому", "як", "скільки", "де", "коли", "защо", "колко", "къде", "zasto", "kako", "koliko", "gdje", "mengapa", "bagaimana", "tai sao",
];

/// The same in scripts without spaces: what the item begins or ends with.
const ASKING_PIECES: &[&str] = &[
    "なぜ",
    "どう",
    "何が",
    "为什么",
    "為什麼",
    "如何",
    "怎么",
    "怎麼",
    "왜",
    "어떻게",
    "لماذا",
    "كيف",
    "ماذا",
    "למה",
    "מדוע",
    "איך",
    "क्यों",
    "कैसे",
];

/// Whether a line begins as a question does.
fn asks(text: &str) -> bool {
    let folded = words::fold(text);
    let bare = folded.trim_start_matches(|c: char| !c.is_alphabetic());
    let asks = |word: &str| bare.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\'']));
    ASKING.iter().any(|word| asks(word))
        || ASKING_PIECES.iter().any(|piece| bare.starts_with(piece))
        || bare.ends_with("のか")
}
