//! Tells whether two articles of different feeds tell the same news, from small signatures of their texts.
//! It keeps no stories and knows no time; who was first and what is mailed, `daemon` and `store` decide.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{
    ArticleText,
    language::Language,
    outline::share,
    words::{self, mix},
};

/// Hours within which articles may be one story; later the same words are a new event or an archive.
pub const WINDOW_HOURS: i64 = 72;

/// Keys under which a story is looked up.
pub const BANDS: usize = 16;

/// Words of a shingle: three in a row survive an editor's cuts and mark a text well enough.
const SHINGLE: usize = 3;

/// Characters of a shingle in scripts that do not part words.
const WIDE_SHINGLE: usize = 6;

/// Smallest hashes that are kept: the error of the estimate is about 1 / sqrt(128).
const SKETCH: usize = 128;

/// Words of a text that are read; a wire story is shorter, and a longer text is a feature of one house.
const MAX_WORDS: usize = 3_000;

/// Shingles below which a text says too little to be told apart.
const FEWEST: usize = 12;

/// Share of the shorter text that the longer must hold.
const CONTAINED: f64 = 0.5;

/// The same where one text is so short that chance weighs more.
const CONTAINED_SHORT: f64 = 0.65;

/// Shingles up to which a text is short.
const SHORT: usize = 40;

/// How much longer one may be: a round-up that quotes a whole brief is not that brief's story.
const MAX_RATIO: usize = 8;

/// What is kept of an article's text to compare it: a bottom-k sketch of its shingles (Broder 1997; Cohen and Kaplan 2007).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    language: Language,
    /// Number of different shingles of the text.
    size: u32,
    /// The smallest hashes, ascending.
    sketch: Vec<u32>,
}

/// Bytes that are no signature.
#[derive(Debug, thiserror::Error)]
#[error("{0} bytes are not a story signature of this version; compute it again from the article's text")]
pub struct SignatureError(usize);

impl Signature {
    /// The signature of title, standfirst and body.
    pub fn of(article: &ArticleText) -> Self {
        let parts = article.standfirst.iter().chain(&article.paragraphs).map(String::as_str);
        let text = parts.fold(String::new(), |all, part| all + part + " ");
        let text = if text.is_empty() { &article.title } else { &text };
        let shingles = shingles(text);
        let size = u32::try_from(shingles.len()).unwrap_or(u32::MAX);
        Self { language: article.language, size, sketch: shingles.into_iter().take(SKETCH).collect() }
    }

    /// Keys for the lookup of candidates: two texts of which one holds most of the other share at least one, nearly always. Texts in
    /// different languages share none. Texts too short to be compared get keys of their own.
    pub fn bands(&self) -> [i64; BANDS] {
        let code = self.language.code().bytes().fold(0_u64, |all, b| (all << 8) | u64::from(b));
        let own = self.sketch.iter().fold(u64::from(self.size), |all, h| mix(all ^ u64::from(*h)));
        std::array::from_fn(|band| {
            let hash = match self.sketch.get(band) {
                Some(hash) if self.sketch.len() >= FEWEST => u64::from(*hash),
                _ => mix(own ^ band as u64) | (1 << 63),
            };
            i64::from_ne_bytes(mix(hash ^ mix(code)).to_ne_bytes())
        })
    }

    /// Language (2 bytes), number of shingles (4 bytes), then 4 bytes per kept hash; at most 518 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let code = self.language.code().as_bytes();
        let mut bytes = vec![code[0], code[1]];
        bytes.extend(self.size.to_be_bytes());
        bytes.extend(self.sketch.iter().flat_map(|h| h.to_be_bytes()));
        bytes
    }

    /// Reads what [`Signature::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignatureError> {
        let wrong = || SignatureError(bytes.len());
        let (head, rest) = bytes.split_at_checked(6).ok_or_else(wrong)?;
        if rest.len() % 4 != 0 || rest.len() > SKETCH * 4 {
            return Err(wrong());
        }
        let code = str::from_utf8(&head[..2]).map_err(|_| wrong())?;
        let language = if code == "un" { Language::UND } else { code.parse().map_err(|_| wrong())? };
        let number = |four: &[u8]| u32::from_be_bytes([four[0], four[1], four[2], four[3]]);
        let sketch: Vec<u32> = rest.chunks_exact(4).map(number).collect();
        if !sketch.is_sorted() {
            return Err(wrong());
        }
        Ok(Self { language, size: number(&head[2..]), sketch })
    }

    /// Estimated share of this text's shingles that the other has.
    fn held_by(&self, other: &Self) -> f64 {
        let union: BTreeSet<u32> = self.sketch.iter().chain(&other.sketch).copied().collect();
        // Where both sketches are whole texts the count is exact; else the smallest of the union are a fair sample of it.
        let whole = self.sketch.len() < SKETCH && other.sketch.len() < SKETCH;
        let sample = if whole { union.len() } else { SKETCH };
        let (mut looked_at, mut both) = (0, 0);
        for hash in union.iter().take(sample) {
            looked_at += 1;
            both += usize::from(self.sketch.binary_search(hash).is_ok() && other.sketch.binary_search(hash).is_ok());
        }
        let jaccard = share(both, looked_at);
        let sizes = f64::from(self.size) + f64::from(other.size);
        (jaccard / (1.0 + jaccard) * sizes / f64::from(self.size.max(1))).min(1.0)
    }
}

/// Whether two articles tell the same news: in one language, and the longer holds most of the shorter.
pub fn same_story(a: &Signature, b: &Signature) -> bool {
    let (short, long) = if a.size <= b.size { (a, b) } else { (b, a) };
    let (few, many) = (short.size as usize, long.size as usize);
    if a.language != b.language || few < FEWEST || many > few * MAX_RATIO {
        return false;
    }
    short.held_by(long) >= if few <= SHORT { CONTAINED_SHORT } else { CONTAINED }
}

fn shingles(text: &str) -> Vec<u32> {
    let folded = words::fold(text);
    let words: Vec<&str> = words_of(&folded).collect();
    runs(&words, wide(&words))
}

/// Whether a text is of a script that does not part words.
pub(super) fn is_wide(text: &str) -> bool {
    wide(&words_of(&words::fold(text)).collect::<Vec<_>>())
}

/// Hashes of all runs of three words, folded; of six characters where words are not parted.
pub(super) fn shingles_of(text: &str, wide: bool) -> BTreeSet<u32> {
    runs(&words_of(&words::fold(text)).collect::<Vec<_>>(), wide).into_iter().collect()
}

fn words_of(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(MAX_WORDS)
}

fn wide(words: &[&str]) -> bool {
    let longest = WIDE_SHINGLE * 4;
    words.iter().any(|w| w.len() > longest && w.chars().count() > longest)
}

/// Ascending, each once.
fn runs(all: &[&str], wide: bool) -> Vec<u32> {
    let low = |hash: u64| u32::try_from(hash & 0xffff_ffff).unwrap_or_default();
    let mut runs: Vec<u32> = if wide {
        let wide: Vec<char> = all.concat().chars().take(MAX_WORDS * 2).collect();
        wide.windows(WIDE_SHINGLE).map(|run| low(words::hash(&run.iter().collect::<String>()))).collect()
    } else {
        let joined = |[a, b, c]: &[&str; SHINGLE]| {
            let bytes = a.bytes().chain([b' ']).chain(b.bytes()).chain([b' ']).chain(c.bytes());
            low(words::hash_bytes(bytes))
        };
        all.array_windows().map(joined).collect()
    };
    runs.sort_unstable();
    runs.dedup();
    runs
}
