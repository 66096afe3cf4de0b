//! References to parts of objects, held against the shape of their types before anything is evaluated: such a mistake is one wherever
//! it stands, within `try` and `can` and in branches not taken, too. As in Terraform, a way into an object is followed as far as it is
//! written down: up to a calculated key or a splat.
//!
//! Refuses to know values.

use crate::address::Mode;
use crate::config::expr::Ident;
use crate::config::references::{Reference, Step, Subject};
use crate::config::{Config, each_reference};
use crate::diag::{Diagnostic, Diags, Span, nearest};
use crate::eval::access::{get_attribute, get_index};
use crate::plan::region;
use crate::resources;
use crate::schema::{Block, NestedBlock, Nesting, Schema};
use crate::value::{Type, Value};

const UNSUPPORTED: &str = "Unsupported attribute";
const INVALID_STEP: &str = "Invalid index operation";

const LATER: &str = "Version 6 of the AWS provider gives it one. If that is the one you mean, let required_providers say so:\n\n    aws = {\n      \
                     source  = \"hashicorp/aws\"\n      version = \">= 6.0\"\n    }";

/// What is wrong with the references of a configuration.
#[derive(Default)]
pub struct Named {
    /// The mistakes.
    pub diags: Diags,
    /// The references that have some.
    wrong: Vec<Span>,
}

impl Named {
    /// Whether this says of a value what its name alone told already.
    pub fn tells(&self, d: &Diagnostic) -> bool {
        let Some(span) = d.span.as_ref().filter(|_| d.is_error()) else { return false };
        let inside = |w: &Span| w.source.name == span.source.name && w.start <= span.start && span.end <= w.end;
        self.wrong.iter().any(inside)
    }
}

/// Looks at every reference of a configuration.
pub fn check(config: &Config) -> Named {
    let mut found = Named::default();
    let has_regions = config.has_regions();
    each_reference(config, &mut |module, reference, this| {
        let named = match (&reference.subject, this) {
            (Subject::Resource { mode, ty, name, .. }, _) => {
                Some((*mode, &**ty, module.resources.get(&(*mode, ty.clone(), name.clone()))))
            }
            (Subject::SelfObject, Some(this)) => Some((this.mode, &*this.ty.name, Some(this))),
            _ => None,
        };
        let Some((mode, ty, block)) = named else { return };
        let schema = match mode {
            Mode::Managed => resources::resource(ty).map(|r| r.schema()),
            Mode::Data => resources::data_source(ty).map(|d| d.schema()),
        };
        // What stands behind an instance that is not written down is known when it is.
        let picked = matches!(reference.instance, None | Some(Step::Key(..)));
        if let (Some(schema), true) = (schema, picked) {
            let mut diags = Diags::new();
            let has_regions = has_regions || block.is_some_and(|b| b.body.attribute(region::NAME).is_some());
            Way { schema, reference, has_regions, diags: &mut diags }.object();
            if diags.has_errors() {
                let end = reference.rest.last().map(Step::span);
                found.wrong.push(end.map_or_else(|| reference.span.clone(), |end| reference.span.to(end)));
            }
            found.diags.extend(diags);
        }
    });
    found
}

/// One reference on its way into an object.
struct Way<'a> {
    schema: &'static Schema,
    reference: &'a Reference,
    has_regions: bool,
    diags: &'a mut Diags,
}

