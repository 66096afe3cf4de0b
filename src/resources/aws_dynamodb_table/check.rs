//! What is wrong with a table's configuration, found before anything is sent. Pure; holes are given the benefit of the doubt.

use super::copies;
use super::request::on_demand;
use crate::diag::{Diagnostic, nearest};
use crate::value::{Kind, Object, Path, PathStep, Value};
use std::collections::{BTreeMap, BTreeSet};

type Findings = Vec<(Path, Diagnostic)>;

/// AWS wants names of tables and indexes to have as many characters.
const LEAST_NAME: usize = 3;
/// DynamoDB lets all indexes of a table together project so many attributes by name.
const MAX_PROJECTED: usize = 100;
/// DynamoDB allows no more local secondary indexes.
const MAX_LOCAL: usize = 5;
/// DynamoDB allows no more global secondary indexes unless the quota is raised.
const USUAL_GLOBAL: usize = 20;

/// Findings in what was written.
pub(super) fn config(config: &Object) -> Findings {
    let mut findings = Vec::new();
    keys(config, &mut findings);
    attributes(config, &mut findings);
    indexes(config, &mut findings);
    billing(config, &mut findings);
    time_to_live(config, &mut findings);
    beginnings(config, &mut findings);
    copies_elsewhere(config, &mut findings);
    findings
}

/// Findings in what it comes to.
pub(super) fn planned(config: &Object, prior: Option<&Object>, planned: &Object) -> Findings {
    let mut findings = Vec::new();
    capacity(config, planned, &mut findings);
    let view = planned.get("stream_view_type").is_none_or(|v| v.is_null() || v.as_str() == Some(""));
    let open = is_null(config, "stream_view_type") && !planned.get("stream_view_type").is_some_and(Value::is_known);
    if planned.bool("stream_enabled") == Some(true) && (view || open) {
        findings.push((
            Path::attr("stream_enabled"),
            Diagnostic::error(
                "Missing stream view type",
                "stream_view_type is required when stream_enabled is true: it says what a stream record holds.",
            )
            .help("Add stream_view_type = \"NEW_AND_OLD_IMAGES\", or another of KEYS_ONLY, NEW_IMAGE and OLD_IMAGE."),
        ));
    }
    if let Some(prior) = prior {
        key_types(config, prior, &mut findings);
        local_indexes(config, prior, planned, &mut findings);
        other_time_to_live(config, prior, &mut findings);
    }
    findings
}

/// One use of an attribute in a key.
struct Use {
    path: Path,
    /// Such as `range_key of index "by-date"`.
    role: String,
    name: Value,
}

/// All keys of the table and its indexes.
fn uses(config: &Object) -> Vec<Use> {
    let mut uses = Vec::new();
    for name in ["hash_key", "range_key"] {
        if let Some(value) = config.get(name) {
            uses.push(Use { path: Path::attr(name), role: name.to_string(), name: value.clone() });
        }
    }
    for (block, names) in
        [("global_secondary_index", &["hash_key", "range_key"][..]), ("local_secondary_index", &["range_key"])]
    {
        for (i, index) in config.blocks(block).iter().enumerate() {
            for name in names {
                let Some(value) = index.get(name) else { continue };
                let role = match index.str("name") {
                    Some(index) => format!("{name} of index \"{index}\""),
                    None => format!("{name} of an index"),
                };
                uses.push(Use { path: part(config, block, i, name), role, name: value.clone() });
            }
        }
    }
    uses.retain(|u| !u.name.is_null() && u.name.as_str() != Some(""));
    uses
}

fn keys(config: &Object, findings: &mut Findings) {
    // The keys of a restored table are its source's.
    let restores = copies::restores(config);
    if restores && is_null(config, "hash_key") {
        return;
    }
    if is_null(config, "hash_key") || config.str("hash_key") == Some("") {
        findings.push((
            Path::root(),
            Diagnostic::error(
                "Missing required argument",
                "The argument \"hash_key\" is required: every table has a partition key.",
            ),
        ));
    }
    let twice = |at: Path, owner: &str, hash: Option<&str>, range: Option<&str>, findings: &mut Findings| {
        if let (Some(hash), Some(range)) = (hash, range)
            && hash == range
        {
            findings.push((
                at,
                Diagnostic::error(
                    "Same attribute for both keys",
                    format!(
                        "hash_key and range_key of {owner} are both \"{range}\"; they must be different attributes."
                    ),
                ),
            ));
        }
    };
    let hash = config.text("hash_key");
    twice(Path::attr("range_key"), "the table", hash, config.text("range_key"), findings);
    for (i, index) in config.blocks("global_secondary_index").iter().enumerate() {
        let owner = format!("index \"{}\"", index.str("name").unwrap_or_default());
        let at = part(config, "global_secondary_index", i, "range_key");
        twice(at, &owner, index.text("hash_key"), index.text("range_key"), findings);
    }
    for (i, index) in config.blocks("local_secondary_index").iter().enumerate() {
        let owner = format!("index \"{}\"", index.str("name").unwrap_or_default());
        twice(part(config, "local_secondary_index", i, "range_key"), &owner, hash, index.text("range_key"), findings);
    }
}

