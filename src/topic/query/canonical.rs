//! The one shape and the one text of equal filters.
//! It does not prove every equality of logic: distribution over AND and OR is left as written.

use std::fmt;

use super::stop_words::is_stop_word;
use super::{Form, Near, Node, Phrase, Query, Scope, Word};

/// Brings NOT down to the leaves, flattens, sorts, removes what is said twice or implied.
pub(super) fn normalise(node: Node) -> Node {
    shape(node, false)
}

fn shape(node: Node, negated: bool) -> Node {
    match node {
        Node::Not(child) => shape(*child, !negated),
        // De Morgan: the negation of an AND is the OR of the negations.
        Node::And(children) if !negated => gather(children, negated, true),
        Node::Or(children) if negated => gather(children, negated, true),
        Node::And(children) | Node::Or(children) => gather(children, negated, false),
        Node::Near(near) => {
            let (mut left, mut right) = (shape(near.left, false), shape(near.right, false));
            if !near.ordered && right < left {
                std::mem::swap(&mut left, &mut right);
            }
            negate(Node::Near(Box::new(Near { left, right, ..*near })), negated)
        }
        leaf => negate(leaf, negated),
    }
}

fn negate(leaf: Node, negated: bool) -> Node {
    if negated { Node::Not(Box::new(leaf)) } else { leaf }
}

fn gather(children: Vec<Node>, negated: bool, all: bool) -> Node {
    let mut flat = Vec::with_capacity(children.len());
    for child in children {
        match (shape(child, negated), all) {
            (Node::And(inner), true) | (Node::Or(inner), false) => flat.extend(inner),
            (child, _) => flat.push(child),
        }
    }
    flat.sort_unstable();
    flat.dedup();
    if all {
        flat = one_of_each(flat);
        flat.sort_unstable();
    }
    absorb(&mut flat, all);
    match flat.len() {
        1 => flat.remove(0),
        _ if all => Node::And(flat),
        _ => Node::Or(flat),
    }
}

/// An article has one site and one language, so several side by side are alternatives: where they are typed so, before a NOT over
/// them is resolved, and where brackets or NOT bring them together.
pub(super) fn one_of_each(mut children: Vec<Node>) -> Vec<Node> {
    let kinds: [fn(&Node) -> bool; 2] = [|node| matches!(node, Node::Site(_)), |node| matches!(node, Node::Lang(_))];
    for is_kind in kinds {
        if children.iter().filter(|child| is_kind(child)).count() > 1 {
            let (alternatives, rest) = children.into_iter().partition(is_kind);
            children = rest;
            children.push(Node::Or(alternatives));
        }
    }
    children
}

/// Removes what another child implies: `a (a OR b)` is `a`, `a OR (a b)` is `a`. Children are sorted.
fn absorb(children: &mut Vec<Node>, all: bool) {
    let parts = |child: &Node| match (child, all) {
        (Node::Or(inner), true) | (Node::And(inner), false) => inner.clone(),
        (child, _) => vec![child.clone()],
    };
    if !children.iter().any(|child| matches!((child, all), (Node::Or(_), true) | (Node::And(_), false))) {
        return;
    }
    let sets: Vec<Vec<Node>> = children.iter().map(parts).collect();
    let within = |small: &[Node], large: &[Node]| {
        small.len() < large.len() && small.iter().all(|part| large.binary_search(part).is_ok())
    };
    let mut keep = sets.iter().map(|large| !sets.iter().any(|small| within(small, large)));
    children.retain(|_| keep.next().unwrap_or(true));
}

/// Levels of brackets that the text of a node needs.
pub(super) fn depth(node: &Node) -> usize {
    match node {
        Node::And(children) | Node::Or(children) => 1 + children.iter().map(depth).max().unwrap_or(0),
        Node::Near(near) => 1 + depth(&near.left).max(depth(&near.right)),
        Node::Not(child) => depth(child),
        _ => 0,
    }
}

impl fmt::Display for Query {
    /// The canonical text; it parses to the same tree.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => write_word(f, word),
            Self::Phrase(phrase) => write_phrase(f, phrase),
            Self::Near(near) => write_near(f, near),
            Self::Site(host) => write!(f, "site:{host}"),
            Self::Lang(language) => write!(f, "lang:{language}"),
            Self::Or(children) => {
                for (n, child) in children.iter().enumerate() {
                    f.write_str(if n == 0 { "" } else { " OR " })?;
                    write_bracketed(f, child, matches!(child, Self::And(_)))?;
                }
                Ok(())
            }
            Self::And(children) => {
                for (n, child) in children.iter().enumerate() {
                    f.write_str(match child {
                        _ if n == 0 => "",
                        Self::Not(_) => " ",
                        _ => " AND ",
                    })?;
                    write_bracketed(f, child, matches!(child, Self::Or(_)))?;
                }
                Ok(())
            }
            Self::Not(child) => {
                f.write_str("-")?;
                write_bracketed(f, child, matches!(**child, Self::And(_) | Self::Or(_) | Self::Near(_)))
            }
        }
    }
}

fn write_bracketed(f: &mut fmt::Formatter<'_>, node: &Node, brackets: bool) -> fmt::Result {
    if brackets { write!(f, "({node})") } else { write!(f, "{node}") }
}

fn write_scope(f: &mut fmt::Formatter<'_>, scope: Scope) -> fmt::Result {
    if scope == Scope::Text { Ok(()) } else { write!(f, "{}:", scope.name()) }
}

fn write_word(f: &mut fmt::Formatter<'_>, word: &Word) -> fmt::Result {
    write_scope(f, word.scope)?;
    if word.form == Form::Exact {
        f.write_str("=")?;
    } else if word.is_stop_word() {
        f.write_str("+")?;
    }
    f.write_str(&word.parts.join("-"))?;
    if word.form == Form::Prefix { f.write_str("*") } else { Ok(()) }
}

fn write_phrase(f: &mut fmt::Formatter<'_>, phrase: &Phrase) -> fmt::Result {
    write_scope(f, phrase.scope)?;
    f.write_str(if phrase.exact { "=\"" } else { "\"" })?;
    for (n, word) in phrase.words.iter().enumerate() {
        f.write_str(if n == 0 { "" } else { " " })?;
        f.write_str(&word.text)?;
        f.write_str(if word.prefix { "*" } else { "" })?;
    }
    f.write_str("\"")
}

fn write_near(f: &mut fmt::Formatter<'_>, near: &Near) -> fmt::Result {
    let group = |node: &Node| matches!(node, Node::Near(_) | Node::Or(_));
    write_bracketed(f, &near.left, group(&near.left))?;
    write!(f, " {}NEAR/{} ", if near.ordered { "O" } else { "" }, near.distance)?;
    write_bracketed(f, &near.right, group(&near.right))
}

impl Word {
    /// Whether it would be passed over if it were typed without `+`.
    pub(super) fn is_stop_word(&self) -> bool {
        let text = matches!(self.scope, Scope::Text | Scope::Title | Scope::Lead | Scope::Body);
        text && self.form == Form::Stem && self.parts.len() == 1 && is_stop_word(&self.parts[0])
    }
}
