//! Builds the tree from tokens and refuses what cannot be meant, with its place and a remedy.
//! It does not cut the input and does not choose the canonical shape.

use std::ops::Range;

use super::canonical::{depth, normalise, one_of_each};
use super::error::{Problem, QueryError};
use super::lexer::{self, FieldName, Token, TokenKind};
use super::{DEEPEST, MOST_BYTES, MOST_TERMS, Near, Node, Scope, StopWords, plain};
use crate::article::language::Language;

/// The canonical text of a filter of [`MOST_BYTES`]: spelled-out operators and compatibility characters make it longer.
const MOST_CANONICAL_BYTES: usize = 48 * 1024;

type Parsed<T> = Result<T, QueryError>;

/// Reads `input` into a canonical tree.
pub(super) fn parse(input: &str, stop_words: StopWords) -> Parsed<Node> {
    let tokens = lexer::tokens(input, MOST_CANONICAL_BYTES)?;
    let mut parser = Parser { input, tokens: &tokens, at: 0, depth: 0, stop_words, passed_over: None };
    let Some(node) = parser.level(FieldName::Text(Scope::Text))? else { return parser.nothing() };
    if let Some(token) = parser.peek() {
        let remedy = "take it away, or open a bracket before it";
        return Err(QueryError::new(input, token.at.clone(), Problem::Unopened, remedy));
    }
    let node = normalise(node);
    check(input, &tokens, &node)?;
    if input.len() > MOST_BYTES && node.to_string() != input {
        return Err(lexer::too_long(input));
    }
    Ok(node)
}

/// What only the whole tree shows.
pub(super) fn check(input: &str, tokens: &[Token], node: &Node) -> Parsed<()> {
    let all = 0..input.len();
    let error = |at: Range<usize>, problem, remedy: &str| Err(QueryError::new(input, at, problem, remedy));
    if node.terms() > MOST_TERMS {
        return error(all, Problem::TooManyTerms(node.terms()), "make two filters of it");
    }
    if depth(node) > DEEPEST {
        return error(all, Problem::TooDeep, "write it flatter, or make two filters of it");
    }
    if !node.has_anchor() {
        let not = tokens.iter().find(|token| token.kind == TokenKind::Not).map_or(all, |token| token.at.clone());
        return error(
            not,
            Problem::OnlyNot,
            "write a word to look for beside it: `climat -sport`, `(climat OR ville) -sport`",
        );
    }
    if only_stop_words(node) {
        let remedy = "write what it is about, or put the words in quotation marks to follow them as a phrase";
        return error(all, Problem::OnlyStopWords, remedy);
    }
    if let Node::And(children) = node {
        let excluded = |child: &Node| children.iter().any(|other| matches!(other, Node::Not(not) if **not == *child));
        if let Some(child) = children.iter().find(|child| excluded(child)) {
            return error(all, Problem::Contradiction(child.to_string()), "take one of the two away");
        }
        let mut languages = children.iter().filter(|child| matches!(child, Node::Lang(_)));
        if let (Some(first), Some(second)) = (languages.next(), languages.next()) {
            let remedy = format!("an article has one language; write `({first} OR {second})`");
            return error(all, Problem::BadValue("lang"), &remedy);
        }
    }
    Ok(())
}

fn only_stop_words(node: &Node) -> bool {
    match node {
        Node::Word(word) => word.is_stop_word(),
        Node::And(children) | Node::Or(children) => {
            children.iter().filter(|child| !matches!(child, Node::Not(_))).all(only_stop_words)
        }
        _ => false,
    }
}

/// What stands between an operand and the one before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Nothing.
    Beside,
    And,
    Or,
}

struct Operand {
    link: Link,
    node: Node,
    /// Typed with NOT or `-`, or a `site:`, `lang:` or `feed:`: beside others it holds for the whole level.
    restricts: bool,
    at: Range<usize>,
}