/// Attribute blocks and keys must match both ways.
fn attributes(config: &Object, findings: &mut Findings) {
    let uses = uses(config);
    let blocks = config.blocks("attribute");
    let whole = |name: &str| config.get(name).is_none_or(Value::is_wholly_known);
    let names_known = config.get("attribute").is_none_or(Value::is_known)
        && blocks.iter().all(|b| b.get("name").is_none_or(Value::is_known));
    let keys_known = uses.iter().all(|u| u.name.is_known())
        && ["global_secondary_index", "local_secondary_index"]
            .iter()
            .all(|n| config.get(n).is_none_or(Value::is_known))
        && ["hash_key", "range_key"].iter().all(|n| whole(n));
    let defined: BTreeSet<&str> = blocks.iter().filter_map(|b| b.str("name")).collect();
    let used: BTreeSet<&str> = uses.iter().filter_map(|u| u.name.as_str()).collect();

    let mut types: BTreeMap<&str, &str> = BTreeMap::new();
    for (i, block) in blocks.iter().enumerate() {
        let (Some(name), Some(ty)) = (block.str("name"), block.str("type")) else { continue };
        if let Some(other) = types.insert(name, ty)
            && other != ty
        {
            findings.push((
                part(config, "attribute", i, "type"),
                Diagnostic::error(
                    "Attribute is defined twice",
                    format!("The attribute \"{name}\" is defined with type \"{other}\" and with type \"{ty}\"."),
                ),
            ));
        }
        if keys_known && !used.contains(name) {
            let meant = nearest(name, used.difference(&defined).copied());
            let meant = meant.map(|m| format!(" Did you mean \"{m}\"?")).unwrap_or_default();
            findings.push((
                part(config, "attribute", i, "name"),
                Diagnostic::error(
                    "Attribute is not used by a key",
                    format!(
                        "The attribute \"{name}\" is no key of the table or of an index. DynamoDB has no columns: only key \
                         attributes are defined, all attributes must be indexed. Unused attributes: [\"{name}\"].{meant}"
                    ),
                )
                .help("Remove the attribute block, or use the attribute in a key."),
            ));
        }
    }
    if !names_known || (copies::restores(config) && blocks.is_empty()) {
        return;
    }
    let mut told = BTreeSet::new();
    for u in &uses {
        let Some(name) = u.name.as_str() else { continue };
        if defined.contains(name) || !told.insert(name) {
            continue;
        }
        let meant = nearest(name, defined.iter().copied());
        let help = match meant {
            Some(meant) => format!("Did you mean \"{meant}\"?"),
            None => format!(
                "Add the attribute block, with the type that fits:\n\n    attribute {{\n      name = \"{name}\"\n      type = \"S\"\n    }}"
            ),
        };
        findings.push((
            u.path.clone(),
            Diagnostic::error(
                "Key attribute is not defined",
                format!(
                    "{} is \"{name}\", but no attribute block has that name. DynamoDB needs the type of every key attribute.",
                    u.role
                ),
            )
            .help(help),
        ));
    }
}

