//! Looking into a state by address and changing it.
//!
//! Refuses to know why: whoever calls decides.

use super::{Instance, Instances, JsonMap, Resource, State};
use crate::address::{Address, Target};
use std::fmt::Write;

/// Looking.
impl State {
    /// A state without anything, whose history begins with its first write.
    pub fn empty() -> State {
        State::default()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.outputs.is_empty()
    }

    /// The object at this address.
    pub fn get(&self, address: &Address) -> Option<&Instance> {
        self.resources.get(address)?.instances.get(&address.key, None)
    }

    /// The deposed object of this id.
    pub fn get_deposed(&self, address: &Address, id: &str) -> Option<&Instance> {
        self.resources.get(address)?.instances.get(&address.key, Some(id))
    }

    /// The addresses of all current objects that `target` covers, in the order of the file; each once even if only
    /// deposed objects are left.
    pub fn matching(&self, target: &Target) -> Vec<Address> {
        let mut found: Vec<Address> = self.objects().map(|(a, ..)| a).filter(|a| target.contains(a)).collect();
        found.dedup();
        found
    }

    /// Whether it says the same as `other`: serial, lineage and the writing version aside. What is the same is not
    /// written again.
    pub fn same(&self, other: &State) -> bool {
        self.outputs == other.outputs
            && self.resources == other.resources
            && self.extra == other.extra
            && same_checks(&self.check_results, &other.check_results)
    }

    /// Whether any value in it was marked as sensitive.
    pub fn holds_sensitive(&self) -> bool {
        self.outputs.values().any(|o| o.sensitive)
            || self.resources.iter().any(|r| r.instances.iter().any(|i| !i.sensitive_attributes.is_empty()))
    }
}

/// Terraform writes check results in no order.
fn same_checks(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    fn sorted(json: &serde_json::Value) -> serde_json::Value {
        match json {
            serde_json::Value::Array(vs) => {
                let mut vs: Vec<_> = vs.iter().map(sorted).collect();
                vs.sort_by_cached_key(|v| v.to_string());
                serde_json::Value::Array(vs)
            }
            serde_json::Value::Object(o) => {
                serde_json::Value::Object(o.iter().map(|(k, v)| (k.clone(), sorted(v))).collect())
            }
            other => other.clone(),
        }
    }
    a == b || sorted(a) == sorted(b)
}

/// Changing.
impl State {
    /// Puts an object at `address`: the current one, or a deposed one if it says so. Its key becomes the address's.
    pub fn set(&mut self, address: &Address, provider: &str, mut instance: Instance) {
        instance.key.clone_from(&address.key);
        match self.resources.get_mut(address) {
            Some(resource) => {
                if resource.provider != provider {
                    resource.provider = provider.to_string();
                }
                resource.instances.insert(instance);
            }
            None => {
                self.resources.insert(Resource {
                    module: address.module.clone(),
                    mode: address.mode,
                    ty: address.ty.clone(),
                    name: address.name.clone(),
                    provider: provider.to_string(),
                    instances: Instances::from(vec![instance]),
                    extra: JsonMap::new(),
                });
            }
        }
    }

    /// Forgets the object at `address`; its deposed ones stay.
    pub fn remove(&mut self, address: &Address) -> Option<Instance> {
        self.take(address, None)
    }

    /// Forgets one deposed object.
    pub fn remove_deposed(&mut self, address: &Address, id: &str) -> Option<Instance> {
        self.take(address, Some(id))
    }

    /// Forgets the object at `address` and its deposed ones; how many that were.
    pub fn remove_all(&mut self, address: &Address) -> usize {
        let Some(resource) = self.resources.get(address) else { return 0 };
        let mut ids: Vec<Option<String>> =
            resource.instances.deposed(&address.key).map(|i| i.deposed.clone()).collect();
        ids.push(None);
        ids.into_iter().filter_map(|id| self.take(address, id.as_deref())).count()
    }

    fn take(&mut self, address: &Address, deposed: Option<&str>) -> Option<Instance> {
        let resource = self.resources.get_mut(address)?;
        let taken = resource.instances.remove(&address.key, deposed)?;
        if resource.instances.is_empty() {
            self.resources.remove(address);
        }
        Some(taken)
    }

