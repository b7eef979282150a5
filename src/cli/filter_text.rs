//! Reads a filter as a person typed it on the command line or into a sheet.
//! The language itself is `topic::query`'s.

use super::{Failure, Invocation};
use crate::{
    config::Config,
    daemon::forecast,
    store::Conn,
    topic::{
        breadth::Breadth,
        query::{Query, QueryError},
    },
};

/// The key of the config that says how much a filter may bring.
const LIMIT: &str = "[filters] max_hits_per_day";

/// The canonical text of a filter; equal filters give the same. Bad input with a caret under the fault.
pub(super) fn parse(query: &str) -> Result<String, Failure> {
    self::query(query).map(|query| query.to_string())
}

/// The same for a cell of a sheet: what is wrong and what would be right, on one line.
pub(super) fn parse_cell(query: &str, breadth: Option<&Breadth>) -> Result<String, String> {
    let on_one_line = |error: QueryError| format!("`{query}`: {}; {}", error.problem(), error.remedy());
    let parsed = Query::parse(query).map_err(on_one_line)?;
    let too_broad = |error| format!("{} ({LIMIT})", on_one_line(error));
    breadth.map_or(Ok(()), |breadth| breadth.check(&parsed)).map_err(too_broad)?;
    Ok(parsed.to_string())
}

/// Refuses filters that bring more articles a day than the config allows, as far as that can be said of what came lately.
pub(super) async fn refuse_broad(
    invocation: &Invocation,
    conn: &mut Conn,
    config: &Config,
    queries: &[&Query],
    otherwise: &str,
) -> Result<(), Failure> {
    if queries.is_empty() {
        return Ok(());
    }
    let limit = u64::from(config.filters.max_hits_per_day);
    let Some(breadth) = forecast::breadth(conn, invocation.now, limit).await.map_err(Failure::of)? else {
        return Ok(());
    };
    let refused = |error: QueryError| Failure::input(format!("{error}; {LIMIT} is the limit{otherwise}"));
    queries.iter().try_for_each(|query| breadth.check(query)).map_err(refused)
}

/// A filter in its tree. Bad input with a caret under the fault.
pub(super) fn query(query: &str) -> Result<Query, Failure> {
    Query::parse(query).map_err(|error| Failure::input(error.to_string()))
}
