//! The parser's hands: the place in the tokens, errors, and how to go on after one.
//!
//! Refuses to know the grammar: that is in `body`, `expression` and `template`.

use super::lexer::{Start, lex};
use super::token::{Kind, NO_PARTNER, Token};
use crate::diag::{Diagnostic, Diags, Source, Span};
use std::sync::Arc;

/// How deep blocks, brackets and operators may be nested. Everything that walks or drops a tree recurses as deep.
pub(crate) const LEVELS: u32 = 224;

/// After so many errors the rest of a file is not worth reading.
const ERRORS: usize = 100;

/// An error was found, and is in the list already.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reported;

/// What a rule of the grammar gives.
pub(crate) type Parse<T> = Result<T, Reported>;

/// Where the bytes of a text are that is not its source itself: a string of a JSON file, its escapes resolved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// Offset of the text in the source.
    pub start: usize,
    /// Places behind an escape: offset in the text, offset in the source. Ascending.
    pub jumps: Vec<(usize, usize)>,
}

impl Origin {
    /// The place in the source of a place in the text.
    fn map(&self, offset: usize) -> usize {
        match self.jumps.partition_point(|(text, _)| *text <= offset) {
            0 => self.start + offset,
            n => {
                let (text, source) = self.jumps[n - 1];
                source + (offset - text)
            }
        }
    }
}

/// A text being parsed.
pub(crate) struct Parser<'a> {
    pub source: &'a Arc<Source>,
    pub text: &'a str,
    pub origin: Origin,
    /// Without comments; partners are indices into this list.
    tokens: Vec<Token>,
    pos: usize,
    /// Whether newlines count here.
    newlines: bool,
    /// How many rules are at work inside each other.
    level: u32,
    /// Errors of which only the first is of use, after brackets that do not match, are kept back.
    pub quiet: bool,
    errors: Vec<Diagnostic>,
}

