//! `data "aws_iam_policy_document"`: a policy written in blocks → its JSON, to the byte as the provider writes it.
//!
//! A pure function: it asks nothing of AWS, so its result is known at plan time wherever its arguments are.

use super::policy::{json_fault, what};
use super::{Aws, DataSource, Error, ErrorKind, Result, json, policy};
use crate::schema::{Attribute, Block, Const, NestedBlock, Schema, Ty};
use crate::value::{Kind, Object, Refinement, Type, Value};
use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// `data "aws_iam_policy_document"`
pub struct PolicyDocument;

const PRINCIPALS: Block = Block {
    attributes: &[
        Attribute::required("identifiers", Ty::Set(&Ty::String)).doc(
            "Who: ARNs or account ids for `AWS`, service names for `Service`, provider ARNs for `Federated`, or `*`.",
        ),
        Attribute::required("type", Ty::String)
            .doc("The kind of principal: `AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for everyone."),
    ],
    blocks: &[],
};

static SCHEMA: Schema = Schema {
    name: "aws_iam_policy_document",
    version: 0,
    doc: "An IAM policy document in JSON, put together from statements and other documents.",
    block: Block {
        attributes: &[
            Attribute::computed("id", Ty::String).doc("A checksum of `json`."),
            Attribute::computed("json", Ty::String).doc("The document as indented JSON."),
            Attribute::computed("minified_json", Ty::String).doc("The document as JSON without white space."),
            Attribute::optional("override_json", Ty::String)
                .deprecated("Not used. Use override_policy_documents instead.")
                .check(must_be_empty)
                .doc("No longer used; only an empty string is accepted."),
            Attribute::optional("override_policy_documents", Ty::List(&Ty::String))
                .check(json_list)
                .doc("JSON documents to add last; a statement replaces the one that has the same Sid."),
            Attribute::optional("policy_id", Ty::String).doc("The document's `Id`."),
            Attribute::optional("source_json", Ty::String)
                .deprecated("Not used. Use source_policy_documents instead.")
                .check(must_be_empty)
                .doc("No longer used; only an empty string is accepted."),
            Attribute::optional("source_policy_documents", Ty::List(&Ty::String))
                .check(json_list)
                .doc("JSON documents to start with; the statements written here replace those that have the same Sid."),
            Attribute::optional("version", Ty::String)
                .default(Const::Str(VERSION))
                .check(version)
                .doc("The version of the policy language: `2012-10-17` or `2008-10-17`."),
        ],
        blocks: &[NestedBlock::list(
            "statement",
            Block {
                attributes: &[
                    Attribute::optional("actions", Ty::Set(&Ty::String)).doc("The actions it allows or denies."),
                    Attribute::optional("effect", Ty::String)
                        .default(Const::Str("Allow"))
                        .check(effect)
                        .doc("`Allow` or `Deny`."),
                    Attribute::optional("not_actions", Ty::Set(&Ty::String))
                        .doc("The actions it does not cover; it covers all others."),
                    Attribute::optional("not_resources", Ty::Set(&Ty::String))
                        .doc("ARNs of the resources it does not cover; it covers all others."),
                    Attribute::optional("resources", Ty::Set(&Ty::String)).doc("ARNs of the resources it covers."),
                    Attribute::optional("sid", Ty::String)
                        .check(sid)
                        .doc("A name of letters and digits, once in a document."),
                ],
                blocks: &[
                    NestedBlock::set(
                        "condition",
                        Block {
                            attributes: &[
                                Attribute::required("test", Ty::String)
                                    .doc("The operator, such as `StringEquals` or `ForAllValues:StringLike`."),
                                Attribute::required("values", Ty::List(&Ty::String))
                                    .doc("What to compare with; one that matches is enough."),
                                Attribute::required("variable", Ty::String)
                                    .doc("The condition key, such as `aws:SourceAccount`."),
                            ],
                            blocks: &[],
                        },
                    )
                    .doc("A condition for the statement to apply; several must all hold."),
                    NestedBlock::set("not_principals", PRINCIPALS)
                        .doc("Whom it does not cover; it covers everyone else."),
                    NestedBlock::set("principals", PRINCIPALS)
                        .doc("Whom it covers, in policies of resources and roles."),
                ],
            },
        )
        .doc("One statement.")],
    },
    timeouts: &[],
};

const VERSION: &str = "2012-10-17";

#[async_trait]
impl DataSource for PolicyDocument {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn pure(&self) -> bool {
        true
    }

