//! Text in other character encodings than UTF-8, by the names that IANA has registered for them.

use super::codepages::CODE_PAGES;
use super::encoding::from_base64;
use super::{Args, FnError};
use crate::value::Value;
use base64::prelude::{BASE64_STANDARD, Engine};

/// How text becomes bytes.
enum Encoding {
    Utf8,
    /// Two bytes a unit; without a fixed order, a mark at the beginning tells it.
    Utf16(Option<Order>),
    Ascii,
    Latin1,
    /// The characters from byte 0x80 or from byte 0 on.
    Page(&'static str),
    /// Chinese in seven bits, between `~{` and `~}`.
    Hz,
    /// As web browsers know it.
    Web(&'static encoding_rs::Encoding),
}

#[derive(Clone, Copy, PartialEq)]
enum Order {
    Big,
    Little,
}

fn find(name: &str) -> Option<Encoding> {
    let name = name.to_ascii_lowercase();
    let web = |encoding| Some(Encoding::Web(encoding));
    match &*name {
        "utf-8" | "csutf8" => Some(Encoding::Utf8),
        "utf-16" | "csutf16" => Some(Encoding::Utf16(None)),
        "utf-16be" | "csutf16be" => Some(Encoding::Utf16(Some(Order::Big))),
        "utf-16le" | "csutf16le" => Some(Encoding::Utf16(Some(Order::Little))),
        "us-ascii" | "iso-ir-6" | "ansi_x3.4-1968" | "ansi_x3.4-1986" | "iso_646.irv:1991" | "iso646-us" | "us"
        | "ibm367" | "cp367" | "csascii" => Some(Encoding::Ascii),
        "iso-8859-1" | "iso_8859-1:1987" | "iso-ir-100" | "iso_8859-1" | "latin1" | "l1" | "ibm819" | "cp819"
        | "csisolatin1" => Some(Encoding::Latin1),
        "big5" | "csbig5" => web(encoding_rs::BIG5),
        "gbk" | "cp936" | "ms936" | "windows-936" | "csgbk" => web(encoding_rs::GBK),
        "gb18030" | "csgb18030" => web(encoding_rs::GB18030),
        "hz-gb-2312" => Some(Encoding::Hz),
        "euc-kr" | "cseuckr" => web(encoding_rs::EUC_KR),
        "euc-jp" | "extended_unix_code_packed_format_for_japanese" | "cseucpkdfmtjapanese" => web(encoding_rs::EUC_JP),
        "iso-2022-jp" | "csiso2022jp" => web(encoding_rs::ISO_2022_JP),
        "shift_jis" | "ms_kanji" | "csshiftjis" => web(encoding_rs::SHIFT_JIS),
        name => {
            let page = CODE_PAGES.iter().find(|(names, _)| names.split(' ').any(|n| n == name));
            page.map(|(_, characters)| Encoding::Page(characters))
        }
    }
}

fn argument(a: &Args<'_>) -> Result<Encoding, FnError> {
    find(a.str(1)).ok_or_else(|| {
        FnError::arg(1, "is no character encoding that IANA knows, or one that is not supported").got(a.str(1))
    })
}

pub(super) fn textencodebase64(a: &Args<'_>) -> Result<Value, FnError> {
    let bytes = argument(a)?.encode(a.str(0));
    let bytes =
        bytes.ok_or_else(|| FnError::arg(0, "has characters that this encoding does not have").got(a.str(1)))?;
    Ok(Value::string(BASE64_STANDARD.encode(bytes)))
}

pub(super) fn textdecodebase64(a: &Args<'_>) -> Result<Value, FnError> {
    let encoding = argument(a)?;
    let bytes = from_base64(a.str(0)).ok_or_else(|| FnError::arg(0, "is not Base64").got(a.str(0)))?;
    let text = encoding.decode(&bytes);
    text.map(Value::string).ok_or_else(|| FnError::arg(0, "has bytes that mean nothing in this encoding").got(a.str(1)))
}

impl Encoding {
    /// `None` if there is something that the encoding does not have.
    fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let units = |order: Order| {
            text.encode_utf16().flat_map(move |u| if order == Order::Big { u.to_be_bytes() } else { u.to_le_bytes() })
        };
        match self {
            Encoding::Utf8 => Some(text.as_bytes().to_vec()),
            Encoding::Utf16(Some(order)) => Some(units(*order).collect()),
            Encoding::Utf16(None) => Some([0xfe, 0xff].into_iter().chain(units(Order::Big)).collect()),
            Encoding::Ascii => text.is_ascii().then(|| text.as_bytes().to_vec()),
            Encoding::Latin1 => text.chars().map(|c| u8::try_from(c as u32).ok()).collect(),
            Encoding::Page(page) => {
                let characters: Vec<char> = page.chars().collect();
                let first = 256 - characters.len();
                let byte = |c: char| match c {
                    '\u{fffd}' => None,
                    c if (c as usize) < first => u8::try_from(c as u32).ok(),
                    c => characters.iter().position(|other| *other == c).and_then(|at| u8::try_from(first + at).ok()),
                };
                text.chars().map(byte).collect()
            }
            Encoding::Hz => encode_hz(text),
            Encoding::Web(encoding) => {
                // Browsers take these for a backslash and a tilde.
                if text.contains(['\u{a5}', '\u{203e}']) && *encoding != encoding_rs::GB18030 {
                    return None;
                }
                let (bytes, _, unmappable) = encoding.encode(text);
                (!unmappable).then(|| bytes.into_owned())
            }
        }
    }

    /// `None` if there is something that means nothing.
    fn decode(&self, bytes: &[u8]) -> Option<String> {
        match self {
            Encoding::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
            Encoding::Utf16(order) => {
                let (order, bytes) = match (order, bytes) {
                    (Some(order), bytes) => (*order, bytes),
                    (None, [0xff, 0xfe, rest @ ..]) => (Order::Little, rest),
                    (None, [0xfe, 0xff, rest @ ..]) => (Order::Big, rest),
                    (None, bytes) => (Order::Big, bytes),
                };
                let (units, odd) = bytes.as_chunks::<2>();
                let unit =
                    |u: &[u8; 2]| if order == Order::Big { u16::from_be_bytes(*u) } else { u16::from_le_bytes(*u) };
                let text = String::from_utf16(&units.iter().map(unit).collect::<Vec<u16>>()).ok();
                text.filter(|_| odd.is_empty())
            }
            Encoding::Ascii => bytes.is_ascii().then(|| bytes.iter().map(|b| *b as char).collect()),
            Encoding::Latin1 => Some(bytes.iter().map(|b| *b as char).collect()),
            Encoding::Page(page) => {
                let characters: Vec<char> = page.chars().collect();
                let first = 256 - characters.len();
                let character = |b: &u8| match usize::from(*b).checked_sub(first) {
                    Some(at) => characters.get(at).copied().filter(|c| *c != '\u{fffd}'),
                    None => Some(*b as char),
                };
                bytes.iter().map(character).collect()
            }
            Encoding::Hz => decode_hz(bytes),
            Encoding::Web(encoding) => {
                let (text, wrong) = encoding.decode_without_bom_handling(bytes);
                (!wrong).then(|| text.into_owned())
            }
        }
    }
}

fn encode_hz(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut chinese = false;
    for c in text.chars() {
        if c.is_ascii() {
            if chinese {
                out.extend(b"~}");
                chinese = false;
            }
            out.push(c as u8);
            if c == '~' {
                out.push(b'~');
            }
            continue;
        }
        let mut buffer = [0; 4];
        let (bytes, _, unmappable) = encoding_rs::GBK.encode(c.encode_utf8(&mut buffer));
        match *bytes {
            [high @ 0xa1..=0xfe, low @ 0xa1..=0xfe] if !unmappable => {
                if !chinese {
                    out.extend(b"~{");
                    chinese = true;
                }
                out.extend([high & 0x7f, low & 0x7f]);
            }
            _ => return None,
        }
    }
    Some(out)
}

fn decode_hz(bytes: &[u8]) -> Option<String> {
    let mut out = String::new();
    let mut chinese = false;
    let mut rest = bytes;
    loop {
        match rest {
            [] => return Some(out),
            [b'~', b'{', after @ ..] => (chinese, rest) = (true, after),
            [b'~', b'}', after @ ..] => (chinese, rest) = (false, after),
            [b'~', b'~', after @ ..] if !chinese => {
                out.push('~');
                rest = after;
            }
            [b'~', b'\n', after @ ..] => rest = after,
            [high @ 0x21..=0x7e, low @ 0x21..=0x7e, after @ ..] if chinese => {
                let pair = [high | 0x80, low | 0x80];
                let (text, wrong) = encoding_rs::GBK.decode_without_bom_handling(&pair);
                if wrong {
                    return None;
                }
                out.push_str(&text);
                rest = after;
            }
            [ascii @ 0..=0x7f, after @ ..] if !chinese && *ascii != b'~' => {
                out.push(*ascii as char);
                rest = after;
            }
            _ => return None,
        }
    }
}
