//! Prior object and wanted configuration → what is done and how it will look. Pure; the same pipeline for every type.
//!
//! Config over prior → defaults → holes for what AWS will decide → `tags_all` → the type's `adjust` → compare, with the type's `same` →
//! which changed parts force replacement → action. Values here carry no marks; the caller takes them off and puts them back.

use super::Action;
use crate::resources::{Place, Resource, tags};
use crate::schema::{Attribute, Block, Cost, NestedBlock, Nesting, SetBy, Ty};
use crate::value::{Fields, Kind, Object, Path, PathStep, Type, Value};
use std::sync::Arc;

/// What comes of comparing.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// [`Action::Create`], [`Action::NoOp`], [`Action::Update`] or, for a replacement in the default order, [`Action::DeleteThenCreate`].
    pub action: Action,
    /// The object as it will be.
    pub after: Object,
    /// The parts that force the replacement.
    pub replace_paths: Vec<Path>,
}

/// Compares. `config` has every configurable attribute of the schema, nulls where nothing was written; `force` replaces whatever the
/// comparison says (tainted, `-replace=`, triggers).
pub fn change(resource: &dyn Resource, place: &Place, prior: Option<&Object>, config: &Object, force: bool) -> Outcome {
    let create = || {
        let mut after = planned(resource, place, None, config);
        resource.predict(place, &mut after);
        after
    };
    let Some(prior) = prior else {
        return Outcome { action: Action::Create, after: create(), replace_paths: Vec::new() };
    };
    let mut after = planned(resource, place, Some(prior), config);
    settle_wanted(resource, prior, &mut after);
    // How long one waits is nothing of the object: by itself it is no change, and stays as it was.
    if let Some(timeouts) = prior.get("timeouts")
        && after.0.iter().all(|(name, value)| &**name == "timeouts" || prior.get(name) == Some(value))
    {
        after.set("timeouts", timeouts.clone());
    }
    let mut replace_paths = Vec::new();
    forcing(&resource.schema().block, &Path::root(), &prior.0, &after.0, &mut replace_paths);
    if after != *prior {
        for path in resource.replaces(prior, &after) {
            if !replace_paths.contains(&path) {
                replace_paths.push(path);
            }
        }
    }
    if force || !replace_paths.is_empty() {
        let mut after = create();
        // Even where its name comes out the same it is another object: what refers to it has to be looked at anew, as an inline
        // policy goes with its role.
        for a in resource.schema().block.attributes.iter().filter(|a| a.set_by == SetBy::Computed) {
            if prior.get(a.name).is_some_and(|p| !p.is_null() && after.get(a.name) == Some(p)) {
                after.0.insert(a.name.into(), Value::unknown(a.ty.to_type()));
            }
        }
        return Outcome { action: Action::DeleteThenCreate, after, replace_paths };
    }
    let action = if after == *prior { Action::NoOp } else { Action::Update };
    Outcome { action, after, replace_paths }
}

/// The planned object before it is compared.
fn planned(resource: &dyn Resource, place: &Place, prior: Option<&Object>, config: &Object) -> Object {
    let schema = resource.schema();
    let mut after = Object(merge(&schema.block, prior.map(|p| &p.0), &config.0));
    if let (Type::Object(types, _), false) = (schema.ty(), schema.timeouts.is_empty()) {
        let ty = types.get("timeouts").cloned().unwrap_or(Type::Any);
        let written = config.get("timeouts").filter(|v| !v.is_null()).cloned();
        after.0.insert("timeouts".into(), written.unwrap_or_else(|| Value::null(ty)));
    }
    all_tags(&schema.block, place, &mut after);
    if let Some(prior) = prior {
        // Another form of the same is no change, so nothing moves with it.
        settle_wanted(resource, prior, &mut after);
        moved_computed(&schema.block, prior, &mut after);
    }
    resource.adjust(place, config, prior, &mut after);
    after
}

/// Config over prior, defaults, holes: one block.
fn merge(block: &Block, prior: Option<&Fields>, config: &Fields) -> Fields {
    let mut out = Fields::new();
    for a in block.attributes {
        let value = attribute(a, prior.and_then(|p| p.get(a.name)), prior.is_none(), config.get(a.name));
        out.insert(a.name.into(), value);
    }
    for b in block.blocks {
        let value = nested(b, prior.and_then(|p| p.get(b.name)), prior.is_none(), config.get(b.name));
        out.insert(b.name.into(), value);
    }
    out
}

fn attribute(a: &Attribute, prior: Option<&Value>, creating: bool, config: Option<&Value>) -> Value {
    let written = config.filter(|v| !v.is_null() && a.is_configurable() && !says_nothing(a, v));
    match (written, prior) {
        // The provider's types cannot tell "" from nothing, so neither is a change of the other.
        (Some(c), Some(p)) if a.ty != Ty::Any && c.is_zero() && p.is_zero() => p.clone(),
        // Nor does it store an empty map where there was none.
        (Some(c), None) if matches!(a.ty, Ty::Map(_)) && c.is_known() && c.is_zero() => Value::null(a.ty.to_type()),
        (Some(c), _) => c.clone(),
        (None, _) if a.set_by == SetBy::Required => config.cloned().unwrap_or_else(|| Value::null(a.ty.to_type())),
        (None, prior) if !a.is_computed() => match (a.default, prior) {
            (Some(d), Some(p)) if d.to_value().is_zero() && p.is_zero() => p.clone(),
            (Some(d), _) => d.to_value(),
            (None, Some(p)) if a.ty != Ty::Any && p.is_zero() => p.clone(),
            (None, Some(p)) => emptied(p, a.ty),
            (None, None) => Value::null(a.ty.to_type()),
        },
        (None, _) if creating => match a.default {
            Some(d) => d.to_value(),
            None => Value::unknown(a.ty.to_type()),
        },
        (None, prior) => prior.cloned().unwrap_or_else(|| Value::null(a.ty.to_type())),
    }
}

