//! `surety log serve`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use serde_json::json;
use surety_net::server::{Connections, Limits, Rate, Site, router, serve as serve_router};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::args::{ServeArgs, Unlock};
use super::kept::Kept;
use super::open::{Opened, open, report};
use super::place::Place;
use crate::now;
use crate::output::{Format, say};

/// How often it is seen to that the published checkpoint has its quorum, and one that is not old.
const MEND: Duration = Duration::from_secs(5);

/// A key may submit for so many seconds at once after a pause.
const BURST_S: f64 = 20.0;

/// How a log is served that takes statements in.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct Serving {
    /// Answer submitters only when the checkpoint has its quorum of witnesses; they are told to ask again until then
    #[arg(long)]
    await_quorum: bool,
    /// How long to wait for witnesses before a checkpoint is published without them, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    witness_wait: u64,
    /// How many statements one key may submit in a second, on and on, where the policy says nothing
    #[arg(long, value_name = "N", default_value_t = 50.0)]
    rate: f64,
}

impl Serving {
    /// Opens a log for writing. Nobody else can until the process ends.
    pub(crate) fn open(self, place: &Place, unlock: &Unlock) -> anyhow::Result<Arc<Site>> {
        let rate = Rate { burst: (self.rate * BURST_S).max(1.0), per_second: self.rate };
        let wait = Duration::from_secs(self.witness_wait);
        let Opened { desk, public, key, cosigner, .. } = open(place, unlock, wait, rate)?;
        let site = Site::new(desk, public, key, Limits::default(), Arc::new(report));
        Ok(Arc::new(site.with_witnesses(cosigner, self.await_quorum)))
    }
}

/// Serves a log until the process is told to stop.
pub(super) fn serve(args: &ServeArgs, format: Format) -> anyhow::Result<()> {
    let site = args.serving.open(&args.place, &args.unlock)?;
    let checkpoint = site.desk().checkpoint();
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
        let mending = tokio::spawn(mend(Arc::clone(&site)));
        let served = serve_router(
            listener,
            router(Arc::clone(&site)),
            connections,
            crate::witness::serve::stop_signal(),
        )
        .await;
        mending.abort();
        Kept::of(site.verifier()).keep(&site.desk().checkpoint());
        served.context("cannot go on serving")
    })
}

/// Asks the witnesses again and again for what is published without its quorum, and remembers how far the log has come.
pub(crate) async fn mend(site: Arc<Site>) {
    loop {
        sleep(MEND).await;
        let site = Arc::clone(&site);
        // A round that failed is followed by the next.
        let _ = spawn_blocking(move || {
            Kept::of(site.verifier()).keep(&site.desk().checkpoint());
            site.mend_quorum(now());
        })
        .await;
    }
}
