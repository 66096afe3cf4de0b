//! The state file, version 4: the only place that knows its JSON.
//!
//! What it does not know it hands through: unknown members stay where they are, attributes of types that are not ours are not
//! interpreted, numbers keep their digits. What it prints is byte for byte what Terraform 1.11 prints for the same state.

use super::error::FormatError;
use super::print::{List, write};
use super::{Instance, Instances, JsonMap, OutputValue, Resource, Resources, State};
use crate::address::{Key, Mode, ModulePath, Target};
use crate::value::json::{from_json, to_json, type_from_json, type_to_json};
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

/// A step to a member or element, for finding the line of a mistake.
#[derive(Clone, Copy)]
enum Step<'a> {
    Member(&'a str),
    Element(usize),
}
use Step::{Element, Member};

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

/// Line and column of the value at `path` in a text that is JSON; of the deepest part that is there.
fn place(text: &str, path: &[Step<'_>]) -> (usize, usize) {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    let mut found = scan.at;
    for step in path {
        if !scan.enter(step) {
            break;
        }
        found = scan.at;
    }
    let before = &text.as_bytes()[..found.min(text.len())];
    let line = before.iter().filter(|b| **b == b'\n').count() + 1;
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    (line, String::from_utf8_lossy(&before[start..]).chars().count() + 1)
}

/// Walks over a text that was parsed before, so it need not judge it.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Goes to the start of the member or element; `false` if it is not there.
    fn enter(&mut self, step: &Step<'_>) -> bool {
        let (start, mut index) = (self.at, 0);
        self.at += 1;
        loop {
            self.space();
            match self.peek() {
                b',' => self.at += 1,
                0 | b']' | b'}' => {
                    self.at = start;
                    return false;
                }
                _ => {
                    let here = match step {
                        Element(i) => *i == index,
                        Member(name) => {
                            let from = self.at;
                            self.value();
                            let key = serde_json::from_slice::<String>(&self.bytes[from..self.at]);
                            self.space();
                            self.at += 1;
                            self.space();
                            key.is_ok_and(|k| k == *name)
                        }
                    };
                    if here {
                        return true;
                    }
                    self.value();
                    index += 1;
                }
            }
        }
    }

    /// Goes behind a value.
    fn value(&mut self) {
        let mut depth = 0usize;
        loop {
            match self.peek() {
                0 => return,
                b'"' => {
                    self.at += 1;
                    while !matches!(self.peek(), b'"' | 0) {
                        self.at += if self.peek() == b'\\' { 2 } else { 1 };
                    }
                    self.at += 1;
                }
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                c if c.is_ascii_whitespace() => self.at += 1,
                _ => {
                    while !matches!(self.peek(), 0 | b',' | b']' | b'}' | b':') && !self.peek().is_ascii_whitespace() {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}

/// Prints a state file.
pub fn print(state: &State) -> String {
    let mut out = String::new();
    let mut top = List::new('{', 0, &mut out);
    top.member("version");
    top.out.push('4');
    top.member("terraform_version");
    write(&Json::from(state.terraform_version.as_str()), 1, top.out);
    top.member("serial");
    top.out.push_str(&state.serial.to_string());
    top.member("lineage");
    write(&Json::from(state.lineage.as_str()), 1, top.out);
    top.member("outputs");
    let mut outputs = List::new('{', 1, top.out);
    for (name, output) in &state.outputs {
        outputs.member(name);
        print_output(output, outputs.out);
    }
    outputs.end('}');
    top.member("resources");
    let mut resources = List::new('[', 1, top.out);
    for resource in &state.resources {
        resources.next();
        print_resource(resource, resources.out);
    }
    resources.end(']');
    top.member("check_results");
    write(&state.check_results, 1, top.out);
    members(&state.extra, &[], 1, &mut top);
    top.end('}');
    out.push('\n');
    out
}

fn print_output(output: &OutputValue, out: &mut String) {
    let mut map = List::new('{', 2, out);
    map.member("value");
    write(&to_json(&output.value), 3, map.out);
    map.member("type");
    write(&type_to_json(&output.value.ty()), 3, map.out);
    if output.sensitive {
        map.member("sensitive");
        map.out.push_str("true");
    }
    members(&output.extra, &[], 3, &mut map);
    map.end('}');
}

fn print_resource(resource: &Resource, out: &mut String) {
    let mut map = List::new('{', 2, out);
    let text = |map: &mut List<'_>, name: &str, value: &str| {
        map.member(name);
        write(&Json::from(value), 3, map.out);
    };
    if !resource.module.is_root() {
        text(&mut map, "module", &resource.module.to_string());
    }
    text(&mut map, "mode", if resource.mode == Mode::Data { "data" } else { "managed" });
    text(&mut map, "type", &resource.ty);
    text(&mut map, "name", &resource.name);
    one(&resource.extra, "each", 3, &mut map);
    text(&mut map, "provider", &resource.provider);
    map.member("instances");
    let mut instances = List::new('[', 3, map.out);
    for instance in &resource.instances {
        instances.next();
        print_instance(instance, instances.out);
    }
    instances.end(']');
    members(&resource.extra, &["each"], 3, &mut map);
    map.end('}');
}

/// Members that later versions of Terraform put in the midst of those that we know.
const PLACED: &[&str] = &["attributes_flat", "identity_schema_version", "identity"];

fn print_instance(instance: &Instance, out: &mut String) {
    const LEVEL: usize = 5;
    let mut map = List::new('{', 4, out);
    match &instance.key {
        None => {}
        Some(Key::Int(i)) => {
            map.member("index_key");
            map.out.push_str(&i.to_string());
        }
        Some(Key::Str(s)) => {
            map.member("index_key");
            write(&Json::from(&**s), LEVEL, map.out);
        }
    }
    if instance.tainted {
        map.member("status");
        map.out.push_str("\"tainted\"");
    }
    if let Some(id) = &instance.deposed {
        map.member("deposed");
        write(&Json::from(id.as_str()), LEVEL, map.out);
    }
    map.member("schema_version");
    map.out.push_str(&instance.schema_version.to_string());
    if !instance.attributes.is_empty() || !instance.extra.contains_key("attributes_flat") {
        map.member("attributes");
        object(&instance.attributes, LEVEL, map.out);
    }
    one(&instance.extra, "attributes_flat", LEVEL, &mut map);
    map.member("sensitive_attributes");
    array(&instance.sensitive_attributes, LEVEL, map.out);
    one(&instance.extra, "identity_schema_version", LEVEL, &mut map);
    one(&instance.extra, "identity", LEVEL, &mut map);
    if let Some(private) = &instance.private {
        map.member("private");
        write(&Json::from(private.as_str()), LEVEL, map.out);
    }
    if !instance.dependencies.is_empty() {
        map.member("dependencies");
        let mut list = List::new('[', LEVEL, map.out);
        for address in &instance.dependencies {
            list.next();
            write(&Json::from(address.as_str()), LEVEL + 1, list.out);
        }
        list.end(']');
    }
    if instance.create_before_destroy {
        map.member("create_before_destroy");
        map.out.push_str("true");
    }
    members(&instance.extra, PLACED, LEVEL, &mut map);
    map.end('}');
}

fn object(members: &JsonMap, level: usize, out: &mut String) {
    let mut list = List::new('{', level, out);
    for (name, value) in members {
        list.member(name);
        write(value, level + 1, list.out);
    }
    list.end('}');
}

fn array(values: &[Json], level: usize, out: &mut String) {
    let mut list = List::new('[', level, out);
    for value in values {
        list.next();
        write(value, level + 1, list.out);
    }
    list.end(']');
}

/// One unknown member, if it is there.
fn one(extra: &JsonMap, name: &str, level: usize, map: &mut List<'_>) {
    if let Some(value) = extra.get(name) {
        map.member(name);
        write(value, level, map.out);
    }
}

/// All unknown members but those printed before.
fn members(extra: &JsonMap, printed: &[&str], level: usize, map: &mut List<'_>) {
    for (name, value) in extra {
        if !printed.contains(&name.as_str()) {
            map.member(name);
            write(value, level, map.out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by Terraform 1.11.4: keys of all kinds, modules, a tainted and a deposed object, sensitive paths, checks.
    const TERRAFORM: &str = include_str!("fixtures/terraform-1.11.4.tfstate");

    #[test]
    fn terraforms_own_file_comes_back_byte_for_byte() {
        let state = parse("terraform.tfstate", TERRAFORM).unwrap();
        assert!(print(&state) == TERRAFORM, "{}", first_difference(&print(&state), TERRAFORM));
        assert!(state.holds_sensitive());
        let deposed = state.get_deposed(&"terraform_data.cbd".parse().unwrap(), "0a1b2c3d").unwrap();
        assert_eq!(deposed.private.as_deref(), Some("eyJhIjoxfQ=="));
        assert!(state.get(&"terraform_data.each[\"a\"]".parse().unwrap()).unwrap().tainted);
        let one = state.get(&"terraform_data.one".parse().unwrap()).unwrap();
        assert_eq!(one.attributes["input"]["value"], "a<b>&\u{2028}é\u{1}");
        assert!(state.outputs["s"].value.is_sensitive());
    }

    #[test]
    fn order_and_layout_of_the_input_do_not_matter() {
        let compact = parse("x", &compact(TERRAFORM)).unwrap();
        assert!(print(&compact) == TERRAFORM, "{}", first_difference(&print(&compact), TERRAFORM));
        let mut json: Json = serde_json::from_str(TERRAFORM).unwrap();
        json["resources"].as_array_mut().unwrap().reverse();
        for r in json["resources"].as_array_mut().unwrap() {
            r["instances"].as_array_mut().unwrap().reverse();
        }
        let printed = print(&parse("x", &json.to_string()).unwrap());
        assert!(printed == TERRAFORM, "{}", first_difference(&printed, TERRAFORM));
    }

    fn first_difference(a: &str, b: &str) -> String {
        a.lines().zip(b.lines()).find(|(a, b)| a != b).map_or("length".into(), |(a, b)| format!("{a}\n{b}"))
    }

    fn compact(text: &str) -> String {
        serde_json::from_str::<Json>(text).unwrap().to_string()
    }

    #[test]
    fn an_empty_state_looks_like_terraforms() {
        let state = State { terraform_version: "1.11.4".into(), serial: 3, lineage: "l".into(), ..State::empty() };
        let expected = r#"{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 3,
  "lineage": "l",
  "outputs": {},
  "resources": [],
  "check_results": null
}
"#;
        assert_eq!(print(&state), expected);
        assert_eq!(parse("x", expected).unwrap(), state);
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let text = r#"{
  "version": 4,
  "terraform_version": "1.15.0",
  "serial": 18446744073709551615,
  "lineage": "l",
  "outputs": {
    "o": {
      "value": 1.0,
      "type": "number",
      "future": {
        "z": 1,
        "a": 2
      }
    }
  },
  "resources": [
    {
      "mode": "managed",
      "type": "random_id",
      "name": "x",
      "each": "list",
      "provider": "provider[\"registry.opentofu.org/hashicorp/random\"]",
      "instances": [
        {
          "index_key": 0,
          "schema_version": 0,
          "attributes": {
            "z": 1.10,
            "a": 123456789012345678901234567890.5,
            "e": 1e+400,
            "b": -0
          },
          "sensitive_attributes": [
            [
              {
                "type": "get_attr",
                "value": "z"
              }
            ]
          ],
          "identity_schema_version": 0,
          "identity": {
            "id": "x"
          },
          "private": "bnVsbA==",
          "skip_destroy": true
        },
        {
          "index_key": 1,
          "schema_version": 0,
          "attributes_flat": {
            "id": "y"
          },
          "sensitive_attributes": []
        }
      ],
      "later": [
        1,
        {}
      ]
    }
  ],
  "check_results": null,
  "more": "things"
}
"#;
        let printed = print(&parse("x", text).unwrap());
        // The output alone is a value of ours, printed as Terraform prints numbers.
        assert_eq!(printed.replace("\"value\": 1,", "\"value\": 1.0,"), text);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let in_instance = |member: &str| {
            format!(
                "{{\"version\":4,\"resources\":[\n{{\"mode\":\"managed\",\"type\":\"t\",\"name\":\"n\",\"provider\":\"p\",\n\
                 \"instances\":[{{}},{{{member}}}]}}]}}"
            )
        };
        for (text, expected) in [
            (
                "hello".to_string(),
                "Unsupported state file format: s, line 1, column 1: the state file could not be parsed as JSON (expected value).",
            ),
            (
                "{\"version\":4".into(),
                "Truncated state file: s ends in the middle, at line 1, column 12: it was cut off while it was written or copied. Nothing was changed.",
            ),
            (
                "{\"version\":4}\nx".into(),
                "Unsupported state file format: s, line 2, column 1: the state file could not be parsed as JSON (trailing characters).",
            ),
            ("[]".into(), "Invalid state file: s, line 1, column 1: A state is a JSON object. Nothing was changed."),
            (
                "{}".into(),
                "Unsupported state file format: s does not have a \"version\", which tells the format of a state: it is no state file.",
            ),
            (
                " {\"a\":[1,{}],\"version\":\"4\"}".into(),
                "Invalid state file: s, line 1, column 24: \"version\" must be a positive whole number. Nothing was changed.",
            ),
            (
                "{\"version\":0}".into(),
                "Invalid state file: s, line 1, column 12: \"version\" must be a positive whole number. Nothing was changed.",
            ),
            (
                "{\"version\":3,\"terraform_version\":\"0.11.14\"}".into(),
                "State file format too old: s uses format version 3 (written by Terraform 0.11.14); formwork reads version 4, which Terraform has written since 0.12. Nothing was changed.",
            ),
            (
                "{\"version\":5}".into(),
                "Unsupported state file format: s uses format version 5, which is newer than the version 4 that formwork knows. Nothing was changed.",
            ),
            (
                "{\"version\":4,\n \"serial\": -1}".into(),
                "Invalid state file: s, line 2, column 12: \"serial\" must be a whole number. Nothing was changed.",
            ),
            (
                "{\"version\":4,\"outputs\":{\"é\":{\"value\":\"hush\",\"type\":\"bool\"}}}".into(),
                "Invalid state file: s, line 1, column 38: The value of output \"é\": bool required. Nothing was changed.",
            ),
            (
                in_instance("\"index_key\":true"),
                "Invalid state file: s, line 3, column 30: \"index_key\" must be a string or a whole number. Nothing was changed.",
            ),
            (
                in_instance("\"status\":\"odd\""),
                "Invalid state file: s, line 3, column 27: \"status\" must be \"tainted\" where it is given, not \"odd\". Nothing was changed.",
            ),
            (in_instance(""), "Invalid state file: s, line 3, column 17: t.n is there twice. Nothing was changed."),
            (
                in_instance("\"deposed\":\"a\",\"dependencies\":[1]"),
                "Invalid state file: s, line 3, column 47: \"dependencies\" must be an array of strings. Nothing was changed.",
            ),
            (
                "{\"version\":4,\"resources\":[{\"mode\":\"weird\"}]}".into(),
                "Invalid state file: s, line 1, column 35: \"mode\" must be \"managed\" or \"data\". Nothing was changed.",
            ),
            (
                "{\"version\":4,\"resources\":[{\"module\":\"x\",\"mode\":\"data\"}]}".into(),
                "Invalid state file: s, line 1, column 37: \"module\" must be the address of a module, not \"x\". Nothing was changed.",
            ),
            (
                "{\"version\":4,\"resources\":[{\"mode\":\"data\",\"type\":\"\"}]}".into(),
                "Invalid state file: s, line 1, column 27: A resource must have a \"type\". Nothing was changed.",
            ),
        ] {
            let error = parse("s", &text).expect_err(&text);
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn nothing_makes_it_panic() {
        // Every prefix, and every byte replaced: valid or not, an answer comes back.
        let text = &compact(TERRAFORM)[..3000];
        for end in (0..text.len()).filter(|i| text.is_char_boundary(*i)) {
            assert!(parse("x", &text[..end]).is_err());
        }
        let small = r#"{"version":4,"outputs":{"a":{"value":[1],"type":["list","number"]}},"resources":[{"mode":"data","type":"t","name":"n","provider":"p","instances":[{"index_key":"k","attributes":{"a":1}}]}]}"#;
        for i in 0..small.len() {
            for c in ["\"", "{", "]", "0", "\\", "n"] {
                let mut text = small.to_string();
                text.replace_range(i..i + 1, c);
                let _ = parse("x", &text);
            }
        }
        assert!(parse("x", &"[".repeat(100_000)).is_err());
    }

    #[test]
    fn one_resource_in_two_entries_is_one() {
        let entry = |key: &str| {
            format!(r#"{{"mode":"data","type":"t","name":"n","provider":"p","instances":[{{"index_key":{key}}}]}}"#)
        };
        let both =
            |a: &str, b: &str| parse("x", &format!(r#"{{"version":4,"resources":[{},{}]}}"#, entry(a), entry(b)));
        let state = both("1", "0").unwrap();
        assert_eq!(state.objects().map(|(a, ..)| a.to_string()).collect::<Vec<_>>(), ["data.t.n[0]", "data.t.n[1]"]);
        assert!(both("0", "0").is_err());
    }

    /// Whatever happened to a file, reading it ends in a state or in words.
    #[test]
    fn mangled_files_are_refused_in_words() {
        use proptest::prelude::*;
        use proptest::test_runner::{RngSeed, TestRunner};
        let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
        let config = ProptestConfig {
            cases: wanted.unwrap_or(400),
            failure_persistence: None,
            rng_seed: if wanted.is_some() { RngSeed::Random } else { RngSeed::Fixed(3) },
            ..ProptestConfig::default()
        };
        let cut = (0..TERRAFORM.len(), 0..60usize, "[\\[\\]{}\",:a-z0-9\\\\-]{0,6}");
        TestRunner::new(config)
            .run(&prop::collection::vec(cut, 1..5), |cuts| {
                let mut text = TERRAFORM.to_owned();
                for (at, length, new) in cuts {
                    let mut start = at.min(text.len());
                    while !text.is_char_boundary(start) {
                        start -= 1;
                    }
                    let mut end = (start + length).min(text.len());
                    while !text.is_char_boundary(end) {
                        end += 1;
                    }
                    text.replace_range(start..end, &new);
                }
                match parse("terraform.tfstate", &text) {
                    Ok(state) => prop_assert_eq!(print(&parse("again", &print(&state)).unwrap()), print(&state)),
                    Err(e) => prop_assert!(!e.to_string().is_empty()),
                }
                Ok(())
            })
            .unwrap();
        for text in ["[".repeat(100_000), "{\"version\":4,\"outputs\":".to_owned() + &"{\"a\":".repeat(100_000)] {
            assert!(parse("terraform.tfstate", &text).is_err());
        }
    }
}
