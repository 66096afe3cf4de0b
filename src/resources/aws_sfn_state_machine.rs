//! `aws_sfn_state_machine`: a Step Functions state machine, its definition compared as what it means.

use super::permissions::{On, Permissions, Permit};
use super::wait::{self, Look};
use super::{Aws, Error, ErrorKind, Place, Resource, Result, arn, date, definition, iam, names, settle, sfn, tags};
use crate::diag::Diagnostic;
use crate::schema::{Attribute, Block, Const, NestedBlock, Schema, Ty};
use crate::value::{Object, Path, PathStep, Type, Value};
use async_trait::async_trait;
use aws_sdk_sfn::operation::describe_state_machine::DescribeStateMachineOutput;
use aws_sdk_sfn::types::{
    CloudWatchLogsLogGroup, ExecutionStatus, LogDestination, LoggingConfiguration, StateMachineStatus,
    TracingConfiguration,
};

/// `aws_sfn_state_machine`
pub struct StateMachine;

const LOGGING: NestedBlock = NestedBlock::list(
    "logging_configuration",
    Block {
        attributes: &[
            Attribute::optional("include_execution_data", Ty::Bool)
                .doc("Whether the log has the input and output of states, too."),
            Attribute::optional("level", Ty::String)
                .check(level)
                .doc("What is logged: `ALL`, `ERROR`, `FATAL` or `OFF`."),
            Attribute::optional("log_destination", Ty::String)
                .check(log_destination)
                .doc("ARN of the CloudWatch log group, with `:*` at its end."),
        ],
        blocks: &[],
    },
)
.items(0, 1)
.computed()
.doc(
    "What of executions is logged, and where. Without the block, what AWS has stays; level `OFF` switches logging off.",
);

const TRACING: NestedBlock = NestedBlock::list(
    "tracing_configuration",
    Block {
        attributes: &[Attribute::optional("enabled", Ty::Bool).doc("Whether executions are traced with X-Ray.")],
        blocks: &[],
    },
)
.items(0, 1)
.computed()
.doc("Tracing with X-Ray. Without the block, what AWS has stays.");

static SCHEMA: Schema = Schema {
    name: "aws_sfn_state_machine",
    version: 0,
    doc: "A Step Functions state machine.",
    block: Block {
        attributes: &[
            Attribute::computed("arn", Ty::String).doc("The machine's ARN."),
            Attribute::computed("creation_date", Ty::String).doc("When the machine was created."),
            Attribute::required("definition", Ty::String)
                .doc("The definition in the Amazon States Language. White space and the order of keys do not matter."),
            Attribute::computed("description", Ty::String).doc("The description that AWS has."),
            Attribute::computed("id", Ty::String).doc("The machine's ARN."),
            Attribute::optional_computed("name", Ty::String)
                .replaces()
                .conflicts(&["name_prefix"])
                .check(sfn::check_name)
                .doc("The machine's name; one is generated where it is left out."),
            Attribute::optional_computed("name_prefix", Ty::String)
                .replaces()
                .conflicts(&["name"])
                .check(name_prefix)
                .doc("What a generated name starts with."),
            Attribute::optional("publish", Ty::Bool)
                .default(Const::Bool(false))
                .doc("Whether creating the machine and every change of it publishes a version."),
            Attribute::computed("revision_id", Ty::String)
                .doc("The id of the latest change; empty before the first one."),
            Attribute::required("role_arn", Ty::String)
                .check(iam::check_arn)
                .doc("ARN of the role that executions act as."),
            Attribute::computed("state_machine_version_arn", Ty::String).doc("ARN of the latest published version."),
            Attribute::computed("status", Ty::String).doc("`ACTIVE` or `DELETING`."),
            Attribute::optional("tags", Ty::Map(&Ty::String)).doc("The machine's tags."),
            Attribute::optional_computed("tags_all", Ty::Map(&Ty::String))
                .doc("The machine's tags together with the provider's default tags."),
            Attribute::optional("type", Ty::String)
                .replaces()
                .default(Const::Str("STANDARD"))
                .check(machine_type)
                .doc("`STANDARD`, for executions of up to a year, or `EXPRESS`, for many of up to five minutes."),
            Attribute::computed("version_description", Ty::String).doc("Always null."),
        ],
        blocks: &[sfn::ENCRYPTION, LOGGING, TRACING],
    },
    timeouts: &[("create", 5 * 60), ("update", 60), ("delete", 5 * 60)],
};

