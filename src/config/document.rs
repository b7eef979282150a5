//! The config file and the environment's overrides as one tree that remembers where each value was written.
//! It does not know which keys there are; the sections do.

use std::fmt;

use toml::de::{DeTable, DeValue};

/// What begins the name of every override.
pub(super) const PREFIX: &str = "DEPECHE_";

/// What stands between section and key in an override's name: both may hold a single `_` of their own.
const SEPARATOR: &str = "__";

/// Keys that stand before every section, whose overrides therefore have no separator.
const TOP: [&str; 1] = ["data_dir"];

/// Sections that stand once for each of several things, as `[[relay]]`, told apart by their key `name`.
const REPEATED: [&str; 1] = ["relay"];

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A line of the file, from 1.
    Line(usize),
    /// A variable of the environment.
    Environment(String),
    /// Nowhere: the file lacks it.
    Missing,
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What can stand behind a key.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<Item>),
    Table(Table),
    /// What no key takes, by its TOML name.
    Other(&'static str),
}

/// Keys and values in the order of the file, overrides last.
pub(super) type Table = Vec<(String, Item)>;

impl fmt::Display for Value {
    /// The value as an override would spell it; a list is joined by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Boolean(yes) => write!(f, "{yes}"),
            Self::List(items) => {
                let texts: Vec<_> = items.iter().map(|item| item.value.to_string()).collect();
                f.write_str(&texts.join(", "))
            }
            Self::Table(_) => f.write_str("a section"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// Reads the TOML; every syntax error with its line.
pub(super) fn parse(text: &str) -> Result<Table, Vec<(Place, String)>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(read_table(table.get_ref(), text));
    }
    let place = |error: &toml::de::Error| Place::Line(error.span().map_or(1, |span| line_of(text, span.start)));
    Err(errors.iter().map(|error| (place(error), error.message().to_owned())).collect())
}

/// Lays the environment's `DEPECHE_SECTION__KEY` over the file.
pub(super) fn lay_over<'e>(root: &mut Table, environment: impl Iterator<Item = (&'e String, &'e String)>) {
    for (name, value) in environment {
        let Some(path) = name.strip_prefix(PREFIX).map(str::to_lowercase) else { continue };
        if !path.contains(SEPARATOR) && !TOP.contains(&path.as_str()) {
            continue;
        }
        let path: Vec<String> = path.split(SEPARATOR).map(str::to_owned).collect();
        let item = Item { place: Place::Environment(name.clone()), value: Value::Text(value.clone()) };
        place_at(root, &path, item);
    }
}

/// The name of the variable that overrides a key.
pub(super) fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', SEPARATOR).replace('-', "_").to_uppercase())
}

fn read_table(table: &DeTable<'_>, text: &str) -> Table {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    let read = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
        let key_text: &std::borrow::Cow<'_, str> = key.get_ref();
        let place = Place::Line(line_of(text, key.span().start));
        (key_text.to_string(), Item { place, value: read_value(value.get_ref(), text) })
    };
    entries.into_iter().map(read).collect()
}

fn read_value(value: &DeValue<'_>, text: &str) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Boolean(yes) => Value::Boolean(*yes),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Other("a number beyond 64 bits"),
        },
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Item {
                    place: Place::Line(line_of(text, item.span().start)),
                    value: read_value(item.get_ref(), text),
                })
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(read_table(table, text)),
        DeValue::Float(_) => Value::Other("a fraction"),
        DeValue::Datetime(_) => Value::Other("a date"),
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&byte| byte == b'\n').count() + 1
}

fn place_at(table: &mut Table, path: &[String], item: Item) {
    let Some((first, rest)) = path.split_first() else { return };
    let index = table.iter().position(|(key, _)| same(key, first)).unwrap_or_else(|| {
        let value =
            if REPEATED.contains(&first.as_str()) { Value::List(Vec::new()) } else { Value::Table(Table::new()) };
        table.push((first.clone(), Item { place: item.place.clone(), value }));
        table.len() - 1
    });
    match (&mut table[index].1, rest) {
        (entry, []) => *entry = item,
        (Item { value: Value::Table(inner), .. }, _) => place_at(inner, rest, item),
        (Item { value: Value::List(items), .. }, [name, key, rest @ ..]) => {
            let path: Vec<String> = std::iter::once(key).chain(rest).cloned().collect();
            if let Some(table) = named(items, name, &item.place) {
                place_at(table, &path, item);
            }
        }
        // A plain key has no keys inside; the section that reads the table reports what it does not know.
        _ => table.push((path.join("."), item)),
    }
}

/// The table of a repeated section by its name, made where the file has none.
fn named<'t>(items: &'t mut Vec<Item>, name: &str, place: &Place) -> Option<&'t mut Table> {
    let is_called =
        |table: &Table| table.iter().any(|(key, item)| key == "name" && same(&item.value.to_string(), name));
    if !items.iter().any(|item| matches!(&item.value, Value::Table(table) if is_called(table))) {
        let text = Item { place: place.clone(), value: Value::Text(name.to_owned()) };
        items.push(Item { place: place.clone(), value: Value::Table(vec![("name".to_owned(), text)]) });
    }
    items.iter_mut().find_map(|item| match &mut item.value {
        Value::Table(table) if is_called(table) => Some(table),
        _ => None,
    })
}

/// Whether a key of the file is the one that an override names: upper case and `-` cannot be told in a variable's name.
fn same(key: &str, segment: &str) -> bool {
    key.to_lowercase().replace('-', "_") == segment
}