impl Way<'_> {
    fn object(&mut self) {
        let written = |s: &&Step| matches!(s, Step::Attr(_) | Step::Key(..));
        let steps: Vec<Step> = self.reference.rest.iter().take_while(written).cloned().collect();
        match steps.split_first() {
            Some((Step::Attr(name), rest)) if &*name.name == "timeouts" && !self.schema.timeouts.is_empty() => {
                self.timeouts(rest);
            }
            Some((Step::Attr(name), rest)) if &*name.name == region::NAME && region::is_regional(self.schema) => {
                match self.has_regions {
                    true => self.value(Type::String, rest),
                    false => {
                        let found = self.no_attribute(name).help(LATER);
                        self.diags.push(found);
                    }
                }
            }
            _ => self.block(&self.schema.block, &steps, true),
        }
    }

    fn block(&mut self, block: &Block, steps: &[Step], whole: bool) {
        let Some((step, rest)) = steps.split_first() else { return };
        let Some(name) = self.name(step) else { return };
        if let Some(attribute) = block.attribute(&name.name) {
            if let Some(why) = attribute.deprecated {
                let detail = format!("The attribute \"{}\" is deprecated. {why}", name.name);
                self.diags.push(Diagnostic::warning("Deprecated attribute", detail).at(&behind(step)));
            }
            return self.value(attribute.ty.to_type(), rest);
        }
        if let Some(nested) = block.nested(&name.name) {
            return self.nested(nested, rest);
        }
        let times = (whole && !self.schema.timeouts.is_empty()).then_some("timeouts");
        let names = block.attributes.iter().map(|a| a.name).chain(block.blocks.iter().map(|b| b.name)).chain(times);
        let found = self.no_attribute(name);
        self.diags.push(match nearest(&name.name, names) {
            Some(near) => found.help(format!("Did you mean {near:?}?")),
            None if whole && &*name.name == "count" => {
                found.help(format!("For the number of instances write length({}).", self.reference.subject))
            }
            None => found,
        });
    }

    fn timeouts(&mut self, steps: &[Step]) {
        let Some((step, rest)) = steps.split_first() else { return };
        let Some(name) = self.name(step) else { return };
        let names = self.schema.timeouts.iter().map(|(n, _)| *n);
        if names.clone().any(|n| *n == *name.name) {
            return self.value(Type::String, rest);
        }
        let found = self.no_attribute(name);
        self.diags.push(match nearest(&name.name, names) {
            Some(near) => found.help(format!("Did you mean {near:?}?")),
            None => found,
        });
    }

    fn nested(&mut self, nested: &'static NestedBlock, steps: &[Step]) {
        let name = nested.name;
        let Some((step, rest)) = steps.split_first() else { return };
        match nested.nesting {
            Nesting::Single => self.block(&nested.block, steps, false),
            Nesting::List if matches!(step, Step::Key(..)) => self.block(&nested.block, rest, false),
            Nesting::List => {
                let detail = format!("The blocks \"{name}\" become a list of objects, so one of them has a number.");
                let help = format!("For the first of them write {name}[0], for all of them {name}[*].");
                self.diags.push(Diagnostic::error("Invalid operation", detail).at(&behind(step)).help(help));
            }
            Nesting::Set => {
                let detail = format!("The blocks \"{name}\" become a set, whose elements have neither order nor keys.");
                let help = "To find elements that match, use a for expression with an if clause.";
                self.diags.push(Diagnostic::error("Cannot index a set value", detail).at(&behind(step)).help(help));
            }
        }
    }

    /// The name that a step into a block is; brackets are none.
    fn name<'s>(&mut self, step: &'s Step) -> Option<&'s Ident> {
        let key = match step {
            Step::Attr(name) => return Some(name),
            Step::Key(key, _) => key.as_str().unwrap_or_default(),
            _ => return None,
        };
        let detail = "This is an object, whose attributes are named behind a dot.";
        let found = Diagnostic::error(INVALID_STEP, detail).at(&behind(step));
        let is_name = key.starts_with(|c: char| c.is_alphabetic())
            && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        self.diags.push(if is_name { found.help(format!("Did you mean .{key}?")) } else { found });
        None
    }

    /// The rest of the way through something of which the type alone is known.
    fn value(&mut self, ty: Type, steps: &[Step]) {
        let mut value = Value::unknown(ty);
        for step in steps {
            let span = behind(step);
            let next = match step {
                Step::Attr(name) => get_attribute(&value, name, &Span { end: span.start, ..span.clone() }),
                Step::Key(key, _) => get_index(&value, key, &span),
                Step::Computed(..) | Step::Splat(_) => return,
            };
            match next {
                Ok(part) => value = part,
                Err(found) => return self.diags.push(*found),
            }
        }
    }

    fn no_attribute(&self, name: &Ident) -> Diagnostic {
        let ty = self.schema.name;
        let detail = format!(
            "An object of {ty} has no argument, nested block or exported attribute named {:?} there.",
            name.name
        );
        Diagnostic::error(UNSUPPORTED, detail).at(&behind(&Step::Attr(name.clone())))
    }
}

/// The place of a step: of an attribute with the dot before it.
fn behind(step: &Step) -> Span {
    let span = step.span().clone();
    match step {
        Step::Attr(_) if span.source.text.get(..span.start as usize).is_some_and(|text| text.ends_with('.')) => {
            Span { start: span.start - 1, ..span }
        }
        _ => span,
    }
}
