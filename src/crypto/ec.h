#ifndef SRC_CRYPTO_EC_H
#define SRC_CRYPTO_EC_H
/* Ethereum signatures over secp256k1: R || S || V, V 27 or 28, low S, nonces
 * after RFC 6979. Any thread. Sources: go-livepeer
 * crypto/verify.go; EIP-191, EIP-55. */
#include "src/base/err.h"
#include "src/model/id.h"
#include <stdint.h>

#define EC_KEY_SIZE 32
#define EC_SIG_SIZE 65
#define EC_V_BASE 27 /* what V is above the recovery id */
#define EC_ADDR_SIZE 20
#define EC_ADDR_TEXT_SIZE 43 /* "0x", 40 digits, NUL */

/* keccak( 0x19 "Ethereum Signed Message:\n32" h32 ) */
void ec_eip191(uint8_t out[static 32], const uint8_t h32[static 32]);
/* false: the key is not within the curve's order. */
bool ec_address(uint8_t addr[static EC_ADDR_SIZE],
	const uint8_t key[static EC_KEY_SIZE]) must_check;
void ec_address_text(char out[static EC_ADDR_TEXT_SIZE],
	const uint8_t addr[static EC_ADDR_SIZE]); /* EIP-55 checksummed */

/* An address that a person typed. One of mixed case whose capitals are not its
 * EIP-55 checksum is refused, with the right spelling. */
struct err *addr_parse_checked(struct eth_addr *out, const char *text) must_check;

/* Signs the digest as it is: r and s, and which of the two points it was. */
bool ec_sign_digest(uint8_t rs[static 64], int *recid,
	const uint8_t digest[static 32], const uint8_t key[static EC_KEY_SIZE])
	must_check;
/* Signs eip191(h32): ticket hashes and the hash of results. */
bool ec_sign_hash(uint8_t sig[static EC_SIG_SIZE],
	const uint8_t h32[static 32], const uint8_t key[static EC_KEY_SIZE])
	must_check;
/* Signs eip191(keccak(bytes)): addresses, segments, pings. */
bool ec_sign_message(uint8_t sig[static EC_SIG_SIZE], const void *bytes,
	size_t n, const uint8_t key[static EC_KEY_SIZE]) must_check;
/* Who signed eip191(h32). Errors are the reference's: `invalid signature
 * length`, `signature s value too high`, `signature v value must be 27 or 28`. */
struct err *ec_recover(uint8_t addr[static EC_ADDR_SIZE],
	const uint8_t h32[static 32], const uint8_t *sig, size_t sig_n)
	must_check;
/* Did this address sign eip191(h32)? */
bool ec_signed_by(const uint8_t addr[static EC_ADDR_SIZE],
	const uint8_t h32[static 32], const uint8_t *sig, size_t sig_n) must_check;
#endif
