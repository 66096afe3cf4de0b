//! JSON → bodies and expressions. Strings are templates, but for those that Terraform takes as they stand.
//!
//! What is a block and what an argument only the reader knows: see [`Body::shaped`]. Refuses to know evaluation.

use super::json::{Json, JsonKind, JsonString, parse_json_value};
use super::lexer::Start;
use super::parser::Parser;
use crate::config::expr::{Expr, ExprKind, Ident, ObjectItem};
use crate::config::{Attribute, Block, Body};
use crate::diag::{Diagnostic, Diags, Source, Span};
use crate::value::{Type, Value};
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// A property of a JSON body, before anyone said whether it is an argument or a block.
#[derive(Clone, Debug)]
pub struct Property {
    json: Arc<Json>,
    place: Place,
    /// Whether its strings have been read as templates and the errors reported.
    checked: bool,
}

/// What a body belongs to: decides which strings are no templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Root,
    /// Below `terraform`, where nothing is evaluated.
    Terraform,
    Variable,
    Output,
    Provider,
    Resource,
    Module,
    Lifecycle,
    Refactor,
    Other,
}

/// What may be a block in a body: the type, and how many labels it has.
pub type BlockNames<'a> = [(&'a str, usize)];

/// Reads a `.tf.json` or `.tfvars.json` file. All properties are arguments: [`Body::shaped`] makes blocks of them.
///
/// The values are expressions already, so that a file of variable values can be read as it is; errors in their templates
/// are reported by [`Body::shaped`] only, for not all strings are templates.
pub fn parse_json(source: &Arc<Source>) -> (Body, Diags) {
    let mut body = Body { span: Some(Span::new(source, 0, 0)), ..Body::default() };
    let (json, mut diags) = parse_json_value(source);
    let Some(json) = json else { return (body, diags) };
    match &json.kind {
        JsonKind::Object(_) => add_properties(&mut body, &json, Place::Root, &mut diags),
        JsonKind::Array(items) => items.iter().for_each(|j| add_properties(&mut body, j, Place::Root, &mut diags)),
        _ => {
            let detail = "A configuration in JSON is an object ({...}), or an array of objects.";
            diags.push(Diagnostic::error("Root value must be object", detail).at(&json.span));
        }
    }
    (body, diags)
}

/// Adds the properties of an object to a body, but for comments (`//`). `null` has none.
fn add_properties(body: &mut Body, json: &Json, place: Place, diags: &mut Diags) {
    match &json.kind {
        JsonKind::Object(properties) => {
            for (name, value) in properties.iter().filter(|(name, _)| &*name.text != "//") {
                let property = Property { json: Arc::new(value.clone()), place, checked: false };
                body.attributes.push(Attribute { name: ident(name), value: expr(value, None), json: Some(property) });
            }
        }
        JsonKind::Null => {}
        _ => {
            let detail = "The content of a block is an object: {...}.";
            diags.push(Diagnostic::error("Incorrect JSON value type", detail).at(&json.span));
        }
    }
}

fn ident(name: &JsonString) -> Ident {
    Ident { name: name.text.clone(), span: name.span.clone() }
}

