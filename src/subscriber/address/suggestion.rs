//! The mail domain that was probably meant by one with a slip of the fingers.
//! It only suggests: nobody's address is changed without their word.

/// Large mailbox providers of the countries we speak to, and real domains that look like one of them.
const KNOWN: [&str; 62] = [
    "gmail.com",
    "googlemail.com",
    "mail.com",
    "ymail.com",
    "email.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "gmx.at",
    "gmx.ch",
    "gmx.fr",
    "web.de",
    "t-online.de",
    "freenet.de",
    "posteo.de",
    "mailbox.org",
    "arcor.de",
    "hotmail.com",
    "hotmail.fr",
    "hotmail.de",
    "hotmail.nl",
    "hotmail.be",
    "hotmail.co.uk",
    "hotmail.it",
    "hotmail.es",
    "outlook.com",
    "outlook.fr",
    "outlook.de",
    "outlook.be",
    "live.com",
    "live.fr",
    "live.nl",
    "live.be",
    "live.co.uk",
    "msn.com",
    "yahoo.com",
    "yahoo.fr",
    "yahoo.de",
    "yahoo.co.uk",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "proton.me",
    "protonmail.com",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "sfr.fr",
    "neuf.fr",
    "laposte.net",
    "bbox.fr",
    "numericable.fr",
    "ziggo.nl",
    "kpnmail.nl",
    "planet.nl",
    "telenet.be",
    "skynet.be",
    "bluewin.ch",
    "btinternet.com",
    "videotron.ca",
    "sympatico.ca",
];

/// Providers that exist under one ending only: `gmail.fr` is nobody's mailbox.
const ONE_ENDING: [&str; 8] =
    ["gmail.com", "wanadoo.fr", "orange.fr", "laposte.net", "icloud.com", "protonmail.com", "t-online.de", "ziggo.nl"];

/// Endings that are a slip whatever stands before them.
const SLIPPED_ENDINGS: [(&str, &str); 6] =
    [(".con", ".com"), (".cmo", ".com"), (".ocm", ".com"), (".vom", ".com"), (".comm", ".com"), (".ner", ".net")];

/// Letters below which one slip makes too many other real domains (`fred.fr` is not `free.fr`).
const SHORTEST_GUESS: usize = 8;

/// The domain that `domain` was probably meant to be; none where it is known or like no other.
pub(super) fn nearest(domain: &str) -> Option<String> {
    if KNOWN.contains(&domain) {
        return None;
    }
    let (name, _) = domain.split_once('.')?;
    if let Some(known) = ONE_ENDING.iter().find(|known| known.split_once('.').is_some_and(|(k, _)| k == name)) {
        return Some((*known).to_owned());
    }
    let slipped =
        KNOWN.iter().find(|known| known.len() >= SHORTEST_GUESS && strsim::damerau_levenshtein(known, domain) == 1);
    if let Some(known) = slipped {
        return Some((*known).to_owned());
    }
    SLIPPED_ENDINGS.iter().find_map(|(slip, right)| Some(format!("{}{right}", domain.strip_suffix(slip)?)))
}
