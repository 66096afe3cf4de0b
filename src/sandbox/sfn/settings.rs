//! A state machine's role, logging, tracing and encryption: how they are judged and stored.
//!
//! Refuses to know definitions.

use crate::sandbox::call::Call;
use crate::sandbox::fault::Fault;
use crate::sandbox::iam::trust;
use crate::sandbox::input::{Input, len, one_of};
use serde_json::{Value, json};

/// Judges that Step Functions can be handed the role.
pub(super) fn judge_role(call: &mut Call<'_>, arn: &str) -> Result<(), Fault> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", _, "iam", "", account, resource] = parts.as_slice() else {
        return Err(Fault::new("InvalidArn", format!("Invalid Role Arn: '{arn}'")));
    };
    let Some(path) = resource.strip_prefix("role/") else {
        return Err(Fault::new("InvalidArn", format!("Invalid Role Arn: '{arn}'")));
    };
    if *account != call.account {
        return Err(Fault::new("AccessDeniedException", "Cross-account pass role is not allowed."));
    }
    let region = call.region.clone();
    let role = call.account().iam.roles.get(path.rsplit('/').next().unwrap_or(""));
    let fine = role.is_some_and(|r| r.arn == arn && trust::allows_service(&r.trust, "states.amazonaws.com", &region));
    if fine {
        return Ok(());
    }
    let text = "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the \
        provided role.";
    Err(Fault::new("AccessDeniedException", text))
}

/// `loggingConfiguration` as it is stored and shown; `None`: the request has none.
pub(super) fn logging(input: &Input<'_>) -> Result<Option<Value>, Fault> {
    let Some(given) = input.structure("loggingConfiguration") else { return Ok(None) };
    let level = given.text("level", one_of(&["ALL", "ERROR", "FATAL", "OFF"])).unwrap_or("OFF");
    let data = given.flag("includeExecutionData").unwrap_or(false);
    let mut destinations = Vec::new();
    for destination in given.structures("destinations") {
        let group = destination.structure("cloudWatchLogsLogGroup");
        let arn = group.and_then(|g| g.text("logGroupArn", len(1, 256)));
        destinations.push(arn.unwrap_or("").to_owned());
    }
    input.check()?;
    let bad = |why: &str| Fault::new("InvalidLoggingConfiguration", format!("Invalid Logging Configuration: {why}"));
    if destinations.len() > 1 || level != "OFF" && destinations.is_empty() {
        return Err(bad("Must specify exactly one Log Destination."));
    }
    for arn in &destinations {
        let parts: Vec<&str> = arn.split(':').collect();
        if !matches!(parts.as_slice(), ["arn", _, "logs", _, _, "log-group", name, "*"] if !name.is_empty()) {
            return Err(bad("Log Destination must be the ARN of a log group and end with ':*'."));
        }
    }
    let mut stored = json!({"level": level, "includeExecutionData": data});
    if !destinations.is_empty() {
        let shown = destinations.iter().map(|arn| json!({"cloudWatchLogsLogGroup": {"logGroupArn": arn}}));
        stored["destinations"] = shown.collect();
    }
    Ok(Some(stored))
}

/// What is stored where nothing was said.
pub(super) fn no_logging() -> Value {
    json!({"level": "OFF", "includeExecutionData": false})
}

/// `tracingConfiguration.enabled`
pub(super) fn tracing(input: &Input<'_>) -> Option<bool> {
    input.structure("tracingConfiguration").map(|t| t.flag("enabled").unwrap_or(false))
}

/// `encryptionConfiguration` as it is stored and shown.
pub(super) fn encryption(input: &Input<'_>) -> Result<Option<Value>, Fault> {
    let Some(given) = input.structure("encryptionConfiguration") else { return Ok(None) };
    let kind = given.need("type", one_of(&["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"]));
    let key = given.text("kmsKeyId", len(1, 2048));
    let period = given.int("kmsDataKeyReusePeriodSeconds", 60, 900);
    input.check()?;
    let bad =
        |why: &str| Fault::new("InvalidEncryptionConfiguration", format!("Invalid Encryption Configuration: {why}"));
    match (kind, key) {
        ("CUSTOMER_MANAGED_KMS_KEY", None) => {
            Err(bad("'kmsKeyId' must be provided when 'type' is CUSTOMER_MANAGED_KMS_KEY"))
        }
        ("CUSTOMER_MANAGED_KMS_KEY", Some(key)) => Ok(Some(json!({
            "type": kind, "kmsKeyId": key, "kmsDataKeyReusePeriodSeconds": period.unwrap_or(300),
        }))),
        (_, None) if period.is_none() => Ok(Some(json!({"type": kind}))),
        _ => Err(bad("'kmsKeyId' and 'kmsDataKeyReusePeriodSeconds' must be empty when 'type' is AWS_OWNED_KEY")),
    }
}

/// What is stored where nothing was said.
pub(super) fn no_encryption() -> Value {
    json!({"type": "AWS_OWNED_KEY"})
}
