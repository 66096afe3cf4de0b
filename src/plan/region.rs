//! The `region` argument that the AWS provider has had on what lies in a region since version 6: apart from a type's own arguments,
//! and kept beside them in the state.
//!
//! Types know nothing of it: they are handed a way to AWS that leads to the right region. It is written to the state where the
//! configuration gives it, where the state has it already, or where the dependency lock file chose version 6 of the provider.

use crate::config::{Body, expr::Expr};
use crate::diag::{Diagnostic, Span};
use crate::eval::{self, Scope};
use crate::schema::Schema;
use crate::value::{Fields, Kind, Object, Type, Value, convert};
use std::borrow::Cow;
use std::sync::Arc;

/// The argument's and the attribute's name.
pub const NAME: &str = "region";

/// How the names of types start whose objects lie in a region.
const REGIONAL: [&str; 6] =
    ["aws_dynamodb_", "aws_sfn_", "aws_cloudwatch_log_", "aws_appautoscaling_", "aws_kms_", "aws_region"];

/// Whether objects of this type lie in a region, and say so from version 6 of the provider on.
pub fn is_regional(schema: &Schema) -> bool {
    schema.block.attribute(NAME).is_none() && REGIONAL.iter().any(|start| schema.name.starts_with(start))
}

/// An object as references see it where objects have a region: with it, whether or not the state has it.
pub fn shown(ty: &str, value: Value) -> Value {
    if !REGIONAL.iter().any(|start| ty.starts_with(start)) {
        return value;
    }
    let (mut value, marks) = value.unmark();
    if let Kind::Unknown(Type::Object(types, optional), _) = value.kind() {
        let mut types = types.clone();
        Arc::make_mut(&mut types).entry(NAME.into()).or_insert(Type::String);
        value = Value::unknown(Type::Object(types, optional.clone()));
    }
    if let Some(fields) = value.fields_mut()
        && fields.get(NAME).is_none_or(Value::is_null)
        && let Some(region) = region_in(ty, fields)
    {
        fields.insert(NAME.into(), region);
    }
    value.mark(marks)
}

/// A region's own name, or what stands in the ARN of an object, or of what it belongs to.
fn region_in(ty: &str, fields: &Fields) -> Option<Value> {
    if ty == "aws_region" {
        return fields.get("name").cloned();
    }
    let named = |name: &str| fields.get(name).filter(|v| !v.is_null());
    let arn = ["arn", "resource_arn", "stream_arn", "state_machine_arn"].into_iter().find_map(named)?;
    let (arn, marks) = arn.clone().unmark();
    let region = match arn.as_str() {
        Some(arn) => Value::string(arn.split(':').nth(3)?),
        None => Value::unknown(Type::String),
    };
    Some(region.mark(marks))
}

/// A block's own arguments, and its `region` where that is none of them.
pub fn split<'a>(body: &'a Body, schema: &Schema) -> (Cow<'a, Body>, Option<&'a Expr>) {
    match body.attribute(NAME) {
        Some(written) if is_regional(schema) => {
            let mut own = body.clone();
            own.attributes.retain(|a| &*a.name.name != NAME);
            (Cow::Owned(own), Some(&written.value))
        }
        _ => (Cow::Borrowed(body), None),
    }
}

/// The region that an argument names; `None` where it is null.
///
/// # Errors
/// A value that is no name of a region, or not known yet: then nothing can be read.
pub fn named(expr: &Expr, scope: &Scope<'_>) -> Result<Option<Arc<str>>, Vec<Diagnostic>> {
    let mut diags = crate::diag::Diags::new();
    let value = eval::eval(expr, scope, &mut diags).unmark_deep().0;
    if diags.has_errors() {
        return Err(diags.into_iter().collect());
    }
    let bad = |at: &Span, detail: &str| vec![Diagnostic::error("Invalid region", detail).at(at)];
    let value = convert(&value, &Type::String).map_err(|_| bad(&expr.span, "A region is named by a string."))?;
    match (value.is_known(), value.is_null(), value.as_str()) {
        (false, ..) => Err(bad(
            &expr.span,
            "The region depends on something that is known only after apply, so it is not known where to look. Use a value that is \
             known while planning.",
        )),
        (_, true, _) => Ok(None),
        (_, _, Some(name)) if is_name(name) => Ok(Some(name.into())),
        _ => Err(bad(&expr.span, "A region is named as \"eu-central-1\" is.")),
    }
}

