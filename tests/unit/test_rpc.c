/* Two scripted nodes and the faults that RPC endpoints have. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <jansson.h>

#include "src/base/clock.h"
#include "src/crypto/keccak.h"
#include "src/eth/rpc_private.h"
#include "tests/unit/fake_http.h"

#define NODES 2
#define RULES 8

struct node {
	struct fake_http http;
	uint64_t chain_id;
	int64_t head;	   /* of its chain */
	int64_t skew_s;	   /* of its clock */
	size_t batch_max;  /* 0: any */
	size_t logs_max;   /* in one answer; 0: any */
	bool plain_batch;  /* refused with an object, not an array */
	enum fake_way way;
	int status;	   /* instead of an answer */
	const char *header, *text;
	/* What it answers to a method, instead of what a node would. */
	struct rule {
		const char *method, *members;
		int times; /* -1: always */
	} rules[RULES];
	struct str log; /* methods asked, one a word */
};

static struct node node[NODES];
static struct rpc *rpc;

/* --- a node --- */

static void add_block(struct str *out, const struct node *n, int64_t number)
{
	if (number > n->head) {
		str_add(out, "null");
		return;
	}
	str_printf(out, "{\"number\":\"0x%llx\",\"hash\":\"0x%064llx\","
		"\"parentHash\":\"0x%064llx\",\"timestamp\":\"0x%llx\"}",
		(long long)number, (long long)number + 0x1000,
		(long long)number + 0xfff,
		(long long)(clock_wall_ms() / 1000 + n->skew_s));
}

/* One log in each block. */
static void add_logs(struct str *out, const json_t *filter)
{
	int64_t from = strtoll(json_string_value(json_object_get(filter,
		"fromBlock")), NULL, 16);
	int64_t to = strtoll(json_string_value(json_object_get(filter,
		"toBlock")), NULL, 16);

	str_addc(out, '[');
	for (int64_t b = from; b <= to; b++)
		str_printf(out, "%s{\"address\":\"0x%040x\",\"topics\":[\"0x"
			"%064x\"],\"data\":\"0x\",\"blockNumber\":\"0x%llx\","
			"\"blockHash\":\"0x%064llx\",\"transactionHash\":"
			"\"0x%064llx\",\"logIndex\":\"0x0\"}",
			b > from ? "," : "", 7, 9, (long long)b, (long long)b,
			(long long)b);
	str_addc(out, ']');
}

static struct rule *rule_for(struct node *n, const char *method)
{
	for (size_t i = 0; i < RULES; i++) {
		struct rule *r = &n->rules[i];

		if (!r->method || strcmp(r->method, method) || !r->times)
			continue;
		if (r->times > 0)
			r->times--;
		return r;
	}
	return NULL;
}

static void add_get_logs(struct str *out, const struct node *n,
	const json_t *filter)
{
	int64_t from = strtoll(json_string_value(json_object_get(filter,
		"fromBlock")), NULL, 16);
	int64_t to = strtoll(json_string_value(json_object_get(filter,
		"toBlock")), NULL, 16);

	if (n->logs_max && (size_t)(to - from + 1) > n->logs_max) {
		str_add(out, "\"error\":{\"code\":-32005,\"message\":"
			"\"query returned more than 10000 results\"}");
		return;
	}
	str_add(out, "\"result\":");
	add_logs(out, filter);
}

static void add_answer(struct node *n, struct str *out, const json_t *call)
{
	const char *method = json_string_value(json_object_get(call, "method"));
	const json_t *params = json_object_get(call, "params");
	const struct rule *rule = rule_for(n, method);
	const char *first = json_string_value(json_array_get(params, 0));

	str_printf(&n->log, "%s ", method);
	str_printf(out, "{\"jsonrpc\":\"2.0\",\"id\":%lld,",
		(long long)json_integer_value(json_object_get(call, "id")));
	if (rule) {
		str_add(out, rule->members);
	} else if (!strcmp(method, "eth_chainId")) {
		str_printf(out, "\"result\":\"0x%llx\"",
			(long long)n->chain_id);
	} else if (!strcmp(method, "eth_getBlockByNumber")) {
		str_add(out, "\"result\":");
		add_block(out, n, strcmp(first, "latest") ?
			strtoll(first, NULL, 16) : n->head);
	} else if (!strcmp(method, "eth_getLogs")) {
		add_get_logs(out, n, json_array_get(params, 0));
	} else {
		str_add(out, "\"result\":\"0x01\"");
	}
	str_addc(out, '}');
}

