//! The filters of everybody in memory: an immutable base, a small delta on top, and what was removed since.
//! It does not read the store; the caller applies changes in the store's order.

mod compile;
mod key_map;
mod marks;
mod matching;
mod rows;
mod segment;
mod standing;
mod takeover;

use std::borrow::Borrow;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::analyze::Analysed;
use super::frequency::TermFrequencies;
use super::query::Query;
use compile::Compiler;
use segment::Segment;

pub use marks::AT_ONCE;
pub use matching::Scratch;

/// A segment of the delta is merged with the one before it unless that is this many times larger: few segments to look
/// at for each article, and each filter is compiled again only a few times.
const GROWTH: usize = 3;
/// Changes after which a rebuild pays, at least.
const REBUILD_AFTER: usize = 10_000;
/// And as a share of the base: one in so many.
const REBUILD_SHARE: usize = 20;

/// One immutable segment and the filters in it that have been removed since.
#[derive(Clone, Debug)]
struct Layer {
    segment: Arc<Segment>,
    gone: FxHashSet<i64>,
}

impl Layer {
    fn new(segment: Segment) -> Self {
        Self { segment: Arc::new(segment), gone: FxHashSet::default() }
    }

    fn len(&self) -> usize {
        self.segment.len() - self.gone.len()
    }

    fn holds(&self, id: i64) -> bool {
        self.segment.contains(id) && !self.gone.contains(&id)
    }
}

/// A change made while a rebuild is under way.
#[derive(Clone, Debug)]
enum Change {
    Added(i64, Query),
    Removed(i64),
}

/// Every live filter. A clone shares the segments, so it costs little.
#[derive(Clone, Debug)]
pub struct Index {
    /// The base, then the delta, larger segments first.
    layers: Vec<Layer>,
    frequencies: Arc<TermFrequencies>,
    /// Changes since [`Index::snapshot`], while a rebuild is under way.
    since: Option<Vec<Change>>,
}

/// Takes filters one by one for a new index, so that they need not all be in memory as trees.
#[derive(Debug)]
pub struct Builder {
    compiler: Compiler,
    frequencies: Arc<TermFrequencies>,
}

impl Builder {
    /// An empty builder; `frequencies` choose where filters are anchored.
    pub fn new(frequencies: Arc<TermFrequencies>) -> Self {
        Self { compiler: Compiler::default(), frequencies }
    }

    /// Adds a filter; ids must be different and not negative.
    pub fn push(&mut self, id: i64, query: &Query) {
        self.compiler.push_query(id, query, &self.frequencies);
    }

    /// The index of all that was pushed.
    pub fn finish(self) -> Index {
        Index { layers: vec![Layer::new(self.compiler.finish())], frequencies: self.frequencies, since: None }
    }
}

/// The filters of one moment, for rebuilding on another thread.
#[derive(Debug)]
pub struct Snapshot {
    layers: Vec<Layer>,
}

/// A rebuilt base, to be swapped in with [`Index::adopt`].
#[derive(Debug)]
pub struct Rebuilt {
    base: Segment,
    frequencies: Arc<TermFrequencies>,
}

impl Index {
    /// Builds the index of many filters at once.
    pub fn build<Q: Borrow<Query>>(
        filters: impl IntoIterator<Item = (i64, Q)>,
        frequencies: &Arc<TermFrequencies>,
    ) -> Self {
        let mut builder = Builder::new(Arc::clone(frequencies));
        for (id, query) in filters {
            builder.push(id, query.borrow());
        }
        builder.finish()
    }

    /// Number of live filters.
    pub fn len(&self) -> usize {
        self.layers.iter().map(Layer::len).sum()
    }

    /// Whether no filter is live.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a filter is live.
    pub fn contains(&self, id: i64) -> bool {
        self.layers.iter().any(|layer| layer.holds(id))
    }

    /// Makes a filter live. A live filter of the same id is replaced.
    pub fn add(&mut self, id: i64, query: &Query) {
        self.add_all(&[(id, query)]);
    }

    /// Makes filters of different ids live, all in one step.
    pub fn add_all<Q: Borrow<Query>>(&mut self, filters: &[(i64, Q)]) {
        if filters.is_empty() {
            return;
        }
        let mut compiler = Compiler::default();
        for (id, query) in filters {
            let (id, query) = (*id, query.borrow());
            self.take_away(id);
            if let Some(since) = &mut self.since {
                since.push(Change::Added(id, query.clone()));
            }
            compiler.push_query(id, query, &self.frequencies);
        }
        let mut newest = Layer::new(compiler.finish());
        while self.layers.len() > 1 && self.layers.last().is_some_and(|last| last.len() <= GROWTH * newest.len()) {
            let before = self.layers.pop().map_or_else(Vec::new, |layer| vec![layer, newest]);
            newest = Layer::new(merge(&before, &self.frequencies));
        }
        if self.layers.is_empty() {
            self.layers.push(Layer::new(Compiler::default().finish()));
        }
        self.layers.push(newest);
    }

