//! The table of contents of a zip archive, and what its members hold: stored or deflated, as modules are packed.
//!
//! Refuses to know where members go.

use flate2::read::DeflateDecoder;
use std::io::Read;

/// A file or directory in an archive.
#[derive(Debug)]
pub struct Member<'a> {
    /// Its path, with slashes; behind a directory's stands one.
    pub name: String,
    /// Whether it is a symbolic link.
    pub is_link: bool,
    /// How long it is unpacked.
    pub size: u64,
    method: u16,
    encrypted: bool,
    packed: &'a [u8],
}

impl<'a> Member<'a> {
    /// What is in it.
    pub fn content(&self) -> Result<Box<dyn Read + 'a>, String> {
        match self.method {
            _ if self.encrypted => Err(format!("{:?} is encrypted", self.name)),
            0 => Ok(Box::new(self.packed)),
            8 => Ok(Box::new(DeflateDecoder::new(self.packed))),
            other => Err(format!("{:?} is packed by a method (number {other}) other than deflate", self.name)),
        }
    }
}

/// All members, as the directory at the end lists them.
pub fn members(bytes: &[u8]) -> Result<Vec<Member<'_>>, String> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: u32 = 0x0201_4b50;
    const LOCAL: u32 = 0x0403_4b50;
    let damaged = || "it is no zip archive, or a damaged one".to_string();
    // Behind the end mark stands a comment of at most 64 KiB.
    let from = bytes.len().saturating_sub(22 + 0xffff);
    let tail = bytes.get(from..).unwrap_or_default();
    let end = tail.windows(4).rposition(|w| w == END).map(|i| from + i).ok_or_else(damaged)?;
    if bytes.len() < end + 22 {
        return Err(damaged());
    }
    let count = u16_at(bytes, end + 10).ok_or_else(damaged)?;
    let mut at = u32_at(bytes, end + 16).ok_or_else(damaged)? as usize;
    if count == u16::MAX || at == u32::MAX as usize {
        return Err("it is larger than zip archives of modules are (zip64)".into());
    }
    let mut found = Vec::new();
    for _ in 0..count {
        let field16 = |offset: usize| u16_at(bytes, at.checked_add(offset)?);
        let field32 = |offset: usize| u32_at(bytes, at.checked_add(offset)?);
        if field32(0) != Some(ENTRY) {
            return Err(damaged());
        }
        let entry = (|| {
            let (flags, method) = (field16(8)?, field16(10)?);
            let (packed, size) = (field32(20)? as usize, field32(24)?);
            let (name, extra, comment) = (field16(28)? as usize, field16(30)? as usize, field16(32)? as usize);
            let (made_by, attributes) = (field16(4)?, field32(38)?);
            let local = field32(42)? as usize;
            let text = bytes.get(at + 46..at + 46 + name)?;
            if u32_at(bytes, local)? != LOCAL {
                return None;
            }
            let skip = u16_at(bytes, local + 26)? as usize + u16_at(bytes, local + 28)? as usize;
            let begin = local + 30 + skip;
            let member = Member {
                name: String::from_utf8_lossy(text).into_owned(),
                // The upper half holds the mode where a Unix made it.
                is_link: made_by >> 8 == 3 && (attributes >> 16) & 0o170_000 == 0o120_000,
                size: size.into(),
                method,
                encrypted: flags & 1 == 1,
                packed: bytes.get(begin..begin.checked_add(packed)?)?,
            };
            Some((member, at + 46 + name + extra + comment))
        })();
        let (member, next) = entry.ok_or_else(damaged)?;
        found.push(member);
        at = next;
    }
    Ok(found)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::install::tests::zip;

    #[test]
    fn members_are_found_and_unpacked() {
        let text = "variable \"x\" {}\n".repeat(100);
        let bytes = zip(&[("a/main.tf", &text), ("b.tf", "")]);
        let read = |bytes: &[u8]| -> Result<Vec<(String, String)>, String> {
            members(bytes)?
                .iter()
                .map(|m| {
                    let mut text = String::new();
                    m.content()?.read_to_string(&mut text).map_err(|e| e.to_string())?;
                    Ok((m.name.clone(), text))
                })
                .collect()
        };
        assert_eq!(read(&bytes).unwrap(), [("a/main.tf".to_string(), text), ("b.tf".to_string(), String::new())]);
        // Cut off anywhere it is refused, or read as far as it goes, and never more.
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{end}");
        }
        for i in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[i] ^= 0xff;
            let _ = read(&bytes);
        }
    }
}
