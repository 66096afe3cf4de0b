//! Text → tokens, without losing a byte. Refuses to know what tokens make together: brackets are paired, nothing more.
//!
//! Shared by the parser and the formatter. Never fails: what the language does not use becomes [`Kind::Invalid`].

use super::token::{Kind, NO_PARTNER, Token};

/// What the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// A file or an expression.
    Code,
    /// A template as `templatefile` reads it: text with `${` and `%{` in it.
    Template,
}

/// The tokens of `text`; the last one is [`Kind::End`]. A byte order mark at the start is skipped.
///
/// Offsets are 32 bits wide; the callers have refused longer texts.
pub(crate) fn lex(text: &str, start: Start) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 },
        tokens: Vec::with_capacity(text.len() / 4 + 1),
        open: Vec::new(),
        template: start == Start::Template,
        line: 0,
        inside: Inside::default(),
        comments_done: false,
    };
    while lexer.at < lexer.bytes.len() {
        match lexer.open.last().map(|o| o.what) {
            Some(What::Quote) => lexer.quoted(),
            Some(What::Heredoc { marker, line_start }) => lexer.heredoc(marker, line_start),
            None if lexer.template => {
                lexer.line_text();
            }
            _ => lexer.code(),
        }
    }
    lexer.push(Kind::End, 0);
    lexer.tokens
}

/// Where an identifier of the language starts at the front of `text`: its length, 0 where there is none.
pub(crate) fn ident_len(text: &str) -> usize {
    let mut chars = text.char_indices();
    match chars.next() {
        Some((_, c)) if c == '_' || unicode_ident::is_xid_start(c) => {}
        _ => return 0,
    }
    chars.find(|(_, c)| !(*c == '-' || unicode_ident::is_xid_continue(*c))).map_or(text.len(), |(i, _)| i)
}

/// A bracket that is open.
struct Open {
    what: What,
    /// The index of its token.
    token: u32,
    /// The number of its line.
    line: u32,
    /// What was open around it.
    around: Inside,
}

/// How many brackets of each sort are open inside the innermost `${ }` or `%{ }`, so that closers need not search in vain.
#[derive(Clone, Copy, Default)]
struct Inside {
    braces: u32,
    brackets: u32,
    parens: u32,
    /// Whether there is a sequence around at all.
    sequence: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Brace,
    Bracket,
    Paren,
    Quote,
    Heredoc {
        /// The range of the marker in the text.
        marker: (usize, usize),
        /// Whether the next token starts a line.
        line_start: bool,
    },
    /// `${` or `%{`
    Sequence,
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
    open: Vec<Open>,
    template: bool,
    line: u32,
    inside: Inside,
    /// Whether no `*/` follows any more, so that it need not be searched again.
    comments_done: bool,
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The length of a newline `ahead` bytes from here, 0 where there is none.
    fn newline_len(&self, ahead: usize) -> usize {
        match (self.byte(ahead), self.byte(ahead + 1)) {
            (b'\n', _) => 1,
            (b'\r', b'\n') => 2,
            _ => 0,
        }
    }

    fn push(&mut self, kind: Kind, len: usize) {
        let end = self.at + len;
        self.tokens.push(Token { kind, start: self.at as u32, end: end as u32, partner: NO_PARTNER });
        self.at = end;
    }

    fn push_open(&mut self, kind: Kind, len: usize, what: What) {
        let open = Open { what, token: self.tokens.len() as u32, line: self.line, around: self.inside };
        self.push(kind, len);
        self.open.push(open);
        match what {
            What::Brace => self.inside.braces += 1,
            What::Bracket => self.inside.brackets += 1,
            What::Paren => self.inside.parens += 1,
            What::Sequence => self.inside = Inside { sequence: true, ..Inside::default() },
            What::Quote | What::Heredoc { .. } => {}
        }
    }

    /// Closes the innermost open bracket, together with this token.
    fn push_close(&mut self, kind: Kind, len: usize) {
        let here = self.tokens.len() as u32;
        self.push(kind, len);
        if let Some(open) = self.open.pop() {
            self.inside = open.around;
            self.tokens[open.token as usize].partner = here;
            self.tokens[here as usize].partner = open.token;
        }
    }

    /// Forgets the innermost `count` open brackets: nothing closes them.
    fn drop_open(&mut self, count: usize) {
        for _ in 0..count {
            if let Some(open) = self.open.pop() {
                self.inside = open.around;
            }
        }
    }

    /// Closes the nearest open `what`, leaving what is open inside it without partner; a closer without opener closes nothing.
    /// Never reaches out of a `${ }` or `%{ }`.
    fn close(&mut self, kind: Kind, len: usize, what: What) {
        let found = match what {
            What::Brace => self.inside.braces > 0,
            What::Bracket => self.inside.brackets > 0,
            What::Paren => self.inside.parens > 0,
            What::Sequence | What::Quote | What::Heredoc { .. } => self.inside.sequence,
        };
        if !found {
            return self.push(kind, len);
        }
        while self.open.last().is_some_and(|o| o.what != what) {
            self.drop_open(1);
        }
        self.push_close(kind, len);
    }

