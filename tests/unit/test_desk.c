/* Screens as text: a fixed mirror, keys, and what the canvas then shows, in
 * tests/tui/golden/NAME.txt. After a change that is meant, `make golden` writes
 * them anew; read the diff. */
#include "ui/desk.h"

#include "proto/view_codec.h"
#include "ui/keys.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/scene.h"

static void put_node(struct mirror *m, bool alarms)
{
	struct str j = STR_INIT;

	str_printf(&j, "{\"version\":\"0.1.0\",\"network\":\"offchain\","
		"\"state\":\"running\",\"node_id\":\"1f2e3d4c\","
		"\"datadir\":\"/var/lib/weir\",\"pid\":4711,"
		"\"started_ms\":%lld,\"now_ms\":%lld,\"rss\":120000000,"
		"\"cpu\":0.12,\"max_sessions\":8,\"sessions\":3,"
		"\"segments_ok\":12345,\"segments_failed\":3,"
		"\"pixels\":1200000000000,\"log_level\":\"info\",\"roles\":["
		"{\"name\":\"orchestrator\",\"state\":\"running\",\"listens\":["
		"{\"what\":\"rpc\",\"address\":\"0.0.0.0:8935\"}]},"
		"{\"name\":\"transcoder\",\"state\":\"draining\","
		"\"detail\":\"2 devices\"},"
		"{\"name\":\"broadcaster\",\"state\":\"stopped\"}],",
		NOW - 11100000, NOW);
	if (alarms)
		str_printf(&j, "\"alarms\":[{\"id\":\"a\",\"level\":\"broken\","
			"\"text\":\"no orchestrator answers: 3 tried\","
			"\"since_ms\":%lld},{\"id\":\"b\","
			"\"level\":\"unusual\",\"text\":\"sessions at 90%% of "
			"the cap\",\"since_ms\":%lld}],", NOW - 65000,
			NOW - 5000);
	str_truncate(&j, j.len - 1);
	str_add(&j, "}");
	put(m, SECTION_NODE, j.s);
	str_clear(&j);
}

static void add_session(struct str *j, int i, const char *more)
{
	str_printf(j, "%s{\"id\":\"1f2e%04x\",\"manifest\":\"stream-%03d\","
		"\"role\":\"O\",\"state\":\"%s\",\"ingest\":\"rtmp\","
		"\"remote\":\"192.0.2.%d:40000\",\"started_ms\":%lld,"
		"\"last_ms\":%lld,\"width\":1920,\"height\":1080,"
		"\"fps\":29.97,\"source_bitrate\":6000000,\"video\":\"h264\","
		"\"audio\":\"aac\",\"segments_in\":%d,\"segments_out\":%d,"
		"\"segments_failed\":%d,\"in_flight\":1,"
		"\"realtime_ratio\":%.2f,\"latency_ms\":%d,"
		"\"latency_p99_ms\":2100,\"transcoder\":\"gpu0\","
		"\"renditions\":[{\"name\":\"P360p30fps16x9\",\"width\":640,"
		"\"height\":360,\"fps\":30,\"bitrate\":1200000,"
		"\"segments\":98,\"bytes\":29400000,"
		"\"measured_bitrate\":1190000}],\"recent\":["
		"{\"seq\":8,\"at_ms\":%lld,\"duration_ms\":2000,"
		"\"latency_ms\":740,\"bytes\":1500000,\"outcome\":\"ok\","
		"\"detail\":\"gpu0\"},{\"seq\":9,\"at_ms\":%lld,"
		"\"duration_ms\":2000,\"latency_ms\":90,\"bytes\":1500000,"
		"\"outcome\":\"failed\",\"detail\":\"transcoder gone\"}]%s}",
		i ? "," : "", i, i, i % 5 == 4 ? "ending" : "live", i + 1,
		NOW - 60000 * (i + 1), NOW - 900, 100 + i, 98 + i, i % 7 / 6,
		0.3 + i % 10 / 12.0, 800 + i * 10, NOW - 4000, NOW - 2000,
		more);
}