    /// Makes the object at `address` a deposed one: its successor is about to be made. Gives the new id.
    pub fn depose(&mut self, address: &Address) -> Option<String> {
        let resource = self.resources.get_mut(address)?;
        let mut instance = resource.instances.remove(&address.key, None)?;
        let id = loop {
            let id = new_id();
            if resource.instances.get(&address.key, Some(&id)).is_none() {
                break id;
            }
        };
        instance.deposed = Some(id.clone());
        resource.instances.insert(instance);
        Some(id)
    }

    /// Makes a deposed object the current one again, unless there is a current one: its successor was not made.
    pub fn restore(&mut self, address: &Address, id: &str) -> bool {
        if self.get(address).is_some() {
            return false;
        }
        let Some(resource) = self.resources.get_mut(address) else { return false };
        let Some(mut instance) = resource.instances.remove(&address.key, Some(id)) else { return false };
        instance.deposed = None;
        resource.instances.insert(instance);
        true
    }

    /// Moves the object at `from` with its deposed ones to `to`; the provider goes along. `false`, and nothing done, if
    /// nothing is at `from` or something is at `to`.
    pub fn rename(&mut self, from: &Address, to: &Address) -> bool {
        let occupied =
            |r: &Resource| r.instances.get(&to.key, None).is_some() || r.instances.deposed(&to.key).next().is_some();
        if self.resources.get(to).is_some_and(occupied) {
            return false;
        }
        let Some(resource) = self.resources.get(from) else { return false };
        let provider = resource.provider.clone();
        let mut ids: Vec<Option<String>> = resource.instances.deposed(&from.key).map(|i| i.deposed.clone()).collect();
        ids.push(None);
        let moved: Vec<Instance> = ids.into_iter().filter_map(|id| self.take(from, id.as_deref())).collect();
        for instance in &moved {
            self.set(to, &provider, instance.clone());
        }
        !moved.is_empty()
    }

    /// Gives resources another provider configuration: `new` is asked for each and answers with the stored form.
    pub fn replace_providers(&mut self, mut new: impl FnMut(&Resource) -> Option<String>) {
        for resource in self.resources.iter_mut() {
            if let Some(provider) = new(resource) {
                resource.provider = provider;
            }
        }
    }
}

