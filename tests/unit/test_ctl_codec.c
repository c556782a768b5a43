#include "proto/ctl_codec.h"
#include "proto/view_codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* The one frame in `wire`, as the reader would give it. */
static struct ctl_frame only(const struct str *wire)
{
	struct ctl_frame f = {(enum ctl_type)wire->s[4], wire->s + CTL_HEADER,
		wire->len - CTL_HEADER};

	return f;
}

static struct ctl_frame payload(enum ctl_type type, const char *text)
{
	return (struct ctl_frame){type, text, strlen(text)};
}

static void test_hello(void **state)
{
	struct str s = STR_INIT;
	struct ctl_hello h;
	struct ctl_frame f;
	struct err *e;

	(void)state;
	ctl_write_hello(&s, 77);
	f = only(&s);
	assert_int_equal(f.type, CTL_HELLO);
	assert_null(ctl_hello_decode(&f, &h));
	assert_int_equal(h.protocol, CTL_PROTOCOL);
	assert_int_equal(h.pid, 77);
	assert_string_equal(h.version, WEIR_VERSION);
	ctl_hello_clear(&h);
	f = payload(CTL_HELLO, "{\"pid\":1}");
	e = ctl_hello_decode(&f, &h);
	assert_non_null(e);
	err_free(e);
	str_clear(&s);
}

static void test_subscribe(void **state)
{
	struct ctl_subscribe in = {1u << SECTION_NODE, true, 41, true, 178900000}, out;
	struct str s = STR_INIT;
	struct ctl_frame f;

	(void)state;
	ctl_write_subscribe(&s, &in);
	f = only(&s);
	assert_null(ctl_subscribe_decode(&f, &out));
	assert_int_equal(out.sections, in.sections);
	assert_true(out.log);
	assert_int_equal(out.log_after, 41);
	assert_true(out.trend);
	assert_int_equal(out.trend_after, 178900000);
	f = payload(CTL_SUBSCRIBE, "{\"sections\":-1}");
	assert_null(ctl_subscribe_decode(&f, &out));
	assert_int_equal(out.sections, CTL_ALL_SECTIONS);
	assert_false(out.log);
	assert_false(out.trend);
	assert_int_equal(out.trend_after, -1);
	str_clear(&s);
}

static void test_view(void **state)
{
	struct view_node in = {.pid = 5}, out = {0};
	struct str s = STR_INIT;
	struct ctl_view v;
	struct ctl_frame f;
	struct err *e;

	(void)state;
	ctl_write_view(&s, SECTION_NODE, UINT64_MAX - 1, &in);
	f = only(&s);
	assert_null(ctl_view_decode(&f, &v));
	assert_int_equal(v.section, SECTION_NODE);
	assert_true(v.version == UINT64_MAX - 1);
	assert_null(view_decode(view_node_desc(), v.json, v.n, &out));
	assert_int_equal(out.pid, 5);
	view_clear(view_node_desc(), &out);
	f.n = 8;
	e = ctl_view_decode(&f, &v);
	assert_non_null(e);
	err_free(e);
	str_truncate(&s, 0);
	ctl_write_view(&s, SECTION_SESSIONS, 0, NULL);
	f = only(&s);
	assert_null(ctl_view_decode(&f, &v));
	assert_int_equal(v.n, 2);
	s.s[CTL_HEADER] = SECTION_COUNT;
	e = ctl_view_decode(&f, &v);
	assert_non_null(e);
	err_free(e);
	str_clear(&s);
}

static void collect(void *ctx, const struct journal_record *r)
{
	str_printf(ctx, "%d %d %d %s %s;", (int)r->seq, (int)r->wall_ms,
		r->level, r->name, r->text);
}

static void test_log(void **state)
{
	struct journal_record a = {7, 1000, LOG_UNUSUAL, "orch", "say \"hi\""};
	struct journal_record b = {8, 1001, LOG_DEBUG, "rtmp", ""};
	struct str s = STR_INIT, got = STR_INIT;
	struct ctl_log_writer w;
	struct ctl_frame f;
	uint64_t after;
	struct err *e;

	(void)state;
	ctl_log_begin(&w, &s, 3);
	ctl_log_add(&w, &a);
	ctl_log_add(&w, &b);
	ctl_log_end(&w);
	f = only(&s);
	assert_null(ctl_log_decode(&f, &after, collect, &got));
	assert_int_equal(after, 3);
	assert_string_equal(got.s,
		"7 1000 3 orch say \"hi\";8 1001 1 rtmp ;");
	f = payload(CTL_LOG, "{\"records\":[{\"text\":\"no seq\"}]}");
	e = ctl_log_decode(&f, &after, collect, &got);
	assert_non_null(e);
	err_free(e);
	str_clear(&s);
	str_clear(&got);
}

static void give_token(struct command *c, const char *token)
{
	assert_true(strlen(token) < sizeof(c->token));
	memcpy(c->token, token, strlen(token) + 1);
}

