//! `aws_sfn_activity`: a Step Functions activity, a task that workers outside AWS ask for.

use super::permissions::{On, Permissions, Permit};
use super::{Aws, Error, Place, Resource, Result, arn, date, iam, settle, sfn, tags};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::{Object, Path, Value};
use async_trait::async_trait;
use aws_sdk_sfn::operation::describe_activity::DescribeActivityOutput;

/// `aws_sfn_activity`
pub struct Activity;

static SCHEMA: Schema = Schema {
    name: "aws_sfn_activity",
    version: 0,
    doc: "A Step Functions activity: work that is done by workers outside AWS.",
    block: Block {
        attributes: &[
            Attribute::computed("creation_date", Ty::String).doc("When the activity was created."),
            Attribute::computed("id", Ty::String).doc("The activity's ARN."),
            Attribute::required("name", Ty::String).replaces().check(name).doc("The activity's name."),
            Attribute::optional("tags", Ty::Map(&Ty::String)).doc("The activity's tags."),
            Attribute::optional_computed("tags_all", Ty::Map(&Ty::String))
                .doc("The activity's tags together with the provider's default tags."),
        ],
        blocks: &[sfn::ENCRYPTION],
    },
    timeouts: &[],
};

const SELF: On = On::Arns(&["arn:{partition}:states:{region}:{account}:activity:{name}"]);

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["states:DescribeActivity", "states:ListTagsForResource"], SELF)],
    create: &[
        Permit::new(&["states:CreateActivity"], SELF),
        Permit::new(&["states:TagResource"], SELF).when("tags_all"),
    ],
    update: &[Permit::new(&["states:TagResource", "states:UntagResource"], SELF)],
    delete: &[Permit::new(&["states:DeleteActivity"], SELF)],
};

#[async_trait]
impl Resource for Activity {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let arn = prior.str("id").unwrap_or_default();
        let (activity, found) = tokio::join!(describe(aws, arn), sfn::tags(aws, arn));
        let Some(activity) = activity? else { return Ok(None) };
        let mut object = described(prior, &activity);
        tags::fill(aws, prior, &mut object, found?);
        Ok(Some(object))
    }

    async fn find(&self, aws: &Aws, planned: &Object) -> Result<Option<Object>> {
        if planned.text("id").is_some() {
            return self.read(aws, planned).await;
        }
        // Where the account is not known, nor is the ARN.
        let name = planned.str("name").unwrap_or_default();
        let mut pages = aws.sfn().list_activities().into_paginator().items().send();
        while let Some(activity) = pages.next().await {
            let activity = activity.map_err(Error::of("states:ListActivities", name))?;
            if activity.name() == name {
                return self.read(aws, &planned.clone().with("id", activity.activity_arn())).await;
            }
        }
        Ok(None)
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = planned.str("name").unwrap_or_default();
        let call = aws
            .sfn()
            .create_activity()
            .name(name)
            .set_tags(sfn::tag_list(&tags::wanted(planned)))
            .set_encryption_configuration(sfn::encryption(planned)?);
        let answer = call.send().await.map_err(Error::of("states:CreateActivity", name))?;
        let arn = answer.activity_arn();
        let mut known = settle::complete(&SCHEMA, planned).with("id", arn);
        known.set("creation_date", date::rfc3339(answer.creation_date()));
        if known.get("tags_all").is_none_or(|v| !v.is_known()) {
            known.set("tags_all", tags::all_value(&tags::wanted(planned)));
        }
        // AWS chooses the encryption where nothing is said of it.
        match describe(aws, arn).await.map_err(|e| e.with_partial(known.clone()))? {
            Some(activity) => Ok(settle::as_planned(&known, described(&known, &activity))),
            None => Ok(known.with("encryption_configuration", sfn::encryption_value(None))),
        }
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let arn = prior.str("id").unwrap_or_default();
        sfn::change_tags(aws, arn, &tags::changes(prior, planned)).await?;
        Ok(settle::complete(&SCHEMA, planned))
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let arn = prior.str("id").unwrap_or_default();
        let call = aws.sfn().delete_activity().activity_arn(arn).send().await.map(|_| ());
        iam::or_gone(call.map_err(Error::of("states:DeleteActivity", arn)))
    }

    fn adjust(&self, _place: &Place, _config: &Object, prior: Option<&Object>, planned: &mut Object) {
        sfn::complete_encryption(prior, planned);
    }

    /// AWS has no call that would change the encryption.
    fn replaces(&self, prior: &Object, planned: &Object) -> Vec<Path> {
        match prior.differs(planned, "encryption_configuration") {
            true => vec![Path::attr("encryption_configuration")],
            false => Vec::new(),
        }
    }

    fn predict(&self, place: &Place, planned: &mut Object) {
        if let Some(name) = planned.text("name")
            && let Some(arn) = arn::regional(place, "states", &format!("activity:{name}"))
        {
            planned.set("id", arn);
        }
    }

    fn predicts_by_account(&self) -> bool {
        true
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        arn::import(
            id,
            "states",
            |r| r.starts_with("activity:"),
            "An activity",
            "arn:aws:states:eu-central-1:123456789012:activity:name",
        )
    }
}

/// The activity; `None` if there is none.
pub(super) async fn describe(aws: &Aws, arn: &str) -> Result<Option<DescribeActivityOutput>> {
    let call = aws.sfn().describe_activity().activity_arn(arn).send().await;
    Error::found(call.map_err(Error::of("states:DescribeActivity", arn)))
}

fn described(seen: &Object, activity: &DescribeActivityOutput) -> Object {
    let mut object = settle::complete(&SCHEMA, seen);
    object.set("creation_date", date::rfc3339(activity.creation_date()));
    object.set("encryption_configuration", sfn::encryption_value(activity.encryption_configuration()));
    object.set("id", activity.activity_arn());
    object.set("name", activity.name());
    object
}

fn name(value: &Value) -> std::result::Result<(), String> {
    sfn::check_name(value)
}
