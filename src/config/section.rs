//! Reads one section key by key: default, override, place of a fault, and which keys there are.
//! What the keys mean is not its business.

use super::{
    document::{Item, Place, Table, Value, variable},
    problem::Problem,
};

/// Similarity (Jaro-Winkler) above which an unknown key is taken for a slip of a known one.
const LIKE_ENOUGH: f64 = 0.75;

/// Keys that people bring from other programs, with what to write here.
const ELSEWHERE: [(&str, &str); 6] = [
    (
        "password",
        "a password does not belong into this file; put it into a file of its own and name that by `password_file`",
    ),
    ("smtp", "relays are sections of their own: [[relay]]"),
    ("timezone", "write `zone`"),
    ("tz", "write `zone`"),
    ("url_password", "put the whole URL into a file of its own and name that by `url_file`"),
    ("seconds", "write durations with their unit, such as `\"15m\"`"),
];

/// A key that was asked for, with its default as an override would spell it; none where it must be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) path: String,
    pub(super) default: Option<String>,
}

/// What reads a value: the parsed value, or what is wrong and what would be right.
pub(super) type Parse<T> = fn(&Value) -> Result<T, String>;

/// One section while it is read. Each reader asks for every key it knows; what is left over is unknown.
pub(super) struct Section {
    path: String,
    place: Place,
    left: Table,
    places: Vec<(String, Place)>,
    pub(super) known: Vec<Known>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
}

impl Section {
    /// The whole file.
    pub(super) fn root(table: Table) -> Self {
        Self::new(String::new(), Place::Missing, table)
    }

    fn new(path: String, place: Place, left: Table) -> Self {
        Self { path, place, left, places: Vec::new(), known: Vec::new(), problems: Vec::new(), warnings: Vec::new() }
    }

    /// A key that must be given.
    pub(super) fn required<T>(&mut self, key: &str, example: &str, parse: Parse<T>) -> Option<T> {
        self.know(key, None);
        if let Some(item) = self.take(key) {
            return self.parsed(key, &item, parse);
        }
        let text = format!("is missing; write it into the file, such as `{key} = {example}`");
        self.problems.push(Problem { place: self.place.clone(), key: self.path_of(key), text });
        None
    }

    /// A key with a default, spelt as an override would. No value only where the given one is wrong.
    pub(super) fn or<T>(&mut self, key: &str, default: &str, parse: Parse<T>) -> Option<T> {
        self.know(key, Some(default));
        let missing = || Item { place: Place::Missing, value: Value::Text(default.to_owned()) };
        let item = self.take(key).unwrap_or_else(missing);
        self.parsed(key, &item, parse)
    }

    /// A key that may be left out or empty, which is `Some(None)`.
    #[allow(clippy::option_option)] // Outside: is it right? Inside: is it given?
    pub(super) fn optional<T>(&mut self, key: &str, parse: Parse<T>) -> Option<Option<T>> {
        self.know(key, Some(""));
        match self.take(key) {
            None => Some(None),
            Some(Item { value: Value::Text(text), .. }) if text.trim().is_empty() => Some(None),
            Some(item) => self.parsed(key, &item, parse).map(Some),
        }
    }

