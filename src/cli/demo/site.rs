//! The demo's part of the web: seven publishers and one feed that means harm, each under a name of its own on loopback.
//! What the publishers write is in `document` and `samples`.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::{
    document::Stand,
    samples::Publisher,
    server::{Answer, Asked},
};
use crate::clock::Clock;

/// What every host name of the demo ends in: browsers take it for this machine without asking anybody.
pub(super) const SUFFIX: &str = "localhost";
/// The host of the feed that means harm.
pub(super) const HOSTILE: &str = "piege";

/// The publishers as they stand on the web.
pub(super) struct Site {
    pub(super) publishers: Vec<Publisher>,
    pub(super) port: u16,
    pub(super) begin: DateTime<Utc>,
    pub(super) clock: Clock,
    attacks: AtomicUsize,
    polls: Mutex<Vec<(String, usize)>>,
}

impl Site {
    pub(super) fn new(publishers: Vec<Publisher>, port: u16, begin: DateTime<Utc>, clock: Clock) -> Arc<Self> {
        Arc::new(Self { publishers, port, begin, clock, attacks: AtomicUsize::new(0), polls: Mutex::default() })
    }

    /// `http://host.localhost:port`.
    pub(super) fn base(&self, host: &str) -> String {
        format!("http://{host}.{SUFFIX}:{}", self.port)
    }

    /// Where a publisher's feed is.
    pub(super) fn feed_url(&self, host: &str) -> String {
        format!("{}/feed", self.base(host))
    }

    /// How often a host's feed was asked for.
    pub(super) fn polls(&self, host: &str) -> usize {
        let polls = self.polls.lock().unwrap_or_else(PoisonError::into_inner);
        polls.iter().find(|(known, _)| known == host).map_or(0, |(_, n)| *n)
    }

    fn count(&self, host: &str) {
        let mut polls = self.polls.lock().unwrap_or_else(PoisonError::into_inner);
        match polls.iter_mut().find(|(known, _)| known == host) {
            Some((_, n)) => *n += 1,
            None => polls.push((host.to_owned(), 1)),
        }
    }

    /// Answers a request.
    pub(super) fn answer(&self, asked: &Asked) -> Answer {
        let host = asked.host.split('.').next().unwrap_or_default();
        if asked.path == "/feed" {
            self.count(host);
        }
        if host == HOSTILE {
            return attack(self.attacks.fetch_add(1, Ordering::SeqCst));
        }
        let Some(publisher) = self.publishers.iter().find(|publisher| publisher.host == host) else {
            return Answer::not_found();
        };
        let base = self.base(host);
        let stand = Stand { publisher, base: &base, begin: self.begin, now: self.clock.now() };
        if asked.path == "/feed" {
            return conditional(stand.feed(), &asked.known);
        }
        let page = stand.page(asked.path.trim_start_matches('/'));
        page.map_or_else(Answer::not_found, |page| Answer::document("text/html; charset=utf-8", page))
    }
}

/// A document, or 304 where the client has it.
fn conditional((content_type, body): (&'static str, String), known: &str) -> Answer {
    let etag = format!("\"{:x}\"", Sha256::digest(body.as_bytes()));
    let mut answer = Answer::document(content_type, body);
    if known == etag {
        answer.status = "304 Not Modified";
        answer.body.clear();
    }
    answer.headers = format!("ETag: {etag}\r\n");
    answer
}

/// What the hostile feed does, one after the other.
fn attack(turn: usize) -> Answer {
    let xml = "application/rss+xml";
    match turn % 4 {
        0 => {
            Answer::document(xml, "<!doctype html><html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1></html>")
        }
        1 => {
            let mut bomb = Answer::document(xml, bomb());
            "Content-Encoding: gzip\r\n".clone_into(&mut bomb.headers);
            bomb
        }
        2 => Answer {
            endless: true,
            ..Answer::document(xml, "<rss version=\"2.0\"><channel><item><title>again and again</title></item>")
        },
        _ => Answer::document(xml, [0xFF, 0x00, 0x9C, 0xC3, 0x28, 0x1B].repeat(500)),
    }
}

/// 80 kB of gzip (RFC 1952) that inflate to 12 MB of spaces: one literal, then the longest match over and over.
fn bomb() -> Vec<u8> {
    const MATCHES: usize = 12_000_000 / 258;
    let mut bits = Bits { bytes: vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255], at: 0 };
    // A last block with fixed codes (RFC 1951, 3.2.6): 0x20 is 0x50 in eight bits, 258 octets are 0xC5, distance 1 is 0 in five.
    bits.push(0b011, 3);
    bits.push_code(0x50, 8);
    for _ in 0..MATCHES {
        bits.push_code(0xC5, 8);
        bits.push(0, 5);
    }
    bits.push(0, 7);
    // The checksum is wrong; nobody should get as far.
    bits.bytes.extend([0; 8]);
    bits.bytes
}

struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn push(&mut self, value: u32, width: usize) {
        for bit in 0..width {
            if self.at.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(value >> bit & 1 == 1) << (self.at % 8);
            }
            self.at += 1;
        }
    }

    /// Codes go most significant bit first.
    fn push_code(&mut self, code: u32, width: usize) {
        for bit in (0..width).rev() {
            self.push(code >> bit & 1, 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_bomb_is_small_and_inflates_beyond_every_cap() {
        let bomb = bomb();
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        let mut inflated = Vec::new();
        // The end is an error: the checksum is wrong.
        let _ = flate2::read::GzDecoder::new(bomb.as_slice()).read_to_end(&mut inflated);
        assert!(inflated.len() > 10_000_000 && inflated.iter().all(|byte| *byte == b' '), "{}", inflated.len());
    }
}