static void add_batch(struct node *n, struct str *out, const json_t *calls)
{
	if (n->batch_max && json_array_size(calls) > n->batch_max) {
		str_add(out, n->plain_batch ? "{\"error\":{\"code\":-32600,"
			"\"message\":\"too much\"}}" : "[{\"id\":1,\"error\":"
			"{\"code\":-32600,\"message\":\"batch too large\"}}]");
		return;
	}
	str_addc(out, '[');
	for (size_t i = json_array_size(calls); i--;) { /* in any order */
		add_answer(n, out, json_array_get(calls, i));
		str_add(out, i ? "," : "]");
	}
}

static void answer(struct fake_http *f, const char *head, const char *body,
	struct fake_answer *out)
{
	struct node *n = f->ctx;
	json_t *root = json_loads(body, 0, NULL);

	(void)head;
	assert(root);
	out->way = n->way;
	out->header = n->header;
	if (n->status || n->text) {
		out->status = n->status;
		str_add(&out->body, n->text ? n->text : "");
	} else if (json_is_array(root)) {
		add_batch(n, &out->body, root);
	} else {
		add_answer(n, &out->body, root);
	}
	json_decref(root);
}

/* --- the tests' side --- */

static void meet(void)
{
	for (size_t i = 0; i < NODES; i++)
		fake_meet(&node[i].http);
}

static void ok(struct err *e)
{
	if (e)
		fail_msg("%s: %s", err_kind_name(err_kind(e)), err_text(e));
	meet();
}

static void expect(struct err *e, enum err_kind kind, const char *why)
{
	assert_non_null(e);
	if (err_kind(e) != kind || !strstr(err_text(e), why))
		fail_msg("%s: %s", err_kind_name(err_kind(e)), err_text(e));
	err_free(e);
	meet();
}

static void rule(size_t i, size_t at, const char *method, const char *members,
	int times)
{
	node[i].rules[at] = (struct rule){ method, members, times };
	meet();
}

static void forget(size_t i)
{
	str_truncate(&node[i].log, 0);
}

static void assert_asked(size_t i, const char *methods)
{
	assert_string_equal(str_cstr(&node[i].log), methods);
	forget(i);
}

static struct rpc_health health(size_t i)
{
	struct rpc_health h[NODES];

	assert_true(rpc_health(rpc, h, NODES) > i);
	return h[i];
}

static void assert_state(size_t i, enum rpc_state state, const char *why)
{
	struct rpc_health h = health(i);

	if (h.state != state || !strstr(h.last_error, why))
		fail_msg("%s: %s", rpc_state_name(h.state), h.last_error);
}

static void open_rpc(size_t nodes, uint64_t chain_id)
{
	char text[NODES][128];
	const char *urls[NODES];
	struct rpc_options o = { .urls = urls, .urls_n = nodes,
		.chain_id = chain_id, .timeout_ms = 2000,
		.max_body = 4u << 20 };

	for (size_t i = 0; i < nodes; i++) {
		snprintf(text[i], sizeof(text[i]), "%s/v2/KEY",
			node[i].http.url);
		urls[i] = text[i];
	}
	ok(rpc_new(&rpc, &o));
}

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < NODES; i++) {
		node[i] = (struct node){ .chain_id = 1337, .head = 1000 };
		node[i].http = (struct fake_http){ .answer = answer,
			.ctx = &node[i] };
		fake_http_start(&node[i].http);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rpc_free(TAKE(rpc));
	for (size_t i = 0; i < NODES; i++) {
		fake_http_stop(&node[i].http);
		str_clear(&node[i].log);
	}
	return 0;
}

static const struct eth_addr someone = { { 1, 2, 3 } };

static struct wei balance(void)
{
	struct wei w;

	ok(rpc_balance(rpc, someone, AT_LATEST, &w));
	return w;
}

/* --- plain questions --- */

