#ifndef PROTO_ABI_H
#define PROTO_ABI_H
/* Solidity's contract ABI, as far as the Livepeer contracts need it: words
 * (addresses, integers, booleans, bytes32), bytes and strings, arrays of words,
 * and tuples of those. Pure; one owner.
 * Source: docs.soliditylang.org/en/latest/abi-spec.html */
#include "proto/eth_json.h"
#include "src/base/err.h"
#include "src/model/ticket.h"

#define ABI_WORD 32
#define ABI_SELECTOR 4

/* --- writing: arguments as values, encoded in one go --- */
struct abi_value {
	enum abi_kind { ABI_IS_WORD, ABI_IS_BYTES, ABI_IS_WORDS, ABI_IS_TUPLE } kind;
	uint8_t word[ABI_WORD];
	const void *p; /* borrowed: bytes, words or struct abi_value */
	size_t n;      /* of those */
};
struct abi_value abi_uint(struct u256 v);
struct abi_value abi_u64(uint64_t v);
struct abi_value abi_addr(struct eth_addr a);
struct abi_value abi_bytes32(const uint8_t b[static 32]);
struct abi_value abi_bytes(const void *p, size_t n); /* and strings */
struct abi_value abi_words(const uint8_t (*words)[ABI_WORD], size_t n);
struct abi_value abi_tuple(const struct abi_value *members, size_t n);

/* Appends the selector (big-endian) and the arguments. */
void abi_call(struct str *out, uint32_t selector, const struct abi_value *args,
	size_t n);
/* Appends the arguments alone. */
void abi_encode(struct str *out, const struct abi_value *args, size_t n);

/* --- reading: values in order, the first fault sticks --- */
/* After a fault every value is zero; abi_err() tells at the end. A reader
 * goes over one head; offsets in it lead to bytes behind it. The bytes must
 * outlive it. */
struct abi_in {
	const uint8_t (*topics)[ABI_WORD]; /* read first */
	size_t topics_n;
	const uint8_t *p;
	size_t n, at;
	const char *fault; /* literal */
};
void abi_in_init(struct abi_in *in, const void *bytes, size_t n);
/* The indexed arguments, then the others, as the events of these contracts
 * have them in order. */
void abi_in_log(struct abi_in *in, const struct eth_log *log);
/* NULL, or what is wrong with the answer of `what`. */
struct err *abi_err(const struct abi_in *in, const char *what) must_check;

struct u256 abi_get_uint(struct abi_in *in);
uint64_t abi_get_u64(struct abi_in *in);
struct eth_addr abi_get_addr(struct abi_in *in);
struct hash32 abi_get_bytes32(struct abi_in *in);
bool abi_get_bool(struct abi_in *in);
/* 2^256-1 is ROUND_NEVER; above INT64_MAX otherwise a fault. */
struct round_no abi_get_round(struct abi_in *in);
struct l1_block abi_get_l1_block(struct abi_in *in);
/* bytes and string: *p borrowed, at most max. */
bool abi_get_bytes(struct abi_in *in, const uint8_t **p, size_t *n, size_t max);
/* A dynamic array of at most max addresses into out; how many. */
size_t abi_get_addrs(struct abi_in *in, struct eth_addr *out, size_t max);
#endif
