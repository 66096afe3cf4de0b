//! The grammar of strings: quotes, heredocs and bare templates, with what is filled in.
//!
//! Refuses to know what is filled in: that is an expression like any other.

use super::expression::Deep;
use super::parser::{LEVELS, Parse, Parser, Reported};
use super::token::{Kind, NO_PARTNER, Token};
use crate::config::expr::{Expr, ExprKind, Ident, Part};
use crate::diag::{Diagnostic, Span};
use crate::value::Value;
use unicode_segmentation::UnicodeSegmentation;

/// A token of a template, looked at: text with its escapes resolved, or a whole `${ }` or `%{ }`.
struct Piece {
    what: What,
    span: Span,
}

enum What {
    Text(String),
    Interpolation(Deep),
    If(Deep),
    Else,
    EndIf,
    For { key_name: Option<Ident>, value_name: Ident, collection: Deep },
    EndFor,
}

/// What the pieces of a template are inside of.
enum Inside {
    If { condition: Expr, start: Span },
    Else { condition: Expr, then: Vec<Part>, start: Span },
    For { key_name: Option<Ident>, value_name: Ident, collection: Expr, start: Span },
}

impl Parser<'_> {
    /// A quoted string or heredoc.
    pub fn string(&mut self) -> Parse<Deep> {
        let start = self.here();
        let open = self.read();
        let pieces = self.pieces(start, &open);
        if pieces.is_err() {
            self.leave(start);
        }
        let mut pieces = pieces?;
        let close = self.read();
        if open.kind == Kind::OpenHeredoc && self.text_of(&open).starts_with("<<-") {
            dedent(&mut pieces);
        }
        let span = self.span(open.from(), close.to());
        self.template(pieces, span, &close)
    }

    /// A whole text that is a template.
    pub fn bare_template(&mut self) -> Parse<Deep> {
        let end = Token { kind: Kind::End, start: 0, end: 0, partner: NO_PARTNER };
        let pieces = self.pieces(self.here(), &end)?;
        let span = self.span(0, self.text.len());
        let end = self.peek();
        self.template(pieces, span, &end)
    }

    /// The pieces up to the closing token, which is left unread.
    fn pieces(&mut self, start: usize, open: &Token) -> Parse<Vec<Piece>> {
        let (mut pieces, mut failed, mut trim) = (Vec::<Piece>::new(), false, false);
        while !self.gave_up() {
            let trim_this = std::mem::take(&mut trim);
            let at = self.here();
            let token = self.token(at);
            match token.kind {
                Kind::QuotedText | Kind::Text => {
                    self.read();
                    match self.unescape(&token, token.kind == Kind::QuotedText) {
                        Ok(text) => {
                            let text = if trim_this { text.trim_start().to_string() } else { text };
                            pieces.push(Piece { what: What::Text(text), span: self.span_of(&token) });
                        }
                        Err(Reported) => failed = true,
                    }
                }
                Kind::Interpolation | Kind::Directive => {
                    // A sequence that is trimmed on the left takes the blanks at the end of the text right before it.
                    if self.text_of(&token).ends_with('~')
                        && let Some(Piece { what: What::Text(text), .. }) = pieces.last_mut()
                    {
                        text.truncate(text.trim_end().len());
                    }
                    match self.with_newlines(false, |p| p.sequence(&token)) {
                        Ok(piece) => {
                            trim = self.previous().is_some_and(|t| self.text_of(&t).starts_with('~'));
                            pieces.push(piece);
                        }
                        Err(Reported) if self.is_closed(at) => {
                            failed = true;
                            self.leave(at);
                        }
                        Err(Reported) => return Err(Reported),
                    }
                }
                Kind::CloseQuote | Kind::CloseHeredoc => break,
                Kind::End if open.kind == Kind::End => break,
                Kind::End if open.kind == Kind::OpenHeredoc => return Err(self.unclosed_heredoc(start, open)),
                _ => return Err(self.unclosed_quote(open)),
            }
        }
        if failed { Err(Reported) } else { Ok(pieces) }
    }

    /// The rest of `${ ... }` or `%{ ... }`.
    fn sequence(&mut self, open: &Token) -> Parse<Piece> {
        self.read();
        let what = if open.kind == Kind::Directive {
            self.directive()?
        } else {
            self.not_empty()?;
            What::Interpolation(self.expression()?)
        };
        if self.kind() != Kind::SequenceEnd {
            return Err(self.unclosed_sequence(open, matches!(what, What::Interpolation(_))));
        }
        let close = self.read();
        Ok(Piece { what, span: self.span(open.from(), close.to()) })
    }

    fn not_empty(&mut self) -> Parse<()> {
        match self.kind() {
            Kind::SequenceEnd => Err(self.unexpected(
                "Invalid expression",
                "There is nothing between the braces to fill in. To have a literal ${, write $${.",
            )),
            _ => Ok(()),
        }
    }

    fn unclosed_sequence(&mut self, open: &Token, interpolation: bool) -> Reported {
        if self.kind() == Kind::End {
            let sign = &self.text_of(open)[..1];
            let detail = format!(
                "The file ends before this sequence is closed. Add its closing brace; to have a literal {sign}{{, write \
                 {sign}{sign}{{."
            );
            let summary = match interpolation {
                true => "Unclosed template interpolation sequence",
                false => "Unclosed template control sequence",
            };
            return self.error_at(open, summary, detail);
        }
        let summary = match interpolation {
            true => "Extra characters after interpolation expression",
            false => "Extra characters in template control sequence",
        };
        let sign = &self.text_of(open)[..1];
        let detail = format!(
            "The closing brace of the sequence is expected here; found {}. If this is meant for another language, \
             such as a shell, write {sign}{sign}{{ for a literal {sign}{{.",
            self.found()
        );
        self.unexpected(summary, detail)
    }

    /// What stands behind `%{`.
    fn directive(&mut self) -> Parse<What> {
        let token = self.peek();
        if token.kind != Kind::Ident {
            let detail = format!(
                "One of the words if, else, endif, for and endfor is expected behind %{{; found {}. To have a literal %{{, \
                 write %%{{.",
                self.found()
            );
            return Err(self.unexpected("Invalid template directive", detail));
        }
        self.read();
        match self.text_of(&token) {
            "if" => Ok(What::If(self.expression()?)),
            "else" => Ok(What::Else),
            "endif" => Ok(What::EndIf),
            "endfor" => Ok(What::EndFor),
            "for" => {
                let (key_name, value_name) = self.for_names("Invalid 'for' directive")?;
                Ok(What::For { key_name, value_name, collection: self.expression()? })
            }
            word => {
                let detail = match word {
                    "elseif" | "elif" | "elsif" => {
                        "There is no such directive. Write %{ else }%{ if ... } with an %{ endif } of its own."
                            .to_string()
                    }
                    _ => format!(
                        "\"{word}\" is not a directive; there are if, else, endif, for and endfor. To have a literal %{{, \
                         write %%{{."
                    ),
                };
                Err(self.error_at(&token, "Invalid template control keyword", detail))
            }
        }
    }

    /// Pieces → an expression: one interpolation alone is no template.
    fn template(&mut self, mut pieces: Vec<Piece>, span: Span, end: &Token) -> Parse<Deep> {
        if let [Piece { what: What::Interpolation(_), .. }] = pieces.as_slice()
            && let Some(Piece { what: What::Interpolation(inner), .. }) = pieces.pop()
        {
            return self.build(ExprKind::Wrap(Box::new(inner.expr)), span, inner.depth);
        }
        let (mut parts, depth) = self.parts(pieces, end)?;
        match parts.as_mut_slice() {
            [] => self.build(ExprKind::Literal(Value::string("")), span, 0),
            [Part::Text(text, _)] => {
                let text = Value::string(std::mem::take(text));
                self.build(ExprKind::Literal(text), span, 0)
            }
            _ => self.build(ExprKind::Template(parts), span, depth),
        }
    }

    /// Pieces → parts: directives with what is inside them.
    fn parts(&mut self, pieces: Vec<Piece>, end: &Token) -> Parse<(Vec<Part>, u32)> {
        let mut depth = 0;
        let mut open: Vec<(Inside, Vec<Part>)> = Vec::new();
        let mut parts: Vec<Part> = Vec::new();
        let mut failed = false;
        for Piece { what, span } in pieces {
            // Each directive is a level of the tree.
            let level = open.len() as u32;
            if level >= LEVELS {
                return Err(self.too_deep_at(&span));
            }
            match what {
                What::Text(text) => match parts.last_mut() {
                    Some(Part::Text(before, place)) => {
                        before.push_str(&text);
                        *place = place.to(&span);
                    }
                    _ if text.is_empty() => {}
                    _ => parts.push(Part::Text(text, span)),
                },
                What::Interpolation(inner) => {
                    depth = depth.max(inner.depth + level);
                    parts.push(Part::Interpolation(inner.expr));
                }
                What::If(condition) => {
                    depth = depth.max(condition.depth + level + 1);
                    open.push((Inside::If { condition: condition.expr, start: span }, std::mem::take(&mut parts)));
                }
                What::For { key_name, value_name, collection } => {
                    depth = depth.max(collection.depth + level + 1);
                    let inside = Inside::For { key_name, value_name, collection: collection.expr, start: span };
                    open.push((inside, std::mem::take(&mut parts)));
                }
                What::Else => match open.pop() {
                    Some((Inside::If { condition, start }, around)) => {
                        let then = std::mem::take(&mut parts);
                        open.push((Inside::Else { condition, then, start }, around));
                    }
                    other => {
                        let why = match &other {
                            Some((Inside::Else { .. }, _)) => "there is an else already",
                            Some((Inside::For { .. }, _)) => "the innermost open directive is a for",
                            _ => "no if is open here",
                        };
                        open.extend(other);
                        self.misplaced("Unexpected else directive", "else", why, &span);
                        failed = true;
                    }
                },
                What::EndIf => match open.pop() {
                    Some((Inside::If { condition, start }, around)) => {
                        let then = std::mem::replace(&mut parts, around);
                        parts.push(Part::If { condition, then, otherwise: Vec::new(), span: start.to(&span) });
                    }
                    Some((Inside::Else { condition, then, start }, around)) => {
                        let otherwise = std::mem::replace(&mut parts, around);
                        parts.push(Part::If { condition, then, otherwise, span: start.to(&span) });
                    }
                    other => {
                        let why = if other.is_some() {
                            "the innermost open directive is a for"
                        } else {
                            "no if is open here"
                        };
                        open.extend(other);
                        self.misplaced("Unexpected endif directive", "endif", why, &span);
                        failed = true;
                    }
                },
                What::EndFor => match open.pop() {
                    Some((Inside::For { key_name, value_name, collection, start }, around)) => {
                        let body = std::mem::replace(&mut parts, around);
                        parts.push(Part::For { key_name, value_name, collection, body, span: start.to(&span) });
                    }
                    other => {
                        let why = if other.is_some() {
                            "the innermost open directive is an if"
                        } else {
                            "no for is open here"
                        };
                        open.extend(other);
                        self.misplaced("Unexpected endfor directive", "endfor", why, &span);
                        failed = true;
                    }
                },
            }
            if failed {
                return Err(Reported);
            }
        }
        if let Some((inside, _)) = open.pop() {
            let (word, closer, start) = match inside {
                Inside::If { start, .. } | Inside::Else { start, .. } => ("if", "endif", start),
                Inside::For { start, .. } => ("for", "endfor", start),
            };
            let detail = format!("The template ends inside an {word} directive. Close it with %{{ {closer} }}.");
            let detail = detail.replace("an for", "a for");
            let at = self.span_of(end);
            let diagnostic =
                Diagnostic::error("Unexpected end of template", detail).at(&at).with_related(&start, "not closed");
            return Err(self.report(diagnostic));
        }
        Ok((parts, depth))
    }

    fn misplaced(&mut self, summary: &'static str, word: &str, why: &str, span: &Span) -> Reported {
        let detail = format!("This %{{ {word} }} belongs to nothing: {why}.");
        self.report(Diagnostic::error(summary, detail).at(span))
    }

    /// A string that is never closed; the place is at the next token.
    pub fn unclosed_quote(&mut self, open: &Token) -> Reported {
        let token = self.peek();
        if matches!(token.kind, Kind::QuotedNewline | Kind::Invalid) {
            return self.unexpected("Invalid character", "");
        }
        let detail = "The file ends before this string is closed. Add the closing quote (\").";
        self.error_at(open, "Unterminated template string", detail)
    }

    /// A heredoc whose end is not found; the place is at the end of the file.
    fn unclosed_heredoc(&mut self, start: usize, open: &Token) -> Reported {
        let opener = self.text_of(open).trim_end();
        let marker = opener.trim_start_matches("<<").trim_start_matches('-');
        let lines = self.text[open.to()..].lines();
        let detail = match lines.map(str::trim).find(|l| l.starts_with(marker)) {
            Some(line) if line == marker => {
                format!(
                    "The heredoc's closing marker {marker} is the last line of the file, and that line must end with a newline."
                )
            }
            Some(line) => format!(
                "The heredoc is not closed. Its closing marker {marker} must stand alone on a line; \"{}\" does not count.",
                line.graphemes(true).take(60).collect::<String>()
            ),
            None => format!("The heredoc is not closed. Write its closing marker {marker} alone on a line."),
        };
        let end = self.peek();
        let opener = self.token(start);
        let diagnostic = Diagnostic::error("Unterminated template string", detail)
            .at(&self.span_of(&end))
            .with_related(&self.span_of(&opener), "opened here");
        self.report(diagnostic)
    }

    /// The text that a literal token stands for. Backslashes mean something inside quotes only.
    pub fn unescape(&mut self, token: &Token, quoted: bool) -> Parse<String> {
        let text = self.text_of(token);
        if !text.contains(['\\', '$', '%']) {
            return Ok(text.to_string());
        }
        let mut result = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(i) = rest.find(['\\', '$', '%']) {
            let (before, escape) = rest.split_at(i);
            result.push_str(before);
            let (c, len) = if escape.starts_with("$${") || escape.starts_with("%%{") {
                result.push_str(&escape[1..2]);
                ('{', 3)
            } else if quoted && escape.starts_with('\\') {
                match escape_sequence(escape) {
                    Ok(found) => found,
                    Err((len, detail)) => {
                        let from = token.from() + (text.len() - escape.len());
                        let span = self.span(from, from + len);
                        return Err(self.report(Diagnostic::error("Invalid escape sequence", detail).at(&span)));
                    }
                }
            } else {
                (char::from(escape.as_bytes()[0]), 1)
            };
            result.push(c);
            rest = &escape[len..];
        }
        result.push_str(rest);
        Ok(result)
    }
}