static void test_questions(void **state)
{
	struct block_header h;
	struct wei w;
	uint64_t id, nonce;
	bool found, known, code;

	(void)state;
	open_rpc(1, 0);
	ok(rpc_chain_id(rpc, &id));
	assert_int_equal(id, 1337);
	ok(rpc_header(rpc, AT_LATEST, &h, &found));
	assert_true(found);
	assert_int_equal(h.number.v, 1000);
	ok(rpc_header(rpc, AT_NUMBER(((struct l2_block){ 5 })), &h, &found));
	assert_true(found);
	assert_int_equal(h.number.v, 5);
	ok(rpc_header(rpc, AT_NUMBER(((struct l2_block){ 1001 })), &h,
		&found));
	assert_false(found);
	rule(0, 0, "eth_getBalance", "\"result\":\"0x20000000000001\"", -1);
	assert_true(u256_eq(balance().v, u256_from(9007199254740993)));
	rule(0, 1, "eth_getTransactionCount", "\"result\":\"0x7\"", -1);
	ok(rpc_nonce(rpc, someone, AT_PENDING, &nonce));
	assert_int_equal(nonce, 7);
	rule(0, 2, "eth_getCode", "\"result\":\"0x\"", -1);
	ok(rpc_has_code(rpc, someone, &code));
	assert_false(code);
	ok(rpc_tip(rpc, &w, &known));
	assert_true(known);
	rule(0, 3, "eth_maxPriorityFeePerGas", "\"error\":{\"code\":-32601,"
		"\"message\":\"Method not found\"}", -1);
	ok(rpc_tip(rpc, &w, &known));
	assert_false(known);
	ok(rpc_gas_price(rpc, &w));
	assert_true(wei_cmp(w, wei_from(1)) == 0);
	assert_state(0, RPC_OK, "");
	assert_int_equal(health(0).errors, 0);
	assert_true(health(0).current);
	assert_null(strstr(health(0).url, "KEY"));
}

static void test_headers_in_a_row(void **state)
{
	struct block_header h[5];
	size_t got;

	(void)state;
	open_rpc(1, 0);
	ok(rpc_headers(rpc, (struct l2_block){ 998 }, 5, h, &got));
	assert_int_equal(got, 3);
	assert_int_equal(h[2].number.v, 1000);
	assert_asked(0, "eth_chainId eth_getBlockByNumber eth_getBlockByNumber "
		"eth_getBlockByNumber eth_getBlockByNumber "
		"eth_getBlockByNumber ");
}

static void test_urls(void **state)
{
	const char *urls[17] = { "http://a", "ftp://KEY" };
	struct rpc_options o = { .urls = urls, .urls_n = 2 };

	(void)state;
	expect(rpc_new(&rpc, &o), ERR_INVALID, "number 2 is no http");
	o.urls_n = 0;
	expect(rpc_new(&rpc, &o), ERR_INVALID, "names no endpoint");
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++)
		urls[i] = "http://a";
	o.urls_n = ARRAY_SIZE(urls);
	expect(rpc_new(&rpc, &o), ERR_LIMIT, "more than 16");
}

/* --- calls --- */

#define REVERT "\"error\":{\"code\":3,\"message\":\"execution reverted\"," \
	"\"data\":\"0x08c379a0" \
	"0000000000000000000000000000000000000000000000000000000000000020" \
	"000000000000000000000000000000000000000000000000000000000000000e" \
	"7469636b6574206973207573656400000000000000000000000000000000000000" \
	"\"}"

static void test_calls(void **state)
{
	struct eth_call calls[3] = { { .to = someone } };
	struct eth_result out[3];
	struct gas gas;

	(void)state;
	open_rpc(1, 0);
	rule(0, 0, "eth_call", REVERT, 1);
	ok(rpc_calls(rpc, calls, 3, AT_LATEST, out));
	/* The node answered from the last to the first. */
	assert_true(out[2].failed);
	assert_string_equal(out[2].why, "ticket is used");
	assert_false(out[0].failed);
	assert_int_equal(out[0].data_n, 1);
	eth_results_clear(out, 3);
	/* Pinned: all see one block, and it is not asked for each time. */
	assert_asked(0, "eth_chainId eth_getBlockByNumber eth_call eth_call "
		"eth_call ");
	ok(rpc_calls(rpc, calls, 2, AT_LATEST, out));
	eth_results_clear(out, 2);
	assert_asked(0, "eth_call eth_call ");
	ok(rpc_estimate_gas(rpc, calls, &gas, out));
	assert_int_equal(gas.v, 1);
	rule(0, 1, "eth_estimateGas", REVERT, 1);
	ok(rpc_estimate_gas(rpc, calls, &gas, out));
	assert_true(out[0].failed);
	eth_results_clear(out, 1);
	assert_int_equal(health(0).errors, 0);
}

