//! The publishers of the season, one per lesson of the field: how each misbehaves, hour by hour.
//! What a reader must have got of them follows from the table; that it was so, the file above counts.

use std::fmt::Write as _;

use chrono::TimeDelta;
use encoding_rs::{KOI8_R, WINDOWS_1251};

use super::super::{
    feed_server::{Reply, head, reply},
    moody_server::{Publisher, Turn, sent},
};

/// A page of a site that wants to see a person.
const CHALLENGE: &str = "<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>";

/// All of them.
pub(super) fn all() -> Vec<Publisher> {
    [identities(), addresses(), limits(), moods(), dates(), charsets()].concat()
}

/// By what stories are told apart.
fn identities() -> Vec<Publisher> {
    vec![
        Publisher::new("Plain", |turn| turn.shows(|_| {})),
        Publisher::new("Validated", |turn| {
            let tag = format!("\"{}\"", turn.hour / 12);
            if turn.asked.headers.get("if-none-match") == Some(&tag) {
                return reply(304, &[], "");
            }
            reply(200, &[("ETag", &tag)], turn.document("", |_| {}))
        }),
        Publisher::new("Twins", |turn| {
            let scheme = if turn.hour < 170 { "http" } else { "https" };
            turn.shows(|piece| piece.guid = format!("{scheme}://twins.example/?id={}", piece.n))
        }),
        Publisher::new("Renumbered", |turn| {
            // The new system has given all that it took over its own numbers, its own day and a note. Links stay.
            let (moved, taken_over) = (turn.hour >= 230, turn.now - TimeDelta::hours(turn.hour - 230));
            turn.shows(|piece| {
                piece.guid = if moved { format!("new-{}", piece.n * 7) } else { format!("a{}", piece.n) };
                if moved && piece.out < taken_over {
                    piece.date = taken_over.to_rfc2822();
                    piece.text.push_str("Texte repris de notre ancien site.");
                }
            })
        }),
        Publisher::new("Rebuilt", |turn| {
            let moved = turn.hour >= 230;
            turn.shows(|piece| {
                piece.guid = format!("{}{}", if moved { "b" } else { "a" }, piece.n);
                piece.link = if moved { format!("/2026/11/story-{}/", piece.n) } else { format!("/?p={}", piece.n) };
            })
        }),
        Publisher::new("Guidless", |turn| turn.shows(|piece| piece.guid.clear())),
        Publisher::new("Linkless", |turn| turn.shows(|piece| piece.link.clear())),
        Publisher::new("Oneguid", |turn| turn.shows(|piece| piece.guid = format!("pair-{}", piece.n / 2))),
        Publisher::new("Onelink", |turn| turn.shows(|piece| "/live".clone_into(&mut piece.link))),
        Publisher::new("Random", |turn| {
            let run = turn.hour;
            turn.shows(|piece| piece.guid = format!("{}-{run}", piece.n))
        }),
        Publisher::new("Restless", |turn| {
            // Nothing but links and titles stays.
            let (run, now) = (turn.hour, turn.now.to_rfc2822());
            turn.shows(|piece| {
                piece.guid = format!("{}-{run}", piece.n);
                piece.date.clone_from(&now);
                let _ = write!(piece.text, "Mise en ligne numero {run}.");
            })
        }),
        Publisher::new("Wordpress", |turn| {
            // The link becomes the permalink after four hours, the identifier after ten.
            turn.shows(|piece| {
                let (short, permalink) = (format!("/?p={}", piece.n), format!("/2026/11/story-{}/", piece.n));
                piece.guid = format!("https://wordpress.example{}", if piece.age < 10 { &short } else { &permalink });
                piece.link = if piece.age < 4 { short } else { permalink };
            })
        }),
        Publisher::new("Corrected", |turn| {
            let run = turn.hour / 5;
            turn.shows(|piece| {
                let _ = write!(piece.text, "Correction {} de la redaction.", (run + piece.n) % 3);
            })
        }),
    ]
}

/// Where feeds stand.
fn addresses() -> Vec<Publisher> {
    vec![
        Publisher::new("Moved", |turn| match (turn.asked.path.as_str(), turn.hour) {
            ("/feed", 50..300) => reply(301, &[("Location", "/moved")], ""),
            ("/feed", 300..) => reply(404, &[], ""),
            _ => turn.shows(|_| {}),
        })
        .moving_to("/moved"),
        Publisher::new("Mirrored", |turn| match (turn.asked.path.as_str(), turn.hour) {
            ("/feed", 190..250) => reply(302, &[("Location", "/mirror")], ""),
            ("/mirror", 205..) => reply(410, &[], ""),
            _ => turn.shows(|_| {}),
        })
        .saying(&["410"]),
        Publisher::new("Refreshed", |turn| match turn.hour {
            190..214 => sent("text/html", "<html><meta http-equiv=refresh content='0; url=/mirror'></html>"),
            _ => turn.shows(|_| {}),
        })
        .saying(&["this is a web page, not a feed; its feed is at"]),
    ]
}

