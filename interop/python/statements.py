"""Verifies statements that Surety signed, and signs some for Surety, with PyPI's scitt-cose and pycose.

    statements.py read FOLDER            verify the statements and receipts in FOLDER
    statements.py write FOLDER SAMPLES   sign statements like those in SAMPLES, and receipts for them

Both folders look alike: see docs/interop.md.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

import cbor2
import scitt_cose
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa
from pycose.algorithms import EdDSA, Es256
from pycose.headers import KID, Algorithm, ContentType
from pycose.keys import EC2Key, OKPKey
from pycose.messages import CoseMessage, Sign1Message
from scitt_cose.cose_sign1 import sign_sign1

LOG = "log.example/receipts"
CONTENT_TYPE = "application/vnd.surety.statement+json"
ALG, CONTENT_TYPE_LABEL, KID_LABEL, CWT_CLAIMS = 1, 3, 4, 15
ISS, SUB = 1, 2
ALGORITHMS = {"ed25519": -8, "es256": -7, "ml-dsa-44": -48}
PEM, SPKI = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


def read(folder: Path) -> None:
    """Verifies everything in a folder, and that nothing changed would have passed."""
    counts = {"scitt-cose": 0, "pycose": 0, "cryptography": 0}
    for line in (folder / "statements.tsv").read_text().splitlines():
        name, issuer, subject, key = line.split("\t")
        message = (folder / f"{name}.cose").read_bytes()
        algorithm, key_bytes = read_key(key)
        read_head(message, issuer, subject, algorithm, key_bytes)
        if algorithm == "ml-dsa-44":
            # Neither COSE package knows it: what is signed is put together here.
            verify_with_cryptography(message, mldsa.MLDSA44PublicKey.from_public_bytes(key_bytes))
            counts["cryptography"] += 1
        else:
            verify_with_scitt_cose(message, issuer, subject, public_key(algorithm, key_bytes))
            verify_with_pycose(message, algorithm, key_bytes)
            counts["scitt-cose"] += 1
            counts["pycose"] += 1
    must(all(counts.values()), f"too few statements: {counts}")
    print("statements:", ", ".join(f"{count} by {tool}" for tool, count in counts.items()))
    read_receipts(folder)


def read_receipts(folder: Path) -> None:
    """Every statement has a receipt; that of another statement does not pass, nor does a changed one."""
    lines = (folder / "receipts.tsv").read_text().splitlines()
    must(bool(lines), "there are no receipts")
    entries = {line.split("\t")[0]: (folder / f"{line.split(chr(9))[0]}.cose").read_bytes() for line in lines}
    for index, line in enumerate(lines):
        name, key = line.split("\t")
        pem = public_key(*read_key(key)).public_bytes(PEM, SPKI)
        receipt = (folder / f"{name}.receipt").read_bytes()
        check = lambda receipt, entry: scitt_cose.verify_receipt(receipt, leaf_entry_hex=entry.hex(), log_public_key_pem=pem)
        result = check(receipt, entries[name])
        must(result.ok, f"scitt-cose refuses the receipt of {name}: {result.errors}")
        must((result.leaf_index, result.tree_size) == (index, len(lines)), "scitt-cose reads another place")
        must(not check(receipt, entries[name] + b"x").ok, "scitt-cose takes a receipt for another entry")
        for changed in changes(receipt):
            must(not check(changed, entries[name]).ok, "scitt-cose takes a changed receipt")
    print(f"receipts: {len(lines)} by scitt-cose")


def read_head(message: bytes, issuer: str, subject: str, algorithm: str, key: bytes) -> None:
    """The header is what the contract says, and nothing stands outside of it."""
    tag = cbor2.loads(message)
    protected, unprotected, payload, _ = tag.value
    must(tag.tag == 18 and not unprotected, "not a COSE_Sign1 with an empty unprotected header")
    head = cbor2.loads(protected)
    must(head[ALG] == ALGORITHMS[algorithm], "another algorithm")
    must(head[CONTENT_TYPE_LABEL] == CONTENT_TYPE, "another content type")
    must(head[KID_LABEL] == thumbprint(algorithm, key), "the kid is not the RFC 9679 thumbprint of the key")
    must(dict(head[CWT_CLAIMS]) == {ISS: issuer, SUB: subject}, "other claims")
    must(cbor2.dumps(head, canonical=True) == protected, "the header is not deterministically encoded")
    must(isinstance(json.loads(payload)["kind"], str), "the payload has no kind")


def verify_with_scitt_cose(message: bytes, issuer: str, subject: str, key) -> None:
    pem = key.public_bytes(PEM, SPKI)
    parsed = scitt_cose.parse_signed_statement(message, public_key_pem=pem)
    must(parsed["signature_verified"] is True, "scitt-cose refuses a statement")
    must((parsed["issuer"], parsed["subject"]) == (issuer, subject), "scitt-cose reads another head")
    for changed in changes(message):
        parsed = scitt_cose.parse_signed_statement(changed, public_key_pem=pem)
        must(parsed["signature_verified"] is not True, "scitt-cose takes a changed statement")


def verify_with_pycose(message: bytes, algorithm: str, key: bytes) -> None:
    decoded = CoseMessage.decode(message)
    must(isinstance(decoded, Sign1Message), "pycose reads another message")
    decoded.key = cose_key(algorithm, key)
    must(decoded.verify_signature() is True, "pycose refuses a statement")
    decoded.payload += b" "
    must(decoded.verify_signature() is not True, "pycose takes a changed statement")


def verify_with_cryptography(message: bytes, key) -> None:
    protected, _, payload, signature = cbor2.loads(message).value
    to_sign = cbor2.dumps(["Signature1", protected, b"", payload])
    key.verify(signature, to_sign)


def write(folder: Path, samples: Path) -> None:
    """Signs what a sample of ours says, in another spelling of the same JSON."""
    sample = next(path for path in sorted(samples.glob("*.cose")) if b"treaty-action" in path.read_bytes())
    says = json.loads(cbor2.loads(sample.read_bytes()).value[2])
    lines = []
    for number, (tool, algorithm, indent) in enumerate(
        [("scitt-cose", "ed25519", 2), ("scitt-cose", "es256", None), ("pycose", "ed25519", None), ("pycose", "es256", 1)]
    ):
        payload = json.dumps(dict(reversed(says.items())), indent=indent, ensure_ascii=bool(number % 2)).encode()
        secret = secret_key(algorithm, number)
        key = public_bytes(algorithm, secret.public_key())
        issuer = f"{tool}.example/{algorithm}"
        head = {
            ALG: ALGORITHMS[algorithm],
            CONTENT_TYPE_LABEL: CONTENT_TYPE,
            KID_LABEL: thumbprint(algorithm, key),
            CWT_CLAIMS: {ISS: issuer, SUB: says["about"]},
        }
        sign = {"scitt-cose": sign_with_scitt_cose, "pycose": sign_with_pycose}[tool]
        save(folder, lines, str(number), sign(payload, algorithm, secret, head), issuer, says["about"], algorithm, key)

    # Its own way of building a statement puts the labels in another order.
    secret = secret_key("ed25519", 9)
    key = public_bytes("ed25519", secret.public_key())
    built = scitt_cose.build_signed_statement(
        json.dumps(says).encode(),
        alg="EdDSA",
        private_key_pem=pem(secret),
        issuer="scitt-cose.example/built",
        subject=says["about"],
        content_type=CONTENT_TYPE,
        kid=thumbprint("ed25519", key),
    )
    save(folder, lines, "built", built, "scitt-cose.example/built", says["about"], "ed25519", key)
    (folder / "statements.tsv").write_text("".join(lines))
    print(f"statements: {len(lines)} signed with scitt-cose and pycose")
    write_receipts(folder, [line.split("\t")[0] for line in lines])


def write_receipts(folder: Path, names: list[str]) -> None:
    secret = secret_key("ed25519", 10)
    key = public_bytes("ed25519", secret.public_key())
    entries = [(folder / f"{name}.cose").read_bytes().hex() for name in names]
    for index, name in enumerate(names):
        receipt = scitt_cose.build_receipt(
            leaf_entry_hex=entries[index],
            leaf_index=index,
            tree_entries_hex=entries,
            alg="EdDSA",
            log_private_key_pem=pem(secret),
            iss=LOG,
            sub="XAA",
            kid=thumbprint("ed25519", key),
        )
        (folder / f"{name}.receipt").write_bytes(receipt)
    text = "".join(f"{name}\ted25519:{base64.b64encode(key).decode()}\n" for name in names)
    (folder / "receipts.tsv").write_text(text)
    print(f"receipts: {len(names)} made with scitt-cose")


def save(folder: Path, lines: list[str], name: str, message: bytes, issuer: str, subject: str, algorithm: str, key: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.cose").write_bytes(message)
    lines.append(f"{name}\t{issuer}\t{subject}\t{algorithm}:{base64.b64encode(key).decode()}\n")


def sign_with_scitt_cose(payload: bytes, algorithm: str, secret, head: dict) -> bytes:
    name = {"ed25519": "EdDSA", "es256": "ES256"}[algorithm]
    return sign_sign1(payload, alg=name, private_key_pem=pem(secret), protected=head)


def sign_with_pycose(payload: bytes, algorithm: str, secret, head: dict) -> bytes:
    known = {
        Algorithm: {"ed25519": EdDSA, "es256": Es256}[algorithm],
        ContentType: head[CONTENT_TYPE_LABEL],
        KID: head[KID_LABEL],
        CWT_CLAIMS: head[CWT_CLAIMS],
    }
    message = Sign1Message(phdr=known, payload=payload)
    message.key = secret_cose_key(algorithm, secret)
    return message.encode()


# Keys: `<algorithm>:<base64>` as Surety writes them.


def read_key(text: str) -> tuple[str, bytes]:
    algorithm, key = text.split(":")
    return algorithm, base64.b64decode(key)


def public_key(algorithm: str, key: bytes):
    if algorithm == "ed25519":
        return ed25519.Ed25519PublicKey.from_public_bytes(key)
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)


def public_bytes(algorithm: str, key) -> bytes:
    if algorithm == "ed25519":
        return key.public_bytes_raw()
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)


def coordinates(key: bytes) -> tuple[bytes, bytes]:
    numbers = public_key("es256", key).public_numbers()
    return numbers.x.to_bytes(32), numbers.y.to_bytes(32)


def thumbprint(algorithm: str, key: bytes) -> bytes:
    """The COSE key thumbprint of RFC 9679."""
    match algorithm:
        case "ed25519":
            members = {1: 1, -1: 6, -2: key}
        case "es256":
            x, y = coordinates(key)
            members = {1: 2, -1: 1, -2: x, -3: y}
        case _:
            members = {1: 7, 3: -48, -1: key}
    return hashlib.sha256(cbor2.dumps(members, canonical=True)).digest()


def cose_key(algorithm: str, key: bytes):
    if algorithm == "ed25519":
        return OKPKey(crv="ED25519", x=key, optional_params={"ALG": "EDDSA"})
    x, y = coordinates(key)
    return EC2Key(crv="P_256", x=x, y=y, optional_params={"ALG": "ES256"})


def secret_cose_key(algorithm: str, secret):
    key = public_bytes(algorithm, secret.public_key())
    if algorithm == "ed25519":
        return OKPKey(crv="ED25519", x=key, d=secret.private_bytes_raw(), optional_params={"ALG": "EDDSA"})
    x, y = coordinates(key)
    d = secret.private_numbers().private_value.to_bytes(32)
    return EC2Key(crv="P_256", x=x, y=y, d=d, optional_params={"ALG": "ES256"})


def secret_key(algorithm: str, number: int):
    seed = hashlib.sha256(f"sample {number}".encode()).digest()
    if algorithm == "ed25519":
        return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
    return ec.derive_private_key(int.from_bytes(seed) % (1 << 255) + 1, ec.SECP256R1())


def pem(secret) -> bytes:
    return secret.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def changes(message: bytes):
    """The message with a bit flipped here and there."""
    for at in range(0, len(message), 1 + len(message) // 50):
        yield message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :]


def must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SystemExit(f"statements: {otherwise}")


if __name__ == "__main__":
    word, *folders = sys.argv[1:]
    {"read": read, "write": write}[word](*map(Path, folders))