    /// Takes a filter out; false where it was not live.
    pub fn remove(&mut self, id: i64) -> bool {
        if let Some(since) = &mut self.since {
            since.push(Change::Removed(id));
        }
        self.take_away(id)
    }

    fn take_away(&mut self, id: i64) -> bool {
        let mut removed = false;
        for layer in self.layers.iter_mut().filter(|layer| layer.holds(id)) {
            removed |= layer.gone.insert(id);
        }
        removed
    }

    /// The ids of all filters that each article matches, in the order of the articles; sorted, each once. What was in `hits`
    /// is gone. Many articles at once cost far less than one by one.
    pub fn matches(&self, articles: &[&Analysed], scratch: &mut Scratch, hits: &mut Vec<Vec<i64>>) {
        hits.iter_mut().for_each(Vec::clear);
        hits.resize_with(articles.len(), Vec::new);
        for (articles, hits) in articles.chunks(AT_ONCE).zip(hits.chunks_mut(AT_ONCE)) {
            self.match_batch(articles, scratch, hits);
        }
    }

    fn match_batch(&self, articles: &[&Analysed], scratch: &mut Scratch, hits: &mut [Vec<i64>]) {
        let mut starts = [0; AT_ONCE];
        for layer in self.layers.iter().filter(|layer| layer.len() > 0) {
            hits.iter().zip(&mut starts).for_each(|(hits, start)| *start = hits.len());
            layer.segment.matches(articles, scratch, hits);
            if !layer.gone.is_empty() {
                hits.iter_mut().zip(starts).for_each(|(hits, start)| without(&layer.gone, hits, start));
            }
        }
        if self.layers.len() > 1 {
            for hits in hits {
                #[expect(
                    clippy::stable_sort_primitive,
                    reason = "sorted runs, one a layer, merge faster than they sort anew"
                )]
                hits.sort();
            }
        }
    }

    /// Whether so much changed that a rebuild pays.
    pub fn wants_rebuild(&self) -> bool {
        let base = self.layers.first().map_or(0, |layer| layer.segment.len());
        let gone: usize = self.layers.iter().map(|layer| layer.gone.len()).sum();
        let added: usize = self.layers.iter().skip(1).map(Layer::len).sum();
        gone + added > REBUILD_AFTER.max(base / REBUILD_SHARE)
    }

    /// What is live now, for [`Snapshot::rebuild`] on another thread; changes from here on are remembered until
    /// [`Index::adopt`].
    pub fn snapshot(&mut self) -> Snapshot {
        self.since = Some(Vec::new());
        Snapshot { layers: self.layers.clone() }
    }

    /// Swaps a rebuilt base in and applies what changed since its snapshot.
    pub fn adopt(&mut self, rebuilt: Rebuilt) {
        self.layers = vec![Layer::new(rebuilt.base)];
        self.frequencies = rebuilt.frequencies;
        for change in self.since.take().unwrap_or_default() {
            match change {
                Change::Added(id, query) => self.add(id, &query),
                Change::Removed(id) => {
                    self.take_away(id);
                }
            }
        }
    }

    /// Bytes that the index holds in memory, tables for the languages seen so far included.
    pub fn heap_bytes(&self) -> usize {
        let gone = |layer: &Layer| layer.gone.capacity() * (size_of::<i64>() + 1);
        self.layers.iter().map(|layer| layer.segment.heap_bytes() + gone(layer)).sum()
    }
}

impl Snapshot {
    /// Compiles everything into one base, with anchors by `frequencies`. Takes about a microsecond a filter.
    pub fn rebuild(&self, frequencies: &Arc<TermFrequencies>) -> Rebuilt {
        Rebuilt { base: merge(&self.layers, frequencies), frequencies: Arc::clone(frequencies) }
    }
}

/// Takes the filters that are gone out of the hits from `start` on.
fn without(gone: &FxHashSet<i64>, hits: &mut Vec<i64>, start: usize) {
    let mut kept = start;
    for at in start..hits.len() {
        if !gone.contains(&hits[at]) {
            hits.swap(kept, at);
            kept += 1;
        }
    }
    hits.truncate(kept);
}

fn merge(layers: &[Layer], frequencies: &TermFrequencies) -> Segment {
    let mut compiler = Compiler::default();
    for layer in layers {
        compiler.push_segment(&layer.segment, &layer.gone, frequencies);
    }
    compiler.finish()
}

#[cfg(test)]
mod tests;
