/* What a port lets in, and for how long; addresses. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/net_rig.h"

static void test_address(void **state)
{
	static const struct {
		const char *text, *host;
		int port; /* -1: refused */
	} t[] = {
		{"a.b:1", "a.b", 1}, {":8935", "", 8935}, {"host", "host", 0},
		{"[::1]:5", "::1", 5}, {"[::1]", "::1", 0}, {"a:65536", "", -1},
		{"a:x", "", -1}, {"a:", "", -1}, {"[::1", "", -1},
		{"[::1]5", "", -1}, {"::1", "", -1},
	};
	char host[256], longest[300];
	unsigned port;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		bool ok = address_split(t[i].text, host, &port);

		assert_int_equal(ok, t[i].port >= 0);
		if (!ok)
			continue;
		assert_string_equal(host, t[i].host);
		assert_int_equal(port, t[i].port);
	}
	memset(longest, 'a', sizeof(longest));
	longest[256] = '\0';
	assert_false(address_split(longest, host, &port));
	longest[255] = '\0';
	assert_true(address_split(longest, host, &port));
}

static void test_deadlines(void **state)
{
	struct str in = STR_INIT;
	int64_t since;
	int slow, silent, idle;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP, .head_ms = 100,
		.idle_ms = 100});
	since = clock_mono_ms();
	slow = dial();
	silent = dial();
	idle = dial();
	say(slow, "GET /hi HTTP/1.1\r\nHo");
	say(idle, "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear(idle, &in, "tls=0"));
	assert_true(hear_end(slow));
	assert_true(hear_end(silent));
	assert_true(hear_end(idle));
	assert_in_range(clock_mono_ms() - since, 90, 2000);
	close(slow);
	close(silent);
	close(idle);
	str_clear(&in);
	assert_true(wait_conns(0));
	stop_server();
	start_server(&(struct port_options){.kind = PORT_TLS, .head_ms = 100,
		.tls_name = "h"});
	silent = dial();
	assert_true(hear_end(silent)); /* TLS half open */
	close(silent);
	stop_server();
}

static void test_max_conns(void **state)
{
	struct str in = STR_INIT;
	int a, b, c;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP, .max_conns = 2});
	a = dial();
	b = dial();
	assert_true(wait_conns(2));
	c = dial();
	assert_true(hear_end(c));
	say(b, "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear(b, &in, "tls=0"));
	close(a);
	close(b);
	close(c);
	str_clear(&in);
	stop_server();
}

static void test_port_close(void **state)
{
	struct str in = STR_INIT;
	int busy, idle;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	idle = dial();
	say(idle, "GET /hi HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(hear(idle, &in, "tls=0"));
	str_truncate(&in, 0);
	busy = hold();
	port_close(server.port);
	port_close(server.port);
	assert_int_equal(dial(), -1);
	assert_true(hear_end(idle));
	on_net(begin_held, NULL);
	on_net(finish_held, NULL);
	assert_true(hear(busy, &in, "0\r\n\r\n"));
	assert_non_null(strstr(in.s, "Connection: close"));
	assert_true(hear_end(busy));
	close(busy);
	close(idle);
	str_clear(&in);
	assert_true(wait_conns(0));
	stop_server();
}

static void test_listen_errors(void **state)
{
	struct port_options o = {.kind = PORT_HTTP, .address = "1.2.3.4.5:x"};
	struct port *p;
	struct err *err;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	o.router = server.router;
	err = net_listen(server.net, &o, &p);
	assert_int_equal(err_kind(err), ERR_INVALID);
	err_free(err);
	o.address = port_address(server.port);
	err = net_listen(server.net, &o, &p);
	assert_int_equal(err_kind(err), ERR_IO);
	assert_non_null(strstr(err_text(err), o.address));
	err_free(err);
	o.kind = PORT_TLS;
	o.tls_dir = "/nonexistent";
	err = net_listen(server.net, &o, &p);
	assert_int_equal(err_kind(err), ERR_IO);
	err_free(err);
	stop_server();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_max_conns),
		cmocka_unit_test(test_port_close),
		cmocka_unit_test(test_listen_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
