//! Terraform's two locks of a state in S3: an object `key.tflock` that is only put where there is none, and an item in a DynamoDB
//! table; and the digest in the same table, by which a reader sees whether it has the newest state.
//!
//! Refuses to know what is locked.

use super::access::Open;
use super::client::{Failure, reason};
use crate::state::lock::LockInfo;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// Where the locks of one state are.
pub struct Places<'a> {
    /// The way there.
    pub open: &'a Open,
    /// `use_lockfile`: the object's key.
    pub object: Option<String>,
    /// `dynamodb_table`
    pub table: Option<&'a str>,
    /// `bucket/key`: the item's `LockID`.
    pub id: String,
}

/// What came of locking.
pub enum Taken {
    /// It is ours.
    Ours,
    /// Someone else's, who may say who it is.
    Held(Option<LockInfo>),
}

impl Places<'_> {
    /// Takes both locks, or none.
    pub async fn take(&self, info: &LockInfo) -> Result<Taken, Failure> {
        if let Some(key) = &self.object
            && !self.open.s3.put(key, info.to_json().as_bytes(), true).await?
        {
            let holder = self.object_holder().await?;
            // The answer to our own request may have been lost, and it was sent again.
            if holder.as_ref().is_none_or(|h| h.id != info.id) {
                return Ok(Taken::Held(holder));
            }
        }
        let item = match self.table {
            None => return Ok(Taken::Ours),
            Some(table) => self.put_item(table, info).await,
        };
        if !matches!(item, Ok(Taken::Ours))
            && let Some(key) = &self.object
        {
            self.open.s3.delete(key).await?;
        }
        item
    }

    async fn put_item(&self, table: &str, info: &LockInfo) -> Result<Taken, Failure> {
        let put = self
            .open
            .dynamodb
            .put_item()
            .table_name(table)
            .item("LockID", AttributeValue::S(self.id.clone()))
            .item("Info", AttributeValue::S(info.to_json()))
            .condition_expression("attribute_not_exists(LockID)");
        match put.send().await {
            Ok(_) => Ok(Taken::Ours),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => {
                let holder = self.item_holder(table).await?;
                match holder {
                    Some(holder) if holder.id == info.id => Ok(Taken::Ours),
                    holder => Ok(Taken::Held(holder)),
                }
            }
            Err(e) => Err(failure("DynamoDB PutItem", &e)),
        }
    }

    /// Gives back what is ours. Gives the holder if that is someone else by now.
    pub async fn release(&self, id: &str) -> Result<Option<LockInfo>, Failure> {
        let mut other = None;
        if let Some(key) = &self.object {
            match self.object_holder().await? {
                Some(holder) if holder.id != id => other = Some(holder),
                _ => self.open.s3.delete(key).await?,
            }
        }
        if let Some(table) = self.table {
            match self.item_holder(table).await? {
                Some(holder) if holder.id != id => other = Some(holder),
                _ => self.delete_item(table, &self.id).await?,
            }
        }
        Ok(other)
    }

    /// Who holds either lock.
    pub async fn holder(&self) -> Result<Option<LockInfo>, Failure> {
        if self.object.is_some()
            && let Some(holder) = self.object_holder().await?
        {
            return Ok(Some(holder));
        }
        match self.table {
            Some(table) => self.item_holder(table).await,
            None => Ok(None),
        }
    }

    async fn object_holder(&self) -> Result<Option<LockInfo>, Failure> {
        let Some(key) = &self.object else { return Ok(None) };
        let text = self.open.s3.get(key).await?;
        Ok(text.map(|t| LockInfo::from_json(&String::from_utf8_lossy(&t)).unwrap_or_default()))
    }

    async fn item_holder(&self, table: &str) -> Result<Option<LockInfo>, Failure> {
        let item = self.item(table, &self.id, "LockID, Info").await?;
        Ok(item.map(|i| i.get("Info").and_then(text).and_then(LockInfo::from_json).unwrap_or_default()))
    }

    /// The digest that the last writer noted.
    pub async fn digest(&self) -> Result<Option<String>, Failure> {
        let Some(table) = self.table else { return Ok(None) };
        let item = self.item(table, &self.digest_id(), "LockID, Digest").await?;
        let digest = item.and_then(|i| i.get("Digest").and_then(text).map(str::to_lowercase));
        // Something else than a digest says nothing, as for Terraform.
        Ok(digest.filter(|d| d.len() == 32 && d.bytes().all(|b| b.is_ascii_hexdigit())))
    }

    /// Notes the digest of what was written; `None`: that nothing is there any more.
    pub async fn note_digest(&self, digest: Option<&str>) -> Result<(), Failure> {
        let Some(table) = self.table else { return Ok(()) };
        let Some(digest) = digest else { return self.delete_item(table, &self.digest_id()).await };
        let put = self
            .open
            .dynamodb
            .put_item()
            .table_name(table)
            .item("LockID", AttributeValue::S(self.digest_id()))
            .item("Digest", AttributeValue::S(digest.to_string()));
        put.send().await.map_err(|e| failure("DynamoDB PutItem", &e))?;
        Ok(())
    }

    fn digest_id(&self) -> String {
        format!("{}-md5", self.id)
    }

    async fn item(
        &self,
        table: &str,
        id: &str,
        names: &str,
    ) -> Result<Option<HashMap<String, AttributeValue>>, Failure> {
        let get = self
            .open
            .dynamodb
            .get_item()
            .table_name(table)
            .key("LockID", AttributeValue::S(id.to_string()))
            .projection_expression(names)
            .consistent_read(true);
        Ok(get.send().await.map_err(|e| failure("DynamoDB GetItem", &e))?.item)
    }

    async fn delete_item(&self, table: &str, id: &str) -> Result<(), Failure> {
        let delete =
            self.open.dynamodb.delete_item().table_name(table).key("LockID", AttributeValue::S(id.to_string()));
        delete.send().await.map_err(|e| failure("DynamoDB DeleteItem", &e))?;
        Ok(())
    }
}

fn text(value: &AttributeValue) -> Option<&str> {
    value.as_s().ok().map(String::as_str)
}

fn failure<E>(operation: &'static str, e: &aws_sdk_dynamodb::error::SdkError<E>) -> Failure
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let code = e.code().unwrap_or_default().to_string();
    let message = e.message().map_or_else(|| reason(e), str::to_string);
    let status = e.raw_response().map_or(0, |r| r.status().as_u16());
    Failure { status, code, message, operation }
}
