//! Hashes, of strings and of files, and random names.

use super::{Args, FnError, files, hole};
use crate::value::{Type, Value};
use base64::prelude::{BASE64_STANDARD, Engine};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::Uuid;

fn hex<D: Digest>(bytes: &[u8]) -> Value {
    Value::string(D::digest(bytes).iter().map(|b| format!("{b:02x}")).collect::<String>())
}

fn base64<D: Digest>(bytes: &[u8]) -> Value {
    Value::string(BASE64_STANDARD.encode(D::digest(bytes)))
}

pub(super) fn md5(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(hex::<Md5>(a.str(0).as_bytes()))
}
pub(super) fn sha1(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(hex::<Sha1>(a.str(0).as_bytes()))
}
pub(super) fn sha256(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(hex::<Sha256>(a.str(0).as_bytes()))
}
pub(super) fn sha512(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(hex::<Sha512>(a.str(0).as_bytes()))
}
pub(super) fn base64sha256(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(base64::<Sha256>(a.str(0).as_bytes()))
}
pub(super) fn base64sha512(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(base64::<Sha512>(a.str(0).as_bytes()))
}
pub(super) fn filemd5(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(hex::<Md5>(&files::read(a)?))
}
pub(super) fn filesha1(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(hex::<Sha1>(&files::read(a)?))
}
pub(super) fn filesha256(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(hex::<Sha256>(&files::read(a)?))
}
pub(super) fn filesha512(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(hex::<Sha512>(&files::read(a)?))
}
pub(super) fn filebase64sha256(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(base64::<Sha256>(&files::read(a)?))
}
pub(super) fn filebase64sha512(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(base64::<Sha512>(&files::read(a)?))
}

/// Another result each time, so it is known only while applying.
pub(super) fn bcrypt(a: &Args<'_>) -> Result<Value, FnError> {
    let cost = match a.values.len() {
        1 => 10,
        2 => match a.int(1)? {
            cost if cost > 31 => return Err(FnError::arg(1, "must be at most 31")),
            // Too little counts as not given.
            cost if cost < 4 => 10,
            cost => cost as u32,
        },
        _ => return Err(FnError::arg(2, "is one too many: bcrypt() takes a string and perhaps a cost")),
    };
    if a.str(0).len() > 72 {
        return Err(FnError::arg(0, "must not be longer than 72 bytes"));
    }
    if !a.ctx.facts.applying {
        return Ok(hole(Type::String));
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|e| FnError::new(format!("gets no random numbers: {e}")))?;
    let parts = bcrypt::hash_with_salt(a.str(0), cost, salt).map_err(|e| FnError::new(format!("failed: {e}")))?;
    Ok(Value::string(parts.format_for_version(bcrypt::Version::TwoA)))
}

/// Another result each time, so it is known only while applying.
pub(super) fn uuid(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(if a.ctx.facts.applying { Value::string(Uuid::new_v4().to_string()) } else { hole(Type::String) })
}

pub(super) fn uuidv5(a: &Args<'_>) -> Result<Value, FnError> {
    let namespace = match a.str(0) {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        text => {
            Uuid::parse_str(text).map_err(|_| FnError::arg(0, "must be dns, url, oid, x500 or a UUID").got(text))?
        }
    };
    Ok(Value::string(Uuid::new_v5(&namespace, a.str(1).as_bytes()).to_string()))
}