fn indexes(config: &Object, findings: &mut Findings) {
    let mut names = BTreeSet::new();
    for block in ["global_secondary_index", "local_secondary_index"] {
        for (i, index) in config.blocks(block).iter().enumerate() {
            let name = index.str("name").unwrap_or_default().to_string();
            projection(config, block, i, index, findings);
            if (1..LEAST_NAME).contains(&name.chars().count()) {
                findings.push((
                    part(config, block, i, "name"),
                    Diagnostic::warning(
                        "Name of an index is too short",
                        format!(
                            "AWS refuses names of indexes with fewer than {LEAST_NAME} characters, and this one is \"{name}\"; other \
                             endpoints may take it."
                        ),
                    ),
                ));
            }
            if !name.is_empty() && !names.insert(name.clone()) {
                findings.push((
                    part(config, block, i, "name"),
                    Diagnostic::error(
                        "Duplicate index name",
                        format!("Two indexes of the table have the name \"{name}\"."),
                    ),
                ));
            }
        }
    }
    let included = |block: &str| -> usize {
        config.blocks(block).iter().map(|index| index.strings("non_key_attributes").len()).sum()
    };
    let projected = included("global_secondary_index") + included("local_secondary_index");
    if projected > MAX_PROJECTED {
        let blocks = ["global_secondary_index", "local_secondary_index"];
        let at = blocks.into_iter().find(|block| included(block) > 0).unwrap_or(blocks[0]);
        findings.push((
            Path::attr(at),
            Diagnostic::error(
                "Too many projected attributes",
                format!(
                    "The non_key_attributes of all indexes are {projected}; DynamoDB allows {MAX_PROJECTED} for a table, each index \
                     counted on its own."
                ),
            )
            .help("Project less, or use projection_type = \"ALL\", which does not count."),
        ));
    }
    let local = config.blocks("local_secondary_index").len();
    if local > 0 && (is_null(config, "range_key") || config.str("range_key") == Some("")) {
        findings.push((
            Path::attr("local_secondary_index"),
            Diagnostic::error(
                "Local index without a sort key",
                "A table with a local_secondary_index must have a range_key: such an index offers another sort key.",
            )
            .help("Give the table a range_key, or make it a global_secondary_index."),
        ));
    }
    if local > MAX_LOCAL {
        findings.push((
            Path::attr("local_secondary_index"),
            Diagnostic::error(
                "Too many local indexes",
                format!("The table has {local} local_secondary_index blocks; DynamoDB allows {MAX_LOCAL}."),
            ),
        ));
    }
    let global = config.blocks("global_secondary_index").len();
    if global > USUAL_GLOBAL {
        findings.push((
            Path::attr("global_secondary_index"),
            Diagnostic::warning(
                "Many global indexes",
                format!(
                    "The table has {global} global_secondary_index blocks; DynamoDB allows {USUAL_GLOBAL} unless the \
                     account's quota was raised."
                ),
            ),
        ));
    }
}

/// What a table begins with.
fn beginnings(config: &Object, findings: &mut Findings) {
    let (restores, imports) = (copies::restores(config), copies::imports(config));
    let time = ["restore_date_time", "restore_to_latest_time"];
    let given = |name: &str| !is_null(config, name) && config.bool(name) != Some(false) && config.str(name) != Some("");
    if restores && imports {
        let detail = "A table is either restored from another one or imported from S3.";
        findings.push((Path::attr("import_table"), Diagnostic::error("Two origins of a table", detail)));
    }
    let at = |name: &str| if is_null(config, name) { "restore_source_table_arn" } else { name }.to_string();
    if restores && !time.iter().any(|name| given(name)) {
        let detail =
            "A table is restored as it was at restore_date_time, or as it is now with restore_to_latest_time = true.";
        let finding = Diagnostic::error("Missing time to restore", detail);
        findings.push((Path::attr(&at("restore_source_name")), finding.help("Add restore_to_latest_time = true.")));
    }
    if restores && time.iter().all(|name| given(name)) {
        let detail = "restore_date_time and restore_to_latest_time say different things; one of them must go.";
        findings.push((Path::attr("restore_date_time"), Diagnostic::error("Two times to restore", detail)));
    }
    if imports && !config.blocks("local_secondary_index").is_empty() {
        let detail = "ImportTable makes no local indexes, and they cannot be added to a table later.";
        let finding = Diagnostic::error("Local index of an imported table", detail);
        findings.push((Path::attr("local_secondary_index"), finding.help("Use a global_secondary_index.")));
    }
}

fn copies_elsewhere(config: &Object, findings: &mut Findings) {
    let replicas = config.blocks("replica");
    let mut regions = BTreeSet::new();
    for (i, replica) in replicas.iter().enumerate() {
        if let Some(region) = replica.str("region_name")
            && !regions.insert(region.to_string())
        {
            let detail =
                format!("Two replica blocks have the region_name \"{region}\"; a table has one replica in a region.");
            let at = part(config, "replica", i, "region_name");
            findings.push((at, Diagnostic::error("Duplicate replica", detail)));
        }
    }
    let known = |name: &str| config.get(name).is_none_or(Value::is_known);
    let streams = config.bool("stream_enabled") == Some(true)
        && config.str("stream_view_type").is_none_or(|view| view == "NEW_AND_OLD_IMAGES");
    if !replicas.is_empty() && known("stream_enabled") && known("stream_view_type") && !streams {
        let detail = "Replicas are fed by the table's stream: DynamoDB wants stream_enabled = true and stream_view_type = \
                      \"NEW_AND_OLD_IMAGES\" before it makes one.";
        findings.push((Path::attr("replica"), Diagnostic::warning("Replica without a stream", detail)));
    }
}