/// Where AWS decides otherwise, the provider takes "" for nothing written.
fn says_nothing(a: &Attribute, written: &Value) -> bool {
    a.set_by == SetBy::OptionalComputed && written.as_str() == Some("")
}

/// What becomes of an argument that is no longer written: a collection is empty then, anything else null.
fn emptied(prior: &Value, ty: Ty) -> Value {
    match (prior.is_null(), ty.to_type()) {
        (false, Type::List(of)) => Value::list((*of).clone(), Vec::new()),
        (false, Type::Set(of)) => Value::set((*of).clone(), Vec::new()),
        (false, Type::Map(of)) => Value::map((*of).clone(), Fields::new()),
        (_, ty) => Value::null(ty),
    }
}

fn nested(b: &NestedBlock, prior: Option<&Value>, creating: bool, config: Option<&Value>) -> Value {
    let Some(config) = config.filter(|v| !v.is_null()) else {
        return match (b.nesting, b.computed, creating, prior) {
            (Nesting::Single, ..) => Value::null(b.ty()),
            (_, true, true, _) => Value::unknown(b.ty()),
            (_, true, false, Some(prior)) => prior.clone(),
            (Nesting::List, ..) => Value::list(b.block.ty(), Vec::new()),
            (Nesting::Set, ..) => Value::set(b.block.ty(), Vec::new()),
        };
    };
    let Some(elements) = config.as_slice() else { return config.clone() };
    if elements.is_empty() && b.computed {
        return nested(b, prior, creating, None);
    }
    let priors = prior.and_then(Value::as_slice).unwrap_or_default();
    let element = |i: usize, c: &Value| {
        let Some(fields) = c.as_fields() else { return c.clone() };
        let prior = match b.nesting {
            Nesting::Set => matching(b, priors, fields),
            _ => priors.get(i).and_then(Value::as_fields),
        };
        Value::object(merge(&b.block, prior, fields))
    };
    let elements = elements.iter().enumerate().map(|(i, c)| element(i, c)).collect();
    match b.nesting {
        Nesting::Set => Value::set(b.block.ty(), elements),
        _ => Value::list(b.block.ty(), elements),
    }
}

/// The element of a set that a written one continues: of the same name, or else with the same values wherever one was written.
fn matching<'a>(b: &NestedBlock, priors: &'a [Value], config: &Fields) -> Option<&'a Fields> {
    let mut candidates = priors.iter().filter_map(Value::as_fields);
    if let Some(name) = b.named_by {
        let wanted = config.get(name)?;
        return candidates.find(|p| p.get(name) == Some(wanted));
    }
    candidates.find(|p| {
        config.iter().all(|(k, c)| match p.get(k) {
            Some(p) => {
                c == p
                    || (c.is_zero() && p.is_zero())
                    || (c.is_null() && b.block.attribute(k).is_some_and(Attribute::is_computed))
            }
            None => c.is_zero(),
        })
    })
}

/// `tags_all`: the provider's default tags under the object's own.
fn all_tags(block: &Block, place: &Place, after: &mut Object) {
    if block.attribute("tags").is_none() || block.attribute("tags_all").is_none() {
        return;
    }
    let own = after.get("tags").cloned().unwrap_or_else(|| Value::null(Type::map(Type::String)));
    let all = if own.is_known() {
        let mut all: Fields = place.default_tags.iter().map(|(k, v)| (Arc::from(&**k), Value::string(v))).collect();
        all.extend(own.as_fields().cloned().unwrap_or_default());
        all.retain(|key, _| !tags::is_ignored(&place.ignore_tags, key));
        Value::map(Type::String, all)
    } else {
        Value::unknown(Type::map(Type::String))
    };
    after.0.insert("tags_all".into(), all);
}

/// Computed attributes that an update moves become holes.
fn moved_computed(block: &Block, prior: &Object, after: &mut Object) {
    let changed: Vec<&str> = block
        .attributes
        .iter()
        .filter(|a| a.is_configurable())
        .map(|a| a.name)
        .chain(block.blocks.iter().map(|b| b.name))
        .filter(|name| prior.get(name) != after.get(name))
        .collect();
    for a in block.attributes.iter().filter(|a| !a.moves_with.is_empty()) {
        let moves = a.moves_with.iter().any(|w| if *w == "*" { !changed.is_empty() } else { changed.contains(w) });
        if moves && after.get(a.name) == prior.get(a.name) {
            after.0.insert(a.name.into(), Value::unknown(a.ty.to_type()));
        }
    }
}

