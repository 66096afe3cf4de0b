//! What a state machine's role must be allowed so that its states can do what they say: derived by rule from the integrations.
//!
//! Refuses to know who has which permission.

use super::condition;
use super::model::{Language, Machine, Pointer, State, StateKind};
use crate::value::Value;
use std::sync::Arc;

/// One permission that a state needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// `dynamodb:PutItem`
    pub action: String,
    /// On what: an ARN, with `*` for what the definition does not say. `*` alone where it says nothing.
    pub resource: String,
    /// Whether the definition names the resource, wholly or but for account and region.
    pub named: bool,
    /// The state.
    pub state: Arc<str>,
    /// Where it stands.
    pub at: Pointer,
    /// Why, where the state's own integration does not tell.
    pub why: Option<&'static str>,
}

/// Everything that the machine's states need.
pub fn needs(machine: &Machine) -> Vec<Need> {
    let mut out = Vec::new();
    for state in machine.all_states() {
        match state.kind {
            StateKind::Task => task(state, &mut out),
            StateKind::Map if state.is_distributed() => distributed(state, &mut out),
            _ => {}
        }
    }
    out
}

/// The arguments of a state, whatever they are called in its language.
pub fn arguments(state: &State) -> Option<&Value> {
    state.field(match state.language {
        Language::Jsonata => "Arguments",
        Language::JsonPath => "Parameters",
    })
}

/// A known text of the arguments: neither a path nor an expression.
pub fn literal(value: &Value, name: &str) -> Option<String> {
    let value = value.get(name)?;
    let text = value.as_str()?;
    (!is_expression(text)).then(|| text.to_string())
}

/// Whether a JSONata text is an expression.
pub fn is_expression(text: &str) -> bool {
    !std::ptr::eq(condition::expression(text), text)
}

/// `arn:aws:states:::dynamodb:putItem.waitForTaskToken` taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Integration<'a> {
    /// `dynamodb`; of an SDK integration the SDK's name of the service.
    pub service: &'a str,
    /// `putItem`
    pub operation: &'a str,
    /// `sync`, `sync:2`, `waitForTaskToken`; empty.
    pub pattern: &'a str,
    /// `aws-sdk:`
    pub sdk: bool,
}

/// The integration of a Task, if it is one.
pub fn integration(state: &State) -> Option<Integration<'_>> {
    let (_, rest) = state.text("Resource")?.split_once(":states:::")?;
    let (sdk, rest) = rest.strip_prefix("aws-sdk:").map_or((false, rest), |r| (true, r));
    let (service, call) = rest.split_once(':')?;
    let (operation, pattern) = call.split_once('.').unwrap_or((call, ""));
    Some(Integration { service, operation, pattern, sdk })
}

