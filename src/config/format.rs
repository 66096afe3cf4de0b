//! The canonical style of `.tf` and `.tfvars` files, byte for byte as `terraform fmt` of 1.11 writes it.
//!
//! Layout is a matter of tokens and lines (see `layout`); here is what is rewritten besides: values that are nothing but
//! `"${x}"`, old ways to write a variable's type, block labels without quotes. Comments and everything else stay.
//!
//! Refuses to know which arguments there are, but for a variable's `type`.

mod layout;
#[cfg(test)]
mod tests;

use super::expr::Ident;
use super::syntax::{self, Kind, Start, Token, lex};
use super::{Attribute, Block, Body};
use crate::diag::{Diags, Source};
use layout::Piece;

/// `text` in the canonical style. Fails where it is no valid configuration, with what is wrong.
///
/// Differs from Terraform only where that would lose something: a label with `$${` in it stays, and a value of several lines
/// gets parentheses when its quotes go.
pub fn format(text: &str) -> Result<String, Diags> {
    let source = Source::new("<stdin>", text);
    let (body, diags) = syntax::parse(&source);
    if diags.has_errors() {
        return Err(diags);
    }
    let tokens = lex(text, Start::Code);
    let mut rewriter = Rewriter { text, tokens: &tokens, pieces: Vec::with_capacity(tokens.len()), next: 0 };
    rewriter.body(&body, true);
    rewriter.copy_to(usize::MAX);
    let mut out = layout::lay_out(rewriter.pieces);
    // Blanks that no newline ends stay, as Terraform has it; tabs among them become blanks.
    let last = tokens.iter().rev().find(|t| t.kind != Kind::End).map_or(0, Token::to);
    out.extend(std::iter::repeat_n(' ', text.len().saturating_sub(last)));
    Ok(out)
}

/// Copies tokens to pieces, putting others in the place of some.
struct Rewriter<'a> {
    text: &'a str,
    tokens: &'a [Token],
    pieces: Vec<Piece<'a>>,
    /// The first token not yet copied.
    next: usize,
}

