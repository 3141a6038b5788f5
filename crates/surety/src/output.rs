//! Pages for people, JSON and CSV for programs.

use std::io::{self, Write as _};
use std::path::Path;

pub(crate) use surety_view::{Page, Sheet, Table, View};

use crate::files::write_whole;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs; documented in docs/json.md
    Json,
    /// For spreadsheets
    Csv,
}

/// Text without anything that a terminal would obey: some of it comes from files of strangers.
pub(crate) fn plain(text: &str) -> String {
    text.replace(|letter: char| letter.is_control() && letter != '\n', "\u{fffd}")
}

/// Says what was done: sentences for people, an object for programs.
pub(crate) fn say(text: &str, value: &serde_json::Value, format: Format) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{value:#}")?,
        Format::Table | Format::Csv => writeln!(out, "{}", plain(text))?,
    }
    Ok(out.flush()?)
}

/// Prints a view. Nothing is printed before all of it is known to be there.
pub(crate) fn show(view: &impl View, format: Format) -> anyhow::Result<()> {
    match format {
        Format::Table => render(view, format, &mut anstream::stdout().lock()),
        _ => render(view, format, &mut io::BufWriter::with_capacity(1 << 16, io::stdout().lock())),
    }
}

/// Writes a view to a file: to another beside it first, which then takes its name. Whatever stops the program, the file
/// is whole or as it was.
pub(crate) fn save(view: &impl View, format: Format, path: &Path) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    render(view, format, &mut bytes)?;
    if format == Format::Table {
        bytes = anstream::adapter::strip_bytes(&bytes).into_vec();
    }
    write_whole(path, &bytes)
}

fn render(view: &impl View, format: Format, out: &mut impl io::Write) -> anyhow::Result<()> {
    match format {
        Format::Table => out.write_all(view.page().as_str().as_bytes())?,
        Format::Json => {
            // The error inside serde_json's is the one that tells a closed pipe.
            serde_json::to_writer_pretty(&mut *out, &view.json()).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        Format::Csv => {
            let sheet = view.sheet();
            let mut table = csv::Writer::from_writer(&mut *out);
            table.write_record(&sheet.header).map_err(io_error)?;
            for row in &sheet.rows {
                table.write_record(row).map_err(io_error)?;
            }
            table.flush()?;
        }
    }
    out.flush()?;
    Ok(())
}

fn io_error(error: csv::Error) -> anyhow::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error.into(),
        other => anyhow::anyhow!("cannot be written as CSV: {other:?}"),
    }
}
