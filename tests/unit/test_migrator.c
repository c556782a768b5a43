/* The wizard's driver, with a script in the wizard's place: what it says is shown,
 * its questions are answered once, and it goes when it is told or its node goes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/view_codec.h"
#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/base/secret.h"
#include "src/base/str.h"
#include "src/node/chronicle.h"
#include "src/node/migrator.h"
#include "src/node/passphrase.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

#define DEADLINE_MS 20000

static struct {
	char dir[64];
	struct journal *journal;
	struct log *log;
	struct board *board;
	struct migrator *migrator;
} w;

static void write_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w.dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

/* What it was told, and with which words it was started, is in files. */
#define SAY(text) "echo '{\"event\":\"say\",\"text\":\"" text "\"}'\n"
#define ASK(kind) "echo '{\"event\":\"ask\",\"text\":\"well?\",\"kind\":\"" kind \
	"\",\"name\":\"n\",\"word\":\"yes\"}'\n"

static void begin(const char *script)
{
	char exe[96], records[96];
	struct str text = STR_INIT;

	signal(SIGPIPE, SIG_IGN);
	snprintf(w.dir, sizeof(w.dir), "/tmp/weir-migrator-XXXXXX");
	assert_non_null(mkdtemp(w.dir));
	w.journal = journal_new(100);
	w.log = log_new("test", w.journal);
	log_set_quiet(1);
	w.board = board_new(BOARD_SLOTS);
	str_printf(&text, "#!/bin/sh\necho \"$@\" >%s/words\n%s", w.dir, script);
	write_file("wizard", text.s, 0700);
	str_clear(&text);
	snprintf(records, sizeof(records), "%s/records", w.dir);
	mkdir(records, 0700);
	write_file("records/aa.json",
		"{\"at_ms\":5,\"event\":\"begin\"}\n"
		"{\"at_ms\":5,\"event\":\"choice\",\"key\":\"id\",\"value\":\"aa\"}\n"
		"{\"at_ms\":5,\"event\":\"choice\",\"key\":\"from\",\"value\":\"/a\"}\n"
		"{\"at_ms\":5,\"event\":\"choice\",\"key\":\"to\",\"value\":\"/b\"}\n"
		"{\"at_ms\":6,\"event\":\"confirmed\"}\n", 0600);
	write_file("records/bb.json", "{\"at_ms\":9,\"event\":\"begin\"}\n"
		"{\"at_ms\":9,\"event\":\"choice\",\"key\":\"id\",\"value\":\"bb\"}\n"
		"{\"at_ms\":9,\"event\":\"ended\"}\n", 0600);
	write_file("records/cc.json", "no record\n", 0600);
	snprintf(exe, sizeof(exe), "%s/wizard", w.dir);
	w.migrator = migrator_new(w.log, &(struct migrator_options){.exe = exe,
		.records = records, .home = w.dir, .board = w.board});
}

static int end(void **state)
{
	(void)state;
	migrator_free(w.migrator);
	board_free(w.board);
	log_free(w.log);
	journal_free(w.journal);
	return scratch_drop(w.dir);
}

/* --- looking --- */

static void look(struct view_wizard *v)
{
	uint64_t version;
	struct blob *b = board_get(w.board, SECTION_WIZARD, &version);

	*v = (struct view_wizard){.state = NULL};
	if (b)
		ok(view_decode(view_wizard_desc(), (const char *)blob_data(b), blob_size(b), v));
	blob_put(b);
}

/* The view once it is in this state and has said so much. */
static struct view_wizard wait_for(const char *state, const char *now)
{
	int64_t end_ms = clock_mono_ms() + DEADLINE_MS;
	struct view_wizard v;

	for (;;) {
		look(&v);
		if (!strcmp(view_text(v.state), state) && (*state || v.records.n) &&
			(!now || !strcmp(view_text(v.now), now)))
			return v;
		view_clear(view_wizard_desc(), &v);
		if (clock_mono_ms() > end_ms)
			fail_msg("never %s", state);
		poll(NULL, 0, 5);
	}
}

static void drop(struct view_wizard v)
{
	view_clear(view_wizard_desc(), &v);
}

static void file_is(const char *name, const char *text)
{
	char path[128], got[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w.dir, name);
	f = fopen(path, "r");
	assert_non_null(f);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(got, text);
}

/* --- telling --- */

struct outcome {
	atomic_bool there;
	struct err *err;
};

static void on_outcome(void *ctx, struct err *taken, void *result)
{
	struct outcome *o = ctx;

	assert_null(result);
	o->err = taken;
	atomic_store(&o->there, true);
}

static struct reply to(struct outcome *o)
{
	*o = (struct outcome){.err = NULL};
	return (struct reply){NULL, on_outcome, o};
}

static struct err *outcome(struct outcome *o)
{
	while (!atomic_load(&o->there))
		poll(NULL, 0, 1);
	return o->err;
}

static struct err *order(enum migrator_way way, const char *from, const char *to_, const char *id)
{
	struct outcome o;

	migrator_order(w.migrator, &(struct migrator_order){.way = way, .from = from,
		.to = to_, .id = id}, to(&o));
	return outcome(&o);
}