/// What is part of the machine itself, so that changing it makes another revision.
const REVISED_BY: &[&str] =
    &["definition", "role_arn", "encryption_configuration", "logging_configuration", "tracing_configuration"];

const SELF: On = On::Arns(&["arn:{partition}:states:{region}:{account}:stateMachine:{name}"]);
const PASS: Permit = Permit::pass_role("role_arn", "states.amazonaws.com");

/// What IAM has to allow.
static PERMISSIONS: Permissions = Permissions {
    read: &[
        Permit::new(
            &["states:DescribeStateMachine", "states:ListStateMachineVersions", "states:ListTagsForResource"],
            SELF,
        ),
        // How many run on a machine that changes or goes.
        Permit::new(&["states:ListExecutions"], SELF),
    ],
    create: &[
        Permit::new(&["states:CreateStateMachine"], SELF),
        Permit::new(&["states:TagResource"], SELF).when("tags_all"),
        Permit::new(&["states:PublishStateMachineVersion"], SELF).when("publish").implied(),
        PASS,
    ],
    update: &[
        Permit::new(&["states:TagResource", "states:UntagResource", "states:UpdateStateMachine"], SELF),
        Permit::new(&["states:PublishStateMachineVersion"], SELF).when("publish").implied(),
        PASS,
    ],
    delete: &[Permit::new(&["states:DeleteStateMachine"], SELF)],
};

/// More executions than AWS lists at once are not counted.
const AT_ONCE: i32 = 1000;