impl<'a> Parser<'a> {
    /// At the start of `text`, which is `source` itself unless `origin` says where it comes from.
    pub fn new(source: &'a Arc<Source>, text: &'a str, origin: Origin, start: Start) -> Parser<'a> {
        let mut parser = Parser {
            source,
            text,
            origin,
            tokens: Vec::new(),
            pos: 0,
            newlines: true,
            level: 0,
            quiet: false,
            errors: Vec::new(),
        };
        if source.text.len() >= i32::MAX as usize {
            let end = Token { kind: Kind::End, start: 0, end: 0, partner: NO_PARTNER };
            parser.tokens.push(end);
            parser.error_at(&end, "File too large", "Files of two gigabytes and more are not read. Split the file.");
        } else {
            parser.tokens = without_comments(lex(text, start));
        }
        parser
    }

    /// All errors, in the order of the text.
    pub fn finish(mut self) -> Diags {
        self.errors.sort_by_key(|d| d.span.as_ref().map_or(0, |s| s.start));
        let mut diags = Diags::new();
        diags.extend(self.errors);
        diags
    }

    /// How many errors there are so far.
    pub fn error_count(&self) -> usize {
        self.errors.len()
    }

    /// Whether so much was wrong that the rest is not read.
    pub fn gave_up(&self) -> bool {
        self.errors.len() >= ERRORS
    }

    /// The place of a range of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, self.origin.map(start), self.origin.map(end))
    }

    /// The place of a token; of a newline, its front.
    pub fn span_of(&self, token: &Token) -> Span {
        match token.kind {
            Kind::Newline => self.span(token.from(), token.from()),
            Kind::OpenHeredoc => self.span(token.from(), token.from() + self.text_of(token).trim_end().len()),
            _ => self.span(token.from(), token.to()),
        }
    }

    /// The text of a token.
    pub fn text_of(&self, token: &Token) -> &'a str {
        token.text(self.text)
    }

    // ---- The place in the tokens ----

    /// The index of the next token that counts.
    pub fn here(&self) -> usize {
        let mut i = self.pos;
        while !self.newlines && self.tokens[i].kind == Kind::Newline {
            i += 1;
        }
        i
    }

    /// The next token.
    pub fn peek(&self) -> Token {
        self.tokens[self.here()]
    }

    /// The kind of the next token.
    pub fn kind(&self) -> Kind {
        self.peek().kind
    }

    /// Takes the next token; the end is taken as often as one likes.
    pub fn read(&mut self) -> Token {
        let i = self.here();
        self.pos = if self.tokens[i].kind == Kind::End { i } else { i + 1 };
        self.tokens[i]
    }

    /// Takes the next token if it is of this kind.
    pub fn read_if(&mut self, kind: Kind) -> Option<Token> {
        (self.kind() == kind).then(|| self.read())
    }

    /// Whether the next token is this word.
    pub fn is_word(&self, word: &str) -> bool {
        let token = self.peek();
        token.kind == Kind::Ident && self.text_of(&token) == word
    }

    /// Goes on at the token of this index.
    pub fn go_to(&mut self, index: usize) {
        self.pos = index.min(self.tokens.len() - 1);
    }

    /// The token of this index.
    pub fn token(&self, index: usize) -> Token {
        self.tokens[index.min(self.tokens.len() - 1)]
    }

    /// The token before the place, whatever it is.
    pub fn previous(&self) -> Option<Token> {
        self.pos.checked_sub(1).map(|i| self.tokens[i])
    }

    /// Runs a rule with newlines counting or not.
    pub fn with_newlines<T>(&mut self, newlines: bool, rule: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.newlines, newlines);
        let result = rule(self);
        self.newlines = before;
        result
    }

    /// Runs a rule one level deeper; too deep is an error.
    pub fn deeper<T>(&mut self, rule: impl FnOnce(&mut Self) -> Parse<T>) -> Parse<T> {
        if self.level >= LEVELS {
            return Err(self.too_deep(&self.peek()));
        }
        self.level += 1;
        let result = rule(self);
        self.level -= 1;
        result
    }

    /// Reports that a token is nested too deeply to be handled.
    pub fn too_deep(&mut self, token: &Token) -> Reported {
        let span = self.span_of(token);
        self.too_deep_at(&span)
    }

    /// Reports that a place is nested too deeply to be handled.
    pub fn too_deep_at(&mut self, span: &Span) -> Reported {
        let detail = format!(
            "This is nested more than {LEVELS} levels deep, counting brackets, operators and blocks. \
             Give a part of it a name of its own, with a local value."
        );
        self.report(Diagnostic::error("Nested too deeply", detail).at(span))
    }

    // ---- Errors ----

    /// Reports an error at a token.
    pub fn error_at(&mut self, token: &Token, summary: &'static str, detail: impl Into<String>) -> Reported {
        let diagnostic = Diagnostic::error(summary, detail).at(&self.span_of(token));
        self.report(diagnostic)
    }

    /// Reports an error.
    pub fn report(&mut self, diagnostic: Diagnostic) -> Reported {
        if self.errors.len() + 1 == ERRORS {
            let detail = format!("There are more than {ERRORS} syntax errors. The rest of this file was not read.");
            let span = diagnostic.span.clone();
            self.errors.push(diagnostic);
            self.errors.push(Diagnostic::error("Too many syntax errors", detail).at_opt(span.as_ref()));
        } else if self.errors.len() < ERRORS {
            self.errors.push(diagnostic);
        }
        Reported
    }

    /// Reports that the next token should not be here. A character that the language does not use is reported as such.
    pub fn unexpected(&mut self, summary: &'static str, detail: impl Into<String>) -> Reported {
        let token = self.peek();
        match token.kind {
            Kind::Invalid => self.invalid(&token),
            Kind::QuotedNewline => self.open_quote(&token),
            _ => self.error_at(&token, summary, detail),
        }
    }

    /// Reports that the next token should not be here: `why`, and what was found.
    pub fn expected(&mut self, summary: &'static str, why: &str) -> Reported {
        let detail = format!("{why}; found {}.", self.found());
        self.unexpected(summary, detail)
    }

    /// A quoted string that its line ends before it does.
    pub fn open_quote(&mut self, token: &Token) -> Reported {
        self.error_at(
            token,
            "Invalid multi-line string",
            "The line ends before the closing quote. Close the string with \", write \\n for a newline inside it, \
             or use a heredoc (<<EOT) for a text of several lines.",
        )
    }

    fn invalid(&mut self, token: &Token) -> Reported {
        let (summary, detail) = match self.text_of(token) {
            "&" => ("Unsupported operator", "There are no operators on bits. For a logical \"and\", write &&.".into()),
            "|" => ("Unsupported operator", "There are no operators on bits. For a logical \"or\", write ||.".into()),
            "^" | "~" => ("Unsupported operator", "There are no operators on bits. For a logical \"not\", write !.".into()),
            "**" => ("Unsupported operator", "There is no operator for powers. Use the function pow.".into()),
            "'" => ("Invalid character", "Strings are written in double quotes (\"), not in single ones.".to_string()),
            "`" => (
                "Invalid character",
                "Strings are written in double quotes (\"); a text of several lines is written as a heredoc (<<EOT).".into(),
            ),
            ";" => (
                "Invalid character",
                "There are no semicolons: arguments and blocks end with their line, items of a collection are separated \
                 by commas."
                    .into(),
            ),
            "\u{201c}" | "\u{201d}" | "\u{2018}" | "\u{2019}" => (
                "Invalid character",
                "This is a typographic quotation mark, perhaps from a text processor. Strings are written in plain \
                 double quotes (\")."
                    .into(),
            ),
            "\r" => (
                "Invalid character",
                "A carriage return stands here without a line feed. Save the file with line ends of LF or CRLF.".into(),
            ),
            other => {
                let shown = match other.chars().next() {
                    Some(c) if c.is_control() || c.is_whitespace() => format!("U+{:04X}", u32::from(c)),
                    _ => format!("\"{other}\""),
                };
                ("Invalid character", format!("The character {shown} has no meaning here."))
            }
        };
        self.error_at(token, summary, detail)
    }

    /// What stands here, in words that follow "found".
    pub fn found(&self) -> String {
        let token = self.peek();
        match token.kind {
            Kind::End => "the end of the file".into(),
            Kind::Newline => "the end of the line".into(),
            Kind::OpenQuote => "a string".into(),
            Kind::OpenHeredoc => "a heredoc".into(),
            Kind::SequenceEnd => "the end of the template sequence".into(),
            _ => format!("\"{}\"", self.text_of(&token)),
        }
    }

    // ---- Going on after an error ----

    /// Goes on behind the closer of the bracket at `open`; false if it has none.
    pub fn leave(&mut self, open: usize) -> bool {
        let partner = self.tokens[open].partner;
        if partner == NO_PARTNER {
            return false;
        }
        self.pos = partner as usize + 1;
        true
    }

    /// Whether something closes the bracket at `open`.
    pub fn is_closed(&self, open: usize) -> bool {
        self.tokens[open].partner != NO_PARTNER
    }

    /// After an error in what began at the token `start`: goes to the first token, from the place of the error on, that
    /// `ends` what began there, or that looks like the start of the next one on a line of its own. Brackets are
    /// passed as a whole. Stops at the closer of whatever is around.
    pub fn skip_from(&mut self, start: usize, ends: impl Fn(Kind) -> bool) {
        let failed = self.here();
        let mut i = start;
        loop {
            let token = self.tokens[i];
            if token.kind == Kind::End || i >= failed && (ends(token.kind) || self.starts_item(i)) {
                break;
            }
            match token.kind {
                _ if token.partner == NO_PARTNER => i += 1,
                Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen | Kind::SequenceEnd | Kind::CloseQuote
                    if (token.partner as usize) < start =>
                {
                    if i >= failed {
                        break;
                    }
                    i += 1;
                }
                _ => i = (token.partner as usize).max(i) + 1,
            }
            self.quiet |= token.partner == NO_PARTNER && is_bracket(token.kind);
        }
        self.pos = i;
    }

    /// Whether the token looks like the beginning of an argument or block at the start of a line.
    fn starts_item(&self, i: usize) -> bool {
        i > 0
            && self.tokens[i - 1].kind == Kind::Newline
            && self.tokens[i].kind == Kind::Ident
            && matches!(self.tokens[i + 1].kind, Kind::Equal | Kind::OpenQuote | Kind::OpenBrace)
    }
}

fn is_bracket(kind: Kind) -> bool {
    use Kind::*;
    matches!(
        kind,
        OpenBrace
            | CloseBrace
            | OpenBracket
            | CloseBracket
            | OpenParen
            | CloseParen
            | OpenQuote
            | OpenHeredoc
            | Interpolation
            | Directive
    )
}

/// The tokens that mean something, their partners counted anew.
fn without_comments(mut tokens: Vec<Token>) -> Vec<Token> {
    let comment = |t: &Token| matches!(t.kind, Kind::LineComment | Kind::BlockComment);
    if !tokens.iter().any(comment) {
        return tokens;
    }
    let mut index = Vec::with_capacity(tokens.len());
    let mut kept = 0u32;
    for token in &tokens {
        index.push(kept);
        kept += u32::from(!comment(token));
    }
    tokens.retain(|t| !comment(t));
    for token in &mut tokens {
        if token.partner != NO_PARTNER {
            token.partner = index[token.partner as usize];
        }
    }
    tokens
}
