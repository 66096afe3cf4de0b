//! Functions that write text another way: Base64, URLs, compressed, and in other character encodings.

use super::{Args, FnError, gzip};
use crate::value::Value;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::{BASE64_STANDARD, Engine};
use std::fmt::Write;

/// Padding must be right, bits that nobody reads may be anything.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

/// Decodes Base64 with line breaks anywhere.
pub(super) fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace(['\r', '\n'], "")).ok()
}

pub(super) fn base64encode(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(BASE64_STANDARD.encode(a.str(0))))
}

pub(super) fn base64decode(a: &Args<'_>) -> Result<Value, FnError> {
    let bytes = from_base64(a.str(0)).ok_or_else(|| FnError::arg(0, "is not Base64").got(a.str(0)))?;
    String::from_utf8(bytes).map(Value::string).map_err(|_| {
        FnError::arg(
            0,
            "stands for bytes that are not text in UTF-8. Where bytes are wanted, pass the Base64 on as it is",
        )
    })
}

/// As in a query: a space becomes `+`.
pub(super) fn urlencode(a: &Args<'_>) -> Result<Value, FnError> {
    let mut out = String::new();
    for b in a.str(0).bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(b as char),
            b' ' => out.push('+'),
            b => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{b:02X}");
            }
        }
    }
    Ok(Value::string(out))
}

/// A gzip file with Terraform's own bytes.
pub(super) fn base64gzip(a: &Args<'_>) -> Result<Value, FnError> {
    Ok(Value::string(BASE64_STANDARD.encode(gzip::gzip(a.str(0).as_bytes()))))
}
