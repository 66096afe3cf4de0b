//! `aws_cloudwatch_log_group`: a log group, where executions of state machines are written.
//!
//! Refuses to know streams and events.

use super::checks::{self, Checked};
use super::permissions::{On, Permissions, Permit};
use super::{Aws, Error, ErrorKind, Place, Resource, Result, arn, names, settle, tags, wait};
use crate::schema::{Attribute, Block, Const, Schema, Ty};
use crate::value::{Object, Value};
use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::{LogGroup as Found, LogGroupClass};
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

static SCHEMA: Schema = Schema {
    name: "aws_cloudwatch_log_group",
    version: 0,
    doc: "A CloudWatch log group.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("ARN of the log group, without the :* at its end."),
            Attribute::optional_computed("id", Ty::String).doc("Name of the log group."),
            Attribute::optional("kms_key_id", Ty::String).doc("ARN of the KMS key that encrypts the events."),
            Attribute::optional_computed("log_group_class", Ty::String)
                .replaces()
                .check(class)
                .doc("Class of the log group: STANDARD, INFREQUENT_ACCESS or DELIVERY."),
            Attribute::optional_computed("name", Ty::String)
                .replaces()
                .conflicts(&["name_prefix"])
                .check(name)
                .doc("Name of the log group; generated where not given."),
            Attribute::optional_computed("name_prefix", Ty::String)
                .replaces()
                .conflicts(&["name"])
                .check(prefix)
                .doc("What the generated name starts with."),
            Attribute::optional("retention_in_days", Ty::Number)
                .default(Const::Int(0))
                .check(retention)
                .doc("Days after which events are deleted; 0 keeps them for ever."),
            Attribute::optional("skip_destroy", Ty::Bool)
                .default(Const::Bool(false))
                .doc("Whether the log group stays in AWS when it is removed from the configuration."),
            Attribute::optional("tags", Ty::Map(&Ty::String))
                .doc("Tags of the log group; they win over the provider's default_tags."),
            Attribute::optional_computed("tags_all", Ty::Map(&Ty::String))
                .doc("All tags, those of the provider's default_tags included."),
        ],
        blocks: &[],
    },
    timeouts: &[],
};

/// The only retention periods that AWS knows, in days.
const RETENTIONS: [i64; 23] =
    [0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// How long another operation on the same log group is waited for.
const BUSY: Duration = Duration::from_secs(60);

/// `aws_cloudwatch_log_group`
pub struct LogGroup;

const SELF: On = On::Arns(&[
    "arn:{partition}:logs:{region}:{account}:log-group:{name}",
    "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
]);

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[
        Permit::new(&["logs:DescribeLogGroups"], On::Arns(&["arn:{partition}:logs:{region}:{account}:log-group:*"])),
        Permit::new(&["logs:ListTagsForResource"], SELF),
    ],
    create: &[
        Permit::new(&["logs:CreateLogGroup"], SELF),
        Permit::new(&["logs:PutRetentionPolicy"], SELF).when("retention_in_days"),
        Permit::new(&["logs:TagResource"], SELF).when("tags_all"),
    ],
    update: &[Permit::new(
        &[
            "logs:AssociateKmsKey",
            "logs:DeleteRetentionPolicy",
            "logs:DisassociateKmsKey",
            "logs:PutRetentionPolicy",
            "logs:TagResource",
            "logs:UntagResource",
        ],
        SELF,
    )],
    delete: &[Permit::new(&["logs:DeleteLogGroup"], SELF)],
};

