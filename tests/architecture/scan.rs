//! Reads Rust source just far enough for the rules: code, comments, string literals, test modules, functions.
//! It relies on rustfmt's layout and knows no rule.

/// One file of the house.
pub(crate) struct Source {
    /// From the repository's root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text with comments and the inside of literals blanked, line by line the same.
    pub(crate) code: String,
    /// Line number (from 1) and content of each string literal.
    pub(crate) literals: Vec<(usize, String)>,
    /// Per line: inside a `#[cfg(test)]` item.
    test: Vec<bool>,
}

/// A function and how many lines it takes from `fn` to its closing brace.
pub(crate) struct Function {
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let (code, literals) = blank(text);
        let test = test_lines(path, &code);
        Self { path: path.to_owned(), text: text.to_owned(), code, literals, test }
    }

    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.test[line - 1]
    }

    /// The line as written, for the message.
    pub(crate) fn line(&self, line: usize) -> &str {
        self.text.lines().nth(line - 1).unwrap_or_default().trim()
    }

    /// Line number and code of every line outside tests.
    pub(crate) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, code)| (index + 1, code)).filter(|(line, _)| !self.is_test(*line))
    }

    /// The room a file of `src/` belongs to: `feed` for `src/feed.rs` and `src/feed/parse.rs`.
    pub(crate) fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        Some(inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs"))
    }

    /// Functions outside tests: rustfmt closes a body at the indent of its `fn`.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let lines: Vec<&str> = self.code.lines().collect();
        let mut functions = Vec::new();
        for (line, code) in self.code_lines() {
            let indent = code.len() - code.trim_start().len();
            if !starts_function(code.trim_start()) || code.trim_end().ends_with([';', '}']) {
                continue;
            }
            let closing = format!("{}}}", " ".repeat(indent));
            let rest = &lines[line..];
            // A declaration in a trait ends without a body.
            let signature = lines[line - 1..].iter().find(|code| code.trim_end().ends_with(['{', ';']));
            if signature.is_some_and(|last| last.trim_end().ends_with(';')) {
                continue;
            }
            if let Some(end) = rest.iter().position(|code| code.trim_end() == closing) {
                functions.push(Function { line, lines: end + 2 });
            }
        }
        functions
    }

    /// Absolute paths of the code as `(line, segments up to two)`: `crate::feed::parse`, groups and `super` resolved.
    pub(crate) fn crate_paths(&self) -> Vec<(usize, Vec<String>)> {
        let mut paths = Vec::new();
        for (at, _) in self.code.match_indices("crate::").filter(|(at, _)| starts_word(&self.code, *at)) {
            self.collect(at + "crate::".len(), Vec::new(), &mut paths);
        }
        for (at, _) in self.code.match_indices("depeche::").filter(|(at, _)| starts_word(&self.code, *at)) {
            self.collect(at + "depeche::".len(), Vec::new(), &mut paths);
        }
        for (at, _) in self.code.match_indices("super::").filter(|(at, _)| starts_path(&self.code, *at)) {
            let supers = self.code[at..].split("::").take_while(|segment| *segment == "super").count();
            let own = module_of(&self.path);
            if supers <= own.len() {
                self.collect(at + supers * "super::".len(), own[..own.len() - supers].to_vec(), &mut paths);
            }
        }
        paths.retain(|(line, _)| !self.is_test(*line));
        paths
    }

    /// Follows one path or brace group from `at`, until each path has two segments.
    fn collect(&self, at: usize, before: Vec<String>, paths: &mut Vec<(usize, Vec<String>)>) {
        let rest = &self.code[at..];
        if before.len() < 2 && rest.starts_with('{') {
            for item in group_items(rest) {
                self.collect(at + item, before.clone(), paths);
            }
            return;
        }
        let word: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let mut segments = before;
        if segments.len() < 2 && !word.is_empty() {
            segments.push(word.clone());
            if rest[word.len()..].starts_with("::") {
                return self.collect(at + word.len() + 2, segments, paths);
            }
        }
        paths.push((self.code[..at].matches('\n').count() + 1, segments));
    }
}

/// Where the items of the brace group at the start of `rest` begin.
fn group_items(rest: &str) -> Vec<usize> {
    let (mut depth, mut items) = (0, Vec::new());
    for (offset, c) in rest.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        let next = &rest[offset + 1..];
        if depth == 1 && matches!(c, '{' | ',') && !next.trim_start().starts_with('}') {
            items.push(offset + 1 + next.len() - next.trim_start().len());
        }
    }
    items
}

