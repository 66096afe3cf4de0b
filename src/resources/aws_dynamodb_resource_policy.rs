//! `aws_dynamodb_resource_policy`: who may use a table or its stream, said at the table itself.

use super::permissions::{On, Permissions, Permit};
use super::policy;
use super::{Aws, Error, ErrorKind, Place, Resource, Result, arn::Arn, checks, settle, wait};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Path, Value};
use async_trait::async_trait;
use std::time::Duration;

/// `aws_dynamodb_resource_policy`
pub struct ResourcePolicy;

/// DynamoDB's limit of a policy, in bytes; white space counts.
const SIZE: usize = 20 * 1024;

/// How long a principal that was just made may be unknown to DynamoDB, and a policy to whoever reads it.
const PROPAGATION: Duration = Duration::from_secs(120);

static SCHEMA: Schema = Schema {
    name: "aws_dynamodb_resource_policy",
    version: 0,
    doc: "The resource-based policy of a table or of a stream.",
    block: Block {
        attributes: &[
            Attribute::optional_computed("confirm_remove_self_resource_access", Ty::Bool)
                .doc("Whether the policy may take away one's own right to change it."),
            Attribute::computed("id", Ty::String).doc("ARN of the table or stream."),
            Attribute::required("policy", Ty::String).check(policy::check).doc("The policy in JSON."),
            Attribute::required("resource_arn", Ty::String)
                .replaces()
                .check(checks::arn)
                .doc("ARN of the table or stream."),
            Attribute::computed("revision_id", Ty::String)
                .moves_with(&["policy", "confirm_remove_self_resource_access"])
                .doc("Revision of the policy; each change makes a new one."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

const OWNER: On = On::Attribute("resource_arn");

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["dynamodb:GetResourcePolicy"], OWNER)],
    create: &[Permit::new(&["dynamodb:PutResourcePolicy"], OWNER)],
    update: &[Permit::new(&["dynamodb:PutResourcePolicy"], OWNER)],
    delete: &[Permit::new(&["dynamodb:DeleteResourcePolicy"], OWNER)],
};

#[async_trait]
impl Resource for ResourcePolicy {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let arn = prior.text("id").or(prior.text("resource_arn")).unwrap_or_default();
        let answer = aws.dynamodb().get_resource_policy().resource_arn(arn).send().await;
        let answer = match answer.map_err(Error::of("dynamodb:GetResourcePolicy", arn)) {
            Err(error) if error.is(ErrorKind::NotFound) => return Ok(None),
            answer => answer?,
        };
        let live = answer.policy().unwrap_or_default();
        let text = prior.str("policy").filter(|text| policy::equivalent(text, live)).unwrap_or(live).to_string();
        let mut object = settle::complete(&SCHEMA, prior);
        object.set("policy", text);
        object.set("revision_id", answer.revision_id().unwrap_or_default());
        object.set("resource_arn", arn);
        object.set("id", arn);
        if object.bool("confirm_remove_self_resource_access").is_none() {
            object.set("confirm_remove_self_resource_access", false);
        }
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        put(aws, planned).await
    }

    async fn update(&self, aws: &Aws, _: &Object, planned: &Object) -> Result<Object> {
        put(aws, planned).await
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let arn = prior.text("id").unwrap_or_default();
        let deleted = wait::retry(aws, PROPAGATION, busy, || async {
            let call = aws.dynamodb().delete_resource_policy().resource_arn(arn);
            call.send().await.map_err(Error::of("dynamodb:DeleteResourcePolicy", arn))
        });
        super::aws_dynamodb_table::gone(deleted.await.map(drop))
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let size = config.str("policy").map_or(0, str::len);
        if size <= SIZE {
            return Vec::new();
        }
        let detail = format!("The policy has {size} bytes; DynamoDB allows {SIZE}, white space included.");
        let help = "Leave out white space (jsonencode has none), or say the same in fewer statements.";
        vec![(Path::attr("policy"), Diagnostic::error("Policy is too large", detail).help(help))]
    }

    fn adjust(&self, _: &Place, config: &Object, prior: Option<&Object>, planned: &mut Object) {
        let name = "confirm_remove_self_resource_access";
        if prior.is_none() && config.get(name).is_none_or(Value::is_null) {
            planned.set(name, false);
        }
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        match attribute {
            "policy" => policy::same_value(a, b),
            _ => a == b,
        }
    }

    // As the provider, which compares the text with the state.
    fn spelled(&self) -> &'static [&'static str] {
        &["policy"]
    }

    fn predict(&self, _: &Place, planned: &mut Object) {
        if let Some(arn) = planned.text("resource_arn").map(str::to_string) {
            planned.set("id", arn);
        }
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match Arn::parse(id).is_some_and(|arn| arn.service == "dynamodb") {
            true => Ok(Object::new().with("id", id)),
            false => Err(format!(
                "A resource policy is imported by the ARN of its table or stream, such as \
                 \"arn:aws:dynamodb:us-east-1:123456789012:table/orders\"; got \"{id}\"."
            )),
        }
    }
}

async fn put(aws: &Aws, planned: &Object) -> Result<Object> {
    let arn = planned.str("resource_arn").unwrap_or_default();
    let text = planned.str("policy").unwrap_or_default();
    let confirm = planned.bool("confirm_remove_self_resource_access");
    let put = wait::retry(aws, PROPAGATION, passing, || async {
        let call = aws.dynamodb().put_resource_policy().resource_arn(arn).policy(text);
        let call = call.set_confirm_remove_self_resource_access(confirm.filter(|confirm| *confirm));
        call.send().await.map_err(Error::of("dynamodb:PutResourcePolicy", arn))
    });
    let answer = put.await?;
    let mut object = settle::complete(&SCHEMA, planned);
    object.set("id", arn);
    object.set("revision_id", answer.revision_id().unwrap_or_default());
    if confirm.is_none() {
        object.set("confirm_remove_self_resource_access", false);
    }
    Ok(object)
}

/// Errors that pass: a role that the policy names was just made, or the table is busy.
fn passing(error: &Error) -> Option<String> {
    if error.says("ValidationException", "Invalid principal") || error.says("ValidationException", "invalid principal")
    {
        return Some("waits for IAM to know the principals everywhere".into());
    }
    busy(error)
}

fn busy(error: &Error) -> Option<String> {
    (error.code == "ResourceInUseException").then(|| "waits for another change of the table".into())
}