fn task(state: &State, out: &mut Vec<Need>) {
    let mut need = |action: &str, resource: Option<String>, why: Option<&'static str>| {
        out.push(Need {
            action: action.to_string(),
            named: resource.is_some(),
            resource: resource.unwrap_or_else(|| "*".into()),
            state: state.name.clone(),
            at: state.at.clone(),
            why,
        });
    };
    let Some(i) = integration(state) else {
        // A function by its own ARN.
        if let Some(arn) = state.text("Resource").filter(|r| r.contains(":lambda:") && r.contains(":function:")) {
            need("lambda:InvokeFunction", Some(arn.to_string()), None);
        }
        return;
    };
    let none = Value::object_of([]);
    let given = arguments(state).unwrap_or(&none);
    let text = |name: &str| literal(given, name);
    match (i.service, i.operation) {
        ("dynamodb", operation) => {
            for (table, index) in tables(given, operation) {
                let operation = capital(operation);
                let resource = table.as_deref().map(|t| table_arn(t, index.as_deref()));
                match operation.as_str() {
                    // A transaction needs what its parts need; each is judged by itself where it is named.
                    "TransactWriteItems"
                    | "TransactGetItems"
                    | "ExecuteStatement"
                    | "ExecuteTransaction"
                    | "BatchExecuteStatement" => {}
                    _ => need(&format!("dynamodb:{operation}"), resource, None),
                }
            }
        }
        ("lambda", "invoke") => need("lambda:InvokeFunction", text("FunctionName").map(|f| function_arn(&f)), None),
        ("sns", "publish") => need("sns:Publish", text("TopicArn"), None),
        ("sqs", "sendMessage") => need("sqs:SendMessage", text("QueueUrl").and_then(|u| queue_arn(&u)), None),
        ("events" | "eventbridge", "putEvents") => need("events:PutEvents", None, None),
        ("states", "startExecution") => {
            need("states:StartExecution", text("StateMachineArn"), None);
            if i.pattern.starts_with("sync") {
                let executions = text("StateMachineArn").map(|a| a.replace(":stateMachine:", ":execution:") + ":*");
                let why = Some("to wait for the execution it starts");
                need("states:DescribeExecution", executions.clone(), why);
                need("states:StopExecution", executions, why);
                let rule = "arn:*:events:*:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule";
                for action in ["events:PutTargets", "events:PutRule", "events:DescribeRule"] {
                    need(action, Some(rule.into()), why);
                }
            }
        }
        ("http", "invoke") => {
            need("states:InvokeHTTPEndpoint", None, None);
            let why = Some("to use the connection");
            need("events:RetrieveConnectionCredentials", None, why);
        }
        (service, operation) if i.sdk => {
            if let Some(prefix) = prefix(service) {
                let action = match (prefix, operation) {
                    ("lambda", "invoke") => "lambda:InvokeFunction".to_string(),
                    ("s3", "headObject") => "s3:GetObject".into(),
                    ("s3", "headBucket" | "listObjects" | "listObjectsV2") => "s3:ListBucket".into(),
                    ("s3", "listBuckets") => "s3:ListAllMyBuckets".into(),
                    ("s3", "copyObject" | "uploadPart" | "createMultipartUpload" | "completeMultipartUpload") => {
                        "s3:PutObject".into()
                    }
                    (prefix, operation) => format!("{prefix}:{}", capital(operation)),
                };
                let bucket = || {
                    let (bucket, key) = (text("Bucket")?, text("Key"));
                    match action.as_str() {
                        "s3:ListBucket" => Some(format!("arn:*:s3:::{bucket}")),
                        _ => Some(format!("arn:*:s3:::{bucket}/{}", key.unwrap_or_else(|| "*".into()))),
                    }
                };
                let resource = match prefix {
                    "s3" => bucket(),
                    "states" => text("StateMachineArn"),
                    "sns" => text("TopicArn"),
                    "sqs" => text("QueueUrl").and_then(|u| queue_arn(&u)),
                    "lambda" => text("FunctionName").map(|f| function_arn(&f)),
                    _ => None,
                };
                need(&action, resource, None);
            }
        }
        _ => {}
    }
}

/// Tables, each with the index, that a DynamoDB call is on; one without a name where the definition does not say.
fn tables(given: &Value, operation: &str) -> Vec<(Option<String>, Option<String>)> {
    if matches!(operation, "batchGetItem" | "batchWriteItem") {
        let items = given.get("RequestItems");
        let names: Option<Vec<String>> = items
            .as_ref()
            .and_then(Value::as_fields)
            .map(|f| f.keys().map(|k| k.strip_suffix(".$").unwrap_or(k).to_string()).collect());
        return match names {
            Some(names) => names.into_iter().map(|n| (Some(n), None)).collect(),
            None => vec![(None, None)],
        };
    }
    vec![(literal(given, "TableName"), literal(given, "IndexName"))]
}

fn table_arn(table: &str, index: Option<&str>) -> String {
    let table = if table.starts_with("arn:") { table.to_string() } else { format!("arn:*:dynamodb:*:*:table/{table}") };
    index.map_or(table.clone(), |index| format!("{table}/index/{index}"))
}

fn function_arn(name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_string();
    }
    // `account:function:name` and `name:alias` are names, too.
    format!("arn:*:lambda:*:*:function:{}", name.rsplit("function:").next().unwrap_or(name))
}

/// `https://sqs.REGION.amazonaws.com/ACCOUNT/NAME`
fn queue_arn(url: &str) -> Option<String> {
    let mut parts = url.strip_prefix("https://sqs.")?.split('/');
    let region = parts.next()?.split('.').next()?;
    let (account, name) = (parts.next()?, parts.next()?);
    Some(format!("arn:*:sqs:{region}:{account}:{name}"))
}

fn distributed(state: &State, out: &mut Vec<Need>) {
    let mut need = |action: &str, resource: Option<String>, at: Pointer, why: &'static str| {
        out.push(Need {
            action: action.into(),
            named: resource.is_some(),
            resource: resource.unwrap_or_else(|| "*".into()),
            state: state.name.clone(),
            at,
            why: Some(why),
        });
    };
    need("states:StartExecution", None, state.at.clone(), "a distributed Map runs its items as executions");
    for (field, operation, action) in [
        ("ItemReader", "getObject", "s3:GetObject"),
        ("ItemReader", "listObjectsV2", "s3:ListBucket"),
        ("ResultWriter", "putObject", "s3:PutObject"),
    ] {
        let Some(part) = state.field(field) else { continue };
        if !part.get("Resource").is_some_and(|r| r.as_str().is_some_and(|r| r.ends_with(operation))) {
            continue;
        }
        let given = part.get("Arguments").or_else(|| part.get("Parameters")).unwrap_or_else(|| Value::object_of([]));
        let resource = literal(&given, "Bucket").map(|bucket| match action {
            "s3:ListBucket" => format!("arn:*:s3:::{bucket}"),
            "s3:GetObject" => {
                format!("arn:*:s3:::{bucket}/{}", literal(&given, "Key").unwrap_or_else(|| "*".into()))
            }
            _ => format!("arn:*:s3:::{bucket}/*"),
        });
        let why = if field == "ItemReader" { "to read the items" } else { "to write the results" };
        need(action, resource, state.at.then(field), why);
    }
}

