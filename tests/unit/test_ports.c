/* Where the roles listen, from their flags. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "src/node/ports.h"
#include "tests/unit/outcome.h"

/* args: up to four flags. */
static struct err *plan(struct ports *p, const char *const *args)
{
	struct config *c = config_new();
	char *argv[4];
	size_t n = 0;
	struct err *e;

	for (; args[n]; n++)
		argv[n] = xstrdup(args[n]);
	e = config_read_args(c, (int)n, argv);
	if (!e)
		e = ports_plan(c, p);
	while (n)
		free(argv[--n]);
	config_free(c);
	return e;
}
#define PLAN(p, ...) plan(p, (const char *const[]){__VA_ARGS__, NULL})

static void defaults(void **state)
{
	struct ports p;

	(void)state;
	assert_null(PLAN(&p, "-orchestrator"));
	assert_string_equal(p.service_uri, "https://127.0.0.1:8935");
	assert_true(p.orchestrator_is_tls);
	assert_string_equal(p.orchestrator, ":8935");
	assert_string_equal(p.cli, "127.0.0.1:7935");
	assert_string_equal(p.rtmp, "");
	assert_null(PLAN(&p, "-broadcaster"));
	assert_string_equal(p.rtmp, "127.0.0.1:1935");
	assert_string_equal(p.http, "127.0.0.1:9935");
	assert_true(p.http_is_local);
	assert_string_equal(p.playback, "http://127.0.0.1:9935");
	assert_string_equal(p.cli, "127.0.0.1:5935");
	assert_string_equal(p.orchestrator, "");
	assert_null(PLAN(&p, "-transcoder"));
	assert_string_equal(p.cli, "127.0.0.1:6935");
}

static void all_in_one_do_not_collide(void **state)
{
	struct ports p;

	(void)state;
	assert_null(PLAN(&p, "-orchestrator", "-broadcaster",
		"-httpAddr=0.0.0.0"));
	assert_string_equal(p.orchestrator, ":8935"); /* -httpAddr is B's */
	assert_string_equal(p.http, "0.0.0.0:9935");
	assert_false(p.http_is_local);
	assert_string_equal(p.cli, "127.0.0.1:7935");
}

static void service_address(void **state)
{
	struct ports p;

	(void)state;
	assert_null(PLAN(&p, "-orchestrator", "-serviceAddr=example.org:1234"));
	assert_string_equal(p.service_uri, "https://example.org:1234");
	assert_string_equal(p.service_host, "example.org");
	assert_string_equal(p.orchestrator, ":1234");
	assert_null(PLAN(&p, "-orchestrator",
		"-serviceAddr=http://example.org"));
	assert_string_equal(p.service_uri, "http://example.org:8935");
	assert_false(p.orchestrator_is_tls);
	assert_null(PLAN(&p, "-orchestrator",
		"-serviceAddr=https://[2001:db8::1]:99"));
	assert_string_equal(p.service_uri, "https://[2001:db8::1]:99");
	assert_string_equal(p.service_host, "2001:db8::1");
	/* Behind a proxy it listens elsewhere than it says. */
	assert_null(PLAN(&p, "-orchestrator", "-serviceAddr=example.org:443",
		"-httpAddr=127.0.0.1:18935"));
	assert_string_equal(p.orchestrator, "127.0.0.1:18935");
	assert_string_equal(p.service_uri, "https://example.org:443");
	assert_true(p.orchestrator_is_tls);
	assert_null(PLAN(&p, "-orchestrator", "-serviceAddr=example.org:443",
		"-httpAddr=http://127.0.0.1:18935"));
	assert_string_equal(p.orchestrator, "127.0.0.1:18935");
	assert_false(p.orchestrator_is_tls);
	assert_string_equal(p.service_uri, "https://example.org:443");
	assert_null(PLAN(&p, "-orchestrator", "-serviceAddr=example.org:444",
		"-httpAddr=127.0.0.2"));
	assert_string_equal(p.orchestrator, "127.0.0.2:444");
}

static void forms_of_an_address(void **state)
{
	struct ports p;

	(void)state;
	assert_null(PLAN(&p, "-broadcaster", "-rtmpAddr=:2000",
		"-httpAddr=localhost:0", "-cliAddr=[::1]:7"));
	assert_string_equal(p.rtmp, "127.0.0.1:2000");
	assert_string_equal(p.http, "localhost:0");
	assert_true(p.http_is_local);
	assert_string_equal(p.cli, "[::1]:7");
}

static void refusals(void **state)
{
	struct ports p;

	(void)state;
	refuses(PLAN(&p, "-broadcaster", "-rtmpAddr=a:b"), "-rtmpAddr a:b");
	refuses(PLAN(&p, "-broadcaster", "-httpAddr=a:70000"), "-httpAddr");
	refuses(PLAN(&p, "-transcoder", "-cliAddr=a:-1"), "-cliAddr");
	refuses(PLAN(&p, "-orchestrator", "-serviceAddr=:8935"),
		"-serviceAddr");
	refuses(PLAN(&p, "-orchestrator", "-serviceAddr=host/path"),
		"-serviceAddr");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(all_in_one_do_not_collide),
		cmocka_unit_test(service_address),
		cmocka_unit_test(forms_of_an_address),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
