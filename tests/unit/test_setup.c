/* The guided set-up, with a person who is a list of answers, and without one. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "src/node/guide.h"
#include "tests/unit/outcome.h"
#include "tests/unit/scratch.h"

static char dir[] = "/tmp/weir-setup-XXXXXX";

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? setenv("XDG_CONFIG_HOME", dir, 1) : -1;
}

static int drop_dir(void **state)
{
	(void)state;
	return scratch_drop(dir);
}

/* A port that was free a moment ago; with `hold` it is taken by *fd. */
static unsigned a_port(int *fd)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int s = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(s, (struct sockaddr *)&a, n), 0);
	assert_int_equal(listen(s, 1), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&a, &n), 0);
	if (fd)
		*fd = s;
	else
		close(s);
	return ntohs(a.sin_port);
}

struct person {
	const char *const *answers; /* NULL ends: the person goes away */
	struct str heard, asked;
};

static void hear(void *ctx, const char *text)
{
	struct person *p = ctx;

	str_printf(&p->heard, "%s\n", text);
}

static char *answer(void *ctx, const char *prompt)
{
	struct person *p = ctx;

	str_printf(&p->asked, "%s\n", prompt);
	return *p->answers ? xstrdup(*p->answers++) : NULL;
}

static void forget(struct person *p)
{
	str_clear(&p->heard);
	str_clear(&p->asked);
}

static void set(struct config *c, enum option_id id, const char *fmt, ...) printf_like(3, 4);
static void set(struct config *c, enum option_id id, const char *fmt, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ok(config_set(c, id, ORIGIN_FLAG, text));
}

/* What the written file says of a flag; "-" nothing. */
static void says(const struct str *text, enum option_id id, const char *want)
{
	struct config *c = config_new();

	ok(config_read_text(c, "file", text->s, text->len));
	assert_string_equal(config_is_set(c, id) ? config_text(c, id) : "-", want);
	config_free(c);
}

static void without_a_person(void **state)
{
	struct person nobody = {NULL, STR_INIT, STR_INIT};
	struct setup_io io = {hear, NULL, &nobody};
	struct config *given = config_new();
	struct str text = STR_INIT;
	char want[64];
	int taken;
	unsigned port = a_port(NULL), other = a_port(NULL), held = a_port(&taken);

	(void)state;
	refuses(setup_run(OPTION_O, given, &io, &text), "-serviceAddr is needed");
	set(given, OPT_SERVICE_ADDR, "127.0.0.1:%u", port);
	set(given, OPT_VERBOSITY, "4");
	ok(setup_run(OPTION_O, given, &io, &text));
	snprintf(want, sizeof(want), "127.0.0.1:%u", port);
	says(&text, OPT_SERVICE_ADDR, want);
	says(&text, OPT_ORCHESTRATOR, "true");
	says(&text, OPT_TRANSCODER, "true");
	says(&text, OPT_BROADCASTER, "-");
	says(&text, OPT_VERBOSITY, "4");
	says(&text, OPT_ORCH_SECRET, "-");
	assert_non_null(strstr(text.s, "# --- Roles ---\n# Run an orchestrator"));
	str_clear(&text);
	set(given, OPT_SERVICE_ADDR, "127.0.0.1:%u", held);
	refuses(setup_run(OPTION_O, given, &io, &text), "nothing can listen on");
	set(given, OPT_SERVICE_ADDR, "no.such.host.invalid:%u", port);
	refuses(setup_run(OPTION_O, given, &io, &text), "-serviceAddr: others could not");
	set(given, OPT_ORCH_ADDR, "127.0.0.1:8935");
	refuses(setup_run(OPTION_T, given, &io, &text), "-orchSecret is needed");
	set(given, OPT_ORCH_SECRET, "%s/none", dir);
	refuses(setup_run(OPTION_T, given, &io, &text), "make one with");
	set(given, OPT_RTMP_ADDR, "127.0.0.1:%u", port);
	set(given, OPT_HTTP_ADDR, "127.0.0.1:%u", other);
	ok(setup_run(OPTION_B, given, &io, &text));
	says(&text, OPT_ORCH_ADDR, "127.0.0.1:8935");
	says(&text, OPT_NETWORK, "offchain");
	set(given, OPT_HTTP_ADDR, "127.0.0.1:%u", held);
	refuses(setup_run(OPTION_B, given, &io, &text), "-httpAddr: nothing can listen on");
	close(taken);
	str_clear(&text);
	config_free(given);
	forget(&nobody);
}