    async fn read(&self, _aws: &Aws, config: &Object) -> Result<Object> {
        document(config).map_err(|message| Error::new(ErrorKind::Other, SCHEMA.name, message))
    }
}

/// All attributes of the data source; holes for `id`, `json` and `minified_json` where an argument has one.
/// The error is a whole sentence.
pub fn document(config: &Object) -> std::result::Result<Object, String> {
    let mut out = Object::new();
    for attribute in SCHEMA.block.attributes {
        let given = config.get(attribute.name).filter(|v| attribute.is_configurable() && !is_empty(v)).cloned();
        let default = || attribute.default.map_or(Value::null(attribute.ty.to_type()), Const::to_value);
        out.set(attribute.name, given.unwrap_or_else(default));
    }
    out.set("statement", statements_filled(config));
    if !SCHEMA.block.attributes.iter().all(|a| out.get(a.name).is_none_or(Value::is_wholly_known))
        || !out.get("statement").is_none_or(Value::is_wholly_known)
    {
        let not_null = Refinement { not_null: true, ..Refinement::default() };
        for name in ["id", "json", "minified_json"] {
            out.set(name, Value::refined(Type::String, not_null.clone()));
        }
        return Ok(out);
    }
    let document = merged(&out)?;
    let text = json::indented(&document).ok_or("A number in a source document is too large.")?;
    out.set("id", crc32(&text).to_string());
    out.set("minified_json", json::compact_in_order(&document).unwrap_or_default());
    out.set("json", text);
    Ok(out)
}

/// What the state has as null although something empty was written.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str() == Some("") || value.as_slice().is_some_and(<[Value]>::is_empty)
}

/// The statements with what was left out filled in.
fn statements_filled(config: &Object) -> Value {
    let element = SCHEMA.block.blocks[0].block;
    let Some(given) = config.get("statement").filter(|v| !is_empty(v)) else {
        return Value::null(Type::list(element.ty()));
    };
    let Kind::List(_, statements) = given.kind() else { return given.clone() };
    let filled = statements.iter().map(|statement| {
        if !statement.is_known() {
            return statement.clone();
        }
        let mut statement = Object::from_value(statement);
        for attribute in element.attributes {
            if statement.get(attribute.name).is_none_or(Value::is_null) {
                let value = match attribute.ty {
                    Ty::Set(of) => Value::set(of.to_type(), Vec::new()),
                    _ => attribute.default.map_or(Value::string(""), Const::to_value),
                };
                statement.set(attribute.name, value);
            }
        }
        for block in element.blocks {
            if statement.get(block.name).is_none_or(Value::is_null) {
                statement.set(block.name, Value::set(block.block.ty(), Vec::new()));
            }
        }
        statement.to_value()
    });
    Value::list(element.ty(), filled.collect())
}

type Text<T> = std::result::Result<T, String>;

/// A document on the way: statements in order, each with its Sid.
#[derive(Default)]
struct Document {
    version: String,
    id: String,
    statements: Vec<(String, Map<String, Json>)>,
}

impl Document {
    fn merge(&mut self, other: Document) {
        if !other.id.is_empty() {
            self.id = other.id;
        }
        if other.version > self.version {
            self.version = other.version;
        }
        for (sid, statement) in other.statements {
            match self.statements.iter_mut().find(|(existing, _)| !sid.is_empty() && *existing == sid) {
                Some(existing) => existing.1 = statement,
                None => self.statements.push((sid, statement)),
            }
        }
    }

    fn into_json(self) -> Json {
        let mut members = Map::new();
        for (key, value) in [("Version", self.version), ("Id", self.id)] {
            if !value.is_empty() {
                members.insert(key.into(), Json::String(value));
            }
        }
        if !self.statements.is_empty() {
            let statements = self.statements.into_iter().map(|(_, s)| Json::Object(s)).collect();
            members.insert("Statement".into(), Json::Array(statements));
        }
        Json::Object(members)
    }
}

