//! The body of a resource, data or provider block against its schema → an object.
//!
//! Refuses to know AWS, and what a value means: whether it is a good one is for others to judge.

use super::Scope;
use super::walk::{Frame, Walk};
use crate::config::expr::Expr;
use crate::config::{self, Body};
use crate::diag::{Diagnostic, Diags, Span, nearest};
use crate::schema::{Attribute, Block, LATER, NestedBlock, Nesting, Schema};
use crate::value::{Fields, Marks, Type, Value, convert};
use std::sync::Arc;

pub use super::place::span_of;

/// Evaluates a body to an object of the schema's type, `timeouts` included.
///
/// What is not written is null, blocks that are not written are an empty list or set. Blocks whose number is not known yet are one
/// hole. On a mistake, that part is a hole and `diags` has the reason.
pub fn eval_body(body: &Body, schema: &Schema, scope: &Scope<'_>, diags: &mut Diags) -> Value {
    let mut walk = Walk::new(scope);
    let mut fields = walk.block(body, &schema.block, schema.timeouts, None);
    if !schema.timeouts.is_empty() {
        fields.insert("timeouts".into(), walk.timeouts(body, schema.timeouts));
    }
    walk.finish(diags);
    Value::object(fields)
}

/// Evaluates a body to an object of the block's type; see [`eval_body`].
pub fn eval_block(body: &Body, block: &Block, scope: &Scope<'_>, diags: &mut Diags) -> Value {
    let mut walk = Walk::new(scope);
    let fields = walk.block(body, block, &[], None);
    walk.finish(diags);
    Value::object(fields)
}

