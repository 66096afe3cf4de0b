//! The configuration of an object that has none: a `resource` block written from what was read, for `import` blocks whose target
//! nobody wrote. Laid out as Terraform lays it out.
//!
//! Refuses to know how objects are read.

use super::check;
use crate::address::Address;
use crate::config::{format, syntax};
use crate::diag::{Diagnostic, Source};
use crate::eval::{self, Facts, Scope};
use crate::resources::Resource;
use crate::schema::{Attribute, Block, Nesting};
use crate::value::{Fields, Kind, Object, Value, json, quote};
use std::path::Path;

/// What stands above everything that is generated.
pub const HEADER: &str = "# __generated__ by Terraform\n\
                          # Please review these resources and move them into your main configuration files.\n";

/// An object that is to have a block.
pub struct Found<'a> {
    /// Its address.
    pub address: &'a Address,
    /// The id it was found by.
    pub id: &'a str,
    /// Its provider configuration as the import names it, such as `aws.west`.
    pub provider: Option<String>,
    /// The region that the id names beside the object, where it does.
    pub region: Option<String>,
    /// Its type.
    pub resource: &'static dyn Resource,
    /// What was read.
    pub object: &'a Object,
}

/// So often is what the type's rules refuse taken back.
const ROUNDS: usize = 40;

/// The block for an object, with a comment above it that says where it comes from. What AWS answers and the type's rules do not take
/// from a configuration (a zero that means nothing, say) is null.
pub fn block(found: &Found<'_>, facts: &Facts, base_dir: &Path) -> String {
    let fields = found.object.to_value();
    let mut refused: Vec<usize> = Vec::new();
    let mut pieces = written(found, fields.as_fields().unwrap_or(&Fields::new()));
    for _ in 0..ROUNDS {
        let refusals = refusals(found, &pieces.join("\n"), facts, base_dir);
        let piece = |line: usize| {
            let mut passed = 0;
            pieces.iter().position(|piece| {
                passed += piece.split('\n').count();
                line < passed
            })
        };
        let Some(n) = refusals.into_iter().filter_map(piece).find(|n| !refused.contains(n)) else { break };
        refused.push(n);
        if let Some(piece) = pieces.get_mut(n)
            && let Some((name, _)) = piece.split_once(" = ")
        {
            *piece = format!("{name} = null");
        }
    }
    let text = pieces.join("\n") + "\n";
    let text = format::format(&text).unwrap_or(text);
    let mut out = "\n# __generated__ by Terraform from ".to_string();
    quote::go(found.id, &mut out);
    out + "\n" + &text
}

/// The block in pieces that begin a line each: its header, an argument with its whole value, a bracket that closes.
fn written(found: &Found<'_>, fields: &Fields) -> Vec<String> {
    let mut out = vec![format!("resource {:?} {:?} {{", &*found.address.ty, &*found.address.name)];
    out.extend(found.provider.iter().map(|provider| format!("provider = {provider}")));
    out.extend(found.region.iter().map(|region| format!("region = {}", quote::hcl(region))));
    let schema = found.resource.schema();
    body(Some(found.resource), &schema.block, fields, true, &mut out);
    out.push("}".into());
    out
}

fn body(resource: Option<&dyn Resource>, block: &Block, fields: &Fields, top: bool, out: &mut Vec<String>) {
    for a in block.attributes {
        // What is only another name for what stands elsewhere is not written.
        if !a.is_configurable() || a.deprecated.is_some() || (top && a.name == "id") {
            continue;
        }
        // An empty text is how AWS says that there is none.
        let there = |v: &&Value| v.is_wholly_known() && !v.is_null() && v.as_str() != Some("");
        let value = fields.get(a.name).filter(there);
        out.push(format!("{} = {}", a.name, value.map_or("null".into(), |v| argument(resource, a, v))));
    }
    for b in block.blocks.iter().filter(|b| b.deprecated.is_none() && !b.unsupported) {
        let Some(value) = fields.get(b.name).filter(|v| v.is_wholly_known() && !v.is_null()) else { continue };
        let elements: Vec<&Value> = match b.nesting {
            Nesting::Single => vec![value],
            Nesting::List | Nesting::Set => value.as_slice().unwrap_or_default().iter().collect(),
        };
        for element in elements {
            out.push(format!("{} {{", b.name));
            if let Some(fields) = element.as_fields() {
                body(None, &b.block, fields, false, out);
            }
            out.push("}".into());
        }
    }
}