static struct err *answer(int64_t question, const char *text)
{
	struct outcome o;

	migrator_answer(w.migrator, question, text, to(&o));
	return outcome(&o);
}

static struct err *tell(int64_t question, const char *text)
{
	char *copy = secret_alloc(PASSPHRASE_SIZE);
	struct outcome o;

	memcpy(copy, text, strlen(text));
	migrator_secret(w.migrator, question, copy, to(&o));
	return outcome(&o);
}

static struct err *halt(void)
{
	struct outcome o;

	migrator_halt(w.migrator, to(&o));
	return outcome(&o);
}

/* --- tests --- */

static void one_that_asks(void **state)
{
	struct view_wizard v;

	(void)state;
	begin(SAY("looking") "echo garbage\n"
		"echo '{\"event\":\"report\",\"report\":[{\"state\":\"planned\"}]}'\n"
		ASK("plan") "read a; " ASK("secret") "read b; echo \"$a,$b\" >$(dirname $0)/told\n"
		SAY("thanks"));
	refuses(answer(1, "yes"), "asks nothing");
	ok(order(MIGRATOR_START, "/old", "/new", NULL));
	v = wait_for("asks", NULL);
	file_is("words", "migrate --from /old --to /new --report lines\n");
	assert_int_equal(v.question, 1);
	assert_string_equal(v.kind, "plan");
	assert_string_equal(v.ask, "well?");
	assert_string_equal(v.word, "yes");
	assert_string_equal(v.now, "looking");
	assert_int_equal(v.report.n, 1);
	assert_string_equal(v.report.v[0].state, "planned");
	drop(v);
	refuses(order(MIGRATOR_START, "/x", "/y", NULL), "at work");
	refuses(answer(2, "yes"), "answered already");
	refuses(answer(1, "two\nlines"), "one line");
	refuses(tell(1, "pw"), "no password is asked for");
	ok(answer(1, "yes -refund"));
	v = wait_for("asks", NULL);
	assert_int_equal(v.question, 2);
	drop(v);
	refuses(answer(1, "yes"), "answered already");
	refuses(answer(2, "horse"), "no place for a password");
	ok(tell(2, "horse"));
	v = wait_for("ended", "thanks");
	assert_string_equal(view_text(v.kind), "");
	assert_int_equal(v.said.n, 2);
	drop(v);
	file_is("told", "yes -refund,horse\n");
	refuses(answer(2, "yes"), "asks nothing");
	refuses(halt(), "no migration is at work");
}

/* Those of records: the newest there is something to do with, or the one named. */
static void records(void **state)
{
	struct view_wizard v;

	(void)state;
	begin("");
	v = wait_for("", NULL);
	assert_int_equal(v.records.n, 2);
	assert_string_equal(v.records.v[0].id, "bb");
	assert_string_equal(v.records.v[0].state, "done");
	assert_string_equal(v.records.v[1].state, "under way");
	drop(v);
	ok(order(MIGRATOR_RESUME, NULL, NULL, NULL));
	drop(wait_for("ended", NULL));
	file_is("words", "migrate --from /a --to /b --report lines --resume\n");
	ok(order(MIGRATOR_ROLLBACK, NULL, NULL, "aa"));
	drop(wait_for("ended", NULL));
	file_is("words", "migrate --from /a --to /b --report lines --rollback\n");
	refuses(order(MIGRATOR_RESUME, NULL, NULL, "zz"), "no record of a migration zz");
}

static void halted(void **state)
{
	struct view_wizard v;

	(void)state;
	begin(SAY("working") "exec sleep 1000");
	ok(order(MIGRATOR_START, "/old", "/new", NULL));
	drop(wait_for("running", "working"));
	ok(halt());
	v = wait_for("ended", NULL);
	assert_non_null(strstr(v.now, "in its record"));
	drop(v);
	/* And the node goes with one at work: the end does not wait for it. */
	ok(order(MIGRATOR_START, "/old", "/new", NULL));
}

static void one_that_is_not_there(void **state)
{
	char path[128];

	(void)state;
	begin("");
	snprintf(path, sizeof(path), "%s/wizard", w.dir);
	unlink(path);
	refuses(order(MIGRATOR_START, "/old", "/new", NULL), "No such file");
	refuses(halt(), "no migration");
}

/* Lines without end: the newest are kept. */
static void one_that_talks(void **state)
{
	struct view_wizard v;

	(void)state;
	begin("i=0; while [ $i -lt 1000 ]; do echo '{\"event\":\"say\",\"text\":\"n'$i'\"}'; "
		"i=$((i+1)); done\n" SAY("end"));
	ok(order(MIGRATOR_START, "/old", "/new", NULL));
	v = wait_for("ended", "end");
	assert_int_equal(v.said.n, 200);
	assert_string_equal(v.said.v[0].text, "n801");
	assert_int_equal(v.said.v[199].number, 1001);
	drop(v);
}

#define T(f) cmocka_unit_test_teardown(f, end)
int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_that_asks), T(records), T(halted), T(one_that_is_not_there),
		T(one_that_talks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