/// Operations with the default in seconds, as a schema names them.
type Timeouts = [(&'static str, u64)];

impl Walk<'_> {
    /// The content of a block. `timeouts` only tells whether a block of that name may stand here.
    pub(super) fn block(
        &mut self,
        body: &Body,
        shape: &Block,
        timeouts: &Timeouts,
        frame: Option<&Frame<'_>>,
    ) -> Fields {
        self.refuse_unexpected(body, shape, !timeouts.is_empty(), frame);
        let mut fields = Fields::new();
        for attribute in shape.attributes {
            let value = self.argument_of(attribute, body, frame);
            fields.insert(Arc::from(attribute.name), value);
        }
        for nested in shape.blocks {
            let value = self.blocks_of(nested, body, frame);
            fields.insert(Arc::from(nested.name), value);
        }
        fields
    }

    /// Reports arguments and blocks that the shape does not have. Those of later versions may stand here as long as they say nothing:
    /// modules pass them on whether or not somebody uses them.
    fn refuse_unexpected(&mut self, body: &Body, shape: &Block, timeouts: bool, frame: Option<&Frame<'_>>) {
        for written in &body.attributes {
            let name = &*written.name.name;
            if shape.attribute(name).is_some() || LATER.contains(&name) && self.says_nothing(&written.value, frame) {
                continue;
            }
            let detail = format!("An argument named {name:?} is not expected here.");
            let diagnostic = Diagnostic::error("Unsupported argument", detail).at(&written.name.span);
            self.fail(if shape.nested(name).is_some() || timeouts && name == "timeouts" {
                diagnostic.help(format!("To write a block of type {name:?}, remove the equals sign."))
            } else {
                suggest(diagnostic, name, shape.attributes.iter().filter(|a| a.is_configurable()).map(|a| a.name))
            });
        }
        for block in &body.blocks {
            let name = match (&*block.ty.name, block.labels.as_slice()) {
                ("dynamic", [label]) => label,
                ("dynamic", _) => {
                    let detail = "A dynamic block needs the type of the blocks it makes as its only label, such as \
                                  dynamic \"attribute\".";
                    self.fail(Diagnostic::error("Missing type for dynamic", detail).at(&block.ty.span));
                    continue;
                }
                _ => &block.ty,
            };
            let ty = &*name.name;
            let is_dynamic = &*block.ty.name == "dynamic";
            if let (false, Some(extra)) = (is_dynamic, block.labels.first()) {
                let detail = format!("No labels are expected for {ty:?} blocks.");
                self.fail(Diagnostic::error("Extraneous block label", detail).at(&extra.span));
            }
            if shape.nested(ty).is_some() || timeouts && ty == "timeouts" && !is_dynamic {
                continue;
            }
            if is_dynamic
                && LATER.contains(&ty)
                && let Some(for_each) = block.body.attribute("for_each")
                && self.says_nothing(&for_each.value, frame)
            {
                continue;
            }
            let detail = format!("Blocks of type {ty:?} are not expected here.");
            let diagnostic = Diagnostic::error("Unsupported block type", detail).at(&name.span);
            self.fail(match shape.attribute(ty) {
                Some(a) if a.is_configurable() => {
                    diagnostic.help(format!("To set the argument {ty:?}, put an equals sign behind its name."))
                }
                _ => suggest(diagnostic, ty, shape.blocks.iter().map(|b| b.name)),
            });
        }
    }

    /// Whether nothing comes of an argument, or no block of a `for_each`. What is not known yet is judged when it is.
    fn says_nothing(&mut self, expr: &Expr, frame: Option<&Frame<'_>>) -> bool {
        let value = self.eval(expr, frame).unmark().0;
        value.is_null() || !value.is_known() || matches!(value.length_bounds(), Some((0, Some(0))))
    }

    /// The value of one argument.
    fn argument_of(&mut self, attribute: &Attribute, body: &Body, frame: Option<&Frame<'_>>) -> Value {
        let ty = attribute.ty.to_type();
        let name = attribute.name;
        let required = attribute.set_by == crate::schema::SetBy::Required;
        let missing = |at: Option<&Span>| {
            let detail = format!("The argument {name:?} is required, but no definition was found.");
            Diagnostic::error("Missing required argument", detail).at_opt(at)
        };
        let Some(written) = body.attribute(name) else {
            if required {
                self.fail(missing(body.span.as_ref()));
            }
            return Value::null(ty);
        };
        if !attribute.is_configurable() {
            let detail = format!(
                "Can't configure a value for {name:?}: its value will be decided automatically based on the result of \
                 applying this configuration."
            );
            self.fail(Diagnostic::error("Value for unconfigurable attribute", detail).at(&written.name.span));
            return Value::null(ty);
        }
        let value = self.eval(&written.value, frame);
        let value = self.converted(value, &ty, written);
        if value.is_null() {
            if required {
                self.fail(missing(Some(&written.value.span)));
            }
            return value;
        }
        if attribute.unsupported {
            let detail = format!("formwork does not support the argument {name:?} yet. Remove it, or set it to null.");
            self.fail(Diagnostic::error("Argument not supported yet", detail).at(&written.name.span));
        }
        if value.marks_deep().ephemeral {
            let detail = format!(
                "Ephemeral values are not valid for {name:?}, because it is not a write-only attribute and must be persisted \
                 to state."
            );
            self.fail(Diagnostic::error("Invalid use of ephemeral value", detail).at(&written.value.span));
        }
        value
    }

    fn converted(&mut self, value: Value, ty: &Type, written: &config::Attribute) -> Value {
        match convert(&value, ty) {
            Ok(value) => value,
            Err(error) => {
                let detail = format!("Inappropriate value for attribute {:?}: {error}.", &*written.name.name);
                let span = super::place::part_of(&written.value, &error.path);
                self.fail(Diagnostic::error("Incorrect attribute value type", detail).at(span));
                Value::unknown(ty.clone())
            }
        }
    }

    /// The value of all blocks of one type.
    fn blocks_of(&mut self, nested: &NestedBlock, body: &Body, frame: Option<&Frame<'_>>) -> Value {
        let mut made = Made::default();
        for block in &body.blocks {
            match (&*block.ty.name, block.labels.as_slice()) {
                ("dynamic", [label]) if &*label.name == nested.name => self.expand(block, nested, frame, &mut made),
                (ty, _) if ty == nested.name => {
                    let fields = self.block(&block.body, &nested.block, &[], frame);
                    made.push(Value::object(fields), &block.ty.span);
                }
                _ => {}
            }
        }
        if nested.unsupported
            && let Some((_, span)) = made.items.first()
        {
            let detail = format!("formwork does not support blocks of type {:?} yet. Remove it.", nested.name);
            self.fail(Diagnostic::error("Block type not supported yet", detail).at(span));
        }
        if made.open {
            return Value::unknown(nested.ty()).mark(made.marks);
        }
        self.count(nested, &made, body);
        let element = nested.block.ty();
        let marks = made.marks;
        let mut items = made.items.into_iter().map(|(value, _)| value);
        let value = match nested.nesting {
            Nesting::Single => items.next().unwrap_or_else(|| Value::null(element)),
            Nesting::List => Value::list(element, items.collect()),
            Nesting::Set => Value::set(element, items.collect()),
        };
        value.mark(marks)
    }

    /// Holds the number of blocks against what the schema allows.
    fn count(&mut self, nested: &NestedBlock, made: &Made, body: &Body) {
        let name = nested.name;
        let blocks = |n: usize| if n == 1 { "block is" } else { "blocks are" };
        let max = if nested.nesting == Nesting::Single { 1 } else { nested.max };
        let n = made.items.len();
        if n < nested.min {
            let detail = format!("At least {} {name:?} {} required.", nested.min, blocks(nested.min));
            self.fail(Diagnostic::error("Insufficient blocks", detail).at_opt(body.span.as_ref()));
        } else if max > 0
            && let Some((_, extra)) = made.items.get(max)
        {
            let detail = format!("No more than {max} {name:?} {} allowed.", blocks(max));
            let diagnostic = Diagnostic::error("Too many blocks", detail).at(extra);
            self.fail(match &made.items[0] {
                (_, first) if first != extra => diagnostic.with_related(first, "the first one"),
                _ => diagnostic,
            });
        }
    }

    /// The `timeouts` block: how long operations may take, as text such as `30m`; null if it is not written.
    fn timeouts(&mut self, body: &Body, operations: &Timeouts) -> Value {
        let ty = Type::object(operations.iter().map(|(name, _)| (Arc::from(*name), Type::String)).collect());
        let mut written = body.blocks("timeouts");
        let Some(block) = written.next() else { return Value::null(ty) };
        for again in written {
            let detail = "Only one block of type \"timeouts\" is allowed.";
            let diagnostic = Diagnostic::error("Duplicate timeouts block", detail).at(&again.ty.span);
            self.fail(diagnostic.with_related(&block.ty.span, "the first one"));
        }
        for attribute in &block.body.attributes {
            let name = &*attribute.name.name;
            if !operations.iter().any(|(operation, _)| *operation == name) {
                let detail = format!("An argument named {name:?} is not expected here.");
                let diagnostic = Diagnostic::error("Unsupported argument", detail).at(&attribute.name.span);
                self.fail(suggest(diagnostic, name, operations.iter().map(|(operation, _)| *operation)));
            }
        }
        for block in &block.body.blocks {
            let detail = format!("Blocks of type {:?} are not expected here.", &*block.ty.name);
            self.fail(Diagnostic::error("Unsupported block type", detail).at(&block.ty.span));
        }
        let mut fields = Fields::new();
        for (operation, _) in operations {
            let value = match block.body.attribute(operation) {
                Some(attribute) => {
                    let value = self.eval(&attribute.value, None);
                    self.converted(value, &Type::String, attribute)
                }
                None => Value::null(Type::String),
            };
            fields.insert(Arc::from(*operation), value);
        }
        Value::object(fields)
    }
}

/// The blocks of one type as they come.
#[derive(Default)]
pub(super) struct Made {
    items: Vec<(Value, Span)>,
    /// Nobody knows yet how many there will be.
    pub open: bool,
    /// Of the whole: what decided how many there are.
    pub marks: Marks,
}

impl Made {
    /// One more, and where it was written.
    pub fn push(&mut self, value: Value, span: &Span) {
        self.items.push((value, span.clone()));
    }
}

fn suggest<'a>(d: Diagnostic, word: &str, candidates: impl Iterator<Item = &'a str>) -> Diagnostic {
    match nearest(word, candidates) {
        _ if LATER.contains(&word) => {
            d.help(format!("A later version of the AWS provider has {word:?}; formwork has what version 5.100 has."))
        }
        Some(near) => d.help(format!("Did you mean {near:?}?")),
        None => d,
    }
}
