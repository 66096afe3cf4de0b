//! STS: who one is, and roles to play.
//!
//! Refuses to know what the credentials it gives out may do.

use super::call::{Call, iso};
use super::fault::{Answer, Fault};
use super::input::{ANY, Input, len};
use super::world::Session;
use super::{Operation, iam, reads, writes};
use serde_json::json;

pub(super) const OPERATIONS: &[Operation] = &[
    reads("GetCallerIdentity", get_caller_identity),
    writes("AssumeRole", assume_role),
    writes("GetSessionToken", get_session_token),
    reads("GetAccessKeyInfo", get_access_key_info),
];

/// The ARN of whoever calls.
fn caller(call: &Call<'_>) -> (String, String) {
    match call.world.sessions.get(&call.access_key) {
        Some(session) => (session.arn.clone(), session.user_id.clone()),
        None => (call.iam_arn("user/sandbox"), "AIDASANDBOXSANDBOX000".to_owned()),
    }
}

fn get_caller_identity(call: &mut Call<'_>, _: &Input<'_>) -> Answer {
    let (arn, user_id) = caller(call);
    Ok(json!({"Arn": arn, "UserId": user_id, "Account": call.account}))
}

/// Account and role name of a role's ARN.
fn role_of(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (head, _, service, _, account, rest) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let name = rest.strip_prefix("role/")?.rsplit('/').next()?;
    (head == "arn" && service == "iam" && account.len() == 12 && !name.is_empty()).then_some((account, name))
}

fn assume_role(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let arn = input.need("RoleArn", len(20, 2048));
    let name = input.need("RoleSessionName", len(2, 64));
    let seconds = input.int("DurationSeconds", 900, 43200).unwrap_or(3600);
    let external = input.text("ExternalId", len(2, 1224));
    input.text("Policy", ANY);
    input.check()?;
    let Some((account, role)) = role_of(arn) else {
        return Err(Fault::new("ValidationError", format!("{arn} is invalid")));
    };
    let (who, _) = caller(call);
    let denied = || {
        let text = format!("User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}");
        Err(Fault::new("AccessDenied", text))
    };
    // What other accounts trust is not known here; in one's own account the role must be there and must trust the caller.
    let id = match call.world.accounts.get(account).and_then(|a| a.iam.roles.get(role)) {
        Some(found) => {
            if found.arn != arn || !iam::trust::allows_account(&found.trust, &call.account, external) {
                return denied();
            }
            found.id.clone()
        }
        None if account == call.world.home => return denied(),
        None => "AROASANDBOXSANDBOX000".to_owned(),
    };
    let user_id = format!("{id}:{name}");
    let mut pieces = arn.splitn(3, ':').skip(1);
    let partition = pieces.next().unwrap_or("aws");
    let assumed = format!("arn:{partition}:sts::{account}:assumed-role/{role}/{name}");
    let key = call.iam_id("ASIA", &assumed).chars().take(20).collect::<String>();
    let expires = call.now + seconds * 1000;
    let session = Session { account: account.to_owned(), arn: assumed.clone(), user_id: user_id.clone(), expires };
    begin(call, key.clone(), session);
    Ok(json!({
        "Credentials": credentials(call, key, seconds),
        "AssumedRoleUser": {"AssumedRoleId": user_id, "Arn": assumed},
    }))
}

/// Remembers a session, and forgets those that have ended.
fn begin(call: &mut Call<'_>, key: String, session: Session) {
    let now = call.now;
    call.world.sessions.retain(|_, s| s.expires > now);
    call.world.sessions.insert(key, session);
}

fn credentials(call: &mut Call<'_>, key: String, seconds: i64) -> serde_json::Value {
    json!({
        "AccessKeyId": key,
        "SecretAccessKey": call.uuid("secret").replace('-', ""),
        "SessionToken": call.uuid("token"),
        "Expiration": iso(call.now + seconds * 1000),
    })
}

fn get_session_token(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let seconds = input.int("DurationSeconds", 900, 129_600).unwrap_or(43_200);
    input.check()?;
    let (arn, user_id) = caller(call);
    let key = call.iam_id("ASIA", &arn).chars().take(20).collect::<String>();
    let session = Session { account: call.account.clone(), arn, user_id, expires: call.now + seconds * 1000 };
    begin(call, key.clone(), session);
    Ok(json!({"Credentials": credentials(call, key, seconds)}))
}

fn get_access_key_info(call: &mut Call<'_>, input: &Input<'_>) -> Answer {
    let key = input.need("AccessKeyId", len(16, 128));
    input.check()?;
    let account = call.world.sessions.get(key).map_or_else(|| call.world.home.clone(), |s| s.account.clone());
    Ok(json!({"Account": account}))
}
