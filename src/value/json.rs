//! Values and types as JSON, the way state, outputs and plans hold them.
//!
//! JSON has no sets, tuples and objects apart from lists and maps, so reading needs the type. Where the type is `any`, the JSON
//! carries it: `{"value": ..., "type": ...}`. Refuses to know the formats around it.

use super::convert::ConvertError;
use super::{Fields, Kind, Number, OptionalAttrs, PathStep, Type, Value};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// A string with its quotes, escaped as Go's `encoding/json` does by default, which is what Terraform and its provider write: what could end
/// a `<script>` in HTML or a line in JavaScript is escaped, too.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The value as JSON by its own type. Marks are lost. Holes, and infinite numbers, which JSON does not have, become `null`:
/// whoever must not store them looks before.
pub fn to_json(value: &Value) -> Json {
    match value.kind() {
        Kind::Null(_) | Kind::Unknown(..) => Json::Null,
        Kind::Bool(b) => Json::Bool(*b),
        Kind::Number(n) => number(n),
        Kind::String(s) => Json::String(s.to_string()),
        Kind::List(_, vs) | Kind::Set(_, vs) | Kind::Tuple(vs) => Json::Array(vs.iter().map(to_json).collect()),
        Kind::Map(_, fs) | Kind::Object(fs) => {
            Json::Object(fs.iter().map(|(k, v)| (k.to_string(), to_json(v))).collect())
        }
    }
}

/// The value as JSON for a reader who knows only `ty`: where that is `any`, the type is written beside the value.
pub fn to_json_as(value: &Value, ty: &Type) -> Json {
    if *ty == Type::Any && value.ty() != Type::Any {
        return json!({ "value": to_json(value), "type": type_to_json(&value.ty()) });
    }
    match (value.kind(), ty) {
        (Kind::List(_, vs) | Kind::Set(_, vs), Type::List(t) | Type::Set(t)) if t.has_any() => {
            Json::Array(vs.iter().map(|v| to_json_as(v, t)).collect())
        }
        (Kind::Tuple(vs), Type::Tuple(ts)) => {
            Json::Array(vs.iter().zip(ts.iter()).map(|(v, t)| to_json_as(v, t)).collect())
        }
        (Kind::Map(_, fs), Type::Map(t)) if t.has_any() => {
            Json::Object(fs.iter().map(|(k, v)| (k.to_string(), to_json_as(v, t))).collect())
        }
        (Kind::Object(fs), Type::Object(ts, _)) => {
            let part = |(k, v): (&Arc<str>, &Value)| {
                (k.to_string(), ts.get(k).map_or_else(|| to_json(v), |t| to_json_as(v, t)))
            };
            Json::Object(fs.iter().map(part).collect())
        }
        _ => to_json(value),
    }
}

/// A finite number as it is stored; `null` for an infinite one.
fn number(n: &Number) -> Json {
    if n.is_infinite() {
        return Json::Null;
    }
    match n.to_i64() {
        Some(n) => Json::Number(n.into()),
        None => Json::Number(serde_json::Number::from_string_unchecked(n.stored().to_string())),
    }
}

/// Reads a value of this type. Missing attributes are null; unexpected ones are an error.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, ConvertError> {
    read(json, ty, &mut Vec::new())
}