/// Keeps the prior form of what is wanted and means the same, except where the type minds the spelling.
fn settle_wanted(resource: &dyn Resource, prior: &Object, after: &mut Object) {
    let spelled: Vec<_> =
        resource.spelled().iter().filter_map(|name| Some((*name, after.get(name)?.clone()))).collect();
    settle(resource, "", &resource.schema().block, &prior.0, &mut after.0);
    for (name, value) in spelled {
        after.set(name, value);
    }
}

/// Keeps the prior form of whatever means the same.
fn settle(resource: &dyn Resource, prefix: &str, block: &Block, prior: &Fields, after: &mut Fields) {
    for a in block.attributes {
        let (Some(p), Some(v)) = (prior.get(a.name), after.get(a.name)) else { continue };
        let comparable = p != v && !p.is_null() && !v.is_null() && p.is_wholly_known() && v.is_wholly_known();
        if comparable && resource.same(&format!("{prefix}{}", a.name), p, v) {
            after.insert(a.name.into(), p.clone());
        }
    }
    for b in block.blocks {
        let (Some(p), Some(v)) = (prior.get(b.name), after.get(b.name)) else { continue };
        let (Some(priors), Some(values)) = (p.as_slice(), v.as_slice()) else { continue };
        if p == v {
            continue;
        }
        let prefix = format!("{prefix}{}.", b.name);
        let settled = |prior: &Value, value: &Value| -> Value {
            let (Some(prior), Some(fields)) = (prior.as_fields(), value.as_fields()) else { return value.clone() };
            let mut fields = fields.clone();
            settle(resource, &prefix, &b.block, prior, &mut fields);
            Value::object(fields)
        };
        let value = match b.nesting {
            Nesting::Set => {
                let find = |v: &Value| priors.iter().find(|p| settled(p, v) == **p).cloned();
                Value::set(b.block.ty(), values.iter().map(|v| find(v).unwrap_or_else(|| v.clone())).collect())
            }
            _ => {
                let pairs = values.iter().enumerate();
                let elements = pairs.map(|(i, v)| priors.get(i).map_or_else(|| v.clone(), |p| settled(p, v))).collect();
                Value::list(b.block.ty(), elements)
            }
        };
        after.insert(b.name.into(), value);
    }
}

/// The changed parts that cost a replacement.
fn forcing(block: &Block, at: &Path, prior: &Fields, after: &Fields, out: &mut Vec<Path>) {
    for a in block.attributes.iter().filter(|a| a.cost == Cost::Replace) {
        if prior.get(a.name) != after.get(a.name) {
            out.push(at.then(PathStep::Attr(a.name.into())));
        }
    }
    for b in block.blocks {
        let (p, v) = (prior.get(b.name), after.get(b.name));
        if p == v {
            continue;
        }
        let whole = at.then(PathStep::Attr(b.name.into()));
        let lists = (p.and_then(Value::as_slice), v.and_then(Value::as_slice));
        match lists {
            (Some(ps), Some(vs)) if b.nesting == Nesting::List && b.cost == Cost::Update => {
                for (i, (p, v)) in ps.iter().zip(vs).enumerate() {
                    if let (Some(p), Some(v)) = (p.as_fields(), v.as_fields()) {
                        forcing(&b.block, &whole.then(PathStep::Index(i)), p, v, out);
                    }
                }
                if ps.len() != vs.len() && b.block.attributes.iter().any(|a| a.cost == Cost::Replace) {
                    out.push(whole);
                }
            }
            _ if b.cost == Cost::Replace || any_replaces(&b.block) => out.push(whole),
            _ => {}
        }
    }
}

fn any_replaces(block: &Block) -> bool {
    block.attributes.iter().any(|a| a.cost == Cost::Replace)
        || block.blocks.iter().any(|b| b.cost == Cost::Replace || any_replaces(&b.block))
}

/// Takes over from `prior` what `ignore_changes` names, so that no difference can come of it.
///
/// As in Terraform: `.name` is a part of an object, `[0]` of a list or tuple, `["key"]` of a map. Where a path ends with a key, it is what
/// stands before the key that is looked for: of a map that one element is kept, of anything else all of it. A path that leads
/// nowhere, in what was or in what is written, ignores nothing.
pub fn ignore(schema: &Block, config: &mut Object, prior: &Object, paths: &[Path]) {
    let mut kept: Vec<Kept<'_>> = Vec::new();
    for path in paths {
        let Some((PathStep::Attr(name), rest)) = path.0.split_first() else { continue };
        let Some(before) = prior.get(name) else { continue };
        let now = config.get(name).cloned().unwrap_or_else(|| Value::null(before.ty()));
        let by = schema.nested(name).and_then(|b| b.named_by);
        if let (Some(by), Some((PathStep::Key(key), rest))) = (by, rest.split_first()) {
            config.0.insert(name.clone(), replaced_by_name(&now, before, by, key, rest));
            continue;
        }
        let (way, key) = match rest.split_last() {
            Some((PathStep::Key(key), way)) => (way, Some(&**key)),
            _ => (rest, None),
        };
        let found = part(before, way).zip(part(&now, way));
        if let Some((old, _)) = found.filter(|(old, new)| old != new) {
            kept.push(Kept { name, way, key, old: old.clone() });
        }
    }
    // What lies deeper first: a whole that is kept has the last word on its parts.
    kept.sort_by_key(|k| std::cmp::Reverse(k.way.len()));
    for Kept { name, way, key, old } in kept {
        let now = config.get(name).cloned().unwrap_or_else(|| Value::null(old.ty()));
        config.0.insert(name.clone(), with_part(&now, way, &|new| keeping(new, &old, key)));
    }
}

