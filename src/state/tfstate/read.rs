//! From the text of a state file to a [`State`], every mistake with its line.

use super::place::Step::{self, Element, Member};
use super::place::place;
use crate::address::{Key, Mode, ModulePath, Target};
use crate::state::error::FormatError;
use crate::state::{Instance, Instances, JsonMap, OutputValue, Resource, Resources, State};
use crate::value::json::{from_json, type_from_json};
use crate::value::{Marks, Type, Value};
use serde_json::Value as Json;

/// Reads a state file. `name` is what messages call it.
pub fn parse(name: &str, text: &str) -> Result<State, FormatError> {
    let json: Json = serde_json::from_str(text).map_err(|e| FormatError::NotJson {
        file: name.to_string(),
        line: e.line(),
        column: e.column(),
        truncated: e.is_eof(),
        what: what(&e),
    })?;
    let reader = Reader { name, text };
    let Json::Object(mut top) = json else {
        return Err(reader.invalid(&[], "A state is a JSON object"));
    };
    reader.version(&top)?;
    // (What is not known keeps its order.)
    top.shift_remove("version");
    let mut state = State {
        terraform_version: reader.text(&mut top, "terraform_version", &[])?.unwrap_or_default(),
        serial: reader.count(&mut top, "serial", &[])?,
        lineage: reader.text(&mut top, "lineage", &[])?.unwrap_or_default(),
        check_results: top.shift_remove("check_results").unwrap_or_default(),
        ..State::default()
    };
    for (output, json) in reader.object(&mut top, "outputs", &[])? {
        let value = reader.output(&output, json)?;
        state.outputs.insert(output.as_str().into(), value);
    }
    let mut resources = Resources::default();
    for (i, json) in reader.array(&mut top, "resources", &[])?.into_iter().enumerate() {
        reader.resource(i, json, &mut resources)?;
    }
    state.resources = resources;
    state.extra = top;
    Ok(state)
}

/// The parser's words without the place, which is told apart.
fn what(e: &serde_json::Error) -> String {
    let text = e.to_string();
    text.split(" at line ").next().unwrap_or_default().to_string()
}

struct Reader<'a> {
    name: &'a str,
    text: &'a str,
}

