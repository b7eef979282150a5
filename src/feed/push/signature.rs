//! The signature of a push: `X-Hub-Signature: METHOD=HEX`, an HMAC over the body (W3C `WebSub`, section 7.1.2).
//! It makes no secrets; who holds one, the caller says.

use hmac::{Hmac, Mac as _, digest::InvalidLength};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Octets of the longest signature.
const LONGEST: usize = 64;

/// A signature as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    method: Method,
    octets: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// What most hubs in the field still send; as an HMAC it is not broken.
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Signature {
    /// Reads the header; one of another form signs nothing.
    pub fn parse(header: &str) -> Option<Self> {
        let (method, hex) = header.trim().split_once('=')?;
        let method = match method.trim().to_ascii_lowercase().as_str() {
            "sha1" => Method::Sha1,
            "sha256" => Method::Sha256,
            "sha384" => Method::Sha384,
            "sha512" => Method::Sha512,
            _ => return None,
        };
        Some(Self { method, octets: octets(hex.trim())? })
    }

    /// Begins to check a body, piece by piece.
    pub fn check(self, secret: &[u8]) -> Option<Check> {
        let check = |made: Result<Sum, InvalidLength>| made.ok();
        let sum = match self.method {
            Method::Sha1 => check(Hmac::new_from_slice(secret).map(Sum::Sha1)),
            Method::Sha256 => check(Hmac::new_from_slice(secret).map(Sum::Sha256)),
            Method::Sha384 => check(Hmac::new_from_slice(secret).map(|sum| Sum::Sha384(Box::new(sum)))),
            Method::Sha512 => check(Hmac::new_from_slice(secret).map(|sum| Sum::Sha512(Box::new(sum)))),
        }?;
        Some(Check { sum, octets: self.octets })
    }
}

/// A body on its way; nothing of it is kept.
#[derive(Debug)]
pub struct Check {
    sum: Sum,
    octets: Vec<u8>,
}

#[derive(Debug)]
enum Sum {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha384(Box<Hmac<Sha384>>),
    Sha512(Box<Hmac<Sha512>>),
}

impl Check {
    /// The next piece of the body.
    pub fn update(&mut self, piece: &[u8]) {
        match &mut self.sum {
            Sum::Sha1(sum) => sum.update(piece),
            Sum::Sha256(sum) => sum.update(piece),
            Sum::Sha384(sum) => sum.update(piece),
            Sum::Sha512(sum) => sum.update(piece),
        }
    }

    /// Whether the whole body was signed with the secret, compared in constant time and at full length.
    pub fn is_right(self) -> bool {
        match self.sum {
            Sum::Sha1(sum) => sum.verify_slice(&self.octets).is_ok(),
            Sum::Sha256(sum) => sum.verify_slice(&self.octets).is_ok(),
            Sum::Sha384(sum) => sum.verify_slice(&self.octets).is_ok(),
            Sum::Sha512(sum) => sum.verify_slice(&self.octets).is_ok(),
        }
    }
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    if hex.is_empty() || !hex.len().is_multiple_of(2) || hex.len() > 2 * LONGEST {
        return None;
    }
    let digit = |octet: u8| char::from(octet).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    hex.as_bytes().chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
