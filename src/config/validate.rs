//! What can be found wrong with a loaded configuration without evaluating anything: references to what is not declared or not
//! there in this place, inputs of modules, instance keys.
//!
//! Refuses to know what resource types there are.

use super::content::suggest;
use super::expr::Expr;
use super::references::{Reference, Step, Subject, parse, references_of_expr};
use super::traversal::{Traversal, body_traversals, traversal, traversals};
use super::{Body, Check, Condition, Config, Import, Module, ModuleCall, Moved, Repeat, Resource, providers, refactor};
use crate::address::{Key, Mode, Target};
use crate::diag::{Diagnostic, Diags, Span, nearest};
use std::sync::Arc;

/// Is shown every reference to what is declared: the module it stands in, and what `self` is there.
type Visit<'v> = dyn FnMut(&Module, &Reference, Option<&Resource>) + 'v;

/// Shows every reference to something that is declared and can be named where it stands.
pub fn each_reference(config: &Config, visit: &mut Visit<'_>) {
    check_module(&config.root, &mut Diags::new(), visit);
}

/// Checks the whole configuration.
pub(super) fn validate(config: &Config, diags: &mut Diags) {
    check_module(&config.root, diags, &mut |_, _, _| {});
    for output in config.root.outputs.values().filter(|o| o.ephemeral) {
        let detail = "An output of the root module cannot be ephemeral: it is stored in the state.";
        diags.push(Diagnostic::error("Ephemeral output not allowed", detail).at(&output.span));
    }
}

/// What is special about a place.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    /// `each` exists.
    each: bool,
    /// `count` exists.
    count: bool,
    /// `self` exists.
    this: bool,
    /// The resource that may not be named here: the one this is part of.
    own: Option<&'a Resource>,
    /// The check whose data source can be named here.
    check: Option<&'a Check>,
}

impl<'a> Place<'a> {
    fn repeated(repeat: &Repeat) -> Place<'a> {
        Place {
            each: matches!(repeat, Repeat::ForEach(_)),
            count: matches!(repeat, Repeat::Count(_)),
            ..Place::default()
        }
    }
}

fn check_module(module: &Module, diags: &mut Diags, visit: &mut Visit<'_>) {
    let mut v = Validator { module, diags, visit };
    let nowhere = Place::default();
    for p in &module.providers {
        v.body(&p.body, nowhere);
    }
    for variable in module.variables.values() {
        v.conditions(&variable.validations, nowhere);
    }
    for local in module.locals.values() {
        v.expr(&local.value, nowhere);
    }
    for output in module.outputs.values() {
        v.expr(&output.value, nowhere);
        v.depends_on(&output.depends_on, nowhere);
        v.conditions(&output.preconditions, nowhere);
    }
    for resource in module.resources.values() {
        v.resource(resource, None);
    }
    for check in module.checks.values() {
        let place = Place { check: Some(check), ..nowhere };
        if let Some(data) = &check.data {
            v.resource(data, Some(check));
        }
        v.conditions(&check.asserts, place);
    }
    for call in module.calls.values() {
        v.call(call);
    }
    for import in &module.imports {
        let place = Place { each: import.for_each.is_some(), ..nowhere };
        if !module.path.is_empty() {
            let detail = "An import block can stand only in the root module. Move it there, with the path of the module in \"to\".";
            v.diags.push(Diagnostic::error("Invalid import configuration", detail).at(&import.span));
        }
        if let Some(e) = &import.for_each {
            v.expr(e, nowhere);
        }
        v.expr(&import.id, place);
        v.import(import);
        if let Some(t) = traversal(&import.to) {
            for step in t.steps {
                if let Step::Computed(key, _) = step {
                    v.expr(&key, place);
                }
            }
        }
        if let Some(p) = &import.provider {
            providers::check_ref(module, p, v.diags);
        }
    }
    for (n, import) in module.imports.iter().enumerate() {
        let text = |i: &Import| i.to.span.text().to_string();
        let first = module.imports[..n].iter().find(|i| text(i) == text(import));
        // With for_each, what is in the brackets differs.
        if let (Some(first), None) = (first, &import.for_each) {
            let detail =
                format!("The resource {} can have only one import block. Remove one of the two.", text(import));
            let d = Diagnostic::error("Duplicate import configuration", detail).at(&import.to.span);
            v.diags.push(d.with_related(&first.to.span, "declared here already"));
        }
    }
    for removed in &module.removed {
        if let Some(span) = v.declared(&removed.from) {
            let target = removed.from.span.text();
            let detail =
                format!("This block says that {target} is gone, but it is still declared. Remove one of the two.");
            let d = Diagnostic::error("Removed object still exists", detail).at(&removed.from.span);
            v.diags.push(d.with_related(span, "declared here"));
        }
    }
    for moved in &module.moved {
        v.moved(moved);
    }
    for child in module.children.values() {
        check_module(child, diags, visit);
    }
}