fn argument(resource: Option<&dyn Resource>, a: &Attribute, value: &Value) -> String {
    if a.sensitive {
        return "null # sensitive".into();
    }
    if let (Some(text), Some(resource)) = (value.as_str(), resource)
        && let Some(json) = structured(text)
    {
        // As a value it is easier to read; where each character counts, only if the very same comes out of it.
        let encoded = eval::functions::json_text(&json);
        if encoded == text || resource.same(a.name, value, &Value::string(&encoded)) {
            return format!("jsonencode({})", expression(&json));
        }
        if text.ends_with('\n') && !text.contains('\r') && !text.lines().any(|l| l.trim() == "EOT") {
            return format!("<<EOT\n{}EOT", text.replace("${", "$${").replace("%{", "%%{"));
        }
    }
    expression(value)
}

/// JSON that is an object or an array, as a value.
fn structured(text: &str) -> Option<Value> {
    if !text.starts_with(['{', '[']) && !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let json = serde_json::from_str(text).ok()?;
    json::from_json(&json, &json::implied_type(&json)).ok()
}

/// A value as an expression. Layout is the formatter's work.
fn expression(value: &Value) -> String {
    match value.kind() {
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        Kind::String(s) => quote::hcl(s),
        Kind::Tuple(vs) | Kind::List(_, vs) => list(vs),
        Kind::Set(_, vs) => list(vs),
        Kind::Object(fields) | Kind::Map(_, fields) if fields.is_empty() => "{}".into(),
        Kind::Object(fields) | Kind::Map(_, fields) => {
            let line = |(k, v): (&std::sync::Arc<str>, &Value)| format!("{} = {}\n", quote::hcl_key(k), expression(v));
            format!("{{\n{}}}", fields.iter().map(line).collect::<String>())
        }
        Kind::Null(_) | Kind::Unknown(..) => "null".into(),
    }
}

fn list(values: &[Value]) -> String {
    format!("[{}]", values.iter().map(expression).collect::<Vec<_>>().join(", "))
}

/// The lines (from 0) of arguments that the type's rules refuse.
fn refusals(found: &Found<'_>, text: &str, facts: &Facts, base_dir: &Path) -> Vec<usize> {
    let (parsed, diags) = syntax::parse(&Source::new("<generated>", text));
    if diags.has_errors() {
        return Vec::new();
    }
    let Some(block) = parsed.blocks.into_iter().next() else { return Vec::new() };
    let mut written = block.body;
    // Neither is one of the type's own.
    written.attributes.retain(|a| &*a.name.name != "provider" && (found.region.is_none() || &*a.name.name != "region"));
    let scope = Scope { facts, base_dir, roots: Vec::new() };
    let mut diags = crate::diag::Diags::new();
    let value = eval::body::eval_body(&written, found.resource.schema(), &scope, &mut diags);
    if !diags.has_errors() {
        diags.extend(check::config(found.resource, &written, &value));
        let config = Object::from_value(&value);
        diags.extend(check::planned(found.resource, &written, &config, Some(found.object), found.object));
    }
    let line = |d: &Diagnostic| d.span.as_ref().map(|s| s.line_column().0.saturating_sub(1));
    diags.iter().filter(|d| d.is_error()).filter_map(line).collect()
}

