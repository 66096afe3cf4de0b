//! Where a value stands in a text that is JSON. It knows nothing of states.

/// A step to a member or element, for finding the line of a mistake.
#[derive(Clone, Copy)]
pub enum Step<'a> {
    /// A member of an object.
    Member(&'a str),
    /// An element of an array.
    Element(usize),
}
use Step::{Element, Member};

/// Line and column of the value at `path` in a text that is JSON; of the deepest part that is there.
pub fn place(text: &str, path: &[Step<'_>]) -> (usize, usize) {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    let mut found = scan.at;
    for step in path {
        if !scan.enter(step) {
            break;
        }
        found = scan.at;
    }
    let before = &text.as_bytes()[..found.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}

/// Walks over a text that was parsed before, so it need not judge it.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Goes to the start of the member or element; `false` if it is not there.
    fn enter(&mut self, step: &Step<'_>) -> bool {
        let (start, mut index) = (self.at, 0);
        self.at += 1;
        loop {
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                0 | b']' | b'}' => {
                    self.at = start;
                    return false;
                }
                _ => {
                    let here = match step {
                        Element(i) => *i == index,
                        Member(name) => {
                            let from = self.at;
                            self.value();
                            let key = serde_json::from_slice::<String>(&self.bytes[from..self.at]);
                            self.space();
                            self.at += 1;
                            self.space();
                            key.is_ok_and(|k| k == *name)
                        }
                    };
                    if here {
                        return true;
                    }
                    self.value();
                    index += 1;
                }
            }
        }
    }

    /// Goes behind a value.
    fn value(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                0 => return,
                b'"' => {
                    self.at += 1;
                    while !matches!(self.peek(), b'"' | 0) {
                        self.at += if self.peek() == b'\\' { 2 } else { 1 };
                    }
                    self.at += 1;
                }
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                c if c.is_ascii_whitespace() => self.at += 1,
                _ => {
                    while !matches!(self.peek(), 0 | b',' | b']' | b'}' | b':') && !self.peek().is_ascii_whitespace() {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}