/// A part of an object that stays as it was.
struct Kept<'a> {
    name: &'a Arc<str>,
    way: &'a [PathStep],
    key: Option<&'a str>,
    old: Value,
}

/// The part of a value that a path leads to, if each step fits what it is a step into.
fn part<'v>(value: &'v Value, way: &[PathStep]) -> Option<&'v Value> {
    way.iter().try_fold(value, |at, step| match (step, at.kind()) {
        (PathStep::Attr(name), Kind::Object(fields)) | (PathStep::Key(name), Kind::Map(_, fields)) => fields.get(name),
        (PathStep::Index(i), Kind::List(_, elements) | Kind::Tuple(elements)) => elements.get(*i),
        _ => None,
    })
}

/// A value with another part in the place that a path leads to.
fn with_part(value: &Value, way: &[PathStep], change: &dyn Fn(&Value) -> Value) -> Value {
    let Some((step, rest)) = way.split_first() else { return change(value) };
    let mut value = value.clone();
    let part = match step {
        PathStep::Attr(name) | PathStep::Key(name) => value.fields_mut().and_then(|fields| fields.get_mut(name)),
        PathStep::Index(i) => value.elements_mut().and_then(|elements| elements.get_mut(*i)),
        PathStep::Element(_) => None,
    };
    if let Some(part) = part {
        *part = with_part(part, rest, change);
    }
    value
}

/// What was, or, where one element of a map is kept, what is written with that element as it was.
fn keeping(new: &Value, old: &Value, key: Option<&str>) -> Value {
    let (Type::Map(ty), Some(key)) = (new.ty(), key) else { return old.clone() };
    let mut fields = match new.kind() {
        // A map that is not written at all still keeps the element.
        Kind::Null(_) => Fields::new(),
        Kind::Map(_, fields) => (**fields).clone(),
        _ => return new.clone(),
    };
    match old.get(key) {
        Some(old) if old.ty() == *ty => drop(fields.insert(key.into(), old.clone())),
        Some(_) => return new.clone(),
        None => drop(fields.remove(key)),
    }
    if fields.is_empty() && new.is_null() { new.clone() } else { Value::map((*ty).clone(), fields) }
}

/// A set of blocks with the part at `path` of the one of this name as it is in `before`.
fn replaced_by_name(now: &Value, before: &Value, by: &str, name: &str, path: &[PathStep]) -> Value {
    let Kind::Set(ty, elements) = now.kind() else { return now.clone() };
    let is_it = |v: &&Value| v.get(by).is_some_and(|n| n.as_str() == Some(name));
    let old = before.as_slice().unwrap_or_default().iter().find(is_it);
    let mut out: Vec<Value> = elements.iter().filter(|v| !is_it(v)).cloned().collect();
    match (elements.iter().find(is_it), old) {
        (Some(new), Some(old)) => out.push(replaced(new, old, path)),
        (None, Some(old)) if path.is_empty() => out.push(old.clone()),
        (Some(new), None) if !path.is_empty() => out.push(new.clone()),
        _ => {}
    }
    Value::set(ty.clone(), out)
}

/// `now` with the part at `path` as it is in `before`.
fn replaced(now: &Value, before: &Value, path: &[PathStep]) -> Value {
    let Some((step, rest)) = path.split_first() else { return before.clone() };
    match step {
        PathStep::Attr(k) | PathStep::Key(k) => {
            // A map that is not written at all still keeps the ignored key.
            let mut fields = match now.kind() {
                Kind::Null(Type::Map(_)) => Fields::new(),
                _ => match now.as_fields() {
                    Some(fields) => fields.clone(),
                    None => return now.clone(),
                },
            };
            let old = before.as_fields().and_then(|f| f.get(k));
            match (fields.get(k), old) {
                (_, Some(old)) if rest.is_empty() => {
                    fields.insert(k.clone(), old.clone());
                }
                (Some(_), None) if rest.is_empty() => {
                    fields.remove(k);
                }
                (Some(new), Some(old)) => {
                    let value = replaced(new, old, rest);
                    fields.insert(k.clone(), value);
                }
                _ => {}
            }
            match (now.ty(), fields.is_empty() && now.is_null()) {
                (_, true) => now.clone(),
                (Type::Map(t), _) => Value::map((*t).clone(), fields),
                _ => Value::object(fields),
            }
        }
        PathStep::Index(i) => {
            let (mut now, before) = (now.clone(), before.as_slice().and_then(|b| b.get(*i)).cloned());
            if let (Some(elements), Some(before)) = (now.elements_mut(), before)
                && let Some(e) = elements.get_mut(*i)
            {
                *e = replaced(e, &before, rest);
            }
            now
        }
        PathStep::Element(_) => now.clone(),
    }
}

