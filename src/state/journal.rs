//! What is about to happen and what has happened since the state was last written: lines that lie beside it, whatever its store.
//!
//! Before something in the world is changed, the intent is on disk; after it, the result. So whoever opens the state next knows
//! everything that was done, and of what may have been done, where to look. Every line says what *is* at an address, never what
//! changes there: reading any part of it twice, or over a state that has some of it already, comes to the same.
//!
//! Refuses to know what an intent means: that is the planner's, and the object in it is opaque here.

use super::{Instance, State, tfstate};
use crate::address::Address;
use serde_json::{Value as Json, json};

/// The version of the format. Lines of another one are not read.
const FORMAT: u64 = 1;
/// How a lineage is written that is not chosen yet: the state is not stored.
const UNBORN: &str = "none yet";

/// What an intent is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Make an object that was not there.
    Create,
    /// Change one in place.
    Update,
    /// Delete one.
    Delete,
}

/// Something that is about to be done.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// Which run noted it: a uuid.
    pub run: String,
    /// Its number in that run.
    pub number: u64,
    /// When, in RFC 3339.
    pub at: String,
    /// What.
    pub deed: Deed,
    /// The object.
    pub address: Address,
    /// Set if it is a deposed object.
    pub deposed: Option<String>,
    /// As in the state.
    pub provider: String,
    /// The region that it is done in.
    pub region: String,
    /// The object, with the identity that it will have: as planned, or for a deletion as it was last seen.
    pub object: Json,
    /// What it depends on, as in the state.
    pub dependencies: Vec<String>,
    /// `create_before_destroy`
    pub create_before_destroy: bool,
}

/// Everything that the state has at one address from now on: its object and its deposed ones; nothing, if it is gone.
#[derive(Clone, Debug, PartialEq)]
pub struct There {
    /// Where.
    pub address: Address,
    /// As in the state.
    pub provider: String,
    /// The objects.
    pub instances: Vec<Instance>,
}

impl There {
    /// What `state` has at `address`.
    pub fn of(state: &State, address: &Address) -> There {
        let resource = state.resources.get(address);
        let own = resource
            .into_iter()
            .flat_map(|r| r.instances.get(&address.key, None).into_iter().chain(r.instances.deposed(&address.key)));
        There {
            address: address.clone(),
            provider: resource.map(|r| r.provider.clone()).unwrap_or_default(),
            instances: own.cloned().collect(),
        }
    }

    /// Makes it so in `state`.
    pub fn apply(&self, state: &mut State) {
        state.remove_all(&self.address);
        for instance in &self.instances {
            state.set(&self.address, &self.provider, instance.clone());
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// Something is about to be done; what the state has there until then (an object set aside) comes with it.
    Intent(Box<Intent>, Option<There>),
    /// The intent of this number is done, or came to nothing, and this is there now.
    Done(u64, Vec<There>),
}

/// What a journal says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journal {
    /// Results, in order, that may not be in the state yet.
    pub results: Vec<There>,
    /// Intents without a result.
    pub open: Vec<Intent>,
    /// Set if it is of another version, and what it says is not known: which.
    pub other_version: Option<u64>,
    /// Versions of the state that the results belong to: lineage and serial.
    bases: Vec<(String, u64)>,
}

impl Journal {
    /// Reads what is there. Lines that are cut off or damaged were never safe, and are left out.
    pub fn parse(bytes: &[u8]) -> Journal {
        let mut journal = Journal::default();
        let mut run = String::new();
        for line in bytes.split(|b| *b == b'\n') {
            if let Ok(json) = serde_json::from_slice::<Json>(line) {
                // A line that does not say what it should counts as damaged.
                let _ = journal.take(&json, &mut run);
            }
        }
        journal
    }

    fn take(&mut self, json: &Json, run: &mut String) -> Option<()> {
        if let Some(format) = json.get("formwork_journal") {
            if format.as_u64() != Some(FORMAT) {
                self.other_version = Some(format.as_u64().unwrap_or_default());
                return None;
            }
            *run = json.get("run")?.as_str()?.to_string();
            self.base(json)?;
        } else if json.get("saving").is_some() {
            self.base(json)?;
        } else if let Some(intent) = json.get("intent") {
            let intent = read_intent(intent, run)?;
            if let Some(there) = json.get("there") {
                self.results.push(read_there(there)?);
            }
            self.open.push(intent);
        } else if let Some(number) = json.get("done") {
            let number = number.as_u64()?;
            let there = json.get("there")?.as_array()?.iter().map(read_there).collect::<Option<Vec<_>>>()?;
            self.results.extend(there);
            self.open.retain(|i| i.run != *run || i.number != number);
        }
        Some(())
    }

