//! Says a filter back as one plain sentence in the reader's language.
//! It does not choose the language and does not translate the reader's words.

use super::{Form, Near, Node, Phrase, Query, Scope, Word};
use crate::article::language::Language;

/// The phrases of one language; `{}` takes the reader's words.
struct Speech {
    /// Beginning of a filter with words in the text, and of one without any.
    about: &'static str,
    articles: &'static str,
    and: &'static str,
    or: &'static str,
    except: &'static str,
    /// Before an excluded thing inside a group.
    not: &'static str,
    quotes: (&'static str, &'static str),
    begins: &'static str,
    exact: &'static str,
    near: &'static str,
    before: &'static str,
    /// Title, lead, body, author, category, feed.
    fields: [&'static str; 6],
    site: &'static str,
    written: &'static str,
    languages: [(&'static str, &'static str); 7],
}

const FRENCH: Speech = Speech {
    about: "Articles qui parlent de ",
    articles: "Articles ",
    and: " et ",
    or: " ou ",
    except: ", sauf ",
    not: "sans ",
    quotes: ("«\u{a0}", "\u{a0}»"),
    begins: "mots qui commencent par {}",
    exact: "{} écrit exactement ainsi",
    near: "{a} à {n} mots au plus de {b}",
    before: "{a} suivi, à {n} mots au plus, de {b}",
    fields: [
        "{} dans le titre",
        "{} dans le chapeau",
        "{} dans le corps du texte",
        "{} comme auteur",
        "{} comme rubrique",
        "{} comme source",
    ],
    site: "du site {}",
    written: "en {}",
    languages: [
        ("fr", "français"),
        ("en", "anglais"),
        ("de", "allemand"),
        ("nl", "néerlandais"),
        ("es", "espagnol"),
        ("it", "italien"),
        ("pt", "portugais"),
    ],
};

const ENGLISH: Speech = Speech {
    about: "Articles about ",
    articles: "Articles ",
    and: " and ",
    or: " or ",
    except: ", except ",
    not: "without ",
    quotes: ("“", "”"),
    begins: "words beginning with {}",
    exact: "{} spelled exactly so",
    near: "{a} within {n} words of {b}",
    before: "{a} followed within {n} words by {b}",
    fields: ["{} in the title", "{} in the lead", "{} in the body", "{} as author", "{} as section", "{} as source"],
    site: "from the site {}",
    written: "in {}",
    languages: [
        ("fr", "French"),
        ("en", "English"),
        ("de", "German"),
        ("nl", "Dutch"),
        ("es", "Spanish"),
        ("it", "Italian"),
        ("pt", "Portuguese"),
    ],
};

const GERMAN: Speech = Speech {
    about: "Artikel über ",
    articles: "Artikel ",
    and: " und ",
    or: " oder ",
    except: ", außer ",
    not: "ohne ",
    quotes: ("„", "“"),
    begins: "Wörter, die mit {} beginnen",
    exact: "{} genau so geschrieben",
    near: "{a} höchstens {n} Wörter von {b} entfernt",
    before: "{a}, nach höchstens {n} Wörtern gefolgt von {b}",
    fields: ["{} im Titel", "{} im Vorspann", "{} im Text", "{} als Autor", "{} als Rubrik", "{} als Quelle"],
    site: "von der Website {}",
    written: "auf {}",
    languages: [
        ("fr", "Französisch"),
        ("en", "Englisch"),
        ("de", "Deutsch"),
        ("nl", "Niederländisch"),
        ("es", "Spanisch"),
        ("it", "Italienisch"),
        ("pt", "Portugiesisch"),
    ],
};

const DUTCH: Speech = Speech {
    about: "Artikelen over ",
    articles: "Artikelen ",
    and: " en ",
    or: " of ",
    except: ", behalve ",
    not: "zonder ",
    quotes: ("‘", "’"),
    begins: "woorden die beginnen met {}",
    exact: "{} precies zo geschreven",
    near: "{a} hoogstens {n} woorden van {b}",
    before: "{a}, binnen {n} woorden gevolgd door {b}",
    fields: [
        "{} in de titel",
        "{} in de inleiding",
        "{} in de tekst",
        "{} als auteur",
        "{} als rubriek",
        "{} als bron",
    ],
    site: "van de site {}",
    written: "in het {}",
    languages: [
        ("fr", "Frans"),
        ("en", "Engels"),
        ("de", "Duits"),
        ("nl", "Nederlands"),
        ("es", "Spaans"),
        ("it", "Italiaans"),
        ("pt", "Portugees"),
    ],
};

/// One sentence without a full stop, in French, German, Dutch, or else English.
pub fn explain(query: &Query, ui_language: &str) -> String {
    let speech = match ui_language.get(..2).unwrap_or_default().to_ascii_lowercase().as_str() {
        "fr" => &FRENCH,
        "de" => &GERMAN,
        "nl" => &DUTCH,
        _ => &ENGLISH,
    };
    let all = match query.root() {
        Node::And(children) => children.as_slice(),
        node => std::slice::from_ref(node),
    };
    let (excluded, wanted): (Vec<&Node>, Vec<&Node>) = all.iter().partition(|node| matches!(node, Node::Not(_)));
    let (origin, about): (Vec<&Node>, Vec<&Node>) = wanted.into_iter().partition(|node| is_origin(node));
    let mut sentence = if about.is_empty() { speech.articles } else { speech.about }.to_owned();
    let grouped = about.len() > 1;
    let about: Vec<String> = about.iter().map(|node| speech.group(node, grouped)).collect();
    sentence.push_str(&speech.list(&about));
    for node in origin {
        sentence.push_str(if sentence.ends_with(' ') { "" } else { ", " });
        sentence.push_str(&speech.say(node));
    }
    if !excluded.is_empty() {
        let excluded: Vec<String> = excluded.iter().map(|node| speech.excluded(node)).collect();
        sentence.push_str(speech.except);
        sentence.push_str(&excluded.join(speech.or));
    }
    sentence
}

/// Where an article comes from rather than what it is about.
fn is_origin(node: &Node) -> bool {
    match node {
        Node::Site(_) | Node::Lang(_) => true,
        Node::Or(children) => children.iter().all(is_origin),
        _ => false,
    }
}

impl Speech {
    fn say(&self, node: &Node) -> String {
        match node {
            Node::Word(word) => self.word(word),
            Node::Phrase(phrase) => self.phrase(phrase),
            Node::Near(near) => self.near(near),
            Node::Site(host) => self.site.replace("{}", host),
            Node::Lang(language) => self.written.replace("{}", self.language(language)),
            Node::And(children) => self.all(children),
            Node::Or(children) => {
                let parts: Vec<String> = children.iter().map(|child| self.group(child, true)).collect();
                parts.join(self.or)
            }
            Node::Not(child) => format!("{}{}", self.not, self.group(child, true)),
        }
    }

