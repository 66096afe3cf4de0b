//! `data "aws_iam_session_context"`: the role behind the ARN of a session.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, DataSource, Error, ErrorKind, Result, arn, aws_iam_role, iam};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;

/// `data "aws_iam_session_context"`
pub struct SessionContext;

static SCHEMA: Schema = Schema {
    name: "aws_iam_session_context",
    version: 0,
    doc: "Tells the role that a session came from; for the ARN of anything else, that ARN.",
    block: Block {
        attributes: &[
            Attribute::required("arn", Ty::String)
                .check(iam::check_arn)
                .doc("An ARN, such as `data.aws_caller_identity.current.arn`."),
            Attribute::computed("id", Ty::String).doc("The same as `arn`."),
            Attribute::computed("issuer_arn", Ty::String).doc("ARN of the role, or else the same as `arn`."),
            Attribute::computed("issuer_id", Ty::String).doc("The role's unique id; empty where there is no role."),
            Attribute::computed("issuer_name", Ty::String).doc("The role's name; empty where there is no role."),
            Attribute::computed("session_name", Ty::String).doc("The session's name; empty where there is none."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// What IAM has to allow.
static PERMISSIONS: Permissions =
    Permissions::reading(&[Permit::new(&["iam:GetRole"], On::Arns(&["arn:{partition}:iam::{account}:role/*"]))]);

#[async_trait]
impl DataSource for SessionContext {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, config: &Object) -> Result<Object> {
        let given = config.str("arn").unwrap_or_default();
        let object = Object::new().with("arn", given).with("id", given);
        let Some((name, session)) = assumed(given) else {
            let object = object.with("issuer_arn", given).with("issuer_id", "");
            return Ok(object.with("issuer_name", "").with("session_name", ""));
        };
        let Some(role) = aws_iam_role::get(aws, name).await? else {
            let message = format!("There is no IAM role \"{name}\", to which {given} belongs.");
            return Err(Error::new(ErrorKind::NotFound, name, message));
        };
        let object = object.with("issuer_arn", role.arn()).with("issuer_id", role.role_id());
        Ok(object.with("issuer_name", role.role_name()).with("session_name", session))
    }
}

/// Role and session of `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION`.
fn assumed(text: &str) -> Option<(&str, &str)> {
    let arn = arn::Arn::parse(text).filter(|arn| arn.service == "sts")?;
    arn.resource.strip_prefix("assumed-role/")?.split_once('/').filter(|(role, _)| !role.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions() {
        for (arn, want) in [
            ("arn:aws:sts::123456789012:assumed-role/ra/sess", Some(("ra", "sess"))),
            ("arn:aws:sts::123456789012:assumed-role/ra/a@b/c", Some(("ra", "a@b/c"))),
            ("arn:aws:sts::123456789012:assumed-role/ra", None),
            ("arn:aws:sts::123456789012:federated-user/x/y", None),
            ("arn:aws:iam::123456789012:role/ra", None),
            ("nonsense", None),
        ] {
            assert_eq!(assumed(arn), want, "{arn}");
        }
    }
}