static void put_sessions(struct mirror *m, int n)
{
	struct str j = STR_INIT;

	str_add(&j, "{\"rows\":[");
	add_session(&j, 0, ",\"role\":\"B\",\"transcoder\":\"\","
		"\"orchestrator\":\"https://o1.example.net:8935\","
		"\"last_error\":\"OrchestratorBusy\","
		"\"last_error_ms\":1789999930000,"
		"\"manifest\":\"caf\\u00e9 \\u6771\\u4eac \\u001b[2J\"");
	str_add(&j, "]}");
	put(m, SECTION_STREAMS, j.s);
	str_truncate(&j, 0);
	str_add(&j, "{\"rows\":[");
	for (int i = 1; i < n; i++) {
		struct str one = STR_INIT;

		add_session(&one, i, "");
		str_add(&j, i > 1 ? one.s : one.s + 1);
		str_clear(&one);
	}
	str_add(&j, "]}");
	put(m, SECTION_SESSIONS, j.s);
	str_clear(&j);
}

static void put_transcoders(struct mirror *m)
{
	struct str j = STR_INIT;

	str_add(&j, "{\"rows\":[");
	for (int i = 0; i < 3; i++)
		str_printf(&j, "%s{\"id\":\"%s\",\"kind\":\"%s\","
			"\"address\":\"%s\",\"device\":\"%s\","
			"\"state\":\"%s\",\"draining\":%s,\"capacity\":%d,"
			"\"load\":%d,\"since_ms\":%lld,\"segments\":%d,"
			"\"failed\":%d,\"speed\":%.1f,\"utilisation\":%.1f,"
			"\"rss\":80000000,\"cpu\":%.2f,\"last_error\":\"%s\","
			"\"last_error_ms\":%lld}", i ? "," : "",
			i == 0 ? "cpu0" : i == 1 ? "gpu0" : "remote7",
			i == 0 ? "cpu" : i == 1 ? "gpu" : "remote",
			i == 2 ? "198.51.100.7:5000" : "",
			i == 0 ? "8 threads" : i == 1 ? "Tesla T4" : "",
			i == 0 ? "idle" : i == 1 ? "busy" : "draining",
			i == 2 ? "true" : "false", 4 + 4 * i, 4 * i,
			NOW - 3600000, 1000 * i, i, 0.9 + i, 0.2 + 0.4 * i,
			i == 2 ? -1 : 0.03 + 1.2 * i,
			i == 1 ? "encoder: no free session" : "",
			NOW - 30000);
	str_add(&j, "]}");
	put(m, SECTION_TRANSCODERS, j.s);
	str_clear(&j);
	put(m, SECTION_DEVICES, "{\"rows\":[{\"id\":\"machine\",\"kind\":\"cpu\","
		"\"name\":\"Acme 3000\",\"state\":\"ok\",\"busy\":0.43,\"encoder\":-1,"
		"\"decoder\":-1,\"memory_used\":5000000000,\"memory_total\":16000000000,"
		"\"temperature\":61,\"power\":-1,\"encoder_sessions\":-1,\"load\":3.5,"
		"\"cores\":8},{\"id\":\"gpu0\",\"kind\":\"gpu\",\"name\":\"Tesla T4\","
		"\"state\":\"ok\",\"busy\":0.97,\"encoder\":0.55,\"decoder\":0.21,"
		"\"memory_used\":4300000000,\"memory_total\":16000000000,\"temperature\":91,"
		"\"power\":63.5,\"encoder_sessions\":3,\"load\":-1,\"cores\":-1},{\"id\":"
		"\"gpu1\",\"kind\":\"gpu\",\"name\":\"Old \\u001b[2J\",\"state\":\"ok\","
		"\"busy\":0.09,\"encoder\":-1,\"decoder\":-1,\"memory_used\":-1,"
		"\"memory_total\":-1,\"temperature\":-1,\"power\":-1,\"encoder_sessions\":-1,"
		"\"load\":-1,\"cores\":-1},{\"id\":\"gpu2\",\"kind\":\"gpu\",\"state\":"
		"\"silent\",\"busy\":-1}]}");
	put(m, SECTION_ORCHESTRATORS, "{\"rows\":[{\"uri\":"
		"\"https://o1.example.net:8935\",\"latency_ms\":120,"
		"\"sessions\":2},{\"uri\":\"https://o2.example.net:8935\","
		"\"latency_ms\":80,\"suspended\":1}]}");
}