fn is_name(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let words: Vec<&str> = parts.collect();
    number && words.len() >= 2 && words.iter().all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

/// An import's id and the region behind it: `name@eu-central-1`.
pub fn of_import<'a>(id: &'a str, schema: &Schema) -> (&'a str, Option<&'a str>) {
    match id.rsplit_once('@') {
        Some((own, region)) if is_regional(schema) && is_name(region) => (own, Some(region)),
        _ => (id, None),
    }
}

/// The region that an object carries beside its attributes.
pub fn of(object: &Object, schema: &Schema) -> Option<Arc<str>> {
    if !is_regional(schema) {
        return None;
    }
    object.str(NAME).filter(|r| !r.is_empty()).map(Arc::from)
}

/// Takes the region off an object; it is put back by [`put`].
pub fn take(object: &mut Object, schema: &Schema) -> Option<Value> {
    if is_regional(schema) { object.0.remove(NAME) } else { None }
}

/// Puts a region back.
pub fn put(object: &mut Object, region: Option<Value>) {
    if let Some(region) = region {
        object.0.insert(NAME.into(), region);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources;

    fn schema(ty: &str) -> &'static Schema {
        resources::resource(ty).unwrap().schema()
    }

    #[test]
    fn names_of_regions() {
        for (text, fine) in [
            ("eu-central-1", true),
            ("us-gov-west-1", true),
            ("ap-southeast-12", true),
            ("eu-central", false),
            ("eu-1", false),
            ("EU-central-1", false),
            ("", false),
            ("-a-1", false),
        ] {
            assert_eq!(is_name(text), fine, "{text}");
        }
    }

    #[test]
    fn what_lies_in_a_region_and_what_an_id_says_of_it() {
        let (table, role) = (schema("aws_dynamodb_table"), schema("aws_iam_role"));
        assert!(is_regional(table) && !is_regional(role));
        for (id, schema, wanted) in [
            ("t@eu-west-1", table, ("t", Some("eu-west-1"))),
            ("t@x", table, ("t@x", None)),
            ("t", table, ("t", None)),
            ("r@eu-west-1", role, ("r@eu-west-1", None)),
        ] {
            assert_eq!(of_import(id, schema), wanted);
        }
        let mut object = Object::new().with("name", "t").with("region", "eu-west-1");
        assert_eq!(of(&object, table).as_deref(), Some("eu-west-1"));
        let region = take(&mut object, table);
        assert!(object.get("region").is_none());
        put(&mut object, region);
        assert_eq!(object.str("region"), Some("eu-west-1"));
    }

    #[test]
    fn references_see_a_region() {
        let arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/t";
        let open = Value::unknown(Type::String);
        for (ty, fields, wanted) in [
            ("aws_dynamodb_table", vec![("arn", arn.into())], Some("eu-west-1".into())),
            (
                "aws_dynamodb_table",
                vec![("arn", arn.into()), ("region", "eu-north-1".into())],
                Some("eu-north-1".into()),
            ),
            ("aws_dynamodb_table", vec![("arn", open.clone())], Some(open.clone())),
            ("aws_dynamodb_tag", vec![("resource_arn", arn.into())], Some("eu-west-1".into())),
            ("aws_region", vec![("name", "eu-west-1".into())], Some("eu-west-1".into())),
            ("aws_iam_role", vec![("arn", "arn:aws:iam::000000000000:role/r".into())], None),
            ("aws_dynamodb_table_item", vec![("table_name", "t".into())], None),
        ] {
            let seen = shown(ty, Value::object_of(fields));
            let Kind::Object(fields) = seen.kind() else { panic!("{ty}") };
            assert_eq!(fields.get(NAME), wanted.as_ref(), "{ty}");
        }
        let hole = shown("aws_dynamodb_table", Value::unknown(schema("aws_dynamodb_table").ty()));
        assert!(matches!(hole.ty(), Type::Object(types, _) if types.contains_key(NAME)));
    }
}
