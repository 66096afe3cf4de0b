//! A block's body held against what it may contain: known arguments and blocks are handed out, everything else is reported.
//!
//! Refuses to know what any argument means.

use super::expr::Ident;
use super::{Attribute, Block, Body};
use crate::diag::{Diagnostic, Diags, Span, nearest};

/// What a block may hold.
pub(super) struct Shape {
    /// Arguments that must be there.
    pub required: &'static [&'static str],
    /// Arguments that may be there.
    pub optional: &'static [&'static str],
    /// Nested blocks: type and what each label is.
    pub blocks: &'static [BlockShape],
}

/// A nested block's type and what each of its labels is.
pub(super) type BlockShape = (&'static str, &'static [&'static str]);

/// The known arguments and blocks of a body.
pub(super) struct Content {
    attributes: Vec<Attribute>,
    /// The blocks of known types, each with the right number of labels, in the order written.
    pub blocks: Vec<Block>,
}

impl Content {
    /// Takes the argument of this name out.
    pub fn take(&mut self, name: &str) -> Option<Attribute> {
        let at = self.attributes.iter().position(|a| &*a.name.name == name)?;
        Some(self.attributes.remove(at))
    }

    /// Takes all blocks of this type out.
    pub fn take_blocks(&mut self, ty: &str) -> Vec<Block> {
        let (taken, rest) = std::mem::take(&mut self.blocks).into_iter().partition(|b| &*b.ty.name == ty);
        self.blocks = rest;
        taken
    }

    /// Takes the only block of this type out; reports further ones.
    pub fn take_block(&mut self, ty: &'static str, diags: &mut Diags) -> Option<Block> {
        let mut blocks = self.take_blocks(ty).into_iter();
        let first = blocks.next()?;
        for again in blocks {
            diags.push(
                Diagnostic::error(
                    "Duplicate block",
                    format!("Only one \"{ty}\" block is allowed here. Merge this one into the first."),
                )
                .at(&header(&again))
                .with_related(&header(&first), format!("the first \"{ty}\" block")),
            );
        }
        Some(first)
    }
}

/// From a block's type to its last label; in JSON, where they can stand far apart, the last label.
pub(super) fn header(block: &Block) -> Span {
    let ty = &block.ty.span;
    match block.labels.last() {
        Some(label) if is_json(ty) => label.span.clone(),
        Some(label) => ty.to(&label.span),
        None => ty.clone(),
    }
}

/// Holds `body` against `shape`; what is not in it is an error.
pub(super) fn read(body: Body, shape: &Shape, diags: &mut Diags) -> Content {
    let (content, rest) = read_part(body, shape, diags);
    for a in &rest.attributes {
        diags.push(unexpected_argument(&a.name, shape));
    }
    for b in &rest.blocks {
        diags.push(unexpected_block(b, shape));
    }
    content
}

/// Takes out of `body` what `shape` names and gives back the rest.
pub(super) fn read_part(body: Body, shape: &Shape, diags: &mut Diags) -> (Content, Body) {
    let body = shaped(body, shape.blocks, diags);
    let mut content = Content { attributes: Vec::new(), blocks: Vec::new() };
    let mut rest = body.clone_header();
    for name in shape.required {
        let wrong_form = body.blocks.iter().any(|b| &*b.ty.name == *name);
        if body.attribute(name).is_none() && !wrong_form {
            diags.push(
                Diagnostic::error("Missing required argument", format!("The argument \"{name}\" is required here."))
                    .at_opt(body.span.as_ref()),
            );
        }
    }
    for a in body.attributes {
        let known = |names: &[&str]| names.contains(&&*a.name.name);
        match known(shape.required) || known(shape.optional) {
            true => content.attributes.push(a),
            false => rest.attributes.push(a),
        }
    }
    for b in body.blocks {
        match shape.blocks.iter().find(|(ty, _)| *ty == &*b.ty.name) {
            Some((_, labels)) => {
                if check_labels(&b, labels, diags) {
                    content.blocks.push(b);
                }
            }
            // Terraform's way to set arguments of the type that are called like those every block has.
            None if &*b.ty.name == "_" && b.labels.is_empty() => {
                rest.attributes.extend(b.body.attributes);
                rest.blocks.extend(b.body.blocks);
            }
            None => rest.blocks.push(b),
        }
    }
    (content, rest)
}

/// In `.tf.json` only this knowledge tells blocks from arguments.
pub(super) fn shaped(body: Body, blocks: &[BlockShape], diags: &mut Diags) -> Body {
    let names: Vec<(&str, usize)> = blocks.iter().map(|(ty, labels)| (*ty, labels.len())).collect();
    body.shaped(&names, diags).into_owned()
}

/// Whether a place is in a `.tf.json` or `.tfvars.json` file: there, references and keywords are strings.
pub(super) fn is_json(span: &Span) -> bool {
    span.source.name.ends_with(".json")
}

fn check_labels(block: &Block, names: &[&str], diags: &mut Diags) -> bool {
    let ty = &block.ty.name;
    let form = || {
        let labels: String = names.iter().map(|n| format!(" \"{}\"", n.to_uppercase())).collect();
        format!("{ty}{labels} {{ ... }}")
    };
    if block.labels.len() < names.len() {
        let missing = names[block.labels.len()..].join(" and a ");
        let detail = format!("A block of type \"{ty}\" needs a {missing}. It is written so:\n\n    {}", form());
        diags.push(Diagnostic::error("Missing block label", detail).at(&header(block)));
    } else if let Some(extra) = block.labels.get(names.len()) {
        let detail = match names {
            [] => format!("A block of type \"{ty}\" takes no label. Remove it."),
            _ => format!("A block of type \"{ty}\" takes no further label. It is written so:\n\n    {}", form()),
        };
        diags.push(Diagnostic::error("Extraneous block label", detail).at(&extra.span));
    }
    block.labels.len() == names.len()
}

/// "Unsupported argument", with the nearest known one.
pub(super) fn unexpected_argument(name: &Ident, shape: &Shape) -> Diagnostic {
    let text = &*name.name;
    if is_json(&name.span) {
        let detail = format!("No argument or block type is named \"{text}\" here.");
        let names = shape.required.iter().chain(shape.optional).chain(shape.blocks.iter().map(|(ty, _)| ty));
        let d = Diagnostic::error("Extraneous JSON object property", detail).at(&name.span);
        return suggest(d, text, names.copied());
    }
    let d = Diagnostic::error("Unsupported argument", format!("An argument named \"{text}\" is not expected here."))
        .at(&name.span);
    if shape.blocks.iter().any(|(ty, _)| *ty == text) {
        return d.help(format!("To write a block of type \"{text}\", remove the equals sign."));
    }
    suggest(d, text, shape.required.iter().chain(shape.optional).copied())
}

/// "Unsupported block type", with the nearest known one.
pub(super) fn unexpected_block(block: &Block, shape: &Shape) -> Diagnostic {
    let ty = &*block.ty.name;
    let d = Diagnostic::error("Unsupported block type", format!("Blocks of type \"{ty}\" are not expected here."))
        .at(&block.ty.span);
    if shape.required.iter().chain(shape.optional).any(|a| *a == ty) {
        return d.help(format!("To set the argument \"{ty}\", put an equals sign behind its name."));
    }
    suggest(d, ty, shape.blocks.iter().map(|(ty, _)| *ty))
}

/// With "Did you mean ...?" where a candidate is near.
pub(super) fn suggest<'a>(d: Diagnostic, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    match nearest(word, candidates) {
        Some(near) => d.help(format!("Did you mean \"{near}\"?")),
        None => d,
    }
}

/// Whether a text can be the name of something: the rule for variables, resources, modules and all else.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == '_' || c.is_alphabetic())
        && chars.all(|c| c == '_' || c == '-' || c.is_alphanumeric())
}

/// Reports what cannot be a name; `what` is the summary, such as `Invalid variable name`.
pub(super) fn check_name(name: &Ident, what: &'static str, diags: &mut Diags) {
    if !is_name(&name.name) {
        let detail = "A name must start with a letter or underscore and may contain only letters, digits, underscores and dashes.";
        diags.push(Diagnostic::error(what, detail).at(&name.span));
    }
}

/// Reports a second declaration of the same name, with both places.
pub(super) fn duplicate(summary: &'static str, what: &str, again: &Span, first: &Span) -> Diagnostic {
    let (line, _) = first.line_column();
    let detail = format!(
        "{what} is declared already at {}:{line}, and a name can be used only once in a module. Rename or remove one of them.",
        first.source.name
    );
    Diagnostic::error(summary, detail).at(again).with_related(first, "first declared here")
}