static void with_a_person(void **state)
{
	char good[64], bad[64], secret[64];
	const char *answers[] = {"", /* offchain */
		"?", "", bad, good, "maybe", "true", "", /* the CPU */
		"/none", secret, "0", "3", NULL};
	struct person p = {answers, STR_INIT, STR_INIT};
	struct setup_io io = {hear, answer, &p};
	struct config *given = config_new();
	struct str text = STR_INIT;
	int taken;
	FILE *f;

	(void)state;
	snprintf(good, sizeof(good), "127.0.0.1:%u", a_port(NULL));
	snprintf(bad, sizeof(bad), "127.0.0.1:%u", a_port(&taken));
	snprintf(secret, sizeof(secret), "%s/secret", dir);
	f = fopen(secret, "w");
	fputs("hush\n", f);
	fclose(f);
	ok(setup_run(OPTION_O, given, &io, &text));
	says(&text, OPT_SERVICE_ADDR, good);
	says(&text, OPT_ORCH_SECRET, secret);
	says(&text, OPT_MAX_SESSIONS, "3");
	says(&text, OPT_NVIDIA, "-");
	assert_non_null(strstr(p.heard.s, "Address at which broadcasters and transcoders"));
	assert_non_null(strstr(p.heard.s, "That will not do: an answer is needed"));
	assert_non_null(strstr(p.heard.s, "nothing can listen on"));
	assert_non_null(strstr(p.heard.s, "write true or false"));
	assert_non_null(strstr(p.heard.s, "allowed are 1 to 100000"));
	assert_non_null(strstr(p.asked.s, "Most sessions at once [10]"));
	/* Offchain, nothing is asked about money. */
	assert_null(strstr(p.asked.s, "Price"));
	assert_null(strstr(p.asked.s, "Keystore"));
	assert_null(strstr(text.s, "hush"));
	str_clear(&text);
	p.answers = answers;
	answers[2] = NULL;
	refuses(setup_run(OPTION_O, given, &io, &text), "nothing is written");
	assert_int_equal(text.len, 0);
	close(taken);
	config_free(given);
	forget(&p);
}

static void first_start(void **state)
{
	char rtmp[64], http[64];
	const char *const answers[] = {"5", "", "broadcaster", "", "127.0.0.1:8935", "4", rtmp,
		http, "", NULL};
	const char *const looks[] = {"4", NULL}, *const leaves[] = {"1", NULL};
	struct person p = {answers, STR_INIT, STR_INIT};
	struct setup_io io = {hear, answer, &p};
	struct config *given = config_new(), *c = config_new();
	enum guide_choice choice;
	char *path, *argv[] = {NULL}, *env[] = {NULL};
	struct stat st;

	(void)state;
	snprintf(rtmp, sizeof(rtmp), "127.0.0.1:%u", a_port(NULL));
	snprintf(http, sizeof(http), "127.0.0.1:%u", a_port(NULL));
	ok(guide_first_start(given, &io, &choice, &path));
	assert_int_equal(choice, GUIDE_SET_UP);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* That is where the next start finds it, unless it is told something. */
	ok(config_load(c, 0, argv, env));
	assert_int_equal(config_roles(c), OPTION_B);
	assert_string_equal(config_file_path(c), path);
	config_free(c);
	c = config_new();
	ok(config_set(c, OPT_ORCHESTRATOR, ORIGIN_FLAG, "true"));
	ok(config_load(c, 0, argv, env));
	assert_int_equal(config_roles(c), OPTION_O);
	config_free(c);
	c = config_new();
	ok(config_set(c, OPT_DATADIR, ORIGIN_FLAG, "/x"));
	ok(config_load(c, 0, argv, env));
	assert_int_equal(config_roles(c), 0);
	config_free(c);
	free(path);
	/* Once there, it is never written over. */
	p.answers = answers;
	refuses(guide_first_start(given, &io, &choice, &path), "is there already");
	assert_null(path);
	p.answers = looks;
	ok(guide_first_start(given, &io, &choice, &path));
	assert_int_equal(choice, GUIDE_LOOK);
	assert_null(path);
	p.answers = leaves;
	refuses(guide_first_start(given, &io, &choice, &path), "given up");
	config_free(given);
	forget(&p);
}

static void orders(void **state)
{
	struct person nobody = {NULL, STR_INIT, STR_INIT};
	struct setup_io io = {hear, NULL, &nobody};
	struct guide_order o = {.dry_run = true};
	struct config *given = config_new();
	struct str out = STR_INIT;
	char path[64];

	(void)state;
	refuses(guide_run(&o, given, &io, &out), "set up as what?");
	o.role = "redeemer";
	refuses(guide_run(&o, given, &io, &out), "set up as what?");
	o.role = "broadcaster";
	set(given, OPT_ORCH_ADDR, "127.0.0.1");
	set(given, OPT_RTMP_ADDR, "127.0.0.1:%u", a_port(NULL));
	set(given, OPT_HTTP_ADDR, "127.0.0.1:%u", a_port(NULL));
	snprintf(path, sizeof(path), "%s/deep/b.conf", dir);
	o.output = path;
	ok(guide_run(&o, given, &io, &out));
	says(&out, OPT_BROADCASTER, "true");
	assert_int_not_equal(access(path, F_OK), 0);
	str_clear(&out);
	o.dry_run = false;
	ok(guide_run(&o, given, &io, &out));
	assert_non_null(strstr(out.s, "weir run -config "));
	assert_int_equal(access(path, F_OK), 0);
	str_clear(&out);
	config_free(given);
	forget(&nobody);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_person),
		cmocka_unit_test(with_a_person),
		cmocka_unit_test(first_start),
		cmocka_unit_test(orders),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