/// Eight hexadecimal digits.
fn new_id() -> String {
    let mut id = String::with_capacity(8);
    for byte in &uuid::Uuid::new_v4().as_bytes()[..4] {
        // Writing into a String cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDER: &str = r#"provider["registry.terraform.io/hashicorp/aws"]"#;

    fn at(text: &str) -> Address {
        text.parse().unwrap()
    }

    fn object(id: &str) -> Instance {
        let mut instance = Instance::default();
        instance.attributes.insert("id".into(), id.into());
        instance
    }

    fn state(addresses: &[&str]) -> State {
        let mut state = State::empty();
        for a in addresses {
            state.set(&at(a), PROVIDER, object(a));
        }
        state
    }

    fn list(state: &State) -> Vec<String> {
        state
            .objects()
            .map(|(a, _, i)| i.deposed.as_ref().map_or(a.to_string(), |_| format!("{a} (deposed)")))
            .collect()
    }

    #[test]
    fn the_order_is_terraforms() {
        let state = state(&[
            "module.c[1].aws_x.y",
            "module.c[10].aws_x.y",
            "module.c[2].aws_x.y",
            "aws_x.y[10]",
            "aws_x.y[\"a\"]",
            "aws_x.y[2]",
            "aws_x.y",
            "aws_x.b",
            "data.aws_z.z",
        ]);
        assert_eq!(
            list(&state),
            [
                "data.aws_z.z",
                "aws_x.b",
                "aws_x.y",
                "aws_x.y[2]",
                "aws_x.y[10]",
                "aws_x.y[\"a\"]",
                "module.c[10].aws_x.y",
                "module.c[1].aws_x.y",
                "module.c[2].aws_x.y",
            ]
        );
    }

    #[test]
    fn an_empty_resource_goes_with_its_last_instance() {
        let mut state = state(&["aws_x.y[0]", "aws_x.y[1]"]);
        assert!(state.remove(&at("aws_x.y[0]")).is_some());
        assert_eq!(state.resources.len(), 1);
        assert!(state.remove(&at("aws_x.y[0]")).is_none());
        assert!(state.remove(&at("aws_x.y[1]")).is_some());
        assert!(state.is_empty());
    }

    #[test]
    fn deposed_objects_come_and_go() {
        let y = at("aws_x.y");
        let mut state = state(&["aws_x.y"]);
        let id = state.depose(&y).unwrap();
        assert!(id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{id}");
        assert!(state.get(&y).is_none());
        assert!(state.get_deposed(&y, &id).is_some());
        assert!(state.restore(&y, &id));
        assert_eq!(list(&state), ["aws_x.y"]);

        let id = state.depose(&y).unwrap();
        state.set(&y, PROVIDER, object("new"));
        assert_eq!(list(&state), ["aws_x.y", "aws_x.y (deposed)"]);
        assert_eq!(state.matching(&"aws_x.y".parse().unwrap()), std::slice::from_ref(&y));
        assert!(!state.restore(&y, &id), "there is a current one");
        assert!(state.remove_deposed(&y, &id).is_some());
        assert_eq!(state.get(&y).unwrap().attributes["id"], "new");
        assert!(state.depose(&at("aws_x.z")).is_none());
    }

    #[test]
    fn renaming_takes_everything_along_and_overwrites_nothing() {
        let (a, b) = (at("aws_x.a[0]"), at("module.m.aws_x.b[\"k\"]"));
        let mut state = state(&["aws_x.a[0]", "aws_x.a[1]"]);
        state.depose(&a);
        state.set(&a, PROVIDER, object("new"));
        assert!(!state.rename(&a, &at("aws_x.a[1]")), "occupied");
        assert!(!state.rename(&at("aws_x.z"), &b), "nothing there");
        assert!(state.rename(&a, &b));
        assert_eq!(list(&state), ["aws_x.a[1]", "module.m.aws_x.b[\"k\"]", "module.m.aws_x.b[\"k\"] (deposed)"]);
        assert_eq!(state.remove_all(&b), 2);
        assert_eq!(list(&state), ["aws_x.a[1]"]);
    }

    #[test]
    fn serial_lineage_and_version_make_no_difference() {
        let a = state(&["aws_x.y"]);
        let b = State { serial: 7, lineage: "l".into(), terraform_version: "1.0.0".into(), ..a.clone() };
        assert!(a.same(&b));
        let mut c = a.clone();
        c.set(&at("aws_x.y"), PROVIDER, object("other"));
        assert!(!a.same(&c));
        let checks = |text: &str| State { check_results: serde_json::from_str(text).unwrap(), ..a.clone() };
        assert!(checks(r#"[{"a":1},{"b":[1,2]}]"#).same(&checks(r#"[{"b":[2,1]},{"a":1}]"#)));
        assert!(!checks(r#"[{"a":1}]"#).same(&checks(r#"[{"a":2}]"#)));
    }

    #[test]
    fn ten_thousand_objects_are_no_trouble() {
        let started = std::time::Instant::now();
        let mut state = State::empty();
        for i in (0..10_000).rev() {
            state.set(&at(&format!("aws_x.y[{i}]")), PROVIDER, Instance::default());
            state.set(&at(&format!("aws_x.n{i}")), PROVIDER, Instance::default());
        }
        assert_eq!(state.objects().count(), 20_000);
        for i in 0..10_000 {
            assert!(state.remove(&at(&format!("aws_x.y[{i}]"))).is_some());
            assert!(state.rename(&at(&format!("aws_x.n{i}")), &at(&format!("aws_x.m{i}"))));
        }
        assert_eq!(state.resources.len(), 10_000);
        // Generous: quadratic would be minutes in a debug build.
        assert!(started.elapsed().as_secs() < 20);
    }
}
