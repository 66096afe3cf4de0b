//! `aws_dynamodb_table`: a table with its indexes, stream, encryption, backups, time to live and tags.
//!
//! Refuses to know items.

mod adjust;
mod check;
mod contents;
mod copies;
mod describe;
mod replicas;
mod request;
mod schema;
mod steps;
#[cfg(test)]
mod tests;

use super::permissions::{On, Permissions, Permit};
use super::wait::{self, Look};
use super::{Aws, Contents, Error, ErrorKind, Place, Resource, Result, arn, kms, settle, tags};
use crate::diag::Diagnostic;
use crate::schema::Schema;
use crate::value::{Object, Path, Value};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableInputBuilder;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableInputBuilder;
use aws_sdk_dynamodb::types::{
    IndexStatus, PointInTimeRecoveryDescription, PointInTimeRecoverySpecification, PointInTimeRecoveryStatus,
    SseStatus, TableDescription, TableStatus, Tag, TimeToLiveDescription, TimeToLiveSpecification, TimeToLiveStatus,
};
use describe::Found;
pub(super) use request::built;
use std::time::{Duration, SystemTime};
use steps::Step;

/// How long AWS may answer what was before a change that it has accepted.
const SETTLING: Duration = Duration::from_secs(10);

/// `aws_dynamodb_table`
pub struct Table;

const SELF: On = On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{name}"]);