/// AWS lets time to live change once an hour, and another attribute takes two changes.
fn other_time_to_live(config: &Object, prior: &Object, findings: &mut Findings) {
    let (Some(old), Some(new)) = (prior.block("ttl"), config.block("ttl")) else { return };
    let on = |block: &Object| block.bool("enabled") == Some(true);
    if let (Some(before), Some(after)) = (old.text("attribute_name"), new.text("attribute_name"))
        && on(&old)
        && on(&new)
        && before != after
    {
        let detail = format!(
            "Time to live goes by \"{before}\" and is to go by \"{after}\": it is switched off and on again, and AWS allows one \
             change an hour, so the second one may be refused."
        );
        let finding = Diagnostic::warning("Time to live changes twice", detail);
        let help = "Apply enabled = false first and the other attribute_name an hour later, or apply again when AWS has refused.";
        findings.push((part(config, "ttl", 0, "attribute_name"), finding.help(help)));
    }
}

fn projection(config: &Object, block: &str, i: usize, index: &Object, findings: &mut Findings) {
    let name = index.str("name").unwrap_or_default();
    let Some(ty) = index.str("projection_type") else { return };
    let Some(attributes) = index.get("non_key_attributes") else { return };
    let given = attributes.as_slice().is_some_and(|a| !a.is_empty());
    if ty == "INCLUDE" && !given && attributes.is_known() {
        findings.push((
            part(config, block, i, "projection_type"),
            Diagnostic::error(
                "Missing attributes of an index",
                format!("Index \"{name}\" has projection_type \"INCLUDE\" but no non_key_attributes to include."),
            )
            .help("Name the attributes in non_key_attributes, or use \"KEYS_ONLY\" or \"ALL\"."),
        ));
    }
    if ty != "INCLUDE" && given {
        findings.push((
            part(config, block, i, "non_key_attributes"),
            Diagnostic::error(
                "Attributes of an index have no meaning",
                format!(
                    "Index \"{name}\" has non_key_attributes, which only projection_type \"INCLUDE\" allows; it is \"{ty}\"."
                ),
            ),
        ));
    }
}

fn billing(config: &Object, findings: &mut Findings) {
    if config.get("billing_mode").is_some_and(|v| !v.is_known()) {
        return;
    }
    if on_demand(config) {
        for name in ["read_capacity", "write_capacity"] {
            if config.int(name).is_some_and(|n| n > 0) {
                findings.push((
                    Path::attr(name),
                    Diagnostic::error(
                        "Capacity of an on-demand table",
                        format!("{name} can not be set when billing_mode is \"PAY_PER_REQUEST\"."),
                    )
                    .help(format!("Remove {name}, or set billing_mode = \"PROVISIONED\".")),
                ));
            }
        }
        return;
    }
    let limited = |object: &Object| {
        let block = object.block("on_demand_throughput").unwrap_or_default();
        ["max_read_request_units", "max_write_request_units"].iter().any(|name| block.int(name).is_some_and(|n| n > 0))
    };
    let only = "on_demand_throughput limits tables with billing_mode \"PAY_PER_REQUEST\"; this one is \"PROVISIONED\".";
    if limited(config) {
        findings.push((
            Path::attr("on_demand_throughput"),
            Diagnostic::error("On-demand limits of a provisioned table", only),
        ));
    }
    for (i, index) in config.blocks("global_secondary_index").iter().enumerate() {
        if limited(index) {
            findings.push((
                part(config, "global_secondary_index", i, "on_demand_throughput"),
                Diagnostic::error("On-demand limits of a provisioned table", only),
            ));
        }
    }
}

