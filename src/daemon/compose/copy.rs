//! The web copy of what a reader was told: the frozen items of the books, all of them, without anything that names the reader.
//! It draws no mail.

use chrono::NaiveDateTime;
use chrono_tz::Tz;

use super::{ComposeSettings, Composer};
use crate::{
    digest::{FrozenItem, Place, Why},
    render::{Page, PageContent, RenderError, Section, UiLanguage},
};

impl Composer {
    /// The page of what was told to `reader`, as seen at `local`; none where nothing of it is left.
    pub fn web_copy(
        &self,
        compose: &ComposeSettings,
        reader: i64,
        language: UiLanguage,
        zone: Tz,
        local: NaiveDateTime,
    ) -> Result<Option<Page>, RenderError> {
        let Some(frozen) = self.frozen.get(&reader) else { return Ok(None) };
        let items: Vec<&FrozenItem> = frozen.items.iter().filter(|item| self.is_there(item)).collect();
        let mut whys: Vec<Why> = Vec::new();
        for item in items.iter().filter(|item| item.place != Place::Alerted) {
            if !whys.contains(&item.why[0]) {
                whys.push(item.why[0]);
            }
        }
        let titles: Vec<String> = whys.iter().map(|why| self.title(compose, reader, language, *why)).collect();
        let sections: Vec<Section<'_>> = whys
            .iter()
            .zip(&titles)
            .map(|(why, title)| {
                let here = items.iter().filter(|item| item.place != Place::Alerted && item.why[0] == *why);
                Section { title, items: here.filter_map(|item| self.input(item)).collect() }
            })
            .collect();
        let alerted: Vec<_> =
            items.iter().filter(|i| i.place == Place::Alerted).filter_map(|i| self.input(i)).collect();
        if sections.is_empty() && alerted.is_empty() {
            return Ok(None);
        }
        let content = PageContent::Copy { local, zone, sections, alerted };
        content.render(&compose.templates, &compose.publisher, language).map(Some)
    }
}
