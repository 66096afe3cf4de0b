//! Text → bodies and expressions. Both syntaxes, `.tf` and `.tf.json`, come out in the same shapes.
//!
//! Refuses to know which arguments and blocks there are, and what anything evaluates to.
//!
//! Accepts what Terraform 1.11 accepts, but for a limit of 224 levels of nesting. All errors of a text are reported,
//! as far as one can be told from what follows from another. With an error in `Diags`, what is returned is incomplete.

mod body;
mod expression;
mod json;
mod json_body;
mod lexer;
mod parser;
mod template;
mod token;

pub use json::{Json, JsonKind, JsonString, parse_json_value};
pub use json_body::{BlockNames, Property, parse_json};

use super::Body;
use super::expr::Expr;
use crate::diag::{Diags, Source};
pub(crate) use lexer::{Start, lex};
use parser::{Origin, Parse, Parser};
use std::sync::Arc;
pub(crate) use token::{Kind, Token};

/// Reads a `.tf` or `.tfvars` file.
pub fn parse(source: &Arc<Source>) -> (Body, Diags) {
    let mut parser = Parser::new(source, &source.text, Origin::default(), Start::Code);
    let body = parser.file();
    (body, parser.finish())
}

/// Reads an expression that is the whole text, as `-var` gives it. Newlines do not count, as if in parentheses.
pub fn parse_expr(source: &Arc<Source>) -> (Option<Expr>, Diags) {
    let mut parser = Parser::new(source, &source.text, Origin::default(), Start::Code);
    let expr = parser.with_newlines(false, Parser::whole_expression);
    (expr.ok(), parser.finish())
}

/// Reads a template that is the whole text, as `templatefile` needs it.
pub fn parse_template(source: &Arc<Source>) -> (Option<Expr>, Diags) {
    let mut parser = Parser::new(source, &source.text, Origin::default(), Start::Template);
    let expr = parser.bare_template();
    (expr.ok().map(|e| e.expr), parser.finish())
}

impl Parser<'_> {
    fn whole_expression(&mut self) -> Parse<Expr> {
        let expr = self.expression()?.expr;
        if self.kind() != token::Kind::End {
            let detail = format!("The expression is complete, but the text goes on with {}.", self.found());
            return Err(self.unexpected("Extra characters after expression", detail));
        }
        Ok(expr)
    }
}

#[cfg(test)]
mod json_tests;
#[cfg(test)]
mod tests;