fn merged(config: &Object) -> Text<Json> {
    let mut all = Document::default();
    let mut sids: BTreeMap<String, usize> = BTreeMap::new();
    for (i, text) in config.strings("source_policy_documents").into_iter().enumerate() {
        if text.is_empty() {
            continue;
        }
        let source = parsed(text).map_err(|e| format!("source_policy_documents[{i}]: {e}"))?;
        for (sid, _) in source.statements.iter().filter(|(sid, _)| !sid.is_empty()) {
            if let Some(first) = sids.insert(sid.clone(), i) {
                let place = match first == i {
                    true => format!("twice in source_policy_documents[{i}]"),
                    false => format!("in source_policy_documents[{first}] and again in source_policy_documents[{i}]"),
                };
                return Err(format!(
                    "There is a duplicate Sid ({sid}), {place}. Remove one of them, or move the statement that is to win to \
                     override_policy_documents."
                ));
            }
        }
        all.merge(source);
    }
    all.merge(written(config)?);
    for (i, text) in config.strings("override_policy_documents").into_iter().enumerate() {
        if !text.is_empty() {
            all.merge(parsed(text).map_err(|e| format!("override_policy_documents[{i}]: {e}"))?);
        }
    }
    Ok(all.into_json())
}

/// The document that the blocks are.
fn written(config: &Object) -> Text<Document> {
    let version = config.str("version").unwrap_or(VERSION);
    let mut document = Document {
        version: version.into(),
        id: config.str("policy_id").unwrap_or_default().into(),
        statements: vec![],
    };
    for (i, block) in config.blocks("statement").into_iter().enumerate() {
        let sid = block.str("sid").unwrap_or_default();
        if let Some(first) = document.statements.iter().position(|(other, _)| !sid.is_empty() && other == sid) {
            return Err(format!(
                "There is a duplicate Sid ({sid}): statements {} and {} have it. A Sid names one statement: change or remove \
                 one of them.",
                first + 1,
                i + 1
            ));
        }
        let mut members = Map::new();
        if !sid.is_empty() {
            members.insert("Sid".into(), sid.into());
        }
        members.insert("Effect".into(), block.str("effect").unwrap_or("Allow").into());
        for (key, name, variables) in [
            ("Action", "actions", false),
            ("NotAction", "not_actions", false),
            ("Resource", "resources", true),
            ("NotResource", "not_resources", true),
        ] {
            let mut values = block.strings(name);
            values.sort_unstable_by(|a, b| b.cmp(a));
            if !values.is_empty() {
                let values = match variables {
                    true => with_variables(values, version)?,
                    false => values.into_iter().map(String::from).collect(),
                };
                members.insert(key.into(), one_or_all(values));
            }
        }
        for (key, name) in [("Principal", "principals"), ("NotPrincipal", "not_principals")] {
            if let Some(principals) = principals_written(block.blocks(name), version)? {
                members.insert(key.into(), principals);
            }
        }
        let conditions = conditions_written(block.blocks("condition"), version)?;
        if !conditions.is_empty() {
            members.insert("Condition".into(), conditions_json(conditions));
        }
        document.statements.push((sid.into(), members));
    }
    Ok(document)
}

fn principals_written(mut blocks: Vec<Object>, version: &str) -> Text<Option<Json>> {
    blocks.sort_by_cached_key(|b| {
        let mut identifiers = b.strings("identifiers");
        identifiers.sort_by_cached_key(|s| set_code(&format!("{s};")));
        let identifiers: String = identifiers.into_iter().map(|s| format!("{s};")).collect();
        set_code(&format!("identifiers:{{{identifiers}}};type:{};", b.str("type").unwrap_or_default()))
    });
    let mut groups = Vec::new();
    for block in blocks {
        let mut names = block.strings("identifiers");
        names.sort_unstable_by(|a, b| b.cmp(a));
        let names = with_variables(names, version)?;
        groups.push((block.str("type").unwrap_or_default().to_string(), one_or_all(names)));
    }
    Ok(principals_json(groups))
}

/// Principals of one kind come together; everyone, alone, is `"*"`.
fn principals_json(groups: Vec<(String, Json)>) -> Option<Json> {
    let is_star = |names: &Json| match names {
        Json::Array(names) => names.len() == 1 && names[0] == "*",
        name => name == "*",
    };
    if let [(kind, names)] = groups.as_slice()
        && kind == "*"
        && is_star(names)
    {
        return Some(Json::String("*".into()));
    }
    let mut kinds: BTreeMap<String, Json> = BTreeMap::new();
    for (kind, names) in groups {
        match kinds.remove(&kind) {
            None => kinds.insert(kind, names),
            Some(before) => {
                kinds.insert(kind, Json::Array(into_list(before).into_iter().chain(into_list(names)).collect()))
            }
        };
    }
    (!kinds.is_empty()).then(|| Json::Object(kinds.into_iter().collect()))
}