/// Fills the holes of a planned object from the configuration as it is now known; what AWS decides stays a hole, what follows from the
/// filled parts (`tags_all`, predictions of a `create`) is worked out.
pub fn fill(resource: &dyn Resource, place: &Place, planned: &mut Object, config: &Object, create: bool) {
    fn fill_value(planned: &Value, config: &Value) -> Value {
        if !planned.is_known() {
            return if config.is_null() { planned.clone() } else { config.clone() };
        }
        match (planned.kind(), config.kind()) {
            (Kind::Object(p), Kind::Object(c)) | (Kind::Map(_, p), Kind::Map(_, c)) => {
                let filled = p
                    .iter()
                    .map(|(k, v)| (k.clone(), c.get(k).map_or_else(|| v.clone(), |c| fill_value(v, c))))
                    .collect();
                match planned.ty() {
                    Type::Map(t) => Value::map((*t).clone(), filled),
                    _ => Value::object(filled),
                }
            }
            (Kind::List(t, p), Kind::List(_, c)) if p.len() == c.len() => {
                Value::list(t.clone(), p.iter().zip(c.iter()).map(|(p, c)| fill_value(p, c)).collect())
            }
            (Kind::Tuple(p), Kind::Tuple(c)) if p.len() == c.len() => {
                Value::tuple(p.iter().zip(c.iter()).map(|(p, c)| fill_value(p, c)).collect())
            }
            (Kind::Set(..), Kind::Set(..)) if !planned.is_wholly_known() => config.clone(),
            _ => planned.clone(),
        }
    }
    for (name, value) in &mut planned.0 {
        let Some(config) = config.get(name).filter(|_| !value.is_wholly_known()) else { continue };
        let block = resource.schema().block.nested(name);
        if resource.schema().block.attribute(name).is_some_and(|a| says_nothing(a, config)) {
            continue;
        }
        if block.is_some() && !value.is_known() && config.as_slice().is_some_and(<[Value]>::is_empty) {
            // No such block was written: AWS decides.
            continue;
        }
        *value = match block.filter(|b| b.nesting == Nesting::Set) {
            // Elements of a set cannot be told apart by their holes: the written set takes its place.
            Some(b) => nested(b, None, true, Some(config)),
            None => fill_value(value, config),
        };
    }
    all_tags(&resource.schema().block, place, planned);
    if create {
        resource.predict(place, planned);
    }
}

/// With null in place of every hole: what AWS did not decide is nothing.
pub fn without_holes(object: Object) -> Object {
    fn close(v: &Value) -> Value {
        match v.kind() {
            Kind::Unknown(t, _) => Value::null(t.clone()),
            Kind::Object(fs) => Value::object(fs.iter().map(|(k, v)| (k.clone(), close(v))).collect()),
            Kind::Map(t, fs) => Value::map(t.clone(), fs.iter().map(|(k, v)| (k.clone(), close(v))).collect()),
            Kind::List(t, vs) => Value::list(t.clone(), vs.iter().map(close).collect()),
            Kind::Set(t, vs) => Value::set(t.clone(), vs.iter().map(close).collect()),
            Kind::Tuple(vs) => Value::tuple(vs.iter().map(close).collect()),
            _ => v.clone(),
        }
    }
    Object(object.0.iter().map(|(k, v)| (k.clone(), if v.is_wholly_known() { v.clone() } else { close(v) })).collect())
}

/// What was read, in the form that was stored wherever both mean the same.
pub fn keep_form(resource: &dyn Resource, stored: &Object, read: Object) -> Object {
    let mut read = read;
    settle(resource, "", &resource.schema().block, &stored.0, &mut read.0);
    for (name, value) in &mut read.0 {
        if let Some(kept) = stored.get(name).filter(|kept| value.is_null() && kept.as_str() == Some("")) {
            *value = kept.clone();
        }
    }
    if let (Some(timeouts), Some(kept)) = (read.0.get_mut("timeouts"), stored.get("timeouts")) {
        // Only the configuration knows them.
        *timeouts = kept.clone();
    }
    for (name, value) in &stored.0 {
        read.0.entry(name.clone()).or_insert_with(|| value.clone());
    }
    read
}

/// The first law: parts of `planned` that were known and came out otherwise. Holes may be filled; what the provider's types cannot
/// tell apart (null and "", order and form where the type's `same` says so) is no difference.
pub fn repainted(resource: &dyn Resource, planned: &Object, actual: &Object) -> Vec<Path> {
    let block = &resource.schema().block;
    let mut actual = actual.clone();
    settle(resource, "", block, &planned.0, &mut actual.0);
    let mut out = Vec::new();
    // What is kept beside the type's own attributes, a region, is nothing that the type reads.
    let own = |name: &str| block.attribute(name).is_some() || block.nested(name).is_some();
    for (name, p) in planned.0.iter().filter(|(name, _)| own(name)) {
        let computed_only =
            block.attribute(name).is_some_and(|a| a.set_by == SetBy::Computed && a.cost == Cost::Update);
        // A computed value that merely stayed as it was is a guess, not a promise, except for the identity.
        if computed_only && !matches!(&**name, "arn" | "id") {
            continue;
        }
        let a = actual.get(name).cloned().unwrap_or_else(|| Value::null(p.ty()));
        if !fills(p, &a) {
            out.push(Path::attr(name));
        }
    }
    out
}

