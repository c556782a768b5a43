/* Requests and their answers over HTTP/1.1: at once, early, late or never. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/net_rig.h"

static void test_h1(void **state)
{
	struct str in = STR_INIT;
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	fd = dial();
	say(fd, "GET /hi?a=b HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_true(hear(fd, &in, "GET /hi?a=b me h2=0 tls=0"));
	assert_non_null(strstr(in.s, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(in.s, "\r\nX-Extra: 1\r\n"));
	assert_null(strstr(in.s, "X-Bad")); /* would split the answer */
	assert_non_null(strstr(in.s, "\r\nDate: "));
	str_truncate(&in, 0);
	say(fd, "GET /tree/x/y HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_true(hear(fd, &in, "GET /tree/x/y? me"));
	str_truncate(&in, 0);
	say(fd, "GET /nope HTTP/1.1\r\nHost: me\r\n\r\n");
	assert_true(hear(fd, &in, "404 page not found\n"));
	assert_non_null(strstr(in.s, "text/plain; charset=utf-8"));
	str_truncate(&in, 0);
	say(fd, "POST /upload HTTP/1.1\r\nHost: me\r\nContent-Length: 2\r\n"
		"Expect: 100-continue\r\n\r\n");
	assert_true(hear(fd, &in, "HTTP/1.1 100 Continue\r\n\r\n"));
	say(fd, "ab");
	assert_true(hear(fd, &in, "2 bytes"));
	str_clear(&in);
	close(fd);
	assert_true(wait_for(&server.sent, 3));
	assert_true(wait_conns(0));
	stop_server();
	assert_int_equal(atomic_load(&server.lost), 0);
}

static void upload(int fd, size_t n)
{
	static char zeros[65536];
	ssize_t put;

	while (n) {
		put = send(fd, zeros, n < sizeof(zeros) ? n : sizeof(zeros),
			MSG_NOSIGNAL);
		if (put <= 0)
			return;
		n -= (size_t)put;
	}
}

static void test_upload(void **state)
{
	struct str in = STR_INIT;
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	fd = dial();
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\n"
		"Content-Length: 20000000\r\n\r\n");
	upload(fd, 20000000);
	assert_true(hear(fd, &in, "20000000 bytes"));
	assert_int_equal(atomic_load(&server.body_n), 20000000);
	str_truncate(&in, 0);

	/* An answer before the upload is over, and it arrives. */
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\nX-Deny: way\r\n"
		"Content-Length: 8000000\r\n\r\n");
	upload(fd, 8000000);
	assert_true(hear(fd, &in, "no way\n"));
	assert_non_null(strstr(in.s, "HTTP/1.1 403 Forbidden\r\n"));
	assert_non_null(strstr(in.s, "\r\nConnection: close\r\n"));
	assert_true(hear_end(fd));
	close(fd);
	str_truncate(&in, 0);

	fd = dial();
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\nX-Small: 1\r\n"
		"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n");
	say(fd, "world!\r\n");
	assert_true(hear(fd, &in, "too much\n"));
	assert_non_null(strstr(in.s, "HTTP/1.1 500 "));
	close(fd);
	str_truncate(&in, 0);

	fd = dial(); /* no head handler: 64 KiB */
	say(fd, "POST /hi HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n");
	upload(fd, 65537);
	assert_true(hear(fd, &in, "HTTP/1.1 413 "));
	close(fd);
	str_truncate(&in, 0);

	fd = dial();
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\nX-Hurry: 1\r\n"
		"Content-Length: 5\r\n\r\nab");
	assert_true(hear(fd, &in, "HTTP/1.1 408 "));
	close(fd);
	str_clear(&in);
	assert_int_equal(atomic_load(&server.ended), 1);
	assert_true(wait_for(&server.sent, 5));
	stop_server();
	assert_int_equal(atomic_load(&server.lost), 0);
}

static void test_peer_vanishes(void **state)
{
	struct linger rst = {.l_onoff = 1};
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	fd = dial();
	say(fd, "POST /upload HTTP/1.1\r\nHost: h\r\n"
		"Content-Length: 20000000\r\n\r\nabc");
	close(fd);
	assert_true(wait_for(&server.lost, 1));
	fd = dial();
	say(fd, "GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
	while (!atomic_load(&server.held))
		usleep(500);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &rst, sizeof(rst));
	close(fd);
	assert_true(wait_for(&server.lost, 2));
	assert_true(wait_conns(0));
	assert_int_equal(atomic_load(&server.ended), 0);
	assert_int_equal(atomic_load(&server.sent), 0);
	stop_server();
}

static void test_later(void **state)
{
	struct str in = STR_INIT;
	int fd;

	(void)state;
	start_server(&(struct port_options){.kind = PORT_HTTP});
	fd = hold();
	on_net(begin_held, NULL);
	assert_true(hear(fd, &in, "\r\n\r\n")); /* before there is a body */
	assert_non_null(strstr(in.s, "200 OK"));
	on_net(write_held, (char[]){"one"});
	assert_true(hear(fd, &in, "3\r\none\r\n"));
	on_net(finish_held, NULL);
	assert_true(hear(fd, &in, "\r\n0\r\n\r\n"));
	assert_null(strstr(in.s, "late"));
	assert_true(wait_for(&server.sent, 1));
	on_net(find_none, NULL);
	close(fd);

	fd = hold();
	on_net(abort_held, NULL);
	assert_true(hear_end(fd));
	assert_true(wait_for(&server.lost, 1));
	on_net(find_none, NULL);
	close(fd);
	str_clear(&in);

	fd = hold(); /* the net goes first */
	stop_server();
	assert_int_equal(atomic_load(&server.lost), 2);
	assert_true(hear_end(fd));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_h1),
		cmocka_unit_test(test_upload),
		cmocka_unit_test(test_peer_vanishes),
		cmocka_unit_test(test_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
