#ifndef SRC_CRYPTO_FLATTEN_H
#define SRC_CRYPTO_FLATTEN_H
/* The bytes that get signed. Any thread. Sources: go-livepeer
 * core/streamdata.go Flatten, core/orchestrator.go transcodeSeg. */
#include "src/crypto/keccak.h"
#include "src/model/wire.h"

/* manifest || seq (32 bytes) || hash || hex of 4 bytes of keccak(name) for
 * each rendition; SegData.sig is ec_sign_message() of it. Appends. */
void segment_flatten(const struct segment_creds *m, struct str *out);
/* keccak of the concatenated keccaks of the renditions: ec_sign_hash() of it
 * is the receipt. */
void results_hash(uint8_t out[static KECCAK_SIZE],
	const uint8_t (*hashes)[KECCAK_SIZE], size_t n);
#endif
