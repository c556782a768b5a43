#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proto/headers.h"
#include "proto/rpc_codec.h"

#define G5_SIG                                                               \
	"662f6ce6e23e70c7db9bdcc7b0d91bdf58d8743ba347ab0b9aa060154644c55122"  \
	"dd6afcc20a6cba9cab1d565a6b1dc36be9a9314e0317b943f8b0f1a726e2971b"
#define G7_TOKEN                                                             \
	"12172486fd27d64d6c5f7847131476149f9b63882a23ab5cd99f5cb890f42ad2"

static struct str bytes_of(const char *hex)
{
	size_t n = strlen(hex) / 2;
	uint8_t *p = xmalloc(n + 1);
	struct str s = STR_INIT;

	assert_true(hex_decode(p, n, hex));
	str_addn(&s, p, n);
	free(p);
	return s;
}

static void expect_hex(struct str *s, const char *want)
{
	struct str hex = STR_INIT;

	str_add_hex(&hex, s->s, s->len);
	assert_string_equal(str_cstr(&hex), want);
	str_clear(&hex);
	str_clear(s);
}

static void expect_error(struct err *e, const char *text)
{
	assert_non_null(e);
	assert_string_equal(err_text(e), text);
	err_free(e);
}

static struct caps job_caps(void)
{
	struct caps c = {0};

	caps_add(&c, 0);
	caps_add(&c, 1);
	caps_add(&c, 12);
	return c;
}

static void test_orchestrator_request(void **state)
{
	static const char hex[] = "0a142c7536e3605d9c16a7a3d7b1898e529396a65c23"
		"1241" G5_SIG "1a060a0283202a00";
	struct orchestrator_request r = {.sig_len = 65, .caps = job_caps()}, d;
	struct str s = STR_INIT;

	(void)state;
	assert_true(hex_decode(r.address.b, 20,
		"2c7536e3605d9c16a7a3d7b1898e529396a65c23"));
	assert_true(hex_decode(r.sig, 65, G5_SIG));
	orchestrator_request_encode(&r, &s);
	assert_null(orchestrator_request_decode(&d, s.s, s.len));
	assert_memory_equal(&d, &r, sizeof(d));
	expect_hex(&s, hex);
}

static struct segment_creds golden_creds(void)
{
	struct segment_creds c = {.manifest = "abcdef", .seq = 7,
		.sig_len = 65, .duration_ms = 2000, .caps = job_caps(),
		.token = {.present = true, .token_len = 32,
			.session_id = "deadbeef", .expiration = 1600000000},
		.ladder = {.n = 1}};

	c.ladder.r[0] = preset_find("P240p30fps16x9")->rendition;
	assert_true(hex_decode(c.hash, 32, "8e589a657a0bfd90585d7e778c2bb3986"
		"4c89a350283cbee95e7f636b8bcb710"));
	assert_true(hex_decode(c.sig, 65, "964dcc5c57b5d6c2c417aa962288d731f7"
		"9af12b3e9f729d92ad24d172f7cd802c791b517c6f6514ae19b152762da88"
		"c141250f0df89ebe448588571d296d8431b"));
	assert_true(hex_decode(c.token.token, 32, G7_TOKEN));
	return c;
}

static void test_segment_header(void **state)
{
	static const char want[] =
		"CgZhYmNkZWYQBxogjliaZXoL/ZBYXX53jCuzmGTImjUCg8vulef2Nri8txAi"
		"B2ludmFsaWQqQZZNzFxXtdbCxBeqliKI1zH3mvErPp9ynZKtJNFy982ALHkb"
		"UXxvZRSuGbFSdi2ojBQSUPDfievkSFiFcdKW2EMbMNAPOgYKAoMgKgBCMgog"
		"Ehckhv0n1k1sX3hHExR2FJ+bY4gqI6tc2Z9cuJD0KtISCGRlYWRiZWVmGICg"
		"+PoFigIhggEOUDI0MHAzMGZwczE2eDmIAaoDkAHwAZgBwM8koAEe";
	struct segment_creds c = golden_creds(), d;
	struct str s = STR_INIT;

	(void)state;
	segment_header_encode(&c, &s);
	assert_string_equal(s.s, want);
	str_clear(&s);
	assert_null(segment_header_decode(&d, want));
	c.ladder.r[0].container_is_set = true; /* the wire always says */
	assert_memory_equal(&d, &c, sizeof(d));
}

