//! The embedded AWS on a port, so that other programs see the same world.
//!
//! Refuses to know what is asked and answered.

use super::Sandbox;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use tokio::net::TcpListener;

/// The largest request body in bytes: DynamoDB takes 16 MiB.
const LARGEST: usize = 32 << 20;

impl Sandbox {
    /// Answers what comes in at `listener` until the future is dropped. Must run on a tokio runtime; one task per connection.
    ///
    /// # Errors
    /// The listener fails for good.
    pub async fn serve(&self, listener: TcpListener) -> io::Result<()> {
        loop {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                // One connection that broke before it began is no reason to stop.
                Err(e) if matches!(e.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {
                    continue;
                }
                Err(e) => return Err(e),
            };
            // Answers are small and complete; waiting to fill a packet only delays them.
            let _ = stream.set_nodelay(true);
            let sandbox = self.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| one(sandbox.clone(), request));
                // A client that goes away in the middle harms nobody else.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }
}

async fn one(sandbox: Sandbox, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.map_err(io::Error::other)?.to_bytes();
    match sandbox.answer(&Request::from_parts(parts, body)) {
        Some(response) => Ok(response.map(Full::new)),
        None => Err(io::Error::other("the connection is to be lost")),
    }
}
