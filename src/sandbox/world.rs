//! Everything the embedded AWS remembers: accounts, and in each the global IAM and the regions.
//!
//! Refuses to know how it is kept on disk and how requests arrive.

use super::{dynamodb, iam, logs, s3, scaling, sfn};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The version of the file format this code writes and reads.
pub(super) const FORMAT: u32 = 1;

/// All accounts. Saved as one JSON document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct World {
    /// [`FORMAT`].
    pub(super) version: u32,
    /// What ids are derived from.
    pub(super) seed: u64,
    /// The account of credentials that no `AssumeRole` gave out.
    pub(super) home: String,
    /// Account id → account.
    #[serde(default)]
    pub(super) accounts: BTreeMap<String, Account>,
    /// Buckets of S3, whose names are everybody's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) buckets: BTreeMap<String, s3::Bucket>,
    /// Access key id → who it is, for keys that `AssumeRole` gave out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) sessions: BTreeMap<String, Session>,
    /// How often something of this kind and name has been made: tells ids of namesakes apart.
    #[serde(default)]
    pub(super) born: BTreeMap<String, u64>,
}

/// An assumed role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    /// The account of the role.
    pub(super) account: String,
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`
    pub(super) arn: String,
    /// `<role id>:<session>`
    pub(super) user_id: String,
    /// When it ends, in milliseconds since 1970.
    pub(super) expires: i64,
}

/// One account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Account {
    /// Global.
    #[serde(default)]
    pub(super) iam: iam::Iam,
    /// Region → what is there.
    #[serde(default)]
    pub(super) regions: BTreeMap<String, Region>,
}

/// One region of one account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Region {
    /// DynamoDB tables.
    #[serde(default)]
    pub(super) dynamodb: dynamodb::DynamoDb,
    /// Step Functions.
    #[serde(default)]
    pub(super) sfn: sfn::StepFunctions,
    /// CloudWatch Logs.
    #[serde(default)]
    pub(super) logs: logs::Logs,
    /// Application Auto Scaling.
    #[serde(default)]
    pub(super) scaling: scaling::Scaling,
}

impl World {
    /// An empty world.
    pub(super) fn new(seed: u64, home: &str) -> World {
        World {
            version: FORMAT,
            seed,
            home: home.to_owned(),
            accounts: BTreeMap::new(),
            buckets: BTreeMap::new(),
            sessions: BTreeMap::new(),
            born: BTreeMap::new(),
        }
    }
}