struct Parser<'a> {
    input: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    stop_words: StopWords,
    /// The first stop word that was left away.
    passed_over: Option<Range<usize>>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn next_is(&mut self, kind: &TokenKind) -> bool {
        let is = self.peek().is_some_and(|token| token.kind == *kind);
        self.at += usize::from(is);
        is
    }

    fn error<T>(&self, at: Range<usize>, problem: Problem, remedy: impl Into<String>) -> Parsed<T> {
        Err(QueryError::new(self.input, at, problem, remedy))
    }

    fn nothing<T>(&self) -> Parsed<T> {
        if let Some(at) = self.passed_over.clone() {
            let remedy = "write what it is about, or put the words in quotation marks to follow them as a phrase";
            return self.error(at, Problem::OnlyStopWords, remedy);
        }
        let remedy = "write the words to follow, for example `logement étudiant` or `\"pouvoir d'achat\"`";
        let problem = if self.input.trim().is_empty() { Problem::Empty } else { Problem::NothingInside };
        self.error(0..self.input.len(), problem, remedy)
    }

    /// Operands up to the end or a closing bracket; None where all were passed over.
    fn level(&mut self, scope: FieldName) -> Parsed<Option<Node>> {
        let mut operands: Vec<Operand> = Vec::new();
        let mut inherited = Link::Beside;
        let mut first = true;
        while let Some(token) = self.peek() {
            let link = match token.kind {
                TokenKind::Close => break,
                TokenKind::And => Link::And,
                TokenKind::Or => Link::Or,
                _ => Link::Beside,
            };
            if link != Link::Beside {
                self.at += 1;
                self.needs_both_sides(token, first)?;
            }
            first = false;
            let start = self.at;
            let negated = self.negations()?;
            let (node, droppable) = self.near_chain(scope)?;
            let at = self.tokens[start].at.start..self.tokens[self.at - 1].at.end;
            let link = if link == Link::Beside { inherited } else { link };
            let Some(node) = node else {
                inherited = link;
                continue;
            };
            if droppable
                && self.stop_words == StopWords::PassedOver
                && matches!(&node, Node::Word(w) if w.is_stop_word())
            {
                self.passed_over.get_or_insert(at);
                inherited = link;
                continue;
            }
            inherited = Link::Beside;
            let restricts = negated || is_restriction(&node);
            let node = if negated { Node::Not(Box::new(node)) } else { node };
            operands.push(Operand { link, node, restricts, at });
        }
        self.resolve(operands)
    }

    fn needs_both_sides(&self, operator: &Token, first: bool) -> Parsed<()> {
        let name = self.input[operator.at.clone()].to_owned();
        if first {
            let remedy = format!("write a word on both sides: `climat {name} ville`");
            return self.error(operator.at.clone(), Problem::NoOperand(name, "before"), remedy);
        }
        self.needs_operand(operator, &name)
    }

    /// The token at the cursor must begin an operand.
    fn needs_operand(&self, operator: &Token, name: &str) -> Parsed<()> {
        let begins = !matches!(
            self.peek().map(|token| &token.kind),
            None | Some(TokenKind::Close | TokenKind::And | TokenKind::Or | TokenKind::Near { .. })
        );
        if begins {
            return Ok(());
        }
        let remedy = format!("write a word behind it, or take `{name}` away");
        self.error(operator.at.clone(), Problem::NoOperand(name.to_owned(), "behind"), remedy)
    }

    /// Any number of NOT; two take each other back.
    fn negations(&mut self) -> Parsed<bool> {
        let mut negated = false;
        while let Some(token) = self.peek().filter(|token| token.kind == TokenKind::Not) {
            self.at += 1;
            negated = !negated;
            let name = self.input[token.at.clone()].to_owned();
            self.needs_operand(token, &name)?;
        }
        Ok(negated)
    }

    /// One operand, or several joined by NEAR. Also says whether it may be passed over as a stop word.
    fn near_chain(&mut self, scope: FieldName) -> Parsed<(Option<Node>, bool)> {
        let start = self.at;
        let (mut left, mut droppable) = self.primary(scope)?;
        let mut left_at = self.span(start);
        while let Some(token) = self.peek() {
            let TokenKind::Near { distance, ordered } = token.kind else { break };
            self.at += 1;
            let name = self.input[token.at.clone()].to_owned();
            self.needs_operand(token, &name)?;
            let start = self.at;
            let (right, _) = self.primary(scope)?;
            let right_at = self.span(start);
            let left_node = self.near_operand(left, left_at.clone())?;
            let right = self.near_operand(right, right_at.clone())?;
            left = Some(Node::Near(Box::new(Near { distance, ordered, left: left_node, right })));
            left_at = left_at.start..right_at.end;
            droppable = false;
        }
        Ok((left, droppable))
    }

    fn span(&self, start: usize) -> Range<usize> {
        self.tokens[start].at.start..self.tokens[self.at - 1].at.end
    }

    fn near_operand(&self, node: Option<Node>, at: Range<usize>) -> Parsed<Node> {
        fn fits(node: &Node) -> bool {
            match node {
                Node::Word(_) | Node::Phrase(_) | Node::Near(_) => true,
                Node::Or(children) => children.iter().all(fits),
                _ => false,
            }
        }
        match node.map(normalise) {
            Some(node) if fits(&node) => Ok(node),
            Some(_) => {
                let remedy = "write NEAR between words only, and the rest with AND: `(a NEAR/5 b) AND c`";
                self.error(at, Problem::NearOperand, remedy)
            }
            None => self.error(at, Problem::NothingInside, "write a word on both sides of NEAR"),
        }
    }

    fn primary(&mut self, scope: FieldName) -> Parsed<(Option<Node>, bool)> {
        let Some(token) = self.peek() else { return self.nothing() };
        self.at += 1;
        match &token.kind {
            TokenKind::Open => self.group(token, scope).map(|node| (node, false)),
            TokenKind::Field(field) => self.field(token, *field),
            TokenKind::Word { text, exact, prefix, kept } => {
                let node = match scope {
                    FieldName::Text(scope) => plain::word(self.input, &token.at, text, scope, *exact, *prefix)?,
                    FieldName::Site => Some(self.site(&token.at, text)?),
                    FieldName::Lang => Some(self.lang(&token.at, text)?),
                };
                Ok((node, !kept))
            }
            TokenKind::Quoted { text, exact, slop } => {
                let node = match scope {
                    FieldName::Text(scope) => plain::quotation(self.input, &token.at, text, scope, *exact, *slop)?,
                    FieldName::Site => Some(self.site(&token.at, text)?),
                    FieldName::Lang => Some(self.lang(&token.at, text)?),
                };
                match node {
                    Some(node) => Ok((Some(node), false)),
                    None => {
                        self.error(token.at.clone(), Problem::NothingInside, "write words between the quotation marks")
                    }
                }
            }
            TokenKind::Not => {
                // `title:-word`
                self.at -= 1;
                let negated = self.negations()?;
                let (node, droppable) = self.primary(scope)?;
                Ok((node.map(|node| if negated { Node::Not(Box::new(node)) } else { node }), droppable))
            }
            TokenKind::Close | TokenKind::And | TokenKind::Or | TokenKind::Near { .. } => {
                let name = self.input[token.at.clone()].to_owned();
                let remedy = format!("write a word before `{name}`");
                self.error(token.at.clone(), Problem::NoOperand(name, "before"), remedy)
            }
        }
    }

    fn group(&mut self, open: &Token, scope: FieldName) -> Parsed<Option<Node>> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.error(open.at.clone(), Problem::TooDeep, "write it flatter, or make two filters of it");
        }
        let start = self.at;
        let node = self.level(scope)?;
        if !self.next_is(&TokenKind::Close) {
            let remedy = "write `)` where the group ends, or take `(` away";
            return self.error(open.at.clone(), Problem::Unclosed('('), remedy);
        }
        self.depth -= 1;
        if node.is_none() && self.at == start + 1 {
            let at = open.at.start..self.tokens[self.at - 1].at.end;
            return self.error(at, Problem::NothingInside, "write words between the brackets, or take them away");
        }
        Ok(node)
    }

    fn field(&mut self, token: &Token, field: FieldName) -> Parsed<(Option<Node>, bool)> {
        let begins = matches!(
            self.peek().map(|token| &token.kind),
            Some(TokenKind::Open | TokenKind::Word { .. } | TokenKind::Quoted { .. } | TokenKind::Not)
        );
        if !begins {
            let example = match field {
                FieldName::Site => "site:example.org",
                FieldName::Lang => "lang:fr",
                FieldName::Text(_) => "title:climat",
            };
            let remedy = format!("write what it asks for behind the colon, such as `{example}`");
            return self.error(token.at.clone(), Problem::BadValue(field.name()), remedy);
        }
        // Words in a field stand in few articles each, so none is passed over in the names of people, feeds and sections.
        self.primary(field)
    }

    fn site(&self, at: &Range<usize>, typed: &str) -> Parsed<Node> {
        let lower = typed.trim().to_lowercase();
        let host = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
        let (host, path) = host.split_once('/').unwrap_or((host, ""));
        // An underline at an end is an emphasis that was pasted along, as it is around words. Taken off until nothing is left to
        // take, so that what is written back reads as the same.
        let mut host = host.trim_start_matches("*.");
        loop {
            let bare = host.trim_matches(['.', '_']);
            let bare = bare.strip_prefix("www.").unwrap_or(bare);
            if bare.len() == host.len() {
                break;
            }
            host = bare;
        }
        let fits = |label: &str| {
            label.contains(char::is_alphanumeric) && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        };
        if !host.split('.').all(fits) || host.starts_with('-') {
            let remedy = "write the name of a site, such as `site:example.org`";
            return self.error(at.clone(), Problem::BadValue("site"), remedy);
        }
        if !path.is_empty() {
            let remedy = format!("only whole sites can be asked for; write `site:{host}`");
            return self.error(at.clone(), Problem::BadValue("site"), remedy);
        }
        // Articles carry the ASCII form of international names.
        let ascii = url::Host::parse(host).map_or_else(|_| host.to_owned(), |host| host.to_string());
        Ok(Node::Site(ascii))
    }

    fn lang(&self, at: &Range<usize>, typed: &str) -> Parsed<Node> {
        if let Ok(language) = typed.trim().parse::<Language>() {
            return Ok(Node::Lang(language));
        }
        let remedy = "write the two letters of a language, such as `lang:fr`, `lang:de` or `lang:en`";
        self.error(at.clone(), Problem::BadValue("lang"), remedy)
    }

    /// Puts the operands of one level together. AND binds tighter than OR; what restricts holds for the whole level.
    fn resolve(&self, mut operands: Vec<Operand>) -> Parsed<Option<Node>> {
        let Some(first) = operands.first_mut() else { return Ok(None) };
        first.link = Link::Beside;
        let mut all: Vec<Node> = Vec::new();
        if operands.iter().any(|operand| operand.link == Link::Or) {
            let links: Vec<Link> = operands.iter().skip(1).map(|operand| operand.link).chain([Link::Beside]).collect();
            let mut alternatives = Vec::new();
            for (operand, next) in operands.into_iter().zip(links) {
                if operand.restricts && operand.link == Link::Beside && next == Link::Beside {
                    all.push(operand.node);
                } else {
                    alternatives.push(operand);
                }
            }
            operands = alternatives;
            if let Some(beside) = operands.iter().skip(1).find(|operand| operand.link == Link::Beside) {
                return self.ambiguous(beside.at.clone(), &operands);
            }
            let groups = split(&operands, |link| link == Link::Or);
            all.push(Node::Or(groups.into_iter().map(Node::And).collect()));
        } else {
            all.extend(operands.into_iter().map(|operand| operand.node));
        }
        Ok(Some(Node::And(one_of_each(all))))
    }

    fn ambiguous<T>(&self, at: Range<usize>, operands: &[Operand]) -> Parsed<T> {
        let tight = split(operands, |link| link == Link::Or).into_iter().map(Node::And).collect();
        let loose = split(operands, |link| link != Link::Or).into_iter().map(Node::Or).collect();
        let (tight, loose) = (normalise(Node::Or(tight)), normalise(Node::And(loose)));
        self.error(at, Problem::Ambiguous, format!("write `{loose}`, or `{tight}`"))
    }
}

/// Nodes between the links that `parts` says part them.
fn split(operands: &[Operand], parts: impl Fn(Link) -> bool) -> Vec<Vec<Node>> {
    let mut groups: Vec<Vec<Node>> = Vec::new();
    for (n, operand) in operands.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if n > 0 && !parts(operand.link) => group.push(operand.node.clone()),
            _ => groups.push(vec![operand.node.clone()]),
        }
    }
    groups
}

fn is_restriction(node: &Node) -> bool {
    matches!(node, Node::Site(_) | Node::Lang(_)) || matches!(node, Node::Word(word) if word.scope == Scope::Feed)
}