fn capital(operation: &str) -> String {
    let mut chars = operation.chars();
    chars.next().map(|c| c.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// The prefix of IAM actions of a service that the SDK calls otherwise; the same name where nothing else is known of services whose
/// operations are their actions.
fn prefix(service: &str) -> Option<&str> {
    Some(match service {
        "sfn" => "states",
        "cloudwatchlogs" => "logs",
        "eventbridge" => "events",
        "sesv2" => "ses",
        "applicationautoscaling" => "application-autoscaling",
        "dynamodb" | "s3" | "sns" | "sqs" | "lambda" | "cloudwatch" | "ssm" | "secretsmanager" | "kms" | "ecs"
        | "glue" | "athena" | "ec2" | "iam" | "sts" | "kinesis" | "firehose" | "batch" | "events" | "scheduler"
        | "ses" | "rds" => service,
        // Of others it is not known whether each operation is an action of its own.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::model::parse_text;

    fn of(state: &str) -> Vec<String> {
        let machine = parse_text(&format!(r#"{{"StartAt":"A","States":{{"A":{state}}}}}"#)).unwrap();
        needs(&machine).into_iter().map(|n| format!("{} on {}", n.action, n.resource)).collect()
    }

    fn task(resource: &str, parameters: &str) -> String {
        format!(r#"{{"Type":"Task","Resource":"arn:aws:states:::{resource}","Parameters":{parameters},"End":true}}"#)
    }

    #[test]
    fn integrations() {
        for (state, want) in [
            (task("dynamodb:putItem", r#"{"TableName":"t"}"#), &["dynamodb:PutItem on arn:*:dynamodb:*:*:table/t"][..]),
            (task("dynamodb:getItem", r#"{"TableName.$":"$.t"}"#), &["dynamodb:GetItem on *"]),
            (
                task("aws-sdk:dynamodb:query", r#"{"TableName":"t","IndexName":"i"}"#),
                &["dynamodb:Query on arn:*:dynamodb:*:*:table/t/index/i"],
            ),
            (
                task("aws-sdk:dynamodb:batchWriteItem.waitForTaskToken", r#"{"RequestItems":{"t":[],"u.$":"$.u"}}"#),
                &["dynamodb:BatchWriteItem on arn:*:dynamodb:*:*:table/t", "dynamodb:BatchWriteItem on arn:*:dynamodb:*:*:table/u"],
            ),
            (task("lambda:invoke.waitForTaskToken", r#"{"FunctionName":"f"}"#), &["lambda:InvokeFunction on arn:*:lambda:*:*:function:f"]),
            (
                task("sqs:sendMessage", r#"{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q"}"#),
                &["sqs:SendMessage on arn:*:sqs:us-east-1:123456789012:q"],
            ),
            (
                task("states:startExecution.sync:2", r#"{"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:c"}"#),
                &[
                    "states:StartExecution on arn:aws:states:us-east-1:123456789012:stateMachine:c",
                    "states:DescribeExecution on arn:aws:states:us-east-1:123456789012:execution:c:*",
                    "states:StopExecution on arn:aws:states:us-east-1:123456789012:execution:c:*",
                    "events:PutTargets on arn:*:events:*:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",
                    "events:PutRule on arn:*:events:*:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",
                    "events:DescribeRule on arn:*:events:*:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",
                ],
            ),
            (task("aws-sdk:sfn:listExecutions", "{}"), &["states:ListExecutions on *"]),
            (task("aws-sdk:s3:getObject", r#"{"Bucket":"b","Key.$":"$.k"}"#), &["s3:GetObject on arn:*:s3:::b/*"]),
            (task("aws-sdk:somethingnew:doIt", "{}"), &[]),
            (r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","End":true}"#.into(), &["lambda:InvokeFunction on arn:aws:lambda:us-east-1:123456789012:function:f"]),
            (r#"{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","End":true}"#.into(), &[]),
            (
                r#"{"Type":"Task","QueryLanguage":"JSONata","Resource":"arn:aws:states:::dynamodb:getItem","Arguments":{"TableName":"{% $t %}"},"End":true}"#.into(),
                &["dynamodb:GetItem on *"],
            ),
        ] {
            assert_eq!(of(&state), want, "{state}");
        }
    }
}
