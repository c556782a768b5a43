#include "proto/eth_json.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define RECEIPT_LOGS_MAX 10000

static const char *type_name(const json_t *v)
{
	if (!v)
		return "missing";
	switch (json_typeof(v)) {
	case JSON_NULL:
		return "null";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "a number";
	case JSON_TRUE:
	case JSON_FALSE:
		return "true or false";
	case JSON_ARRAY:
		return "an array";
	case JSON_OBJECT:
		return "an object";
	}
	return "unknown";
}

static struct err *no_such(const json_t *v, const char *want)
{
	if (v && json_is_string(v))
		return err_new(ERR_PROTOCOL, "is no %s", want);
	return err_new(ERR_PROTOCOL, "is %s, no %s", type_name(v), want);
}

/* --- values --- */

struct err *eth_quantity(struct u256 *out, const struct json_t *v)
{
	const char *s = json_string_value(v);

	*out = U256_ZERO;
	/* u256_parse() takes decimal digits as well. */
	if (s && s[0] == '0' && s[1] == 'x' && s[2] &&
		strlen(s) == json_string_length(v) && u256_parse(out, s))
		return NULL;
	return no_such(v, "quantity");
}

struct err *eth_u64(uint64_t *out, const struct json_t *v)
{
	struct u256 wide;
	struct err *e = eth_quantity(&wide, v);

	*out = 0;
	if (!e && !u256_to_u64(out, wide))
		e = err_new(ERR_PROTOCOL, "is more than 64 bits");
	return e;
}

static struct err *take_number(int64_t *out, const json_t *v)
{
	uint64_t wide;
	struct err *e = eth_u64(&wide, v);

	if (!e && wide > INT64_MAX)
		e = err_new(ERR_PROTOCOL, "is more than 63 bits");
	*out = e ? 0 : (int64_t)wide;
	return e;
}

struct err *eth_data(uint8_t **out, size_t *n, const struct json_t *v,
	size_t max)
{
	const char *s = json_string_value(v);
	size_t len = json_string_length(v);

	*out = NULL;
	*n = 0;
	if (!s || len < 2 || s[0] != '0' || s[1] != 'x' || len % 2)
		return no_such(v, "data");
	if (len / 2 - 1 > max)
		return err_new(ERR_LIMIT, "is %zu bytes, at most %zu",
			len / 2 - 1, max);
	*n = len / 2 - 1;
	*out = xmalloc(*n + 1);
	if (hex_decode(*out, *n, s))
		return NULL;
	free(*out);
	*out = NULL;
	*n = 0;
	return no_such(v, "data");
}

static struct err *take_fixed(void *out, size_t n, const json_t *v,
	const char *want)
{
	const char *s = json_string_value(v);

	if (s && json_string_length(v) == 2 + 2 * n && s[0] == '0' &&
		s[1] == 'x' && hex_decode(out, n, s))
		return NULL;
	memset(out, 0, n);
	return no_such(v, want);
}

struct err *eth_hash(struct hash32 *out, const struct json_t *v)
{
	return take_fixed(out->b, sizeof(out->b), v, "hash");
}

/* --- members of an object, wrapped with their names --- */

static struct err *member_hash(struct hash32 *out, const json_t *o,
	const char *key)
{
	return err_wrap(eth_hash(out, json_object_get(o, key)), "%s", key);
}

static struct err *member_addr(struct eth_addr *out, const json_t *o,
	const char *key)
{
	return err_wrap(take_fixed(out->b, sizeof(out->b),
		json_object_get(o, key), "address"), "%s", key);
}

static struct err *member_number(int64_t *out, const json_t *o,
	const char *key)
{
	return err_wrap(take_number(out, json_object_get(o, key)), "%s", key);
}

static struct err *member_u64(uint64_t *out, const json_t *o, const char *key)
{
	return err_wrap(eth_u64(out, json_object_get(o, key)), "%s", key);
}

static bool has(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return v && !json_is_null(v);
}

static struct err *check_object(const json_t *v, bool *found)
{
	*found = json_is_object(v);
	if (*found || json_is_null(v))
		return NULL;
	return no_such(v, "object");
}

/* --- blocks --- */

static struct err *take_l1(struct block_header *out, const json_t *v)
{
	const char *text = json_string_value(
		json_object_get(v, "l1BlockNumber"));

	/* go-livepeer takes "" for missing as well. */
	if (has(v, "l1BlockNumber") && (!text || *text))
		return member_number(&out->l1.v, v, "l1BlockNumber");
	out->l1.v = out->number.v;
	return NULL;
}

struct err *eth_header(struct block_header *out, bool *found,
	const struct json_t *v)
{
	struct err *e = check_object(v, found);
	int64_t seconds = 0;

	*out = (struct block_header){ 0 };
	if (e || !*found)
		return err_wrap(e, "block");
	e = member_number(&out->number.v, v, "number");
	e = e ? e : member_hash(&out->hash, v, "hash");
	e = e ? e : member_hash(&out->parent, v, "parentHash");
	e = e ? e : member_number(&seconds, v, "timestamp");
	if (!e && seconds > INT64_MAX / 1000)
		e = err_new(ERR_PROTOCOL, "timestamp: beyond all time");
	e = e ? e : take_l1(out, v);
	out->time_ms = e ? 0 : seconds * 1000;
	out->has_base_fee = has(v, "baseFeePerGas");
	if (!e && out->has_base_fee)
		e = err_wrap(eth_quantity(&out->base_fee.v,
			json_object_get(v, "baseFeePerGas")), "baseFeePerGas");
	return err_wrap(e, "block");
}