static void put_log(struct mirror *m, int n)
{
	for (int i = 0; i < n; i++) {
		char text[64];
		struct journal_record r = {(uint64_t)i + 10, NOW + i * 10,
			(enum log_level)(i % 40 == 39 ? LOG_BROKEN
				: i % 10 == 9 ? LOG_UNUSUAL
				: i % 2 ? LOG_DEBUG : LOG_INFO),
			i % 3 ? "orch" : "rtmp", text};

		/* Ten are lost in the middle. */
		if (i >= n / 2 && i < n / 2 + 10)
			continue;
		snprintf(text, sizeof(text), "Segment %d done in %d ms", i,
			i * 7 % 900);
		backlog_add(&m->log, &r);
	}
}

static void begin(struct scene *s, int w, int h, enum glyphs glyphs)
{
	*s = (struct scene){.typed = STR_INIT};
	mirror_init(&s->m);
	s->m.link = LINK_UP;
	put_node(&s->m, true);
	put_trend(&s->m);
	put_sessions(&s->m, 24);
	put_transcoders(&s->m);
	put_log(&s->m, 200);
	s->desk = desk_new(&s->m);
	canvas_init(&s->c, w, h, glyphs);
	desk_draw(s->desk, &s->c);
}

static const struct {
	const char *name, *keys;
} rooms[] = {
	{"overview", ""},
	{"plots", "p t"},
	{"sessions", "2"},
	{"session", "2 j Enter"},
	{"transcoders", "3 j"},
	{"log", "4"},
	{"log-held", "4 k k k k k"},
	{"help", "2 ?"},
	{"confirm", "3 d"},
	{"danger", "2 e e n d"},
	{"leave", "Q"},
	{"prompt", ": s e t _ Tab"},
	{"filter", "2 / 0 1 Enter"},
};

static void test_screens(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scene_sizes); i++) {
		const struct scene_size *size = &scene_sizes[i];

		for (size_t k = 0; k < ARRAY_SIZE(rooms); k++) {
			struct scene s;
			struct wish w;

			/* The big ones for the rooms only. */
			if (k > 5 && size->w > 80)
				break;
			begin(&s, size->w, size->h, size->glyphs);
			w = type(&s, rooms[k].keys);
			assert_int_equal(w.kind, WISH_NONE);
			compare_room(&s, rooms[k].name, size);
			end(&s);
		}
	}
}

static void test_small_and_empty(void **state)
{
	struct scene s = {0};
	struct wish w;

	(void)state;
	begin(&s, 59, 16, GLYPHS_UNICODE);
	compare(&s, "too-small");
	w = type(&s, "2 Q Enter");
	assert_int_equal(w.kind, WISH_NONE);
	w = type(&s, "q");
	assert_int_equal(w.kind, WISH_DETACH);
	end(&s);

	s = (struct scene){.typed = STR_INIT};
	mirror_init(&s.m);
	s.desk = desk_new(&s.m);
	canvas_init(&s.c, 60, 16, GLYPHS_ASCII);
	for (const char *room = "1234"; *room; room++) {
		char key[2] = {*room, 0}, name[32];

		w = type(&s, key);
		w = type(&s, "Enter j k l e Esc y s G g PgDn Esc");
		assert_int_equal(w.kind, WISH_NONE);
		snprintf(name, sizeof(name), "empty-%s", key);
		w = type(&s, key);
		compare(&s, name);
	}
	end(&s);
}

