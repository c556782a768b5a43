#ifndef PROTO_KEYFILE_CODEC_H
#define PROTO_KEYFILE_CODEC_H
/* Keyfiles as JSON. Names of members match in any case ("Crypto" was geth's own
 * once). No error has bytes of the file in it: what somebody puts where a
 * keyfile belongs may be the key itself. Pure; any thread. Sources:
 * ethereum.org, Web3 Secret Storage Definition; go-ethereum
 * accounts/keystore/key.go, passphrase.go. */
#include "src/model/keyfile.h"

#define KEYFILE_MAX 16384 /* bytes of text */

/* The error says which member is wrong and how; what its key derivation asks for
 * is within keyfile_check(). With an error, has_address tells all the same
 * whether the address was read: whose key it would be. */
struct err *keyfile_decode(struct keyfile *out, const char *text, size_t n) must_check;
/* In geth's order of members. */
void keyfile_encode(const struct keyfile *k, struct str *out);
#endif