/* --- logs --- */

static struct err *take_topics(struct eth_log *out, const json_t *v)
{
	struct err *e = NULL;

	if (!json_is_array(v) || json_array_size(v) > ARRAY_SIZE(out->topics))
		return err_new(ERR_PROTOCOL, "topics: no array of up to four");
	out->topics_n = (unsigned)json_array_size(v);
	for (unsigned i = 0; i < out->topics_n && !e; i++)
		e = err_wrap(eth_hash(&out->topics[i], json_array_get(v, i)),
			"topics");
	return e;
}

static struct err *take_log(struct eth_log *out, const json_t *v)
{
	const json_t *removed = json_object_get(v, "removed");
	struct err *e;

	if (!json_is_object(v))
		return no_such(v, "object");
	e = member_addr(&out->address, v, "address");
	e = e ? e : take_topics(out, json_object_get(v, "topics"));
	e = e ? e : err_wrap(eth_data(&out->data, &out->data_n,
		json_object_get(v, "data"), ETH_LOG_DATA_MAX), "data");
	e = e ? e : member_number(&out->block.v, v, "blockNumber");
	e = e ? e : member_hash(&out->block_hash, v, "blockHash");
	e = e ? e : member_hash(&out->tx, v, "transactionHash");
	e = e ? e : member_u64(&out->index, v, "logIndex");
	if (!e && has(v, "removed") && !json_is_boolean(removed))
		e = err_wrap(no_such(removed, "boolean"), "removed");
	out->removed = json_is_true(removed);
	return e;
}

struct err *eth_logs(struct eth_log **out, size_t *n, const struct json_t *v,
	size_t max)
{
	size_t count = json_array_size(v);
	struct err *e = NULL;

	*out = NULL;
	*n = 0;
	if (!json_is_array(v))
		return err_wrap(no_such(v, "array"), "logs");
	if (count > max)
		return err_new(ERR_LIMIT, "logs: %zu, at most %zu", count, max);
	*out = xcalloc(count + 1, sizeof(**out));
	for (; *n < count && !e; ++*n)
		e = take_log(*out + *n, json_array_get(v, *n));
	if (!e)
		return NULL;
	eth_logs_free(*out, *n);
	*out = NULL;
	*n = 0;
	return err_wrap(e, "log");
}

void eth_logs_free(struct eth_log *logs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(logs[i].data);
	free(logs);
}

/* --- receipts and transactions --- */

static struct err *take_status(struct tx_receipt *out, const json_t *v)
{
	uint64_t status;
	struct err *e = member_u64(&status, v, "status");

	if (!e && status > 1)
		e = err_new(ERR_PROTOCOL, "status: neither 0 nor 1");
	out->ok = !e && status == 1;
	return e;
}

struct err *eth_receipt(struct tx_receipt *out, bool *found,
	const struct json_t *v)
{
	struct err *e = check_object(v, found);

	*out = (struct tx_receipt){ 0 };
	if (e || !*found)
		return err_wrap(e, "receipt");
	/* Some nodes show receipts of transactions not mined yet. */
	if (!has(v, "blockHash")) {
		*found = false;
		return NULL;
	}
	e = member_hash(&out->tx, v, "transactionHash");
	e = e ? e : member_hash(&out->block_hash, v, "blockHash");
	e = e ? e : member_number(&out->block.v, v, "blockNumber");
	e = e ? e : take_status(out, v);
	e = e ? e : member_u64(&out->gas_used.v, v, "gasUsed");
	if (!e && has(v, "effectiveGasPrice"))
		e = err_wrap(eth_quantity(&out->gas_price.v, json_object_get(v,
			"effectiveGasPrice")), "effectiveGasPrice");
	e = e ? e : eth_logs(&out->logs, &out->logs_n,
		json_object_get(v, "logs"), RECEIPT_LOGS_MAX);
	if (e)
		tx_receipt_clear(out);
	return err_wrap(e, "receipt");
}

void tx_receipt_clear(struct tx_receipt *r)
{
	eth_logs_free(r->logs, r->logs_n);
	*r = (struct tx_receipt){ 0 };
}

struct err *eth_tx(struct tx_seen *out, bool *found, const struct json_t *v)
{
	struct err *e = check_object(v, found);

	*out = (struct tx_seen){ 0 };
	if (e || !*found)
		return err_wrap(e, "transaction");
	e = member_hash(&out->hash, v, "hash");
	e = e ? e : member_addr(&out->from, v, "from");
	if (!e && has(v, "to"))
		e = member_addr(&out->to, v, "to");
	e = e ? e : member_u64(&out->nonce, v, "nonce");
	out->mined = has(v, "blockHash");
	if (!e && out->mined) {
		e = member_hash(&out->block_hash, v, "blockHash");
		e = e ? e : member_number(&out->block.v, v, "blockNumber");
	}
	return err_wrap(e, "transaction");
}
