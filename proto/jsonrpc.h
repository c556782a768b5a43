#ifndef PROTO_JSONRPC_H
#define PROTO_JSONRPC_H
/* JSON-RPC 2.0 as Ethereum nodes speak it over HTTP: calls written singly or
 * as a batch, answers matched to them by id. Answers come from anyone whose
 * URL an operator pasted: bounded in depth and number of values before they
 * are parsed, and one that is missing, double or neither result nor error
 * spoils them all. Pure; one owner.
 * Sources: www.jsonrpc.org/specification; EIP-1474 and the nodes themselves
 * for where the data of a revert is. */
#include "src/base/err.h"
#include "src/base/str.h"

struct json_t; /* jansson's; read by proto/eth_json.h */

struct jsonrpc_call {
	const char *method; /* literal */
	char *params;	    /* owned: a JSON array */
};
void jsonrpc_calls_free(struct jsonrpc_call *calls, size_t n);

/* Appends the request: one call as an object, several as an array. Ids are
 * first_id and those after it. */
void jsonrpc_write(struct str *out, const struct jsonrpc_call *calls, size_t n,
	uint64_t first_id);

struct jsonrpc_error {
	int64_t code;	/* 0: none was given */
	char *message;	/* owned; safe for logs, cut at 512 bytes */
	uint8_t *data;	/* owned: what a revert returned; NULL: nothing */
	size_t data_n;
};

struct jsonrpc_answers;
/* text: the answer to n calls from first_id on. The err is ERR_PROTOCOL, or
 * ERR_LIMIT for what is too deep or has too many values. */
struct err *jsonrpc_read(struct jsonrpc_answers **out, const char *text,
	size_t size, uint64_t first_id, size_t n) must_check;
void jsonrpc_free(struct jsonrpc_answers *a); /* NULL ok */
/* The server's refusal of a batch as a whole; NULL: it went into it. */
const struct jsonrpc_error *jsonrpc_refusal(const struct jsonrpc_answers *a);
/* Of the i-th call: a result (JSON's null included), or else an error. */
const struct json_t *jsonrpc_result(const struct jsonrpc_answers *a, size_t i);
const struct jsonrpc_error *jsonrpc_error(const struct jsonrpc_answers *a,
	size_t i);
/* The error in the body of an HTTP error, "" if there is none to be read. */
void jsonrpc_message(struct str *out, const char *text, size_t size);
#endif
