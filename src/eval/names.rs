//! Root names: `var.x`, `local.x`, `aws_iam_role.x`, and what to say where there is no such thing.
//!
//! Refuses to know where a scope comes from.

use super::walk::{Frame, Walk, find};
use crate::config::expr::{Expr, ExprKind, Ident};
use crate::diag::{Diagnostic, Span, nearest};
use crate::value::{Kind, Type, Value};

/// Roots that are not resource types. None of them stands alone but `self`.
const BUILT_IN: &[&str] = &["count", "data", "each", "local", "module", "path", "self", "terraform", "var"];

/// Whether a mistake lies in the names alone, whatever their values: `try` does not forgive it.
pub(super) fn is_static(diagnostic: &Diagnostic) -> bool {
    let summary = diagnostic.summary;
    ["Reference to ", "Invalid \"", "Invalid reference", "Variables not allowed"].iter().any(|s| summary.starts_with(s))
}

impl Walk<'_> {
    /// A name alone.
    pub fn name(&mut self, name: &str, span: &Span, frame: Option<&Frame<'_>>) -> Value {
        if let Some(value) = find(frame, name) {
            return value.clone();
        }
        if self.templates == 0 && BUILT_IN.contains(&name) && name != "self" && !self.scope.roots.is_empty() {
            let detail = match name {
                "data" => "The \"data\" object must be followed by two attribute names: the data source type and the \
                           resource name."
                    .to_owned(),
                _ => format!("The {name:?} object cannot be accessed directly. Instead, access one of its attributes."),
            };
            return self.fail(Diagnostic::error("Invalid reference", detail).at(span));
        }
        if let Some(value) = self.scope.root(name) {
            return value.clone();
        }
        let diagnostic = self.unknown_name(name, span).unwrap_or_else(|| {
            let detail = "A reference to a resource type must be followed by at least one attribute access, specifying the \
                          resource name.";
            Diagnostic::error("Invalid reference", detail).at(span)
        });
        self.fail(diagnostic)
    }

    /// `root.name` and `data.type.name`, answered from the scope; `None` if `source` is something else.
    pub fn member(&mut self, source: &Expr, name: &Ident, frame: Option<&Frame<'_>>) -> Option<Value> {
        match &source.kind {
            ExprKind::Name(root) if find(frame, root).is_none() => {
                let found = self.scope.root(root);
                match found {
                    Some(value) => {
                        if let Some(fields) = value.as_fields()
                            && let Some(part) = fields.get(&*name.name)
                        {
                            return Some(part.clone().mark(value.marks()));
                        }
                        if self.templates > 0 || value.as_fields().is_none() {
                            return None;
                        }
                    }
                    None => {
                        if let Some(diagnostic) = self.unknown_name(root, &source.span) {
                            return Some(self.fail(diagnostic));
                        }
                    }
                }
                let diagnostic = self.undeclared(root, name, found).at(&source.span.to(&name.span));
                Some(self.fail(diagnostic))
            }
            ExprKind::Attr(data, ty) => {
                let ExprKind::Name(root) = &data.kind else { return None };
                if &**root != "data" || find(frame, root).is_some() || self.templates > 0 {
                    return None;
                }
                let types = self.scope.root(root)?;
                let names = types.as_fields()?.get(&*ty.name);
                if let Some(names) = names {
                    match names.as_fields().map(|fields| fields.get(&*name.name)) {
                        Some(Some(value)) => return Some(value.clone().mark(names.marks()).mark(types.marks())),
                        Some(None) => {}
                        None => return None,
                    }
                }
                let detail =
                    format!("A data resource {:?} {:?} has not been declared in this module.", &*ty.name, &*name.name);
                let diagnostic = Diagnostic::error("Reference to undeclared resource", detail);
                let diagnostic = diagnostic.at(&source.span.to(&name.span));
                let diagnostic = match names.and_then(|names| near(&name.name, names)) {
                    Some(meant) => diagnostic.help(format!("Did you mean data.{}.{meant}?", ty.name)),
                    None => diagnostic,
                };
                Some(self.fail(diagnostic))
            }
            _ => None,
        }
    }

    /// What to say about a root name that is not there and cannot be a resource type's.
    fn unknown_name(&self, name: &str, span: &Span) -> Option<Diagnostic> {
        let diagnostic = if self.templates > 0 {
            let detail = format!("There is no variable named {name:?}.");
            let known = self.scope.roots.iter().flat_map(|fields| fields.keys()).map(|k| &**k);
            let diagnostic = Diagnostic::error("Unknown variable", detail);
            match nearest(name, known) {
                Some(meant) => diagnostic.help(format!("Did you mean {meant:?}?")),
                None => diagnostic,
            }
        } else if self.scope.roots.is_empty() {
            Diagnostic::error("Variables not allowed", "Variables may not be used here.")
        } else {
            match name {
                "each" => Diagnostic::error(
                    "Reference to \"each\" in context without for_each",
                    "The \"each\" object can be used only in \"module\" or \"resource\" blocks, and only when the \
                     \"for_each\" argument is set.",
                ),
                "count" => Diagnostic::error(
                    "Reference to \"count\" in non-counted context",
                    "The \"count\" object can only be used in \"module\", \"resource\", and \"data\" blocks, and only when \
                     the \"count\" argument is set.",
                ),
                "self" => Diagnostic::error(
                    "Invalid \"self\" reference",
                    "The \"self\" object is not available in this context. This object can be used only in resource \
                     provisioner, connection, and postcondition blocks.",
                ),
                _ => return None,
            }
        };
        Some(diagnostic.at(span))
    }

    /// What to say about `root.name` that is not there.
    fn undeclared(&self, root: &str, name: &Ident, found: Option<&Value>) -> Diagnostic {
        let name = &*name.name;
        let meant = found.and_then(|value| near(name, value));
        let (diagnostic, meant) = match root {
            "var" => {
                let detail = format!("An input variable with the name {name:?} has not been declared.");
                let diagnostic = Diagnostic::error("Reference to undeclared input variable", detail);
                let declare = format!("This variable can be declared with a variable {name:?} {{}} block.");
                (diagnostic, Some(meant.map_or(declare, |meant| format!("Did you mean var.{meant}?"))))
            }
            "local" => {
                let detail = format!("A local value with the name {name:?} has not been declared.");
                let diagnostic = Diagnostic::error("Reference to undeclared local value", detail);
                (diagnostic, meant.map(|meant| format!("Did you mean local.{meant}?")))
            }
            "module" => {
                let detail = format!("No module call named {name:?} is declared in this module.");
                let diagnostic = Diagnostic::error("Reference to undeclared module", detail);
                (diagnostic, meant.map(|meant| format!("Did you mean module.{meant}?")))
            }
            "data" => {
                let detail = "The \"data\" object must be followed by two attribute names: the data source type and the \
                              resource name.";
                (Diagnostic::error("Invalid reference", detail), None)
            }
            "path" | "terraform" | "each" | "count" => {
                let (summary, more) = match root {
                    "path" => ("Invalid \"path\" attribute", " There are path.module, path.root and path.cwd."),
                    "terraform" => ("Invalid \"terraform\" attribute", " There is terraform.workspace."),
                    "each" => (
                        "Invalid \"each\" attribute",
                        " The supported attributes are each.key and each.value, the current key and value pair of the \
                         \"for_each\" attribute set.",
                    ),
                    _ => (
                        "Invalid \"count\" attribute",
                        " The only supported attribute is count.index, which is the index of each instance of a resource \
                         block that has the \"count\" argument set.",
                    ),
                };
                let detail = format!("The {root:?} object does not have an attribute named {name:?}.{more}");
                (Diagnostic::error(summary, detail), meant.map(|meant| format!("Did you mean {root}.{meant}?")))
            }
            "self" => {
                let detail = format!("This object does not have an attribute named {name:?}.");
                (
                    Diagnostic::error("Unsupported attribute", detail),
                    meant.map(|meant| format!("Did you mean {meant:?}?")),
                )
            }
            _ => {
                let detail = format!("A managed resource {root:?} {name:?} has not been declared in this module.");
                let diagnostic = Diagnostic::error("Reference to undeclared resource", detail);
                let data = self.scope.root("data").and_then(|data| data.get(root)).and_then(|names| names.get(name));
                let roots = self.scope.roots.iter().flat_map(|fields| fields.keys()).map(|k| &**k);
                let help = if data.is_some() {
                    Some(format!("Did you mean the data resource data.{root}.{name}?"))
                } else if let Some(meant) = meant {
                    Some(format!("Did you mean {root}.{meant}?"))
                } else if found.is_none() {
                    nearest(root, roots.chain(BUILT_IN.iter().copied()))
                        .map(|meant| format!("Did you mean {meant}.{name}?"))
                } else {
                    None
                };
                (diagnostic, help)
            }
        };
        match meant {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }

    /// Where an attribute of a whole block with `count` or `for_each` is asked for: says to name an instance.
    pub fn instance_key_missing(
        &self,
        source: &Expr,
        value: &Value,
        name: &Ident,
        frame: Option<&Frame<'_>>,
    ) -> Option<Diagnostic> {
        let address = self.block_address(source, frame)?;
        let (argument, key) = match value.kind() {
            Kind::Tuple(_) | Kind::Unknown(Type::Tuple(_) | Type::List(_), _) => ("count", "count.index"),
            Kind::Object(fields)
                if !fields.is_empty()
                    && fields.values().all(|v| v.as_fields().is_some_and(|parts| parts.contains_key(&*name.name))) =>
            {
                ("for_each", "each.key")
            }
            _ => return None,
        };
        let detail = format!(
            "Because {address} has {argument:?} set, its attributes must be accessed on specific instances.\n\n\
             For example, to correlate with indices of a referring resource, use:\n    {address}[{key}]"
        );
        Some(Diagnostic::error("Missing resource instance key", detail).at(&source.span))
    }

    /// `type.name`, `data.type.name` or `module.name`, if the expression is just that.
    fn block_address(&self, expr: &Expr, frame: Option<&Frame<'_>>) -> Option<String> {
        let ExprKind::Attr(source, name) = &expr.kind else { return None };
        if self.templates > 0 {
            return None;
        }
        match &source.kind {
            ExprKind::Name(root) if find(frame, root).is_none() => {
                let built_in = BUILT_IN.contains(&&**root) && &**root != "module";
                (!built_in).then(|| format!("{root}.{}", name.name))
            }
            ExprKind::Attr(data, ty) if matches!(&data.kind, ExprKind::Name(root) if &**root == "data") => {
                Some(format!("data.{}.{}", ty.name, name.name))
            }
            _ => None,
        }
    }
}

fn near<'a>(name: &str, value: &'a Value) -> Option<&'a str> {
    nearest(name, value.as_fields()?.keys().map(|k| &**k))
}
