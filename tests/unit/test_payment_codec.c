/* The Livepeer-Payment header and the ticket params of an OrchestratorInfo,
 * against bytes computed from the reference's layouts (wire reference 8.5), and
 * what a stranger may put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/headers.h"
#include "proto/rpc_codec.h"

#define GOLDEN                                                               \
	"CokBChRzrte13rMCIvqJbzmdRsyZx77lfxIHfFhQhyOAABoeA9W08YirU3o38zBLQB" \
	"QpoV3wlMzomiyj66c7paAAIiDT0QLC/wwGkO/a8Gd6fxDcWXrlt5XWzfBvUaqDTBLQ" \
	"YSogAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAyBAESqKgSFCx1NuNgXZ" \
	"wWp6PXsYmOUpOWplwjGiUIpBMSIHYkd43tx1+LMiufoWMqYQ1AuF4QbH2b8OdDqc4p" \
	"G5xvIkUIARJBx/BQO+edXGVLuFeX/77XQZyKHgCoPXK+c0ckfGumAKhuXn77B8eyhB" \
	"o0TGOa7Ct+yarqkGPimalPxSGF8Jgo6xwqBQi8CRAB"
#define GOLDEN_EMPTY "EhQsdTbjYF2cFqej17GJjlKTlqZcIyoFCLwJEAE="

static void from_hex(void *out, size_t n, const char *hex)
{
	assert_true(hex_decode(out, n, hex));
}

static struct u256 number(const char *text)
{
	struct u256 v;

	assert_true(u256_parse(&v, text));
	return v;
}

static struct ticket_params golden_params(void)
{
	struct ticket_params p = {
		.face_value = { number("35000000000000000") },
		.win_prob = { number("0x3d5b4f188ab537a37f3304b401429a15df094cce89a2"
			"ca3eba73ba5a000") },
		.expiration = { 18000040 },
		.created = { .round = { 2468 } },
	};
	uint8_t seed[32];

	for (int i = 0; i < 32; i++)
		seed[i] = (uint8_t)(i + 1);
	assert_true(u256_from_be(&p.seed, seed, sizeof(seed)));
	from_hex(p.recipient.b, 20, "73AEd7b5dEb30222fa896f399d46cC99c7BEe57F");
	from_hex(p.rand_hash.b, 32, "d3d102c2ff0c0690efdaf0677a7f10dc597ae5b795d6cdf0"
		"6f51aa834c12d061");
	from_hex(p.created.block_hash.b, 32, "7624778dedc75f8b322b9fa1632a610d40b85e10"
		"6c7d9bf0e743a9ce291b9c6f");
	return p;
}

/* tickets: the caller's, one of them. */
static struct payment golden_payment(struct payment_ticket *tickets)
{
	struct payment p = { .has_params = true, .params = golden_params(),
		.has_sender = true, .has_price = true, .price_per_unit = 1212,
		.pixels_per_unit = 1, .n = 1, .tickets = tickets };

	p.created = p.params.created;
	from_hex(p.sender.b, 20, "2c7536e3605d9c16a7a3d7b1898e529396a65c23");
	tickets->nonce = 1;
	tickets->sig_len = 65;
	from_hex(tickets->sig.b, 65, "c7f0503be79d5c654bb85797ffbed7419c8a1e00a83d72b"
		"e7347247c6ba600a86e5e7efb07c7b2841a344c639aec2b7ec9aaea9063e299a94fc5"
		"2185f09828eb1c");
	return p;
}