/* Which of the three lists is on the wire, by its tag. */
static int list_used(const struct segment_creds *c)
{
	struct str s = STR_INIT;
	int list = 0;

	segment_creds_encode(c, &s);
	for (size_t i = 0; i + 2 < s.len && !list; i++) {
		uint8_t tag = (uint8_t)s.s[i];

		if (s.s[i + 1] == 0x02 && (uint8_t)s.s[i + 3] == 0x82 &&
			(tag == 0x8a || tag == 0x92 || tag == 0x9a))
			list = tag == 0x8a ? 1 : tag == 0x92 ? 2 : 3;
	}
	str_clear(&s);
	return list;
}

static void test_profile_lists(void **state)
{
	struct segment_creds c = golden_creds(), d;
	struct rendition *r = &c.ladder.r[0];
	struct str s = STR_INIT;

	(void)state;
	assert_int_equal(list_used(&c), 1);
	r->container = CONTAINER_MP4;
	assert_int_equal(list_used(&c), 2);
	r->fps_den = 1;
	assert_int_equal(list_used(&c), 3);
	*r = preset_at(0)->rendition;
	r->profile = H264_PROFILE_HIGH;
	assert_int_equal(list_used(&c), 3);
	*r = preset_at(0)->rendition;
	r->gop_ms = GOP_INTRA_ONLY;
	r->container_is_set = true;
	r->color_depth = 10;
	r->chroma = CHROMA_422;
	r->quality = 23;
	assert_int_equal(list_used(&c), 3);
	c.calc_perceptual_hash = c.has_slice = c.force_session_reinit = true;
	c.slice_from_ms = 250;
	c.slice_to_ms = UINT64_MAX;
	snprintf(c.caps.version, sizeof(c.caps.version), "0.9.1-x");
	snprintf(c.caps.min_version, sizeof(c.caps.min_version), "0.7.5");
	c.caps.mandatories[1] = 5;
	c.caps.capacity[0] = 4;
	c.caps.capacity[127] = 9;
	segment_creds_encode(&c, &s);
	/* gop -1: ten bytes of varint */
	assert_non_null(memmem(s.s, s.len,
		"\xc0\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12));
	assert_null(segment_creds_decode(&d, s.s, s.len));
	assert_memory_equal(&d, &c, sizeof(d));
	str_clear(&s);
}

static void refuse_creds(const char *hex, const char *text)
{
	struct segment_creds c;
	struct str s = bytes_of(hex);

	expect_error(segment_creds_decode(&c, s.s, s.len), text);
	str_clear(&s);
}

static void test_creds_refusals(void **state)
{
	struct segment_creds c;
	struct str s = STR_INIT;

	(void)state;
	/* fullProfiles[0] with format 2, profile 5, encoder 4, gop only */
	refuse_creds("8a0203a80102", "unrecognized profile output format");
	refuse_creds("8a0203b80105", "unrecognized encoder profile");
	refuse_creds("8a0203c80104", "unrecognized video codec");
	refuse_creds("8a020ca801ffffffffffffffffff01",
		"unrecognized profile output format");
	refuse_creds("8a02068201032e2e2f",
		"unsafe profile name \"../\"");
	refuse_creds("8a02058201026125", "unsafe profile name \"a%\"");
	refuse_creds("8a0205820102611b", "unsafe profile name \"a\\x1b\"");
	refuse_creds("8a0204820101ff",
		"proto: string field contains invalid UTF-8");
	refuse_creds("8a0204820101" "00",
		"proto: string field contains invalid UTF-8");
	refuse_creds("30ffffffffffffffffff01", "invalid duration");
	refuse_creds("0a0100", "invalid manifest id");
	for (int i = 0; i <= LADDER_MAX; i++)
		str_addn(&s, "\x9a\x02\x00", 3);
	expect_error(segment_creds_decode(&c, s.s, s.len), "Too many outputs");
	str_truncate(&s, s.len - 3);
	assert_null(segment_creds_decode(&c, s.s, s.len));
	assert_string_equal(c.ladder.r[9].name, "net_0x0_0");
	str_clear(&s);
	/* The newest list wins: 1, 3, 2 given. */
	s = bytes_of("8a020482010161" "9a020482010163" "92020482010162");
	assert_null(segment_creds_decode(&c, s.s, s.len));
	assert_int_equal(c.ladder.n, 1);
	assert_string_equal(c.ladder.r[0].name, "c");
	str_clear(&s);
	/* Short and long hashes. */
	s = bytes_of("1a021234");
	assert_null(segment_creds_decode(&c, s.s, s.len));
	assert_int_equal(c.hash[30], 0x12);
	assert_int_equal(c.hash[0], 0);
	str_clear(&s);
}

static void test_wire_refusals(void **state)
{
	static const char bad[] =
		"proto: cannot parse invalid wire-format data";
	struct segment_creds c;
	struct str s = STR_INIT;

	(void)state;
	refuse_creds("0a05616263", bad);
	refuse_creds("00", bad);
	refuse_creds("ff", bad);
	refuse_creds("0b0c", bad); /* a group */
	refuse_creds("10ffffffffffffffffffffff", bad);
	refuse_creds("fa07ffffffffffffffffff01", bad);
	/* Unknown fields of every kind are skipped: 100, 9 and 36. */
	s = bytes_of("a00601" "a1060102030405060708" "a206026162"
		"a50601020304" "4a0161" "a2020161");
	assert_null(segment_creds_decode(&c, s.s, s.len));
	str_clear(&s);
	for (int i = 0; i < 70000; i++)
		str_addn(&s, "\x82\x02\x00", 3);
	expect_error(segment_creds_decode(&c, s.s, s.len), bad);
	str_clear(&s);
	str_reserve(&s, RPC_MESSAGE_MAX + 1);
	memset(s.s, 0, RPC_MESSAGE_MAX + 1);
	expect_error(segment_creds_decode(&c, s.s, RPC_MESSAGE_MAX + 1),
		"message of 4194305 bytes, at most 4194304");
	str_clear(&s);
}

static void test_caps(void **state)
{
	struct register_request r;
	struct str s;

	(void)state;
	/* AI bits 27-37 and their constraints are tolerated; unpacked words;
	 * of equal capacity keys the last wins, and key 200 has no counter. */
	s = bytes_of("1a2d" "0a06" "ffffffffff07" "1a0408011003" "1a0408011007"
		"1a0508c8011001" "2206" "302e392e3161" "2a0812060802" "12020a00");
	assert_null(register_request_decode(&r, s.s, s.len));
	assert_true(caps_has(&r.caps, 37));
	assert_int_equal(r.caps.capacity[1], 7);
	assert_string_equal(r.caps.version, "0.9.1a");
	str_clear(&s);
	s = bytes_of("1a0408050806");
	assert_null(register_request_decode(&r, s.s, s.len));
	assert_int_equal(r.caps.words, 2);
	assert_int_equal(r.caps.bits[1], 6);
	str_clear(&s);
	/* Nine words: the ninth may only be zero, and still counts. */
	s = bytes_of("1a0b0a09" "010000000000000000");
	assert_null(register_request_decode(&r, s.s, s.len));
	assert_int_equal(r.caps.words, CAPS_WORDS);
	s.s[12] = 1;
	expect_error(register_request_decode(&r, s.s, s.len),
		"capability 512 is not known here");
	str_clear(&s);
}

static void test_register_and_notify(void **state)
{
	struct register_request r = {.secret = "s\xffx", .capacity = 10}, q;
	struct notify_segment n = {.url = "https://o:8935/stream/a/1.tempfile",
		.task_id = 742, .orch_id = "offchain", .has_creds = true}, m;
	struct str s = STR_INIT;

	(void)state;
	caps_default(&r.caps);
	register_request_encode(&r, &s);
	assert_null(register_request_decode(&q, s.s, s.len));
	assert_string_equal(q.secret, "s\\xffx"); /* made valid */
	assert_memory_equal(&q.caps, &r.caps, sizeof(q.caps));
	str_clear(&s);

	n.creds = golden_creds();
	n.creds.ladder.r[0].container_is_set = true;
	notify_segment_encode(&n, &s);
	assert_null(notify_segment_decode(&m, s.s, s.len));
	assert_memory_equal(&m, &n, sizeof(m));
	str_clear(&s);

	n = (struct notify_segment){.creds.token = {
		.present = true, .session_id = "deadbeef"}};
	notify_segment_encode(&n, &s);
	assert_null(notify_segment_decode(&m, s.s, s.len));
	assert_string_equal(m.url, "");
	assert_string_equal(m.creds.token.session_id, "deadbeef");
	expect_hex(&s, "1a0c420a1208" "6465616462656566");
}

static void test_result(void **state)
{
	char text[] = "MediaStats Failure\xff", empty[] = "";
	struct transcode_result r = {.seq = 9, .error = text}, d;
	struct str s = STR_INIT;

	(void)state;
	transcode_result_encode(&r, &s);
	assert_null(transcode_result_decode(&d, s.s, s.len));
	assert_string_equal(d.error, "MediaStats Failure\\xff");
	transcode_result_clear(&d);
	str_clear(&s);
	/* Neither an empty error nor an empty list may vanish. */
	r.error = empty;
	transcode_result_encode(&r, &s);
	assert_null(transcode_result_decode(&d, s.s, s.len));
	assert_string_equal(d.error, "");
	transcode_result_clear(&d);
	expect_hex(&s, "08091200");
	r.error = NULL;
	transcode_result_encode(&r, &s);
	assert_null(transcode_result_decode(&d, s.s, s.len));
	assert_null(d.error);
	assert_int_equal(d.n, 0);
	expect_hex(&s, "08091a00");

	r.n = 2;
	snprintf(r.r[0].url, sizeof(r.r[0].url), "https://o/stream/s/a/9.ts");
	r.r[0].pixels = 6134400;
	snprintf(r.r[1].phash_url, sizeof(r.r[1].phash_url), "https://o/stream/s/b/9.ts.phash");
	r.sig_len = 65;
	r.has_info = true;
	snprintf(r.info.transcoder, sizeof(r.info.transcoder), "https://o");
	transcode_result_encode(&r, &s);
	assert_null(transcode_result_decode(&d, s.s, s.len));
	assert_memory_equal(&d, &r, sizeof(d));
	str_clear(&s);

	assert_null(transcode_result_decode(&d, "", 0));
	assert_string_equal(d.error, "UnknownResponse");
	transcode_result_clear(&d);
	str_addn(&s, "\x1a\x16", 2);
	for (int i = 0; i <= LADDER_MAX; i++)
		str_addn(&s, "\x0a\x00", 2);
	expect_error(transcode_result_decode(&d, s.s, s.len),
		"11 renditions, at most 10");
	transcode_result_clear(&d);
	str_clear(&s);
}

static void test_info(void **state)
{
	struct orchestrator_info i = {.transcoder = "https://127.0.0.1:8935",
		.has_price = true, .price_per_unit = 1, .pixels_per_unit = 3,
		.nodes_n = 2, .nodes = {"https://a:1", "https://b:2"}}, d;
	struct str s = STR_INIT;

	(void)state;
	i.address.b[0] = 0x2c;
	caps_default(&i.caps);
	i.token = golden_creds().token;
	orchestrator_info_encode(&i, &s);
	/* hardware and capabilities_prices are not ours */
	str_addn(&s, "\x3a\x02\x08\x01\x8a\x02\x02\x08\x01", 9);
	assert_null(orchestrator_info_decode(&d, s.s, s.len));
	assert_memory_equal(&d, &i, sizeof(d));
	for (int n = 0; n < NODES_MAX; n++)
		str_addn(&s, "\x92\x02\x01x", 4);
	assert_null(orchestrator_info_decode(&d, s.s, s.len));
	assert_int_equal(d.nodes_n, NODES_MAX);
	str_clear(&s);
	s = bytes_of("0a02" "6100");
	expect_error(orchestrator_info_decode(&d, s.s, s.len),
		"proto: string field contains invalid UTF-8");
	str_clear(&s);
}

static void test_final_errors(void **state)
{
	(void)state;
	assert_true(error_is_nonretryable("Too many outputs"));
	assert_true(error_is_nonretryable("TranscoderInvalidVideo"));
	assert_false(error_is_nonretryable("too many outputs"));
	assert_false(error_is_nonretryable("OrchestratorBusy"));
	assert_false(error_is_nonretryable(""));
}

static void test_small(void **state)
{
	struct auth_token t = golden_creds().token, u;
	struct str s = STR_INIT, v = STR_INIT;

	(void)state;
	end_session_encode(&t, &s);
	assert_null(end_session_decode(&u, s.s, s.len));
	assert_memory_equal(&u, &t, sizeof(u));
	str_clear(&s);
	assert_null(end_session_decode(&u, NULL, 0));
	assert_false(u.present);
	ping_encode("\x00\x11", 2, &s);
	assert_null(ping_decode(&v, s.s, s.len));
	assert_int_equal(v.len, 2);
	str_clear(&v);
	expect_hex(&s, "0a020011");
}

/* No prefix of a message and no single flipped bit may do harm (ASan). */
static void test_damage(void **state)
{
	struct segment_creds c = golden_creds();
	struct notify_segment n;
	struct transcode_result r;
	struct str s = STR_INIT;

	(void)state;
	segment_creds_encode(&c, &s);
	for (size_t i = 0; i < s.len * 8; i++) {
		s.s[i / 8] ^= (char)(1 << i % 8);
		err_free(segment_creds_decode(&c, s.s, s.len));
		err_free(segment_creds_decode(&c, s.s, i / 8));
		err_free(notify_segment_decode(&n, s.s, s.len));
		err_free(transcode_result_decode(&r, s.s, s.len));
		transcode_result_clear(&r);
		s.s[i / 8] ^= (char)(1 << i % 8);
	}
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orchestrator_request),
		cmocka_unit_test(test_segment_header),
		cmocka_unit_test(test_profile_lists),
		cmocka_unit_test(test_creds_refusals),
		cmocka_unit_test(test_wire_refusals),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_register_and_notify),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_final_errors),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
