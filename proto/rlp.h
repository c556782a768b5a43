#ifndef PROTO_RLP_H
#define PROTO_RLP_H
/* Recursive Length Prefix, the encoding of Ethereum's transactions: byte
 * strings and lists of them. Pure; one owner.
 * Source: the yellow paper, appendix B. */
#include "src/base/err.h"
#include "src/model/u256.h"

/* --- writing: each appends one item --- */
void rlp_add_bytes(struct str *out, const void *bytes, size_t n);
void rlp_add_uint(struct str *out, struct u256 v); /* without leading zeros */
void rlp_add_u64(struct str *out, uint64_t v);
/* A list of the items that were appended to `items`. */
void rlp_add_list(struct str *out, const struct str *items);

/* --- reading: one item after the other, the first fault sticks --- */
/* Strict: there is one encoding of everything, and no other is taken. After a
 * fault everything is empty; rlp_end() tells. The bytes must outlive it. */
struct rlp_in {
	const uint8_t *p, *end;
	const char *fault; /* literal */
};
void rlp_in_init(struct rlp_in *in, const void *bytes, size_t n);
bool rlp_more(const struct rlp_in *in);	/* false after a fault, too */
void rlp_get_bytes(struct rlp_in *in, const uint8_t **p, size_t *n);
/* Exactly n bytes. */
void rlp_get_fixed(struct rlp_in *in, void *out, size_t n);
struct u256 rlp_get_uint(struct rlp_in *in);
uint64_t rlp_get_u64(struct rlp_in *in);
/* Goes over the list's items; a fault within it is the list's own. */
struct rlp_in rlp_get_list(struct rlp_in *in);
/* Any item, nested lists checked down to `depth`. */
void rlp_skip(struct rlp_in *in, unsigned depth);
/* NULL when all is read and was right. */
struct err *rlp_end(const struct rlp_in *in) must_check;
#endif