    /// Code, at the top or inside `${ }` and `%{ }`.
    fn code(&mut self) {
        use Kind::*;
        let (b, next) = (self.byte(0), self.byte(1));
        match b {
            b' ' | b'\t' => self.at += 1,
            b'\n' => self.newline(1),
            b'\r' if next == b'\n' => self.newline(2),
            b'#' => self.line_comment(),
            b'/' if next == b'/' => self.line_comment(),
            b'/' if next == b'*' && !self.comments_done => match self.text[self.at + 2..].find("*/") {
                Some(len) => {
                    self.line += count_newlines(&self.bytes[self.at..self.at + len]);
                    self.push(BlockComment, len + 4);
                }
                None => {
                    self.comments_done = true;
                    self.push(Slash, 1);
                }
            },
            b'0'..=b'9' => self.number(),
            b'"' => self.push_open(OpenQuote, 1, What::Quote),
            b'{' => self.push_open(OpenBrace, 1, What::Brace),
            b'[' => self.push_open(OpenBracket, 1, What::Bracket),
            b'(' => self.push_open(OpenParen, 1, What::Paren),
            b']' => self.close(CloseBracket, 1, What::Bracket),
            b')' => self.close(CloseParen, 1, What::Paren),
            b'}' if self.ends_sequence() => self.close(SequenceEnd, 1, What::Sequence),
            b'}' => self.close(CloseBrace, 1, What::Brace),
            b'~' if next == b'}' && self.ends_sequence() => self.close(SequenceEnd, 2, What::Sequence),
            b'<' if next == b'<' => self.heredoc_start(),
            b'.' if next == b'.' && self.byte(2) == b'.' => self.push(Ellipsis, 3),
            b':' if next == b':' => self.push(DoubleColon, 2),
            b'=' if next == b'=' => self.push(EqualEqual, 2),
            b'=' if next == b'>' => self.push(Arrow, 2),
            b'!' if next == b'=' => self.push(NotEqual, 2),
            b'<' if next == b'=' => self.push(LessEqual, 2),
            b'>' if next == b'=' => self.push(GreaterEqual, 2),
            b'&' if next == b'&' => self.push(And, 2),
            b'|' if next == b'|' => self.push(Or, 2),
            b'*' if next == b'*' => self.push(Invalid, 2),
            b'.' => self.push(Dot, 1),
            b',' => self.push(Comma, 1),
            b':' => self.push(Colon, 1),
            b'?' => self.push(Question, 1),
            b'=' => self.push(Equal, 1),
            b'+' => self.push(Plus, 1),
            b'-' => self.push(Minus, 1),
            b'*' => self.push(Star, 1),
            b'/' => self.push(Slash, 1),
            b'%' => self.push(Percent, 1),
            b'<' => self.push(Less, 1),
            b'>' => self.push(Greater, 1),
            b'!' => self.push(Bang, 1),
            _ => match ident_len(&self.text[self.at..]) {
                0 => {
                    let len = self.text[self.at..].chars().next().map_or(1, char::len_utf8);
                    self.push(Invalid, len);
                }
                len => self.push(Ident, len),
            },
        }
    }

    fn newline(&mut self, len: usize) {
        self.push(Kind::Newline, len);
        self.line += 1;
    }

    fn line_comment(&mut self) {
        let rest = &self.bytes[self.at..];
        let mut len = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
        if len < rest.len() && rest[len - 1] == b'\r' {
            len -= 1;
        }
        self.push(Kind::LineComment, len);
    }

    /// A digit and whatever of digits, dots and exponents follows; a dot at the end belongs to what comes next.
    fn number(&mut self) {
        let mut len = 1;
        let mut end = 1;
        loop {
            let (b, next, after) = (self.byte(len), self.byte(len + 1), self.byte(len + 2));
            match b {
                b'0'..=b'9' => len += 1,
                b'.' => {
                    len += 1;
                    continue;
                }
                b'e' | b'E' if next.is_ascii_digit() => len += 2,
                b'e' | b'E' if matches!(next, b'+' | b'-') && after.is_ascii_digit() => len += 3,
                _ => break,
            }
            end = len;
        }
        self.push(Kind::Number, end);
    }

    /// Whether a `}` here ends a `${` or `%{` sequence: no brace is open inside it.
    fn ends_sequence(&self) -> bool {
        self.inside.sequence && self.inside.braces == 0
    }

