//! Texts of elements out of the small XML documents that S3 answers with.

use xmlparser::{ElementEnd, Token, Tokenizer};

/// The texts of all elements that stand at `path`, counted from the root. What is no XML has none.
pub fn texts(xml: &str, path: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut text = String::new();
    for token in Tokenizer::from(xml) {
        match token {
            Ok(Token::ElementStart { local, .. }) => {
                open.push(local.to_string());
                text.clear();
            }
            Ok(Token::Text { text: part }) => text.push_str(&unescape(part.as_str())),
            Ok(Token::Cdata { text: part, .. }) => text.push_str(part.as_str()),
            Ok(Token::ElementEnd { end: ElementEnd::Open, .. }) => {}
            Ok(Token::ElementEnd { .. }) => {
                if open == path {
                    found.push(std::mem::take(&mut text));
                }
                open.pop();
                text.clear();
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    found
}

/// The first of them.
pub fn text(xml: &str, path: &[&str]) -> Option<String> {
    texts(xml, path).into_iter().next()
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once(';') else {
            out.push('&');
            rest = after;
            continue;
        };
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        let c = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            name => match name.strip_prefix('#') {
                Some(hex) if hex.starts_with('x') => number(&hex[1..], 16),
                Some(decimal) => number(decimal, 10),
                None => None,
            },
        };
        match c {
            Some(c) => {
                out.push(c);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_by_their_place() {
        let xml = "<?xml version=\"1.0\"?>\n<R xmlns=\"x\"><K>no</K><C><K>a&amp;b</K><K/></C><C><K>&#x41;&#66;&q;&</K></C></R>";
        assert_eq!(texts(xml, &["R", "C", "K"]), ["a&b", "", "AB&q;&"]);
        assert_eq!(text(xml, &["R", "K"]).as_deref(), Some("no"));
        assert_eq!(text(xml, &["R", "X"]), None);
        assert_eq!(texts("<R><K>a</K", &["R", "K"]), Vec::<String>::new());
        assert_eq!(texts("{}", &["R"]), Vec::<String>::new());
    }
}