#[async_trait]
impl Resource for StateMachine {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn permissions(&self) -> &'static Permissions {
        &PERMISSIONS
    }

    async fn read(&self, aws: &Aws, prior: &Object) -> Result<Option<Object>> {
        let arn = prior.str("id").unwrap_or_default();
        let unpublished = prior.bool("publish") == Some(false) && prior.str("state_machine_version_arn") == Some("");
        let spared = unpublished && aws.spares("state_machine_version_arn");
        let version = async { if spared { Ok(None) } else { latest_version(aws, arn).await } };
        let (machine, version, found) = tokio::join!(describe(aws, arn), version, sfn::tags(aws, arn));
        let Some(machine) = machine? else { return Ok(None) };
        let (version, found) = (version?, found?);
        // One that is being deleted is gone for every purpose; a new one of its name has to wait.
        if machine.status() == Some(&StateMachineStatus::Deleting) {
            return Ok(None);
        }
        aws.trace(SCHEMA.name, arn, "made", Some(machine.creation_date()));
        let mut object = described(prior, &machine);
        object.set("state_machine_version_arn", version.unwrap_or_default());
        tags::fill(aws, prior, &mut object, found);
        Ok(Some(object))
    }

    fn executes(&self) -> bool {
        true
    }

    async fn running(&self, aws: &Aws, prior: &Object) -> Result<Option<(u64, bool)>> {
        // Executions of Express workflows are not listed.
        if prior.str("type") == Some("EXPRESS") {
            return Ok(None);
        }
        let arn = prior.str("id").unwrap_or_default();
        let call = aws.sfn().list_executions().state_machine_arn(arn).status_filter(ExecutionStatus::Running);
        let page = call.max_results(AT_ONCE).send().await.map_err(Error::of("states:ListExecutions", arn))?;
        let count = u64::try_from(page.executions().len()).unwrap_or(u64::MAX);
        Ok(Some((count, page.next_token().is_some())))
    }

    async fn find(&self, aws: &Aws, planned: &Object) -> Result<Option<Object>> {
        if planned.text("id").is_some() {
            return self.read(aws, planned).await;
        }
        // Where the account is not known, nor is the ARN.
        let name = planned.str("name").unwrap_or_default();
        let mut pages = aws.sfn().list_state_machines().into_paginator().items().send();
        while let Some(machine) = pages.next().await {
            let machine = machine.map_err(Error::of("states:ListStateMachines", name))?;
            if machine.name() == name {
                return self.read(aws, &planned.clone().with("id", machine.state_machine_arn())).await;
            }
        }
        Ok(None)
    }

    async fn create(&self, aws: &Aws, planned: &Object) -> Result<Object> {
        let name = names::chosen(aws, planned);
        let encryption = sfn::encryption(planned)?;
        // Whoever asks for more patience gets it; IAM itself needs less than the default.
        let asked = planned.get("timeouts").is_some_and(|t| t.get("create").is_some_and(|c| c.as_str().is_some()));
        let budget = if asked { wait::budget(&SCHEMA, planned, "create") } else { iam::PROPAGATION };
        let answer = wait::retry(aws, budget, sfn::passing, || async {
            let call = aws
                .sfn()
                .create_state_machine()
                .name(&name)
                .definition(planned.str("definition").unwrap_or_default())
                .role_arn(planned.str("role_arn").unwrap_or_default())
                .r#type(planned.text("type").unwrap_or("STANDARD").into())
                .publish(planned.bool("publish").unwrap_or_default())
                .set_tags(sfn::tag_list(&tags::wanted(planned)))
                .set_encryption_configuration(encryption.clone())
                .set_logging_configuration(logging(planned))
                .set_tracing_configuration(tracing(planned));
            call.send().await.map_err(Error::of("states:CreateStateMachine", &name))
        });
        let answer = answer.await?;
        let arn = answer.state_machine_arn();
        let version = answer.state_machine_version_arn().unwrap_or_default();
        let mut known = settle::complete(&SCHEMA, planned).with("arn", arn).with("id", arn).with("name", name.as_str());
        known.set("state_machine_version_arn", version);
        if known.get("tags_all").is_none_or(|v| !v.is_known()) {
            known.set("tags_all", tags::all_value(&tags::wanted(planned)));
        }
        let seen = wait::until(aws, &name, iam::PROPAGATION, || async {
            Ok(describe(aws, arn).await?.map_or(Look::NotYet("is not seen yet".into()), Look::Done))
        });
        let machine = seen.await.map_err(|e| e.with_partial(known.clone()))?;
        Ok(settle::as_planned(&known, described(&known, &machine)))
    }

    async fn update(&self, aws: &Aws, prior: &Object, planned: &Object) -> Result<Object> {
        let arn = prior.str("id").unwrap_or_default();
        let publish = planned.bool("publish") == Some(true);
        let changed = |attribute: &str| prior.differs(planned, attribute);
        let mut object = settle::complete(&SCHEMA, planned);
        for name in ["revision_id", "state_machine_version_arn"] {
            if let (Some(false), Some(old)) = (object.get(name).map(Value::is_known), prior.get(name)) {
                object.set(name, old.clone());
            }
        }
        if REVISED_BY.iter().any(|a| changed(a)) || (publish && changed("publish")) {
            let encryption = if changed("encryption_configuration") { sfn::encryption(planned)? } else { None };
            let budget = wait::budget(&SCHEMA, planned, "update");
            let answer = wait::retry(aws, budget.max(iam::PROPAGATION), sfn::passing, || async {
                let call = aws
                    .sfn()
                    .update_state_machine()
                    .state_machine_arn(arn)
                    .definition(planned.str("definition").unwrap_or_default())
                    .role_arn(planned.str("role_arn").unwrap_or_default())
                    .publish(publish)
                    .set_encryption_configuration(encryption.clone())
                    .set_logging_configuration(if changed("logging_configuration") { logging(planned) } else { None })
                    .set_tracing_configuration(if changed("tracing_configuration") { tracing(planned) } else { None });
                call.send().await.map_err(Error::of("states:UpdateStateMachine", arn))
            });
            let answer = answer.await?;
            let seen = wait::until(aws, arn, budget, || async {
                let Some(machine) = describe(aws, arn).await? else {
                    return Err(Error::new(
                        ErrorKind::NotFound,
                        arn,
                        "The state machine was deleted while it was updated.",
                    ));
                };
                Ok(match updated(planned, answer.revision_id(), &machine) {
                    true => Look::Done(machine),
                    false => Look::NotYet("still has its old revision".into()),
                })
            });
            let machine = seen.await.map_err(|e| e.with_partial(prior.clone()))?;
            object = settle::as_planned(&object, described(&object, &machine));
            if let Some(version) = answer.state_machine_version_arn() {
                object.set("state_machine_version_arn", version);
            }
        }
        let mut done = object.clone();
        for name in ["tags", "tags_all"] {
            if let Some(old) = prior.get(name) {
                done.set(name, old.clone());
            }
        }
        sfn::change_tags(aws, arn, &tags::changes(prior, planned)).await.map_err(|e| e.with_partial(done))?;
        Ok(object)
    }

    async fn delete(&self, aws: &Aws, prior: &Object) -> Result<()> {
        let arn = prior.str("id").unwrap_or_default();
        let call = aws.sfn().delete_state_machine().state_machine_arn(arn).send().await.map(|_| ());
        iam::or_gone(call.map_err(Error::of("states:DeleteStateMachine", arn)))?;
        wait::until(aws, arn, wait::budget(&SCHEMA, prior, "delete"), || async {
            Ok(match describe(aws, arn).await? {
                None => Look::Done(()),
                Some(_) => Look::NotYet("is DELETING: running executions end first".into()),
            })
        })
        .await
    }

    fn spared(&self) -> &'static [(&'static str, &'static [&'static str])] {
        &[("state_machine_version_arn", &["aws_sfn_alias"])]
    }

    fn check(&self, config: &Object) -> Vec<(Path, Diagnostic)> {
        let mut found = Vec::new();
        for fault in config.str("definition").map(definition::faults).unwrap_or_default() {
            found.push((Path::attr("definition"), Diagnostic::error("Invalid state machine definition", fault)));
        }
        if let Some(block) = config.block("logging_configuration")
            && block.str("level").is_some_and(|level| level != "OFF")
            && block.get("log_destination").is_none_or(Value::is_null)
        {
            let path = Path::attr("logging_configuration").then(PathStep::Index(0));
            let detail = "With a level other than OFF, log_destination is needed: the ARN of a log group, with \":*\" at its end.";
            found.push((path, Diagnostic::error("Missing log destination", detail)));
        }
        found
    }

    fn adjust(&self, place: &Place, config: &Object, prior: Option<&Object>, planned: &mut Object) {
        let _ = place;
        sfn::complete_encryption(prior, planned);
        sfn::complete(planned, LOGGING.name, |block| {
            sfn::default(block, "include_execution_data", false);
            sfn::default(block, "level", "OFF");
            sfn::default(block, "log_destination", "");
        });
        let Some(prior) = prior else { return names::hint(config, planned) };
        let changed = |name: &str| match (prior.get(name), planned.get(name)) {
            (Some(a), Some(b)) => a != b && !self.same(name, a, b),
            _ => false,
        };
        let publish = planned.bool("publish") != Some(false);
        let revised = REVISED_BY.iter().any(|name| changed(name)) || (publish && changed("publish"));
        let any = revised || changed("tags") || changed("tags_all");
        if revised {
            planned.set("revision_id", Value::unknown(Type::String));
        }
        // A change of tags alone publishes nothing, but Terraform says that it may.
        if publish && any {
            planned.set("state_machine_version_arn", Value::unknown(Type::String));
        }
    }

    fn same(&self, attribute: &str, a: &Value, b: &Value) -> bool {
        match (attribute, a.as_str(), b.as_str()) {
            ("definition", Some(a), Some(b)) => definition::same(a, b),
            _ => a == b,
        }
    }

    fn as_written(&self) -> &'static [&'static str] {
        &["definition"]
    }

    fn predict(&self, place: &Place, planned: &mut Object) {
        names::predict(planned);
        planned.set("version_description", Value::null(Type::String));
        if let Some(name) = planned.text("name")
            && let Some(arn) = arn::regional(place, "states", &format!("stateMachine:{name}"))
        {
            planned.set("arn", arn.as_str());
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
            |r| r.starts_with("stateMachine:"),
            "A state machine",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:name",
        )
    }
}