static void test_command(void **state)
{
	struct command in, out;
	struct str s = STR_INIT;
	struct ctl_frame f;
	uint64_t id;

	(void)state;
	assert_null(command_parse_line("set-max-sessions  12", &in));
	ctl_write_command(&s, 9, &in);
	f = only(&s);
	assert_null(ctl_command_decode(&f, &id, &out));
	assert_int_equal(id, 9);
	assert_int_equal(out.def->id, CMD_set_max_sessions);
	assert_int_equal(out.value[0].number, 12);
	assert_string_equal(out.token, "");
	command_clear(&out);
	str_truncate(&s, 0);
	give_token(&in, "00112233445566778899aabbccddeeff");
	ctl_write_command(&s, 10, &in);
	f = only(&s);
	assert_null(ctl_command_decode(&f, &id, &out));
	assert_string_equal(out.token, in.token);
	command_clear(&in);
	command_clear(&out);
	str_clear(&s);
}

static void test_command_refused(void **state)
{
	static const struct {
		const char *json, *error;
	} bad[] = {
		{"x", "COMMAND: "},
		{"{\"id\":5,\"name\":\"nope\"}", "no command \"nope\""},
		{"{\"id\":5,\"name\":\"drain_transcoder\"}", "no id"},
		{"{\"id\":5,\"name\":\"set_max_sessions\",\"args\":{\"n\":-1}}",
			"from 0 to 100000"},
		{"{\"id\":5,\"name\":\"drain\",\"token\":1}", "not a token"},
		{"{\"id\":5,\"name\":\"set_log_level\",\"args\":"
		 "{\"level\":\"deb\"}}", "one of trace|debug"},
	};
	struct command c;
	uint64_t id;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct ctl_frame f = payload(CTL_COMMAND, bad[i].json);
		struct err *e = ctl_command_decode(&f, &id, &c);

		assert_non_null(strstr(err_text(e), bad[i].error));
		assert_int_equal(id, i ? 5 : 0);
		assert_null(c.def);
		err_free(e);
	}
}

static void test_answer_and_bye(void **state)
{
	struct str s = STR_INIT;
	struct ctl_answer a;
	struct ctl_frame f;
	char *reason;

	(void)state;
	for (enum ctl_outcome o = CTL_DONE; o <= CTL_ASKS; o++) {
		struct ctl_answer *in = ctl_answer_new(o, xstrdup("text\x01"));

		in->id = 3;
		in->code = o;
		in->token = xstrdup("0f1e");
		in->word = xstrdup("6a65");
		str_truncate(&s, 0);
		ctl_write_answer(&s, in);
		ctl_answer_free(in);
		f = only(&s);
		assert_null(ctl_answer_decode(&f, &a));
		assert_int_equal(a.id, 3);
		assert_int_equal(a.outcome, o);
		assert_int_equal(a.code, o);
		assert_string_equal(a.text, "text\x01");
		assert_string_equal(a.token ? a.token : "",
			o == CTL_ASKS ? "0f1e" : "");
		assert_string_equal(a.word ? a.word : "",
			o == CTL_ASKS ? "6a65" : "");
		ctl_answer_clear(&a);
	}
	str_truncate(&s, 0);
	ctl_write_bye(&s, "the node stops");
	f = only(&s);
	assert_null(ctl_bye_decode(&f, &reason));
	assert_string_equal(reason, "the node stops");
	free(reason);
	str_clear(&s);
}

static void test_secret(void **state)
{
	static const char *const bad[] = {"two\nlines", "12345678"};
	struct str s = STR_INIT, longest = STR_INIT;
	struct ctl_secret out;
	struct ctl_frame f;

	(void)state;
	ctl_write_secret(&s, 5, 1ull << 40, "correct horse");
	f = only(&s);
	assert_int_equal(f.type, CTL_SECRET);
	assert_null(ctl_secret_decode(&f, &out));
	assert_int_equal(out.id, 5);
	assert_int_equal(out.number, 1ull << 40);
	assert_int_equal(out.n, 13);
	assert_memory_equal(out.bytes, "correct horse", 13);
	for (size_t i = 0; i < 3; i++) {
		struct err *e;

		str_truncate(&s, 0);
		for (size_t k = longest.len; i == 2 && k <= CTL_SECRET_MAX; k++)
			str_addc(&longest, 'x');
		ctl_write_secret(&s, 6, 1, i == 2 ? longest.s : bad[i]);
		f = only(&s);
		if (i == 1)
			f.n = 15; /* cut off */
		e = ctl_secret_decode(&f, &out);
		assert_non_null(e);
		assert_int_equal(out.id, i == 1 ? 0 : 6);
		err_free(e);
	}
	str_clear(&longest);
	str_clear(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hello),
		cmocka_unit_test(test_subscribe),
		cmocka_unit_test(test_view),
		cmocka_unit_test(test_log),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_command_refused),
		cmocka_unit_test(test_answer_and_bye),
		cmocka_unit_test(test_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