/* Behind one name are several nodes: this one lost the block we saw. */
static void test_pinned_block_is_gone(void **state)
{
	struct eth_call calls[2] = { { .to = someone } };
	struct eth_result out[2];

	(void)state;
	open_rpc(1, 0);
	rpc_saw_block(rpc, (struct l2_block){ 1005 });
	rule(0, 0, "eth_call", "\"error\":{\"code\":-32000,\"message\":"
		"\"header not found\"}", 1);
	ok(rpc_calls(rpc, calls, 2, AT_LATEST, out));
	eth_results_clear(out, 2);
	assert_int_equal(rpc->saw.v, 1000);
}

static void many_calls(size_t n)
{
	struct eth_call *calls = xcalloc(n, sizeof(*calls));
	struct eth_result *out = xcalloc(n, sizeof(*out));

	ok(rpc_calls(rpc, calls, n, AT_NUMBER(((struct l2_block){ 9 })), out));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(out[i].data_n, 1);
	eth_results_clear(out, n);
	free(calls);
	free(out);
}

static void test_batches_shrink(void **state)
{
	(void)state;
	open_rpc(1, 0);
	many_calls(250);
	assert_int_equal(node[0].http.requests, 1 + 3);
	node[0].batch_max = 20;
	meet();
	many_calls(30);
	assert_int_equal(rpc->ep[0].batch_max, 15);
	node[0].batch_max = 1;
	node[0].plain_batch = true;
	meet();
	many_calls(4);
	assert_int_equal(rpc->ep[0].batch_max, 1);
	assert_int_equal(health(0).errors, 0);
}

static void test_items_too_large(void **state)
{
	(void)state;
	open_rpc(1, 0);
	rule(0, 0, "eth_call", "\"error\":{\"code\":-32003,\"message\":"
		"\"response too large\"}", 1);
	many_calls(4);
	assert_int_equal(rpc->ep[0].batch_max, 2);
}

/* --- fail-over --- */

static void test_dead_endpoint(void **state)
{
	(void)state;
	open_rpc(2, 0);
	node[0].way = FAKE_CLOSE;
	meet();
	balance();
	assert_state(0, RPC_FAILING, "");
	assert_state(1, RPC_OK, "");
	assert_true(health(0).resting_ms > 0);
	assert_true(health(1).current);
	/* It rests: it gets no question. */
	forget(0);
	balance();
	assert_asked(0, "");
}

static void test_all_dead(void **state)
{
	struct wei w;

	(void)state;
	open_rpc(2, 0);
	node[0].way = node[1].way = FAKE_CLOSE;
	meet();
	expect(rpc_balance(rpc, someone, AT_LATEST, &w), ERR_UNAVAILABLE,
		node[1].http.url);
	expect(rpc_balance(rpc, someone, AT_LATEST, &w), ERR_BUSY,
		"no RPC endpoint can be asked for ");
	assert_int_equal(node[0].http.requests, 1);
}

static void test_rate_limit(void **state)
{
	struct wei w;

	(void)state;
	open_rpc(2, 0);
	node[0].status = 429;
	node[0].header = "Retry-After: 120\r\n";
	node[0].text = "{\"error\":{\"code\":429,\"message\":\"slow down\"}}";
	meet();
	balance();
	assert_state(0, RPC_LIMITED, "HTTP 429: slow down");
	assert_in_range(health(0).resting_ms, 110000, 120000);
	for (int i = 0; i < 20; i++)
		balance();
	assert_int_equal(node[0].http.requests, 1);
	node[1].status = 429;
	meet();
	expect(rpc_balance(rpc, someone, AT_LATEST, &w), ERR_BUSY, "HTTP 429");
}

/* Within a good answer, as proxies do. */
static void test_rate_limit_in_words(void **state)
{
	(void)state;
	open_rpc(2, 0);
	rule(0, 0, "eth_getBalance", "\"error\":{\"code\":-32005,\"message\":"
		"\"project ID request rate exceeded\"}", -1);
	balance();
	assert_state(0, RPC_LIMITED, "rate exceeded");
}

