//! Reads a filter as a person typed it on the command line or into a sheet.
//! The language itself is `topic::query`'s.

use super::Failure;
use crate::topic::query::{Query, QueryError};

/// The canonical text of a filter; equal filters give the same. Bad input with a caret under the fault.
pub(super) fn parse(query: &str) -> Result<String, Failure> {
    self::query(query).map(|query| query.to_string())
}

/// The same for a cell of a sheet: what is wrong and what would be right, on one line.
pub(super) fn parse_cell(query: &str) -> Result<String, String> {
    let on_one_line = |error: QueryError| format!("`{query}`: {}; {}", error.problem(), error.remedy());
    Query::parse(query).map(|query| query.to_string()).map_err(on_one_line)
}

/// A filter in its tree. Bad input with a caret under the fault.
pub(super) fn query(query: &str) -> Result<Query, Failure> {
    Query::parse(query).map_err(|error| Failure::input(error.to_string()))
}
