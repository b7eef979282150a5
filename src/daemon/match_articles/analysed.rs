//! The analysed forms of what waits: as stored, or made anew from the text where another version of the analyser wrote them.
//! It does not match and writes nothing.

use crate::{
    daemon::{StageError, reanalysis},
    store::{Conn, matches::WaitingRow},
    topic::Analysed,
};

/// Every waiting revision with its words, in the given order. None is left out: an upgrade comes while articles wait.
pub(super) async fn read<'a>(
    conn: &mut Conn,
    waiting: &'a [WaitingRow],
) -> Result<Vec<(&'a WaitingRow, Analysed)>, StageError> {
    let stored: Vec<Option<Analysed>> = waiting.iter().map(|row| Analysed::from_bytes(&row.analysed).ok()).collect();
    let lacking = waiting.iter().zip(&stored).filter(|(_, stored)| stored.is_none());
    let mut anew =
        reanalysis::anew(conn, &lacking.map(|(row, _)| (row.article_id, row.rev)).collect::<Vec<_>>()).await?;
    let each = waiting.iter().zip(stored).filter_map(|(row, stored)| {
        let analysed = stored.or_else(|| anew.remove(&(row.article_id, row.rev)));
        if analysed.is_none() {
            tracing::warn!(article = row.article_id, "a waiting revision has no text any more; it is not matched");
        }
        Some((row, analysed?))
    });
    Ok(each.collect())
}