static void test_http_errors(void **state)
{
	(void)state;
	open_rpc(2, 0);
	node[0].status = 502;
	node[0].text = "<html>Bad Gateway</html>";
	meet();
	balance();
	assert_state(0, RPC_FAILING, "HTTP 502");
}

static void test_slow_loris(void **state)
{
	int64_t start = clock_mono_ms();

	(void)state;
	open_rpc(2, 0);
	rpc->timeout_ms = 200;
	node[0].way = FAKE_DRIP;
	meet();
	balance();
	assert_state(0, RPC_FAILING, "within 200 ms");
	assert_true(clock_mono_ms() - start < 1500);
}

static void test_flood(void **state)
{
	(void)state;
	open_rpc(2, 0);
	node[0].way = FAKE_FLOOD;
	meet();
	balance();
	assert_state(0, RPC_FAILING, "more than 1048576 bytes");
}

static void test_wrong_chain(void **state)
{
	struct wei w;

	(void)state;
	node[0].chain_id = 1;
	meet();
	open_rpc(2, 1337);
	balance();
	assert_state(0, RPC_WRONG_CHAIN, "is on chain 1, not 1337");
	assert_asked(0, "eth_chainId "); /* and nothing else */
	rpc_free(TAKE(rpc));
	open_rpc(1, 1337);
	expect(rpc_balance(rpc, someone, AT_LATEST, &w), ERR_UNAVAILABLE,
		"is on chain 1, not 1337");
}

static void test_malformed_answers(void **state)
{
	static const char *const bad[] = { "\"result\":5", "\"result\":null",
		"\"result\":\"1\"", "\"result\":{}", "\"nothing\":1",
		"\"result\":\"0x1\",\"error\":{\"code\":1}" };

	(void)state;
	open_rpc(2, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		rpc->ep[0].rest_until_ms = 0;
		rpc->ep[0].state = RPC_OK;
		rpc->ep[1].state = RPC_FAILING;
		rpc->ep[0].malformed = 0;
		rule(0, 0, "eth_getBalance", bad[i], -1);
		balance();
		assert_state(0, RPC_FAILING, "");
	}
	rpc->ep[0].malformed = 2;
	rpc->ep[0].rest_until_ms = 0;
	rpc->ep[1].state = RPC_FAILING;
	rpc->ep[0].state = RPC_OK;
	balance();
	assert_state(0, RPC_ASIDE, "JSON-RPC: both");
}

static void test_other_blocks_than_asked(void **state)
{
	struct block_header h;
	bool found;

	(void)state;
	open_rpc(2, 0);
	rule(0, 0, "eth_getBlockByNumber", "\"result\":{\"number\":\"0x6\","
		"\"hash\":\"0x0000000000000000000000000000000000000000000000"
		"000000000000000001\",\"parentHash\":\"0x00000000000000000000"
		"00000000000000000000000000000000000000000001\","
		"\"timestamp\":\"0x1\"}", -1);
	ok(rpc_header(rpc, AT_NUMBER(((struct l2_block){ 5 })), &h, &found));
	assert_int_equal(h.number.v, 5);
	assert_state(0, RPC_FAILING, "not the one asked for");
}

/* --- heads --- */

static void test_lying_head(void **state)
{
	struct block_header h;
	bool found;

	(void)state;
	open_rpc(2, 0);
	ok(rpc_header(rpc, AT_LATEST, &h, &found));
	rpc_probe(rpc); /* the other one */
	assert_state(1, RPC_OK, "");
	node[0].head = 9000000;
	node[1].head = 1001;
	meet();
	ok(rpc_header(rpc, AT_LATEST, &h, &found));
	assert_int_equal(h.number.v, 1001);
	assert_state(0, RPC_ASIDE, "says its head is block 9000000, others "
		"are at 1001");
	/* Repented, and the time over. */
	node[0].head = 1002;
	node[1].head = 1002;
	rpc->ep[0].rest_until_ms = 0;
	rpc->ep[1].rest_until_ms = INT64_MAX;
	meet();
	balance();
	assert_state(0, RPC_OK, "");
}

