//! Hundreds of calls at once against an AWS that refuses many of them: all come through, never too many are under way, and the time
//! that it takes is the clock's.

use super::super::throttle::Lanes;
use crate::resources::{Aws, Clock, Settings};
use crate::sandbox::{Sandbox, Trouble, When};
use aws_config::retry::RetryConfig;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

/// Lets others run before it passes a request on, and counts how many are under way.
#[derive(Clone, Debug)]
struct Slow {
    next: SharedHttpConnector,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl HttpConnector for Slow {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            let now = this.now.fetch_add(1, Ordering::SeqCst) + 1;
            this.most.fetch_max(now, Ordering::SeqCst);
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
            let answer = this.next.call(request).await;
            this.now.fetch_sub(1, Ordering::SeqCst);
            answer
        })
    }
}

struct World {
    sandbox: Sandbox,
    aws: Aws,
    most: Arc<AtomicUsize>,
}

fn world() -> World {
    let sandbox = Sandbox::in_memory(0);
    let most = Arc::<AtomicUsize>::default();
    let (inner, counted) = (sandbox.http_client(), most.clone());
    let now = Arc::<AtomicUsize>::default();
    let client: SharedHttpClient = http_client_fn(move |settings, components| {
        use aws_smithy_runtime_api::client::http::HttpClient;
        let next = inner.http_connector(settings, components);
        SharedHttpConnector::new(Slow { next, now: now.clone(), most: counted.clone() })
    });
    let retries = RetryConfig::standard().with_max_attempts(12).with_initial_backoff(Duration::from_millis(300));
    let aws = Aws::with_http_client(Settings::default(), client)
        .with_clock(Clock::frozen(SystemTime::UNIX_EPOCH))
        .patient(&Lanes::default(), retries);
    World { sandbox, aws, most }
}

async fn ask(aws: &Aws, calls: usize) -> usize {
    let asked = (0..calls).map(|_| async { aws.iam().list_roles().send().await.is_ok() });
    futures_util::future::join_all(asked).await.into_iter().filter(|fine| *fine).count()
}

#[tokio::test]
async fn so_many_at_once_and_no_more() {
    let world = world();
    assert_eq!(ask(&world.aws, 1000).await, 1000);
    let most = world.most.load(Ordering::SeqCst);
    assert!((16..=64).contains(&most), "{most} at once");
    assert_eq!(world.aws.clock().passed(), Duration::ZERO, "nobody waits for nothing");
}

#[tokio::test]
async fn what_is_refused_as_too_much_comes_through_later_and_slower() {
    let world = world();
    let throttling = Trouble::Refused { status: 400, code: "Throttling".into(), message: "Rate exceeded".into() };
    world.sandbox.trouble("iam:ListRoles", 60, When::Before, throttling);
    assert_eq!(ask(&world.aws, 100).await, 100);
    assert_eq!(world.sandbox.take_calls().len(), 160, "each refused call was made once more, and no other");
    assert!(world.most.load(Ordering::SeqCst) <= 16, "never more than at the beginning");
    assert!(world.aws.clock().passed() > Duration::ZERO, "refused calls wait before they come again");
}
