#ifndef SRC_MODEL_U256_H
#define SRC_MODEL_U256_H
/* An unsigned integer of 256 bits, as the chain's words are: by value, four
 * limbs, least significant first, on GMP's mpn functions (no allocation).
 * Amounts wrap it in types of their own (src/model/amount.h): a bare u256 is
 * for arithmetic and for the chain's words only. Not for secrets: the time it
 * takes depends on the values. Pure; any thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/str.h"

struct u256 {
	uint64_t limb[4];
};

#define U256_SIZE 32
#define U256_TEXT_SIZE 79 /* 78 decimal digits, NUL */
#define U256_ZERO ((struct u256){ { 0 } })
#define U256_MAX ((struct u256){ { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } })

struct u256 u256_from(uint64_t v);
/* Big-endian bytes of any length; false when the value needs more than 32. */
bool u256_from_be(struct u256 *out, const void *bytes, size_t n) must_check;
void u256_to_be(uint8_t out[static U256_SIZE], struct u256 v);
/* Without leading zeros, as Go's big.Int.Bytes(): zero has none. Returns how
 * many bytes were written to the front of out. */
size_t u256_to_min_be(uint8_t out[static U256_SIZE], struct u256 v);
/* false: more than 64 bits. */
bool u256_to_u64(uint64_t *out, struct u256 v) must_check;
/* For pictures and plots only. */
double u256_to_double(struct u256 v);

bool u256_is_zero(struct u256 v);
int u256_cmp(struct u256 a, struct u256 b); /* -1, 0, 1 */
bool u256_eq(struct u256 a, struct u256 b);
unsigned u256_bits(struct u256 v); /* 0 for zero */

/* false: the result is not in the type; *out is then not to be used. */
bool u256_add(struct u256 *out, struct u256 a, struct u256 b) must_check;
bool u256_sub(struct u256 *out, struct u256 a, struct u256 b) must_check;
bool u256_mul(struct u256 *out, struct u256 a, struct u256 b) must_check;
/* floor(a / b), b not zero; *rem when not NULL. */
struct u256 u256_div(struct u256 a, struct u256 b, struct u256 *rem);
/* floor(a * b / c) or its ceiling over the whole 512-bit product, c not zero. */
bool u256_mul_div(struct u256 *out, struct u256 a, struct u256 b, struct u256 c) must_check;
bool u256_mul_div_up(struct u256 *out, struct u256 a, struct u256 b, struct u256 c) must_check;

/* Decimal digits, or hexadecimal ones after "0x"; nothing else around them. */
bool u256_parse(struct u256 *out, const char *text) must_check;
void u256_fmt(struct str *out, struct u256 v);	   /* decimal */
void u256_fmt_hex(struct str *out, struct u256 v); /* "0x0", as JSON-RPC quantities */
#endif