static void test_all_mined_far(void **state)
{
	struct block_header h;
	bool found;

	(void)state;
	open_rpc(2, 0);
	ok(rpc_header(rpc, AT_LATEST, &h, &found));
	rpc_probe(rpc);
	node[0].head = node[1].head = 50000;
	meet();
	ok(rpc_header(rpc, AT_LATEST, &h, &found));
	assert_int_equal(h.number.v, 50000);
	assert_state(0, RPC_OK, "");
	assert_state(1, RPC_OK, "");
}

static void test_behind(void **state)
{
	struct block_header h;
	bool found;

	(void)state;
	open_rpc(2, 0);
	node[0].head = 900;
	node[0].skew_s = -600;
	meet();
	ok(rpc_header(rpc, AT_LATEST, &h, &found)); /* nobody to compare */
	rpc_probe(rpc);
	ok(rpc_header(rpc, AT_LATEST, &h, &found));
	assert_int_equal(h.number.v, 1000);
	assert_state(0, RPC_BEHIND, "is 100 blocks behind");
	forget(0);
	balance();
	assert_asked(0, "");
}

static void test_probe(void **state)
{
	(void)state;
	open_rpc(2, 0);
	rpc_probe(rpc);
	rpc_probe(rpc);
	assert_state(0, RPC_OK, "");
	assert_state(1, RPC_OK, "");
	assert_int_equal(health(1).head.v, 1000);
	assert_true(health(1).head_age_ms >= 0);
	rpc_probe(rpc); /* both are fresh */
	assert_int_equal(node[0].http.requests, 2);
	assert_int_equal(node[1].http.requests, 2);
}

/* --- logs --- */

static const struct eth_addr emitter = { { [19] = 7 } };

static struct log_filter logs_of(int64_t from, int64_t to)
{
	static const struct hash32 topic = { { [31] = 9 } };

	return (struct log_filter){ .addresses = &emitter, .addresses_n = 1,
		.topics = { { &topic, 1 } }, .from = { from }, .to = { to } };
}

static void assert_logs(const struct log_filter *f)
{
	struct eth_log *logs;
	size_t n;

	ok(rpc_logs(rpc, f, &logs, &n));
	assert_int_equal(n, f->to.v - f->from.v + 1);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(logs[i].block.v, f->from.v + (int64_t)i);
	eth_logs_free(logs, n);
}

static void test_logs(void **state)
{
	struct log_filter f = logs_of(501, 1000);

	(void)state;
	open_rpc(1, 0);
	assert_logs(&f);
	assert_int_equal(node[0].http.requests, 2);
	node[0].logs_max = 100;
	meet();
	assert_logs(&f);
	assert_int_equal(rpc->span, 62);
	/* Learned, and tried for more the next time. */
	assert_logs(&f);
	assert_int_equal(rpc->span, 124);
	f = logs_of(5, 5);
	assert_logs(&f);
	f = logs_of(6, 5);
	assert_logs(&f);
}

static void test_logs_of_a_block_to_come(void **state)
{
	struct log_filter f = logs_of(990, 1001);
	struct eth_log *logs;
	size_t n;

	(void)state;
	open_rpc(2, 0);
	expect(rpc_logs(rpc, &f, &logs, &n), ERR_NOT_FOUND,
		"has no block 1001 yet");
	node[1].head = 1001;
	meet();
	assert_logs(&f);
	/* Another chain's block. */
	f.has_to_hash = true;
	f.to_hash = (struct hash32){ { 1 } };
	expect(rpc_logs(rpc, &f, &logs, &n), ERR_NOT_FOUND,
		"has another block 1001");
	f.to_hash = (struct hash32){ { [30] = 0x13, [31] = 0xe9 } };
	assert_logs(&f);
}

static void test_logs_not_asked_for(void **state)
{
	struct log_filter f = logs_of(5, 6);
	static const struct eth_addr other = { { 9 } };
	struct eth_log *logs;
	size_t n;

	(void)state;
	open_rpc(1, 0);
	f.addresses = &other;
	expect(rpc_logs(rpc, &f, &logs, &n), ERR_UNAVAILABLE,
		"not those asked for");
}