enum Item<'b> {
    Argument(&'b Attribute),
    Block(&'b Block),
}

impl<'a> Rewriter<'a> {
    /// Copies the tokens that begin before this offset.
    fn copy_to(&mut self, offset: usize) {
        let tokens = self.take_to(offset);
        self.copy(tokens);
    }

    /// The tokens that begin before this offset, which count as copied.
    fn take_to(&mut self, offset: usize) -> &'a [Token] {
        let rest = &self.tokens[self.next..];
        let len = rest.iter().take_while(|t| t.kind != Kind::End && t.from() < offset).count();
        self.next += len;
        &rest[..len]
    }

    fn copy(&mut self, tokens: &[Token]) {
        for token in tokens {
            let text = token.text(self.text);
            match self.pieces.last_mut() {
                // A comment up to the end of its line is one piece with the newline.
                Some(last) if last.kind == Kind::LineComment && token.kind == Kind::Newline && !last.ends_line() => {
                    last.append(text);
                }
                _ => self.pieces.push(Piece::new(token.kind, text)),
            }
        }
    }

    fn push(&mut self, kind: Kind, text: &'static str) {
        self.pieces.push(Piece::new(kind, text));
    }

    /// All that is rewritten in a body, in the order of the text.
    fn body(&mut self, body: &Body, top: bool) {
        let arguments = body.attributes.iter().map(|a| (a.name.span.start, Item::Argument(a)));
        let blocks = body.blocks.iter().map(|b| (b.ty.span.start, Item::Block(b)));
        let mut items: Vec<_> = arguments.chain(blocks).collect();
        items.sort_by_key(|(start, _)| *start);
        for (_, item) in items {
            match item {
                Item::Argument(a) => self.argument(a),
                Item::Block(b) => {
                    self.labels(b);
                    match top && &*b.ty.name == "variable" {
                        true => self.variable(&b.body),
                        false => self.body(&b.body, false),
                    }
                }
            }
        }
    }

    /// A `variable` block: its `type` is written in another way than values are.
    fn variable(&mut self, body: &Body) {
        let Some(ty) = body.attribute("type") else { return self.body(body, false) };
        let (before, after): (Vec<_>, Vec<_>) = body
            .attributes
            .iter()
            .filter(|a| a.name.span != ty.name.span)
            .cloned()
            .partition(|a| a.name.span.start < ty.name.span.start);
        let (blocks_before, blocks_after) =
            body.blocks.iter().cloned().partition(|b| b.ty.span.start < ty.name.span.start);
        self.body(&Body { attributes: before, blocks: blocks_before, span: None }, false);
        self.type_constraint(ty);
        self.body(&Body { attributes: after, blocks: blocks_after, span: None }, false);
    }

    /// The labels of a block: all in quotes, without comments between them.
    fn labels(&mut self, block: &Block) {
        let Some(last) = block.labels.last() else { return };
        if !block.labels.iter().all(is_plain) {
            return;
        }
        self.copy_to(block.ty.span.end as usize);
        self.take_to(last.span.end as usize);
        for label in &block.labels {
            self.push(Kind::OpenQuote, "\"");
            if !label.name.is_empty() {
                self.pieces.push(Piece::new(Kind::QuotedText, escape(&label.name)));
            }
            self.push(Kind::CloseQuote, "\"");
        }
    }

    /// An argument: of a value that is nothing but `"${x}"` remains `x`.
    fn argument(&mut self, argument: &Attribute) {
        let span = &argument.value.span;
        self.copy_to(span.start as usize);
        let value = self.take_to(span.end as usize);
        let Some(inside) = single_interpolation(value) else { return self.copy(value) };
        let start = inside.iter().position(|t| t.kind != Kind::Newline).unwrap_or(0);
        let end = inside.iter().rposition(|t| t.kind != Kind::Newline).map_or(inside.len(), |i| i + 1);
        let inside = &inside[start..end];
        match needs_parens(inside) {
            true => {
                self.push(Kind::OpenParen, "(");
                self.copy(inside);
                self.push(Kind::CloseParen, ")");
            }
            false => self.copy(inside),
        }
    }

    /// `type` of a variable: what Terraform 0.11 had becomes what means the same today.
    fn type_constraint(&mut self, argument: &Attribute) {
        let span = &argument.value.span;
        self.copy_to(span.start as usize);
        let value = self.take_to(span.end as usize);
        let word = |i: usize| value[i].text(self.text);
        let (outer, inner) = match value.iter().map(|t| t.kind).collect::<Vec<_>>().as_slice() {
            [Kind::Ident] => match word(0) {
                "list" => ("list", "any"),
                "map" => ("map", "any"),
                "set" => ("set", "any"),
                _ => return self.copy(value),
            },
            [Kind::OpenQuote, Kind::QuotedText, Kind::CloseQuote] => match word(1) {
                "string" => return self.push(Kind::Ident, "string"),
                "list" => ("list", "string"),
                "map" => ("map", "string"),
                _ => return self.copy(value),
            },
            _ => return self.copy(value),
        };
        self.push(Kind::Ident, outer);
        self.push(Kind::OpenParen, "(");
        self.push(Kind::Ident, inner);
        self.push(Kind::CloseParen, ")");
    }
}

/// Whether a label can be written anew from its text.
fn is_plain(label: &Ident) -> bool {
    !label.name.contains("${") && !label.name.contains("%{")
}

/// The tokens between the braces of a value that is one quoted interpolation and nothing else.
fn single_interpolation(value: &[Token]) -> Option<&[Token]> {
    let [open, start, inside @ .., end, close] = value else { return None };
    let kinds = [open.kind, start.kind, end.kind, close.kind];
    if kinds != [Kind::OpenQuote, Kind::Interpolation, Kind::SequenceEnd, Kind::CloseQuote] || inside.is_empty() {
        return None;
    }
    // The braces at both ends belong together only if there is nothing of this string's own between them.
    let mut quotes = 0usize;
    for token in inside {
        match token.kind {
            Kind::OpenQuote => quotes += 1,
            Kind::CloseQuote => quotes = quotes.saturating_sub(1),
            Kind::Interpolation | Kind::SequenceEnd | Kind::QuotedText if quotes == 0 => return None,
            _ => {}
        }
    }
    Some(inside)
}

/// Whether an expression that stood in braces needs parentheses to be one where newlines count.
fn needs_parens(inside: &[Token]) -> bool {
    let ends_line = |t: &Token| matches!(t.kind, Kind::Newline | Kind::LineComment);
    if !inside.iter().take(inside.len().saturating_sub(1)).any(ends_line) {
        return false;
    }
    // Newlines within brackets do no harm, but Terraform adds parentheses even so; those that are there already suffice.
    let mut depth = 0usize;
    let wrapped = inside.iter().enumerate().all(|(i, t)| {
        match t.kind {
            Kind::OpenParen => depth += 1,
            Kind::CloseParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > 0 || i + 1 == inside.len()
    });
    !wrapped
}

/// A text as it is written between quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            c if c.is_control() => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}
