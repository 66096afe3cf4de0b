//! The resources of a state and the instances of a resource: found by name without searching, in the order of the file.
//!
//! Refuses to know what they are changed for: `change` has the operations.

use super::{Instance, Resource};
use crate::address::{Address, Key, Mode};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the file sorts resources by: the module as text, then data before managed, type, name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ResourceKey {
    module: String,
    mode: Mode,
    ty: Arc<str>,
    name: Arc<str>,
}

impl ResourceKey {
    fn of(r: &Resource) -> ResourceKey {
        ResourceKey { module: r.module.to_string(), mode: r.mode, ty: r.ty.clone(), name: r.name.clone() }
    }

    fn at(a: &Address) -> ResourceKey {
        ResourceKey { module: a.module.to_string(), mode: a.mode, ty: a.ty.clone(), name: a.name.clone() }
    }
}

/// Resources, each once, in Terraform's order. Made from any number of them; later ones win.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources(BTreeMap<ResourceKey, Resource>);

impl Resources {
    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.0.values()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The resource that the object at this address belongs to.
    pub fn get(&self, address: &Address) -> Option<&Resource> {
        self.0.get(&ResourceKey::at(address))
    }

    pub(super) fn get_mut(&mut self, address: &Address) -> Option<&mut Resource> {
        self.0.get_mut(&ResourceKey::at(address))
    }

    /// Adds one, or takes the place of the one of that name.
    pub fn insert(&mut self, resource: Resource) -> Option<Resource> {
        self.0.insert(ResourceKey::of(&resource), resource)
    }

    /// Takes one out.
    pub fn remove(&mut self, address: &Address) -> Option<Resource> {
        self.0.remove(&ResourceKey::at(address))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Resource> {
        self.0.values_mut()
    }
}

impl FromIterator<Resource> for Resources {
    fn from_iter<I: IntoIterator<Item = Resource>>(iter: I) -> Resources {
        Resources(iter.into_iter().map(|r| (ResourceKey::of(&r), r)).collect())
    }
}

impl From<Vec<Resource>> for Resources {
    fn from(resources: Vec<Resource>) -> Resources {
        resources.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a Resources {
    type Item = &'a Resource;
    type IntoIter = Box<dyn Iterator<Item = &'a Resource> + 'a>;
    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.0.values())
    }
}

impl IntoIterator for Resources {
    type Item = Resource;
    type IntoIter = std::vec::IntoIter<Resource>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values().collect::<Vec<_>>().into_iter()
    }
}

/// Instances, each once, in Terraform's order: without a key, numbers, strings; an object before its deposed ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Instances(BTreeMap<(Option<Key>, Option<String>), Instance>);

impl Instances {
    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = &Instance> {
        self.0.values()
    }

    /// How many, deposed ones included.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object of this key, or its deposed one of this id.
    pub fn get(&self, key: &Option<Key>, deposed: Option<&str>) -> Option<&Instance> {
        self.0.get(&(key.clone(), deposed.map(str::to_string)))
    }

    /// The deposed objects of this key.
    pub fn deposed(&self, key: &Option<Key>) -> impl Iterator<Item = &Instance> {
        let first = (key.clone(), Some(String::new()));
        let key = key.clone();
        self.0.range(first..).take_while(move |((k, _), _)| *k == key).map(|(_, i)| i)
    }

    /// Adds one, or takes the place of the one of that key and deposed id.
    pub fn insert(&mut self, instance: Instance) -> Option<Instance> {
        self.0.insert((instance.key.clone(), instance.deposed.clone()), instance)
    }

    /// Takes one out.
    pub fn remove(&mut self, key: &Option<Key>, deposed: Option<&str>) -> Option<Instance> {
        self.0.remove(&(key.clone(), deposed.map(str::to_string)))
    }
}

impl FromIterator<Instance> for Instances {
    fn from_iter<I: IntoIterator<Item = Instance>>(iter: I) -> Instances {
        Instances(iter.into_iter().map(|i| ((i.key.clone(), i.deposed.clone()), i)).collect())
    }
}

impl From<Vec<Instance>> for Instances {
    fn from(instances: Vec<Instance>) -> Instances {
        instances.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a Instances {
    type Item = &'a Instance;
    type IntoIter = Box<dyn Iterator<Item = &'a Instance> + 'a>;
    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.0.values())
    }
}

impl IntoIterator for Instances {
    type Item = Instance;
    type IntoIter = std::vec::IntoIter<Instance>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_values().collect::<Vec<_>>().into_iter()
    }
}