static void test_commands(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	w = type(&s, "3 d Enter");
	assert_int_equal(w.kind, WISH_COMMAND);
	assert_int_equal(w.command.def->id, CMD_drain_transcoder);
	assert_string_equal(w.command.text[0], "cpu0");
	wish_clear(&w);
	w = type(&s, "r Esc");
	assert_int_equal(w.kind, WISH_NONE);
	/* Enter alone does not end a session. */
	w = type(&s, "2 e Enter Enter");
	assert_int_equal(w.kind, WISH_NONE);
	w = type(&s, "e n d _ s e s s i o n Enter");
	assert_int_equal(w.kind, WISH_COMMAND);
	assert_int_equal(w.command.def->id, CMD_end_session);
	wish_clear(&w);
	/* SAFE ones go at once. */
	w = type(&s, ": s e t _ l o Tab d e Tab Enter");
	assert_int_equal(w.kind, WISH_COMMAND);
	assert_string_equal(w.command.text[0], "debug");
	wish_clear(&w);
	w = type(&s, ": d r Tab _ t Tab r e Tab Enter Enter");
	assert_int_equal(w.kind, WISH_COMMAND);
	assert_string_equal(w.command.text[0], "remote7");
	wish_clear(&w);
	s.m.readonly = true;
	w = type(&s, "3 d Enter");
	assert_int_equal(w.kind, WISH_NONE);
	w = type(&s, "Q s");
	assert_int_equal(w.kind, WISH_NONE);
	end(&s);
}

static bool shows(const struct scene *s, const char *text)
{
	struct str screen = STR_INIT;
	bool found;

	canvas_dump(&s->c, &screen);
	found = strstr(screen.s, text);
	str_clear(&screen);
	return found;
}

static size_t wishes(const struct wish *w)
{
	size_t n = 0;

	for (; w; w = w->next)
		n += w->kind != WISH_NONE;
	return n;
}

/* Many rows, one question, which names them all. */
static void test_tagged_rows(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	w = type(&s, "3 Space Space d");
	assert_int_equal(w.kind, WISH_NONE);
	assert_true(shows(&s, "Do these 2?"));
	assert_true(shows(&s, "drain_transcoder cpu0"));
	assert_true(shows(&s, "drain_transcoder gpu0"));
	w = type(&s, "Enter");
	assert_int_equal(wishes(&w), 2);
	assert_string_equal(w.text, "drain_transcoder cpu0");
	assert_string_equal(w.next->command.text[0], "gpu0");
	wish_clear(&w);
	/* What cannot be taken back takes its name, once. */
	type(&s, "2 Space j Space j Space e");
	assert_true(shows(&s, "These 3 cannot be taken back"));
	w = type(&s, "Enter");
	assert_int_equal(w.kind, WISH_NONE);
	type(&s, "Esc");
	assert_true(shows(&s, "left as it was"));
	w = type(&s, "e e n d _ s e s s i o n Enter");
	assert_int_equal(wishes(&w), 3);
	wish_clear(&w);
	/* Without tags it is the row alone. */
	type(&s, "U e");
	assert_true(shows(&s, "This cannot be taken back"));
	type(&s, "Esc");
	s.m.readonly = true;
	w = type(&s, "Space Space e");
	assert_int_equal(w.kind, WISH_NONE);
	assert_true(shows(&s, "read-only"));
	end(&s);
}

static void answer(struct mirror *m, uint64_t id, const char *text, const char *word)
{
	struct ctl_answer a = {.id = id, .outcome = *word ? CTL_ASKS : CTL_REFUSED};
	struct str s = STR_INIT;

	a.text = xstrdup(text);
	a.word = xstrdup(word);
	a.token = xstrdup("0123");
	mirror_answer(m, &a, &s);
	ctl_answer_clear(&a);
	str_clear(&s);
}

static void answers_query(struct scene *s, const char *line, const char *text)
{
	struct ctl_answer a = {.id = mirror_ask(&s->m, line), .outcome = CTL_DONE};
	struct str message = STR_INIT;

	a.text = xstrdup(text);
	mirror_answer(&s->m, &a, &message);
	if (strcmp(text, "nothing\n") != 0)
		assert_null(strchr(str_cstr(&message), '\n'));
	ctl_answer_clear(&a);
	str_clear(&message);
	desk_draw(s->desk, &s->c);
}