/// How much is too much.
fn limits() -> Vec<Publisher> {
    let cloud = |turn: &Turn<'_>| match turn.hour {
        190..214 if turn.asked.headers.get("host").is_some_and(|host| host.starts_with("a.")) => {
            reply(429, &[("Retry-After", "36000")], "")
        }
        _ => turn.shows(|_| {}),
    };
    // One reading a time for all four, the first ones aside.
    let crowd = |turn: &Turn<'_>| match (turn.hour, turn.before) {
        (0, _) | (_, 0) => turn.shows(|_| {}),
        _ => reply(429, &[("Retry-After", "3600")], ""),
    };
    vec![
        Publisher::new("Clouda", cloud).on("a.cloud.example").saying(&["the server answered 429"]),
        Publisher::new("Cloudb", cloud).on("b.cloud.example"),
        Publisher::new("Crowda", crowd).on("a.crowd.example"),
        Publisher::new("Crowdb", crowd).on("b.crowd.example"),
        Publisher::new("Crowdc", crowd).on("c.crowd.example"),
        Publisher::new("Crowdd", crowd).on("d.crowd.example"),
        Publisher::new("Refused", |turn| if turn.hour < 190 { turn.shows(|_| {}) } else { reply(403, &[], "") })
            .on("a.closing.example")
            .until(190)
            .saying(&["403"]),
        Publisher::new("Neighbour", |turn| turn.shows(|_| {})).on("b.closing.example"),
        Publisher::new("Zero", |turn| match turn.hour {
            190..214 => reply(429, &[("Retry-After", "0")], ""),
            _ => turn.shows(|_| {}),
        })
        .saying(&["the server answered 429"]),
        Publisher::new("Challenged", |turn| match turn.hour {
            190..214 => reply(503, &[], CHALLENGE),
            _ => turn.shows(|_| {}),
        })
        .saying(&["Cloudflare asks for a human visitor"]),
    ]
}

/// Documents that are not what they were.
fn moods() -> Vec<Publisher> {
    vec![
        Publisher::new("Badday", |turn| match turn.hour {
            190..198 => reply(500, &[], turn.document("", |_| {})),
            198..206 => reply(200, &[], "<html><title>Down for maintenance</title></html>"),
            206..214 => reply(200, &[], ""),
            _ => turn.shows(|_| {}),
        })
        .saying(&["the server answered 500", "Down for maintenance"]),
        Publisher::new("Emptied", |turn| match turn.hour {
            190..214 => reply(200, &[], "<rss version='2.0'><channel><title>Error</title></channel></rss>"),
            _ => turn.shows(|_| {}),
        }),
        Publisher::new("Latecomer", |turn| match turn.hour {
            0..8 => reply(200, &[], "<rss version='2.0'><channel><title>Soon</title></channel></rss>"),
            _ => turn.shows(|_| {}),
        }),
        Publisher::new("Brokenoff", |turn| {
            let mut document = turn.document("", |_| {});
            document.truncate(if turn.hour == 0 { document.len() / 2 } else { document.len() });
            sent("text/xml", document)
        }),
        Publisher::new("Toolong", |turn| lying(turn, |length| length + 500)),
        Publisher::new("Tooshort", |turn| lying(turn, |length| length / 2)),
        Publisher::new("Archive", |turn| match turn.hour {
            240..288 => sent("text/xml", turn.document_after("", 15, |_| {})),
            _ => turn.shows(|_| {}),
        })
        .held_in(240..288),
    ]
}

/// A day of answers whose length is not what they say.
fn lying(turn: &Turn<'_>, claims: fn(usize) -> usize) -> Reply {
    if !(190..214).contains(&turn.hour) {
        return turn.shows(|_| {});
    }
    let document = turn.document("", |_| {});
    Reply::Raw([head(200, &[], Some(claims(document.len()))), document.into_bytes()].concat())
}

/// When things happened, as it is told.
fn dates() -> Vec<Publisher> {
    vec![
        Publisher::new("Eastern", |turn| {
            turn.shows(|piece| {
                let there = (piece.out - TimeDelta::hours(5)).format("%a, %d %b %Y %H:%M:%S EST").to_string();
                piece.date = if piece.n % 2 == 0 { there } else { String::new() };
            })
        }),
        Publisher::new("Figured", |turn| {
            turn.shows(|piece| {
                let figures = piece.out.format("%d.%m.%Y %H:%M").to_string();
                piece.date = if piece.n % 2 == 0 { figures } else { piece.out.timestamp().to_string() };
            })
        }),
        Publisher::new("Undated", |turn| turn.shows(|piece| piece.date.clear())),
        Publisher::new("Future", |turn| {
            turn.shows(|piece| piece.date = (piece.out + TimeDelta::days(20 + 100 * (piece.n % 3))).to_rfc2822())
        }),
        Publisher::new("Epoch", |turn| {
            turn.shows(|piece| {
                let year = if piece.n % 2 == 0 { "Thu, 01 Jan 1970" } else { "Mon, 01 Jan 2001" };
                piece.date = format!("{year} 00:00:00 GMT");
            })
        }),
        Publisher::new("Today", |turn| {
            let now = turn.now.to_rfc2822();
            turn.shows(|piece| piece.date.clone_from(&now))
        }),
        Publisher::new("Imported", |turn| {
            // An import has the day of its making, what comes after it the day of its own.
            let begin = turn.now - TimeDelta::hours(turn.hour);
            turn.shows(|piece| piece.date = piece.out.max(begin).to_rfc2822())
        }),
    ]
}

/// In what letters.
fn charsets() -> Vec<Publisher> {
    vec![
        Publisher::new("Unnamed", |turn| sent("text/xml", turn.document("<?xml version='1.0'?>", |_| {}))),
        Publisher::new("Converted", |turn| {
            let document = turn.document("<?xml version='1.0' encoding='iso-8859-1'?>", |_| {});
            sent("text/xml; charset=utf-8", document)
        }),
        Publisher::new("Blank", |turn| {
            let document = turn.document("\n \t<?xml version='1.0' encoding='windows-1251'?>", |_| {});
            sent("application/rss+xml", WINDOWS_1251.encode(&document).0)
        })
        .writing("мост закрыт до утра"),
        Publisher::new("Odds", |turn| {
            let document = turn.document("<?xml version='1.0' encoding='koi8-r'?>", |_| {});
            sent("text/xml; charset=iso-8859-1", KOI8_R.encode(&document).0)
        })
        .writing("мост закрыт до утра"),
    ]
}