#[async_trait]
impl Resource for LogGroup {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let name = prior.text("id").or(prior.text("name")).unwrap_or_default();
        let (found, tags) = tokio::join!(find(aws, name), list_tags(aws, prior.text("arn")));
        let Some(found) = found? else { return Ok(None) };
        let made = found.creation_time().map(aws_smithy_types::DateTime::from_millis);
        aws.trace(SCHEMA.name, name, "made", made.as_ref());
        let mut object = object(prior, &found);
        let tags = match tags? {
            Some(tags) => tags,
            // The ARN was not known before (an import).
            None => list_tags(aws, object.text("arn")).await?.unwrap_or_default(),
        };
        tags::fill(aws, prior, &mut object, tags);
        Ok(Some(object))
    }

    async fn made(&self, aws: &Aws, object: &Object) -> Result<Option<SystemTime>> {
        let found = find(aws, object.text("name").unwrap_or_default()).await?;
        let millis = found.and_then(|g| u64::try_from(g.creation_time()?).ok());
        Ok(millis.map(|millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis)))
    }

    fn holds_data(&self) -> bool {
        true
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = names::chosen(aws, planned);
        let tags: HashMap<_, _> = tags::wanted(planned).into_iter().collect();
        let create = wait::retry(aws, BUSY, busy, || async {
            let mut call = aws.logs().create_log_group().log_group_name(&name);
            call = call.set_kms_key_id(planned.text("kms_key_id").map(str::to_string));
            call = call.set_log_group_class(planned.text("log_group_class").map(LogGroupClass::from));
            call = call.set_tags((!tags.is_empty()).then(|| tags.clone()));
            call.send().await.map_err(Error::of("logs:CreateLogGroup", &name))
        });
        match create.await {
            // The answer was lost; a log group that was made just now is the one.
            Err(error) if error.is(ErrorKind::Doubtful) => {
                let found = find(aws, &name).await.ok().flatten();
                let age = found.and_then(|g| g.creation_time()).map(|made| age(aws, made));
                if age.is_none_or(|age| age > BUSY) {
                    return Err(error);
                }
            }
            created => {
                created?;
            }
        }
        let mut named = planned.clone();
        named.set("name", name.as_str());
        named.set("id", name.as_str());
        let finished = async {
            retain(aws, &name, planned.int("retention_in_days").unwrap_or(0), true).await?;
            look_again(aws, &name, planned).await
        };
        finished.await.map_err(|error| error.with_partial(named))
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let name = prior.text("id").or(prior.text("name")).unwrap_or_default();
        if prior.differs(planned, "retention_in_days") {
            retain(aws, name, planned.int("retention_in_days").unwrap_or(0), false).await?;
        }
        if prior.text("kms_key_id") != planned.text("kms_key_id") {
            encrypt(aws, name, planned.text("kms_key_id")).await?;
        }
        let changes = tags::changes(prior, planned);
        let arn = planned.str("arn").unwrap_or_default();
        if !changes.remove.is_empty() {
            let call = aws.logs().untag_resource().resource_arn(arn).set_tag_keys(Some(changes.remove));
            call.send().await.map_err(Error::of("logs:UntagResource", arn))?;
        }
        if !changes.set.is_empty() {
            let call = aws.logs().tag_resource().resource_arn(arn).set_tags(Some(changes.set.into_iter().collect()));
            call.send().await.map_err(Error::of("logs:TagResource", arn))?;
        }
        look_again(aws, name, planned).await
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let name = prior.text("id").or(prior.text("name")).unwrap_or_default();
        if prior.bool("skip_destroy") == Some(true) {
            return Ok(());
        }
        let deleted = wait::retry(aws, BUSY, busy, || async {
            let call = aws.logs().delete_log_group().log_group_name(name);
            call.send().await.map(|_| ()).map_err(Error::of("logs:DeleteLogGroup", name))
        });
        match deleted.await {
            Err(error) if error.is(ErrorKind::NotFound) => Ok(()),
            deleted => deleted,
        }
    }

    fn adjust(&self, _: &Place, config: &Object, _: Option<&Object>, planned: &mut Object) {
        names::hint(config, planned);
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        // Where there are no classes, everything is of the standard one.
        let class = |v: &Value| v.as_str().filter(|s| !s.is_empty()).unwrap_or("STANDARD").to_string();
        a == b || (attribute == "log_group_class" && class(a) == class(b))
    }

    fn predict(&self, place: &Place, planned: &mut Object) {
        names::predict(planned);
        let Some(name) = planned.text("name").map(str::to_string) else { return };
        let arn = arn::regional(place, "logs", &format!("log-group:{name}"));
        for (attribute, value) in [("id", Some(name)), ("arn", arn)] {
            if let (Some(value), false) = (value, planned.get(attribute).is_some_and(Value::is_known)) {
                planned.set(attribute, value);
            }
        }
    }

    fn predicts_by_account(&self) -> bool {
        true
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match name(&id.into()) {
            Ok(()) => Ok(Object::new().with("id", id).with("name", id)),
            Err(why) => {
                Err(format!("A log group is imported by its name, such as /aws/vendedlogs/states/orders. {why}"))
            }
        }
    }
}

fn object(seen: &Object, found: &Found) -> Object {
    let name = found.log_group_name().unwrap_or_default();
    let mut object = settle::complete(&SCHEMA, seen);
    object.set("id", name);
    object.set("name", name);
    object.set("name_prefix", names::prefix_of(name));
    object.set("arn", arn_of(found));
    object.set("kms_key_id", found.kms_key_id().unwrap_or_default());
    object.set("log_group_class", found.log_group_class().map_or("", |c| c.as_str()));
    object.set("retention_in_days", i64::from(found.retention_in_days().unwrap_or(0)));
    if object.get("skip_destroy").is_none_or(Value::is_null) {
        // AWS does not know of it; an import starts without.
        object.set("skip_destroy", false);
    }
    object
}

/// The object after a change. Tags were just set, so they are not asked for: AWS may still answer the old ones.
async fn look_again(aws: &Aws, name: &str, planned: &Object) -> Result<Object> {
    let Some(found) = find(aws, name).await? else {
        let message = format!("The log group {name} is gone although it was just changed.");
        return Err(Error::new(ErrorKind::NotFound, name, message));
    };
    let mut object = settle::as_planned(planned, object(planned, &found));
    tags::fill(aws, planned, &mut object, tags::wanted(planned));
    for name in ["tags", "tags_all"] {
        if let Some(tags) = planned.get(name).filter(|tags| tags.is_known()) {
            object.set(name, tags.clone());
        }
    }
    Ok(object)
}