/// The character of the escape at the front of `text` and its length; or, of a wrong one, length and what to say.
fn escape_sequence(text: &str) -> Result<(char, usize), (usize, String)> {
    let Some(selector) = text[1..].chars().next() else {
        return Err((1, "A backslash begins an escape sequence. For a literal backslash, write \\\\.".into()));
    };
    let digits = match selector {
        'n' => return Ok(('\n', 2)),
        'r' => return Ok(('\r', 2)),
        't' => return Ok(('\t', 2)),
        '"' => return Ok(('"', 2)),
        '\\' => return Ok(('\\', 2)),
        'u' => 4,
        'U' => 8,
        other => {
            let detail = format!(
                "\\{other} is not an escape sequence; there are \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN. For a \
                 literal backslash, write \\\\."
            );
            return Err((1 + other.len_utf8(), detail));
        }
    };
    let hex: String = text[2..].chars().take(digits).take_while(char::is_ascii_hexdigit).collect();
    if hex.len() < digits {
        let detail = format!("\\{selector} is followed by exactly {digits} hexadecimal digits.");
        return Err((2 + hex.len(), detail));
    }
    let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
    code.map(|c| (c, 2 + digits)).ok_or_else(|| (2 + digits, format!("There is no Unicode character {hex}.")))
}

/// `<<-`: takes from all lines what the least indented one has of blanks. Lines of blanks alone do not count.
///
/// A line is what begins with a token and ends with a token that ends with a newline: text that lost its newline to a `~`
/// does not end one.
fn dedent(pieces: &mut [Piece]) {
    let mut least = usize::MAX;
    let mut starts = Vec::new();
    let mut line_start = true;
    for (i, piece) in pieces.iter().enumerate() {
        let text = match &piece.what {
            What::Text(text) => Some(text.as_str()),
            _ => None,
        };
        if line_start {
            let text = text.unwrap_or("");
            let blanks = &text[..text.len() - text.trim_start().len()];
            if !(blanks.len() == text.len() && text.ends_with('\n')) {
                least = least.min(blanks.graphemes(true).count());
                starts.push(i);
            }
        }
        line_start = text.is_some_and(|t| t.ends_with('\n'));
    }
    for i in starts {
        if let What::Text(text) = &mut pieces[i].what {
            let cut: usize = text.graphemes(true).take(least).map(str::len).sum();
            text.drain(..cut);
        }
    }
}
