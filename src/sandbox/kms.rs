//! KMS, as far as naming a key needs it: the keys that AWS makes for its services, and keys named by id.
//!
//! Refuses to know encryption. A key named by a well-formed id is taken to be there.

use super::call::{Call, digest, page, seconds};
use super::fault::{Answer, Fault};
use super::input::{ANY, Input, len};
use super::{Operation, reads};
use serde_json::{Value, json};

pub(super) const OPERATIONS: &[Operation] = &[reads("DescribeKey", describe_key), reads("ListAliases", list_aliases)];

/// The services whose keys AWS makes.
const SERVICES: &[&str] = &["dynamodb", "lambda", "s3", "secretsmanager", "sns", "sqs", "ssm", "states"];

/// The id of the key that AWS makes for a service in this account and region.
fn service_key(call: &Call<'_>, service: &str) -> String {
    let bytes = digest(call.world.seed, &format!("kms/{}/{}/{service}", call.account, call.region));
    let mut half = [0u8; 16];
    half.copy_from_slice(&bytes[..16]);
    uuid::Builder::from_random_bytes(half).into_uuid().to_string()
}

/// The ARN of the key that AWS makes for a service.
pub(super) fn service_key_arn(call: &Call<'_>, service: &str) -> String {
    call.arn("kms", &format!("key/{}", service_key(call, service)))
}

/// The ARN of what a request names as a key: an ARN, an id or an alias.
pub(super) fn key_arn(call: &Call<'_>, name: &str) -> String {
    if let Some(service) = name.strip_prefix("alias/aws/") {
        return service_key_arn(call, service);
    }
    if name.starts_with("arn:") { name.to_owned() } else { call.arn("kms", &format!("key/{name}")) }
}

fn describe_key(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let name = input.need("KeyId", len(1, 2048));
    input.check()?;
    let gone = |what: String| Fault::new("NotFoundException", what);
    let rest = name.splitn(6, ':').nth(5).unwrap_or(name);
    let (id, manager) = match rest.strip_prefix("alias/") {
        Some(alias) => {
            let service = alias.strip_prefix("aws/").filter(|s| SERVICES.contains(s));
            let service = service.ok_or_else(|| gone(format!("Alias {} is not found.", call.arn("kms", rest))))?;
            (service_key(call, service), "AWS")
        }
        None => {
            let id = rest.strip_prefix("key/").unwrap_or(rest);
            if uuid::Uuid::parse_str(id.strip_prefix("mrk-").unwrap_or(id)).is_err() {
                return Err(gone(format!("Invalid keyId '{id}'")));
            }
            let service = SERVICES.iter().find(|s| service_key(call, s) == id);
            (id.to_owned(), if service.is_some() { "AWS" } else { "CUSTOMER" })
        }
    };
    let arn = if name.starts_with("arn:") && manager == "CUSTOMER" {
        name.to_owned()
    } else {
        call.arn("kms", &format!("key/{id}"))
    };
    Ok(json!({"KeyMetadata": {
        "AWSAccountId": call.account,
        "KeyId": id,
        "Arn": arn,
        "CreationDate": seconds(call.now),
        "Enabled": true,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": manager,
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
    }}))
}

fn list_aliases(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let key = input.text("KeyId", len(1, 2048));
    let limit = input.int("Limit", 1, 100).unwrap_or(50);
    let marker = input.text("Marker", ANY);
    input.check()?;
    let line = |service: &&str| {
        let (alias, id) = (format!("alias/aws/{service}"), service_key(call, service));
        json!({"AliasName": alias, "AliasArn": call.arn("kms", &alias), "TargetKeyId": id})
    };
    let fits = |v: &Value| key.is_none_or(|k| v["TargetKeyId"].as_str().is_some_and(|id| k.ends_with(id)));
    let found: Vec<Value> = SERVICES.iter().map(line).filter(fits).collect();
    let bad = || Fault::new("InvalidMarkerException", "The marker is not valid.");
    let (shown, next) = page(found, marker, usize::try_from(limit).unwrap_or(50), bad)?;
    Ok(json!({"Aliases": shown, "Truncated": next.is_some(), "NextMarker": next}))
}