    /// A section inside this one; an absent one is read as an empty one.
    pub(super) fn within<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let item = self.take(key).unwrap_or(Item { place: Place::Missing, value: Value::Table(Table::new()) });
        self.child(self.path_of(key), key, item, read)
    }

    /// Sections whose names the operator chooses (`[schedules.NAME]`), in the order of the file.
    pub(super) fn each<T>(&mut self, key: &str, mut read: impl FnMut(&str, &mut Self) -> T) -> Vec<T> {
        let path = self.path_of(key);
        let Some(item) = self.take(key) else { return Vec::new() };
        let Value::Table(table) = item.value else {
            self.complain_at(item.place, key, &format!("must be a section, such as [{path}.morning]"));
            return Vec::new();
        };
        let children = table.into_iter().filter_map(|(name, item)| {
            let path = format!("{path}.{name}");
            self.child(path, key, item, |section| read(&name, section))
        });
        children.collect()
    }

    /// Sections that may stand several times (`[[relay]]`), in the order of the file.
    pub(super) fn repeated<T>(&mut self, key: &str, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let Some(item) = self.take(key) else { return Vec::new() };
        let Value::List(items) = item.value else {
            self.complain_at(
                item.place,
                key,
                &format!("may stand several times: write [[{key}]], with double brackets"),
            );
            return Vec::new();
        };
        items.into_iter().filter_map(|item| self.child(self.path_of(key), key, item, &mut read)).collect()
    }

    /// Keys whose names the operator chooses, all of one kind: what is left in this section.
    pub(super) fn rest<T>(&mut self, parse: Parse<T>) -> Vec<(String, T)> {
        let left = std::mem::take(&mut self.left);
        left.into_iter().filter_map(|(key, item)| self.parsed(&key, &item, parse).map(|value| (key, value))).collect()
    }

    /// Reports a fault that shows only beside other keys.
    pub(super) fn complain(&mut self, key: &str, text: &str) {
        let place = self.places.iter().find(|(known, _)| known == key).map_or(&self.place, |(_, place)| place);
        self.complain_at(place.clone(), key, text);
    }

    /// Reports every key that nobody asked for.
    pub(super) fn finish(&mut self) {
        for (key, item) in std::mem::take(&mut self.left) {
            let text = self.unknown(&key, &item);
            self.complain_at(item.place, &key, &text);
        }
    }

    fn child<T>(&mut self, path: String, key: &str, item: Item, read: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.know_section(key);
        let Value::Table(table) = item.value else {
            let text = format!("must be a section: [{path}] on a line of its own");
            self.problems.push(Problem { place: item.place, key: path, text });
            return None;
        };
        let mut child = Self::new(path, item.place, table);
        let value = read(&mut child);
        child.finish();
        self.problems.append(&mut child.problems);
        self.known.append(&mut child.known);
        self.warnings.append(&mut child.warnings);
        Some(value)
    }

    fn take(&mut self, key: &str) -> Option<Item> {
        // The last one is the override.
        let index = self.left.iter().rposition(|(name, _)| name == key)?;
        let (_, item) = self.left.remove(index);
        self.places.push((key.to_owned(), item.place.clone()));
        Some(item)
    }

    fn parsed<T>(&mut self, key: &str, item: &Item, parse: Parse<T>) -> Option<T> {
        match parse(&item.value) {
            Ok(value) => Some(value),
            Err(text) => {
                self.complain_at(item.place.clone(), key, &text);
                None
            }
        }
    }

    fn know(&mut self, key: &str, default: Option<&str>) {
        self.known.push(Known { path: self.path_of(key), default: default.map(str::to_owned) });
    }

    fn know_section(&mut self, key: &str) {
        if !self.places.iter().any(|(known, _)| known == key) {
            self.places.push((key.to_owned(), Place::Missing));
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn complain_at(&mut self, place: Place, key: &str, text: &str) {
        self.problems.push(Problem { place, key: self.path_of(key), text: text.to_owned() });
    }

    fn unknown(&self, key: &str, item: &Item) -> String {
        let own = self
            .known
            .iter()
            .filter_map(|known| known.path.strip_prefix(&self.path).map(|key| key.trim_start_matches('.')));
        let names: Vec<&str> =
            own.filter(|key| !key.contains('.')).chain(self.places.iter().map(|(key, _)| key.as_str())).collect();
        let nearest =
            names.iter().map(|name| (strsim::jaro_winkler(name, key), *name)).max_by(|a, b| a.0.total_cmp(&b.0));
        let kind = if matches!(item.value, Value::Table(_)) { "section" } else { "key" };
        if let Some((_, hint)) = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == key) {
            return format!("is no {kind} here; {hint}");
        }
        match nearest {
            Some((likeness, name)) if likeness >= LIKE_ENOUGH => {
                let right = match item.place {
                    Place::Environment(_) => variable(&self.path_of(name)),
                    _ => name.to_owned(),
                };
                format!("is no {kind} here; did you mean `{right}`?")
            }
            _ => {
                let mut names: Vec<&str> = names;
                names.sort_unstable();
                names.dedup();
                format!("is no {kind} here; there are: {}", names.join(", "))
            }
        }
    }
}