fn read(json: &Json, ty: &Type, path: &mut Vec<PathStep>) -> Result<Value, ConvertError> {
    let wrong = |path: &[PathStep]| Err(ConvertError::at(path, format!("{} required", ty.friendly())));
    let value = match (ty, json) {
        (Type::Any, Json::Object(parts)) => {
            let (Some(value), Some(inner)) = (parts.get("value"), parts.get("type")) else {
                return Err(ConvertError::at(
                    path,
                    "a value with its type is required here: {\"value\": ..., \"type\": ...}",
                ));
            };
            let inner = type_from_json(inner).map_err(|e| ConvertError::at(path, e.message))?;
            return read(value, &inner, path);
        }
        (_, Json::Null) => Value::null(ty.without_optional()),
        (Type::Bool, Json::Bool(b)) => Value::bool(*b),
        (Type::Bool, Json::String(s)) if s == "true" || s == "1" => Value::bool(true),
        (Type::Bool, Json::String(s)) if s == "false" || s == "0" => Value::bool(false),
        (Type::Number, Json::Number(n)) => match Number::parse(n.as_str()) {
            Some(n) => Value::number(n),
            None => return wrong(path),
        },
        (Type::Number, Json::String(s)) => match Number::parse(s) {
            Some(n) => Value::number(n),
            None => return wrong(path),
        },
        (Type::String, Json::String(s)) => Value::string(s),
        (Type::String, Json::Number(n)) => Value::string(n.as_str()),
        (Type::String, Json::Bool(b)) => Value::string(if *b { "true" } else { "false" }),
        (Type::List(t), Json::Array(vs)) => {
            let values = read_all(vs, |_| t, path)?;
            Value::list(element_type(t, values.iter()), values)
        }
        (Type::Set(t), Json::Array(vs)) => {
            let values = read_all(vs, |_| t, path)?;
            Value::set(element_type(t, values.iter()), values)
        }
        (Type::Tuple(ts), Json::Array(vs)) if ts.len() == vs.len() => Value::tuple(read_all(vs, |i| &ts[i], path)?),
        (Type::Map(t), Json::Object(fs)) => {
            let mut fields = Fields::new();
            for (name, json) in fs {
                path.push(PathStep::Key(name.as_str().into()));
                fields.insert(name.as_str().into(), read(json, t, path)?);
                path.pop();
            }
            Value::map(element_type(t, fields.values()), fields)
        }
        (Type::Object(ts, _), Json::Object(fs)) => {
            if let Some(name) = fs.keys().find(|name| !ts.contains_key(name.as_str())) {
                return Err(ConvertError::at(path, format!("unsupported attribute {name:?}")));
            }
            let mut fields = Fields::new();
            for (name, t) in ts.iter() {
                path.push(PathStep::Attr(name.clone()));
                fields.insert(name.clone(), read(fs.get(&**name).unwrap_or(&Json::Null), t, path)?);
                path.pop();
            }
            Value::object(fields)
        }
        _ => return wrong(path),
    };
    Ok(value)
}

fn read_all<'a>(
    values: &[Json],
    ty: impl Fn(usize) -> &'a Type,
    path: &mut Vec<PathStep>,
) -> Result<Vec<Value>, ConvertError> {
    let mut read_values = Vec::with_capacity(values.len());
    for (i, json) in values.iter().enumerate() {
        path.push(PathStep::Index(i));
        read_values.push(read(json, ty(i), path)?);
        path.pop();
    }
    Ok(read_values)
}

/// What the elements are where the type left it open.
fn element_type<'a>(declared: &Type, mut values: impl Iterator<Item = &'a Value>) -> Type {
    if !declared.has_any() {
        return declared.without_optional();
    }
    values.next().map_or_else(|| declared.without_optional(), Value::ty)
}

/// The type of a value as `jsondecode` gives it: objects, tuples, strings, numbers and bools; `any` for `null`.
pub fn implied_type(json: &Json) -> Type {
    match json {
        Json::Null => Type::Any,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(vs) => Type::tuple(vs.iter().map(implied_type).collect()),
        Json::Object(fs) => Type::object(fs.iter().map(|(k, v)| (k.as_str().into(), implied_type(v))).collect()),
    }
}

/// A type as JSON: `"string"`, `["list", "string"]`, `["object", {"a": "dynamic"}]`.
pub fn type_to_json(ty: &Type) -> Json {
    match ty {
        Type::Any => json!("dynamic"),
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::List(t) => json!(["list", type_to_json(t)]),
        Type::Set(t) => json!(["set", type_to_json(t)]),
        Type::Map(t) => json!(["map", type_to_json(t)]),
        Type::Tuple(ts) => json!(["tuple", ts.iter().map(type_to_json).collect::<Vec<_>>()]),
        Type::Object(ts, optional) => {
            let attributes: Map<String, Json> = ts.iter().map(|(k, t)| (k.to_string(), type_to_json(t))).collect();
            match optional {
                Some(optional) if !optional.is_empty() => {
                    json!(["object", attributes, optional.iter().map(|s| json!(**s)).collect::<Vec<_>>()])
                }
                _ => json!(["object", attributes]),
            }
        }
    }
}