    fn base(&mut self, json: &Json) -> Option<()> {
        let lineage = json.get("lineage")?.as_str()?;
        let lineage = if lineage == UNBORN { "" } else { lineage };
        self.bases.push((lineage.to_string(), json.get("serial")?.as_u64()?));
        Some(())
    }

    /// Whether there is nothing in it that matters.
    pub fn is_empty(&self) -> bool {
        self.results.is_empty() && self.open.is_empty()
    }

    /// Whether `stored` is a version of the state that it was written beside: then its results are what the state lacks. Otherwise
    /// somebody else has written the state since, and nobody can tell without looking.
    pub fn belongs_to(&self, stored: Option<&State>) -> bool {
        let (lineage, serial) = stored.map_or(("", 0), |s| (&*s.lineage, s.serial));
        self.bases.iter().any(|(l, s)| l == lineage && *s == serial)
    }
}

/// The line that a run's journal begins with: which state it lies beside.
pub fn header(run: &str, lineage: &str, serial: u64) -> String {
    line(&json!({ "formwork_journal": FORMAT, "run": run, "lineage": written(lineage), "serial": serial }))
}

/// The line that goes before the state is written with this serial.
pub fn saving(lineage: &str, serial: u64) -> String {
    line(&json!({ "saving": true, "lineage": written(lineage), "serial": serial }))
}

fn written(lineage: &str) -> &str {
    if lineage.is_empty() { UNBORN } else { lineage }
}

impl Record {
    /// As a line, with its end.
    pub fn print(&self) -> String {
        line(&match self {
            Record::Intent(intent, there) => {
                let mut json = json!({ "intent": print_intent(intent) });
                if let (Some(there), Json::Object(map)) = (there, &mut json) {
                    map.insert("there".into(), print_there(there));
                }
                json
            }
            Record::Done(number, there) => {
                json!({ "done": number, "there": there.iter().map(print_there).collect::<Vec<_>>() })
            }
        })
    }
}

fn line(json: &Json) -> String {
    format!("{json}\n")
}

fn print_intent(intent: &Intent) -> Json {
    let deed = match intent.deed {
        Deed::Create => "create",
        Deed::Update => "update",
        Deed::Delete => "delete",
    };
    json!({
        "run": intent.run,
        "number": intent.number,
        "at": intent.at,
        "deed": deed,
        "address": intent.address.to_string(),
        "deposed": intent.deposed,
        "provider": intent.provider,
        "region": intent.region,
        "object": intent.object,
        "dependencies": intent.dependencies,
        "create_before_destroy": intent.create_before_destroy,
    })
}

fn read_intent(json: &Json, run: &str) -> Option<Intent> {
    let text = |name: &str| json.get(name).and_then(Json::as_str).map(String::from);
    let deed = match json.get("deed")?.as_str()? {
        "create" => Deed::Create,
        "update" => Deed::Update,
        "delete" => Deed::Delete,
        _ => return None,
    };
    Some(Intent {
        run: text("run").unwrap_or_else(|| run.to_string()),
        number: json.get("number")?.as_u64()?,
        at: text("at")?,
        deed,
        address: text("address")?.parse().ok()?,
        deposed: text("deposed"),
        provider: text("provider")?,
        region: text("region").unwrap_or_default(),
        object: json.get("object")?.clone(),
        dependencies: json
            .get("dependencies")?
            .as_array()?
            .iter()
            .filter_map(|d| d.as_str().map(String::from))
            .collect(),
        create_before_destroy: json.get("create_before_destroy")?.as_bool()?,
    })
}

/// Instances are told as in a state file.
fn print_there(there: &There) -> Json {
    let mut state = State { lineage: UNBORN.into(), ..State::default() };
    for instance in &there.instances {
        state.set(&there.address, &there.provider, instance.clone());
    }
    let text = tfstate::print(&state);
    let resources = serde_json::from_str::<Json>(&text).ok().and_then(|mut j| Some(j.get_mut("resources")?.take()));
    json!({ "address": there.address.to_string(), "resources": resources.unwrap_or_default() })
}

fn read_there(json: &Json) -> Option<There> {
    let address: Address = json.get("address")?.as_str()?.parse().ok()?;
    let whole = json!({ "version": 4, "lineage": UNBORN, "serial": 0, "resources": json.get("resources")? });
    let state = tfstate::parse("journal", &whole.to_string()).ok()?;
    Some(There::of(&state, &address))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = r#"provider["registry.terraform.io/hashicorp/aws"]"#;

    fn at(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn object(id: &str, deposed: Option<&str>, key: &Address) -> Instance {
        let mut instance = Instance { key: key.key.clone(), deposed: deposed.map(String::from), ..Instance::default() };
        instance.attributes.insert("id".into(), id.into());
        instance.sensitive_attributes.push(json!([{"type": "get_attr", "value": "id"}]));
        instance
    }

    fn there(address: &str, objects: &[(&str, Option<&str>)]) -> There {
        let address = at(address);
        let instances: Vec<Instance> = objects.iter().map(|(id, deposed)| object(id, *deposed, &address)).collect();
        let provider = if instances.is_empty() { String::new() } else { PROVIDER.to_string() };
        There { address, provider, instances }
    }

    fn intent(number: u64, address: &str) -> Intent {
        Intent {
            run: "r".into(),
            number,
            at: "2026-01-01T00:00:00Z".into(),
            deed: Deed::Create,
            address: at(address),
            deposed: None,
            provider: PROVIDER.into(),
            region: "eu-central-1".into(),
            object: json!(["object", {"a": ["n", "1.50"]}]),
            dependencies: vec!["aws_x.z".into()],
            create_before_destroy: true,
        }
    }

    fn whole() -> (String, Vec<There>) {
        let results = vec![
            there("aws_x.y[\"k\"]", &[("old", Some("00000001"))]),
            there("aws_x.z", &[("z", None)]),
            there("aws_x.y[\"k\"]", &[("new", None), ("old", Some("00000001"))]),
            there("aws_x.y[\"k\"]", &[("new", None)]),
            there("aws_x.z", &[]),
        ];
        let mut text = header("r", "", 0);
        text += &Record::Intent(intent(1, "aws_x.y[\"k\"]").into(), Some(results[0].clone())).print();
        text += &Record::Intent(intent(2, "aws_x.z").into(), None).print();
        text += &Record::Done(2, vec![results[1].clone()]).print();
        text += &Record::Done(1, vec![results[2].clone()]).print();
        text += &saving("l", 1);
        text += &Record::Intent(intent(3, "aws_x.y[\"k\"]").into(), None).print();
        text += &Record::Done(3, vec![results[3].clone(), results[4].clone()]).print();
        text += &Record::Intent(intent(4, "aws_x.q").into(), None).print();
        (text, results)
    }

    #[test]
    fn what_was_written_is_read() {
        let (text, results) = whole();
        let journal = Journal::parse(text.as_bytes());
        assert_eq!(journal.results, results);
        assert_eq!(journal.open, [intent(4, "aws_x.q")]);
        let version = |lineage: &str, serial| State { lineage: lineage.into(), serial, ..State::default() };
        assert!(journal.belongs_to(None));
        assert!(journal.belongs_to(Some(&version("l", 1))));
        assert!(!journal.belongs_to(Some(&version("l", 2))));
        assert!(!journal.belongs_to(Some(&version("k", 1))));
        assert!(Journal::parse(b"").is_empty());
    }

    /// Wherever it is cut off, and whichever of its results the state has already: the same comes out as of the whole lines alone.
    #[test]
    fn any_part_may_be_read_over_any_later_state() {
        let (text, _) = whole();
        let replay = |journal: &Journal, mut state: State| {
            journal.results.iter().for_each(|t| t.apply(&mut state));
            state
        };
        // Around the ends of lines, and here and there in them.
        let near = |cut: &usize| {
            cut.is_multiple_of(97) || text.as_bytes()[cut.saturating_sub(2)..text.len().min(cut + 1)].contains(&b'\n')
        };
        for cut in (0..=text.len()).filter(near) {
            let journal = Journal::parse(&text.as_bytes()[..cut]);
            let lines = text[..cut].rfind('\n').map_or(0, |i| i + 1);
            // A line without its end may be whole already; a part of it never counts.
            let next = text[lines..].find('\n').map_or(text.len(), |i| lines + i);
            let wanted = Journal::parse(&text.as_bytes()[..if cut == next { next + 1 } else { lines }.min(text.len())]);
            assert_eq!(journal, wanted, "cut at {cut}");
            let end = replay(&journal, State::default());
            for n in 0..=journal.results.len() {
                let mut some = State::default();
                journal.results[..n].iter().for_each(|t| t.apply(&mut some));
                assert_eq!(replay(&journal, some), end, "cut at {cut}, {n} there already");
            }
        }
    }

    #[test]
    fn another_version_is_told() {
        let (text, _) = whole();
        let other = text.replace("\"formwork_journal\":1", "\"formwork_journal\":2");
        assert_eq!(Journal::parse(other.as_bytes()).other_version, Some(2));
        assert_eq!(Journal::parse(text.as_bytes()).other_version, None);
    }
}
