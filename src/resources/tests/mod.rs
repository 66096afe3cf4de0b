//! Resource types and data sources against the embedded AWS, through the same comparison that plans use.

mod credentials;
mod data;
mod dynamodb;
mod dynamodb_copies;
mod dynamodb_parts;
mod iam;
mod lives;
mod logs;
mod sfn;
mod throttle;

use super::permissions::Permit;
use super::{Aws, Clock, Error, Place, Resource, Result, Settings, data_source, resource};
use crate::plan::Action;
use crate::plan::diff::{self, Outcome};
use crate::sandbox::Sandbox;
use crate::schema::{Block, Nesting, Schema};
use crate::value::{Object, Value, json};
use serde_json::{Map, Value as Json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

/// A trust policy for Step Functions.
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// An account of its own, a clock that runs ahead when one waits, and what was said meanwhile.
struct World {
    sandbox: Sandbox,
    aws: Aws,
    place: Place,
    notes: Arc<Mutex<Vec<String>>>,
}

/// What came of one block.
struct Applied {
    action: Action,
    /// As it was planned.
    planned: Object,
    /// As the operation gave it.
    object: Object,
    /// What was called, without what was read afterwards.
    calls: Vec<String>,
}

impl World {
    async fn new() -> World {
        let sandbox = Sandbox::in_memory(1);
        let clock = Clock::frozen(UNIX_EPOCH + Duration::from_secs(1_767_225_600));
        let notes = Arc::new(Mutex::new(Vec::new()));
        let heard = notes.clone();
        let aws = Aws::with_http_client(Settings::default(), sandbox.http_client())
            .with_clock(clock)
            .observed(move |note| heard.lock().unwrap().push(note.0));
        let place = aws.place().await.unwrap();
        sandbox.take_calls();
        World { sandbox, aws, place, notes }
    }

    /// What would be done for a block over what there is.
    fn plan(&self, ty: &str, prior: Option<&Object>, block: &Json) -> Outcome {
        let resource = of(ty);
        diff::change(resource, &self.place, prior, &config(resource.schema(), block), false)
    }

    /// Does what is planned for a block; both laws are checked.
    async fn apply(&self, ty: &str, prior: Option<&Object>, block: Json) -> Applied {
        self.try_apply(ty, prior, block).await.unwrap_or_else(|error| panic!("{ty}: {error:?}"))
    }

    async fn try_apply(&self, ty: &str, prior: Option<&Object>, block: Json) -> Result<Applied> {
        let resource = of(ty);
        let Outcome { action, after, .. } = self.plan(ty, prior, &block);
        self.sandbox.take_calls();
        let object = match (action, prior) {
            (Action::NoOp, Some(prior)) => prior.clone(),
            (Action::Create, _) => resource.create(&self.aws, &after).await?,
            (Action::Update, Some(prior)) => resource.update(&self.aws, prior, &after).await?,
            (Action::DeleteThenCreate, Some(prior)) => {
                resource.delete(&self.aws, prior).await?;
                resource.create(&self.aws, &after).await?
            }
            other => panic!("{other:?}"),
        };
        let calls = self.sandbox.take_calls();
        let needs = resource.permissions();
        let may: &[&[Permit]] = match action {
            Action::NoOp => &[],
            Action::Create => &[needs.read, needs.create],
            Action::Update => &[needs.read, needs.update],
            _ => &[needs.read, needs.create, needs.delete],
        };
        allowed(ty, may, &calls);
        assert_eq!(diff::repainted(resource, &after, &object), [], "{ty}: planned {after:?}, got {object:?}");
        whole(resource.schema(), &object);
        let seen =
            resource.read(&self.aws, &object).await?.unwrap_or_else(|| panic!("{ty} is not there after its apply"));
        let again = self.plan(ty, Some(&seen), &block);
        assert_eq!(again.action, Action::NoOp, "{ty}: {seen:?} again {:?}", again.after);
        let empty = |v: Option<&Value>| v.is_some_and(|v| v.is_null() || v.as_slice().is_some_and(<[Value]>::is_empty));
        let seen_and_kept = |name: &str| {
            let (seen, object) = (seen.get(name), object.get(name));
            seen == object || (empty(seen) && empty(object)) || name == "tags" || name == "attachment_count"
        };
        for name in object.0.keys() {
            assert!(seen_and_kept(name), "{ty}.{name}: {:?} is read as {:?}", object.get(name), seen.get(name));
        }
        Ok(Applied { action, planned: after, object, calls })
    }

    /// Looks again; `None` if it is gone.
    async fn read(&self, ty: &str, object: &Object) -> Option<Object> {
        of(ty).read(&self.aws, object).await.unwrap()
    }

    async fn delete(&self, ty: &str, object: &Object) -> Result<Vec<String>> {
        self.sandbox.take_calls();
        of(ty).delete(&self.aws, object).await?;
        let calls = self.sandbox.take_calls();
        allowed(ty, &[of(ty).permissions().read, of(ty).permissions().delete], &calls);
        Ok(calls)
    }

    async fn import(&self, ty: &str, id: &str) -> Object {
        let object = of(ty).import_id(id).unwrap();
        self.read(ty, &object).await.unwrap_or_else(|| panic!("{ty} {id} is not there"))
    }

    async fn data(&self, ty: &str, block: Json) -> std::result::Result<Object, Error> {
        let source = data_source(ty).unwrap();
        let read = source.read(&self.aws, &config(source.schema(), &block)).await?;
        whole(source.schema(), &read);
        Ok(read)
    }

    fn take_notes(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.lock().unwrap())
    }
}

