#include "proto/jsonrpc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json_text.h"

#define MESSAGE_MAX 512
#define DATA_MAX (64u << 10)
#define DATA_DEPTH 4
/* A value takes jansson some 32 bytes and more, and "[0,0,0" gives it one for
 * each two. Answers have keys and hashes: 40 bytes and more a value. */
#define VALUES_MIN 4096
#define BYTES_PER_VALUE 8

struct jsonrpc_answers {
	json_t *root;
	struct jsonrpc_error *refusal; /* NULL none */
	size_t n;
	struct answer {
		const json_t *result; /* in root; NULL: an error */
		struct jsonrpc_error error;
		bool seen;
	} *calls;
};

/* --- requests --- */

void jsonrpc_calls_free(struct jsonrpc_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(calls[i].params);
	free(calls);
}

void jsonrpc_write(struct str *out, const struct jsonrpc_call *calls, size_t n,
	uint64_t first_id)
{
	if (n > 1)
		str_addc(out, '[');
	for (size_t i = 0; i < n; i++)
		str_printf(out, "%s{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
			",\"method\":\"%s\",\"params\":%s}", i ? "," : "",
			first_id + i, calls[i].method, calls[i].params);
	if (n > 1)
		str_addc(out, ']');
}

/* --- errors --- */

static void error_clear(struct jsonrpc_error *e)
{
	free(e->message);
	free(e->data);
}

/* The hexadecimal digits behind the first "0x" of a text. */
static bool take_hex(struct jsonrpc_error *e, const char *text)
{
	const char *hex = strstr(text, "0x");
	size_t n = hex ? strspn(hex + 2, "0123456789abcdefABCDEF") : 0;
	char *digits;
	bool ok;

	/* Shorter ones are no revert's: an error is told by four bytes. */
	if (n < 8 || n % 2 || n / 2 > DATA_MAX)
		return false;
	digits = xstrndup(hex + 2, n);
	e->data = xmalloc(n / 2);
	ok = hex_decode(e->data, n / 2, digits);
	e->data_n = ok ? n / 2 : 0;
	free(digits);
	return ok;
}

/* Where nodes and the proxies before them put the data of a revert: geth and
 * its kin as a string, Nethermind as "Reverted 0x...", others within objects
 * of their own (Ganache: under the transaction's hash). */
static bool take_data(struct jsonrpc_error *e, const json_t *data,
	unsigned depth)
{
	static const char *const keys[] = { "data", "result", "return",
		"originalError", "error" };
	union {
		const json_t *in;
		json_t *out;
	} u = { .in = data };

	if (json_is_string(data))
		return take_hex(e, json_string_value(data));
	if (!json_is_object(data) || !depth)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (take_data(e, json_object_get(data, keys[i]), depth - 1))
			return true;
	}
	for (void *i = json_object_iter(u.out); i;
		i = json_object_iter_next(u.out, i)) {
		const json_t *v = json_object_iter_value(i);

		if (json_is_object(v) && take_data(e, v, depth - 1))
			return true;
	}
	return false;
}

static struct err *take_error(struct jsonrpc_error *out, const json_t *error)
{
	const json_t *code = json_object_get(error, "code"),
		     *message = json_object_get(error, "message");
	struct str safe = STR_INIT;

	if (!json_is_object(error))
		return err_new(ERR_PROTOCOL, "an error that is no object");
	*out = (struct jsonrpc_error){ 0 };
	if (json_is_integer(code))
		out->code = json_integer_value(code);
	if (json_is_string(message))
		str_add_safe(&safe, json_string_value(message),
			json_string_length(message), MESSAGE_MAX);
	out->message = str_take(&safe);
	/* Other messages have addresses and amounts in them. */
	if (!take_data(out, json_object_get(error, "data"), DATA_DEPTH) &&
		strstr(out->message, "evert"))
		(void)!take_hex(out, json_string_value(message));
	return NULL;
}

/* --- answers --- */

static bool has_too_many_values(const char *text, size_t n)
{
	size_t commas = 0;

	for (size_t i = 0; i < n; i++)
		commas += text[i] == ',' || text[i] == '[' || text[i] == '{';
	return commas > VALUES_MIN + n / BYTES_PER_VALUE;
}

static struct err *check_version(const json_t *o)
{
	const json_t *v = json_object_get(o, "jsonrpc");

	if (!json_is_object(o))
		return err_new(ERR_PROTOCOL, "an answer that is no object");
	/* Some proxies leave it out. */
	if (v && (!json_is_string(v) || strcmp(json_string_value(v), "2.0")))
		return err_new(ERR_PROTOCOL, "an answer of another protocol");
	return NULL;
}

static const json_t *error_of(const json_t *o)
{
	const json_t *error = json_object_get(o, "error");

	return json_is_null(error) ? NULL : error;
}