impl Body {
    /// With the properties of a JSON body that have one of these names as blocks; each name comes with its number of labels.
    ///
    /// The rest stays arguments, and may be shaped again by who knows more names. Reports what is wrong with the form
    /// of a block, and errors in the templates of arguments. A body from a `.tf` file is given back as it is.
    pub fn shaped(&self, blocks: &BlockNames<'_>, diags: &mut Diags) -> Cow<'_, Body> {
        if self.attributes.iter().all(|a| a.json.is_none()) {
            return Cow::Borrowed(self);
        }
        let mut body = Body { attributes: Vec::new(), blocks: self.blocks.clone(), span: self.span.clone() };
        let mut seen: HashMap<&str, &Attribute> = HashMap::new();
        for attribute in &self.attributes {
            let Some(property) = &attribute.json else {
                body.attributes.push(attribute.clone());
                continue;
            };
            if let Some((_, labels)) = blocks.iter().find(|(name, _)| *name == &*attribute.name.name) {
                let mut labelled =
                    Labelled { ty: &attribute.name, place: property.place.inside(&attribute.name.name), diags };
                labelled.blocks(&property.json, &mut Vec::new(), *labels, &mut body.blocks);
                continue;
            }
            if let Some(first) = seen.insert(&attribute.name.name, attribute)
                && (property.checked || property.place.is_final() || !may_be_block(&property.json))
            {
                let (line, _) = first.name.span.line_column();
                let detail = format!(
                    "The argument \"{}\" is already set at line {line}. Remove one of the two.",
                    attribute.name.name
                );
                let first = &first.name.span;
                let d = Diagnostic::error("Duplicate argument", detail).at(&attribute.name.span);
                diags.push(d.with_related(first, "first set here"));
                continue;
            }
            let mut attribute = attribute.clone();
            if !property.checked && !property.place.is_literal(&attribute.name.name) {
                attribute.value = expr(&property.json, Some(diags));
            }
            attribute.json = Some(Property { checked: true, ..property.clone() });
            body.attributes.push(attribute);
        }
        Cow::Owned(body)
    }
}

impl Place {
    /// The place of the bodies of blocks of this type in a body here.
    fn inside(self, ty: &str) -> Place {
        match (self, ty) {
            (Place::Root, "terraform") | (Place::Terraform, _) => Place::Terraform,
            (Place::Root, "variable") => Place::Variable,
            (Place::Root, "output") => Place::Output,
            (Place::Root, "provider") => Place::Provider,
            (Place::Root, "resource" | "data" | "ephemeral") => Place::Resource,
            (Place::Root, "module") => Place::Module,
            (Place::Root, "moved" | "removed" | "import") => Place::Refactor,
            (Place::Resource, "lifecycle") => Place::Lifecycle,
            _ => Place::Other,
        }
    }

    /// Whether the first reader of such a body knows all of its blocks.
    fn is_final(self) -> bool {
        !matches!(self, Place::Resource | Place::Provider | Place::Module | Place::Other)
    }

    /// Whether strings are taken as they stand: what Terraform reads before it evaluates anything, and references.
    fn is_literal(self, argument: &str) -> bool {
        match self {
            Place::Terraform | Place::Variable => true,
            Place::Output => matches!(argument, "description" | "depends_on" | "sensitive" | "ephemeral"),
            Place::Provider => matches!(argument, "alias" | "version"),
            Place::Resource => matches!(argument, "provider" | "depends_on"),
            Place::Module => matches!(argument, "source" | "version" | "providers" | "depends_on"),
            Place::Lifecycle => matches!(argument, "ignore_changes" | "replace_triggered_by" | "create_before_destroy"),
            Place::Refactor => matches!(argument, "from" | "to" | "provider"),
            Place::Root | Place::Other => false,
        }
    }
}

/// Whether a value has the form of blocks.
fn may_be_block(json: &Json) -> bool {
    match &json.kind {
        JsonKind::Object(_) => true,
        JsonKind::Array(items) => items.iter().all(|i| matches!(i.kind, JsonKind::Object(_))),
        _ => false,
    }
}

/// A property being made into blocks.
struct Labelled<'a> {
    ty: &'a Ident,
    place: Place,
    diags: &'a mut Diags,
}