/* What is asked for in the ':' line can be read, however long and wide it is. */
static void test_long_answers(void **state)
{
	struct str text = STR_INIT;
	struct scene s;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	str_printf(&text, "head%90sfar away\n", "");
	for (int i = 1; i < 40; i++)
		str_printf(&text, "line %d \x1b[2J\n", i);
	answers_query(&s, "calc P240p30fps16x9", text.s);
	assert_true(shows(&s, "calc P240p30fps16x9 (arrows"));
	assert_true(shows(&s, "head ") && shows(&s, "line 17 ?[2J") && !shows(&s, "line 18"));
	type(&s, "j j PgDn");
	assert_true(!shows(&s, "head ") && shows(&s, "line 36"));
	type(&s, "End k");
	assert_true(shows(&s, "line 38") && !shows(&s, "line 39"));
	type(&s, "Home Right Right Right Right");
	assert_true(shows(&s, "far away"));
	type(&s, "2");
	assert_false(shows(&s, "far away"));
	assert_true(shows(&s, "[1 ")); /* that key only closed it */
	/* One line has room beside the keys, and the doctor has a room. */
	answers_query(&s, "calc", "nothing\n");
	assert_false(shows(&s, "(arrows"));
	type(&s, "0");
	answers_query(&s, "doctor", "result\nall is well\n");
	assert_false(shows(&s, "(arrows"));
	type(&s, "1");
	answers_query(&s, "doctor", "result\nall is well\n");
	assert_true(shows(&s, "all is well"));
	str_clear(&text);
	end(&s);
}

/* Enter: all of a row, exact. */
static void test_details(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	put(&s.m, SECTION_CHAIN, "{\"network\":\"x\"}");
	put(&s.m, SECTION_TICKETS, "{\"rows\":[{\"id\":7,\"state\":\"redeemed\",\"sender\":"
		"\"0xbb01\",\"face_value\":\"0.035000000245000001 ETH\",\"won_ms\":1790000000000,"
		"\"round\":12,\"tx\":3,\"tx_hash\":\"0xabcdef\",\"manifest\":"
		"\"con\\u001b[2Jcert\"}]}");
	put(&s.m, SECTION_TXS, "{\"rows\":[{\"id\":3,\"kind\":\"redeem\",\"note\":\"ticket 7\","
		"\"hash\":\"0xabcdef\",\"error\":\"none to speak of\",\"attempts\":2}]}");
	type(&s, "8 Enter");
	assert_true(shows(&s, "Ticket 7 (arrows"));
	assert_true(shows(&s, "Face value    0.035000000245000001 ETH"));
	assert_true(shows(&s, "Won           2026-09-21T14:13:20.000Z"));
	assert_true(shows(&s, "Transaction   3 0xabcdef") && shows(&s, "con?[2Jcert"));
	assert_false(shows(&s, "Redeemed      19"));
	type(&s, "Esc");
	assert_false(shows(&s, "(arrows"));
	w = type(&s, "t");
	assert_int_equal(w.kind, WISH_COMMAND);
	assert_string_equal(w.text, "ticket_totals sender");
	wish_clear(&w);
	type(&s, "9 Enter");
	assert_true(shows(&s, "Transaction 3 (arrows") && shows(&s, "none to speak of"));
	assert_true(shows(&s, "Sent          2 times"));
	type(&s, "Esc");
	end(&s);
}