/// Whether `actual` is `planned` with its holes filled.
fn fills(planned: &Value, actual: &Value) -> bool {
    if !planned.is_known() || planned == actual || (planned.is_zero() && actual.is_zero()) {
        return true;
    }
    match (planned.kind(), actual.kind()) {
        (Kind::Object(p) | Kind::Map(_, p), Kind::Object(a) | Kind::Map(_, a)) => {
            let missing = Value::null(Type::Any);
            p.iter().all(|(k, v)| fills(v, a.get(k).unwrap_or(&missing)))
                && a.iter().all(|(k, v)| p.contains_key(k) || v.is_zero())
        }
        (Kind::Set(_, p), Kind::Set(_, a)) => p.len() == a.len() && p.iter().all(|p| a.iter().any(|a| fills(p, a))),
        _ => match (planned.as_slice(), actual.as_slice()) {
            (Some(p), Some(a)) => p.len() == a.len() && p.iter().zip(a).all(|(p, a)| fills(p, a)),
            _ => planned.is_null() && !actual.is_null() && planned.ty() == Type::Any,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::{Aws, Result};
    use crate::schema::{Const, Schema};
    use async_trait::async_trait;

    /// A type with one of everything.
    struct Thing;

    const ITEM: Block = Block {
        attributes: &[
            Attribute::optional_computed("size", Ty::Number),
            Attribute::required("name", Ty::String),
            Attribute::optional("note", Ty::String),
        ],
        blocks: &[],
    };

    static SCHEMA: Schema = Schema {
        name: "aws_thing",
        version: 0,
        doc: "",
        block: Block {
            attributes: &[
                Attribute::computed("arn", Ty::String),
                Attribute::optional("description", Ty::String),
                Attribute::optional_computed("kind", Ty::String),
                Attribute::optional("mode", Ty::String).default(Const::Str("fast")),
                Attribute::required("name", Ty::String).replaces(),
                Attribute::optional("policy", Ty::String),
                Attribute::computed("stamp", Ty::String).moves_with(&["policy"]),
                Attribute::optional("tags", Ty::Map(&Ty::String)),
                Attribute::optional_computed("tags_all", Ty::Map(&Ty::String)),
            ],
            blocks: &[
                NestedBlock::set("item", ITEM).named_by("name"),
                NestedBlock::list("kept", ITEM).computed(),
                NestedBlock::list("fixed", ITEM).replaces(),
            ],
        },
        timeouts: &[],
    };

    #[async_trait]
    impl Resource for Thing {
        fn schema(&self) -> &'static Schema {
            &SCHEMA
        }
        async fn read(&self, _: &Aws, _: &Object) -> Result<Option<Object>> {
            Ok(None)
        }
        async fn create(&self, _: &Aws, planned: &Object) -> Result<Object> {
            Ok(planned.clone())
        }
        async fn update(&self, _: &Aws, _: &Object, planned: &Object) -> Result<Object> {
            Ok(planned.clone())
        }
        async fn delete(&self, _: &Aws, _: &Object) -> Result<()> {
            Ok(())
        }
        fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
            attribute == "policy" && a.as_str().map(str::trim) == b.as_str().map(str::trim)
        }
        fn predict(&self, place: &Place, planned: &mut Object) {
            if let Some(name) = planned.str("name") {
                let arn = format!("arn:{}:thing/{name}", place.account);
                planned.set("arn", arn);
            }
        }
    }

    fn place() -> Place {
        let default_tags = vec![("team".to_string(), "a".to_string())];
        Place {
            partition: "aws".into(),
            region: "eu-central-1".into(),
            account: "1".into(),
            default_tags,
            ignore_tags: (vec!["noise".into()], vec!["auto-".into()]),
        }
    }

    /// A configuration: every configurable part, nulls where nothing is given.
    fn config(given: &[(&str, Value)]) -> Object {
        let mut out = Object::new();
        for a in SCHEMA.block.attributes {
            out.set(a.name, Value::null(a.ty.to_type()));
        }
        for b in SCHEMA.block.blocks {
            let none = match b.nesting {
                Nesting::Set => Value::set(b.block.ty(), Vec::new()),
                _ => Value::list(b.block.ty(), Vec::new()),
            };
            out.set(b.name, none);
        }
        out.set("name", "x");
        for (name, value) in given {
            out.set(name, value.clone());
        }
        out
    }

    fn item(name: &str, size: Option<i64>) -> Value {
        Value::object_of([
            ("name", Value::string(name)),
            ("note", Value::null(Type::String)),
            ("size", size.map_or_else(|| Value::null(Type::Number), Value::number)),
        ])
    }

    fn items(list: Vec<Value>) -> Value {
        Value::set(ITEM.ty(), list)
    }

    /// The object as the world would have it after creating this configuration.
    fn made(given: &[(&str, Value)]) -> Object {
        let mut object = change(&Thing, &place(), None, &config(given), false).after;
        fill(&Thing, &place(), &mut object, &config(given), true);
        object.set("kind", "standard");
        object.set("stamp", "s1");
        object.set(
            "description",
            object.get("description").filter(|v| !v.is_null()).cloned().unwrap_or_else(|| "".into()),
        );
        if !object.0["kept"].is_known() {
            object.set("kept", Value::list(ITEM.ty(), vec![item("default", Some(1))]));
        }
        if let Some(all) = object.get("item").and_then(Value::as_slice) {
            let sized = all.iter().map(|v| {
                let mut o = Object::from_value(v);
                if !o.0["size"].is_known() {
                    o.set("size", 7);
                }
                o.to_value()
            });
            let sized = sized.collect();
            object.set("item", items(sized));
        }
        object
    }

    #[test]
    fn what_is_created_is_planned_empty_and_holes_are_only_what_aws_decides() {
        let given = [("item", items(vec![item("a", None)])), ("mode", Value::string("slow"))];
        let outcome = change(&Thing, &place(), None, &config(&given), false);
        assert_eq!(outcome.action, Action::Create);
        assert_eq!(outcome.after.str("arn"), Some("arn:1:thing/x"), "predicted");
        assert_eq!(outcome.after.str("mode"), Some("slow"));
        let holes: Vec<&str> =
            outcome.after.0.iter().filter(|(_, v)| !v.is_wholly_known()).map(|(k, _)| &**k).collect();
        assert_eq!(holes, ["item", "kept", "kind", "stamp"]);
        let object = made(&given);
        assert_eq!(repainted(&Thing, &outcome.after, &object), []);
        let again = change(&Thing, &place(), Some(&object), &config(&given), false);
        assert_eq!((again.action, again.after), (Action::NoOp, object));
    }

    #[test]
    fn empty_forms_are_stored_as_the_provider_stores_them() {
        let given = [("tags", Value::map(Type::String, Fields::new())), ("description", Value::string(""))];
        let after = change(&Thing, &place(), None, &config(&given), false).after;
        assert!(after.0["tags"].is_null());
        assert_eq!(after.str("description"), Some(""));
        let read = after.clone().with("description", Value::null(Type::String));
        assert_eq!(keep_form(&Thing, &after, read).str("description"), Some(""));
    }

    #[test]
    fn an_empty_text_is_nothing_where_aws_decides() {
        let given = [("kind", Value::string("")), ("policy", Value::string(""))];
        let mut after = change(&Thing, &place(), None, &config(&given), false).after;
        fill(&Thing, &place(), &mut after, &config(&given), true);
        assert!(!after.0["kind"].is_known());
        assert_eq!(after.str("policy"), Some(""));
    }

    #[test]
    fn a_replaced_object_is_another_one_even_by_the_same_name() {
        let base = made(&[]);
        let again = change(&Thing, &place(), Some(&base), &config(&[]), true);
        assert_eq!(again.action, Action::DeleteThenCreate);
        assert!(!again.after.0["arn"].is_known());
        let renamed = change(&Thing, &place(), Some(&base), &config(&[("name", "y".into())]), false);
        assert_eq!(renamed.after.str("arn"), Some("arn:1:thing/y"));
    }

    #[test]
    fn a_collection_that_is_no_longer_written_is_empty() {
        let tags = |tags: &[(&str, &str)]| {
            Value::map(Type::String, tags.iter().map(|(k, v)| (Arc::from(*k), Value::string(v))).collect())
        };
        let null = Value::null(Type::map(Type::String));
        for (prior, want) in [(tags(&[("a", "1")]), tags(&[])), (tags(&[]), tags(&[])), (null.clone(), null)] {
            let base = made(&[]).with("tags", prior).with("tags_all", tags(&[]));
            let after = change(&Thing, &place(), Some(&base), &config(&[]), false).after;
            assert_eq!(after.get("tags"), Some(&want));
        }
    }

    #[test]
    fn each_change_costs_what_the_schema_says() {
        let policy = |s: &str| ("policy", Value::string(s));
        let with_item = |size| vec![("item", items(vec![item("a", size)])), policy("{}")];
        let base = made(&with_item(None));
        for (what, given, action, replacing) in [
            ("nothing", with_item(None), Action::NoOp, vec![]),
            ("the same in another form", vec![with_item(None)[0].clone(), policy(" {} ")], Action::NoOp, vec![]),
            (
                "an empty description",
                [with_item(None), vec![("description", Value::string(""))]].concat(),
                Action::NoOp,
                vec![],
            ),
            (
                "a description",
                [with_item(None), vec![("description", Value::string("d"))]].concat(),
                Action::Update,
                vec![],
            ),
            (
                "the default written out",
                [with_item(None), vec![("mode", Value::string("fast"))]].concat(),
                Action::NoOp,
                vec![],
            ),
            (
                "a computed value given",
                [with_item(None), vec![("kind", Value::string("big"))]].concat(),
                Action::Update,
                vec![],
            ),
            (
                "nothing where AWS decides",
                [with_item(None), vec![("kind", Value::string(""))]].concat(),
                Action::NoOp,
                vec![],
            ),
            ("a part of a named block", with_item(Some(9)), Action::Update, vec![]),
            ("a block removed", vec![policy("{}")], Action::Update, vec![]),
            (
                "the name",
                [with_item(None), vec![("name", Value::string("y"))]].concat(),
                Action::DeleteThenCreate,
                vec![".name"],
            ),
            (
                "a fixed block",
                [with_item(None), vec![("fixed", Value::list(ITEM.ty(), vec![item("f", None)]))]].concat(),
                Action::DeleteThenCreate,
                vec![".fixed"],
            ),
            (
                "a name not known yet",
                [with_item(None), vec![("name", Value::unknown(Type::String))]].concat(),
                Action::DeleteThenCreate,
                vec![".name"],
            ),
        ] {
            let outcome = change(&Thing, &place(), Some(&base), &config(&given), false);
            assert_eq!(outcome.action, action, "{what}");
            let paths: Vec<String> = outcome.replace_paths.iter().map(ToString::to_string).collect();
            assert_eq!(paths, replacing, "{what}");
        }
    }

    #[test]
    fn computed_values_stay_unless_the_schema_says_they_move() {
        let base = made(&[("policy", Value::string("{}"))]);
        let other = change(&Thing, &place(), Some(&base), &config(&[("policy", Value::string("[]"))]), false);
        assert!(!other.after.0["stamp"].is_known());
        assert_eq!(other.after.str("kind"), Some("standard"));
        let described = [("policy", Value::string("{}")), ("description", Value::string("d"))];
        let described = change(&Thing, &place(), Some(&base), &config(&described), false);
        assert_eq!(described.after.str("stamp"), Some("s1"));
    }

    #[test]
    fn default_tags_lie_under_the_objects_own() {
        let tags = Value::map(
            Type::String,
            Fields::from([(Arc::from("team"), Value::string("b")), (Arc::from("x"), Value::string("1"))]),
        );
        let after = change(&Thing, &place(), None, &config(&[("tags", tags)]), false).after;
        assert_eq!(after.string_map("tags_all"), [("team", "b"), ("x", "1")]);
        let after = change(&Thing, &place(), None, &config(&[]), false).after;
        assert_eq!(after.string_map("tags_all"), [("team", "a")]);
    }

    #[test]
    fn ignored_parts_make_no_difference() {
        let tags = |pairs: &[(&str, &str)]| {
            Value::map(Type::String, pairs.iter().map(|(k, v)| (Arc::from(*k), Value::string(v))).collect())
        };
        let base = made(&[("tags", tags(&[("a", "1"), ("b", "2")]))]);
        let key = Path::attr("tags").then(PathStep::Key("b".into()));
        for (what, given, path, action) in [
            ("the key", tags(&[("a", "1"), ("b", "9")]), key.clone(), Action::NoOp),
            ("the key left out", tags(&[("a", "1")]), key.clone(), Action::NoOp),
            ("another key", tags(&[("a", "9"), ("b", "2")]), key.clone(), Action::Update),
            ("all tags", tags(&[("z", "9")]), Path::attr("tags"), Action::NoOp),
        ] {
            let mut config = config(&[("tags", given)]);
            ignore(&SCHEMA.block, &mut config, &base, &[path]);
            assert_eq!(change(&Thing, &place(), Some(&base), &config, false).action, action, "{what}");
        }
    }

    #[test]
    fn one_block_of_a_set_is_ignored_by_its_name() {
        let block = |all: &[(&str, i64)]| items(all.iter().map(|(name, size)| item(name, Some(*size))).collect());
        let base = made(&[("item", block(&[("a", 1), ("b", 2)]))]);
        let part = |name: &str| Path::attr("item").then(PathStep::Key(name.into()));
        for (what, given, path, action) in [
            ("its size", vec![("a", 9), ("b", 2)], part("a").then(PathStep::Attr("size".into())), Action::NoOp),
            ("another's size", vec![("a", 1), ("b", 9)], part("a").then(PathStep::Attr("size".into())), Action::Update),
            ("all of it", vec![("a", 9), ("b", 2)], part("a"), Action::NoOp),
            ("that it is not written", vec![("b", 2)], part("a"), Action::NoOp),
            ("that there is a new one", vec![("a", 1), ("b", 2), ("c", 3)], part("c"), Action::NoOp),
            (
                "the size of a new one",
                vec![("a", 1), ("c", 3)],
                part("c").then(PathStep::Attr("size".into())),
                Action::Update,
            ),
        ] {
            let mut config = config(&[("item", block(&given))]);
            ignore(&SCHEMA.block, &mut config, &base, &[path]);
            assert_eq!(change(&Thing, &place(), Some(&base), &config, false).action, action, "{what}");
        }
    }

    #[test]
    fn a_hole_may_be_filled_never_repainted() {
        let planned = Object::new().with("arn", "a").with("kind", Value::unknown(Type::String)).with("policy", "{}");
        for (what, actual, wrong) in [
            ("filled", Object::new().with("arn", "a").with("kind", "k").with("policy", " {}"), vec![]),
            ("another arn", Object::new().with("arn", "b").with("kind", "k").with("policy", "{}"), vec![".arn"]),
            ("another policy", Object::new().with("arn", "a").with("kind", "k").with("policy", "[]"), vec![".policy"]),
            ("nothing", Object::new(), vec![".arn", ".policy"]),
        ] {
            let paths: Vec<String> = repainted(&Thing, &planned, &actual).iter().map(ToString::to_string).collect();
            assert_eq!(paths, wrong, "{what}");
        }
    }
}