static void test_golden(void **state)
{
	struct payment_ticket ticket = { 0 };
	struct payment p = golden_payment(&ticket), d;
	struct str s = STR_INIT;

	(void)state;
	payment_header_encode(&p, &s);
	assert_string_equal(s.s, GOLDEN);
	str_clear(&s);
	assert_null(payment_header_decode(&d, GOLDEN));
	assert_true(d.has_params && d.has_sender && d.has_price);
	p.params.created = (struct ticket_expiration){ .round = { 0 } };
	assert_true(ticket_params_eq(&d.params, &p.params));
	assert_true(addr_eq(d.sender, p.sender));
	assert_int_equal(d.created.round.v, 2468);
	assert_true(hash_eq(d.created.block_hash, p.created.block_hash));
	assert_int_equal(d.price_per_unit, 1212);
	assert_int_equal(d.pixels_per_unit, 1);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.tickets[0].nonce, 1);
	assert_int_equal(d.tickets[0].sig_len, 65);
	assert_memory_equal(d.tickets[0].sig.b, ticket.sig.b, 65);
	payment_clear(&d);
}

static void test_without_tickets(void **state)
{
	struct payment_ticket ticket = { 0 };
	struct payment p = golden_payment(&ticket), d;
	struct str s = STR_INIT;

	(void)state;
	p.has_params = false;
	p.n = 0;
	payment_header_encode(&p, &s);
	assert_string_equal(s.s, GOLDEN_EMPTY);
	str_clear(&s);
	assert_null(payment_header_decode(&d, GOLDEN_EMPTY));
	assert_false(d.has_params);
	assert_true(d.has_sender && d.has_price);
	assert_int_equal(d.n, 0);
	payment_clear(&d);
	/* Off-chain. */
	assert_null(payment_header_decode(&d, ""));
	assert_false(d.has_params || d.has_sender || d.has_price);
	assert_null(payment_header_decode(&d, NULL));
	assert_false(d.has_sender);
}

static void refuse(const char *text, const char *want)
{
	struct payment d;
	struct err *e = payment_header_decode(&d, text);

	assert_non_null(e);
	assert_string_equal(err_text(e), want);
	assert_null(d.tickets);
	err_free(e);
}

static void refuse_bytes(const void *bytes, size_t n, const char *want)
{
	struct payment d;
	struct err *e = payment_decode(&d, bytes, n);

	assert_non_null(e);
	assert_string_equal(err_text(e), want);
	assert_null(d.tickets);
	err_free(e);
}

static void test_refusals(void **state)
{
	uint8_t params[3 + 3 + 40] = { 0x0a, 42, 0x12, 40, 1 };

	(void)state;
	refuse("EhQs*", "base64 decode error: illegal base64 data at input byte 4");
	refuse("EhQs", "protobuf unmarshal error: proto: cannot parse invalid "
		"wire-format data");
	/* 2^312: a number of forty bytes, in each place where one may be. */
	refuse_bytes(params, 44, "ticket face value of more than 256 bits");
	params[2] = 0x1a;
	refuse_bytes(params, 44, "ticket win probability of more than 256 bits");
	params[2] = 0x2a;
	refuse_bytes(params, 44, "ticket seed of more than 256 bits");
	params[2] = 0x32;
	refuse_bytes(params, 44, "ticket expiration block is no block");
	/* 2^63 */
	refuse_bytes("\x0a\x0a\x32\x08\x80\0\0\0\0\0\0\0", 12,
		"ticket expiration block is no block");
	refuse_bytes("\x1a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13,
		"ticket creation round is negative");
}

/* Leading zeros are as good as none; what is longer than an address or a hash
 * keeps its last bytes, what is shorter gets zeros in front. */