/* The node is asked about each, the operator once about all. */
static void test_questions_together(void **state)
{
	uint64_t ids[3], i = 0;
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	put(&s.m, SECTION_CHAIN, "{\"network\":\"x\"}");
	put(&s.m, SECTION_TXS, "{\"rows\":[{\"id\":1,\"can_replace\":true},{\"id\":2},"
		"{\"id\":3,\"can_replace\":true},{\"id\":4,\"can_replace\":true}]}");
	w = type(&s, "9 Space Space Space Space x");
	assert_int_equal(wishes(&w), 3); /* one can no longer be replaced */
	for (struct wish *one = &w; one; one = one->next)
		ids[i++] = mirror_ask(&s.m, one->text);
	assert_string_equal(w.text, "cancel_tx 4");
	wish_clear(&w);
	answer(&s.m, ids[0], "cancel four\n  gas 1", "6a65");
	desk_draw(s.desk, &s.c);
	assert_false(shows(&s, "cancel four"));
	answer(&s.m, ids[1], "it is mined", "");
	answer(&s.m, ids[2], "cancel one\n  gas 2", "77aa");
	desk_draw(s.desk, &s.c);
	assert_true(shows(&s, "These 2 act on the chain"));
	assert_true(shows(&s, "cancel four"));
	assert_true(shows(&s, "cancel one"));
	assert_true(shows(&s, "type 6a65 77aa and press Enter"));
	w = type(&s, "6 a 6 5 Enter");
	assert_int_equal(w.kind, WISH_NONE);
	w = type(&s, "Space 7 7 a a Enter");
	assert_int_equal(wishes(&w), 2);
	assert_string_equal(w.command.token, "0123");
	assert_int_equal(s.m.questions_n, 0);
	wish_clear(&w);
	/* A single one is asked at once, though others are under way. */
	ids[0] = mirror_ask(&s.m, "bond 1 LPT");
	ids[1] = mirror_ask(&s.m, "unlock");
	answer(&s.m, ids[1], "unlock it", "6a65");
	desk_draw(s.desk, &s.c);
	assert_true(shows(&s, "unlock it"));
	end(&s);
}

/* A long list is read line by line before the answer. */
static void test_long_questions(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	type(&s, "2");
	for (int i = 0; i < 24; i++)
		type(&s, "Space");
	type(&s, "e");
	assert_true(shows(&s, "These 24 cannot"));
	assert_true(shows(&s, "more: Down"));
	assert_false(shows(&s, "end_session 1f2e0017"));
	for (int i = 0; i < 40; i++)
		type(&s, "Down");
	assert_true(shows(&s, "end_session 1f2e0017"));
	type(&s, "?");
	assert_true(shows(&s, "A question to type the answer to"));
	type(&s, "x Up");
	assert_true(shows(&s, "These 24 cannot"));
	end(&s);
}

static void test_find(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	type(&s, "2 n");
	assert_true(shows(&s, "find:"));
	type(&s, "M - 0 1 Enter");
	assert_true(shows(&s, "1 of 10 with \"m-01\""));
	assert_true(shows(&s, "stream-005")); /* hides nothing */
	w = type(&s, "n n y");
	assert_string_equal(w.text, "1f2e000c");
	wish_clear(&w);
	w = type(&s, "N N N y");
	assert_string_equal(w.text, "1f2e0013");
	wish_clear(&w);
	type(&s, "* n o p e Enter");
	assert_true(shows(&s, "no row shown has \"nope\""));
	/* The line has a history of its own. */
	type(&s, "F3 Up Up Enter");
	assert_true(shows(&s, "with \"m-01\""));
	/* The log is sought, too, and stays where it was found. */
	type(&s, "4 : f i n d Space d o n e Space i n Space 8 4 0 Enter");
	assert_true(shows(&s, "held"));
	w = type(&s, "y");
	assert_string_equal(w.text, "Segment 120 done in 840 ms");
	wish_clear(&w);
	type(&s, "1 : f i n d Space x Enter");
	assert_true(shows(&s, "no rows here"));
	end(&s);
}

static void test_copy_and_csv(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	w = type(&s, "3 Space j Space y");
	assert_int_equal(w.kind, WISH_COPY);
	assert_string_equal(w.text, "cpu0\nremote7");
	assert_string_equal(w.note, "2 rows");
	wish_clear(&w);
	w = type(&s, "U g Y");
	assert_true(str_has_prefix(w.text, "cpu0\tcpu\tidle\t0/4"));
	wish_clear(&w);
	/* A name is offered, and asked for. */
	w = type(&s, "W");
	assert_int_equal(w.kind, WISH_NONE);
	assert_true(shows(&s, ":save-csv weir-transcoders-20260921-141320.csv"));
	w = type(&s, "Enter");
	assert_int_equal(w.kind, WISH_SAVE);
	assert_string_equal(w.text, "weir-transcoders-20260921-141320.csv");
	assert_true(str_has_prefix(w.data, "id,Transcoder,Kind,"));
	assert_false(w.replace);
	wish_clear(&w);
	w = type(&s, ": s a v e - c s v ! Space x Enter");
	assert_true(w.replace);
	wish_clear(&w);
	/* Where there is no table that is said. */
	w = type(&s, "1 : s a v e - c s v Space x Enter");
	assert_int_equal(w.kind, WISH_NONE);
	assert_true(shows(&s, "no table here"));
	end(&s);
}