fn capacity(config: &Object, planned: &Object, findings: &mut Findings) {
    if planned.str("billing_mode") != Some("PROVISIONED") {
        return;
    }
    // A hole is either the configuration's, filled in time, or AWS's because nothing was written.
    let missing = |config: &Object, planned: &Object, name: &str| match planned.get(name) {
        Some(value) if value.is_known() => planned.int(name).is_none_or(|n| n < 1),
        _ => is_null(config, name),
    };
    let help = |name: &str| format!("Set {name}, or billing_mode = \"PAY_PER_REQUEST\".");
    for name in ["read_capacity", "write_capacity"] {
        if missing(config, planned, name) {
            let detail =
                format!("{name} must be at least 1 when billing_mode is \"PROVISIONED\", which is the default.");
            let d = Diagnostic::error("Missing capacity of a provisioned table", detail);
            findings.push((Path::attr(name), d.help(help(name))));
        }
    }
    let indexes = planned.blocks("global_secondary_index");
    for (i, written) in config.blocks("global_secondary_index").iter().enumerate() {
        let Some(index) = indexes.iter().find(|index| index.str("name") == written.str("name")) else { continue };
        for name in ["read_capacity", "write_capacity"] {
            if missing(written, index, name) {
                let detail = format!(
                    "{name} of index \"{}\" must be at least 1: the table's billing_mode is \"PROVISIONED\".",
                    index.str("name").unwrap_or_default()
                );
                let d = Diagnostic::error("Missing capacity of an index", detail);
                findings.push((part(config, "global_secondary_index", i, name), d.help(help(name))));
            }
        }
    }
}

fn time_to_live(config: &Object, findings: &mut Findings) {
    let Some(block) = config.block("ttl") else { return };
    if block.bool("enabled") == Some(true)
        && (is_null(&block, "attribute_name") || block.str("attribute_name") == Some(""))
    {
        findings.push((
            part(config, "ttl", 0, "enabled"),
            Diagnostic::error(
                "Time to live without an attribute",
                "attribute_name of ttl must be set when enabled is true: it names the attribute that holds the time of expiry.",
            ),
        ));
    }
}

/// The provider ignores a changed type of a key attribute in silence; we do not.
fn key_types(config: &Object, prior: &Object, findings: &mut Findings) {
    let before = prior.blocks("attribute");
    for (i, block) in config.blocks("attribute").iter().enumerate() {
        let (Some(name), Some(ty)) = (block.str("name"), block.str("type")) else { continue };
        let old = before.iter().find(|b| b.str("name") == Some(name)).and_then(|b| b.str("type"));
        if let Some(old) = old.filter(|old| *old != ty) {
            findings.push((
                part(config, "attribute", i, "type"),
                Diagnostic::warning(
                    "Type of a key attribute stays",
                    format!(
                        "The attribute \"{name}\" has type \"{old}\", and DynamoDB cannot change it to \"{ty}\": the type of a \
                         key attribute is fixed when the key is made. It is left as it is."
                    ),
                )
                .help("Give the attribute another name, or make the table or the index anew."),
            ));
        }
    }
}

/// Nor a local index that is changed under its name.
fn local_indexes(config: &Object, prior: &Object, planned: &Object, findings: &mut Findings) {
    const BLOCK: &str = "local_secondary_index";
    if planned.get(BLOCK) != prior.get(BLOCK) {
        return;
    }
    let before = prior.blocks(BLOCK);
    for (i, block) in config.blocks(BLOCK).iter().enumerate() {
        let Some(name) = block.str("name") else { continue };
        let Some(old) = before.iter().find(|b| b.str("name") == Some(name)) else { continue };
        let changed = ["range_key", "projection_type", "non_key_attributes"].into_iter().find(|part| {
            let (old, new) = (old.get(part), block.get(part));
            new.is_some_and(|n| {
                n.is_wholly_known() && !(n.is_zero() && old.is_none_or(Value::is_zero)) && Some(n) != old
            })
        });
        if let Some(changed) = changed {
            findings.push((
                part(config, BLOCK, i, changed),
                Diagnostic::warning(
                    "Local index stays",
                    format!(
                        "The index \"{name}\" has another {changed}, and DynamoDB cannot change a local index: it is made with its \
                         table. It is left as it is."
                    ),
                )
                .help("Give the index another name, which replaces the table, or replace the table with -replace=."),
            ));
        }
    }
}

fn is_null(object: &Object, name: &str) -> bool {
    object.get(name).is_none_or(Value::is_null)
}

/// An attribute of the `i`th element of a block. Elements of a set are told by what they say: their order is not that of the
/// configuration.
fn part(config: &Object, block: &str, i: usize, name: &str) -> Path {
    let element = match config.get(block).map(Value::kind) {
        Some(Kind::Set(_, elements)) => elements.get(i).cloned().map(PathStep::Element),
        _ => None,
    };
    Path::attr(block).then(element.unwrap_or(PathStep::Index(i))).then(PathStep::Attr(name.into()))
}
