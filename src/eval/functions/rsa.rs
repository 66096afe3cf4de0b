//! `rsadecrypt`: PKCS #1 v1.5, with a key in PEM (PKCS #1, PKCS #8, or OpenSSH, none of them encrypted).
//!
//! Not made to withstand someone who measures its time: it runs on the user's own machine, with the user's own key.

use super::encoding::from_base64;
use super::{Args, FnError};
use crate::value::Value;
use num_bigint::BigUint;

/// Keys longer than this would take minutes.
const MAX_KEY_BYTES: usize = 2048;

pub(super) fn rsadecrypt(a: &Args<'_>) -> Result<Value, FnError> {
    let cipher = from_base64(a.str(0)).ok_or_else(|| FnError::arg(0, "is not Base64"))?;
    let key = Key::from_pem(a.str(1)).map_err(|e| FnError::arg(1, e))?;
    let plain = key.decrypt(&cipher).ok_or_else(|| FnError::new("cannot decrypt this with this key"))?;
    String::from_utf8(plain).map(Value::string).map_err(|_| FnError::new("finds bytes that are not text in UTF-8"))
}

struct Key {
    modulus: BigUint,
    exponent: BigUint,
}

impl Key {
    fn from_pem(text: &str) -> Result<Key, &'static str> {
        let begin = text.find("-----BEGIN ").ok_or("is no key in PEM")?;
        let (kind, rest) = text[begin + 11..].split_once("-----").ok_or("is no key in PEM")?;
        let (body, _) = rest.split_once("-----END ").ok_or("is no key in PEM")?;
        if kind == "ENCRYPTED PRIVATE KEY" || body.contains("ENCRYPTED") {
            return Err("is encrypted, which is not supported");
        }
        let body: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let bytes = from_base64(&body).ok_or("is no key in PEM")?;
        let key = match kind {
            "RSA PRIVATE KEY" => Key::from_pkcs1(&bytes),
            "PRIVATE KEY" => Key::from_pkcs8(&bytes),
            "OPENSSH PRIVATE KEY" => Key::from_openssh(&bytes),
            _ => return Err("is not a private key"),
        };
        key.ok_or("is no RSA key, or a broken one")
    }

    fn new(modulus: &[u8], exponent: &[u8]) -> Option<Key> {
        let (modulus, exponent) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
        let fits = modulus.bits() >= 88 && modulus.bits() as usize <= MAX_KEY_BYTES * 8 && exponent < modulus;
        fits.then_some(Key { modulus, exponent })
    }

    /// A sequence of version, modulus, public exponent, private exponent and what would make it faster.
    fn from_pkcs1(bytes: &[u8]) -> Option<Key> {
        let mut der = Der(Der(bytes).read(SEQUENCE)?);
        der.read(INTEGER)?;
        let modulus = der.read(INTEGER)?;
        der.read(INTEGER)?;
        Key::new(modulus, der.read(INTEGER)?)
    }

    /// A sequence of version, algorithm, and the other format in a string.
    fn from_pkcs8(bytes: &[u8]) -> Option<Key> {
        const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
        let mut der = Der(Der(bytes).read(SEQUENCE)?);
        der.read(INTEGER)?;
        let algorithm = Der(der.read(SEQUENCE)?).read(OBJECT)?;
        if algorithm != RSA {
            return None;
        }
        Key::from_pkcs1(der.read(OCTETS)?)
    }

    /// Strings with their lengths before them.
    fn from_openssh(bytes: &[u8]) -> Option<Key> {
        let mut outer = Ssh(bytes.strip_prefix(b"openssh-key-v1\0")?);
        let (cipher, _, _) = (outer.string()?, outer.string()?, outer.string()?);
        if cipher != b"none" || outer.word()? != 1 {
            return None;
        }
        outer.string()?;
        let mut key = Ssh(outer.string()?);
        if key.word()? != key.word()? || key.string()? != b"ssh-rsa" {
            return None;
        }
        let modulus = key.string()?;
        key.string()?;
        Key::new(modulus, key.string()?)
    }

    fn decrypt(&self, cipher: &[u8]) -> Option<Vec<u8>> {
        let length = self.modulus.bits().div_ceil(8) as usize;
        let cipher = BigUint::from_bytes_be(cipher);
        if cipher >= self.modulus {
            return None;
        }
        let plain = cipher.modpow(&self.exponent, &self.modulus).to_bytes_be();
        // 0, 2, at least eight random bytes, 0, and the text; the first zero is lost in the number.
        let padded = plain.strip_prefix(&[2]).filter(|_| plain.len() + 1 == length)?;
        let end = padded.iter().position(|b| *b == 0).filter(|end| *end >= 8)?;
        Some(padded[end + 1..].to_vec())
    }
}

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// Tag, length, content; and so on.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next element, which must have this tag.
    fn read(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&[found, first], mut rest) = self.0.split_first_chunk()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7f);
            if !(1..=3).contains(&count) {
                return None;
            }
            let (digits, after) = rest.split_at_checked(count)?;
            length = digits.iter().fold(0, |n, d| n << 8 | usize::from(*d));
            rest = after;
        }
        let (content, after) = rest.split_at_checked(length)?;
        self.0 = after;
        (found == tag).then_some(content)
    }
}

/// Big-endian words, and strings with their length in such a word.
struct Ssh<'a>(&'a [u8]);

impl<'a> Ssh<'a> {
    fn word(&mut self) -> Option<u32> {
        let (word, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*word))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.word()? as usize;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}