/// ARN of the group itself, without the `:*` that stands for its streams.
pub(super) fn arn_of(found: &Found) -> &str {
    let arn = found.log_group_arn().or(found.arn()).unwrap_or_default();
    arn.strip_suffix(":*").unwrap_or(arn)
}

/// The log group; `None` if there is none.
pub(super) async fn find(aws: &Aws, name: &str) -> Result<Option<Found>> {
    let mut next = None;
    loop {
        let call = aws.logs().describe_log_groups().log_group_name_prefix(name).set_next_token(next);
        let answer = call.send().await.map_err(Error::of("logs:DescribeLogGroups", name))?;
        let groups = answer.log_groups.unwrap_or_default();
        // In the order of names, so what only starts so comes after it.
        let passed = groups.iter().any(|g| g.log_group_name().is_some_and(|n| n > name));
        if let Some(group) = groups.into_iter().find(|g| g.log_group_name() == Some(name)) {
            return Ok(Some(group));
        }
        next = answer.next_token;
        if next.is_none() || passed {
            return Ok(None);
        }
    }
}

/// All tags; `None` if the ARN is not known.
pub(super) async fn list_tags(aws: &Aws, arn: Option<&str>) -> Result<Option<Vec<(String, String)>>> {
    let Some(arn) = arn else { return Ok(None) };
    let answer = aws.logs().list_tags_for_resource().resource_arn(arn).send().await;
    match answer.map_err(Error::of("logs:ListTagsForResource", arn)) {
        Ok(answer) => Ok(Some(answer.tags.unwrap_or_default().into_iter().collect())),
        Err(error) if error.is(ErrorKind::NotFound) => Ok(Some(Vec::new())),
        Err(error) => Err(error),
    }
}

async fn retain(aws: &Aws, name: &str, days: i64, new: bool) -> Result<()> {
    let Ok(period) = i32::try_from(days) else {
        return Err(Error::new(ErrorKind::Other, name, format!("retention_in_days cannot be {days}.")));
    };
    if days == 0 && new {
        return Ok(());
    }
    wait::retry(aws, BUSY, busy, || async {
        if days == 0 {
            let call = aws.logs().delete_retention_policy().log_group_name(name);
            return call.send().await.map(|_| ()).map_err(Error::of("logs:DeleteRetentionPolicy", name));
        }
        let call = aws.logs().put_retention_policy().log_group_name(name).retention_in_days(period);
        call.send().await.map(|_| ()).map_err(Error::of("logs:PutRetentionPolicy", name))
    })
    .await
}

async fn encrypt(aws: &Aws, name: &str, key: Option<&str>) -> Result<()> {
    wait::retry(aws, BUSY, busy, || async {
        match key {
            Some(key) => {
                let call = aws.logs().associate_kms_key().log_group_name(name).kms_key_id(key);
                call.send().await.map(|_| ()).map_err(Error::of("logs:AssociateKmsKey", name))
            }
            None => {
                let call = aws.logs().disassociate_kms_key().log_group_name(name);
                call.send().await.map(|_| ()).map_err(Error::of("logs:DisassociateKmsKey", name))
            }
        }
    })
    .await
}

/// Errors that pass.
fn busy(error: &Error) -> Option<String> {
    (error.code == "OperationAbortedException").then(|| "is being changed otherwise".to_string())
}

/// How long ago a moment in milliseconds since 1970 is.
fn age(aws: &Aws, moment: i64) -> Duration {
    let now = aws.clock().now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    now.saturating_sub(Duration::from_millis(u64::try_from(moment).unwrap_or(0)))
}

fn class(value: &Value) -> Checked {
    checks::one_of(value, &["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"])
}

fn name(value: &Value) -> Checked {
    match value.as_str() {
        Some(name) if name.starts_with("aws/") => {
            Err(format!("Names that start with \"aws/\" are AWS's own, got \"{name}\". Is \"/{name}\" meant?"))
        }
        _ => checks::name(value, 1, 512, "_-/.#"),
    }
}

fn prefix(value: &Value) -> Checked {
    match value.as_str() {
        Some("") => Ok(()),
        _ => checks::name(value, 1, 512 - names::SUFFIX, "_-/.#"),
    }
}

fn retention(value: &Value) -> Checked {
    let Some(number) = value.as_number() else { return Ok(()) };
    if value.as_i64().is_some_and(|days| RETENTIONS.contains(&days)) {
        return Ok(());
    }
    let list: Vec<String> = RETENTIONS.iter().map(i64::to_string).collect();
    let next = value.as_i64().and_then(|days| RETENTIONS.iter().find(|d| **d > days.max(0)));
    let next = next.map(|d| format!(" The next longer one is {d}.")).unwrap_or_default();
    Err(format!("Expected one of {}, got {number}.{next}", list.join(", ")))
}