static void at(struct scene *s, enum mouse what, int x, int y)
{
	struct wish w = desk_key(s->desk, K_MOUSE(what, x, y));

	assert_int_equal(w.kind, WISH_NONE);
	wish_clear(&w);
	desk_draw(s->desk, &s->c);
}

static void test_mouse(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	w = type(&s, "F2");
	assert_int_equal(w.kind, WISH_MOUSE);
	assert_string_equal(w.text, "");
	wish_clear(&w);
	w = type(&s, ": s e t Space m o u s e Space o n Enter");
	assert_int_equal(w.kind, WISH_MOUSE);
	assert_string_equal(w.text, "on");
	wish_clear(&w);
	at(&s, MOUSE_CLICK, 20, 1);
	assert_true(shows(&s, "[2 Sessions"));
	at(&s, MOUSE_CLICK, 4, 7);
	w = type(&s, "y");
	assert_string_equal(w.text, "1f2e0004");
	wish_clear(&w);
	at(&s, MOUSE_WHEEL_DOWN, 4, 7);
	at(&s, MOUSE_WHEEL_DOWN, 4, 7);
	at(&s, MOUSE_WHEEL_UP, 4, 7);
	w = type(&s, "y");
	assert_string_equal(w.text, "1f2e0007");
	wish_clear(&w);
	at(&s, MOUSE_CLICK, 2, 2);
	assert_true(shows(&s, "Sessionv"));
	/* No question is answered by a slip of the hand. */
	type(&s, "3 d");
	for (int y = 0; y < 24; y++)
		at(&s, MOUSE_CLICK, 20, y);
	assert_true(shows(&s, "Do this?"));
	end(&s);
}

