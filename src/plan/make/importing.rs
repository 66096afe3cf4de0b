//! Objects that come under management: `import` blocks and the `import` command, and the configuration that is written for them.

use super::{Planner, Stored};
use crate::address::{Address, BlockAddress, ModulePath};
use crate::config;
use crate::diag::{Diagnostic, Diags, Span};
use crate::plan::providers::{ProviderKey, provider_of};
use crate::plan::{failure, generate, imports, region, stored};
use crate::resources::{self, Resource};
use crate::value::{Fields, Value};
use std::sync::Arc;

impl Planner<'_> {
    /// Reads what these blocks import and writes a block for each, in their order.
    pub(super) async fn generate(mut self, missing: Vec<config::Import>) -> Result<String, Diags> {
        self.decode();
        self.fold().await;
        let mut text = generate::HEADER.to_string();
        for import in missing {
            if self.world.diags.has_errors() {
                break;
            }
            for (to, id) in imports::evaluate(&mut self.world, &import) {
                if self.objects.contains_key(&to) || !self.is_targeted(&to) {
                    continue;
                }
                let Some(resource) = self.generates(&import, &to) else { continue };
                let key = provider_of(&self.request.config, &[], import.provider.as_ref(), &to.ty);
                self.import_spans.insert(to.clone(), import.span.clone());
                self.imports.insert(to.clone(), id.clone());
                self.read_import_in(None, &to, resource, &key, &import.span).await;
                if let Some(stored) = self.objects.get(&to) {
                    let provider = import.provider.as_ref().map(|p| p.text());
                    let region = region::of_import(&id, resource.schema()).1.map(String::from);
                    let object = &stored.object;
                    let found = generate::Found { address: &to, id: &id, provider, region, resource, object };
                    text.push_str(&generate::block(&found, &self.request.facts, &self.request.base_dir));
                }
            }
        }
        match self.world.diags.has_errors() {
            true => Err(self.world.diags),
            false => Ok(text),
        }
    }

    /// The type of an object that configuration can be written for; reports why none can.
    pub(super) fn generates(&mut self, import: &config::Import, to: &Address) -> Option<&'static dyn Resource> {
        if import.for_each.is_some() || !generate::possible(to) {
            let detail = "The given import block is not compatible with config generation. The -generate-config-out option cannot be \
                          used with import blocks which use for_each, with resources which use for_each or count, or with those of \
                          other modules than the root module.";
            let d = Diagnostic::error("Configuration for import target does not exist", detail).at(&import.to.span);
            self.error(d);
            return None;
        }
        let found = resources::resource(&to.ty);
        if found.is_none() {
            let detail =
                format!("formwork does not support the type \"{}\", so it cannot write configuration for it.", to.ty);
            self.error(Diagnostic::error("Unsupported resource type", detail).at(&import.to.span));
        }
        found
    }

    /// Works out the `import` blocks for this block, as far as they are for what the state does not have yet.
    pub(super) fn imports_for(&mut self, block: &BlockAddress) {
        let config = self.request.config.clone();
        for import in config.root.imports.iter().filter(|i| imports::block(i).as_ref() == Some(block)) {
            for (to, id) in imports::evaluate(&mut self.world, import) {
                if !self.objects.contains_key(&to) {
                    self.import_spans.insert(to.clone(), import.span.clone());
                    self.imports.insert(to, id);
                }
            }
        }
    }

    /// Reports imports into instances that their block does not have.
    pub(super) fn imports_nowhere(&mut self, block: &BlockAddress, instances: &[Address]) {
        let mut nowhere: Vec<Address> = self
            .imports
            .keys()
            .filter(|to| to.block() == *block && !instances.contains(to) && self.is_targeted(to))
            .cloned()
            .collect();
        nowhere.sort();
        for to in nowhere {
            let detail = format!(
                "The configuration for the given import {to} does not exist. All target instances must have an associated \
                 configuration to be imported."
            );
            let d = Diagnostic::error("Configuration for import target does not exist", detail);
            self.error(d.at_opt(self.import_spans.get(&to)));
        }
    }

    /// Reports imports into blocks that nobody wrote.
    pub(super) fn imports_without_block(&mut self) {
        let config = self.request.config.clone();
        for import in &config.root.imports {
            let Some(block) = imports::block(import).filter(|b| config.resource(b).is_none()) else { continue };
            let target =
                Address { module: ModulePath::root(), mode: block.mode, ty: block.ty, name: block.name, key: None };
            if !self.request.targets.is_empty() && !self.request.targets.iter().any(|t| t.contains(&target)) {
                continue;
            }
            let detail = format!(
                "The configuration for the given import target {} does not exist. All target instances must have an associated \
                 configuration to be imported.",
                import.to.span.text()
            );
            let d = Diagnostic::error("Configuration for import target does not exist", detail).at(&import.to.span);
            self.error(d.help(
                "Write the resource block, or have it written from what is there:\n\n    formwork plan -generate-config-out=generated.tf",
            ));
        }
    }

    /// Reads an object that is to be imported; from then on it is as if the state had it.
    pub(super) async fn read_import(
        &mut self,
        address: &Address,
        written: &config::Resource,
        resource: &'static dyn Resource,
        key: &ProviderKey,
        names: Option<&Arc<Fields>>,
    ) {
        if !self.imports.contains_key(address) || self.objects.contains_key(address) {
            return;
        }
        let mut diags = Diags::new();
        let region = self.region(region::split(&written.body, resource.schema()).1, address, names, &mut diags);
        // What is wrong is told where the block is planned.
        if !diags.has_errors() {
            self.read_import_in(region, address, resource, key, &written.span).await;
        }
    }

    /// The same, of an object whose block says that it lies in this region.
    pub(super) async fn read_import_in(
        &mut self,
        written_region: Option<Arc<str>>,
        address: &Address,
        resource: &'static dyn Resource,
        key: &ProviderKey,
        span: &Span,
    ) {
        let Some(id) = self.imports.get(address).cloned() else { return };
        let place_span = self.import_spans.get(address).cloned().unwrap_or_else(|| span.clone());
        let schema = resource.schema();
        let (own, of_id) = region::of_import(&id, schema);
        let carried = of_id.map(Arc::from).or(written_region);
        let handle = match resource.import_id(own) {
            Ok(handle) => handle,
            Err(detail) => {
                self.error(Diagnostic::error("Invalid import id", detail).at(&place_span).about(address));
                return;
            }
        };
        let Some(aws) = self.aws_in(key, carried.as_ref(), Some(span)).await else { return };
        match resource.read(&aws, &handle).await {
            Ok(Some(mut object)) => {
                if region::is_regional(schema) && (carried.is_some() || self.world.has_regions) {
                    object.set(region::NAME, aws.place_so_far().region);
                }
                for (name, ty) in stored::fields(resource.schema()) {
                    object.0.entry(name).or_insert_with(|| Value::null(ty));
                }
                let marks = stored::schema_marks(&resource.schema().block, &object.to_value());
                let dependencies =
                    self.dependencies.get(&address.block()).map(|d| stored::dependency_names(d)).unwrap_or_default();
                let instance = stored::encode(resource, &object, &marks, None, dependencies, false);
                let now = Some(object.clone());
                self.objects.insert(address.clone(), Stored { provider: key.clone(), instance, object, marks, now });
            }
            Ok(None) => {
                let detail = format!(
                    "Cannot import {address}: there is no object with the id {id:?}. Only objects that exist can be imported."
                );
                self.error(
                    Diagnostic::error("Cannot import non-existent remote object", detail)
                        .at(&place_span)
                        .help("Check the id and that the provider is configured for the right region and account, or create a new object instead."),
                );
            }
            Err(e) => self.error(failure(&e, Some(address)).at(&place_span)),
        }
    }
}