static struct err *take_answer(struct answer *out, const json_t *o)
{
	const json_t *error = error_of(o),
		     *result = json_object_get(o, "result");

	if (error && result && !json_is_null(result))
		return err_new(ERR_PROTOCOL, "both a result and an error");
	if (error)
		return take_error(&out->error, error);
	if (!result)
		return err_new(ERR_PROTOCOL, "neither a result nor an error");
	out->result = result;
	return NULL;
}

static struct err *take_item(struct jsonrpc_answers *a, const json_t *o,
	uint64_t first_id)
{
	struct err *e = check_version(o);
	const json_t *id = json_object_get(o, "id");
	uint64_t i;

	if (e)
		return e;
	if (!json_is_integer(id))
		return err_new(ERR_PROTOCOL, "an answer without a number");
	i = (uint64_t)json_integer_value(id) - first_id;
	if (i >= a->n)
		return err_new(ERR_PROTOCOL, "an answer to another question");
	if (a->calls[i].seen)
		return err_new(ERR_PROTOCOL, "two answers to one question");
	a->calls[i].seen = true;
	return take_answer(&a->calls[i], o);
}

static struct err *take_single(struct jsonrpc_answers *a, uint64_t first_id)
{
	struct err *e = check_version(a->root);

	/* What a server could not read it answers without an id. */
	if (!e && error_of(a->root) &&
		!json_is_integer(json_object_get(a->root, "id")))
		return take_answer(&a->calls[0], a->root);
	return e ? e : take_item(a, a->root, first_id);
}

/* An object instead of an array; or, from geth, an array of one error that
 * has the id of the first call. */
static const json_t *refusal_in(const json_t *root, size_t n)
{
	if (json_is_array(root) && json_array_size(root) == 1 && n > 1)
		root = json_array_get(root, 0);
	return json_is_object(root) ? error_of(root) : NULL;
}

static struct err *take_batch(struct jsonrpc_answers *a, uint64_t first_id)
{
	const json_t *refused = refusal_in(a->root, a->n);
	struct err *e = NULL;

	if (refused) {
		a->refusal = XNEW(struct jsonrpc_error);
		return take_error(a->refusal, refused);
	}
	if (!json_is_array(a->root))
		return err_new(ERR_PROTOCOL, "no batch of answers");
	if (json_array_size(a->root) != a->n)
		return err_new(ERR_PROTOCOL, "%zu answers to %zu questions",
			json_array_size(a->root), a->n);
	for (size_t i = 0; i < a->n && !e; i++)
		e = take_item(a, json_array_get(a->root, i), first_id);
	return e;
}

struct err *jsonrpc_read(struct jsonrpc_answers **out, const char *text,
	size_t size, uint64_t first_id, size_t n)
{
	struct jsonrpc_answers *a = XNEW(struct jsonrpc_answers);
	struct err *e = NULL;

	*out = NULL;
	a->n = n;
	a->calls = xcalloc(n, sizeof(*a->calls));
	if (has_too_many_values(text, size))
		e = err_new(ERR_LIMIT, "too many values");
	e = e ? e : json_load(&a->root, text, size, size);
	if (e && err_kind(e) == ERR_INVALID) {
		err_free(e);
		e = err_new(ERR_PROTOCOL, "no JSON");
	}
	if (!e)
		e = n == 1 ? take_single(a, first_id) :
			take_batch(a, first_id);
	if (e) {
		jsonrpc_free(a);
		return err_wrap(e, "JSON-RPC");
	}
	*out = a;
	return NULL;
}

void jsonrpc_free(struct jsonrpc_answers *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n; i++)
		error_clear(&a->calls[i].error);
	if (a->refusal)
		error_clear(a->refusal);
	free(a->refusal);
	free(a->calls);
	json_decref(a->root);
	free(a);
}

const struct jsonrpc_error *jsonrpc_refusal(const struct jsonrpc_answers *a)
{
	return a->refusal;
}

const struct json_t *jsonrpc_result(const struct jsonrpc_answers *a, size_t i)
{
	return a->calls[i].result;
}

const struct jsonrpc_error *jsonrpc_error(const struct jsonrpc_answers *a,
	size_t i)
{
	return a->calls[i].result ? NULL : &a->calls[i].error;
}

void jsonrpc_message(struct str *out, const char *text, size_t size)
{
	struct jsonrpc_error error = { 0 };
	const json_t *found;
	json_t *root;
	struct err *e = NULL;

	if (has_too_many_values(text, size))
		return;
	e = json_load(&root, text, size, size);
	found = e ? NULL : refusal_in(root, 2);
	if (json_is_string(found))
		str_add_safe(out, json_string_value(found),
			json_string_length(found), MESSAGE_MAX);
	else if (found)
		e = take_error(&error, found);
	if (error.message)
		str_add(out, error.message);
	err_free(e);
	error_clear(&error);
	json_decref(root);
}