/* Whatever is open, ? tells its keys, and Esc goes back and never leaves. */
static void test_help_everywhere(void **state)
{
	static const struct {
		const char *keys, *title;
	} places[] = {
		{"1", "Overview"}, {"2", "Sessions"}, {"2 Enter", "One session"},
		{"3", "Transcoders"}, {"4", "Log"}, {"5", "Staking"},
		{"6", "Price and renditions"}, {"7", "Funds"}, {"8", "Tickets"},
		{"9", "Transactions"}, {"0", "Doctor"}, {"O", "Settings"}, {":", "A line"},
		{"2 /", "A line"}, {"2 *", "A line"}, {"7 f", "A form"}, {"Q", "Leaving"},
		{"3 d", "A question"}, {"2 e", "A question to type"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct scene s;
		struct wish w;

		begin(&s, 80, 24, GLYPHS_ASCII);
		w = type(&s, places[i].keys);
		w = type(&s, "?");
		if (!shows(&s, "Keys (Up, Down") || !shows(&s, places[i].title))
			fail_msg("no help about \"%s\" after %s", places[i].title,
				places[i].keys);
		assert_int_equal(w.kind, WISH_NONE);
		w = type(&s, "Esc Esc Esc Esc");
		assert_int_equal(w.kind, WISH_NONE);
		assert_false(shows(&s, "Keys ("));
		w = type(&s, "q");
		assert_int_equal(w.kind, WISH_DETACH);
		end(&s);
	}
}

static void test_leaving(void **state)
{
	static const char *const ways[] = {"q", "^C", "Q Enter", ": q Enter",
		"? q", "2 Enter q"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct scene s;
		struct wish w;

		begin(&s, 80, 24, GLYPHS_UNICODE);
		w = type(&s, ways[i]);
		assert_int_equal(w.kind, WISH_DETACH);
		wish_clear(&w);
		/* Esc leaves nothing but dialogs. */
		w = type(&s, "Esc Esc Esc");
		assert_int_equal(w.kind, WISH_NONE);
		end(&s);
	}
}

/* The selection stays with its row while rows come, go and change places. */
static void test_selection_follows(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	type(&s, "2 j j j j");
	w = type(&s, "y");
	assert_int_equal(w.kind, WISH_COPY);
	assert_string_equal(w.text, "1f2e0004");
	wish_clear(&w);
	type(&s, "I s s s I");
	w = type(&s, "y");
	assert_string_equal(w.text, "1f2e0004");
	wish_clear(&w);
	/* It has ended: the one now in its place. */
	put_sessions(&s.m, 3);
	w = type(&s, "j y");
	assert_int_equal(w.kind, WISH_COPY);
	assert_string_not_equal(w.text, "1f2e0004");
	wish_clear(&w);
	end(&s);
}

static void test_log_keeps_its_place(void **state)
{
	struct journal_record r = {1000, NOW, LOG_INFO, "orch", "brand new"};
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	type(&s, "4 k k");
	backlog_add(&s.m.log, &r);
	desk_draw(s.desk, &s.c);
	assert_true(shows(&s, "held"));
	type(&s, "f");
	assert_true(shows(&s, "following"));
	assert_true(shows(&s, "brand new"));
	type(&s, "/ B R A N D Enter");
	assert_true(shows(&s, "brand new"));
	assert_false(shows(&s, "Segment"));
	type(&s, "/ ^U n o p e Enter");
	assert_true(shows(&s, "nothing matches"));
	/* What is shown can be taken along, and clicked at. */
	w = type(&s, "\\ / I N Space 8 4 0 Enter");
	assert_int_equal(w.kind, WISH_NONE);
	w = type(&s, ": s a v e - c s v Space x Enter");
	assert_int_equal(w.kind, WISH_SAVE);
	assert_string_equal(w.data, "seq,at_ms,at,level,name,text\r\n"
		"130,1790000001200,14:13:21,info,rtmp,Segment 120 done in 840 ms\r\n");
	wish_clear(&w);
	w = type(&s, "W");
	assert_true(shows(&s, ":save-csv weir-log-20260921-141320.csv"));
	w = type(&s, "Esc \\");
	at(&s, MOUSE_CLICK, 30, 5);
	assert_true(shows(&s, "held"));
	w = type(&s, "y");
	assert_string_equal(w.text, "Segment 174 done in 318 ms");
	wish_clear(&w);
	at(&s, MOUSE_CLICK, 30, 1); /* a room's name */
	type(&s, "4");
	type(&s, "\\ + +");
	assert_false(shows(&s, "unusual "));
	assert_true(shows(&s, "broken and above"));
	end(&s);
}

static void test_freeze_and_dump(void **state)
{
	struct scene s;
	struct wish w;

	(void)state;
	begin(&s, 80, 24, GLYPHS_UNICODE);
	type(&s, "Z");
	assert_true(s.m.frozen);
	assert_true(shows(&s, "FROZEN"));
	type(&s, "Z");
	assert_false(s.m.frozen);
	w = type(&s, "w");
	assert_int_equal(w.kind, WISH_SAVE);
	wish_clear(&w);
	w = type(&s, "^L");
	assert_int_equal(w.kind, WISH_REPAINT);
	w = type(&s, "^Z");
	assert_int_equal(w.kind, WISH_SUSPEND);
	w = type(&s, "Tab Tab Tab Tab S-Tab");
	assert_true(shows(&s, "[4 Log]"));
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_screens),
		cmocka_unit_test(test_small_and_empty),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_tagged_rows),
		cmocka_unit_test(test_long_answers),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_questions_together),
		cmocka_unit_test(test_long_questions),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_copy_and_csv),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_help_everywhere),
		cmocka_unit_test(test_leaving),
		cmocka_unit_test(test_selection_follows),
		cmocka_unit_test(test_log_keeps_its_place),
		cmocka_unit_test(test_freeze_and_dump),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