struct Validator<'a, 'd, 'v> {
    module: &'a Module,
    diags: &'d mut Diags,
    visit: &'d mut Visit<'v>,
}

impl<'a> Validator<'a, '_, '_> {
    /// The target and the id of an `import` block.
    fn import(&mut self, import: &Import) {
        let target = match refactor::address_of(&import.to, &mut |_| Some(Key::Int(0))) {
            Ok(Target::Resource(address)) if address.mode == Mode::Managed => address,
            // What is no address is reported where the block is read.
            _ => return,
        };
        let own = |r: &Reference| {
            matches!(&r.subject, Subject::Resource { mode: Mode::Managed, ty, name }
                if target.module.is_root() && *ty == target.ty && *name == target.name)
        };
        if references_of_expr(&import.id).iter().any(own) {
            let detail = "The import ID cannot reference the resource being imported.";
            self.diags.push(Diagnostic::error("Invalid import id argument", detail).at(&import.id.span));
        }
        let mut module = self.module;
        for (name, _) in &target.module.0 {
            match module.children.get(name) {
                Some(child) => module = child,
                None if module.calls.contains_key(name) => break,
                None => {
                    let detail = format!(
                        "The configuration for the given import target {} does not exist: there is no module \"{name}\". All target \
                         instances must have an associated configuration to be imported.",
                        import.to.span.text()
                    );
                    let summary = "Configuration for import target does not exist";
                    self.diags.push(Diagnostic::error(summary, detail).at(&import.to.span));
                    break;
                }
            }
        }
    }

    /// `the root module` or `module.x`.
    fn here(&self) -> String {
        match self.module.path.as_slice() {
            [] => "the root module".into(),
            path => path.iter().map(|n| format!("module.{n}")).collect::<Vec<_>>().join("."),
        }
    }

    fn expr(&mut self, expr: &Expr, place: Place<'a>) {
        self.traversals(traversals(expr), place);
    }

    fn body(&mut self, body: &Body, place: Place<'a>) {
        self.traversals(body_traversals(body), place);
    }

    fn conditions(&mut self, conditions: &[Condition], place: Place<'a>) {
        for c in conditions {
            self.expr(&c.condition, place);
            self.expr(&c.error_message, place);
        }
    }

    fn repeat(&mut self, repeat: &Repeat, place: Place<'a>) {
        if let Repeat::Count(e) | Repeat::ForEach(e) = repeat {
            self.expr(e, place);
        }
    }