impl Reader<'_> {
    fn version(&self, top: &JsonMap) -> Result<(), FormatError> {
        let file = self.name.to_string();
        let Some(version) = top.get("version") else { return Err(FormatError::NotState { file }) };
        match version.as_u64() {
            Some(4) => Ok(()),
            Some(0) | None => Err(self.invalid(&[Member("version")], "\"version\" must be a positive whole number")),
            Some(version) => {
                let by = top.get("terraform_version").and_then(Json::as_str).unwrap_or_default().to_string();
                Err(if version < 4 {
                    FormatError::TooOld { file, version, by }
                } else {
                    FormatError::TooNew { file, version, by }
                })
            }
        }
    }

    fn invalid(&self, path: &[Step<'_>], what: impl Into<String>) -> FormatError {
        let (line, column) = place(self.text, path);
        FormatError::Invalid { file: self.name.to_string(), line, column, what: what.into() }
    }

    /// Takes a member out; a wrong type is an error that names it.
    fn take<T>(
        &self,
        map: &mut JsonMap,
        member: &str,
        at: &[Step<'_>],
        wanted: &str,
        read: impl FnOnce(Json) -> Option<T>,
    ) -> Result<Option<T>, FormatError> {
        // `shift_remove` keeps the order of what stays.
        match map.shift_remove(member) {
            None | Some(Json::Null) => Ok(None),
            Some(json) => match read(json) {
                Some(t) => Ok(Some(t)),
                None => {
                    let mut path = at.to_vec();
                    path.push(Member(member));
                    Err(self.invalid(&path, format!("\"{member}\" must be {wanted}")))
                }
            },
        }
    }

    fn text(&self, map: &mut JsonMap, member: &str, at: &[Step<'_>]) -> Result<Option<String>, FormatError> {
        self.take(map, member, at, "a string", |json| match json {
            Json::String(s) => Some(s),
            _ => None,
        })
    }

    fn count(&self, map: &mut JsonMap, member: &str, at: &[Step<'_>]) -> Result<u64, FormatError> {
        Ok(self.take(map, member, at, "a whole number", |json| json.as_u64())?.unwrap_or_default())
    }

    fn flag(&self, map: &mut JsonMap, member: &str, at: &[Step<'_>]) -> Result<bool, FormatError> {
        Ok(self.take(map, member, at, "true or false", |json| json.as_bool())?.unwrap_or_default())
    }

    fn object(&self, map: &mut JsonMap, member: &str, at: &[Step<'_>]) -> Result<JsonMap, FormatError> {
        let object = |json| match json {
            Json::Object(o) => Some(o),
            _ => None,
        };
        Ok(self.take(map, member, at, "an object", object)?.unwrap_or_default())
    }

    fn array(&self, map: &mut JsonMap, member: &str, at: &[Step<'_>]) -> Result<Vec<Json>, FormatError> {
        let array = |json| match json {
            Json::Array(vs) => Some(vs),
            _ => None,
        };
        Ok(self.take(map, member, at, "an array", array)?.unwrap_or_default())
    }

    fn output(&self, name: &str, json: Json) -> Result<OutputValue, FormatError> {
        let at = [Member("outputs"), Member(name)];
        let Json::Object(mut map) = json else { return Err(self.invalid(&at, "An output must be an object")) };
        let sensitive = self.flag(&mut map, "sensitive", &at)?;
        let ty = match map.shift_remove("type") {
            Some(ty) => type_from_json(&ty).map_err(|e| {
                self.invalid(&[at[0], at[1], Member("type")], format!("The type of output \"{name}\": {e}"))
            })?,
            None => return Err(self.invalid(&at, format!("Output \"{name}\" has no \"type\""))),
        };
        let value = map.shift_remove("value").unwrap_or_default();
        let value = match ty {
            // An output that is null of no type.
            Type::Any if value.is_null() => Value::null(Type::Any),
            ty => from_json(&value, &ty).map_err(|e| {
                self.invalid(&[at[0], at[1], Member("value")], format!("The value of output \"{name}\": {e}"))
            })?,
        };
        let marks = if sensitive { Marks::SENSITIVE } else { Marks::NONE };
        Ok(OutputValue { value: value.mark(marks), sensitive, extra: map })
    }

    fn resource(&self, index: usize, json: Json, resources: &mut Resources) -> Result<(), FormatError> {
        let at = [Member("resources"), Element(index)];
        let Json::Object(mut map) = json else { return Err(self.invalid(&at, "A resource must be an object")) };
        let module = match self.text(&mut map, "module", &at)?.as_deref() {
            None | Some("") => ModulePath::root(),
            Some(text) => match text.parse() {
                Ok(Target::Module(path)) => path,
                _ => {
                    let what = format!("\"module\" must be the address of a module, not {text:?}");
                    return Err(self.invalid(&[at[0], at[1], Member("module")], what));
                }
            },
        };
        let mode = match self.text(&mut map, "mode", &at)?.as_deref() {
            Some("managed") => Mode::Managed,
            Some("data") => Mode::Data,
            _ => return Err(self.invalid(&[at[0], at[1], Member("mode")], "\"mode\" must be \"managed\" or \"data\"")),
        };
        let mut required = |member: &str| match self.text(&mut map, member, &at)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(self.invalid(&at, format!("A resource must have a \"{member}\""))),
        };
        let (ty, name, provider) = (required("type")?, required("name")?, required("provider")?);
        let instances = self.array(&mut map, "instances", &at)?;
        let mut resource = Resource {
            module,
            mode,
            ty: ty.into(),
            name: name.into(),
            provider,
            instances: Instances::default(),
            extra: map,
        };
        for (i, json) in instances.into_iter().enumerate() {
            let at = [at[0], at[1], Member("instances"), Element(i)];
            let instance = self.instance(&at, json)?;
            if let Some(twice) = resource.instances.insert(instance) {
                return Err(self.twice(&at, &resource, &twice));
            }
        }
        // Two entries of one resource, which Terraform reads as one.
        if let Some(earlier) = resources.insert(resource) {
            let address = crate::address::Address {
                module: earlier.module.clone(),
                mode: earlier.mode,
                ty: earlier.ty.clone(),
                name: earlier.name.clone(),
                key: None,
            };
            let mut both = resources.remove(&address).unwrap_or_else(|| earlier.clone());
            for (k, v) in earlier.extra.clone() {
                both.extra.entry(k).or_insert(v);
            }
            for instance in &earlier.instances {
                if let Some(twice) = both.instances.insert(instance.clone()) {
                    return Err(self.twice(&at, &earlier, &twice));
                }
            }
            resources.insert(both);
        }
        Ok(())
    }

    fn twice(&self, at: &[Step<'_>], resource: &Resource, instance: &Instance) -> FormatError {
        let deposed = instance.deposed.as_ref().map_or(String::new(), |id| format!(" (deposed {id})"));
        self.invalid(at, format!("{}{deposed} is there twice", State::address(resource, instance)))
    }

    fn instance(&self, at: &[Step<'_>; 4], json: Json) -> Result<Instance, FormatError> {
        let Json::Object(mut map) = json else { return Err(self.invalid(at, "An instance must be an object")) };
        let key = self.take(&mut map, "index_key", at, "a string or a whole number", |json| match json {
            Json::String(s) => Some(Key::Str(s.into())),
            json => json.as_u64().map(Key::Int),
        })?;
        let [resources, resource, instances, instance] = *at;
        let tainted = match self.text(&mut map, "status", at)?.as_deref() {
            None | Some("") => false,
            Some("tainted") => true,
            Some(other) => {
                let what = format!("\"status\" must be \"tainted\" where it is given, not {other:?}");
                return Err(self.invalid(&[resources, resource, instances, instance, Member("status")], what));
            }
        };
        let dependencies = self.array(&mut map, "dependencies", at)?.into_iter().map(|json| match json {
            Json::String(s) => Ok(s),
            _ => {
                let path = [resources, resource, instances, instance, Member("dependencies")];
                Err(self.invalid(&path, "\"dependencies\" must be an array of strings"))
            }
        });
        let dependencies = dependencies.collect::<Result<_, _>>()?;
        Ok(Instance {
            key,
            deposed: self.text(&mut map, "deposed", at)?.filter(|s| !s.is_empty()),
            tainted,
            schema_version: self.count(&mut map, "schema_version", at)?,
            attributes: self.object(&mut map, "attributes", at)?,
            sensitive_attributes: self.array(&mut map, "sensitive_attributes", at)?,
            private: self.text(&mut map, "private", at)?.filter(|s| !s.is_empty()),
            dependencies,
            create_before_destroy: self.flag(&mut map, "create_before_destroy", at)?,
            extra: map,
        })
    }
}
