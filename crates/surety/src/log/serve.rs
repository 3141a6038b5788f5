//! `surety log serve`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use surety_net::server::{Connections, Limits, Rate, Site, router, serve as serve_router};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::args::ServeArgs;
use super::kept::Kept;
use super::open::{Opened, open, report};
use crate::now;
use crate::output::{Format, say};

/// How often it is seen to that the published checkpoint has its quorum, and one that is not old.
const MEND: Duration = Duration::from_secs(5);

/// A key may submit for so many seconds at once after a pause.
const BURST_S: f64 = 20.0;

/// Serves a log until the process is told to stop.
pub(super) fn serve(args: &ServeArgs, format: Format) -> anyhow::Result<()> {
    let rate = Rate { burst: (args.rate * BURST_S).max(1.0), per_second: args.rate };
    let wait = Duration::from_secs(args.witness_wait);
    let Opened { desk, public, key, cosigner, kept } = open(&args.place, &args.unlock, wait, rate)?;
    let checkpoint = desk.checkpoint();
    let site = Site::new(desk, public, key, Limits::default(), Arc::new(report));
    let site = Arc::new(site.with_witnesses(cosigner, args.await_quorum));
    let kept = Arc::new(kept);
    let connections = Connections { count_max: args.connections, ..Connections::default() };
    let runtime = Runtime::new().context("cannot start")?;
    runtime.block_on(async {
        let listen = args.listen;
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("cannot listen at {listen}"))?;
        let address = format!("http://{}", listener.local_addr().context("cannot listen")?);
        let (origin, entries) = (checkpoint.checkpoint().origin(), checkpoint.checkpoint().size());
        let text = format!("log {origin} with {entries} entries at {address}");
        say(&text, &json!({ "address": address, "origin": origin.as_str(), "entries": entries }), format)?;
        let mending = tokio::spawn(mend(Arc::clone(&site), Arc::clone(&kept)));
        let served = serve_router(
            listener,
            router(Arc::clone(&site)),
            connections,
            crate::witness::serve::stop_signal(),
        )
        .await;
        mending.abort();
        kept.keep(&site.desk().checkpoint());
        served.context("cannot go on serving")
    })
}

async fn mend(site: Arc<Site>, kept: Arc<Kept>) {
    loop {
        sleep(MEND).await;
        let (site, kept) = (Arc::clone(&site), Arc::clone(&kept));
        // A round that failed is followed by the next.
        let _ = spawn_blocking(move || {
            kept.keep(&site.desk().checkpoint());
            site.mend_quorum(now())
        })
        .await;
    }
}
