//! `surety serve` and `surety export site`: the public face, over HTTP and as files.

mod args;

use std::convert::Infallible;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use serde_json::json;
use surety_core::Date;
use surety_data::embedded;
use surety_log::{Hash, Reader, Store, VisitError};
use surety_site::{Entries, Limits, Settings, Site, router};
use surety_view::Context;
use tokio::net::TcpListener;
use tokio::runtime;
use tracing_subscriber::EnvFilter;

pub(crate) use args::{ExportCommand, ServeArgs};

use crate::log::{Place, mend};
use crate::output::Format;
use crate::source::SourceArgs;
use crate::today;

/// Answers until it is told to stop.
pub(crate) fn serve(
    args: &ServeArgs,
    source: &SourceArgs,
    as_of: Option<Date>,
    format: Format,
) -> anyhow::Result<()> {
    log_to_stderr(args.log_format, &args.verbosity)?;
    // What is submitted from here on stands behind what the pages show, not before it.
    let log = log(args, source)?;
    let site =
        site(source, Settings { public_address: args.address.clone(), contact: args.contact.clone() })?;
    let runtime =
        runtime::Builder::new_multi_thread().enable_all().build().context("cannot start threads")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(&args.listen)
            .await
            .with_context(|| format!("cannot listen on {}: is another server there?", args.listen))?;
        let address = listener.local_addr()?;
        say(
            format,
            &json!({ "listening": format!("http://{address}") }),
            &format!("Surety is at http://{address}. Stop it with Ctrl-C."),
        )?;
        let limits = Limits::default();
        let (of_log, mending) = match log {
            Some(Logged::Files(store)) => (Some(surety_site::mirror(store)), None),
            Some(Logged::Desk(desk)) => {
                (Some(surety_net::server::router(Arc::clone(&desk))), Some(tokio::spawn(mend(desk))))
            }
            None => (None, None),
        };
        let router = router(Arc::new(site), move || as_of.unwrap_or_else(today), limits, of_log);
        let served = surety_site::serve(listener, router, limits, stopped()).await.context("the server");
        if let Some(mending) = mending {
            mending.abort();
        }
        served
    })?;
    tracing::info!("stopped");
    Ok(())
}

/// How the log is served beside the pages.
enum Logged {
    /// Its files, for reading.
    Files(Arc<dyn Store>),
    /// With submission.
    Desk(Arc<surety_net::server::Site>),
}

fn log(args: &ServeArgs, source: &SourceArgs) -> anyhow::Result<Option<Logged>> {
    let Some(place) = &source.log else { return Ok(None) };
    Ok(Some(if args.submit {
        Logged::Desk(args.serving.open(place, &args.unlock)?)
    } else {
        Logged::Files(place.open()?)
    }))
}

/// Writes the whole site into a folder.
pub(crate) fn export(folder: &Path, source: &SourceArgs, date: Date, format: Format) -> anyhow::Result<()> {
    let started = Instant::now();
    let written = surety_site::write(&site(source, Settings::default())?, date, folder)?;
    let took_s = started.elapsed().as_secs_f64();
    let told = json!({ "folder": folder, "as_of": date, "files": written.files, "bytes": written.bytes });
    let words = format!(
        "{} files, {:.1} MB, as of {date}, in {took_s:.1} s. No link is broken. Open {}.",
        written.files,
        f64::from(u32::try_from(written.bytes / 1024).unwrap_or(u32::MAX)) / 1024.0,
        folder.join("index.html").display()
    );
    say(format, &told, &words)
}

fn site(source: &SourceArgs, settings: Settings) -> anyhow::Result<Site> {
    let context = source.context(today())?;
    let entries = match &source.log {
        None => Entries::of(embedded())?,
        Some(place) => logged(place, &context)?,
    };
    Site::new(&context, entries, settings)
}

/// The entries of a log that the context was folded from.
fn logged(place: &Place, context: &Context) -> anyhow::Result<Entries> {
    let store = place.open()?;
    let reader = Reader::new(store.as_ref());
    let signed = reader.checkpoint()?;
    let size = context.checkpoint()?.size;
    let mut entries = Vec::new();
    let keep = |index: u64, _: Hash, entry: &[u8]| {
        if index < size {
            entries.push(entry.to_vec());
        }
        Ok::<(), Infallible>(())
    };
    reader.visit(&signed, keep).map_err(|why| match why {
        VisitError::Read(error) => error,
        VisitError::Visit(never) => match never {},
    })?;
    let origin = signed.checkpoint().origin().to_string();
    let published = (signed.checkpoint().size() == size).then_some(signed);
    Ok(Entries::of_log(origin, entries, published))
}

/// Says what was done: a sentence, or an object.
fn say(format: Format, told: &serde_json::Value, words: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{told:#}")?,
        Format::Table | Format::Csv => writeln!(out, "{words}")?,
    }
    out.flush()?;
    Ok(())
}

fn log_to_stderr(format: args::LogFormat, filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| format!("--log-level: `{filter}`"))?;
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    match format {
        args::LogFormat::Text => lines.init(),
        args::LogFormat::Json => lines.json().init(),
    }
    Ok(())
}

/// Done when the process is asked to stop, from the keyboard or by the system.
async fn stopped() {
    let keyboard = async {
        // Without a handler it runs until it is killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let system = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let system = std::future::pending::<()>();
    tokio::select! {
        () = keyboard => {}
        () = system => {}
    }
}
