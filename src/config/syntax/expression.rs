//! The grammar of expressions, apart from strings. Refuses to know bodies.

use super::parser::{LEVELS, Parse, Parser, Reported};
use super::token::{Kind, Token};
use crate::config::expr::{BinaryOp, Call, Expr, ExprKind, For, Ident, ObjectItem, UnaryOp};
use crate::diag::{Diagnostic, Span};
use crate::value::{Number, Type, Value};

const INVALID: &str = "Invalid expression";
const INVALID_FOR: &str = "Invalid 'for' expression";

/// An expression and how many levels it is deep, so that no tree becomes too deep to walk.
pub(crate) struct Deep {
    pub expr: Expr,
    pub depth: u32,
}

impl Parser<'_> {
    /// Puts an expression together whose parts are at most `inner` levels deep.
    pub fn build(&mut self, kind: ExprKind, span: Span, inner: u32) -> Parse<Deep> {
        if inner >= LEVELS {
            return Err(self.too_deep(&self.peek()));
        }
        Ok(Deep { expr: Expr { kind, span }, depth: inner + 1 })
    }

    fn literal(&mut self, value: Value, span: Span) -> Parse<Deep> {
        self.build(ExprKind::Literal(value), span, 0)
    }

    /// An expression.
    pub fn expression(&mut self) -> Parse<Deep> {
        self.deeper(Self::conditional)
    }

    /// `a ? b : c`, or what binds tighter.
    fn conditional(&mut self) -> Parse<Deep> {
        let condition = self.binary(1)?;
        match self.read_if(Kind::Question) {
            Some(_) => self.branches(condition),
            None => Ok(condition),
        }
    }

    /// `b : c`, behind `a ?`.
    fn branches(&mut self, condition: Deep) -> Parse<Deep> {
        let then = self.expression()?;
        if self.kind() != Kind::Colon {
            let why = "A condition with ? needs a value for the other case too, behind a colon: a ? b : c";
            return Err(self.expected("Missing false expression in conditional", why));
        }
        self.read();
        let otherwise = self.expression()?;
        let depth = condition.depth.max(then.depth).max(otherwise.depth);
        let span = condition.expr.span.to(&otherwise.expr.span);
        let parts = Box::new([condition.expr, then.expr, otherwise.expr]);
        self.build(ExprKind::Conditional(parts), span, depth)
    }

    /// Operators of two sides that bind at least as tightly as `least`.
    fn binary(&mut self, least: u8) -> Parse<Deep> {
        let mut left = self.operand()?;
        while let Some((op, tightness)) = operator(self.kind()).filter(|(_, t)| *t >= least) {
            let token = self.read();
            let right = self.binary(tightness + 1)?;
            left = self.combine(op, &token, left, right)?;
        }
        Ok(left)
    }

    fn combine(&mut self, op: BinaryOp, token: &Token, left: Deep, right: Deep) -> Parse<Deep> {
        let depth = left.depth.max(right.depth);
        let span = left.expr.span.to(&right.expr.span);
        let kind = ExprKind::Binary(op, Box::new([left.expr, right.expr]), self.span_of(token));
        self.build(kind, span, depth)
    }

    /// A value with everything that follows it without an operator: `.name`, `[key]`, splats.
    fn operand(&mut self) -> Parse<Deep> {
        let term = self.term()?;
        self.steps(term)
    }

    fn steps(&mut self, mut from: Deep) -> Parse<Deep> {
        loop {
            from = match self.kind() {
                Kind::Dot => self.dot(from)?,
                Kind::OpenBracket => self.bracket(from)?,
                _ => return Ok(from),
            };
        }
    }

    /// `.name`, `.0` or `.*`
    fn dot(&mut self, from: Deep) -> Parse<Deep> {
        self.read();
        let token = self.peek();
        if token.kind != Kind::Star {
            return self.attribute_step(from);
        }
        self.read();
        // Only attributes and numbers belong to each element; an index behind them is one into the result.
        let marker = self.span_of(&token);
        let mut each = self.build(ExprKind::SplatItem, marker.clone(), 0)?;
        while self.kind() == Kind::Dot {
            self.read();
            if self.kind() == Kind::Star {
                return Err(self.unexpected(
                    "Nested splat expression not allowed",
                    "Behind .* there can be attribute names only, not another .*; the full splat [*] can be repeated.",
                ));
            }
            each = self.attribute_step(each)?;
        }
        self.splat(from, each, false, marker)
    }

    /// A name or a number, behind a dot.
    fn attribute_step(&mut self, from: Deep) -> Parse<Deep> {
        let token = self.peek();
        match token.kind {
            Kind::Ident => {
                self.read();
                let name = self.ident(&token);
                let span = from.expr.span.to(&name.span);
                self.build(ExprKind::Attr(Box::new(from.expr), name), span, from.depth)
            }
            Kind::Number if self.text_of(&token).contains('.') => {
                let text = self.text_of(&token);
                let indexes: String = text.split('.').map(|i| format!("[{i}]")).collect();
                let detail = format!(
                    "Indexes in a row cannot be written with dots, for {text} reads like a number. Write {indexes}."
                );
                Err(self.unexpected("Invalid legacy index syntax", detail))
            }
            Kind::Number => {
                self.read();
                let number = self.number(&token)?;
                let place = self.span_of(&token);
                let span = from.expr.span.to(&place);
                self.build(ExprKind::LegacyIndex(Box::new(from.expr), number, place), span, from.depth)
            }
            _ => Err(self.expected("Invalid attribute name", "The name of an attribute is expected behind the dot")),
        }
    }

    /// `[key]` or `[*]`
    fn bracket(&mut self, from: Deep) -> Parse<Deep> {
        let open = self.read();
        if self.kind() == Kind::Star {
            return self.full_splat(from);
        }
        let key = self.with_newlines(false, Self::key)?;
        let end = self.previous().unwrap_or(open);
        let span = from.expr.span.to(&self.span_of(&end));
        let depth = from.depth.max(key.depth);
        self.build(ExprKind::Index(Box::new(from.expr), Box::new(key.expr)), span, depth)
    }

    /// `key]`
    fn key(&mut self) -> Parse<Deep> {
        let key = self.expression()?;
        if self.kind() != Kind::CloseBracket {
            return Err(self.expected("Missing close bracket on index", "An index ends with a closing bracket (])"));
        }
        self.read();
        Ok(key)
    }

    /// `*]` and what follows
    fn full_splat(&mut self, from: Deep) -> Parse<Deep> {
        let star = self.read();
        if self.kind() != Kind::CloseBracket {
            let why = "The star of a splat stands alone in its brackets: [*]";
            return Err(self.expected("Missing close bracket on splat index", why));
        }
        self.read();
        let marker = self.span_of(&star);
        let item = self.build(ExprKind::SplatItem, marker.clone(), 0)?;
        // Everything that follows is applied to each element.
        let each = self.deeper(|p| p.steps(item))?;
        self.splat(from, each, true, marker)
    }

    fn splat(&mut self, from: Deep, each: Deep, full: bool, marker: Span) -> Parse<Deep> {
        let end = self.previous().map_or(marker.clone(), |t| self.span_of(&t));
        let span = from.expr.span.to(&end);
        let depth = from.depth.max(each.depth);
        let kind = ExprKind::Splat { source: Box::new(from.expr), each: Box::new(each.expr), full, marker };
        self.build(kind, span, depth)
    }

    fn term(&mut self) -> Parse<Deep> {
        let token = self.peek();
        match token.kind {
            Kind::Ident => self.name_or_call(),
            Kind::Number => {
                self.read();
                let number = self.number(&token)?;
                let span = self.span_of(&token);
                self.literal(Value::number(number), span)
            }
            Kind::OpenQuote | Kind::OpenHeredoc => self.string(),
            Kind::OpenParen => self.paren(),
            Kind::OpenBracket => self.tuple(),
            Kind::OpenBrace => self.object(),
            Kind::Minus => self.unary(UnaryOp::Neg),
            Kind::Bang => self.unary(UnaryOp::Not),
            _ => Err(self.no_expression()),
        }
    }

    /// Reports that no expression begins here.
    fn no_expression(&mut self) -> Reported {
        let token = self.peek();
        let rest = self.text.get(token.to()..).unwrap_or("");
        match token.kind {
            Kind::End => self.unexpected("Missing expression", "The file ends where an expression should begin."),
            Kind::Newline => self.unexpected(
                INVALID,
                "The line ends where an expression should begin. An expression may go on over several lines only inside \
                 parentheses, brackets or a function call.",
            ),
            Kind::Less if rest.starts_with('<') => self.unexpected(
                INVALID,
                "A heredoc begins with << and a marker, such as <<EOT, without quotes and with nothing behind it on its \
                 line.",
            ),
            Kind::Slash if rest.starts_with('*') => {
                self.unexpected(INVALID, "This comment is not closed: its end, */, is missing.")
            }
            _ => self.expected(INVALID, "An expression is expected here"),
        }
    }

    /// `-a` and `!a`: they bind tighter than any operator of two sides, and looser than `.` and `[`.
    fn unary(&mut self, op: UnaryOp) -> Parse<Deep> {
        let token = self.read();
        let inner = self.deeper(Self::operand)?;
        let span = self.span_of(&token).to(&inner.expr.span);
        self.build(ExprKind::Unary(op, Box::new(inner.expr)), span, inner.depth)
    }

    /// A number's value.
    fn number(&mut self, token: &Token) -> Parse<Number> {
        let text = self.text_of(token);
        let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
        let plain = mantissa.bytes().filter(|b| *b == b'.').count() < 2 && text.matches(['e', 'E']).count() < 2;
        // "1.e5" is a number too, and means the same without the dot.
        let number = Number::parse(&text.replace(".e", "e").replace(".E", "E"))
            .filter(|_| plain && !text.split_once(['e', 'E']).is_some_and(|(_, exponent)| exponent.contains('.')));
        number.ok_or_else(|| {
            let detail = format!("\"{text}\" is not a number. A number is written as 12, 0.5 or 1e6.");
            self.error_at(token, "Invalid number literal", detail)
        })
    }

    fn name_or_call(&mut self) -> Parse<Deep> {
        let token = self.read();
        if matches!(self.kind(), Kind::OpenParen | Kind::DoubleColon) {
            return self.call(token);
        }
        let span = self.span_of(&token);
        match self.text_of(&token) {
            "true" => self.literal(Value::bool(true), span),
            "false" => self.literal(Value::bool(false), span),
            "null" => self.literal(Value::null(Type::Any), span),
            name => self.build(ExprKind::Name(name.into()), span, 0),
        }
    }

    fn call(&mut self, first: Token) -> Parse<Deep> {
        let mut name = self.text_of(&first).to_string();
        let mut last = first;
        while self.read_if(Kind::DoubleColon).is_some() {
            let part = self.peek();
            if part.kind != Kind::Ident {
                return Err(self.expected("Missing function name", "The name of a function is expected behind ::"));
            }
            name.push_str("::");
            name.push_str(self.text_of(&part));
            last = self.read();
        }
        if self.kind() != Kind::OpenParen {
            let detail = format!("The function {name} must be called: an opening parenthesis is expected here.");
            return Err(self.unexpected("Missing open parenthesis", detail));
        }
        let name = Ident { name: name.into(), span: self.span(first.from(), last.to()) };
        let open = self.here();
        let paren = self.read();
        let (args, expand, depth) = self.with_newlines(false, |p| p.arguments(open, &paren))?;
        let end = self.previous().unwrap_or(paren);
        let span = self.span(first.from(), end.to());
        self.build(ExprKind::Call(Box::new(Call { name, args, expand })), span, depth)
    }

    /// The arguments of a call, with its closing parenthesis.
    fn arguments(&mut self, open: usize, paren: &Token) -> Parse<(Vec<Expr>, bool, u32)> {
        let (mut args, mut expand, mut depth, mut failed) = (Vec::new(), false, 0, false);
        while self.kind() != Kind::CloseParen {
            let start = self.here();
            let argument = self.expression().and_then(|argument| match self.kind() {
                Kind::Comma | Kind::CloseParen => Ok(argument),
                Kind::Ellipsis => {
                    self.read();
                    expand = true;
                    if self.kind() == Kind::CloseParen {
                        return Ok(argument);
                    }
                    let detail = "An argument with ... is the last one: a closing parenthesis is expected behind it.";
                    Err(self.unexpected("Missing closing parenthesis", detail))
                }
                Kind::End => Err(self.error_at(
                    paren,
                    "Unterminated function call",
                    "The file ends before this call is closed. Add its closing parenthesis.",
                )),
                _ => Err(self.expected("Missing argument separator", "Arguments are separated by commas")),
            });
            match argument {
                Ok(argument) => {
                    depth = depth.max(argument.depth);
                    args.push(argument.expr);
                }
                Err(Reported) => {
                    failed = true;
                    self.next_item(open, start, |k| matches!(k, Kind::Comma))?;
                }
            }
            if self.read_if(Kind::Comma).is_none() {
                break;
            }
        }
        self.read();
        if failed { Err(Reported) } else { Ok((args, expand, depth)) }
    }

    /// After an error in an item inside the bracket at `open`: goes behind that item. Fails if the bracket is never closed,
    /// for then nobody knows what is inside it.
    fn next_item(&mut self, open: usize, start: usize, ends: impl Fn(Kind) -> bool) -> Parse<()> {
        if !self.is_closed(open) || self.gave_up() {
            return Err(Reported);
        }
        let close = self.token(open).partner as usize;
        self.skip_from(start, ends);
        if self.here() > close {
            self.go_to(close);
        }
        Ok(())
    }

    fn paren(&mut self) -> Parse<Deep> {
        let open = self.here();
        let paren = self.read();
        let Ok(inner) = self.with_newlines(false, |p| p.in_paren(&paren)) else {
            // What is around goes on behind the parentheses.
            self.leave(open);
            return Err(Reported);
        };
        let end = self.previous().unwrap_or(paren);
        let span = self.span(paren.from(), end.to());
        self.build(ExprKind::Paren(Box::new(inner.expr)), span, inner.depth)
    }

    /// `x)`
    fn in_paren(&mut self, paren: &Token) -> Parse<Deep> {
        let inner = self.expression()?;
        if self.kind() != Kind::CloseParen {
            return Err(self.unbalanced(paren));
        }
        self.read();
        Ok(inner)
    }

    fn unbalanced(&mut self, paren: &Token) -> Reported {
        const SUMMARY: &str = "Unbalanced parentheses";
        if matches!(self.kind(), Kind::Invalid | Kind::QuotedNewline) {
            return self.unexpected(SUMMARY, "");
        }
        let detail = format!("A closing parenthesis is expected here; found {}.", self.found());
        let here = self.span_of(&self.peek());
        self.report(Diagnostic::error(SUMMARY, detail).at(&here).with_related(&self.span_of(paren), "opened here"))
    }

    fn tuple(&mut self) -> Parse<Deep> {
        let open = self.here();
        let bracket = self.read();
        self.with_newlines(false, |p| {
            if p.is_word("for") {
                return p.for_expression(open, &bracket, Kind::CloseBracket);
            }
            let (mut items, mut depth, mut failed) = (Vec::new(), 0, false);
            while p.kind() != Kind::CloseBracket {
                let start = p.here();
                let item = p.expression().and_then(|item| match p.kind() {
                    Kind::Comma | Kind::CloseBracket => Ok(item),
                    Kind::End => Err(p.error_at(
                        &bracket,
                        "Unterminated tuple constructor expression",
                        "The file ends before this bracket is closed. Add the closing bracket (]).",
                    )),
                    _ => Err(p.expected("Missing item separator", "Items are separated by commas")),
                });
                match item {
                    Ok(item) => {
                        depth = depth.max(item.depth);
                        items.push(item.expr);
                    }
                    Err(Reported) => {
                        failed = true;
                        p.next_item(open, start, |k| matches!(k, Kind::Comma))?;
                    }
                }
                if p.read_if(Kind::Comma).is_none() {
                    break;
                }
            }
            let close = p.read();
            if failed {
                return Err(Reported);
            }
            let span = p.span(bracket.from(), close.to());
            p.build(ExprKind::Tuple(items), span, depth)
        })
    }

    fn object(&mut self) -> Parse<Deep> {
        let open = self.here();
        let brace = self.read();
        // `for` may stand on a line of its own, for inside it newlines do not count; between items they do.
        if self.with_newlines(false, |p| p.is_word("for")) {
            return self.with_newlines(false, |p| p.for_expression(open, &brace, Kind::CloseBrace));
        }
        self.with_newlines(true, |p| {
            let (mut items, mut depth, mut failed) = (Vec::new(), 0, false);
            loop {
                while p.read_if(Kind::Newline).is_some() {}
                if p.kind() == Kind::CloseBrace {
                    break;
                }
                let start = p.here();
                match p.object_item(&brace) {
                    Ok((item, item_depth)) => {
                        depth = depth.max(item_depth);
                        items.push(item);
                    }
                    Err(Reported) => {
                        failed = true;
                        p.next_item(open, start, |k| matches!(k, Kind::Comma | Kind::Newline))?;
                    }
                }
                if p.kind() == Kind::CloseBrace {
                    break;
                }
                if matches!(p.kind(), Kind::Comma | Kind::Newline) {
                    p.read();
                }
            }
            let close = p.read();
            if failed {
                return Err(Reported);
            }
            let span = p.span(brace.from(), close.to());
            p.build(ExprKind::Object(items), span, depth)
        })
    }

    /// `key = value`, with what separates it from the next left unread.
    fn object_item(&mut self, brace: &Token) -> Parse<(ObjectItem, u32)> {
        let key = self.expression()?;
        if !matches!(self.kind(), Kind::Equal | Kind::Colon) {
            return Err(self.no_equals(brace));
        }
        self.read();
        let value = self.expression()?;
        if self.kind() == Kind::End {
            return Err(self.unclosed_object(brace));
        }
        if !matches!(self.kind(), Kind::Comma | Kind::Newline | Kind::CloseBrace) {
            return Err(self.expected("Missing attribute separator", "Items are separated by newlines or commas"));
        }
        let depth = key.depth.max(value.depth);
        Ok((ObjectItem { key: as_key(key.expr), value: value.expr }, depth))
    }

    fn unclosed_object(&mut self, brace: &Token) -> Reported {
        let detail = "The file ends before this object is closed. Add the closing brace (}).";
        self.error_at(brace, "Unterminated object constructor expression", detail)
    }

    /// Reports that an object's key has no value.
    fn no_equals(&mut self, brace: &Token) -> Reported {
        match self.kind() {
            Kind::Newline | Kind::Comma | Kind::CloseBrace => self
                .unexpected("Missing attribute value", "Each item of an object has a name and a value: name = value."),
            Kind::End => self.unclosed_object(brace),
            _ => {
                let detail = format!(
                    "An equals sign is expected behind the name; found {}. A name with blanks or dots in it is written \
                     in quotes.",
                    self.found()
                );
                self.unexpected("Missing key/value separator", detail)
            }
        }
    }

    /// `for k, v in x : y if z` with the closing bracket, behind the opening one. Newlines do not count.
    fn for_expression(&mut self, open: usize, bracket: &Token, close: Kind) -> Parse<Deep> {
        let result = self.for_parts(bracket, close);
        if result.is_err() {
            self.leave(open);
        }
        result
    }

    fn for_parts(&mut self, bracket: &Token, close: Kind) -> Parse<Deep> {
        self.read();
        let (key_name, value_name) = self.for_names(INVALID_FOR)?;
        let collection = Box::new(self.expression()?);
        if self.kind() != Kind::Colon {
            return Err(self.expected(INVALID_FOR, "A colon is expected behind the collection"));
        }
        self.read();
        let result = Box::new(self.for_result(close)?);
        let condition = self.for_condition()?.map(Box::new);
        self.for_end(close, result.key.is_some())?;
        let end = self.previous().unwrap_or(*bracket);
        let depths = [collection.depth, result.depth, condition.as_ref().map_or(0, |c| c.depth)];
        let parts = For {
            key_name,
            value_name,
            collection: collection.expr,
            key: result.key,
            value: result.value,
            group: result.group,
            condition: condition.map(|c| c.expr),
        };
        let span = self.span(bracket.from(), end.to());
        self.build(ExprKind::For(Box::new(parts)), span, depths.into_iter().max().unwrap_or(0))
    }

    /// `v`, `k => v` or `k => v...`
    fn for_result(&mut self, close: Kind) -> Parse<ForResult> {
        let first = self.expression()?;
        let mut result = ForResult { key: None, value: first.expr, group: false, depth: first.depth };
        if self.kind() == Kind::Arrow {
            if close == Kind::CloseBracket {
                return Err(self.unexpected(
                    INVALID_FOR,
                    "In brackets a 'for' builds a tuple, whose elements have no keys. To build an object, use braces.",
                ));
            }
            self.read();
            let value = self.expression()?;
            result.depth = result.depth.max(value.depth);
            result.key = Some(std::mem::replace(&mut result.value, value.expr));
        }
        if self.kind() == Kind::Ellipsis {
            if close == Kind::CloseBracket {
                let detail =
                    "Values are grouped with ... by their keys, and a tuple has none. Use braces and key => value.";
                return Err(self.unexpected(INVALID_FOR, detail));
            }
            self.read();
            result.group = true;
        }
        Ok(result)
    }

    /// `if z`, if it is there.
    fn for_condition(&mut self) -> Parse<Option<Deep>> {
        if !self.is_word("if") {
            return Ok(None);
        }
        self.read();
        self.expression().map(Some)
    }

    fn for_end(&mut self, close: Kind, has_key: bool) -> Parse<()> {
        if self.kind() != close {
            let why = "The 'for' expression is complete, so its bracket should close here";
            return Err(self.expected(INVALID_FOR, why));
        }
        if !has_key && close == Kind::CloseBrace {
            return Err(self.unexpected(
                INVALID_FOR,
                "In braces a 'for' builds an object, whose attributes need keys: { for k, v in x : k => v }. To build a \
                 tuple, use brackets.",
            ));
        }
        self.read();
        Ok(())
    }

    /// `k, v in`, behind `for`.
    pub fn for_names(&mut self, summary: &'static str) -> Parse<(Option<Ident>, Ident)> {
        let name = |p: &mut Self, after: &str| {
            let token = p.peek();
            if token.kind == Kind::Ident {
                p.read();
                return Ok(p.ident(&token));
            }
            let detail = format!("A name is expected behind {after}; found {}.", p.found());
            Err(p.unexpected(summary, detail))
        };
        let first = name(self, "'for'")?;
        let mut names = (None, first);
        if self.read_if(Kind::Comma).is_some() {
            let second = name(self, "the comma")?;
            names = (Some(names.1), second);
        }
        if !self.is_word("in") {
            let detail =
                format!("The word 'in' and a collection are expected behind the names; found {}.", self.found());
            return Err(self.unexpected(summary, detail));
        }
        self.read();
        Ok(names)
    }
}

