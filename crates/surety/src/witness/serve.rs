//! `surety witness serve`.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use serde_json::json;
use surety_log::FolderStore;
use surety_log::witness::Witness;
use surety_net::server::{Connections, serve};
use surety_net::witness::{Options, router};
use tokio::net::TcpListener;

use crate::now;
use crate::output::{Format, say};
use crate::secret::Passphrase;

pub(super) fn run(
    folder: &Path,
    listen: SocketAddr,
    passphrase: &Passphrase,
    format: Format,
) -> anyhow::Result<()> {
    let logs = super::logs(folder)?;
    if logs.is_empty() {
        bail!("no log is known: add the key of one to {}", folder.join(super::LOGS_FILE).display());
    }
    let signers = super::signers(folder, passphrase)?;
    let names: Vec<String> = logs.iter().map(|key| key.name().to_string()).collect();
    let record = Arc::new(FolderStore::writer(folder.join(super::RECORD_FOLDER))?);
    let witness = Witness::new(logs, signers, record)?;
    let options = Options::new(now, |refusal| {
        let _ = writeln!(anstream::stderr(), "surety: {refusal}");
    });
    let runtime = tokio::runtime::Runtime::new().context("cannot start")?;
    runtime.block_on(async {
        let listener =
            TcpListener::bind(listen).await.with_context(|| format!("cannot listen at {listen}"))?;
        let address = listener.local_addr().context("cannot listen")?;
        let text = format!("witness of {} at http://{address}", names.join(", "));
        say(&text, &json!({ "address": format!("http://{address}"), "logs": names }), format)?;
        serve(listener, router(witness, options), Connections::default(), stop_signal()).await?;
        Ok(())
    })
}

/// Done when somebody asks the process to end.
pub(crate) async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            let _ = tokio::signal::ctrl_c().await;
            return;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = tokio::signal::ctrl_c().await;
}