    fn resource(&mut self, r: &'a Resource, check: Option<&'a Check>) {
        let own = Place { own: Some(r), ..Place::default() };
        let inside = Place { own: Some(r), check, ..Place::repeated(&r.repeat) };
        self.repeat(&r.repeat, own);
        self.body(&r.body, inside);
        self.depends_on(&r.depends_on, Place { check, ..Place::default() });
        if let Some(p) = &r.provider {
            providers::check_ref(self.module, p, self.diags);
        }
        if let Some(e) = &r.lifecycle.prevent_destroy {
            self.expr(e, own);
        }
        for e in &r.lifecycle.replace_triggered_by {
            self.trigger(e, inside);
        }
        self.conditions(&r.lifecycle.preconditions, inside);
        self.conditions(&r.lifecycle.postconditions, Place { this: true, ..inside });
    }

    /// An entry of `replace_triggered_by`. What it names of an object is not held against the object's type: as in Terraform, what
    /// is not there does not change.
    fn trigger(&mut self, entry: &Expr, place: Place<'a>) {
        let mut found = Diags::new();
        let mut v = Validator { module: self.module, diags: &mut found, visit: &mut |_, _, _| {} };
        v.expr(entry, place);
        self.diags.extend(found);
    }

    fn call(&mut self, call: &'a ModuleCall) {
        self.repeat(&call.repeat, Place::default());
        self.body(&call.body, Place::repeated(&call.repeat));
        self.depends_on(&call.depends_on, Place::default());
        let Some(child) = self.module.children.get(&call.name.name) else { return };
        for a in &call.body.attributes {
            if !child.variables.contains_key(&a.name.name) {
                let detail = format!("The module \"{}\" declares no variable \"{}\".", call.name.name, a.name.name);
                let d = Diagnostic::error("Unsupported argument", detail).at(&a.name.span);
                self.diags.push(suggest(d, &a.name.name, child.variables.keys().map(|k| &**k)));
            }
        }
        for v in child.variables.values() {
            if v.required && call.body.attribute(&v.name.name).is_none() {
                let detail = format!(
                    "The module \"{}\" needs a value for its variable \"{}\", which has no default.",
                    call.name.name, v.name.name
                );
                self.diags.push(
                    Diagnostic::error("Missing required argument", detail)
                        .at(&call.span)
                        .with_related(&v.span, "the variable is declared here"),
                );
            }
        }
        providers::check_call(self.module, call, child, self.diags);
    }

    /// Entries name whole objects.
    fn depends_on(&mut self, entries: &[Expr], place: Place<'a>) {
        for e in entries {
            let before = self.diags.iter().count();
            self.expr(e, place);
            let wrong = self.diags.iter().count() > before;
            for r in references_of_expr(e) {
                let part = r.rest.first().map(Step::span);
                let of_object = matches!(r.subject, Subject::Resource { .. } | Subject::Output { .. });
                if !wrong
                    && of_object
                    && let Some(span) = part
                {
                    let detail = format!("depends_on names whole objects, not parts of them. Write {}.", r.subject);
                    self.diags.push(Diagnostic::error("Invalid depends_on reference", detail).at(span));
                }
            }
        }
    }