fn into_list(value: Json) -> Vec<Json> {
    match value {
        Json::Array(items) => items,
        one => vec![one],
    }
}

type Conditions = BTreeMap<String, BTreeMap<String, Vec<String>>>;

fn conditions_written(mut blocks: Vec<Object>, version: &str) -> Text<Conditions> {
    blocks.sort_by_cached_key(|b| {
        let values: String = b.strings("values").into_iter().map(|s| format!("{s};")).collect();
        let (test, variable) = (b.str("test").unwrap_or_default(), b.str("variable").unwrap_or_default());
        set_code(&format!("test:{test};values:({values});variable:{variable};"))
    });
    let mut out = Conditions::new();
    for block in blocks {
        let (test, variable) = (block.str("test").unwrap_or_default(), block.str("variable").unwrap_or_default());
        let values = with_variables(block.strings("values"), version)?;
        out.entry(test.into()).or_default().entry(variable.into()).or_default().extend(values);
    }
    Ok(out)
}

fn conditions_json(conditions: Conditions) -> Json {
    let operators = conditions.into_iter().map(|(test, keys)| {
        let keys: Map<String, Json> = keys.into_iter().map(|(key, values)| (key, one_or_all(values))).collect();
        (test, Json::Object(keys))
    });
    Json::Object(operators.collect())
}

/// `&{...}` is how a policy variable is written where `${...}` would be Terraform's.
fn with_variables(values: Vec<&str>, version: &str) -> Text<Vec<String>> {
    match values.iter().find(|v| version == "2008-10-17" && v.contains("&{")) {
        Some(value) => Err(format!(
            "`{value}` has a policy variable (`&{{`), which version 2008-10-17 does not know. Set version = \"2012-10-17\"."
        )),
        None => Ok(values.into_iter().map(|v| v.replace("&{", "${")).collect()),
    }
}

fn one_or_all(mut values: Vec<String>) -> Json {
    match values.len() {
        1 => Json::String(values.remove(0)),
        _ => values.into_iter().map(Json::String).collect(),
    }
}

/// A document given as JSON: what the policy language knows is kept, the rest dropped.
fn parsed(text: &str) -> Text<Document> {
    let members = match serde_json::from_str::<Json>(text).map_err(|e| json_fault(text, &e))? {
        Json::Object(members) => members,
        Json::Null => Map::new(),
        other => return Err(format!("A policy document is a JSON object, not {}.", what(&other))),
    };
    let mut document = Document {
        version: text_of(&members, "Version", "The document")?,
        id: text_of(&members, "Id", "The document")?,
        statements: Vec::new(),
    };
    let statements = match member(&members, "Statement") {
        None => return Ok(document),
        Some(Json::Array(statements)) => statements,
        Some(Json::Object(_)) => {
            return Err("`Statement` is a single object. Put it into a list: `Statement = [{ ... }]`.".into());
        }
        Some(other) => return Err(format!("`Statement` is {}; a list of objects is expected.", what(other))),
    };
    for (i, statement) in statements.iter().enumerate() {
        let Json::Object(given) = statement else {
            return Err(format!("Statement {} is {}; an object is expected.", i + 1, what(statement)));
        };
        let place = format!("Statement {}", i + 1);
        let sid = text_of(given, "Sid", &place)?;
        let mut members = Map::new();
        for (key, value) in [("Sid", sid.clone()), ("Effect", text_of(given, "Effect", &place)?)] {
            if !value.is_empty() {
                members.insert(key.into(), Json::String(value));
            }
        }
        for key in ["Action", "NotAction", "Resource", "NotResource"] {
            if let Some(value) = member(given, key) {
                members.insert(key.into(), json::sorted(value.clone()));
            }
        }
        for key in ["Principal", "NotPrincipal"] {
            if let Some(principals) = principals_parsed(given, key, &place)? {
                members.insert(key.into(), principals);
            }
        }
        if let Some(conditions) = conditions_parsed(given, &place)? {
            members.insert("Condition".into(), conditions);
        }
        document.statements.push((sid, members));
    }
    Ok(document)
}