/// True when a path begins at `at`, not in the middle of a word.
pub(crate) fn starts_word(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// True when a path begins at `at`, not in the middle of a longer one.
pub(crate) fn starts_path(code: &str, at: usize) -> bool {
    starts_word(code, at) && !code[..at].ends_with("::")
}

fn module_of(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs");
    if matches!(inside, "lib" | "main") { Vec::new() } else { inside.split('/').map(str::to_owned).collect() }
}

fn starts_function(code: &str) -> bool {
    let mut words = code.split_whitespace();
    words.find(|word| !matches!(*word, "const" | "async" | "unsafe") && !word.starts_with("pub")) == Some("fn")
        || code.starts_with("pub(in ") && code.contains(") fn ")
}

/// Marks `#[cfg(test)]` items up to their closing brace, and files that hold only tests.
fn test_lines(path: &str, code: &str) -> Vec<bool> {
    let lines: Vec<&str> = code.lines().collect();
    let mut test = vec![!path.starts_with("src/") || path.ends_with("/tests.rs"); lines.len()];
    let mut number = 0;
    while number < lines.len() {
        if lines[number].trim_start().starts_with("#[cfg(test)]") {
            let indent = lines[number].len() - lines[number].trim_start().len();
            let closing = format!("{}}}", " ".repeat(indent));
            let ends = |line: &&str| {
                line.trim_end() == closing
                    || line.trim_end().ends_with(';') && !line.starts_with(&" ".repeat(indent + 1))
            };
            let end = lines[number..].iter().position(ends).map_or(lines.len() - 1, |length| number + length);
            test[number..=end].fill(true);
            number = end;
        }
        number += 1;
    }
    test
}

/// Blanks comments and the inside of literals, and collects the string literals.
fn blank(text: &str) -> (String, Vec<(usize, String)>) {
    let mut code = String::with_capacity(text.len());
    let mut literals = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, kind) = token(rest, code.chars().next_back());
        let (inside, after) = rest.split_at(length);
        match kind {
            Kind::Code => code.push(first),
            Kind::Literal(quotes) => {
                literals.push((code.matches('\n').count() + 1, inside[quotes..length - quotes.min(length)].to_owned()));
                code.extend(inside.chars().map(blanked));
            }
            Kind::Other => code.extend(inside.chars().map(blanked)),
        }
        rest = after;
    }
    (code, literals)
}

fn blanked(c: char) -> char {
    if c == '\n' { c } else { ' ' }
}

enum Kind {
    Code,
    /// A string; the number of bytes of its opening that are no content (its closing has no more).
    Literal(usize),
    Other,
}

/// The length of the token at the start of `rest` and what it is.
fn token(rest: &str, before: Option<char>) -> (usize, Kind) {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Kind::Other);
    }
    if rest.starts_with("/*") {
        return (rest.find("*/").map_or(rest.len(), |end| end + 2), Kind::Other);
    }
    if !in_word {
        let hashes =
            rest.strip_prefix("br").or(rest.strip_prefix('r')).map(|raw| raw.len() - raw.trim_start_matches('#').len());
        if let Some(hashes) = hashes {
            let prefix = rest.find('r').unwrap_or_default() + 1 + hashes;
            if rest[prefix..].starts_with('"') {
                let closing = format!("\"{}", "#".repeat(hashes));
                let end = rest[prefix + 1..].find(&closing).map_or(rest.len(), |end| prefix + 1 + end + closing.len());
                return (end, Kind::Literal(hashes + 1));
            }
        }
    }
    if rest.starts_with('"') {
        return (quoted(rest, '"').unwrap_or(rest.len()), Kind::Literal(1));
    }
    // A lifetime has no closing quote right behind it.
    let character = rest.starts_with('\'') && (rest[1..].starts_with('\\') || rest.chars().nth(2) == Some('\''));
    if character {
        return (quoted(rest, '\'').unwrap_or(first), Kind::Other);
    }
    (first, Kind::Code)
}

/// The length of a literal with escapes, closing quote included.
fn quoted(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(at + c.len_utf8()),
            _ => {}
        }
    }
    None
}