/// Whether configuration can be written for this address at all.
pub fn possible(address: &Address) -> bool {
    address.module.is_root() && address.key.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources;

    #[test]
    fn values_are_written_as_expressions() {
        let parse = |text: &str| {
            let json = serde_json::from_str(text).unwrap();
            json::from_json(&json, &json::implied_type(&json)).unwrap()
        };
        for (value, expected) in [
            (r#""a\"b\\\n${x} %{y} $z""#, r#""a\"b\\\n$${x} %%{y} $z""#),
            ("[1, 1.5, null, {}, [], \"a b\"]", "[1, 1.5, null, {}, [], \"a b\"]"),
            (
                r#"{"a b": 1, "a": [{"1x": true}], "for": 1}"#,
                "{\na = [{\n\"1x\" = true\n}]\n\"a b\" = 1\n\"for\" = 1\n}",
            ),
        ] {
            assert_eq!(expression(&parse(value)), expected);
        }
    }

    #[test]
    fn blocks_look_as_terraform_writes_them() {
        let facts = Facts { now: "2026-01-02T03:04:05Z".into(), cwd: "/".into(), applying: false };
        let write = |ty: &str, id: &str, fields: &str| {
            let resource = resources::resource(ty).unwrap();
            let attributes = serde_json::from_str(fields).unwrap();
            let object = crate::plan::stored::decode_fields(resource.schema(), &attributes).unwrap();
            let address = format!("{ty}.x").parse().unwrap();
            block(
                &Found { address: &address, id, provider: None, region: None, resource, object: &object },
                &facts,
                Path::new("."),
            )
        };
        // Answers of Terraform 1.11.4 with the provider 5.100.0.
        assert_eq!(
            write("terraform_data", "some", r#"{"id": "some"}"#),
            "\n# __generated__ by Terraform from \"some\"\nresource \"terraform_data\" \"x\" {\n  input            = null\n  \
             triggers_replace = null\n}\n"
        );
        assert_eq!(
            write(
                "aws_iam_role_policy",
                "r2:rp",
                r#"{"id": "r2:rp", "name": "rp", "role": "r2",
                    "policy": "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\"}]}"}"#
            ),
            r#"
# __generated__ by Terraform from "r2:rp"
resource "aws_iam_role_policy" "x" {
  name        = "rp"
  name_prefix = null
  policy = jsonencode({
    Statement = [{
      Action = "*"
      Effect = "Allow"
    }]
    Version = "2012-10-17"
  })
  role = "r2"
}
"#
        );
        // What means nothing in a configuration is null: Terraform writes the zero and then refuses it.
        let table = write(
            "aws_dynamodb_table",
            "t",
            r#"{"id": "t", "name": "table", "billing_mode": "PAY_PER_REQUEST", "hash_key": "id", "read_capacity": 0,
                "attribute": [{"name": "id", "type": "S"}], "tags": {"Env": "x", "a b": "c"}, "stream_enabled": false,
                "point_in_time_recovery": [{"enabled": false, "recovery_period_in_days": 0}]}"#,
        );
        for line in [
            "  hash_key                    = \"id\"\n",
            "  tags = {\n    Env   = \"x\"\n    \"a b\" = \"c\"\n  }\n",
            "  attribute {\n    name = \"id\"\n    type = \"S\"\n  }\n",
            "  point_in_time_recovery {\n    enabled                 = false\n    recovery_period_in_days = null\n  }\n",
        ] {
            assert!(table.contains(line), "{line}\n{table}");
        }
        assert!(!table.contains(" arn "), "{table}");
        let policy = resources::resource("aws_iam_policy").unwrap();
        let description = policy.schema().block.attribute("description").unwrap();
        for (text, expected) in [
            (r#"{"a":1}"#, "jsonencode({\na = 1\n})"),
            // Where every character counts, another way to write the JSON is kept.
            ("{\"a\": 1}\n", "<<EOT\n{\"a\": 1}\nEOT"),
            ("{\"a\": 1}", r#""{\"a\": 1}""#),
            ("{no json", "\"{no json\""),
        ] {
            assert_eq!(argument(Some(policy), description, &Value::string(text)), expected);
        }
    }
}
