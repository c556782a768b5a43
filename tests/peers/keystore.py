"""Keyfiles (Web3 Secret Storage, version 3) opened and sealed by somebody else:
pycryptodome's AES, Keccak and PBKDF2, OpenSSL's or its scrypt."""
import hashlib
import json
import os
import uuid

from Cryptodome.Cipher import AES
from Cryptodome.Hash import SHA256, HMAC, keccak
from Cryptodome.Protocol import KDF

# Foundry's well-known account 4.
KEY = "47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"
ADDRESS = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65"

LIGHT = {"n": 4096, "r": 8, "p": 6}


def _keccak(data):
    return keccak.new(digest_bits=256, data=data).digest()


def _hmac(key, data):
    return HMAC.new(key, data, SHA256).digest()


def _derive(kdf, params, password):
    salt = bytes.fromhex(params["salt"])
    if kdf == "scrypt" and params["r"] >= 4:  # faster, but no other r for OpenSSL
        return hashlib.scrypt(password.encode(), salt=salt, n=params["n"],
                              r=params["r"], p=params["p"], maxmem=600 << 20,
                              dklen=params["dklen"])
    if kdf == "scrypt":
        return KDF.scrypt(password, salt, params["dklen"], N=params["n"],
                          r=params["r"], p=params["p"])
    assert kdf == "pbkdf2" and params["prf"] == "hmac-sha256"
    return KDF.PBKDF2(password, salt, params["dklen"], count=params["c"],
                      prf=_hmac)


def _cipher(derived, iv):
    return AES.new(derived[:16], AES.MODE_CTR, nonce=b"", initial_value=iv)


def unseal(path, password):
    """The private key in hexadecimal and what the file says beside it."""
    with open(path) as f:
        said = json.load(f)
    crypto = said["crypto"]
    assert said["version"] == 3 and crypto["cipher"] == "aes-128-ctr"
    uuid.UUID(said["id"])
    derived = _derive(crypto["kdf"], crypto["kdfparams"], password)
    sealed = bytes.fromhex(crypto["ciphertext"])
    assert _keccak(derived[16:32] + sealed).hex() == crypto["mac"]
    iv = bytes.fromhex(crypto["cipherparams"]["iv"])
    return _cipher(derived, iv).decrypt(sealed).hex(), said


def seal(key, password, kdf="scrypt", **params):
    """A keyfile's JSON for a key in hexadecimal."""
    params = {"dklen": 32, "salt": os.urandom(32).hex(), **(params or LIGHT)}
    if kdf == "pbkdf2":
        params.setdefault("prf", "hmac-sha256")
    iv = os.urandom(16)
    derived = _derive(kdf, params, password)
    sealed = _cipher(derived, iv).encrypt(bytes.fromhex(key))
    return {
        "version": 3,
        "id": str(uuid.uuid4()),
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": iv.hex()},
            "ciphertext": sealed.hex(),
            "kdf": kdf,
            "kdfparams": params,
            "mac": _keccak(derived[16:32] + sealed).hex(),
        },
    }


def write(path, content, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode),
              "w") as f:
        f.write(content if isinstance(content, str) else json.dumps(content))
    os.chmod(path, mode)
    return str(path)
