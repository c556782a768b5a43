/* Who gives a flag its value while a node runs, what an edit does to it, and
 * what the console is told of that. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "db/db.h"
#include "db/kv.h"
#include "proto/view_codec.h"
#include "src/base/journal.h"
#include "src/node/settings.h"
#include "src/node/settings_apply.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

struct desk { /* all that settings stand on */
	char dir[32];
	struct journal *journal;
	struct log *log;
	struct board *board;
	struct db *db;
	struct config *config;
	struct settings *settings;
};

static void open_desk(struct desk *d, struct config *taken)
{
	char path[64];

	snprintf(d->dir, sizeof(d->dir), "/tmp/weir-settings-XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	snprintf(path, sizeof(path), "%s/db", d->dir);
	d->journal = journal_new(100);
	d->log = log_new("test", d->journal);
	d->board = board_new(SECTION_COUNT);
	ok(db_open(path, DB_NORMAL, &d->db));
	d->config = taken;
	d->settings = settings_new(taken, d->db, d->board, d->log);
}

static void close_desk(struct desk *d)
{
	settings_free(d->settings);
	config_free(d->config);
	db_close(d->db);
	board_free(d->board);
	log_free(d->log);
	journal_free(d->journal);
	assert_int_equal(scratch_drop(d->dir), 0);
}

/* The row as the console gets it: "value origin next file" and what holds. */
static void row_is(const struct desk *d, enum option_id id, const char *want)
{
	uint64_t version;
	struct blob *json = board_get(d->board, SECTION_SETTINGS, &version);
	struct view_settings v = {.file = NULL};
	struct str got = STR_INIT;
	const struct setting_row *r;
	size_t i = 0;

	ok(view_decode(section_desc(SECTION_SETTINGS), (const char *)blob_data(json),
		blob_size(json), &v));
	while (i < v.rows.n && strcmp(v.rows.v[i].name, option_get(id)->name) != 0)
		i++;
	assert_true(i < v.rows.n);
	r = &v.rows.v[i];
	str_printf(&got, "%s %s next %s file %s%s%s%s", view_text(r->value),
		view_text(r->origin), view_text(r->next),
		r->in_file ? view_text(r->file) : "-", r->pinned ? " pinned" : "",
		r->waits ? " waits" : "", r->drift ? " drift" : "");
	assert_string_equal(got.s, want);
	str_clear(&got);
	view_clear(section_desc(SECTION_SETTINGS), &v);
	blob_put(json);
}

/* Every set of origins: the strongest wins, and flags and environment pin. */
static void precedence(void **state)
{
	static const char *const value[ORIGIN_COUNT] = {"10", "11", "12", "13", "14"};
	static const char *const name[ORIGIN_COUNT] = {"default", "file", "live",
		"environment", "flag"};

	(void)state;
	for (unsigned set = 0; set < 16; set++) {
		struct config *c = config_new();
		enum config_origin wins = ORIGIN_DEFAULT;
		struct str want = STR_INIT;
		struct desk d;

		for (enum config_origin o = ORIGIN_FILE; o < ORIGIN_COUNT; o++) {
			if (!(set & 1u << (o - ORIGIN_FILE)))
				continue;
			ok(config_set(c, OPT_MAX_SESSIONS, o, value[o]));
			wins = o;
		}
		str_printf(&want, "%s %s next %s file %s%s%s", value[wins], name[wins],
			value[wins], set & 1 ? "11" : "-",
			wins > ORIGIN_KV ? " pinned" : "",
			wins > ORIGIN_FILE ? " drift" : "");
		open_desk(&d, c);
		row_is(&d, OPT_MAX_SESSIONS, want.s);
		if (wins > ORIGIN_KV)
			refuses(settings_pinned(d.settings, OPT_MAX_SESSIONS),
				wins == ORIGIN_FLAG ? "command line" : "environment");
		else
			ok(settings_pinned(d.settings, OPT_MAX_SESSIONS));
		close_desk(&d);
		str_clear(&want);
	}
}

static void edit(struct desk *d, enum option_id id, const char *text, bool lives)
{
	struct config *next;

	ok(settings_try(d->settings, id, text, &next));
	config_free(next);
	ok(settings_put(d->settings, id, text, lives));
}

static void kept_is(struct desk *d, const char *key, const char *want)
{
	char *value;

	ok(kv_get(d->db, key, &value));
	if (want)
		assert_string_equal(value, want);
	else
		assert_null(value);
	free(value);
}

static void edits(void **state)
{
	struct config *c = config_new();
	struct desk d;

	(void)state;
	ok(config_set(c, OPT_X264_PRESET, ORIGIN_FILE, "fast"));
	open_desk(&d, c);
	/* Live: at once. */
	edit(&d, OPT_MAX_SESSIONS, "20", true);
	row_is(&d, OPT_MAX_SESSIONS, "20 live next 20 file - drift");
	kept_is(&d, "option.maxSessions", "20");
	edit(&d, OPT_MAX_SESSIONS, NULL, true);
	row_is(&d, OPT_MAX_SESSIONS, "10 default next 10 file -");
	kept_is(&d, "option.maxSessions", NULL);
	/* Others wait, and say what for. */
	edit(&d, OPT_X264_PRESET, "slow", false);
	row_is(&d, OPT_X264_PRESET, "fast file next slow file fast waits drift");
	edit(&d, OPT_X264_PRESET, "fast", false);
	row_is(&d, OPT_X264_PRESET, "fast file next fast file fast");
	edit(&d, OPT_X264_PRESET, NULL, false);
	row_is(&d, OPT_X264_PRESET, "fast file next fast file fast");
	close_desk(&d);
}

static void refusals(void **state)
{
	struct config *c = config_new(), *next = NULL;
	struct desk d;

	(void)state;
	ok(config_set(c, OPT_SERVICE_ADDR, ORIGIN_FLAG, "h:1"));
	ok(config_set(c, OPT_ORCH_ADDR, ORIGIN_ENV, "h:1"));
	open_desk(&d, c);
	refuses(settings_try(d.settings, OPT_SERVICE_ADDR, "h:2", &next), "command line");
	refuses(settings_try(d.settings, OPT_ORCH_ADDR, "h:2", &next), "LP_ORCHADDR");
	refuses(settings_try(d.settings, OPT_NETWORK, "mainnet", &next), "data directory");
	refuses(settings_try(d.settings, OPT_MAX_SESSIONS, "0", &next),
		"allowed are 1 to 100000, or auto");
	refuses(settings_try(d.settings, OPT_X264_PRESET, "fastest", &next),
		"write one of ultrafast|");
	refuses(settings_try(d.settings, OPT_PRICE_PER_UNIT, "3", &next), "needs a chain");
	refuses(settings_try(d.settings, OPT_REDEEMER, "true", &next), "not supported");
	refuses(settings_try(d.settings, OPT_ORCH_SECRET, "hush", &next),
		"path of a file");
	assert_null(next);
	close_desk(&d);
}

/* Neither a secret nor a provider's key is in what is published. */
static void secrets(void **state)
{
	struct config *c = config_new();
	uint64_t version;
	struct blob *json;
	struct desk d;
	char *text;

	(void)state;
	ok(config_set(c, OPT_NETWORK, ORIGIN_FLAG, "mainnet"));
	ok(config_set(c, OPT_ORCH_SECRET, ORIGIN_FILE, "t0psecret"));
	ok(config_set(c, OPT_ETH_URL, ORIGIN_FILE, "https://rpc.example/v3/k3ykey"));
	open_desk(&d, c);
	row_is(&d, OPT_ORCH_SECRET, "set file next set file set");
	row_is(&d, OPT_ETH_PASSWORD, "not set default next not set file -");
	json = board_get(d.board, SECTION_SETTINGS, &version);
	text = xstrndup((const char *)blob_data(json), blob_size(json));
	assert_null(strstr(text, "t0psecret"));
	assert_null(strstr(text, "k3ykey"));
	assert_non_null(strstr(text, "rpc.example"));
	free(text);
	blob_put(json);
	close_desk(&d);
}

/* set_price and its like may change for now what a flag gives at each start. */
static void kept_beside_a_flag(void **state)
{
	struct config *c = config_new();
	struct str remark = STR_INIT;
	struct desk d;

	(void)state;
	ok(config_set(c, OPT_MAX_SESSIONS, ORIGIN_FLAG, "5"));
	open_desk(&d, c);
	settings_keep(d.settings, OPT_MAX_SESSIONS, "9", &remark);
	assert_non_null(strstr(str_cstr(&remark), "takes -maxSessions from the flag again"));
	row_is(&d, OPT_MAX_SESSIONS, "9 live next 5 file - pinned waits drift");
	str_clear(&remark);
	close_desk(&d);
}

/* set_log_level is for a while. */
static void noted(void **state)
{
	struct desk d;

	(void)state;
	open_desk(&d, config_new());
	settings_note(d.settings, OPT_VERBOSITY, "6");
	row_is(&d, OPT_VERBOSITY, "6 live next 3 file - waits");
	kept_is(&d, "option.v", NULL);
	edit(&d, OPT_VERBOSITY, "4", true);
	row_is(&d, OPT_VERBOSITY, "4 live next 4 file - drift");
	close_desk(&d);
}

/* --- the config file --- */

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void file_is(const char *path, const char *want)
{
	char have[512] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	have[fread(have, 1, sizeof(have) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(have, want);
}

#define CONFIG "# mine\nmaxSessions 7 # cap\nx264Preset fast\n"

/* A desk whose node was started with a file. */
static void open_with_file(struct desk *d, char path[static 64])
{
	struct config *c = config_new();

	snprintf(path, 64, "/tmp/weir-settings-%d.conf", (int)getpid());
	write_file(path, CONFIG);
	ok(config_read_file(c, path));
	open_desk(d, c);
}

static void saved(void **state)
{
	struct str told = STR_INIT;
	struct view_settings v = {.file = NULL};
	char path[64], bak[80];
	struct desk d;

	(void)state;
	open_with_file(&d, path);
	edit(&d, OPT_MAX_SESSIONS, "20", true);
	edit(&d, OPT_X264_PRESET, "slow", false);
	edit(&d, OPT_MAX_ATTEMPTS, "5", false);
	settings_view(d.settings, &v);
	assert_string_equal(v.diff, "-maxSessions 7 # cap\n+maxSessions 20 # cap\n"
		"-x264Preset fast\n+x264Preset slow\n+maxAttempts 5\n");
	view_clear(section_desc(SECTION_SETTINGS), &v);
	ok(settings_save(d.settings, &told));
	assert_non_null(strstr(told.s, "+maxAttempts 5"));
	file_is(path, "# mine\nmaxSessions 20 # cap\nx264Preset slow\nmaxAttempts 5\n");
	snprintf(bak, sizeof(bak), "%s.bak", path);
	file_is(bak, CONFIG);
	/* They are the file's now, and nobody's else. */
	kept_is(&d, "option.maxSessions", NULL);
	row_is(&d, OPT_MAX_SESSIONS, "20 file next 20 file 20");
	row_is(&d, OPT_X264_PRESET, "fast file next slow file slow waits");
	edit(&d, OPT_MAX_SESSIONS, "21", true);
	ok(settings_save(d.settings, &told));
	file_is(path, "# mine\nmaxSessions 21 # cap\nx264Preset slow\nmaxAttempts 5\n");
	str_clear(&told);
	close_desk(&d);
	unlink(path);
	unlink(bak);
}

static void moved(void **state)
{
	struct str told = STR_INIT;
	struct view_settings v = {.file = NULL};
	struct desk d;
	char path[64];

	(void)state;
	open_with_file(&d, path);
	edit(&d, OPT_MAX_SESSIONS, "20", true);
	write_file(path, "maxSessions 8\n");
	settings_view(d.settings, &v);
	assert_true(v.file_moved);
	view_clear(section_desc(SECTION_SETTINGS), &v);
	refuses(settings_save(d.settings, &told), "another hand");
	file_is(path, "maxSessions 8\n");
	kept_is(&d, "option.maxSessions", "20");
	unlink(path);
	refuses(settings_save(d.settings, &told), "No such file");
	assert_int_equal(told.len, 0);
	close_desk(&d);
}

/* From flags to a file; what may not stand in one is named. */
static void exported(void **state)
{
	struct config *c = config_new();
	struct str told = STR_INIT;
	char path[64];
	struct desk d;

	(void)state;
	ok(config_set(c, OPT_BROADCASTER, ORIGIN_FLAG, "true"));
	ok(config_set(c, OPT_ORCH_SECRET, ORIGIN_ENV, "hush"));
	ok(config_set(c, OPT_RTMP_ADDR, ORIGIN_FLAG, ":1"));
	open_desk(&d, c);
	edit(&d, OPT_MAX_SESSIONS, "20", true);
	refuses(settings_save(d.settings, &told), "no config file");
	snprintf(path, sizeof(path), "%s/new.conf", d.dir);
	ok(settings_export(d.settings, path, &told));
	assert_non_null(strstr(told.s, "-orchSecret is not in it"));
	file_is(path, "# Written by weir's save_config. `weir help` tells what each is.\n"
		"broadcaster true\nmaxSessions 20\nrtmpAddr :1\n");
	refuses(settings_export(d.settings, path, &told), "File exists");
	str_clear(&told);
	close_desk(&d);
}

/* A node without a role has nobody to tell; what is live is still known. */
static void each_live_option_has_its_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < OPT_COUNT; i++)
		assert_int_equal(settings_applies(i), option_get(i)->live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(precedence),
		cmocka_unit_test(edits),
		cmocka_unit_test(refusals),
		cmocka_unit_test(secrets),
		cmocka_unit_test(kept_beside_a_flag),
		cmocka_unit_test(noted),
		cmocka_unit_test(saved),
		cmocka_unit_test(moved),
		cmocka_unit_test(exported),
		cmocka_unit_test(each_live_option_has_its_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