    /// `<<EOT` and the newline behind it; `<` where it is nothing of the sort.
    fn heredoc_start(&mut self) {
        let dash = usize::from(self.byte(2) == b'-');
        let start = self.at + 2 + dash;
        let marker = (start, start + ident_len(&self.text[start..]));
        let newline = self.newline_len(marker.1 - self.at);
        if marker.0 == marker.1 || newline == 0 {
            return self.push(Kind::Less, 1);
        }
        let len = marker.1 + newline - self.at;
        self.push_open(Kind::OpenHeredoc, len, What::Heredoc { marker, line_start: true });
        self.line += 1;
    }

    /// `${`, `${~`, `%{` or `%{~`.
    fn sequence_start(&mut self) {
        let kind = if self.byte(0) == b'$' { Kind::Interpolation } else { Kind::Directive };
        let len = if self.byte(2) == b'~' { 3 } else { 2 };
        self.push_open(kind, len, What::Sequence);
    }

    fn quoted(&mut self) {
        match self.byte(0) {
            b'"' => return self.push_close(Kind::CloseQuote, 1),
            _ if self.newline_len(0) > 0 => return self.quoted_newline(),
            b'\r' => return self.push(Kind::Invalid, 1),
            _ => {}
        }
        let rest = &self.bytes[self.at..];
        let mut len = 0;
        loop {
            len += text_len(&rest[len..], |b| matches!(b, b'"' | b'\\' | b'\n' | b'\r'));
            match (rest.get(len), rest.get(len + 1)) {
                // A backslash takes the next byte with it, unless that ends the line.
                (Some(b'\\'), None | Some(b'\n' | b'\r')) => len += 1,
                (Some(b'\\'), Some(_)) => len += 2,
                _ => break,
            }
        }
        match len {
            0 => self.sequence_start(),
            len => self.push(Kind::QuotedText, len),
        }
    }

    /// The string and everything around it that began on this line too is given up: the next line starts afresh.
    fn quoted_newline(&mut self) {
        self.push(Kind::QuotedNewline, 0);
        let line = self.line;
        let on_line = self.open.iter().rev().take_while(|o| o.line == line);
        let depth = on_line.enumerate().filter(|(_, o)| o.what == What::Quote).last().map_or(1, |(i, _)| i + 1);
        self.drop_open(depth);
    }

    fn heredoc(&mut self, marker: (usize, usize), line_start: bool) {
        let rest = &self.bytes[self.at..];
        if line_start {
            let line_end = rest.iter().position(|b| *b == b'\n');
            // Without a newline behind it the marker does not count; Terraform has it so.
            if let Some(end) = line_end {
                let line = &self.text[self.at..self.at + end];
                let line = line.strip_suffix('\r').unwrap_or(line);
                if line.trim() == &self.text[marker.0..marker.1] && !line.contains('\r') {
                    return self.push_close(Kind::CloseHeredoc, line.len());
                }
            }
        }
        let heredoc = self.open.len() - 1;
        let newline = self.line_text();
        self.open[heredoc].what = What::Heredoc { marker, line_start: newline };
    }

    /// Text up to the end of its line, or a sequence; whether a newline was taken.
    fn line_text(&mut self) -> bool {
        let rest = &self.bytes[self.at..];
        let mut len = text_len(rest, |b| b == b'\n' || b == b'\r' && !self.template);
        if rest[len..].starts_with(b"\r\n") {
            len += 1;
        }
        if rest.get(len) != Some(&b'\n') {
            match rest.get(len) {
                _ if len > 0 => self.push(Kind::Text, len),
                Some(b'\r') => self.push(Kind::Invalid, 1),
                _ => self.sequence_start(),
            }
            return false;
        }
        // Terraform takes the newline apart where a $ or % with one more character comes before it. It shows where
        // blanks are trimmed, for they are trimmed within a token.
        let end = if len > 0 && rest[len - 1] == b'\r' && !is_sign(rest, len.wrapping_sub(2)) { len - 1 } else { len };
        if end >= 2 && is_sign(rest, end - 2) && !is_sign(rest, end - 1) && rest[end - 1] != b'{' {
            self.push(Kind::Text, end);
        }
        let start = self.bytes.len() - rest.len();
        self.push(Kind::Text, start + len + 1 - self.at);
        self.line += 1;
        true
    }
}

fn is_sign(bytes: &[u8], i: usize) -> bool {
    matches!(bytes.get(i), Some(b'$' | b'%'))
}

/// How long the literal text at the front of `rest` is, up to what `stop` says ends it, `${` or `%{`.
///
/// `$${` and `%%{` are text, and so is any longer run of these signs before a brace.
fn text_len(rest: &[u8], stop: impl Fn(u8) -> bool) -> usize {
    let mut i = 0;
    while let Some(&b) = rest.get(i) {
        if stop(b) {
            break;
        }
        if b == b'$' || b == b'%' {
            match (rest.get(i + 1), rest.get(i + 2)) {
                (Some(b'{'), _) => break,
                (Some(n), Some(b'{')) if *n == b => i += 2,
                _ => {}
            }
        }
        i += 1;
    }
    i
}

fn count_newlines(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| **b == b'\n').count() as u32
}
