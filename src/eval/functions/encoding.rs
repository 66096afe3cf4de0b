//! Functions that write text another way: Base64, URLs, compressed, and in other character encodings.

use super::{Args, FnError};
use crate::value::Value;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::{BASE64_STANDARD, Engine};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
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

/// A gzip file as Go's writer lays it out: no name, no time, an empty block before the end. The compressed bytes in between are
/// those of another compressor; they may differ from Terraform's, and unpack to the same.
pub(super) fn base64gzip(a: &Args<'_>) -> Result<Value, FnError> {
    let text = a.str(0).as_bytes();
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut compress = Compress::new(Compression::default(), false);
    let mut buffer = [0; 1 << 15];
    loop {
        let read = usize::try_from(compress.total_in()).unwrap_or(text.len()).min(text.len());
        let before = compress.total_out();
        let status = compress.compress(&text[read..], &mut buffer, FlushCompress::Sync);
        let written = (compress.total_out() - before) as usize;
        out.extend_from_slice(&buffer[..written]);
        match status {
            Ok(Status::Ok | Status::BufError) if written == buffer.len() => {}
            Ok(_) => break,
            Err(e) => return Err(FnError::new(format!("cannot compress: {e}"))),
        }
    }
    out.extend([1, 0, 0, 0xff, 0xff]);
    let mut crc = Crc::new();
    crc.update(text);
    out.extend(crc.sum().to_le_bytes());
    out.extend((text.len() as u32).to_le_bytes());
    Ok(Value::string(BASE64_STANDARD.encode(out)))
}