/// Every call is one that the type says it needs (`fn permissions`).
fn allowed(ty: &str, lists: &[&[Permit]], calls: &[String]) {
    let known = |call: &String| {
        lists.iter().flat_map(|l| l.iter()).any(|p| p.actions.contains(&call.as_str()))
            || call == "sts:GetCallerIdentity"
    };
    let missing: Vec<&String> = calls.iter().filter(|c| !known(c)).collect();
    assert!(missing.is_empty(), "{ty} does not say that it needs {missing:?}");
}

fn of(ty: &str) -> &'static dyn Resource {
    resource(ty).unwrap_or_else(|| panic!("no type {ty}"))
}

/// A block as evaluation gives it: nulls where nothing is written.
fn config(schema: &Schema, block: &Json) -> Object {
    let mut all = filled(&schema.block, block);
    if !schema.timeouts.is_empty() {
        let times = block.get("timeouts").map(|given| {
            schema
                .timeouts
                .iter()
                .map(|(name, _)| (name.to_string(), given.get(name).cloned().unwrap_or_default()))
                .collect()
        });
        all.insert("timeouts".into(), times.map_or(Json::Null, Json::Object));
    }
    Object::from_value(&json::from_json(&Json::Object(all), &schema.ty()).unwrap())
}

fn filled(shape: &Block, block: &Json) -> Map<String, Json> {
    let known = |name: &str| shape.attribute(name).is_some() || shape.nested(name).is_some() || name == "timeouts";
    for name in block.as_object().unwrap().keys() {
        assert!(known(name), "no argument {name}");
    }
    let mut all = Map::new();
    for a in shape.attributes {
        all.insert(a.name.into(), block.get(a.name).cloned().unwrap_or_default());
    }
    for b in shape.blocks {
        let given = block.get(b.name).and_then(Json::as_array).cloned().unwrap_or_default();
        let given: Vec<Json> = given.iter().map(|one| Json::Object(filled(&b.block, one))).collect();
        let value = if b.nesting == Nesting::Single {
            given.into_iter().next().unwrap_or_default()
        } else {
            Json::Array(given)
        };
        all.insert(b.name.into(), value);
    }
    all
}

/// An object has every attribute of its schema, each of its type, and no holes.
fn whole(schema: &Schema, object: &Object) {
    let ty = schema.ty();
    let crate::value::Type::Object(fields, _) = &ty else { panic!() };
    assert!(fields.keys().eq(object.0.keys()), "{}: {:?}", schema.name, object.0.keys());
    for (name, value) in &object.0 {
        assert!(value.is_wholly_known(), "{}.{name} is still {value:?}", schema.name);
        assert!(json::from_json(&json::to_json(value), &fields[name]).is_ok(), "{}.{name}: {value:?}", schema.name);
        assert_eq!(crate::value::convert(value, &fields[name]).as_ref(), Ok(value), "{}.{name}", schema.name);
    }
}

fn arn_of(object: &Object) -> &str {
    object.str("arn").unwrap()
}

fn is_hole(object: &Object, name: &str) -> bool {
    object.get(name).is_some_and(|v: &Value| !v.is_known())
}
