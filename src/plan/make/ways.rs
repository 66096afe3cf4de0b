//! The ways to AWS of a plan: one connection per provider configuration and region, opened when something first needs it.
//!
//! Refuses to know what is asked over them.

use super::Planner;
use crate::address::Address;
use crate::config::expr::Expr;
use crate::diag::{Diags, Span};
use crate::plan::providers::{self, ProviderKey};
use crate::plan::{failure, region};
use crate::resources::{Aws, Place};
use crate::value::Fields;
use std::sync::Arc;

impl Planner<'_> {
    /// The way to AWS of a provider configuration.
    pub(super) async fn aws(&mut self, key: &ProviderKey, span: Option<&Span>) -> Option<Aws> {
        if let Some(aws) = self.providers.get(key) {
            return Some(aws.clone());
        }
        if self.failed_providers.contains(key) {
            return None;
        }
        let settings = match providers::settings(&mut self.world, key) {
            Ok(settings) => settings,
            Err(diags) => {
                self.world.diags.extend(diags.into_iter().map(|d| if d.span.is_none() { d.at_opt(span) } else { d }));
                self.failed_providers.insert(key.clone());
                return None;
            }
        };
        match (self.request.connect)(settings).await {
            Ok(aws) => {
                self.providers.insert(key.clone(), aws.clone());
                Some(aws)
            }
            Err(e) => {
                let block = key.block(&self.request.config).map(|(_, b)| b.span.clone());
                self.error(failure(&e, None).at_opt(block.as_ref()));
                self.failed_providers.insert(key.clone());
                None
            }
        }
    }

    /// The way to AWS of a provider configuration in the region that an object says; the provider's own where it says none.
    pub(super) async fn aws_in(
        &mut self,
        key: &ProviderKey,
        region: Option<&Arc<str>>,
        span: Option<&Span>,
    ) -> Option<Aws> {
        let base = self.aws(key, span).await?;
        let Some(region) = region.filter(|r| ***r != *base.place_so_far().region) else { return Some(base) };
        let which = (key.clone(), region.clone());
        if let Some(aws) = self.regional.get(&which) {
            return Some(aws.clone());
        }
        match (self.request.connect)(base.settings_in(region)).await {
            Ok(aws) => {
                self.regional.insert(which, aws.clone());
                Some(aws)
            }
            Err(e) => {
                self.error(failure(&e, None).at_opt(span));
                None
            }
        }
    }

    /// Where a provider configuration works, with the account if `account`.
    pub(super) async fn place(
        &mut self,
        key: &ProviderKey,
        region: Option<&Arc<str>>,
        account: bool,
        span: &Span,
    ) -> Option<Place> {
        if key.is_builtin() {
            return Some(Place::default());
        }
        let which = (key.clone(), region.cloned());
        if let Some(place) = self.places.get(&which) {
            return Some(place.clone());
        }
        let aws = self.aws_in(key, region, Some(span)).await?;
        if !account {
            return Some(aws.place_so_far());
        }
        match aws.place().await {
            Ok(place) => {
                self.places.insert(which, place.clone());
                Some(place)
            }
            Err(e) => {
                self.error(failure(&e, None).at(span));
                None
            }
        }
    }

    /// The region that a block's argument names, if it has one.
    pub(super) fn region(
        &self,
        written: Option<&Expr>,
        address: &Address,
        names: Option<&Arc<Fields>>,
        diags: &mut Diags,
    ) -> Option<Arc<str>> {
        match region::named(written?, &self.world.scope(&address.module, names)) {
            Ok(region) => region,
            Err(found) => {
                diags.extend(found);
                None
            }
        }
    }
}