    /// Where the resource or module at an address without keys is declared.
    fn declared(&self, address: &Expr) -> Option<&'a Span> {
        let target = refactor::address_of(address, &mut |_| None).ok()?;
        let (path, resource) = match &target {
            Target::Module(path) => (path, None),
            Target::Resource(a) => (&a.module, Some(a)),
        };
        let mut module = self.module;
        let mut call = None;
        for (i, (name, _)) in path.0.iter().enumerate() {
            call = module.calls.get(name);
            match module.children.get(name) {
                Some(child) => module = child,
                None if i + 1 < path.0.len() || resource.is_some() => return None,
                None => {}
            }
        }
        match resource {
            Some(a) => module.resources.get(&(a.mode, a.ty.clone(), a.name.clone())).map(|r| &r.span),
            None => call.map(|c| &c.span),
        }
    }

    /// What was moved away as a whole cannot still be there. (Single instances are known only when count and for_each are.)
    fn moved(&mut self, moved: &Moved) {
        let target = |e: &Expr| refactor::address_of(e, &mut |_| None).ok();
        let (Some(from), Some(to)) = (target(&moved.from), target(&moved.to)) else { return };
        let whole = |t: &Target| match t {
            Target::Module(path) => path.0.iter().all(|(_, key)| key.is_none()),
            Target::Resource(a) => a.key.is_none() && a.module.0.iter().all(|(_, key)| key.is_none()),
        };
        if whole(&from)
            && whole(&to)
            && let Some(span) = self.declared(&moved.from)
        {
            let detail = format!(
                "This block says that {from} is now {to}, but {from} is still declared. Rename its block to {to}, or remove this one."
            );
            let d = Diagnostic::error("Moved object still exists", detail).at(&moved.span);
            self.diags.push(d.with_related(span, "declared here"));
        }
    }

    fn traversals(&mut self, found: Vec<Traversal>, place: Place<'a>) {
        for t in found {
            let alone = (t.root.name.clone(), t.steps.is_empty());
            let d = match parse(t) {
                Ok(r) => {
                    let found = self.reference(&r, place);
                    if found.is_none() {
                        (self.visit)(self.module, &r, place.own.filter(|_| place.this));
                    }
                    found
                }
                Err(d) if alone.1 => Some(self.bare_name(&alone.0, d)),
                Err(d) => Some(d),
            };
            if let Some(d) = d {
                self.diags.push(d);
            }
        }
    }

    /// A name without a dot: perhaps the name of a variable or local value.
    fn bare_name(&self, name: &str, d: Diagnostic) -> Diagnostic {
        let m = self.module;
        if m.variables.contains_key(name) {
            return d.help(format!("Did you mean \"var.{name}\"?"));
        }
        if m.locals.contains_key(name) {
            return d.help(format!("Did you mean \"local.{name}\"?"));
        }
        let quoted = d.help.is_none() && d.summary == "Invalid reference";
        match nearest(name, ["true", "false", "null"]) {
            Some(word) if quoted => d.help(format!("Did you mean \"{word}\"?")),
            _ => d,
        }
    }

    fn reference(&self, r: &Reference, place: Place<'a>) -> Option<Diagnostic> {
        let m = self.module;
        match &r.subject {
            Subject::Variable(name) if !m.variables.contains_key(name) => Some(self.no_variable(name, &r.span)),
            Subject::Local(name) if !m.locals.contains_key(name) => Some(self.no_local(name, &r.span)),
            Subject::Module(name) => self.module_reference(name, None, r),
            Subject::Output { module, output } => self.module_reference(module, Some(output), r),
            Subject::Resource { mode, ty, name } => self.resource_reference(*mode, ty, name, r, place),
            Subject::Each(part) if !place.each => {
                let detail = match place.count {
                    true => format!("each.{part} exists where for_each is set; this block has count. Use count.index."),
                    false => {
                        format!("each.{part} exists only inside a resource, data or module block that has for_each.")
                    }
                };
                Some(Diagnostic::error("Reference to \"each\" in context without for_each", detail).at(&r.span))
            }
            Subject::Count(_) if !place.count => {
                let detail = match place.each {
                    true => {
                        "count.index exists where count is set; this block has for_each. Use each.key or each.value."
                    }
                    false => "count.index exists only inside a resource, data or module block that has count.",
                };
                Some(Diagnostic::error("Reference to \"count\" in non-counted context", detail).at(&r.span))
            }
            Subject::SelfObject if !place.this => {
                let detail =
                    "self exists only in postcondition blocks, where it is the object that the block belongs to.";
                Some(Diagnostic::error("Invalid \"self\" reference", detail).at(&r.span))
            }
            _ => None,
        }
    }

    fn no_variable(&self, name: &str, span: &Span) -> Diagnostic {
        let detail = format!("No variable \"{name}\" is declared in {}.", self.here());
        let d = Diagnostic::error("Reference to undeclared input variable", detail).at(span);
        match nearest(name, self.module.variables.keys().map(|k| &**k)) {
            Some(near) => d.help(format!("Did you mean \"var.{near}\"?")),
            None if self.module.locals.contains_key(name) => d.help(format!("Did you mean \"local.{name}\"?")),
            None => d.help(format!("Declare it:\n\n    variable \"{name}\" {{}}")),
        }
    }

    fn no_local(&self, name: &str, span: &Span) -> Diagnostic {
        let detail = format!("No local value \"{name}\" is declared in {}.", self.here());
        let d = Diagnostic::error("Reference to undeclared local value", detail).at(span);
        match nearest(name, self.module.locals.keys().map(|k| &**k)) {
            Some(near) => d.help(format!("Did you mean \"local.{near}\"?")),
            None if self.module.variables.contains_key(name) => d.help(format!("Did you mean \"var.{name}\"?")),
            None => d,
        }
    }

    fn module_reference(&self, name: &Arc<str>, output: Option<&Arc<str>>, r: &Reference) -> Option<Diagnostic> {
        let Some(call) = self.module.calls.get(name) else {
            let detail = format!("No module \"{name}\" is called in {}.", self.here());
            let d = Diagnostic::error("Reference to undeclared module", detail).at(&r.span);
            return Some(match nearest(name, self.module.calls.keys().map(|k| &**k)) {
                Some(near) => d.help(format!("Did you mean \"module.{near}\"?")),
                None => d,
            });
        };
        // `module.x["output"]` of a module that is there once.
        let (output, at) = match (&call.repeat, &r.instance, output) {
            (Repeat::Once, Some(Step::Key(key, span)), _) => (key.as_str().map(Arc::from), span.clone()),
            (Repeat::Once, Some(Step::Computed(..)), _) => return None,
            (Repeat::Count(_) | Repeat::ForEach(_), None, Some(_)) if r.perhaps => return None,
            (Repeat::Count(_) | Repeat::ForEach(_), None, Some(output)) => {
                let by = if matches!(call.repeat, Repeat::Count(_)) { "count" } else { "for_each" };
                if by == "for_each" && !self.is_output(name, output) {
                    // `module.x.key`, the attribute form of a key.
                    return None;
                }
                let key = if by == "count" { "count.index" } else { "each.key" };
                let detail = format!(
                    "The module \"{name}\" has {by}, so an output belongs to one of several instances. Pick one, as in \
                     module.{name}[{key}].{output}, or take all."
                );
                return Some(Diagnostic::error("Missing module instance key", detail).at(&r.span));
            }
            (_, _, output) => (output.cloned(), r.output_span.clone().unwrap_or_else(|| r.span.clone())),
        };
        let output = output?;
        // Where it may not count, its evaluation tells, as in Terraform.
        if r.perhaps || self.is_output(name, &output) {
            return None;
        }
        let child = self.module.children.get(name)?;
        let detail = format!("The module \"{name}\" has no output \"{output}\".");
        let d = Diagnostic::error("Unsupported attribute", detail).at(&at);
        Some(suggest(d, &output, child.outputs.keys().map(|k| &**k)))
    }

    fn is_output(&self, module: &str, output: &str) -> bool {
        self.module.children.get(module).is_none_or(|c| c.outputs.contains_key(output))
    }

    fn resource_reference(
        &self,
        mode: Mode,
        ty: &Arc<str>,
        name: &Arc<str>,
        r: &Reference,
        place: Place<'a>,
    ) -> Option<Diagnostic> {
        let is = |o: &&Resource| o.mode == mode && o.ty.name == *ty && o.name.name == *name;
        if place.own.as_ref().is_some_and(is) {
            let detail = format!("{} cannot refer to itself: it does not exist before this is known.", r.subject);
            return Some(Diagnostic::error("Self-referential block", detail).at(&r.span));
        }
        let of_check = |c: &'a Check| c.data.as_ref().filter(is);
        let declared = self.module.resources.get(&(mode, ty.clone(), name.clone()));
        let Some(found) = declared.or_else(|| place.check.and_then(of_check)) else {
            return Some(match self.module.checks.values().find_map(of_check) {
                Some(scoped) => {
                    let detail = format!("{} is declared inside a check block and exists only there.", r.subject);
                    Diagnostic::error("Reference to scoped resource", detail)
                        .at(&r.span)
                        .with_related(&scoped.span, "declared here")
                }
                None => self.no_resource(mode, ty, name, r),
            });
        };
        self.instance_key(found, r)
    }

    /// Whether a key is there exactly where there are several instances.
    fn instance_key(&self, found: &Resource, r: &Reference) -> Option<Diagnostic> {
        let key = r.instance.as_ref();
        match (&found.repeat, key) {
            (Repeat::Once, Some(Step::Key(..) | Step::Computed(..))) => {
                let span = key.map_or(r.span.clone(), |k| r.span.to(k.span()));
                let detail = format!(
                    "{} has neither count nor for_each, so there is one object and no key. Remove the brackets.",
                    r.subject
                );
                Some(Diagnostic::error("Unexpected resource instance key", detail).at(&span))
            }
            (Repeat::Count(_) | Repeat::ForEach(_), None) if matches!(r.rest.first(), Some(Step::Attr(_))) => {
                let (by, example) = match found.repeat {
                    Repeat::Count(_) => ("count", "count.index"),
                    _ => ("for_each", "each.key"),
                };
                let detail = format!(
                    "{0} has {by}, so an attribute belongs to one of several instances. Pick one, as in {0}[{example}], or take \
                     all with {0}[*].",
                    r.subject
                );
                Some(Diagnostic::error("Missing resource instance key", detail).at(&r.span))
            }
            _ => None,
        }
    }

    fn no_resource(&self, mode: Mode, ty: &Arc<str>, name: &Arc<str>, r: &Reference) -> Diagnostic {
        let m = self.module;
        let kind = if mode == Mode::Data { "data source" } else { "resource" };
        let detail = format!("No {kind} {} is declared in {}.", r.subject, self.here());
        let d = Diagnostic::error("Reference to undeclared resource", detail).at(&r.span);
        let meant = |text: String| format!("Did you mean \"{text}\"?");
        let other = if mode == Mode::Data { Mode::Managed } else { Mode::Data };
        if let Some(other) = m.resources.get(&(other, ty.clone(), name.clone())) {
            return d.help(meant(other.local_address()));
        }
        let of_mode = || m.resources.values().filter(|o| o.mode == mode);
        if let Some(near) = nearest(name, of_mode().filter(|o| o.ty.name == *ty).map(|o| &*o.name.name)) {
            return d.help(meant(format!("{}{ty}.{near}", if mode == Mode::Data { "data." } else { "" })));
        }
        let of_name = of_mode().filter(|o| o.name.name == *name).map(|o| &*o.ty.name);
        if let Some(near) = nearest(ty, of_name) {
            return d.help(meant(format!("{}{near}.{name}", if mode == Mode::Data { "data." } else { "" })));
        }
        if mode == Mode::Data {
            return d;
        }
        // The first word may be a misspelt `var`, or the name of a value whose `local.` was forgotten.
        let roots = [
            ("var", &m.variables.contains_key(name)),
            ("local", &m.locals.contains_key(name)),
            ("module", &m.calls.contains_key(name)),
        ];
        for (root, there) in roots {
            if *there
                && (nearest(ty, [root]).is_some()
                    || matches!((root, &**ty), ("local", "locals") | ("var", "variable" | "vars")))
            {
                return d.help(meant(format!("{root}.{name}")));
            }
        }
        if m.locals.contains_key(ty) {
            return d.help(meant(format!("local.{ty}.{name}")));
        }
        if m.variables.contains_key(ty) {
            return d.help(meant(format!("var.{ty}.{name}")));
        }
        d
    }
}