/// What a `for` gives for each element.
struct ForResult {
    key: Option<Expr>,
    value: Expr,
    group: bool,
    depth: u32,
}

/// The operator a token is, and how tightly it binds.
fn operator(kind: Kind) -> Option<(BinaryOp, u8)> {
    Some(match kind {
        Kind::Or => (BinaryOp::Or, 1),
        Kind::And => (BinaryOp::And, 2),
        Kind::EqualEqual => (BinaryOp::Eq, 3),
        Kind::NotEqual => (BinaryOp::NotEq, 3),
        Kind::Less => (BinaryOp::Less, 4),
        Kind::LessEqual => (BinaryOp::LessEq, 4),
        Kind::Greater => (BinaryOp::Greater, 4),
        Kind::GreaterEqual => (BinaryOp::GreaterEq, 4),
        Kind::Plus => (BinaryOp::Add, 5),
        Kind::Minus => (BinaryOp::Sub, 5),
        Kind::Star => (BinaryOp::Mul, 6),
        Kind::Slash => (BinaryOp::Div, 6),
        Kind::Percent => (BinaryOp::Mod, 6),
        _ => return None,
    })
}

/// An object's key: what is a bare word or number as an expression is a name here.
fn as_key(key: Expr) -> Expr {
    let name = match &key.kind {
        ExprKind::Name(name) => Value::string(name),
        ExprKind::Literal(value) if value.as_str().is_none() => match value.as_number() {
            Some(number) => Value::string(number.to_string()),
            // true, false and null.
            None => Value::string(key.span.text()),
        },
        _ => return key,
    };
    Expr { kind: ExprKind::Literal(name), span: key.span }
}