    fn all(&self, children: &[Node]) -> String {
        let parts: Vec<String> = children.iter().map(|child| self.group(child, true)).collect();
        self.list(&parts)
    }

    fn list(&self, parts: &[String]) -> String {
        match parts {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{}{}{last}", first.join(", "), self.and),
        }
    }

    /// A group inside another one stands in brackets, as the sentence would be read in two ways without.
    fn group(&self, node: &Node, inside: bool) -> String {
        let said = self.say(node);
        if inside && matches!(node, Node::And(_) | Node::Or(_)) && !is_origin(node) {
            format!("({said})")
        } else {
            said
        }
    }

    fn excluded(&self, node: &Node) -> String {
        match node {
            Node::Not(child) => self.group(child, true),
            node => self.group(node, true),
        }
    }

    fn word(&self, word: &Word) -> String {
        let text = word.parts.join("-");
        let said = match word.form {
            Form::Stem => text,
            Form::Exact => self.exact.replace("{}", &self.quoted(&text)),
            Form::Prefix => self.begins.replace("{}", &self.quoted(&text)),
        };
        self.scoped(word.scope, said)
    }

    fn phrase(&self, phrase: &Phrase) -> String {
        let words: Vec<String> = phrase
            .words
            .iter()
            .map(|word| if word.prefix { format!("{}…", word.text) } else { word.text.clone() })
            .collect();
        let text = self.quoted(&words.join(" "));
        let said = if phrase.exact { self.exact.replace("{}", &text) } else { text };
        self.scoped(phrase.scope, said)
    }

    fn near(&self, near: &Near) -> String {
        let form = if near.ordered { self.before } else { self.near };
        let said = form.replace("{n}", &near.distance.to_string());
        // Both at once: the reader's words may hold braces.
        let (head, tail) = said.split_once("{a}").unwrap_or((&said, ""));
        let (middle, end) = tail.split_once("{b}").unwrap_or((tail, ""));
        format!("{head}{}{middle}{}{end}", self.group(&near.left, true), self.group(&near.right, true))
    }

    fn quoted(&self, text: &str) -> String {
        format!("{}{text}{}", self.quotes.0, self.quotes.1)
    }

    fn scoped(&self, scope: Scope, said: String) -> String {
        match scope {
            Scope::Text => said,
            scope => self.fields[scope as usize - 1].replace("{}", &said),
        }
    }

    fn language<'a>(&'a self, language: &'a Language) -> &'a str {
        let known = self.languages.iter().find(|(code, _)| *code == language.code());
        known.map_or(language.code(), |(_, name)| name)
    }
}