/// Reads what [`type_to_json`] writes.
pub fn type_from_json(json: &Json) -> Result<Type, ConvertError> {
    let wrong = || ConvertError::at(&[], "a type is required, such as \"string\" or [\"list\", \"string\"]");
    if let Some(word) = json.as_str() {
        return match word {
            "dynamic" => Ok(Type::Any),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(wrong()),
        };
    }
    let parts = json.as_array().ok_or_else(wrong)?;
    let word = parts.first().and_then(Json::as_str).ok_or_else(wrong)?;
    let inner = parts.get(1).ok_or_else(wrong)?;
    match (word, parts.len()) {
        ("list", 2) => Ok(Type::list(type_from_json(inner)?)),
        ("set", 2) => Ok(Type::set(type_from_json(inner)?)),
        ("map", 2) => Ok(Type::map(type_from_json(inner)?)),
        ("tuple", 2) => {
            Ok(Type::tuple(inner.as_array().ok_or_else(wrong)?.iter().map(type_from_json).collect::<Result<_, _>>()?))
        }
        ("object", 2 | 3) => {
            let attributes = inner.as_object().ok_or_else(wrong)?;
            let attributes: BTreeMap<Arc<str>, Type> = attributes
                .iter()
                .map(|(k, t)| Ok((k.as_str().into(), type_from_json(t)?)))
                .collect::<Result<_, ConvertError>>()?;
            let optional: Option<OptionalAttrs> = match parts.get(2) {
                None => None,
                Some(names) => Some(
                    (names.as_array().ok_or_else(wrong)?.iter())
                        .map(|name| Ok(name.as_str().ok_or_else(wrong)?.into()))
                        .collect::<Result<_, ConvertError>>()?,
                ),
            };
            Ok(Type::Object(Arc::new(attributes), optional.map(Arc::new)))
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let table = [
            (json!("string"), json!("é")),
            (json!("number"), json!(12)),
            (json!(["list", "number"]), json!([1, 2, null])),
            (json!(["set", "string"]), json!(["a", "b"])),
            (json!(["map", ["tuple", ["bool", "string"]]]), json!({"k": [true, "x"]})),
            (
                json!(["object", {"a": "string", "b": "dynamic"}]),
                json!({"a": null, "b": {"value": [1], "type": ["list", "number"]}}),
            ),
        ];
        for (ty, value) in table {
            let t = type_from_json(&ty).unwrap();
            assert_eq!(type_to_json(&t), ty);
            let v = from_json(&value, &t).unwrap();
            assert_eq!(to_json_as(&v, &t), value, "{ty}");
        }
    }

    #[test]
    fn numbers_are_exact() {
        let text = "12345678901234567890.00000000000000000001";
        let json: Json = serde_json::from_str(text).unwrap();
        let value = from_json(&json, &Type::Number).unwrap();
        assert_eq!(to_json(&value).to_string(), text);
        assert_eq!(to_json(&Value::number(Number::INFINITY)), Json::Null);
        let big: Json = serde_json::from_str("1e30").unwrap();
        assert_eq!(to_json(&from_json(&big, &Type::Number).unwrap()).to_string(), format!("1{}", "0".repeat(30)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let table = [
            (json!({"a": 1, "c": 1}), json!(["object", {"a": "number"}]), "unsupported attribute \"c\""),
            (
                json!({"a": [1, "x"]}),
                json!(["object", {"a": ["list", "number"]}]),
                "attribute \"a\": element 1: number required",
            ),
            (json!([1]), json!(["tuple", []]), "tuple required"),
            (json!(5), json!("dynamic"), "any type required"),
        ];
        for (value, ty, message) in table {
            let error = from_json(&value, &type_from_json(&ty).unwrap()).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
        for ty in [json!("text"), json!(["list"]), json!(["object", ["a"]]), json!(1), json!([])] {
            assert!(type_from_json(&ty).is_err(), "{ty}");
        }
    }

    #[test]
    fn missing_attributes_are_null() {
        let ty = type_from_json(&json!(["object", {"a": "number", "b": ["list", "string"]}])).unwrap();
        assert_eq!(to_json(&from_json(&json!({"a": 1}), &ty).unwrap()), json!({"a": 1, "b": null}));
        assert_eq!(implied_type(&json!({"a": [1, null]})).to_string(), "object({a=tuple([number, any])})");
    }
}
