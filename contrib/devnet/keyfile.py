"""Key files of the Web3 secret storage, version 3, with geth's light scrypt so
that a test need not wait for it."""
import hashlib
import json
import os
import time
import uuid

from Cryptodome.Cipher import AES

import abi

N, R, P = 4096, 8, 6


def content(address, key, password):
    salt, iv = os.urandom(32), os.urandom(16)
    derived = hashlib.scrypt(password.encode(), salt=salt, n=N, r=R, p=P,
                             dklen=32, maxmem=64 << 20)
    cipher = AES.new(derived[:16], AES.MODE_CTR, nonce=b"",
                     initial_value=iv).encrypt(abi.raw(key))
    return {
        "address": abi.raw(address).hex(),
        "id": str(uuid.uuid4()),
        "version": 3,
        "crypto": {
            "cipher": "aes-128-ctr",
            "cipherparams": {"iv": iv.hex()},
            "ciphertext": cipher.hex(),
            "kdf": "scrypt",
            "kdfparams": {"salt": salt.hex(), "n": N, "r": R, "p": P,
                          "dklen": 32},
            "mac": abi.keccak(derived[16:32] + cipher).hex(),
        },
    }


def write(directory, address, key, password):
    """The path of a new key file, named as geth names them."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    stamp = time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime())
    path = os.path.join(
        directory, f"UTC--{stamp}.000000000Z--{abi.raw(address).hex()}")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600),
              "w") as f:
        json.dump(content(address, key, password), f)
    return path
