//! The way from the AWS SDK into the embedded AWS without a port.
//!
//! Refuses to know what is asked and answered.

use super::Sandbox;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use std::fmt;

#[derive(Clone)]
struct InProcess(Sandbox);

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

/// A client whose requests go to `sandbox`.
pub(super) fn client(sandbox: Sandbox) -> SharedHttpClient {
    SharedHttpClient::new(InProcess(sandbox))
}

/// The same for requests that no SDK makes.
pub(super) fn connector(sandbox: Sandbox) -> SharedHttpConnector {
    SharedHttpConnector::new(InProcess(sandbox))
}

impl HttpClient for InProcess {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(pass(&self.0, request))
    }
}

fn pass(sandbox: &Sandbox, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let body = request.body().bytes().map(Bytes::copy_from_slice);
    let body = body.ok_or_else(|| ConnectorError::user("the embedded AWS takes no streamed bodies".into()))?;
    let request = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?;
    let (parts, _) = request.into_parts();
    match sandbox.answer(&http::Request::from_parts(parts, body)) {
        Some(response) => {
            let response = response.map(SdkBody::from);
            HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
        }
        None => Err(ConnectorError::io("the connection was lost".into())),
    }
}
