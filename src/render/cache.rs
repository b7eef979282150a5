//! Keeps drawn articles and frames, so that the next mail that shows them only copies bytes.
//! It draws nothing and forgets by size, not by time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rustc_hash::FxHashMap;

use super::{
    article::{ArticleFragmentInput, Drawn, Form, Fragment, Sight},
    frame::Frame,
    own_words::Own,
    template::{RenderError, Templates},
};

/// Bytes held unless said otherwise: some thousand articles in four languages and a few zones.
pub const DEFAULT_BYTES: usize = 64 * 1024 * 1024;
/// Frames held: languages, kinds and combinations of links; a handful in practice.
const FRAMES: usize = 256;

/// Drawn articles and frames, shared by all senders of a process. Safe to use from many threads.
#[derive(Debug)]
pub struct FragmentCache {
    fragments: Mutex<Generations>,
    frames: Mutex<FxHashMap<Box<[u8]>, Arc<Frame>>>,
}

/// What a cache did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheUse {
    /// Articles found drawn.
    pub hits: u64,
    /// Articles that had to be drawn.
    pub misses: u64,
    /// Bytes held by drawn articles.
    pub bytes: usize,
    /// Drawn articles held.
    pub fragments: usize,
}

impl Default for FragmentCache {
    fn default() -> Self {
        Self::new(DEFAULT_BYTES)
    }
}

/// The newer half fills up, then takes the place of the older: what was asked for since has moved to the newer one.
#[derive(Debug)]
struct Generations {
    young: FxHashMap<Box<[u8]>, Arc<Fragment>>,
    old: FxHashMap<Box<[u8]>, Arc<Fragment>>,
    young_bytes: usize,
    old_bytes: usize,
    /// Bytes of one generation at most.
    half: usize,
    hits: u64,
    misses: u64,
}

impl Generations {
    fn get(&mut self, key: &[u8]) -> Option<Arc<Fragment>> {
        let found = match self.young.get(key) {
            Some(fragment) => Some(Arc::clone(fragment)),
            None => self.old.remove_entry(key).map(|(key, fragment)| {
                self.old_bytes = self.old_bytes.saturating_sub(weight(&key, &fragment));
                self.put(key, Arc::clone(&fragment));
                fragment
            }),
        };
        *(if found.is_some() { &mut self.hits } else { &mut self.misses }) += 1;
        found
    }

    fn put(&mut self, key: Box<[u8]>, fragment: Arc<Fragment>) {
        let bytes = weight(&key, &fragment);
        if self.young_bytes + bytes > self.half && !self.young.is_empty() {
            self.old = std::mem::take(&mut self.young);
            self.old_bytes = std::mem::take(&mut self.young_bytes);
        }
        if self.young.insert(key, fragment).is_none() {
            self.young_bytes += bytes;
        }
    }
}

fn weight(key: &[u8], fragment: &Fragment) -> usize {
    key.len() + fragment.weight()
}

impl FragmentCache {
    /// Holds at most about `bytes`, a fragment more at a time.
    pub fn new(bytes: usize) -> Self {
        let generations = Generations {
            young: HashMap::default(),
            old: HashMap::default(),
            young_bytes: 0,
            old_bytes: 0,
            half: bytes / 2,
            hits: 0,
            misses: 0,
        };
        Self { fragments: Mutex::new(generations), frames: Mutex::default() }
    }

    /// What it did so far.
    pub fn usage(&self) -> CacheUse {
        let held = lock(&self.fragments);
        CacheUse {
            hits: held.hits,
            misses: held.misses,
            bytes: held.young_bytes + held.old_bytes,
            fragments: held.young.len() + held.old.len(),
        }
    }

    /// The article in `form`, drawn now if it was not yet.
    pub(super) fn fragment(
        &self,
        templates: &Templates,
        input: &ArticleFragmentInput<'_>,
        form: Form,
        sight: Sight,
        key: &mut Key,
    ) -> Result<Drawn, RenderError> {
        // Of the reader's own words only what they change in the drawing is part of it: readers of other words share it.
        let own = Own::of(templates.speech(sight.language), input);
        key.fragment(templates, input, &own, form, sight);
        if let Some(fragment) = lock(&self.fragments).get(&key.0) {
            return Ok(Drawn { fragment, own_words: own.line });
        }
        // Drawn without the lock: two senders may draw the same article, which costs less than waiting.
        let fragment = Arc::new(Fragment::draw(templates, input, &own, form, sight)?);
        lock(&self.fragments).put(key.0.as_slice().into(), Arc::clone(&fragment));
        Ok(Drawn { fragment, own_words: own.line })
    }

    pub(super) fn frame(
        &self,
        key: &Key,
        draw: impl FnOnce() -> Result<Frame, RenderError>,
    ) -> Result<Arc<Frame>, RenderError> {
        if let Some(frame) = lock(&self.frames).get(key.0.as_slice()) {
            return Ok(Arc::clone(frame));
        }
        let frame = Arc::new(draw()?);
        let mut frames = lock(&self.frames);
        if frames.len() >= FRAMES {
            frames.clear();
        }
        frames.insert(key.0.as_slice().into(), Arc::clone(&frame));
        Ok(frame)
    }
}

/// A poisoned lock guards whole entries all the same.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything that a drawing depends on, as bytes: equal keys are equal drawings, without trusting a hash.
#[derive(Debug, Default)]
pub(super) struct Key(Vec<u8>);

impl Key {
    pub(super) fn clear(&mut self) -> &mut Self {
        self.0.clear();
        self
    }

    /// Adds a text, its length first so that no two lists of texts look alike.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.bytes(text.as_bytes())
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn fragment(
        &mut self,
        templates: &Templates,
        input: &ArticleFragmentInput<'_>,
        own: &Own,
        form: Form,
        sight: Sight,
    ) {
        let form = match form {
            Form::Line => 0,
            Form::Block { lead } => 1 + u8::from(lead && input.image_allowed),
            Form::Alert { lead } => 3 + u8::from(lead && input.image_allowed),
        };
        let flags = u8::from(input.show_paid)
            | u8::from(input.credit.is_some()) << 1
            | (input.excerpt as u8) << 2
            | u8::from(input.updated) << 4
            | u8::from(!own.line.is_empty()) << 5;
        let sentences = own.sentences.iter().fold(0_u64, |all, i| all | 1 << (i % 64));
        self.clear()
            .text(templates.hash())
            .bytes(&[form, flags, u8::try_from(sight.language.index()).unwrap_or_default()])
            .bytes(&input.article_id.to_le_bytes())
            .bytes(&input.rev.to_le_bytes())
            .bytes(&sight.local.and_utc().timestamp().to_le_bytes())
            .bytes(&(sight.zone as u16).to_le_bytes())
            .bytes(&input.first_seen.timestamp().to_le_bytes())
            .bytes(&u32::try_from(input.max_chars).unwrap_or(u32::MAX).to_le_bytes())
            .bytes(&sentences.to_le_bytes())
            .text(input.source)
            .text(input.credit.unwrap_or_default());
        self.bytes(&u32::try_from(input.also_at.len()).unwrap_or(u32::MAX).to_le_bytes());
        for also in &input.also_at {
            self.text(also.source).text(also.url);
        }
    }
}

#[cfg(test)]
mod tests;