static void test_logs_refused(void **state)
{
	struct log_filter f = logs_of(1, 1000);
	struct eth_log *logs;
	size_t n;

	(void)state;
	open_rpc(1, 0);
	rule(0, 0, "eth_getLogs", "\"error\":{\"code\":-32602,\"message\":"
		"\"no such thing here\"}", -1);
	expect(rpc_logs(rpc, &f, &logs, &n), ERR_INVALID, "no such thing");
	assert_true(node[0].http.requests < 20);
}

/* --- transactions --- */

static enum send_outcome sent(const char *answer_members)
{
	struct send_result s;

	rule(0, 0, "eth_sendRawTransaction", answer_members, -1);
	ok(rpc_send_raw(rpc, (const uint8_t *)"x", 1, &s));
	return s.outcome;
}

static void test_send(void **state)
{
	struct str hash = STR_INIT;
	struct send_result s;
	uint8_t h[32];

	(void)state;
	open_rpc(1, 0);
	keccak_256(h, "x", 1);
	str_add(&hash, "\"result\":\"0x");
	str_add_hex(&hash, h, 32);
	str_addc(&hash, '"');
	assert_int_equal(sent(hash.s), SEND_ACCEPTED);
	assert_int_equal(sent("\"error\":{\"code\":-32000,\"message\":"
		"\"already known\"}"), SEND_KNOWN);
	assert_int_equal(sent("\"error\":{\"code\":-32000,\"message\":"
		"\"nonce too low\"}"), SEND_NONCE_LOW);
	assert_int_equal(sent("\"error\":{\"code\":-32000,\"message\":"
		"\"weather\"}"), SEND_REFUSED);
	assert_int_equal(sent("\"error\":{\"code\":-32000,\"message\":"
		"\"insufficient funds for gas * price + value\"}"),
		SEND_NO_FUNDS);
	assert_int_equal(health(0).errors, 0);
	/* Another hash than ours: it was not this that was taken. */
	str_truncate(&hash, hash.len - 2);
	str_add(&hash, "0\"");
	rule(0, 0, "eth_sendRawTransaction", hash.s, -1);
	expect(rpc_send_raw(rpc, (const uint8_t *)"x", 1, &s), ERR_UNAVAILABLE,
		"another hash");
	str_clear(&hash);
}

static void test_send_fails_over(void **state)
{
	struct send_result s;

	(void)state;
	open_rpc(2, 0);
	balance();
	node[0].way = FAKE_CLOSE;
	meet();
	/* The first took it before it died: the second knows it already. */
	rule(1, 0, "eth_sendRawTransaction", "\"error\":{\"code\":-32000,"
		"\"message\":\"already known\"}", -1);
	ok(rpc_send_raw(rpc, (const uint8_t *)"x", 1, &s));
	assert_int_equal(s.outcome, SEND_KNOWN);
	assert_string_equal(s.text, "already known");
}

static void test_receipts(void **state)
{
	static const struct hash32 tx = { { [31] = 5 } };
	struct tx_receipt r;
	struct tx_seen t;
	bool found;

	(void)state;
	open_rpc(1, 0);
	rule(0, 0, "eth_getTransactionReceipt", "\"result\":null", 1);
	ok(rpc_receipt(rpc, tx, &r, &found));
	assert_false(found);
	rule(0, 0, "eth_getTransactionReceipt", "\"result\":{\"status\":"
		"\"0x1\",\"transactionHash\":\"0x0000000000000000000000000000"
		"000000000000000000000000000000000005\",\"blockHash\":\"0x0000"
		"00000000000000000000000000000000000000000000000000000000000"
		"1\",\"blockNumber\":\"0x3ea\",\"gasUsed\":\"0x1\","
		"\"logs\":[]}", -1);
	ok(rpc_receipt(rpc, tx, &r, &found));
	assert_true(found && r.ok);
	assert_int_equal(rpc->saw.v, 1002);
	tx_receipt_clear(&r);
	expect(rpc_receipt(rpc, (struct hash32){ { 1 } }, &r, &found),
		ERR_UNAVAILABLE, "not the one asked for");
	rule(0, 1, "eth_getTransactionByHash", "\"result\":null", 1);
	rpc->ep[0].rest_until_ms = 0;
	ok(rpc_tx(rpc, tx, &t, &found));
	assert_false(found);
}

