//! The `region` argument that the AWS provider has had on what lies in a region since version 6: apart from a type's own arguments,
//! and kept beside them in the state.
//!
//! Types know nothing of it: they are handed a way to AWS that leads to the right region. It is written to the state where the
//! configuration gives it, where the state has it already, or where the dependency lock file chose version 6 of the provider.

use crate::config::{Body, expr::Expr};
use crate::diag::{Diagnostic, Span};
use crate::eval::{self, Scope};
use crate::schema::Schema;
use crate::value::{Object, Type, Value, convert};
use std::borrow::Cow;
use std::sync::Arc;

/// The argument's and the attribute's name.
pub const NAME: &str = "region";

/// How the names of types start whose objects lie in a region.
const REGIONAL: [&str; 4] = ["aws_dynamodb_", "aws_sfn_", "aws_cloudwatch_log_", "aws_appautoscaling_"];

/// Whether objects of this type lie in a region, and say so from version 6 of the provider on.
pub fn is_regional(schema: &Schema) -> bool {
    schema.block.attribute(NAME).is_none() && REGIONAL.iter().any(|start| schema.name.starts_with(start))
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
}