fn principals_parsed(given: &Map<String, Json>, key: &str, place: &str) -> Text<Option<Json>> {
    let kinds = match member(given, key) {
        None => return Ok(None),
        Some(Json::Object(kinds)) => kinds,
        Some(Json::String(whom)) if whom == "*" => return Ok(Some(Json::String("*".into()))),
        // The provider reads any other string as "*", too: that would open the policy to everyone.
        Some(Json::String(whom)) => {
            return Err(format!(
                "{place}: `{key}` is \"{whom}\". A bare string can only be \"*\"; write {{ AWS = \"{whom}\" }}."
            ));
        }
        Some(other) => {
            return Err(format!("{place}: `{key}` is {}; \"*\" or an object of kinds is expected.", what(other)));
        }
    };
    let mut groups = Vec::new();
    for (kind, names) in kinds {
        let names = match names {
            Json::String(name) => Json::String(name.clone()),
            Json::Array(items) if items.iter().all(Json::is_string) => {
                let mut items = items.clone();
                items.sort_by(|a, b| b.as_str().cmp(&a.as_str()));
                Json::Array(items)
            }
            other => {
                let what = what(other);
                return Err(format!(
                    "{place}: `{key}` of `{kind}` is {what}; a string or a list of strings is expected."
                ));
            }
        };
        groups.push((kind.clone(), names));
    }
    Ok(principals_json(groups))
}

fn conditions_parsed(given: &Map<String, Json>, place: &str) -> Text<Option<Json>> {
    let operators = match member(given, "Condition") {
        None => return Ok(None),
        Some(Json::Object(operators)) => operators,
        Some(other) => return Err(format!("{place}: `Condition` is {}; an object is expected.", what(other))),
    };
    let mut out = Conditions::new();
    for (test, keys) in operators {
        let Json::Object(keys) = keys else {
            return Err(format!("{place}: the condition `{test}` is {}; an object is expected.", what(keys)));
        };
        for (key, values) in keys {
            let one = |value: &Json| match value {
                Json::String(s) => Some(s.clone()),
                Json::Bool(b) => Some(b.to_string()),
                _ => None,
            };
            let values: Option<Vec<String>> = match values {
                Json::Array(items) => items.iter().map(one).collect(),
                value => one(value).map(|s| vec![s]),
            };
            // The provider drops such a condition without a word: the statement would then always apply.
            let Some(values) = values else {
                return Err(format!(
                    "{place}: the condition `{test}` of `{key}` has a value that is neither a string nor a boolean. Put it in \
                     quotes: aws_iam_policy_document would drop the condition."
                ));
            };
            out.entry(test.clone()).or_default().entry(key.clone()).or_default().extend(values);
        }
    }
    Ok((!out.is_empty()).then(|| conditions_json(out)))
}

/// A member by its name in any case; null counts as none.
fn member<'a>(members: &'a Map<String, Json>, name: &str) -> Option<&'a Json> {
    let found =
        members.get(name).or_else(|| members.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v));
    found.filter(|v| !v.is_null())
}

fn text_of(members: &Map<String, Json>, name: &str, place: &str) -> Text<String> {
    match member(members, name) {
        None => Ok(String::new()),
        Some(Json::String(s)) => Ok(s.clone()),
        Some(other) => Err(format!("{place}: `{name}` is {}; a string is expected.", what(other))),
    }
}

fn crc32(text: &str) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(text.as_bytes());
    crc.sum()
}

/// Where Terraform's plugin SDK puts an element of a set: it sorts them by the decimal digits of this checksum.
fn set_code(serialized: &str) -> String {
    crc32(serialized).to_string()
}

fn must_be_empty(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        None | Some("") => Ok(()),
        Some(_) => Err("An empty string is expected: the argument is no longer used.".into()),
    }
}

fn json_list(value: &Value) -> std::result::Result<(), String> {
    let documents = value.as_slice().unwrap_or_default();
    documents
        .iter()
        .enumerate()
        .try_for_each(|(i, d)| policy::check_json(d).map_err(|e| format!("In element {i}: {e}")))
}

fn version(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        None | Some("2008-10-17" | VERSION) => Ok(()),
        Some(other) => {
            Err(format!("Expected version to be one of \"2008-10-17\" and \"2012-10-17\", got \"{other}\"."))
        }
    }
}

fn effect(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        None | Some("Allow" | "Deny") => Ok(()),
        Some(other) => Err(format!("Expected effect to be one of \"Allow\" and \"Deny\", got \"{other}\".")),
    }
}