impl Labelled<'_> {
    /// Adds the blocks in `json`, in which `missing` labels are still to come.
    fn blocks(&mut self, json: &Json, labels: &mut Vec<Ident>, missing: usize, blocks: &mut Vec<Block>) {
        if missing > 0 {
            return self.labels(json, labels, missing, blocks);
        }
        match &json.kind {
            JsonKind::Null => {}
            JsonKind::Object(_) => self.block(json, labels, blocks),
            JsonKind::Array(items) => items.iter().for_each(|i| self.block(i, labels, blocks)),
            _ => self.wrong(json, "its content is an object ({...}), and several blocks are an array of objects"),
        }
    }

    fn block(&mut self, json: &Json, labels: &[Ident], blocks: &mut Vec<Block>) {
        let span = labels.last().map_or(&self.ty.span, |l| &l.span).clone();
        let mut body = Body { span: Some(span), ..Body::default() };
        add_properties(&mut body, json, self.place, self.diags);
        blocks.push(Block { ty: self.ty.clone(), labels: labels.to_vec(), body });
    }

    /// An object whose names are labels, or an array of such objects.
    fn labels(&mut self, json: &Json, labels: &mut Vec<Ident>, missing: usize, blocks: &mut Vec<Block>) {
        let objects = match &json.kind {
            JsonKind::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(json),
        };
        let mut found = false;
        for object in objects {
            match &object.kind {
                JsonKind::Object(properties) => {
                    found |= !properties.is_empty();
                    for (name, value) in properties {
                        labels.push(ident(name));
                        self.blocks(value, labels, missing - 1, blocks);
                        labels.pop();
                    }
                }
                JsonKind::Null => {}
                _ => return self.wrong(object, "an object is expected here, whose names are the block's labels"),
            }
        }
        if !found {
            let detail = format!(
                "A \"{}\" block has a label: the name of a property of the object here. The object is empty.",
                self.ty.name
            );
            self.diags.push(Diagnostic::error("Missing block label", detail).at(&json.span));
        }
    }

    fn wrong(&mut self, json: &Json, why: &str) {
        let detail = format!("This is part of a \"{}\" block: {why}.", self.ty.name);
        self.diags.push(Diagnostic::error("Incorrect JSON value type", detail).at(&json.span));
    }
}

/// The expression that a JSON value is. Without `diags`, a string that is no valid template stands for itself.
fn expr(json: &Json, mut diags: Option<&mut Diags>) -> Expr {
    let kind = match &json.kind {
        JsonKind::Null => ExprKind::Literal(Value::null(Type::Any)),
        JsonKind::Bool(b) => ExprKind::Literal(Value::bool(*b)),
        JsonKind::Number(n) => ExprKind::Literal(Value::number(n.clone())),
        JsonKind::String(s) => return template(s, diags),
        JsonKind::Array(items) => ExprKind::Tuple(items.iter().map(|i| expr(i, diags.as_deref_mut())).collect()),
        JsonKind::Object(properties) => {
            let mut seen: HashMap<&str, &Span> = HashMap::new();
            let mut items = Vec::with_capacity(properties.len());
            for (name, value) in properties {
                if let Some(first) = seen.insert(&name.text, &name.span)
                    && let Some(diags) = diags.as_deref_mut()
                    && &*name.text != "//"
                    && !may_be_block(value)
                {
                    let (line, _) = first.line_column();
                    let detail = format!(
                        "An attribute named \"{}\" is already there at line {line}. Remove one of the two.",
                        name.text
                    );
                    let d = Diagnostic::error("Duplicate object attribute", detail).at(&name.span);
                    diags.push(d.with_related(first, "first set here"));
                }
                let key = template(name, diags.as_deref_mut());
                items.push(ObjectItem { key, value: expr(value, diags.as_deref_mut()) });
            }
            ExprKind::Object(items)
        }
    };
    Expr { kind, span: json.span.clone() }
}

/// A string read as a template. Its place is that of the string with its quotes.
fn template(string: &JsonString, diags: Option<&mut Diags>) -> Expr {
    let literal = |text: &str| Expr { kind: ExprKind::Literal(Value::string(text)), span: string.span.clone() };
    if !string.text.contains("${") && !string.text.contains("%{") {
        return literal(&string.text);
    }
    let source = &string.span.source;
    let mut parser = Parser::new(source, &string.text, string.origin.clone(), Start::Template);
    match parser.bare_template() {
        Ok(found) => Expr { kind: found.expr.kind, span: string.span.clone() },
        Err(_) => {
            if let Some(diags) = diags {
                diags.extend(parser.finish());
            }
            literal(&string.text)
        }
    }
}