/// Any table: one to restore from may have gone by now.
const TABLES: On = On::Arns(&["arn:{partition}:dynamodb:*:{account}:table/*"]);
/// The table in every region.
const REPLICAS: On = On::Arns(&["arn:{partition}:dynamodb:*:{account}:table/{name}"]);
const KEYS: On = On::Arns(&["arn:{partition}:kms:*:{account}:key/*"]);
const IMPORTS: On = On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{name}/import/*"]);

/// What AWS does in the caller's name while it copies items: into a restored table, or to a replica.
const ITEMS: &[&str] = &[
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];

/// Where AWS tells which lines of an import it could not read.
const IMPORT_LOG: &[&str] = &[
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
];

/// AWS makes the role that replicates with an account's first replica, in the caller's name.
const REPLICATION_ROLE: Permit = Permit::new(
    &["iam:CreateServiceLinkedRole"],
    On::Arns(&[
        "arn:{partition}:iam::{account}:role/aws-service-role/replication.dynamodb.amazonaws.com/AWSServiceRoleForDynamoDBReplication",
    ]),
)
.when("replica")
.implied();

/// What IAM has to allow. DynamoDB makes grants of a key of one's own in the caller's name.
static PERMISSIONS: Permissions = Permissions {
    read: &[
        Permit::new(
            &[
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:DescribeTable",
                "dynamodb:DescribeTimeToLive",
                "dynamodb:ListTagsOfResource",
            ],
            SELF,
        ),
        // Which key is the default one; without it what the state says stays.
        Permit::new(&["kms:DescribeKey"], KEYS).when("server_side_encryption"),
    ],
    create: &[
        Permit::new(&["dynamodb:CreateTable"], SELF),
        Permit::new(&["dynamodb:RestoreTableToPointInTime"], TABLES).when("restore_source_name"),
        Permit::new(&["dynamodb:RestoreTableToPointInTime"], TABLES).when("restore_source_table_arn"),
        Permit::new(ITEMS, SELF).when("restore_source_name").implied(),
        Permit::new(ITEMS, SELF).when("restore_source_table_arn").implied(),
        Permit::new(&["dynamodb:ImportTable"], SELF).when("import_table"),
        Permit::new(&["dynamodb:DescribeImport"], IMPORTS).when("import_table"),
        Permit::new(&["s3:GetObject", "s3:ListBucket"], On::All).when("import_table").implied(),
        Permit::new(IMPORT_LOG, On::Arns(&["arn:{partition}:logs:{region}:{account}:log-group:/aws-dynamodb/*"]))
            .when("import_table")
            .implied(),
        Permit::new(&["dynamodb:CreateTable", "dynamodb:CreateTableReplica"], REPLICAS).when("replica").implied(),
        REPLICATION_ROLE,
        Permit::new(ITEMS, REPLICAS).when("replica").implied(),
        Permit::new(&["dynamodb:TagResource"], SELF).when("tags_all"),
        Permit::new(&["dynamodb:UpdateContinuousBackups"], SELF).when("point_in_time_recovery"),
        Permit::new(&["dynamodb:UpdateTable"], SELF),
        Permit::new(&["dynamodb:UpdateTimeToLive"], SELF).when("ttl"),
        Permit::new(&["kms:CreateGrant", "kms:DescribeKey"], On::Attribute("server_side_encryption.kms_key_arn"))
            .when("server_side_encryption")
            .implied(),
    ],
    update: &[
        Permit::new(
            &[
                "dynamodb:TagResource",
                "dynamodb:UntagResource",
                "dynamodb:UpdateContinuousBackups",
                "dynamodb:UpdateTable",
                "dynamodb:UpdateTimeToLive",
            ],
            SELF,
        ),
        Permit::new(
            &[
                "dynamodb:CreateTable",
                "dynamodb:CreateTableReplica",
                "dynamodb:DeleteTable",
                "dynamodb:DeleteTableReplica",
            ],
            REPLICAS,
        )
        .when("replica")
        .implied(),
        REPLICATION_ROLE,
        Permit::new(ITEMS, REPLICAS).when("replica").implied(),
        Permit::new(&["kms:CreateGrant", "kms:DescribeKey"], On::Attribute("server_side_encryption.kms_key_arn"))
            .when("server_side_encryption")
            .implied(),
    ],
    delete: &[
        Permit::new(&["dynamodb:DeleteTable"], SELF),
        // Whether it holds items; its protection goes off and its replicas go first.
        Permit::new(&["dynamodb:Scan"], SELF),
        Permit::new(&["dynamodb:UpdateTable"], SELF),
        Permit::new(&["dynamodb:DeleteTable", "dynamodb:DeleteTableReplica"], REPLICAS).when("replica").implied(),
    ],
};

#[async_trait]
impl Resource for Table {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let name = name_of(prior);
        let (found, tags) = tokio::join!(find(aws, name), list_tags(aws, prior));
        let Some(mut found) = found? else { return Ok(None) };
        describe::traces(aws, &found);
        if let Some(key) = found.key()
            && !prior.block("server_side_encryption").is_some_and(|seen| seen.text("kms_key_arn") == Some(key))
        {
            found.default_key = kms::default_key(aws, &aws.place_so_far().region, "dynamodb").await;
        }
        let mut object = describe::object(prior, &found);
        let tags = match tags? {
            Some(tags) => tags,
            // The ARN was not known before (an import).
            None => list_tags(aws, &object).await?.unwrap_or_default(),
        };
        tags::fill(aws, prior, &mut object, tags);
        Ok(Some(object))
    }

    async fn find(&self, aws: &Aws, planned: &Object) -> Result<Option<Object>> {
        let name = name_of(planned);
        match describe_table(aws, name).await? {
            Some(table) if table.table_status() != Some(&TableStatus::Deleting) => {}
            _ => return Ok(None),
        }
        let budget = wait::budget(&schema::SCHEMA, planned, "create");
        ready(aws, name, budget, &UpdateTableInputBuilder::default(), "is being created").await?;
        self.read(aws, planned).await
    }

    async fn made(&self, aws: &Aws, object: &Object) -> Result<Option<SystemTime>> {
        let table = describe_table(aws, name_of(object)).await?;
        Ok(table.and_then(|t| SystemTime::try_from(*t.creation_date_time()?).ok()))
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = planned.str("name").unwrap_or_default();
        let budget = wait::budget(&schema::SCHEMA, planned, "create");
        let (restores, imports) = (copies::restores(planned), copies::imports(planned));
        let mut imported = Ok(());
        if restores {
            copies::restore(aws, name, planned, budget).await?;
        } else if imports {
            imported = copies::import(aws, name, planned, request::creation(planned, Vec::new())?, budget).await;
        } else {
            make(aws, name, request::creation(planned, tags::wanted(planned))?, budget).await?;
        }
        let finished = async {
            imported?;
            let what = if restores { "is being restored" } else { "is being created" };
            ready(aws, name, budget, &UpdateTableInputBuilder::default(), what).await?;
            let steps = match restores || imports {
                true => rest(aws, name, planned).await?,
                false => steps::after_creation(planned)?,
            };
            for step in steps {
                take(aws, name, planned, step, budget).await?;
            }
            look_again(aws, name, planned).await
        };
        match finished.await {
            Ok(object) => Ok(object),
            Err(error) => {
                // An import that fails may leave no table.
                let none = imports && matches!(describe_table(aws, name).await, Ok(None));
                Err(if none { error } else { with_what_is(aws, name, planned, error).await })
            }
        }
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let name = name_of(prior);
        let budget = wait::budget(&schema::SCHEMA, planned, "update");
        let mut changed = false;
        for step in steps::steps(prior, planned)? {
            if let Err(error) = take(aws, name, planned, step, budget).await {
                return Err(if changed { with_what_is(aws, name, prior, error).await } else { error });
            }
            changed = true;
        }
        match look_again(aws, name, planned).await {
            Ok(object) => Ok(object),
            Err(error) => Err(with_what_is(aws, name, prior, error).await),
        }
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let name = name_of(prior);
        let budget = wait::budget(&schema::SCHEMA, prior, "delete");
        for step in replicas::all_going(prior, || UpdateTableInputBuilder::default().table_name(name))? {
            gone(take(aws, name, prior, step, budget).await)?;
        }
        let deleted = wait::retry(aws, budget, passing, || async {
            let call = aws.dynamodb().delete_table().table_name(name);
            call.send().await.map_err(Error::of("dynamodb:DeleteTable", name))
        });
        match deleted.await {
            Err(error) if error.is(ErrorKind::NotFound) => return Ok(()),
            Err(mut error) => {
                if error.says("ValidationException", "rotect") {
                    error.message.push_str(
                        " Set deletion_protection_enabled = false and apply that first, or turn the protection off in AWS.",
                    );
                }
                return Err(error);
            }
            Ok(_) => {}
        }
        wait::until(aws, name, budget, || async {
            Ok(match describe_table(aws, name).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("is being deleted".into()),
            })
        })
        .await
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        check::config(config)
    }

    fn review(&self, config: &Object, prior: Option<&Object>, planned: &Object) -> Vec<(Path, Diagnostic)> {
        check::planned(config, prior, planned)
    }

    fn adjust(&self, _: &Place, config: &Object, prior: Option<&Object>, planned: &mut Object) {
        adjust::adjust(config, prior, planned);
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        match attribute {
            // AWS cannot change the type of a key attribute, and the provider does not try.
            "attribute.type" => true,
            // The provider tells local indexes apart by their names alone: as long as those are the same, nothing is changed.
            "local_secondary_index.non_key_attributes"
            | "local_secondary_index.projection_type"
            | "local_secondary_index.range_key" => true,
            "table_class" => {
                let class = |v: &Value| v.as_str().filter(|s| !s.is_empty()).unwrap_or("STANDARD").to_string();
                class(a) == class(b)
            }
            // 0, as the provider has it, and -1, as AWS does, are both no limit.
            _ if attribute.ends_with("max_read_request_units") || attribute.ends_with("max_write_request_units") => {
                let limit = |v: &Value| v.as_i64().map(|n| n.max(0));
                limit(a) == limit(b)
            }
            _ => a == b,
        }
    }

    fn predict(&self, place: &Place, planned: &mut Object) {
        let Some(name) = planned.str("name").map(str::to_string) else { return };
        let arn = arn::regional(place, "dynamodb", &format!("table/{name}"));
        for (attribute, value) in [("id", Some(name)), ("arn", arn)] {
            if let (Some(value), false) = (value, planned.get(attribute).is_some_and(Value::is_known)) {
                planned.set(attribute, value);
            }
        }
    }

    fn predicts_by_account(&self) -> bool {
        true
    }

    fn holds_data(&self) -> bool {
        true
    }

    async fn contents(&self, aws: &Aws, prior: &Object, known: usize) -> Result<Option<Contents>> {
        contents::of(aws, name_of(prior), known).await
    }

    async fn give_way(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<()> {
        let protected = |object: &Object| object.bool("deletion_protection_enabled") == Some(true);
        if !protected(prior) || protected(planned) {
            return Ok(());
        }
        let name = name_of(prior);
        let input = UpdateTableInputBuilder::default().table_name(name).deletion_protection_enabled(false);
        let budget = wait::budget(&schema::SCHEMA, prior, "update");
        gone(take(aws, name, prior, Step::Table(Box::new(input)), budget).await)
    }

    fn import_id(&self, id: &str) -> std::result::Result<Object, String> {
        match id.is_empty() || id.contains(['/', ':']) {
            true => Err(format!("A table is imported by its name, such as orders; \"{id}\" is none.")),
            false => Ok(Object::new().with("id", id).with("name", id)),
        }
    }
}

fn name_of(object: &Object) -> &str {
    object.text("id").or(object.text("name")).unwrap_or_default()
}

/// Creates the table. If the answer is lost, the table is looked for: it is ours if it was made since, with the keys that were asked for.
async fn make(aws: &Aws, name: &str, input: CreateTableInputBuilder, budget: Duration) -> Result<()> {
    // Clocks differ; a table of this name that is older than this was there before.
    let start = aws.clock().now().checked_sub(Duration::from_secs(60)).unwrap_or(SystemTime::UNIX_EPOCH);
    let keys = input.get_key_schema().clone().unwrap_or_default();
    let mut doubt = false;
    loop {
        let made = wait::retry(aws, budget, passing, || async {
            input.clone().send_with(aws.dynamodb()).await.map_err(Error::of("dynamodb:CreateTable", name))
        });
        let error = match made.await {
            Ok(_) => return Ok(()),
            Err(error) if error.is(ErrorKind::Doubtful) || (doubt && error.is(ErrorKind::AlreadyExists)) => error,
            Err(error) => return Err(error),
        };
        let found = match describe_table(aws, name).await {
            Ok(found) => found,
            Err(_) => return Err(error),
        };
        match found {
            Some(table) => {
                let made = table.creation_date_time().and_then(|t| SystemTime::try_from(*t).ok());
                let ours = made.is_some_and(|made| made >= start) && table.key_schema() == keys;
                return if ours { Ok(()) } else { Err(error) };
            }
            None if doubt => return Err(error),
            None => doubt = true,
        }
    }
}

/// Takes one step and waits for what it brings about.
async fn take(aws: &Aws, name: &str, planned: &Object, step: Step, budget: Duration) -> Result<()> {
    match step {
        Step::Table(input) => {
            let what = steps::what(&input);
            let updated = wait::retry(aws, budget, passing, || async {
                input.clone().send_with(aws.dynamodb()).await.map_err(Error::of("dynamodb:UpdateTable", name))
            });
            updated.await?;
            ready(aws, name, budget, &input, &what).await
        }
        Step::TimeToLive { attribute, enabled } => time_to_live(aws, name, &attribute, enabled, budget).await,
        Step::Backups { enabled, days } => backups(aws, name, enabled, days, budget).await,
        Step::ReplicaBackups { region, enabled } => replicas::backups(aws, name, &region, enabled, budget).await,
        Step::ReplicaTags { region, changes } => {
            replicas::tag(aws, planned.str("arn").unwrap_or_default(), &region, changes).await
        }
        Step::Tags(changes) => {
            let arn = planned.str("arn").unwrap_or_default();
            if !changes.remove.is_empty() {
                let call = aws.dynamodb().untag_resource().resource_arn(arn).set_tag_keys(Some(changes.remove));
                call.send().await.map_err(Error::of("dynamodb:UntagResource", arn))?;
            }
            if !changes.set.is_empty() {
                let mut call = aws.dynamodb().tag_resource().resource_arn(arn);
                for (key, value) in changes.set {
                    call = call.tags(request::built(Tag::builder().key(key).value(value).build())?);
                }
                call.send().await.map_err(Error::of("dynamodb:TagResource", arn))?;
            }
            Ok(())
        }
    }
}

/// Waits until table, indexes and encryption are at rest and `input` shows in what AWS answers.
async fn ready(aws: &Aws, name: &str, budget: Duration, input: &UpdateTableInputBuilder, what: &str) -> Result<()> {
    let start = aws.clock().passed();
    wait::until(aws, name, budget, || async {
        let Some(table) = describe_table(aws, name).await? else {
            // A table is not there at once.
            return Ok(Look::NotYet(what.to_string()));
        };
        if let Some(trouble) = inaccessible(&table).or_else(|| replicas::trouble(&table)) {
            return Err(Error::new(ErrorKind::Other, name, trouble));
        }
        if let Some(going_on) = going_on(&table, what) {
            return Ok(Look::NotYet(going_on));
        }
        let late = aws.clock().passed().saturating_sub(start) >= SETTLING;
        Ok(if late || steps::shows(input, &table) { Look::Done(()) } else { Look::NotYet(what.to_string()) })
    })
    .await
}

/// What is still going on with a table: the rest of a sentence about it.
fn going_on(table: &TableDescription, what: &str) -> Option<String> {
    for index in table.global_secondary_indexes() {
        let name = index.index_name().unwrap_or_default();
        match index.index_status() {
            Some(IndexStatus::Creating) if index.backfilling() == Some(true) => {
                return Some(format!("is backfilling index {name}"));
            }
            Some(IndexStatus::Creating) => return Some(format!("is making index {name}")),
            Some(IndexStatus::Deleting) => return Some(format!("is deleting index {name}")),
            Some(IndexStatus::Updating) => return Some(format!("is updating index {name}")),
            _ => {}
        }
    }
    if let Some(going_on) = replicas::going_on(table) {
        return Some(going_on);
    }
    let busy = matches!(table.table_status(), Some(TableStatus::Creating | TableStatus::Updating));
    let encrypting = matches!(
        table.sse_description().and_then(|s| s.status()),
        Some(SseStatus::Enabling | SseStatus::Disabling | SseStatus::Updating)
    );
    (busy || encrypting).then(|| what.to_string())
}

/// A table that will not come to rest by itself.
fn inaccessible(table: &TableDescription) -> Option<String> {
    match table.table_status() {
        Some(TableStatus::InaccessibleEncryptionCredentials) => {
            Some("The table cannot be used: DynamoDB has no access to the key that encrypts it.".into())
        }
        Some(TableStatus::Deleting) => Some("The table is being deleted.".into()),
        Some(TableStatus::Archiving | TableStatus::Archived) => {
            Some("The table is archived because the key that encrypts it was not accessible.".into())
        }
        _ => None,
    }
}

async fn time_to_live(aws: &Aws, name: &str, attribute: &str, enabled: bool, budget: Duration) -> Result<()> {
    let specification = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(enabled).build();
    let specification = request::built(specification)?;
    let updated = wait::retry(aws, budget, passing, || async {
        let call = aws.dynamodb().update_time_to_live().table_name(name);
        let call = call.time_to_live_specification(specification.clone());
        call.send().await.map_err(Error::of("dynamodb:UpdateTimeToLive", name))
    });
    if let Err(mut error) = updated.await {
        if error.says("ValidationException", "multiple times within a fixed interval") {
            error.message.push_str(" AWS lets time to live change once an hour; apply again later.");
        }
        return Err(error);
    }
    wait::until(aws, name, budget, || async {
        let found = describe_ttl(aws, name).await?;
        let status = found.as_ref().and_then(|t| t.time_to_live_status());
        // An endpoint that cannot tell is taken at its word.
        let done = status.is_none_or(|status| match enabled {
            true => *status == TimeToLiveStatus::Enabled,
            false => *status == TimeToLiveStatus::Disabled,
        });
        Ok(if done { Look::Done(()) } else { Look::NotYet("is changing time to live".into()) })
    })
    .await
}

async fn backups(aws: &Aws, name: &str, enabled: bool, days: Option<i32>, budget: Duration) -> Result<()> {
    let specification = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(enabled)
        .set_recovery_period_in_days(days)
        .build();
    let specification = request::built(specification)?;
    let enabling = |error: &Error| {
        let soon = error.code == "ContinuousBackupsUnavailableException";
        if soon { Some("is enabling continuous backups".to_string()) } else { passing(error) }
    };
    let updated = wait::retry(aws, budget, enabling, || async {
        let call = aws.dynamodb().update_continuous_backups().table_name(name);
        let call = call.point_in_time_recovery_specification(specification.clone());
        call.send().await.map_err(Error::of("dynamodb:UpdateContinuousBackups", name))
    });
    updated.await?;
    wait::until(aws, name, budget, || async {
        let found = describe_backups(aws, name).await?;
        let status = found.as_ref().and_then(|b| b.point_in_time_recovery_status());
        let done = status.is_none_or(|status| match enabled {
            true => *status == PointInTimeRecoveryStatus::Enabled,
            false => *status == PointInTimeRecoveryStatus::Disabled,
        });
        Ok(if done { Look::Done(()) } else { Look::NotYet("is changing continuous backups".into()) })
    })
    .await
}

/// Errors that pass: the table is busy, or too many tables are.
pub(super) fn passing(error: &Error) -> Option<String> {
    match error.code.as_str() {
        "ResourceInUseException" if !error.is(ErrorKind::AlreadyExists) => Some("is being changed otherwise".into()),
        "LimitExceededException" if error.message.contains("simultaneously") => {
            Some("waits for changes of other tables".into())
        }
        _ => None,
    }
}

/// Everything but the tags; `None` if the table is gone.
async fn find(aws: &Aws, name: &str) -> Result<Option<Found>> {
    let (table, backups, ttl) =
        tokio::join!(describe_table(aws, name), describe_backups(aws, name), describe_ttl(aws, name));
    let Some(table) = table? else { return Ok(None) };
    if table.table_status() == Some(&TableStatus::Deleting) {
        return Ok(None);
    }
    let replicas = replicas::look(aws, name, &table).await?;
    Ok(Some(Found { table, backups: backups?, ttl: ttl?, replicas, default_key: None }))
}

/// The table; `None` if there is none.
pub(super) async fn describe_table(aws: &Aws, name: &str) -> Result<Option<TableDescription>> {
    describe_table_by(aws.dynamodb(), name).await
}

async fn describe_table_by(client: &Client, name: &str) -> Result<Option<TableDescription>> {
    let answer = client.describe_table().table_name(name).send().await;
    there(answer.map(|a| a.table).map_err(Error::of("dynamodb:DescribeTable", name)))
}

async fn describe_ttl(aws: &Aws, name: &str) -> Result<Option<TimeToLiveDescription>> {
    let answer = aws.dynamodb().describe_time_to_live().table_name(name).send().await;
    there(answer.map(|a| a.time_to_live_description).map_err(Error::of("dynamodb:DescribeTimeToLive", name)))
}

async fn describe_backups(aws: &Aws, name: &str) -> Result<Option<PointInTimeRecoveryDescription>> {
    describe_backups_by(aws.dynamodb(), name).await
}

async fn describe_backups_by(client: &Client, name: &str) -> Result<Option<PointInTimeRecoveryDescription>> {
    let answer = client.describe_continuous_backups().table_name(name).send().await;
    let backups = answer
        .map(|a| a.continuous_backups_description.and_then(|c| c.point_in_time_recovery_description))
        .map_err(Error::of("dynamodb:DescribeContinuousBackups", name));
    there(backups)
}

/// All tags of the table with the ARN of `object`; `None` if it is not known.
async fn list_tags(aws: &Aws, object: &Object) -> Result<Option<Vec<(String, String)>>> {
    let Some(arn) = object.text("arn") else { return Ok(None) };
    tags_of(aws, arn).await.map(Some)
}

/// All tags of a table. One that is gone has none; that it is gone, its description tells.
pub(super) async fn tags_of(aws: &Aws, arn: &str) -> Result<Vec<(String, String)>> {
    let mut tags = Vec::new();
    let mut next = None;
    loop {
        let call = aws.dynamodb().list_tags_of_resource().resource_arn(arn).set_next_token(next);
        let answer = call.send().await.map(Some).map_err(Error::of("dynamodb:ListTagsOfResource", arn));
        let Some(answer) = there(answer)? else { return Ok(tags) };
        tags.extend(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
        next = answer.next_token;
        if next.is_none() {
            return Ok(tags);
        }
    }
}

/// Whether something was deleted: what was gone before is no error.
pub(super) fn gone(answer: Result<()>) -> Result<()> {
    match answer {
        Err(error) if error.is(ErrorKind::NotFound) => Ok(()),
        answer => answer,
    }
}

/// The name in a table's ARN; a name as it is.
pub(super) fn name_in_arn(name: &str) -> &str {
    arn::Arn::parse(name).and_then(|arn| arn.resource.strip_prefix("table/")).unwrap_or(name)
}

/// Judges a table's name where its ARN will do, too.
pub(super) fn check_name(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some("") => Err("Expected the name of a table, got \"\".".into()),
        Some(name) if name_in_arn(name) != name => Ok(()),
        _ => super::checks::name(value, 1, 1024, "_.-"),
    }
}

/// What is not there, or what the endpoint does not know of, is `None`.
pub(super) fn there<T>(answer: Result<Option<T>>) -> Result<Option<T>> {
    match answer {
        Err(error) if error.is(ErrorKind::NotFound) || error.code == "UnknownOperationException" => Ok(None),
        answer => answer,
    }
}

/// What a table that was restored or imported still lacks of what was planned.
async fn rest(aws: &Aws, name: &str, planned: &Object) -> Result<Vec<Step>> {
    let Some(found) = find(aws, name).await? else {
        let message = format!("The table {name} is gone although it was just made.");
        return Err(Error::new(ErrorKind::NotFound, name, message));
    };
    let mut seen = describe::object(&Object::new().with("id", name), &found);
    let none = tags::all_value(&[]);
    seen.set("tags", none.clone());
    seen.set("tags_all", none);
    steps::steps(&seen, &copies::filled(planned, &seen))
}

/// The object after a change. Tags were just set, so they are not asked for: AWS may still answer the old ones.
async fn look_again(aws: &Aws, name: &str, planned: &Object) -> Result<Object> {
    let Some(found) = find(aws, name).await? else {
        let message = format!("The table {name} is gone although it was just changed.");
        return Err(Error::new(ErrorKind::NotFound, name, message));
    };
    let mut object = settle::as_planned(planned, describe::object(planned, &found));
    tags::fill(aws, planned, &mut object, tags::wanted(planned));
    for name in ["tags", "tags_all"] {
        if let Some(tags) = planned.get(name).filter(|tags| tags.is_known()) {
            object.set(name, tags.clone());
        }
    }
    // AWS forgets the attribute of a time to live that is off.
    let off = |object: &Object| object.block("ttl").is_some_and(|b| b.bool("enabled") == Some(false));
    if off(planned)
        && off(&object)
        && let Some(ttl) = planned.get("ttl")
    {
        object.set("ttl", ttl.clone());
    }
    Ok(object)
}

/// The error with the object as it is now, for it exists although the operation failed.
async fn with_what_is(aws: &Aws, name: &str, seen: &Object, error: Error) -> Error {
    let found = match find(aws, name).await {
        Ok(Some(found)) => Some(describe::object(seen, &found)),
        // Whatever is the matter, the table may be there.
        Ok(None) if error.is(ErrorKind::NotFound) => None,
        _ => Some(seen.clone()),
    };
    match found {
        Some(mut object) => {
            object.set("id", name);
            error.with_partial(object)
        }
        None => error,
    }
}