static void test_odd_lengths(void **state)
{
	static const char bytes[] =
		"\x0a\x2c"
		"\x12\x03\0\0\x07"		       /* face value 7 */
		"\x0a\x02\x01\x02"		       /* recipient 0102 */
		"\x22\x21" "\xee" "0123456789abcdef0123456789abcdef"
		"\x12\x16" "\xee\xee" "0123456789abcdefghij"
		/* a signature of 66 bytes, one of none */
		"\x22\x44\x12\x42" "0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef" "xx"
		"\x22\x02\x08\x05";
	struct payment d;

	(void)state;
	assert_null(payment_decode(&d, bytes, sizeof(bytes) - 1));
	assert_true(u256_eq(d.params.face_value.v, u256_from(7)));
	assert_int_equal(d.params.recipient.b[17], 0);
	assert_int_equal(d.params.recipient.b[18], 1);
	assert_int_equal(d.params.recipient.b[19], 2);
	assert_memory_equal(d.params.rand_hash.b, "0123456789abcdef0123456789abcdef", 32);
	assert_memory_equal(d.sender.b, "0123456789abcdefghij", 20);
	assert_int_equal(d.n, 2);
	assert_int_equal(d.tickets[0].sig_len, 0);
	assert_int_equal(d.tickets[1].sig_len, 0);
	assert_int_equal(d.tickets[1].nonce, 5);
	payment_clear(&d);
}

static void test_bound(void **state)
{
	struct payment d;
	struct str s = STR_INIT;

	(void)state;
	for (int i = 0; i < PAYMENT_TICKETS_MAX; i++)
		str_addn(&s, "\x22\x00", 2);
	assert_null(payment_decode(&d, s.s, s.len));
	assert_int_equal(d.n, PAYMENT_TICKETS_MAX);
	payment_clear(&d);
	str_addn(&s, "\x22\x00", 2);
	refuse_bytes(s.s, s.len, "601 tickets, at most 600");
	str_clear(&s);
}

/* Six hundred tickets fit into one header value of the network's servers. */
static void test_full_header(void **state)
{
	struct payment_ticket *tickets = xcalloc(PAYMENT_TICKETS_MAX, sizeof(*tickets));
	struct payment p = golden_payment(tickets), d;
	struct str s = STR_INIT;

	(void)state;
	p.n = PAYMENT_TICKETS_MAX;
	for (uint32_t i = 0; i < PAYMENT_TICKETS_MAX; i++) {
		tickets[i] = tickets[0];
		tickets[i].nonce = i + 1;
	}
	payment_header_encode(&p, &s);
	assert_in_range(s.len, 50000, 65536);
	assert_null(payment_header_decode(&d, s.s));
	assert_int_equal(d.n, PAYMENT_TICKETS_MAX);
	assert_int_equal(d.tickets[599].nonce, 600);
	payment_clear(&d);
	free(tickets);
	str_clear(&s);
}

static void test_params_of_info(void **state)
{
	struct orchestrator_info i = { .has_params = true, .params = golden_params() }, d;
	struct str s = STR_INIT, hex = STR_INIT;

	(void)state;
	orchestrator_info_encode(&i, &s);
	str_add_hex(&hex, s.s, s.len);
	/* As in the payment, and the round within. */
	assert_string_equal(str_cstr(&hex),
		"12b0010a1473aed7b5deb30222fa896f399d46cc99c7bee57f12077c5850872380001a"
		"1e03d5b4f188ab537a37f3304b401429a15df094cce89a2ca3eba73ba5a0002220d3d1"
		"02c2ff0c0690efdaf0677a7f10dc597ae5b795d6cdf06f51aa834c12d0612a20010203"
		"0405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20320"
		"40112a8a83a2508a41312207624778dedc75f8b322b9fa1632a610d40b85e106c7d9bf"
		"0e743a9ce291b9c6f22140000000000000000000000000000000000000000");
	assert_null(orchestrator_info_decode(&d, s.s, s.len));
	assert_true(d.has_params);
	assert_true(ticket_params_eq(&d.params, &i.params));
	str_clear(&s);
	str_clear(&hex);
	/* Free of charge: no face value, no probability. */
	i.params.face_value = WEI_ZERO;
	i.params.win_prob = (struct prob){ U256_ZERO };
	orchestrator_info_encode(&i, &s);
	assert_null(orchestrator_info_decode(&d, s.s, s.len));
	assert_true(ticket_params_eq(&d.params, &i.params));
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_without_tickets),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_odd_lengths),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_full_header),
		cmocka_unit_test(test_params_of_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
