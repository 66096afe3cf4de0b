//! `aws_dynamodb_contributor_insights`: which keys of a table or index are used most, as CloudWatch shows it.

use super::aws_dynamodb_table as table;
use super::permissions::{On, Permissions, Permit};
use super::wait::{self, Look};
use super::{Aws, Error, ErrorKind, Place, Resource, Result, settle};
use crate::schema::{Attribute, Block, Schema, Ty};
use crate::value::Object;
use async_trait::async_trait;
use aws_sdk_dynamodb::operation::describe_contributor_insights::DescribeContributorInsightsOutput;
use aws_sdk_dynamodb::types::{ContributorInsightsAction, ContributorInsightsStatus};
use std::time::Duration;

/// `aws_dynamodb_contributor_insights`
pub struct ContributorInsights;

static SCHEMA: Schema = Schema {
    name: "aws_dynamodb_contributor_insights",
    version: 0,
    doc: "Contributor insights of a table or of one of its global secondary indexes.",
    block: Block {
        attributes: &[
            Attribute::optional_computed("id", Ty::String)
                .doc("name:TABLE/index:INDEX/ACCOUNT; INDEX is empty for the table itself."),
            Attribute::optional("index_name", Ty::String)
                .replaces()
                .doc("Name of the index; the table itself where not given."),
            Attribute::required("table_name", Ty::String).replaces().check(table::check_name).doc("Name of the table."),
        ],
        blocks: &[],
    },
    timeouts: &[("create", 5 * 60), ("delete", 5 * 60)],
};

const SELF: On = On::Arns(&[
    "arn:{partition}:dynamodb:{region}:{account}:table/{table_name}",
    "arn:{partition}:dynamodb:{region}:{account}:table/{table_name}/index/*",
]);
const ROLE: On = On::Arns(&[
    "arn:{partition}:iam::{account}:role/aws-service-role/contributorinsights.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBCloudWatchContributorInsights",
]);
const SWITCH: &[Permit] = &[Permit::new(&["dynamodb:UpdateContributorInsights"], SELF)];

/// What IAM has to allow. The first insights of an account make the service's own role.
static PERMISSIONS: Permissions = Permissions {
    read: &[Permit::new(&["dynamodb:DescribeContributorInsights"], SELF)],
    create: &[
        Permit::new(&["dynamodb:UpdateContributorInsights"], SELF),
        Permit::new(&["iam:CreateServiceLinkedRole"], ROLE).implied(),
    ],
    update: &[],
    delete: SWITCH,
};

#[async_trait]
impl Resource for ContributorInsights {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let (name, index) = split(prior.str("id").unwrap_or_default()).unwrap_or_default();
        let Some(found) = describe(aws, name, index).await? else { return Ok(None) };
        let off = [ContributorInsightsStatus::Disabled, ContributorInsightsStatus::Disabling];
        if found.contributor_insights_status().is_none_or(|status| off.contains(status)) {
            return Ok(None);
        }
        let mut object = settle::complete(&SCHEMA, prior);
        object.set("table_name", found.table_name().map_or(name, table::name_in_arn));
        object.set("index_name", found.index_name().unwrap_or_default());
        Ok(Some(object))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let (name, index) = parts(planned);
        let budget = wait::budget(&SCHEMA, planned, "create");
        switch(aws, name, index, ContributorInsightsAction::Enable, budget).await?;
        let account = aws.place().await?.account;
        let mut object = settle::complete(&SCHEMA, planned);
        object.set("id", id(name, index, &account));
        let on = wait::until(aws, name, budget, || async {
            let found = describe(aws, name, index).await?;
            match found.as_ref().and_then(|f| f.contributor_insights_status()) {
                Some(ContributorInsightsStatus::Enabled) => Ok(Look::Done(())),
                Some(ContributorInsightsStatus::Failed) => {
                    let why =
                        found.as_ref().and_then(|f| f.failure_exception()).and_then(|f| f.exception_description());
                    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                    Err(Error::new(
                        ErrorKind::Other,
                        name,
                        format!("Contributor insights could not be switched on{why}."),
                    ))
                }
                _ => Ok(Look::NotYet("is switching on contributor insights".into())),
            }
        });
        match on.await {
            Ok(()) => Ok(object.with("index_name", index.unwrap_or_default())),
            Err(error) => Err(error.with_partial(object)),
        }
    }

    async fn update(&self, _: &Aws, _: &Object, planned: &Object) -> Result<Object> {
        // Everything but the timeouts replaces it.
        Ok(settle::complete(&SCHEMA, planned))
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let Some((name, index)) = split(prior.str("id").unwrap_or_default()) else { return Ok(()) };
        let budget = wait::budget(&SCHEMA, prior, "delete");
        let off = switch(aws, name, index, ContributorInsightsAction::Disable, budget).await;
        if off.as_ref().is_err_and(|e| e.is(ErrorKind::NotFound)) {
            return Ok(());
        }
        off?;
        wait::until(aws, name, budget, || async {
            let found = describe(aws, name, index).await?;
            Ok(match found.and_then(|f| f.contributor_insights_status) {
                None | Some(ContributorInsightsStatus::Disabled) => Look::Done(()),
                Some(_) => Look::NotYet("is switching off contributor insights".into()),
            })
        })
        .await
    }

    fn predict(&self, place: &Place, planned: &mut Object) {
        let known = planned.get("index_name").is_some_and(|v| v.is_known());
        if let (Some(name), true, false) = (planned.text("table_name"), known, place.account.is_empty()) {
            let id = id(table::name_in_arn(name), planned.text("index_name"), &place.account);
            planned.set("id", id);
        }
    }

    fn predicts_by_account(&self) -> bool {
        true
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match split(id) {
            Some(_) => Ok(Object::new().with("id", id)),
            None => Err(format!(
                "Contributor insights are imported by name:TABLE/index:INDEX/ACCOUNT, such as \
                 \"name:orders/index:/123456789012\" (INDEX is empty for the table itself); got \"{id}\"."
            )),
        }
    }
}

fn parts(object: &Object) -> (&str, Option<&str>) {
    (table::name_in_arn(object.str("table_name").unwrap_or_default()), object.text("index_name"))
}

fn id(name: &str, index: Option<&str>, account: &str) -> String {
    format!("name:{name}/index:{}/{account}", index.unwrap_or_default())
}

/// Table and index of an id.
fn split(id: &str) -> Option<(&str, Option<&str>)> {
    let (name, rest) = id.strip_prefix("name:")?.split_once("/index:")?;
    let (index, account) = rest.split_once('/')?;
    (!name.is_empty() && !account.is_empty()).then_some((name, Some(index).filter(|index| !index.is_empty())))
}

async fn describe(aws: &Aws, name: &str, index: Option<&str>) -> Result<Option<DescribeContributorInsightsOutput>> {
    let call = aws.dynamodb().describe_contributor_insights().table_name(name);
    let answer = call.set_index_name(index.map(str::to_string)).send().await;
    table::there(answer.map(Some).map_err(Error::of("dynamodb:DescribeContributorInsights", name)))
}

async fn switch(
    aws: &Aws,
    name: &str,
    index: Option<&str>,
    action: ContributorInsightsAction,
    budget: Duration,
) -> Result<()> {
    let switched = wait::retry(aws, budget, table::passing, || async {
        let call = aws.dynamodb().update_contributor_insights().table_name(name);
        let call = call.set_index_name(index.map(str::to_string)).contributor_insights_action(action.clone());
        call.send().await.map_err(Error::of("dynamodb:UpdateContributorInsights", name))
    });
    switched.await.map(drop)
}