fn sid(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some(sid) if !sid.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            Err(format!("A Sid of letters and digits only is expected, got \"{sid}\"."))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Fields;

    fn strings(values: &[&str]) -> Vec<Value> {
        values.iter().map(Value::string).collect()
    }
    fn set(values: &[&str]) -> Value {
        Value::set(Type::String, strings(values))
    }
    fn list(values: &[&str]) -> Value {
        Value::list(Type::String, strings(values))
    }
    fn principals(blocks: &[(&str, &[&str])]) -> Value {
        let blocks =
            blocks.iter().map(|(ty, ids)| Value::object_of([("type", Value::string(ty)), ("identifiers", set(ids))]));
        Value::set(PRINCIPALS.ty(), blocks.collect())
    }
    fn conditions(blocks: &[(&str, &str, &[&str])]) -> Value {
        let blocks = blocks.iter().map(|(test, variable, values)| {
            Value::object_of([
                ("test", Value::string(test)),
                ("variable", Value::string(variable)),
                ("values", list(values)),
            ])
        });
        Value::set(SCHEMA.block.blocks[0].block.blocks[0].block.ty(), blocks.collect())
    }
    fn statements(statements: Vec<Vec<(&str, Value)>>) -> Value {
        let element = SCHEMA.block.blocks[0].block.ty();
        Value::list(element, statements.into_iter().map(Value::object_of).collect())
    }
    fn of(parts: &[(&str, Value)]) -> Object {
        Object(parts.iter().map(|(k, v)| ((*k).into(), v.clone())).collect::<Fields>())
    }
    fn minified(parts: &[(&str, Value)]) -> String {
        match document(&of(parts)) {
            Ok(out) => out.str("minified_json").unwrap().to_string(),
            Err(e) => e,
        }
    }

    #[test]
    fn statements_as_the_provider_writes_them() {
        let out = document(&of(&[
            ("policy_id", "policy_id".into()),
            (
                "statement",
                statements(vec![
                    vec![
                        ("sid", "1".into()),
                        ("actions", set(&["s3:ListAllMyBuckets", "s3:GetBucketLocation"])),
                        ("resources", set(&["arn:aws:s3:::*"])),
                    ],
                    vec![
                        ("actions", set(&["s3:ListBucket"])),
                        ("resources", set(&["arn:aws:s3:::foo"])),
                        (
                            "condition",
                            conditions(&[("StringLike", "s3:prefix", &["home/", "", "home/&{aws:username}/"])]),
                        ),
                        ("not_principals", principals(&[("AWS", &["arn:blahblah:example"])])),
                    ],
                    vec![
                        ("effect", "Deny".into()),
                        ("not_actions", set(&["s3:*"])),
                        ("not_resources", set(&["arn:aws:s3:::*"])),
                    ],
                    vec![
                        ("sid", "AllowAll".into()),
                        ("effect", "Allow".into()),
                        ("actions", set(&["kinesis:*"])),
                        ("principals", principals(&[("AWS", &["*"])])),
                        ("resources", set(&["*"])),
                    ],
                ]),
            ),
        ]))
        .unwrap();
        assert_eq!(out.str("id"), Some("964775450"));
        assert!(out.str("json").unwrap().starts_with("{\n  \"Version\": \"2012-10-17\",\n  \"Id\": \"policy_id\",\n"));
        assert_eq!(out.str("version"), Some("2012-10-17"));
        let second = &out.blocks("statement")[1];
        assert_eq!((second.str("sid"), second.str("effect")), (Some(""), Some("Allow")));
        assert_eq!(second.get("not_actions"), Some(&set(&[])));
        assert_eq!(second.get("principals"), Some(&principals(&[])));
        assert!(out.get("source_policy_documents").unwrap().is_null());
    }

    #[test]
    fn sets_keep_the_order_that_the_plugin_sdk_gives_them() {
        let got = minified(&[(
            "statement",
            statements(vec![vec![
                ("actions", set(&["a", "&{x}", "<&>"])),
                ("resources", set(&["&{aws:x}", "b"])),
                (
                    "condition",
                    conditions(&[
                        ("StringEquals", "v", &["one"]),
                        ("StringEquals", "v", &["two", "&{three}"]),
                        ("StringEquals", "v", &["a"]),
                        ("StringEquals", "w", &[]),
                        ("Bool", "v", &["true", "1.5"]),
                    ]),
                ),
            ]]),
        )]);
        assert_eq!(
            got,
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["a","\u003c\u0026\u003e","\u0026{x}"],"#,
                r#""Resource":["b","${aws:x}"],"Condition":{"Bool":{"v":["true","1.5"]},"#,
                r#""StringEquals":{"v":["two","${three}","one","a"],"w":[]}}}]}"#
            )
        );
        let got = minified(&[(
            "statement",
            statements(vec![
                vec![
                    ("actions", set(&["sts:AssumeRole"])),
                    (
                        "principals",
                        principals(&[
                            ("AWS", &["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]),
                            ("AWS", &["333333333333"]),
                            ("AWS", &["444444444444"]),
                            ("Service", &["states.amazonaws.com"]),
                        ]),
                    ),
                    ("not_resources", set(&[])),
                    ("resources", set(&[""])),
                ],
                vec![("effect", "Deny".into()), ("principals", principals(&[("*", &["*"]), ("AWS", &["*"])]))],
                vec![("principals", principals(&[("*", &["*"])])), ("not_principals", principals(&[("AWS", &[])]))],
            ]),
        )]);
        assert_eq!(
            got,
            concat!(
                r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"","#,
                r#""Principal":{"AWS":["arn:aws:iam::222222222222:root","arn:aws:iam::111111111111:root","333333333333","#,
                r#""444444444444"],"Service":"states.amazonaws.com"}},{"Effect":"Deny","Principal":{"*":"*","AWS":"*"}},"#,
                r#"{"Effect":"Allow","Principal":"*","NotPrincipal":{"AWS":[]}}]}"#
            )
        );
    }

    #[test]
    fn sources_and_overrides() {
        let source = r#"{"Version":"2008-10-17","Extra":1,"Statement":[
            {"Sid":"x","Effect":"Allow","Action":["a:b","c:d","b:c"],"Resource":["*"],"Principal":"*","Foo":"bar"},
            {"Effect":"Deny","Action":"z","Resource":"*","NotPrincipal":{"AWS":["b","a"],"Federated":"f"},
             "Condition":{"Bool":{"aws:x":true,"l":["q"]},"Str":{"a":"b","c":["d","e"],"z":[]}}},
            {"Effect":"deny","NotAction":[],"Principal":{},"Condition":{},"Sid":""}]}"#;
        let over = r#"{"Id":"ov","Statement":[{"Sid":"y","Effect":"Allow","Resource":"over"},{"Sid":"y","Effect":"Deny"},
            {"Effect":"Allow","Resource":"nosid"}]}"#;
        let got = minified(&[
            ("policy_id", "".into()),
            ("version", "2008-10-17".into()),
            ("source_policy_documents", list(&[source, ""])),
            (
                "statement",
                statements(vec![
                    vec![("sid", "x".into()), ("resources", set(&["b"]))],
                    vec![("sid", "y".into()), ("resources", set(&["c"]))],
                ]),
            ),
            ("override_policy_documents", list(&[over, "", "{}"])),
        ]);
        assert_eq!(
            got,
            concat!(
                r#"{"Version":"2008-10-17","Id":"ov","Statement":[{"Sid":"x","Effect":"Allow","Resource":"b"},"#,
                r#"{"Effect":"Deny","Action":"z","Resource":"*","NotPrincipal":{"AWS":["b","a"],"Federated":"f"},"#,
                r#""Condition":{"Bool":{"aws:x":"true","l":"q"},"Str":{"a":"b","c":["d","e"],"z":[]}}},"#,
                r#"{"Effect":"deny","NotAction":[]},{"Sid":"y","Effect":"Deny"},{"Effect":"Allow","Resource":"nosid"}]}"#
            )
        );
    }

    /// Each source alone, as the provider takes it.
    #[test]
    fn odd_sources() {
        let document = |statements: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
        for (source, want) in [
            (
                r#"{"version":"2012-10-17","statement":[{"effect":"Allow","action":"x"}]}"#,
                document(r#"{"Effect":"Allow","Action":"x"}"#),
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Action":{"b":1,"a":[2.50]}}]}"#,
                document(r#"{"Effect":"Allow","Action":{"a":[2.5],"b":1}}"#),
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Action":[1,"b",null,true]}]}"#,
                document(r#"{"Effect":"Allow","Action":[1,"b",null,true]}"#),
            ),
            (r#"{"Statement":[{"Effect":"Allow","Action":null}]}"#, document(r#"{"Effect":"Allow"}"#)),
            (r#"{"Statement":null}"#, r#"{"Version":"2012-10-17"}"#.into()),
            ("null", r#"{"Version":"2012-10-17"}"#.into()),
            (
                r#"{"Statement":[{"Effect":"Allow","Effect":"Deny"}],"Version":"2012-10-17","Version":"2008-10-17"}"#,
                document(r#"{"Effect":"Deny"}"#),
            ),
            (
                r#"{"Statement":[{"Principal":{"AWS":"*"}},{"Principal":{"AWS":["*"]}},{"Principal":{"*":["*"]}},{"Principal":{"*":["*","a"]}}]}"#,
                document(
                    r#"{"Principal":{"AWS":"*"}},{"Principal":{"AWS":["*"]}},{"Principal":"*"},{"Principal":{"*":["a","*"]}}"#,
                ),
            ),
        ] {
            assert_eq!(minified(&[("source_policy_documents", list(&[source]))]), want, "{source}");
        }
    }

    #[test]
    fn mistakes() {
        let source = |s: &str| minified(&[("source_policy_documents", list(&[s]))]);
        for (got, want) in [
            (
                minified(&[(
                    "statement",
                    statements(vec![vec![("sid", "1".into())], vec![], vec![("sid", "1".into())]]),
                )]),
                "There is a duplicate Sid (1): statements 1 and 3 have it. A Sid names one statement: change or remove one of them.",
            ),
            (
                source(r#"{"Statement":[{"Sid":"a"},{"Sid":"a"}]}"#),
                "There is a duplicate Sid (a), twice in source_policy_documents[0]. Remove one of them, or move the statement that \
                 is to win to override_policy_documents.",
            ),
            (
                minified(&[(
                    "source_policy_documents",
                    list(&[r#"{"Statement":[{"Sid":"a"}]}"#, "", r#"{"Statement":[{"Sid":"a"}]}"#]),
                )]),
                "There is a duplicate Sid (a), in source_policy_documents[0] and again in source_policy_documents[2]. Remove one \
                 of them, or move the statement that is to win to override_policy_documents.",
            ),
            (
                source(r#"{"Statement":{"Effect":"Deny"}}"#),
                "source_policy_documents[0]: `Statement` is a single object. Put it into a list: `Statement = [{ ... }]`.",
            ),
            (source("[]"), "source_policy_documents[0]: A policy document is a JSON object, not a list."),
            (
                source(r#"{"Statement":[null]}"#),
                "source_policy_documents[0]: Statement 1 is null; an object is expected.",
            ),
            (
                source(r#"{"Statement":[{"Effect":1}]}"#),
                "source_policy_documents[0]: Statement 1: `Effect` is a number; a string is expected.",
            ),
            (
                source(r#"{"Statement":[{"Principal":"111122223333"}]}"#),
                "source_policy_documents[0]: Statement 1: `Principal` is \"111122223333\". A bare string can only be \"*\"; write \
                 { AWS = \"111122223333\" }.",
            ),
            (
                source(r#"{"Statement":[{"Condition":{"NumericLessThan":{"aws:age":3600}}}]}"#),
                "source_policy_documents[0]: Statement 1: the condition `NumericLessThan` of `aws:age` has a value that is neither a \
                 string nor a boolean. Put it in quotes: aws_iam_policy_document would drop the condition.",
            ),
            (
                minified(&[
                    ("version", "2008-10-17".into()),
                    ("statement", statements(vec![vec![("resources", set(&["&{x}"]))]])),
                ]),
                "`&{x}` has a policy variable (`&{`), which version 2008-10-17 does not know. Set version = \"2012-10-17\".",
            ),
        ] {
            assert_eq!(got, want);
        }
    }

    #[test]
    fn a_hole_anywhere_makes_the_text_one() {
        let hole = Value::unknown(Type::String);
        for parts in [
            vec![("policy_id", hole.clone())],
            vec![("statement", Value::unknown(Type::list(SCHEMA.block.blocks[0].block.ty())))],
            vec![("statement", statements(vec![vec![("resources", Value::set(Type::String, vec![hole.clone()]))]]))],
            vec![("source_policy_documents", Value::list(Type::String, vec![hole.clone()]))],
        ] {
            let out = document(&of(&parts)).unwrap();
            for name in ["id", "json", "minified_json"] {
                assert!(!out.get(name).unwrap().is_known(), "{name} {parts:?}");
            }
            assert_eq!(out.str("version"), Some("2012-10-17"));
        }
        let out = document(&of(&[(
            "statement",
            statements(vec![vec![("resources", Value::set(Type::String, vec![hole]))]]),
        )]));
        assert_eq!(out.unwrap().blocks("statement")[0].str("effect"), Some("Allow"));
    }
}