static void test_fates(void **state)
{
	static const struct hash32 txs[] = { { { [31] = 5 } }, { { [31] = 5 } } };
	static const char receipt[] = "\"result\":{\"status\":\"0x0\","
		"\"transactionHash\":\"0x0000000000000000000000000000000000000000"
		"000000000000000000000005\",\"blockHash\":\"0x00000000000000000000"
		"00000000000000000000000000000000000000000001\",\"blockNumber\":"
		"\"0x3ea\",\"gasUsed\":\"0x1\",\"logs\":[]}";
	struct l2_block at = { 990 };
	struct tx_receipt r[2];
	uint64_t then, now;
	bool found[2];

	(void)state;
	open_rpc(2, 1337);
	/* Batches are answered from the last on. */
	rule(0, 0, "eth_getTransactionReceipt", receipt, 1);
	rule(0, 1, "eth_getTransactionReceipt", "\"result\":null", -1);
	rule(0, 2, "eth_getTransactionCount", "\"result\":\"0x8\"", 1);
	rule(0, 3, "eth_getTransactionCount", "\"result\":\"0x7\"", -1);
	ok(rpc_fates(rpc, someone, at, txs, 2, &then, &now, r, found));
	assert_int_equal(then, 7);
	assert_int_equal(now, 8);
	assert_true(!found[0] && found[1] && !r[1].ok);
	assert_int_equal(r[1].block.v, 1002);
	tx_receipt_clear(&r[1]);
	assert_int_equal(node[1].http.requests, 0);
	/* A nonce that became less is no answer: another is asked. */
	rule(0, 0, "eth_getTransactionReceipt", receipt, -1);
	rule(0, 2, "eth_getTransactionCount", "\"result\":\"0x6\"", 1);
	rule(1, 0, "eth_getTransactionReceipt", "\"result\":null", -1);
	ok(rpc_fates(rpc, someone, at, txs, 2, &then, &now, r, found));
	assert_int_equal(then, 1);
	assert_true(!found[0] && !found[1]);
	/* Nor is one without the block it was asked for. */
	rule(1, 1, "eth_getTransactionCount", "\"error\":{\"code\":-32000,"
		"\"message\":\"header not found\"}", -1);
	rule(0, 2, "eth_getTransactionCount", "\"error\":{\"code\":-32000,"
		"\"message\":\"header not found\"}", -1);
	expect(rpc_fates(rpc, someone, at, txs, 2, &then, &now, r, found),
		ERR_NOT_FOUND, "");
	assert_true(!found[0] || !r[0].logs);
}

/* --- stopping --- */

static void *stop_soon(void *arg)
{
	(void)arg;
	while (!atomic_load(&node[0].http.requests))
		usleep(1000);
	rpc_stop(rpc);
	return NULL;
}

static void test_stop(void **state)
{
	int64_t start = clock_mono_ms();
	pthread_t thread;
	struct wei w;

	(void)state;
	open_rpc(2, 0);
	node[0].way = FAKE_HANG;
	meet();
	pthread_create(&thread, NULL, stop_soon, NULL);
	expect(rpc_balance(rpc, someone, AT_LATEST, &w), ERR_CANCELLED, "");
	pthread_join(thread, NULL);
	assert_true(clock_mono_ms() - start < 900);
	assert_int_equal(node[1].http.requests, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_questions),
		TEST(test_headers_in_a_row),
		TEST(test_urls),
		TEST(test_calls),
		TEST(test_pinned_block_is_gone),
		TEST(test_batches_shrink),
		TEST(test_items_too_large),
		TEST(test_dead_endpoint),
		TEST(test_all_dead),
		TEST(test_rate_limit),
		TEST(test_rate_limit_in_words),
		TEST(test_http_errors),
		TEST(test_slow_loris),
		TEST(test_flood),
		TEST(test_wrong_chain),
		TEST(test_malformed_answers),
		TEST(test_other_blocks_than_asked),
		TEST(test_lying_head),
		TEST(test_all_mined_far),
		TEST(test_behind),
		TEST(test_probe),
		TEST(test_logs),
		TEST(test_logs_of_a_block_to_come),
		TEST(test_logs_not_asked_for),
		TEST(test_logs_refused),
		TEST(test_send),
		TEST(test_send_fails_over),
		TEST(test_receipts),
		TEST(test_fates),
		TEST(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
