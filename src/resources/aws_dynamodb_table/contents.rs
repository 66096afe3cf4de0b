//! What a table holds, in as few calls as it takes: its description, and a look at so many items as would settle the matter.
//!
//! DynamoDB counts items only every six hours, so a count of 0 is no proof; one item that is found is.

use super::describe_table;
use crate::resources::{Contents, Error, Result};
use aws_sdk_dynamodb::types::Select;

/// The items of the table beyond `known` ones; `None` if there are no more.
pub(super) async fn of(aws: &crate::resources::Aws, name: &str, known: usize) -> Result<Option<Contents>> {
    let Some(table) = describe_table(aws, name).await? else { return Ok(None) };
    let known = i64::try_from(known).unwrap_or(i64::MAX);
    let told = table.item_count().unwrap_or(0);
    let limit = i32::try_from(known.saturating_add(1)).unwrap_or(i32::MAX);
    let call = aws.dynamodb().scan().table_name(name).select(Select::Count).consistent_read(true).limit(limit);
    let more = match call.send().await.map_err(Error::of("dynamodb:Scan", name)) {
        Ok(found) => i64::from(found.count()) > known,
        // Who plans may have no right to read items: then the count is all there is.
        Err(_) => told > known,
    };
    let bytes = table.table_size_bytes().unwrap_or(0);
    Ok(more.then(|| Contents { name: name.to_string(), what: words(told, bytes) }))
}

fn words(items: i64, bytes: i64) -> String {
    match items {
        ..=0 => "items that DynamoDB has not counted yet".into(),
        1 => format!("1 item ({})", size(bytes)),
        _ => format!("{} items ({})", grouped(items), size(bytes)),
    }
}

/// `1,234,567`
fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn size(bytes: i64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut size = bytes as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        for (items, bytes, wanted) in [
            (0, 0, "items that DynamoDB has not counted yet"),
            (1, 12, "1 item (12 bytes)"),
            (999, 1000, "999 items (1.0 kB)"),
            (1204, 3_400_000, "1,204 items (3.4 MB)"),
            (1_234_567, 999_960_000, "1,234,567 items (1.0 GB)"),
            (100_000, i64::MAX, "100,000 items (9223.4 PB)"),
        ] {
            assert_eq!(words(items, bytes), wanted);
        }
    }
}
