//! The functions of the AWS provider, `provider::aws::NAME`: all of them are about the text of an ARN.
//!
//! Refuses to know what an ARN names.

use super::{Args, FnError, Function, Param, Run, Ty};
use crate::value::{Type, Value};

/// What the parts of an ARN are called, in their order.
const PARTS: [&str; 5] = ["partition", "service", "region", "account_id", "resource"];

const fn p(name: &'static str) -> Param {
    Param::new(name, Ty::String)
}

const fn f(
    name: &'static str,
    params: &'static [Param],
    run: fn(&Args<'_>) -> Result<Value, FnError>,
    doc: &'static str,
) -> Function {
    Function { name, doc, params, rest: None, returns: Ty::String, not_null: true, result: None, run: Run::Eager(run) }
}

/// All of them, sorted by name.
#[rustfmt::skip]
pub(super) static FUNCTIONS: &[Function] = &[
    f("provider::aws::arn_build", &[p("partition"), p("service"), p("region"), p("account_id"), p("resource")], arn_build, "An ARN, put together from its parts."),
    Function { returns: Ty::Any, result: Some(parts_type), ..f("provider::aws::arn_parse", &[p("arn")], arn_parse, "An ARN, taken apart into an object.") },
    f("provider::aws::trim_iam_role_path", &[p("arn")], trim_iam_role_path, "The ARN of a role without its path."),
];

fn arn_build(a: &Args<'_>) -> Result<Value, FnError> {
    let parts: Vec<&str> = (0..PARTS.len()).map(|i| a.str(i)).collect();
    Ok(Value::string(format!("arn:{}", parts.join(":"))))
}

fn arn_parse(a: &Args<'_>) -> Result<Value, FnError> {
    let parts = parts(a.str(0))?;
    Ok(Value::object_of([0, 1, 2, 3, 4].map(|i| (PARTS[i], Value::string(parts[i])))))
}

fn trim_iam_role_path(a: &Args<'_>) -> Result<Value, FnError> {
    let arn = a.str(0);
    let [partition, service, region, account, resource] = parts(arn)?;
    let refuse = |why: &str| Err(FnError::arg(0, format!("must be the ARN of a role: {why}")).got(arn));
    if service != "iam" {
        return refuse("its service is iam");
    }
    if !region.is_empty() {
        return refuse("its region is empty");
    }
    let Some(path) = resource.strip_prefix("role/") else { return refuse("its resource begins with role/") };
    let name = path.rsplit('/').next().unwrap_or(path);
    Ok(Value::string(format!("arn:{partition}:iam::{account}:role/{name}")))
}

fn parts(arn: &str) -> Result<[&str; 5], FnError> {
    let refuse = |why: &str| FnError::arg(0, format!("must be an ARN: {why}")).got(arn);
    let rest = arn.strip_prefix("arn:").ok_or_else(|| refuse("it begins with \"arn:\""))?;
    let parts: Vec<&str> = rest.splitn(PARTS.len(), ':').collect();
    <[&str; 5]>::try_from(parts).map_err(|_| refuse("it has six parts with colons between them"))
}

fn parts_type(_: &[Value]) -> Result<Type, FnError> {
    Ok(Type::object(PARTS.iter().map(|name| ((*name).into(), Type::String)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Facts;
    use crate::eval::functions::{Ctx, call};
    use crate::value::json::to_json;
    use std::path::Path;

    /// What Terraform 1.11 with the provider 5.100.0 answers.
    #[test]
    fn arns_are_put_together_and_taken_apart() {
        let facts = Facts { now: "2026-01-01T00:00:00Z".into(), cwd: ".".into(), applying: false };
        let render: &dyn Fn(&str, &str, crate::value::Fields) -> Result<Value, FnError> =
            &|_, _, _| Err(FnError::new(""));
        let ctx = Ctx { facts: &facts, base_dir: Path::new("."), template_depth: 0, render };
        let answer = |name: &str, args: &[&str]| {
            let args = args.iter().map(Value::string).collect();
            match call(&format!("provider::aws::{name}"), args, &ctx) {
                Ok(value) => to_json(&value).to_string(),
                Err(e) => format!("error: {}", e.message),
            }
        };
        for (name, args, wanted) in [
            (
                "arn_build",
                &["aws", "iam", "", "444455556666", "role/example"][..],
                r#""arn:aws:iam::444455556666:role/example""#,
            ),
            ("arn_build", &["", "iam", "", "", "x"], r#""arn::iam:::x""#),
            (
                "arn_parse",
                &["arn:aws:iam::4:a:b/c"],
                r#"{"account_id":"4","partition":"aws","region":"","resource":"a:b/c","service":"iam"}"#,
            ),
            ("arn_parse", &["arn:::::"], r#"{"account_id":"","partition":"","region":"","resource":"","service":""}"#),
            ("trim_iam_role_path", &["arn:aws:iam::4:role/with/path/example"], r#""arn:aws:iam::4:role/example""#),
            ("trim_iam_role_path", &["arn:aws:iam::4:role/e"], r#""arn:aws:iam::4:role/e""#),
            (
                "arn_parse",
                &["nope"],
                "error: The argument \"arn\" of provider::aws::arn_parse() must be an ARN: it begins with \"arn:\": \"nope\".",
            ),
        ] {
            assert_eq!(answer(name, args), wanted, "{name} {args:?}");
        }
        for (name, args) in [
            ("arn_parse", &["arn:aws:iam"][..]),
            ("arn_parse", &[]),
            ("trim_iam_role_path", &["arn:aws:iam::4:user/x"]),
            ("trim_iam_role_path", &["arn:aws:s3::4:role/a/e"]),
            ("trim_iam_role_path", &["arn:aws:iam:us-east-1:4:role/a/e"]),
            ("nope", &["x"]),
        ] {
            assert!(answer(name, args).starts_with("error: "), "{name} {args:?}");
        }
    }
}