/// The machine; `None` if there is none.
pub(super) async fn describe(aws: &Aws, arn: &str) -> Result<Option<DescribeStateMachineOutput>> {
    let call = aws.sfn().describe_state_machine().state_machine_arn(arn).send().await;
    Error::found(call.map_err(Error::of("states:DescribeStateMachine", arn)))
}

/// The version published last: the first of the list.
async fn latest_version(aws: &Aws, arn: &str) -> Result<Option<String>> {
    let call = aws.sfn().list_state_machine_versions().state_machine_arn(arn).max_results(1).send().await;
    let found = Error::found(call.map_err(Error::of("states:ListStateMachineVersions", arn)))?;
    Ok(found
        .and_then(|answer| answer.state_machine_versions().first().map(|v| v.state_machine_version_arn().to_string())))
}

/// `seen` with what the description says.
fn described(seen: &Object, machine: &DescribeStateMachineOutput) -> Object {
    let mut object = settle::complete(&SCHEMA, seen);
    let arn = machine.state_machine_arn();
    object.set("arn", arn);
    object.set("creation_date", date::rfc3339(machine.creation_date()));
    object.set("definition", machine.definition());
    object.set("description", machine.description().unwrap_or_default());
    object.set("encryption_configuration", sfn::encryption_value(machine.encryption_configuration()));
    object.set("id", arn);
    object.set("logging_configuration", logging_value(machine.logging_configuration()));
    object.set("name", machine.name());
    object.set("name_prefix", names::prefix_of(machine.name()));
    if object.bool("publish").is_none() {
        object.set("publish", false);
    }
    object.set("revision_id", machine.revision_id().unwrap_or_default());
    object.set("role_arn", machine.role_arn());
    object.set("status", machine.status().map_or("ACTIVE", StateMachineStatus::as_str));
    object.set("tracing_configuration", tracing_value(machine.tracing_configuration()));
    object.set("type", machine.r#type().as_str());
    object.set("version_description", Value::null(Type::String));
    object
}

/// Whether the description is that of the update: by its revision, or else by what it says.
fn updated(planned: &Object, revision: Option<&str>, machine: &DescribeStateMachineOutput) -> bool {
    if revision.is_some() && revision == machine.revision_id() {
        return true;
    }
    let same_definition = definition::same(machine.definition(), planned.str("definition").unwrap_or_default());
    same_definition
        && planned.str("role_arn") == Some(machine.role_arn())
        && agrees(planned, "logging_configuration", &logging_value(machine.logging_configuration()))
        && agrees(planned, "tracing_configuration", &tracing_value(machine.tracing_configuration()))
}

/// Whether every attribute that the planned block sets is so in `live`.
fn agrees(planned: &Object, block: &str, live: &Value) -> bool {
    let Some(planned) = planned.block(block) else { return true };
    let live = live.as_slice().and_then(<[Value]>::first).map(Object::from_value).unwrap_or_default();
    planned.0.iter().all(|(name, value)| value.is_null() || live.get(name) == Some(value))
}

fn logging(object: &Object) -> Option<LoggingConfiguration> {
    let block = object.block("logging_configuration")?;
    let destination = block.text("log_destination").map(|arn| {
        let group = CloudWatchLogsLogGroup::builder().log_group_arn(arn).build();
        LogDestination::builder().cloud_watch_logs_log_group(group).build()
    });
    let built = LoggingConfiguration::builder()
        .include_execution_data(block.bool("include_execution_data").unwrap_or_default())
        .set_level(block.text("level").map(Into::into))
        .set_destinations(destination.map(|d| vec![d]))
        .build();
    Some(built)
}

fn logging_value(live: Option<&LoggingConfiguration>) -> Value {
    let blocks = live.map(|live| {
        let destination = live.destinations().first().and_then(|d| d.cloud_watch_logs_log_group()?.log_group_arn());
        Value::object_of([
            ("include_execution_data", live.include_execution_data().into()),
            ("level", live.level().map_or("", |level| level.as_str()).into()),
            ("log_destination", destination.unwrap_or_default().into()),
        ])
    });
    Value::list(LOGGING.block.ty(), blocks.into_iter().collect())
}

fn tracing(object: &Object) -> Option<TracingConfiguration> {
    let block = object.block("tracing_configuration")?;
    Some(TracingConfiguration::builder().enabled(block.bool("enabled").unwrap_or_default()).build())
}

fn tracing_value(live: Option<&TracingConfiguration>) -> Value {
    let blocks = live.map(|live| Value::object_of([("enabled", live.enabled().into())]));
    Value::list(TRACING.block.ty(), blocks.into_iter().collect())
}

fn name_prefix(value: &Value) -> std::result::Result<(), String> {
    let max = 80 - names::SUFFIX;
    match value.as_str().map(|p| p.chars().count()) {
        Some(length) if length == 0 || length > max => Err(format!(
            "A prefix of 1 to {max} characters is expected, got {length}: {} more are generated and 80 are the limit.",
            names::SUFFIX
        )),
        _ => sfn::check_name(value),
    }
}

fn machine_type(value: &Value) -> std::result::Result<(), String> {
    sfn::check_word("type", &["STANDARD", "EXPRESS"], value)
}

fn level(value: &Value) -> std::result::Result<(), String> {
    sfn::check_word("level", &["ALL", "ERROR", "FATAL", "OFF"], value)
}

fn log_destination(value: &Value) -> std::result::Result<(), String> {
    match value.as_str() {
        Some(arn) if !arn.is_empty() && !arn.ends_with(":*") => {
            Err(format!("The ARN of a log group with \":*\" at its end is expected, got \"{arn}\"."))
        }
        _ => Ok(()),
    }
}
