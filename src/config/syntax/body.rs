//! The grammar of bodies: arguments and blocks. Refuses to know expressions.

use super::parser::{Parse, Parser, Reported};
use super::token::{Kind, Token};
use crate::config::expr::Ident;
use crate::config::{Attribute, Block, Body};
use crate::diag::{Diagnostic, Span};
use std::collections::HashMap;

const ITEM_REQUIRED: &str = "Argument or block definition required";

impl Parser<'_> {
    /// A whole file.
    pub fn file(&mut self) -> Body {
        let mut body = Body { span: Some(self.span(0, 0)), ..Body::default() };
        self.items(&mut body, None);
        body
    }

    /// Arguments and blocks up to the end of the file, or the closing brace of the block whose opening brace is given.
    fn items(&mut self, body: &mut Body, open: Option<usize>) {
        let mut names = HashMap::new();
        let errors = self.error_count();
        while !self.gave_up() {
            let start = self.here();
            match self.kind() {
                Kind::Newline => {
                    self.read();
                }
                Kind::End => {
                    // What is wrong inside a block may well be why it is not closed.
                    if let Some(open) = open
                        && self.error_count() == errors
                    {
                        self.unclosed_block(open);
                    }
                    return;
                }
                Kind::CloseBrace if open.is_some() => {
                    self.read();
                    return;
                }
                Kind::Ident => match self.item(body, &mut names) {
                    Ok(()) => self.quiet = false,
                    Err(Reported) => self.skip_from(start, |k| matches!(k, Kind::Newline)),
                },
                _ => {
                    self.no_item();
                    self.read();
                    self.skip_from(start, |k| matches!(k, Kind::Newline));
                }
            }
        }
    }

    /// An argument or a block.
    fn item(&mut self, body: &mut Body, names: &mut HashMap<std::sync::Arc<str>, Span>) -> Parse<()> {
        let name = self.read();
        match self.kind() {
            Kind::Equal => {
                let attribute = self.attribute(name)?;
                self.line_end("Missing newline after argument", "argument")?;
                self.add(body, names, attribute);
                Ok(())
            }
            Kind::OpenQuote | Kind::OpenBrace | Kind::Ident => {
                let block = self.block(name)?;
                body.blocks.push(block);
                self.line_end("Missing newline after block definition", "block")
            }
            Kind::Invalid | Kind::QuotedNewline => Err(self.unexpected(ITEM_REQUIRED, "")),
            _ => {
                let word = self.text_of(&name);
                let detail = match self.kind() {
                    Kind::Colon => format!("Arguments are set with an equals sign: {word} = ..."),
                    _ => format!(
                        "\"{word}\" alone is neither an argument nor a block. To set an argument, write {word} = ...; \
                         to open a block, write {word} {{."
                    ),
                };
                let quiet = self.quiet;
                let diagnostic = Diagnostic::error(ITEM_REQUIRED, detail).at(&self.span_of(&name));
                Err(if quiet { Reported } else { self.report(diagnostic) })
            }
        }
    }

    fn add(&mut self, body: &mut Body, names: &mut HashMap<std::sync::Arc<str>, Span>, attribute: Attribute) {
        let span = attribute.name.span.clone();
        match names.get(&attribute.name.name) {
            Some(first) => {
                let (line, _) = first.line_column();
                let detail = format!(
                    "The argument \"{}\" is already set at line {line}. An argument may be set only once in a block: \
                     remove one of the two.",
                    attribute.name.name
                );
                let diagnostic =
                    Diagnostic::error("Attribute redefined", detail).at(&span).with_related(first, "first set here");
                self.report(diagnostic);
            }
            None => {
                names.insert(attribute.name.name.clone(), span);
                body.attributes.push(attribute);
            }
        }
    }

    /// `= value`, behind its name.
    fn attribute(&mut self, name: Token) -> Parse<Attribute> {
        self.read();
        let value = self.expression()?.expr;
        Ok(Attribute { name: self.ident(&name), value, json: None })
    }

    /// A name as written.
    pub fn ident(&self, token: &Token) -> Ident {
        Ident { name: self.text_of(token).into(), span: self.span_of(token) }
    }

    /// The rest of a block, behind its first word.
    fn block(&mut self, ty: Token) -> Parse<Block> {
        let mut labels = Vec::new();
        let open = loop {
            match self.kind() {
                Kind::OpenBrace => break self.here(),
                Kind::OpenQuote => labels.push(self.label()?),
                Kind::Ident => {
                    let token = self.read();
                    labels.push(self.ident(&token));
                }
                Kind::Equal => {
                    return Err(self.unexpected(
                        "Invalid block definition",
                        "An equals sign sets an argument, whose name is a single word; what stands before it here begins \
                         a block. A block's content is written in braces, without an equals sign.",
                    ));
                }
                Kind::Newline | Kind::End => {
                    return Err(self.unexpected(
                        "Invalid block definition",
                        "The content of a block is written in braces, and its opening brace stands on the line of the \
                         block's type and labels.",
                    ));
                }
                _ => {
                    let detail = format!(
                        "A block's type is followed by its labels, in quotes, and an opening brace; found {}.",
                        self.found()
                    );
                    return Err(self.unexpected("Invalid block definition", detail));
                }
            }
        };
        let brace = self.read();
        let header = self.span(ty.from(), self.token(open - 1).to());
        let mut body = Body { span: Some(header), ..Body::default() };
        match self.kind() {
            Kind::Newline | Kind::End | Kind::CloseBrace => {
                let done = self.deeper(|p| {
                    p.items(&mut body, Some(open));
                    Ok(())
                });
                if done.is_err() && !self.leave(open) {
                    return Err(Reported);
                }
            }
            _ => {
                if self.one_argument(&mut body, &brace).is_err() && !self.leave(open) {
                    return Err(Reported);
                }
            }
        }
        Ok(Block { ty: self.ident(&ty), labels, body })
    }

    /// `a = 1 }`: the content of a block on one line, behind its opening brace.
    fn one_argument(&mut self, body: &mut Body, brace: &Token) -> Parse<()> {
        const SUMMARY: &str = "Invalid single-argument block definition";
        if self.kind() != Kind::Ident {
            let detail =
                format!("The name of an argument, or the end of the line, is expected here; found {}.", self.found());
            return Err(self.unexpected("Argument definition required", detail));
        }
        let name = self.read();
        if self.kind() != Kind::Equal {
            let detail = format!(
                "A block written on one line can hold a single argument only. To set one, write {} = ...; \
                 to nest a block, put it on a line of its own.",
                self.text_of(&name)
            );
            return Err(self.unexpected("Argument definition required", detail));
        }
        let attribute = self.attribute(name)?;
        body.attributes.push(attribute);
        let detail = match self.kind() {
            Kind::CloseBrace => {
                self.read();
                return Ok(());
            }
            Kind::End => {
                return Err(self.error_at(brace, "Unclosed configuration block", UNCLOSED));
            }
            Kind::Comma => {
                "A block written on one line can hold a single argument only. Put each argument on a line of its own, \
                 without commas."
            }
            Kind::Newline => {
                "A block whose first argument stands on the line of the opening brace must also be closed on that line. \
                 Put the argument on a line of its own."
            }
            _ => "A block written on one line must be closed right behind its single argument.",
        };
        Err(self.unexpected(SUMMARY, detail))
    }

    /// A label in quotes.
    fn label(&mut self) -> Parse<Ident> {
        let open = self.here();
        let quote = self.read();
        let mut text = String::new();
        loop {
            let token = self.peek();
            match token.kind {
                Kind::QuotedText => {
                    self.read();
                    text.push_str(&self.unescape(&token, true)?);
                }
                Kind::CloseQuote => {
                    self.read();
                    return Ok(Ident { name: text.into(), span: self.span(quote.from(), token.to()) });
                }
                Kind::Interpolation | Kind::Directive => {
                    self.error_at(
                        &token,
                        "Template sequences are not allowed",
                        "A block's labels are plain names: nothing is filled in. To have a literal ${ or %{, write $${ or %%{.",
                    );
                    if !self.leave(open) {
                        return Err(Reported);
                    }
                    return Ok(Ident { name: text.into(), span: self.span(quote.from(), token.to()) });
                }
                _ => return Err(self.unclosed_quote(&quote)),
            }
        }
    }

    /// What ends an argument or block: the end of its line.
    fn line_end(&mut self, summary: &'static str, what: &str) -> Parse<()> {
        let detail = match self.kind() {
            Kind::Newline => {
                self.read();
                return Ok(());
            }
            Kind::End => return Ok(()),
            Kind::Comma if what == "argument" => {
                let detail = "Arguments are separated by newlines, not by commas.";
                return Err(self.unexpected("Unexpected comma after argument", detail));
            }
            Kind::Equal => "The line should end here. To compare two values, write ==.".to_string(),
            Kind::Ident if self.is_word("and") => "The line should end here. The logical \"and\" is written &&.".into(),
            Kind::Ident if self.is_word("or") => "The line should end here. The logical \"or\" is written ||.".into(),
            Kind::CloseBrace | Kind::CloseBracket | Kind::CloseParen => {
                format!("The line should end here: {} closes nothing.", self.found())
            }
            _ => format!("The {what} is complete, so its line should end here; found {}.", self.found()),
        };
        Err(self.unexpected(summary, detail))
    }

    /// Something that begins neither an argument nor a block.
    fn no_item(&mut self) {
        if self.quiet {
            return;
        }
        match self.kind() {
            Kind::OpenQuote => self.unexpected(
                "Invalid argument name",
                "An argument or block begins with a name, and names are written without quotes.",
            ),
            Kind::CloseBrace => self.unexpected(ITEM_REQUIRED, "This brace closes nothing: no block is open here."),
            _ => {
                let detail = format!("An argument or a block is expected here; found {}.", self.found());
                self.unexpected(ITEM_REQUIRED, detail)
            }
        };
    }

    /// The file ends inside a block.
    fn unclosed_block(&mut self, open: usize) {
        let brace = self.token(open);
        let mut diagnostic = Diagnostic::error("Unclosed configuration block", UNCLOSED).at(&self.span_of(&brace));
        if let Some((first, last)) = self.misaligned(open) {
            let label = "this is closed by a brace of another indentation: one may be missing inside";
            diagnostic = diagnostic.with_related(&self.span_of(&first), label);
            diagnostic = diagnostic.with_related(&self.span_of(&last), "the brace that closes it");
        }
        self.report(diagnostic);
    }

    /// The first pair of braces from the token `open` on whose lines are indented differently.
    fn misaligned(&self, open: usize) -> Option<(Token, Token)> {
        (open..self.here()).find_map(|i| {
            let token = self.token(i);
            if token.kind != Kind::OpenBrace || !self.is_closed(i) {
                return None;
            }
            let close = self.token(token.partner as usize);
            let (a, b) = (self.indent(token.from()), self.indent(close.from()));
            (a.0 != b.0 && a.1 != b.1).then_some((token, close))
        })
    }

    /// The start of the line of a place, and its blanks.
    fn indent(&self, at: usize) -> (usize, &str) {
        let start = self.text[..at].rfind('\n').map_or(0, |i| i + 1);
        let line = &self.text[start..];
        (start, &line[..line.len() - line.trim_start_matches([' ', '\t']).len()])
    }
}

const UNCLOSED: &str = "The file ends before this block is closed. Add its closing brace; it may also be one further inside that \
     is missing.";
