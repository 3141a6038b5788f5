"""Reads a log that Surety wrote, and writes one for Surety to read, with PyPI's tlog-scales.

    log.py read FOLDER     check the log in FOLDER
    log.py write FOLDER    write a log into FOLDER, with the seeds log.seed and witness.seed

Both folders look alike: see docs/interop.md.
"""

import argparse
import contextlib
import dataclasses
import io
import logging
import sys
from pathlib import Path

from tlog_scales import backend, cli, signing, tiles, tlog
from tlog_scales.reader import TilesReader
from tlog_scales.utils import b64dec, b64enc
from tlog_scales.writer import TilesWriter

ORIGIN = "log.example/python"
WITNESS = "witness.example/python"
# Two full bundles, and 88 entries more.
ENTRY_COUNT = 600
OLD_COUNT = 300


def read(folder: Path) -> None:
    """Checks everything in a folder, and that nothing changed would have passed."""
    keys = [signing.Vkey.from_string(line) for line in lines(folder / "log.vkey")]
    reader = TilesReader(backend.LocalBackend(folder / "log"))
    checkpoint = reader.get_checkpoint()
    check_signatures(checkpoint, keys)
    cosigners = [signing.Vkey.from_string(line) for line in lines(folder / "witness.vkey")]
    check_signatures(checkpoint, cosigners)
    changed = dataclasses.replace(checkpoint, size=checkpoint.size + 1)
    must(not signing.VkeySet(*keys, *cosigners).verify(changed.signatures, changed), "a changed checkpoint passed")
    must(reader.calculate_root_hash() == checkpoint.root_hash, "the tiles have another root")

    proofs = sorted((folder / "proofs").glob("*.tlog-proof"))
    must(bool(proofs), "there are no proofs")
    for path in proofs:
        read_proof(path, folder / "log", reader, checkpoint)

    old = tlog.Checkpoint.from_text((folder / "old.checkpoint").read_text())
    check_signatures(old, keys)
    growth = tlog.ConsistencyProof(old.size, checkpoint.size, [b64dec(line) for line in lines(folder / "growth")])
    growth.check(old.root_hash, checkpoint.root_hash)
    must(growth == reader.get_consistency_proof(old.size, checkpoint.size), "tlog-scales makes another proof of growth")
    refuses(tlog.ConsistencyProofInvalid, lambda: growth.check(checkpoint.root_hash, old.root_hash))
    print(f"tlog-scales: {checkpoint.size} entries, {len(proofs)} proofs, growth from {old.size}")


def check_signatures(checkpoint: tlog.Checkpoint, keys: list[signing.Vkey]) -> None:
    must(bool(keys), "there are no keys")
    for key in keys:
        checkpoint.verify(key)


def read_proof(path: Path, log: Path, reader: TilesReader, checkpoint: tlog.Checkpoint) -> None:
    """Checks a proof file, and that tlog-scales writes the same one."""
    text = path.read_text()
    head, _, note = text.partition("\n\n")
    index_line, *hashes = head.split("\n")[1:]
    index = int(index_line.removeprefix("index "))
    must(tlog.Checkpoint.from_text(note) == checkpoint, f"{path}: another checkpoint")
    proof = tlog.InclusionProof(index, checkpoint.size, [b64dec(line) for line in hashes])
    entry = reader.get_entry(index)
    proof.check(tiles.leaf_hash(entry), checkpoint.root_hash)
    refuses(tlog.InclusionProofInvalid, lambda: proof.check(tiles.leaf_hash(entry + b"x"), checkpoint.root_hash))

    made = io.StringIO()
    with contextlib.redirect_stdout(made):
        cli.cmd_gen_proof(argparse.Namespace(location=f"file://{log}", leaf_index=index))
    must(made.getvalue() == text, f"{path}: tlog-scales writes another proof file")


def write(folder: Path) -> None:
    """Makes a log, in two steps, and its proofs."""
    log = signing.PlainEd25519Signer(ORIGIN, (folder / "log.seed").read_bytes())
    witness = signing.MLDSA44CosignatureSigner(WITNESS, (folder / "witness.seed").read_bytes())
    (folder / "log.vkey").write_text(log.vkey.serialize() + "\n")
    (folder / "witness.vkey").write_text(witness.vkey.serialize() + "\n")
    writer = TilesWriter.create(folder / "log", ORIGIN)
    published = folder / "log" / "checkpoint"
    append(writer, 0, OLD_COUNT, log, witness)
    (folder / "old.checkpoint").write_text(published.read_text())
    append(writer, OLD_COUNT, ENTRY_COUNT, log, witness)

    (folder / "proofs").mkdir()
    for index in [0, 255, 256, 299, ENTRY_COUNT - 1]:
        proof = writer.reader.get_inclusion_proof(index, ENTRY_COUNT)
        hashes = "".join(b64enc(node) + "\n" for node in proof.node_hashes)
        text = f"c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{published.read_text()}"
        (folder / "proofs" / f"{index}.tlog-proof").write_text(text)
    growth = writer.reader.get_consistency_proof(OLD_COUNT, ENTRY_COUNT)
    (folder / "growth").write_text("".join(b64enc(node) + "\n" for node in growth.node_hashes))


def append(writer: TilesWriter, start: int, end: int, *signers: signing.CheckpointSigner) -> None:
    for number in range(start, end):
        writer.add_leaf(f"entry {number} of Python".encode())
    writer.commit(list(signers))


def lines(path: Path) -> list[str]:
    return path.read_text().split()


def refuses(error: type[Exception], check) -> None:
    try:
        check()
    except error:
        return
    raise SystemExit("tlog-scales: something that was changed passed")


def must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"tlog-scales: {otherwise}")


if __name__ == "__main__":
    # What must not verify is tried on purpose, and is no news.
    logging.disable(logging.CRITICAL)
    {"read": read, "write": write}[sys.argv[1]](Path(sys.argv[2]).resolve())
