//! `dynamic` blocks: as many blocks as a collection has elements.
//!
//! Refuses to know which blocks there may be.

use super::body::Made;
use super::collection::{Entries, entries};
use super::walk::{Frame, Walk};
use crate::config::expr::ExprKind;
use crate::config::{Block, Body};
use crate::diag::{Diagnostic, Span};
use crate::schema::NestedBlock;
use crate::value::{Type, Value};
use std::sync::Arc;

const INVALID: &str = "Invalid dynamic for_each value";

impl Walk<'_> {
    /// Adds the blocks that a `dynamic` block makes. If its collection is a hole, it is open how many there are.
    pub(super) fn expand(&mut self, dynamic: &Block, nested: &NestedBlock, frame: Option<&Frame<'_>>, made: &mut Made) {
        let body = &dynamic.body;
        self.refuse_unexpected_in_dynamic(body);
        let iterator = self.iterator(body, nested.name);
        let content = self.content(dynamic);
        let Some(for_each) = body.attribute("for_each") else {
            let detail = "The argument \"for_each\" is required, but no definition was found.";
            self.fail(Diagnostic::error("Missing required argument", detail).at_opt(body.span.as_ref()));
            made.open = true;
            return;
        };
        let (collection, ok) = self.try_eval(&for_each.value, frame);
        let (collection, marks) = collection.unmark();
        let element = |w: &mut Self, key: Value, value: Value| {
            let object = Value::object_of([("key", key), ("value", value)]);
            let frame = Frame { name: &iterator, value: &object, outer: frame };
            content.map(|body| Value::object(w.block(body, &nested.block, &[], Some(&frame))))
        };
        match entries(&collection) {
            Entries::Known(entries) => {
                for (key, value) in entries {
                    if let Some(block) = element(self, key, value) {
                        made.push(block.mark(marks), &dynamic.ty.span);
                    }
                }
            }
            Entries::Hole => {
                // Whatever comes will have passed this once.
                element(self, Value::unknown(Type::Any), Value::unknown(Type::Any));
                made.open = true;
                made.marks = made.marks.or(marks);
            }
            Entries::None => {
                if ok {
                    let detail = match collection.is_null() {
                        true => "Cannot use a null value in for_each. For no blocks, use an empty list.".to_owned(),
                        false => {
                            let ty = collection.ty().friendly();
                            format!("Cannot use a {ty} value in for_each. An iterable collection is required.")
                        }
                    };
                    self.fail(Diagnostic::error(INVALID, detail).at(&for_each.value.span));
                }
                made.open = true;
            }
        }
    }

    /// The name that stands for the element inside.
    fn iterator(&mut self, body: &Body, default: &str) -> Arc<str> {
        let Some(written) = body.attribute("iterator") else { return default.into() };
        match &written.value.kind {
            ExprKind::Name(name) => name.clone(),
            _ => {
                let detail = "The iterator is a name alone, without quotes: the name that stands for the current element \
                              inside the content block.";
                self.fail(Diagnostic::error("Invalid dynamic iterator name", detail).at(&written.value.span));
                default.into()
            }
        }
    }

    /// The `content` block.
    fn content<'b>(&mut self, dynamic: &'b Block) -> Option<&'b Body> {
        let mut written = dynamic.body.blocks("content");
        let first = written.next();
        if first.is_none() {
            let detail = "A dynamic block must have a nested block of type \"content\" to describe the body of each \
                          generated block.";
            self.fail(Diagnostic::error("Missing dynamic content block", detail).at(&header(dynamic)));
        }
        for again in written {
            let detail = "Only one nested content block is allowed for each dynamic block.";
            self.fail(Diagnostic::error("Extraneous dynamic content block", detail).at(&again.ty.span));
        }
        first.map(|block| &block.body)
    }

    fn refuse_unexpected_in_dynamic(&mut self, body: &Body) {
        for attribute in &body.attributes {
            let name = &*attribute.name.name;
            let detail = match name {
                "for_each" | "iterator" => continue,
                "labels" => "These blocks have no labels, so \"labels\" is not expected here.".to_owned(),
                _ => format!("An argument named {name:?} is not expected here."),
            };
            let diagnostic = Diagnostic::error("Unsupported argument", detail).at(&attribute.name.span);
            self.fail(match body.blocks("content").next() {
                Some(_) => diagnostic.help("Arguments of the blocks to be made go into the \"content\" block."),
                None => diagnostic,
            });
        }
        for block in body.blocks.iter().filter(|block| &*block.ty.name != "content") {
            let detail = format!("Blocks of type {:?} are not expected here.", &*block.ty.name);
            self.fail(Diagnostic::error("Unsupported block type", detail).at(&block.ty.span));
        }
    }
}

fn header(block: &Block) -> Span {
    block.labels.last().map_or_else(|| block.ty.span.clone(), |label| block.ty.span.to(&label.span))
}
